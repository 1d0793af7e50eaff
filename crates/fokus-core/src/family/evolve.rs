//! Folds a family's effective history, entry by entry, in revision order.

mod assessing;

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::intervention_course;
use super::pairing::{Join, Leave};
use super::placement::ReferralStep;
use super::state::*;
use crate::codes::CasePhase;
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
        Fact::ReferralSubmitted(it) => submitted(&mut state, it, entry),
        Fact::ReferralTriaged(it) => triaged(&mut state, it, entry),
        Fact::CaseOpened(it) => opened(&mut state, it, entry),
        Fact::CasePhaseEntered(it) => phase_entered(&mut state, it.phase, entry),
        Fact::YouthTrackOpened(it) => {
            let track = Track { youth_id: it.youth_id, made: entry.revision };
            state.tracks.insert(it.track_id, track);
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
        Fact::PlanDrafted(it) => drafted(&mut state, it, entry),
        Fact::GoalSet(it) => goal_set(&mut state, it, entry),
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
        Fact::ReferralInfoRequested(_)
        | Fact::ReferralInfoSupplied(_)
        | Fact::ReferralDeclined(_)
        | Fact::ReferralWithdrawn(_)
        | Fact::PlaceOffered(_)
        | Fact::PlaceAccepted(_)
        | Fact::PlaceRefused(_) => stepped(&mut state, entry),
        Fact::CaseReopened(it) => phase_entered(&mut state, it.phase, entry),
        Fact::FlagRaised(it) => flag_raised(&mut state, it, entry),
        Fact::FlagResolved(it) => {
            if let Some(flag) = state.flags.get_mut(&it.flag_id) {
                flag.resolved = true;
            }
        }
        // By the casework alone, or remembered as entries only.
        Fact::WorkerAssigned(_)
        | Fact::WorkerUnassigned(_)
        | Fact::HandoverCompleted(_)
        | Fact::CasePaused(_)
        | Fact::CaseResumed(_)
        | Fact::ClosureProposed(_)
        | Fact::ClosureApproved(_)
        | Fact::ClosureRejected(_)
        | Fact::CaseClosed(_)
        | Fact::AcuteOverrideProposed(_)
        | Fact::AcuteOverrideApproved(_)
        | Fact::AcuteOverrideRejected(_)
        | Fact::PostClosureContactMade(_)
        | Fact::FamilySatisfactionGiven(_)
        | Fact::PartyStatementAdded(_)
        | Fact::SupervisionNoteRecorded(_) => {}
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
        | Fact::DisclosureRulesSet(_)
        | Fact::StatisticWithdrawn(_)
        | Fact::StatisticReleased(_)
        | Fact::RoleGranted(_)
        | Fact::RoleRevoked(_)
        | Fact::ConflictOfInterestDeclared(_)
        | Fact::ConflictOfInterestEnded(_)
        | Fact::StaffTrained(_)
        | Fact::ProgrammeOpened(_)
        | Fact::WorkerEmployed(_) => return state,
    }
    if state.casework.absorb(entry) {
        state.courses = state.casework.courses();
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

fn submitted(state: &mut State, it: &ReferralSubmitted, entry: &Effective) {
    let referral = Referral {
        programme_id: it.programme_id,
        risk_areas: it.risk_areas.clone(),
        about: it.about.clone(),
        triage: None,
        since_ms: entry.effective_ms(),
        step: None,
    };
    state.referrals.insert(it.referral_id, referral);
}

fn stepped(state: &mut State, entry: &Effective) {
    let Some((id, step)) = ReferralStep::of(&entry.fact, entry.occurred.date()) else { return };
    let Some(referral) = state.referrals.get_mut(&id) else { return };
    if referral.step.is_none_or(|(before, _)| before < entry.order()) {
        referral.step = Some((entry.order(), step));
    }
}

fn flag_raised(state: &mut State, it: &FlagRaised, entry: &Effective) {
    let flag = Flag { raised_on: entry.occurred.date(), about: it.about.clone(), resolved: false };
    state.flags.insert(it.flag_id, flag);
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
}

fn phase_entered(state: &mut State, phase: CasePhase, entry: &Effective) {
    let Some(case) = &mut state.case else { return };
    if case.phase_order < entry.order() {
        case.phase = phase;
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
        made: entry.revision,
    };
    state.assessments.insert(it.assessment_id, assessment);
}

fn drafted(state: &mut State, it: &PlanDrafted, entry: &Effective) {
    let (kind, person_id, made) = (it.kind, it.person_id, entry.revision);
    let plan = Plan { kind, person_id, agreed_on: None, made };
    state.plans.insert(it.plan_id, plan);
}

fn goal_set(state: &mut State, it: &GoalSet, entry: &Effective) {
    let goal = Goal {
        plan_id: it.plan_id,
        risk_area: it.risk_area,
        levels_complete: it.levels_complete,
        made: entry.revision,
    };
    state.goals.insert(it.goal_id, goal);
}
