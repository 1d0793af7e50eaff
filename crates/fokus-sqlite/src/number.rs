//! Numbers and bytes as SQLite has them: signed integers, and blobs of any length.

use fokus_store::Fault;

use crate::fault::corrupt;

/// Bits of a place that hold an envelope's index: a leaf has at most 16 envelopes.
const INDEX_BITS: u32 = 4;
/// Bits of a place that hold a position: more than a thousand billion events.
const POSITION_BITS: u32 = 40;
/// The highest index of an envelope.
const INDEX_MAX: i64 = (1 << INDEX_BITS) - 1;
const POSITION_MAX: u64 = (1 << POSITION_BITS) - 1;

/// A number for SQLite, whose integers are signed.
pub(crate) fn int(number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|_| corrupt("a number is beyond 2^63"))
}

/// A number from SQLite, of a column that has none below 0.
pub(crate) fn uint(number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|_| corrupt("a number below 0"))
}

/// A number from SQLite, of a column that has 32 bits.
pub(crate) fn uint32(number: i64) -> Result<u32, Fault> {
    u32::try_from(number).map_err(|_| corrupt("a number that is not of 32 bits"))
}

/// Bytes of a known length from SQLite.
pub(crate) fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Fault> {
    bytes.try_into().map_err(|_| corrupt("a value of another length than its column has"))
}

/// The key of a leaf, or of the first envelope: the number of the log and the position in it.
pub(crate) fn place(log: i64, position: u64) -> Result<i64, Fault> {
    if position > POSITION_MAX {
        return Err(corrupt("a position is beyond 2^40"));
    }
    Ok((log << (POSITION_BITS + INDEX_BITS)) | (int(position)? << INDEX_BITS))
}

/// The key of an envelope.
pub(crate) fn envelope_place(log: i64, position: u64, index: usize) -> Result<i64, Fault> {
    let index = i64::try_from(index).ok().filter(|index| *index <= INDEX_MAX);
    Ok(place(log, position)? | index.ok_or_else(|| corrupt("more than 16 envelopes"))?)
}

/// The highest key at a position.
pub(crate) fn last_place(log: i64, position: u64) -> Result<i64, Fault> {
    Ok(place(log, position)? | INDEX_MAX)
}

/// The position in a key, and the envelope's index.
pub(crate) fn position_of(place: i64) -> (u64, usize) {
    let bits = place.cast_unsigned();
    let index = usize::try_from(place & INDEX_MAX).unwrap_or(usize::MAX);
    ((bits >> INDEX_BITS) & POSITION_MAX, index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_in_the_order_of_logs_positions_and_envelopes() {
        let log_max = 524_287;
        let ascending = [
            place(1, 0).unwrap(),
            place(1, 1).unwrap(),
            envelope_place(1, 1, 1).unwrap(),
            last_place(1, 1).unwrap(),
            place(1, 2).unwrap(),
            last_place(1, POSITION_MAX).unwrap(),
            place(2, 0).unwrap(),
            last_place(log_max, POSITION_MAX).unwrap(),
        ];
        assert!(ascending.is_sorted_by(|one, next| one < next), "{ascending:?}");
        assert_eq!(position_of(envelope_place(log_max, 77, 5).unwrap()), (77, 5));
        assert_eq!(ascending[7], i64::MAX);
    }

    #[test]
    fn what_fits_no_place_is_refused() {
        assert!(place(1, POSITION_MAX + 1).is_err());
        assert!(envelope_place(1, 1, 16).is_err());
    }
}
