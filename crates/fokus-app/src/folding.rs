//! Views behind one interface: the runner folds any of them without knowing which.

use std::marker::PhantomData;

use fokus_core::effective::{Effective, effective_now};
use fokus_core::ids::StreamKind;
use fokus_core::record::Recorded;
use fokus_core::views::caseload::CaseloadView;
use fokus_core::views::interventions::InterventionsView;
use fokus_core::views::outcomes::{OutcomesView, PlainCell};
use fokus_core::views::programme::ProgrammeView;
use fokus_core::views::status::FamilyStatusView;
use fokus_core::views::timeline::TimelineView;
use fokus_core::views::trajectory::RiskTrajectoryView;
use fokus_core::views::{Row, View};

use crate::rows::Stored;

/// A view.
pub(crate) trait Folding: Send + Sync {
    fn name(&self) -> &'static str;
    fn revision(&self) -> u16;
    fn stream(&self) -> StreamKind;
    /// The fold of a stream that begins.
    fn begin(&self) -> Box<dyn Fold>;
    /// The fold of a stream as it was stored; `None` where that does not fit.
    fn read(&self, stored: &[u8]) -> Option<Box<dyn Fold>>;
    /// What other programs may read of a row in clear; `None` where that is nothing of any row.
    fn published(&self, row: &Row) -> Option<Vec<PlainCell>>;
}

/// A stream's fold, in memory.
pub(crate) trait Fold: Send + Sync {
    /// Folds entries in; gives the rows that belong to them.
    fn absorb(&mut self, entries: &[Effective]) -> Vec<Row>;
    /// The rows that follow from all entries so far.
    fn rows(&self) -> Vec<Row>;
    /// The state as JSON text.
    fn state(&self) -> Option<Vec<u8>>;
}

struct Of<V>(PhantomData<V>);

struct FoldOf<V: View>(V::State);

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

    fn begin(&self) -> Box<dyn Fold> {
        Box::new(FoldOf::<V>(V::State::default()))
    }

    fn read(&self, stored: &[u8]) -> Option<Box<dyn Fold>> {
        let stored: Stored<V::State> = serde_json::from_slice(stored).ok()?;
        Some(Box::new(FoldOf::<V>(stored.content)))
    }

    fn published(&self, row: &Row) -> Option<Vec<PlainCell>> {
        V::published(row)
    }
}

impl<V: View> Fold for FoldOf<V> {
    fn absorb(&mut self, entries: &[Effective]) -> Vec<Row> {
        V::absorb(&mut self.0, entries)
    }

    fn rows(&self) -> Vec<Row> {
        V::rows(&self.0)
    }

    fn state(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(&self.0).ok()
    }
}

/// A whole history folded, with the rows that belong to entries.
pub(crate) fn refold(view: &dyn Folding, history: &[Recorded]) -> (Box<dyn Fold>, Vec<Row>) {
    let mut fold = view.begin();
    let rows = fold.absorb(&effective_now(history));
    (fold, rows)
}

/// Whether views are made of streams of this kind.
pub(crate) fn is_viewed(kind: StreamKind) -> bool {
    VIEWS.iter().any(|it| it.stream() == kind)
}

/// Every view.
pub(crate) const VIEWS: [&dyn Folding; 7] = [
    &Of::<FamilyStatusView>(PhantomData),
    &Of::<TimelineView>(PhantomData),
    &Of::<RiskTrajectoryView>(PhantomData),
    &Of::<InterventionsView>(PhantomData),
    &Of::<CaseloadView>(PhantomData),
    &Of::<ProgrammeView>(PhantomData),
    &Of::<OutcomesView>(PhantomData),
];
