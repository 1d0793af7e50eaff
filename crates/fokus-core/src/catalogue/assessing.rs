//! The fields of events inside and around assessments, of what others report, and of the course of
//! interventions.

use super::Class::{P0, P1, P2, P3, P4};
use super::{Overlay, TypeFields, coded, overlaid, personal};

#[rustfmt::skip] // One row, one field.
pub(super) const TYPES: &[TypeFields] = &[
    ("AssessmentAreaDescribed", 1, &[
        coded("assessment_id", P1),
        coded("dimension", P1),
        coded("child_heard", P2),
        coded("about", P1),
        personal("resources", P4, "about"),
        personal("problems", P4, "about"),
        overlaid(personal("child_view", P4, "about"), Overlay::C),
        overlaid(personal("child_not_heard_reason", P4, "about"), Overlay::C),
        personal("parent_view", P4, "about"),
    ]),
    ("FactorStated", 1, &[
        coded("assessment_id", P1),
        coded("factor_code", P1),
        coded("side", P1),
        coded("weight_band", P1),
        coded("risk_area", P2),
        coded("about", P1),
        personal("answer", P4, "about"),
        personal("grounds", P4, "about"),
    ]),
    ("InstrumentAdministered", 1, &[
        coded("assessment_id", P1),
        coded("instrument", P1),
        coded("version", P0),
        coded("person_id", P1),
        coded("respondent", P1),
        coded("occasion", P1),
        coded("norm_set", P0),
        coded("about", P1),
        personal("scores", P3, "about"),
        personal("bands", P3, "about"),
    ]),
    ("AssessmentProvisionallyConcluded", 1, &[
        coded("assessment_id", P1),
        coded("expected_end", P1),
        coded("about", P1),
        personal("reasons", P4, "about"),
        personal("preliminary", P4, "about"),
    ]),
    ("AssessmentAbandoned", 1, &[
        coded("assessment_id", P1),
        coded("about", P1),
        personal("reason", P4, "about"),
    ]),
    ("ExternalAssessmentReceived", 1, &[
        coded("from", P2),
        coded("dated", P1),
        coded("about", P1),
        personal("summary", P4, "about"),
    ]),
    ("IncidentRecorded", 1, &[
        coded("person_id", P1),
        coded("grade", P1),
        personal("kind", P4, "person_id"),
        personal("source_agency", P4, "person_id"),
        personal("text", P4, "person_id"),
    ]),
    ("AbsenceReported", 1, &[
        coded("person_id", P1),
        coded("from", P1),
        coded("to", P1),
        coded("lawful_per_mille", P2),
        coded("unlawful_per_mille", P2),
    ]),
    ("EducationStatusReported", 1, &[
        coded("person_id", P1),
        coded("status", P2),
        coded("from", P1),
    ]),
    ("EmploymentStatusReported", 1, &[
        coded("person_id", P1),
        coded("status", P2),
        coded("from", P1),
    ]),
    ("InterventionAdjusted", 1, &[
        coded("intervention_id", P1),
        coded("on", P1),
        coded("planned", P1),
        coded("goal_ids", P1),
        coded("about", P1),
        personal("reason", P4, "about"),
    ]),
    ("InterventionDeclined", 1, &[
        coded("intervention_id", P1),
        coded("by", P2),
        coded("on", P1),
        personal("reason", P4, "by"),
    ]),
    ("InterventionPaused", 1, &[
        coded("intervention_id", P1),
        coded("on", P1),
        coded("expected_until", P1),
        coded("about", P1),
        personal("reason", P4, "about"),
    ]),
    ("InterventionResumed", 1, &[
        coded("intervention_id", P1),
        coded("on", P1),
    ]),
];
