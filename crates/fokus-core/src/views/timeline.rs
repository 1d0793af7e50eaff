//! Timeline: one row per entry, and the entry that a reader gets.
//!
//! Rows stand in order of revision; a page sorts them by [`TimelineRow::sort_key`]. Entries marked
//! mistaken are no rows of the view: [`rows_of`] folds them in when a reader asks for them.

use serde::{Deserialize, Serialize};

use crate::calendar::working_day_after;
use crate::codes::Precision;
use crate::effective::{Clocks, Effective, effective, effective_with_mistaken};
use crate::fact::Fact;
use crate::ids::{EventId, StreamKind};
use crate::record::{Opened, Recorded};
use crate::time::{Occurred, local_date};
use crate::views::{Row, View};

/// An entry is recorded late after more than this many working days.
const LATE_AFTER_WORKING_DAYS: u8 = 5;
/// Within so many milliseconds (four days) nothing is late, whatever the calendar says.
const NEVER_LATE_MS: i64 = 4 * 24 * 60 * 60 * 1000;

/// The row: coded facts and references only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineRow {
    pub event_id: EventId,
    pub revision: u64,
    pub position: u64,
    pub event_type: String,
    pub occurred: Occurred,
    pub recorded_ms: u64,
    pub actor: String,
    pub actor_role: String,
    /// The fact's members, corrected.
    pub facts: serde_json::Map<String, serde_json::Value>,
    /// Revision of the correction that applies; 0 = none.
    pub corrected_by: u64,
    /// Revision of the mark that applies; 0 = none.
    pub mistaken_by: u64,
    /// Recorded more than 5 working days after it happened.
    pub recorded_late: bool,
    /// Of a supervision: not part of the family's default insight, left out unless asked for.
    pub of_supervision: bool,
}

/// The entry as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    pub row: TimelineRow,
    /// Personal fields, corrected, by name.
    pub personal: Vec<(String, Opened)>,
}

/// What happened in each family: one row per entry, keyed by revision.
#[derive(Debug, Clone, Copy)]
pub struct TimelineView;

impl View for TimelineView {
    const NAME: &'static str = "timeline";
    const REVISION: u16 = 2;
    const STREAM: StreamKind = StreamKind::Family;
    type State = ();

    fn fold((): &mut (), entry: &Effective) -> Vec<Row> {
        Row::new(key_of(entry.revision), &WrittenRow::of(entry)).into_iter().collect()
    }

    fn fold_all((): &mut (), entries: &[Effective]) -> Vec<Row> {
        // Each entry has a row of its own, and they come in order.
        entries.iter().flat_map(|it| Self::fold(&mut (), it)).collect()
    }
}

/// The key of the row of the entry with this revision: as text in the order of revisions.
pub fn key_of(revision: u64) -> String {
    format!("{revision:010}")
}

/// The rows as the clocks have them, folded on the spot, in order of revision.
pub fn rows_of(history: &[Recorded], clocks: &Clocks, include_mistaken: bool) -> Vec<TimelineRow> {
    let entries = if include_mistaken {
        effective_with_mistaken(history, clocks)
    } else {
        effective(history, clocks)
    };
    entries.iter().map(TimelineRow::of).collect()
}

/// A [`TimelineRow`] on its way into storage, its members borrowed. A test says that it is read back as
/// one.
#[derive(Serialize)]
struct WrittenRow<'a> {
    event_id: EventId,
    revision: u64,
    position: u64,
    event_type: &'a str,
    occurred: Occurred,
    recorded_ms: u64,
    actor: &'a str,
    actor_role: &'a str,
    facts: &'a Fact,
    corrected_by: u64,
    mistaken_by: u64,
    recorded_late: bool,
    of_supervision: bool,
}

impl<'a> WrittenRow<'a> {
    fn of(entry: &'a Effective) -> Self {
        WrittenRow {
            event_id: entry.event_id,
            revision: entry.revision,
            position: entry.position,
            event_type: entry.fact.type_name(),
            occurred: entry.occurred,
            recorded_ms: entry.recorded_ms,
            actor: &entry.actor.sub,
            actor_role: &entry.actor.role,
            facts: &entry.fact,
            corrected_by: entry.correction(),
            mistaken_by: entry.mistaken_by.map_or(0, |it| it.revision),
            recorded_late: recorded_late(&entry.occurred, entry.recorded_ms),
            of_supervision: is_of_supervision(&entry.fact),
        }
    }
}

impl TimelineRow {
    /// The row of an entry.
    pub fn of(entry: &Effective) -> Self {
        TimelineRow {
            event_id: entry.event_id,
            revision: entry.revision,
            position: entry.position,
            event_type: entry.fact.type_name().to_owned(),
            occurred: entry.occurred,
            recorded_ms: entry.recorded_ms,
            actor: entry.actor.sub.clone(),
            actor_role: entry.actor.role.clone(),
            facts: entry.fact.to_json(),
            corrected_by: entry.correction(),
            mistaken_by: entry.mistaken_by.map_or(0, |it| it.revision),
            recorded_late: recorded_late(&entry.occurred, entry.recorded_ms),
            of_supervision: is_of_supervision(&entry.fact),
        }
    }

    /// What a page is sorted by: when it happened (DAY and MONTH precision: the beginning), or when it
    /// was recorded, in Unix milliseconds; then the revision, so that no two rows are equal.
    pub fn sort_key(&self, by_recorded: bool) -> (i64, u64) {
        let at_ms = if by_recorded {
            i64::try_from(self.recorded_ms).unwrap_or(i64::MAX)
        } else {
            self.occurred.effective_ms()
        };
        (at_ms, self.revision)
    }
}

fn is_of_supervision(fact: &Fact) -> bool {
    matches!(fact, Fact::SupervisionNoteRecorded(_))
}

/// Whether more than five working days lie between the local dates. A month counts from its last
/// day: the flag is a reproach, and doubt speaks for the writer.
pub(crate) fn recorded_late(occurred: &Occurred, recorded_ms: u64) -> bool {
    // Most entries are recorded at once: no calendar is needed for those.
    if i64::try_from(recorded_ms).is_ok_and(|it| it < occurred.at_ms.saturating_add(NEVER_LATE_MS))
    {
        return false;
    }
    let happened = match occurred.precision {
        Precision::Exact | Precision::Day | Precision::UnknownEstimated => occurred.date(),
        Precision::Month => occurred.date().last_of_month(),
    };
    let recorded = local_date(i64::try_from(recorded_ms).unwrap_or(i64::MAX));
    recorded >= working_day_after(happened, LATE_AFTER_WORKING_DAYS + 1)
}

#[cfg(test)]
mod tests;
