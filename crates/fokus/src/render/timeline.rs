//! What happened in a family: an entry a line, in words.
//!
//! [`Entry`] gives the fields of an entry, coded facts and personal ones, by name; [`summary`] has one
//! arm for each type of event. A type that this program does not know shows its facts as they are.

mod assessing;
mod casework;
mod circle;

use fokus_proto::v1;
use serde_json::{Map, Value};

use crate::labels::{beginning, count, day, duration, occurred, plain, type_words, words};
use crate::names::Names;
use crate::render::history::who;
use crate::render::table;

/// The most characters of a text in a summary, unless texts are wanted whole.
const TEXT_CHARS_MAX: usize = 80;

/// A row for each entry. `full` shows texts whole.
pub(crate) fn timeline(
    entries: &[v1::TimelineEntry],
    names: &Names,
    full: bool,
    width: Option<u16>,
) -> String {
    let text_limit = if full { usize::MAX } else { TEXT_CHARS_MAX };
    let rows = entries.iter().map(|entry| {
        vec![
            entry.occurred_at.as_ref().map(occurred).unwrap_or_default(),
            entry.revision.to_string(),
            kind(&Entry::of(entry)),
            summary(&Entry::of(entry), names, text_limit),
            who(&entry.actor, &entry.actor_role),
            marks(entry),
        ]
    });
    table(&["When", "Rev.", "What", "Summary", "Who", "Marks"], rows.collect(), width)
}

/// The ids of the persons that the entries name.
pub(crate) fn persons(entries: &[v1::TimelineEntry]) -> Vec<String> {
    entries
        .iter()
        .flat_map(|entry| {
            let entry = Entry::of(entry);
            let mut ids =
                vec![entry.text("person_id"), entry.text("youth_id"), entry.text("owner")];
            ids.extend(entry.texts("present"));
            ids.extend(circle::others(&entry));
            ids.extend(entry.texts("by"));
            ids.extend(entry.texts("accepted_by"));
            for list in ["initial_members", "attendance", "agreed_by"] {
                ids.extend(entry.objects(list).filter_map(|it| member(it, "person_id")));
            }
            ids
        })
        .filter(|id| !id.is_empty())
        .collect()
}

/// The ids of the workers that the entries name.
pub(crate) fn workers(entries: &[v1::TimelineEntry]) -> Vec<String> {
    entries
        .iter()
        .flat_map(|entry| {
            let entry = Entry::of(entry);
            ["worker_id", "lead_worker_id", "from_worker_id", "to_worker_id"]
                .map(|it| entry.text(it))
        })
        .filter(|id| !id.is_empty())
        .collect()
}

/// Late, corrected, mistaken.
fn marks(entry: &v1::TimelineEntry) -> String {
    let mut marks = Vec::new();
    if entry.mistaken_by > 0 {
        marks.push(format!("MISTAKEN (rev. {})", entry.mistaken_by));
    }
    if entry.corrected_by > 0 {
        marks.push(format!("corrected (rev. {})", entry.corrected_by));
    }
    if entry.recorded_late {
        let recorded = entry.recorded_at.as_ref().map(day).unwrap_or_default();
        marks.push(format!("recorded late {recorded}"));
    }
    marks.join(", ")
}

/// An entry's fields by name.
struct Entry<'a> {
    entry: &'a v1::TimelineEntry,
    facts: Map<String, Value>,
}

impl<'a> Entry<'a> {
    fn of(entry: &'a v1::TimelineEntry) -> Entry<'a> {
        Entry { entry, facts: serde_json::from_str(&entry.facts_json).unwrap_or_default() }
    }

    /// A fact that is a text or code; empty when there is none.
    fn text(&self, name: &str) -> String {
        self.facts.get(name).and_then(Value::as_str).map(plain).unwrap_or_default()
    }

    /// A code in words.
    fn code(&self, name: &str) -> String {
        words(&self.text(name))
    }

    /// A code in words, for the middle of a line.
    fn small(&self, name: &str) -> String {
        small(&self.text(name))
    }

    fn number(&self, name: &str) -> i64 {
        self.facts.get(name).and_then(Value::as_i64).unwrap_or_default()
    }

    fn is(&self, name: &str) -> bool {
        self.facts.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    fn list(&self, name: &str) -> &[Value] {
        self.facts.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    fn texts(&self, name: &str) -> impl Iterator<Item = String> {
        self.list(name).iter().filter_map(Value::as_str).map(plain)
    }

    fn objects(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.list(name).iter().filter(|it| it.is_object())
    }

    /// A personal text, cut to the limit; "(erased)" when it is gone; empty when there is none.
    fn personal(&self, name: &str, limit: usize) -> String {
        let Some(field) = self.entry.personal.iter().find(|field| field.name == name) else {
            return String::new();
        };
        if field.erased {
            return "(erased)".to_owned();
        }
        match serde_json::from_str(&field.json) {
            Ok(Value::String(text)) => beginning(&text, limit),
            Ok(other) => beginning(&other.to_string(), limit),
            Err(_) => String::new(),
        }
    }
}

impl Entry<'_> {
    /// A personal list; `None` when there is none, or it is erased.
    fn personal_list(&self, name: &str) -> Option<Vec<Value>> {
        let field = self.entry.personal.iter().find(|field| field.name == name)?;
        match serde_json::from_str(&field.json) {
            Ok(Value::Array(items)) => Some(items),
            Ok(_) | Err(_) => None,
        }
    }
}

fn member(object: &Value, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(plain)
}

fn small(code: &str) -> String {
    let words = words(code);
    // Names of methods stay in capitals.
    if words.chars().nth(1).is_some_and(char::is_uppercase) { words } else { words.to_lowercase() }
}

/// What kind of thing happened.
fn kind(entry: &Entry<'_>) -> String {
    match entry.entry.r#type.as_str() {
        "ContactRecorded" if entry.text("kind") == "NO_SHOW" => "No-show".to_owned(),
        "ContactRecorded" => entry.code("kind"),
        "NoteRecorded" => format!("Note: {}", entry.small("nature")),
        "SessionHeld" => "Session".to_owned(),
        "ProfessionalRiskJudged" => "Risk judged".to_owned(),
        "FamilyMemberRoleChanged" => "Role changed".to_owned(),
        "FamilyRegistrationUndone" => "Registration undone".to_owned(),
        other => assessing::kind(entry).unwrap_or_else(|| type_words(&plain(other))),
    }
}

/// The entry on one line.
fn summary(entry: &Entry<'_>, names: &Names, limit: usize) -> String {
    let parts = match entry.entry.r#type.as_str() {
        "FamilyRegistered" | "FamilyMemberAdded" | "FamilyMemberLeft" => membership(entry, names),
        "ReferralSubmitted" | "ReferralTriaged" => referral(entry, limit),
        "CaseOpened" | "CasePhaseEntered" | "YouthTrackOpened" => case(entry, names),
        it if casework::TYPES.contains(&it) => casework::parts(entry, names, limit),
        "ContactRecorded" | "NoteRecorded" => journal(entry, names, limit),
        "AssessmentStarted" | "AssessmentConcluded" | "ProfessionalRiskJudged" => {
            assessment(entry, names, limit)
        }
        "PlanDrafted" | "GoalSet" | "PlanAgreed" => plan(entry, names, limit),
        "InterventionOrdered" | "InterventionStarted" | "SessionHeld" | "InterventionEnded" => {
            intervention(entry, names, limit)
        }
        "EntryCorrected" | "EntryMarkedMistaken" | "MistakenMarkWithdrawn" => {
            correction(entry, limit)
        }
        _ => circle::circle(entry, names)
            .or_else(|| assessing::parts(entry, names, limit))
            .unwrap_or_else(|| vec![beginning(&entry.entry.facts_json, limit)]),
    };
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

fn membership(entry: &Entry<'_>, names: &Names) -> Vec<String> {
    let one = |it: &Value| {
        let role = member(it, "role").map(|role| small(&role)).unwrap_or_default();
        format!("{} ({role})", names.name(&member(it, "person_id").unwrap_or_default()))
    };
    match entry.entry.r#type.as_str() {
        "FamilyRegistered" => {
            let members: Vec<String> = entry.objects("initial_members").map(one).collect();
            vec![entry.text("reference"), members.join(", ")]
        }
        "FamilyMemberAdded" => vec![
            format!("{} ({})", names.name(&entry.text("person_id")), entry.small("role")),
            format!("from {}", entry.text("valid_from")),
        ],
        _ => vec![
            names.name(&entry.text("person_id")),
            entry.small("reason"),
            format!("until {}", entry.text("valid_to")),
        ],
    }
}

fn referral(entry: &Entry<'_>, limit: usize) -> Vec<String> {
    if entry.entry.r#type == "ReferralSubmitted" {
        let areas: Vec<String> = entry.texts("risk_areas").map(|area| small(&area)).collect();
        let knows =
            if entry.is("family_knows") { "the family knows" } else { "the family does not know" };
        vec![
            format!("by {}", entry.small("agency")),
            areas.join(", "),
            knows.to_owned(),
            entry.personal("grounds", limit),
        ]
    } else {
        let met = if entry.is("met") { "target group met" } else { "target group not met" };
        let place = if entry.is("capacity") { "a place is free" } else { "no place is free" };
        vec![met.to_owned(), place.to_owned(), format!("{} priority", entry.small("priority"))]
    }
}

fn case(entry: &Entry<'_>, names: &Names) -> Vec<String> {
    match entry.entry.r#type.as_str() {
        "CaseOpened" => vec![
            format!("opened {}", entry.text("opened_on")),
            format!("lead worker {}", names.name(&entry.text("lead_worker_id"))),
            format!("KLE {}", entry.text("kle")),
        ],
        "CasePhaseEntered" => vec![entry.code("phase")],
        _ => {
            let due = entry.text("family_plan_due_on");
            let due = if due.is_empty() {
                due
            } else {
                format!("before the family's plan, which is due {due}")
            };
            vec![names.name(&entry.text("youth_id")), due]
        }
    }
}

fn period(entry: &Entry<'_>) -> String {
    let to = entry.text("valid_to");
    let from = format!("from {}", entry.text("valid_from"));
    if to.is_empty() { from } else { format!("{from} to {to}") }
}

fn journal(entry: &Entry<'_>, names: &Names, limit: usize) -> Vec<String> {
    if entry.entry.r#type == "NoteRecorded" {
        let source = entry.personal("source", limit);
        let source = if source.is_empty() { source } else { format!("from {source}") };
        return vec![entry.small("grade"), source, entry.personal("text", limit)];
    }
    let minutes = entry.number("minutes");
    let present: Vec<String> = entry.texts("present").map(|id| names.name(&id)).collect();
    let present =
        if present.is_empty() { String::new() } else { format!("with {}", present.join(", ")) };
    let own_words = if entry.is("from_child") { "the child's own words" } else { "" };
    vec![
        if minutes == 0 { String::new() } else { duration(minutes) },
        present,
        own_words.to_owned(),
        entry.personal("text", limit),
    ]
}

fn assessment(entry: &Entry<'_>, names: &Names, limit: usize) -> Vec<String> {
    let person = entry.text("person_id");
    let whom = if person.is_empty() { String::new() } else { names.name(&person) };
    match entry.entry.r#type.as_str() {
        "AssessmentStarted" => vec![entry.code("kind"), whom],
        "AssessmentConcluded" => {
            let shared = entry.text("shared_with_family_on");
            let shared =
                if shared.is_empty() { shared } else { format!("shared with the family {shared}") };
            let proposal = format!("proposes {}", entry.small("proposal"));
            vec![proposal, shared, entry.personal("conclusion", limit)]
        }
        _ => vec![
            whom,
            format!("{}: {}", entry.code("risk_area"), entry.text("level")),
            entry.small("direction"),
            format!("valid until {}", entry.text("valid_until")),
            entry.personal("reasoning", limit),
        ],
    }
}

fn plan(entry: &Entry<'_>, names: &Names, limit: usize) -> Vec<String> {
    match entry.entry.r#type.as_str() {
        "PlanDrafted" => vec![format!("{} plan", entry.code("kind"))],
        "GoalSet" => {
            let owner = entry.text("owner");
            let owner = if owner.is_empty() { "the family".to_owned() } else { names.name(&owner) };
            vec![
                format!("for {owner}"),
                entry.small("theme"),
                format!("by {}", entry.text("target_date")),
                entry.personal("statement", limit),
            ]
        }
        _ => entry
            .objects("agreed_by")
            .map(|it| {
                let manner = member(it, "manner").map(|manner| small(&manner)).unwrap_or_default();
                format!("{}: {manner}", names.name(&member(it, "person_id").unwrap_or_default()))
            })
            .collect(),
    }
}

fn intervention(entry: &Entry<'_>, names: &Names, limit: usize) -> Vec<String> {
    match entry.entry.r#type.as_str() {
        "InterventionOrdered" => {
            let person = entry.text("person_id");
            let whom =
                if person.is_empty() { "the family".to_owned() } else { names.name(&person) };
            vec![
                format!("{} for {whom}", entry.code("intervention_type")),
                count(entry.list("goal_ids").len().try_into().unwrap_or(i64::MAX), "goal", "goals"),
                entry.personal("provider", limit),
            ]
        }
        "InterventionStarted" => vec![format!("on {}", entry.text("on"))],
        "SessionHeld" => {
            let came = entry.objects("attendance").map(|it| {
                let state = member(it, "state").map(|state| small(&state)).unwrap_or_default();
                format!("{} {state}", names.name(&member(it, "person_id").unwrap_or_default()))
            });
            let came = came.collect::<Vec<_>>().join(", ");
            vec![duration(entry.number("minutes")), came, entry.personal("note", limit)]
        }
        _ => vec![
            entry.code("reason"),
            format!("on {}", entry.text("on")),
            entry.personal("result", limit),
        ],
    }
}

fn correction(entry: &Entry<'_>, limit: usize) -> Vec<String> {
    vec![
        format!("entry rev. {}", entry.number("target_revision")),
        entry.small("reason"),
        entry.personal("explanation", limit),
    ]
}
