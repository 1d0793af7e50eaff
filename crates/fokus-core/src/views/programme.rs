//! The programme: one row per family with everything dated, from which the programme's numbers on any
//! day follow.
//!
//! Read [`ProgrammeRow`], then `programme/figures.rs`: [`figures_on`] sums the rows of all families. What
//! may leave the municipality is made of the same rows by [`crate::statistics`].
//!
//! Deliberately absent: comparison with families outside the programme (there is no control group), and
//! sums or means of risks: levels are compared with levels.

mod figures;
mod fold;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codes::CaseOutcome;
use crate::family::course::Span;
use crate::ids::*;
use crate::views::caseload::RiskFrom;

pub(crate) use figures::AREAS;
pub use figures::{
    Done, Figures, MONTHS_MAX, MonthFigures, RiskFigures, Stage, Tally, figures_on, month_figures,
    risk_figures, stage_on,
};
pub use fold::{ProgrammeState, ProgrammeView, row_of};

/// The row: one family, coded facts only. All lists are in order of their days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgrammeRow {
    pub family_id: FamilyId,
    /// Its registration was undone: it counts nowhere.
    pub undone: bool,
    pub referrals: Vec<ReferralWay>,
    pub cases: Vec<CaseWay>,
    /// The days on which a plan for the family was agreed.
    pub plans: Vec<Date>,
    /// Every judgement of a risk.
    pub risks: Vec<RiskFrom>,
    /// Days with contacts or sessions.
    pub days: Vec<DayDone>,
}

/// How far a referral has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferralWay {
    pub programme_id: ProgrammeId,
    pub referral_id: ReferralId,
    pub on: Date,
    /// The first offer of a place.
    pub offered_on: Option<Date>,
    /// The first acceptance.
    pub accepted_on: Option<Date>,
}

/// A case from its opening to its closings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseWay {
    pub case_id: CaseId,
    pub programme_id: ProgrammeId,
    /// When it was open: first and last days.
    pub open: Vec<Span>,
    pub closings: Vec<ClosingOn>,
}

/// What a case came to on its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosingOn {
    pub on: Date,
    pub outcome: CaseOutcome,
}

/// What was done with the family on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayDone {
    pub day: Date,
    /// No-shows not counted.
    pub contacts: u32,
    pub contact_minutes: u32,
    pub sessions: u32,
    pub session_minutes: u32,
}

#[cfg(test)]
mod tests;
