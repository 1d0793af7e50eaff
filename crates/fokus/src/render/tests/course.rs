//! The case's whole course in a timeline.

use serde_json::json;

use super::*;

/// The case's course, an entry of each type.
fn course_entries() -> Vec<v1::TimelineEntry> {
    [course_until_its_end(), course_afterwards()].concat()
}

fn course_until_its_end() -> Vec<v1::TimelineEntry> {
    vec![
        row_with(1, "ReferralInfoRequested", json!({}), "questions", text("Since when?")),
        row_with(2, "ReferralInfoSupplied", json!({}), "answer", text("Since autumn.")),
        row(3, "ReferralDeclined", json!({ "reason": "OTHER_SERVICE", "redirected_to": "SCHOOL" })),
        row_with(4, "ReferralWithdrawn", json!({}), "reason", text("Moved.")),
        row(5, "PlaceOffered", json!({ "expires_on": "2019-03-22" })),
        row(6, "PlaceAccepted", json!({ "accepted_by": [AMINA, YUSUF] })),
        row_with(7, "PlaceRefused", json!({}), "reason", None),
        row_with(
            8,
            "WorkerAssigned",
            json!({ "worker_id": WORKER, "role": "LEAD", "valid_from": "2019-06-01",
                    "replaces_lead": true }),
            "handover_note",
            text("Ring in the morning."),
        ),
        row(
            9,
            "WorkerUnassigned",
            json!({ "worker_id": WORKER, "role": "SECOND", "valid_to": "2019-08-31" }),
        ),
        row(
            10,
            "HandoverCompleted",
            json!({ "from_worker_id": WORKER, "to_worker_id": WORKER, "read_up_to": 7,
                    "family_told_on": "2019-06-04" }),
        ),
        row_with(
            11,
            "CasePaused",
            json!({ "from": "2019-07-01", "expected_until": "2019-08-11" }),
            "reason",
            text("Away for the summer."),
        ),
        row(12, "CaseResumed", json!({ "on": "2019-08-12" })),
        row_with(
            13,
            "ClosureProposed",
            json!({ "outcome": "PARTLY_MET", "goals": [
                { "goal_id": "g", "disposition": "ATTAINED" },
                { "goal_id": "h", "disposition": "HANDED_OVER" },
            ]}),
            "summary",
            text("School is in place."),
        ),
    ]
}

fn course_afterwards() -> Vec<v1::TimelineEntry> {
    vec![
        row(14, "ClosureApproved", json!({ "proposal": 13 })),
        row_with(15, "ClosureRejected", json!({ "proposal": 13 }), "reason", text("Too early.")),
        row(
            16,
            "CaseClosed",
            json!({ "closed_on": "2019-12-01", "outcome": "PARTLY_MET",
                    "family_told_on": "2019-12-02" }),
        ),
        row_with(
            17,
            "CaseReopened",
            json!({ "reason": "RELAPSE", "reopened_on": "2020-01-06", "lead_worker_id": WORKER,
                    "phase": "FAMILY_INTERVENTION" }),
            "grounds",
            text("Absent again."),
        ),
        row_with(
            18,
            "PostClosureContactMade",
            json!({ "on": "2020-06-01", "answered": true }),
            "findings",
            text("Doing well."),
        ),
        row_with(
            19,
            "FamilySatisfactionGiven",
            json!({ "person_id": AMINA, "instrument": "TILFREDS_2019", "anonymous": false }),
            "answers",
            Some(
                json!([{ "question": "Q1", "answer": "4" }, { "question": "Q2", "answer": "Heard." }]),
            ),
        ),
        row_with(20, "AcuteOverrideProposed", json!({ "youth_id": YUSUF }), "reason", text("Now.")),
        row(21, "AcuteOverrideApproved", json!({ "youth_id": YUSUF, "proposal": 20 })),
        row_with(
            22,
            "AcuteOverrideRejected",
            json!({ "youth_id": YUSUF, "proposal": 20 }),
            "reason",
            text("It can wait."),
        ),
        row(
            23,
            "YouthTrackOpened",
            json!({ "youth_id": YUSUF, "family_plan_due_on": "2019-07-31" }),
        ),
        row_with(
            24,
            "PartyStatementAdded",
            json!({ "person_id": AMINA, "entry": 12 }),
            "text",
            text("It was not so."),
        ),
        row_with(
            25,
            "FlagRaised",
            json!({ "kind": "SAFETY", "due": "2019-06-15" }),
            "text",
            text("Visit in twos."),
        ),
        row_with(26, "FlagResolved", json!({}), "resolution", text("Agreed.")),
        row_with(27, "SupervisionNoteRecorded", json!({}), "text", text("Talked it through.")),
    ]
}

#[test]
fn the_cases_course_reads_like_a_diary_too() {
    insta::assert_snapshot!("timeline_course", told(&course_entries()));
    let danish = timeline::timeline(&course_entries(), &names(), Manner::default(), DANISH);
    insta::assert_snapshot!("timeline_course_da", danish);
}
