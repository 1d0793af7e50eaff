//! A socket between servers and their database. It leads where it is pointed, and can be cut at the worst
//! moment: when a commit has happened and nobody has been told.
//!
//! It reads just enough of PostgreSQL's protocol (version 3, chapter "Frontend/Backend Protocol") to know
//! where messages begin and which statement is carried out.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fokus_postgres::cluster::Cluster;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;

/// The name of PostgreSQL's socket in its folder.
const SOCKET: &str = ".s.PGSQL.5432";
/// What stands in the statement whose answers are cut off.
const APPEND: &[u8] = b"journal.append";
/// The code of a request for TLS, which stands where the protocol's version would.
const TLS_REQUEST: [u8; 4] = 80_877_103_u32.to_be_bytes();

/// A socket that leads to a cluster.
pub(crate) struct Wire {
    folder: TempDir,
    ends: Arc<Ends>,
    /// Ended when dropped, with every connection.
    _listening: JoinSet<()>,
}

struct Ends {
    target: Mutex<PathBuf>,
    /// Answers that are still to be cut off.
    cuts: AtomicU32,
}

impl Wire {
    /// A wire to this cluster.
    pub(crate) fn to(cluster: &Cluster) -> Wire {
        let folder = tempfile::Builder::new().prefix("fokus-wire-").tempdir().expect("a folder");
        let listener = UnixListener::bind(folder.path().join(SOCKET)).expect("a socket");
        let target = Mutex::new(cluster.socket_folder());
        let ends = Arc::new(Ends { target, cuts: AtomicU32::new(0) });
        let mut listening = JoinSet::new();
        listening.spawn(listen(listener, ends.clone()));
        Wire { folder, ends, _listening: listening }
    }

    /// Where the wire's own socket is.
    pub(crate) fn socket_folder(&self) -> &Path {
        self.folder.path()
    }

    /// Leads new connections to another cluster.
    pub(crate) fn point_at(&self, cluster: &Cluster) {
        let mut target = self.ends.target.lock().unwrap_or_else(PoisonError::into_inner);
        *target = cluster.socket_folder();
    }

    /// Cuts the connections of the next appends, as many, when they have been committed.
    pub(crate) fn cut_after_commit(&self, times: u32) {
        self.ends.cuts.store(times, Ordering::SeqCst);
    }

    /// How many of the cuts ordered have not happened.
    pub(crate) fn cuts_left(&self) -> u32 {
        self.ends.cuts.load(Ordering::SeqCst)
    }
}

async fn listen(listener: UnixListener, ends: Arc<Ends>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let target = ends.target.lock().unwrap_or_else(PoisonError::into_inner).clone();
        connections.spawn(carry(client, target, ends.clone()));
        while connections.try_join_next().is_some() {}
    }
}

/// Carries bytes both ways until either end hangs up, or the wire is cut.
async fn carry(mut client: UnixStream, target: PathBuf, ends: Arc<Ends>) {
    let Ok(mut server) = UnixStream::connect(Path::new(&target).join(SOCKET)).await else { return };
    let (mut asked, mut answered) = (Asked::default(), Answered::default());
    let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(length @ 1..) = read else { return };
                let bytes = &from_client[..length];
                asked.note(bytes, &mut answered);
                if server.write_all(bytes).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut from_server) => {
                let Ok(length @ 1..) = read else { return };
                let bytes = answered.released(&from_server[..length], &mut asked, &ends.cuts);
                let Some(bytes) = bytes else { return };
                if client.write_all(&bytes).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// What the client has asked.
#[derive(Default)]
struct Asked {
    buffer: Vec<u8>,
    /// Messages have a type from the second one on, or the third, after a request for TLS.
    started: bool,
    /// Prepared statements that append, by name.
    appending: HashSet<Vec<u8>>,
    /// An append was asked for, and its transaction has not ended.
    append_under_way: bool,
}

impl Asked {
    fn note(&mut self, bytes: &[u8], answered: &mut Answered) {
        self.buffer.extend_from_slice(bytes);
        if !self.started {
            let Some(first) = message(&mut self.buffer, 0) else { return };
            self.started = first[4..8] != TLS_REQUEST;
            answered.is_about_tls = !self.started;
            return self.note(&[], answered);
        }
        while let Some(message) = message(&mut self.buffer, 1) {
            let mut texts = message[5..].split(|it| *it == 0);
            let (first, second) = (texts.next(), texts.next());
            let (Some(first), Some(second)) = (first, second) else { continue };
            match message[0] {
                // Parse: name, statement.
                b'P' if second.windows(APPEND.len()).any(|it| it == APPEND) => {
                    self.appending.insert(first.to_vec());
                }
                b'P' => {
                    self.appending.remove(first);
                }
                // Bind: portal, name.
                b'B' => self.append_under_way |= self.appending.contains(second),
                _ => {}
            }
        }
    }
}

/// What the server has answered and the client has not been given.
#[derive(Default)]
struct Answered {
    buffer: Vec<u8>,
    /// The next byte says whether there will be TLS, and is no message.
    is_about_tls: bool,
    /// Messages since the last one that said that the server is ready.
    held: Vec<u8>,
    failed: bool,
}

impl Answered {
    /// What the client may have of the answers by now; `None` = the wire is cut here.
    fn released(&mut self, bytes: &[u8], asked: &mut Asked, cuts: &AtomicU32) -> Option<Vec<u8>> {
        self.buffer.extend_from_slice(bytes);
        let mut released = Vec::new();
        if std::mem::take(&mut self.is_about_tls) {
            released.push(self.buffer.remove(0));
        }
        while let Some(message) = message(&mut self.buffer, 1) {
            self.failed |= message[0] == b'E';
            self.held.extend_from_slice(&message);
            // ReadyForQuery, with `I` = in no transaction.
            if message[0] == b'Z' && message[5] == b'I' {
                let committed = asked.append_under_way && !self.failed;
                if committed && take_one(cuts) {
                    return None;
                }
                asked.append_under_way = false;
                self.failed = false;
            }
            if message[0] == b'Z' || !asked.append_under_way {
                released.append(&mut self.held);
            }
        }
        Some(released)
    }
}

fn take_one(cuts: &AtomicU32) -> bool {
    let less = |it: u32| it.checked_sub(1);
    cuts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
}

/// Takes the first whole message off the buffer; its length stands after so many bytes, and counts itself.
fn message(buffer: &mut Vec<u8>, before_length: usize) -> Option<Vec<u8>> {
    let length = buffer.get(before_length..before_length + 4)?.first_chunk()?;
    let whole = before_length + usize::try_from(u32::from_be_bytes(*length)).ok()?;
    (buffer.len() >= whole).then(|| buffer.drain(..whole).collect())
}
