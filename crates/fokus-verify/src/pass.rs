//! The way through the log, once, from the first leaf to the last.
//!
//! Blocks are read and opened on all cores; what spans blocks (the tree, streams, keys) is followed here,
//! in order, while the next ones are read. In memory are a few blocks, 16 bytes for each leaf (its id), and
//! about 100 bytes for each stream.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

use fokus_bundle::content::{EnvelopeKey, next_key};
use fokus_bundle::manifest::Scope;
use fokus_bundle::{KEYS, envelopes_path, leaves_number};
use fokus_log::Hash;
use fokus_log::leaf::LeafError;
use fokus_log::note::Checkpoint;
use fokus_log::tile::TILE_WIDTH;

use crate::block::{self, Block, Bundle, Content, ENVELOPES_BYTES_MAX, Read};
use crate::family::Seen;
use crate::history::History;
use crate::report::{Findings, Outcome, Step};
use crate::streams::Streams;
use crate::tree::Tree;
use crate::{Progress, Work, parallel};

/// Blocks that are read at a time, where their envelopes are small.
const BLOCKS_AT_ONCE: usize = 128;

/// Where the keys of the envelopes come from.
pub(crate) enum Keys {
    /// Left sealed, as asked.
    Sealed,
    /// No identity.
    NotGiven,
    /// Opened, in the order of the envelopes.
    Open(Box<dyn io::Read>),
}

impl Keys {
    /// The keys in the file at `path`, opened with `identity`. Fails with what is wrong with the file.
    pub(crate) fn open(path: &Path, identity: &dyn age::Identity) -> Result<Keys, &'static str> {
        let file = File::open(path).map_err(|_| "cannot be read")?;
        let decryptor = age::Decryptor::new(BufReader::new(file))
            .map_err(|_| "is not a file of the age format")?;
        let keys = decryptor
            .decrypt(std::iter::once(identity))
            .map_err(|_| "is not sealed to this identity")?;
        Ok(Keys::Open(Box::new(BufReader::new(keys))))
    }
}

/// What the way through came to.
pub(crate) struct Passed {
    pub(crate) outcomes: Vec<(Step, Outcome)>,
    pub(crate) leaves: u64,
    pub(crate) streams: u64,
    pub(crate) recorded_ms: Option<(u64, u64)>,
}

/// The way through the log.
pub(crate) struct Pass<'a> {
    bundle: Bundle<'a>,
    progress: &'a Progress<'a>,
    keys: Keys,
    /// A key that was read, but belongs to a later envelope.
    next_key: Option<EnvelopeKey>,
    tree: Tree,
    streams: Streams,
    /// What the way through a family's leaves came to.
    seen: Seen,
    names: HashMap<[u8; 16], String>,
    tags: HashMap<String, [u8; 16]>,
    /// Whom the events of the bundle's family name.
    persons: BTreeSet<String>,
    event_ids: Vec<[u8; 16]>,
    recorded_ms: Option<(u64, u64)>,
    leaves: u64,
    envelopes: u64,
    unknown_kinds: u64,
    of_tree: Findings,
    of_leaves: Findings,
    of_heads: Findings,
    of_envelopes: Findings,
    of_contents: Findings,
    of_keys: Findings,
}

impl<'a> Pass<'a> {
    pub(crate) fn new(
        bundle: Bundle<'a>,
        keys: Result<Keys, &'static str>,
        progress: &'a Progress<'a>,
    ) -> Self {
        let mut of_keys = Findings::default();
        let keys = keys.unwrap_or_else(|what| {
            of_keys.in_file(KEYS, what);
            Keys::NotGiven
        });
        Pass {
            bundle,
            progress,
            keys,
            next_key: None,
            tree: Tree::default(),
            streams: Streams::of(bundle.manifest.scope, bundle.manifest.size),
            seen: Seen::default(),
            names: HashMap::new(),
            tags: HashMap::new(),
            persons: BTreeSet::new(),
            event_ids: Vec::new(),
            recorded_ms: None,
            leaves: 0,
            envelopes: 0,
            unknown_kinds: 0,
            of_tree: Findings::default(),
            of_leaves: Findings::default(),
            of_heads: Findings::default(),
            of_envelopes: Findings::default(),
            of_contents: Findings::default(),
            of_keys,
        }
    }

    /// Goes through the log, and compares it with the checkpoint.
    pub(crate) fn run(
        mut self,
        checkpoint: &Checkpoint,
        mut history: Option<&mut History>,
    ) -> Passed {
        let bundle = self.bundle;
        for blocks in self.batches() {
            parallel::in_order(
                &blocks,
                |n| bundle.block(*n),
                |n, block| self.follow(*n, block, history.as_deref_mut()),
            );
        }
        let root = &checkpoint.root;
        match bundle.family {
            Some(scope) => {
                self.tree.check_spine(&bundle, root, &mut self.of_tree);
                self.seen.check(scope, bundle.manifest.size, &mut self.of_heads);
                scope.check_persons(&self.persons, &mut self.of_contents);
            }
            None => self.tree.check_whole(&bundle, root, &mut self.of_tree),
        }
        if checkpoint.size != bundle.manifest.size {
            self.of_tree.of_all("the checkpoint is of another size than BUNDLE.json says");
        }
        self.end_of_leaves();
        self.end_of_keys();
        self.outcomes()
    }

    /// The numbers of all blocks, in runs whose envelopes fit into memory together.
    fn batches(&self) -> Vec<Vec<u64>> {
        let manifest = self.bundle.manifest;
        let numbers: Vec<u64> = match manifest.scope {
            Scope::Log | Scope::Period { .. } => {
                (0..manifest.size.div_ceil(TILE_WIDTH as u64)).collect()
            }
            // A family's are those that it has leaves of. Paths do not sort as their numbers do.
            Scope::Family { .. } => {
                let numbers = manifest.files.keys().filter_map(|it| leaves_number(it));
                numbers.collect::<BTreeSet<u64>>().into_iter().collect()
            }
        };
        let (mut batches, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0_u64);
        for n in numbers {
            let own = manifest.files.get(&envelopes_path(n)).map_or(0, |it| it.size);
            let is_full =
                batch.len() >= BLOCKS_AT_ONCE || bytes.saturating_add(own) > ENVELOPES_BYTES_MAX;
            if is_full && !batch.is_empty() {
                batches.push(std::mem::take(&mut batch));
                bytes = 0;
            }
            batch.push(n);
            bytes = bytes.saturating_add(own);
        }
        batches.push(batch);
        batches
    }

    fn follow(&mut self, n: u64, block: Block, history: Option<&mut History>) {
        (self.progress)(Work::Done(block.hashes.len() as u64));
        self.tree.block(n, &block.hashes, block.root);
        for (place, what) in block.tree {
            match place {
                Ok(index) => self.of_tree.at(index, what),
                Err(file) => self.of_tree.in_file(&file, what),
            }
        }
        for (index, error) in block.malformed {
            if error == LeafError::UnknownKind {
                self.unknown_kinds += 1;
            } else {
                self.of_leaves.at(index, error.to_string());
            }
        }
        for (index, what) in block.envelopes {
            self.of_envelopes.at(index, what);
        }
        for read in &block.leaves {
            self.follow_leaf(read);
        }
        if let Some(what) = block.envelopes_file {
            self.of_envelopes.in_file(&envelopes_path(n), what);
            return;
        }
        let keys: Vec<Vec<Option<EnvelopeKey>>> =
            block.leaves.iter().map(|read| self.keys_of(read)).collect();
        if matches!(self.keys, Keys::Open(_)) {
            let origin = self.bundle.manifest.origin.as_str();
            let pairs: Vec<(&Read, Vec<Option<EnvelopeKey>>)> =
                block.leaves.iter().zip(keys).collect();
            let opened = parallel::map(&pairs, |(read, keys)| block::open(origin, read, keys));
            self.follow_contents(&block.leaves, opened, history);
        }
    }

    /// The place of a leaf among all others.
    fn follow_leaf(&mut self, read: &Read) {
        let Read { index, leaf, hash, .. } = read;
        self.leaves += 1;
        self.event_ids.push(leaf.event_id);
        if leaf.position != *index {
            self.of_leaves.at(*index, "says that it stands elsewhere");
        }
        let last = self.recorded_ms.map_or(leaf.recorded_ms, |(_, last)| last);
        if leaf.recorded_ms < last {
            self.of_leaves.at(*index, "was recorded before the one before it");
        }
        let first = self.recorded_ms.map_or(leaf.recorded_ms, |(first, _)| first);
        self.recorded_ms = Some((first, leaf.recorded_ms.max(last)));
        let is_whole = self.bundle.family.is_some_and(|it| it.holds(leaf));
        if !self.streams.follow(*index, leaf, *hash, is_whole, &mut self.of_heads) {
            self.of_leaves.at(*index, "is not the next of its stream");
        }
        if let Some(scope) = self.bundle.family {
            self.seen.leaf(scope, (*index, leaf, *hash), &mut self.of_heads);
        }
    }

    /// The keys of a leaf's envelopes, and what is wrong with them.
    fn keys_of(&mut self, read: &Read) -> Vec<Option<EnvelopeKey>> {
        if !self.bundle.holds(read.index, &read.leaf) {
            return read.bodies.iter().map(|_| None).collect();
        }
        let mut keys = Vec::with_capacity(read.bodies.len());
        for (reference, body) in read.leaf.envelopes.iter().zip(&read.bodies) {
            self.envelopes += 1;
            if body.is_none() {
                self.of_keys.at(read.index, "an envelope is gone, and no certificate says why");
            }
            keys.push(if matches!(self.keys, Keys::Open(_)) {
                let key = self.key_for(&reference.ct_hash);
                if key.is_none() {
                    self.of_keys.at(read.index, "a key is missing, and no certificate says why");
                }
                key
            } else {
                None
            });
        }
        keys
    }

    /// The next key, if it is the one of this envelope.
    fn key_for(&mut self, ct_hash: &Hash) -> Option<EnvelopeKey> {
        if self.next_key.is_none() {
            let Keys::Open(reader) = &mut self.keys else { return None };
            match next_key(reader) {
                Ok(key) => self.next_key = key,
                Err(_) => self.of_keys.in_file(KEYS, "is cut short or was altered"),
            }
        }
        self.next_key.take_if(|it| it.ct_hash == *ct_hash)
    }

    fn follow_contents(
        &mut self,
        leaves: &[Read],
        opened: Vec<Content>,
        mut history: Option<&mut History>,
    ) {
        for (read, content) in leaves.iter().zip(opened) {
            if let Some(what) = content.wrong {
                self.of_contents.at(content.index, what);
            }
            let Some(header) = content.fields.iter().find(|it| it.path == "h") else { continue };
            match stream_name(&header.value) {
                Some(name) => self.follow_name(read, name),
                None => self.of_contents.at(read.index, "the header names no stream"),
            }
            if let Some(scope) = self.bundle.family {
                scope.persons(&read.leaf, &content.fields, &mut self.persons);
            }
            if let Some(history) = history.as_deref_mut() {
                history.add(&read.leaf, &content.fields);
            }
        }
    }

    /// One tag is one stream, and one stream has one tag.
    fn follow_name(&mut self, read: &Read, name: String) {
        let tag = read.leaf.stream_tag;
        if self.bundle.family.is_some_and(|it| it.name(&tag) != Some(name.as_str())) {
            self.of_contents.at(read.index, "the header names another stream than heads.json");
        }
        let known = self.names.entry(tag).or_insert_with(|| name.clone());
        let known_tag = self.tags.entry(name.clone()).or_insert(tag);
        if *known != name || *known_tag != tag {
            self.of_contents.at(read.index, "the header names another stream than before");
        }
    }

    fn end_of_leaves(&mut self) {
        let mut ids = std::mem::take(&mut self.event_ids);
        ids.sort_unstable();
        if ids.is_sorted_by(|one, other| one < other) {
            return;
        }
        self.of_leaves.of_all("two leaves have one event id");
    }

    fn end_of_keys(&mut self) {
        let left = self.next_key.is_some()
            || match &mut self.keys {
                Keys::Open(reader) => reader.read(&mut [0]).map_or(true, |it| it > 0),
                Keys::Sealed | Keys::NotGiven => false,
            };
        if left {
            self.of_keys
                .in_file(KEYS, "holds a key of no envelope in the scope, or is not in order");
        }
    }

    fn outcomes(self) -> Passed {
        let streams = self.streams.count();
        let (leaves, envelopes) = (self.leaves, self.envelopes);
        let manifest = self.bundle.manifest;
        let size = manifest.size;
        let of_heads = match (manifest.scope, self.bundle.family) {
            (Scope::Family { covers, .. }, Some(scope)) => {
                let streams = scope.streams();
                format!("{streams} streams, whole up to leaf {covers} by the map, and beyond it")
            }
            (Scope::Period { .. }, _) => "no map of a part can be made".to_owned(),
            (_, _) => format!("{} maps, made anew from the leaves", self.streams.maps()),
        };
        let of_tree = match manifest.scope {
            Scope::Family { .. } => format!("{leaves} leaves under the root over {size}"),
            Scope::Log | Scope::Period { .. } => format!("root over {size} leaves, every tile"),
        };
        let of_leaves = self.of_leaves.outcome(format!("{leaves} in {streams} streams"));
        let of_leaves = if self.unknown_kinds > 0 && matches!(of_leaves, Outcome::Verified { .. }) {
            let what = format!("{} of kinds that this program does not know", self.unknown_kinds);
            Outcome::Incomplete { what }
        } else {
            of_leaves
        };
        let sealed = |found: Findings, verified: String| match (&self.keys, found.is_empty()) {
            (Keys::NotGiven, true) => {
                Outcome::Incomplete { what: "no identity was given: not opened".to_owned() }
            }
            (Keys::Sealed, true) => Outcome::Verified { what: "left sealed, as asked".to_owned() },
            _ => found.outcome(verified),
        };
        let outcomes = vec![
            (Step::Tree, self.of_tree.outcome(of_tree)),
            (Step::Leaves, of_leaves),
            (Step::Heads, self.of_heads.outcome(of_heads)),
            (Step::Envelopes, self.of_envelopes.outcome(format!("{envelopes}, each its leaf's"))),
            (Step::Contents, sealed(self.of_contents, format!("{envelopes} opened, as committed"))),
            (Step::Keys, sealed(self.of_keys, format!("{envelopes}, none missing, none beyond"))),
        ];
        Passed { outcomes, leaves, streams, recorded_ms: self.recorded_ms }
    }
}

/// The stream that a header names, as one text.
fn stream_name(header: &[u8]) -> Option<String> {
    let header: serde_json::Value = serde_json::from_slice(header).ok()?;
    let stream = header.get("stream")?;
    let (kind, id) = (stream.get("kind")?.as_str()?, stream.get("id")?.as_str()?);
    Some(format!("{kind}/{id}"))
}
