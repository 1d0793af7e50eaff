//! Views and their rebuilds.

use fokus_proto::v1;

use crate::labels::plain;
use crate::render::table;

/// A row for each view.
pub(crate) fn views(answer: &v1::ListViewsResponse, width: Option<u16>) -> String {
    let rows = answer.views.iter().map(|view| {
        let state = if view.halted_at > 0 {
            format!("HALTED at {}: {}", view.halted_at, plain(&view.halted_code))
        } else {
            "runs".to_owned()
        };
        let behind = answer.head_position.saturating_sub(view.position);
        vec![
            plain(&view.name),
            view.revision.to_string(),
            view.build.to_string(),
            view.position.to_string(),
            behind.to_string(),
            state,
        ]
    });
    let head = ["View", "Revision", "Build", "Position", "Behind", "State"];
    let table = table(&head, rows.collect(), width);
    format!("{table}\nThe log's head is at position {}.", answer.head_position)
}

/// What a rebuild came to.
pub(crate) fn rebuilt(name: &str, last: &v1::RebuildViewResponse) -> String {
    format!(
        "{} rebuilt up to position {}: {} rows changed, {} added, {} removed.",
        plain(name),
        last.position,
        last.rows_changed,
        last.rows_added,
        last.rows_removed
    )
}
