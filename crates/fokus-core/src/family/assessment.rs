//! Assessments and judged risks: StartAssessment, JudgeRisk, ConcludeAssessment.

use jiff::ToSpan;
use jiff::civil::Date;

use super::state::{Assessment, Entry};
use crate::codes::{AssessmentKind, Grade, IcsDimension, RiskDirection, RiskLevel};
use crate::command::{ConcludeAssessment, JudgeRisk, StartAssessment};
use crate::decide::Rules;
use crate::decide::scene::{Scene, text};
use crate::fact::{AssessmentConcluded, AssessmentStarted, Fact, ProfessionalRiskJudged};
use crate::ids::{AssessmentId, StreamRef};
use crate::person::must_live;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};

/// The fewest characters of a judgement's reasoning (domain 1.7, JudgeRisk).
const REASONING_CHARS_MIN: usize = 40;
/// How long a judgement holds at most, and how old what it rests on may be, in months (domain 1.6
/// F5, 1.7 JudgeRisk).
const JUDGEMENT_MONTHS: i32 = 6;

impl Rules for StartAssessment {
    fn name(&self) -> &'static str {
        "start_assessment"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn makes(&self) -> Option<(uuid::Uuid, &'static str)> {
        Some((self.assessment_id.0, "assessment_id"))
    }

    fn reads(&self) -> Vec<StreamRef> {
        self.person_id.map(StreamRef::from).into_iter().collect()
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        if let Some(person) = self.person_id {
            scene.member(person, "person_id")?;
        }
        let trigger = self.trigger.map(|it| scene.entry(it, "trigger")).transpose()?;
        let fact = Fact::AssessmentStarted(AssessmentStarted {
            assessment_id: self.assessment_id,
            kind: self.kind,
            person_id: self.person_id,
            trigger,
            regime: self.regime,
            need_known_on: self.need_known_on.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.kind == AssessmentKind::FamilyAssessment && self.person_id.is_some() {
            let rule = "the assessment of the family is of nobody alone";
            return Err(Rejection::new(Reason::FieldInvalid, rule).at(scene.path("person_id")));
        }
        if let Some(known_on) = self.need_known_on {
            scene.not_future(known_on, "need_known_on")?;
        }
        if let Some(person) = self.person_id {
            must_live(scene, person, scene.first_day(), "person_id")?;
        }
        // Only a correction finds it: a new one is not concluded.
        let itself = scene.family.assessments.get(&self.assessment_id);
        if itself.and_then(|it| it.concluded_on).is_some_and(|day| day < scene.day()) {
            return Err(Rejection::new(Reason::DateOrder, "the assessment was concluded before")
                .at("occurred_at"));
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case().map(drop)
    }
}

impl JudgeRisk {
    /// Revisions of the entries that the judgement rests on, each once.
    fn basis_revisions(&self, scene: &Scene<'_>) -> Result<Vec<u64>, Rejection> {
        let mut revisions = Vec::new();
        for (index, entry) in self.basis.iter().enumerate() {
            let revision = scene.entry(*entry, &format!("basis[{index}]"))?;
            if !revisions.contains(&revision) {
                revisions.push(revision);
            }
        }
        Ok(revisions)
    }

    /// What the judgement may rest on: entries that stand, not after it, not too old.
    fn sound_basis<'a>(&self, scene: &Scene<'a>) -> Result<Vec<&'a Entry>, Rejection> {
        let oldest = months_from(scene.day(), -JUDGEMENT_MONTHS);
        let sound = |it: &&Entry| oldest <= it.day && it.day <= scene.last_day();
        let revisions = self.basis_revisions(scene)?;
        let entries = revisions.iter().filter_map(|it| scene.family.entries.get(it));
        Ok(entries.filter(sound).collect())
    }
}

impl Rules for JudgeRisk {
    fn name(&self) -> &'static str {
        "judge_risk"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn reads(&self) -> Vec<StreamRef> {
        vec![self.person_id.into()]
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.member(self.person_id, "person_id")?;
        let basis = self.basis_revisions(scene)?;
        let fact = Fact::ProfessionalRiskJudged(ProfessionalRiskJudged {
            person_id: self.person_id,
            risk_area: self.risk_area,
            level: self.level,
            direction: self.direction,
            basis,
            valid_until: self.valid_until,
        });
        Ok(Record { fact, personal: vec![text("reasoning", &[self.person_id], &self.reasoning)] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.reasoning.0.trim().chars().count() < REASONING_CHARS_MIN {
            let rule = format!("at least {REASONING_CHARS_MIN} characters");
            return Err(Rejection::new(Reason::ReasoningTooShort, rule).at(scene.path("reasoning")));
        }
        if self.basis.is_empty() {
            return Err(no_basis().at(scene.path("basis")));
        }
        must_live(scene, self.person_id, scene.first_day(), "person_id")?;
        scene.in_order(scene.day(), self.valid_until, "valid_until")?;
        if self.valid_until > months_from(scene.day(), JUDGEMENT_MONTHS) {
            let rule = format!("a judgement holds for at most {JUDGEMENT_MONTHS} months");
            return Err(Rejection::new(Reason::ValidTooLong, rule).at(scene.path("valid_until")));
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.has_basis()?;
        if self.sound_basis(scene)?.is_empty() {
            return Err(no_basis().at(scene.path("basis")));
        }
        let now_ms = scene.circumstances.occurred.effective_ms();
        let judged_before = scene.family.judgements.iter().any(|it| {
            it.person_id == self.person_id
                && it.risk_area == self.risk_area
                && it.effective_ms <= now_ms
        });
        if (self.direction == RiskDirection::First) == judged_before {
            return Err(Rejection::new(
                Reason::RiskDirection,
                "FIRST for the first judgement of this person and area, another one after it",
            )
            .at(scene.path("direction")));
        }
        Ok(())
    }

    fn warnings(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let is_grave = matches!(self.level, RiskLevel::High | RiskLevel::Acute);
        let basis = self.sound_basis(scene)?;
        if is_grave && basis.iter().all(|it| it.grade == Some(Grade::Uncertain)) {
            let rule = "HIGH or ACUTE rests on uncertain statements only";
            return scene.confirmed(Reason::WeakBasis, rule, "basis");
        }
        Ok(())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("reasoning".to_owned(), self.reasoning.0.as_str())]
    }
}

impl Rules for ConcludeAssessment {
    fn name(&self) -> &'static str {
        "conclude_assessment"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let of: Vec<_> = assessment(scene, self.assessment_id)?.person_id.into_iter().collect();
        let about = scene.about(&self.about, &of, "about")?;
        let conclusion = text("conclusion", &about, &self.conclusion);
        let fact = Fact::AssessmentConcluded(AssessmentConcluded {
            assessment_id: self.assessment_id,
            proposal: self.proposal,
            shared_with_family_on: self.shared_with_family_on,
            about,
        });
        Ok(Record { fact, personal: vec![conclusion] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if let Some(shared_on) = self.shared_with_family_on {
            scene.not_future(shared_on, "shared_with_family_on")?;
        }
        if scene.last_day() < assessment(scene, self.assessment_id)?.started_on {
            return Err(Rejection::new(Reason::DateOrder, "the assessment had not started yet")
                .at("occurred_at"));
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        is_running(scene, self.assessment_id)?;
        is_complete(scene, assessment(scene, self.assessment_id)?)
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("conclusion".to_owned(), self.conclusion.0.as_str())]
    }
}

fn no_basis() -> Rejection {
    let rule = format!(
        "at least one entry to rest on, not marked mistaken, not after the judgement and not more \
         than {JUDGEMENT_MONTHS} months before it"
    );
    Rejection::new(Reason::NoBasis, rule)
}

pub(super) fn assessment<'a>(
    scene: &Scene<'a>,
    id: AssessmentId,
) -> Result<&'a Assessment, Rejection> {
    scene.family.assessments.get(&id).ok_or_else(|| scene.unknown("assessment_id"))
}

/// Neither concluded nor abandoned. A provisional conclusion is none.
pub(super) fn is_running(scene: &Scene<'_>, id: AssessmentId) -> Result<(), Rejection> {
    let assessment = assessment(scene, id)?;
    let rule = match (assessment.concluded_on, assessment.is_abandoned) {
        (None, false) => return Ok(()),
        (Some(_), _) => "the assessment is concluded",
        (None, true) => "the assessment was abandoned",
    };
    Err(Rejection::new(Reason::AssessmentState, rule).at(scene.path("assessment_id")))
}

/// The examination of a child describes the six dimensions, and says how the child was heard or why
/// not (SEL § 50(2) and (3)). Other kinds may be concluded without.
fn is_complete(scene: &Scene<'_>, assessment: &Assessment) -> Result<(), Rejection> {
    match assessment.kind {
        AssessmentKind::ChildExamination => {}
        AssessmentKind::Screening
        | AssessmentKind::Mapping
        | AssessmentKind::FamilyAssessment
        | AssessmentKind::YouthAssessment
        | AssessmentKind::Instrument => return Ok(()),
    }
    let missing = IcsDimension::ALL.iter().filter(|it| !assessment.dimensions.contains(it));
    let missing = missing.count();
    let refused =
        |reason, rule: String| Err(Rejection::new(reason, rule).at(scene.path("assessment_id")));
    if missing > 0 {
        let rule = format!("{missing} of the six dimensions are not described yet");
        return refused(Reason::DimensionMissing, rule);
    }
    if !assessment.says_of_child {
        let rule = "no dimension has the child's view, or why the child was not heard";
        return refused(Reason::ChildNotHeard, rule.to_owned());
    }
    Ok(())
}

/// The same day some months later or earlier, clamped to the month's end and to the calendar's.
fn months_from(day: Date, months: i32) -> Date {
    day.saturating_add(months.months())
}
