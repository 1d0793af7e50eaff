//! CPR numbers: ten digits, DDMMYY and four more. The seventh digit chooses the century.
//!
//! There is no modulus-11 check: numbers without it have been issued since 2007. Two shapes are not
//! dates of birth: replacement numbers, whose day is 60 higher, for people without a CPR number;
//! and invented numbers, whose month is 20 higher, which only synthetic stores hold.

use jiff::civil::Date;

use crate::rejection::{Reason, Rejection};
use crate::time::age_years;

/// The oldest age that a CPR number may give, in years.
pub const AGE_YEARS_MAX: i16 = 120;
/// What a replacement number adds to the day.
const REPLACEMENT_DAYS: i8 = 60;
/// What an invented number adds to the month.
const INVENTED_MONTHS: i8 = 20;

/// What ten digits say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Cpr {
    /// `None` for a replacement number.
    pub birth: Option<Date>,
    /// Never a real person's.
    pub is_invented: bool,
}

impl std::fmt::Debug for Cpr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cpr(…)")
    }
}

/// Reads `^[0-9]{10}$` with a possible date; `None` for anything else.
pub fn read(text: &str) -> Option<Cpr> {
    if text.len() != 10 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i8>().ok();
    let (day, month, year) = (number(0, 2)?, number(2, 4)?, number(4, 6)?);
    let is_replacement = day > REPLACEMENT_DAYS;
    let is_invented = month > INVENTED_MONTHS;
    let day = if is_replacement { day - REPLACEMENT_DAYS } else { day };
    let month = if is_invented { month - INVENTED_MONTHS } else { month };
    let date = Date::new(century(number(6, 7)?, year) + i16::from(year), month, day).ok()?;
    Some(Cpr { birth: (!is_replacement).then_some(date), is_invented })
}

/// The century of a two-digit year, by the seventh digit.
fn century(seventh: i8, year: i8) -> i16 {
    match (seventh, year) {
        (4 | 9, ..=36) | (5..=8, ..=57) => 2000,
        (5..=8, _) => 1800,
        (_, _) => 1900,
    }
}

/// Reads a number and judges it as of `today`, in a store of invented or of real people.
///
/// # Errors
///
/// `CPR_INVALID`; `CPR_FUTURE` and `CPR_AGE` by the date of birth; `SYNTHETIC_IN_REAL` for an
/// invented number in a real store, and `REAL_IN_SYNTHETIC` for one that may be a living person's in
/// a synthetic store.
pub fn judge(text: &str, today: Date, is_synthetic_store: bool) -> Result<Cpr, Rejection> {
    let cpr = read(text).ok_or_else(|| {
        Rejection::new(Reason::CprInvalid, "ten digits that begin with a possible date")
    })?;
    if let Some(birth) = cpr.birth {
        if birth > today {
            return Err(Rejection::new(Reason::CprFuture, "the date of birth lies in the future"));
        }
        if age_years(birth, today) > AGE_YEARS_MAX {
            let rule = format!("the date of birth lies more than {AGE_YEARS_MAX} years back");
            return Err(Rejection::new(Reason::CprAge, rule));
        }
    }
    match (cpr.is_invented, is_synthetic_store) {
        (true, false) => Err(Rejection::new(
            Reason::SyntheticInReal,
            "months 21 to 32 are invented numbers, for synthetic stores",
        )),
        (false, true) => Err(Rejection::new(
            Reason::RealInSynthetic,
            "a synthetic store holds invented numbers only: months 21 to 32",
        )),
        (true, true) | (false, false) => Ok(cpr),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[track_caller]
    fn check(text: &str, synthetic: bool, expected: Result<Option<Date>, Reason>) {
        let actual = judge(text, date(2019, 5, 1), synthetic);
        assert_eq!(actual.map(|it| it.birth).map_err(|it| it.reason), expected);
    }

    #[test]
    #[rustfmt::skip] // One row, one number.
    fn the_seventh_digit_gives_the_century() {
        check("0101054000", false, Ok(Some(date(2005, 1, 1))));
        check("0101364000", false, Err(Reason::CprFuture));
        check("0101374000", false, Ok(Some(date(1937, 1, 1))));
        check("0101454000", false, Ok(Some(date(1945, 1, 1))));
        check("0101575000", false, Err(Reason::CprFuture));
        check("0101585000", false, Err(Reason::CprAge));
        check("0101990000", false, Ok(Some(date(1999, 1, 1))));
        check("0101193000", false, Ok(Some(date(1919, 1, 1))));
        check("0101199000", false, Ok(Some(date(2019, 1, 1))));
        check("0205194000", false, Err(Reason::CprFuture));
        check("3004980000", false, Ok(Some(date(1998, 4, 30))));
    }

    #[test]
    #[rustfmt::skip] // One row, one number.
    fn ten_ascii_digits_with_a_possible_date() {
        for text in ["", "010105400", "01010540000", "010105-4000", "01010５4000", "3102054000",
                     "0113054000", "0133054000", "0001054000", "0100054000", "3201054000",
                     "9201054000", "2902010000"] {
            check(text, false, Err(Reason::CprInvalid));
        }
        check("2902000000", false, Err(Reason::CprInvalid)); // 1900 was no leap year.
        check("2902004000", false, Ok(Some(date(2000, 2, 29))));
    }

    #[test]
    #[rustfmt::skip] // One row, one number.
    fn replacement_numbers_have_no_date_and_invented_ones_stay_in_synthetic_stores() {
        check("6101054000", false, Ok(None));
        check("0121054000", true,  Ok(Some(date(2005, 1, 1))));
        check("6121054000", true,  Ok(None));
        check("0121054000", false, Err(Reason::SyntheticInReal));
        check("0101054000", true,  Err(Reason::RealInSynthetic));
        check("6101054000", true,  Err(Reason::RealInSynthetic));
    }
}
