//! Proposed for a programme, and judged: SubmitReferral, TriageReferral.

use serde_json::json;

use super::membership::births;
use super::state::{Membership, Referral};
use crate::codes::Agency;
use crate::command::{Criterion, SubmitReferral, TriageReferral};
use crate::decide::Rules;
use crate::decide::scene::{Scene, personal, text};
use crate::fact::{CriterionMet, Fact, ReferralSubmitted, ReferralTriaged};
use crate::ids::{EventId, FamilyId, PersonId, ReferralId, StreamRef};
use crate::person::born;
use crate::programme::{is_lawful_ground, unlawful_ground};
use crate::record::Record;
use crate::rejection::{Reason, Rejection};
use crate::world::World;

/// A family needs a member under this age to be referred (domain 1.7, SubmitReferral).
const YOUNG_UNDER_YEARS: i16 = 25;

impl Rules for SubmitReferral {
    fn name(&self) -> &'static str {
        "submit_referral"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn makes(&self) -> Option<(uuid::Uuid, &'static str)> {
        Some((self.referral_id.0, "referral_id"))
    }

    fn reads(&self) -> Vec<StreamRef> {
        let worker = self.worker_id.map(StreamRef::from);
        std::iter::once(self.programme_id.into()).chain(worker).collect()
    }

    fn reads_more(&self, world: &World) -> Vec<StreamRef> {
        members(world, self.family_id).into_iter().map(StreamRef::from).collect()
    }

    fn opens(&self, world: &World) -> Vec<EventId> {
        births(world, members(world, self.family_id))
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.must_exist(self.programme_id.into(), "programme_id")?;
        if let Some(worker) = self.worker_id {
            scene.must_exist(worker.into(), "worker_id")?;
        }
        let about = scene.about(&self.about, &[], "about")?;
        let grounds = text("grounds", &about, &self.grounds);
        let fact = Fact::ReferralSubmitted(ReferralSubmitted {
            referral_id: self.referral_id,
            programme_id: self.programme_id,
            agency: self.agency,
            worker_id: self.worker_id,
            risk_areas: self.risk_areas.clone(),
            family_knows: self.family_knows,
            about,
        });
        Ok(Record { fact, personal: vec![grounds] })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if !is_municipal(self.agency) {
            scene.has_basis()?;
        }
        let in_case = |id: &ReferralId| scene.family.courses.iter().any(|it| it.referral_id == *id);
        let open = |(id, it): (&ReferralId, &Referral)| it.is_open(scene.day()) && !in_case(id);
        if scene.family.referrals.iter().any(open) {
            return Err(Rejection::new(Reason::ReferralOpen, "the family has an open referral"));
        }
        let mut present = scene.family.present(scene.day());
        if !present.any(|it| may_be_young(scene, it)) {
            let rule = format!("no member is under {YOUNG_UNDER_YEARS}");
            return Err(Rejection::new(Reason::NoYoungMember, rule));
        }
        Ok(())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("grounds".to_owned(), self.grounds.0.as_str())]
    }
}

impl Rules for TriageReferral {
    fn name(&self) -> &'static str {
        "triage_referral"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn reads_more(&self, world: &World) -> Vec<StreamRef> {
        let family = world.families.get(&self.family_id.0);
        let referral = family.and_then(|it| it.state.referrals.get(&self.referral_id));
        referral.map(|it| it.programme_id.into()).into_iter().collect()
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let referral = referral(scene, self.referral_id)?;
        let given = |it: &Criterion| {
            it.grounds.as_ref().map(|grounds| json!({ "code": it.code, "grounds": grounds }))
        };
        let grounds: Vec<_> = self.criteria.iter().filter_map(given).collect();
        let about = if grounds.is_empty() { Vec::new() } else { referral.about.clone() };
        let fields = if grounds.is_empty() {
            Vec::new()
        } else {
            vec![personal("criteria_grounds", &about, &grounds)]
        };
        let coded = |it: &Criterion| CriterionMet { code: it.code.clone(), met: it.met };
        let fact = Fact::ReferralTriaged(ReferralTriaged {
            referral_id: self.referral_id,
            met: self.met,
            criteria: self.criteria.iter().map(coded).collect(),
            capacity: self.capacity,
            priority: self.priority,
            about,
        });
        Ok(Record { fact, personal: fields })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let path = |index| scene.path(&format!("target_group.criteria[{index}].code"));
        for (index, criterion) in self.criteria.iter().enumerate() {
            if !is_lawful_ground(&criterion.code) {
                return Err(unlawful_ground(path(index)));
            }
        }
        let programme = referral(scene, self.referral_id)?.programme_id;
        let loaded = scene.world.programmes.get(&programme.0);
        let asked = loaded.map(|it| it.state.criteria.as_slice()).unwrap_or_default();
        for (index, criterion) in self.criteria.iter().enumerate() {
            if !asked.iter().any(|it| it.code == criterion.code) {
                return Err(scene.unknown(&format!("target_group.criteria[{index}].code")));
            }
            let earlier = self.criteria.iter().take(index);
            if earlier.into_iter().any(|it| it.code == criterion.code && it.met != criterion.met) {
                return Err(contradiction("a criterion is answered both ways").at(path(index)));
            }
        }
        for mandatory in asked.iter().filter(|it| it.mandatory) {
            let Some(answer) = self.criteria.iter().find(|it| it.code == mandatory.code) else {
                return Err(Rejection::new(
                    Reason::CriterionUnanswered,
                    "every mandatory criterion of the programme is answered",
                )
                .at(scene.path("target_group.criteria"))
                .with("criterion", mandatory.code.clone()));
            };
            if self.met && !answer.met {
                return Err(contradiction("in the target group only by all mandatory criteria")
                    .at(scene.path("target_group.met"))
                    .with("criterion", mandatory.code.clone()));
            }
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let referral = referral(scene, self.referral_id)?;
        // One that waits for a place is judged again when there may be one.
        let waits = |it: &super::Triage| it.met && !it.capacity;
        let is_case = scene.family.courses.iter().any(|it| it.referral_id == self.referral_id);
        let is_over = referral.step.is_some_and(|(_, it)| it.is_final());
        if is_case || is_over || !referral.triage.as_ref().is_none_or(waits) {
            return Err(Rejection::new(Reason::ReferralState, "the referral was judged already")
                .at(scene.path("referral_id")));
        }
        let judged_ms = referral.triage.as_ref().map(|it| it.order.0);
        if judged_ms.is_some_and(|it| scene.circumstances.occurred.effective_ms() < it) {
            let rule = "the referral was judged after that: the earlier one would have no effect";
            return Err(Rejection::new(Reason::DateOrder, rule).at("occurred_at"));
        }
        Ok(())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        let criteria = self.criteria.iter().enumerate();
        criteria
            .filter_map(|(index, it)| {
                let grounds = it.grounds.as_ref()?;
                Some((format!("target_group.criteria[{index}].grounds"), grounds.0.as_str()))
            })
            .collect()
    }
}

/// The family's referral with that id.
pub(super) fn referral<'a>(scene: &Scene<'a>, id: ReferralId) -> Result<&'a Referral, Rejection> {
    scene.family.referrals.get(&id).ok_or_else(|| scene.unknown("referral_id"))
}

/// The persons who have not left the family.
fn members(world: &World, family: FamilyId) -> Vec<PersonId> {
    let Some(family) = world.families.get(&family.0) else { return Vec::new() };
    let current = family.state.members.iter().filter(|it| it.to.is_none());
    current.map(|it| it.person_id).collect()
}

/// Whether the member may be under 25. Where the birth is unknown or erased, the role answers: a
/// CHILD, SIBLING or HALF_SIBLING may be, so that a family is not refused help for want of a date.
fn may_be_young(scene: &Scene<'_>, member: &Membership) -> bool {
    match born(scene.world, member.person_id).ages(scene.day()) {
        Some((youngest, _)) => youngest < YOUNG_UNDER_YEARS,
        None => member.is_child(),
    }
}

/// Whether the agency is the municipality's own. Others need a legal basis to refer (domain 1.7).
/// SSP is the municipality's forum of school, social services and police.
fn is_municipal(agency: Agency) -> bool {
    match agency {
        Agency::Social
        | Agency::School
        | Agency::Daycare
        | Agency::JobCentre
        | Agency::Uu
        | Agency::Ssp
        | Agency::HealthVisitor => true,
        Agency::Police
        | Agency::GangTaskForce
        | Agency::Psychiatry
        | Agency::Housing
        | Agency::CivilSociety
        | Agency::OtherMunicipality
        | Agency::Probation => false,
    }
}

fn contradiction(rule: &str) -> Rejection {
    Rejection::new(Reason::CriteriaContradict, rule)
}
