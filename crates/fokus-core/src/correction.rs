//! Corrections of entries, marks of mistakes, and withdrawals of marks.
//!
//! A correction carries the command as it should have been. It is built like any command, compared
//! with the entry, and stored as what differs from the *original*: the latest correction alone says
//! how an entry reads now (see [`crate::effective`]). Read [`correct`], then `correction/difference.rs`
//! for what differs and `correction/identity.rs` for what may not.
//!
//! The rules of an act on its history are not asked again: the act happened, and its entry stands. An
//! erased field cannot come back: a corrected command that gives one is refused with `ERASED`, one that
//! leaves it out leaves it erased. Such an entry can still be marked mistaken and recorded anew.

mod difference;
mod identity;

use crate::command::*;
use crate::decide::{basis, build, claims, resolve};
use crate::effective::{Clocks, Effective, effective_with_mistaken, needs_refold};
use crate::fact::{EntryCorrected, EntryMarkedMistaken, Fact, MistakenMarkWithdrawn};
use crate::ids::{PersonId, StreamKind, StreamRef};
use crate::record::{PersonalField, Record, Recorded};
use crate::rejection::{Reason, Rejection};
use crate::time::local_date;
use crate::world::{Circumstances, ClaimKey, Decision, World};
use difference::{Difference, Reading, subjects};

/// An entry as recorded, and as it reads now.
struct Target<'a> {
    stream: StreamRef,
    original: &'a Recorded,
    present: Effective,
}

/// Decides a correction.
///
/// # Errors
///
/// `UNKNOWN_ID` without such an entry; `NOT_CORRECTABLE` where it is a correction, mark or withdrawal
/// itself; `IMMUTABLE_ENVELOPE` where the corrected command is another one or names other things;
/// what [`build`] says of the corrected command; `USE_NEW_ASSESSMENT`, `USE_MISTAKEN`, `ERASED`,
/// `IDENTITY_KNOWN`, `NO_CHANGE`.
pub fn correct(
    world: &World,
    command: &CorrectEntry,
    circumstances: &Circumstances,
) -> Result<Decision, Rejection> {
    let target = find(world, command.stream, command.entry, "correct_entry.entry")?;
    let corrected = identity::whom_as_before(&command.corrected, &target.present.fact);
    identity::same(target.stream, &target.original.fact, &corrected)?;
    let occurred = command.corrected_occurred.unwrap_or(target.present.occurred);
    let circumstances_then = Circumstances {
        occurred,
        basis: target.original.basis.clone().or_else(|| circumstances.basis.clone()),
        ..circumstances.clone()
    };
    let mut record = build(world, &corrected, &circumstances_then).map_err(inside)?;
    identity::derived_whom_as_before(&mut record, &target.present.fact);
    no_second_thought(&target.original.fact, &record.fact)?;

    let history = world.history(target.stream);
    let original = Reading::of_original(world, target.original);
    let present = Reading::of_present(world, history, &target.present);
    let difference = Difference::between(&original, &present, record)?;
    if difference.is_none_from(&present) && occurred == target.present.occurred {
        return Err(Rejection::new(Reason::NoChange, "the entry reads like this already")
            .at("correct_entry.corrected"));
    }
    let (claimed, released) = moved_claims(world, &target, &present, &corrected)?;
    let fact = Fact::EntryCorrected(EntryCorrected {
        target_revision: target.original.revision,
        reason: command.reason,
        changes: difference.changes,
        removed: difference.removed,
        removed_personal: difference.removed_personal,
        occurred: (occurred != target.original.occurred).then_some(occurred),
    });
    let explanation = explanation(world, &target, &command.explanation, circumstances);
    let personal = [vec![explanation], difference.personal].concat();
    Ok(Decision {
        appends: vec![(target.stream, vec![Record { fact, personal }])],
        claims: claimed,
        releases: released,
        basis: basis(world, target.stream, circumstances),
    })
}

/// Decides a mark: the entry should not exist. What it claimed is free again.
///
/// # Errors
///
/// `UNKNOWN_ID` without such an entry; `NOT_CORRECTABLE` where it founds its stream or case, or is a
/// correction, mark or withdrawal itself; `MARK_STATE` where it is marked already.
pub fn mark_mistaken(
    world: &World,
    command: &MarkMistaken,
    circumstances: &Circumstances,
) -> Result<Decision, Rejection> {
    let target = find(world, command.stream, command.entry, "mark_mistaken.entry")?;
    if is_founding(&target.original.fact) {
        return Err(Rejection::new(
            Reason::NotCorrectable,
            "others rest on this entry: it can be corrected, not marked mistaken",
        )
        .at("mark_mistaken.entry"));
    }
    if target.present.mistaken_by.is_some() {
        return Err(Rejection::new(Reason::MarkState, "the entry is marked mistaken already")
            .at("mark_mistaken.entry"));
    }
    let fact = Fact::EntryMarkedMistaken(EntryMarkedMistaken {
        target_revision: target.original.revision,
        reason: command.reason,
    });
    let mut decision = bearing(world, &target, fact, &command.explanation, circumstances);
    decision.releases = held_claims(world, &target);
    Ok(decision)
}

/// Decides the withdrawal of a mark: the entry stands again, with its corrections. What it claimed is
/// claimed again.
///
/// # Errors
///
/// `UNKNOWN_ID` without such an entry; `NOT_CORRECTABLE` where it is a correction, mark or withdrawal
/// itself; `MARK_STATE` where it is not marked; `IDENTITY_KNOWN` where another CPR number was recorded
/// since.
pub fn withdraw_mark(
    world: &World,
    command: &WithdrawMistakenMark,
    circumstances: &Circumstances,
) -> Result<Decision, Rejection> {
    let target = find(world, command.stream, command.entry, "withdraw_mistaken_mark.entry")?;
    if target.present.mistaken_by.is_none() {
        return Err(Rejection::new(Reason::MarkState, "the entry is not marked mistaken")
            .at("withdraw_mistaken_mark.entry"));
    }
    if matches!(target.original.fact, Fact::PersonIdentityEstablished(_)) {
        no_other_identity(world, target.stream, "withdraw_mistaken_mark.entry")?;
    }
    let fact = Fact::MistakenMarkWithdrawn(MistakenMarkWithdrawn {
        target_revision: target.original.revision,
    });
    let mut decision = bearing(world, &target, fact, &command.explanation, circumstances);
    decision.claims = held_claims(world, &target);
    Ok(decision)
}

fn find<'a>(
    world: &'a World,
    stream: StreamRef,
    entry: EntryRef,
    field: &str,
) -> Result<Target<'a>, Rejection> {
    let history = world.history(stream);
    let Some(original) = resolve(history, entry) else {
        return Err(Rejection::new(Reason::UnknownId, "the stream has no such entry").at(field));
    };
    let entries = effective_with_mistaken(history, &Clocks::NOW);
    match entries.into_iter().find(|it| it.revision == original.revision) {
        Some(present) if !needs_refold(&original.fact) => Ok(Target { stream, original, present }),
        Some(_) | None => Err(Rejection::new(
            Reason::NotCorrectable,
            "a correction, mark or withdrawal: correct its target once more instead",
        )
        .at(field)),
    }
}

/// The same answer, seen from the correction that carries the command.
fn inside(mut rejection: Rejection) -> Rejection {
    rejection.field = rejection.field.map(|field| match field.as_str() {
        "occurred_at" => "correct_entry.corrected_occurred_at".to_owned(),
        "legal_basis" => field,
        _ => format!("correct_entry.corrected.{field}"),
    });
    rejection
}

/// A judgement one now disagrees with is no error.
fn no_second_thought(original: &Fact, corrected: &Fact) -> Result<(), Rejection> {
    let (Fact::ProfessionalRiskJudged(before), Fact::ProfessionalRiskJudged(after)) =
        (original, corrected)
    else {
        return Ok(());
    };
    let field = if before.level != after.level {
        "level"
    } else if before.direction != after.direction {
        "direction"
    } else {
        return Ok(());
    };
    Err(Rejection::new(
        Reason::UseNewAssessment,
        "a correction is for errors: judge the risk anew, or mark the judgement mistaken",
    )
    .at(format!("correct_entry.corrected.judge_risk.{field}")))
}

/// Whether streams or cases rest on the entry.
fn is_founding(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::PersonRegistered(_)
            | Fact::FamilyRegistered(_)
            | Fact::CaseOpened(_)
            | Fact::ProgrammeOpened(_)
            | Fact::WorkerEmployed(_)
    )
}

type Claims = Vec<(StreamRef, ClaimKey)>;

/// What a correction claims and releases. An entry marked mistaken holds nothing, and gains nothing.
fn moved_claims(
    world: &World,
    target: &Target<'_>,
    present: &Reading,
    corrected: &Command,
) -> Result<(Claims, Claims), Rejection> {
    if target.present.mistaken_by.is_some() {
        return Ok((Vec::new(), Vec::new()));
    }
    let held = held_by(target.stream, present);
    let wanted = claims(corrected);
    let gains_identity = held.is_empty() && !wanted.is_empty();
    if gains_identity && matches!(target.original.fact, Fact::PersonRegistered(_)) {
        no_other_identity(world, target.stream, "correct_entry.corrected.register_person.cpr")?;
    }
    let claimed = wanted.iter().filter(|it| !held.contains(it)).cloned().collect();
    let released = held.iter().filter(|it| !wanted.contains(it)).cloned().collect();
    Ok((claimed, released))
}

/// What the entry claims as it reads now. An erased number claims nothing: the claim went with it.
fn held_claims(world: &World, target: &Target<'_>) -> Claims {
    let history = world.history(target.stream);
    held_by(target.stream, &Reading::of_present(world, history, &target.present))
}

fn held_by(stream: StreamRef, reading: &Reading) -> Claims {
    let cpr = reading.text("cpr").map(|it| ClaimKey::Cpr(it.to_owned()));
    let reference = if let Fact::FamilyRegistered(it) = &reading.fact {
        Some(ClaimKey::Reference(it.reference.clone()))
    } else {
        None
    };
    cpr.into_iter().chain(reference).map(|key| (stream, key)).collect()
}

fn no_other_identity(world: &World, person: StreamRef, field: &str) -> Result<(), Rejection> {
    match world.persons.get(&person.id) {
        Some(loaded) if loaded.state.cpr_known => Err(Rejection::new(
            Reason::IdentityKnown,
            "another entry gives the CPR number: correct that one",
        )
        .at(field)),
        Some(_) | None => Ok(()),
    }
}

/// The decision on a mark or withdrawal, claims left out.
fn bearing(
    world: &World,
    target: &Target<'_>,
    fact: Fact,
    text: &Text,
    circumstances: &Circumstances,
) -> Decision {
    let personal = vec![explanation(world, target, text, circumstances)];
    Decision {
        appends: vec![(target.stream, vec![Record { fact, personal }])],
        claims: Vec::new(),
        releases: Vec::new(),
        basis: basis(world, target.stream, circumstances),
    }
}

/// The explanation, about whom the entry's own texts are about; else about those whose stream it is.
fn explanation(
    world: &World,
    target: &Target<'_>,
    text: &Text,
    circumstances: &Circumstances,
) -> PersonalField {
    let mut persons = subjects(&target.original.fact);
    persons.append(&mut subjects(&target.present.fact));
    if persons.is_empty() {
        persons.extend(those_of_stream(world, target.stream, circumstances));
    }
    PersonalField {
        field: "explanation".to_owned(),
        persons: persons.into_iter().take(SUBJECTS_MAX).collect(),
        value: serde_json::Value::String(text.0.clone()),
    }
}

fn those_of_stream(
    world: &World,
    stream: StreamRef,
    circumstances: &Circumstances,
) -> Vec<PersonId> {
    let today = local_date(i64::try_from(circumstances.now_ms).unwrap_or(i64::MAX));
    match stream.kind {
        StreamKind::Family => world
            .families
            .get(&stream.id)
            .map(|it| it.state.present_or_current(today))
            .unwrap_or_default(),
        StreamKind::Person | StreamKind::Worker => vec![PersonId(stream.id)],
        StreamKind::Programme => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
