use fokus_store::check::check_log;
use fokus_store::conformance::make::*;
use fokus_store::{Append, EventStore as _, Expectation, Fault, Position};

use super::{Place, append};
use crate::OpenError;

/// 300 events: one full tile, 44 leaves behind it, two streams, a claim.
fn appends() -> Vec<Append> {
    let mut appends: Vec<Append> = (1..=298).map(|id| simple(id, 1)).collect();
    appends.push(draft(299).on(2, Expectation::Any, 1).claims("a").done());
    appends.push(simple(300, 1));
    appends
}

/// Somebody with all rights switches the triggers off first.
const UNGUARD: &str = "\
    alter table journal.leaf disable trigger all; alter table journal.envelope disable trigger all; \
    alter table journal.tile disable trigger all;";

/// What a start or a check says after the edits, each of which is undone.
async fn check(rows: &[(&'static str, Result<&[&str], &str>)]) {
    let place = Place::with(appends()).await;
    place.edit(UNGUARD).await;
    place.edit("create schema saved; create table saved.log as table journal.log; create table saved.leaf as table journal.leaf; \
                create table saved.envelope as table journal.envelope; create table saved.tile as table journal.tile; \
                create table saved.stream as table journal.stream; create table saved.command as table journal.command; \
                create table saved.claimed_key as table journal.claimed_key").await;
    for (sql, expected) in rows {
        place.edit(sql).await;
        match (place.open().await, expected) {
            (Err(OpenError::Contradiction { tenant, what }), Err(expected)) => {
                assert!(tenant.ends_with("sterby"), "{tenant}");
                assert!(what.contains(expected), "{sql}: {what:?} does not say {expected:?}");
            }
            (Ok(store), Ok(expected)) => {
                let report = check_log(&store, &vesterby(), |_| ()).await.unwrap();
                let found: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
                assert_eq!(found, *expected, "{sql}");
                store.close().await;
            }
            (opened, _) => panic!("{sql}: {opened:?} instead of {expected:?}"),
        }
        place.edit("truncate journal.log, journal.leaf, journal.envelope, journal.tile, journal.stream, journal.command, journal.claimed_key; \
                    insert into journal.log table saved.log; insert into journal.leaf table saved.leaf; \
                    insert into journal.envelope table saved.envelope; insert into journal.tile table saved.tile; \
                    insert into journal.stream table saved.stream; insert into journal.command table saved.command; \
                    insert into journal.claimed_key table saved.claimed_key").await;
    }
}

#[tokio::test]
#[rustfmt::skip] // One row, one kind of tampering.
async fn tampering_with_the_right_edge_is_refused_at_start() {
    check(&[
        ("update journal.log set size = 299", Err("signed size")),
        ("update journal.log set root = decode(repeat('00', 32), 'hex')", Err("signed root")),
        ("update journal.log set edge = decode(repeat('00', 32), 'hex')", Err("right edge")),
        ("update journal.log set last_ms = last_ms + 1", Err("last event's time")),
        ("update journal.log set note = replace(note, chr(10) || '300' || chr(10), chr(10) || '299' || chr(10))", Err("signature")),
        ("update journal.log set note = ''", Err("malformed")),
        ("update journal.log set origin = 'x.invalid/vesterby/journal'", Err("name")),
        ("update journal.log set tenant = 'osterby'", Err("name")),
        ("update journal.log set synthetic = false", Err("invented")),
        ("update journal.log set log = 'journals'", Err("no log of this store")),
        ("update journal.log set copying = true", Err("its copy has not ended")),
        ("update journal.leaf set leaf = decode(repeat('00', 200), 'hex') where position = 300", Err("root")),
        ("update journal.leaf set leaf = decode(repeat('00', 200), 'hex') where position = 257", Err("root")),
        ("delete from journal.leaf where position = 300", Err("43")),
        ("insert into journal.leaf select tenant, log, 301, stream_tag, 999, leaf from journal.leaf where position = 300", Err("last event is not at")),
        ("update journal.tile set hashes = decode(repeat('00', 8192), 'hex')", Err("root")),
        ("delete from journal.tile", Err("0")),
    ]).await;
}

#[tokio::test]
#[rustfmt::skip]
async fn tampering_further_back_is_found_by_the_check() {
    check(&[
        ("select 1", Ok(&[])),
        ("update journal.leaf set leaf = decode(repeat('00', 200), 'hex') where position = 7", Ok(&[
            "position 7: the leaf cannot be read", "position 8: the revision does not follow that of the stream's event before",
            "position 8: the leaf links to another event than the stream's one before", "tile 0 of level 0 is not that of the leaves",
            "the stored root is not that of the leaves", "the checkpoint is of another size or root"])),
        ("update journal.envelope set body = decode(repeat('00', 296), 'hex') where position = 7 and idx = 0",
            Ok(&["position 7: envelope 0 is not the one that the leaf names"])),
        ("delete from journal.envelope where position = 7 and idx = 1", Ok(&[])), // As after an erasure.
        ("insert into journal.envelope values ('vesterby', 'journal', 7, 5, '\\x00')", Ok(&["position 7: there are more or fewer envelopes than the leaf names"])),
        ("update journal.leaf set revision = 5000 where position = 7", Ok(&["position 7: the row names another stream or revision than the leaf"])),
        ("insert into journal.tile select tenant, log, 0, 1, hashes from journal.tile", Ok(&["there are tiles that no leaves fill"])),
        ("update journal.stream set revision = 12 where revision = 299", Ok(&["position 300: a stream in the table is not in the log, or stands elsewhere"])),
        ("delete from journal.stream where revision = 1", Ok(&["position 299: a stream of the log is not in the table of streams"])),
        ("delete from journal.command where first = 7", Ok(&["position 7: no command accounts for the event"])),
        ("update journal.command set count = 2 where first = 300", Ok(&["position 300: a command's events are beyond the head"])),
        ("update journal.claimed_key set stream = decode(repeat('00', 16), 'hex')", Ok(&["a claim is held by a stream that is not in the log"])),
    ]).await;
}

#[tokio::test]
async fn the_database_itself_refuses_to_edit_history() {
    let place = Place::with(appends()).await;
    for sql in [
        "update journal.leaf set revision = 9 where position = 1",
        "delete from journal.leaf where position = 1",
        "truncate journal.leaf",
        "update journal.envelope set body = '\\x00'",
        "update journal.tile set n = 1",
        "delete from journal.tile",
        "truncate journal.tile",
    ] {
        let refused = sqlx::raw_sql(sql).execute(&mut place.connect().await).await.unwrap_err();
        assert!(refused.to_string().contains("are never changed"), "{sql}: {refused}");
    }
}

/// A log that was put back or changed under a running server is noticed before anything is written on it.
#[tokio::test]
#[rustfmt::skip]
async fn a_log_that_went_back_under_a_running_server_is_not_built_on() {
    for (sql, expected) in [
        ("update journal.log set size = 0, root = sha256('')", "shorter"),
        ("update journal.log set root = sha256('')", "root"),
        ("delete from journal.log", "gone"),
    ] {
        let place = Place::new();
        let store = place.open().await.unwrap();
        append(&store, vec![simple(1, 1)]).await;
        place.edit(sql).await;
        for id in [2, 3] {
            let fault = store.append(&vesterby(), vec![simple(id, 1)], NOW_MS).await.unwrap_err();
            assert!(matches!(&fault, Fault::Corrupt { what } if what.contains(expected)), "{sql}: {fault}");
        }
        let head = store.head(&vesterby()).await.unwrap().position;
        assert!(head <= Position(1), "{sql}");
    }
}
