//! Days, times and amounts as people say them. Times are local, Europe/Copenhagen.

use fokus_core::codes::Precision;
use fokus_core::time::Occurred;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::labels::plain;
use crate::{Words, capital, say};

/// Where the families live.
const ZONE: &str = "Europe/Copenhagen";

impl Words {
    /// A day as the wire writes it, `2019-05-03`: so in English, `3. maj 2019` in Danish.
    pub fn date(self, iso: &str) -> String {
        match iso.parse::<Date>() {
            Ok(date) => self.civil(date),
            Err(_) => plain(iso),
        }
    }

    /// A day.
    pub fn civil(self, date: Date) -> String {
        say!(
            self,
            "date",
            iso = date.to_string(),
            day = date.day().to_string(),
            month = i64::from(date.month()),
            year = date.year().to_string()
        )
    }

    /// The local day of an instant, Unix milliseconds.
    pub fn day_of(self, at: i64) -> String {
        local(at).map_or_else(unreadable, |it| self.civil(it.date()))
    }

    /// An instant, Unix milliseconds, to the minute; midnight says that only the day is known.
    pub fn instant(self, at: i64) -> String {
        local(at).map_or_else(unreadable, |it| {
            if it.time() == jiff::civil::Time::midnight() {
                return self.civil(it.date());
            }
            let clock = |number: i8| format!("{number:02}");
            let (hour, minute) = (clock(it.hour()), clock(it.minute()));
            say!(self, "time", date = self.civil(it.date()), hour = hour, minute = minute)
        })
    }

    /// When something happened, as exactly as it is known.
    pub fn happened(self, at: &Occurred) -> String {
        match at.precision {
            Precision::Exact => self.instant(at.at_ms),
            Precision::Day => self.day_of(at.at_ms),
            Precision::Month => local(at.at_ms).map_or_else(unreadable, |it| {
                say!(
                    self,
                    "date-month",
                    iso = it.strftime("%Y-%m").to_string(),
                    month = i64::from(it.month()),
                    year = it.year().to_string()
                )
            }),
            Precision::UnknownEstimated => {
                say!(self, "date-about", date = self.day_of(at.at_ms))
            }
        }
    }

    /// The month of an instant, Unix milliseconds, as a head of what happened in it.
    pub fn month_of(self, at: i64) -> String {
        local(at).map_or_else(unreadable, |it| {
            let (month, year) = (i64::from(it.month()), it.year().to_string());
            capital(&say!(self, "month-head", month = month, year = year))
        })
    }

    /// Minutes as hours and minutes.
    pub fn duration(self, minutes: i64) -> String {
        match (minutes / 60, minutes % 60) {
            (0, minutes) => say!(self, "minutes", minutes = minutes),
            (hours, 0) => say!(self, "hours", hours = hours),
            (hours, minutes) => say!(self, "hours-minutes", hours = hours, minutes = minutes),
        }
    }

    /// Hundredths as a decimal number with one or two places as needed.
    pub fn hundredths(self, hundredths: i64) -> String {
        // Zero has no sign of its own.
        let sign = if hundredths < 0 { "-" } else { "" };
        let (whole, rest) = ((hundredths / 100).abs(), (hundredths % 100).abs());
        let whole = format!("{sign}{whole}");
        match (rest, rest % 10) {
            (0, _) => whole,
            (_, 0) => self.decimal(whole, (rest / 10).to_string()),
            (_, _) => self.decimal(whole, format!("{rest:02}")),
        }
    }

    fn decimal(self, whole: String, places: String) -> String {
        say!(self, "decimal", whole = whole, places = places)
    }

    /// Thousandths as per cent.
    pub fn per_cent(self, per_mille: i64) -> String {
        say!(self, "per-cent", number = self.hundredths(per_mille * 10))
    }
}

fn unreadable() -> String {
    "?".to_owned()
}

fn local(at_ms: i64) -> Option<Zoned> {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    Timestamp::from_millisecond(at_ms).ok().map(|it| it.to_zoned(zone))
}
