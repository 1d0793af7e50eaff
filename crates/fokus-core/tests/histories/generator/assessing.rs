//! Facts inside and around assessments, of what others report, and of the course of interventions.

use fokus_core::codes::*;
use fokus_core::command::PlannedCourse;
use fokus_core::fact::Fact;
use fokus_core::fact::assessing::*;
use fokus_core::ids::*;
use proptest::prelude::RngExt;

use super::Story;

/// The types that this module makes.
pub(super) const TYPES: &[&str] = &[
    "AssessmentAreaDescribed",
    "FactorStated",
    "InstrumentAdministered",
    "AssessmentProvisionallyConcluded",
    "AssessmentAbandoned",
    "ExternalAssessmentReceived",
    "IncidentRecorded",
    "AbsenceReported",
    "EducationStatusReported",
    "EmploymentStatusReported",
    "InterventionAdjusted",
    "InterventionDeclined",
    "InterventionPaused",
    "InterventionResumed",
];

impl Story {
    pub(super) fn assessing_fact(&mut self, name: &str) -> Option<Fact> {
        let assessment_id = AssessmentId(self.id(10, 3));
        Some(match name {
            "AssessmentAreaDescribed" => Fact::AssessmentAreaDescribed(AssessmentAreaDescribed {
                assessment_id,
                dimension: self.pick(&IcsDimension::ALL),
                child_heard: self.pick(&[None, Some(true), Some(false)]),
                about: self.persons(),
            }),
            "FactorStated" => Fact::FactorStated(FactorStated {
                assessment_id,
                factor_code: "R07".to_owned(),
                side: self.pick(&[FactorSide::Risk, FactorSide::Resource]),
                weight_band: self.pick(&[None, Some(WeightBand::Some)]),
                risk_area: self.chance().then(|| self.risk_area()),
                about: self.persons(),
            }),
            "InstrumentAdministered" => Fact::InstrumentAdministered(InstrumentAdministered {
                assessment_id: self.chance().then_some(assessment_id),
                instrument: self.pick(&["SDQ", "SOS"]).to_owned(),
                version: None,
                person_id: self.perhaps_person(),
                respondent: self.pick(&[Respondent::Parent, Respondent::OneSelf]),
                occasion: self.pick(&[Occasion::Intake, Occasion::Closure]),
                norm_set: None,
                about: self.persons(),
            }),
            "AssessmentProvisionallyConcluded" => {
                Fact::AssessmentProvisionallyConcluded(AssessmentProvisionallyConcluded {
                    assessment_id,
                    expected_end: self.date(),
                    about: self.persons(),
                })
            }
            "AssessmentAbandoned" => Fact::AssessmentAbandoned(AssessmentAbandoned {
                assessment_id,
                about: self.persons(),
            }),
            _ => return self.reported_fact(name).or_else(|| self.course_fact(name)),
        })
    }

    fn reported_fact(&mut self, name: &str) -> Option<Fact> {
        Some(match name {
            "ExternalAssessmentReceived" => {
                Fact::ExternalAssessmentReceived(ExternalAssessmentReceived {
                    from: self.pick(&[Agency::School, Agency::Psychiatry]),
                    dated: self.perhaps_date(),
                    about: self.persons(),
                })
            }
            "IncidentRecorded" => Fact::IncidentRecorded(IncidentRecorded {
                person_id: self.person(),
                grade: self.pick(&[Grade::Certain, Grade::Uncertain]),
            }),
            "AbsenceReported" => Fact::AbsenceReported(AbsenceReported {
                person_id: self.person(),
                from: self.date(),
                to: self.date(),
                lawful_per_mille: self.rng.random_range(0..500),
                unlawful_per_mille: self.rng.random_range(0..500),
            }),
            "EducationStatusReported" => Fact::EducationStatusReported(EducationStatusReported {
                person_id: self.person(),
                status: self.pick(&[EducationStatus::Primary, EducationStatus::Neet]),
                from: self.date(),
            }),
            "EmploymentStatusReported" => {
                Fact::EmploymentStatusReported(EmploymentStatusReported {
                    person_id: self.person(),
                    status: self.pick(&[EmploymentStatus::Employed, EmploymentStatus::Leave]),
                    from: self.date(),
                })
            }
            _ => return None,
        })
    }

    fn course_fact(&mut self, name: &str) -> Option<Fact> {
        let intervention_id = InterventionId(self.id(12, 3));
        let on = self.date();
        Some(match name {
            "InterventionAdjusted" => Fact::InterventionAdjusted(InterventionAdjusted {
                intervention_id,
                on,
                planned: self.chance().then(|| PlannedCourse {
                    start: on,
                    end: self.date(),
                    sessions: Some(20),
                    minutes_per_week: None,
                }),
                goal_ids: self.goals(),
                about: self.persons(),
            }),
            "InterventionDeclined" => Fact::InterventionDeclined(InterventionDeclined {
                intervention_id,
                by: self.persons(),
                on,
            }),
            "InterventionPaused" => Fact::InterventionPaused(InterventionPaused {
                intervention_id,
                on,
                expected_until: self.perhaps_date(),
                about: self.persons(),
            }),
            "InterventionResumed" => {
                Fact::InterventionResumed(InterventionResumed { intervention_id, on })
            }
            _ => return None,
        })
    }
}
