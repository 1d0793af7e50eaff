//! Who the family is, as a genogram with its households; and who works with it, and when last.

use std::collections::BTreeMap;

use fokus_core::codes::{FamilyRole, Household};
use fokus_core::views::status::MemberStatus;
use fokus_core::views::timeline::TimelineEntry;
use fokus_words::told::who;
use fokus_words::{capital, say};
use jiff::civil::Date;
use serde_json::Value;

use super::Read;
use super::timeline::{agency, day_of};
use crate::charts::Figure;
use crate::charts::genogram::{Genogram, Person, Shape, Tie};

/// The section.
pub(crate) struct Around {
    pub(crate) figure: Figure,
    pub(crate) ties: Vec<TieRow>,
    pub(crate) workers: Vec<WorkerRow>,
    pub(crate) others: Vec<OtherRow>,
}

/// A relationship, as stated.
pub(crate) struct TieRow {
    pub(crate) one: String,
    pub(crate) kind: String,
    pub(crate) other: String,
    pub(crate) quality: String,
}

/// Somebody who works or worked on the case.
pub(crate) struct WorkerRow {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) from: String,
    pub(crate) until: String,
}

/// A writer of entries, or an agency that something came from.
pub(crate) struct OtherRow {
    pub(crate) name: String,
    pub(crate) count: usize,
    pub(crate) last: String,
}

impl Around {
    /// The section of what was read.
    pub(super) fn of(read: &Read) -> Around {
        let ties = ties(read);
        let chart = genogram(read, &ties);
        let w = read.w;
        let row = |it: &Stated<'_>| TieRow {
            one: read.names.name(it.one),
            kind: w.code("RelationshipKind", it.kind),
            other: read.names.name(it.other),
            quality: it.quality.map(|it| w.code("RelationshipQuality", it)).unwrap_or_default(),
        };
        Around {
            figure: Figure::of(|width| chart.draw(width, w)),
            ties: ties.iter().map(row).collect(),
            workers: workers(read),
            others: others(read),
        }
    }
}

/// A relationship that has not ended.
struct Stated<'a> {
    id: &'a str,
    one: &'a str,
    other: &'a str,
    kind: &'a str,
    quality: Option<&'a str>,
}

fn text<'a>(it: &'a TimelineEntry, name: &str) -> Option<&'a str> {
    it.row.facts.get(name).and_then(Value::as_str)
}

fn ties(read: &Read) -> Vec<Stated<'_>> {
    let mut ties: Vec<Stated<'_>> = Vec::new();
    for it in &read.entries {
        let id = text(it, "relationship_id").unwrap_or_default();
        match it.row.event_type.as_str() {
            "RelationshipStated" => ties.push(Stated {
                id,
                one: text(it, "person_id").unwrap_or_default(),
                other: text(it, "other_person_id").unwrap_or_default(),
                kind: text(it, "kind").unwrap_or_default(),
                quality: text(it, "quality"),
            }),
            "RelationshipEnded" => ties.retain(|tie| tie.id != id),
            _ => {}
        }
    }
    ties
}

fn genogram(read: &Read, ties: &[Stated<'_>]) -> Genogram {
    let w = read.w;
    let household = |it: Household| capital(&w.of("Household", &it));
    let tie = |it: &Stated<'_>| Tie {
        one: it.one.to_owned(),
        other: it.other.to_owned(),
        strained: it.quality.is_some_and(|it| matches!(it, "CONFLICT" | "CONFLICTED" | "CUT_OFF")),
    };
    Genogram {
        name: say!(w, "page-genogram-chart"),
        people: read.status.members.iter().map(|it| symbol(read, it)).collect(),
        ties: ties.iter().map(tie).collect(),
        households: [Household::Core, Household::PartTime, Household::Outside].map(household),
    }
}

fn symbol(read: &Read, it: &MemberStatus) -> Person {
    let role = capital(&read.w.of("FamilyRole", &it.role));
    let id = it.person_id.to_string();
    Person {
        name: read.names.name(&id),
        about: match it.age_years {
            Some(age) => format!("{role}, {age}"),
            None => role,
        },
        id,
        shape: match it.role {
            FamilyRole::Mother => Shape::Circle,
            FamilyRole::Father => Shape::Square,
            FamilyRole::Stepparent
            | FamilyRole::Child
            | FamilyRole::Sibling
            | FamilyRole::HalfSibling
            | FamilyRole::Grandparent
            | FamilyRole::Foster
            | FamilyRole::Partner
            | FamilyRole::Other => Shape::Lozenge,
        },
        grown_up: !matches!(
            it.role,
            FamilyRole::Child | FamilyRole::Sibling | FamilyRole::HalfSibling | FamilyRole::Foster
        ),
        household: match it.household {
            Household::Core => 0,
            Household::PartTime => 1,
            Household::Outside => 2,
        },
        died: it.died_on.is_some(),
    }
}

/// Assignments as they were recorded, the newest first.
fn workers(read: &Read) -> Vec<WorkerRow> {
    let w = read.w;
    let mut rows: Vec<WorkerRow> = Vec::new();
    let civil = |text: &str| text.parse::<Date>().map(|it| w.civil(it)).unwrap_or_default();
    for it in &read.entries {
        let (worker, role, from) = match it.row.event_type.as_str() {
            "CaseOpened" => (text(it, "lead_worker_id"), Some("LEAD"), text(it, "opened_on")),
            "CaseReopened" => (text(it, "lead_worker_id"), Some("LEAD"), text(it, "reopened_on")),
            "WorkerAssigned" => (text(it, "worker_id"), text(it, "role"), text(it, "valid_from")),
            "WorkerUnassigned" => {
                let name = read.names.name(text(it, "worker_id").unwrap_or_default());
                let role = w.code("WorkerRole", text(it, "role").unwrap_or_default());
                let of = |row: &&mut WorkerRow| row.name == name && row.role == capital(&role);
                if let Some(row) = rows.iter_mut().rev().find(of) {
                    row.until = civil(text(it, "valid_to").unwrap_or_default());
                }
                continue;
            }
            _ => continue,
        };
        let role = capital(&w.code("WorkerRole", role.unwrap_or_default()));
        let from = civil(from.unwrap_or_default());
        // A new lead ends the time of the one before.
        let replaces = it.row.facts.get("replaces_lead").and_then(Value::as_bool) == Some(true);
        if replaces
            && let Some(row) = rows.iter_mut().rev().find(|row| row.role == role)
            && row.until.is_empty()
        {
            row.until.clone_from(&from);
        }
        rows.push(WorkerRow {
            name: read.names.name(worker.unwrap_or_default()),
            role,
            from,
            until: civil(text(it, "valid_to").unwrap_or_default()),
        });
    }
    rows.reverse();
    rows
}

/// Who has written, and which agencies anything came from, the latest first.
fn others(read: &Read) -> Vec<OtherRow> {
    let w = read.w;
    let mut found: BTreeMap<String, (usize, Date)> = BTreeMap::new();
    for it in &read.entries {
        let writer = who(&it.row.actor, &it.row.actor_role, w);
        let agency = agency(it).map(|it| capital(&w.code("Agency", &it)));
        let days = [(writer, day_of(it.row.recorded_ms))];
        let from = agency.map(|it_is| (it_is, it.row.occurred.date()));
        for (name, day) in days.into_iter().chain(from) {
            let known = found.entry(name).or_insert((0, day));
            known.0 += 1;
            known.1 = known.1.max(day);
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, (_, last))| std::cmp::Reverse(*last));
    let row = |(name, (count, last)): (String, (usize, Date))| OtherRow {
        name,
        count,
        last: w.civil(last),
    };
    found.into_iter().map(row).collect()
}
