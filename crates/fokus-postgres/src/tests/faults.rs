//! Connections that are cut, and a database that goes away and comes back.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use fokus_store::check::check_log;
use fokus_store::conformance::make::*;
use fokus_store::{EventStore as _, Expectation, Fault, Position, Revision};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_util::task::TaskTracker;

use super::{Place, append, cluster};
use crate::cluster::{Cluster, Durability, StopMode};
use crate::{OpenError, PostgresOptions, PostgresStore};

/// What to do with the next message that ends in a commit.
const PASS: u8 = 0;
/// Carry it out, and cut the connection instead of answering.
const LOSE_ANSWER: u8 = 1;
/// Cut the connection before it arrives.
const LOSE_QUESTION: u8 = 2;

/// Stands between a store and its database.
struct Proxy {
    port: u16,
    next: Arc<AtomicU8>,
}

impl Proxy {
    async fn start() -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let next = Arc::new(AtomicU8::new(PASS));
        let socket = cluster().socket_folder().join(".s.PGSQL.5432");
        TaskTracker::new().spawn({
            let next = Arc::clone(&next);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    TaskTracker::new().spawn(carry(client, socket.clone(), Arc::clone(&next)));
                }
            }
        });
        Proxy { port, next }
    }

    fn arm(&self, what: u8) {
        self.next.store(what, Ordering::SeqCst);
    }

    fn has_cut(&self) -> bool {
        self.next.load(Ordering::SeqCst) == PASS
    }

    async fn open(&self, place: &Place) -> PostgresStore {
        let url = format!("postgres://postgres@127.0.0.1:{}/{}", self.port, place.database);
        PostgresStore::open(PostgresOptions { url, ..place.options() }).await.unwrap()
    }
}

/// A batch in one statement is the only large message; under a lock, `commit` is said.
fn commits(message: &[u8]) -> bool {
    message.len() > 500 && message[0] == b'B' || message == b"Q\0\0\0\x0bcommit\0"
}

async fn carry(client: TcpStream, socket: PathBuf, next: Arc<AtomicU8>) {
    let server = UnixStream::connect(socket).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let (mut up, mut down) = (vec![0; 1 << 20], vec![0; 1 << 16]);
    let mut answer_is_lost = false;
    loop {
        tokio::select! {
            read = from_client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                if commits(&up[..length]) {
                    match next.swap(PASS, Ordering::SeqCst) {
                        LOSE_ANSWER => answer_is_lost = true,
                        LOSE_QUESTION => return,
                        _ => (),
                    }
                }
                if to_server.write_all(&up[..length]).await.is_err() { return }
            }
            read = from_server.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                if answer_is_lost { return }
                if to_client.write_all(&down[..length]).await.is_err() { return }
            }
        }
    }
}

/// A stream's next event, which the quick way has in memory.
fn next(id: u64) -> fokus_store::Append {
    let expected = match id {
        1 => Expectation::NoStream,
        it => Expectation::Exactly(Revision(it - 1)),
    };
    draft(id).on(1, expected, 1).done()
}

async fn assert_sound(store: &PostgresStore, events: u64) {
    let report = check_log(store, &vesterby(), |_| ()).await.unwrap();
    assert_eq!(report.findings, []);
    assert_eq!((report.position, report.commands), (Position(events), events));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_looked_for_and_answered_once() {
    for what in [LOSE_ANSWER, LOSE_QUESTION] {
        let (place, proxy) = (Place::new(), Proxy::start().await);
        let store = proxy.open(&place).await;
        // Once each way, so that the statements are known to the connection.
        append(&store, vec![next(1)]).await;
        append(&store, vec![next(2)]).await;
        proxy.arm(what);
        let sent = next(3);
        let event_id = sent.streams[0].events[0].event_id;
        let outcome = append(&store, vec![sent]).await.remove(0).unwrap();
        assert!(proxy.has_cut());
        assert_eq!((outcome.first, outcome.event_ids), (Position(3), vec![event_id]));
        assert_eq!(outcome.revisions, [(family(1), Revision(3))]);
        assert_eq!(store.batches(), (2, 1));
        assert!(append(&store, vec![next(4)]).await[0].is_ok());
        assert_sound(&store, 4).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_under_the_lock_whose_answer_is_lost_is_looked_for_too() {
    for what in [LOSE_ANSWER, LOSE_QUESTION] {
        let (place, proxy) = (Place::new(), Proxy::start().await);
        let (store, other) = (proxy.open(&place).await, place.open().await.unwrap());
        append(&store, vec![next(1)]).await;
        append(&other, vec![next(2)]).await;
        append(&store, vec![next(3)]).await;
        proxy.arm(what);
        let outcome = append(&store, vec![next(4)]).await.remove(0).unwrap();
        assert!(proxy.has_cut());
        assert_eq!((outcome.first, outcome.revisions[0].1), (Position(4), Revision(4)));
        assert!(append(&other, vec![next(5)]).await[0].is_ok());
        assert_sound(&store, 5).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_process_that_is_killed_in_a_batch_leaves_it_whole_or_not_at_all() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    append(&store, vec![next(1)]).await;
    // Somebody holds the head of the log; the batch waits in the database.
    let mut holder = place.connect().await;
    let hold = "begin; select from journal.log for update";
    sqlx::raw_sql(hold).execute(&mut holder).await.unwrap();
    let waiting = TaskTracker::new().spawn({
        let store = store.clone();
        async move { append(&store, vec![next(2)]).await.remove(0) }
    });
    let kill = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                where wait_event_type = 'Lock' and datname = current_database()";
    let mut killer = place.connect().await;
    while sqlx::query_scalar::<_, i64>(kill).fetch_one(&mut killer).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    sqlx::raw_sql("rollback").execute(&mut holder).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().first, Position(2));
    assert_sound(&store, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_connection_killed_is_recovered_from() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    append(&store, vec![next(1)]).await;
    let head = store.head(&vesterby()).await.unwrap().position;
    let waiting = TaskTracker::new().spawn({
        let store = store.clone();
        async move { store.wait_beyond(&vesterby(), head).await }
    });
    for id in 2..=6 {
        place
            .edit(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity \
                 where pid <> pg_backend_pid() and datname = current_database()",
            )
            .await;
        assert!(append(&store, vec![next(id)]).await[0].is_ok());
        assert_eq!(store.head(&vesterby()).await.unwrap().position, Position(id));
    }
    assert!(waiting.await.unwrap().unwrap() > head);
    assert_sound(&store, 6).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_is_unavailable_until_it_is_back() {
    let own = Cluster::start(Durability::Kept).unwrap();
    let place = Place::new();
    let url = own.url(&own.fresh_database().unwrap());
    let options = PostgresOptions { url, ..place.options() };
    let store = PostgresStore::open(options.clone()).await.unwrap();
    append(&store, vec![next(1)]).await;
    for mode in [StopMode::Fast, StopMode::Immediate] {
        let before = store.head(&vesterby()).await.unwrap();
        own.stop(mode).unwrap();
        let id = before.position.0 + 1;
        let fault = store.append(&vesterby(), vec![next(id)], NOW_MS).await.unwrap_err();
        assert!(matches!(fault, Fault::Unavailable(_)), "{fault}");
        let fault = store.head(&vesterby()).await.unwrap_err();
        assert!(matches!(fault, Fault::Unavailable(_)), "{fault}");
        let error = PostgresStore::open(options.clone()).await.unwrap_err();
        assert!(error.is_unreachable(), "{error}");
        own.start_again().unwrap();
        assert_eq!(store.head(&vesterby()).await.unwrap(), before);
        assert!(append(&store, vec![next(id)]).await[0].is_ok());
    }
    assert_sound(&store, 3).await;
    store.close().await;
}

#[tokio::test]
async fn a_database_that_is_down_at_start_is_said_to_be_so() {
    let place = Place::new();
    for url in [
        "postgres://nobody:secret@127.0.0.1:1/fokus",
        "postgres://nobody:secret@localhost/fokus?host=/nowhere",
    ] {
        let options = PostgresOptions { url: url.to_owned(), ..place.options() };
        let error = PostgresStore::open(options).await.unwrap_err();
        assert!(error.is_unreachable(), "{error}");
        assert!(matches!(error, OpenError::Unreachable { what: "journal", .. }));
        assert!(error.to_string().contains("fokus on "), "{error}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
    assert!(!place.file("root.key").exists());
}

/// What the database says while it writes, and what the caller is told.
#[tokio::test]
async fn errors_while_writing_are_told_apart() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    append(&store, vec![next(1)]).await;
    place
        .edit(
            "create table public.error (code text); \
             create function public.fail() returns trigger language plpgsql as $$ begin \
                 if exists (select from public.error) then \
                     raise exception 'as wanted' using errcode = (select code from public.error); \
                 end if; return new; end $$; \
             create trigger fails before insert on journal.command for each row \
                 execute function public.fail()",
        )
        .await;
    for (sql, is_full) in [
        ("insert into public.error values ('53100')", true),
        ("update public.error set code = '40P01'", false),
        ("update public.error set code = '57014'", false),
    ] {
        place.edit(sql).await;
        let fault = store.append(&vesterby(), vec![next(2)], NOW_MS).await.unwrap_err();
        assert_eq!(matches!(fault, Fault::Full(_)), is_full, "{sql}: {fault:?}");
        assert_eq!(matches!(fault, Fault::Unavailable(_)), !is_full, "{sql}: {fault:?}");
    }
    place.edit("truncate public.error").await;
    assert!(append(&store, vec![next(2)]).await[0].is_ok());
    assert_sound(&store, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_goes_away_costs_nobody_a_connection() {
    let place = Place::with(vec![simple(1, 1)]).await;
    let store = place.open().await.unwrap();
    for _ in 0..50 {
        let (tenant, stream) = (vesterby(), family(1));
        let range = fokus_store::Range::Forward { after: Revision(0), limit: 9 };
        let mut read = store.read_stream(&tenant, &stream, range);
        tokio::select! {
            biased;
            _ = &mut read => (),
            () = tokio::task::yield_now() => (),
        }
        drop(read);
        assert_eq!(store.read_stream(&tenant, &stream, range).await.unwrap().len(), 1);
    }
}
