//! Corrections of entries, marks of mistakes, and withdrawals of marks.
//!
//! A correction carries the command as it should have been. It is built like any command, compared
//! with the entry, and stored as what differs from the *original*: the latest correction alone says
//! how an entry reads now (see [`crate::effective`]). Read [`correct`], then `correction/difference.rs`
//! for what differs and `correction/identity.rs` for what may not.
//!
//! The rules of an act on its history are not asked again: the act happened, and its entry stands. But
//! what makes an entry one that the family comes before, or moves it to an earlier day, meets
//! `FAMILY_FIRST` again.
//!
//! An erased field cannot come back: a corrected command that gives one is refused with `ERASED`, one
//! that leaves it out leaves it erased. Such an entry can still be marked mistaken and recorded anew.

mod difference;
mod identity;
mod left_out;

use std::collections::BTreeSet;

use crate::command::*;
use crate::decide::{basis, build, claims, family_first, resolve};
use crate::effective::{Clocks, Effective, effective_with_mistaken, needs_refold};
use crate::fact::{EntryCorrected, EntryMarkedMistaken, Fact, MistakenMarkWithdrawn};
use crate::family::{not_in_use, waits_for_family};
use crate::ids::{PersonId, StreamKind, StreamRef};
use crate::record::{PersonalField, Record, Recorded};
use crate::rejection::{Reason, Rejection};
use crate::time::local_date;
use crate::world::{Circumstances, ClaimKey, Decision, World};
use difference::{Difference, Reading, subjects, subjects_of_thing};

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
/// itself, or a proposal that is approved; `IMMUTABLE_ENVELOPE` where the corrected command is another
/// one or names other things;
/// what [`build`] says of the corrected command; `FAMILY_FIRST`; `TOO_MANY_SUBJECTS`; `USE_NEW_ASSESSMENT`, `USE_MISTAKEN`, `ERASED`,
/// `IDENTITY_KNOWN`, `NO_CHANGE`.
pub fn correct(
    world: &World,
    command: &CorrectEntry,
    circumstances: &Circumstances,
) -> Result<Decision, Rejection> {
    let target = find(world, command.stream, command.entry, "correct_entry.entry")?;
    not_approved(world, &target)?;
    let corrected = identity::whom_as_before(&command.corrected, &target.present.fact);
    identity::same(target.stream, &target.original.fact, &corrected)?;
    let occurred = command.corrected_occurred.unwrap_or(target.present.occurred);
    let circumstances_then = Circumstances {
        occurred,
        basis: target.original.basis.as_deref().or(circumstances.basis.as_ref()).cloned(),
        ..circumstances.clone()
    };
    let mut record = build(world, &corrected, &circumstances_then).map_err(inside)?;
    identity::derived_whom_as_before(&mut record, &corrected, &target.present.fact);
    identity::same_references(&target.original.fact, &record.fact)?;
    no_second_thought(&target.original.fact, &record.fact)?;
    let is_earlier = occurred.date() < target.present.occurred.date();
    if waits_for_family(&record.fact) && (is_earlier || !waits_for_family(&target.present.fact)) {
        family_first(world, &corrected, &circumstances_then).map_err(inside)?;
    }

    let record_fact = record.fact.clone();
    let history = world.history(target.stream);
    let original = Reading::of_original(world, target.original);
    let present = Reading::of_present(world, history, &target.present);
    let difference = Difference::between(&original, &present, record)?;
    if difference.is_none_from(&present) && occurred == target.present.occurred {
        return Err(Rejection::new(Reason::NoChange, "the entry reads like this already")
            .at("correct_entry.corrected"));
    }
    let (claimed, released) = moved_claims(world, &target, &present, &corrected)?;
    let explanation = Explanation {
        text: &command.explanation,
        field: "correct_entry.explanation",
        corrected: Some(&record_fact),
    };
    let explanation = explanation.of(world, &target, circumstances)?;
    let fact = Fact::EntryCorrected(EntryCorrected {
        target_revision: target.original.revision,
        reason: command.reason,
        changes: difference.changes,
        removed: difference.removed,
        removed_personal: difference.removed_personal,
        corrected_personal: difference.given_personal,
        occurred: (occurred != target.original.occurred).then_some(occurred),
    });
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
    no_later_case(world, &target)?;
    if target.present.mistaken_by.is_some() {
        return Err(Rejection::new(Reason::MarkState, "the entry is marked mistaken already")
            .at("mark_mistaken.entry"));
    }
    let fact = Fact::EntryMarkedMistaken(EntryMarkedMistaken {
        target_revision: target.original.revision,
        reason: command.reason,
    });
    let explanation = Explanation {
        text: &command.explanation,
        field: "mark_mistaken.explanation",
        corrected: None,
    };
    let mut decision = bearing(world, &target, fact, &explanation, circumstances)?;
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
/// since; `FAMILY_IN_USE` where the entry undid a family's registration, and the family was worked with
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
    if matches!(target.original.fact, Fact::FamilyRegistrationUndone(_)) {
        not_in_use(world.history(target.stream))
            .map_err(|it| it.at("withdraw_mistaken_mark.entry"))?;
    }
    let fact = Fact::MistakenMarkWithdrawn(MistakenMarkWithdrawn {
        target_revision: target.original.revision,
    });
    let explanation = Explanation {
        text: &command.explanation,
        field: "withdraw_mistaken_mark.explanation",
        corrected: None,
    };
    let mut decision = bearing(world, &target, fact, &explanation, circumstances)?;
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
    let field = match (original, corrected) {
        (Fact::ProfessionalRiskJudged(before), Fact::ProfessionalRiskJudged(after)) => {
            if before.level != after.level {
                Some("judge_risk.level")
            } else {
                (before.direction != after.direction).then_some("judge_risk.direction")
            }
        }
        (Fact::AssessmentConcluded(before), Fact::AssessmentConcluded(after)) => {
            (before.proposal != after.proposal).then_some("conclude_assessment.proposal")
        }
        (Fact::ReferralTriaged(before), Fact::ReferralTriaged(after)) => {
            (before.met != after.met).then_some("triage_referral.target_group.met")
        }
        (_, _) => None,
    };
    match field {
        Some(field) => Err(Rejection::new(
            Reason::UseNewAssessment,
            "a correction is for errors: judge anew, or mark the judgement mistaken",
        )
        .at(format!("correct_entry.corrected.{field}"))),
        None => Ok(()),
    }
}

/// What a second person approved is not changed behind their back.
fn not_approved(world: &World, target: &Target<'_>) -> Result<(), Rejection> {
    let Some(family) = world.families.get(&target.stream.id) else { return Ok(()) };
    let (casework, revision) = (&family.state.casework, target.original.revision);
    let closure = casework.closures.get(&revision).map(|it| &it.proposed);
    let proposed = closure.or_else(|| casework.overrides.get(&revision).map(|it| &it.proposed));
    if proposed.is_some_and(|it| it.approved_on().is_some()) {
        return Err(Rejection::new(
            Reason::NotCorrectable,
            "the proposal is approved as it stands: reject it and propose anew",
        )
        .at("correct_entry.entry"));
    }
    Ok(())
}

/// A closing that another case came after stands: two cases would be open at one time.
fn no_later_case(world: &World, target: &Target<'_>) -> Result<(), Rejection> {
    let Some(family) = world.families.get(&target.stream.id) else { return Ok(()) };
    let before = family.state.courses.iter().rev().skip(1);
    let closings = before.filter_map(|it| it.closed);
    if closings.map(|it| it.revision).any(|it| it == target.original.revision) {
        return Err(Rejection::new(
            Reason::NotCorrectable,
            "a later case rests on this closing: it can be corrected, not marked mistaken",
        )
        .at("mark_mistaken.entry"));
    }
    Ok(())
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
    explanation: &Explanation<'_>,
    circumstances: &Circumstances,
) -> Result<Decision, Rejection> {
    let personal = vec![explanation.of(world, target, circumstances)?];
    Ok(Decision {
        appends: vec![(target.stream, vec![Record { fact, personal }])],
        claims: Vec::new(),
        releases: Vec::new(),
        basis: basis(world, target.stream, circumstances),
    })
}

/// Why an entry is corrected, marked or unmarked.
struct Explanation<'a> {
    text: &'a Text,
    /// Where the request gives it.
    field: &'static str,
    /// What a correction makes of the entry.
    corrected: Option<&'a Fact>,
}

impl Explanation<'_> {
    /// The personal field: about all whom the entry names, as recorded, as it reads and as it will
    /// read, and about whom the thing is that it names; else about those whose stream it is.
    ///
    /// # Errors
    ///
    /// `TOO_MANY_SUBJECTS` for more than an envelope can name: an explanation that one of them could
    /// not have erased is worse than none.
    fn of(
        &self,
        world: &World,
        target: &Target<'_>,
        circumstances: &Circumstances,
    ) -> Result<PersonalField, Rejection> {
        let history = world.history(target.stream);
        let facts = [Some(&target.original.fact), Some(&target.present.fact), self.corrected];
        let facts = facts.into_iter().flatten();
        let mut persons: BTreeSet<PersonId> = facts.flat_map(subjects).collect();
        persons.append(&mut subjects_of_thing(history, &target.original.fact));
        if persons.is_empty() {
            persons.extend(those_of_stream(world, target.stream, circumstances));
        }
        if persons.len() > SUBJECTS_MAX {
            let rule = format!("the entry names more than {SUBJECTS_MAX} persons");
            return Err(Rejection::new(Reason::TooManySubjects, rule).at(self.field));
        }
        Ok(PersonalField {
            field: "explanation".to_owned(),
            persons: persons.into_iter().collect(),
            value: serde_json::Value::String(self.text.0.clone()),
        })
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
