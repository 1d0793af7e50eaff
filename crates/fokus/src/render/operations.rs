//! Views and their rebuilds.

use fokus_proto::v1;

use crate::render::{Screen, table};
use fokus_words::labels::plain;
use fokus_words::{Words, heads, say};

/// A row for each view.
pub(crate) fn views(answer: &v1::ListViewsResponse, screen: Screen) -> String {
    let words = screen.words;
    let rows = answer.views.iter().map(|view| {
        let state = if view.halted_at > 0 {
            let code = plain(&view.halted_code);
            say!(words, "view-halted", position = view.halted_at, code = code)
        } else {
            say!(words, "view-runs")
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
    let head = heads!(
        words,
        "head-view",
        "head-view-revision",
        "head-build",
        "head-position",
        "head-behind",
        "head-state",
    );
    let table = table(head, rows.collect(), screen.width);
    format!("{table}\n{}", say!(words, "log-head", position = answer.head_position))
}

/// What a rebuild came to.
pub(crate) fn rebuilt(name: &str, last: &v1::RebuildViewResponse, words: Words) -> String {
    say!(
        words,
        "view-rebuilt",
        view = plain(name),
        position = last.position,
        changed = last.rows_changed,
        added = last.rows_added,
        removed = last.rows_removed
    )
}
