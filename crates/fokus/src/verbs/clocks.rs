//! The two clocks of a read, from flags to the wire.

use fokus_proto::v1;
use fokus_proto::v1::clocks::{Known, Was};

use crate::flags::{Clocks, KnownAt, WasAt};

/// The clocks as requests carry them; `None` = the present.
pub(crate) fn to_wire(clocks: &Clocks) -> Option<v1::Clocks> {
    let known = clocks.known_at.map(|at| match at {
        KnownAt::Position(position) => Known::KnownAtPosition(position),
        KnownAt::Time(time) => Known::KnownAtTime(timestamp(time)),
    });
    let was = clocks.was_at.map(|at| match at {
        WasAt::Date(date) => Was::WasAtDate(date.to_string()),
        WasAt::Time(time) => Was::WasAtTime(timestamp(time)),
    });
    (known.is_some() || was.is_some()).then_some(v1::Clocks { known, was })
}

/// The wire counts nanoseconds forward from the second, also before 1970.
fn timestamp(time: jiff::Timestamp) -> prost_types::Timestamp {
    let (seconds, nanos) = (time.as_second(), time.subsec_nanosecond());
    if nanos < 0 {
        prost_types::Timestamp { seconds: seconds - 1, nanos: nanos + 1_000_000_000 }
    } else {
        prost_types::Timestamp { seconds, nanos }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_go_on_the_wire_as_given() {
        let none = Clocks { known_at: None, was_at: None, min_position: 0 };
        assert_eq!(to_wire(&none), None);
        let both = Clocks {
            known_at: Some(KnownAt::Position(7)),
            was_at: Some(WasAt::Date("2020-06-30".parse().unwrap())),
            min_position: 0,
        };
        let wire = to_wire(&both).unwrap();
        assert_eq!(wire.known, Some(Known::KnownAtPosition(7)));
        assert_eq!(wire.was, Some(Was::WasAtDate("2020-06-30".to_owned())));
    }

    #[test]
    fn times_before_the_epoch_count_forward_from_the_second() {
        let time = "1969-12-31T23:59:58.5Z".parse().unwrap();
        assert_eq!(timestamp(time), prost_types::Timestamp { seconds: -2, nanos: 500_000_000 });
    }
}
