//! OpenCase, AssignWorker, EnterCasePhase, OpenYouthTrack.

use jiff::civil::date;

use super::journal::{Row, ask, check, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::*;
use crate::ids::{CaseId, ProgrammeId, ReferralId, WorkerId};
use crate::rejection::Reason;

#[rustfmt::skip] // One row, one rule.
fn case_rows() -> Vec<Row> {
    let (judged, open) = (triaged(), opened());
    let referred = registered().after(ask(referral(1)));
    let waiting = referred.clone().after(ask(TriageReferral { capacity: false, ..triage(1) }));
    let turned_down = referred.clone().after(ask(TriageReferral { met: false, ..triage(1) }));
    let elsewhere = OpenProgramme { programme_id: ProgrammeId(NOBODY.0), ..programme() };
    let on = |day| ask(OpenCase { opened_on: day, ..case() }).by_law();
    vec![
        yes(&judged, ask(case()).by_law(), "CaseOpened"),
        no(&judged, ask(case()), Reason::NoLegalBasis, "legal_basis"),
        no(&people(), ask(case()).by_law(), Reason::UnknownId, "open_case.family_id"),
        no(&judged, ask(OpenCase { referral_id: ReferralId(NOBODY.0), ..case() }).by_law(),
           Reason::UnknownId, "open_case.referral_id"),
        no(&judged, ask(OpenCase { programme_id: ProgrammeId(NOBODY.0), ..case() }).by_law(),
           Reason::UnknownId, "open_case.programme_id"),
        no(&judged, ask(OpenCase { lead_worker_id: WorkerId(NOBODY.0), ..case() }).by_law(),
           Reason::UnknownId, "open_case.lead_worker_id"),
        no(&referred, ask(case()).by_law(), Reason::ReferralState, "open_case.referral_id"),
        no(&waiting, ask(case()).by_law(), Reason::ReferralState, "open_case.referral_id"),
        no(&turned_down, ask(case()).by_law(), Reason::ReferralState, "open_case.referral_id"),
        no(&judged.clone().after(ask(elsewhere)),
           ask(OpenCase { programme_id: ProgrammeId(NOBODY.0), ..case() }).by_law(),
           Reason::ReferralState, "open_case.programme_id"),
        no(&open, ask(case()).by_law(), Reason::IdTaken, "open_case.case_id"),
        no(&open, ask(OpenCase { case_id: CaseId(NOBODY.0), ..case() }).by_law(),
           Reason::CaseAlreadyOpen, ""),
        no(&judged, on(date(2019, 1, 31)), Reason::OutsideProgramme, "open_case.opened_on"),
        yes(&judged, on(date(2019, 2, 1)), "CaseOpened"),
        yes(&judged, on(date(2019, 12, 31)), "CaseOpened"),
        no(&judged, on(date(2020, 1, 1)), Reason::OutsideProgramme, "open_case.opened_on"),
        no(&judged, on(date(2020, 1, 16)), Reason::InFuture, "open_case.opened_on"),
        no(&judged,
           ask(OpenCase { lead_worker_id: BO, opened_on: date(2019, 6, 1), ..case() }).by_law(),
           Reason::WorkerNotActive, "open_case.lead_worker_id"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn worker_rows() -> Vec<Row> {
    let open = opened();
    let until = |day, role| AssignWorker { valid_to: Some(day), ..assignment(BO, role) };
    let from = |month, day| {
        let valid_from = date(2019, month, day);
        ask(AssignWorker { valid_from, ..assignment(BO, WorkerRole::Second) })
    };
    let bo_second = open.clone().after(ask(until(date(2019, 5, 10), WorkerRole::Second)));
    vec![
        yes(&open, ask(assignment(BO, WorkerRole::Second)), "WorkerAssigned"),
        no(&open, ask(assignment(WorkerId(NOBODY.0), WorkerRole::Second)),
           Reason::UnknownId, "assign_worker.worker_id"),
        no(&triaged(), ask(assignment(BO, WorkerRole::Second)), Reason::NoOpenCase, ""),
        no(&open, ask(assignment(BO, WorkerRole::Lead)), Reason::TwoLeads, "assign_worker.role"),
        no(&open, ask(assignment(ANNE, WorkerRole::Lead)),
           Reason::NoChange, "assign_worker.worker_id"),
        yes(&open, ask(assignment(ANNE, WorkerRole::FamilyTherapist)), "WorkerAssigned"),
        no(&bo_second, from(5, 10), Reason::NoChange, "assign_worker.worker_id"),
        yes(&bo_second, from(5, 11), "WorkerAssigned"),
        no(&open, from(6, 1), Reason::WorkerNotActive, "assign_worker.worker_id"),
        no(&open, ask(until(date(2019, 4, 30), WorkerRole::Second)),
           Reason::DateOrder, "assign_worker.valid_to"),
        no(&open, from(2, 28), Reason::BeforeCase, "assign_worker.valid_from"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn phase_rows() -> Vec<Row> {
    let (open, agreed) = (opened(), planned());
    let assessing = open.clone().after(ask(phase(CasePhase::FamilyAssessment)).on(2019, 3, 5));
    let intervening = agreed.clone()
        .after(ask(phase(CasePhase::FamilyAssessment)).on(2019, 5, 11))
        .after(ask(phase(CasePhase::FamilyPlan)).on(2019, 5, 12))
        .after(ask(phase(CasePhase::FamilyIntervention)).on(2019, 5, 13));
    let with_youth = intervening.clone().after(ask(phase(CasePhase::YouthTrack)).on(2019, 5, 14));
    let evaluating = with_youth.clone()
        .after(ask(phase(CasePhase::Transition)).on(2019, 5, 15))
        .after(ask(phase(CasePhase::Evaluation)).on(2019, 5, 16));
    vec![
        yes(&open, ask(phase(CasePhase::FamilyAssessment)), "CasePhaseEntered"),
        no(&triaged(), ask(phase(CasePhase::FamilyAssessment)), Reason::NoOpenCase, ""),
        no(&open, ask(phase(CasePhase::FamilyAssessment)).on(2019, 2, 28),
           Reason::BeforeCase, "occurred_at"),
        no(&open, ask(phase(CasePhase::FamilyAssessment)).some_day_of(2019, 2),
           Reason::BeforeCase, "occurred_at"),
        yes(&open, ask(phase(CasePhase::FamilyAssessment)).some_day_of(2019, 3),
           "CasePhaseEntered"),
        no(&open, ask(phase(CasePhase::Engagement)), Reason::NoChange, "enter_case_phase.phase"),
        no(&open, ask(phase(CasePhase::FamilyPlan)), Reason::PhaseOrder, "enter_case_phase.phase"),
        no(&assessing, ask(phase(CasePhase::Engagement)),
           Reason::PhaseOrder, "enter_case_phase.phase"),
        no(&open, ask(phase(CasePhase::YouthTrack)), Reason::FamilyFirst, "enter_case_phase.phase"),
        no(&agreed, ask(phase(CasePhase::YouthTrack)),
           Reason::PhaseOrder, "enter_case_phase.phase"),
        yes(&intervening, ask(phase(CasePhase::YouthTrack)), "CasePhaseEntered"),
        yes(&intervening, ask(phase(CasePhase::Transition)), "CasePhaseEntered"),
        yes(&with_youth, ask(phase(CasePhase::Transition)), "CasePhaseEntered"),
        no(&with_youth, ask(phase(CasePhase::FamilyIntervention)),
           Reason::PhaseOrder, "enter_case_phase.phase"),
        no(&evaluating, ask(phase(CasePhase::Transition)),
           Reason::PhaseOrder, "enter_case_phase.phase"),
        no(&assessing, ask(phase(CasePhase::FamilyPlan)).on(2019, 3, 4),
           Reason::DateOrder, "occurred_at"),
        no(&assessing, ask(phase(CasePhase::FamilyPlan)).some_day_of(2019, 3),
           Reason::DateOrder, "occurred_at"),
        yes(&assessing, ask(phase(CasePhase::FamilyPlan)).on(2019, 3, 5), "CasePhaseEntered"),
        no(&intervening, ask(phase(CasePhase::YouthTrack)).on(2019, 5, 9),
           Reason::FamilyFirst, "enter_case_phase.phase"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn track_rows() -> Vec<Row> {
    let agreed = planned();
    let with = |person_id, birth| {
        let known = ask(RegisterPerson { birth, ..person(person_id) });
        agreed.clone().after(known).after(ask(joining(person_id)))
    };
    let drafted = family_assessed().after(ask(plan(1, PlanKind::Family, None)).on(2019, 5, 1));
    // The plan is agreed before the assessment is concluded.
    let planned_first = opened()
        .after(ask(assessing(1, AssessmentKind::FamilyAssessment)).on(2019, 3, 5))
        .after(ask(plan(1, PlanKind::Family, None)).on(2019, 3, 6))
        .after(ask(goal(1, 1, RiskArea::StreetLifestyle)).on(2019, 3, 6))
        .after(ask(goal(1, 2, RiskArea::SchoolThriving)).on(2019, 3, 6))
        .after(ask(agreement(1, &[YOUTH, CHILD])).on(2019, 3, 7))
        .after(ask(assessed(1)).on(2019, 4, 20));
    let youth_left = agreed.clone().after(ask(leaving(YOUTH)));
    vec![
        yes(&agreed, ask(track(YOUTH)), "YouthTrackOpened"),
        no(&triaged(), ask(track(YOUTH)), Reason::NoOpenCase, ""),
        no(&opened(), ask(track(YOUTH)), Reason::FamilyFirst, "open_youth_track.youth_id"),
        no(&family_assessed(), ask(track(YOUTH)), Reason::FamilyFirst, "open_youth_track.youth_id"),
        no(&drafted, ask(track(YOUTH)), Reason::FamilyFirst, "open_youth_track.youth_id"),
        no(&agreed, ask(track(YOUTH)).on(2019, 5, 9),
           Reason::FamilyFirst, "open_youth_track.youth_id"),
        yes(&agreed, ask(track(YOUTH)).on(2019, 5, 10), "YouthTrackOpened"),
        yes(&agreed, ask(track(YOUTH)).some_day_of(2019, 5), "YouthTrackOpened"),
        no(&planned_first, ask(track(YOUTH)).on(2019, 4, 19),
           Reason::FamilyFirst, "open_youth_track.youth_id"),
        yes(&planned_first, ask(track(YOUTH)).on(2019, 4, 20), "YouthTrackOpened"),
        no(&agreed, ask(track(NOBODY)), Reason::UnknownId, "open_youth_track.youth_id"),
        no(&agreed, ask(track(UNCLE)), Reason::NotInFamily, "open_youth_track.youth_id"),
        no(&youth_left, ask(track(YOUTH)), Reason::NotInFamily, "open_youth_track.youth_id"),
        no(&agreed, ask(track(CHILD)), Reason::AgeNotValid, "open_youth_track.youth_id"),
        no(&agreed, ask(track(MOTHER)), Reason::AgeNotValid, "open_youth_track.youth_id"),
        yes(&with(NOBODY, born(2009, 6, 1)), ask(track(NOBODY)), "YouthTrackOpened"),
        no(&with(NOBODY, born(2009, 6, 2)), ask(track(NOBODY)),
           Reason::AgeNotValid, "open_youth_track.youth_id"),
        yes(&with(NOBODY, born(1993, 6, 2)), ask(track(NOBODY)), "YouthTrackOpened"),
        no(&with(NOBODY, born(1993, 6, 1)), ask(track(NOBODY)),
           Reason::AgeNotValid, "open_youth_track.youth_id"),
        yes(&with(NOBODY, born_in(2009)), ask(track(NOBODY)), "YouthTrackOpened"),
        no(&with(NOBODY, born_in(2010)), ask(track(NOBODY)),
           Reason::AgeNotValid, "open_youth_track.youth_id"),
        no(&with(NOBODY, None), ask(track(NOBODY)),
           Reason::AgeNotValid, "open_youth_track.youth_id"),
        no(&agreed.clone().erased(YOUTH), ask(track(YOUTH)),
           Reason::Erased, "open_youth_track.youth_id"),
        no(&agreed.clone().after(ask(track(YOUTH))), ask(track(YOUTH)),
           Reason::IdTaken, "open_youth_track.track_id"),
        no(&agreed.clone().after(ask(track(YOUTH))),
           ask(OpenYouthTrack { track_id: crate::ids::TrackId(NOBODY.0), ..track(YOUTH) }),
           Reason::NoChange, "open_youth_track.youth_id"),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [case_rows(), worker_rows(), phase_rows(), track_rows()].concat()
}

#[test]
fn rules_on_cases() {
    check(rows());
}

#[test]
fn phases_are_ordered_by_when_they_were_entered() {
    // A correction may still put them in another order than that of recording.
    let first = ask(phase(CasePhase::FamilyAssessment)).on(2019, 4, 1);
    let then = ask(phase(CasePhase::FamilyPlan)).on(2019, 4, 15);
    let moved = CorrectEntry {
        stream: FAMILY.into(),
        entry: EntryRef::Revision(6),
        reason: CorrectionReason::WrongDate,
        explanation: words("A month earlier"),
        corrected: phase(CasePhase::FamilyPlan).into(),
        corrected_occurred: Some(ask(case()).on(2019, 3, 15).circumstances().occurred),
    };
    let journal = opened().after(first).after(then).after(ask(moved));
    let world = journal.world(&phase(CasePhase::FamilyPlan).into());
    let case = world.families.get(&FAMILY.0).unwrap().state.case.clone().unwrap();
    assert_eq!(case.phase, CasePhase::FamilyAssessment, "entered later in the world");
}
