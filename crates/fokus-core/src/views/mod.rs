//! Views: what a family looks like, folded from its effective history.
//!
//! A view belongs to one kind of stream; a row belongs to exactly one stream. Rows hold coded facts
//! and references only: what is personal, what spans streams and what depends on *now* is joined when a
//! read is answered. Read [`View`], then [`status`], [`timeline`], [`trajectory`], [`interventions`],
//! [`caseload`], [`programme`] and [`outcomes`].

pub mod caseload;
pub mod interventions;
pub mod outcomes;
pub mod programme;
pub mod status;
pub mod timeline;
pub mod trajectory;

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};

use crate::effective::{Clocks, Effective, effective};
use crate::ids::StreamKind;
use crate::record::Recorded;

/// A view: a pure fold over the effective history of each stream of one kind.
pub trait View: Send + Sync + 'static {
    /// Names the rows in storage.
    const NAME: &'static str;
    /// Grows whenever the fold or the rows change their meaning; the view is then rebuilt.
    const REVISION: u16;
    /// The streams that it belongs to.
    const STREAM: StreamKind;
    /// What must be remembered of a stream to fold on.
    type State: Default
        + Clone
        + PartialEq
        + std::fmt::Debug
        + Serialize
        + DeserializeOwned
        + Send
        + Sync;

    /// Folds one entry in and gives the rows that it changes. Total: it never fails.
    fn fold(state: &mut Self::State, entry: &Effective) -> Vec<Row>;

    /// Folds entries in and gives the rows as they stand after the last. A view whose every entry
    /// changes the same row makes it once.
    fn fold_all(state: &mut Self::State, entries: &[Effective]) -> Vec<Row> {
        let mut rows = BTreeMap::new();
        for row in entries.iter().flat_map(|it| Self::fold(state, it)) {
            rows.insert(row.key, row.body);
        }
        rows.into_iter().map(|(key, body)| Row { key, body }).collect()
    }

    /// Folds entries in and gives the rows that belong to them; without those that follow from the
    /// state, which [`View::rows`] gives. Whoever folds batch after batch asks for those once at the
    /// end. Both together are [`View::fold_all`].
    fn absorb(state: &mut Self::State, entries: &[Effective]) -> Vec<Row> {
        Self::fold_all(state, entries)
    }

    /// The rows that follow from the state.
    fn rows(_state: &Self::State) -> Vec<Row> {
        Vec::new()
    }

    /// What other programs may read of a row in clear; `None` for views of which they may read nothing,
    /// which is all but one.
    fn published(_row: &Row) -> Option<Vec<outcomes::PlainCell>> {
        None
    }
}

/// One row of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Unique in the stream and view; never empty.
    pub key: String,
    /// JSON, as text.
    pub body: Vec<u8>,
}

impl Row {
    /// A row of plain members, which always is JSON; nothing is stored where that ever failed.
    pub fn new(key: String, content: &impl Serialize) -> Option<Row> {
        let body = serde_json::to_vec(content).ok()?;
        Some(Row { key, body })
    }

    /// The content again; `None` when it is of another type.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Folds more entries of a stream in and gives the rows that they change, each once, by key.
pub fn fold_batch<V: View>(state: &mut V::State, entries: &[Effective]) -> Vec<Row> {
    V::fold_all(state, entries)
}

/// Folds a stream from its beginning and gives all its rows, by key. `history` is oldest first.
pub fn refold<V: View>(history: &[Recorded], clocks: &Clocks) -> (V::State, Vec<Row>) {
    let mut state = V::State::default();
    let rows = V::fold_all(&mut state, &effective(history, clocks));
    (state, rows)
}
