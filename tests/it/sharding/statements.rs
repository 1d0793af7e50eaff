//! SQL as it stands in the program's sources and in functions, cut into words; and which tables a statement
//! touches for which tenant. It does not parse SQL: it knows the few forms that the program writes, and
//! takes what it does not know for an offence.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A statement's words and signs, in lower case.
pub(super) type Words = Vec<String>;

/// Statements that are for all tenants, by words that only they have: which logs there are, asked when a
/// server starts or by an operator, and whether any copy has not ended.
const FOR_ALL: &[&str] =
    &["from journal.log order by tenant , log", "select from journal.log where copying"];

/// A table in a statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) table: String,
    /// Whether the statement says which tenant's rows it means.
    pub(super) names_the_tenant: bool,
}

/// Every statement in the text literals below a folder, but for those of its tests and of throw-away
/// clusters.
pub(super) fn of_the_program(folder: &Path) -> Vec<Words> {
    let mut statements = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if name.starts_with("tests") || name.starts_with("cluster") {
            continue;
        }
        if path.is_dir() {
            statements.extend(of_the_program(&path));
        } else if name.ends_with(".rs") {
            let source = fs::read_to_string(&path).expect("a source");
            statements.extend(literals(&source).iter().map(|it| words(it)));
        }
    }
    statements
}

/// Every statement in the body of a function.
pub(super) fn of_a_function(body: &str) -> Vec<Words> {
    body.split(';').map(words).collect()
}

/// Whether the statement is meant for all tenants.
pub(super) fn asks_every_tenant(statement: &Words) -> bool {
    let text = statement.join(" ");
    FOR_ALL.iter().any(|it| text.contains(it))
}

/// The tables of these that a statement touches.
pub(super) fn references(statement: &Words, tables: &BTreeSet<String>) -> Vec<Reference> {
    let word = |at: usize| statement.get(at).map_or("", String::as_str);
    let compared = |column: &str| {
        let pairs = statement.windows(2);
        pairs
            .filter(|it| it[0] == column && it[1] == "=" || it[0] == "=" && it[1] == column)
            .count()
    };
    // Tables without a name of their own share the comparisons of a bare `tenant`.
    let mut bare = compared("tenant");
    let mut found = Vec::new();
    for (at, table) in statement.iter().enumerate().filter(|(_, it)| tables.contains(*it)) {
        let before = at.checked_sub(1).map_or("", word);
        if before == "'" {
            continue;
        }
        let alias = if word(at + 1) == "as" { word(at + 2) } else { word(at + 1) };
        let names_the_tenant = if before == "into" {
            let columns = statement[at..].iter().position(|it| it == "(");
            columns.is_some_and(|it| word(at + it + 1) == "tenant")
        } else if is_name(alias) {
            compared(&format!("{alias}.tenant")) > 0
        } else {
            let named = bare > 0;
            bare = bare.saturating_sub(1);
            named
        };
        found.push(Reference { table: table.clone(), names_the_tenant });
    }
    found
}

/// Whether a word after a table is its name in this statement.
fn is_name(word: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "where", "set", "join", "left", "cross", "order", "group", "limit", "on", "using", "for",
        "values", "union", "and", "or", "select",
    ];
    word.starts_with(|it: char| it.is_ascii_lowercase()) && !KEYWORDS.contains(&word)
}

/// Cuts a text into words, numbers and single signs. A name with its schema or alias is one word.
fn words(text: &str) -> Words {
    let mut words = Words::new();
    let mut word = String::new();
    for letter in text.chars().chain([' ']) {
        if letter.is_ascii_alphanumeric() || "_.$".contains(letter) {
            word.push(letter.to_ascii_lowercase());
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !letter.is_whitespace() {
            words.push(letter.to_string());
        }
    }
    words
}

/// The text literals of a Rust source. Pieces that a macro joins, with nothing but commas and its
/// parameters between, are one text.
fn literals(source: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let mut joins = false;
    let mut rest = source;
    while let Some(letter) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |at| &rest[at..]);
        } else if let Some(character) = ["'\"'", "'\\\"'"].iter().find(|it| rest.starts_with(**it))
        {
            rest = &rest[character.len()..];
            joins = false;
        } else if letter == '"' {
            let (text, after) = literal(&rest[1..]);
            match texts.last_mut() {
                Some(last) if joins => last.push_str(&text),
                _ => texts.push(text),
            }
            joins = true;
            rest = after;
        } else {
            joins &= letter.is_whitespace() || ",$".contains(letter) || letter.is_ascii_lowercase();
            rest = &rest[letter.len_utf8()..];
        }
    }
    texts
}

/// The text of a literal up to its end, and what follows. Of escapes only the line's end matters.
fn literal(source: &str) -> (String, &str) {
    let mut text = String::new();
    let mut letters = source.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (text, &source[at + 1..]),
            '\\' => {
                letters.next();
                text.push(' ');
            }
            _ => text.push(letter),
        }
    }
    (text, "")
}

#[test]
fn a_statement_that_forgets_the_tenant_is_found() {
    #[track_caller]
    fn check(statement: &str, expected: &[(&str, bool)]) {
        let tables = ["journal.leaf", "journal.log"].map(str::to_owned).into();
        let expected: Vec<Reference> = expected
            .iter()
            .map(|(table, named)| Reference { table: (*table).into(), names_the_tenant: *named })
            .collect();
        assert_eq!(references(&words(statement), &tables), expected, "{statement}");
    }
    check("select leaf from journal.leaf where tenant = $1", &[("journal.leaf", true)]);
    check("select leaf from journal.leaf where position = $1", &[("journal.leaf", false)]);
    check(
        "select leaf from journal.leaf where tenant = $1 and position <= (select size from journal.log)",
        &[("journal.leaf", true), ("journal.log", false)],
    );
    check(
        "select from journal.leaf l join journal.log g on g.log = l.log where l.tenant = $1",
        &[("journal.leaf", true), ("journal.log", false)],
    );
    check(
        "update journal.log as g set size = 1 where g.tenant = p_tenant",
        &[("journal.log", true)],
    );
    check(
        "delete from journal.leaf l using unnest ($1) n where l.position = n",
        &[("journal.leaf", false)],
    );
    check("insert into journal.leaf (tenant, log) select $1, $2", &[("journal.leaf", true)]);
    check("insert into journal.leaf (log, tenant) select $1, $2", &[("journal.leaf", false)]);
    check("select 'journal.leaf'::regclass", &[]);
}

#[test]
fn the_texts_of_a_source_are_found() {
    let source = "let it = \"select \\\n  a\"; // \"not this\"\nlet sign = '\"';\n\
                  concat!(\"b \", $which, \" c\"); f(\"d\", 1, \"e\")";
    let found: Vec<String> = literals(source).iter().map(|it| words(it).join(" ")).collect();
    assert_eq!(found, ["select a", "b c", "d", "e"]);
}
