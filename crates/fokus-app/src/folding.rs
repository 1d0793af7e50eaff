//! Views behind one interface: the runner folds any of them without knowing which.

use std::marker::PhantomData;

use fokus_core::effective::{Clocks, Effective};
use fokus_core::ids::StreamKind;
use fokus_core::record::Recorded;
use fokus_core::views::status::FamilyStatusView;
use fokus_core::views::timeline::TimelineView;
use fokus_core::views::{Row, View, fold_batch, refold};
use serde_json::Value;

/// A view, its state as JSON.
pub(crate) trait Folding: Send + Sync {
    fn name(&self) -> &'static str;
    fn revision(&self) -> u16;
    fn stream(&self) -> StreamKind;
    /// Folds entries into a state (`None` = the stream begins). A state that does not fit gives `None`.
    fn fold(&self, state: Option<Value>, entries: &[Effective]) -> Option<(Value, Vec<Row>)>;
    /// Folds a whole history.
    fn refold(&self, history: &[Recorded]) -> Option<(Value, Vec<Row>)>;
}

struct Of<V>(PhantomData<V>);

impl<V: View> Folding for Of<V> {
    fn name(&self) -> &'static str {
        V::NAME
    }

    fn revision(&self) -> u16 {
        V::REVISION
    }

    fn stream(&self) -> StreamKind {
        V::STREAM
    }

    fn fold(&self, state: Option<Value>, entries: &[Effective]) -> Option<(Value, Vec<Row>)> {
        let mut state = match state {
            Some(it) => serde_json::from_value(it).ok()?,
            None => V::State::default(),
        };
        let rows = fold_batch::<V>(&mut state, entries);
        Some((serde_json::to_value(&state).ok()?, rows))
    }

    fn refold(&self, history: &[Recorded]) -> Option<(Value, Vec<Row>)> {
        let (state, rows) = refold::<V>(history, &Clocks::default());
        Some((serde_json::to_value(&state).ok()?, rows))
    }
}

/// Every view.
pub(crate) const VIEWS: [&dyn Folding; 2] =
    [&Of::<FamilyStatusView>(PhantomData), &Of::<TimelineView>(PhantomData)];
