//! Whether two scores of one scale show more than the instrument's own noise: the reliable change index
//! (Jacobson and Truax 1991).
//!
//! A change is reliable when |after − before| > 1.96 · SD · √(2 · (1 − r)). Both sides are squared and
//! compared in whole numbers, so the same two scores always give the same answer.

use serde::{Deserialize, Serialize};

use super::{Direction, Hundredths, Norm, Scale};

/// What two scores of one scale show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Change {
    /// The scale's spread or reliability with this respondent is not known.
    ReliabilityUnknown,
    /// Not more than the instrument's noise.
    NotReliable,
    Better,
    Worse,
}

/// 1.96², in ten-thousandths: two-sided, five per cent.
const Z_SQUARED: i64 = 38_416;

/// What the two scores show, by the scale's norm for the respondent who gave both.
pub fn change(scale: &Scale, norm: Option<&Norm>, before: Hundredths, after: Hundredths) -> Change {
    let Some(norm) = norm else { return Change::ReliabilityUnknown };
    let difference = i64::from(after.0) - i64::from(before.0);
    let deviation = i64::from(norm.standard_deviation.0);
    let noise = 100 - i64::from(norm.reliability.0);
    // All in hundredths: both sides times 10⁶ to be rid of the fractions of z² and 1 − r.
    if difference * difference * 1_000_000 <= Z_SQUARED * deviation * deviation * 2 * noise {
        return Change::NotReliable;
    }
    let rises = difference > 0;
    match (rises, scale.direction) {
        (true, Direction::HigherIsBetter) | (false, Direction::LowerIsBetter) => Change::Better,
        (true, Direction::LowerIsBetter) | (false, Direction::HigherIsBetter) => Change::Worse,
    }
}
