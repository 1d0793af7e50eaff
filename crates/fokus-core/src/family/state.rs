//! What must be remembered of a family in order to decide, and what can be asked of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::codes::{
    AssessmentKind, CasePhase, EducationStatus, EmploymentStatus, FamilyRole, Grade, Household,
    IcsDimension, PlanKind, RiskArea, WorkerRole,
};
use crate::command::LegalBasis;
use crate::family::circle::{Circle, with_roles};
use crate::family::pairing::{Join, Leave, Stay, memberships, standing};
use crate::family::intervention_course::{InterventionCourse, Turn};
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
    pub case: Option<Case>,
    pub workers: Vec<Assignment>,
    pub assessments: BTreeMap<AssessmentId, Assessment>,
    pub plans: BTreeMap<PlanId, Plan>,
    pub goals: BTreeMap<GoalId, Goal>,
    /// One without its order is none: see [`State::intervention`].
    pub interventions: BTreeMap<InterventionId, InterventionCourse>,
    pub tracks: BTreeMap<TrackId, Track>,
    pub judgements: Vec<Judgement>,
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
    pub basis: Option<LegalBasis>,
    pub phase: CasePhase,
    /// When the phase was entered: the latest by (effective time, revision).
    pub phase_order: (i64, u64),
}

/// A worker on the case, from a day on, until and with the last day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub worker_id: WorkerId,
    pub role: WorkerRole,
    pub from: Date,
    pub to: Option<Date>,
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
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub kind: PlanKind,
    /// `None` = the family.
    pub person_id: Option<PersonId>,
    /// The day on which somebody agreed to it, once somebody did.
    pub agreed_on: Option<Date>,
}

/// A goal of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    pub plan_id: PlanId,
    pub risk_area: RiskArea,
    /// Whether all five levels of attainment are described.
    pub levels_complete: bool,
}

/// A youth's track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    pub youth_id: PersonId,
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

impl Assignment {
    /// Whether the two share a day; `None` as an end is never.
    pub fn overlaps(&self, from: Date, to: Option<Date>) -> bool {
        self.to.is_none_or(|end| from <= end) && to.is_none_or(|end| self.from <= end)
    }
}

impl Referral {
    /// Whether it still waits for an answer or a place.
    pub fn is_open(&self) -> bool {
        self.triage.as_ref().is_none_or(|it| it.met)
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
        self.assessments.values().any(assessed) && self.plans.values().any(planned)
    }

    /// The intervention, when it was ordered.
    pub fn intervention(&self, id: InterventionId) -> Option<&InterventionCourse> {
        self.interventions.get(&id).filter(|it| it.ordered.is_some())
    }

    /// Whether the person has a track; `None` = anybody.
    pub fn has_track(&self, youth: Option<PersonId>) -> bool {
        self.tracks.values().any(|it| youth.is_none_or(|youth| it.youth_id == youth))
    }
}

/// Those of the memberships that stand on that day, one a person.
pub(super) fn present_among(members: &[Membership], day: Date) -> Vec<&Membership> {
    standing(members, day, |it| Stay { person_id: it.person_id, from: it.from, to: it.to })
}
