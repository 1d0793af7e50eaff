//! Times of the wire in words. The words themselves are those of `fokus-words`; the tests here hold its
//! files against each other, the code of every crate that speaks, and the wire.

#[cfg(test)]
mod tests;

use fokus_core::codes::Precision;
use fokus_core::time::Occurred;
use fokus_proto::v1;
use fokus_words::Words;

/// Times as messages hold them, in words.
pub(crate) trait OnTheWire {
    /// The local day of an instant.
    fn day(self, at: &prost_types::Timestamp) -> String;
    /// An instant to the minute; midnight is how the wire says that only the day is known.
    fn time(self, at: &prost_types::Timestamp) -> String;
    /// When something happened, as exactly as it is known.
    fn occurred(self, at: &v1::OccurredAt) -> String;
    /// The month of an instant, as a head of what happened in it.
    fn month_head(self, at: &prost_types::Timestamp) -> String;
}

impl OnTheWire for Words {
    fn day(self, at: &prost_types::Timestamp) -> String {
        self.day_of(ms(at))
    }

    fn time(self, at: &prost_types::Timestamp) -> String {
        self.instant(ms(at))
    }

    fn occurred(self, at: &v1::OccurredAt) -> String {
        let Some(instant) = &at.time else { return String::new() };
        let precision = match at.precision() {
            v1::Precision::Exact | v1::Precision::Unspecified => Precision::Exact,
            v1::Precision::Day => Precision::Day,
            v1::Precision::Month => Precision::Month,
            v1::Precision::UnknownEstimated => Precision::UnknownEstimated,
        };
        self.happened(&Occurred { at_ms: ms(instant), offset_min: 0, precision })
    }

    fn month_head(self, at: &prost_types::Timestamp) -> String {
        self.month_of(ms(at))
    }
}

/// Unix milliseconds.
fn ms(at: &prost_types::Timestamp) -> i64 {
    at.seconds.saturating_mul(1000).saturating_add(i64::from(at.nanos) / 1_000_000)
}
