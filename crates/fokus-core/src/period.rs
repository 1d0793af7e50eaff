//! Stretches of days with a last day: roles, interests, relationships, a family's network.
//!
//! Memberships are not among them: the day of leaving is no day of membership (see
//! [`crate::family::pairing`]).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// From a day on, until and with the last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub from: Date,
    /// `None` = until further notice.
    pub to: Option<Date>,
}

impl Period {
    /// Whether the day is one of it.
    pub fn contains(&self, day: Date) -> bool {
        self.overlaps(day, Some(day))
    }

    /// Whether the two share a day; `None` as an end is never.
    pub fn overlaps(&self, from: Date, to: Option<Date>) -> bool {
        self.to.is_none_or(|end| from <= end) && to.is_none_or(|end| self.from <= end)
    }

    /// The period, cut short by the first of the last days that do not lie before its beginning.
    #[must_use]
    pub fn ended_by(self, last_days: impl IntoIterator<Item = Date>) -> Self {
        let first = last_days.into_iter().filter(|it| self.from <= *it).min();
        Period { to: self.to.into_iter().chain(first).min(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn an_end_ends_what_began_before_it_and_nothing_later() {
        let day = |it| date(2019, 5, it);
        let open = |from| Period { from: day(from), to: None };
        let ended = |it: Period, ends: &[i8]| it.ended_by(ends.iter().map(|it| day(*it))).to;
        assert_eq!(ended(open(1), &[]), None);
        assert_eq!(ended(open(1), &[9, 5]), Some(day(5)));
        assert_eq!(ended(open(6), &[5]), None);
        assert_eq!(ended(open(5), &[5]), Some(day(5)), "a single day");
        assert_eq!(ended(Period { to: Some(day(3)), ..open(1) }, &[5]), Some(day(3)));
    }

    #[test]
    fn the_last_day_belongs_to_it() {
        let it = Period { from: date(2019, 5, 1), to: Some(date(2019, 5, 3)) };
        let days = [date(2019, 4, 30), date(2019, 5, 1), date(2019, 5, 3), date(2019, 5, 4)];
        assert_eq!(days.map(|day| it.contains(day)), [false, true, true, false]);
    }
}
