//! What happened, in swim lanes: one for each person, for the family, and for each agency; above them the
//! phases of the case.

use fokus_words::Words;
use jiff::civil::Date;
use plotters::element::{Circle, Polygon};
use plotters::style::Color as _;

use super::scale::Days;
use super::*;

/// What a mark stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Contact,
    Assessment,
    Intervention,
    Case,
    Note,
    Incident,
}

/// One entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) day: Date,
    pub(crate) kind: Kind,
    pub(crate) corrected: bool,
}

/// What lasts, from a day until another, or until further notice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bar {
    pub(crate) from: Date,
    pub(crate) until: Option<Date>,
}

/// One lane.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lane {
    pub(crate) label: String,
    pub(crate) marks: Vec<Mark>,
    pub(crate) bars: Vec<Bar>,
}

/// Everything that is drawn.
#[derive(Debug, Clone)]
pub(crate) struct Lanes {
    pub(crate) name: String,
    pub(crate) first: Date,
    pub(crate) last: Date,
    /// Phases of the case from their days on, in order.
    pub(crate) phases: Vec<(Date, String)>,
    pub(crate) lanes: Vec<Lane>,
}

/// The height of a lane, and of what stands above and below all of them.
const LANE: i32 = 44;
const PHASES: i32 = 26;
const AXIS: i32 = 26;
/// The room for labels beside the lanes; on a telephone they stand inside.
const LABELS: i32 = 190;

impl Lanes {
    /// The drawing, in a width.
    pub(crate) fn draw(&self, width: i32, w: Words) -> String {
        let beside = width >= 600;
        let left = if beside { LABELS } else { 4 };
        let lane = if beside { LANE } else { LANE + 16 };
        let count = i32::try_from(self.lanes.len()).unwrap_or_default();
        let bottom = PHASES + lane * count;
        let days = Days::new(self.first, self.last, left + 8, width - 12);
        svg((width, bottom + AXIS), &self.name, |area| {
            for (index, it) in self.lanes.iter().enumerate() {
                let top = PHASES + lane * i32::try_from(index).unwrap_or_default();
                if index % 2 == 0 {
                    fill(area, [(0, top), (width, top + lane)], SHADE)?;
                }
                let label_at = if beside { top + lane / 2 } else { top + 11 };
                let room = if beside { LABELS - 12 } else { width - 16 };
                write(area, &fitting(&it.label, room), (6, label_at), Held::Left, INK)?;
            }
            days.draw(area, PHASES, bottom, w)?;
            self.draw_phases(area, &days, width)?;
            for (index, it) in self.lanes.iter().enumerate() {
                let top = PHASES + lane * i32::try_from(index).unwrap_or_default();
                let middle = if beside { top + lane / 2 } else { top + lane - 22 };
                draw_lane(area, it, &days, middle)?;
            }
            Ok(())
        })
    }

    fn draw_phases(&self, area: &Area<'_>, days: &Days, width: i32) -> Drawn {
        let ends = self.phases.iter().skip(1).map(|it| days.at(it.0)).chain([width - 12]);
        for ((from, label), end) in self.phases.iter().zip(ends) {
            let x = days.at(*from);
            if days.shows(*from) {
                line(area, [(x, 4), (x, PHASES - 2)], GREY, 2)?;
            }
            let room = end - x - 12;
            if room >= width_of(label) {
                write(area, label, (x + 6, PHASES / 2), Held::Left, FAINT)?;
            }
        }
        Ok(())
    }
}

fn draw_lane(area: &Area<'_>, lane: &Lane, days: &Days, middle: i32) -> Drawn {
    for bar in &lane.bars {
        let until = bar.until.unwrap_or(Date::MAX);
        let (from, to) = (days.at(bar.from), days.at(until).max(days.at(bar.from) + 3));
        fill(area, [(from, middle + 11), (to, middle + 16)], PURPLE)?;
    }
    for mark in lane.marks.iter().filter(|it| days.shows(it.day)) {
        draw_mark(area, *mark, (days.at(mark.day), middle))?;
    }
    Ok(())
}

/// Shape and colour say the same, so that either is enough.
pub(crate) fn draw_mark(area: &Area<'_>, mark: Mark, (x, y): (i32, i32)) -> Drawn {
    match mark.kind {
        Kind::Contact => area.draw(&Circle::new((x, y), 4, BLUE.filled()))?,
        Kind::Assessment => {
            let corners = vec![(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)];
            area.draw(&Polygon::new(corners, GREEN.filled()))?;
        }
        Kind::Intervention => fill(area, [(x - 4, y - 4), (x + 4, y + 4)], PURPLE)?,
        Kind::Case => line(area, [(x, y - 8), (x, y + 8)], GREY, 2)?,
        Kind::Note => area.draw(&Circle::new((x, y), 3, BLUE.stroke_width(1)))?,
        Kind::Incident => {
            let corners = vec![(x, y - 6), (x + 6, y + 5), (x - 6, y + 5)];
            area.draw(&Polygon::new(corners, RED.filled()))?;
        }
    }
    if mark.corrected {
        area.draw(&Circle::new((x, y), 8, AMBER.stroke_width(2)))?;
    }
    Ok(())
}

/// A mark by itself, for the key beside the chart.
pub(crate) fn key(kind: Kind, corrected: bool) -> String {
    let mark = Mark { day: Date::ZERO, kind, corrected };
    let text = svg((20, 20), "", |area| draw_mark(area, mark, (10, 10)));
    // It stands beside its word: to those who do not see it, it is nothing.
    text.replace("role=\"img\" aria-label=\"\"", "aria-hidden=\"true\"")
}
