use jiff::civil::date;

use super::*;
use crate::effective::Clocks;
use crate::fact::Fact;
use crate::ids::TrackId;
use crate::rejection::Reason;
use crate::tests::journal::{check, no, yes};
use crate::views::status::status_of;

/// Revision 6: the override is approved on 11 March.
fn overridden() -> Journal {
    override_proposed().after(ask(approving_override()).on(2019, 3, 11).by(LEAD))
}

fn for_child() -> ProposeAcuteOverride {
    ProposeAcuteOverride { youth_id: CHILD, ..overriding() }
}

#[rustfmt::skip] // One row, one rule.
pub(super) fn rows() -> Vec<Row> {
    let waiting = override_proposed();
    let two = waiting.clone().after(ask(for_child()).on(2019, 3, 10));
    let rejected = waiting.clone().after(ask(rejecting_override()).on(2019, 3, 11));
    let tracked = overridden().after(ask(track(YOUTH)).on(2019, 3, 12));
    let of = |revision| ApproveAcuteOverride {
        proposal: Some(EntryRef::Revision(revision)), ..approving_override()
    };
    let approving = || ask(approving_override()).on(2019, 3, 11);
    let mentor = || OrderIntervention {
        person_id: Some(YOUTH), goal_ids: vec![GoalId(id(801))],
        ..ordering(1, InterventionType::Mentor)
    };
    let with_goal = |journal: Journal| journal
        .after(ask(plan(1, PlanKind::Family, None)).on(2019, 3, 12))
        .after(ask(goal(1, 1, RiskArea::StreetLifestyle)).on(2019, 3, 12));
    vec![
        yes(&opened(), ask(overriding()), "AcuteOverrideProposed"),
        yes(&waiting, ask(for_child()), "AcuteOverrideProposed"),
        yes(&rejected, ask(overriding()), "AcuteOverrideProposed"),
        no(&triaged(), ask(overriding()), Reason::NoOpenCase, ""),
        no(&opened(), ask(ProposeAcuteOverride { youth_id: UNCLE, ..overriding() }),
           Reason::NotInFamily, "propose_acute_override.youth_id"),
        no(&planned(), ask(overriding()), Reason::NoChange, "propose_acute_override.youth_id"),
        yes(&planned(), ask(overriding()).on(2019, 5, 9), "AcuteOverrideProposed"),
        no(&tracked, ask(overriding()), Reason::NoChange, "propose_acute_override.youth_id"),
        no(&waiting, ask(overriding()),
           Reason::ProposalState, "propose_acute_override.youth_id"),
        no(&overridden(), ask(overriding()),
           Reason::ProposalState, "propose_acute_override.youth_id"),
        no(&opened(), ask(ProposeAcuteOverride { reason: words("0101054000"), ..overriding() }),
           Reason::CprInText, "propose_acute_override.reason"),

        yes(&waiting, approving().by(LEAD), "AcuteOverrideApproved"),
        no(&waiting, approving(), Reason::FourEyes, "approve_acute_override.proposal"),
        no(&opened(), approving().by(LEAD),
           Reason::ProposalState, "approve_acute_override.proposal"),
        no(&overridden(), approving().by(LEAD),
           Reason::ProposalState, "approve_acute_override.proposal"),
        no(&overridden(), ask(of(5)).by(LEAD),
           Reason::ProposalState, "approve_acute_override.proposal"),
        no(&two, approving().by(LEAD),
           Reason::ProposalState, "approve_acute_override.proposal"),
        yes(&two, ask(of(6)).by(LEAD), "AcuteOverrideApproved"),
        no(&two, ask(of(4)).by(LEAD), Reason::UnknownId, "approve_acute_override.proposal"),
        no(&waiting, ask(approving_override()).on(2019, 3, 9).by(LEAD),
           Reason::DateOrder, "occurred_at"),
        yes(&waiting, ask(rejecting_override()), "AcuteOverrideRejected"),
        no(&rejected, ask(rejecting_override()),
           Reason::ProposalState, "reject_acute_override.proposal"),

        // The track opens before the family's plan, for that youth, from the day of the approval on.
        yes(&overridden(), ask(track(YOUTH)).on(2019, 3, 11), "YouthTrackOpened"),
        no(&overridden(), ask(track(YOUTH)).on(2019, 3, 10),
           Reason::FamilyFirst, "open_youth_track.youth_id"),
        no(&overridden(), ask(track(CHILD)).on(2019, 3, 11),
           Reason::FamilyFirst, "open_youth_track.youth_id"),
        no(&waiting, ask(track(YOUTH)), Reason::FamilyFirst, "open_youth_track.youth_id"),
        no(&rejected, ask(track(YOUTH)), Reason::FamilyFirst, "open_youth_track.youth_id"),
        // An override opens the track, not the case's phase.
        no(&tracked, ask(phase(CasePhase::YouthTrack)),
           Reason::FamilyFirst, "enter_case_phase.phase"),
        yes(&with_goal(tracked.clone()), ask(mentor()), "InterventionOrdered"),
    ]
}

#[test]
fn rules_on_the_acute_override() {
    check(rows());
}

#[test]
fn an_override_starts_a_clock_of_thirty_days_for_the_familys_plan() {
    let due = |journal: &Journal| {
        status_of(&journal.history(FAMILY.into()), &Clocks::NOW).unwrap().family_plan_due_on
    };
    let tracked = overridden().after(ask(track(YOUTH)).on(2019, 3, 12));
    assert_eq!(due(&tracked), Some(date(2019, 4, 11)));
    let agreed = tracked
        .after(ask(assessing(1, AssessmentKind::FamilyAssessment)).on(2019, 3, 13))
        .after(ask(assessed(1)).on(2019, 4, 1))
        .after(ask(plan(1, PlanKind::Family, None)).on(2019, 4, 1))
        .after(ask(goal(1, 1, RiskArea::StreetLifestyle)).on(2019, 4, 1))
        .after(ask(goal(1, 2, RiskArea::SchoolThriving)).on(2019, 4, 1))
        .after(ask(agreement(1, &[YOUTH, CHILD])).on(2019, 4, 5));
    assert_eq!(due(&agreed), None);
    // Where the family came first, no clock is started.
    let decided = planned().decide(&ask(track(YOUTH))).unwrap();
    let Fact::YouthTrackOpened(fact) = &decided.appends[0].1[0].fact else { panic!("a track") };
    assert_eq!((fact.track_id, fact.family_plan_due_on), (TrackId(id(300)), None));
}

#[test]
fn a_track_rests_on_its_override_also_where_it_is_corrected_after_the_case_was_reopened() {
    let due = |journal: &Journal| {
        status_of(&journal.history(FAMILY.into()), &Clocks::NOW).unwrap().family_plan_due_on
    };
    let reopened = overridden()
        .after(ask(track(YOUTH)).on(2019, 3, 12))
        .after(ask(ProposeClosure { goals: vec![], ..proposing() }).on(2019, 7, 10))
        .after(ask(approving()).on(2019, 7, 11).by(LEAD))
        .after(ask(closing()).on(2019, 7, 12))
        .after(ask(reopening()).on(2019, 9, 1));
    assert_eq!(due(&reopened), Some(date(2019, 4, 11)));
    let moved = |day| CorrectEntry {
        stream: FAMILY.into(),
        entry: EntryRef::Revision(7),
        reason: CorrectionReason::Typo,
        explanation: words("Misread"),
        corrected: track(YOUTH).into(),
        corrected_occurred: Some(ask(track(YOUTH)).on(2019, 3, day).circumstances().occurred),
    };
    for day in [11, 14] {
        let corrected = reopened.clone().after(ask(moved(day)).on(2019, 9, 2));
        assert_eq!(due(&corrected), Some(date(2019, 4, day - 1)), "thirty days from that day");
    }
    let before_approval = reopened.decide(&ask(moved(10)).on(2019, 9, 2)).unwrap_err();
    assert_eq!(before_approval.reason, Reason::FamilyFirst);
    // For another youth in the reopened case it does not hold.
    assert!(reopened.decide(&ask(track(CHILD)).on(2019, 9, 2)).is_err());
}

#[test]
fn overrides_wait_on_the_row_each_for_its_youth() {
    let two = override_proposed().after(ask(for_child()).on(2019, 3, 10).by(LEAD));
    let row = status_of(&two.history(FAMILY.into()), &Clocks::NOW).unwrap();
    let shown: Vec<_> = row
        .approvals
        .iter()
        .map(|it| (it.kind, it.person_id, it.proposed_by.as_str(), it.revision))
        .collect();
    let kind = ApprovalKind::AcuteOverride;
    assert_eq!(shown, [(kind, Some(YOUTH), "worker-1", 5), (kind, Some(CHILD), LEAD, 6)]);
}
