//! Events as recorded.

use crate::words::OnTheWire as _;
use fokus_proto::v1;

use crate::render::{Screen, table};
use fokus_words::labels::{beginning, plain};
use fokus_words::told::who;
use fokus_words::{Words, capital, heads, say};

/// The most characters of one field's value.
const FIELD_CHARS_MAX: usize = 100;

/// A row for each event. Fields stand as they were recorded, codes and all.
pub(crate) fn history(events: &[v1::HistoryEvent], screen: Screen) -> String {
    let words = screen.words;
    let rows = events.iter().map(|event| {
        vec![
            event.position.to_string(),
            event.revision.to_string(),
            event.recorded_at.as_ref().map(|at| words.time(at)).unwrap_or_default(),
            event.occurred_at.as_ref().map(|at| words.occurred(at)).unwrap_or_default(),
            words.event(&event.r#type),
            who(&event.actor, &event.actor_role, words),
            why(event, words),
            fields(&event.fields, words),
        ]
    });
    let head = heads!(
        words,
        "head-position",
        "head-revision",
        "head-recorded",
        "head-happened",
        "head-event",
        "head-who",
        "head-why",
        "head-fields",
    );
    table(head, rows.collect(), screen.width)
}

/// Purpose, legal basis, and the reason for being late.
fn why(event: &v1::HistoryEvent, words: Words) -> String {
    let mut reasons = vec![capital(&words.code("Purpose", &event.purpose))];
    if let Some(basis) = &event.legal_basis {
        reasons
            .push(format!("{} {}", plain(&basis.code), plain(&basis.provision)).trim().to_owned());
    }
    if !event.late_reason.is_empty() {
        let reason = beginning(&event.late_reason, FIELD_CHARS_MAX);
        reasons.push(say!(words, "late-because", reason = reason));
    }
    reasons.join("; ")
}

/// A line for each field.
fn fields(fields: &[v1::HistoryField], words: Words) -> String {
    let field = |field: &v1::HistoryField| {
        let value = if field.erased {
            say!(words, "erased")
        } else {
            beginning(&field.json, FIELD_CHARS_MAX)
        };
        format!("{}={value}", plain(&field.name))
    };
    fields.iter().map(field).collect::<Vec<_>>().join("\n")
}
