//! What a corrected command may leave out because the entry says it: whom its text is about, and what it
//! answers or completes. What "left out" means may have changed since the entry was made.

use crate::command::{Command, EntryRef};
use crate::fact::Fact;
use crate::ids::PersonId;

/// Fills what the command leaves out by what the entry has.
pub(super) fn as_before(command: &mut Command, entry: &Fact) {
    references(command, entry);
    if let Some((about, before)) = whom(command, entry)
        && about.is_empty()
    {
        about.clone_from(before);
    }
}

/// The entry that is answered or completed; role, lead and phase.
fn references(command: &mut Command, entry: &Fact) {
    let named = |revision: u64| Some(EntryRef::Revision(revision));
    match (command, entry) {
        (Command::ApproveClosure(it), Fact::ClosureApproved(before)) => {
            it.proposal = it.proposal.or(named(before.proposal));
        }
        (Command::RejectClosure(it), Fact::ClosureRejected(before)) => {
            it.proposal = it.proposal.or(named(before.proposal));
        }
        (Command::CloseCase(it), Fact::CaseClosed(before)) => {
            it.proposal = it.proposal.or(named(before.proposal));
        }
        (Command::ApproveAcuteOverride(it), Fact::AcuteOverrideApproved(before)) => {
            it.proposal = it.proposal.or(named(before.proposal));
        }
        (Command::RejectAcuteOverride(it), Fact::AcuteOverrideRejected(before)) => {
            it.proposal = it.proposal.or(named(before.proposal));
        }
        (Command::CompleteHandover(it), Fact::HandoverCompleted(before)) => {
            it.assignment = it.assignment.or(named(before.assignment));
        }
        (Command::UnassignWorker(it), Fact::WorkerUnassigned(before)) => {
            it.role = it.role.or(Some(before.role));
        }
        (Command::ReopenCase(it), Fact::CaseReopened(before)) => {
            it.lead_worker_id = it.lead_worker_id.or(Some(before.lead_worker_id));
            it.phase = it.phase.or(Some(before.phase));
        }
        (_, _) => {}
    }
}

/// Whom the command's text is about, and whom the entry's is; nothing where it has none.
fn whom<'a>(
    command: &'a mut Command,
    entry: &'a Fact,
) -> Option<(&'a mut Vec<PersonId>, &'a Vec<PersonId>)> {
    Some(match (command, entry) {
        (Command::RequestReferralInfo(it), Fact::ReferralInfoRequested(before)) => {
            (&mut it.about, &before.about)
        }
        (Command::SupplyReferralInfo(it), Fact::ReferralInfoSupplied(before)) => {
            (&mut it.about, &before.about)
        }
        (Command::WithdrawReferral(it), Fact::ReferralWithdrawn(before)) => {
            (&mut it.about, &before.about)
        }
        (Command::RefusePlace(it), Fact::PlaceRefused(before)) => (&mut it.about, &before.about),
        (Command::AssignWorker(it), Fact::WorkerAssigned(before)) => (&mut it.about, &before.about),
        (Command::PauseCase(it), Fact::CasePaused(before)) => (&mut it.about, &before.about),
        (Command::ProposeClosure(it), Fact::ClosureProposed(before)) => {
            (&mut it.about, &before.about)
        }
        (Command::RejectClosure(it), Fact::ClosureRejected(before)) => {
            (&mut it.about, &before.about)
        }
        (Command::ReopenCase(it), Fact::CaseReopened(before)) => (&mut it.about, &before.about),
        (Command::RecordPostClosureContact(it), Fact::PostClosureContactMade(before)) => {
            (&mut it.about, &before.about)
        }
        (Command::AddPartyStatement(it), Fact::PartyStatementAdded(before)) => {
            (&mut it.about, &before.about)
        }
        (Command::RaiseFlag(it), Fact::FlagRaised(before)) => (&mut it.about, &before.about),
        (Command::RecordSupervisionNote(it), Fact::SupervisionNoteRecorded(before)) => {
            (&mut it.about, &before.about)
        }
        (_, _) => return None,
    })
}
