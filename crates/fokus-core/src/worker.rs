//! A worker's stream: who is employed, and when. The worker is the person in it.

use jiff::civil::Date;

use crate::command::EmployWorker;
use crate::decide::Rules;
use crate::decide::scene::{Scene, text};
use crate::effective::Effective;
use crate::fact::{Fact, WorkerEmployed};
use crate::ids::{PersonId, StreamRef, WorkerId};
use crate::record::Record;
use crate::rejection::{Reason, Rejection};

/// What must be remembered of a worker in order to decide.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    pub employed_from: Option<Date>,
    /// The last day; `None` = until further notice.
    pub employed_to: Option<Date>,
}

/// Folds one entry in. Total.
pub fn evolve(state: State, entry: &Effective) -> State {
    if let Fact::WorkerEmployed(it) = &entry.fact {
        return State { employed_from: Some(it.employed_from), employed_to: it.employed_to };
    }
    state
}

impl State {
    /// Whether the worker is employed on that day.
    pub fn is_active(&self, day: Date) -> bool {
        self.employed_from.is_some_and(|from| from <= day)
            && self.employed_to.is_none_or(|to| day <= to)
    }
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
