//! The auditor's reading room: one family's history as it was recorded, with original wording and
//! positions, each event with its leaf and its proof, so that the page itself can recompute whether it is in
//! the log that the checkpoint signs.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fokus_app::failure::Failure;
use fokus_app::query::{CheckpointQuery, FamilyStatusQuery, HistoryQuery};
use fokus_app::read::proofs::{InclusionAnswer, InclusionQuery};
use fokus_app::session::Action;
use fokus_core::effective::Clocks;
use fokus_core::ids::{FamilyId, StreamRef};
use fokus_core::rejection::{Reason, Rejection};
use fokus_words::labels::plain;
use fokus_words::say;

use super::entry::{Event, event};
use super::{Frame, Visit, id};

/// The events of a page: each comes with a proof.
const EVENTS: u32 = 40;

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    frame: Frame,
    family: String,
    events: Vec<Proved>,
    note: String,
    /// Where a bundle of the family is made; empty for whom none is.
    export: String,
    /// Where the next and the first events are; empty where there are none.
    next: String,
    first: String,
    through: u64,
    revision: u64,
}

/// An event with what its verification needs.
struct Proved {
    event: Event,
    /// The leaf as hashed, base64.
    leaf: String,
    /// Zero-based.
    index: u64,
    /// Leaves of the tree.
    size: u64,
    /// The proof's hashes, base64, comma-separated.
    path: String,
    /// The root that the checkpoint of that tree signs, base64.
    root: String,
}

/// `GET /family/{id}/history?after=REVISION`
pub(crate) async fn page(visit: Visit, Path(family): Path<String>) -> Response {
    let made = make(&visit, &family).await;
    visit.answer(made)
}

async fn make(visit: &Visit, family: &str) -> Result<HistoryPage, Failure> {
    let family = FamilyId(id(family)?);
    let after = match visit.asked("after") {
        "" => 0,
        text => text.parse().map_err(|_| {
            Rejection::new(Reason::FieldInvalid, "a revision, 0 or more").at("after")
        })?,
    };
    let query = FamilyStatusQuery { family_id: family, min_position: 0, clocks: Clocks::NOW };
    let status = visit.read(query).await?;
    let query = HistoryQuery { stream: Some(StreamRef::from(family)), after, limit: EVENTS };
    let answer = visit.read(query).await?;
    let mut events = Vec::with_capacity(answer.events.len());
    for it in &answer.events {
        let proof = visit.read(InclusionQuery { position: it.position }).await?;
        events.push(proved(event(it, visit.w), it.position, &proof));
    }
    let checkpoint = visit.read(CheckpointQuery).await?;
    let reference = plain(&status.status.row.reference);
    let here = format!("/family/{family}/history");
    let title = say!(visit.w, "page-history-of", reference = reference);
    Ok(HistoryPage {
        frame: Frame { as_of: Some(answer.head), ..visit.frame(title) },
        family: format!("/family/{family}"),
        events,
        note: checkpoint.note,
        export: if visit.visitor.may(Action::ExportBundle) {
            format!("/export?family={family}")
        } else {
            String::new()
        },
        next: if answer.whole { String::new() } else { format!("{here}?after={}", answer.through) },
        first: if after == 0 { String::new() } else { here },
        through: answer.through,
        revision: status.status.revision,
    })
}

fn proved(event: Event, position: u64, proof: &InclusionAnswer) -> Proved {
    let hashes: Vec<String> = proof.hashes.iter().map(|it| BASE64_STANDARD.encode(it)).collect();
    // The note's third line is the root (C2SP tlog-checkpoint).
    let root = proof.checkpoint.lines().nth(2).unwrap_or_default();
    Proved {
        event,
        leaf: BASE64_STANDARD.encode(&proof.leaf),
        index: position.saturating_sub(1),
        size: proof.tree_size,
        path: hashes.join(","),
        root: root.to_owned(),
    }
}
