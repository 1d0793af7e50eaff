//! Where a worker is not impartial: DeclareConflictOfInterest, EndConflictOfInterest.
//!
//! A declaration is never refused for what it would disturb: assignments that stand go on until
//! somebody ends them.

use super::State;
use crate::command::people::{DeclareConflictOfInterest, EndConflictOfInterest, InterestIn};
use crate::decide::Rules;
use crate::decide::scene::{Scene, personal};
use crate::fact::Fact;
use crate::fact::people::{ConflictOfInterestDeclared, ConflictOfInterestEnded};
use crate::ids::{PersonId, StreamRef, WorkerId};
use crate::period::Period;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};

impl Rules for DeclareConflictOfInterest {
    fn name(&self) -> &'static str {
        "declare_conflict_of_interest"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.worker_id.into(), "worker_id")
    }

    fn reads(&self) -> Vec<StreamRef> {
        vec![self.interest_in.stream().0]
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let (stream, field) = self.interest_in.stream();
        scene.must_exist(stream, field)?;
        let person = self.interest_in.person();
        let about: Vec<PersonId> =
            std::iter::once(PersonId(self.worker_id.0)).chain(person).collect();
        let kind = personal("kind", &about, &self.kind);
        let fact = Fact::ConflictOfInterestDeclared(ConflictOfInterestDeclared {
            worker_id: self.worker_id,
            family_id: self.interest_in.family(),
            person_id: person,
            valid_from: self.valid_from.unwrap_or(scene.day()),
            about,
        });
        Ok(Record { fact, personal: vec![kind] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.valid_from.unwrap_or(scene.day()), "valid_from")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let valid_from = self.valid_from.unwrap_or(scene.day());
        let overlaps = |it: Period| it.overlaps(valid_from, None);
        if periods(scene, self.worker_id, self.interest_in).into_iter().any(overlaps) {
            return Err(Rejection::new(Reason::NoChange, "this is declared already")
                .at(scene.path("interest_in")));
        }
        Ok(())
    }
}

impl Rules for EndConflictOfInterest {
    fn name(&self) -> &'static str {
        "end_conflict_of_interest"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.worker_id.into(), "worker_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::ConflictOfInterestEnded(ConflictOfInterestEnded {
            worker_id: self.worker_id,
            family_id: self.interest_in.family(),
            person_id: self.interest_in.person(),
            valid_to: self.valid_to.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.valid_to.unwrap_or(scene.day()), "valid_to")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let declared = periods(scene, self.worker_id, self.interest_in);
        let Some(open) = declared.iter().find(|it| it.to.is_none()) else {
            return Err(Rejection::new(Reason::NoChange, "no such interest is declared")
                .at(scene.path("interest_in")));
        };
        scene.in_order(open.from, self.valid_to.unwrap_or(scene.day()), "valid_to")
    }
}

fn periods(scene: &Scene<'_>, worker: WorkerId, interest_in: InterestIn) -> Vec<Period> {
    let state: Option<&State> = scene.world.workers.get(&worker.0).map(|it| &it.state);
    state.map(|it| it.interest_periods(interest_in).collect()).unwrap_or_default()
}
