//! The effective history of a stream: its events as one should read them now.
//!
//! [`effective`] takes the events as recorded and gives each original in revision order, overlaid by
//! its latest correction, left out while it is marked mistaken, filtered by the two clocks. States for
//! deciding and rows of views are folds over that, never over events as recorded.
//!
//! Facts only: nothing here can depend on a personal field, so an erasure changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::command::{Actor, LegalBasis};
use crate::fact::people::own_date;
use crate::fact::{EntryCorrected, Fact};
use crate::ids::EventId;
use crate::record::{Opened, Recorded};
use crate::time::{Occurred, day_start_ms};

/// What the name of a corrected personal field begins with.
pub const CORRECTED_PREFIX: &str = "corrected.";

/// The two clocks of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Clocks {
    pub known_at: KnownAt,
    /// Only what had happened until then, in Unix milliseconds, inclusive. `None` = all.
    pub was_at_ms: Option<i64>,
}

/// What is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KnownAt {
    /// Everything.
    #[default]
    Now,
    /// What was recorded at positions up to this one.
    Position(u64),
    /// What was recorded until then, in Unix milliseconds, inclusive.
    Time(u64),
}

/// A later event that bears on an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub event_id: EventId,
    pub revision: u64,
    pub position: u64,
    pub recorded_ms: u64,
}

/// One entry of an effective history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    pub event_id: EventId,
    pub position: u64,
    pub revision: u64,
    pub recorded_ms: u64,
    /// After correction.
    pub occurred: Occurred,
    pub basis: Option<Arc<LegalBasis>>,
    pub actor: Arc<Actor>,
    /// After correction.
    pub fact: Fact,
    /// The latest correction, if there is one.
    pub corrected_by: Option<Mark>,
    /// The mark of a mistake; only where mistaken entries were asked for.
    pub mistaken_by: Option<Mark>,
}

impl Clocks {
    /// Everything: no clock is turned back.
    pub const NOW: Clocks = Clocks { known_at: KnownAt::Now, was_at_ms: None };

    fn knows(&self, event: &Recorded) -> bool {
        match self.known_at {
            KnownAt::Now => true,
            KnownAt::Position(position) => event.position <= position,
            KnownAt::Time(until_ms) => event.recorded_ms <= until_ms,
        }
    }

    fn has_happened(&self, entry: &Effective) -> bool {
        self.was_at_ms.is_none_or(|until_ms| entry.effective_ms() <= until_ms)
    }
}

impl Effective {
    /// Revision of the latest correction; 0 = none.
    pub fn correction(&self) -> u64 {
        self.corrected_by.map_or(0, |it| it.revision)
    }

    /// When it took effect, in Unix milliseconds: the payload's own date where the type has one
    /// (local midnight at its beginning), else when it occurred.
    pub fn effective_ms(&self) -> i64 {
        effective_date(&self.fact).map_or_else(|| self.occurred.effective_ms(), day_start_ms)
    }

    /// The local date of its effect: its own date where the type has one, else that of the act.
    pub fn effective_day(&self) -> Date {
        effective_date(&self.fact).unwrap_or(self.occurred.date())
    }

    /// What "latest" means in every fold: the time of effect, then the revision.
    pub fn order(&self) -> (i64, u64) {
        (self.effective_ms(), self.revision)
    }
}

/// The date that the fact itself gives for its effect.
fn effective_date(fact: &Fact) -> Option<Date> {
    if let Fact::FamilyMemberAdded(it) = fact {
        Some(it.valid_from)
    } else if let Fact::FamilyMemberLeft(it) = fact {
        Some(it.valid_to)
    } else if let Fact::WorkerAssigned(it) = fact {
        Some(it.valid_from)
    } else if let Fact::CaseOpened(it) = fact {
        Some(it.opened_on)
    } else if let Fact::InterventionStarted(it) = fact {
        Some(it.on)
    } else if let Fact::SessionHeld(it) = fact {
        Some(it.on)
    } else if let Fact::InterventionEnded(it) = fact {
        Some(it.on)
    } else {
        own_date(fact)
            .or_else(|| effective_date_of_intervention(fact))
            .or_else(|| effective_date_of_course(fact))
    }
}

/// The same, of what changes an intervention's course and of what is reported from a day on.
fn effective_date_of_intervention(fact: &Fact) -> Option<Date> {
    if let Fact::InterventionAdjusted(it) = fact {
        Some(it.on)
    } else if let Fact::InterventionDeclined(it) = fact {
        Some(it.on)
    } else if let Fact::InterventionPaused(it) = fact {
        Some(it.on)
    } else if let Fact::InterventionResumed(it) = fact {
        Some(it.on)
    } else if let Fact::EducationStatusReported(it) = fact {
        Some(it.from)
    } else if let Fact::EmploymentStatusReported(it) = fact {
        Some(it.from)
    } else {
        None
    }
}

/// The same for what happens to a case.
fn effective_date_of_course(fact: &Fact) -> Option<Date> {
    if let Fact::WorkerUnassigned(it) = fact {
        Some(it.valid_to)
    } else if let Fact::CasePaused(it) = fact {
        Some(it.from)
    } else if let Fact::CaseResumed(it) = fact {
        Some(it.on)
    } else if let Fact::CaseClosed(it) = fact {
        Some(it.closed_on)
    } else if let Fact::CaseReopened(it) = fact {
        Some(it.reopened_on)
    } else if let Fact::PostClosureContactMade(it) = fact {
        Some(it.on)
    } else {
        None
    }
}

/// The revision of the entry that a correction, mark or withdrawal bears on.
pub fn target_of(fact: &Fact) -> Option<u64> {
    if let Fact::EntryCorrected(it) = fact {
        Some(it.target_revision)
    } else if let Fact::EntryMarkedMistaken(it) = fact {
        Some(it.target_revision)
    } else if let Fact::MistakenMarkWithdrawn(it) = fact {
        Some(it.target_revision)
    } else {
        None
    }
}

/// Whether the fact bears on an earlier entry, so that its stream must be folded anew.
pub fn needs_refold(fact: &Fact) -> bool {
    target_of(fact).is_some()
}

/// The effective history: `history` is one stream, oldest first, without gaps from its beginning.
pub fn effective(history: &[Recorded], clocks: &Clocks) -> Vec<Effective> {
    let mut entries = effective_with_mistaken(history, clocks);
    entries.retain(|it| it.mistaken_by.is_none());
    entries
}

/// The effective history with both clocks at the present.
pub fn effective_now(history: &[Recorded]) -> Vec<Effective> {
    effective(history, &Clocks::NOW)
}

/// The same as [`effective`], with the entries that are marked mistaken.
pub fn effective_with_mistaken(history: &[Recorded], clocks: &Clocks) -> Vec<Effective> {
    let later = Later::of(history, clocks);
    history
        .iter()
        .filter(|it| clocks.knows(it))
        .filter_map(|it| Some(later.overlay(ordinary(it)?)))
        .filter(|it| clocks.has_happened(it))
        .collect()
}

/// What an event folds to by itself; `None` for corrections, marks and their withdrawals.
pub fn ordinary(event: &Recorded) -> Option<Effective> {
    (!needs_refold(&event.fact)).then(|| Effective {
        event_id: event.event_id,
        position: event.position,
        revision: event.revision,
        recorded_ms: event.recorded_ms,
        occurred: event.occurred,
        basis: event.basis.clone(),
        actor: event.actor.clone(),
        fact: event.fact.clone(),
        corrected_by: None,
        mistaken_by: None,
    })
}

/// The same as [`ordinary`], of an event that is not needed any more.
pub fn into_ordinary(event: Recorded) -> Option<Effective> {
    (!needs_refold(&event.fact)).then_some(Effective {
        event_id: event.event_id,
        position: event.position,
        revision: event.revision,
        recorded_ms: event.recorded_ms,
        occurred: event.occurred,
        basis: event.basis,
        actor: event.actor,
        fact: event.fact,
        corrected_by: None,
        mistaken_by: None,
    })
}

/// The fact after a correction, which says what differs from the original. `None` when the outcome
/// is not a fact of the original's type: such a correction is never appended.
pub fn corrected_fact(original: &Fact, correction: &EntryCorrected) -> Option<Fact> {
    let mut members = original.to_json();
    for member in &correction.removed {
        members.remove(member);
    }
    members.extend(correction.changes.clone());
    Fact::decode(original.type_name(), original.schema(), members).ok()
}

/// The personal fields of an entry as one should read them: those of its event, overlaid by those of
/// its latest correction, whose other fields (`explanation`) are left out. A field that the correction
/// gave and that is not among its opened ones was erased with it: what it replaced does not come back.
pub fn corrected_personal(
    original: Vec<(String, Opened)>,
    correction: Option<(&EntryCorrected, Vec<(String, Opened)>)>,
) -> Vec<(String, Opened)> {
    let Some((fact, corrected)) = correction else { return original };
    let mut fields = original;
    fields.retain(|(name, _)| !fact.removed_personal.contains(name));
    for name in &fact.corrected_personal {
        let given =
            corrected.iter().find(|(it, _)| it.strip_prefix(CORRECTED_PREFIX) == Some(name));
        let value = given.map_or(Opened::Erased, |(_, value)| value.clone());
        match fields.iter_mut().find(|(it, _)| it == name) {
            Some(field) => field.1 = value,
            None => fields.push((name.clone(), value)),
        }
    }
    fields
}

/// What later events say about earlier ones.
#[derive(Default)]
struct Later<'a> {
    /// By revision of the entry.
    corrections: BTreeMap<u64, (Mark, &'a EntryCorrected)>,
    marks: BTreeMap<u64, Mark>,
}

impl<'a> Later<'a> {
    fn of(history: &'a [Recorded], clocks: &Clocks) -> Self {
        let mut later = Later::default();
        for event in history.iter().filter(|it| clocks.knows(it)) {
            let mark = Mark {
                event_id: event.event_id,
                revision: event.revision,
                position: event.position,
                recorded_ms: event.recorded_ms,
            };
            if let Fact::EntryCorrected(it) = &event.fact {
                later.corrections.insert(it.target_revision, (mark, it));
            } else if let Fact::EntryMarkedMistaken(it) = &event.fact {
                later.marks.insert(it.target_revision, mark);
            } else if let Fact::MistakenMarkWithdrawn(it) = &event.fact {
                later.marks.remove(&it.target_revision);
            }
        }
        later
    }

    fn overlay(&self, mut entry: Effective) -> Effective {
        entry.mistaken_by = self.marks.get(&entry.revision).copied();
        if let Some((mark, correction)) = self.corrections.get(&entry.revision) {
            entry.corrected_by = Some(*mark);
            if let Some(fact) = corrected_fact(&entry.fact, correction) {
                entry.fact = fact;
                entry.occurred = correction.occurred.unwrap_or(entry.occurred);
            }
        }
        entry
    }
}

#[cfg(test)]
pub(crate) mod tests;
