//! The two clocks in an address: `known` (a position, or a day) and `was` (a day), as people choose them.

use fokus_core::effective::{Clocks, KnownAt};
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::time::day_end_ms;
use jiff::civil::Date;

/// What the address says, as it says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// A position, or a day; empty = now.
    pub(crate) known: String,
    /// A day; empty = now.
    pub(crate) was: String,
}

impl Chosen {
    /// The clocks.
    ///
    /// # Errors
    ///
    /// FIELD_INVALID naming which of the two, and the rule.
    pub(crate) fn clocks(&self) -> Result<Clocks, Rejection> {
        let known_at = match self.known.trim() {
            "" => KnownAt::Now,
            text => match (text.parse::<u64>(), text.parse::<Date>()) {
                (Ok(position), _) if position > 0 => KnownAt::Position(position),
                (_, Ok(day)) => KnownAt::Time(u64::try_from(day_end_ms(day)).unwrap_or_default()),
                (_, Err(_)) => {
                    let rule = "a day such as 2020-07-01, or a position from 1";
                    return Err(Rejection::new(Reason::FieldInvalid, rule).at("known"));
                }
            },
        };
        let was_at_ms = match self.was.trim() {
            "" => None,
            text => Some(day_end_ms(day(text, "was")?)),
        };
        Ok(Clocks { known_at, was_at_ms })
    }

    /// Whether the page shows the present.
    pub(crate) fn is_now(&self) -> bool {
        self.known.trim().is_empty() && self.was.trim().is_empty()
    }
}

/// A day of an address.
///
/// # Errors
///
/// FIELD_INVALID naming the field.
pub(crate) fn day(text: &str, field: &'static str) -> Result<Date, Rejection> {
    text.trim()
        .parse()
        .map_err(|_| Rejection::new(Reason::FieldInvalid, "a day such as 2020-07-01").at(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_a_day_or_a_position_and_else_named() {
        let of = |known: &str, was: &str| {
            Chosen { known: known.to_owned(), was: was.to_owned() }.clocks()
        };
        assert_eq!(of("", " "), Ok(Clocks::NOW));
        assert_eq!(of("17", "").map(|it| it.known_at), Ok(KnownAt::Position(17)));
        assert_eq!(
            of("2019-01-01", "").map(|it| it.known_at),
            Ok(KnownAt::Time(1_546_383_599_999)),
            "the end of the day"
        );
        assert_eq!(of("", "2019-01-01").map(|it| it.was_at_ms), Ok(Some(1_546_383_599_999)));
        for (known, was) in [("0", ""), ("soon", ""), ("", "2019-13-01"), ("", "5")] {
            assert_eq!(of(known, was).map_err(|it| it.reason), Err(Reason::FieldInvalid));
        }
    }
}
