//! A family of fifteen: more than one text can be about, so each says whom it is about.

use uuid::Uuid;

use super::journal::{Journal, Row, ask, check, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::*;
use crate::ids::PersonId;
use crate::rejection::Reason;

/// The family is registered, and fifteen.
pub(super) fn crowd() -> Journal {
    let guest = |number: u128| PersonId(Uuid::from_u128(0xff00 + number));
    (0..11).map(guest).fold(registered().after(ask(joining(UNCLE))), |journal, guest| {
        journal.after(ask(person(guest))).after(ask(joining(guest)))
    })
}

/// The same, with a case, an assessment, a plan's draft.
fn helped() -> Journal {
    crowd()
        .after(ask(SubmitReferral { about: vec![YOUTH], ..referral(1) }))
        .after(ask(triage(1)))
        .after(ask(case()).by_law())
        .after(ask(assessing(1, AssessmentKind::FamilyAssessment)))
        .after(ask(plan(1, PlanKind::Family, None)))
}

#[rustfmt::skip] // One row, one rule.
pub(super) fn rows() -> Vec<Row> {
    let family = helped();
    let aim = || goal(1, 1, RiskArea::StreetLifestyle);
    let aimed = family.clone().after(ask(SetGoal { about: vec![YOUTH], ..aim() }));
    let order = || OrderIntervention {
        provider: Some("A house".to_owned()), ..ordering(1, InterventionType::Fft) };
    let runs = aimed.clone()
        .after(ask(OrderIntervention { about: vec![YOUTH], ..order() }))
        .after(ask(starting(1)));
    vec![
        no(&family, ask(assessed(1)), Reason::TooManySubjects, "conclude_assessment.about"),
        yes(&family, ask(ConcludeAssessment { about: vec![YOUTH, MOTHER], ..assessed(1) }),
            "AssessmentConcluded"),
        no(&family, ask(ConcludeAssessment { about: vec![YOUTH, NOBODY], ..assessed(1) }),
           Reason::NotInFamily, "conclude_assessment.about[1]"),
        no(&family, ask(aim()), Reason::TooManySubjects, "set_goal.about"),
        no(&aimed, ask(order()), Reason::TooManySubjects, "order_intervention.about"),
        no(&runs, ask(ending(1)), Reason::TooManySubjects, "end_intervention.about"),
        yes(&runs, ask(EndIntervention { about: vec![YOUTH], ..ending(1) }), "InterventionEnded"),
        yes(&runs, ask(EndIntervention { result: None, ..ending(1) }), "InterventionEnded"),
    ]
}

#[test]
fn rules_on_texts_in_a_family_of_fifteen() {
    check(rows());
}

#[test]
fn a_text_about_some_stays_about_them_when_it_is_corrected() {
    let journal = helped().after(ask(ConcludeAssessment { about: vec![YOUTH], ..assessed(1) }));
    let revision = journal.history(FAMILY.into()).last().unwrap().revision;
    let correcting = |corrected: ConcludeAssessment| {
        ask(CorrectEntry {
            stream: FAMILY.into(),
            entry: EntryRef::Revision(revision),
            reason: CorrectionReason::Typo,
            explanation: words("Misread"),
            corrected: corrected.into(),
            corrected_occurred: None,
        })
    };
    let other = |about| ConcludeAssessment { conclusion: words("Other"), about, ..assessed(1) };
    let decided = journal.decide(&correcting(other(vec![YOUTH]))).unwrap();
    assert_eq!(decided.appends[0].1[0].personal[1].persons, [YOUTH]);
    let refused = journal.decide(&correcting(other(vec![MOTHER]))).unwrap_err();
    assert_eq!(refused.reason, Reason::UseMistaken);
}
