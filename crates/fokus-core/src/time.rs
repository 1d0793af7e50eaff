//! Times. Instants are Unix milliseconds in UTC; civil dates have no zone; days begin at midnight in
//! Europe/Copenhagen.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::codes::Precision;

/// When something happened in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Occurred {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// The local clock's distance from UTC then, in minutes.
    pub offset_min: i16,
    pub precision: Precision,
}

/// The time zone of every day boundary. Looked up once: folds ask for it with every event.
fn copenhagen() -> &'static TimeZone {
    static ZONE: LazyLock<TimeZone> = LazyLock::new(|| {
        // The zone is bundled with the library; UTC stands in only if the bundle lacked it, and a
        // test says that it does not.
        TimeZone::get("Europe/Copenhagen").unwrap_or(TimeZone::UTC)
    });
    &ZONE
}

/// Local midnight at the beginning of `date`, in Unix milliseconds.
pub fn day_start_ms(date: Date) -> i64 {
    date.to_zoned(copenhagen().clone()).map_or(0, |it| it.timestamp().as_millisecond())
}

/// The last millisecond of `date`, in Unix milliseconds.
pub fn day_end_ms(date: Date) -> i64 {
    date.tomorrow().map_or(i64::MAX, |it| day_start_ms(it) - 1)
}

/// The local date of an instant. Instants outside the calendar's range give its nearest end.
pub fn local_date(at_ms: i64) -> Date {
    match jiff::Timestamp::from_millisecond(at_ms) {
        Ok(it) => it.to_zoned(copenhagen().clone()).date(),
        Err(_) if at_ms < 0 => Date::MIN,
        Err(_) => Date::MAX,
    }
}

/// The local clock's distance from UTC at an instant, in minutes.
pub fn local_offset_min(at_ms: i64) -> i16 {
    let offset = jiff::Timestamp::from_millisecond(at_ms)
        .map_or(0, |it| copenhagen().to_offset(it).seconds() / 60);
    i16::try_from(offset).unwrap_or_default()
}

impl Occurred {
    /// The instant that folds and clocks order by: with DAY precision local midnight, with MONTH
    /// precision local midnight of the month's first day.
    pub fn effective_ms(&self) -> i64 {
        match self.precision {
            Precision::Exact | Precision::UnknownEstimated => self.at_ms,
            Precision::Day => day_start_ms(local_date(self.at_ms)),
            Precision::Month => day_start_ms(local_date(self.at_ms).first_of_month()),
        }
    }

    /// The local date.
    pub fn date(&self) -> Date {
        local_date(self.at_ms)
    }
}

/// Completed years on `on` of somebody born on `born`; 0 before the first birthday.
pub fn age_years(born: Date, on: Date) -> i16 {
    let before_birthday = (on.month(), on.day()) < (born.month(), born.day());
    (on.year() - born.year() - i16::from(before_birthday)).max(0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_bundle_holds_copenhagen() {
        assert_eq!(day_start_ms(date(2019, 7, 1)), 1_561_932_000_000, "summer: two hours ahead");
        assert_eq!(day_start_ms(date(2019, 1, 1)), 1_546_297_200_000, "winter: one hour ahead");
    }

    #[test]
    fn a_day_of_the_clock_change_is_an_hour_shorter_or_longer() {
        let hours = |it| (day_end_ms(it) + 1 - day_start_ms(it)) / 3_600_000;
        assert_eq!(
            [date(2019, 3, 31), date(2019, 10, 27), date(2019, 5, 1)].map(hours),
            [23, 25, 24]
        );
    }

    #[test]
    fn age_counts_completed_years() {
        let born = date(2004, 2, 29);
        assert_eq!(age_years(born, date(2019, 2, 28)), 14);
        assert_eq!(age_years(born, date(2019, 3, 1)), 15);
    }
}
