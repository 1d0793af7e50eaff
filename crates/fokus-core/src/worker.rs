//! A worker's stream: who is employed, and when; what the worker may be on cases, has learnt, and where
//! the worker is not impartial. The worker is the person in it.
//!
//! The rules on roles and training stand in `grant`, those on interests in `interest`.
//!
//! **A worker to whom no role was ever granted may be anything on a case**: a municipality that keeps
//! no roles is not stopped. From the first grant on, what is granted counts, and nothing else.

mod grant;
mod interest;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::codes::WorkerRole;
use crate::command::EmployWorker;
use crate::command::people::InterestIn;
use crate::decide::Rules;
use crate::decide::scene::{Scene, text};
use crate::effective::Effective;
use crate::fact::{Fact, WorkerEmployed};
use crate::ids::{FamilyId, PersonId, ProgrammeId, StreamRef, WorkerId};
use crate::period::Period;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};

/// What must be remembered of a worker in order to decide.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    pub employed_from: Option<Date>,
    /// The last day; `None` = until further notice.
    pub employed_to: Option<Date>,
    /// As recorded; see [`State::role_periods`].
    grants: Vec<(WorkerRole, Period)>,
    /// With the last day of the role.
    revocations: Vec<(WorkerRole, Date)>,
    /// As recorded; see [`State::interest_periods`].
    interests: Vec<(InterestIn, Period)>,
    /// With the last day of the interest.
    interests_ended: Vec<(InterestIn, Date)>,
    /// The first day of each training.
    trainings: BTreeMap<(ProgrammeId, String), Date>,
}

/// Folds one entry in. Total.
pub fn evolve(mut state: State, entry: &Effective) -> State {
    if let Fact::WorkerEmployed(it) = &entry.fact {
        state.employed_from = Some(it.employed_from);
        state.employed_to = it.employed_to;
    } else if let Fact::RoleGranted(it) = &entry.fact {
        state.grants.push((it.role, Period { from: it.valid_from, to: it.valid_to }));
    } else if let Fact::RoleRevoked(it) = &entry.fact {
        state.revocations.push((it.role, it.valid_to));
    } else if let Fact::ConflictOfInterestDeclared(it) = &entry.fact {
        let period = Period { from: it.valid_from, to: None };
        state.interests.extend(interest(it.family_id, it.person_id).map(|it| (it, period)));
    } else if let Fact::ConflictOfInterestEnded(it) = &entry.fact {
        let ended = interest(it.family_id, it.person_id).map(|about| (about, it.valid_to));
        state.interests_ended.extend(ended);
    } else if let Fact::StaffTrained(it) = &entry.fact {
        let key = (it.programme_id, it.method_version.clone());
        let first = state.trainings.get(&key).map_or(it.on, |known| it.on.min(*known));
        state.trainings.insert(key, first);
    }
    state
}

fn interest(family: Option<FamilyId>, person: Option<PersonId>) -> Option<InterestIn> {
    family.map(InterestIn::Family).or(person.map(InterestIn::Person))
}

impl State {
    /// Whether the worker is employed on that day.
    pub fn is_active(&self, day: Date) -> bool {
        self.employed_from.is_some_and(|from| from <= day)
            && self.employed_to.is_none_or(|to| day <= to)
    }

    /// When the worker has or had the role by grant.
    pub fn role_periods(&self, role: WorkerRole) -> impl Iterator<Item = Period> {
        let revoked = move |period: Period| {
            let ends = self.revocations.iter().filter(move |it| it.0 == role).map(|it| it.1);
            period.ended_by(ends)
        };
        self.grants.iter().filter(move |it| it.0 == role).map(move |it| revoked(it.1))
    }

    /// Whether the worker may be that on a case on that day.
    pub fn may_be(&self, role: WorkerRole, day: Date) -> bool {
        self.grants.is_empty() || self.role_periods(role).any(|it| it.contains(day))
    }

    /// When the worker is or was not impartial there.
    pub fn interest_periods(&self, there: InterestIn) -> impl Iterator<Item = Period> {
        let ended = move |period: Period| {
            let ends = self.interests_ended.iter().filter(move |it| it.0 == there);
            period.ended_by(ends.map(|it| it.1))
        };
        self.interests.iter().filter(move |it| it.0 == there).map(move |it| ended(it.1))
    }

    /// The day of the first training in that version.
    pub fn trained_on(&self, programme: ProgrammeId, method_version: &str) -> Option<Date> {
        self.trainings.get(&(programme, method_version.to_owned())).copied()
    }
}

/// The worker may be that on the family's case from a day on: the role is granted on that day, and
/// the worker has no interest in the family, in those who are or were its members, or in its network,
/// in that period.
pub(crate) fn may_take_part(
    scene: &Scene<'_>,
    worker: WorkerId,
    role: (WorkerRole, &str),
    family: FamilyId,
    period: Period,
    field: &str,
) -> Result<(), Rejection> {
    let Some(loaded) = scene.world.workers.get(&worker.0) else { return Ok(()) };
    let (role, role_field) = role;
    if !loaded.state.may_be(role, period.from) {
        return Err(Rejection::new(
            Reason::RoleNotGranted,
            "the worker was granted roles, but not this one on that day",
        )
        .at(scene.path(role_field)));
    }
    let concerns = |it: InterestIn| match it {
        InterestIn::Family(it) => it == family,
        InterestIn::Person(it) => scene.family.knows(it),
    };
    let overlaps = |it: InterestIn| {
        loaded.state.interest_periods(it).any(|it| it.overlaps(period.from, period.to))
    };
    if loaded.state.interests.iter().any(|it| concerns(it.0) && overlaps(it.0)) {
        return Err(Rejection::new(
            Reason::ConflictOfInterest,
            "the worker has declared an interest that forbids it",
        )
        .at(scene.path(field)));
    }
    Ok(())
}

/// The worker is employed on that day.
pub(crate) fn must_be_active(
    scene: &Scene<'_>,
    worker: WorkerId,
    day: Date,
    field: &str,
) -> Result<(), Rejection> {
    match scene.world.workers.get(&worker.0) {
        Some(loaded) if loaded.state.is_active(day) => Ok(()),
        Some(_) | None => {
            Err(Rejection::new(Reason::WorkerNotActive, "the worker is not employed on that day")
                .at(scene.path(field)))
        }
    }
}

impl Rules for EmployWorker {
    fn name(&self) -> &'static str {
        "employ_worker"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.worker_id.into(), "worker_id")
    }

    fn begins_stream(&self) -> bool {
        true
    }

    fn build(&self, _scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::WorkerEmployed(WorkerEmployed {
            worker_id: self.worker_id,
            subject: self.subject.clone(),
            agency: self.agency,
            employed_from: self.employed_from,
            employed_to: self.employed_to,
        });
        let whose = PersonId(self.worker_id.0);
        Ok(Record { fact, personal: vec![text("name", &[whose], &self.name)] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        match self.employed_to {
            Some(to) => scene.in_order(self.employed_from, to, "employed_to"),
            None => Ok(()),
        }
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("name".to_owned(), self.name.0.as_str())]
    }
}
