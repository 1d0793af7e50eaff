//! The case's part of the status: its state, what waits for a second person, flags.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{CaseRow, PersonCard};
use crate::codes::*;
use crate::effective::Effective;
use crate::fact::Fact;
use crate::family::course::{Casework, Course, Proposed};
use crate::ids::*;

/// A pause that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseRow {
    pub from: Date,
    pub expected_until: Date,
}

/// A closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedRow {
    /// The last day.
    pub on: Date,
    pub outcome: CaseOutcome,
}

/// A change of lead that is not completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoverRow {
    pub from_worker_id: WorkerId,
    pub to_worker_id: WorkerId,
    /// The new lead's first day.
    pub since: Date,
    /// The revision up to which the new lead must read.
    pub must_have_read: u64,
}

/// Something that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRow {
    pub kind: ApprovalKind,
    /// The subject of who proposed it.
    pub proposed_by: String,
    /// Unix milliseconds.
    pub since_ms: i64,
    /// Of the proposal: what an answer names.
    pub revision: u64,
    /// The youth whom it is for; closures are for the family.
    pub person_id: Option<PersonId>,
}

/// What waits for a second person in one of many families, as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingApproval {
    pub family_id: FamilyId,
    pub reference: String,
    pub row: ApprovalRow,
    /// The youth whom it is for.
    pub person: Option<PersonCard>,
    /// Whether the reader may approve it: their role may, and they neither proposed nor changed it.
    pub may_answer: bool,
}

/// A flag that is not resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagRow {
    pub flag_id: FlagId,
    pub kind: FlagKind,
    pub raised_on: Date,
    pub due: Option<Date>,
    pub revision: u64,
}

/// What is remembered of a flag.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct FlagCourse {
    raised: Option<FlagRow>,
    resolved: bool,
}

/// Folds flags in.
pub(super) fn absorb_flag(flags: &mut BTreeMap<FlagId, FlagCourse>, entry: &Effective) {
    if let Fact::FlagRaised(it) = &entry.fact {
        flags.entry(it.flag_id).or_default().raised = Some(FlagRow {
            flag_id: it.flag_id,
            kind: it.kind,
            raised_on: entry.occurred.date(),
            due: it.due,
            revision: entry.revision,
        });
    } else if let Fact::FlagResolved(it) = &entry.fact {
        flags.entry(it.flag_id).or_default().resolved = true;
    }
}

/// The flags that are not resolved, in order of raising.
pub(super) fn open_flags(flags: &BTreeMap<FlagId, FlagCourse>) -> Vec<FlagRow> {
    let open = flags.values().filter(|it| !it.resolved);
    let mut rows: Vec<FlagRow> = open.filter_map(|it| it.raised.clone()).collect();
    rows.sort_by_key(|it| it.revision);
    rows
}

/// The row of a case in this phase.
pub(super) fn case_row(casework: &Casework, course: &Course, phase: CasePhase) -> CaseRow {
    let handover = casework.unread_handover(course);
    CaseRow {
        case_id: course.case_id,
        programme_id: course.programme_id,
        phase,
        opened_on: course.opened_on,
        lead_worker_id: course.lead().map_or(course.first_lead, |it| it.worker_id),
        state: casework.state_of(course),
        spans: course.spans.clone(),
        paused: course
            .running_pause()
            .map(|it| PauseRow { from: it.span.from, expected_until: it.expected_until }),
        closed: course.closed.map(|it| ClosedRow { on: it.on, outcome: it.outcome }),
        handover_unread: handover.map(|it| HandoverRow {
            from_worker_id: it.from_worker_id,
            to_worker_id: it.to_worker_id,
            since: it.since,
            must_have_read: it.must_have_read(),
        }),
    }
}

/// What waits for a second person in the case, in order of proposing.
pub(super) fn approvals(casework: &Casework, course: &Course) -> Vec<ApprovalRow> {
    let row = |kind, revision, proposed: &Proposed, person_id| ApprovalRow {
        kind,
        proposed_by: proposed.by.clone(),
        since_ms: proposed.since_ms,
        revision,
        person_id,
    };
    let waits = |it: &Proposed| it.reply.is_none();
    let closure = casework.live_closure(course).filter(|(_, it)| waits(&it.proposed));
    let closure =
        closure.map(|(revision, it)| row(ApprovalKind::Closure, revision, &it.proposed, None));
    let open = course.closed.is_none();
    let overrides = casework.live_overrides(course).filter(|(_, it)| open && waits(&it.proposed));
    let overrides = overrides.map(|(revision, it)| {
        row(ApprovalKind::AcuteOverride, revision, &it.proposed, Some(it.youth_id))
    });
    let mut rows: Vec<ApprovalRow> = closure.into_iter().chain(overrides).collect();
    rows.sort_by_key(|it| it.revision);
    rows
}
