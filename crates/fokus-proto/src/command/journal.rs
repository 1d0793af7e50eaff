//! Commands about contacts and notes, and those that correct earlier entries.

use fokus_core::command as core;
use fokus_core::ids::{ContactId, EventId, FamilyId, NoteId};
use fokus_core::rejection::Rejection;

use crate::parse;
use crate::path::Path;
use crate::v1;

/// The most minutes of one contact or session: a day.
pub(super) const MINUTES_MAX: i32 = 1440;

pub(super) fn record_contact(
    wire: v1::RecordContact,
    at: Path<'_>,
) -> Result<core::RecordContact, Rejection> {
    Ok(core::RecordContact {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        contact_id: ContactId(parse::new_id(&wire.contact_id, at.field("contact_id"))?),
        kind: parse::code(wire.kind, at.field("kind"))?,
        minutes: parse::number(wire.minutes, 0..=MINUTES_MAX, at.field("minutes"))?,
        present: parse::persons(wire.present, at.field("present"))?,
        risk_areas: parse::codes(wire.risk_areas, 0, at.field("risk_areas"))?,
        goal_ids: parse::goals(wire.goal_ids, at.field("goal_ids"))?,
        text: parse::optional_free_text(wire.text, at.field("text"))?,
        about: parse::persons(wire.about, at.field("about"))?,
        from_child: wire.from_child,
    })
}

pub(super) fn record_note(
    wire: v1::RecordNote,
    at: Path<'_>,
) -> Result<core::RecordNote, Rejection> {
    Ok(core::RecordNote {
        family_id: FamilyId(parse::id(&wire.family_id, at.field("family_id"))?),
        note_id: NoteId(parse::new_id(&wire.note_id, at.field("note_id"))?),
        nature: parse::code(wire.nature, at.field("nature"))?,
        grade: parse::code(wire.grade, at.field("grade"))?,
        source: parse::optional_free_text(wire.source, at.field("source"))?,
        about: parse::persons(wire.about, at.field("about"))?,
        text: parse::free_text(wire.text, at.field("text"))?,
    })
}

/// Names an earlier event. Revisions count from 1.
pub(super) fn entry_ref(wire: &v1::EntryRef, at: Path<'_>) -> Result<core::EntryRef, Rejection> {
    match &wire.entry {
        Some(v1::entry_ref::Entry::EventId(id)) => {
            parse::id(id, at.field("event_id")).map(|it| core::EntryRef::Event(EventId(it)))
        }
        Some(v1::entry_ref::Entry::Revision(revision)) => {
            let at = at.field("revision");
            parse::number(*revision, 1..=i64::MAX, at).map(core::EntryRef::Revision)
        }
        None => Err(at.invalid("is needed: an event's id or its revision")),
    }
}

fn needed_entry_ref(wire: Option<v1::EntryRef>, at: Path<'_>) -> Result<core::EntryRef, Rejection> {
    entry_ref(&parse::needed(wire, at)?, at)
}

pub(super) fn correct_entry(
    wire: v1::CorrectEntry,
    at: Path<'_>,
) -> Result<core::CorrectEntry, Rejection> {
    let corrected = parse::needed(wire.corrected, at.field("corrected"))?;
    let corrected = corrected.command.map(super::as_requested);
    Ok(core::CorrectEntry {
        stream: parse::stream_ref(wire.stream, at.field("stream"))?,
        entry: needed_entry_ref(wire.entry, at.field("entry"))?,
        reason: parse::code(wire.reason, at.field("reason"))?,
        explanation: parse::free_text(wire.explanation, at.field("explanation"))?,
        // A corrected command is never a correction: this goes one level deep.
        corrected: super::command(corrected, Some(at.field("corrected")))?,
        corrected_occurred: parse::occurred(
            wire.corrected_occurred_at,
            at.field("corrected_occurred_at"),
        )?,
    })
}

pub(super) fn mark_mistaken(
    wire: v1::MarkMistaken,
    at: Path<'_>,
) -> Result<core::MarkMistaken, Rejection> {
    Ok(core::MarkMistaken {
        stream: parse::stream_ref(wire.stream, at.field("stream"))?,
        entry: needed_entry_ref(wire.entry, at.field("entry"))?,
        reason: parse::code(wire.reason, at.field("reason"))?,
        explanation: parse::free_text(wire.explanation, at.field("explanation"))?,
    })
}

pub(super) fn withdraw_mark(
    wire: v1::WithdrawMistakenMark,
    at: Path<'_>,
) -> Result<core::WithdrawMistakenMark, Rejection> {
    Ok(core::WithdrawMistakenMark {
        stream: parse::stream_ref(wire.stream, at.field("stream"))?,
        entry: needed_entry_ref(wire.entry, at.field("entry"))?,
        explanation: parse::free_text(wire.explanation, at.field("explanation"))?,
    })
}
