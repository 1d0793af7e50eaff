//! The case and where it stands: OpenCase, EnterCasePhase, OpenYouthTrack. Who works on it stands in
//! `workers`, its end in `closing`.

use jiff::ToSpan;
use jiff::civil::Date;

use super::membership::births;
use super::placement::{ReferralStep, has_place};
use super::referral::referral;
use crate::codes::{CasePhase, CaseState, WorkerRole};
use crate::command::{EnterCasePhase, OpenCase, OpenYouthTrack};
use crate::decide::Rules;
use crate::decide::scene::Scene;
use crate::fact::{CaseOpened, CasePhaseEntered, Fact, YouthTrackOpened};
use crate::ids::{EventId, StreamRef};
use crate::period::Period;
use crate::person::{Born, born, must_live_then};
use crate::record::Record;
use crate::rejection::{Reason, Rejection};
use crate::worker::{may_take_part, must_be_active};
use crate::world::World;

/// The ages of the programme's youth, in completed years, both included (domain 1.7,
/// OpenYouthTrack).
const YOUTH_YEARS: std::ops::RangeInclusive<i16> = 10..=25;
/// How long the family's plan may take where an acute override stood in for it, in days (domain 1.9,
/// R15).
const OVERRIDE_DAYS: i32 = 30;

impl Rules for OpenCase {
    fn name(&self) -> &'static str {
        "open_case"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn makes(&self) -> Option<(uuid::Uuid, &'static str)> {
        Some((self.case_id.0, "case_id"))
    }

    fn reads(&self) -> Vec<StreamRef> {
        vec![self.programme_id.into(), self.lead_worker_id.into()]
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.must_exist(self.programme_id.into(), "programme_id")?;
        referral(scene, self.referral_id)?;
        scene.must_exist(self.lead_worker_id.into(), "lead_worker_id")?;
        let fact = Fact::CaseOpened(CaseOpened {
            case_id: self.case_id,
            programme_id: self.programme_id,
            referral_id: self.referral_id,
            opened_on: self.opened_on,
            kle: self.kle.clone(),
            lead_worker_id: self.lead_worker_id,
            regime: self.regime,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.opened_on, "opened_on")?;
        let programme = scene.world.programmes.get(&self.programme_id.0);
        if !programme.is_some_and(|it| it.state.takes_in(self.opened_on)) {
            let rule = "before the programme's first case, or after its intake";
            return Err(Rejection::new(Reason::OutsideProgramme, rule).at(scene.path("opened_on")));
        }
        must_be_active(scene, self.lead_worker_id, self.opened_on, "lead_worker_id")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if scene.circumstances.basis.is_none() {
            let rule = "the case needs a legal basis: later entries rest on it";
            return Err(Rejection::new(Reason::NoLegalBasis, rule).at("legal_basis"));
        }
        if scene.family.is_case_open() {
            return Err(Rejection::new(Reason::CaseAlreadyOpen, "the family has an open case"));
        }
        let closed_on = scene.family.course().and_then(|it| it.closed).map(|it| it.on);
        if closed_on.is_some_and(|it| self.opened_on <= it) {
            return Err(Rejection::new(Reason::DateOrder, "the case before was open until then")
                .at(scene.path("opened_on")));
        }
        let referral = referral(scene, self.referral_id)?;
        if scene.family.courses.iter().any(|it| it.referral_id == self.referral_id) {
            return Err(Rejection::new(Reason::ReferralState, "a case was opened on the referral")
                .at(scene.path("referral_id")));
        }
        has_place(scene, referral)?;
        if !referral.triage.as_ref().is_some_and(|it| it.met && it.capacity) {
            return Err(Rejection::new(
                Reason::ReferralState,
                "the referral is not judged as in the target group, with a place",
            )
            .at(scene.path("referral_id")));
        }
        if referral.programme_id != self.programme_id {
            return Err(Rejection::new(
                Reason::ReferralState,
                "the referral is to another programme",
            )
            .at(scene.path("programme_id")));
        }
        let period = Period { from: self.opened_on, to: None };
        let role = (WorkerRole::Lead, "lead_worker_id");
        may_take_part(scene, self.lead_worker_id, role, self.family_id, period, "lead_worker_id")?;
        match referral.step {
            Some((_, ReferralStep::Accepted { on })) => {
                scene.in_order(on, self.opened_on, "opened_on")
            }
            Some(_) | None => Ok(()),
        }
    }

    fn warnings(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let (programmes, workers) = (&scene.world.programmes, &scene.world.workers);
        let methods = programmes.get(&self.programme_id.0).map(|it| &it.state);
        let lead = workers.get(&self.lead_worker_id.0).map(|it| &it.state);
        let trained = |method: &str| {
            let on = lead.and_then(|it| it.trained_on(self.programme_id, method));
            on.is_some_and(|it| it <= self.opened_on)
        };
        let mut in_force = methods.into_iter().flat_map(|it| it.methods_on(self.opened_on));
        match in_force.next() {
            Some(first) if !trained(first) && !in_force.any(trained) => {
                let rule = "the lead is trained in no version of a method in force";
                scene.confirmed(Reason::NotTrained, rule, "lead_worker_id")
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Rules for EnterCasePhase {
    fn name(&self) -> &'static str {
        "enter_case_phase"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, _scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::CasePhaseEntered(CasePhaseEntered { phase: self.phase });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let case = scene.in_case()?;
        if case.phase == self.phase {
            return Err(Rejection::new(Reason::NoChange, "the case is in that phase")
                .at(scene.path("phase")));
        }
        if scene.family.case_state() == CaseState::Paused {
            let rule = "the case is paused: resume it first";
            return Err(Rejection::new(Reason::CaseState, rule));
        }
        self.family_first(scene)?;
        if !follows(case.phase, self.phase) {
            return Err(Rejection::new(
                Reason::PhaseOrder,
                "phases follow one another; after the family's intervention comes the youth track \
                 or the transition",
            )
            .at(scene.path("phase")));
        }
        if scene.circumstances.occurred.effective_ms() < case.phase_order.0 {
            let rule =
                "the case entered its phase after that: the earlier one would have no effect";
            return Err(Rejection::new(Reason::DateOrder, rule).at("occurred_at"));
        }
        Ok(())
    }

    fn family_first(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.phase == CasePhase::YouthTrack { family_first(scene, "phase") } else { Ok(()) }
    }
}

impl Rules for OpenYouthTrack {
    fn name(&self) -> &'static str {
        "open_youth_track"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn makes(&self) -> Option<(uuid::Uuid, &'static str)> {
        Some((self.track_id.0, "track_id"))
    }

    fn reads(&self) -> Vec<StreamRef> {
        vec![self.youth_id.into()]
    }

    fn opens(&self, world: &World) -> Vec<EventId> {
        births(world, [self.youth_id])
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.must_exist(self.youth_id.into(), "youth_id")?;
        scene.member(self.youth_id, "youth_id")?;
        let came_first = family_came_first_by(scene, scene.last_day());
        let overridden = !came_first && self.is_overridden(scene);
        let fact = Fact::YouthTrackOpened(YouthTrackOpened {
            youth_id: self.youth_id,
            track_id: self.track_id,
            family_plan_due_on: overridden.then(|| plan_due_on(scene.day())),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        must_live_then(scene, self.youth_id, scene.days(), "youth_id")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        if !scene.family.present(scene.day()).any(|it| it.person_id == self.youth_id) {
            return Err(Rejection::new(Reason::NotInFamily, "not a member on that day")
                .at(scene.path("youth_id")));
        }
        if scene.family.has_track(Some(self.youth_id)) {
            return Err(Rejection::new(Reason::NoChange, "the youth has a track")
                .at(scene.path("youth_id")));
        }
        self.family_first(scene)?;
        of_youth_age(born(scene.world, self.youth_id), scene)
    }

    fn family_first(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.is_overridden(scene) { Ok(()) } else { family_first(scene, "youth_id") }
    }
}

impl OpenYouthTrack {
    /// Whether an acute override for the youth is approved by the day of the act.
    fn is_overridden(&self, scene: &Scene<'_>) -> bool {
        scene.family.is_overridden(self.youth_id, scene.last_day())
    }
}

/// The last day for the family's plan after a track that began on `day` by an override.
fn plan_due_on(day: Date) -> Date {
    day.saturating_add(OVERRIDE_DAYS.days())
}

/// Whether the family came first, by that day.
pub(super) fn family_came_first_by(scene: &Scene<'_>, day: Date) -> bool {
    scene.family.family_came_first(day)
}

/// Whether a case may go from the one phase to the other (domain 1.8).
fn follows(from: CasePhase, to: CasePhase) -> bool {
    match from {
        CasePhase::Engagement => to == CasePhase::FamilyAssessment,
        CasePhase::FamilyAssessment => to == CasePhase::FamilyPlan,
        CasePhase::FamilyPlan => to == CasePhase::FamilyIntervention,
        CasePhase::FamilyIntervention => {
            matches!(to, CasePhase::YouthTrack | CasePhase::Transition)
        }
        CasePhase::YouthTrack => to == CasePhase::Transition,
        CasePhase::Transition => to == CasePhase::Evaluation,
        CasePhase::Evaluation => false,
    }
}

/// The programme's core rule: the family comes first, by the day of the act.
pub(super) fn family_first(scene: &Scene<'_>, field: &str) -> Result<(), Rejection> {
    if family_came_first_by(scene, scene.last_day()) {
        return Ok(());
    }
    Err(Rejection::new(
        Reason::FamilyFirst,
        "first a concluded assessment of the family and an agreed family plan, neither later than \
         the act",
    )
    .at(scene.path(field)))
}

/// Of an age that the programme is for. Unlike a referral, a track is for one youth, so an unknown
/// birth is refused: it can be found and recorded first. An inexact one passes when it may fit. An
/// erased one is refused as such, since nothing can be recorded of that person any more.
fn of_youth_age(born: Born, scene: &Scene<'_>) -> Result<(), Rejection> {
    let refused =
        |reason, rule: String| Err(Rejection::new(reason, rule).at(scene.path("youth_id")));
    let (from, to) = (YOUTH_YEARS.start(), YOUTH_YEARS.end());
    match (born, born.ages(scene.day())) {
        (Born::Erased, _) => refused(Reason::Erased, "the youth's birth was erased".to_owned()),
        (_, Some((youngest, oldest))) if youngest <= *to && oldest >= *from => Ok(()),
        (Born::Known(_), _) => {
            refused(Reason::AgeNotValid, format!("from {from} to {to} years old"))
        }
        (Born::Unknown, _) => refused(
            Reason::AgeNotValid,
            format!("from {from} to {to} years old, and the birth is not known"),
        ),
    }
}
