//! Folds a family's effective history, entry by entry, in revision order.

mod assessing;

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::intervention_course;
use super::pairing::{Join, Leave};
use super::state::*;
use crate::codes::{CasePhase, WorkerRole};
use crate::effective::Effective;
use crate::fact::*;

/// Folds one entry in. Total: what no longer has something to bear on changes nothing.
#[expect(clippy::too_many_lines, reason = "one arm for each type of fact")]
pub fn evolve(mut state: State, entry: &Effective) -> State {
    match &entry.fact {
        Fact::FamilyRegistered(it) => {
            state.reference.clone_from(&it.reference);
            state.joins.extend(Join::of_registration(it, entry.revision));
            state.settle_members();
        }
        Fact::FamilyMemberAdded(it) => {
            state.joins.push(Join::of_addition(it, entry.revision));
            state.settle_members();
        }
        Fact::FamilyMemberLeft(it) => {
            state.leaves.push(Leave::of(it, entry.revision));
            state.settle_members();
        }
        Fact::ReferralSubmitted(it) => submitted(&mut state, it),
        Fact::ReferralTriaged(it) => triaged(&mut state, it, entry),
        Fact::CaseOpened(it) => opened(&mut state, it, entry),
        Fact::WorkerAssigned(it) => state.workers.push(Assignment {
            worker_id: it.worker_id,
            role: it.role,
            from: it.valid_from,
            to: it.valid_to,
        }),
        Fact::CasePhaseEntered(it) => phase_entered(&mut state, it, entry),
        Fact::YouthTrackOpened(it) => {
            state.tracks.insert(it.track_id, Track { youth_id: it.youth_id });
        }
        Fact::AssessmentStarted(it) => started(&mut state, it, entry),
        Fact::AssessmentConcluded(it) => {
            if let Some(assessment) = state.assessments.get_mut(&it.assessment_id) {
                let day = entry.occurred.date();
                assessment.concluded_on = Some(first(assessment.concluded_on, day));
            }
        }
        Fact::ProfessionalRiskJudged(it) => state.judgements.push(Judgement {
            person_id: it.person_id,
            risk_area: it.risk_area,
            effective_ms: entry.effective_ms(),
        }),
        Fact::PlanDrafted(it) => drafted(&mut state, it),
        Fact::GoalSet(it) => goal_set(&mut state, it),
        Fact::PlanAgreed(it) => {
            if let Some(plan) = state.plans.get_mut(&it.plan_id)
                && it.is_agreement()
            {
                plan.agreed_on = Some(first(plan.agreed_on, entry.occurred.date()));
            }
        }
        Fact::InterventionOrdered(_)
        | Fact::InterventionStarted(_)
        | Fact::InterventionEnded(_)
        | Fact::InterventionAdjusted(_)
        | Fact::InterventionDeclined(_)
        | Fact::InterventionPaused(_)
        | Fact::InterventionResumed(_) => {
            intervention_course::absorb(&mut state.interventions, entry);
        }
        Fact::AssessmentAreaDescribed(_)
        | Fact::FactorStated(_)
        | Fact::InstrumentAdministered(_)
        | Fact::AssessmentProvisionallyConcluded(_)
        | Fact::AssessmentAbandoned(_)
        | Fact::ExternalAssessmentReceived(_)
        | Fact::IncidentRecorded(_)
        | Fact::AbsenceReported(_)
        | Fact::EducationStatusReported(_)
        | Fact::EmploymentStatusReported(_) => assessing::absorb(&mut state, entry),
        Fact::ContactRecorded(_) | Fact::NoteRecorded(_) | Fact::SessionHeld(_) => {}
        Fact::FamilyMemberRoleChanged(_) => {
            state.circle.absorb(entry);
            state.settle_members();
        }
        Fact::RelationshipStated(_)
        | Fact::RelationshipEnded(_)
        | Fact::PrimaryContactChosen(_)
        | Fact::NetworkPersonAdded(_)
        | Fact::NetworkPersonRemoved(_)
        | Fact::FamilyRegistrationUndone(_) => state.circle.absorb(entry),
        // Overlaid before the fold, or of other streams.
        Fact::EntryCorrected(_)
        | Fact::EntryMarkedMistaken(_)
        | Fact::MistakenMarkWithdrawn(_)
        | Fact::PersonRegistered(_)
        | Fact::PersonIdentityEstablished(_)
        | Fact::PersonNameChanged(_)
        | Fact::PersonContactPointRecorded(_)
        | Fact::PersonContactPointEnded(_)
        | Fact::LanguageNeedRecorded(_)
        | Fact::PersonDied(_)
        | Fact::SpecialCareMarkerSet(_)
        | Fact::SpecialCareMarkerCleared(_)
        | Fact::MethodVersionPublished(_)
        | Fact::MethodVersionRetired(_)
        | Fact::RoleGranted(_)
        | Fact::RoleRevoked(_)
        | Fact::ConflictOfInterestDeclared(_)
        | Fact::ConflictOfInterestEnded(_)
        | Fact::StaffTrained(_)
        | Fact::ProgrammeOpened(_)
        | Fact::WorkerEmployed(_) => return state,
    }
    remember(&mut state, entry);
    state
}

fn remember(state: &mut State, entry: &Effective) {
    let grade = if let Fact::NoteRecorded(it) = &entry.fact {
        Some(it.grade)
    } else if let Fact::IncidentRecorded(it) = &entry.fact {
        Some(it.grade)
    } else {
        None
    };
    state.entries.insert(entry.revision, Entry { day: entry.effective_day(), grade });
}

/// The earlier of two days.
fn first(known: Option<Date>, day: Date) -> Date {
    known.map_or(day, |it| it.min(day))
}

fn submitted(state: &mut State, it: &ReferralSubmitted) {
    let referral = Referral {
        programme_id: it.programme_id,
        risk_areas: it.risk_areas.clone(),
        about: it.about.clone(),
        triage: None,
    };
    state.referrals.insert(it.referral_id, referral);
}

fn triaged(state: &mut State, it: &ReferralTriaged, entry: &Effective) {
    let Some(referral) = state.referrals.get_mut(&it.referral_id) else { return };
    let triage = Triage { order: entry.order(), met: it.met, capacity: it.capacity };
    if referral.triage.as_ref().is_none_or(|before| before.order < triage.order) {
        referral.triage = Some(triage);
    }
}

fn opened(state: &mut State, it: &CaseOpened, entry: &Effective) {
    state.case = Some(Case {
        case_id: it.case_id,
        referral_id: it.referral_id,
        programme_id: it.programme_id,
        opened_on: it.opened_on,
        basis: entry.basis.clone(),
        phase: CasePhase::Engagement,
        // Any phase that is entered comes after the one that the case begins in.
        phase_order: (i64::MIN, 0),
    });
    state.workers.push(Assignment {
        worker_id: it.lead_worker_id,
        role: WorkerRole::Lead,
        from: it.opened_on,
        to: None,
    });
}

fn phase_entered(state: &mut State, it: &CasePhaseEntered, entry: &Effective) {
    let Some(case) = &mut state.case else { return };
    if case.phase_order < entry.order() {
        case.phase = it.phase;
        case.phase_order = entry.order();
    }
}

fn started(state: &mut State, it: &AssessmentStarted, entry: &Effective) {
    let assessment = Assessment {
        kind: it.kind,
        person_id: it.person_id,
        started_on: entry.occurred.date(),
        concluded_on: None,
        is_provisional: false,
        is_abandoned: false,
        dimensions: BTreeSet::new(),
        says_of_child: false,
    };
    state.assessments.insert(it.assessment_id, assessment);
}

fn drafted(state: &mut State, it: &PlanDrafted) {
    let plan = Plan { kind: it.kind, person_id: it.person_id, agreed_on: None };
    state.plans.insert(it.plan_id, plan);
}

fn goal_set(state: &mut State, it: &GoalSet) {
    let goal =
        Goal { plan_id: it.plan_id, risk_area: it.risk_area, levels_complete: it.levels_complete };
    state.goals.insert(it.goal_id, goal);
}
