//! What is assessed, reported and adjusted, as a caseworker reads it.

use serde_json::json;

use super::*;

fn reported() -> v1::FamilyStatus {
    v1::FamilyStatus {
        goals_worked_on: 2,
        last_goal_contact_at: at(1_569_000_000),
        note_duty: Some(v1::NoteDuty { in_time: 27, late: 2, unwritten: 1 }),
        education: vec![v1::EducationReport {
            person_id: YUSUF.to_owned(),
            status: v1::EducationStatus::TenthGrade.into(),
            from: "2019-08-12".to_owned(),
        }],
        employment: vec![v1::EmploymentReport {
            person_id: AMINA.to_owned(),
            status: v1::EmploymentStatus::PartTime.into(),
            from: "2019-05-01".to_owned(),
        }],
        incidents: 2,
        last_incident_on: "2019-07-14".to_owned(),
        ..family()
    }
}

fn inside_an_assessment() -> Vec<v1::TimelineEntry> {
    let personal =
        |revision, name, facts, personal| entry(Event { revision, name, facts, personal });
    vec![
        personal(
            1,
            "AssessmentAreaDescribed",
            json!({ "dimension": "LEISURE_FRIENDS", "child_heard": true }),
            vec![
                ("resources", Some(json!("Football."))),
                ("child_view", Some(json!("I am bored at home."))),
            ],
        ),
        personal(
            2,
            "FactorStated",
            json!({ "factor_code": "R07", "side": "RISK", "weight_band": "SUBSTANTIAL" }),
            vec![("answer", Some(json!("DONT_KNOW"))), ("grounds", None)],
        ),
        personal(
            3,
            "InstrumentAdministered",
            json!({ "instrument": "YLS_CMI_2", "person_id": YUSUF, "respondent": "WORKER",
                    "occasion": "FOLLOW_UP" }),
            vec![
                ("scores", Some(json!([{ "scale": "TOTAL", "value": "23", "missing_items": 0 }]))),
                ("bands", Some(json!([{ "scale": "TOTAL", "band": "VERY_HIGH" }]))),
            ],
        ),
        personal(
            4,
            "InstrumentAdministered",
            json!({ "instrument": "SOS", "respondent": "PARENT", "occasion": "INTAKE" }),
            vec![("scores", None)],
        ),
        row_with(
            5,
            "AssessmentProvisionallyConcluded",
            json!({ "expected_end": "2019-09-01" }),
            "reasons",
            Some(json!("The school's part is missing.")),
        ),
    ]
}

fn from_others() -> Vec<v1::TimelineEntry> {
    let incident = vec![
        ("kind", Some(json!("STREET_OBSERVATION"))),
        ("source_agency", Some(json!("SSP"))),
        ("text", Some(json!("At the station."))),
    ];
    vec![
        row_with(
            6,
            "ExternalAssessmentReceived",
            json!({ "from": "SCHOOL", "dated": "2019-05-01" }),
            "summary",
            Some(json!("Reads well.")),
        ),
        entry(Event {
            revision: 7,
            name: "IncidentRecorded",
            facts: json!({ "person_id": YUSUF, "grade": "PROBABLE" }),
            personal: incident,
        }),
        row(
            8,
            "AbsenceReported",
            json!({ "person_id": YUSUF, "from": "2019-01-01", "to": "2019-03-31",
                    "lawful_per_mille": 42, "unlawful_per_mille": 150 }),
        ),
        row(
            9,
            "EducationStatusReported",
            json!({ "person_id": YUSUF, "status": "FGU", "from": "2019-08-12" }),
        ),
        row(
            10,
            "InterventionAdjusted",
            json!({ "on": "2019-07-01", "planned": { "end": "2020-01-31" }, "goal_ids": ["g"] }),
        ),
        row(
            11,
            "InterventionPaused",
            json!({ "on": "2019-07-01", "expected_until": "2019-08-12" }),
        ),
        row(12, "InterventionResumed", json!({ "on": "2019-08-12" })),
        row_with(
            13,
            "InterventionDeclined",
            json!({ "by": [AMINA], "on": "2019-05-18" }),
            "reason",
            Some(json!("No time.")),
        ),
    ]
}

#[test]
fn a_status_says_what_was_reported_and_worked_on() {
    let page = status::status(&reported(), &[], 1_207, &names(), ENGLISH);
    let lines: Vec<&str> = page.lines().map(str::trim_start).collect();
    assert!(
        lines.contains(&"Family plan: agreed, 3 goals, 2 worked on, last 2019-09-20"),
        "{page}"
    );
    let written = "Written down: 27 in time, 2 late; 1 contact without a text";
    assert!(lines.contains(&written), "{page}");
    let education = "Education and work: Yusuf Haddad: 10th form since 2019-08-12; \
                     Amina Haddad: employed part-time";
    assert!(lines.iter().any(|it| it.starts_with(education)), "{page}");
    assert!(lines.contains(&"2 incidents, last 2019-07-14"), "{page}");
}

#[test]
fn a_timeline_tells_what_was_assessed_reported_and_adjusted() {
    insta::assert_snapshot!("timeline_assessing", told(&inside_an_assessment()));
    insta::assert_snapshot!("timeline_reports", told(&from_others()));
    let both = [inside_an_assessment(), from_others()].concat();
    let danish = timeline::timeline(&both, &names(), Manner::default(), DANISH);
    insta::assert_snapshot!("timeline_assessing_da", danish);
}
