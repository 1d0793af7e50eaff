//! Codes of the case's course: from the referral's answer to what comes after the closing.

use serde::{Deserialize, Serialize};

/// Where a family's case stands (domain 1.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CaseState {
    /// The family has had no case.
    None,
    Open,
    Paused,
    ClosureProposed,
    /// The closure is approved; the case is not closed yet.
    ClosureApproved,
    Closed,
}

/// Why a referral is declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeclineReason {
    NotTargetGroup,
    NoCapacity,
    FamilyDeclined,
    OtherService,
    Duplicate,
}

/// What a case came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CaseOutcome {
    GoalsMet,
    PartlyMet,
    Withdrew,
    Moved,
    Transferred,
    NoEffect,
    Died,
    Error,
}

/// What becomes of a goal when the case is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GoalDisposition {
    Attained,
    PartlyAttained,
    NotAttained,
    Dropped,
    /// Somebody else goes on with it.
    HandedOver,
}

/// Why a case is reopened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReopenReason {
    NewConcern,
    Relapse,
    FamilyRequest,
    ClosedInError,
}

/// What a flag calls attention to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FlagKind {
    Safety,
    MissingContact,
    DataQuality,
    Supervision,
}

/// What waits for a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApprovalKind {
    Closure,
    AcuteOverride,
}
