//! What must be remembered of a family in order to decide, and what can be asked of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::course::{Casework, Closure, Course, Override};
use super::placement::ReferralStep;
use super::staffing::Assignment;
use crate::codes::{
    AssessmentKind, CasePhase, CaseState, EducationStatus, EmploymentStatus, FamilyRole, Grade,
    Household, IcsDimension, PlanKind, RiskArea,
};
use crate::command::LegalBasis;
use crate::family::circle::{Circle, with_roles};
use crate::family::intervention_course::{InterventionCourse, Turn};
use crate::family::pairing::{Join, Leave, Stay, memberships, standing};
use crate::ids::*;

/// The family as its effective history tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// Unique in the tenant; empty before the family's registration.
    pub reference: String,
    /// As recorded; `members` follows from both.
    pub joins: Vec<Join>,
    pub leaves: Vec<Leave>,
    /// In order of joining; one for each time that a person was a member.
    pub members: Vec<Membership>,
    /// Changed roles, relationships, the network, the primary contact.
    pub circle: Circle,
    pub referrals: BTreeMap<ReferralId, Referral>,
    /// The newest, open or closed.
    pub case: Option<Case>,
    /// As recorded; `courses` follow from it.
    pub casework: Casework,
    /// One for each case, in order of opening.
    pub courses: Vec<Course>,
    pub assessments: BTreeMap<AssessmentId, Assessment>,
    pub plans: BTreeMap<PlanId, Plan>,
    pub goals: BTreeMap<GoalId, Goal>,
    /// One without its order is none: see [`State::intervention`].
    pub interventions: BTreeMap<InterventionId, InterventionCourse>,
    pub tracks: BTreeMap<TrackId, Track>,
    pub judgements: Vec<Judgement>,
    pub flags: BTreeMap<FlagId, Flag>,
    /// Every entry that stands, by revision: not the mistaken ones.
    pub entries: BTreeMap<u64, Entry>,
    /// As recorded.
    pub education: Vec<Reported<EducationStatus>>,
    pub employment: Vec<Reported<EmploymentStatus>>,
}

/// What was reported of a person, from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported<S> {
    pub person_id: PersonId,
    /// The first day, then the revision: what "latest" means.
    pub turn: Turn,
    pub status: S,
}

/// One time that a person was a member: from a day on, until the day of leaving, on which the
/// person is a member no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub person_id: PersonId,
    pub role: FamilyRole,
    pub household: Household,
    /// `None` = since the family's registration, and as far back as anybody asks.
    pub from: Option<Date>,
    pub to: Option<Date>,
    /// Whether it ended by death.
    pub died: bool,
}

/// A referral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    pub programme_id: ProgrammeId,
    pub risk_areas: Vec<RiskArea>,
    pub about: Vec<PersonId>,
    /// The latest by (effective time, revision).
    pub triage: Option<Triage>,
    /// When it was submitted, in Unix milliseconds.
    pub since_ms: i64,
    /// What else became of it: the latest by (effective time, revision).
    pub step: Option<((i64, u64), ReferralStep)>,
}

/// How a referral was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Triage {
    pub order: (i64, u64),
    /// Whether the family belongs to the target group.
    pub met: bool,
    /// Whether there is a place.
    pub capacity: bool,
}

/// The family's case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub case_id: CaseId,
    pub referral_id: ReferralId,
    pub programme_id: ProgrammeId,
    pub opened_on: Date,
    /// What later entries rest on where they say nothing else.
    pub basis: Option<Arc<LegalBasis>>,
    pub phase: CasePhase,
    /// When the phase was entered: the latest by (effective time, revision).
    pub phase_order: (i64, u64),
}

/// An assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    pub kind: AssessmentKind,
    /// `None` = the family.
    pub person_id: Option<PersonId>,
    /// The first day that it may have begun on.
    pub started_on: Date,
    /// The day of its conclusion, once there is one.
    pub concluded_on: Option<Date>,
    pub is_provisional: bool,
    pub is_abandoned: bool,
    /// Those described.
    pub dimensions: BTreeSet<IcsDimension>,
    /// Whether the child was heard on any of them, or why not.
    pub says_of_child: bool,
    /// Revision of its start.
    pub made: u64,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub kind: PlanKind,
    /// `None` = the family.
    pub person_id: Option<PersonId>,
    /// The day on which somebody agreed to it, once somebody did.
    pub agreed_on: Option<Date>,
    /// Revision of its draft.
    pub made: u64,
}

/// A goal of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    pub plan_id: PlanId,
    pub risk_area: RiskArea,
    /// Whether all five levels of attainment are described.
    pub levels_complete: bool,
    /// Revision of its setting.
    pub made: u64,
}

/// A youth's track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    pub youth_id: PersonId,
    /// Revision of its opening.
    pub made: u64,
}

/// Attention called to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    pub raised_on: Date,
    pub about: Vec<PersonId>,
    pub resolved: bool,
}

/// A judged risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    pub person_id: PersonId,
    pub risk_area: RiskArea,
    /// Unix milliseconds, by the time of effect.
    pub effective_ms: i64,
}

/// An entry that a judgement or an assessment may rest on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The local date of its effect: its own date where the type has one, else that of the act.
    pub day: Date,
    /// How sure it is; notes and incidents only.
    pub grade: Option<Grade>,
}

impl Membership {
    /// Whether the role is one of the young: CHILD, SIBLING, HALF_SIBLING.
    pub fn is_child(&self) -> bool {
        match self.role {
            FamilyRole::Child | FamilyRole::Sibling | FamilyRole::HalfSibling => true,
            FamilyRole::Mother
            | FamilyRole::Father
            | FamilyRole::Stepparent
            | FamilyRole::Grandparent
            | FamilyRole::Foster
            | FamilyRole::Partner
            | FamilyRole::Other => false,
        }
    }
}

impl Referral {
    /// Whether, on that day, it still waits for an answer or a place, or for the case.
    pub fn is_open(&self, day: Date) -> bool {
        let ended = match self.step.map(|(_, it)| it) {
            Some(ReferralStep::Offered { expires_on }) => expires_on < day,
            Some(it) => it.is_final(),
            None => false,
        };
        !ended && self.triage.as_ref().is_none_or(|it| it.met)
    }
}

impl State {
    /// Whether the person is or was a member.
    pub fn was_member(&self, person: PersonId) -> bool {
        self.members.iter().any(|it| it.person_id == person)
    }

    /// Whether the person is or was a member, or of the family's network.
    pub fn knows(&self, person: PersonId) -> bool {
        self.was_member(person) || self.circle.was_of_network(person)
    }

    /// The memberships of that day, one a person.
    pub fn present(&self, day: Date) -> impl Iterator<Item = &Membership> {
        present_among(&self.members, day).into_iter()
    }

    /// The memberships anew, from what was recorded.
    pub(super) fn settle_members(&mut self) {
        let members = memberships(&self.joins, &self.leaves);
        self.members = with_roles(members, &self.circle.role_changes);
    }

    /// The members of that day; of a day when nobody was one, those who have not left.
    pub fn present_or_current(&self, day: Date) -> Vec<PersonId> {
        let present: Vec<_> = self.present(day).map(|it| it.person_id).collect();
        if !present.is_empty() {
            return present;
        }
        self.members.iter().filter(|it| it.to.is_none()).map(|it| it.person_id).collect()
    }

    /// Whether the family came first, by that day: a concluded assessment of the family as a whole,
    /// and an agreed plan for it.
    pub fn family_came_first(&self, by: Date) -> bool {
        let by_then = |day: Option<Date>| day.is_some_and(|it| it <= by);
        let assessed = |it: &Assessment| {
            it.kind == AssessmentKind::FamilyAssessment
                && it.person_id.is_none()
                && by_then(it.concluded_on)
        };
        let planned = |it: &Plan| it.kind == PlanKind::Family && by_then(it.agreed_on);
        self.assessments.values().any(|it| self.is_of_case(it.made) && assessed(it))
            && self.plans.values().any(|it| self.is_of_case(it.made) && planned(it))
    }

    /// The intervention, when it was ordered.
    pub fn intervention(&self, id: InterventionId) -> Option<&InterventionCourse> {
        self.interventions.get(&id).filter(|it| it.ordered.is_some())
    }

    /// Whether the person has a track in this case; `None` = anybody.
    pub fn has_track(&self, youth: Option<PersonId>) -> bool {
        let theirs = |it: &&Track| youth.is_none_or(|youth| it.youth_id == youth);
        self.tracks.values().filter(theirs).any(|it| self.is_of_case(it.made))
    }

    /// Whether what was made at that revision belongs to the newest case: not to an earlier one.
    pub fn is_of_case(&self, made: u64) -> bool {
        self.boundary() < made
    }

    /// Where earlier cases end: the revision at which the one before the newest was closed; 0 without
    /// one.
    fn boundary(&self) -> u64 {
        let before = self.courses.len().checked_sub(2).and_then(|it| self.courses.get(it));
        let closed = |it: &Course| it.closed.map(|closed| closed.revision);
        before.and_then(closed).unwrap_or_default()
    }

    /// The goals of the newest case.
    pub fn goals_of_case(&self) -> impl Iterator<Item = GoalId> {
        self.goals.iter().filter(|(_, it)| self.is_of_case(it.made)).map(|(id, _)| *id)
    }

    /// The newest case's course.
    pub fn course(&self) -> Option<&Course> {
        self.courses.last()
    }

    /// Where the newest case stands.
    pub fn case_state(&self) -> CaseState {
        self.course().map_or(CaseState::None, |it| self.casework.state_of(it))
    }

    /// Whether the newest case is open.
    pub fn is_case_open(&self) -> bool {
        self.course().is_some_and(|it| it.closed.is_none())
    }

    /// Who worked, works or will work on the newest case.
    pub fn workers(&self) -> &[Assignment] {
        self.course().map(|it| it.assignments.as_slice()).unwrap_or_default()
    }

    /// See [`Casework::live_closure`].
    pub fn live_closure(&self) -> Option<(u64, &Closure)> {
        self.casework.live_closure(self.course()?)
    }

    /// See [`Casework::is_overridden`].
    pub fn is_overridden(&self, youth: PersonId, day: Date) -> bool {
        self.casework.is_overridden(&self.courses, youth, day)
    }

    /// See [`Casework::live_overrides`].
    pub fn live_overrides(&self) -> impl Iterator<Item = (u64, &Override)> {
        self.course().into_iter().flat_map(|it| self.casework.live_overrides(it))
    }

    /// Those of them that wait for a second person.
    pub fn waiting_overrides(&self) -> impl Iterator<Item = (u64, &Override)> {
        self.live_overrides().filter(|(_, it)| it.proposed.reply.is_none())
    }
}

/// Those of the memberships that stand on that day, one a person.
pub(super) fn present_among(members: &[Membership], day: Date) -> Vec<&Membership> {
    standing(members, day, |it| Stay { person_id: it.person_id, from: it.from, to: it.to })
}
