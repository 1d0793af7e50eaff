//! Events as recorded.

use fokus_proto::v1;

use crate::labels::{beginning, occurred, plain, time, type_words, words};
use crate::render::table;

/// The most characters of one field's value.
const FIELD_CHARS_MAX: usize = 100;

/// A row for each event.
pub(crate) fn history(events: &[v1::HistoryEvent], width: Option<u16>) -> String {
    let rows = events.iter().map(|event| {
        vec![
            event.position.to_string(),
            event.revision.to_string(),
            event.recorded_at.as_ref().map(time).unwrap_or_default(),
            event.occurred_at.as_ref().map(occurred).unwrap_or_default(),
            type_words(&plain(&event.r#type)),
            who(&event.actor, &event.actor_role),
            why(event),
            fields(&event.fields),
        ]
    });
    let head = ["Position", "Rev.", "Recorded", "Happened", "Event", "Who", "Why", "Fields"];
    table(&head, rows.collect(), width)
}

/// A subject with its role.
pub(crate) fn who(actor: &str, role: &str) -> String {
    if role.is_empty() {
        return plain(actor);
    }
    format!("{} ({})", plain(actor), words(&plain(role)).to_lowercase())
}

/// Purpose, legal basis, and the reason for being late.
fn why(event: &v1::HistoryEvent) -> String {
    let mut reasons = vec![words(&plain(&event.purpose))];
    if let Some(basis) = &event.legal_basis {
        reasons
            .push(format!("{} {}", plain(&basis.code), plain(&basis.provision)).trim().to_owned());
    }
    if !event.late_reason.is_empty() {
        reasons.push(format!("late: {}", beginning(&event.late_reason, FIELD_CHARS_MAX)));
    }
    reasons.join("; ")
}

/// A line for each field.
fn fields(fields: &[v1::HistoryField]) -> String {
    let field = |field: &v1::HistoryField| {
        let value = if field.erased {
            "(erased)".to_owned()
        } else {
            beginning(&field.json, FIELD_CHARS_MAX)
        };
        format!("{}={value}", plain(&field.name))
    };
    fields.iter().map(field).collect::<Vec<_>>().join("\n")
}
