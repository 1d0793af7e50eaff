//! What was released of a programme: one quarter with its tables, hidden numbers shown as hidden, and the
//! ways to the others.

use std::collections::BTreeMap;

use fokus_app::failure::Failure;
use fokus_app::query::OutcomesQuery;
use fokus_app::session::Access;
use fokus_core::codes::StatisticTable;
use fokus_core::ids::ProgrammeId;
use fokus_core::period::Quarter;
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::views::outcomes::{OutcomeRow, OutcomeTable};
use fokus_words::labels::plain;
use fokus_words::released::{HIDDEN, Layout, Place, layout};
use fokus_words::{Words, capital, say};

use crate::charts::bars::{Bar, Bars, Group};
use crate::charts::{BLUE, Figure, GREEN, GREY, RED, RGBColor};
use crate::pages::{Link, Visit, id};

/// One release.
pub(super) struct Released {
    /// None with a single programme.
    pub(super) programmes: Vec<Link>,
    pub(super) quarters: Vec<Link>,
    /// Programme, quarter and day in a line.
    pub(super) line: String,
    pub(super) withdrawn: bool,
    /// An earlier release of this quarter was withdrawn.
    pub(super) anew: bool,
    /// What a hidden number is.
    pub(super) legend: String,
    pub(super) tables: Vec<Shown>,
}

/// One table beside its chart.
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) head: String,
    /// None where every number is hidden: there would be nothing to see.
    pub(super) figure: Option<Figure>,
    pub(super) heads: Vec<String>,
    pub(super) lines: Vec<Line>,
    /// A row for each month.
    pub(super) by_month: bool,
}

/// A row of a table.
pub(super) struct Line {
    pub(super) head: String,
    pub(super) places: Vec<Cell>,
    pub(super) is_total: bool,
}

/// A place of a table.
pub(super) struct Cell {
    pub(super) said: String,
    pub(super) hidden: bool,
}

/// The release that the address asks for: the newest that stands where it asks for none; `None` where
/// nothing was released at all.
pub(super) async fn read(
    visit: &Visit,
    access: &Access,
    releases: &[OutcomeRow],
) -> Result<Option<Released>, Failure> {
    let asked = visit.asked("programme");
    let programme_id = match (asked.is_empty(), releases.last()) {
        (false, _) => ProgrammeId(id(asked)?),
        (true, Some(last)) => last.programme_id,
        (true, None) if visit.asked("quarter").is_empty() => return Ok(None),
        (true, None) => {
            let rule = "nothing was released";
            return Err(Rejection::new(Reason::UnknownId, rule).at("quarter").into());
        }
    };
    let mut of_programme = releases.iter().filter(|it| it.programme_id == programme_id);
    let quarter = match visit.asked("quarter") {
        // Where everything was withdrawn, the newest of that.
        "" if !of_programme.clone().any(|it| !it.withdrawn) => {
            of_programme.by_ref().map(|it| it.quarter).max()
        }
        "" => None,
        text => Some(of_text(text)?),
    };
    let query = OutcomesQuery { programme_id, quarter, min_position: visit.min_position };
    let release = visit.read_for(access, query).await?.release;
    Ok(Some(shown(&release, releases, visit.w)))
}

fn of_text(text: &str) -> Result<Quarter, Rejection> {
    let rule = "a quarter is written like 2019-Q3";
    text.parse().map_err(|_| Rejection::new(Reason::FieldInvalid, rule).at("quarter"))
}

fn shown(release: &OutcomeRow, releases: &[OutcomeRow], w: Words) -> Released {
    let (programme, quarter) = (plain(&release.programme), release.quarter.to_string());
    let line = say!(
        w,
        "outcomes-of",
        programme = programme,
        quarter = quarter,
        on = w.civil(release.released_on)
    );
    let before = |it: &OutcomeRow| {
        it.programme_id == release.programme_id
            && it.quarter == release.quarter
            && it.withdrawn
            && it.revision < release.revision
    };
    Released {
        programmes: programmes(release, releases),
        quarters: quarters(release, releases, w),
        line,
        withdrawn: release.withdrawn,
        anew: !release.withdrawn && releases.iter().any(before),
        legend: say!(w, "outcomes-hidden", count = i64::from(release.threshold)),
        tables: release.tables.iter().map(|it| table(it, w)).collect(),
    }
}

fn programmes(release: &OutcomeRow, releases: &[OutcomeRow]) -> Vec<Link> {
    let named = releases.iter().map(|it| (it.programme_id, &it.programme));
    let named: BTreeMap<ProgrammeId, &String> = named.collect();
    if named.len() < 2 {
        return Vec::new();
    }
    let link = |(id, name): (ProgrammeId, &String)| Link {
        href: format!("/programme?programme={id}#released"),
        label: plain(name),
        here: id == release.programme_id,
    };
    named.into_iter().map(link).collect()
}

/// The newest first, each once; one of which nothing stands says so.
fn quarters(release: &OutcomeRow, releases: &[OutcomeRow], w: Words) -> Vec<Link> {
    let programme = release.programme_id;
    let mut quarters: BTreeMap<Quarter, bool> = BTreeMap::new();
    for it in releases.iter().filter(|it| it.programme_id == programme) {
        *quarters.entry(it.quarter).or_default() |= !it.withdrawn;
    }
    let link = |(quarter, stands): (Quarter, bool)| {
        let quarter_words = quarter.to_string();
        let label = if stands {
            quarter_words
        } else {
            say!(w, "outcomes-other-withdrawn", quarter = quarter_words)
        };
        Link {
            href: format!("/programme?programme={programme}&quarter={quarter}#released"),
            label,
            here: quarter == release.quarter,
        }
    };
    quarters.into_iter().rev().map(link).collect()
}

fn table(it: &OutcomeTable, w: Words) -> Shown {
    let place = |row: usize, column: usize| {
        let wanted = (u32::try_from(row).ok(), u32::try_from(column).ok());
        let found = it.cells.iter().find(|it| (Some(it.row), Some(it.column)) == wanted);
        match found.map(|it| it.count) {
            Some(Some(count)) => Place::Number(count),
            Some(None) => Place::Hidden,
            None => Place::Empty,
        }
    };
    let code = w.of("StatisticTable", &it.table);
    let laid = layout(&it.rows, &it.columns, place, w);
    let chart = chart(it.table, &laid, say!(w, "page-released-chart", table = capital(&code)), w);
    let cell = |it: &Place| Cell { said: it.said(), hidden: *it == Place::Hidden };
    let line = |it: &fokus_words::released::Line| Line {
        head: it.head.clone(),
        places: it.places.iter().map(cell).collect(),
        is_total: it.is_total,
    };
    let places = || laid.lines.iter().flat_map(|it| &it.places);
    let shows = places().any(|it| matches!(it, Place::Number(_)));
    let code_name = serde_json::to_value(it.table).unwrap_or_default();
    Shown {
        id: format!("table-{}", code_name.as_str().unwrap_or_default()),
        head: capital(&code),
        figure: shows.then(|| Figure::beside(|width| chart.draw(width))),
        heads: laid.heads.clone(),
        lines: laid.lines.iter().map(line).collect(),
        by_month: it.table == StatisticTable::Activity,
    }
}

/// A group of bars for each row, or for each column where columns count different things.
fn chart(table: StatisticTable, laid: &Layout, name: String, w: Words) -> Bars {
    let columns = laid.heads.len() - usize::from(laid.ends_in_totals && laid.heads.len() > 1);
    let lines = || laid.lines.iter().filter(|it| !it.is_total);
    let bar = |label: &str, place: Place, color: RGBColor| Bar {
        label: label.to_owned(),
        value: match place {
            Place::Number(it) => Some(it),
            Place::Hidden | Place::Empty => None,
        },
        part: None,
        said: match place {
            Place::Hidden => format!("{HIDDEN} {}", say!(w, "page-hidden")),
            Place::Number(_) | Place::Empty => place.said(),
        },
        color,
    };
    let at = |line: &fokus_words::released::Line, column: usize| {
        line.places.get(column).copied().unwrap_or(Place::Empty)
    };
    let groups: Vec<Group> = match table {
        StatisticTable::Standing => {
            let bars = lines().map(|it| bar(&it.head, at(it, 0), BLUE));
            vec![Group { head: String::new(), bars: bars.collect() }]
        }
        StatisticTable::RiskChange => {
            let colors = [GREEN, GREY, RED];
            let group = |line: &fokus_words::released::Line| {
                let heads = laid.heads.iter().take(columns).enumerate().zip(colors);
                let bars = heads.map(|((column, head), color)| bar(head, at(line, column), color));
                Group { head: line.head.clone(), bars: bars.collect() }
            };
            lines().map(group).collect()
        }
        StatisticTable::Activity => {
            let group = |(column, head): (usize, &String)| {
                let bars = lines().map(|it| bar(&it.head, at(it, column), BLUE));
                Group { head: head.clone(), bars: bars.collect() }
            };
            laid.heads.iter().take(columns).enumerate().map(group).collect()
        }
    };
    Bars { name, groups, own_scales: table == StatisticTable::Activity }
}
