//! Working days in Denmark: Monday to Friday, public holidays left out.
//!
//! 1 May, 5 June, 24 and 31 December are working days. Rule sets that count Saturdays are absent: no
//! rule of this program does.

use jiff::civil::{Date, Weekday};

/// The last year in which Great Prayer Day was a public holiday.
const GREAT_PRAYER_DAY_UNTIL: i16 = 2023;

/// Easter Sunday by the Gregorian computus (Meeus, Jones, Butcher); `None` outside the calendar.
pub fn easter_sunday(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (golden, century, of_century) = (y.rem_euclid(19), y.div_euclid(100), y.rem_euclid(100));
    let moon_shift = (8 * century + 13).div_euclid(25);
    let epact = (19 * golden + century - century.div_euclid(4) - moon_shift + 15).rem_euclid(30);
    let leap = century.rem_euclid(4) * 2 + of_century.div_euclid(4) * 2 + 32;
    let to_sunday = (leap - epact - of_century.rem_euclid(4)).rem_euclid(7);
    let late_moon = (golden + 11 * epact + 22 * to_sunday).div_euclid(451);
    let march_based = epact + to_sunday - 7 * late_moon + 114;
    let month = i8::try_from(march_based.div_euclid(31)).ok()?;
    let day = i8::try_from(march_based.rem_euclid(31) + 1).ok()?;
    Date::new(year, month, day).ok()
}

/// Whether the date is a public holiday that may fall on Monday to Friday.
pub fn is_public_holiday(date: Date) -> bool {
    if matches!((date.month(), date.day()), (1, 1) | (12, 25) | (12, 26)) {
        return true;
    }
    let Some(easter) = easter_sunday(date.year()) else { return false };
    let Ok(after_easter) = easter.until(date) else { return false };
    match after_easter.get_days() {
        // Maundy Thursday, Good Friday, Easter Monday, Ascension, Whit Monday.
        -3 | -2 | 1 | 39 | 50 => true,
        26 => date.year() <= GREAT_PRAYER_DAY_UNTIL,
        _ => false,
    }
}

/// Whether offices work on that date.
pub fn is_working_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_public_holiday(date)
}

/// The `count`-th working day after `date`, which itself does not count. Takes time in proportion to
/// `count`; at the calendar's end, its last day.
pub fn working_day_after(date: Date, count: u8) -> Date {
    let mut day = date;
    let mut left = count;
    while left > 0 {
        let Ok(next) = day.tomorrow() else { return Date::MAX };
        day = next;
        left -= u8::from(is_working_day(day));
    }
    day
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn easter_falls_where_the_almanac_says() {
        for expected in [
            date(1818, 3, 22),
            date(1943, 4, 25),
            date(2008, 3, 23),
            date(2018, 4, 1),
            date(2019, 4, 21),
            date(2020, 4, 12),
            date(2023, 4, 9),
            date(2024, 3, 31),
            date(2038, 4, 25),
        ] {
            assert_eq!(easter_sunday(expected.year()), Some(expected));
        }
    }

    #[test]
    fn six_working_days_pass_over_weekends_and_holidays() {
        for (received, due, why) in [
            (date(2019, 4, 11), date(2019, 4, 24), "Easter week"),
            (date(2018, 12, 20), date(2019, 1, 2), "24 and 31 December are working days"),
            (date(2019, 5, 15), date(2019, 5, 24), "Great Prayer Day"),
            (date(2023, 5, 3), date(2023, 5, 12), "the last Great Prayer Day"),
            (date(2024, 4, 24), date(2024, 5, 2), "Great Prayer Day abolished"),
            (date(2020, 5, 18), date(2020, 5, 27), "Ascension"),
            (date(2020, 5, 28), date(2020, 6, 8), "Whit Monday; 5 June is a working day"),
        ] {
            assert_eq!(working_day_after(received, 6), due, "{why}");
        }
    }

    #[test]
    fn the_calendars_end_is_an_answer() {
        assert_eq!(working_day_after(Date::MAX, 6), Date::MAX);
        assert_eq!(working_day_after(date(2019, 4, 11), 0), date(2019, 4, 11));
    }
}
