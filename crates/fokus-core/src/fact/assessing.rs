//! Facts inside and around assessments, of what others report, and of the course of interventions.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codes::*;
use crate::command::PlannedCourse;
use crate::ids::*;

fact! {
    /// One dimension was described. Personal: `resources`, `problems`, `child_view`,
    /// `child_not_heard_reason`, `parent_view`, as far as they were given.
    AssessmentAreaDescribed {
        assessment_id: AssessmentId,
        dimension: IcsDimension,
        /// Whether the child was heard on it; left out when nothing is said of that.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        child_heard: Option<bool>,
        /// Whom the texts are about.
        about: Vec<PersonId>,
    }
}
fact! {
    /// One factor of a form was answered. Personal: `answer`, `grounds`.
    FactorStated {
        assessment_id: AssessmentId,
        factor_code: String,
        side: FactorSide,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        weight_band: Option<WeightBand>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        risk_area: Option<RiskArea>,
        /// Whom the answer is about.
        about: Vec<PersonId>,
    }
}
fact! {
    /// An instrument was administered. Personal: `scores` (a list of scale, value as decimal text and
    /// missing items) and `bands`, where the instrument's table has some.
    InstrumentAdministered {
        #[serde(skip_serializing_if = "Option::is_none", default)]
        assessment_id: Option<AssessmentId>,
        instrument: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        version: Option<String>,
        /// None = the family.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        person_id: Option<PersonId>,
        respondent: Respondent,
        occasion: Occasion,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        norm_set: Option<String>,
        /// Whom the scores are about.
        about: Vec<PersonId>,
    }
}
fact! {
    /// An assessment cannot be finished in time: what is known so far. Personal: `reasons`,
    /// `preliminary`.
    AssessmentProvisionallyConcluded {
        assessment_id: AssessmentId,
        expected_end: Date,
        about: Vec<PersonId>,
    }
}
fact! {
    /// An assessment was given up. Personal: `reason`.
    AssessmentAbandoned { assessment_id: AssessmentId, about: Vec<PersonId> }
}
fact! {
    /// Another agency's assessment came in. Personal: `summary`.
    ExternalAssessmentReceived {
        from: Agency,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        dated: Option<Date>,
        about: Vec<PersonId>,
    }
}
fact! {
    /// Something happened with somebody. Personal: `kind`, `source_agency`, `text`: what kind it was
    /// and that the police told it is about crime.
    IncidentRecorded { person_id: PersonId, grade: Grade }
}
fact! {
    /// A school reported absence in a period.
    AbsenceReported {
        person_id: PersonId,
        from: Date,
        to: Date,
        lawful_per_mille: u16,
        unlawful_per_mille: u16,
    }
}
fact! {
    /// Where somebody stands in education, from a day on.
    EducationStatusReported { person_id: PersonId, status: EducationStatus, from: Date }
}
fact! {
    /// Where somebody stands in working life, from a day on.
    EmploymentStatusReported { person_id: PersonId, status: EmploymentStatus, from: Date }
}
fact! {
    /// What is planned, or what it serves, was changed. Personal: `reason`.
    InterventionAdjusted {
        intervention_id: InterventionId,
        on: Date,
        /// None = as before.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        planned: Option<PlannedCourse>,
        /// None = as before.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        goal_ids: Vec<GoalId>,
        about: Vec<PersonId>,
    }
}
fact! {
    /// The family said no to what was ordered. Personal: `reason`.
    InterventionDeclined { intervention_id: InterventionId, by: Vec<PersonId>, on: Date }
}
fact! {
    /// An intervention rests, from a day on. Personal: `reason`.
    InterventionPaused {
        intervention_id: InterventionId,
        on: Date,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        expected_until: Option<Date>,
        about: Vec<PersonId>,
    }
}
fact! {
    /// An intervention goes on, from a day on.
    InterventionResumed { intervention_id: InterventionId, on: Date }
}
