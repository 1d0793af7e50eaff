//! What the newest events mean for the tables that are found by random keys: commands, streams and
//! their names.
//!
//! Written one by one, each such row would touch a page of its own, and pages are what a commit
//! costs. So they are gathered here, a *generation* of many events, and written in the order of their
//! keys, a slice with each batch, while the next generation gathers. What was gathered is also in the
//! log and in the table `unsettled`, from where a start has it again.
//!
//! A reader looks here first and then into the tables. That order is right: what has just left here
//! was committed before. Read [`Recent::gather`], then [`Recent::slice`].

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use fokus_store::{CommandId, CommandPlace, Position, StreamHead, StreamId, StreamTag};

/// Events of a generation. Of two generations' events a start after a crash reads the leaves.
pub(crate) const GENERATION_EVENTS: u64 = 32_768;
/// A generation is written in so many events, while the next one gathers.
const DRAIN_EVENTS: u64 = GENERATION_EVENTS / 2;

/// The youngest generation, and the one before while it is being written.
#[derive(Debug)]
pub(crate) struct Recent {
    young: Generation,
    /// Where `young` begins: up to here, everything is in `old` or in the tables.
    since: Position,
    old: Frozen,
    /// Up to here, everything is in the tables.
    settled: Position,
}

#[derive(Debug, Default)]
struct Generation {
    commands: BTreeMap<CommandId, CommandPlace>,
    streams: BTreeMap<StreamTag, (StreamId, StreamHead)>,
    names: BTreeMap<StreamId, StreamTag>,
}

/// A generation in the order of its keys, with how many rows of each kind are written.
#[derive(Debug, Default)]
struct Frozen {
    commands: Sorted<CommandId, CommandPlace>,
    streams: Sorted<StreamTag, (StreamId, StreamHead)>,
    names: Sorted<StreamId, StreamTag>,
}

#[derive(Debug)]
struct Sorted<K, V> {
    rows: Vec<(K, V)>,
    written: usize,
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Sorted { rows: Vec::new(), written: 0 }
    }
}

impl<K: Ord, V> Sorted<K, V> {
    fn of(rows: BTreeMap<K, V>) -> Sorted<K, V> {
        Sorted { rows: rows.into_iter().collect(), written: 0 }
    }

    /// Also what is written: nothing newer is in the tables while this is here.
    fn get(&self, key: &K) -> Option<&V> {
        let found = self.rows.binary_search_by(|(at, _)| at.cmp(key)).ok()?;
        self.rows.get(found).map(|(_, value)| value)
    }

    fn left(&self) -> &[(K, V)] {
        self.rows.get(self.written..).unwrap_or_default()
    }

    /// The next rows, so many that all are written in [`DRAIN_EVENTS`].
    fn next(&self, events: u64) -> &[(K, V)] {
        let all = self.rows.len() as u64;
        let count = all.saturating_mul(events).div_ceil(DRAIN_EVENTS);
        let left = self.left();
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        left.get(..count).unwrap_or(left)
    }
}

/// Rows that are to be written, in the order of their keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice<'a> {
    pub(crate) commands: &'a [(CommandId, CommandPlace)],
    pub(crate) streams: &'a [(StreamTag, (StreamId, StreamHead))],
    pub(crate) names: &'a [(StreamId, StreamTag)],
    /// Up to here, everything is in the tables once these are.
    pub(crate) settled: Position,
    /// Whether that is further than before.
    pub(crate) settles: bool,
}

/// How much of a slice there was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SliceLength {
    commands: usize,
    streams: usize,
    names: usize,
    settled: Position,
}

impl Slice<'_> {
    pub(crate) fn length(&self) -> SliceLength {
        let Slice { commands, streams, names, settled, .. } = self;
        let (commands, streams, names) = (commands.len(), streams.len(), names.len());
        SliceLength { commands, streams, names, settled: *settled }
    }
}

impl Recent {
    /// Nothing gathered; everything up to `settled` is in the tables.
    pub(crate) fn new(settled: Position) -> Recent {
        Recent { young: Generation::default(), since: settled, old: Frozen::default(), settled }
    }

    pub(crate) fn command(&self, id: &CommandId) -> Option<CommandPlace> {
        self.young.commands.get(id).or_else(|| self.old.commands.get(id)).copied()
    }

    pub(crate) fn stream(&self, tag: &StreamTag) -> Option<&(StreamId, StreamHead)> {
        self.young.streams.get(tag).or_else(|| self.old.streams.get(tag))
    }

    pub(crate) fn tag(&self, stream: &StreamId) -> Option<StreamTag> {
        self.young.names.get(stream).or_else(|| self.old.names.get(stream)).copied()
    }

    /// Up to here, everything is in the tables.
    pub(crate) fn settled(&self) -> Position {
        self.settled
    }

    /// Adds what a batch means. `begun` are the streams among `streams` that it began.
    pub(crate) fn gather(
        &mut self,
        commands: impl IntoIterator<Item = (CommandId, CommandPlace)>,
        streams: impl IntoIterator<Item = (StreamId, StreamHead)>,
        begun: impl IntoIterator<Item = (StreamId, StreamTag)>,
    ) {
        self.young.commands.extend(commands);
        let streams = streams.into_iter().map(|(stream, head)| (head.tag, (stream, head)));
        self.young.streams.extend(streams);
        self.young.names.extend(begun);
    }

    /// What to write with a batch of so many events.
    pub(crate) fn slice(&self, events: u64) -> Slice<'_> {
        let (commands, streams, names) = (
            self.old.commands.next(events),
            self.old.streams.next(events),
            self.old.names.next(events),
        );
        let settled = self.settled;
        let mut slice = Slice { commands, streams, names, settled, settles: false };
        if self.is_last(slice.length()) {
            slice.settled = self.since;
            slice.settles = self.since != settled;
        }
        slice
    }

    /// Whether a slice of this length is all that is left of the old generation.
    fn is_last(&self, length: SliceLength) -> bool {
        (length.commands, length.streams, length.names)
            == (
                self.old.commands.left().len(),
                self.old.streams.left().len(),
                self.old.names.left().len(),
            )
    }

    /// Notes that a slice is in the tables and that the log ends at `head`; the next generation
    /// begins when this one is large enough.
    pub(crate) fn wrote(&mut self, length: SliceLength, head: Position) {
        self.old.commands.written += length.commands;
        self.old.streams.written += length.streams;
        self.old.names.written += length.names;
        self.settled = length.settled;
        let gathered = head.0.saturating_sub(self.since.0);
        if gathered >= GENERATION_EVENTS {
            self.freeze(head);
        }
    }

    /// Begins the next generation, if the one before is written.
    pub(crate) fn freeze(&mut self, head: Position) {
        if self.settled != self.since {
            return;
        }
        let Generation { commands, streams, names } = std::mem::take(&mut self.young);
        let (commands, streams, names) =
            (Sorted::of(commands), Sorted::of(streams), Sorted::of(names));
        self.old = Frozen { commands, streams, names };
        self.since = head;
    }
}
