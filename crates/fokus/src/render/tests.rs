mod across;
mod assessing;
mod course;
mod programme;

use fokus_proto::v1;
use prost_types::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::render::timeline::Manner;
use fokus_words::names::Names;

const AMINA: &str = "0b7e6a52-93a1-4c1e-8f53-0d6f1f0b9a11";
const YUSUF: &str = "c2d04f6b-2f6e-4f0f-9d6e-6d8f3a5b7c22";
const WORKER: &str = "7f1f8c1e-5d2b-4f35-8f0a-2f1f6f0d3e33";

fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

fn member(id: &str, given: &str, role: v1::FamilyRole, age: Option<i32>) -> v1::MemberStatus {
    v1::MemberStatus {
        person_id: id.to_owned(),
        role: role.into(),
        household: v1::Household::Core.into(),
        name: Some(v1::PersonName { given: given.to_owned(), family: "Haddad".to_owned() }),
        erased: false,
        age_years: age,
        ..Default::default()
    }
}

fn risk(level: v1::RiskLevel, stale: bool) -> v1::RiskStatus {
    v1::RiskStatus {
        person_id: YUSUF.to_owned(),
        risk_area: v1::RiskArea::StreetLifestyle.into(),
        level: level.into(),
        direction: v1::RiskDirection::First.into(),
        judged_on: "2019-03-01".to_owned(),
        valid_until: "2019-08-31".to_owned(),
        stale,
    }
}

fn family() -> v1::FamilyStatus {
    v1::FamilyStatus {
        family_id: "5a3c1d2e-7b8f-4a6d-9c0e-1f2a3b4c5d66".to_owned(),
        reference: "FF-2019-017".to_owned(),
        referral_state: v1::ReferralState::Case.into(),
        case_state: v1::CaseState::Open.into(),
        phase: v1::CasePhase::FamilyIntervention.into(),
        opened_on: "2019-02-12".to_owned(),
        days_open: Some(241),
        lead_worker_id: WORKER.to_owned(),
        members: vec![
            member(AMINA, "Amina", v1::FamilyRole::Mother, Some(38)),
            member(YUSUF, "Yusuf", v1::FamilyRole::Child, None),
        ],
        children_under_18: 1,
        youth_10_to_25: 1,
        age_unknown: 1,
        family_plan_state: v1::PlanState::Agreed.into(),
        goals: 3,
        interventions: vec![v1::InterventionStatus {
            r#type: v1::InterventionType::Mst.into(),
            state: v1::InterventionState::Started.into(),
            sessions: 7,
            minutes: 570,
            started_on: "2019-04-01".to_owned(),
            ..Default::default()
        }],
        active_interventions: 1,
        risks: vec![risk(v1::RiskLevel::High, true), risk(v1::RiskLevel::Moderate, false)],
        last_contact_at: at(1_570_000_000),
        last_contact_with_child_at: at(1_569_000_000),
        contacts: 21,
        contact_minutes: 1_290,
        notes: 9,
        youth_with_track: vec![YUSUF.to_owned()],
        corrected_recently: 1,
        revision: 87,
        last_position: 1_203,
        ..Default::default()
    }
}

/// In English, lines as long as they get.
const ENGLISH: Screen = Screen { words: Words::ENGLISH, width: None };
const DANISH: Screen = Screen { words: Words::DANISH, width: None };

/// Both languages, on a narrow and on a wide screen.
fn screens() -> [(&'static str, Screen); 4] {
    [
        ("en_80", Screen { width: Some(80), ..ENGLISH }),
        ("en_120", Screen { width: Some(120), ..ENGLISH }),
        ("da_80", Screen { width: Some(80), ..DANISH }),
        ("da_120", Screen { width: Some(120), ..DANISH }),
    ]
}

fn names() -> Names {
    names_of(&family(), ENGLISH.words)
}

fn names_of(family: &v1::FamilyStatus, words: Words) -> Names {
    let mut names = crate::names::of_family(family, words);
    names.insert(WORKER, "Mette Holm".to_owned());
    names
}

struct Event {
    revision: i64,
    name: &'static str,
    facts: Value,
    personal: Vec<(&'static str, Option<Value>)>,
}

fn entry(event: Event) -> v1::TimelineEntry {
    let field = |(name, value): (&str, Option<Value>)| v1::EntryField {
        name: name.to_owned(),
        json: value.as_ref().map(Value::to_string).unwrap_or_default(),
        erased: value.is_none(),
    };
    v1::TimelineEntry {
        revision: event.revision,
        r#type: event.name.to_owned(),
        occurred_at: Some(v1::OccurredAt {
            time: at(1_551_738_600 + event.revision * 86_400),
            ..Default::default()
        }),
        recorded_at: at(1_554_000_000),
        actor: "mette.holm".to_owned(),
        actor_role: "CASEWORKER".to_owned(),
        facts_json: event.facts.to_string(),
        personal: event.personal.into_iter().map(field).collect(),
        ..Default::default()
    }
}

fn row(revision: i64, name: &'static str, facts: Value) -> v1::TimelineEntry {
    entry(Event { revision, name, facts, personal: Vec::new() })
}

fn row_with(
    revision: i64,
    name: &'static str,
    facts: Value,
    field: &'static str,
    value: Option<Value>,
) -> v1::TimelineEntry {
    entry(Event { revision, name, facts, personal: vec![(field, value)] })
}

fn early_entries() -> Vec<v1::TimelineEntry> {
    vec![
        row(
            1,
            "FamilyRegistered",
            json!({ "reference": "FF-2019-017", "initial_members": [
                { "person_id": AMINA, "role": "MOTHER", "household": "CORE" },
                { "person_id": YUSUF, "role": "CHILD", "household": "CORE" },
            ]}),
        ),
        row_with(
            2,
            "ReferralSubmitted",
            json!({ "agency": "JOB_CENTRE", "family_knows": true,
                    "risk_areas": ["STREET_LIFESTYLE", "SCHOOL_THRIVING"] }),
            "grounds",
            Some(json!("Absent from school since the summer.")),
        ),
        row(3, "ReferralTriaged", json!({ "met": true, "capacity": true, "priority": "HIGH" })),
        row(
            4,
            "CaseOpened",
            json!({ "opened_on": "2019-02-12", "lead_worker_id": WORKER, "kle": "27.27.09" }),
        ),
        row(
            5,
            "WorkerAssigned",
            json!({ "worker_id": WORKER, "role": "YOUTH_MENTOR", "valid_from": "2019-02-13" }),
        ),
        row(6, "CasePhaseEntered", json!({ "phase": "FAMILY_ASSESSMENT" })),
        row(7, "AssessmentStarted", json!({ "kind": "FAMILY_ASSESSMENT" })),
        row_with(
            8,
            "ProfessionalRiskJudged",
            json!({ "person_id": YUSUF, "risk_area": "STREET_LIFESTYLE", "level": "HIGH",
                    "direction": "FIRST", "valid_until": "2019-08-31" }),
            "reasoning",
            None,
        ),
        row_with(
            9,
            "AssessmentConcluded",
            json!({ "proposal": "SUPPORT", "shared_with_family_on": "2019-03-20" }),
            "conclusion",
            Some(json!("Support in the home.")),
        ),
    ]
}

fn late_entries() -> Vec<v1::TimelineEntry> {
    let visit = row_with(
        14,
        "ContactRecorded",
        json!({ "kind": "VISIT", "minutes": 75, "present": [AMINA, YUSUF], "from_child": true }),
        "text",
        Some(json!(
            "Yusuf told of the football club,\nand that he would like to go back to his old class after the holidays."
        )),
    );
    let no_show = row(15, "ContactRecorded", json!({ "kind": "NO_SHOW", "minutes": 0 }));
    vec![
        row(10, "PlanDrafted", json!({ "kind": "FAMILY" })),
        row_with(
            11,
            "GoalSet",
            json!({ "owner": YUSUF, "theme": "SCHOOL", "target_date": "2019-12-31" }),
            "statement",
            Some(json!("Back in class every day.")),
        ),
        row(
            12,
            "PlanAgreed",
            json!({ "agreed_by": [
                { "person_id": AMINA, "manner": "SIGNED" },
                { "person_id": YUSUF, "manner": "ORAL" },
            ]}),
        ),
        row_with(
            13,
            "InterventionOrdered",
            json!({ "intervention_type": "MST", "goal_ids": ["g"] }),
            "provider",
            Some(json!("Team South")),
        ),
        v1::TimelineEntry { corrected_by: 18, recorded_late: true, ..visit },
        v1::TimelineEntry { mistaken_by: 19, ..no_show },
        row_with(
            16,
            "NoteRecorded",
            json!({ "nature": "FACT", "grade": "CERTAIN" }),
            "text",
            Some(json!("The school has a place.")),
        ),
        row(
            17,
            "SessionHeld",
            json!({ "minutes": 90, "attendance": [
                { "person_id": AMINA, "state": "PRESENT" },
                { "person_id": YUSUF, "state": "ABSENT_NOTIFIED" },
            ]}),
        ),
        row(20, "InterventionEnded", json!({ "reason": "COMPLETED", "on": "2019-09-30" })),
        row(21, "YouthTrackOpened", json!({ "youth_id": YUSUF })),
        row(
            22,
            "FamilyMemberLeft",
            json!({ "person_id": AMINA, "reason": "MOVED_OUT", "valid_to": "2019-10-01" }),
        ),
        row(23, "SomethingOfLater", json!({ "code": "NEW" })),
    ]
}

#[test]
fn a_status_reads_like_a_page_about_the_family() {
    for (name, screen) in screens() {
        let names = names_of(&family(), screen.words);
        let page = status::status(&family(), &[], 1_207, &names, screen);
        assert!(page.lines().all(|it| it.chars().count() <= 120), "{page}");
        insta::assert_snapshot!(format!("status_{name}"), page);
    }
}

#[test]
fn a_family_without_a_case_says_so() {
    let family = v1::FamilyStatus {
        family_id: family().family_id,
        reference: "FF-2019-018".to_owned(),
        referral_state: v1::ReferralState::Submitted.into(),
        case_state: v1::CaseState::None.into(),
        members: vec![v1::MemberStatus { erased: true, ..family().members[0].clone() }],
        ..Default::default()
    };
    let names = crate::names::of_family(&family, ENGLISH.words);
    insta::assert_snapshot!(
        "status_without_case",
        status::status(&family, &[], 3, &names, ENGLISH)
    );
}

#[test]
fn a_status_says_whom_to_turn_to_and_what_to_know_first() {
    let mut family = family();
    family.members[0].language = Some(v1::LanguageNeed {
        language: "so".to_owned(),
        interpreter: true,
        kinship_interpreter_refused: true,
    });
    family.members[1].special_care = vec![v1::SpecialCare {
        kind: v1::SpecialCareKind::ViolenceRisk.into(),
        valid_to: "2019-12-01".to_owned(),
    }];
    family.members[0].died_on = "2019-10-02".to_owned();
    family.primary_contact = Some(v1::PrimaryContact {
        person_id: AMINA.to_owned(),
        channel: v1::ContactChannel::DigitalPost.into(),
        interpreter: true,
        chosen_on: "2019-02-20".to_owned(),
    });
    family.network = vec![v1::NetworkPersonStatus {
        person_id: WORKER.to_owned(),
        role: v1::NetworkRole::Coach.into(),
        name: Some(v1::PersonName { given: "Bo".to_owned(), family: "Prøve".to_owned() }),
        ..Default::default()
    }];
    family.registration_undone = true;
    let page = status::status(&family, &[], 1_207, &names_of(&family, ENGLISH.words), ENGLISH);
    for line in [
        "REGISTRATION UNDONE: this family should not have been registered.",
        "Primary contact: Amina Haddad, by digital post, with an interpreter",
        "Network: Mette Holm (coach, not agreed by the family)",
        "! Yusuf Haddad: RISK OF VIOLENCE (until 2019-12-01)",
        "Amina Haddad died 2019-10-02.",
        "Amina Haddad speaks Somali, needs an interpreter, no relative as interpreter.",
    ] {
        assert!(page.lines().any(|it| it.trim_start() == line), "{line}\n{page}");
    }
    assert!(status::changed(&family, 1_207, ENGLISH.words).contains("registration undone"));
}

fn told(entries: &[v1::TimelineEntry]) -> String {
    timeline::timeline(entries, &names(), Manner::default(), ENGLISH)
}

#[test]
fn a_timeline_tells_who_stands_around_the_family() {
    #[track_caller]
    fn check(name: &'static str, facts: Value, expected: &str) {
        let entry = row(1, name, facts);
        let line = told(std::slice::from_ref(&entry));
        assert!(line.contains(expected), "{expected}\n{line}");
        assert!(timeline::persons(&[entry]).iter().all(|it| it == AMINA || it == YUSUF));
    }
    check(
        "FamilyMemberRoleChanged",
        json!({"person_id": YUSUF, "role": "STEPPARENT", "valid_from": "2019-09-01"}),
        "Yusuf Haddad is now stepparent; from 2019-09-01",
    );
    check(
        "RelationshipStated",
        json!({"person_id": AMINA, "other_person_id": YUSUF, "kind": "PARENT_OF",
            "quality": "CUT_OFF", "as_seen_by": YUSUF, "valid_from": "2019-09-01"}),
        "Amina Haddad is parent of Yusuf Haddad (cut off); as Yusuf Haddad sees it; from 2019-09-01",
    );
    check(
        "RelationshipEnded",
        json!({"person_id": AMINA, "other_person_id": YUSUF, "valid_to": "2019-09-01"}),
        "Amina Haddad and Yusuf Haddad; until 2019-09-01",
    );
    check(
        "PrimaryContactChosen",
        json!({"person_id": AMINA, "channel": "SMS", "interpreter": true}),
        "Amina Haddad; by text message; with an interpreter",
    );
    check(
        "NetworkPersonAdded",
        json!({"person_id": AMINA, "role": "COACH", "agreed_by_family": false,
            "valid_from": "2019-09-01"}),
        "Amina Haddad (coach); the family has not agreed; from 2019-09-01",
    );
    check(
        "NetworkPersonRemoved",
        json!({"person_id": AMINA, "valid_to": "2019-09-01"}),
        "Amina Haddad; until 2019-09-01",
    );
    check("FamilyRegistrationUndone", json!({"reason": "WRONG_PEOPLE"}), "The wrong people");
}

#[test]
fn a_status_says_what_waits_and_what_a_case_came_to() {
    let waiting = v1::FamilyStatus {
        case_state: v1::CaseState::Paused.into(),
        paused_from: "2019-07-01".to_owned(),
        paused_until: "2019-08-11".to_owned(),
        approvals: vec![v1::AwaitedApproval {
            kind: v1::ApprovalKind::AcuteOverride.into(),
            proposed_by: "mette.holm".to_owned(),
            since: at(1_562_279_400),
            revision: 41,
            person_id: YUSUF.to_owned(),
        }],
        handover_unread: Some(v1::UnreadHandover {
            from_worker_id: WORKER.to_owned(),
            to_worker_id: WORKER.to_owned(),
            since: "2019-06-01".to_owned(),
            must_have_read: 39,
        }),
        flags: vec![v1::OpenFlag {
            kind: v1::FlagKind::Safety.into(),
            raised_on: "2019-06-02".to_owned(),
            due: "2019-06-15".to_owned(),
            revision: 40,
            ..Default::default()
        }],
        family_plan_due_on: "2019-07-31".to_owned(),
        ..family()
    };
    for (name, screen) in screens() {
        let names = names_of(&waiting, screen.words);
        let page = status::status(&waiting, &across::overdue(), 1_207, &names, screen);
        insta::assert_snapshot!(format!("status_waiting_{name}"), page);
    }
    let closed = v1::FamilyStatus {
        case_state: v1::CaseState::Closed.into(),
        closed_on: "2019-12-01".to_owned(),
        outcome: v1::CaseOutcome::PartlyMet.into(),
        last_contact_after_closure_on: "2020-06-02".to_owned(),
        ..family()
    };
    insta::assert_snapshot!("changed_closed", status::changed(&closed, 1_207, ENGLISH.words));
    let offered = v1::FamilyStatus {
        case_state: v1::CaseState::None.into(),
        referral_state: v1::ReferralState::Offered.into(),
        offer_expires_on: "2019-03-22".to_owned(),
        ..family()
    };
    insta::assert_snapshot!("changed_offered", status::changed(&offered, 1_207, DANISH.words));
}

fn text(words: &str) -> Option<Value> {
    Some(json!(words))
}

#[test]
fn a_timeline_reads_like_a_diary() {
    for (name, screen) in screens() {
        let names = names_of(&family(), screen.words);
        let early = timeline::timeline(&early_entries(), &names, Manner::default(), screen);
        insta::assert_snapshot!(format!("timeline_early_{name}"), early);
        let late = timeline::timeline(&late_entries(), &names, Manner::default(), screen);
        insta::assert_snapshot!(format!("timeline_late_{name}"), late);
    }
}

#[test]
fn a_timeline_fits_the_screen_and_shows_texts_whole_when_asked() {
    let manner = Manner { full: true, by_recorded: true };
    let narrow = Screen { width: Some(60), ..ENGLISH };
    let whole = timeline::timeline(&late_entries()[4..6], &names(), manner, narrow);
    insta::assert_snapshot!("timeline_full", whole);
}

#[test]
fn a_timeline_tells_whose_names_it_needs() {
    let mut persons = timeline::persons(&late_entries());
    persons.sort();
    persons.dedup();
    assert_eq!(persons, [AMINA, YUSUF]);
    assert_eq!(timeline::workers(&early_entries()), [WORKER, WORKER]);
}

#[test]
fn a_history_shows_every_field_as_recorded() {
    let field = |name: &str, json: &str, erased| v1::HistoryField {
        name: name.to_owned(),
        json: json.to_owned(),
        erased,
        personal: erased,
    };
    let event = v1::HistoryEvent {
        position: 1_203,
        revision: 87,
        r#type: "ContactRecorded".to_owned(),
        recorded_at: at(1_554_000_000),
        occurred_at: Some(v1::OccurredAt { time: at(1_551_738_600), ..Default::default() }),
        actor: "mette.holm".to_owned(),
        actor_role: "CASEWORKER".to_owned(),
        purpose: "CASEWORK".to_owned(),
        legal_basis: Some(v1::LegalBasis {
            code: "SEL_11".to_owned(),
            provision: "§ 11(3)".to_owned(),
        }),
        fields: vec![field("minutes", "45", false), field("text", "", true)],
        late_reason: "Holidays.".to_owned(),
        ..Default::default()
    };
    insta::assert_snapshot!("history", history::history(&[event], ENGLISH));
}

#[test]
fn lists_have_a_row_each() {
    insta::assert_snapshot!("families", families::families(&[family()], ENGLISH));
    insta::assert_snapshot!("changed", status::changed(&family(), 1_207, ENGLISH.words));
    let views = v1::ListViewsResponse {
        views: vec![
            v1::ViewState {
                name: "family_status".to_owned(),
                revision: 1,
                build: 2,
                position: 1_207,
                ..Default::default()
            },
            v1::ViewState {
                name: "timeline".to_owned(),
                revision: 1,
                build: 1,
                position: 900,
                halted_at: 901,
                halted_code: "UPGRADE_NEEDED".to_owned(),
            },
        ],
        head_position: 1_207,
    };
    insta::assert_snapshot!("views", operations::views(&views, ENGLISH));
}

#[test]
fn an_empty_list_is_a_head_without_rows() {
    assert!(families::families(&[], ENGLISH).starts_with("Family"));
}

#[test]
fn long_lines_break_at_spaces() {
    assert_eq!(wrap("one two three four", 0, Some(9)), "one two\n  three\n  four");
    assert_eq!(wrap("one two three four", 2, Some(9)), "  one two\n    three\n    four");
    assert_eq!(wrap("one two three four", 0, None), "one two three four");
}
