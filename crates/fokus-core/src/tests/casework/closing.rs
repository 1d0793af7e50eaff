use jiff::civil::date;

use super::*;
use crate::command::people::InterestIn;
use crate::effective::Clocks;
use crate::rejection::Reason;
use crate::tests::journal::{check, no, yes};
use crate::tests::staff::{granting, interested};
use crate::views::status::{StatusRow, present, status_of};

/// A second referral, judged, after the closing.
fn referred_again() -> Journal {
    closed().after(ask(referral(2)).on(2019, 8, 1)).after(ask(triage(2)).on(2019, 8, 2))
}

fn second_case() -> OpenCase {
    OpenCase {
        case_id: CaseId(id(201)),
        referral_id: ReferralId(id(102)),
        opened_on: date(2019, 8, 5),
        ..case()
    }
}

/// BO was second from May until 1 June (revision 6); the case was closed on 12 July.
fn second_left_then_closed() -> Journal {
    opened()
        .after(ask(AssignWorker { handover_note: None, ..assignment(BO, WorkerRole::Second) }))
        .after(ask(unassigning(BO)))
        .after(ask(ProposeClosure { goals: vec![], ..proposing() }).on(2019, 7, 10))
        .after(ask(approving()).on(2019, 7, 11).by(LEAD))
        .after(ask(closing()).on(2019, 7, 12))
}

/// The entry, named by its revision.
fn named(revision: u64) -> Option<EntryRef> {
    Some(EntryRef::Revision(revision))
}

fn marking(revision: u64) -> MarkMistaken {
    MarkMistaken {
        stream: FAMILY.into(),
        entry: EntryRef::Revision(revision),
        reason: MistakeReason::DidNotHappen,
        explanation: words("Was not so"),
    }
}

fn correcting(revision: u64, corrected: impl Into<Command>) -> CorrectEntry {
    CorrectEntry {
        stream: FAMILY.into(),
        entry: EntryRef::Revision(revision),
        reason: CorrectionReason::Typo,
        explanation: words("Was not so"),
        corrected: corrected.into(),
        corrected_occurred: None,
    }
}

#[rustfmt::skip] // One row, one rule.
fn proposal_rows() -> Vec<Row> {
    let with = |goals| ask(ProposeClosure { goals, ..proposing() });
    let rejected = proposed().after(ask(rejecting()).on(2019, 7, 11));
    let other = ProposeClosure { outcome: CaseOutcome::GoalsMet, ..proposing() };
    let changed_by_lead = proposed().after(ask(correcting(14, other.clone())).by(LEAD));
    vec![
        yes(&ended(), ask(proposing()), "ClosureProposed"),
        yes(&running(), ask(proposing()), "ClosureProposed"),
        no(&triaged(), ask(ProposeClosure { goals: vec![], ..proposing() }),
           Reason::NoOpenCase, ""),
        no(&ended(), with(vec![disposed(1)]), Reason::GoalsOpen, "propose_closure.goals"),
        no(&ended(), with(vec![disposed(1), disposed(9)]),
           Reason::UnknownId, "propose_closure.goals[1].goal_id"),
        no(&ended(), ask(ProposeClosure { about: vec![UNCLE], ..proposing() }),
           Reason::NotInFamily, "propose_closure.about[0]"),
        no(&ended(), ask(ProposeClosure { summary: words("0101054000"), ..proposing() }),
           Reason::CprInText, "propose_closure.summary"),
        no(&proposed(), ask(proposing()), Reason::ProposalState, ""),
        no(&approved(), ask(proposing()), Reason::ProposalState, ""),
        yes(&rejected, ask(proposing()), "ClosureProposed"),
        no(&closed(), ask(proposing()), Reason::NoOpenCase, ""),

        yes(&proposed(), ask(approving()).on(2019, 7, 11).by(LEAD), "ClosureApproved"),
        no(&proposed(), ask(approving()).on(2019, 7, 11),
           Reason::FourEyes, "approve_closure.proposal"),
        no(&changed_by_lead, ask(approving()).on(2019, 7, 11).by(LEAD),
           Reason::FourEyes, "approve_closure.proposal"),
        yes(&changed_by_lead, ask(approving()).on(2019, 7, 11).by("lead-2"), "ClosureApproved"),
        no(&proposed(), ask(approving()).on(2019, 7, 9).by(LEAD),
           Reason::DateOrder, "occurred_at"),
        no(&ended(), ask(approving()).by(LEAD),
           Reason::ProposalState, "approve_closure.proposal"),
        no(&approved(), ask(approving()).on(2019, 7, 12).by(LEAD),
           Reason::ProposalState, "approve_closure.proposal"),
        no(&rejected, ask(approving()).on(2019, 7, 12).by(LEAD),
           Reason::ProposalState, "approve_closure.proposal"),
        yes(&proposed(), ask(ApproveClosure { proposal: named(14), ..approving() })
                .on(2019, 7, 11).by(LEAD), "ClosureApproved"),
        no(&proposed(), ask(ApproveClosure { proposal: named(13), ..approving() })
                .on(2019, 7, 11).by(LEAD), Reason::UnknownId, "approve_closure.proposal"),
        no(&rejected.clone().after(ask(proposing()).on(2019, 7, 12)),
           ask(ApproveClosure { proposal: named(14), ..approving() }).on(2019, 7, 13).by(LEAD),
           Reason::ProposalState, "approve_closure.proposal"),

        yes(&proposed(), ask(rejecting()).on(2019, 7, 11), "ClosureRejected"),
        yes(&approved(), ask(rejecting()).on(2019, 7, 12), "ClosureRejected"),
        no(&approved(), ask(rejecting()).on(2019, 7, 10), Reason::DateOrder, "occurred_at"),
        no(&rejected, ask(rejecting()).on(2019, 7, 12),
           Reason::ProposalState, "reject_closure.proposal"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn close_rows() -> Vec<Row> {
    let ready = approved();
    let at = |it| ask(it).on(2019, 7, 12);
    let still_running = running().after(ask(proposing()).on(2019, 7, 10))
        .after(ask(approving()).on(2019, 7, 11).by(LEAD));
    let new_goal = ready.clone()
        .after(ask(plan(2, PlanKind::Child, Some(CHILD))).on(2019, 7, 11))
        .after(ask(goal(2, 3, RiskArea::SchoolThriving)).on(2019, 7, 11));
    let given_up = ready.clone().after(ask(rejecting()).on(2019, 7, 12));
    vec![
        yes(&ready, at(closing()), "CaseClosed"),
        no(&proposed(), at(closing()), Reason::ProposalState, "close_case.proposal"),
        no(&ended(), at(closing()), Reason::ProposalState, "close_case.proposal"),
        no(&given_up, ask(closing()).on(2019, 7, 13),
           Reason::ProposalState, "close_case.proposal"),
        no(&still_running, at(closing()), Reason::InterventionsOpen, ""),
        no(&new_goal, at(closing()), Reason::GoalsOpen, "close_case.proposal"),
        no(&ready, at(CloseCase { closed_on: Some(date(2019, 7, 10)), ..closing() }),
           Reason::DateOrder, "close_case.closed_on"),
        no(&ready, at(CloseCase { closed_on: Some(date(2020, 1, 16)), ..closing() }),
           Reason::InFuture, "close_case.closed_on"),
        no(&ready, at(CloseCase { family_told_on: Some(date(2020, 1, 16)), ..closing() }),
           Reason::InFuture, "close_case.family_told_on"),
        no(&ready, at(CloseCase { family_told_on: None, ..closing() }),
           Reason::FieldInvalid, "close_case.family_told_on"),
        no(&ready, at(CloseCase { not_told_reason: Some(words("Moved")), ..closing() }),
           Reason::FieldInvalid, "close_case.family_told_on"),
        yes(&ready, at(CloseCase { family_told_on: None,
                                   not_told_reason: Some(words("Moved")), ..closing() }),
            "CaseClosed"),
        no(&closed(), ask(closing()).on(2019, 7, 13),
           Reason::ProposalState, "close_case.proposal"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn closed_rows() -> Vec<Row> {
    let shut = closed();
    vec![
        // What happened while the case was open can still be written down.
        yes(&shut, ask(contact(1)).on(2019, 7, 12), "ContactRecorded"),
        yes(&shut, ask(note(1)).on(2019, 7, 1), "NoteRecorded"),
        yes(&shut, ask(HoldSession { on: date(2019, 6, 20), ..session(1) }).on(2019, 8, 1),
            "SessionHeld"),
        no(&shut, ask(HoldSession { on: date(2019, 7, 13), ..session(1) }).on(2019, 8, 1),
           Reason::NoOpenCase, ""),
        // What happens afterwards does not rest on it.
        no(&shut, ask(contact(1)).on(2019, 7, 13), Reason::NoLegalBasis, "legal_basis"),
        yes(&shut, ask(contact(1)).on(2019, 7, 13).by_law(), "ContactRecorded"),
        no(&shut, ask(note(1)).on(2019, 7, 13), Reason::NoLegalBasis, "legal_basis"),
        yes(&shut, ask(note(1)).on(2019, 7, 13).by_law(), "NoteRecorded"),
        no(&shut, ask(phase(CasePhase::FamilyAssessment)), Reason::NoOpenCase, ""),
        no(&shut, ask(plan(2, PlanKind::Family, None)), Reason::NoOpenCase, ""),
        no(&shut, ask(ordering(2, InterventionType::Fft)), Reason::NoOpenCase, ""),
        no(&shut, ask(assessing(2, AssessmentKind::Screening)), Reason::NoOpenCase, ""),
        no(&shut, ask(judging(YOUTH, &[5])).on(2019, 7, 20),
           Reason::NoLegalBasis, "legal_basis"),
        no(&shut, ask(track(YOUTH)), Reason::NoOpenCase, ""),

        yes(&shut, ask(following_up()).on(2020, 1, 10), "PostClosureContactMade"),
        yes(&shut, ask(RecordPostClosureContact { answered: false, findings: None,
                                                  ..following_up() }).on(2020, 1, 10),
            "PostClosureContactMade"),
        no(&shut, ask(following_up()).on(2019, 7, 11),
           Reason::DateOrder, "record_post_closure_contact.on"),
        no(&shut, ask(RecordPostClosureContact { on: Some(date(2020, 1, 16)), ..following_up() }),
           Reason::InFuture, "record_post_closure_contact.on"),
        no(&opened(), ask(following_up()), Reason::CaseState, ""),
        no(&reopened(), ask(following_up()).on(2019, 9, 2), Reason::CaseState, ""),
        no(&triaged(), ask(following_up()), Reason::CaseState, ""),
        no(&shut, ask(RecordPostClosureContact { about: vec![UNCLE], findings: None,
                                                 ..following_up() }).on(2020, 1, 10),
           Reason::NotInFamily, "record_post_closure_contact.about[0]"),
        no(&shut.clone().after(ask(following_up()).on(2020, 1, 10)),
           ask(following_up()).on(2020, 1, 11),
           Reason::IdTaken, "record_post_closure_contact.contact_id"),

        yes(&shut, ask(satisfied()).on(2019, 8, 1), "FamilySatisfactionGiven"),
        yes(&opened(), ask(satisfied()), "FamilySatisfactionGiven"),
        no(&triaged(), ask(satisfied()), Reason::NoOpenCase, ""),
        no(&opened(), ask(satisfied()).on(2019, 2, 28), Reason::BeforeCase, "occurred_at"),
        no(&opened(), ask(GiveFamilySatisfaction { anonymous: true, ..satisfied() }),
           Reason::FieldInvalid, "give_family_satisfaction.person_id"),
        no(&opened(), ask(GiveFamilySatisfaction { person_id: Some(UNCLE), ..satisfied() }),
           Reason::NotInFamily, "give_family_satisfaction.person_id"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn reopen_rows() -> Vec<Row> {
    let shut = closed();
    let on = |year, month, day| ask(reopening()).on(year, month, day);
    let early = CloseCase { closed_on: Some(date(2019, 7, 12)), ..closing() };
    // Closed in January, as corrected: a year and a day before today.
    let long_ago = shut.clone().after(ask(correcting(16, CloseCase {
        closed_on: Some(date(2019, 1, 14)), ..early
    })));
    let again = referred_again();
    let two = again.clone().after(ask(second_case()).on(2019, 8, 5).by_law());
    vec![
        yes(&shut, on(2019, 9, 1), "CaseReopened"),
        yes(&shut, on(2019, 7, 12), "CaseReopened"),
        no(&shut, on(2019, 7, 11), Reason::DateOrder, "reopen_case.reopened_on"),
        no(&shut, ask(ReopenCase { reopened_on: Some(date(2020, 1, 16)), ..reopening() }),
           Reason::InFuture, "reopen_case.reopened_on"),
        yes(&long_ago, on(2020, 1, 14), "CaseReopened"),
        no(&long_ago, on(2020, 1, 15), Reason::NewEpisode, "reopen_case.reopened_on"),
        no(&opened(), ask(reopening()), Reason::CaseAlreadyOpen, ""),
        no(&reopened(), on(2019, 9, 2), Reason::CaseAlreadyOpen, ""),
        no(&two, on(2019, 9, 1), Reason::CaseAlreadyOpen, ""),
        no(&triaged(), ask(reopening()), Reason::CaseState, ""),
        no(&shut, ask(ReopenCase { lead_worker_id: Some(BO), ..reopening() }).on(2019, 9, 1),
           Reason::WorkerNotActive, "reopen_case.lead_worker_id"),
        no(&shut, ask(ReopenCase { lead_worker_id: Some(WorkerId(NOBODY.0)), ..reopening() })
               .on(2019, 9, 1), Reason::UnknownId, "reopen_case.lead_worker_id"),
        yes(&shut, ask(ReopenCase { phase: Some(CasePhase::YouthTrack), ..reopening() })
                .on(2019, 9, 1), "CaseReopened"),
        no(&shut.clone().after(ask(interested(ANNE, InterestIn::Family(FAMILY)))), on(2019, 9, 1),
           Reason::ConflictOfInterest, "reopen_case.lead_worker_id"),
        no(&shut.clone().after(ask(granting(ANNE, WorkerRole::Second))), on(2019, 9, 1),
           Reason::RoleNotGranted, "reopen_case.lead_worker_id"),

        // It goes on: in its phase, with its lead; its goals are open again.
        yes(&reopened(), ask(contact(1)).on(2019, 9, 2), "ContactRecorded"),
        no(&reopened(), ask(contact(1)).on(2019, 8, 1), Reason::BeforeCase, "occurred_at"),
        no(&reopened(), ask(approving()).on(2019, 9, 2).by(LEAD),
           Reason::ProposalState, "approve_closure.proposal"),
        yes(&reopened(), ask(proposing()).on(2019, 9, 2), "ClosureProposed"),
        no(&reopened(), ask(ProposeClosure { goals: vec![], ..proposing() }).on(2019, 9, 2),
           Reason::GoalsOpen, "propose_closure.goals"),
        yes(&reopened(), ask(track(YOUTH)).on(2019, 9, 2), "YouthTrackOpened"),

        // A new episode begins anew: the family comes first again.
        yes(&again, ask(second_case()).on(2019, 8, 5).by_law(), "CaseOpened"),
        no(&again, ask(OpenCase { referral_id: ReferralId(id(101)), ..second_case() })
               .on(2019, 8, 5).by_law(), Reason::ReferralState, "open_case.referral_id"),
        no(&again, ask(OpenCase { opened_on: date(2019, 7, 12), ..second_case() })
               .on(2019, 8, 5).by_law(), Reason::DateOrder, "open_case.opened_on"),
        no(&two, ask(track(YOUTH)).on(2019, 9, 1),
           Reason::FamilyFirst, "open_youth_track.youth_id"),
        yes(&two, ask(ProposeClosure { goals: vec![], ..proposing() }).on(2019, 9, 2),
            "ClosureProposed"),
        yes(&two, ask(plan(2, PlanKind::Family, None)).on(2019, 9, 1), "PlanDrafted"),
    ]
}

/// What corrections and marks may do to the end of a case.
#[rustfmt::skip] // One row, one rule.
fn correction_rows() -> Vec<Row> {
    let (ready, shut) = (approved(), closed());
    let two = referred_again().after(ask(second_case()).on(2019, 8, 5).by_law());
    let left = second_left_then_closed();
    vec![
        // What was approved is not changed behind the second person's back.
        no(&ready, ask(correcting(14, ProposeClosure { outcome: CaseOutcome::GoalsMet,
                                                       ..proposing() })),
           Reason::NotCorrectable, "correct_entry.entry"),
        no(&closed(), ask(correcting(16, CloseCase { proposal: named(15), ..closing() })),
           Reason::UnknownId, "correct_entry.corrected.close_case.proposal"),
        yes(&closed(), ask(correcting(16, CloseCase { closed_on: Some(date(2019, 7, 11)),
                                                      ..closing() })), "EntryCorrected"),
        // The closing before it stands, as long as the case after it does.
        no(&two, ask(marking(16)), Reason::NotCorrectable, "mark_mistaken.entry"),
        yes(&shut, ask(marking(16)), "EntryMarkedMistaken"),
        // What was done while the case was open can be corrected when it no longer is.
        yes(&left, ask(correcting(6, UnassignWorker { valid_to: Some(date(2019, 6, 20)),
                                                      ..unassigning(BO) })), "EntryCorrected"),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [proposal_rows(), close_rows(), closed_rows(), reopen_rows()].concat()
}

#[test]
fn rules_on_the_end_of_a_case() {
    check(rows());
    check(correction_rows());
}

fn status(journal: &Journal) -> StatusRow {
    status_of(&journal.history(FAMILY.into()), &Clocks::NOW).unwrap()
}

#[test]
fn the_status_follows_a_case_to_its_end_and_back() {
    for (journal, expected) in [
        (ended(), CaseState::Open),
        (proposed(), CaseState::ClosureProposed),
        (approved(), CaseState::ClosureApproved),
        (proposed().after(ask(rejecting()).on(2019, 7, 11)), CaseState::Open),
        (closed(), CaseState::Closed),
        (closed().after(ask(marking(16))), CaseState::ClosureApproved),
        (reopened(), CaseState::Open),
        (triaged(), CaseState::None),
    ] {
        let shown = status(&journal);
        assert_eq!(shown.case_state(), expected);
        let world = journal.world(&closing().into());
        let family = &world.families.get(&FAMILY.0).unwrap().state;
        assert_eq!(family.case_state(), expected, "deciding and showing agree");
    }
}

#[test]
fn what_waits_for_a_second_person_is_on_the_row() {
    let waiting = status(&proposed()).approvals;
    let shown: Vec<_> =
        waiting.iter().map(|it| (it.kind, it.proposed_by.as_str(), it.revision)).collect();
    assert_eq!(shown, [(ApprovalKind::Closure, "worker-1", 14)]);
    assert!(status(&approved()).approvals.is_empty());
    assert!(status(&proposed().after(ask(rejecting()).on(2019, 7, 11))).approvals.is_empty());
}

#[test]
fn a_closed_case_is_open_no_longer_and_counts_its_days() {
    let days = |journal: &Journal, today| {
        let row = status(journal);
        present(&row, &std::collections::BTreeMap::new(), today, 0, 1, 1).days_open
    };
    assert_eq!(days(&ended(), date(2019, 7, 12)), Some(133));
    assert_eq!(days(&closed(), date(2019, 8, 31)), Some(133));
    assert_eq!(days(&reopened(), date(2019, 9, 11)), Some(143));
    let after = closed().after(ask(following_up()).on(2020, 1, 10));
    assert_eq!(status(&after).last_contact_after_closure_on, Some(date(2020, 1, 10)));
    let closed_row = status(&closed()).case.unwrap().closed.unwrap();
    assert_eq!((closed_row.on, closed_row.outcome), (date(2019, 7, 12), CaseOutcome::PartlyMet));
}

#[test]
fn a_new_episode_counts_its_own_plans_and_goals() {
    let two = referred_again().after(ask(second_case()).on(2019, 8, 5).by_law());
    let row = status(&two);
    assert_eq!((row.earlier_cases, row.goals), (1, 0));
    assert_eq!(row.family_plan_state, crate::views::status::PlanState::None);
    assert_eq!(row.case.unwrap().case_id, CaseId(id(201)));
    assert_eq!(status(&reopened()).goals, 2);
}

#[test]
fn acts_on_a_closed_case_rest_on_its_basis_only_by_their_nature() {
    let basis = |journal: Journal, ask| journal.decide(&ask).unwrap().basis.map(|it| it.code);
    let law = Some("SEL_11".to_owned());
    assert_eq!(basis(closed(), ask(leaving(CHILD)).on(2019, 8, 1)), None);
    assert_eq!(basis(closed(), ask(leaving(CHILD)).on(2019, 7, 1)), law);
    assert_eq!(basis(closed(), ask(following_up()).on(2019, 8, 1)), law);
    assert_eq!(basis(closed(), ask(reopening()).on(2019, 8, 1)), law);
}

#[test]
fn a_caseload_row_holds_a_case_with_its_days() {
    let journal = handed_on()
        .after(ask(pausing()).on(2019, 6, 1))
        .after(ask(resuming()).on(2019, 6, 10))
        .after(ask(contact(1)).on(2019, 6, 12))
        .after(ask(no_show()).on(2019, 6, 13));
    let rows = crate::views::caseload::rows_of(&journal.history(FAMILY.into()), &Clocks::NOW);
    let [row] = rows.as_slice() else { panic!("one case") };
    let spans: Vec<_> = row.assignments.iter().map(|it| (it.worker_id, it.from)).collect();
    assert_eq!(spans, [(ANNE, date(2019, 3, 1)), (BO, date(2019, 5, 1))]);
    let pause = row.pauses[0].span;
    assert_eq!((pause.from, pause.to), (date(2019, 6, 1), Some(date(2019, 6, 9))));
    assert_eq!(row.days.len(), 2, "a contact, and somebody who did not come");
    assert_eq!((row.days[0].contacts, row.days[0].minutes), (1, 45));
    assert_eq!((row.days[1].contacts, row.days[1].minutes, row.days[1].minutes_spent), (0, 0, 30));
    assert_eq!((row.children.len(), row.handovers.len()), (2, 1));
    let two = referred_again().after(ask(second_case()).on(2019, 8, 5).by_law());
    let rows = crate::views::caseload::rows_of(&two.history(FAMILY.into()), &Clocks::NOW);
    let open: Vec<_> = rows.iter().map(|it| (it.open[0].from, it.open[0].to)).collect();
    let first = (date(2019, 3, 1), Some(date(2019, 7, 12)));
    assert_eq!(open, [first, (date(2019, 8, 5), None)]);
}

fn no_show() -> RecordContact {
    let kind = ContactKind::NoShow;
    RecordContact { kind, minutes: 30, present: vec![], text: None, ..contact(2) }
}
