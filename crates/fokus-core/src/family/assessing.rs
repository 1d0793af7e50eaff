//! Inside an assessment, and its other ends: DescribeAssessmentArea, StateFactor,
//! ConcludeAssessmentProvisionally, AbandonAssessment.

use super::assessment::{assessment, is_running};
use super::state::Assessment;
use crate::codes::FactorSide;
use crate::command::Text;
use crate::command::assessing::{
    AbandonAssessment, ConcludeAssessmentProvisionally, DescribeAssessmentArea, StateFactor,
};
use crate::decide::Rules;
use crate::decide::scene::{Scene, personal, text};
use crate::fact::Fact;
use crate::fact::assessing::{
    AssessmentAbandoned, AssessmentAreaDescribed, AssessmentProvisionallyConcluded, FactorStated,
};
use crate::ids::{AssessmentId, PersonId, StreamRef};
use crate::record::Record;
use crate::rejection::{Reason, Rejection};

/// Whom texts of the assessment are about: those named, or else the person assessed, or else all.
fn about(
    scene: &Scene<'_>,
    id: AssessmentId,
    named: &[PersonId],
    field: &str,
) -> Result<Vec<PersonId>, Rejection> {
    let of: Vec<PersonId> = assessment(scene, id)?.person_id.into_iter().collect();
    scene.about(named, &of, field)
}

/// An act inside the assessment is not before it.
fn not_before(scene: &Scene<'_>, assessment: &Assessment) -> Result<(), Rejection> {
    if scene.last_day() < assessment.started_on {
        return Err(Rejection::new(Reason::DateOrder, "the assessment had not started yet")
            .at("occurred_at"));
    }
    Ok(())
}

impl DescribeAssessmentArea {
    fn given(&self) -> impl Iterator<Item = (&'static str, &Text)> {
        let texts = [
            ("resources", &self.resources),
            ("problems", &self.problems),
            ("child_view", &self.child_view),
            ("child_not_heard_reason", &self.child_not_heard_reason),
            ("parent_view", &self.parent_view),
        ];
        texts.into_iter().filter_map(|(field, text)| Some((field, text.as_ref()?)))
    }
}

impl Rules for DescribeAssessmentArea {
    fn name(&self) -> &'static str {
        "describe_assessment_area"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let about = about(scene, self.assessment_id, &self.about, "about")?;
        let heard = self.child_view.as_ref().map(|_| true);
        let fact = Fact::AssessmentAreaDescribed(AssessmentAreaDescribed {
            assessment_id: self.assessment_id,
            dimension: self.dimension,
            child_heard: heard.or(self.child_not_heard_reason.as_ref().map(|_| false)),
            about: about.clone(),
        });
        let personal = self.given().map(|(field, it)| text(field, &about, it)).collect();
        Ok(Record { fact, personal })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.given().next().is_none() {
            return Err(Rejection::new(Reason::FieldInvalid, "at least one text")
                .at(scene.path("resources")));
        }
        if self.child_view.is_some() && self.child_not_heard_reason.is_some() {
            return Err(Rejection::new(Reason::FieldInvalid, "the child was heard, or was not")
                .at(scene.path("child_not_heard_reason")));
        }
        not_before(scene, assessment(scene, self.assessment_id)?)
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        is_running(scene, self.assessment_id)
    }

    fn texts(&self) -> Vec<(String, &str)> {
        self.given().map(|(field, it)| (field.to_owned(), it.0.as_str())).collect()
    }
}

impl Rules for StateFactor {
    fn name(&self) -> &'static str {
        "state_factor"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let about = about(scene, self.assessment_id, &self.about, "about")?;
        let mut fields = vec![personal("answer", &about, &self.answer)];
        fields.extend(self.grounds.as_ref().map(|it| text("grounds", &about, it)));
        let fact = Fact::FactorStated(FactorStated {
            assessment_id: self.assessment_id,
            factor_code: self.factor_code.clone(),
            side: self.side,
            weight_band: self.weight_band,
            risk_area: self.risk_area,
            about,
        });
        Ok(Record { fact, personal: fields })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.side == FactorSide::Resource && self.weight_band.is_some() {
            return Err(Rejection::new(Reason::FieldInvalid, "only risks have a weight")
                .at(scene.path("weight_band")));
        }
        not_before(scene, assessment(scene, self.assessment_id)?)
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        is_running(scene, self.assessment_id)
    }

    fn texts(&self) -> Vec<(String, &str)> {
        self.grounds.iter().map(|it| ("grounds".to_owned(), it.0.as_str())).collect()
    }
}

impl Rules for ConcludeAssessmentProvisionally {
    fn name(&self) -> &'static str {
        "conclude_assessment_provisionally"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let about = about(scene, self.assessment_id, &[], "reasons")?;
        let reasons = text("reasons", &about, &self.reasons);
        let preliminary = text("preliminary", &about, &self.preliminary);
        let fact = Fact::AssessmentProvisionallyConcluded(AssessmentProvisionallyConcluded {
            assessment_id: self.assessment_id,
            expected_end: self.expected_end,
            about,
        });
        Ok(Record { fact, personal: vec![reasons, preliminary] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_order(scene.day(), self.expected_end, "expected_end")?;
        not_before(scene, assessment(scene, self.assessment_id)?)
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        is_running(scene, self.assessment_id)?;
        if assessment(scene, self.assessment_id)?.is_provisional {
            let rule = "the assessment is provisionally concluded";
            return Err(
                Rejection::new(Reason::AssessmentState, rule).at(scene.path("assessment_id"))
            );
        }
        Ok(())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![
            ("reasons".to_owned(), self.reasons.0.as_str()),
            ("preliminary".to_owned(), self.preliminary.0.as_str()),
        ]
    }
}

impl Rules for AbandonAssessment {
    fn name(&self) -> &'static str {
        "abandon_assessment"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let about = about(scene, self.assessment_id, &[], "reason")?;
        let reason = text("reason", &about, &self.reason);
        let fact = Fact::AssessmentAbandoned(AssessmentAbandoned {
            assessment_id: self.assessment_id,
            about,
        });
        Ok(Record { fact, personal: vec![reason] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        not_before(scene, assessment(scene, self.assessment_id)?)
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        is_running(scene, self.assessment_id)
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("reason".to_owned(), self.reason.0.as_str())]
    }
}
