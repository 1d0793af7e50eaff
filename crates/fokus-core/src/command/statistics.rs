//! Commands about what is released of a programme.

use crate::codes::WithdrawalReason;
use crate::disclosure::Threshold;
use crate::ids::*;
use crate::period::Quarter;

/// See [`crate::fact::statistics::DisclosureRulesSet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetDisclosureRules {
    pub programme_id: ProgrammeId,
    pub threshold: Threshold,
}

/// See [`crate::fact::statistics::StatisticReleased`]. The numbers are counted, never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseStatistic {
    pub programme_id: ProgrammeId,
    pub release_id: ReleaseId,
    pub quarter: Quarter,
}

/// See [`crate::fact::statistics::StatisticWithdrawn`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithdrawStatistic {
    pub programme_id: ProgrammeId,
    pub release_id: ReleaseId,
    pub reason: WithdrawalReason,
}
