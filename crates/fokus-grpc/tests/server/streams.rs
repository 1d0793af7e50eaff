//! Histories and watches.

use std::time::Duration;

use fokus_core::codes::Purpose;
use fokus_proto::v1;
use tokio::time::{Instant, sleep};
use tonic::{Code, Status, Streaming};

use crate::harness::*;

fn history() -> v1::ReadHistoryRequest {
    v1::ReadHistoryRequest { purpose: v1::Purpose::Audit.into(), ..Default::default() }
}

fn watch(after_position: i64) -> v1::WatchFamiliesRequest {
    v1::WatchFamiliesRequest { purpose: v1::Purpose::Casework.into(), after_position }
}

/// Everything that a finite history gives: positions, and the status that ended it, if one did.
async fn drain(mut answers: Streaming<v1::ReadHistoryResponse>) -> (Vec<i64>, Option<Status>) {
    let mut positions = Vec::new();
    loop {
        match answers.message().await {
            Ok(Some(answer)) => positions.extend(answer.events.iter().map(|it| it.position)),
            Ok(None) => return (positions, None),
            Err(status) => return (positions, Some(status)),
        }
    }
}

async fn positions(client: &mut Client, request: v1::ReadHistoryRequest) -> Vec<i64> {
    let answers = client.audit.read_history(request).await.unwrap().into_inner();
    let (positions, end) = drain(answers).await;
    assert!(end.is_none(), "{end:?}");
    positions
}

#[tokio::test]
async fn a_history_is_exact() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    for number in 1..=270 {
        worker.family(number).await;
    }
    let mut auditor = server.auditor().await;
    // More than one reading takes at once.
    assert_eq!(positions(&mut auditor, history()).await, (1..=540).collect::<Vec<_>>());
    let after = v1::ReadHistoryRequest { after_position: 537, ..history() };
    assert_eq!(positions(&mut auditor, after).await, [538, 539, 540]);
    let limited = v1::ReadHistoryRequest { after_position: 7, limit: 2, ..history() };
    assert_eq!(positions(&mut auditor, limited).await, [8, 9]);
    let many = v1::ReadHistoryRequest { limit: 501, ..history() };
    assert_eq!(positions(&mut auditor, many).await, (1..=501).collect::<Vec<_>>());

    let stream =
        v1::StreamRef { kind: v1::StreamKind::Family.into(), id: id(3 * 100 + 50).to_string() };
    let of_stream = v1::ReadHistoryRequest { stream: Some(stream.clone()), ..history() };
    assert_eq!(positions(&mut auditor, of_stream.clone()).await, [6]);
    let behind = v1::ReadHistoryRequest { after_revision: 1, ..of_stream.clone() };
    assert_eq!(positions(&mut auditor, behind).await, [0; 0]);
    server.stop().await;
}

#[tokio::test]
async fn an_empty_history_tells_where_the_log_stands() {
    let server = Server::start().await;
    server.caseworker().await.family(1).await;
    let mut auditor = server.auditor().await;
    let request = v1::ReadHistoryRequest { after_position: 2, ..history() };
    let mut answers = auditor.audit.read_history(request).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap();
    assert_eq!((answer.events.len(), answer.as_of_position), (0, 2));
    assert!(answers.message().await.unwrap().is_none());
    server.stop().await;
}

#[tokio::test]
async fn a_history_that_makes_no_sense_is_refused() {
    let server = Server::start().await;
    let mut auditor = server.auditor().await;
    let stream = Some(v1::StreamRef { kind: v1::StreamKind::Family.into(), id: id(1).to_string() });
    let rows = [
        ("after_revision", v1::ReadHistoryRequest { after_revision: 1, ..history() }),
        (
            "after_position",
            v1::ReadHistoryRequest { stream: stream.clone(), after_position: 1, ..history() },
        ),
        ("follow", v1::ReadHistoryRequest { stream, follow: true, ..history() }),
        ("limit", v1::ReadHistoryRequest { limit: -1, ..history() }),
        ("after_position", v1::ReadHistoryRequest { after_position: -1, ..history() }),
    ];
    for (field, request) in rows {
        let status = auditor.audit.read_history(request).await.unwrap_err();
        let details = check(&status, Code::InvalidArgument, "FIELD_INVALID");
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, field);
    }
    let beyond = v1::ReadHistoryRequest { after_position: 1, ..history() };
    let mut answers = auditor.audit.read_history(beyond).await.unwrap().into_inner();
    check(&answers.message().await.unwrap_err(), Code::OutOfRange, "BEYOND_HEAD");
    server.stop().await;
}

#[tokio::test]
async fn a_followed_history_goes_on() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    worker.family(1).await;
    let mut auditor = server.auditor().await;
    let request = v1::ReadHistoryRequest { follow: true, limit: 5, ..history() };
    let mut answers = auditor.audit.read_history(request).await.unwrap().into_inner();
    let first = answers.message().await.unwrap().unwrap();
    assert_eq!(first.events.len(), 2);
    worker.family(2).await;
    worker.family(3).await;
    let (rest, end) = drain(answers).await;
    assert_eq!(rest, [3, 4, 5], "and ends at its limit");
    assert!(end.is_none());
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_of_a_history_is_dropped_and_can_go_on() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let family = worker.family(1).await;
    for number in 0..20 {
        worker.execute(10_000 + number, long_note(family, 20_000 + number)).await;
    }
    // A small window, so that the network takes little off the server's hands.
    let endpoint =
        server.endpoint().initial_stream_window_size(65_535).initial_connection_window_size(65_535);
    let token = token(&claims("auditor-1", "AUDITOR", Purpose::Audit));
    let mut auditor = Client::new(endpoint.connect().await.unwrap(), &token);
    let answers = auditor.audit.read_history(history()).await.unwrap().into_inner();
    sleep(Duration::from_secs(60)).await;
    let (mut read, end) = drain(answers).await;
    let end = end.expect("dropped");
    let details = check(&end, Code::ResourceExhausted, "SLOW_CONSUMER");
    let reached: i64 = details.error_info().unwrap().metadata["position"].parse().unwrap();
    assert_eq!(read.last(), Some(&reached), "everything up to the position was delivered");
    assert!(reached < 22);

    let rest = v1::ReadHistoryRequest { after_position: reached, ..history() };
    read.extend(positions(&mut auditor, rest).await);
    assert_eq!(read, (1..=22).collect::<Vec<_>>(), "none twice, none left out");
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_watch_tells_each_change_and_lives_longer_than_a_call() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let first = worker.family(1).await;
    let second = worker.family(2).await;
    let mut changes = worker.family.watch_families(watch(0)).await.unwrap().into_inner();
    for (family, position) in [(first, 2), (second, 4)] {
        let change = changes.message().await.unwrap().unwrap();
        assert_eq!(change.family.unwrap().family_id, family.to_string());
        assert_eq!(change.as_of_position, position);
    }
    let begun = Instant::now();
    for _ in 0..3 {
        let heartbeat = changes.message().await.unwrap().unwrap();
        assert_eq!((heartbeat.family, heartbeat.as_of_position), (None, 4));
    }
    assert!(begun.elapsed() >= Duration::from_secs(44), "{:?}", begun.elapsed());

    let third = worker.family(3).await;
    let mut heartbeats = 0;
    let change = loop {
        let answer = changes.message().await.unwrap().unwrap();
        match answer.family {
            Some(family) => break (family.family_id, answer.as_of_position),
            None => heartbeats += 1,
        }
    };
    assert_eq!(change, (third.to_string(), 6));
    assert!(heartbeats <= 1, "a change does not wait for heartbeats");

    let mut rest = worker.family.watch_families(watch(4)).await.unwrap().into_inner();
    let change = rest.message().await.unwrap().unwrap();
    assert_eq!(change.family.unwrap().family_id, third.to_string(), "from where one left off");
    drop((changes, rest));
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_watch_ends_with_its_token() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    worker.family(1).await;
    let mut changes = worker.family.watch_families(watch(2)).await.unwrap().into_inner();
    let begun = Instant::now();
    let status = loop {
        if let Err(status) = changes.message().await {
            break status;
        }
    };
    check(&status, Code::Unauthenticated, "TOKEN_INVALID");
    let lived = begun.elapsed();
    assert!(lived > Duration::from_secs(3_600) && lived < Duration::from_secs(3_700), "{lived:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_watch_beyond_the_head_is_refused() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let mut changes = worker.family.watch_families(watch(9)).await.unwrap().into_inner();
    check(&changes.message().await.unwrap_err(), Code::OutOfRange, "BEYOND_HEAD");
    server.stop().await;
}
