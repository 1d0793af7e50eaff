//! Caseload: one row per case with everything dated, from which a worker's load on any day follows.
//!
//! Read [`CaseloadRow`], then `caseload/load.rs`: [`load_on`] joins the rows of all families, with its
//! weights as data. A row depends on one family's stream only; who has how much is never stored.
//!
//! Deliberately absent: open clocks (no deadline is computed yet), ages (births are personal: a child
//! counts by role), and whose minutes they were (a contact counts for the case, whoever had it).

mod fold;
mod load;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codes::*;
use crate::family::course::{Pause, Span};
use crate::family::staffing::{Assignment, Handover};
use crate::ids::*;

pub use fold::{CaseloadState, CaseloadView, rows_of};
pub use load::{CaseLoad, Weight, Weights, WorkerLoad, load_on};

/// The row: one case, coded facts only. All lists are in order of their days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseloadRow {
    pub family_id: FamilyId,
    pub reference: String,
    pub case_id: CaseId,
    pub programme_id: ProgrammeId,
    /// When the case was open: first and last days.
    pub open: Vec<Span>,
    pub pauses: Vec<Pause>,
    /// Who worked on it, in which role.
    pub assignments: Vec<Assignment>,
    pub handovers: Vec<Handover>,
    /// Each phase from its day on.
    pub phases: Vec<PhaseFrom>,
    /// Every judgement of a risk.
    pub risks: Vec<RiskFrom>,
    /// Memberships of children and youths, by role.
    pub children: Vec<ChildStay>,
    /// Days with contacts or sessions.
    pub days: Vec<DayTally>,
}

/// A phase from its day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseFrom {
    pub from: Date,
    pub phase: CasePhase,
}

/// A judgement of one person's risk in one area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskFrom {
    pub from: Date,
    pub valid_until: Date,
    pub person_id: PersonId,
    pub risk_area: RiskArea,
    pub level: RiskLevel,
}

/// One time that a child or youth was a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildStay {
    pub person_id: PersonId,
    /// `None` = since the family's registration.
    pub from: Option<Date>,
    /// No longer on that day.
    pub to: Option<Date>,
}

/// What was done with the family on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayTally {
    pub day: Date,
    /// No-shows not counted.
    pub contacts: u32,
    /// Of contacts and sessions, no-shows not counted.
    pub minutes: u32,
    /// No-shows counted: what was spent, met or not.
    pub minutes_spent: u32,
}

#[cfg(test)]
mod tests;
