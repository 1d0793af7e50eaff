//! Short ways to write appends and rows down. Ids come from small numbers, so that tests can name
//! the same thing twice.

use std::sync::atomic::{AtomicU64, Ordering};

use fokus_log::leaf::LeafKind;
use fokus_vault::envelope::SealedEnvelope;
use fokus_vault::key::KeyId;
use uuid::Uuid;

use crate::leases::LEASE_TTL_MAX;
use crate::ports::ViewStore;
use crate::types::*;

/// The time that tests append at.
pub const NOW_MS: u64 = 1_600_000_000_000;

/// A tenant for tests.
pub fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

/// The tenant that most tests use.
pub fn vesterby() -> TenantId {
    tenant("vesterby")
}

/// The stream of family `number`.
pub fn family(number: u8) -> StreamId {
    StreamId { kind: "family".to_owned(), id: Uuid::from_u128(u128::from(number)) }
}

/// The tag that belongs to the stream of family `number`.
pub fn tag(number: u8) -> StreamTag {
    let mut tag = [0xf0; 16];
    tag[15] = number;
    StreamTag(tag)
}

/// A claim of a reference.
pub fn claim(text: &str) -> Claim {
    Claim { kind: "reference".to_owned(), tag: text.as_bytes().to_vec() }
}

/// The command `number`.
pub fn command(number: u64) -> CommandId {
    CommandId(Uuid::from_u128(u128::from(number)))
}

/// An event that was never made before, with two envelopes.
pub fn event() -> NewEvent {
    static MADE: AtomicU64 = AtomicU64::new(1);
    event_of(MADE.fetch_add(1, Ordering::Relaxed))
}

/// The event `number`; the same number makes the same event.
pub fn event_of(number: u64) -> NewEvent {
    let byte = number.to_be_bytes()[7];
    NewEvent {
        event_id: EventId(Uuid::from_u128(u128::from(number))),
        envelopes: vec![envelope(byte, 296), envelope(byte, 41)],
    }
}

/// An envelope of so many bytes, all the same.
pub fn envelope(byte: u8, length: usize) -> SealedEnvelope {
    SealedEnvelope {
        key_ids: vec![KeyId([byte; 16])],
        body: vec![byte; length],
        field_root: [byte; 32],
    }
}

/// The command `number`, without anything; add streams with [`Draft::on`].
pub fn draft(number: u64) -> Draft {
    Draft(Append {
        command_id: Some(command(number)),
        controls: Vec::new(),
        streams: Vec::new(),
        claims: Vec::new(),
        releases: Vec::new(),
    })
}

/// One event on the stream of a family, whatever stands there.
pub fn simple(command: u64, family: u8) -> Append {
    draft(command).on(family, Expectation::Any, 1).done()
}

/// An act of the log: leaves of these kinds, with these contents.
pub fn act(expected: Expectation, leaves: &[(LeafKind, &str)]) -> Append {
    let control = |(kind, ext): &(LeafKind, &str)| NewControl {
        event_id: event().event_id,
        kind: *kind,
        ext: ext.as_bytes().to_vec(),
    };
    Append::of_log(expected, leaves.iter().map(control).collect())
}

/// An append that is being written down.
#[derive(Debug)]
pub struct Draft(pub Append);

impl Draft {
    /// Adds a family's stream with so many new events; 0 = check only.
    #[must_use]
    pub fn on(self, number: u8, expected: Expectation, events: usize) -> Draft {
        self.tagged(number, tag(number), expected, events)
    }

    /// As [`Draft::on`], under another tag.
    #[must_use]
    pub fn tagged(
        mut self,
        number: u8,
        tag: StreamTag,
        expected: Expectation,
        events: usize,
    ) -> Draft {
        let events = std::iter::repeat_with(event).take(events).collect();
        self.0.streams.push(StreamAppend { stream: family(number), tag, expected, events });
        self
    }

    /// The last stream added claims a reference.
    #[must_use]
    pub fn claims(mut self, text: &str) -> Draft {
        self.0.claims.push((self.0.streams.len() - 1, claim(text)));
        self
    }

    /// The last stream added releases a reference.
    #[must_use]
    pub fn releases(mut self, text: &str) -> Draft {
        self.0.releases.push((self.0.streams.len() - 1, claim(text)));
        self
    }

    /// The append.
    #[must_use]
    pub fn done(self) -> Append {
        self.0
    }
}

/// A build of the view `cases`.
pub fn build(revision: u32) -> ViewBuild {
    ViewBuild { view: "cases".to_owned(), revision }
}

/// Takes a lease for long, as the holder 1.
pub async fn hold(store: &impl ViewStore, tenant: &TenantId, name: &str) -> Lease {
    let lease = store.lease(tenant, name, Uuid::from_u128(1), LEASE_TTL_MAX).await;
    lease.unwrap().unwrap()
}

/// A row with a body, appeared at `sort1` and changed at `sort2`.
pub fn row(family: u8, key: &str, sort1: i64, sort2: i64) -> ViewRow {
    let (stream_tag, key, body) = (tag(family), key.to_owned(), vec![family; 24]);
    ViewRow { stream_tag, key, sort1, sort2, state: Vec::new(), body }
}

/// The row that holds the state of a family's fold.
pub fn state_row(family: u8, at: i64) -> ViewRow {
    let state = vec![family; 32];
    let (stream_tag, key) = (tag(family), String::new());
    ViewRow { stream_tag, key, sort1: at, sort2: at, state, body: Vec::new() }
}

/// A step of a runner.
pub fn step(expected: u64, position: u64, cleared: &[u8], rows: Vec<ViewRow>) -> ViewBatch {
    let cleared = cleared.iter().map(|number| tag(*number)).collect();
    let (expected, position) = (Position(expected), Position(position));
    ViewBatch { expected, position, cleared, rows, published: Vec::new() }
}

/// What is published of a family's row: a table with so many columns, of which the first is hidden.
pub fn published(family: u8, key: &str, quarter: &str, columns: u32) -> Published {
    let cell = |column: u32| PublishedCell {
        programme_id: Uuid::from_u128(7).to_string(),
        programme: "Familien \"først\"".to_owned(),
        release_id: Uuid::from_u128(u128::from(family)).to_string(),
        quarter: quarter.to_owned(),
        quarter_end: "2019-03-31".to_owned(),
        table_code: "STANDING".to_owned(),
        row_number: 0,
        row_code: "FAMILIES".to_owned(),
        column_number: column,
        column_code: format!("COLUMN_{column}"),
        number: (column > 0).then_some(column + 10),
        threshold: 5,
        released_on: "2019-04-28".to_owned(),
        released_at: "2019-04-28T10:05:00Z".to_owned(),
        release_position: Position(u64::from(family)),
    };
    let cells = (0..columns).map(cell).collect();
    Published { stream_tag: tag(family), key: key.to_owned(), cells }
}
