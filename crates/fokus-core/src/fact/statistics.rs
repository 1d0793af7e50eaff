//! Facts about what is released of a programme. Nothing in them is about a person.

use serde::{Deserialize, Serialize};

use crate::codes::WithdrawalReason;
use crate::ids::*;
use crate::period::Quarter;
use crate::statistics::FrozenTable;

fact! {
    /// From now on, releases show no number that rests on fewer families.
    DisclosureRulesSet {
        programme_id: ProgrammeId,
        /// 3 to 10.
        threshold: u32,
    }
}
fact! {
    /// The numbers of a closed quarter, frozen with what is hidden of them.
    StatisticReleased {
        programme_id: ProgrammeId,
        release_id: ReleaseId,
        quarter: Quarter,
        /// The position of the log that was counted up to.
        as_of_position: u64,
        /// What it was hidden by.
        threshold: u32,
        tables: Vec<FrozenTable>,
    }
}
fact! {
    /// A release is not to be relied on. What was read of it is not forgotten: later ones are still
    /// compared with it.
    StatisticWithdrawn {
        programme_id: ProgrammeId,
        release_id: ReleaseId,
        reason: WithdrawalReason,
    }
}
