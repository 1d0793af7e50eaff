//! What happened: swim lanes, and the entries of the period as a list, newest first.

use fokus_app::failure::Failure;
use fokus_core::time::local_date;
use fokus_core::views::timeline::TimelineEntry;
use fokus_words::told::{self, Entry, who};
use fokus_words::{capital, say};
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;

use super::Read;
use crate::charts::Figure;
use crate::charts::lanes::{Bar, Kind, Lane, Lanes, Mark, key};
use crate::clocks::day;
use crate::pages::{Link, Visit, with_field};

/// The most entries of the list, unless all are asked for.
const SHOWN: usize = 40;
/// The most characters of a text in the list; the entry's own page has all of it.
const TEXT_CHARS_MAX: usize = 600;

/// From which day to which the page shows what happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Period {
    pub(crate) first: Date,
    pub(crate) last: Date,
}

impl Period {
    /// The period of the address; where it says none, everything.
    pub(super) fn of(visit: &Visit, read: &Read) -> Result<Period, Failure> {
        let today = read.trajectory.today;
        let begin = read.entries.first().map_or(today, |it| it.row.occurred.date());
        let asked = |name: &'static str, otherwise: Date| match visit.asked(name).trim() {
            "" => Ok(otherwise),
            text => day(text, name),
        };
        let (first, last) = (asked("from", begin)?, asked("to", today)?);
        Ok(Period { first: first.min(last), last: last.max(first) })
    }

    fn holds(&self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }
}

/// The section.
pub(crate) struct Timeline {
    pub(crate) first: Date,
    pub(crate) last: Date,
    /// Other periods.
    pub(crate) periods: Vec<Link>,
    pub(crate) figure: Figure,
    pub(crate) keys: Vec<(String, String)>,
    pub(crate) months: Vec<Month>,
    /// How many entries are in the period, and how many of them are in the list.
    pub(crate) count: usize,
    pub(crate) shown: usize,
    /// Where all of them are; empty when they are here.
    pub(crate) all: String,
    /// Where those marked mistaken are shown too, or no longer.
    pub(crate) mistaken: Link,
    pub(crate) cut: bool,
}

/// The entries of a month.
pub(crate) struct Month {
    pub(crate) label: String,
    pub(crate) entries: Vec<Shown>,
}

/// An entry of the list.
pub(crate) struct Shown {
    pub(crate) revision: u64,
    pub(crate) when: String,
    pub(crate) what: String,
    pub(crate) who: String,
    pub(crate) facts: String,
    pub(crate) texts: Vec<String>,
    pub(crate) late: String,
    pub(crate) corrected: String,
    pub(crate) mistaken: String,
    /// The entry as it was recorded.
    pub(crate) href: String,
}

impl Timeline {
    /// The section of what was read.
    pub(super) fn of(visit: &Visit, read: &Read, period: &Period) -> Timeline {
        let w = read.w;
        let of_period = read.entries.iter().filter(|it| period.holds(it.row.occurred.date()));
        let mut entries: Vec<&TimelineEntry> = of_period.collect();
        let count = entries.len();
        entries.reverse();
        if visit.asked("all") != "1" {
            entries.truncate(SHOWN);
        }
        let with_mistaken = visit.asked("mistaken") == "1";
        let shown = entries.len();
        let figure = lanes(read, period);
        Timeline {
            first: period.first,
            last: period.last,
            periods: periods(visit, read),
            figure: Figure::of(|width| figure.draw(width, w)),
            keys: keys(read),
            months: months(read, &entries),
            count,
            shown,
            all: if shown < count { with_field(visit, "all", "1") } else { String::new() },
            mistaken: Link {
                href: with_field(visit, "mistaken", if with_mistaken { "" } else { "1" }),
                label: if with_mistaken {
                    say!(w, "page-without-mistaken")
                } else {
                    say!(w, "page-with-mistaken")
                },
                here: with_mistaken,
            },
            cut: read.cut,
        }
    }
}

fn keys(read: &Read) -> Vec<(String, String)> {
    let w = read.w;
    vec![
        (key(Kind::Contact, false), say!(w, "page-key-contact")),
        (key(Kind::Assessment, false), say!(w, "page-key-assessment")),
        (key(Kind::Intervention, false), say!(w, "page-key-intervention")),
        (key(Kind::Case, false), say!(w, "page-key-case")),
        (key(Kind::Note, false), say!(w, "page-key-note")),
        (key(Kind::Incident, false), say!(w, "page-key-incident")),
        (key(Kind::Contact, true), say!(w, "page-key-corrected")),
    ]
}

/// The last three months, the last year, everything.
fn periods(visit: &Visit, read: &Read) -> Vec<Link> {
    let (w, today) = (read.w, read.trajectory.today);
    let since = |months: i32| today.checked_sub(months.months()).unwrap_or(today).to_string();
    let from = visit.asked("from").to_owned();
    let link = |label: String, value: String| Link {
        here: from == value && visit.asked("to").is_empty(),
        href: format!("{}#timeline", with_field(visit, "from", &value)),
        label,
    };
    vec![
        link(say!(w, "page-three-months"), since(3)),
        link(say!(w, "page-year"), since(12)),
        link(say!(w, "page-everything"), String::new()),
    ]
}

fn months(read: &Read, entries: &[&TimelineEntry]) -> Vec<Month> {
    let mut months: Vec<Month> = Vec::new();
    for it in entries {
        let label = read.w.month_of(it.row.occurred.at_ms);
        match months.last_mut() {
            Some(month) if month.label == label => month.entries.push(shown(read, it)),
            _ => months.push(Month { label, entries: vec![shown(read, it)] }),
        }
    }
    months
}

fn shown(read: &Read, it: &TimelineEntry) -> Shown {
    let (w, row) = (read.w, &it.row);
    let entry = Entry {
        event_type: &row.event_type,
        facts: &row.facts,
        personal: &it.personal,
        words: w,
        limit: TEXT_CHARS_MAX,
    };
    let told = told::told(&entry, &read.names);
    let facts: Vec<String> = told.facts.into_iter().filter(|it| !it.is_empty()).collect();
    let recorded = i64::try_from(row.recorded_ms).unwrap_or(i64::MAX);
    let mark = |revision: u64, text: String| if revision == 0 { String::new() } else { text };
    Shown {
        revision: row.revision,
        when: w.happened(&row.occurred),
        what: capital(&told::kind(&entry, &read.names)),
        who: who(&row.actor, &row.actor_role, w),
        facts: capital(&facts.join("; ")),
        texts: told.texts.into_iter().filter(|it| !it.is_empty()).collect(),
        late: if row.recorded_late {
            say!(w, "mark-late", on = w.day_of(recorded))
        } else {
            String::new()
        },
        corrected: mark(row.corrected_by, say!(w, "mark-corrected", revision = row.corrected_by)),
        mistaken: mark(row.mistaken_by, say!(w, "mark-mistaken", revision = row.mistaken_by)),
        href: format!("{}/entry/{}", read.base, row.revision),
    }
}

/// Lanes of the family, of each member, and of each agency that anything came from.
fn lanes(read: &Read, period: &Period) -> Lanes {
    let w = read.w;
    let mut family = Lane { label: capital(&say!(w, "the-family")), ..Lane::default() };
    let members: Vec<String> =
        read.status.members.iter().map(|it| it.person_id.to_string()).collect();
    let mut persons: Vec<(String, Lane)> = members
        .into_iter()
        .map(|id| (id.clone(), Lane { label: read.names.name(&id), ..Lane::default() }))
        .collect();
    let mut agencies: Vec<(String, Lane)> = Vec::new();
    let mut phases = Vec::new();
    for it in &read.entries {
        let mark = Mark {
            day: it.row.occurred.date(),
            kind: kind_of(&it.row.event_type),
            corrected: it.row.corrected_by > 0,
        };
        if it.row.event_type == "CasePhaseEntered" {
            let phase = it.row.facts.get("phase").and_then(Value::as_str).unwrap_or_default();
            phases.push((mark.day, capital(&w.code("CasePhase", phase))));
        }
        let mut of_somebody = false;
        for id in told::persons(&it.row.facts) {
            if let Some((_, lane)) = persons.iter_mut().find(|(it, _)| *it == id) {
                lane.marks.push(mark);
                of_somebody = true;
            }
        }
        if let Some(agency) = agency(it) {
            let at = agencies.iter().position(|(code, _)| *code == agency);
            let at = at.unwrap_or_else(|| {
                let label = capital(&w.code("Agency", &agency));
                agencies.push((agency, Lane { label, ..Lane::default() }));
                agencies.len() - 1
            });
            if let Some((_, lane)) = agencies.get_mut(at) {
                lane.marks.push(mark);
                of_somebody = true;
            }
        }
        if !of_somebody {
            family.marks.push(mark);
        }
    }
    add_bars(read, period, &mut family, &mut persons);
    let others = persons.into_iter().chain(agencies).map(|(_, lane)| lane);
    Lanes {
        name: say!(w, "page-lanes-chart"),
        first: period.first,
        last: period.last,
        phases,
        lanes: std::iter::once(family).chain(others).collect(),
    }
}

/// Interventions as long as they lasted, in the lane of whom they were for.
fn add_bars(read: &Read, period: &Period, family: &mut Lane, persons: &mut [(String, Lane)]) {
    for card in &read.trajectory.interventions {
        let Some(from) = card.started_on.filter(|it| *it <= period.last) else { continue };
        if card.ended_on.is_some_and(|it| it < period.first) {
            continue;
        }
        let bar = Bar { from, until: card.ended_on };
        let id = card.person_id.map(|it| it.to_string());
        let lane = persons.iter_mut().find(|(it, _)| Some(it) == id.as_ref());
        match lane {
            Some((_, lane)) => lane.bars.push(bar),
            None => family.bars.push(bar),
        }
    }
}

/// The agency that an entry came from, as a code.
pub(super) fn agency(it: &TimelineEntry) -> Option<String> {
    let field = match it.row.event_type.as_str() {
        "ExternalAssessmentReceived" => "from",
        _ => "agency",
    };
    it.row.facts.get(field).and_then(Value::as_str).map(str::to_owned)
}

fn kind_of(event_type: &str) -> Kind {
    const STARTS: [(&str, Kind); 11] = [
        ("Contact", Kind::Contact),
        ("Session", Kind::Contact),
        ("PostClosure", Kind::Contact),
        ("Assessment", Kind::Assessment),
        ("ExternalAssessment", Kind::Assessment),
        ("Instrument", Kind::Assessment),
        ("Factor", Kind::Assessment),
        ("ProfessionalRisk", Kind::Assessment),
        ("Intervention", Kind::Intervention),
        ("Incident", Kind::Incident),
        ("Flag", Kind::Incident),
    ];
    const NOTES: [&str; 3] = ["NoteRecorded", "PartyStatementAdded", "SupervisionNoteRecorded"];
    if NOTES.contains(&event_type) {
        return Kind::Note;
    }
    let found = STARTS.into_iter().find(|(start, _)| event_type.starts_with(start));
    found.map_or(Kind::Case, |(_, kind)| kind)
}

/// The local day of an instant as rows hold it.
pub(super) fn day_of(ms: u64) -> Date {
    local_date(i64::try_from(ms).unwrap_or(i64::MAX))
}
