//! The tables that people read say what the code does: `reasons.md`, and the lists of the README.

use std::collections::BTreeSet;

use super::all_rows;
use super::journal::check;
use crate::rejection::{Reason, Status};

/// The words in backticks that begin the rows or items after the heading, up to the next heading.
fn codes_under(text: &str, heading: &str) -> BTreeSet<String> {
    let lines = text.lines().skip_while(|it| *it != heading).skip(1);
    let section = lines.take_while(|it| !it.starts_with('#'));
    let first_word = |line: &str| {
        let rest = line.strip_prefix("* `").or(line.strip_prefix("| `"))?;
        rest.split_once('`').map(|it| it.0.to_owned())
    };
    section.filter_map(first_word).collect()
}

/// The words in backticks of the one-paragraph list after the heading.
fn codes_in_paragraph(text: &str, heading: &str) -> BTreeSet<String> {
    let lines = text.lines().skip_while(|it| *it != heading).skip(1);
    let section: Vec<_> = lines.take_while(|it| !it.starts_with('#')).collect();
    let is_code = |it: &&str| {
        !it.is_empty()
            && it
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit())
    };
    section.join(" ").split('`').skip(1).step_by(2).filter(is_code).map(str::to_owned).collect()
}

fn status_name(status: Status) -> &'static str {
    match status {
        Status::InvalidArgument => "INVALID_ARGUMENT",
        Status::FailedPrecondition => "FAILED_PRECONDITION",
        Status::Aborted => "ABORTED",
        Status::AlreadyExists => "ALREADY_EXISTS",
        Status::PermissionDenied => "PERMISSION_DENIED",
        Status::NotFound => "NOT_FOUND",
        Status::OutOfRange => "OUT_OF_RANGE",
        Status::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Status::Unavailable => "UNAVAILABLE",
        Status::Unauthenticated => "UNAUTHENTICATED",
        Status::DataLoss => "DATA_LOSS",
    }
}

#[test]
fn reasons_md_has_every_reason_with_its_status() {
    let table = include_str!("../../reasons.md");
    let rows = codes_under(table, "# Reasons");
    let codes: BTreeSet<_> = Reason::ALL.iter().map(|it| it.code().to_owned()).collect();
    assert_eq!(rows, codes);
    for reason in Reason::ALL {
        let row = format!("| `{}` | {} | ", reason.code(), status_name(reason.status()));
        assert!(table.lines().any(|it| it.starts_with(&row) && it.len() > row.len()), "{row}");
    }
}

#[test]
fn every_rule_that_the_readme_calls_enforced_is_met_by_a_row() {
    let readme = include_str!("../../README.md");
    let enforced = codes_in_paragraph(readme, "### Enforced by `decide`");
    let met: BTreeSet<_> = check(all_rows()).iter().map(|it| it.code().to_owned()).collect();
    assert_eq!(met, enforced);
}

#[test]
fn every_reason_is_on_one_list_of_the_readme() {
    let readme = include_str!("../../README.md");
    let lists = [
        "### Enforced by `decide`",
        "### Enforced by `correction`",
        "### Enforced around the core",
    ]
    .map(|heading| codes_in_paragraph(readme, heading));
    let listed: Vec<_> = lists.iter().flatten().cloned().collect();
    let once: BTreeSet<_> = listed.iter().cloned().collect();
    let codes: BTreeSet<_> = Reason::ALL.iter().map(|it| it.code().to_owned()).collect();
    assert_eq!(once, codes);
    let not_yet = codes_under(readme, "### Not yet enforced");
    assert!(not_yet.len() > 50, "the list was found");
    assert_eq!(not_yet.intersection(&codes).collect::<Vec<_>>(), Vec::<&String>::new());
}
