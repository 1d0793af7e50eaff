//! The live numbers of a programme: the funnel, the months, and how risks stand against their first
//! judgement.

use fokus_core::views::programme::{Figures, MonthFigures, RiskFigures, Stage};
use fokus_words::{Words, capital, heads, say};

use super::Head;
use crate::charts::bars::{Bar, Bars, Group, key};
use crate::charts::columns::{Columns, Row};
use crate::charts::{BLUE, Figure, GREEN, GREY, GRID, RED, RGBColor};

/// One programme.
pub(super) struct Live {
    /// For addresses within the page.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) active: u32,
    pub(super) funnel: Figure,
    /// Signs of the funnel's colours with their words.
    pub(super) keys: Vec<(String, String)>,
    pub(super) stages: Table,
    pub(super) months_figure: Figure,
    pub(super) months: Table,
    pub(super) risks_figure: Figure,
    pub(super) risks: Table,
}

/// Rows under heads; what a row is about comes first.
pub(super) struct Table {
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<(String, Vec<String>)>,
    /// A row for each month.
    pub(super) by_month: bool,
}

impl Table {
    /// The first head is over what rows are about, the others over numbers.
    fn new(labels: Vec<String>, rows: Vec<(String, Vec<String>)>) -> Table {
        let heads = labels.into_iter().enumerate();
        let heads = heads.map(|(at, label)| Head { label, number: at > 0 });
        Table { heads: heads.collect(), rows, by_month: false }
    }
}

/// The stages of a case that is not closed.
const OPEN: [Stage; 5] = [
    Stage::Referred,
    Stage::PlaceOffered,
    Stage::PlaceAccepted,
    Stage::CaseOpen,
    Stage::PlanAgreed,
];
/// What a closed case came to.
const CLOSED: [Stage; 3] = [Stage::ClosedGoalsMet, Stage::ClosedPartlyMet, Stage::ClosedOtherwise];

impl Live {
    /// The numbers, in words.
    pub(super) fn of(it: &Figures, name: String, w: Words) -> Live {
        let (funnel, months, risks) = (funnel(it, w), months_chart(it, w), risks_chart(it, w));
        Live {
            id: it.programme_id.to_string(),
            name,
            active: it.active,
            funnel: Figure::beside(|width| funnel.draw(width)),
            keys: vec![
                (key(BLUE), say!(w, "page-key-here")),
                (key(GRID), say!(w, "page-key-reached")),
            ],
            stages: stages(it, w),
            months_figure: Figure::of(|width| months.draw(width)),
            months: months_table(it, w),
            risks_figure: Figure::beside(|width| risks.draw(width)),
            risks: risks_table(it, w),
        }
    }
}

/// Families that stand at a stage.
fn at(it: &Figures, stage: Stage) -> u32 {
    it.stages.iter().find(|(of, _)| *of == stage).map_or(0, |(_, families)| *families)
}

fn stage(it: Stage, w: Words) -> String {
    capital(&w.code("Stage", it.code()))
}

fn funnel(it: &Figures, w: Words) -> Bars {
    let bar = |label: String, value: u32, part: u32| Bar {
        label,
        value: Some(value),
        part: Some(part),
        said: value.to_string(),
        color: BLUE,
    };
    let open = OPEN.iter().map(|of| bar(stage(*of, w), it.reached(*of), at(it, *of)));
    let closed = it.reached(Stage::ClosedGoalsMet);
    let all_closed = bar(say!(w, "page-programme-closed"), closed, closed);
    let outcomes = CLOSED.iter().map(|of| bar(stage(*of, w), at(it, *of), at(it, *of)));
    let way = Group { head: String::new(), bars: open.chain([all_closed]).collect() };
    let ends = Group { head: say!(w, "page-programme-closed-as"), bars: outcomes.collect() };
    let name = say!(w, "page-programme-funnel-chart");
    Bars { name, groups: vec![way, ends], own_scales: false }
}

fn stages(it: &Figures, w: Words) -> Table {
    let labels = heads!(w, "head-stage", "head-families", "head-reached");
    let row = |(of, families): &(Stage, u32)| {
        (stage(*of, w), vec![families.to_string(), it.reached(*of).to_string()])
    };
    Table::new(labels, it.stages.iter().map(row).collect())
}

/// A number of minutes in whole hours.
fn hours(minutes: u64, w: Words) -> String {
    w.duration(i64::try_from(minutes.saturating_add(30) / 60 * 60).unwrap_or(i64::MAX))
}

fn months_chart(it: &Figures, w: Words) -> Columns {
    let row = |what: String, of: &dyn Fn(&MonthFigures) -> u32, say: &dyn Fn(u64) -> String| {
        let values: Vec<u64> = it.months.iter().map(|it| u64::from(of(it))).collect();
        let most = say(values.iter().copied().max().unwrap_or_default());
        Row {
            label: say!(w, "page-programme-most", what = what, most = most),
            last: say(values.last().copied().unwrap_or_default()),
            values,
        }
    };
    let number = |it: u64| it.to_string();
    let time = |it: u64| hours(it, w);
    Columns {
        name: say!(w, "page-programme-months-chart"),
        heads: it.months.iter().map(|it| it.month.strftime("%Y-%m").to_string()).collect(),
        rows: vec![
            row(say!(w, "head-active-families"), &|it| it.active, &number),
            row(say!(w, "head-contacts"), &|it| it.contacts.sum, &number),
            row(say!(w, "head-contact-time"), &|it| it.contact_minutes.sum, &time),
            row(say!(w, "head-sessions"), &|it| it.sessions.sum, &number),
            row(say!(w, "head-session-time"), &|it| it.session_minutes.sum, &time),
        ],
        own_scales: true,
    }
}

/// The newest month first.
fn months_table(it: &Figures, w: Words) -> Table {
    let labels = heads!(
        w,
        "head-month",
        "head-active-families",
        "head-contacts",
        "head-contact-time",
        "head-sessions",
        "head-session-time",
    );
    let row = |it: &MonthFigures| {
        let numbers = vec![
            it.active.to_string(),
            it.contacts.sum.to_string(),
            w.duration(it.contact_minutes.sum.into()),
            it.sessions.sum.to_string(),
            w.duration(it.session_minutes.sum.into()),
        ];
        (it.month.strftime("%Y-%m").to_string(), numbers)
    };
    let table = Table::new(labels, it.months.iter().rev().map(row).collect());
    Table { by_month: true, ..table }
}

fn area(it: &RiskFigures, w: Words) -> String {
    capital(&w.of("RiskArea", &it.area))
}

fn risks_chart(it: &Figures, w: Words) -> Bars {
    let group = |it: &RiskFigures| {
        let bar = |label: String, persons: u32, color: RGBColor| Bar {
            label,
            value: Some(persons),
            part: None,
            said: persons.to_string(),
            color,
        };
        let count = i64::from(it.paired());
        Group {
            head: say!(w, "page-programme-area", area = area(it, w), count = count),
            bars: vec![
                bar(say!(w, "head-better"), it.better.persons, GREEN),
                bar(say!(w, "head-same"), it.same.persons, GREY),
                bar(say!(w, "head-worse"), it.worse.persons, RED),
            ],
        }
    };
    let name = say!(w, "page-programme-risks-chart");
    Bars { name, groups: it.risks.iter().map(group).collect(), own_scales: false }
}

fn risks_table(it: &Figures, w: Words) -> Table {
    let labels = heads!(
        w,
        "head-area",
        "head-paired",
        "head-better",
        "head-same",
        "head-worse",
        "head-once",
        "head-stale",
    );
    let row = |it: &RiskFigures| {
        let of = [it.better, it.same, it.worse, it.judged_once, it.out_of_date];
        let numbers = std::iter::once(it.paired()).chain(of.map(|it| it.persons));
        (area(it, w), numbers.map(|it| it.to_string()).collect())
    };
    Table::new(labels, it.risks.iter().map(row).collect())
}
