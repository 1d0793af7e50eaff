//! Decides what a command means in the world as it is.
//!
//! Everything here is a pure function of its arguments. A caller loads the streams of [`reads`],
//! then those of [`reads_more`], opens the personal fields of the events of [`opens`], and calls
//! [`decide`].
//!
//! Each command has one `impl Rules`, beside the state of the stream that it writes: person,
//! programme, worker, or `family/…` by topic. Read `Rules` for the order of the questions, then
//! any topic. Corrections are decided in [`crate::correction`].
//!
//! Deliberately absent: storage, wire formats, who is allowed to ask, and the clock rules on the
//! time of the act: a command that comes here was parsed, authorised and timed.

pub(crate) mod scene;
pub mod texts;

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::command::*;
use crate::effective::target_of;
use crate::fact::Fact;
use crate::ids::{EventId, ProgrammeId, StreamKind, StreamRef};
use crate::period::Quarter;
use crate::record::{Record, Recorded};
use crate::rejection::{Reason, Rejection};
use crate::world::{Circumstances, ClaimKey, Decision, World};
use crate::{correction, family, person};
use scene::Scene;

/// The questions that a command answers. [`decide`] asks them in this order, and the first "no" is
/// the answer: does its stream exist (or not yet), do the things that it names exist (`build`), are
/// the ids of what it makes free, can its values be (`values`), may it happen (`rules`), does it
/// deserve a second look (`warnings`, then its texts).
pub(crate) trait Rules {
    /// The command's name in field paths, such as `record_contact`.
    fn name(&self) -> &'static str;

    /// The stream that it writes, and the field that names it.
    fn stream(&self) -> (StreamRef, &'static str);

    /// Whether it begins its stream.
    fn begins_stream(&self) -> bool {
        false
    }

    /// The new ids of things inside its stream, each with its field.
    fn makes(&self) -> Option<(Uuid, &'static str)> {
        None
    }

    /// The streams that it reads besides its own.
    fn reads(&self) -> Vec<StreamRef> {
        Vec::new()
    }

    /// The streams that can be named only when the others are known.
    fn reads_more(&self, _world: &World) -> Vec<StreamRef> {
        Vec::new()
    }

    /// The events whose personal fields its rules need.
    fn opens(&self, _world: &World) -> Vec<EventId> {
        Vec::new()
    }

    /// The record, every reference in it resolved and found.
    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection>;

    /// What the command, the clock and the things that it names show by themselves.
    fn values(&self, _scene: &Scene<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    /// What the history of its stream and of the others decides.
    fn rules(&self, _scene: &Scene<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    /// That the family came first, where the act waits for it. Part of the rules, and apart because a
    /// correction asks it again.
    fn family_first(&self, _scene: &Scene<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    /// What the user should have seen, by [`Scene::confirmed`].
    fn warnings(&self, _scene: &Scene<'_>) -> Result<(), Rejection> {
        Ok(())
    }

    /// Whether the closed case's legal basis covers it: what comes after a closing, by its nature.
    fn rests_on_closed_case(&self) -> bool {
        false
    }

    /// What it claims for its stream.
    fn claims(&self) -> Vec<ClaimKey> {
        Vec::new()
    }

    /// Its free texts, each with its field.
    fn texts(&self) -> Vec<(String, &str)> {
        Vec::new()
    }
}

/// A command by what decides it.
enum Kind<'a> {
    /// Something happened in the world.
    Act(&'a dyn Rules),
    Correct(&'a CorrectEntry),
    Mark(&'a MarkMistaken),
    Withdraw(&'a WithdrawMistakenMark),
}

#[expect(clippy::too_many_lines, reason = "one arm for each command")]
fn kind(command: &Command) -> Kind<'_> {
    match command {
        Command::RegisterPerson(it) => Kind::Act(it),
        Command::EstablishPersonIdentity(it) => Kind::Act(it),
        Command::ChangePersonName(it) => Kind::Act(it),
        Command::RecordContactPoint(it) => Kind::Act(it),
        Command::EndContactPoint(it) => Kind::Act(it),
        Command::RecordLanguageNeed(it) => Kind::Act(it),
        Command::RecordDeath(it) => Kind::Act(it),
        Command::SetSpecialCareMarker(it) => Kind::Act(it),
        Command::ClearSpecialCareMarker(it) => Kind::Act(it),
        Command::RegisterFamily(it) => Kind::Act(it),
        Command::AddFamilyMember(it) => Kind::Act(it),
        Command::RemoveFamilyMember(it) => Kind::Act(it),
        Command::ChangeMemberRole(it) => Kind::Act(it),
        Command::StateRelationship(it) => Kind::Act(it),
        Command::EndRelationship(it) => Kind::Act(it),
        Command::ChoosePrimaryContact(it) => Kind::Act(it),
        Command::AddNetworkPerson(it) => Kind::Act(it),
        Command::RemoveNetworkPerson(it) => Kind::Act(it),
        Command::UndoFamilyRegistration(it) => Kind::Act(it),
        Command::SubmitReferral(it) => Kind::Act(it),
        Command::TriageReferral(it) => Kind::Act(it),
        Command::OpenCase(it) => Kind::Act(it),
        Command::AssignWorker(it) => Kind::Act(it),
        Command::EnterCasePhase(it) => Kind::Act(it),
        Command::OpenYouthTrack(it) => Kind::Act(it),
        Command::RecordContact(it) => Kind::Act(it),
        Command::RecordNote(it) => Kind::Act(it),
        Command::CorrectEntry(it) => Kind::Correct(it),
        Command::MarkMistaken(it) => Kind::Mark(it),
        Command::WithdrawMistakenMark(it) => Kind::Withdraw(it),
        Command::StartAssessment(it) => Kind::Act(it),
        Command::JudgeRisk(it) => Kind::Act(it),
        Command::ConcludeAssessment(it) => Kind::Act(it),
        Command::DraftPlan(it) => Kind::Act(it),
        Command::SetGoal(it) => Kind::Act(it),
        Command::AgreePlan(it) => Kind::Act(it),
        Command::OrderIntervention(it) => Kind::Act(it),
        Command::StartIntervention(it) => Kind::Act(it),
        Command::HoldSession(it) => Kind::Act(it),
        Command::EndIntervention(it) => Kind::Act(it),
        Command::DescribeAssessmentArea(it) => Kind::Act(it),
        Command::StateFactor(it) => Kind::Act(it),
        Command::AdministerInstrument(it) => Kind::Act(it),
        Command::ConcludeAssessmentProvisionally(it) => Kind::Act(it),
        Command::AbandonAssessment(it) => Kind::Act(it),
        Command::ReceiveExternalAssessment(it) => Kind::Act(it),
        Command::RecordIncident(it) => Kind::Act(it),
        Command::ReportAbsence(it) => Kind::Act(it),
        Command::ReportEducationStatus(it) => Kind::Act(it),
        Command::ReportEmploymentStatus(it) => Kind::Act(it),
        Command::AdjustIntervention(it) => Kind::Act(it),
        Command::DeclineIntervention(it) => Kind::Act(it),
        Command::PauseIntervention(it) => Kind::Act(it),
        Command::ResumeIntervention(it) => Kind::Act(it),
        Command::OpenProgramme(it) => Kind::Act(it),
        Command::PublishMethodVersion(it) => Kind::Act(it),
        Command::RetireMethodVersion(it) => Kind::Act(it),
        Command::SetDisclosureRules(it) => Kind::Act(it),
        Command::ReleaseStatistic(it) => Kind::Act(it),
        Command::WithdrawStatistic(it) => Kind::Act(it),
        Command::EmployWorker(it) => Kind::Act(it),
        Command::GrantRole(it) => Kind::Act(it),
        Command::RevokeRole(it) => Kind::Act(it),
        Command::DeclareConflictOfInterest(it) => Kind::Act(it),
        Command::EndConflictOfInterest(it) => Kind::Act(it),
        Command::TrainWorker(it) => Kind::Act(it),
        Command::RequestReferralInfo(it) => Kind::Act(it),
        Command::SupplyReferralInfo(it) => Kind::Act(it),
        Command::DeclineReferral(it) => Kind::Act(it),
        Command::WithdrawReferral(it) => Kind::Act(it),
        Command::OfferPlace(it) => Kind::Act(it),
        Command::AcceptPlace(it) => Kind::Act(it),
        Command::RefusePlace(it) => Kind::Act(it),
        Command::UnassignWorker(it) => Kind::Act(it),
        Command::CompleteHandover(it) => Kind::Act(it),
        Command::PauseCase(it) => Kind::Act(it),
        Command::ResumeCase(it) => Kind::Act(it),
        Command::ProposeClosure(it) => Kind::Act(it),
        Command::ApproveClosure(it) => Kind::Act(it),
        Command::RejectClosure(it) => Kind::Act(it),
        Command::CloseCase(it) => Kind::Act(it),
        Command::ReopenCase(it) => Kind::Act(it),
        Command::RecordPostClosureContact(it) => Kind::Act(it),
        Command::GiveFamilySatisfaction(it) => Kind::Act(it),
        Command::ProposeAcuteOverride(it) => Kind::Act(it),
        Command::ApproveAcuteOverride(it) => Kind::Act(it),
        Command::RejectAcuteOverride(it) => Kind::Act(it),
        Command::AddPartyStatement(it) => Kind::Act(it),
        Command::RaiseFlag(it) => Kind::Act(it),
        Command::ResolveFlag(it) => Kind::Act(it),
        Command::RecordSupervisionNote(it) => Kind::Act(it),
    }
}

/// The streams that the command reads; the first is the one that it writes and that
/// `expected_revision` speaks of.
pub fn reads(command: &Command) -> Vec<StreamRef> {
    let streams = match kind(command) {
        Kind::Act(rules) => [vec![rules.stream().0], rules.reads()].concat(),
        Kind::Correct(it) => [vec![it.stream], reads(&it.corrected)].concat(),
        Kind::Mark(it) => vec![it.stream],
        Kind::Withdraw(it) => vec![it.stream],
    };
    once_each(streams)
}

/// The streams that can be named only when those of [`reads`] are loaded, without those.
pub fn reads_more(command: &Command, world: &World) -> Vec<StreamRef> {
    let mut streams = match kind(command) {
        Kind::Act(rules) => rules.reads_more(world),
        Kind::Correct(it) => reads_more(&it.corrected, world),
        Kind::Mark(_) | Kind::Withdraw(_) => Vec::new(),
    };
    streams.retain(|it| !world.has(*it));
    once_each(streams)
}

/// The programme's quarter whose numbers the rules need, counted over all families: see
/// [`crate::statistics::tables_of`]. The caller puts them into [`World::quarter`].
pub fn counts(command: &Command) -> Option<(ProgrammeId, Quarter)> {
    let Command::ReleaseStatistic(it) = command else { return None };
    Some((it.programme_id, it.quarter))
}

/// The events whose personal fields the rules need, all of them in streams of the world. A field
/// that cannot be opened goes into the world as erased, one that the event does not have stays out.
pub fn opens(command: &Command, world: &World) -> Vec<EventId> {
    let events = match kind(command) {
        Kind::Act(rules) => rules.opens(world),
        Kind::Correct(it) => {
            let history = world.history(it.stream);
            let target = resolve(history, it.entry).map(|event| event.revision);
            let bears_on = |event: &&Recorded| {
                Some(event.revision) == target
                    || target.is_some() && target_of(&event.fact) == target
            };
            let entry = history.iter().filter(bears_on).map(|event| event.event_id);
            let identity = identity_of(it.stream, world);
            entry.chain(identity).chain(opens(&it.corrected, world)).collect()
        }
        Kind::Mark(it) => identity_of(it.stream, world),
        Kind::Withdraw(it) => identity_of(it.stream, world),
    };
    once_each(events)
}

/// The events that hold a person's CPR number, which a correction or mark may claim or release.
fn identity_of(stream: StreamRef, world: &World) -> Vec<EventId> {
    match stream.kind {
        StreamKind::Person => person::identity_events(world.history(stream)),
        StreamKind::Family | StreamKind::Programme | StreamKind::Worker => Vec::new(),
    }
}

/// Answers the command with the events that it means, or says why it may not happen.
///
/// # Errors
///
/// The first rule that forbids it, warnings last.
pub fn decide(
    world: &World,
    command: &Command,
    circumstances: &Circumstances,
) -> Result<Decision, Rejection> {
    let decision = match kind(command) {
        Kind::Act(rules) => act(world, rules, circumstances)?,
        Kind::Correct(it) => {
            not_undone(world, it.stream, "correct_entry.stream")?;
            correction::correct(world, it, circumstances)?
        }
        Kind::Mark(it) => {
            let target = resolve(world.history(it.stream), it.entry).map(|event| &event.fact);
            // The one way back: that the undoing was a mistake.
            if !matches!(target, Some(Fact::FamilyRegistrationUndone(_))) {
                not_undone(world, it.stream, "mark_mistaken.stream")?;
            }
            correction::mark_mistaken(world, it, circumstances)?
        }
        Kind::Withdraw(it) => {
            not_undone(world, it.stream, "withdraw_mistaken_mark.stream")?;
            correction::withdraw_mark(world, it, circumstances)?
        }
    };
    texts::no_cpr_unconfirmed(&free_texts(command), circumstances)?;
    Ok(decision)
}

/// The command's name, as in the contract, such as `record_contact`.
pub fn name(command: &Command) -> &'static str {
    match kind(command) {
        Kind::Act(rules) => rules.name(),
        Kind::Correct(_) => "correct_entry",
        Kind::Mark(_) => "mark_mistaken",
        Kind::Withdraw(_) => "withdraw_mistaken_mark",
    }
}

/// The record that the command would produce, every reference resolved and found and every value
/// possible, without the rules that depend on the state: so also what a corrected command comes to.
///
/// # Errors
///
/// What the command names does not exist, or a value cannot be. `NOT_CORRECTABLE` for a command
/// that itself bears on an earlier event.
pub fn build(
    world: &World,
    command: &Command,
    circumstances: &Circumstances,
) -> Result<Record, Rejection> {
    let Kind::Act(rules) = kind(command) else {
        return Err(Rejection::new(
            Reason::NotCorrectable,
            "a correction or mark does not stand for an entry of its own",
        ));
    };
    let nothing = family::State::default();
    let scene = Scene::new(world, rules.name(), rules.stream().0, circumstances, &nothing);
    let record = rules.build(&scene)?;
    rules.values(&scene)?;
    Ok(record)
}

/// That the family came first, where the command waits for it.
///
/// # Errors
///
/// `FAMILY_FIRST`.
pub(crate) fn family_first(
    world: &World,
    command: &Command,
    circumstances: &Circumstances,
) -> Result<(), Rejection> {
    let Kind::Act(rules) = kind(command) else { return Ok(()) };
    let nothing = family::State::default();
    rules.family_first(&Scene::new(world, rules.name(), rules.stream().0, circumstances, &nothing))
}

/// What the command claims, each claim with its stream.
pub fn claims(command: &Command) -> Vec<(StreamRef, ClaimKey)> {
    match kind(command) {
        Kind::Act(rules) => rules.claims().into_iter().map(|key| (rules.stream().0, key)).collect(),
        Kind::Correct(_) | Kind::Mark(_) | Kind::Withdraw(_) => Vec::new(),
    }
}

/// The legal basis to write down for an act on the stream: the request's, or that of the family's
/// case where it was left out. A closed case covers what happened until its last day.
pub fn basis(
    world: &World,
    stream: StreamRef,
    circumstances: &Circumstances,
) -> Option<LegalBasis> {
    let closed = world.families.get(&stream.id).and_then(|it| it.state.course()?.closed);
    if closed.is_some_and(|it| it.on < circumstances.occurred.date()) {
        return circumstances.basis.clone();
    }
    basis_of_case(world, stream, circumstances)
}

/// The same, where also a closed case covers the act.
fn basis_of_case(
    world: &World,
    stream: StreamRef,
    circumstances: &Circumstances,
) -> Option<LegalBasis> {
    circumstances.basis.clone().or_else(|| match stream.kind {
        StreamKind::Family => {
            world.families.get(&stream.id)?.state.case.as_ref()?.basis.as_deref().cloned()
        }
        StreamKind::Person | StreamKind::Programme | StreamKind::Worker => None,
    })
}

/// The event that the reference names in the history of its stream.
pub fn resolve(history: &[Recorded], entry: EntryRef) -> Option<&Recorded> {
    match entry {
        EntryRef::Event(id) => history.iter().find(|it| it.event_id == id),
        // Revisions count from 1 without gaps.
        EntryRef::Revision(revision) => {
            let index = usize::try_from(revision.checked_sub(1)?).ok()?;
            history.get(index).filter(|it| it.revision == revision)
        }
    }
}

/// The stream is not that of a family whose registration was undone.
fn not_undone(world: &World, stream: StreamRef, field: &str) -> Result<(), Rejection> {
    match world.families.get(&stream.id) {
        Some(family) if family.state.circle.undone => Err(undone().at(field)),
        Some(_) | None => Ok(()),
    }
}

fn undone() -> Rejection {
    Rejection::new(
        Reason::FamilyUndone,
        "the family's registration was undone: mark that as mistaken, or register the family anew",
    )
}

fn act(
    world: &World,
    rules: &dyn Rules,
    circumstances: &Circumstances,
) -> Result<Decision, Rejection> {
    let (stream, id_field) = rules.stream();
    let nothing = family::State::default();
    let scene = Scene::new(world, rules.name(), stream, circumstances, &nothing);
    let exists = scene.exists(stream);
    if exists && rules.begins_stream() {
        return Err(Rejection::new(Reason::IdTaken, "this id is taken").at(scene.path(id_field)));
    }
    if !exists && !rules.begins_stream() {
        return Err(scene.unknown(id_field));
    }
    if scene.family.circle.undone {
        return Err(undone().at(scene.path(id_field)));
    }
    let record = rules.build(&scene)?;
    if let Some((id, field)) = rules.makes() {
        scene.is_new(id, field)?;
    }
    rules.values(&scene)?;
    rules.rules(&scene)?;
    rules.warnings(&scene)?;
    Ok(Decision {
        appends: vec![(stream, vec![record])],
        claims: rules.claims().into_iter().map(|key| (stream, key)).collect(),
        releases: Vec::new(),
        basis: if rules.rests_on_closed_case() {
            basis_of_case(world, stream, circumstances)
        } else {
            basis(world, stream, circumstances)
        },
    })
}

/// All free texts of a command, each with its field path.
fn free_texts(command: &Command) -> Vec<(String, &str)> {
    match kind(command) {
        Kind::Act(rules) => {
            let name = rules.name();
            let path = |(field, text)| (format!("{name}.{field}"), text);
            rules.texts().into_iter().map(path).collect()
        }
        Kind::Correct(it) => {
            let mut texts =
                vec![("correct_entry.explanation".to_owned(), it.explanation.0.as_str())];
            let inner = |(path, text)| (format!("correct_entry.corrected.{path}"), text);
            texts.extend(free_texts(&it.corrected).into_iter().map(inner));
            texts
        }
        Kind::Mark(it) => vec![("mark_mistaken.explanation".to_owned(), it.explanation.0.as_str())],
        Kind::Withdraw(it) => {
            vec![("withdraw_mistaken_mark.explanation".to_owned(), it.explanation.0.as_str())]
        }
    }
}

fn once_each<T: Ord + Copy>(items: Vec<T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.into_iter().filter(|it| seen.insert(*it)).collect()
}
