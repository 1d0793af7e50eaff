use jiff::civil::date;

use super::*;
use crate::effective::Clocks;
use crate::ids::WorkerId;
use crate::rejection::Reason;
use crate::tests::journal::{check, no, yes};
use crate::views::status::{StatusRow, status_of};

/// The replacement turned into a mere assignment: two leads since 1 May.
fn two_leads() -> Journal {
    let corrected = AssignWorker { replaces_lead: false, ..replacing() };
    handed_on().after(ask(CorrectEntry {
        stream: FAMILY.into(),
        entry: EntryRef::Revision(5),
        reason: CorrectionReason::Typo,
        explanation: words("Both lead for a while"),
        corrected: corrected.into(),
        corrected_occurred: None,
    }))
}

#[rustfmt::skip] // One row, one rule.
fn assignment_rows() -> Vec<Row> {
    let open = opened();
    let from = |month, day| AssignWorker { valid_from: date(2019, month, day), ..replacing() };
    let until = |it| AssignWorker { valid_to: Some(date(2019, 5, 31)), ..it };
    vec![
        yes(&open, ask(replacing()), "WorkerAssigned"),
        no(&open, ask(from(3, 1)), Reason::DateOrder, "assign_worker.valid_from"),
        yes(&open, ask(from(3, 2)), "WorkerAssigned"),
        no(&open, ask(AssignWorker { role: WorkerRole::Second, ..replacing() }),
           Reason::FieldInvalid, "assign_worker.replaces_lead"),
        no(&open, ask(until(replacing())), Reason::NoLead, "assign_worker.valid_to"),
        no(&handed_on(), ask(assignment(ANNE, WorkerRole::Lead)),
           Reason::TwoLeads, "assign_worker.role"),
        no(&handed_on(), ask(AssignWorker { worker_id: ANNE, ..from(4, 1) }),
           Reason::NoChange, "assign_worker.worker_id"),
        yes(&handed_on(), ask(AssignWorker { worker_id: ANNE, ..from(6, 1) }), "WorkerAssigned"),
        no(&open, ask(AssignWorker { about: vec![UNCLE], ..replacing() }),
           Reason::NotInFamily, "assign_worker.about[0]"),
        no(&open, ask(AssignWorker { handover_note: Some(words("0101054000")), ..replacing() }),
           Reason::CprInText, "assign_worker.handover_note"),
        no(&closed(), ask(assignment(BO, WorkerRole::Second)), Reason::NoOpenCase, ""),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn unassignment_rows() -> Vec<Row> {
    let open = opened();
    let second = open.clone().after(ask(assignment(BO, WorkerRole::Second)));
    let both = second.clone().after(ask(assignment(BO, WorkerRole::FamilyTherapist)));
    let gone = second.clone().after(ask(unassigning(BO)));
    let as_lead = || UnassignWorker { role: Some(WorkerRole::Lead), ..unassigning(BO) };
    let on = |month, day| {
        ask(UnassignWorker { valid_to: Some(date(2019, month, day)), ..unassigning(BO) })
    };
    vec![
        yes(&second, ask(unassigning(BO)), "WorkerUnassigned"),
        yes(&second, on(5, 1), "WorkerUnassigned"),
        no(&second, on(4, 30), Reason::NoChange, "unassign_worker.worker_id"),
        no(&gone, ask(unassigning(BO)), Reason::NoChange, "unassign_worker.worker_id"),
        no(&open, ask(unassigning(BO)), Reason::NoChange, "unassign_worker.worker_id"),
        no(&second, ask(as_lead()), Reason::NoChange, "unassign_worker.worker_id"),
        no(&both, ask(unassigning(BO)), Reason::FieldInvalid, "unassign_worker.role"),
        no(&second, ask(UnassignWorker { valid_to: Some(date(2019, 2, 28)), ..as_lead() }),
           Reason::BeforeCase, "unassign_worker.valid_to"),
        no(&open, ask(unassigning(ANNE)), Reason::NoLead, "unassign_worker.worker_id"),
        no(&handed_on(), ask(unassigning(BO)), Reason::NoLead, "unassign_worker.worker_id"),
        yes(&two_leads(), ask(unassigning(BO)), "WorkerUnassigned"),
        yes(&two_leads(), ask(unassigning(ANNE)), "WorkerUnassigned"),
        no(&two_leads().after(ask(unassigning(BO))), ask(unassigning(ANNE)),
           Reason::NoLead, "unassign_worker.worker_id"),
        no(&triaged(), ask(unassigning(ANNE)), Reason::NoOpenCase, ""),
        no(&closed(), ask(unassigning(ANNE)), Reason::NoOpenCase, ""),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn handover_rows() -> Vec<Row> {
    let handed = handed_on();
    let told = |day| CompleteHandover { family_told_on: day, ..handing_over(4) };
    let of = |revision| {
        CompleteHandover { assignment: Some(EntryRef::Revision(revision)), ..handing_over(4) }
    };
    let done = handed.clone().after(ask(handing_over(5)).on(2019, 5, 6));
    vec![
        yes(&handed, ask(handing_over(4)), "HandoverCompleted"),
        yes(&handed, ask(handing_over(5)), "HandoverCompleted"),
        no(&handed, ask(handing_over(3)), Reason::NotRead, "complete_handover.read_up_to"),
        no(&handed, ask(handing_over(6)), Reason::UnknownId, "complete_handover.read_up_to"),
        yes(&handed, ask(of(5)), "HandoverCompleted"),
        no(&handed, ask(of(4)), Reason::NoChange, "complete_handover.assignment"),
        no(&handed, ask(of(6)), Reason::UnknownId, "complete_handover.assignment"),
        no(&handed, ask(told(date(2020, 1, 16))),
           Reason::InFuture, "complete_handover.family_told_on"),
        no(&done, ask(handing_over(4)), Reason::NoChange, "complete_handover.assignment"),
        no(&opened(), ask(handing_over(4)), Reason::NoChange, "complete_handover.assignment"),
        no(&triaged(), ask(handing_over(3)), Reason::NoOpenCase, ""),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn pause_rows() -> Vec<Row> {
    let open = opened();
    let paused = open.clone().after(ask(pausing()));
    let resumed = paused.clone().after(ask(resuming()).on(2019, 6, 10));
    let until = |month, day| ask(PauseCase { expected_until: date(2019, month, day), ..pausing() });
    let from = |month, day| ask(PauseCase { paused_from: Some(date(2019, month, day)), ..pausing() });
    vec![
        yes(&open, ask(pausing()), "CasePaused"),
        yes(&open, until(8, 30), "CasePaused"),
        no(&open, until(8, 31), Reason::PauseTooLong, "pause_case.expected_until"),
        no(&open, until(5, 31), Reason::DateOrder, "pause_case.expected_until"),
        no(&open, ask(PauseCase { paused_from: Some(date(2020, 1, 16)), ..pausing() }),
           Reason::InFuture, "pause_case.paused_from"),
        no(&open, from(2, 28), Reason::PauseTooLong, "pause_case.expected_until"),
        no(&open, ask(PauseCase { paused_from: Some(date(2019, 2, 28)),
                                  expected_until: date(2019, 3, 20), ..pausing() }),
           Reason::BeforeCase, "pause_case.paused_from"),
        no(&paused, ask(pausing()), Reason::CaseState, ""),
        no(&proposed(), ask(pausing()).on(2019, 7, 11), Reason::CaseState, ""),
        no(&resumed, from(6, 9), Reason::DateOrder, "pause_case.paused_from"),
        yes(&resumed, from(6, 10), "CasePaused"),
        no(&triaged(), ask(pausing()), Reason::NoOpenCase, ""),
        no(&closed(), ask(pausing()).on(2019, 8, 1), Reason::NoOpenCase, ""),

        yes(&paused, ask(resuming()), "CaseResumed"),
        no(&paused, ask(resuming()).on(2019, 5, 31), Reason::DateOrder, "resume_case.on"),
        no(&paused, ask(ResumeCase { on: Some(date(2020, 1, 16)), ..resuming() }),
           Reason::InFuture, "resume_case.on"),
        no(&open, ask(resuming()), Reason::CaseState, ""),
        no(&resumed, ask(resuming()).on(2019, 6, 11), Reason::CaseState, ""),

        // A pause stops the way through the phases, not the work.
        no(&paused, ask(phase(CasePhase::FamilyAssessment)), Reason::CaseState, ""),
        no(&paused, ask(ProposeClosure { goals: vec![], ..proposing() }), Reason::CaseState, ""),
        yes(&paused, ask(contact(1)).on(2019, 6, 5), "ContactRecorded"),
        yes(&paused, ask(note(1)).on(2019, 6, 5), "NoteRecorded"),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [assignment_rows(), unassignment_rows(), handover_rows(), pause_rows()].concat()
}

#[test]
fn rules_on_who_works_on_a_case_and_rests() {
    check(rows());
}

fn status(journal: &Journal) -> StatusRow {
    status_of(&journal.history(FAMILY.into()), &Clocks::NOW).unwrap()
}

fn lead(journal: &Journal) -> WorkerId {
    status(journal).case.unwrap().lead_worker_id
}

#[test]
fn a_new_lead_ends_the_one_before_and_has_to_read() {
    let world = handed_on().world(&pausing().into());
    let workers = world.families.get(&FAMILY.0).unwrap().state.workers().to_vec();
    let spans: Vec<_> = workers.iter().map(|it| (it.worker_id, it.from, it.to)).collect();
    let (march, april, may) = (date(2019, 3, 1), date(2019, 4, 30), date(2019, 5, 1));
    assert_eq!(spans, [(ANNE, march, Some(april)), (BO, may, None)]);

    let unread = status(&handed_on()).case.unwrap().handover_unread.unwrap();
    assert_eq!((unread.from_worker_id, unread.to_worker_id), (ANNE, BO));
    assert_eq!((unread.since, unread.must_have_read), (may, 4));
    let read = handed_on().after(ask(handing_over(4)));
    assert_eq!(status(&read).case.unwrap().handover_unread, None);
    // The next change asks again, of the next lead only.
    let back = AssignWorker { worker_id: ANNE, valid_from: date(2019, 6, 1), ..replacing() };
    let unread = status(&read.after(ask(back))).case.unwrap().handover_unread.unwrap();
    assert_eq!((unread.to_worker_id, unread.must_have_read), (ANNE, 6));
}

#[test]
fn the_lead_is_who_leads_to_the_end() {
    assert_eq!(lead(&opened()), ANNE);
    assert_eq!(lead(&handed_on()), BO);
    assert_eq!(lead(&two_leads()), BO);
    assert_eq!(lead(&two_leads().after(ask(unassigning(BO)))), ANNE);
    // A replacement that was mistaken brings the lead before it back.
    let mark = MarkMistaken {
        stream: FAMILY.into(),
        entry: EntryRef::Revision(5),
        reason: MistakeReason::DidNotHappen,
        explanation: words("Stayed after all"),
    };
    assert_eq!(lead(&handed_on().after(ask(mark))), ANNE);
}

#[test]
fn a_pause_shows_until_it_is_resumed() {
    let paused = opened().after(ask(pausing()));
    let case = status(&paused).case.unwrap();
    assert_eq!(case.state, CaseState::Paused);
    assert_eq!(case.paused.unwrap().expected_until, date(2019, 8, 11));
    let case = status(&paused.after(ask(resuming()).on(2019, 6, 10))).case.unwrap();
    assert_eq!((case.state, case.paused), (CaseState::Open, None));
}
