//! What a bundle of one family must hold so that nothing of it can have been left out: each of its streams
//! from the beginning to where the map of stream heads says that it ends, and every leaf after that map.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use fokus_bundle::HEADS;
use fokus_bundle::family::{FamilyHeads, HEADS_BYTES_MAX};
use fokus_log::heads::{Commitment, Heads, Proved, Tag};
use fokus_vault::envelope::Field;
use serde_json::Value;

use crate::block::Read;
use crate::files;
use crate::report::{Findings, Step};

/// The streams that a bundle is of, and how far the map covers them.
#[derive(Debug)]
pub(crate) struct InScope {
    /// Leaves of the log that the map covers.
    pub(crate) covers: u64,
    /// Index of the map.
    map: u64,
    /// The family's own.
    family: Tag,
    /// Kind and id as one text, and where the stream ends.
    streams: BTreeMap<Tag, (String, Proved)>,
    names: HashSet<String>,
}

impl InScope {
    /// What heads.json says. Fails with what is wrong with it.
    pub(crate) fn read(folder: &Path, covers: u64, map: u64) -> Result<InScope, String> {
        let bytes = files::read(&folder.join(HEADS), HEADS_BYTES_MAX)
            .map_err(|it| format!("cannot be read: {}", it.kind()))?;
        let heads = FamilyHeads::from_bytes(&bytes).map_err(|it| it.to_string())?;
        let (mut streams, mut names) = (BTreeMap::new(), HashSet::new());
        let mut family = None;
        for scoped in &heads.streams {
            let proved = scoped.proved().ok_or("has a hash that is none")?;
            let name = format!("{}/{}", scoped.kind, scoped.id);
            family.get_or_insert(proved.tag);
            let tag = proved.tag;
            let is_new = names.insert(name.clone());
            if tag == [0; 16] || !is_new || streams.insert(tag, (name, proved)).is_some() {
                return Err("names a stream twice, or the log's own".to_owned());
            }
        }
        let family = family.ok_or("names no stream")?;
        Ok(InScope { covers, map, family, streams, names })
    }

    /// Whether the stream with the tag is one of them.
    pub(crate) fn holds(&self, tag: &Tag) -> bool {
        self.streams.contains_key(tag)
    }

    /// How many streams there are.
    pub(crate) fn streams(&self) -> usize {
        self.streams.len()
    }

    /// What the stream with the tag is called.
    pub(crate) fn name(&self, tag: &Tag) -> Option<&str> {
        self.streams.get(tag).map(|it| it.0.as_str())
    }

    /// What the family's own stream is called.
    pub(crate) fn family(&self) -> Option<&str> {
        self.name(&self.family)
    }

    /// Whether an event of the family names a person whose stream is not here.
    pub(crate) fn leaves_out_a_person(&self, tag: &Tag, fields: &[Field]) -> bool {
        *tag == self.family
            && fields.iter().any(|field| {
                let name = field.path.strip_prefix("d/");
                let value = || serde_json::from_slice(&field.value).unwrap_or_default();
                name.is_some_and(|name| self.leaves_out(name, &value()))
            })
    }

    /// Whether one of the ids under names that end with `person_id` is missing.
    fn leaves_out(&self, name: &str, value: &Value) -> bool {
        match value {
            Value::String(id) => {
                (name == "person_id" || name.ends_with("_person_id"))
                    && !self.names.contains(&format!("person/{id}"))
            }
            Value::Array(items) => items.iter().any(|it| self.leaves_out(name, it)),
            Value::Object(members) => members.iter().any(|(name, it)| self.leaves_out(name, it)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Takes the next leaf; `heads` are where streams stood before. Gives whether it stands after what the map
    /// covers.
    pub(crate) fn follow(&self, read: &Read, heads: &Heads, found: &mut Findings) -> bool {
        let Read { index, kind, head, ext, .. } = read;
        if *index == self.map {
            let map = kind.map(|kind| Commitment::read(kind, *index, ext));
            match map {
                Some(Ok(map)) if map.covers_size == self.covers => {
                    self.check_map(&map, heads, found)
                }
                _ => {
                    let what = "is not the map of the leaves that BUNDLE.json says it covers";
                    found.at(Step::Heads, *index, what);
                }
            }
        }
        let is_later = *index >= self.covers;
        if !is_later && !self.holds(&head.stream_tag) {
            found.at(Step::Heads, *index, "a leaf from outside the scope");
        }
        is_later
    }

    /// The map has the streams as heads.json does, and they end where it says.
    fn check_map(&self, map: &Commitment, heads: &Heads, found: &mut Findings) {
        for (tag, (_, proved)) in &self.streams {
            if proved.verify(map).is_err() {
                found.at(Step::Heads, self.map, "the map has no such entry of a stream");
            } else if heads.head_at(tag, self.covers) != Some(&proved.head) {
                let what = "a stream does not end where the map says that it does";
                found.at(Step::Heads, proved.head.index, what);
            }
        }
    }
}
