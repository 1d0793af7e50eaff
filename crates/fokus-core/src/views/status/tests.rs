use jiff::civil::date;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::codes::Precision;
use crate::command::{Agreement, InitialMember};
use crate::effective::Clocks;
use crate::effective::tests::{correction, mark, recorded, withdrawal};
use crate::fact::*;
use crate::record::Recorded;
use crate::time::{Occurred, day_start_ms};

const MOTHER: PersonId = PersonId(Uuid::from_u128(1));
const SON: PersonId = PersonId(Uuid::from_u128(2));
const UNCLE: PersonId = PersonId(Uuid::from_u128(3));
const DAY_MS: u64 = 86_400_000;

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn member(person_id: PersonId, role: FamilyRole) -> InitialMember {
    InitialMember { person_id, role, household: Household::Core }
}

fn registered() -> Fact {
    Fact::FamilyRegistered(FamilyRegistered {
        family_id: FamilyId(uuid(9)),
        reference: "FF-2019-001".to_owned(),
        initial_members: vec![member(MOTHER, FamilyRole::Mother), member(SON, FamilyRole::Child)],
        source: FamilySource::Agency,
    })
}

fn added(person_id: PersonId, on: Date) -> Fact {
    Fact::FamilyMemberAdded(FamilyMemberAdded {
        person_id,
        role: FamilyRole::Other,
        household: Household::PartTime,
        valid_from: on,
    })
}

fn left(person_id: PersonId, on: Date) -> Fact {
    let reason = LeaveReason::MovedOut;
    Fact::FamilyMemberLeft(FamilyMemberLeft { person_id, reason, valid_to: on })
}

fn contact(kind: ContactKind, present: &[PersonId]) -> Fact {
    Fact::ContactRecorded(ContactRecorded {
        contact_id: ContactId(uuid(20)),
        kind,
        minutes: 30,
        present: present.to_vec(),
        risk_areas: Vec::new(),
        goal_ids: Vec::new(),
        about: Vec::new(),
        from_child: false,
    })
}

fn judged(level: RiskLevel, valid_until: Date) -> Fact {
    Fact::ProfessionalRiskJudged(ProfessionalRiskJudged {
        person_id: SON,
        risk_area: RiskArea::SchoolThriving,
        level,
        direction: RiskDirection::First,
        basis: vec![1],
        valid_until,
    })
}

fn phase(phase: CasePhase) -> Fact {
    Fact::CasePhaseEntered(CasePhaseEntered { phase })
}

/// The family's registration, then each fact at noon of its day.
fn history(facts: Vec<(Date, Fact)>) -> Vec<Recorded> {
    let all = [vec![(date(2019, 1, 1), registered())], facts].concat();
    (1..)
        .zip(all)
        .map(|(revision, (on, fact))| {
            let mut event = recorded(revision, fact);
            let at_ms = day_start_ms(on) + 12 * 3_600_000;
            event.occurred = Occurred { at_ms, offset_min: 60, precision: Precision::Exact };
            event
        })
        .collect()
}

fn row(facts: Vec<(Date, Fact)>) -> StatusRow {
    status_of(&history(facts), &Clocks::NOW).unwrap()
}

fn on(row: &StatusRow, today: Date) -> FamilyStatus {
    present(row, &BTreeMap::new(), today, 0, 1, 1)
}

#[test]
fn there_is_no_row_before_the_registration() {
    assert_eq!(status_of(&[], &Clocks::NOW), None);
    let only_later = [recorded(1, added(UNCLE, date(2019, 1, 1)))];
    assert_eq!(status_of(&only_later, &Clocks::NOW), None);
}

#[test]
fn members_come_and_go_whatever_the_order_of_recording() {
    let (april, may, june) = (date(2019, 4, 1), date(2019, 5, 1), date(2019, 6, 1));
    let facts = [(june, added(UNCLE, june)), (may, left(UNCLE, may)), (april, added(UNCLE, april))];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1]] {
        let row = row(order.map(|it: usize| facts[it].clone()).to_vec());
        let uncle: Vec<_> = row
            .members
            .iter()
            .filter(|it| it.person_id == UNCLE)
            .map(|it| (it.joined_on, it.left_on))
            .collect();
        assert_eq!(uncle, [(Some(april), Some(may)), (Some(june), None)]);
        let there = |day| on(&row, day).members.iter().any(|it| it.person_id == UNCLE);
        let days = [date(2019, 3, 31), april, date(2019, 4, 30), may, date(2019, 5, 31), june];
        assert_eq!(days.map(there), [false, true, true, false, false, true]);
    }
}

#[test]
fn who_leaves_and_comes_back_on_one_day_is_there_once() {
    let may = date(2019, 5, 1);
    let row = row(vec![(may, left(SON, may)), (may, added(SON, may))]);
    let son: Vec<_> = row.members_on(may).into_iter().filter(|it| it.person_id == SON).collect();
    assert_eq!(son.len(), 1);
    assert_eq!((son[0].joined_on, son[0].household), (Some(may), Household::PartTime));
}

#[test]
fn a_member_of_two_memberships_shows_once_when_a_leave_was_mistaken() {
    let (may, june) = (date(2019, 5, 1), date(2019, 6, 1));
    let facts = vec![(may, left(SON, may)), (june, added(SON, june)), (june, mark(2))];
    assert_eq!(row(facts).members_on(june).len(), 2, "mother and son");
}

#[test]
fn the_referral_submitted_last_counts() {
    let day = date(2019, 2, 1);
    let submitted = |n| {
        Fact::ReferralSubmitted(ReferralSubmitted {
            referral_id: ReferralId(uuid(n)),
            programme_id: ProgrammeId(uuid(50)),
            agency: Agency::School,
            worker_id: None,
            risk_areas: vec![RiskArea::SchoolThriving],
            family_knows: true,
            about: vec![SON],
        })
    };
    let triaged = |n| {
        Fact::ReferralTriaged(ReferralTriaged {
            referral_id: ReferralId(uuid(n)),
            met: true,
            criteria: Vec::new(),
            capacity: true,
            priority: Priority::Normal,
            about: Vec::new(),
        })
    };
    let state = |facts: Vec<(Date, Fact)>| row(facts).referral_state;
    assert_eq!(state(vec![]), None);
    assert_eq!(state(vec![(day, submitted(1))]), Some(ReferralState::Submitted));
    let one_triaged = vec![(day, submitted(1)), (day, triaged(1))];
    assert_eq!(state(one_triaged.clone()), Some(ReferralState::Triaged));
    let second = [one_triaged.clone(), vec![(date(2019, 3, 1), submitted(2))]].concat();
    assert_eq!(state(second), Some(ReferralState::Submitted));
    let earlier = [one_triaged.clone(), vec![(date(2019, 1, 15), submitted(2))]].concat();
    assert_eq!(state(earlier), Some(ReferralState::Triaged));
    let with_case = [one_triaged, vec![(day, case_opened(date(2019, 2, 10)))]].concat();
    assert_eq!(state(with_case), Some(ReferralState::Case));
}

fn case_opened(opened_on: Date) -> Fact {
    Fact::CaseOpened(CaseOpened {
        case_id: CaseId(uuid(60)),
        programme_id: ProgrammeId(uuid(50)),
        referral_id: ReferralId(uuid(1)),
        opened_on,
        kle: "27.00.00".to_owned(),
        lead_worker_id: WorkerId(uuid(70)),
        regime: Regime::Sel,
    })
}

#[test]
fn a_case_begins_in_engagement_and_takes_the_latest_phase_and_lead() {
    let opened = date(2019, 2, 10);
    let lead = |n, from| {
        Fact::WorkerAssigned(WorkerAssigned {
            worker_id: WorkerId(uuid(n)),
            role: WorkerRole::Lead,
            valid_from: from,
            valid_to: None,
            replaces_lead: false,
            about: Vec::new(),
        })
    };
    let begun = row(vec![(opened, case_opened(opened))]);
    let case = begun.case.as_ref().unwrap();
    assert_eq!((case.phase, case.lead_worker_id), (CasePhase::Engagement, WorkerId(uuid(70))));
    assert_eq!(on(&begun, date(2019, 3, 1)).days_open, Some(19));
    let later = row(vec![
        (opened, case_opened(opened)),
        (date(2019, 5, 1), phase(CasePhase::FamilyPlan)),
        (date(2019, 5, 1), lead(72, date(2019, 6, 1))),
        (date(2019, 4, 1), phase(CasePhase::FamilyAssessment)),
        (date(2019, 7, 1), lead(71, date(2019, 4, 1))),
    ]);
    let case = later.case.unwrap();
    assert_eq!((case.phase, case.lead_worker_id), (CasePhase::FamilyPlan, WorkerId(uuid(72))));
}

#[test]
fn a_risk_past_its_date_is_stale_and_the_latest_judgement_counts() {
    let (until, day) = (date(2019, 9, 30), date(2019, 4, 1));
    let row = row(vec![
        (day, judged(RiskLevel::High, until)),
        (date(2019, 3, 1), judged(RiskLevel::Acute, date(2019, 5, 1))),
    ]);
    let risks: Vec<_> = row.risks.iter().map(|it| (it.level, it.judged_on)).collect();
    assert_eq!(risks, [(RiskLevel::High, day)]);
    assert_eq!(on(&row, until).stale, [false]);
    assert_eq!(on(&row, date(2019, 10, 1)).stale, [true]);
}

#[test]
fn contacts_are_tallied_without_no_shows() {
    let noon = |day| day_start_ms(day) + 12 * 3_600_000;
    let days = [1, 2, 3, 4].map(|it| date(2019, 5, it));
    let row = row(vec![
        (days[1], contact(ContactKind::Visit, &[MOTHER])),
        (days[0], contact(ContactKind::School, &[SON])),
        (days[2], contact(ContactKind::Call, &[MOTHER])),
        (days[3], contact(ContactKind::NoShow, &[SON])),
    ]);
    assert_eq!((row.contacts, row.contact_minutes), (3, 90));
    assert_eq!(row.last_contact_ms, Some(noon(days[2])));
    assert_eq!(row.last_contact_at_home_ms, Some(noon(days[1])));
    assert_eq!(row.last_contact_with_child_ms, Some(noon(days[0])));
}

#[test]
fn a_plan_stands_as_the_familys_own_plan_only() {
    let day = date(2019, 3, 1);
    let drafted = |n, kind| {
        let plan_id = PlanId(uuid(n));
        Fact::PlanDrafted(PlanDrafted { plan_id, kind, person_id: None })
    };
    let answered = |n, manner| {
        let plan_id = PlanId(uuid(n));
        let agreed_by = vec![Agreement { person_id: SON, manner }];
        Fact::PlanAgreed(PlanAgreed { plan_id, agreed_by, children: Vec::new() })
    };
    let agreed = |n| answered(n, AgreementManner::Oral);
    let refused = vec![drafted(1, PlanKind::Family), answered(1, AgreementManner::NotAgreed)];
    let state =
        |facts: Vec<Fact>| row(facts.into_iter().map(|it| (day, it)).collect()).family_plan_state;
    assert_eq!(state(vec![]), PlanState::None);
    assert_eq!(state(refused), PlanState::Draft);
    assert_eq!(state(vec![drafted(1, PlanKind::Child), agreed(1)]), PlanState::None);
    assert_eq!(state(vec![drafted(1, PlanKind::Family)]), PlanState::Draft);
    assert_eq!(state(vec![drafted(1, PlanKind::Family), agreed(1)]), PlanState::Agreed);
    let next = vec![drafted(1, PlanKind::Family), agreed(1), drafted(2, PlanKind::Family)];
    assert_eq!(state(next), PlanState::Agreed);
}

#[test]
fn ages_come_from_cards_and_are_never_guessed() {
    let day = date(2020, 6, 1);
    let row = row(vec![(day, added(UNCLE, date(2020, 1, 1)))]);
    let card = |date, year, precision| PersonCard {
        birth: Some(Birth { date, year, precision }),
        ..PersonCard::default()
    };
    let people = BTreeMap::from([
        (MOTHER, card(None, Some(1980), BirthPrecision::Year)),
        (SON, card(Some(date(2010, 6, 1)), None, BirthPrecision::Exact)),
        (UNCLE, PersonCard { erased: true, ..PersonCard::default() }),
    ]);
    let status = |today| present(&row, &people, today, 0, 4, 40);
    let ages: Vec<_> = status(day).members.iter().map(|it| it.age_years).collect();
    assert_eq!(ages, [Some(40), Some(10), None]);
    let counts = |it: FamilyStatus| (it.children_under_18, it.youth_10_to_25, it.age_unknown);
    assert_eq!(counts(status(date(2020, 5, 31))), (1, 0, 1), "nine years old");
    assert_eq!(counts(status(day)), (1, 1, 1));
    assert_eq!(counts(status(date(2028, 6, 1))), (0, 1, 1), "eighteen");
    assert_eq!(counts(status(date(2036, 5, 31))), (0, 1, 1), "25");
    assert_eq!(counts(status(date(2036, 6, 1))), (0, 0, 1), "26");
}

#[test]
fn corrections_of_the_last_thirty_days_are_counted() {
    let day = date(2019, 5, 1);
    let facts = vec![
        (day, contact(ContactKind::Call, &[])),
        (day, correction(2, json!({ "minutes": 45 }))),
    ];
    let history = history(facts);
    let row = status_of(&history, &Clocks::NOW).unwrap();
    assert_eq!(row.contact_minutes, 45);
    let corrected_ms = history[2].recorded_ms;
    assert_eq!(row.corrections_ms, BTreeMap::from([(2, corrected_ms)]));
    let recently = |now_ms| present(&row, &BTreeMap::new(), day, now_ms, 3, 30).corrected_recently;
    assert_eq!(recently(corrected_ms + 30 * DAY_MS), 1);
    assert_eq!(recently(corrected_ms + 30 * DAY_MS + 1), 0);
}

#[test]
fn corrections_remembered_are_bounded() {
    let day = date(2019, 5, 1);
    let contacts = (0..CORRECTIONS_MAX + 5).map(|_| contact(ContactKind::Call, &[]));
    let corrections =
        (2..).take(CORRECTIONS_MAX + 5).map(|it| correction(it, json!({ "minutes": 1 })));
    let row = row(contacts.chain(corrections).map(|it| (day, it)).collect());
    assert_eq!(row.corrections_ms.len(), CORRECTIONS_MAX);
    assert_eq!(row.corrections_ms.keys().next(), Some(&7), "the oldest are forgotten");
}

#[test]
fn interventions_keep_their_course_while_their_order_is_marked() {
    let day = date(2019, 5, 1);
    let intervention_id = InterventionId(uuid(80));
    let ordered = Fact::InterventionOrdered(InterventionOrdered {
        intervention_id,
        intervention_type: InterventionType::Mst,
        person_id: None,
        goal_ids: Vec::new(),
        method_version: None,
        planned: crate::command::PlannedCourse {
            start: day,
            end: day,
            sessions: None,
            minutes_per_week: None,
        },
        cost_estimate_ore: None,
        about: Vec::new(),
    });
    let started = Fact::InterventionStarted(InterventionStarted { intervention_id, on: day });
    let session = Fact::SessionHeld(SessionHeld {
        intervention_id,
        on: day,
        minutes: 50,
        attendance: Vec::new(),
        fidelity_percent: None,
    });
    let course = |more: Vec<Fact>| {
        let facts = [vec![ordered.clone(), started.clone(), session.clone()], more].concat();
        let row = row(facts.into_iter().map(|it| (day, it)).collect());
        let active = on(&row, day).active_interventions;
        (active, row.interventions.first().map(|it| (it.state, it.sessions, it.minutes)))
    };
    let running = (1, Some((InterventionState::Started, 1, 50)));
    assert_eq!(course(vec![]), running);
    assert_eq!(course(vec![mark(2)]), (0, None));
    assert_eq!(course(vec![mark(2), withdrawal(2)]), running);
}
