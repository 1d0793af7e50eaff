//! The folds of one build in memory, from one batch to the next: a state is read once, folded on, and
//! written when its rows are.
//!
//! What is here is right only as long as nobody else writes the build: whoever gets a conflict drops it.

use std::collections::{BTreeMap, HashMap};

use fokus_core::effective::Effective;
use fokus_core::ids::StreamRef;
use fokus_core::views::Row;
use fokus_core::views::outcomes::PlainCell;
use fokus_store::{
    Fault, Position, Published, PublishedCell, StreamTag, ViewBatch, ViewBuild, ViewRow,
};
use jiff::Timestamp;
use tokio::task::yield_now;

use super::step::Batch;
use crate::failure::Failure;
use crate::folding::{Fold, Folding, refold};
use crate::journal::Journal;
use crate::keyring::stream_slot;
use crate::load;
use crate::rows;
use crate::tenants::Tenant;

/// The most streams whose folds stay in memory.
const STREAMS_MAX: usize = 12_000;
/// The most bytes of rows that wait to be written.
const ROWS_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The most bytes of a state that is compared with the one stored.
const SHORT_STATE_BYTES: usize = 32;
/// After so many streams folded or sealed, others get their turn on this thread.
const STREAMS_AT_ONCE: usize = 64;

/// The folds of a build's streams.
#[derive(Default)]
pub(super) struct Folds {
    streams: HashMap<StreamTag, Kept>,
    /// Those with something to write.
    dirty: Vec<StreamTag>,
    row_bytes: usize,
    /// Whether the store may hold states of the build.
    stored: bool,
}

/// The fold of one stream.
struct Kept {
    stream: StreamRef,
    fold: Box<dyn Fold>,
    /// Something bears on an earlier entry: the stream is folded anew when it is written.
    refold: bool,
    dirty: bool,
    /// The stream's first position.
    first: i64,
    /// The last position and revision folded in.
    last: u64,
    revision: u64,
    /// Rows to write, by key.
    rows: BTreeMap<String, Vec<u8>>,
    /// The state that is stored or being written, where it is a short one: it is written when it changes.
    short_state: Option<Vec<u8>>,
}

/// What the folds belong to.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) journal: &'a Journal,
    pub(super) tenant: &'a Tenant,
    pub(super) view: &'a dyn Folding,
    pub(super) build: &'a ViewBuild,
}

impl Folds {
    /// The folds of a build that stands at this position.
    pub(super) fn at(position: u64) -> Self {
        Folds { stored: position > 0, ..Folds::default() }
    }

    /// Whether it is time to write.
    pub(super) fn is_full(&self) -> bool {
        self.streams.len() >= STREAMS_MAX || self.row_bytes >= ROWS_BYTES_MAX
    }

    /// Folds a batch in.
    pub(super) async fn absorb(&mut self, place: Place<'_>, batch: &Batch) -> Result<(), Failure> {
        self.fetch(place, batch).await?;
        for (index, (tag, part)) in batch.parts(place.view.stream()).enumerate() {
            if index % STREAMS_AT_ONCE == STREAMS_AT_ONCE - 1 {
                yield_now().await;
            }
            let kept = self.streams.entry(*tag).or_insert_with(|| Kept {
                stream: part.stream,
                fold: place.view.begin(),
                refold: false,
                dirty: false,
                first: i64::try_from(part.first).unwrap_or(i64::MAX),
                last: 0,
                revision: 0,
                rows: BTreeMap::new(),
                short_state: None,
            });
            if !kept.dirty {
                kept.dirty = true;
                self.dirty.push(*tag);
            }
            kept.refold |= part.refold;
            if !kept.refold {
                self.row_bytes += kept.absorb(&part.entries);
            }
            (kept.last, kept.revision) = (part.last, part.revision);
        }
        Ok(())
    }

    /// Reads the states of the batch's streams that are not here.
    async fn fetch(&mut self, place: Place<'_>, batch: &Batch) -> Result<(), Failure> {
        if !self.stored {
            return Ok(());
        }
        let parts = batch.parts(place.view.stream());
        let missing = parts.filter(|(tag, _)| !self.streams.contains_key(tag));
        let missing: Vec<(StreamTag, StreamRef)> =
            missing.map(|(tag, part)| (*tag, part.stream)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let Place { journal, tenant, view, build } = place;
        let slots: Vec<_> = missing.iter().map(|it| stream_slot(it.0)).collect();
        let keys = journal.shared.keyring.get(&tenant.id, &slots).await?;
        let names: Vec<_> = missing.iter().map(|it| (it.0, String::new())).collect();
        let states = journal.shared.ports.views.rows_by_key(&tenant.id, build, &names).await?;
        for (((tag, stream), key), state) in missing.into_iter().zip(keys).zip(states) {
            let Some(row) = state else { continue };
            let key = key.ok_or_else(|| corrupt(view, "a stream's key is missing"))?;
            let stored = rows::open_text(&key.key, &tenant.id, build, "", &row.state)?;
            let fold = view.read(&stored).ok_or_else(|| corrupt(view, "a state"))?;
            let short_state = fold.state().filter(|it| it.len() <= SHORT_STATE_BYTES);
            let kept = Kept {
                stream,
                fold,
                short_state,
                refold: false,
                dirty: false,
                first: row.sort1,
                last: 0,
                revision: 0,
                rows: BTreeMap::new(),
            };
            self.streams.insert(tag, kept);
        }
        Ok(())
    }

    /// What is to be written so that the build stands at `through`.
    pub(super) async fn write(
        &mut self,
        place: Place<'_>,
        expected: Position,
        through: Position,
    ) -> Result<ViewBatch, Failure> {
        let Place { journal, tenant, view, .. } = place;
        let mut batch = ViewBatch {
            expected,
            position: through,
            cleared: Vec::new(),
            rows: Vec::new(),
            published: Vec::new(),
        };
        let dirty = std::mem::take(&mut self.dirty);
        let slots: Vec<_> = dirty.iter().map(|it| stream_slot(*it)).collect();
        let keys = journal.shared.keyring.get(&tenant.id, &slots).await?;
        for (index, (tag, key)) in dirty.into_iter().zip(keys).enumerate() {
            if index % STREAMS_AT_ONCE == STREAMS_AT_ONCE - 1 {
                yield_now().await;
            }
            let key = key.ok_or_else(|| corrupt(view, "a stream's key is missing"))?;
            let Some(kept) = self.streams.get_mut(&tag) else { continue };
            if kept.refold {
                batch.cleared.push(tag);
                kept.short_state = None;
                kept.fold_anew(place, through).await?;
            }
            let (revision, first) = (kept.revision, kept.first);
            let last = i64::try_from(kept.last).unwrap_or(i64::MAX);
            let entropy = journal.shared.ports.entropy.as_ref();
            let seal = |row: &str, content: &[u8]| {
                rows::seal(&key.key, entropy, &tenant.id, place.build, row, revision, content)
            };
            let row = |key: String, state, body| ViewRow {
                stream_tag: tag,
                key,
                sort1: first,
                sort2: last,
                state,
                body,
            };
            let state = kept.fold.state().ok_or_else(|| corrupt(view, "a state"))?;
            if kept.short_state.as_ref() != Some(&state) {
                batch.rows.push(row(String::new(), seal("", &state)?, Vec::new()));
                kept.short_state = (state.len() <= SHORT_STATE_BYTES).then_some(state);
            }
            let of_entries = std::mem::take(&mut kept.rows).into_iter();
            let of_entries = of_entries.map(|(key, body)| Row { key, body });
            for it in of_entries.chain(kept.fold.rows()) {
                if let Some(cells) = view.published(&it) {
                    let (key, cells) = (it.key.clone(), cells.into_iter().map(plain).collect());
                    batch.published.push(Published { stream_tag: tag, key, cells });
                }
                let body = seal(&it.key, &it.body)?;
                batch.rows.push(row(it.key, Vec::new(), body));
            }
            (kept.dirty, kept.refold) = (false, false);
        }
        self.row_bytes = 0;
        Ok(batch)
    }

    /// To be told when what [`Folds::write`] gave is written.
    pub(super) fn written(&mut self) {
        self.stored = true;
        if self.streams.len() >= STREAMS_MAX {
            self.streams = HashMap::new();
        }
    }
}

impl Kept {
    /// Gives how many bytes of rows came.
    fn absorb(&mut self, entries: &[Effective]) -> usize {
        let rows = self.fold.absorb(entries);
        let bytes = rows.iter().map(|it| it.key.len() + it.body.len()).sum();
        self.keep(rows);
        bytes
    }

    fn keep(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows.into_iter().map(|it| (it.key, it.body)));
    }

    async fn fold_anew(&mut self, place: Place<'_>, through: Position) -> Result<(), Failure> {
        let Place { journal, tenant, view, .. } = place;
        let (_, history) = load::history_through(journal, tenant, self.stream, through).await?;
        self.first =
            history.first().map_or(i64::MAX, |it| i64::try_from(it.position).unwrap_or(i64::MAX));
        let (fold, rows) = refold(view, &history);
        self.fold = fold;
        self.rows = BTreeMap::new();
        self.keep(rows);
        Ok(())
    }
}

/// A cell as a store keeps it for other programs.
fn plain(it: PlainCell) -> PublishedCell {
    let recorded = i64::try_from(it.recorded_ms).unwrap_or(i64::MAX);
    let released_at = Timestamp::from_millisecond(recorded).unwrap_or(Timestamp::MAX);
    PublishedCell {
        programme_id: it.programme_id.to_string(),
        programme: it.programme,
        release_id: it.release_id.to_string(),
        quarter: it.quarter.to_string(),
        quarter_end: it.quarter.last_day().to_string(),
        table_code: it.table,
        row_number: it.row,
        row_code: it.row_code,
        column_number: it.column,
        column_code: it.column_code,
        number: it.number,
        threshold: it.threshold,
        released_on: it.released_on.to_string(),
        released_at: released_at.to_string(),
        release_position: Position(it.position),
    }
}

fn corrupt(view: &dyn Folding, what: &str) -> Fault {
    Fault::Corrupt { what: format!("view {}: {what}", view.name()) }
}
