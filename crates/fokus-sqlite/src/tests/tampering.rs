use fokus_store::check::check_log;
use fokus_store::conformance::make::*;
use fokus_store::{Append, Expectation, Fault, Position};

use super::Place;
use crate::OpenError;
use crate::fault::Stop;

/// 300 events: one full tile, 44 leaves behind it, two streams, a claim.
fn appends() -> Vec<Append> {
    let mut appends: Vec<Append> = (1..=298).map(|id| simple(id, 1)).collect();
    appends.push(draft(299).on(2, Expectation::Any, 1).claims("a").done());
    appends.push(simple(300, 1));
    appends
}

/// Somebody with the file drops the triggers first.
const UNGUARD: &str = "\
    drop trigger leaf_no_update; drop trigger leaf_no_delete; drop trigger envelope_no_update; \
    drop trigger tile_no_update; drop trigger tile_no_delete;";

/// What a start or a check says after the edit.
async fn found_after(sql: &'static str) -> Result<Vec<String>, String> {
    let place = Place::with(appends()).await;
    place.edit("journal.db", UNGUARD);
    place.edit("journal.db", sql);
    let store = match place.open().await {
        Err(OpenError::Contradiction { tenant, what }) => {
            assert_eq!(tenant, "vesterby");
            return Err(what);
        }
        opened => opened.unwrap(),
    };
    let report = check_log(&store, &vesterby(), |_| ()).await.unwrap();
    assert_eq!(report.is_sound(), report.findings.is_empty());
    Ok(report.findings.iter().map(ToString::to_string).collect())
}

async fn check_refused(sql: &'static str, expected: &str) {
    let what = found_after(sql).await.unwrap_err();
    assert!(what.contains(expected), "{sql}: {what:?} does not say {expected:?}");
}

async fn check_found(sql: &'static str, expected: &[&str]) {
    assert_eq!(found_after(sql).await.unwrap(), expected, "{sql}");
}

#[tokio::test]
#[rustfmt::skip] // One row, one kind of tampering.
async fn tampering_with_the_right_edge_is_refused_at_start() {
    check_refused("update log set size = 299, settled = 299", "signed size").await;
    check_refused("update log set root = zeroblob(32)", "signed root").await;
    check_refused("update log set edge = zeroblob(32)", "right edge").await;
    check_refused("update log set last_ms = last_ms + 1", "last event's time").await;
    check_refused("update log set note = replace(note, char(10) || '300' || char(10), char(10) || '299' || char(10))", "signature").await;
    check_refused("update log set note = ''", "malformed").await;
    check_refused("update log set origin = 'x.invalid/osterby/journal'", "name").await;
    check_refused("update leaf set leaf = zeroblob(200) where position = 300", "root").await;
    check_refused("update leaf set leaf = zeroblob(200) where position = 257", "root").await;
    check_refused("delete from envelope where position = 300; delete from leaf where position = 300", "43").await;
    check_refused("insert into leaf (place, leaf) select place + 16, leaf from leaf where position = 300", "last event is not at").await;
    check_refused("update tile set hashes = zeroblob(8192)", "root").await;
    check_refused("delete from tile", "0").await;
}

#[tokio::test]
#[rustfmt::skip]
async fn tampering_further_back_is_found_by_the_check() {
    check_found("select 1", &[]).await;
    check_found("update leaf set leaf = zeroblob(200) where position = 7",
        &["position 7: the leaf cannot be read", "position 8: the revision does not follow that of the stream's event before",
          "position 8: the leaf links to another event than the stream's one before",
          "tile 0 of level 0 is not that of the leaves", "the stored root is not that of the leaves", "the checkpoint is of another size or root"]).await;
    check_found("update envelope set body = zeroblob(296) where position = 7 and idx = 0", &["position 7: envelope 0 is not the one that the leaf names"]).await;
    check_found("delete from envelope where position = 7 and idx = 1", &[]).await; // As after an erasure.
    check_found("insert into envelope (place, body) select max(place) + 5, x'00' from envelope where position = 7 and idx = 0", &["position 7: there are more or fewer envelopes than the leaf names"]).await;
    check_found("insert into tile select log, 0, 1, hashes from tile", &["there are tiles that no leaves fill"]).await;
    check_found("update stream set revision = 12 where revision = 299", &["position 300: a stream in the table is not in the log, or stands elsewhere"]).await;
    check_found("delete from stream where revision = 1", &["position 299: a stream of the log is not in the table of streams"]).await;
    check_found("delete from command where first = 7", &["position 7: no command accounts for the event"]).await;
    check_found("delete from command where first = 300", &["position 300: no command accounts for the event"]).await;
    check_found("update command set count = 2 where first = 7", &["position 8: the events of a command overlap those of another"]).await;
    check_found("update command set count = 2 where first = 300", &["position 300: a command's events are beyond the head"]).await;
    check_found("update claimed_key set stream = zeroblob(16)", &["a claim is held by a stream that is not in the log"]).await;
}

#[tokio::test]
async fn another_signing_key_is_refused() {
    let place = Place::with(appends()).await;
    std::fs::write(place.file("signing.key"), "ab".repeat(32)).unwrap();
    let error = place.open().await.unwrap_err();
    assert!(error.to_string().contains("not signed by the expected key"), "{error}");
}

#[tokio::test]
async fn the_database_itself_refuses_to_edit_history() {
    let place = Place::with(vec![simple(1, 1)]).await;
    let store = place.open().await.unwrap();
    for sql in [
        "update leaf set leaf = x'00'",
        "delete from leaf",
        "update envelope set body = x'00'",
        "update tile set n = 1",
        "delete from tile",
    ] {
        let write = move |it: &rusqlite::Connection| {
            it.execute("insert into tile values (1, 0, 0, zeroblob(8192))", [])?;
            let refused = it.execute(sql, []).unwrap_err().to_string();
            assert!(refused.contains("are never"), "{sql}: {refused}");
            // Nothing of it stays.
            Err::<(), _>(Stop::Fault(Fault::Conflict))
        };
        let undone = store.shared.journal.files.writers.transaction(write).await;
        assert!(matches!(undone, Err(Fault::Conflict)), "{sql}: {undone:?}");
    }
    let report = check_log(&store, &vesterby(), |_| ()).await.unwrap();
    assert_eq!((report.position, report.is_sound()), (Position(1), true));
}
