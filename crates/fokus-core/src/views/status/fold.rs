//! The fold of [`FamilyStatusView`]: dated facts in, one row out.
//!
//! The state keeps what is needed to say "latest by (time of effect, revision)" whatever order the
//! entries come in. Facts whose founding entry is missing (marked mistaken, or not yet happened at the
//! time asked for) are kept, and show as soon as it is there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::course::{FlagCourse, absorb_flag, approvals, case_row, open_flags};
use super::glance::Glance;
use super::{
    CORRECTIONS_MAX, InterventionRow, MemberRow, NoteDutyRow, PlanState, ReferralState, RiskRow,
    StatusRow,
};
use crate::codes::*;
use crate::effective::{Clocks, Effective, effective};
use crate::fact::*;
use crate::family::circle::{Circle, with_roles};
use crate::family::course::{Casework, Course};
use crate::family::intervention_course::{self, InterventionCourse};
use crate::family::pairing::{Join, Leave, memberships};
use crate::family::placement::ReferralStep;
use crate::ids::*;
use crate::record::Recorded;
use crate::views::{Row, View};

/// The key of the one row.
const KEY: &str = "status";

/// Time of effect in Unix milliseconds, then revision.
type Order = (i64, u64);

/// How each family stands: one row, `status`, from its registration on.
#[derive(Debug, Clone, Copy)]
pub struct FamilyStatusView;

impl View for FamilyStatusView {
    const NAME: &'static str = "family_status";
    const REVISION: u16 = 3;
    const STREAM: StreamKind = StreamKind::Family;
    type State = StatusState;

    fn fold(state: &mut StatusState, entry: &Effective) -> Vec<Row> {
        state.absorb(entry);
        state.rows()
    }

    fn fold_all(state: &mut StatusState, entries: &[Effective]) -> Vec<Row> {
        Self::absorb(state, entries);
        if entries.is_empty() { Vec::new() } else { state.rows() }
    }

    fn absorb(state: &mut StatusState, entries: &[Effective]) -> Vec<Row> {
        entries.iter().for_each(|it| state.absorb(it));
        Vec::new()
    }

    fn rows(state: &StatusState) -> Vec<Row> {
        state.rows()
    }
}

/// The status as the clocks have it, folded on the spot; `None` before the family's registration.
pub fn status_of(history: &[Recorded], clocks: &Clocks) -> Option<StatusRow> {
    let mut state = StatusState::default();
    effective(history, clocks).iter().for_each(|it| state.absorb(it));
    state.row()
}

/// What the view remembers of a family's stream.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StatusState {
    registered: Option<(FamilyId, String)>,
    joins: Vec<Join>,
    leaves: Vec<Leave>,
    circle: Circle,
    referrals: BTreeMap<ReferralId, ReferralCourse>,
    casework: Casework,
    phases: Vec<(Order, CasePhase)>,
    /// Each with the revision at which it was made, here and below.
    family_plans: BTreeMap<PlanId, u64>,
    agreed_plans: BTreeSet<PlanId>,
    goals: BTreeMap<GoalId, u64>,
    interventions: BTreeMap<InterventionId, InterventionCourse>,
    sessions: BTreeMap<InterventionId, Sessions>,
    risks: BTreeMap<PersonId, BTreeMap<RiskArea, RiskRow>>,
    contacts: ContactTally,
    notes: u32,
    tracks: BTreeMap<TrackId, (u64, PersonId, Option<Date>)>,
    flags: BTreeMap<FlagId, FlagCourse>,
    /// With the revision of the entry.
    contacts_after_closure: Vec<(u64, Date)>,
    corrections_ms: BTreeMap<u64, u64>,
    glance: Glance,
    revision: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct ReferralCourse {
    submitted: Option<Order>,
    triaged: Option<Order>,
    step: Option<(Order, ReferralStep)>,
    case_opened: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Sessions {
    held: u32,
    minutes: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct ContactTally {
    last_ms: Option<i64>,
    last_at_home_ms: Option<i64>,
    /// By person present: who is a child may be known later than the contact.
    last_with_ms: BTreeMap<PersonId, i64>,
    count: u32,
    minutes: u32,
}

/// Keeps the latest of what is there and what comes.
fn latest<T>(slot: &mut Option<(Order, T)>, order: Order, value: T) {
    if slot.as_ref().is_none_or(|it| it.0 <= order) {
        *slot = Some((order, value));
    }
}

impl StatusState {
    /// Folds one entry in.
    #[expect(clippy::too_many_lines, reason = "one arm for each type of fact")]
    fn absorb(&mut self, entry: &Effective) {
        self.revision = self.revision.max(entry.revision);
        self.remember_correction(entry);
        self.glance.absorb(entry);
        let order = entry.order();
        self.casework.absorb(entry);
        match &entry.fact {
            Fact::FamilyRegistered(it) => self.register(it, entry.revision),
            Fact::FamilyMemberAdded(it) => self.joins.push(Join::of_addition(it, entry.revision)),
            Fact::FamilyMemberLeft(it) => self.leaves.push(Leave::of(it, entry.revision)),
            Fact::ReferralSubmitted(it) => {
                self.referrals.entry(it.referral_id).or_default().submitted = Some(order);
            }
            Fact::ReferralTriaged(it) => {
                let referral = self.referrals.entry(it.referral_id).or_default();
                referral.triaged = referral.triaged.max(Some(order));
            }
            Fact::CaseOpened(it) => {
                self.referrals.entry(it.referral_id).or_default().case_opened = true;
            }
            Fact::CasePhaseEntered(it) => self.phases.push((order, it.phase)),
            Fact::CaseReopened(it) => self.phases.push((order, it.phase)),
            Fact::YouthTrackOpened(it) => {
                let track = (entry.revision, it.youth_id, it.family_plan_due_on);
                self.tracks.insert(it.track_id, track);
            }
            Fact::PostClosureContactMade(it) => {
                self.contacts_after_closure.push((entry.revision, it.on));
            }
            Fact::FlagRaised(_) | Fact::FlagResolved(_) => absorb_flag(&mut self.flags, entry),
            Fact::ReferralInfoRequested(_)
            | Fact::ReferralInfoSupplied(_)
            | Fact::ReferralDeclined(_)
            | Fact::ReferralWithdrawn(_)
            | Fact::PlaceOffered(_)
            | Fact::PlaceAccepted(_)
            | Fact::PlaceRefused(_) => self.step_referral(entry),
            Fact::ContactRecorded(it) => self.contacts.absorb(it, order.0),
            Fact::NoteRecorded(_) => self.notes = self.notes.saturating_add(1),
            Fact::ProfessionalRiskJudged(it) => self.judge(it, entry),
            Fact::PlanDrafted(it) => {
                if it.kind == PlanKind::Family {
                    self.family_plans.insert(it.plan_id, entry.revision);
                }
            }
            Fact::GoalSet(it) => {
                self.goals.insert(it.goal_id, entry.revision);
            }
            Fact::PlanAgreed(it) => {
                if it.is_agreement() {
                    self.agreed_plans.insert(it.plan_id);
                }
            }
            Fact::SessionHeld(it) => {
                self.sessions.entry(it.intervention_id).or_default().hold(it.minutes);
            }
            Fact::InterventionOrdered(_)
            | Fact::InterventionStarted(_)
            | Fact::InterventionEnded(_)
            | Fact::InterventionAdjusted(_)
            | Fact::InterventionDeclined(_)
            | Fact::InterventionPaused(_)
            | Fact::InterventionResumed(_) => {
                intervention_course::absorb(&mut self.interventions, entry);
            }
            Fact::FamilyMemberRoleChanged(_)
            | Fact::RelationshipStated(_)
            | Fact::RelationshipEnded(_)
            | Fact::PrimaryContactChosen(_)
            | Fact::NetworkPersonAdded(_)
            | Fact::NetworkPersonRemoved(_)
            | Fact::FamilyRegistrationUndone(_) => self.circle.absorb(entry),
            // Of the glance.
            Fact::IncidentRecorded(_)
            | Fact::EducationStatusReported(_)
            | Fact::EmploymentStatusReported(_) => {}
            Fact::AssessmentAreaDescribed(_)
            | Fact::FactorStated(_)
            | Fact::InstrumentAdministered(_)
            | Fact::AssessmentProvisionallyConcluded(_)
            | Fact::AssessmentAbandoned(_)
            | Fact::ExternalAssessmentReceived(_)
            | Fact::AbsenceReported(_) => {}
            Fact::AssessmentStarted(_)
            | Fact::AssessmentConcluded(_)
            // By the casework alone, or of no bearing on the status.
            | Fact::WorkerAssigned(_)
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
            | Fact::FamilySatisfactionGiven(_)
            | Fact::PartyStatementAdded(_)
            | Fact::SupervisionNoteRecorded(_)
            // Overlaid before a fold sees an entry.
            | Fact::EntryCorrected(_)
            | Fact::EntryMarkedMistaken(_)
            | Fact::MistakenMarkWithdrawn(_)
            // Of other streams.
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
            | Fact::StatisticReleased(_)
            | Fact::StatisticWithdrawn(_)
            | Fact::RoleGranted(_)
            | Fact::RoleRevoked(_)
            | Fact::ConflictOfInterestDeclared(_)
            | Fact::ConflictOfInterestEnded(_)
            | Fact::StaffTrained(_)
            | Fact::ProgrammeOpened(_)
            | Fact::WorkerEmployed(_) => {}
        }
    }

    fn register(&mut self, fact: &FamilyRegistered, revision: u64) {
        self.registered = Some((fact.family_id, fact.reference.clone()));
        self.joins.extend(Join::of_registration(fact, revision));
    }

    fn step_referral(&mut self, entry: &Effective) {
        let Some((id, step)) = ReferralStep::of(&entry.fact, entry.occurred.date()) else { return };
        latest(&mut self.referrals.entry(id).or_default().step, entry.order(), step);
    }

    fn judge(&mut self, fact: &ProfessionalRiskJudged, entry: &Effective) {
        let judged = RiskRow {
            person_id: fact.person_id,
            risk_area: fact.risk_area,
            level: fact.level,
            direction: fact.direction,
            judged_on: entry.occurred.date(),
            valid_until: fact.valid_until,
            order: entry.order(),
        };
        let areas = self.risks.entry(fact.person_id).or_default();
        if areas.get(&fact.risk_area).is_none_or(|it| it.order <= judged.order) {
            areas.insert(fact.risk_area, judged);
        }
    }

    fn remember_correction(&mut self, entry: &Effective) {
        let Some(mark) = entry.corrected_by else { return };
        self.corrections_ms.insert(entry.revision, mark.recorded_ms);
        if self.corrections_ms.len() > CORRECTIONS_MAX {
            let oldest = self.corrections_ms.iter().min_by_key(|it| (it.1, it.0)).map(|it| *it.0);
            oldest.map(|it| self.corrections_ms.remove(&it));
        }
    }

    fn rows(&self) -> Vec<Row> {
        self.row().and_then(|it| Row::new(KEY.to_owned(), &it)).into_iter().collect()
    }

    /// The row; `None` before the family's registration.
    fn row(&self) -> Option<StatusRow> {
        let (family_id, reference) = self.registered.clone()?;
        let members = self.members();
        let with_child = self.contacts.last_with_any(members.iter().filter(|it| is_child(it.role)));
        let courses = self.casework.courses();
        let newest = courses.last();
        let boundary = boundary(&courses);
        let of_case = |made: &&u64| **made > boundary;
        let referral = self.newest_referral();
        let plan_state = self.plan_state(boundary);
        let tracks = || self.tracks.values().filter(|it| it.0 > boundary);
        let due = tracks().filter_map(|it| it.2).min();
        let mut row = StatusRow {
            family_id,
            reference,
            referral_state: referral.map(ReferralCourse::state),
            offer_expires_on: referral.and_then(ReferralCourse::offer),
            case: newest.map(|it| case_row(&self.casework, it, self.phase_of(it))),
            earlier_cases: tally(courses.len().saturating_sub(1)),
            approvals: newest.map(|it| approvals(&self.casework, it)).unwrap_or_default(),
            flags: open_flags(&self.flags),
            last_contact_after_closure_on: newest.and_then(|it| self.contacted_after(it)),
            family_plan_due_on: due.filter(|_| plan_state != PlanState::Agreed),
            members,
            family_plan_state: plan_state,
            goals: tally(self.goals.values().filter(of_case).count()),
            interventions: self.intervention_rows(),
            risks: self.risks.values().flat_map(BTreeMap::values).cloned().collect(),
            last_contact_ms: self.contacts.last_ms,
            last_contact_with_child_ms: with_child,
            last_contact_at_home_ms: self.contacts.last_at_home_ms,
            contacts: self.contacts.count,
            contact_minutes: self.contacts.minutes,
            notes: self.notes,
            primary_contact: self.circle.primary_contact(),
            network: self.circle.network().collect(),
            undone: self.circle.undone,
            youth_with_track: tracks()
                .map(|it| it.1)
                .collect::<BTreeSet<PersonId>>()
                .into_iter()
                .collect(),
            corrections_ms: self.corrections_ms.clone(),
            incidents: 0,
            last_incident_on: None,
            education: Vec::new(),
            employment: Vec::new(),
            goals_worked_on: 0,
            last_goal_contact_ms: None,
            note_duty: NoteDutyRow::default(),
            revision: self.revision,
        };
        self.glance.show(&mut row, |goal| self.goals.get(goal).is_some_and(|it| of_case(&it)));
        Some(row)
    }

    /// The referral submitted last.
    fn newest_referral(&self) -> Option<&ReferralCourse> {
        let submitted = self.referrals.values().filter(|it| it.submitted.is_some());
        submitted.max_by_key(|it| it.submitted)
    }

    /// The phase entered last; a case begins in its first one.
    fn phase_of(&self, course: &Course) -> CasePhase {
        let entered = self.phases.iter().filter(|it| it.0.1 > course.opened);
        entered.max_by_key(|it| it.0).map_or(CasePhase::Engagement, |it| it.1)
    }

    fn contacted_after(&self, course: &Course) -> Option<Date> {
        let contacts = self.contacts_after_closure.iter().filter(|it| it.0 > course.opened);
        contacts.map(|it| it.1).max()
    }

    /// Of the plans made after the boundary between cases.
    fn plan_state(&self, boundary: u64) -> PlanState {
        let mut plans = self.family_plans.iter().filter(|(_, made)| **made > boundary).peekable();
        if plans.peek().is_none() {
            PlanState::None
        } else if plans.any(|(id, _)| self.agreed_plans.contains(id)) {
            PlanState::Agreed
        } else {
            PlanState::Draft
        }
    }

    /// In order of ordering; those whose order is missing are left out.
    fn intervention_rows(&self) -> Vec<InterventionRow> {
        let mut rows: Vec<(u64, InterventionRow)> = self
            .interventions
            .iter()
            .filter_map(|(id, course)| Some((*id, course, course.ordered.as_ref()?)))
            .map(|(intervention_id, course, ordered)| {
                let sessions = self.sessions.get(&intervention_id).copied().unwrap_or_default();
                let row = InterventionRow {
                    intervention_id,
                    intervention_type: ordered.intervention_type,
                    person_id: ordered.person_id,
                    state: course.state(),
                    sessions: sessions.held,
                    minutes: sessions.minutes,
                    started_on: course.started_on(),
                    ended_on: course.ended_on(),
                };
                (ordered.revision, row)
            })
            .collect();
        rows.sort_by_key(|it| it.0);
        rows.into_iter().map(|it| it.1).collect()
    }

    fn members(&self) -> Vec<MemberRow> {
        with_roles(memberships(&self.joins, &self.leaves), &self.circle.role_changes)
            .into_iter()
            .map(|it| MemberRow {
                person_id: it.person_id,
                role: it.role,
                household: it.household,
                joined_on: it.from,
                left_on: it.to,
            })
            .collect()
    }
}

/// Where earlier cases end, as for deciding.
fn boundary(courses: &[Course]) -> u64 {
    let before = courses.len().checked_sub(2).and_then(|it| courses.get(it));
    before.and_then(|it| it.closed).map(|it| it.revision).unwrap_or_default()
}

fn tally(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl ReferralCourse {
    /// Where it stands: the case, or what became of it last.
    fn state(&self) -> ReferralState {
        let triaged =
            if self.triaged.is_some() { ReferralState::Triaged } else { ReferralState::Submitted };
        if self.case_opened {
            return ReferralState::Case;
        }
        match self.step {
            None | Some((_, ReferralStep::InfoSupplied)) => triaged,
            Some((asked, ReferralStep::InfoRequested)) => {
                let judged_since = self.triaged.is_some_and(|it| it > asked);
                if judged_since { triaged } else { ReferralState::InfoRequested }
            }
            Some((_, ReferralStep::Declined)) => ReferralState::Declined,
            Some((_, ReferralStep::Withdrawn)) => ReferralState::Withdrawn,
            Some((_, ReferralStep::Offered { .. })) => ReferralState::Offered,
            Some((_, ReferralStep::Accepted { .. })) => ReferralState::Accepted,
            Some((_, ReferralStep::Refused)) => ReferralState::Refused,
        }
    }

    /// The last day of the place that is offered.
    fn offer(&self) -> Option<Date> {
        match self.step {
            Some((_, ReferralStep::Offered { expires_on })) if !self.case_opened => {
                Some(expires_on)
            }
            Some(_) | None => None,
        }
    }
}

impl Sessions {
    fn hold(&mut self, minutes: u16) {
        self.held = self.held.saturating_add(1);
        self.minutes = self.minutes.saturating_add(u32::from(minutes));
    }
}

impl ContactTally {
    fn absorb(&mut self, fact: &ContactRecorded, at_ms: i64) {
        if fact.kind == ContactKind::NoShow {
            return;
        }
        self.count = self.count.saturating_add(1);
        self.minutes = self.minutes.saturating_add(u32::from(fact.minutes));
        self.last_ms = self.last_ms.max(Some(at_ms));
        if fact.kind == ContactKind::Visit {
            self.last_at_home_ms = self.last_at_home_ms.max(Some(at_ms));
        }
        for person in &fact.present {
            let last = self.last_with_ms.entry(*person).or_insert(at_ms);
            *last = at_ms.max(*last);
        }
    }

    fn last_with_any<'a>(&self, members: impl Iterator<Item = &'a MemberRow>) -> Option<i64> {
        members.filter_map(|it| self.last_with_ms.get(&it.person_id)).max().copied()
    }
}

/// Whether contact with a member of this role is contact with a child.
fn is_child(role: FamilyRole) -> bool {
    matches!(role, FamilyRole::Child | FamilyRole::Sibling | FamilyRole::HalfSibling)
}
