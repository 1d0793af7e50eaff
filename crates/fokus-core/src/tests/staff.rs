//! What workers may be on cases, where they are not impartial, what they have learnt; and methods.

use jiff::civil::date;
use uuid::Uuid;

use super::circle::helping;
use super::journal::{Journal, Row, ask, check, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::people::*;
use crate::command::*;
use crate::ids::{FamilyId, ProgrammeId, WorkerId};
use crate::rejection::Reason;

pub(super) const METHOD: &str = "MST@2018-1";

pub(super) fn granting(worker_id: WorkerId, role: WorkerRole) -> GrantRole {
    GrantRole { worker_id, role, valid_from: Some(date(2019, 1, 1)), valid_to: None }
}

pub(super) fn revoking(worker_id: WorkerId, role: WorkerRole) -> RevokeRole {
    RevokeRole { worker_id, role, valid_to: Some(date(2019, 4, 30)) }
}

pub(super) fn interested(worker_id: WorkerId, there: InterestIn) -> DeclareConflictOfInterest {
    DeclareConflictOfInterest {
        worker_id,
        interest_in: there,
        kind: ConflictKind::Kinship,
        valid_from: Some(date(2019, 2, 1)),
    }
}

pub(super) fn impartial_again(worker_id: WorkerId, there: InterestIn) -> EndConflictOfInterest {
    EndConflictOfInterest { worker_id, interest_in: there, valid_to: Some(date(2019, 4, 30)) }
}

pub(super) fn trained(worker_id: WorkerId) -> TrainWorker {
    TrainWorker {
        worker_id,
        programme_id: PROGRAMME,
        method_version: METHOD.to_owned(),
        on: Some(date(2019, 1, 15)),
    }
}

pub(super) fn publishing(method_version: &str) -> PublishMethodVersion {
    PublishMethodVersion {
        programme_id: PROGRAMME,
        method_version: method_version.to_owned(),
        name: "A method".to_owned(),
        valid_from: Some(date(2018, 10, 1)),
    }
}

pub(super) fn retiring(method_version: &str) -> RetireMethodVersion {
    RetireMethodVersion {
        programme_id: PROGRAMME,
        method_version: method_version.to_owned(),
        valid_to: Some(date(2019, 5, 20)),
    }
}

pub(super) fn rows() -> Vec<Row> {
    [grant_rows(), interest_rows(), taking_part_rows(), method_rows(), ordering_rows()].concat()
}

#[rustfmt::skip] // One row, one rule.
fn grant_rows() -> Vec<Row> {
    let known = people();
    let lead = |it| GrantRole { role: WorkerRole::Lead, ..it };
    let granted = known.clone().after(ask(granting(ANNE, WorkerRole::Lead)));
    let revoked = granted.clone().after(ask(revoking(ANNE, WorkerRole::Lead)));
    let from = |day| ask(GrantRole { valid_from: Some(day), ..granting(ANNE, WorkerRole::Lead) });
    let until = |day| ask(RevokeRole { valid_to: Some(day), ..revoking(ANNE, WorkerRole::Lead) });
    vec![
        yes(&known, ask(granting(ANNE, WorkerRole::Lead)), "RoleGranted"),
        no(&known, ask(granting(WorkerId(NOBODY.0), WorkerRole::Lead)),
           Reason::UnknownId, "grant_role.worker_id"),
        no(&granted, ask(granting(ANNE, WorkerRole::Lead)), Reason::NoChange, "grant_role.role"),
        yes(&granted, ask(granting(ANNE, WorkerRole::Second)), "RoleGranted"),
        no(&known, ask(lead(GrantRole { valid_to: Some(date(2018, 12, 31)),
           ..granting(ANNE, WorkerRole::Lead) })), Reason::DateOrder, "grant_role.valid_to"),
        no(&known, from(date(2017, 12, 31)), Reason::WorkerNotActive, "grant_role.valid_from"),
        no(&revoked, from(date(2019, 4, 30)), Reason::NoChange, "grant_role.role"),
        yes(&revoked, from(date(2019, 5, 1)), "RoleGranted"),

        yes(&granted, ask(revoking(ANNE, WorkerRole::Lead)), "RoleRevoked"),
        no(&granted, ask(revoking(ANNE, WorkerRole::Second)),
           Reason::NoChange, "revoke_role.role"),
        no(&known, ask(revoking(ANNE, WorkerRole::Lead)), Reason::NoChange, "revoke_role.role"),
        no(&granted, until(date(2018, 12, 31)), Reason::NoChange, "revoke_role.role"),
        no(&revoked, until(date(2019, 5, 1)), Reason::NoChange, "revoke_role.role"),
        yes(&revoked, until(date(2019, 4, 29)), "RoleRevoked"),
        yes(&granted, until(date(2025, 1, 1)), "RoleRevoked"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn interest_rows() -> Vec<Row> {
    let known = registered();
    let (here, there) = (InterestIn::Family(FAMILY), InterestIn::Person(YOUTH));
    let declared = known.clone().after(ask(interested(ANNE, here)));
    let ended = declared.clone().after(ask(impartial_again(ANNE, here)));
    let until = |day| ask(EndConflictOfInterest {
        valid_to: Some(day), ..impartial_again(ANNE, here) });
    let from = |day| ask(DeclareConflictOfInterest {
        valid_from: Some(day), ..interested(ANNE, here) });
    vec![
        yes(&known, ask(interested(ANNE, here)), "ConflictOfInterestDeclared"),
        yes(&known, ask(interested(ANNE, there)), "ConflictOfInterestDeclared"),
        no(&known, ask(interested(ANNE, InterestIn::Family(FamilyId(NOBODY.0)))),
           Reason::UnknownId, "declare_conflict_of_interest.interest_in.family_id"),
        no(&known, ask(interested(ANNE, InterestIn::Person(NOBODY))),
           Reason::UnknownId, "declare_conflict_of_interest.interest_in.person_id"),
        no(&declared, ask(interested(ANNE, here)),
           Reason::NoChange, "declare_conflict_of_interest.interest_in"),
        yes(&declared, ask(interested(ANNE, there)), "ConflictOfInterestDeclared"),
        yes(&declared, ask(interested(BO, here)), "ConflictOfInterestDeclared"),
        no(&known, from(date(2020, 1, 16)),
           Reason::InFuture, "declare_conflict_of_interest.valid_from"),
        yes(&ended, from(date(2019, 5, 1)), "ConflictOfInterestDeclared"),

        yes(&declared, ask(impartial_again(ANNE, here)), "ConflictOfInterestEnded"),
        no(&declared, ask(impartial_again(ANNE, there)),
           Reason::NoChange, "end_conflict_of_interest.interest_in"),
        no(&ended, ask(impartial_again(ANNE, here)),
           Reason::NoChange, "end_conflict_of_interest.interest_in"),
        no(&declared, until(date(2019, 1, 31)),
           Reason::DateOrder, "end_conflict_of_interest.valid_to"),
        no(&declared, until(date(2020, 1, 16)),
           Reason::InFuture, "end_conflict_of_interest.valid_to"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn taking_part_rows() -> Vec<Row> {
    let (open, judged) = (opened(), triaged());
    let with = |journal: &Journal, it: DeclareConflictOfInterest| journal.clone().after(ask(it));
    let (here, youth, uncle) =
        (InterestIn::Family(FAMILY), InterestIn::Person(YOUTH), InterestIn::Person(UNCLE));
    let second = || ask(assignment(BO, WorkerRole::Second));
    let ended = with(&open, interested(BO, here)).after(ask(impartial_again(BO, here)));
    let from_april = AssignWorker {
        valid_from: date(2019, 4, 30), ..assignment(BO, WorkerRole::Second) };
    let only_mentor = open.clone().after(ask(granting(BO, WorkerRole::YouthMentor)));
    let no_lead = judged.clone().after(ask(granting(ANNE, WorkerRole::Second)));
    let once_second = open.clone().after(ask(granting(BO, WorkerRole::Second)))
        .after(ask(revoking(BO, WorkerRole::Second)));
    vec![
        yes(&open, second(), "WorkerAssigned"),
        no(&with(&open, interested(BO, here)), second(),
           Reason::ConflictOfInterest, "assign_worker.worker_id"),
        no(&with(&open, interested(BO, youth)), second(),
           Reason::ConflictOfInterest, "assign_worker.worker_id"),
        yes(&with(&open, interested(BO, uncle)), second(), "WorkerAssigned"),
        no(&with(&open, interested(BO, uncle)).after(ask(helping(UNCLE))), second(),
           Reason::ConflictOfInterest, "assign_worker.worker_id"),
        yes(&ended, second(), "WorkerAssigned"),
        no(&ended, ask(from_april), Reason::ConflictOfInterest, "assign_worker.worker_id"),
        no(&with(&judged, interested(ANNE, here)), ask(case()).by_law(),
           Reason::ConflictOfInterest, "open_case.lead_worker_id"),

        no(&only_mentor, second(), Reason::RoleNotGranted, "assign_worker.role"),
        yes(&only_mentor, ask(assignment(BO, WorkerRole::YouthMentor)), "WorkerAssigned"),
        no(&once_second, second(), Reason::RoleNotGranted, "assign_worker.role"),
        no(&no_lead, ask(case()).by_law(), Reason::RoleNotGranted, "open_case.lead_worker_id"),
        yes(&no_lead.after(ask(granting(ANNE, WorkerRole::Lead))), ask(case()).by_law(),
            "CaseOpened"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn method_rows() -> Vec<Row> {
    let known = people();
    let published = known.clone().after(ask(publishing(METHOD)));
    let retired = published.clone().after(ask(retiring(METHOD)));
    let until = |day| ask(RetireMethodVersion { valid_to: Some(day), ..retiring(METHOD) });
    let elsewhere = ProgrammeId(Uuid::from_u128(77));
    vec![
        yes(&known, ask(publishing(METHOD)), "MethodVersionPublished"),
        no(&known, ask(PublishMethodVersion { programme_id: elsewhere, ..publishing(METHOD) }),
           Reason::UnknownId, "publish_method_version.programme_id"),
        no(&published, ask(publishing(METHOD)),
           Reason::IdTaken, "publish_method_version.method_version"),
        no(&retired, ask(publishing(METHOD)),
           Reason::IdTaken, "publish_method_version.method_version"),
        yes(&published, ask(publishing("MST@2019-1")), "MethodVersionPublished"),
        no(&known, ask(PublishMethodVersion { name: "0101054000".to_owned(),
           ..publishing(METHOD) }), Reason::CprInText, "publish_method_version.name"),

        yes(&published, ask(retiring(METHOD)), "MethodVersionRetired"),
        no(&known, ask(retiring(METHOD)),
           Reason::UnknownId, "retire_method_version.method_version"),
        no(&retired, ask(retiring(METHOD)),
           Reason::NoChange, "retire_method_version.method_version"),
        no(&published, until(date(2018, 9, 30)),
           Reason::DateOrder, "retire_method_version.valid_to"),

        yes(&published, ask(trained(ANNE)), "StaffTrained"),
        no(&known, ask(trained(ANNE)), Reason::UnknownId, "train_worker.method_version"),
        no(&published, ask(TrainWorker { programme_id: elsewhere, ..trained(ANNE) }),
           Reason::UnknownId, "train_worker.programme_id"),
        no(&published, ask(TrainWorker { on: Some(date(2020, 1, 16)), ..trained(ANNE) }),
           Reason::InFuture, "train_worker.on"),
        no(&published.after(ask(trained(ANNE))), ask(trained(ANNE)),
           Reason::NoChange, "train_worker.method_version"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn ordering_rows() -> Vec<Row> {
    let by_method = |journal: &Journal| journal.clone().after(ask(publishing(METHOD)));
    let (judged, agreed) = (by_method(&triaged()), by_method(&planned()));
    let second = publishing("FFT@2019-1");
    let both = judged.clone().after(ask(PublishMethodVersion {
        valid_from: Some(date(2019, 1, 1)), ..second }));
    let late = TrainWorker { on: Some(date(2019, 3, 2)), ..trained(ANNE) };
    let not_yet = PublishMethodVersion {
        valid_from: Some(date(2019, 3, 2)), ..publishing(METHOD) };
    let order = |method: &str| ask(OrderIntervention {
        method_version: Some(method.to_owned()), ..ordering(1, InterventionType::Mst) });
    let until = |day| agreed.clone().after(ask(RetireMethodVersion {
        valid_to: Some(day), ..retiring(METHOD) }));
    let opening = || ask(case()).by_law();
    vec![
        no(&judged, opening(), Reason::NotTrained, "open_case.lead_worker_id"),
        yes(&judged, opening().confirming(Reason::NotTrained), "CaseOpened"),
        yes(&judged.clone().after(ask(trained(ANNE))), opening(), "CaseOpened"),
        yes(&both.after(ask(trained(ANNE))), opening(), "CaseOpened"),
        no(&judged.clone().after(ask(late)), opening(),
           Reason::NotTrained, "open_case.lead_worker_id"),
        yes(&triaged().after(ask(not_yet)), opening(), "CaseOpened"),

        yes(&agreed, order(METHOD), "InterventionOrdered"),
        no(&agreed, order("MST@2017"), Reason::UnknownId, "order_intervention.method_version"),
        yes(&planned(), order("MST@2017"), "InterventionOrdered"),
        yes(&until(date(2019, 5, 20)), order(METHOD), "InterventionOrdered"),
        no(&until(date(2019, 5, 19)), order(METHOD),
           Reason::MethodNotInForce, "order_intervention.method_version"),
    ]
}

#[test]
fn rules_on_workers_and_methods() {
    check(rows());
}
