//! One person's risks as steps: a band for each area, four levels high. Never summed, and nothing is drawn
//! where no judgement stands.

use fokus_core::codes::RiskLevel;
use fokus_words::Words;
use jiff::civil::Date;
use plotters::element::Circle;
use plotters::style::Color as _;

use super::scale::Days;
use super::*;

/// One judgement while it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) from: Date,
    /// The last day.
    pub(crate) until: Date,
    pub(crate) level: RiskLevel,
}

/// One area.
#[derive(Debug, Clone)]
pub(crate) struct Band {
    pub(crate) label: String,
    pub(crate) steps: Vec<Step>,
    /// The newest judgement is out of date: from which day, and the words for it.
    pub(crate) stale: Option<(Date, String)>,
}

/// Everything that is drawn.
#[derive(Debug, Clone)]
pub(crate) struct Risks {
    pub(crate) name: String,
    pub(crate) first: Date,
    pub(crate) last: Date,
    /// Low to acute, in words.
    pub(crate) levels: [String; 4],
    pub(crate) bands: Vec<Band>,
}

/// The height of a level, of a band's head, and of what stands below all bands.
const LEVEL: i32 = 18;
const HEAD: i32 = 26;
const AXIS: i32 = 26;
const BAND: i32 = HEAD + LEVEL * 4 + 8;

impl Risks {
    /// The drawing, in a width.
    pub(crate) fn draw(&self, width: i32, w: Words) -> String {
        let count = i32::try_from(self.bands.len()).unwrap_or_default();
        let bottom = BAND * count;
        let names = self.levels.iter().map(|it| width_of(it)).max().unwrap_or_default();
        let left = names + 14;
        let days = Days::new(self.first, self.last, left, width - 12);
        svg((width, bottom + AXIS), &self.name, |area| {
            days.draw(area, 0, bottom, w)?;
            for (index, band) in self.bands.iter().enumerate() {
                let top = BAND * i32::try_from(index).unwrap_or_default();
                self.draw_band(area, band, &days, top, (left, width))?;
            }
            Ok(())
        })
    }

    fn draw_band(
        &self,
        area: &Area<'_>,
        band: &Band,
        days: &Days,
        top: i32,
        (left, width): (i32, i32),
    ) -> Drawn {
        fill(area, [(0, top), (width, top + HEAD - 4)], SHADE)?;
        let stale = band.stale.as_ref().map(|(_, words)| words.as_str()).unwrap_or_default();
        let room = width - 24 - width_of(stale);
        write(area, &fitting(&band.label, room), (6, top + 11), Held::Left, INK)?;
        write(area, stale, (width - 10, top + 11), Held::Right, RED)?;
        let height = |level: i32| top + HEAD + LEVEL * (3 - level) + LEVEL / 2;
        for (level, name) in (0..4).zip(&self.levels) {
            let y = height(level);
            write(area, name, (left - 8, y), Held::Right, FAINT)?;
            line(area, [(left, y), (width - 12, y)], GRID, 1)?;
        }
        let mut before: Option<(i32, i32)> = None;
        for step in &band.steps {
            let y = height(rank(step.level));
            let (from, until) = (days.at(step.from), days.at(step.until));
            // Contiguous judgements are joined; a gap stays a gap.
            if let Some((x, at)) = before.filter(|(x, _)| from - x <= 4) {
                line(area, [(x, at), (x, y)], INK, 3)?;
            }
            line(area, [(from, y), (until.max(from + 2), y)], INK, 3)?;
            area.draw(&Circle::new((from, y), 4, INK.filled()))?;
            before = Some((until, y));
        }
        if let (Some((day, _)), Some((_, y))) = (&band.stale, before) {
            let (x, end) = (days.at(*day), width - 12);
            for dash in (0..).map(|it| x + it * 10).take_while(|it| *it + 5 < end) {
                line(area, [(dash, y), (dash + 5, y)], RED, 2)?;
            }
        }
        Ok(())
    }
}

fn rank(level: RiskLevel) -> i32 {
    match level {
        RiskLevel::Low => 0,
        RiskLevel::Moderate => 1,
        RiskLevel::High => 2,
        RiskLevel::Acute => 3,
    }
}
