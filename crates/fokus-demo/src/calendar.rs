//! Days and hours of the municipality: local time in Europe/Copenhagen, working days Monday to
//! Friday.
//!
//! Public holidays are deliberately absent: nothing in the demo depends on them.

use fokus_proto::v1;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// The municipality's time zone.
fn copenhagen() -> TimeZone {
    // Bundled with the library; a test below says that it is there.
    TimeZone::get("Europe/Copenhagen").unwrap_or(TimeZone::UTC)
}

/// The instant of a local day and minute (0 to 1439), in Unix milliseconds.
pub(crate) fn instant_ms(day: Date, minute: u32) -> i64 {
    let hour = i8::try_from(minute / 60).unwrap_or(0);
    let minute = i8::try_from(minute % 60).unwrap_or(0);
    day.at(hour, minute, 0, 0)
        .to_zoned(copenhagen())
        .map_or(0, |it| it.timestamp().as_millisecond())
}

/// The local day of an instant in Unix milliseconds.
pub(crate) fn local_day(at_ms: i64) -> Date {
    jiff::Timestamp::from_millisecond(at_ms)
        .map_or(Date::ZERO, |it| it.to_zoned(copenhagen()).date())
}

/// An instant as the wire has it.
pub(crate) fn occurred(at_ms: i64, precision: v1::Precision) -> v1::OccurredAt {
    let offset_s = jiff::Timestamp::from_millisecond(at_ms)
        .map_or(0, |it| copenhagen().to_offset(it).seconds());
    v1::OccurredAt {
        time: Some(timestamp(at_ms)),
        utc_offset_minutes: offset_s / 60,
        precision: precision.into(),
    }
}

/// A timestamp as the wire has it.
pub(crate) fn timestamp(at_ms: i64) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at_ms.div_euclid(1_000),
        nanos: i32::try_from(at_ms.rem_euclid(1_000)).unwrap_or(0) * 1_000_000,
    }
}

/// The Unix milliseconds of a timestamp of the wire.
pub(crate) fn milliseconds(it: &prost_types::Timestamp) -> i64 {
    it.seconds.saturating_mul(1_000).saturating_add(i64::from(it.nanos / 1_000_000))
}

/// The day `days` later; earlier when negative.
pub(crate) fn later(day: Date, days: i32) -> Date {
    day.saturating_add(days.days())
}

/// The same, counted with a number drawn by chance.
pub(crate) fn after(day: Date, days: u32) -> Date {
    later(day, i32::try_from(days).unwrap_or(0))
}

/// The day itself when it is a working day, else the next one.
pub(crate) fn workday(day: Date) -> Date {
    match day.weekday() {
        Weekday::Saturday => later(day, 2),
        Weekday::Sunday => later(day, 1),
        Weekday::Monday
        | Weekday::Tuesday
        | Weekday::Wednesday
        | Weekday::Thursday
        | Weekday::Friday => day,
    }
}

/// The working day after this day.
pub(crate) fn next_workday(day: Date) -> Date {
    workday(later(day, 1))
}

/// Completed years on `on` of somebody born on `born`.
pub(crate) fn age_years(born: Date, on: Date) -> i16 {
    on.year() - born.year() - i16::from((on.month(), on.day()) < (born.month(), born.day()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn local_time_follows_the_clock_change() {
        assert_eq!(instant_ms(date(2019, 7, 1), 0), 1_561_932_000_000, "summer: two hours ahead");
        assert_eq!(instant_ms(date(2019, 1, 1), 0), 1_546_297_200_000, "winter: one hour ahead");
        assert_eq!(occurred(1_561_932_000_000, v1::Precision::Day).utc_offset_minutes, 120);
        assert_eq!(local_day(1_561_932_000_000), date(2019, 7, 1));
        assert_eq!(milliseconds(&timestamp(1_561_932_000_123)), 1_561_932_000_123);
    }

    #[test]
    fn a_weekend_moves_to_monday() {
        assert_eq!(workday(date(2019, 2, 2)), date(2019, 2, 4));
        assert_eq!(next_workday(date(2019, 2, 1)), date(2019, 2, 4));
        assert_eq!(workday(date(2019, 2, 4)), date(2019, 2, 4));
    }
}
