//! Every command as its own correction: nothing would change, and its time may.

use std::collections::BTreeSet;

use jiff::civil::date;

use super::circle::*;
use super::journal::{Ask, Journal, Row, ask, check, no, yes};
use super::persons::*;
use super::staff::*;
use super::story::*;
use crate::codes::*;
use crate::command::people::*;
use crate::command::*;
use crate::decide;
use crate::fact::Fact;
use crate::rejection::Reason;
use crate::time::Occurred;

/// A journal that accepts the command, and the command.
pub(super) struct Case {
    before: Journal,
    command: Command,
}

pub(super) fn case_of(before: Journal, command: impl Into<Command>) -> Case {
    Case { before, command: command.into() }
}

/// One of each.
fn cases() -> Vec<Case> {
    let more = [super::assessing::cases(), super::adjusting::cases()].concat();
    let mut cases = usual_cases();
    cases.extend(more.into_iter().map(|(before, command)| Case { before, command }));
    cases
}

fn usual_cases() -> Vec<Case> {
    let with_number = RegisterPerson { cpr: cpr("0201054321"), ..person(NOBODY) };
    let identity = EstablishPersonIdentity {
        person_id: UNCLE,
        cpr: CprText("0201054321".to_owned()),
        method: IdentityMethod::Document,
    };
    let noted = HoldSession { note: Some(words("Noted")), ..session(1) };
    let provided = OrderIntervention {
        provider: Some("A house for families".to_owned()),
        ..ordering(1, InterventionType::Fft)
    };
    let ended = EndIntervention { on: jiff::civil::date(2019, 7, 1), ..ending(1) };
    let assessing = || assessing(1, AssessmentKind::FamilyAssessment);
    let drafted = || family_assessed().after(ask(plan(1, PlanKind::Family, None)));
    let aimed = drafted().after(ask(goal(1, 1, RiskArea::StreetLifestyle))).after(ask(goal(
        1,
        2,
        RiskArea::SchoolThriving,
    )));
    let ordered = planned().after(ask(ordering(1, InterventionType::Fft)));
    vec![
        case_of(Journal::default(), with_number),
        case_of(people(), identity),
        case_of(people(), family()),
        case_of(registered(), joining(UNCLE)),
        case_of(registered(), leaving(CHILD)),
        case_of(registered(), referral(1)),
        case_of(registered().after(ask(referral(1))), triage(1)),
        case_of(triaged(), case()),
        case_of(opened(), assignment(BO, WorkerRole::Second)),
        case_of(opened(), phase(CasePhase::FamilyAssessment)),
        case_of(planned(), track(YOUTH)),
        case_of(opened(), contact(1)),
        case_of(opened(), RecordNote { source: Some(words("School")), ..note(1) }),
        case_of(opened(), assessing()),
        case_of(opened(), judging(YOUTH, &[1])),
        case_of(opened().after(ask(assessing())), assessed(1)),
        case_of(opened(), plan(1, PlanKind::Family, None)),
        case_of(drafted(), goal(1, 1, RiskArea::StreetLifestyle)),
        case_of(aimed, agreement(1, &[YOUTH, CHILD])),
        case_of(planned(), ordering(1, InterventionType::Fft)),
        case_of(planned(), provided),
        case_of(ordered, starting(1)),
        case_of(running(), noted),
        case_of(running(), ended),
        case_of(Journal::default(), programme()),
        case_of(Journal::default(), worker(ANNE)),
    ]
    .into_iter()
    .chain(cases_of_people())
    .chain(cases_of_organisation())
    .chain(super::casework::cases())
    .collect()
}

fn cases_of_people() -> Vec<Case> {
    let reached = people().after(ask(phone(MOTHER)));
    let marked = people().after(ask(marker(MOTHER, 1)));
    let friends = registered().after(ask(related(MOTHER, YOUTH)));
    let helped = registered().after(ask(helping(UNCLE)));
    let marker = SetSpecialCareMarker { valid_to: date(2019, 12, 1), ..marker(MOTHER, 1) };
    vec![
        case_of(people(), renamed(MOTHER, "Other")),
        case_of(people(), phone(MOTHER)),
        case_of(reached, phone_gone(MOTHER)),
        case_of(people(), speaking(MOTHER, "so")),
        case_of(people(), death(MOTHER)),
        case_of(people(), marker),
        case_of(marked, unmarked(MOTHER, 1)),
        case_of(registered(), becoming(YOUTH, FamilyRole::Other)),
        case_of(registered(), related(MOTHER, YOUTH)),
        case_of(friends, unrelated()),
        case_of(registered(), turning_to(MOTHER)),
        case_of(registered(), helping(UNCLE)),
        case_of(helped, no_longer_helping(UNCLE)),
    ]
}

fn cases_of_organisation() -> Vec<Case> {
    let there = InterestIn::Person(YOUTH);
    let published = people().after(ask(publishing(METHOD)));
    let granted = people().after(ask(granting(ANNE, WorkerRole::Lead)));
    let interested_then = people().after(ask(interested(ANNE, there)));
    vec![
        case_of(people(), granting(ANNE, WorkerRole::Lead)),
        case_of(granted, revoking(ANNE, WorkerRole::Lead)),
        case_of(people(), interested(ANNE, there)),
        case_of(interested_then, impartial_again(ANNE, there)),
        case_of(published.clone(), trained(ANNE)),
        case_of(people(), publishing(METHOD)),
        case_of(published, retiring(METHOD)),
    ]
}

/// The command as the correction of the entry that it made last, at another time or at its own.
fn as_correction(after: &Journal, command: &Command, occurred: Option<Occurred>) -> Ask {
    let stream = decide::reads(command)[0];
    let newest = u64::try_from(after.history(stream).len()).unwrap();
    ask(CorrectEntry {
        stream,
        entry: EntryRef::Revision(newest),
        reason: CorrectionReason::WrongDate,
        explanation: words("Another day"),
        corrected: command.clone(),
        corrected_occurred: occurred,
    })
    .by_law()
}

#[test]
fn a_command_given_again_changes_nothing_but_perhaps_its_time() {
    let mut types = BTreeSet::new();
    for Case { before, command } in cases() {
        let act = ask(command.clone()).by_law().on(2019, 7, 2);
        let after = before.after(act.clone());
        let last = after.history(decide::reads(&command)[0]).pop().unwrap();
        let name = last.fact.type_name();
        types.insert(name);

        let again = after.decide(&as_correction(&after, &command, None));
        assert_eq!(again.err().map(|it| it.reason), Some(Reason::NoChange), "{name}");

        let an_hour_later = Occurred { at_ms: last.occurred.at_ms + 3_600_000, ..last.occurred };
        let moved = after.decide(&as_correction(&after, &command, Some(an_hour_later))).unwrap();
        let Fact::EntryCorrected(fact) = &moved.appends[0].1[0].fact else { panic!("{name}") };
        assert_eq!(fact.occurred, Some(an_hour_later), "{name}");
        assert!(fact.changes.is_empty() && fact.removed.is_empty(), "{name}");
        assert!(moved.claims.is_empty() && moved.releases.is_empty(), "{name}");
    }
    // An undone family is marked, not corrected: see `circle`.
    let bearing = [
        "EntryCorrected",
        "EntryMarkedMistaken",
        "MistakenMarkWithdrawn",
        "FamilyRegistrationUndone",
        // What was released is withdrawn: see `release`.
        "DisclosureRulesSet",
        "StatisticReleased",
        "StatisticWithdrawn",
    ];
    let all: BTreeSet<_> = Fact::TYPES.iter().copied().filter(|it| !bearing.contains(it)).collect();
    assert_eq!(types, all);
}

/// The command as the correction of that entry of the family.
fn correcting(entry: u64, corrected: impl Into<Command>) -> CorrectEntry {
    CorrectEntry {
        stream: FAMILY.into(),
        entry: EntryRef::Revision(entry),
        reason: CorrectionReason::WrongDate,
        explanation: words("Another day"),
        corrected: corrected.into(),
        corrected_occurred: None,
    }
}

/// The same, at another time.
fn moving(entry: u64, corrected: impl Into<Command>, year: i16, month: i8, day: i8) -> Ask {
    let occurred = ask(case()).on(year, month, day).circumstances().occurred;
    ask(CorrectEntry { corrected_occurred: Some(occurred), ..correcting(entry, corrected) })
}

#[rustfmt::skip] // One row, one rule.
fn family_first_rows() -> Vec<Row> {
    // Revision 5, before the family is assessed.
    let early = opened().after(ask(phase(CasePhase::FamilyAssessment)).on(2019, 3, 5));
    // Revision 11.
    let ordered = planned().after(ask(ordering(1, InterventionType::Homework)).on(2019, 6, 1));
    let tracked = planned().after(ask(track(YOUTH)).on(2019, 6, 1));
    let mentor = || OrderIntervention { person_id: None, ..ordering(1, InterventionType::Mentor) };
    let with_track = ordered.clone().after(ask(track(YOUTH)));
    vec![
        no(&early, ask(correcting(5, phase(CasePhase::YouthTrack))), Reason::FamilyFirst,
           "correct_entry.corrected.enter_case_phase.phase"),
        yes(&early, ask(correcting(5, phase(CasePhase::FamilyPlan))), "EntryCorrected"),
        no(&ordered, ask(correcting(11, mentor())), Reason::FamilyFirst,
           "correct_entry.corrected.order_intervention.type"),
        yes(&with_track, ask(correcting(11, mentor())), "EntryCorrected"),
        no(&tracked, moving(11, track(YOUTH), 2019, 5, 9), Reason::FamilyFirst,
           "correct_entry.corrected.open_youth_track.youth_id"),
        yes(&tracked, moving(11, track(YOUTH), 2019, 5, 10), "EntryCorrected"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn value_rows() -> Vec<Row> {
    let assessed_then = family_assessed();
    let family_assessment = || assessing(1, AssessmentKind::FamilyAssessment);
    // Revision 13.
    let ended = running()
        .after(ask(EndIntervention { on: date(2019, 6, 10), ..ending(1) }).on(2019, 6, 10));
    let on = |day| StartIntervention { on: day, ..starting(1) };
    let until = |day| EndIntervention { on: day, ..ending(1) };
    // Revision 2 and 3.
    let gone = registered()
        .after(ask(joining(UNCLE)))
        .after(ask(RemoveFamilyMember { valid_to: date(2019, 7, 1), ..leaving(UNCLE) }));
    let left = |day| RemoveFamilyMember { valid_to: day, ..leaving(UNCLE) };
    let other = ConcludeAssessment { proposal: AssessmentProposal::Refer, ..assessed(1) };
    let unheard = AgreePlan {
        agreed_by: vec![Agreement { person_id: MOTHER, manner: AgreementManner::NotAgreed }],
        ..agreement(1, &[YOUTH, CHILD])
    };
    vec![
        no(&assessed_then, moving(6, assessed(1), 2019, 3, 4),
           Reason::DateOrder, "correct_entry.corrected_occurred_at"),
        no(&assessed_then, moving(5, family_assessment(), 2019, 4, 21),
           Reason::DateOrder, "correct_entry.corrected_occurred_at"),
        yes(&assessed_then, moving(5, family_assessment(), 2019, 4, 20), "EntryCorrected"),
        no(&assessed_then,
           ask(correcting(5, StartAssessment { person_id: Some(CHILD), ..family_assessment() })),
           Reason::ImmutableEnvelope, "correct_entry.corrected"),
        no(&ended, ask(correcting(13, until(date(2019, 5, 19)))),
           Reason::DateOrder, "correct_entry.corrected.end_intervention.on"),
        yes(&ended, ask(correcting(13, until(date(2019, 5, 20)))), "EntryCorrected"),
        no(&ended, ask(correcting(12, on(date(2019, 6, 11)))),
           Reason::DateOrder, "correct_entry.corrected.start_intervention.on"),
        yes(&ended, ask(correcting(12, on(date(2019, 6, 10)))), "EntryCorrected"),
        no(&gone, ask(correcting(3, left(date(2019, 5, 31)))),
           Reason::DateOrder, "correct_entry.corrected.remove_family_member.valid_to"),
        yes(&gone, ask(correcting(3, left(date(2019, 6, 2)))), "EntryCorrected"),
        no(&gone, ask(correcting(3, left(date(2020, 1, 16)))),
           Reason::InFuture, "correct_entry.corrected.remove_family_member.valid_to"),
        no(&planned(), ask(correcting(10, unheard)),
           Reason::PlanState, "correct_entry.corrected.agree_plan.agreed_by"),
        no(&assessed_then, ask(correcting(6, other)), Reason::UseNewAssessment,
           "correct_entry.corrected.conclude_assessment.proposal"),
        no(&triaged(), ask(correcting(3, TriageReferral { met: false, ..triage(1) })),
           Reason::UseNewAssessment, "correct_entry.corrected.triage_referral.target_group.met"),
        yes(&triaged(), ask(correcting(3, TriageReferral { capacity: false, ..triage(1) })),
            "EntryCorrected"),
    ]
}

#[test]
fn rules_that_corrections_meet() {
    check([family_first_rows(), value_rows()].concat());
}
