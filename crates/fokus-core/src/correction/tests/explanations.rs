//! Whom an explanation is about.

use super::*;

/// A fact, and whom its explanation is about.
type Row = (Fact, Vec<PersonId>);

/// One fact of each type that names persons among its coded members only, and one that names none.
fn facts_without_texts() -> Vec<Row> {
    [facts_of_the_family(), facts_of_help()].concat()
}

fn about_son(fact: Fact) -> Row {
    (fact, vec![SON])
}

fn facts_of_the_family() -> Vec<Row> {
    let (day, number) = (date(2019, 4, 1), |it| Uuid::from_u128(it));
    vec![
        about_son(Fact::FamilyMemberAdded(FamilyMemberAdded {
            person_id: SON,
            role: FamilyRole::Child,
            household: Household::Core,
            valid_from: day,
        })),
        about_son(Fact::FamilyMemberLeft(FamilyMemberLeft {
            person_id: SON,
            reason: LeaveReason::MovedOut,
            valid_to: day,
        })),
        about_son(Fact::YouthTrackOpened(YouthTrackOpened {
            youth_id: SON,
            track_id: TrackId(number(33)),
            family_plan_due_on: None,
        })),
        about_son(Fact::AssessmentStarted(AssessmentStarted {
            assessment_id: AssessmentId(number(34)),
            kind: AssessmentKind::Screening,
            person_id: Some(SON),
            trigger: None,
            regime: Regime::Sel,
            need_known_on: day,
        })),
        about_son(build_fact(
            &Desk::new().world,
            &Command::RecordContact(RecordContact { text: None, ..contact() }),
        )),
        (
            Fact::CasePhaseEntered(CasePhaseEntered { phase: CasePhase::FamilyPlan }),
            vec![MOTHER, SON],
        ),
    ]
}

fn facts_of_help() -> Vec<Row> {
    let day = date(2019, 4, 1);
    let plan_id = PlanId(Uuid::from_u128(31));
    let intervention_id = InterventionId(Uuid::from_u128(32));
    vec![
        about_son(Fact::PlanDrafted(PlanDrafted {
            plan_id,
            kind: PlanKind::Child,
            person_id: Some(SON),
        })),
        (
            Fact::PlanAgreed(PlanAgreed {
                plan_id,
                agreed_by: vec![Agreement { person_id: MOTHER, manner: AgreementManner::Signed }],
                children: Vec::new(),
            }),
            vec![MOTHER, SON],
        ),
        about_son(Fact::InterventionOrdered(InterventionOrdered {
            intervention_id,
            intervention_type: InterventionType::Mentor,
            person_id: Some(SON),
            goal_ids: Vec::new(),
            method_version: None,
            planned: PlannedCourse { start: day, end: day, sessions: None, minutes_per_week: None },
            cost_estimate_ore: None,
            about: Vec::new(),
        })),
        about_son(Fact::InterventionStarted(InterventionStarted { intervention_id, on: day })),
        about_son(Fact::SessionHeld(SessionHeld {
            intervention_id,
            on: day,
            minutes: 30,
            attendance: vec![Attendance { person_id: SON, state: AttendanceState::Present }],
            fidelity_percent: None,
        })),
        about_son(Fact::InterventionEnded(InterventionEnded {
            intervention_id,
            on: day,
            reason: InterventionEndReason::Completed,
            about: Vec::new(),
        })),
    ]
}

/// Whom the explanation of the last decision is about.
fn explained(desk: &Desk) -> Vec<PersonId> {
    desk.last.as_ref().unwrap().appends[0].1[0].personal[0].persons.clone()
}

#[test]
fn an_explanation_is_about_whom_the_entry_names_or_the_family() {
    let mut desk = Desk::new();
    desk.run(mark(FAMILY, NOTE)).unwrap();
    assert_eq!(explained(&desk), [MOTHER]);
    let mut desk = Desk::new();
    let facts = facts_without_texts();
    for (fact, _) in &facts {
        desk.record(FAMILY.into(), fact.clone(), &[]);
    }
    for (index, (fact, persons)) in (JUDGEMENT + 1..).zip(facts) {
        // The world as it is: the entries stand until each is marked in turn.
        let mut desk = Desk { world: desk.world.clone(), last: None };
        desk.run(mark(FAMILY, index)).unwrap();
        assert_eq!(explained(&desk), persons, "{}", fact.type_name());
    }
}

#[test]
fn an_explanation_is_about_whom_the_corrected_entry_names_too() {
    let mut desk = Desk::new();
    let before = RecordContact { text: None, ..contact() };
    let fact = build_fact(&desk.world, &Command::RecordContact(before.clone()));
    desk.record(FAMILY.into(), fact, &[]);
    let command = RecordContact { present: vec![MOTHER], ..before };
    desk.run(correction(FAMILY, 5, Command::RecordContact(command))).unwrap();
    assert_eq!(explained(&desk), [MOTHER, SON]);
}

#[test]
fn an_explanation_is_about_no_more_than_can_be_named() {
    let mut desk = Desk::new();
    let guest = |number: usize| PersonId(Uuid::from_u128(0x100 + number as u128));
    let naming = |persons: usize| {
        Fact::NoteRecorded(NoteRecorded {
            note_id: NoteId(Uuid::from_u128(0x200 + persons as u128)),
            nature: NoteNature::Fact,
            grade: Grade::Certain,
            about: (0..persons).map(guest).collect(),
        })
    };
    desk.record(FAMILY.into(), naming(SUBJECTS_MAX), &[]);
    desk.record(FAMILY.into(), naming(SUBJECTS_MAX + 1), &[]);
    desk.run(mark(FAMILY, 5)).unwrap();
    assert_eq!(explained(&desk).len(), SUBJECTS_MAX);
    desk.refuses(mark(FAMILY, 6), Reason::TooManySubjects, "mark_mistaken.explanation");
}
