//! FamilyStatus: one row per family, and the status that a reader gets.
//!
//! Read [`StatusRow`], then `status/fold.rs` for how it comes about and [`present()`] for what joins it
//! when a read is answered; `status/course.rs` has the case's part. Deadlines, consents and agencies are
//! absent: no event of theirs exists yet.

mod course;
mod fold;
mod glance;
mod present;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codes::*;
use crate::command::{Birth, PersonName};
use crate::family::circle::{NetworkPerson, PrimaryContact};
use crate::family::course::Span;
use crate::ids::*;
use crate::period::Period;

pub use course::{ApprovalRow, ClosedRow, FlagRow, HandoverRow, PauseRow, WaitingApproval};
pub use fold::{FamilyStatusView, StatusState, status_of};
pub use present::present;

/// Where the family's newest referral stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReferralState {
    Submitted,
    Triaged,
    Case,
    InfoRequested,
    /// A place is offered. Whether the offer has expired is said when the row is presented.
    Offered,
    Accepted,
    Declined,
    Withdrawn,
    Refused,
    /// Never in a row.
    Expired,
}

/// Where the family's own plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PlanState {
    #[default]
    None,
    Draft,
    Agreed,
}

/// Where an intervention stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InterventionState {
    Ordered,
    Started,
    Ended,
    Paused,
    Declined,
}

/// The family's case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRow {
    pub case_id: CaseId,
    pub programme_id: ProgrammeId,
    pub phase: CasePhase,
    pub opened_on: Date,
    pub lead_worker_id: WorkerId,
    pub state: CaseState,
    /// When it was open, in order.
    pub spans: Vec<Span>,
    /// While it is paused.
    pub paused: Option<PauseRow>,
    /// While it is closed.
    pub closed: Option<ClosedRow>,
    /// The present lead has not read what there was before.
    pub handover_unread: Option<HandoverRow>,
}

/// A membership, present when `left_on` is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    pub person_id: PersonId,
    pub role: FamilyRole,
    pub household: Household,
    /// `None` = since the family's registration.
    pub joined_on: Option<Date>,
    pub left_on: Option<Date>,
}

/// An intervention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterventionRow {
    pub intervention_id: InterventionId,
    pub intervention_type: InterventionType,
    pub person_id: Option<PersonId>,
    pub state: InterventionState,
    pub sessions: u32,
    pub minutes: u32,
    pub started_on: Option<Date>,
    pub ended_on: Option<Date>,
}

/// The newest judgement of one person's risk in one area: newest by (occurred, revision).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskRow {
    pub person_id: PersonId,
    pub risk_area: RiskArea,
    pub level: RiskLevel,
    pub direction: RiskDirection,
    pub judged_on: Date,
    pub valid_until: Date,
    /// Orders judgements: effective time, then revision.
    pub order: (i64, u64),
}

/// Where a person stands in education: the newest report, by its first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EducationRow {
    pub person_id: PersonId,
    pub status: EducationStatus,
    pub from: Date,
}

/// Where a person stands in working life: the newest report, by its first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmploymentRow {
    pub person_id: PersonId,
    pub status: EmploymentStatus,
    pub from: Date,
}

/// The duty to write down (domain 1.9, R6): contacts, and notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NoteDutyRow {
    /// Recorded with a text within five working days.
    pub in_time: u32,
    /// Recorded with a text after that.
    pub late: u32,
    /// Contacts recorded without a text.
    pub unwritten: u32,
}

/// The row: coded facts only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusRow {
    pub family_id: FamilyId,
    pub reference: String,
    pub referral_state: Option<ReferralState>,
    /// The last day of a place that is offered.
    pub offer_expires_on: Option<Date>,
    /// The newest, open or closed.
    pub case: Option<CaseRow>,
    pub earlier_cases: u32,
    /// What waits for a second person, in order of proposing.
    pub approvals: Vec<ApprovalRow>,
    /// Flags that are not resolved, in order of raising.
    pub flags: Vec<FlagRow>,
    /// The newest contact after the closing.
    pub last_contact_after_closure_on: Option<Date>,
    /// The last day for the family's plan, where an acute override stood in for it and it is not agreed.
    pub family_plan_due_on: Option<Date>,
    /// All memberships, past ones too, in order of joining.
    pub members: Vec<MemberRow>,
    pub family_plan_state: PlanState,
    pub goals: u32,
    pub interventions: Vec<InterventionRow>,
    pub risks: Vec<RiskRow>,
    /// Unix milliseconds, no-shows not counted.
    pub last_contact_ms: Option<i64>,
    /// With a present CHILD, SIBLING or HALF_SIBLING.
    pub last_contact_with_child_ms: Option<i64>,
    /// A VISIT.
    pub last_contact_at_home_ms: Option<i64>,
    /// No-shows not counted, here and in the minutes.
    pub contacts: u32,
    pub contact_minutes: u32,
    pub notes: u32,
    pub youth_with_track: Vec<PersonId>,
    /// The one chosen last.
    pub primary_contact: Option<PrimaryContact>,
    /// Those outside the family, past ones too, in order of recording.
    pub network: Vec<NetworkPerson>,
    /// Whether the registration was undone: the family is shown to whom asks for it, and in no list.
    pub undone: bool,
    /// When each corrected entry was corrected last, by the entry's revision, Unix milliseconds; the
    /// newest [`CORRECTIONS_MAX`].
    pub corrections_ms: BTreeMap<u64, u64>,
    pub incidents: u32,
    pub last_incident_on: Option<Date>,
    /// By person.
    pub education: Vec<EducationRow>,
    pub employment: Vec<EmploymentRow>,
    /// Of `goals`: those that a contact served, no-shows not counted.
    pub goals_worked_on: u32,
    pub last_goal_contact_ms: Option<i64>,
    pub note_duty: NoteDutyRow,
    /// Revision of the newest entry folded in.
    pub revision: u64,
}

impl StatusRow {
    /// Where the newest case stands.
    pub fn case_state(&self) -> CaseState {
        self.case.as_ref().map_or(CaseState::None, |it| it.state)
    }
}

/// The most corrections that a row remembers.
pub const CORRECTIONS_MAX: usize = 200;

/// What is known of a person, joined when a read is answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonCard {
    pub name: Option<PersonName>,
    pub birth: Option<Birth>,
    pub erased: bool,
    pub language: Option<LanguageNeed>,
    /// Every marker ever set whose kind can be opened, in order of setting.
    pub special_care: Vec<SpecialCare>,
    pub died_on: Option<Date>,
}

/// In which language one speaks with a person.
#[derive(Clone, PartialEq, Eq)]
pub struct LanguageNeed {
    /// A tag of BCP 47; `None` = erased.
    pub language: Option<String>,
    pub interpreter: bool,
    pub kinship_interpreter_refused: bool,
}

impl std::fmt::Debug for LanguageNeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LanguageNeed(…)")
    }
}

/// What one must know before meeting a person, and when it holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SpecialCare {
    pub kind: SpecialCareKind,
    pub period: Period,
}

impl std::fmt::Debug for SpecialCare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SpecialCare(…)")
    }
}

/// A present member, as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberStatus {
    pub person_id: PersonId,
    pub role: FamilyRole,
    pub household: Household,
    pub name: Option<PersonName>,
    pub erased: bool,
    /// On the day asked for; at death where that came first.
    pub age_years: Option<i16>,
    pub language: Option<LanguageNeed>,
    /// Each kind that holds on the day asked for, once.
    pub special_care: Vec<SpecialCare>,
    /// Where the person had died by the day asked for.
    pub died_on: Option<Date>,
}

/// Somebody of the family's network, as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkStatus {
    pub person_id: PersonId,
    pub role: NetworkRole,
    pub agreed_by_family: bool,
    pub name: Option<PersonName>,
    pub erased: bool,
}

/// How a family stands, as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyStatus {
    pub row: StatusRow,
    /// That of the row, or that the offer has expired.
    pub referral_state: Option<ReferralState>,
    /// Present on the day asked for.
    pub members: Vec<MemberStatus>,
    /// Those outside the family who take part on the day asked for.
    pub network: Vec<NetworkStatus>,
    pub days_open: Option<i32>,
    pub children_under_18: u32,
    pub youth_10_to_25: u32,
    pub age_unknown: u32,
    pub active_interventions: u32,
    /// One flag per risk of the row: past its date.
    pub stale: Vec<bool>,
    /// Entries corrected in the last 30 days.
    pub corrected_recently: u32,
    /// The family's stream.
    pub revision: u64,
    pub last_position: u64,
}

#[cfg(test)]
mod tests;
