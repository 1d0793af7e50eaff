//! Plans and their goals: DraftPlan, SetGoal, AgreePlan.

use std::collections::BTreeSet;

use super::state::{Goal, Membership, Plan};
use crate::codes::{PlanKind, RiskArea};
use crate::command::{AgreePlan, Agreement, DraftPlan, GoalLevels, SetGoal};
use crate::decide::Rules;
use crate::decide::scene::{Scene, personal, text};
use crate::fact::{ChildHeardFlag, Fact, GoalSet, PlanAgreed, PlanDrafted, agrees};
use crate::ids::{PersonId, PlanId, StreamRef};
use crate::person::must_live;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};

impl Rules for DraftPlan {
    fn name(&self) -> &'static str {
        "draft_plan"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn makes(&self) -> Option<(uuid::Uuid, &'static str)> {
        Some((self.plan_id.0, "plan_id"))
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        if let Some(person) = self.person_id {
            scene.member(person, "person_id")?;
        }
        let fact = Fact::PlanDrafted(PlanDrafted {
            plan_id: self.plan_id,
            kind: self.kind,
            person_id: self.person_id,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if (self.kind == PlanKind::Family) == self.person_id.is_some() {
            let rule = "a child's or youth's plan names the person, the family's plan none";
            return Err(Rejection::new(Reason::FieldInvalid, rule).at(scene.path("person_id")));
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case().map(drop)
    }
}

impl Rules for SetGoal {
    fn name(&self) -> &'static str {
        "set_goal"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn makes(&self) -> Option<(uuid::Uuid, &'static str)> {
        Some((self.goal_id.0, "goal_id"))
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let plan = plan(scene, self.plan_id)?;
        if let Some(owner) = self.owner {
            scene.member(owner, "owner_person_id")?;
        }
        let of: Vec<_> = self.owner.or(plan.person_id).into_iter().collect();
        let about = scene.about(&self.about, &of, "about")?;
        let mut fields = vec![text("statement", &about, &self.statement)];
        fields.extend(self.family_words.as_ref().map(|it| text("family_words", &about, it)));
        fields.extend(self.levels.as_ref().map(|it| personal("levels", &about, it)));
        let fact = Fact::GoalSet(GoalSet {
            plan_id: self.plan_id,
            goal_id: self.goal_id,
            owner: self.owner,
            theme: self.theme,
            risk_area: self.risk_area,
            weight: self.weight,
            baseline: self.baseline,
            target_date: self.target_date,
            levels_complete: self.levels.as_ref().is_some_and(is_complete),
            about,
        });
        Ok(Record { fact, personal: fields })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        must_be_draft(scene, plan(scene, self.plan_id)?)
    }

    fn texts(&self) -> Vec<(String, &str)> {
        let mut texts = vec![("statement".to_owned(), self.statement.0.as_str())];
        texts.extend(self.family_words.iter().map(|it| ("family_words".to_owned(), it.0.as_str())));
        let levels = self.levels.iter().flat_map(named_levels);
        texts.extend(levels.map(|(level, text)| (format!("levels.{level}"), text)));
        texts
    }
}

impl Rules for AgreePlan {
    fn name(&self) -> &'static str {
        "agree_plan"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn reads(&self) -> Vec<StreamRef> {
        self.agreed_by.iter().map(|it| it.person_id.into()).collect()
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        plan(scene, self.plan_id)?;
        for (index, it) in self.agreed_by.iter().enumerate() {
            scene.member(it.person_id, &format!("agreed_by[{index}].person_id"))?;
        }
        for (index, it) in self.children_heard.iter().enumerate() {
            scene.member(it.person_id, &format!("children_heard[{index}].person_id"))?;
        }
        let children = self.children_heard.iter();
        let flags = children
            .clone()
            .map(|it| ChildHeardFlag { person_id: it.person_id, heard: it.how.is_some() })
            .collect();
        let about = scene.subjects(children.map(|it| it.person_id).collect(), "children_heard")?;
        let fields = if about.is_empty() {
            Vec::new()
        } else {
            vec![personal("children_heard", &about, &self.children_heard)]
        };
        let fact = Fact::PlanAgreed(PlanAgreed {
            plan_id: self.plan_id,
            agreed_by: self.agreed_by.clone(),
            children: flags,
        });
        Ok(Record { fact, personal: fields })
    }

    /// A plan that nobody agreed to stays a draft: there is nothing to record yet.
    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        for (index, it) in self.agreed_by.iter().enumerate() {
            let field = format!("agreed_by[{index}].person_id");
            must_live(scene, it.person_id, scene.first_day(), &field)?;
        }
        let agrees = |it: &Agreement| agrees(it.manner);
        if self.agreed_by.iter().any(agrees) {
            return Ok(());
        }
        Err(Rejection::new(Reason::PlanState, "a plan is agreed when somebody agreed to it")
            .at(scene.path("agreed_by")))
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        let plan = plan(scene, self.plan_id)?;
        must_be_draft(scene, plan)?;
        let stands = |it: &Plan| {
            it.agreed_on.is_some()
                && it.kind == plan.kind
                && it.person_id == plan.person_id
                && scene.family.is_of_case(it.made)
        };
        if scene.family.plans.values().any(stands) {
            return Err(Rejection::new(Reason::PlanExists, "an agreed plan of that kind stands")
                .at(scene.path("plan_id")));
        }
        let of_plan = |it: &&Goal| it.plan_id == self.plan_id;
        let goals: Vec<_> = scene.family.goals.values().filter(of_plan).collect();
        if goals.is_empty() || !goals.iter().all(|it| it.levels_complete) {
            let rule = "a plan has goals, and each describes its five levels of attainment";
            return Err(Rejection::new(Reason::GasIncomplete, rule).at(scene.path("plan_id")));
        }
        if plan.kind == PlanKind::Family {
            every_risk_area_has_a_goal(scene, &goals)?;
        }
        every_child_is_heard(scene, plan, &self.heard())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        let mut texts = Vec::new();
        for (index, child) in self.children_heard.iter().enumerate() {
            let path = |field| format!("children_heard[{index}].{field}");
            texts.extend(child.how.iter().map(|it| (path("how"), it.0.as_str())));
            let reason = child.not_heard_reason.iter();
            texts.extend(reason.map(|it| (path("not_heard_reason"), it.0.as_str())));
        }
        texts
    }
}

impl AgreePlan {
    /// The children who were heard, or of whom it is said why not.
    fn heard(&self) -> BTreeSet<PersonId> {
        let told = self.children_heard.iter();
        told.filter(|it| it.how.is_some() || it.not_heard_reason.is_some())
            .map(|it| it.person_id)
            .collect()
    }
}

fn plan<'a>(scene: &Scene<'a>, id: PlanId) -> Result<&'a Plan, Rejection> {
    scene.family.plans.get(&id).ok_or_else(|| scene.unknown("plan_id"))
}

fn must_be_draft(scene: &Scene<'_>, plan: &Plan) -> Result<(), Rejection> {
    if plan.agreed_on.is_some() {
        return Err(
            Rejection::new(Reason::PlanState, "the plan is agreed").at(scene.path("plan_id"))
        );
    }
    Ok(())
}

fn every_risk_area_has_a_goal(scene: &Scene<'_>, goals: &[&Goal]) -> Result<(), Rejection> {
    let covered: BTreeSet<RiskArea> = goals.iter().map(|it| it.risk_area).collect();
    let referral = scene.family.case.as_ref().map(|it| it.referral_id);
    let referral = referral.and_then(|id| scene.family.referrals.get(&id));
    let stated = referral.map(|it| it.risk_areas.as_slice()).unwrap_or_default();
    if stated.iter().all(|it| covered.contains(it)) {
        return Ok(());
    }
    Err(Rejection::new(
        Reason::RiskAreaWithoutGoal,
        "every risk area of the referral has a goal in the family's plan",
    )
    .at(scene.path("plan_id")))
}

/// The child whom the plan is for; for the family's plan, all who are CHILD, SIBLING or
/// HALF_SIBLING in it on that day. By role, so that no birth is opened for this; of a grown sibling
/// the reason says so.
fn every_child_is_heard(
    scene: &Scene<'_>,
    plan: &Plan,
    heard: &BTreeSet<PersonId>,
) -> Result<(), Rejection> {
    let is_child = |it: &&Membership| it.is_child();
    let children: Vec<PersonId> = match plan.person_id {
        Some(person) => vec![person],
        None => scene.family.present(scene.day()).filter(is_child).map(|it| it.person_id).collect(),
    };
    if children.iter().all(|it| heard.contains(it)) {
        return Ok(());
    }
    Err(Rejection::new(Reason::ChildNotHeard, "each child was heard, or it is said why not")
        .at(scene.path("children_heard")))
}

fn named_levels(levels: &GoalLevels) -> [(&'static str, &str); 5] {
    [
        ("minus_two", levels.minus_two.as_str()),
        ("minus_one", levels.minus_one.as_str()),
        ("zero", levels.zero.as_str()),
        ("plus_one", levels.plus_one.as_str()),
        ("plus_two", levels.plus_two.as_str()),
    ]
}

fn is_complete(levels: &GoalLevels) -> bool {
    named_levels(levels).iter().all(|(_, text)| !text.trim().is_empty())
}
