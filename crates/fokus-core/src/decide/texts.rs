//! Free texts: they are nobody's fields but the writers', so they are only warned about.

use crate::rejection::{Reason, Rejection};
use crate::world::Circumstances;

/// Digits of a date of birth, then the four that follow it.
const DATE_DIGITS: usize = 6;
const SERIAL_DIGITS: usize = 4;

/// Whether the text holds something that looks like a CPR number: ten digits, perhaps with a hyphen
/// after the sixth, not inside a longer run of digits. Telephone numbers of ten digits look so too,
/// which is why it is a warning (domain 1.7).
pub fn looks_like_cpr(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits_from =
        |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let byte_at = |at: usize| bytes.get(at).copied();
    let mut at = 0;
    while at < bytes.len() {
        let run = digits_from(at);
        if run == DATE_DIGITS + SERIAL_DIGITS {
            return true;
        }
        let after = at + run;
        let hyphen = byte_at(after) == Some(b'-');
        if run == DATE_DIGITS && hyphen && digits_from(after + 1) == SERIAL_DIGITS {
            return true;
        }
        at = after + 1;
    }
    false
}

/// Warns of the first text that looks as if it held a CPR number.
///
/// # Errors
///
/// `CPR_IN_TEXT`, confirmable, at the text's path.
pub fn no_cpr_unconfirmed(
    texts: &[(String, &str)],
    circumstances: &Circumstances,
) -> Result<(), Rejection> {
    if circumstances.confirmations.iter().any(|it| it == Reason::CprInText.code()) {
        return Ok(());
    }
    match texts.iter().find(|(_, text)| looks_like_cpr(text)) {
        Some((path, _)) => Err(Rejection::new(
            Reason::CprInText,
            "the text seems to hold a CPR number: take it out, or confirm that it is none",
        )
        .at(path)
        .confirmable()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_digits_alone_look_like_a_cpr_number() {
        let looks =
            ["0101051234", "x010105-1234.", "født 010105-1234", "1-0101051234", "010105-1234-5"];
        let does_not = [
            "",
            "010105",
            "01010512345",
            "010105-12345",
            "1010105-1234",
            "010105 1234",
            "010105--1234",
            "12345678-1234",
            "٠١٠١٠٥١٢٣٤",
            "+45 12 34 56 78",
        ];
        assert_eq!(looks.map(looks_like_cpr), looks.map(|_| true));
        assert_eq!(does_not.map(looks_like_cpr), does_not.map(|_| false));
    }
}
