//! What envelopes hold: each opens with its own key, at its place, and holds what its leaf commits to; and
//! the keys are those of these envelopes, no others.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use fokus_bundle::KEYS;
use fokus_bundle::content::{EnvelopeKey, next_key};
use fokus_log::heads::Tag;
use fokus_log::leaf::LeafHead;
use fokus_log::lineage::generation;
use fokus_vault::envelope::{EnvelopeContext, Field, check_field_root, open_with_envelope_key};
use fokus_vault::key::SecretKey;

use crate::block::{self, Block, Bundle, Sealed};
use crate::history::History;
use crate::report::{Findings, Step};
use crate::{files, parallel};

/// Most bytes of the header of an age file: room for some hundred recipients.
const AGE_HEADER_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of a stream's kind and id together.
const NAME_BYTES_MAX: usize = 128;

/// The keys, and what was opened with them so far.
pub(crate) struct Opening<'a> {
    bundle: Bundle<'a>,
    /// In the order of the envelopes.
    keys: Box<dyn Read>,
    /// A key that was read, but belongs to a later envelope.
    next: Option<EnvelopeKey>,
    names: HashMap<Tag, String>,
    tags: HashMap<String, Tag>,
    history: Option<&'a mut History>,
}

/// What the envelopes of one event hold.
#[derive(Default)]
struct Opened {
    fields: Vec<Field>,
    wrong: Option<&'static str>,
}

/// The keys in the file at `path`, opened with `identity`. Fails with what is wrong with the file.
fn unsealed(path: &Path, identity: &dyn age::Identity) -> Result<Box<dyn Read>, &'static str> {
    let file = files::open(path).map_err(|_| "cannot be read")?;
    let mut file = BufReader::with_capacity(AGE_HEADER_BYTES_MAX, file);
    // A header is kept in memory and read from its beginning again line by line, however long it is.
    let begins = file.fill_buf().map_err(|_| "cannot be read")?;
    if !begins.windows(4).any(|it| it == b"\n---") {
        return Err("is not a file of the age format, or has a header without end");
    }
    let decryptor = age::Decryptor::new(file).map_err(|_| "is not a file of the age format")?;
    let keys = decryptor
        .decrypt(std::iter::once(identity))
        .map_err(|_| "is not sealed to this identity")?;
    Ok(Box::new(BufReader::new(keys)))
}

impl<'a> Opening<'a> {
    /// Opens the keys. Fails with what is wrong with their file.
    pub(crate) fn new(
        bundle: Bundle<'a>,
        identity: &dyn age::Identity,
        history: Option<&'a mut History>,
    ) -> Result<Opening<'a>, &'static str> {
        let keys = unsealed(&bundle.folder.join(KEYS), identity)?;
        let (names, tags) = (HashMap::new(), HashMap::new());
        Ok(Opening { bundle, keys, next: None, names, tags, history })
    }

    /// Opens the envelopes of the next block, event by event.
    pub(crate) fn follow(&mut self, block: &Block, found: &mut Findings) {
        let of_event = block.sealed.chunk_by(|one, next| one.of == next.of);
        let mut events = Vec::new();
        for (read, sealed) in
            of_event.filter_map(|it| Some((block.leaves.get(it.first()?.of)?, it)))
        {
            let mut key = |sealed| (sealed, self.key_for(sealed, found));
            let sealed: Vec<(&Sealed, Option<EnvelopeKey>)> = sealed.iter().map(&mut key).collect();
            if sealed.iter().any(|(_, key)| key.is_none()) {
                let what = "a key is missing, and no certificate says why";
                found.at(Step::Keys, read.index, what);
            }
            events.push((read, sealed));
        }
        // A log that continues another one has its envelopes under the name that began.
        let (origin, _) = generation(&self.bundle.manifest.origin);
        let opened = parallel::map(&events, |(read, sealed)| open(origin, &read.head, sealed));
        for ((read, _), opened) in events.iter().zip(opened) {
            self.follow_event(read, &opened, found);
        }
    }

    /// The next key, if it is the one of this envelope.
    fn key_for(&mut self, sealed: &Sealed, found: &mut Findings) -> Option<EnvelopeKey> {
        if self.next.is_none() {
            match next_key(&mut self.keys) {
                Ok(key) => self.next = key,
                Err(_) => found.in_file(Step::Keys, KEYS, "is cut short or was altered"),
            }
        }
        self.next.take_if(|it| it.ct_hash == sealed.ct_hash)
    }

    fn follow_event(&mut self, read: &block::Read, opened: &Opened, found: &mut Findings) {
        let mut wrong = |what| found.at(Step::Contents, read.index, what);
        if let Some(what) = opened.wrong {
            wrong(what);
        }
        let Some(header) = opened.fields.iter().find(|it| it.path == "h") else { return };
        let Some(name) = stream_name(&header.value) else {
            return wrong("the header names no stream");
        };
        let tag = read.head.stream_tag;
        let known_tag = *self.tags.entry(name.clone()).or_insert(tag);
        let known = self.names.entry(tag).or_insert_with(|| name.clone());
        if *known != name || known_tag != tag {
            wrong("the header names another stream than before");
        }
        if let Some(scope) = self.bundle.family {
            if scope.name(&tag) != Some(name.as_str()) {
                wrong("the header names another stream than heads.json");
            }
            if scope.leaves_out_a_person(&tag, &opened.fields) {
                wrong("names a person whose stream is not in the bundle");
            }
        }
        if let Some(history) = self.history.as_deref_mut() {
            history.add(read.head.stream_version, read.head.recorded_ms, &opened.fields);
        }
    }

    /// No key may be left.
    pub(crate) fn end(&mut self, found: &mut Findings) {
        if self.next.is_some() || self.keys.read(&mut [0]).map_or(true, |it| it > 0) {
            let what = "holds a key of no envelope in the scope, or is not in order";
            found.in_file(Step::Keys, KEYS, what);
        }
    }
}

/// Opens the envelopes of one event with their keys, and checks what they hold. A missing key or envelope is
/// found elsewhere.
fn open(origin: &str, head: &LeafHead, event: &[(&Sealed, Option<EnvelopeKey>)]) -> Opened {
    let mut all = Opened::default();
    for (sealed, key) in event {
        let Some(key) = key.as_ref().filter(|_| !sealed.body.is_empty()) else { continue };
        let LeafHead { event_id, stream_tag, .. } = *head;
        let context = EnvelopeContext { origin, event_id, stream_tag, index: sealed.number };
        let (key, body) = (SecretKey::from_bytes(*key.key), &sealed.body);
        let opened = open_with_envelope_key(&context, &key, body);
        let Ok(opened) = opened else {
            all.wrong = Some("an envelope does not open with its key, at its place");
            continue;
        };
        if check_field_root(&opened, &sealed.field_root).is_err() {
            all.wrong = Some("an envelope holds other fields than its leaf commits to");
        }
        // The header says what an event is; without one nobody could read it.
        if opened.fields.iter().any(|it| it.path == "h") != (sealed.number == 0) {
            all.wrong = Some("a header is missing, or stands where none belongs");
        }
        all.fields.extend(opened.fields);
    }
    all
}

/// The stream that a header names, as one text.
fn stream_name(header: &[u8]) -> Option<String> {
    let header: serde_json::Value = serde_json::from_slice(header).ok()?;
    let stream = header.get("stream")?;
    let name = format!("{}/{}", stream.get("kind")?.as_str()?, stream.get("id")?.as_str()?);
    Some(name).filter(|it| it.len() <= NAME_BYTES_MAX)
}
