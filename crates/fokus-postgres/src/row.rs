//! Numbers and bytes of known length, to and from PostgreSQL.

use fokus_store::Fault;

use crate::fault::corrupt;

/// A number for PostgreSQL, whose integers are signed.
pub(crate) fn int(number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|_| corrupt("a number is beyond 2^63"))
}

/// A number from PostgreSQL, of a column that has none below 0.
pub(crate) fn uint(number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|_| corrupt("a number below 0"))
}

/// A number from PostgreSQL, of a column that has 32 bits.
pub(crate) fn uint32(number: i64) -> Result<u32, Fault> {
    u32::try_from(number).map_err(|_| corrupt("a number that is not of 32 bits"))
}

/// Bytes of a known length from PostgreSQL.
pub(crate) fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Fault> {
    bytes.try_into().map_err(|_| corrupt("a value of another length than its column has"))
}

/// Answers by their place in the question, from 1; `None` where there is none.
pub(crate) fn in_order<T>(
    count: usize,
    found: impl Iterator<Item = Result<(i64, T), Fault>>,
) -> Result<Vec<Option<T>>, Fault> {
    let mut answers: Vec<Option<T>> = std::iter::repeat_with(|| None).take(count).collect();
    for answer in found {
        let (place, value) = answer?;
        let place = usize::try_from(place.saturating_sub(1)).unwrap_or(usize::MAX);
        if let Some(slot) = answers.get_mut(place) {
            *slot = Some(value);
        }
    }
    Ok(answers)
}
