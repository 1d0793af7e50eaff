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

/// A calendar quarter. In JSON and on the wire `2019-Q3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quarter {
    year: i16,
    quarter: i8,
}

impl Quarter {
    /// Of the years 1900 to 9998, 1 to 4; `None` else.
    pub fn new(year: i16, quarter: i8) -> Option<Quarter> {
        let it = Quarter { year, quarter };
        ((1900..=9998).contains(&year) && (1..=4).contains(&quarter)).then_some(it)
    }

    /// The quarter that the day lies in.
    pub fn of(day: Date) -> Option<Quarter> {
        Quarter::new(day.year(), (day.month() - 1) / 3 + 1)
    }

    /// The first days of its three months.
    pub fn months(self) -> [Date; 3] {
        let month = |n: i8| Date::new(self.year, self.quarter * 3 - 2 + n, 1).unwrap_or(Date::MAX);
        [month(0), month(1), month(2)]
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        let [_, _, last] = self.months();
        last.last_of_month()
    }
}

impl std::fmt::Display for Quarter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-Q{}", self.year, self.quarter)
    }
}

/// A text that is no quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a quarter is written like 2019-Q3")]
pub struct NoQuarter;

impl std::str::FromStr for Quarter {
    type Err = NoQuarter;

    fn from_str(text: &str) -> Result<Self, NoQuarter> {
        let (year, quarter) = text.split_once("-Q").ok_or(NoQuarter)?;
        let digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
        if year.len() != 4 || quarter.len() != 1 || !digits(year) || !digits(quarter) {
            return Err(NoQuarter);
        }
        let (year, quarter) = (year.parse(), quarter.parse());
        match (year, quarter) {
            (Ok(year), Ok(quarter)) => Quarter::new(year, quarter).ok_or(NoQuarter),
            (_, _) => Err(NoQuarter),
        }
    }
}

impl TryFrom<String> for Quarter {
    type Error = NoQuarter;

    fn try_from(text: String) -> Result<Self, NoQuarter> {
        text.parse()
    }
}

impl From<Quarter> for String {
    fn from(it: Quarter) -> Self {
        it.to_string()
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

    #[test]
    fn quarters_are_read_and_written() {
        let third: Quarter = "2019-Q3".parse().unwrap();
        assert_eq!(third.to_string(), "2019-Q3");
        assert_eq!(third.months(), [date(2019, 7, 1), date(2019, 8, 1), date(2019, 9, 1)]);
        assert_eq!(third.last_day(), date(2019, 9, 30));
        assert_eq!(Quarter::of(date(2019, 9, 30)), Some(third));
        assert_eq!(Quarter::of(date(2020, 2, 29)).unwrap().last_day(), date(2020, 3, 31));
        for text in
            ["", "2019", "2019-Q0", "2019-Q5", "2019-Q10", "19-Q1", "2019-q1", "+019-Q1", "0000-Q1"]
        {
            assert_eq!(text.parse::<Quarter>(), Err(NoQuarter), "{text}");
        }
    }
}
