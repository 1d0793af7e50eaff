//! Days along a chart: where each stands, and which are named.

use fokus_words::Words;
use jiff::ToSpan;
use jiff::civil::Date;

use super::{Area, Drawn, FAINT, GRID, Held, line, width_of, write};

/// Days from left to right.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Days {
    first: Date,
    last: Date,
    left: i32,
    right: i32,
}

/// Months between two named days, the fewest that leave room.
const STEPS: [i32; 8] = [1, 2, 3, 6, 12, 24, 60, 120];
/// Room between two names, in pixels.
const GAP: i32 = 14;

impl Days {
    /// From one day to another, both shown, between two pixels.
    pub(crate) fn new(first: Date, last: Date, left: i32, right: i32) -> Days {
        // One day alone would have no width.
        let last = last.max(first.checked_add(1.day()).unwrap_or(first));
        Days { first, last, left, right }
    }

    /// Where a day stands; days outside stand at the nearer end.
    pub(crate) fn at(&self, day: Date) -> i32 {
        let days = |from: Date, to: Date| {
            i64::from(from.until(to).map(|it| it.get_days()).unwrap_or_default())
        };
        let whole = days(self.first, self.last).max(1);
        let part = days(self.first, day).clamp(0, whole);
        let width = i64::from(self.right - self.left);
        self.left + i32::try_from(part * width / whole).unwrap_or_default()
    }

    /// Whether the day is shown.
    pub(crate) fn shows(&self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }

    /// The days that are named: firsts of months, none so near to another that their names would touch.
    fn named(&self) -> Vec<(Date, String)> {
        let room = width_of("2020-06") + GAP;
        let firsts = |step: i32| -> Vec<Date> {
            let month = i32::from(self.first.month()) - 1;
            let begin = month - month.rem_euclid(step.min(12));
            let year = self.first.first_of_year();
            let begin = year.checked_add(begin.months()).unwrap_or(self.first);
            let firsts = begin.series(step.months());
            firsts.skip_while(|it| *it < self.first).take_while(|it| *it <= self.last).collect()
        };
        let fits = |days: &[Date]| {
            days.windows(2).all(|it| match it {
                [one, other] => self.at(*other) - self.at(*one) >= room,
                _ => true,
            })
        };
        let days = STEPS.into_iter().map(firsts).find(|it| fits(it)).unwrap_or_default();
        days.into_iter().map(|it| (it, it.strftime("%Y-%m").to_string())).collect()
    }

    /// Draws the named days as lines between two heights, their names below.
    pub(crate) fn draw(&self, area: &Area<'_>, top: i32, bottom: i32, _w: Words) -> Drawn {
        let half = width_of("2020-06") / 2;
        for (day, name) in self.named() {
            let x = self.at(day);
            line(area, [(x, top), (x, bottom)], GRID, 1)?;
            // A name at an end would stand half outside.
            if x - half >= 0 && x + half <= self.right + 10 {
                write(area, &name, (x, bottom + 12), Held::Middle, FAINT)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_stand_in_proportion_and_at_the_ends() {
        let days = Days::new(date(2020, 1, 1), date(2020, 12, 31), 100, 465);
        assert_eq!(days.at(date(2020, 1, 1)), 100);
        assert_eq!(days.at(date(2020, 12, 31)), 465);
        assert_eq!(days.at(date(2019, 1, 1)), 100, "before: at the end");
        assert_eq!(days.at(date(2021, 1, 1)), 465);
        assert_eq!(days.at(date(2020, 7, 1)), 282);
    }

    #[test]
    fn names_of_days_never_touch() {
        for (first, last) in [
            (date(2020, 12, 1), date(2020, 12, 2)),
            (date(2020, 1, 15), date(2020, 12, 15)),
            (date(2018, 8, 1), date(2020, 12, 15)),
            (date(1990, 5, 5), date(2020, 12, 15)),
        ] {
            for (left, right) in [(150, 1090), (10, 320)] {
                let days = Days::new(first, last, left, right);
                let named = days.named();
                let at: Vec<i32> = named.iter().map(|(it, _)| days.at(*it)).collect();
                let room = width_of("2020-06");
                assert!(at.windows(2).all(|it| it[1] - it[0] > room), "{first} {last}: {at:?}");
                assert!(named.len() <= 15);
            }
        }
    }
}
