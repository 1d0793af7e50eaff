//! Audit bundles on their way to a browser: one file each, a tar of the folder that `fokus-verify` takes.
//!
//! In memory are the pieces of one step of the bundle. One file grows while the others are made, the keys,
//! which are sealed to the auditor already; it waits in a temporary file without a name, since a tar says
//! of each file how long it is before its first byte.
//!
//! A bundle that breaks off ends its connection in the middle, so that the browser says so.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::body::{Body, Bytes};
use fokus_app::bundle::{Export, Piece};
use fokus_bundle::{KEYS, MANIFEST};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt as _};
use uuid::Uuid;

use crate::limits::{EXPORT_STALL_MAX, EXPORTS_AT_ONCE, EXPORTS_FOLLOWED_MAX};
use crate::site::Shared;
use crate::visitor::Visitor;

/// The unit of a tar, in bytes: every file is filled up to a whole number of them, and two of zeros end it.
const BLOCK_BYTES: usize = 512;
/// How much of the keys is read at once, in bytes.
const READ_BYTES: usize = 64 * 1024;

/// How far a bundle has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Progress {
    /// Leaves of the log that went out or were passed over.
    pub(crate) leaves: u64,
    /// Leaves of the log.
    pub(crate) of: u64,
    /// Bytes that went out.
    pub(crate) bytes: u64,
    /// Whether it is over: whole, or broken off.
    pub(crate) ended: Option<Ended>,
}

/// How a bundle ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Whole,
    BrokenOff,
}

/// Who is told how far a bundle has come.
pub(crate) type Told = Arc<watch::Sender<Progress>>;

/// A token's digest, and the number that its page chose.
type Name = ([u8; 32], Uuid);

/// The bundles under way.
#[derive(Debug)]
pub(crate) struct Exports {
    places: Arc<Semaphore>,
    followed: Mutex<HashMap<Name, Weak<watch::Sender<Progress>>>>,
}

impl Default for Exports {
    fn default() -> Self {
        Exports { places: Arc::new(Semaphore::new(EXPORTS_AT_ONCE)), followed: Mutex::default() }
    }
}

impl Exports {
    /// Where the progress of the bundle of this name is told, whether it has begun or not; `None` when too
    /// many are followed.
    pub(crate) fn followed(&self, name: Name) -> Option<Told> {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(told) = followed.get(&name).and_then(Weak::upgrade) {
            return Some(told);
        }
        followed.retain(|_, it| it.strong_count() > 0);
        if followed.len() >= EXPORTS_FOLLOWED_MAX {
            return None;
        }
        let told = Told::new(watch::Sender::new(Progress::default()));
        followed.insert(name, Arc::downgrade(&told));
        Some(told)
    }

    /// A place for one more bundle; `None` when there is none.
    pub(crate) fn place(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }
}

/// A part of the file that goes out.
enum Part {
    Bytes(Bytes),
    /// Nothing is missing.
    Whole,
}

/// Nobody reads any more, the token has run out, or the server ends.
struct Stopped;

/// The bundle as the body of an answer, made while it is read, until the visitor's token runs out.
/// `folder` is the one folder in it.
pub(crate) fn body(
    shared: &Shared,
    visitor: &Visitor,
    place: tokio::sync::OwnedSemaphorePermit,
    export: Export,
    told: Told,
    folder: Folder,
) -> Body {
    let (sender, receiver) = mpsc::channel(1);
    let (until, shutdown) = (Instant::now() + visitor.remaining, shared.shutdown.clone());
    shared.tasks.spawn(async move {
        let _place = place;
        let mut out = Out { sender, told, bytes: 0 };
        let made = tokio::select! {
            it = send(export, &folder, &mut out) => it,
            () = sleep_until(until) => Err(Stopped),
            () = shutdown.cancelled() => Err(Stopped),
        };
        out.end(made.is_ok());
    });
    Body::from_stream(bytes(receiver))
}

/// The parts as bytes. Where the last one is missing the stream ends with an error, which cuts the connection:
/// a browser takes an end in order for the end of the file.
fn bytes(receiver: mpsc::Receiver<Part>) -> impl Stream<Item = io::Result<Bytes>> {
    let mut whole = false;
    let parts = ReceiverStream::new(receiver).map(Some).chain(tokio_stream::once(None));
    parts.filter_map(move |part| match part {
        Some(Part::Bytes(it)) => Some(Ok(it)),
        Some(Part::Whole) => {
            whole = true;
            None
        }
        None if whole => None,
        None => Some(Err(io::Error::other("the bundle broke off"))),
    })
}

/// The folder in the file.
pub(crate) struct Folder {
    pub(crate) name: String,
    /// When its files were made, Unix seconds.
    pub(crate) at_s: u64,
}

/// Where the file goes, and who is told.
struct Out {
    sender: mpsc::Sender<Part>,
    told: Told,
    bytes: u64,
}

impl Out {
    async fn part(&mut self, part: Part) -> Result<(), Stopped> {
        if let Part::Bytes(it) = &part {
            self.bytes = self.bytes.saturating_add(it.len() as u64);
        }
        let sent = timeout(EXPORT_STALL_MAX, self.sender.send(part)).await;
        sent.map_err(|_| Stopped)?.map_err(|_| Stopped)
    }

    async fn bytes(&mut self, bytes: impl Into<Bytes>) -> Result<(), Stopped> {
        self.part(Part::Bytes(bytes.into())).await
    }

    fn tell(&self, leaves: u64, of: u64) {
        let bytes = self.bytes;
        self.told.send_modify(|it| *it = Progress { leaves, of, bytes, ended: None });
    }

    fn end(&self, whole: bool) {
        let ended = Some(if whole { Ended::Whole } else { Ended::BrokenOff });
        let bytes = self.bytes;
        self.told.send_modify(|it| *it = Progress { bytes, ended, ..*it });
    }
}

/// Sends the whole file.
async fn send(mut export: Export, folder: &Folder, out: &mut Out) -> Result<(), Stopped> {
    let mut keys = Keys::new().await?;
    loop {
        let pieces = export.next().await.map_err(|failure| {
            tracing::warn!(reason = failure.rejection().reason.code(), "a bundle broke off");
            Stopped
        })?;
        let Some(pieces) = pieces else { break };
        for Piece { path, bytes } in pieces {
            if path == KEYS {
                keys.add(&bytes).await?;
                continue;
            }
            // The list comes last, also in the file.
            if path == MANIFEST {
                keys.send(folder, out).await?;
            }
            head(folder, &path, bytes.len() as u64, out).await?;
            let length = bytes.len() as u64;
            out.bytes(bytes).await?;
            fill(length, out).await?;
        }
        out.tell(export.reached(), export.size());
    }
    out.bytes(vec![0; 2 * BLOCK_BYTES]).await?;
    out.part(Part::Whole).await
}

/// The head of one file.
async fn head(folder: &Folder, path: &str, size: u64, out: &mut Out) -> Result<(), Stopped> {
    let bytes = header(folder, path, size).map_err(|error| {
        tracing::error!(%error, "a file of a bundle has no place in a tar");
        Stopped
    })?;
    out.bytes(bytes).await
}

fn header(folder: &Folder, path: &str, size: u64) -> io::Result<Vec<u8>> {
    let mut header = tar::Header::new_ustar();
    header.set_path(format!("{}/{path}", folder.name))?;
    header.set_entry_type(tar::EntryType::Regular);
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(folder.at_s);
    header.set_cksum();
    Ok(header.as_bytes().to_vec())
}

/// Zeros up to the next whole block.
async fn fill(length: u64, out: &mut Out) -> Result<(), Stopped> {
    let over = usize::try_from(length % BLOCK_BYTES as u64).unwrap_or_default();
    if over == 0 {
        return Ok(());
    }
    out.bytes(vec![0; BLOCK_BYTES - over]).await
}

/// The keys as they come, until they are all there.
struct Keys {
    file: File,
    length: u64,
}

impl Keys {
    async fn new() -> Result<Keys, Stopped> {
        let made = tokio::task::spawn_blocking(tempfile::tempfile).await.map_err(|_| Stopped)?;
        Ok(Keys { file: File::from_std(made.map_err(not_kept)?), length: 0 })
    }

    async fn add(&mut self, bytes: &[u8]) -> Result<(), Stopped> {
        self.length = self.length.saturating_add(bytes.len() as u64);
        self.file.write_all(bytes).await.map_err(not_kept)
    }

    async fn send(&mut self, folder: &Folder, out: &mut Out) -> Result<(), Stopped> {
        self.file.flush().await.map_err(not_kept)?;
        self.file.rewind().await.map_err(not_kept)?;
        head(folder, KEYS, self.length, out).await?;
        loop {
            let mut bytes = vec![0; READ_BYTES];
            let read = self.file.read(&mut bytes).await.map_err(not_kept)?;
            if read == 0 {
                return fill(self.length, out).await;
            }
            bytes.truncate(read);
            out.bytes(bytes).await?;
        }
    }
}

fn not_kept(error: io::Error) -> Stopped {
    tracing::error!(%error, "keys of a bundle could not be kept for a moment");
    Stopped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_followed_by_whoever_knows_its_number_and_token() {
        let exports = Exports::default();
        let id = Uuid::from_u128(1);
        let one = exports.followed(([1; 32], id)).unwrap();
        let same = exports.followed(([1; 32], id)).unwrap();
        let other = exports.followed(([2; 32], id)).unwrap();
        assert!(Arc::ptr_eq(&one, &same) && !Arc::ptr_eq(&one, &other));
        one.send_modify(|it| it.leaves = 7);
        assert_eq!(same.borrow().leaves, 7);
    }

    #[test]
    fn so_many_are_followed_and_places_come_back() {
        let exports = Exports::default();
        let name = |number: usize| ([0; 32], Uuid::from_u128(number as u128));
        let mut told: Vec<Told> =
            (0..EXPORTS_FOLLOWED_MAX).filter_map(|it| exports.followed(name(it))).collect();
        assert_eq!(told.len(), EXPORTS_FOLLOWED_MAX);
        assert!(exports.followed(name(EXPORTS_FOLLOWED_MAX)).is_none());
        told.pop();
        assert!(exports.followed(name(EXPORTS_FOLLOWED_MAX)).is_some());
        let places: Vec<_> = (0..EXPORTS_AT_ONCE).filter_map(|_| exports.place()).collect();
        assert_eq!(places.len(), EXPORTS_AT_ONCE);
        assert!(exports.place().is_none());
        drop(places);
        assert!(exports.place().is_some());
    }

    #[tokio::test]
    async fn what_breaks_off_ends_with_an_error() {
        for whole in [true, false] {
            let (sender, receiver) = mpsc::channel(2);
            assert!(sender.send(Part::Bytes(Bytes::from_static(b"some"))).await.is_ok());
            if whole {
                assert!(sender.send(Part::Whole).await.is_ok());
            }
            drop(sender);
            let all: Vec<io::Result<Bytes>> = bytes(receiver).collect().await;
            assert_eq!(all[0].as_ref().unwrap().as_ref(), b"some");
            assert_eq!(all.len(), if whole { 1 } else { 2 });
            assert!(all.iter().skip(1).all(Result::is_err));
        }
    }

    #[test]
    fn a_head_names_a_file_in_the_folder() {
        let folder = Folder { name: "bundle".to_owned(), at_s: 1_608_030_000 };
        let bytes = header(&folder, "journal/tile/entries/x001/067.p/3", 513).unwrap();
        assert_eq!(bytes.len(), BLOCK_BYTES);
        let mut archive = tar::Archive::new(bytes.as_slice());
        let entry = archive.entries().unwrap().next().unwrap().unwrap();
        let path = entry.path().unwrap().into_owned();
        assert_eq!(path.to_str(), Some("bundle/journal/tile/entries/x001/067.p/3"));
        assert_eq!(entry.size(), 513);
    }
}
