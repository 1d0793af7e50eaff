//! Codes of what is released from the programme.

use serde::{Deserialize, Serialize};

/// A table that is released. Which there are, and what they count, stands in
/// [`crate::statistics`]: nobody can ask for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StatisticTable {
    /// Families by how far they have come.
    Standing,
    /// Persons by how their risk stands against their first judgement.
    RiskChange,
    /// What was done, by month.
    Activity,
}

/// Why a release is withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WithdrawalReason {
    /// What it rests on was corrected.
    Corrected,
    /// The numbers were wrong.
    WrongNumbers,
    /// It tells more of somebody than it should.
    Disclosure,
}
