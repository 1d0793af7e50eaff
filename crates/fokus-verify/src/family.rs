//! What a bundle of one family must hold so that nothing of it can have been left out: each of its streams
//! from the beginning to where the map of stream heads says that it ends, and every leaf after that map.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use fokus_bundle::HEADS;
use fokus_bundle::family::{FamilyHeads, HEADS_BYTES_MAX};
use fokus_log::Hash;
use fokus_log::heads::{Commitment, Head, Proved, Tag};
use fokus_log::leaf::Leaf;
use fokus_vault::envelope::Field;
use serde_json::Value;

use crate::files;
use crate::report::Findings;

/// The streams that a bundle is of, and how far the map covers them.
#[derive(Debug)]
pub(crate) struct InScope {
    covers: u64,
    map: u64,
    /// The family's own.
    family: Tag,
    streams: BTreeMap<Tag, Stream>,
    names: HashSet<String>,
}

#[derive(Debug)]
struct Stream {
    /// Kind and id, as one text.
    name: String,
    proved: Proved,
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
            if tag == [0; 16] || !names.insert(name.clone()) {
                return Err("names a stream twice, or the log's own".to_owned());
            }
            if streams.insert(tag, Stream { name, proved }).is_some() {
                return Err("names a stream twice".to_owned());
            }
        }
        let family = family.ok_or("names no stream")?;
        Ok(InScope { covers, map, family, streams, names })
    }

    /// Whether the leaf is of one of the streams.
    pub(crate) fn holds(&self, leaf: &Leaf) -> bool {
        self.streams.contains_key(&leaf.stream_tag)
    }

    /// How many streams there are.
    pub(crate) fn streams(&self) -> usize {
        self.streams.len()
    }

    /// What the stream with the tag is called.
    pub(crate) fn name(&self, tag: &Tag) -> Option<&str> {
        self.streams.get(tag).map(|it| it.name.as_str())
    }

    /// Adds the persons whom an event of the family names.
    pub(crate) fn persons(&self, leaf: &Leaf, fields: &[Field], persons: &mut BTreeSet<String>) {
        if leaf.stream_tag != self.family {
            return;
        }
        for field in fields.iter().filter(|it| it.path.starts_with("d/")) {
            let value = serde_json::from_slice(&field.value).unwrap_or_default();
            let name = field.path.strip_prefix("d/").unwrap_or_default();
            collect_persons(name, &value, persons);
        }
    }

    /// Whether all these persons' streams are here.
    pub(crate) fn check_persons(&self, persons: &BTreeSet<String>, of_contents: &mut Findings) {
        if persons.iter().any(|it| !self.names.contains(&format!("person/{it}"))) {
            of_contents
                .of_all("the family's events name a person whose stream is not in the bundle");
        }
    }
}

/// Every id under a name that ends with `person_id`.
fn collect_persons(name: &str, value: &Value, persons: &mut BTreeSet<String>) {
    match value {
        Value::String(id) if name == "person_id" || name.ends_with("_person_id") => {
            persons.insert(id.clone());
        }
        Value::Array(items) => items.iter().for_each(|it| collect_persons(name, it, persons)),
        Value::Object(members) => {
            members.iter().for_each(|(name, it)| collect_persons(name, it, persons));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What the way through a family's leaves came to.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Where each of the streams stood when the log had as many leaves as the map covers.
    at_map: HashMap<Tag, Head>,
    /// Leaves after that.
    later: u64,
    map: Option<Commitment>,
}

impl Seen {
    /// Takes the next leaf.
    pub(crate) fn leaf(
        &mut self,
        scope: &InScope,
        (index, leaf, leaf_hash): (u64, &Leaf, Hash),
        of_heads: &mut Findings,
    ) {
        if index == scope.map {
            match Commitment::of_leaf(leaf) {
                Ok(map) if map.covers_size == scope.covers => self.map = Some(map),
                Ok(_) => of_heads.at(index, "the map covers other leaves than BUNDLE.json says"),
                Err(error) => of_heads.at(index, error.to_string()),
            }
        }
        if index >= scope.covers {
            self.later = self.later.saturating_add(1);
        } else if scope.holds(leaf) {
            let head = Head { version: leaf.stream_version, index, leaf_hash };
            self.at_map.insert(leaf.stream_tag, head);
        } else {
            of_heads.at(index, "a leaf from outside the scope");
        }
    }

    /// Whether nothing of the streams can be missing in a log of `size`.
    pub(crate) fn check(&self, scope: &InScope, size: u64, of_heads: &mut Findings) {
        let Some(map) = &self.map else {
            of_heads.at(scope.map, "the map of stream heads is not here");
            return;
        };
        // Indexes ascend, so as many as there can be are all.
        if Some(self.later) != size.checked_sub(scope.covers) {
            of_heads.of_all("a leaf after the map is missing");
        }
        for (tag, stream) in &scope.streams {
            let Proved { head, .. } = &stream.proved;
            if stream.proved.verify(map).is_err() {
                of_heads.at(scope.map, "the map has no such entry of a stream");
            } else if self.at_map.get(tag) != Some(head) {
                of_heads.at(head.index, "a stream does not end where the map says that it does");
            }
        }
    }
}
