//! What a worker may be on cases, and has learnt: GrantRole, RevokeRole, TrainWorker.

use super::{State, must_be_active};
use crate::codes::WorkerRole;
use crate::command::people::{GrantRole, RevokeRole, TrainWorker};
use crate::decide::Rules;
use crate::decide::scene::Scene;
use crate::fact::Fact;
use crate::fact::people::{RoleGranted, RoleRevoked, StaffTrained};
use crate::ids::{StreamRef, WorkerId};
use crate::period::Period;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};

impl Rules for GrantRole {
    fn name(&self) -> &'static str {
        "grant_role"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.worker_id.into(), "worker_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::RoleGranted(RoleGranted {
            worker_id: self.worker_id,
            role: self.role,
            valid_from: self.valid_from.unwrap_or(scene.day()),
            valid_to: self.valid_to,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let valid_from = self.valid_from.unwrap_or(scene.day());
        if let Some(to) = self.valid_to {
            scene.in_order(valid_from, to, "valid_to")?;
        }
        must_be_active(scene, self.worker_id, valid_from, "valid_from")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let valid_from = self.valid_from.unwrap_or(scene.day());
        let overlaps = |it: Period| it.overlaps(valid_from, self.valid_to);
        if periods(scene, self.worker_id, self.role).into_iter().any(overlaps) {
            return Err(Rejection::new(
                Reason::NoChange,
                "the worker has that role in that period already",
            )
            .at(scene.path("role")));
        }
        Ok(())
    }
}

impl Rules for RevokeRole {
    fn name(&self) -> &'static str {
        "revoke_role"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.worker_id.into(), "worker_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::RoleRevoked(RoleRevoked {
            worker_id: self.worker_id,
            role: self.role,
            valid_to: self.valid_to.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let valid_to = self.valid_to.unwrap_or(scene.day());
        let goes_on =
            |it: &Period| it.contains(valid_to) && it.to.is_none_or(|last| valid_to < last);
        if !periods(scene, self.worker_id, self.role).iter().any(goes_on) {
            return Err(Rejection::new(
                Reason::NoChange,
                "the worker does not have that role beyond that day",
            )
            .at(scene.path("role")));
        }
        Ok(())
    }
}

impl Rules for TrainWorker {
    fn name(&self) -> &'static str {
        "train_worker"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.worker_id.into(), "worker_id")
    }

    fn reads(&self) -> Vec<StreamRef> {
        vec![self.programme_id.into()]
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.must_exist(self.programme_id.into(), "programme_id")?;
        let programme = scene.world.programmes.get(&self.programme_id.0);
        if !programme.is_some_and(|it| it.state.methods.contains_key(&self.method_version)) {
            return Err(scene.unknown("method_version"));
        }
        let fact = Fact::StaffTrained(StaffTrained {
            worker_id: self.worker_id,
            programme_id: self.programme_id,
            method_version: self.method_version.clone(),
            on: self.on.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.on.unwrap_or(scene.day()), "on")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let trained = state(scene, self.worker_id)
            .and_then(|it| it.trained_on(self.programme_id, &self.method_version));
        if trained.is_some() {
            return Err(Rejection::new(Reason::NoChange, "the worker is trained in it already")
                .at(scene.path("method_version")));
        }
        Ok(())
    }
}

fn state<'a>(scene: &Scene<'a>, worker: WorkerId) -> Option<&'a State> {
    scene.world.workers.get(&worker.0).map(|it| &it.state)
}

fn periods(scene: &Scene<'_>, worker: WorkerId, role: WorkerRole) -> Vec<Period> {
    state(scene, worker).map(|it| it.role_periods(role).collect()).unwrap_or_default()
}
