//! Commands inside and around assessments, on what others report, and on the course of interventions.
//! What each becomes stands in [`crate::fact::assessing`]. A date left out is the day of the act.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{PlannedCourse, Text};
use crate::codes::*;
use crate::ids::*;
use crate::instruments::Hundredths;

/// See [`crate::fact::assessing::AssessmentAreaDescribed`]. At least one of the texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeAssessmentArea {
    pub family_id: FamilyId,
    pub assessment_id: AssessmentId,
    pub dimension: IcsDimension,
    pub resources: Option<Text>,
    pub problems: Option<Text>,
    pub child_view: Option<Text>,
    /// Instead of `child_view`.
    pub child_not_heard_reason: Option<Text>,
    pub parent_view: Option<Text>,
    /// Empty = the person assessed, or all present members.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::assessing::FactorStated`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFactor {
    pub family_id: FamilyId,
    pub assessment_id: AssessmentId,
    /// As the form names it, such as `R07`.
    pub factor_code: String,
    pub side: FactorSide,
    /// Of a risk only.
    pub weight_band: Option<WeightBand>,
    pub answer: FactorAnswer,
    pub risk_area: Option<RiskArea>,
    pub grounds: Option<Text>,
    /// Empty = the person assessed, or all present members.
    pub about: Vec<PersonId>,
}

/// The score of one scale; in JSON the value is decimal text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleScore {
    /// The scale's code in [`crate::instruments`].
    pub scale: String,
    pub value: Hundredths,
    pub missing_items: u8,
}

impl std::fmt::Debug for ScaleScore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ScaleScore(…)")
    }
}

/// See [`crate::fact::assessing::InstrumentAdministered`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdministerInstrument {
    pub family_id: FamilyId,
    /// The assessment that it is part of, if any.
    pub assessment_id: Option<AssessmentId>,
    /// A code of [`crate::instruments`].
    pub instrument: String,
    /// The form's version, such as `P4-17`.
    pub version: Option<String>,
    /// `None` = the family.
    pub person_id: Option<PersonId>,
    pub respondent: Respondent,
    pub occasion: Occasion,
    pub norm_set: Option<String>,
    pub scores: Vec<ScaleScore>,
    /// Whether the request held the instrument's own words. They are licensed, refused, and go no
    /// further than the edge.
    pub gives_item_texts: bool,
}

/// See [`crate::fact::assessing::AssessmentProvisionallyConcluded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcludeAssessmentProvisionally {
    pub family_id: FamilyId,
    pub assessment_id: AssessmentId,
    pub reasons: Text,
    pub preliminary: Text,
    pub expected_end: Date,
}

/// See [`crate::fact::assessing::AssessmentAbandoned`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbandonAssessment {
    pub family_id: FamilyId,
    pub assessment_id: AssessmentId,
    pub reason: Text,
}

/// See [`crate::fact::assessing::ExternalAssessmentReceived`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiveExternalAssessment {
    pub family_id: FamilyId,
    pub from: Agency,
    /// The date that it bears.
    pub dated: Option<Date>,
    pub summary: Text,
    /// Empty = all present members.
    pub about: Vec<PersonId>,
}

/// See [`crate::fact::assessing::IncidentRecorded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordIncident {
    pub family_id: FamilyId,
    pub person_id: PersonId,
    pub kind: IncidentKind,
    pub grade: Grade,
    pub source_agency: Agency,
    pub text: Option<Text>,
}

/// See [`crate::fact::assessing::AbsenceReported`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportAbsence {
    pub family_id: FamilyId,
    pub person_id: PersonId,
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Tenths of a per cent of the period's lessons: 0 to 1000.
    pub lawful_per_mille: u16,
    pub unlawful_per_mille: u16,
}

/// See [`crate::fact::assessing::EducationStatusReported`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportEducationStatus {
    pub family_id: FamilyId,
    pub person_id: PersonId,
    pub status: EducationStatus,
    /// `None` = the day of the act.
    pub from: Option<Date>,
}

/// See [`crate::fact::assessing::EmploymentStatusReported`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportEmploymentStatus {
    pub family_id: FamilyId,
    pub person_id: PersonId,
    pub status: EmploymentStatus,
    /// `None` = the day of the act.
    pub from: Option<Date>,
}

/// See [`crate::fact::assessing::InterventionAdjusted`]. At least one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdjustIntervention {
    pub family_id: FamilyId,
    pub intervention_id: InterventionId,
    /// `None` = the day of the act.
    pub on: Option<Date>,
    /// `None` = as before.
    pub planned: Option<PlannedCourse>,
    /// Empty = as before.
    pub goal_ids: Vec<GoalId>,
    pub reason: Text,
}

/// See [`crate::fact::assessing::InterventionDeclined`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclineIntervention {
    pub family_id: FamilyId,
    pub intervention_id: InterventionId,
    /// Who declined; at least one.
    pub by: Vec<PersonId>,
    /// `None` = the day of the act.
    pub on: Option<Date>,
    pub reason: Option<Text>,
}

/// See [`crate::fact::assessing::InterventionPaused`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PauseIntervention {
    pub family_id: FamilyId,
    pub intervention_id: InterventionId,
    /// The first day without it; `None` = the day of the act.
    pub on: Option<Date>,
    pub expected_until: Option<Date>,
    pub reason: Text,
}

/// See [`crate::fact::assessing::InterventionResumed`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumeIntervention {
    pub family_id: FamilyId,
    pub intervention_id: InterventionId,
    /// The first day with it again; `None` = the day of the act.
    pub on: Option<Date>,
}
