//! Answers as text for people: pure functions from messages to text, in the reader's language.
//!
//! [`status`] and [`timeline`] are what a caseworker reads; [`trajectory`] is how it went with
//! the risks; [`families`], [`history`], [`work`], [`programme`] and [`operations`] are lists. Each takes a [`Screen`]: the words, and how wide a line may be.

pub(crate) mod families;
pub(crate) mod history;
pub(crate) mod operations;
pub(crate) mod programme;
pub(crate) mod status;
pub(crate) mod timeline;
pub(crate) mod trajectory;
pub(crate) mod work;

#[cfg(test)]
mod tests;

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, TableComponent, Width, presets,
};

use fokus_words::{Language, Words};

/// In which language, and how wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// The reader's language.
    pub(crate) words: Words,
    /// Columns of a line; `None` = as long as it gets.
    pub(crate) width: Option<u16>,
}

impl Screen {
    /// A screen of some width; `None` = lines as long as they get.
    pub(crate) fn new(language: Language, width: Option<u16>) -> Screen {
        Screen { words: Words::new(language), width }
    }
}

/// Lines under heads, broken at the screen's width.
#[derive(Debug)]
struct Page {
    text: String,
    width: Option<u16>,
}

impl Page {
    fn new(screen: Screen) -> Page {
        Page { text: String::new(), width: screen.width }
    }

    /// A line at the margin; what does not fit is indented.
    fn line(&mut self, line: &str) {
        self.text.push_str(&wrap(line, 0, self.width));
        self.text.push('\n');
    }

    /// The head of what follows, set apart.
    fn head(&mut self, line: &str) {
        self.text.push('\n');
        self.line(line);
    }

    /// A line of what stands under a head.
    fn item(&mut self, line: &str) {
        self.text.push_str(&wrap(line, 2, self.width));
        self.text.push('\n');
    }

    /// A line of what stands under an item.
    fn detail(&mut self, line: &str) {
        self.text.push_str(&wrap(line, 4, self.width));
        self.text.push('\n');
    }
}

/// A table without frames: a line under the head, columns set apart by space.
pub(crate) fn table(head: impl Into<Row>, rows: Vec<Vec<String>>, width: Option<u16>) -> String {
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
    // What a row is about is never broken.
    if let Some(first) = table.column_mut(0) {
        first.set_constraint(ColumnConstraint::ContentWidth);
    }
    table.trim_fmt()
}

/// A table of numbers: what a row is about to the left, numbers to the right under their heads. Where it is
/// too wide, heads are broken before anything else, then columns move together, then the words to the left
/// are broken; a number never is.
pub(crate) fn numbers(head: Vec<String>, rows: Vec<Vec<String>>, width: Option<u16>) -> String {
    let (widths, gap) = fit(&head, &rows, width.map_or(usize::MAX, usize::from));
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_style(TableComponent::HeaderLines, '─');
    table.set_style(TableComponent::MiddleHeaderIntersections, '─');
    table.force_no_tty();
    table.set_width(u16::MAX).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(head);
    table.add_rows(rows);
    let last = widths.len().saturating_sub(1);
    for (at, (column, wide)) in table.column_iter_mut().zip(widths).enumerate() {
        // One space stands between columns by itself.
        let padding = if at == last { 0 } else { gap - 1 };
        let whole = u16::try_from(wide + padding).unwrap_or(u16::MAX);
        column.set_padding((0, u16::try_from(padding).unwrap_or_default()));
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(whole)));
        if at > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// How wide each column is, and how many spaces stand between them: one or two.
fn fit(head: &[String], rows: &[Vec<String>], width: usize) -> (Vec<usize>, usize) {
    let long = |text: &str| text.chars().count();
    let word = |text: &str| text.split(' ').map(long).max().unwrap_or_default();
    let column = |at: usize| rows.iter().filter_map(move |it| it.get(at));
    let cells = |at: usize| column(at).map(|it| long(it)).max().unwrap_or_default();
    let widest = |of_head: &dyn Fn(&str) -> usize| -> Vec<usize> {
        head.iter().enumerate().map(|(at, it)| cells(at).max(of_head(it))).collect()
    };
    let (whole, broken) = (widest(&long), widest(&word));
    let mut narrow = broken.clone();
    if let (Some(first), Some(head)) = (narrow.first_mut(), head.first()) {
        *first = column(0).map(|it| word(it)).max().unwrap_or_default().max(word(head));
    }
    let needs = |of: &[usize], gap: usize| of.iter().sum::<usize>() + gap * (of.len().max(1) - 1);
    let ways = [(whole, 2), (broken.clone(), 2), (broken, 1)];
    let fits = ways.into_iter().find(|(of, gap)| needs(of, *gap) <= width);
    fits.unwrap_or_else(|| {
        // What is left goes to the words.
        let left = width.saturating_sub(needs(&narrow, 1));
        if let Some(first) = narrow.first_mut() {
            *first += left;
        }
        (narrow, 1)
    })
}

/// Indents a line, and breaks it at spaces so that it fits the width; what follows is indented by two more.
fn wrap(line: &str, indent: usize, width: Option<u16>) -> String {
    let mut wrapped = " ".repeat(indent);
    let Some(width) = width.map(usize::from) else { return wrapped + line };
    let mut used = indent;
    let mut begun = false;
    for word in line.split(' ') {
        let length = word.chars().count();
        if begun && used + 1 + length > width {
            wrapped.push('\n');
            wrapped.push_str(&" ".repeat(indent + 2));
            used = indent + 2;
        } else if begun {
            wrapped.push(' ');
            used += 1;
        }
        wrapped.push_str(word);
        used += length;
        begun = true;
    }
    wrapped
}
