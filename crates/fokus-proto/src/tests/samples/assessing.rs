//! Inside and around assessments, on what others report, on the course of interventions. Each function
//! gives the commands whose numbers follow one another.

use serde_json::{Value, json};

use super::id;

type Samples = Vec<(&'static str, Value)>;

pub(super) fn inside() -> Samples {
    vec![
        (
            "describe_assessment_area",
            json!({"family_id": id(2), "assessment_id": id(14), "dimension":
                "ICS_DIMENSION_LEISURE_FRIENDS", "resources": "Fodbold.", "problems": "Sent ude.",
                "child_view": "Jeg keder mig.", "child_not_heard_reason": "Syg.", "parent_view":
                "En god dreng.", "about": [id(3)]}),
        ),
        (
            "state_factor",
            json!({"family_id": id(2), "assessment_id": id(14), "factor_code": "R07", "side":
                "FACTOR_SIDE_RISK", "weight_band": "WEIGHT_BAND_SUBSTANTIAL", "answer":
                "FACTOR_ANSWER_DONT_KNOW", "risk_area": "RISK_AREA_STREET_LIFESTYLE", "grounds":
                "Skolen er i tvivl.", "about": [id(3)]}),
        ),
        (
            "administer_instrument",
            json!({"family_id": id(2), "assessment_id": id(14), "instrument": "SDQ", "version":
                "P4-17", "person_id": id(3), "respondent": "RESPONDENT_PARENT", "occasion":
                "OCCASION_FOLLOW_UP", "norm_set": "DK-2019", "scores": [{"scale": "TOTAL", "value":
                "12", "missing_items": 1}, {"scale": "IMPACT", "value": "2.5"}], "item_texts":
                ["Et spørgsmål."]}),
        ),
    ]
}

pub(super) fn provisional() -> Samples {
    vec![(
        "conclude_assessment_provisionally",
        json!({"family_id": id(2), "assessment_id": id(14), "reasons": "Venter på skolen.",
            "preliminary": "Støtte.", "expected_end": "2019-09-01"}),
    )]
}

pub(super) fn reports() -> Samples {
    vec![
        (
            "abandon_assessment",
            json!({"family_id": id(2), "assessment_id": id(14), "reason": "Flyttet."}),
        ),
        (
            "receive_external_assessment",
            json!({"family_id": id(2), "from": "AGENCY_SCHOOL", "dated": "2019-04-01", "summary":
                "Læser godt.", "about": [id(3)]}),
        ),
        (
            "record_incident",
            json!({"family_id": id(2), "person_id": id(3), "kind": "INCIDENT_KIND_RUNAWAY",
                "grade": "GRADE_CERTAIN", "source_agency": "AGENCY_SSP", "text": "En nat."}),
        ),
        (
            "report_absence",
            json!({"family_id": id(2), "person_id": id(3), "from": "2019-01-01", "to":
                "2019-03-31", "lawful_percent": "4.2", "unlawful_percent": "15"}),
        ),
        (
            "report_education_status",
            json!({"family_id": id(2), "person_id": id(3), "status":
                "EDUCATION_STATUS_TENTH_GRADE", "from": "2019-04-01"}),
        ),
        (
            "report_employment_status",
            json!({"family_id": id(2), "person_id": id(1), "status": "EMPLOYMENT_STATUS_BENEFIT",
                "from": "2019-04-01"}),
        ),
    ]
}

pub(super) fn adjusting() -> Samples {
    vec![(
        "adjust_intervention",
        json!({"family_id": id(2), "intervention_id": id(16), "on": "2019-03-01", "planned":
            {"start": "2019-01-01", "end": "2019-09-30", "sessions": 30, "minutes_per_week": 60},
            "goal_ids": [id(11)], "reason": "Flere samtaler."}),
    )]
}

pub(super) fn course() -> Samples {
    vec![
        (
            "decline_intervention",
            json!({"family_id": id(2), "intervention_id": id(16), "by": [id(1)], "on":
                "2019-01-02", "reason": "Ikke tid."}),
        ),
        (
            "pause_intervention",
            json!({"family_id": id(2), "intervention_id": id(16), "on": "2019-03-01",
                "expected_until": "2019-04-01", "reason": "Ferie."}),
        ),
        (
            "resume_intervention",
            json!({"family_id": id(2), "intervention_id": id(16), "on": "2019-04-01"}),
        ),
    ]
}
