//! Queries: what may be read, and what comes back. All go through [`crate::journal::Journal::read`].

use std::collections::{BTreeMap, BTreeSet};

use fokus_core::codes::{CasePhase, CaseState, InterventionType};
use fokus_core::effective::Clocks;
use fokus_core::ids::{FamilyId, PersonId, ProgrammeId, StreamRef, WorkerId};
use fokus_core::period::Quarter;
use fokus_core::record::HistoryEvent;
use fokus_core::views::caseload::{Weights, WorkerLoad};
use fokus_core::views::interventions::ShownCard;
use fokus_core::views::outcomes::OutcomeRow;
use fokus_core::views::programme::Figures;
use fokus_core::views::status::{FamilyStatus, InterventionState, PersonCard, WaitingApproval};
use fokus_core::views::timeline::TimelineEntry;
use fokus_core::views::trajectory::Trajectory;
use jiff::civil::Date;

pub use fokus_store::{About, StorePart};

use crate::session::Access;

/// The most entries of a page.
pub const PAGE_SIZE_MAX: u32 = 1_000;
/// The entries of a page when the client does not say.
pub const PAGE_SIZE_DEFAULT: u32 = 100;

/// One family's status.
#[derive(Debug, Clone)]
pub struct FamilyStatusQuery {
    pub family_id: FamilyId,
    /// Wait until the view has reached this position; 0 = do not wait.
    pub min_position: u64,
    pub clocks: Clocks,
}

/// One family's status, and where the answer stands.
#[derive(Debug, Clone)]
pub struct FamilyStatusAnswer {
    pub status: FamilyStatus,
    pub as_of: u64,
}

/// A page of families.
#[derive(Debug, Clone)]
pub struct FamilyListQuery {
    /// 0 = 100; at most 1000, else FIELD_INVALID. Pages of the past have at most 100 families.
    pub page_size: u32,
    /// Empty = from the start.
    pub page_token: String,
    pub min_position: u64,
    pub clocks: Clocks,
    /// The state of the newest case; `None` = all.
    pub case_state: Option<CaseState>,
    pub phase: Option<CasePhase>,
}

/// A page of families, and where the answer stands.
#[derive(Debug, Clone)]
pub struct FamilyListAnswer {
    pub families: Vec<FamilyStatus>,
    /// Empty at the end.
    pub next_page_token: String,
    pub as_of: u64,
}

/// A page of one family's timeline.
#[derive(Debug, Clone)]
pub struct TimelineQuery {
    pub family_id: FamilyId,
    pub page_size: u32,
    pub page_token: String,
    pub min_position: u64,
    pub clocks: Clocks,
    /// By time of recording instead of time of happening.
    pub by_recorded: bool,
    pub include_mistaken: bool,
    /// Also notes of supervisions.
    pub include_supervision: bool,
}

/// A page of a timeline, and where the answer stands.
#[derive(Debug, Clone)]
pub struct TimelineAnswer {
    pub entries: Vec<TimelineEntry>,
    pub next_page_token: String,
    pub as_of: u64,
    /// Where the family's stream stands.
    pub revision: u64,
}

/// Who is called what in one family: everybody who is or was a member or of its network, and workers.
#[derive(Debug, Clone)]
pub struct FamilyNamesQuery {
    pub family_id: FamilyId,
    pub clocks: Clocks,
    /// At most [`NAMED_WORKERS_MAX`] of them are looked up.
    pub workers: BTreeSet<WorkerId>,
}

/// The most workers whose names one answer gives.
pub const NAMED_WORKERS_MAX: usize = 64;

/// Who is called what. Whoever is not in it was not asked for, or has no name.
#[derive(Debug, Clone)]
pub struct FamilyNamesAnswer {
    pub persons: BTreeMap<PersonId, PersonCard>,
    /// Without those whose name is erased.
    pub workers: BTreeMap<WorkerId, String>,
}

/// One family's trajectory.
#[derive(Debug, Clone)]
pub struct TrajectoryQuery {
    pub family_id: FamilyId,
    pub min_position: u64,
    pub clocks: Clocks,
}

/// One family's trajectory, and where the answer stands.
#[derive(Debug, Clone)]
pub struct TrajectoryAnswer {
    pub trajectory: Trajectory,
    pub as_of: u64,
    /// Where the family's stream stands.
    pub revision: u64,
}

/// Who has how much on a day: the day of `was_at`, today without it.
#[derive(Debug, Clone)]
pub struct CaseloadQuery {
    pub page_token: String,
    pub min_position: u64,
    pub clocks: Clocks,
    /// `None` = everybody.
    pub worker_id: Option<WorkerId>,
}

/// The loads, and where the answer stands.
#[derive(Debug, Clone)]
pub struct CaseloadAnswer {
    /// Those who had a case.
    pub workers: BTreeMap<WorkerId, NamedLoad>,
    pub weights: Weights,
    pub day: Date,
    /// Empty = the loads are whole; else those of the next pages are to be added.
    pub next_page_token: String,
    pub as_of: u64,
}

/// A worker's load, and who that is.
#[derive(Debug, Clone, Default)]
pub struct NamedLoad {
    pub load: WorkerLoad,
    /// `None` when erased.
    pub name: Option<String>,
}

/// A page of interventions.
#[derive(Debug, Clone)]
pub struct InterventionListQuery {
    /// 0 = 100; at most 1000, else FIELD_INVALID.
    pub page_size: u32,
    pub page_token: String,
    pub min_position: u64,
    pub clocks: Clocks,
    /// `None` = of all families.
    pub family_id: Option<FamilyId>,
    /// In any of these states; none = all.
    pub states: Vec<InterventionState>,
    /// Of any of these types; none = all.
    pub types: Vec<InterventionType>,
    pub overdue_only: bool,
}

/// A page of interventions, and where the answer stands.
#[derive(Debug, Clone)]
pub struct InterventionListAnswer {
    pub interventions: Vec<ShownCard>,
    /// Empty at the end.
    pub next_page_token: String,
    pub day: Date,
    pub as_of: u64,
}

/// A page of what waits for a second person.
#[derive(Debug, Clone)]
pub struct ApprovalListQuery {
    /// 0 = 100; at most 1000, else FIELD_INVALID.
    pub page_size: u32,
    pub page_token: String,
    pub min_position: u64,
    pub clocks: Clocks,
    /// Who asks: whether they may answer is a part of the answer.
    pub asking: Access,
    /// Only what they may answer.
    pub mine_to_answer: bool,
}

/// A page of what waits, and where the answer stands.
#[derive(Debug, Clone)]
pub struct ApprovalListAnswer {
    pub approvals: Vec<WaitingApproval>,
    /// Empty at the end.
    pub next_page_token: String,
    pub as_of: u64,
}

/// The live numbers of programmes on a day: the day of `was_at`, today without it.
#[derive(Debug, Clone)]
pub struct ProgrammeQuery {
    pub min_position: u64,
    pub clocks: Clocks,
    /// `None` = every programme that a family was referred to.
    pub programme_id: Option<ProgrammeId>,
}

/// The live numbers, and where the answer stands.
#[derive(Debug, Clone)]
pub struct ProgrammeAnswer {
    /// By id.
    pub programmes: Vec<Figures>,
    pub day: Date,
    pub as_of: u64,
}

/// One release of a programme. It has no clocks: a release is what it was.
#[derive(Debug, Clone)]
pub struct OutcomesQuery {
    pub programme_id: ProgrammeId,
    /// `None` = the newest that stands.
    pub quarter: Option<Quarter>,
    pub min_position: u64,
}

/// The release, every release, and where the answer stands.
#[derive(Debug, Clone)]
pub struct OutcomesAnswer {
    pub release: OutcomeRow,
    /// In order of releasing.
    pub releases: Vec<OutcomeRow>,
    pub as_of: u64,
}

/// Every release of every programme, withdrawn ones too. It has no clocks: a release is what it was.
#[derive(Debug, Clone)]
pub struct ReleasesQuery {
    pub min_position: u64,
}

/// The releases, and where the answer stands.
#[derive(Debug, Clone)]
pub struct ReleasesAnswer {
    /// By programme, in order of releasing.
    pub releases: Vec<OutcomeRow>,
    pub as_of: u64,
}

/// Releases that came or were withdrawn after a position, each once as it is now.
#[derive(Debug, Clone)]
pub struct ChangedOutcomesQuery {
    pub after: u64,
    /// 1 to 1000.
    pub limit: u32,
}

/// Changed releases.
#[derive(Debug, Clone)]
pub struct ChangedOutcomesAnswer {
    /// In order of the last change of their programme, which stands beside each.
    pub releases: Vec<(OutcomeRow, u64)>,
    /// Ask on from here: all changes up to this position are in the answers so far.
    pub through: u64,
}

/// Families changed after a position, each once with its latest status.
#[derive(Debug, Clone)]
pub struct ChangedFamiliesQuery {
    pub after: u64,
    /// 1 to 1000.
    pub limit: u32,
}

/// Changed families.
#[derive(Debug, Clone)]
pub struct ChangedFamiliesAnswer {
    /// In order of their last change.
    pub families: Vec<FamilyStatus>,
    /// Ask on from here: all changes up to this position are in the answers so far.
    pub through: u64,
}

/// Events as recorded.
#[derive(Debug, Clone)]
pub struct HistoryQuery {
    /// `None` = the whole log.
    pub stream: Option<StreamRef>,
    /// Revision (with a stream) or position, exclusive. Beyond the head of the log: BEYOND_HEAD.
    pub after: u64,
    /// 1 to 1000.
    pub limit: u32,
}

/// Events as recorded, and where the answer stands.
#[derive(Debug, Clone)]
pub struct HistoryAnswer {
    pub events: Vec<HistoryEvent>,
    /// The head of the log.
    pub head: u64,
    /// Where the reading got to (position or revision): control leaves are passed over.
    pub through: u64,
    /// Whether nothing came after `through` when this was read.
    pub whole: bool,
}

/// The log's signed note.
#[derive(Debug, Clone, Copy)]
pub struct CheckpointQuery;

/// The log's signed note.
#[derive(Debug, Clone)]
pub struct CheckpointAnswer {
    pub note: String,
    pub verifier_key: String,
}

/// The views.
#[derive(Debug, Clone, Copy)]
pub struct ViewsQuery;

/// One view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewState {
    pub name: String,
    /// The code's revision.
    pub revision: u16,
    pub build: u16,
    pub position: u64,
    /// Where it halted, and why as a code.
    pub halted: Option<(u64, String)>,
}

/// The views, and the head of the log.
#[derive(Debug, Clone)]
pub struct ViewsAnswer {
    pub views: Vec<ViewState>,
    pub head: u64,
}

/// What the store says of itself, and whether this municipality's log is only read.
#[derive(Debug, Clone, Copy)]
pub struct StoreQuery;

/// Engine, versions, sizes of the whole store, whose municipalities share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreAnswer {
    pub about: About,
    /// Why commands are refused; `None` = they are not.
    pub alarm: Option<String>,
}

/// How far a rebuild has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RebuildProgress {
    pub position: u64,
    pub head: u64,
    /// Set in the last one: rows changed, added, removed against the live view.
    pub difference: Option<(u64, u64, u64)>,
}
