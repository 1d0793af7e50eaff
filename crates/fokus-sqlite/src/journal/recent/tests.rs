use std::collections::BTreeMap;

use fokus_store::Revision;
use uuid::Uuid;

use super::*;

/// The command of the event at a position; scattered, so that keys are not in order of position.
fn command(position: u64) -> CommandId {
    CommandId(Uuid::from_u128(u128::from(position.wrapping_mul(0x9e37_79b9_7f4a_7c15))))
}

fn stream(number: u64) -> (StreamId, StreamTag) {
    let id = Uuid::from_u128(u128::from(number));
    let tag = StreamTag(u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_be_bytes());
    (StreamId { kind: "family".to_owned(), id }, tag)
}

/// What would be in the tables.
#[derive(Default)]
struct Tables {
    commands: BTreeMap<CommandId, CommandPlace>,
    streams: BTreeMap<StreamTag, StreamHead>,
    names: BTreeMap<StreamId, StreamTag>,
}

impl Tables {
    fn write(&mut self, slice: Slice<'_>) {
        self.commands.extend(slice.commands.iter().copied());
        self.streams.extend(slice.streams.iter().map(|(tag, (_, head))| (*tag, *head)));
        self.names.extend(slice.names.iter().cloned());
    }
}

/// Each event is a command of its own; there are 1,000 streams and a new one with each 100th event.
struct Writing {
    recent: Recent,
    tables: Tables,
    heads: BTreeMap<u64, StreamHead>,
    position: u64,
}

impl Writing {
    fn new() -> Writing {
        let recent = Recent::new(Position(0));
        Writing { recent, tables: Tables::default(), heads: BTreeMap::new(), position: 0 }
    }

    /// One batch, and how many rows were written beside it.
    fn batch(&mut self, events: u64) -> usize {
        let slice = self.recent.slice(events);
        self.tables.write(slice);
        let (rows, length) = (slice.commands.len() + slice.streams.len(), slice.length());
        let mut begun = Vec::new();
        for position in self.position + 1..=self.position + events {
            let number = position % (1_000 + position / 100);
            let (name, tag) = stream(number);
            let revision = self.heads.get(&number).map_or(1, |head| head.revision.0 + 1);
            let (revision, last) = (Revision(revision), Position(position));
            let head = StreamHead { tag, revision, last };
            if self.heads.insert(number, head).is_none() {
                begun.push((name.clone(), tag));
            }
            let place = CommandPlace { first: last, count: 1 };
            self.recent.gather([(command(position), place)], [(name, head)], []);
        }
        self.recent.gather([], [], begun);
        self.position += events;
        self.recent.wrote(length, Position(self.position));
        rows
    }

    /// Everything is found, here or in the tables, as it is now; and the tables alone say it up to
    /// where it is settled.
    fn check(&self) {
        for position in 1..=self.position {
            let id = command(position);
            let place = self.recent.command(&id).or(self.tables.commands.get(&id).copied());
            assert_eq!(place, Some(CommandPlace { first: Position(position), count: 1 }));
            let settled = position <= self.recent.settled().0;
            assert!(!settled || self.tables.commands.contains_key(&id), "{position}");
        }
        for (number, head) in &self.heads {
            let (name, tag) = stream(*number);
            let recent = self.recent.stream(&tag).map(|(_, head)| *head);
            assert_eq!(recent.or(self.tables.streams.get(&tag).copied()), Some(*head));
            let named = self.recent.tag(&name).or(self.tables.names.get(&name).copied());
            assert_eq!(named, Some(tag));
        }
    }
}

#[test]
fn nothing_is_lost_between_memory_and_the_tables() {
    for events in [1_000, 7_777, 40_000] {
        let mut writing = Writing::new();
        while writing.position < 5 * GENERATION_EVENTS {
            writing.batch(events);
            if writing.position.is_multiple_of(3) {
                writing.check();
            }
        }
        writing.check();
        let behind = writing.position - writing.recent.settled().0;
        assert!(behind <= 2 * GENERATION_EVENTS + 2 * events, "{behind} events are not settled");
    }
}

#[test]
fn a_generation_is_written_in_slices_and_not_at_once() {
    let mut writing = Writing::new();
    let mut most = 0;
    while writing.position < 4 * GENERATION_EVENTS {
        most = most.max(writing.batch(256));
    }
    assert!((512..=2 * 2 * 256 + 2).contains(&most), "{most} rows beside 256 events");
}

#[test]
fn all_of_it_can_be_settled_at_once() {
    // In the middle of a generation, at the end of one, and with more than one in memory, as after a
    // crash.
    for (events, batches) in [(256, 200), (GENERATION_EVENTS, 1), (3 * GENERATION_EVENTS, 1)] {
        let mut writing = Writing::new();
        for _ in 0..batches {
            writing.batch(events);
        }
        let head = Position(writing.position);
        for _ in 0..2 {
            let slice = writing.recent.slice(u64::MAX);
            writing.tables.write(slice);
            let length = slice.length();
            writing.recent.wrote(length, head);
            writing.recent.freeze(head);
        }
        assert_eq!(writing.recent.settled(), head);
        writing.check();
    }
}

#[test]
fn what_a_start_gathers_is_settled_whole() {
    let mut writing = Writing::new();
    writing.batch(3 * GENERATION_EVENTS);
    let mut started = Recent::new(Position(0));
    std::mem::swap(&mut started.young, &mut writing.recent.young);
    for (id, place) in &writing.recent.old.commands.rows {
        started.young.commands.insert(*id, *place);
    }
    started.young.streams.extend(writing.recent.old.streams.rows.iter().cloned());
    started.young.names.extend(writing.recent.old.names.rows.iter().cloned());
    writing.recent = started;
    let head = Position(writing.position);
    while writing.recent.settled() != head {
        let slice = writing.recent.slice(u64::MAX);
        writing.tables.write(slice);
        let length = slice.length();
        writing.recent.wrote(length, head);
        writing.recent.freeze(head);
    }
    writing.check();
}
