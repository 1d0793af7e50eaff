//! Commands in a stream.

use std::time::Duration;

use fokus_core::codes::Purpose;
use fokus_proto::v1;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::execute_stream_response::Outcome;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

use crate::harness::*;

/// A stream's commands that are many.
const MANY: u128 = if cfg!(debug_assertions) { 2_000 } else { 10_000 };

type Answers = Streaming<v1::ExecuteStreamResponse>;

async fn send(client: &mut Client, commands: Vec<v1::ExecuteRequest>) -> Answers {
    client.journal.execute_stream(tokio_stream::iter(commands)).await.unwrap().into_inner()
}

/// What the stream answered, and the status that ended it, if one did.
async fn drain(mut answers: Answers) -> (Vec<v1::ExecuteStreamResponse>, Option<Status>) {
    let mut all = Vec::new();
    loop {
        match answers.message().await {
            Ok(Some(it)) => all.push(it),
            Ok(None) => return (all, None),
            Err(status) => return (all, Some(status)),
        }
    }
}

#[track_caller]
fn executed(answer: &v1::ExecuteStreamResponse) -> &v1::ExecuteResponse {
    match &answer.outcome {
        Some(Outcome::Executed(it)) => it,
        Some(Outcome::Refused(it)) => panic!("refused: {}", it.reason),
        None => panic!("no outcome"),
    }
}

#[track_caller]
fn refused(answer: &v1::ExecuteStreamResponse) -> &v1::Refusal {
    match &answer.outcome {
        Some(Outcome::Refused(it)) => it,
        Some(Outcome::Executed(_)) => panic!("accepted"),
        None => panic!("no outcome"),
    }
}

/// Fails unless the refusal says what the status says.
#[track_caller]
fn check_as(refusal: &v1::Refusal, status: &Status) {
    let details = check(status, Code::from_i32(refusal.code), &refusal.reason);
    let fields: Vec<String> = details
        .bad_request()
        .map(|it| it.field_violations.iter().map(|it| it.field.clone()).collect())
        .unwrap_or_default();
    assert_eq!(refusal.fields, fields);
    assert!(status.message().contains(&refusal.rule), "{}", status.message());
    let mut metadata = details.error_info().unwrap().metadata.clone();
    assert_eq!(refusal.confirmable, metadata.remove("confirmable").is_some());
    let told: Vec<_> = refusal.details.iter().map(|it| (&it.key, &it.value)).collect();
    let mut expected: Vec<_> = metadata.iter().collect();
    expected.sort();
    assert_eq!(told, expected);
}

fn note(family: u128, note: u128) -> Command {
    Command::RecordNote(v1::RecordNote {
        family_id: id(family * 100 + 50).to_string(),
        note_id: id(note).to_string(),
        nature: v1::NoteNature::Fact.into(),
        grade: v1::Grade::Certain.into(),
        text: "Talt med skolen.".into(),
        ..Default::default()
    })
}

#[tokio::test]
async fn commands_that_depend_on_each_other_are_answered_in_order_and_a_refusal_ends_nothing() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let early = v1::ExecuteRequest { expected_revision: Some(7), ..request(5, note(1, 502)) };
    let malformed = v1::ExecuteRequest { command_id: "Ida".into(), ..request(6, note(1, 503)) };
    let commands = vec![
        request(1, register_person(100)),
        request(2, note(1, 500)),
        request(3, register_family(1)),
        request(4, note(1, 501)),
        early.clone(),
        malformed.clone(),
        request(7, note(1, 504)),
        request(1, register_person(101)),
    ];
    let (answers, end) = drain(send(&mut worker, commands.clone()).await).await;
    assert!(end.is_none(), "{end:?}");
    assert!(answers.iter().map(|it| it.index).eq(0..8));
    let told: Vec<&str> = answers.iter().map(|it| it.command_id.as_str()).collect();
    let sent = |at: usize| commands[at].command_id.as_str();
    let expected = [sent(0), sent(1), sent(2), sent(3), sent(4), "", sent(6), sent(7)];
    assert_eq!(told, expected, "what is no id is not repeated");
    let positions = [0, 2, 3, 6].map(|at: usize| executed(&answers[at]).position);
    assert_eq!(positions, [1, 2, 3, 4]);

    // The same, one by one, is refused in the same words.
    let unknown = request(2, note(9, 500));
    let status = worker.journal.execute(unknown).await.unwrap_err();
    check_as(refused(&answers[1]), &status);
    assert_eq!(refused(&answers[1]).reason, "UNKNOWN_ID");
    let status = worker.journal.execute(malformed).await.unwrap_err();
    check_as(refused(&answers[5]), &status);
    assert_eq!(refused(&answers[5]).fields, ["command_id"]);
    let status = worker.journal.execute(commands[7].clone()).await.unwrap_err();
    check_as(refused(&answers[7]), &status);
    let conflict = refused(&answers[4]);
    assert_eq!((conflict.code, conflict.reason.as_str()), (10, "REVISION_CONFLICT"));
    let actual: Vec<_> = conflict.details.iter().filter(|it| it.key == "actual").collect();
    assert_eq!(actual[0].value, "2");

    // Sent again, what was accepted is replayed, and what was refused may be accepted now.
    let (again, _) = drain(send(&mut worker, commands).await).await;
    for at in [0, 2, 3, 6] {
        let first = executed(&answers[at]);
        let replay = executed(&again[at]);
        assert!(replay.replayed && !first.replayed);
        assert_eq!((replay.position, &replay.event_ids), (first.position, &first.event_ids));
    }
    assert_eq!(executed(&again[1]).position, 5, "the family is there now");
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_waited_for_and_so_are_its_commands() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    worker.family(1).await;
    let commands = (0..MANY).map(|it| request(10_000 + it, note(1, 100_000 + it)));
    // A small window, so that the network takes little off the server's hands.
    let endpoint =
        server.endpoint().initial_stream_window_size(65_535).initial_connection_window_size(65_535);
    let token = token(&claims("worker-1", "CASEWORKER", Purpose::Casework));
    let mut slow = Client::new(endpoint.connect().await.unwrap(), &token);
    let answers = slow.journal.execute_stream(tokio_stream::iter(commands)).await.unwrap();
    sleep(Duration::from_secs(60)).await;
    let head = head(&mut worker).await;
    assert!(2 < head && head < 1_000, "{head} commands were carried out, unread");

    let (answers, end) = drain(answers.into_inner()).await;
    assert!(end.is_none(), "{end:?}");
    let positions = answers.iter().map(|it| executed(it).position);
    assert!(positions.eq(3..i64::try_from(MANY).unwrap() + 3), "each once, in order");
    server.stop().await;
}

/// Where the log stands.
async fn head(client: &mut Client) -> i64 {
    let request = v1::GetCheckpointRequest { purpose: v1::Purpose::Casework.into() };
    let answer = client.audit.get_checkpoint(request).await.unwrap().into_inner();
    let note = String::from_utf8(answer.checkpoint).unwrap();
    note.lines().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_commands_ends_with_its_token_and_with_the_server() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let begun = Instant::now();
    let (commands, waiting) = mpsc::channel(1);
    let mut answers =
        worker.journal.execute_stream(ReceiverStream::new(waiting)).await.unwrap().into_inner();
    commands.send(request(1, register_person(100))).await.unwrap();
    assert_eq!(executed(&answers.message().await.unwrap().unwrap()).position, 1);
    check(&answers.message().await.unwrap_err(), Code::Unauthenticated, "TOKEN_INVALID");
    assert!(begun.elapsed() >= Duration::from_secs(3_600), "{:?}", begun.elapsed());

    let mut worker = server.caseworker().await;
    let (_commands, waiting) = mpsc::channel(1);
    let mut answers =
        worker.journal.execute_stream(ReceiverStream::new(waiting)).await.unwrap().into_inner();
    let begun = Instant::now();
    server.shutdown.cancel();
    check(&answers.message().await.unwrap_err(), Code::Unavailable, "SHUTTING_DOWN");
    server.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_leaves_nothing_behind_that_was_not_sent() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let (commands, waiting) = mpsc::channel(1);
    let mut answers =
        worker.journal.execute_stream(ReceiverStream::new(waiting)).await.unwrap().into_inner();
    commands.send(request(1, register_person(100))).await.unwrap();
    assert_eq!(executed(&answers.message().await.unwrap().unwrap()).position, 1);
    drop(answers);
    commands.closed().await;
    assert_eq!(head(&mut worker).await, 1);
    // The server does not wait for who is gone.
    let begun = Instant::now();
    server.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}
