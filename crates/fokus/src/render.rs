//! Answers as text for people: pure functions from messages to text.
//!
//! [`status`] and [`timeline`] are what a caseworker reads; [`families`], [`history`] and [`operations`]
//! are lists. Each takes the width of the screen, or none for lines as long as they get.

pub(crate) mod families;
pub(crate) mod glance;
pub(crate) mod history;
pub(crate) mod operations;
pub(crate) mod status;
pub(crate) mod timeline;

#[cfg(test)]
mod tests;

use comfy_table::{ContentArrangement, Table, TableComponent, presets};

/// A table without frames: a line under the head, columns set apart by space.
pub(crate) fn table(head: &[&str], rows: Vec<Vec<String>>, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_style(TableComponent::HeaderLines, '─');
    table.set_style(TableComponent::MiddleHeaderIntersections, '─');
    // The width was found out already, and must not depend on where a test runs.
    table.force_no_tty();
    match width {
        Some(width) => {
            table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    table.set_header(head);
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// Breaks a line at spaces so that it fits the width; what follows is indented by two.
pub(crate) fn wrap(line: &str, width: Option<u16>) -> String {
    let Some(width) = width.map(usize::from) else { return line.to_owned() };
    let mut wrapped = String::new();
    let mut used = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            wrapped.push_str("\n  ");
            used = 2;
        } else if used > 0 {
            wrapped.push(' ');
            used += 1;
        }
        wrapped.push_str(word);
        used += length;
    }
    wrapped
}
