//! Every command as its own correction: nothing would change, and its time may.

use std::collections::BTreeSet;

use super::journal::{Ask, Journal, ask};
use super::story::*;
use crate::codes::*;
use crate::command::*;
use crate::decide;
use crate::fact::Fact;
use crate::rejection::Reason;
use crate::time::Occurred;

/// A journal that accepts the command, and the command.
struct Case {
    before: Journal,
    command: Command,
}

fn case_of(before: Journal, command: impl Into<Command>) -> Case {
    Case { before, command: command.into() }
}

/// One of each.
fn cases() -> Vec<Case> {
    let with_number = RegisterPerson { cpr: cpr("0201054321"), ..person(NOBODY) };
    let identity = EstablishPersonIdentity {
        person_id: UNCLE,
        cpr: CprText("0201054321".to_owned()),
        method: IdentityMethod::Document,
    };
    let noted = HoldSession { note: Some(words("Noted")), ..session(1) };
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
        case_of(ordered, starting(1)),
        case_of(running(), noted),
        case_of(running(), ended),
        case_of(Journal::default(), programme()),
        case_of(Journal::default(), worker(ANNE)),
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
    let bearing = ["EntryCorrected", "EntryMarkedMistaken", "MistakenMarkWithdrawn"];
    let all: BTreeSet<_> = Fact::TYPES.iter().copied().filter(|it| !bearing.contains(it)).collect();
    assert_eq!(types, all);
}
