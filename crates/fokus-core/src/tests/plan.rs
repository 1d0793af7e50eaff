//! DraftPlan, SetGoal, AgreePlan.

use super::journal::{Row, ask, check, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::*;
use crate::ids::PersonId;
use crate::rejection::Reason;

#[rustfmt::skip] // One row, one rule.
fn drafting_rows() -> Vec<Row> {
    let open = opened();
    let drafted = open.clone().after(ask(plan(1, PlanKind::Family, None)));
    let area = RiskArea::SchoolThriving;
    let numbered = levels().map(|it| GoalLevels { zero: "010105-4000".to_owned(), ..it });
    vec![
        yes(&open, ask(plan(1, PlanKind::Family, None)), "PlanDrafted"),
        yes(&open, ask(plan(1, PlanKind::Child, Some(CHILD))), "PlanDrafted"),
        no(&open, ask(plan(1, PlanKind::Family, Some(CHILD))),
           Reason::FieldInvalid, "draft_plan.person_id"),
        no(&open, ask(plan(1, PlanKind::Youth, None)),
           Reason::FieldInvalid, "draft_plan.person_id"),
        no(&open, ask(plan(1, PlanKind::Child, Some(UNCLE))),
           Reason::NotInFamily, "draft_plan.person_id"),
        no(&triaged(), ask(plan(1, PlanKind::Family, None)), Reason::NoOpenCase, ""),
        no(&open, ask(plan(1, PlanKind::Family, None)).on(2019, 2, 28),
           Reason::BeforeCase, "occurred_at"),
        no(&drafted, ask(plan(1, PlanKind::Family, None)), Reason::IdTaken, "draft_plan.plan_id"),

        yes(&drafted, ask(goal(1, 1, area)), "GoalSet"),
        no(&open, ask(goal(1, 1, area)), Reason::UnknownId, "set_goal.plan_id"),
        no(&drafted, ask(SetGoal { owner: Some(UNCLE), ..goal(1, 1, area) }),
           Reason::NotInFamily, "set_goal.owner_person_id"),
        no(&drafted.clone().after(ask(goal(1, 1, area))), ask(goal(1, 1, area)),
           Reason::IdTaken, "set_goal.goal_id"),
        no(&planned(), ask(goal(1, 3, area)), Reason::PlanState, "set_goal.plan_id"),
        no(&drafted, ask(SetGoal { family_words: Some(words("010105-4000")), ..goal(1, 1, area) }),
           Reason::CprInText, "set_goal.family_words"),
        no(&drafted,
           ask(SetGoal { levels: numbered, ..goal(1, 1, area) }),
           Reason::CprInText, "set_goal.levels.zero"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn agreement_rows() -> Vec<Row> {
    let (street, school) = (RiskArea::StreetLifestyle, RiskArea::SchoolThriving);
    let drafted = opened().after(ask(plan(1, PlanKind::Family, None)));
    let one_goal = drafted.clone().after(ask(goal(1, 1, street)));
    let ready = one_goal.clone().after(ask(goal(1, 2, school)));
    let no_levels = one_goal.clone().after(ask(SetGoal { levels: None, ..goal(1, 2, school) }));
    let blank = levels().map(|it| GoalLevels { minus_one: " ".to_owned(), ..it });
    let blank_level = one_goal.clone().after(ask(SetGoal { levels: blank, ..goal(1, 2, school) }));
    let of_child = planned()
        .after(ask(plan(2, PlanKind::Child, Some(CHILD))))
        .after(ask(SetGoal { owner: Some(CHILD), ..goal(2, 3, school) }));
    let second = planned()
        .after(ask(plan(2, PlanKind::Family, None)))
        .after(ask(goal(2, 3, street)))
        .after(ask(goal(2, 4, school)));
    let child_left = ready.clone().after(ask(leaving(CHILD)).on(2019, 5, 31));
    let all = || agreement(1, &[YOUTH, CHILD]);
    let unheard = |why: Option<&str>| {
        let silent = ChildHeard { how: None, not_heard_reason: why.map(words), ..heard(CHILD) };
        ask(AgreePlan { children_heard: vec![heard(YOUTH), silent], ..all() })
    };
    let by = |person_id| {
        let agreed_by = vec![Agreement { person_id, manner: AgreementManner::Oral }];
        ask(AgreePlan { agreed_by, ..all() })
    };
    let in_manners = |manners: &[(PersonId, AgreementManner)]| {
        let of = |it: &(PersonId, AgreementManner)| Agreement { person_id: it.0, manner: it.1 };
        ask(AgreePlan { agreed_by: manners.iter().map(of).collect(), ..all() })
    };
    vec![
        yes(&ready, ask(all()), "PlanAgreed"),
        no(&opened(), ask(all()), Reason::UnknownId, "agree_plan.plan_id"),
        no(&ready, by(UNCLE), Reason::NotInFamily, "agree_plan.agreed_by[0].person_id"),
        no(&ready, in_manners(&[]), Reason::PlanState, "agree_plan.agreed_by"),
        no(&ready, in_manners(&[(MOTHER, AgreementManner::NotAgreed)]),
           Reason::PlanState, "agree_plan.agreed_by"),
        yes(&ready, in_manners(&[(MOTHER, AgreementManner::NotAgreed),
                                 (YOUTH, AgreementManner::Oral)]), "PlanAgreed"),
        no(&ready, ask(agreement(1, &[YOUTH, CHILD, UNCLE])),
           Reason::NotInFamily, "agree_plan.children_heard[2].person_id"),
        no(&planned(), ask(all()), Reason::PlanState, "agree_plan.plan_id"),
        no(&second, ask(agreement(2, &[YOUTH, CHILD])), Reason::PlanExists, "agree_plan.plan_id"),
        no(&drafted, ask(all()), Reason::GasIncomplete, "agree_plan.plan_id"),
        no(&no_levels, ask(all()), Reason::GasIncomplete, "agree_plan.plan_id"),
        no(&blank_level, ask(all()), Reason::GasIncomplete, "agree_plan.plan_id"),
        no(&one_goal, ask(all()), Reason::RiskAreaWithoutGoal, "agree_plan.plan_id"),
        no(&ready, ask(agreement(1, &[YOUTH])), Reason::ChildNotHeard, "agree_plan.children_heard"),
        no(&ready, unheard(None), Reason::ChildNotHeard, "agree_plan.children_heard"),
        yes(&ready, unheard(Some("Grown up, lives abroad")), "PlanAgreed"),
        yes(&child_left, ask(agreement(1, &[YOUTH])), "PlanAgreed"),
        no(&ready, unheard(Some("0101054000")),
           Reason::CprInText, "agree_plan.children_heard[1].not_heard_reason"),
        yes(&of_child, ask(agreement(2, &[CHILD])), "PlanAgreed"),
        no(&of_child, ask(agreement(2, &[YOUTH])),
           Reason::ChildNotHeard, "agree_plan.children_heard"),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [drafting_rows(), agreement_rows()].concat()
}

#[test]
fn rules_on_plans() {
    check(rows());
}

#[test]
fn a_goal_is_about_its_owner_or_whom_the_plan_is_for() {
    let about = |kind, of, owner| {
        let drafted = opened().after(ask(plan(1, kind, of)));
        let goal = SetGoal { owner, ..goal(1, 1, RiskArea::SchoolThriving) };
        drafted.decide(&ask(goal)).unwrap().appends[0].1[0].personal[0].persons.clone()
    };
    assert_eq!(about(PlanKind::Family, None, None), [MOTHER, YOUTH, CHILD]);
    assert_eq!(about(PlanKind::Child, Some(CHILD), None), [CHILD]);
    assert_eq!(about(PlanKind::Child, Some(CHILD), Some(MOTHER)), [MOTHER]);
}
