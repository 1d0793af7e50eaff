//! Answers: from the domain onto the wire.

use std::collections::BTreeMap;

use fokus_core::codes::*;
use fokus_core::command::{Actor, LegalBasis, PersonName};
use fokus_core::family::circle::PrimaryContact;
use fokus_core::ids::*;
use fokus_core::period::Period;
use fokus_core::record::{HistoryEvent, HistoryField, Opened};
use fokus_core::time::Occurred;
use fokus_core::views::status::*;
use fokus_core::views::timeline::{TimelineEntry, TimelineRow};
use jiff::civil::date;
use serde_json::json;
use uuid::Uuid;

use crate::path::Path;
use crate::v1;

const OCCURRED: Occurred = Occurred { at_ms: -1_500, offset_min: -60, precision: Precision::Month };

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn row() -> StatusRow {
    StatusRow {
        family_id: FamilyId(id(1)),
        reference: "AA-2018-001".to_owned(),
        referral_state: None,
        offer_expires_on: None,
        case: None,
        earlier_cases: 0,
        approvals: Vec::new(),
        flags: Vec::new(),
        last_contact_after_closure_on: None,
        family_plan_due_on: None,
        members: Vec::new(),
        family_plan_state: PlanState::None,
        goals: 2,
        interventions: Vec::new(),
        risks: Vec::new(),
        last_contact_ms: Some(250),
        last_contact_with_child_ms: None,
        last_contact_at_home_ms: None,
        contacts: 3,
        contact_minutes: 90,
        notes: 1,
        youth_with_track: vec![PersonId(id(2))],
        primary_contact: None,
        network: Vec::new(),
        undone: false,
        corrections_ms: BTreeMap::new(),
        incidents: 2,
        last_incident_on: Some(date(2019, 4, 1)),
        education: vec![EducationRow {
            person_id: PersonId(id(2)),
            status: EducationStatus::Fgu,
            from: date(2019, 1, 1),
        }],
        employment: vec![EmploymentRow {
            person_id: PersonId(id(7)),
            status: EmploymentStatus::PartTime,
            from: date(2019, 2, 1),
        }],
        goals_worked_on: 1,
        last_goal_contact_ms: Some(250),
        note_duty: NoteDutyRow { in_time: 3, late: 2, unwritten: 1 },
        revision: 8,
    }
}

fn status(row: StatusRow) -> FamilyStatus {
    FamilyStatus {
        referral_state: row.referral_state,
        row,
        members: Vec::new(),
        network: Vec::new(),
        days_open: None,
        children_under_18: 1,
        youth_10_to_25: 2,
        age_unknown: 0,
        active_interventions: 0,
        stale: Vec::new(),
        corrected_recently: 4,
        revision: 9,
        last_position: 77,
    }
}

#[test]
fn a_family_without_a_case_shows_none() {
    let wire = crate::family_status(&status(row()));
    assert_eq!(wire.case_state(), v1::CaseState::None);
    assert_eq!(wire.referral_state(), v1::ReferralState::Unspecified);
    assert_eq!(wire.family_plan_state(), v1::PlanState::None);
    assert_eq!((wire.case_id.as_str(), wire.opened_on.as_str(), wire.days_open), ("", "", None));
    assert_eq!((wire.goals, wire.contacts, wire.contact_minutes, wire.notes), (2, 3, 90, 1));
    assert_eq!((wire.revision, wire.last_position, wire.corrected_recently), (9, 77, 4));
    assert_eq!(wire.last_contact_at, Some(crate::timestamp(250_i64)));
    assert_eq!(wire.last_contact_at_home_at, None);
    assert_eq!(wire.youth_with_track, [id(2).to_string()]);
}

fn case(state: CaseState, paused: Option<PauseRow>, closed: Option<ClosedRow>) -> CaseRow {
    CaseRow {
        case_id: CaseId(id(3)),
        programme_id: ProgrammeId(id(4)),
        phase: CasePhase::Evaluation,
        opened_on: date(2018, 10, 1),
        lead_worker_id: WorkerId(id(5)),
        state,
        spans: Vec::new(),
        paused,
        closed,
        handover_unread: None,
    }
}

#[test]
fn what_waits_for_somebody_is_shown() {
    let handover = HandoverRow {
        from_worker_id: WorkerId(id(6)),
        to_worker_id: WorkerId(id(5)),
        since: date(2019, 1, 3),
        must_have_read: 7,
    };
    let approval = ApprovalRow {
        kind: ApprovalKind::AcuteOverride,
        proposed_by: "worker-1".to_owned(),
        since_ms: 250,
        revision: 8,
        person_id: Some(PersonId(id(2))),
    };
    let flag = FlagRow {
        flag_id: FlagId(id(7)),
        kind: FlagKind::Safety,
        raised_on: date(2019, 1, 4),
        due: None,
        revision: 6,
    };
    let open = CaseRow { handover_unread: Some(handover), ..case(CaseState::Open, None, None) };
    let row = StatusRow { case: Some(open), approvals: vec![approval], flags: vec![flag], ..row() };
    let wire = crate::family_status(&status(row));
    let handover = wire.handover_unread.as_ref().unwrap();
    assert_eq!((handover.to_worker_id.as_str(), handover.must_have_read), (&*id(5).to_string(), 7));
    let waiting = &wire.approvals[0];
    assert_eq!((waiting.kind(), waiting.revision), (v1::ApprovalKind::AcuteOverride, 8));
    assert_eq!(
        (waiting.since, &*waiting.person_id),
        (Some(crate::timestamp(250_i64)), &*id(2).to_string())
    );
    assert_eq!((wire.flags[0].kind(), wire.flags[0].due.as_str()), (v1::FlagKind::Safety, ""));
}

#[test]
fn a_closed_case_shows_when_and_what_it_came_to_and_a_pause_until_when() {
    let shown = |case| crate::family_status(&status(StatusRow { case: Some(case), ..row() }));
    let closed = ClosedRow { on: date(2019, 12, 1), outcome: CaseOutcome::Moved };
    let wire = shown(case(CaseState::Closed, None, Some(closed)));
    assert_eq!(
        (wire.case_state(), wire.outcome()),
        (v1::CaseState::Closed, v1::CaseOutcome::Moved)
    );
    assert_eq!((wire.closed_on.as_str(), wire.paused_until.as_str()), ("2019-12-01", ""));
    let pause = PauseRow { from: date(2019, 7, 1), expected_until: date(2019, 8, 11) };
    let wire = shown(case(CaseState::Paused, Some(pause), None));
    assert_eq!(
        (wire.case_state(), wire.outcome()),
        (v1::CaseState::Paused, v1::CaseOutcome::Unspecified)
    );
    assert_eq!(
        (wire.paused_from.as_str(), wire.paused_until.as_str()),
        ("2019-07-01", "2019-08-11")
    );
}

#[test]
fn a_family_shows_what_was_reported_and_worked_on() {
    let wire = crate::family_status(&status(row()));
    assert_eq!((wire.incidents, wire.last_incident_on.as_str()), (2, "2019-04-01"));
    let education = &wire.education[0];
    assert_eq!(
        (education.status(), education.from.as_str()),
        (v1::EducationStatus::Fgu, "2019-01-01")
    );
    let work = &wire.employment[0];
    assert_eq!((work.status(), work.from.as_str()), (v1::EmploymentStatus::PartTime, "2019-02-01"));
    assert_eq!((wire.goals_worked_on, wire.goals), (1, 2));
    assert_eq!(wire.last_goal_contact_at, Some(crate::timestamp(250_i64)));
    let duty = wire.note_duty.unwrap();
    assert_eq!((duty.in_time, duty.late, duty.unwritten), (3, 2, 1));
}

#[test]
fn a_family_with_a_case_shows_it_with_members_risks_and_interventions() {
    let risk = |area| RiskRow {
        person_id: PersonId(id(2)),
        risk_area: area,
        level: RiskLevel::High,
        direction: RiskDirection::First,
        judged_on: date(2019, 1, 2),
        valid_until: date(2019, 6, 1),
        order: (0, 1),
    };
    let row = StatusRow {
        referral_state: Some(ReferralState::Case),
        case: Some(CaseRow {
            case_id: CaseId(id(3)),
            programme_id: ProgrammeId(id(4)),
            phase: CasePhase::FamilyPlan,
            opened_on: date(2018, 10, 1),
            lead_worker_id: WorkerId(id(5)),
            state: CaseState::Open,
            spans: Vec::new(),
            paused: None,
            closed: None,
            handover_unread: None,
        }),
        risks: vec![risk(RiskArea::SchoolThriving), risk(RiskArea::FamilyProblems)],
        interventions: vec![InterventionRow {
            intervention_id: InterventionId(id(6)),
            intervention_type: InterventionType::Mst,
            person_id: None,
            state: InterventionState::Started,
            sessions: 4,
            minutes: 200,
            started_on: Some(date(2019, 1, 1)),
            ended_on: None,
        }],
        ..row()
    };
    let member = |name, erased, age_years| MemberStatus {
        person_id: PersonId(id(2)),
        role: FamilyRole::Child,
        household: Household::Core,
        name,
        erased,
        age_years,
        language: None,
        special_care: Vec::new(),
        died_on: None,
    };
    let name = PersonName { given: "Åse".to_owned(), family: "Prøve".to_owned() };
    let wire = crate::family_status(&FamilyStatus {
        members: vec![member(Some(name), false, Some(14)), member(None, true, None)],
        days_open: Some(12),
        stale: vec![false],
        ..status(row)
    });
    assert_eq!((wire.case_state(), wire.phase()), (v1::CaseState::Open, v1::CasePhase::FamilyPlan));
    assert_eq!((wire.opened_on.as_str(), wire.days_open), ("2018-10-01", Some(12)));
    assert_eq!(wire.lead_worker_id, id(5).to_string());
    assert_eq!(wire.members[0].name.as_ref().unwrap().given, "Åse");
    assert_eq!((wire.members[0].age_years, wire.members[0].erased), (Some(14), false));
    assert_eq!((wire.members[1].name.as_ref(), wire.members[1].erased), (None, true));
    let stale: Vec<bool> = wire.risks.iter().map(|it| it.stale).collect();
    assert_eq!(stale, [false, true], "a risk without a flag is not shown as the present");
    let intervention = &wire.interventions[0];
    assert_eq!(intervention.state(), v1::InterventionState::Started);
    assert_eq!(
        (intervention.person_id.as_str(), intervention.started_on.as_str()),
        ("", "2019-01-01")
    );
}

#[test]
fn a_family_shows_whom_to_turn_to_and_what_to_know_first() {
    let day = |day| Some(date(2019, 6, day));
    let member = MemberStatus {
        person_id: PersonId(id(2)),
        role: FamilyRole::Mother,
        household: Household::Core,
        name: None,
        erased: false,
        age_years: Some(40),
        language: Some(LanguageNeed {
            language: Some("so".to_owned()),
            interpreter: true,
            kinship_interpreter_refused: true,
        }),
        special_care: vec![SpecialCare {
            kind: SpecialCareKind::NoContactOrder,
            period: Period { from: date(2019, 1, 1), to: day(30) },
        }],
        died_on: day(7),
    };
    let network = NetworkStatus {
        person_id: PersonId(id(6)),
        role: NetworkRole::Coach,
        agreed_by_family: true,
        name: Some(PersonName { given: "Bo".to_owned(), family: "Prøve".to_owned() }),
        erased: false,
    };
    let primary = PrimaryContact {
        person_id: PersonId(id(2)),
        channel: ContactChannel::Letter,
        interpreter: true,
        chosen_on: date(2019, 2, 1),
    };
    let row = StatusRow { primary_contact: Some(primary), undone: true, ..row() };
    let wire = crate::family_status(&FamilyStatus {
        members: vec![member],
        network: vec![network],
        ..status(row)
    });
    let member = &wire.members[0];
    let language = member.language.as_ref().unwrap();
    assert_eq!((language.language.as_str(), language.interpreter), ("so", true));
    assert!(language.kinship_interpreter_refused);
    let care = &member.special_care[0];
    assert_eq!(care.kind(), v1::SpecialCareKind::NoContactOrder);
    assert_eq!((care.valid_to.as_str(), member.died_on.as_str()), ("2019-06-30", "2019-06-07"));
    assert_eq!(wire.network[0].role(), v1::NetworkRole::Coach);
    assert_eq!(wire.network[0].name.as_ref().unwrap().given, "Bo");
    assert!(wire.network[0].agreed_by_family && wire.registration_undone);
    let primary = wire.primary_contact.unwrap();
    assert_eq!(primary.channel(), v1::ContactChannel::Letter);
    assert_eq!((primary.interpreter, primary.chosen_on.as_str()), (true, "2019-02-01"));
}

#[test]
fn a_timeline_entry_shows_what_is_known_and_what_is_erased() {
    let wire = crate::timeline_entry(&TimelineEntry {
        row: TimelineRow {
            event_id: EventId(id(1)),
            revision: 5,
            position: 50,
            event_type: "ContactRecorded".to_owned(),
            occurred: OCCURRED,
            recorded_ms: 1_001,
            actor: "worker-1".to_owned(),
            actor_role: "worker".to_owned(),
            facts: json!({"minutes": 45}).as_object().unwrap().clone(),
            corrected_by: 6,
            mistaken_by: 0,
            recorded_late: true,
            of_supervision: false,
        },
        personal: vec![
            ("text".to_owned(), Opened::Known(json!("Talte \"pænt\"."))),
            ("source".to_owned(), Opened::Erased),
            ("note".to_owned(), Opened::Absent),
        ],
    });
    assert_eq!(wire.facts_json, r#"{"minutes":45}"#);
    let field = |name: &str, json: &str, erased| v1::EntryField {
        name: name.to_owned(),
        json: json.to_owned(),
        erased,
    };
    let expected = [field("text", r#""Talte \"pænt\".""#, false), field("source", "", true)];
    assert_eq!(wire.personal, expected);
    assert_eq!((wire.corrected_by, wire.mistaken_by, wire.recorded_late), (6, 0, true));
    assert_eq!(wire.recorded_at, Some(crate::timestamp(1_001_i64)));
}

#[test]
fn when_something_happened_comes_back() {
    let wire = crate::answers::occurred_at(&OCCURRED);
    assert_eq!(wire.time, Some(prost_types::Timestamp { seconds: -2, nanos: 500_000_000 }));
    assert_eq!(crate::parse::occurred(Some(wire), Path::root("at")), Ok(Some(OCCURRED)));
}

#[test]
fn an_event_of_the_history_is_shown_as_recorded() {
    let wire = crate::history_event(&HistoryEvent {
        stream: StreamRef { kind: StreamKind::Worker, id: id(1) },
        event_id: EventId(id(2)),
        position: 50,
        revision: 5,
        event_type: "WorkerEmployed".to_owned(),
        schema: 1,
        recorded_ms: 2_000,
        occurred: OCCURRED,
        actor: Actor {
            sub: "lead-1".to_owned(),
            role: "lead".to_owned(),
            unit: None,
            on_behalf_of: None,
        },
        purpose: "OPERATIONS".to_owned(),
        basis: Some(LegalBasis { code: "GDPR6_1_E".to_owned(), provision: None }),
        late_reason: None,
        command_id: id(3),
        fields: vec![
            HistoryField { name: "name".to_owned(), json: None, personal: true },
            HistoryField {
                name: "subject".to_owned(),
                json: Some("\"worker-1\"".to_owned()),
                personal: false,
            },
        ],
        leaf: vec![1, 2],
        key_ids: vec!["ab".to_owned()],
    });
    assert_eq!(wire.stream.as_ref().unwrap().kind(), v1::StreamKind::Worker);
    assert_eq!((wire.position, wire.revision, wire.schema), (50, 5, 1));
    assert_eq!((wire.actor.as_str(), wire.actor_role.as_str()), ("lead-1", "lead"));
    assert_eq!((wire.fields[0].erased, wire.fields[0].personal), (true, true));
    assert_eq!((wire.fields[1].erased, wire.fields[1].json.as_str()), (false, "\"worker-1\""));
    assert_eq!((wire.leaf, wire.key_ids), (vec![1, 2], vec!["ab".to_owned()]));
    assert_eq!(wire.legal_basis.unwrap().code, "GDPR6_1_E");
}
