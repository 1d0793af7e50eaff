//! One entry as it was recorded, and every later event that bears on it: what was written first is never
//! gone.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use fokus_app::failure::Failure;
use fokus_app::query::HistoryQuery;
use fokus_core::ids::{FamilyId, StreamRef};
use fokus_core::record::HistoryEvent;
use fokus_core::rejection::{Reason, Rejection};
use fokus_words::labels::plain;
use fokus_words::told::who;
use fokus_words::{Words, capital, say};
use serde_json::Value;

use super::{Frame, Visit, id};
use crate::limits::READS_MAX;

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryPage {
    frame: Frame,
    back: String,
    /// The entry first, then what came upon it.
    events: Vec<Event>,
}

/// An event as recorded.
pub(super) struct Event {
    pub(super) revision: u64,
    pub(super) position: u64,
    pub(super) what: String,
    pub(super) recorded: String,
    pub(super) happened: String,
    pub(super) who: String,
    pub(super) why: String,
    pub(super) fields: Vec<Field>,
}

/// A field as recorded.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
    /// A text that somebody wrote.
    pub(super) is_text: bool,
}

/// The types that bear on another entry of their stream.
const ABOUT_OTHERS: [&str; 3] = ["EntryCorrected", "EntryMarkedMistaken", "MistakenMarkWithdrawn"];

/// `GET /family/{id}/entry/{revision}`
pub(crate) async fn page(
    visit: Visit,
    Path((family, revision)): Path<(String, String)>,
) -> Response {
    let made = make(&visit, &family, &revision).await;
    visit.answer(made)
}

async fn make(visit: &Visit, family: &str, revision: &str) -> Result<EntryPage, Failure> {
    let family = FamilyId(id(family)?);
    let unknown = || Rejection::new(Reason::UnknownId, "no such entry").at("revision");
    let revision: u64 = revision.parse().map_err(|_| unknown())?;
    let before = revision.checked_sub(1).ok_or_else(unknown)?;
    let mut query =
        HistoryQuery { stream: Some(StreamRef::from(family)), after: before, limit: 1_000 };
    let (mut events, mut head) = (Vec::new(), 0);
    for _ in 0..READS_MAX {
        let answer = visit.read(query.clone()).await?;
        head = answer.head;
        let about = |it: &HistoryEvent| it.revision == revision || is_about(it, revision);
        events.extend(answer.events.iter().filter(|it| about(it)).map(|it| event(it, visit.w)));
        if answer.whole {
            break;
        }
        query.after = answer.through;
    }
    if events.first().is_none_or(|it| it.revision != revision) {
        return Err(unknown().into());
    }
    let title = say!(visit.w, "page-entry", revision = revision);
    let frame = Frame { as_of: Some(head), ..visit.frame(title) };
    Ok(EntryPage { frame, back: format!("/family/{family}?all=1#entry-{revision}"), events })
}

fn is_about(event: &HistoryEvent, revision: u64) -> bool {
    let target = event.fields.iter().find(|it| it.name == "target_revision");
    let target = target.and_then(|it| it.json.as_ref()?.parse::<u64>().ok());
    ABOUT_OTHERS.contains(&event.event_type.as_str()) && target == Some(revision)
}

/// An event with its fields as they were recorded.
pub(super) fn event(it: &HistoryEvent, w: Words) -> Event {
    let basis = it.basis.as_ref().map(|it| {
        let provision = it.provision.as_deref().unwrap_or_default();
        plain(format!("{} {provision}", it.code).trim())
    });
    let late = it.late_reason.as_ref().map(|it| say!(w, "late-because", reason = plain(it)));
    let purpose = capital(&w.code("Purpose", &it.purpose));
    let why: Vec<String> = [Some(purpose), basis, late].into_iter().flatten().collect();
    Event {
        revision: it.revision,
        position: it.position,
        what: w.event(&it.event_type),
        recorded: w.instant(i64::try_from(it.recorded_ms).unwrap_or(i64::MAX)),
        happened: w.happened(&it.occurred),
        who: who(&it.actor.sub, &it.actor.role, w),
        why: why.join("; "),
        fields: it.fields.iter().map(|it| field(&it.name, it.json.as_deref(), w)).collect(),
    }
}

fn field(name: &str, json: Option<&str>, w: Words) -> Field {
    let name = plain(name);
    let Some(json) = json else {
        return Field { name, value: say!(w, "erased"), is_text: false };
    };
    match serde_json::from_str(json) {
        Ok(Value::String(text)) => {
            let is_text = text.contains(' ');
            // Lines stay lines; what would turn the direction of writing goes.
            let lines: Vec<String> = text.lines().map(plain).collect();
            Field { name, value: lines.join("\n"), is_text }
        }
        Ok(_) | Err(_) => Field { name, value: plain(json), is_text: false },
    }
}
