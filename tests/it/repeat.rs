//! A command has one outcome: repeated, it is given again; changed or by somebody else, it is refused.

use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::*;
use tonic::Code;

use crate::harness::clients::Clients;
use crate::harness::every_store::on_every_store;
use crate::harness::place::{Place, Role};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::{Person, World, register, request};

on_every_store!(
    a_repeated_command_gets_its_first_outcome_whatever_has_happened_since,
    a_command_id_is_refused_to_other_content_and_to_other_actors,
    a_refused_command_is_accepted_when_the_reason_is_gone,
    a_commands_outcome_is_told_to_its_own_actor_alone,
);

/// Fails unless the answer is the first one given again.
#[track_caller]
fn check_replay(again: &ExecuteResponse, first: &ExecuteResponse) {
    assert!(again.replayed);
    assert!(!first.replayed);
    assert_eq!(again.position, first.position);
    assert_eq!(again.event_ids, first.event_ids);
    assert_eq!(again.recorded_at, first.recorded_at);
    assert!(again.streams == first.streams, "the streams and their revisions");
}

async fn a_repeated_command_gets_its_first_outcome_whatever_has_happened_since(place: Place) {
    let server = Server::start(&place).await;
    let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("repeat/since");
    let world = World::new(&mut seeded, 0);
    lead.all_accepted(world.commands(&mut seeded)).await;
    let worker = server.clients(&place, Role::Caseworker, "worker-1").await;
    let note = world.note(&mut seeded, "Talt med moderen om mødet på skolen.");
    // The rule would refuse this one as soon as it is carried out.
    let phase = EnterCasePhase {
        family_id: world.family_id.clone(),
        phase: CasePhase::FamilyAssessment.into(),
    };
    let phase = request(&mut seeded, Command::EnterCasePhase(phase));
    let expecting = ExecuteRequest {
        expected_revision: Some(6),
        ..world.note(&mut seeded, "Forventer familien ved revision 6.")
    };
    let mut firsts = Vec::new();
    for request in [note, phase, expecting] {
        let first = worker.accepted(request.clone()).await;
        check_replay(&worker.accepted(request.clone()).await, &first);
        firsts.push((request, first));
    }
    assert_eq!(firsts[2].1.streams[0].revision, 7);

    for number in 0..100 {
        worker.accepted(world.note(&mut seeded, &format!("Derefter nummer {number}."))).await;
    }
    let head = worker.head().await;
    for (request, first) in &firsts {
        check_replay(&worker.accepted(request.clone()).await, first);
    }
    assert_eq!(worker.head().await, head, "a repetition writes nothing");

    if place.outlives_its_server() {
        server.stop().await;
        let server = Server::start(&place).await;
        let worker = server.clients(&place, Role::Caseworker, "worker-1").await;
        check_after_a_restart(&worker, &firsts).await;
    }
}

/// Fails unless another server over the same store gives every outcome again, and still refuses the
/// second command, as a new one, by the rule that it made true.
async fn check_after_a_restart(worker: &Clients, firsts: &[(ExecuteRequest, ExecuteResponse)]) {
    let head = worker.head().await;
    for (request, first) in firsts {
        let again = worker.accepted(request.clone()).await;
        check_replay(&again, first);
        assert_ne!(again.checkpoint, first.checkpoint, "the checkpoint is the present one");
    }
    // Without the first command, the rule says no.
    let command_id = Seeded::new("repeat/anew").id();
    let anew = ExecuteRequest { command_id, ..firsts[1].0.clone() };
    worker.refused(anew).await.is(Code::FailedPrecondition, "NO_CHANGE");
    assert_eq!(worker.head().await, head);
}

/// Sends a changed repetition, which is refused and writes nothing.
#[track_caller]
fn check_reused(clients: &Clients, changed: ExecuteRequest) -> impl Future<Output = ()> + use<'_> {
    let at = std::panic::Location::caller();
    async move {
        let head = clients.head().await;
        let refused = clients.refused(changed).await;
        let told = (refused.code, refused.reason.as_str(), refused.field.as_str());
        assert_eq!(told, (Code::AlreadyExists, "COMMAND_ID_REUSED", "command_id"), "{at}");
        assert_eq!(clients.head().await, head, "{at}");
    }
}

async fn a_command_id_is_refused_to_other_content_and_to_other_actors(place: Place) {
    let server = Server::start(&place).await;
    let worker = server.clients(&place, Role::TeamLead, "worker-1").await;
    let mut seeded = Seeded::new("repeat/reused");
    let world = World::new(&mut seeded, 0);
    let commands = world.commands(&mut seeded);
    worker.all_accepted(commands.clone()).await;
    let note = world.note(&mut seeded, "Emil fortæller om lejren.");
    worker.accepted(note.clone()).await;

    let with_text = |text: &str| {
        let Some(Command::RecordNote(it)) = note.command.clone() else { unreachable!("a note") };
        let changed = RecordNote { text: text.to_owned(), ..it };
        ExecuteRequest { command: Some(Command::RecordNote(changed)), ..note.clone() }
    };
    // One byte of a personal field.
    check_reused(&worker, with_text("Emil fortæller om lejren!")).await;
    check_reused(&worker, with_text("Emil fortæller om lejren")).await;
    // Something of the envelope.
    check_reused(&worker, ExecuteRequest { late_reason: "x".to_owned(), ..note.clone() }).await;
    check_reused(&worker, ExecuteRequest { expected_revision: Some(5), ..note.clone() }).await;
    check_reused(&worker, ExecuteRequest { purpose: Purpose::Supervision.into(), ..note.clone() })
        .await;
    // Another command, which by itself would be accepted, refused by a rule, or refused as taken.
    let other = world.note(&mut seeded, "Noget andet.");
    check_reused(&worker, ExecuteRequest { command: other.command, ..note.clone() }).await;
    check_reused(&worker, ExecuteRequest { command: commands[7].command.clone(), ..note.clone() })
        .await;
    // One digit of a CPR number: of another person, to whom the number belongs.
    let Some(Command::RegisterPerson(mother)) = commands[2].command.clone() else {
        unreachable!("the mother")
    };
    let cpr = RegisterPerson { cpr: world.child.cpr.clone(), ..mother };
    let changed =
        ExecuteRequest { command: Some(Command::RegisterPerson(cpr)), ..commands[2].clone() };
    check_reused(&worker, changed).await;

    let somebody_else = server.clients(&place, Role::TeamLead, "worker-2").await;
    check_reused(&somebody_else, note.clone()).await;
    let same_in_another_role = server.clients(&place, Role::Caseworker, "worker-1").await;
    assert!(same_in_another_role.accepted(note).await.replayed, "the actor is the subject");
}

async fn a_refused_command_is_accepted_when_the_reason_is_gone(place: Place) {
    let server = Server::start(&place).await;
    let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("repeat/refused");
    let world = World::new(&mut seeded, 0);
    let commands = world.commands(&mut seeded);
    let reasons = [
        // The family before its members, the referral before the family, the case before the triage.
        (4, Code::NotFound, "UNKNOWN_ID"),
        (5, Code::NotFound, "UNKNOWN_ID"),
        (7, Code::NotFound, "UNKNOWN_ID"),
    ];
    for (index, code, reason) in reasons {
        lead.refused(commands[index].clone()).await.is(code, reason);
    }
    assert_eq!(lead.head().await, 0, "a refused command writes nothing");
    lead.all_accepted(commands[..7].to_vec()).await;

    let phase = EnterCasePhase {
        family_id: world.family_id.clone(),
        phase: CasePhase::FamilyAssessment.into(),
    };
    let phase = request(&mut seeded, Command::EnterCasePhase(phase));
    lead.refused(phase.clone()).await.is(Code::FailedPrecondition, "NO_OPEN_CASE");
    let first = lead.accepted(commands[7].clone()).await;
    assert!(!first.replayed, "a refusal uses the command id not up");
    assert!(!lead.accepted(phase).await.replayed);

    // A warning, confirmed: the content is other, and so it may be, since the first was not accepted.
    let warned = world.note(&mut seeded, "Ring på 1234567890.");
    let refused = lead.refused(warned.clone()).await;
    refused.is(Code::FailedPrecondition, "CPR_IN_TEXT");
    assert_eq!(refused.metadata.get("confirmable").map(String::as_str), Some("true"));
    let confirmations = vec!["CPR_IN_TEXT".to_owned()];
    assert!(!lead.accepted(ExecuteRequest { confirmations, ..warned }).await.replayed);

    // A CPR number that was taken is free when the entry is corrected.
    let rival = Person {
        id: seeded.id(),
        given: "Ida".to_owned(),
        family: "Prøvesen".to_owned(),
        cpr: world.child.cpr.clone(),
    };
    let rival = request(&mut seeded, register(&rival));
    lead.refused(rival.clone()).await.is(Code::AlreadyExists, "CPR_EXISTS");
    let right = Person { cpr: crate::harness::world::child_cpr(77), ..world.child.clone() };
    let Command::RegisterPerson(right) = register(&right) else { unreachable!("a person") };
    let correction = CorrectEntry {
        stream: Some(StreamRef { kind: StreamKind::Person.into(), id: world.child.id.clone() }),
        entry: Some(EntryRef { entry: Some(entry_ref::Entry::Revision(1)) }),
        reason: CorrectionReason::Typo.into(),
        explanation: "Tallet var forkert.".to_owned(),
        corrected: Some(CorrectedCommand {
            command: Some(corrected_command::Command::RegisterPerson(right)),
        }),
        corrected_occurred_at: None,
    };
    lead.accepted(request(&mut seeded, Command::CorrectEntry(correction))).await;
    assert!(!lead.accepted(rival).await.replayed);
}

async fn a_commands_outcome_is_told_to_its_own_actor_alone(place: Place) {
    let server = Server::start(&place).await;
    let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
    let mut seeded = Seeded::new("repeat/get");
    let world = World::new(&mut seeded, 0);
    lead.all_accepted(world.commands(&mut seeded)).await;
    let note = world.note(&mut seeded, "Kun til os selv.");
    let first = lead.accepted(note.clone()).await;

    let ask = async |clients: &Clients, command_id: &str| {
        let (command_id, purpose) = (command_id.to_owned(), clients.purpose);
        let mut journal = clients.journal.clone();
        let answer = journal.get_command(GetCommandRequest { command_id, purpose }).await;
        answer.map(|it| it.into_inner().outcome.expect("an outcome"))
    };
    let found = ask(&lead, &note.command_id).await.expect("the outcome of one's own command");
    check_replay(&found, &first);
    let refusals = [
        (Role::TeamLead, "lead-2", note.command_id.clone(), Code::NotFound, "UNKNOWN_ID"),
        (Role::TeamLead, "lead-1", seeded.id(), Code::NotFound, "UNKNOWN_ID"),
        (Role::Auditor, "lead-1", note.command_id, Code::PermissionDenied, "NOT_PERMITTED"),
    ];
    for (role, subject, command_id, code, reason) in refusals {
        let clients = server.clients(&place, role, subject).await;
        let status = ask(&clients, &command_id).await.expect_err("a refusal");
        crate::harness::clients::Refused::of(&status).is(code, reason);
    }
}
