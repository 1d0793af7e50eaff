//! Makes small bundles, good ones and such as somebody altered before they were signed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret as _;
use fokus_bundle::content::{EnvelopeKey, push_envelope};
use fokus_bundle::family::{FamilyHeads, ScopedStream, push_leaf};
use fokus_bundle::manifest::{FORMAT, File, Manifest, Scope};
use fokus_bundle::{
    HEADS, KEYS, MANIFEST, MANIFEST_NOTE, README, envelopes_path, labels_path, leaves_path,
    log_path,
};
use fokus_log::edge::Edge;
use fokus_log::heads::{Commitment, Heads};
use fokus_log::leaf::{Leaf, LeafKind};
use fokus_log::note::{Checkpoint, Ed25519Signer, Signer as _, sign_checkpoint, sign_note, vkey};
use fokus_log::proving::spine;
use fokus_log::tile::{Resource, TileId, entries_to_bytes};
use fokus_log::{Hash, leaf_hash};
use fokus_vault::envelope::{EnvelopeContext, Field, SealedEnvelope, envelope_key, seal};
use fokus_vault::key::{ContentKey, KeyId, SecretKey};
use serde_json::json;
use tempfile::TempDir;
use zeroize::Zeroizing;

pub(crate) const ORIGIN: &str = "log.example/town/journal";
/// Streams that the leaves are dealt to in turn: a family's, that of a person whom it names, another
/// family's.
const STREAMS: u64 = 3;

pub(crate) fn key_of(seed: u8) -> Ed25519Signer {
    Ed25519Signer::from_seed(&[seed; 32])
}

pub(crate) fn log_key() -> String {
    vkey(ORIGIN, &key_of(1).public_key())
}

/// What to make. Fields other than `leaves` and `scope` say what somebody altered.
pub(crate) struct Bundle {
    pub(crate) leaves: u64,
    pub(crate) scope: Scope,
    /// Which story the notes tell.
    pub(crate) stories: u64,
    pub(crate) signing_seed: u8,
    /// What the log is called; its envelopes are sealed under [`ORIGIN`].
    pub(crate) origin: &'static str,
    /// Index of a leaf by which the log speaks of its key or name, and what it says there, given the root
    /// over the leaves before.
    pub(crate) act: Option<(u64, Says)>,
    pub(crate) claimed_size: Option<u64>,
    pub(crate) checkpoint: Option<String>,
    /// Alters the leaves before tree and entries are made of them.
    pub(crate) alter: Option<fn(&mut Vec<Vec<u8>>)>,
    /// Alters them in the entries only.
    pub(crate) alter_entries: Option<fn(&mut Vec<Vec<u8>>)>,
    pub(crate) alter_tile: Option<&'static str>,
    pub(crate) without_envelope_of: Option<u64>,
    pub(crate) other_envelope_at: Option<u64>,
    pub(crate) without_key_of: Option<u64>,
    pub(crate) wrong_key_at: Option<u64>,
    pub(crate) wrong_field_root_at: Option<u64>,
    /// The event there has no header.
    pub(crate) without_header_at: Option<u64>,
    pub(crate) key_from_outside: bool,
    /// Alters one byte of a file before the list is made and signed.
    pub(crate) alter_byte: Option<(String, usize)>,
    /// Index of a leaf that is a map of stream heads, and how many leaves it covers.
    pub(crate) map: Option<(u64, u64)>,
    /// Alters what the map says.
    pub(crate) alter_map: Option<fn(&mut Commitment)>,
    /// Alters what is put into a bundle of one family.
    pub(crate) alter_parts: Option<fn(&mut Parts)>,
}

/// Kind and note of such a leaf.
pub(crate) type Says = fn(Hash) -> (LeafKind, String);

/// What a bundle of one family is put together from.
pub(crate) struct Parts {
    /// Indexes of the leaves.
    pub(crate) leaves: BTreeSet<u64>,
    /// Indexes of the leaves whose envelopes and keys are there.
    pub(crate) contents: BTreeSet<u64>,
    pub(crate) heads: FamilyHeads,
    pub(crate) tiles: BTreeMap<TileId, Vec<u8>>,
}

/// A bundle on disk.
pub(crate) struct Made {
    pub(crate) folder: TempDir,
    pub(crate) auditor: age::x25519::Identity,
}

impl Made {
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }
}

struct Event {
    leaf: Vec<u8>,
    /// None of a map.
    sealed: Option<(SealedEnvelope, EnvelopeKey)>,
    /// Which stream; `None` = the log's own.
    stream: Option<u8>,
}

impl Event {
    /// An act of the log.
    fn of_log(making: &Making, index: u64, kind: LeafKind, ext: Vec<u8>) -> Event {
        let before = making.heads.get(&[0; 16]);
        let mut event_id = [7; 16];
        event_id[..8].copy_from_slice(&index.to_be_bytes());
        let leaf = Leaf {
            kind,
            position: index,
            recorded_ms: 1_767_225_600_000 + index,
            event_id,
            stream_tag: [0; 16],
            stream_version: before.map_or(0, |it| it.version + 1),
            prev_in_stream: before.map(|it| it.index),
            envelopes: Vec::new(),
            ext,
        };
        Event { leaf: leaf.encode().unwrap(), sealed: None, stream: None }
    }
}

/// Where the leaves made so far leave their streams.
#[derive(Default)]
struct Making {
    heads: Heads,
    edge: Edge,
    events: Vec<Event>,
    /// Events so far, maps left out.
    dealt: u64,
}

impl Bundle {
    pub(crate) fn of(leaves: u64) -> Bundle {
        Bundle {
            leaves,
            scope: Scope::Log,
            stories: 0,
            signing_seed: 1,
            origin: ORIGIN,
            act: None,
            claimed_size: None,
            checkpoint: None,
            alter: None,
            alter_entries: None,
            alter_tile: None,
            without_envelope_of: None,
            other_envelope_at: None,
            without_key_of: None,
            wrong_key_at: None,
            wrong_field_root_at: None,
            without_header_at: None,
            key_from_outside: false,
            alter_byte: None,
            map: None,
            alter_map: None,
            alter_parts: None,
        }
    }

    /// One family of a log: 20 leaves, a map that covers them, three leaves more.
    pub(crate) fn of_family() -> Bundle {
        let scope = Scope::Family { covers: 20, map: 20 };
        Bundle { scope, map: Some((20, 20)), ..Bundle::of(24) }
    }

    fn events(&self) -> Vec<Event> {
        let mut making = Making::default();
        for index in 0..self.leaves {
            let map = self.map.filter(|(at, _)| *at == index);
            let act = self.act.filter(|(at, _)| *at == index);
            let event = if let Some((_, covers)) = map {
                self.map_leaf(&making, index, covers)
            } else if let Some((_, says)) = act {
                let (kind, note) = says(making.edge.root());
                Event::of_log(&making, index, kind, note.into_bytes())
            } else {
                let stream = u8::try_from(making.dealt % STREAMS).unwrap();
                making.dealt += 1;
                self.event(&making, index, stream)
            };
            let leaf = Leaf::decode(&event.leaf).unwrap();
            making.edge.push(leaf_hash(&event.leaf));
            making.heads.push(leaf.stream_tag, leaf.stream_version, leaf_hash(&event.leaf));
            making.events.push(event);
        }
        making.events
    }

    fn map_leaf(&self, making: &Making, index: u64, covers: u64) -> Event {
        let mut said = making.heads.map_at(covers).unwrap().commitment();
        if let Some(alter) = self.alter_map {
            alter(&mut said);
        }
        Event::of_log(making, index, LeafKind::StreamHeads, said.to_bytes().to_vec())
    }

    fn event(&self, making: &Making, index: u64, stream: u8) -> Event {
        let mut event_id = [9; 16];
        event_id[..8].copy_from_slice(&index.to_be_bytes());
        let stream_tag = [stream + 1; 16];
        let before = making.heads.get(&stream_tag);
        let context = EnvelopeContext { origin: ORIGIN, event_id, stream_tag, index: 0 };
        let header = json!({"type": "NoteRecorded", "schema": 1,
            "stream": {"kind": if stream == 1 { "person" } else { "family" }, "id": id_of(stream)}});
        let text = json!(format!("story {} of leaf {index}", self.stories));
        let field = |path: &str, value: &serde_json::Value| Field {
            path: path.to_owned(),
            value: value.to_string().into_bytes(),
        };
        let mut nonce = [0; 24];
        nonce[..8].copy_from_slice(&index.to_be_bytes());
        let content_key =
            ContentKey { id: KeyId([stream; 16]), key: SecretKey::from_bytes([stream + 7; 32]) };
        let about = json!([id_of(1)]);
        let mut fields = vec![field("d/person_id", &about), field("d/text", &text)];
        if self.without_header_at != Some(index) {
            fields.push(field("h", &header));
        }
        let sealed = seal(&context, &[&content_key], nonce, [3; 32], fields).unwrap();
        let own = envelope_key(&context, &[&content_key], &sealed.body).unwrap();
        let mut reference = sealed.reference();
        if self.wrong_field_root_at == Some(index) {
            reference.field_root = [1; 32];
        }
        let key = EnvelopeKey { ct_hash: reference.ct_hash, key: Zeroizing::new(*own.as_bytes()) };
        let leaf = Leaf {
            kind: LeafKind::Event,
            position: index,
            recorded_ms: 1_767_225_600_000 + index,
            event_id,
            stream_tag,
            stream_version: before.map_or(0, |it| it.version + 1),
            prev_in_stream: before.map(|it| it.index),
            envelopes: vec![reference],
            ext: Vec::new(),
        };
        let leaf = leaf.encode().unwrap();
        Event { leaf, sealed: Some((sealed, key)), stream: Some(stream) }
    }

    /// Writes the bundle.
    pub(crate) fn write(&self) -> Made {
        let events = self.events();
        if let Scope::Family { covers, .. } = self.scope {
            return self.write_family(&events, covers);
        }
        let mut leaves: Vec<Vec<u8>> = events.iter().map(|it| it.leaf.clone()).collect();
        if let Some(alter) = self.alter {
            alter(&mut leaves);
        }
        let mut files = self.tree(&leaves);
        let bodies: Vec<Vec<Option<Vec<u8>>>> = (0..)
            .zip(&events)
            .map(|(index, event)| {
                let is_there =
                    self.scope.holds(index, self.leaves) && self.without_envelope_of != Some(index);
                let Some((sealed, _)) = &event.sealed else { return Vec::new() };
                let mut body = sealed.body.clone();
                if self.other_envelope_at == Some(index) {
                    body[30] ^= 1;
                }
                vec![is_there.then_some(body)]
            })
            .collect();
        let (first, last) = self.scope.bundles(self.leaves).unwrap();
        for n in first..=last {
            let mut file = Vec::new();
            for body in bodies.iter().skip(usize::try_from(n).unwrap() * 256).take(256).flatten() {
                assert!(push_envelope(&mut file, body.as_deref()));
            }
            files.insert(envelopes_path(n), file);
        }
        let auditor = age::x25519::Identity::generate();
        let in_scope = |index| self.scope.holds(index, self.leaves);
        files.insert(KEYS.to_owned(), self.keys(&events, in_scope, &auditor));
        self.finish(files, auditor)
    }

    /// One family's leaves, and what proves that they are all.
    fn write_family(&self, events: &[Event], covers: u64) -> Made {
        let mut heads = Heads::new();
        let (mut edge, mut tiles) = (Edge::new(), BTreeMap::<TileId, Vec<u8>>::new());
        let mut map = None;
        for (index, event) in (0..).zip(events) {
            if index == covers {
                map = heads.map_at(covers);
            }
            let leaf = Leaf::decode(&event.leaf).unwrap();
            let hash = leaf_hash(&event.leaf);
            heads.push(leaf.stream_tag, leaf.stream_version, hash);
            tiles.entry(TileId { level: 0, n: index / 256 }).or_default().extend(hash);
            for full in edge.push(hash) {
                let above = TileId { level: full.level + 1, n: full.n / 256 };
                tiles.entry(above).or_default().extend(full.root());
            }
        }
        let map = map.unwrap();
        let is_own = |event: &Event| event.stream.is_some_and(|it| it < 2);
        let own = |(index, event): (u64, &Event)| is_own(event).then_some(index);
        let contents: BTreeSet<u64> = (0..).zip(events).filter_map(own).collect();
        let scoped = |stream: u8, kind: &str| {
            ScopedStream::new(kind, &id_of(stream), &map.prove(&[stream + 1; 16]).unwrap())
        };
        let mut parts = Parts {
            leaves: contents.iter().copied().chain(covers..self.leaves).collect(),
            contents,
            heads: FamilyHeads { streams: vec![scoped(0, "family"), scoped(1, "person")] },
            tiles,
        };
        if let Some(alter) = self.alter_parts {
            alter(&mut parts);
        }
        let mut files = BTreeMap::new();
        files.insert(HEADS.to_owned(), parts.heads.to_bytes().unwrap());
        files.insert("journal/checkpoint".to_owned(), self.note(self.leaves, edge.root()).into());
        let blocks: BTreeSet<u64> = parts.leaves.iter().map(|it| it / 256).collect();
        let kept = spine(blocks.iter().copied(), self.leaves);
        let kept = kept.into_iter().chain(blocks.iter().map(|n| TileId { level: 0, n: *n }));
        for id in kept {
            let resource = Resource::Tile { id, width: id.width_in(self.leaves) };
            files.insert(log_path(resource), parts.tiles[&id].clone());
        }
        for n in blocks {
            let (mut leaves, mut envelopes) = (Vec::new(), Vec::new());
            for index in parts.leaves.range(n * 256..(n + 1) * 256) {
                let event = &events[usize::try_from(*index).unwrap()];
                assert!(push_leaf(&mut leaves, u8::try_from(index % 256).unwrap(), &event.leaf));
                let body = event.sealed.as_ref().map(|(sealed, _)| sealed.body.as_slice());
                let body = body.map(|it| Some(it).filter(|_| parts.contents.contains(index)));
                assert!(body.is_none_or(|it| push_envelope(&mut envelopes, it)));
            }
            files.insert(leaves_path(n), leaves);
            files.insert(envelopes_path(n), envelopes);
        }
        let auditor = age::x25519::Identity::generate();
        let in_scope = |index| parts.contents.contains(&index) && parts.leaves.contains(&index);
        files.insert(KEYS.to_owned(), self.keys(events, in_scope, &auditor));
        self.finish(files, auditor)
    }

    /// README and words, the altered byte, the list.
    fn finish(&self, mut files: BTreeMap<String, Vec<u8>>, auditor: age::x25519::Identity) -> Made {
        files.insert(README.to_owned(), b"How to check this.\n".to_vec());
        files.insert(labels_path("en"), b"{}\n".to_vec());
        if let Some((path, at)) = &self.alter_byte {
            // Sealed keys are longer at one time than at another.
            let bytes = files.get_mut(path).unwrap();
            let at = at % bytes.len();
            bytes[at] ^= 1 << (at % 8);
        }
        let made = Made { folder: TempDir::new().unwrap(), auditor };
        self.sign(&made, files);
        made
    }

    /// Tiles, entries and checkpoint of the leaves.
    fn tree(&self, leaves: &[Vec<u8>]) -> BTreeMap<String, Vec<u8>> {
        let size = leaves.len() as u64;
        let mut edge = Edge::new();
        let mut tiles: BTreeMap<TileId, Vec<u8>> = BTreeMap::new();
        for (index, leaf) in (0..).zip(leaves) {
            let hash = leaf_hash(leaf);
            tiles.entry(TileId { level: 0, n: index / 256 }).or_default().extend(hash);
            for full in edge.push(hash) {
                let above = TileId { level: full.level + 1, n: full.n / 256 };
                tiles.entry(above).or_default().extend(full.root());
            }
        }
        let mut entries = leaves.to_vec();
        if let Some(alter) = self.alter_entries {
            alter(&mut entries);
        }
        let scope = self.scope.bundles(size).unwrap();
        let mut files = BTreeMap::new();
        for resource in Resource::all(size) {
            let bytes = match resource {
                Resource::Checkpoint => self.note(size, edge.root()).into_bytes(),
                Resource::Tile { id, .. } => {
                    let mut bytes = tiles[&id].clone();
                    if self.alter_tile.is_some_and(|it| it == resource.to_string()) {
                        bytes[0] ^= 1;
                    }
                    bytes
                }
                Resource::Entries { n, .. } if !(scope.0..=scope.1).contains(&n) => continue,
                Resource::Entries { n, .. } => {
                    let own = entries.iter().skip(usize::try_from(n).unwrap() * 256).take(256);
                    entries_to_bytes(own.map(Vec::as_slice)).unwrap()
                }
            };
            files.insert(log_path(resource), bytes);
        }
        files
    }

    fn note(&self, size: u64, root: [u8; 32]) -> String {
        let checkpoint = Checkpoint { origin: self.origin.to_owned(), size, root };
        let signed = || sign_checkpoint(&checkpoint, &key_of(self.signing_seed)).unwrap();
        self.checkpoint.clone().unwrap_or_else(signed)
    }

    fn keys(
        &self,
        events: &[Event],
        in_scope: impl Fn(u64) -> bool,
        auditor: &age::x25519::Identity,
    ) -> Vec<u8> {
        let mut keys = Vec::new();
        for (index, event) in (0..).zip(events) {
            let Some((_, key)) = &event.sealed else { continue };
            if self.without_key_of == Some(index) || !in_scope(index) {
                continue;
            }
            let mut bytes = *key.to_bytes();
            if self.wrong_key_at == Some(index) {
                bytes[40] ^= 1;
            }
            keys.extend(bytes);
        }
        if self.key_from_outside {
            keys.extend([5; 64]);
        }
        assert!(auditor.to_string().expose_secret().starts_with("AGE-SECRET-KEY"));
        age::encrypt(&auditor.to_public(), &keys).unwrap()
    }

    fn sign(&self, made: &Made, files: BTreeMap<String, Vec<u8>>) {
        // A log of other leaves than were made here has another size.
        let size = self.alter.map_or(self.leaves, |_| {
            let note = String::from_utf8(files["journal/checkpoint"].clone()).unwrap();
            note.lines().nth(1).unwrap().parse().unwrap()
        });
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            origin: self.origin.to_owned(),
            size: self.claimed_size.unwrap_or(size),
            scope: self.scope,
            purpose: "AUDIT".to_owned(),
            requester: "auditor".to_owned(),
            created_ms: 1_767_225_600_000,
            files: files.iter().map(|(path, bytes)| (path.clone(), File::of(bytes))).collect(),
        };
        for (path, bytes) in files {
            put(&made.path(&path), &bytes);
        }
        let listed = manifest.to_bytes().unwrap();
        let text = Manifest::signed_text(self.origin, &listed);
        let note = sign_note(&text, self.origin, &key_of(self.signing_seed)).unwrap();
        put(&made.path(MANIFEST), &listed);
        put(&made.path(MANIFEST_NOTE), note.as_bytes());
    }
}

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// What the things that the streams are of are called.
pub(crate) fn id_of(stream: u8) -> String {
    format!("00000000-0000-4000-8000-{stream:012}")
}
