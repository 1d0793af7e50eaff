//! The commands on the case's course.

use serde_json::{Value, json};

use super::id;

pub(super) fn casework() -> Vec<(&'static str, Value)> {
    [referral_steps(), case_steps(), closing(), overrides_and_remarks()].concat()
}

fn referral_steps() -> Vec<(&'static str, Value)> {
    vec![
        (
            "request_referral_info",
            json!({"family_id": id(2), "referral_id": id(5), "questions": "Siden hvornår?",
                "about": [id(3)]}),
        ),
        (
            "supply_referral_info",
            json!({"family_id": id(2), "referral_id": id(5), "answer": "Siden efteråret.",
                "about": [id(3)]}),
        ),
        (
            "decline_referral",
            json!({"family_id": id(2), "referral_id": id(5), "reason":
                "DECLINE_REASON_OTHER_SERVICE", "redirected_to": "AGENCY_SCHOOL"}),
        ),
        (
            "withdraw_referral",
            json!({"family_id": id(2), "referral_id": id(5), "reason": "Flyttet.",
                "about": [id(1)]}),
        ),
        ("offer_place", json!({"family_id": id(2), "referral_id": id(5)})),
        (
            "accept_place",
            json!({"family_id": id(2), "referral_id": id(5), "accepted_by": [id(1), id(3)]}),
        ),
        (
            "refuse_place",
            json!({"family_id": id(2), "referral_id": id(5), "reason": "Ikke nu.",
                "about": [id(1)]}),
        ),
    ]
}

fn case_steps() -> Vec<(&'static str, Value)> {
    vec![
        (
            "unassign_worker",
            json!({"family_id": id(2), "worker_id": id(7), "role": "WORKER_ROLE_SECOND",
                "valid_to": "2019-08-31"}),
        ),
        (
            "complete_handover",
            json!({"family_id": id(2), "assignment": {"revision": 14}, "read_up_to": 13,
                "family_told_on": "2019-06-04"}),
        ),
        (
            "pause_case",
            json!({"family_id": id(2), "paused_from": "2019-07-01", "expected_until":
                "2019-08-11", "reason": "Ferie.", "about": [id(1)]}),
        ),
        ("resume_case", json!({"family_id": id(2), "on": "2019-08-12"})),
    ]
}

fn closing() -> Vec<(&'static str, Value)> {
    vec![
        (
            "propose_closure",
            json!({"family_id": id(2), "outcome": "CASE_OUTCOME_PARTLY_MET", "summary":
                "Skolen er på plads.", "goals": [{"goal_id": id(11), "disposition":
                "GOAL_DISPOSITION_ATTAINED"}, {"goal_id": id(17), "disposition":
                "GOAL_DISPOSITION_HANDED_OVER"}], "follow_up_plan": "Ring til sommer.",
                "about": [id(1)]}),
        ),
        ("approve_closure", json!({"family_id": id(2), "proposal": {"revision": 20}})),
        (
            "reject_closure",
            json!({"family_id": id(2), "proposal": {"revision": 20}, "reason": "For tidligt.",
                "about": [id(1)]}),
        ),
        (
            "close_case",
            json!({"family_id": id(2), "proposal": {"revision": 20}, "closed_on": "2019-12-01",
                "family_told_on": "2019-12-02", "not_told_reason": "Den ene flyttede."}),
        ),
        (
            "reopen_case",
            json!({"family_id": id(2), "reason": "REOPEN_REASON_RELAPSE", "grounds":
                "Fraværet er tilbage.", "reopened_on": "2020-01-06", "lead_worker_id": id(7),
                "phase": "CASE_PHASE_FAMILY_INTERVENTION", "about": [id(1)]}),
        ),
        (
            "record_post_closure_contact",
            json!({"family_id": id(2), "contact_id": id(18), "on": "2020-06-01", "answered": true,
                "findings": "Det går godt.", "about": [id(1)]}),
        ),
        (
            "give_family_satisfaction",
            json!({"family_id": id(2), "person_id": id(1), "instrument": "TILFREDS_2019",
                "answers": [{"question": "Q1", "answer": "4"}, {"question": "Q2", "answer":
                "Blev lyttet til."}], "anonymous": true}),
        ),
    ]
}

fn overrides_and_remarks() -> Vec<(&'static str, Value)> {
    vec![
        (
            "propose_acute_override",
            json!({"family_id": id(2), "youth_id": id(3), "reason": "Kan ikke vente."}),
        ),
        ("approve_acute_override", json!({"family_id": id(2), "proposal": {"event_id": id(13)}})),
        (
            "reject_acute_override",
            json!({"family_id": id(2), "proposal": {"revision": 9}, "reason": "Kan vente."}),
        ),
        (
            "add_party_statement",
            json!({"family_id": id(2), "person_id": id(1), "entry": {"revision": 12}, "text":
                "Det var ikke sådan.", "about": [id(1)]}),
        ),
        (
            "raise_flag",
            json!({"family_id": id(2), "flag_id": id(19), "kind": "FLAG_KIND_SAFETY", "due":
                "2019-06-15", "text": "Kom to.", "about": [id(1)]}),
        ),
        ("resolve_flag", json!({"family_id": id(2), "flag_id": id(19), "resolution": "Aftalt."})),
        (
            "record_supervision_note",
            json!({"family_id": id(2), "note_id": id(20), "text": "Talte sagen igennem.",
                "about": [id(1)]}),
        ),
    ]
}
