//! The case's course: commands with plain values, and the journal at each stage. Rows vary the commands.

mod approval;
mod closing;
mod placement;
mod remarks;
mod workers;

use jiff::civil::date;

use super::corrected::{Case, case_of};
use super::journal::{Journal, Row, ask};
use super::story::*;
use crate::codes::*;
use crate::command::*;
use crate::ids::*;

/// A second person.
const LEAD: &str = "lead-1";

/// The rows of all topics.
pub(super) fn rows() -> Vec<Row> {
    [placement::rows(), workers::rows(), closing::rows(), approval::rows(), remarks::rows()]
        .concat()
}

fn referral_id() -> ReferralId {
    ReferralId(id(101))
}

fn questions() -> RequestReferralInfo {
    RequestReferralInfo {
        family_id: FAMILY,
        referral_id: referral_id(),
        questions: words("Since when?"),
        about: Vec::new(),
    }
}

fn answers() -> SupplyReferralInfo {
    SupplyReferralInfo {
        family_id: FAMILY,
        referral_id: referral_id(),
        answer: words("Since autumn"),
        about: Vec::new(),
    }
}

fn declining() -> DeclineReferral {
    DeclineReferral {
        family_id: FAMILY,
        referral_id: referral_id(),
        reason: DeclineReason::OtherService,
        redirected_to: Some(Agency::School),
    }
}

fn withdrawing() -> WithdrawReferral {
    WithdrawReferral {
        family_id: FAMILY,
        referral_id: referral_id(),
        reason: Some(words("Moved")),
        about: Vec::new(),
    }
}

fn offering() -> OfferPlace {
    OfferPlace { family_id: FAMILY, referral_id: referral_id() }
}

fn accepting() -> AcceptPlace {
    AcceptPlace { family_id: FAMILY, referral_id: referral_id(), accepted_by: vec![MOTHER, YOUTH] }
}

fn refusing() -> RefusePlace {
    RefusePlace {
        family_id: FAMILY,
        referral_id: referral_id(),
        reason: Some(words("Not now")),
        about: vec![MOTHER],
    }
}

/// BO becomes the lead instead of ANNE on 1 May.
fn replacing() -> AssignWorker {
    AssignWorker {
        replaces_lead: true,
        handover_note: Some(words("Ring in the morning")),
        ..assignment(BO, WorkerRole::Lead)
    }
}

fn unassigning(worker_id: WorkerId) -> UnassignWorker {
    UnassignWorker { family_id: FAMILY, worker_id, role: None, valid_to: None }
}

fn handing_over(read_up_to: u64) -> CompleteHandover {
    let family_told_on = date(2019, 5, 3);
    CompleteHandover { family_id: FAMILY, assignment: None, read_up_to, family_told_on }
}

fn pausing() -> PauseCase {
    PauseCase {
        family_id: FAMILY,
        paused_from: None,
        expected_until: date(2019, 8, 11),
        reason: words("Away for the summer"),
        about: Vec::new(),
    }
}

fn resuming() -> ResumeCase {
    ResumeCase { family_id: FAMILY, on: None }
}

fn disposed(number: u128) -> GoalDisposed {
    GoalDisposed { goal_id: GoalId(id(800 + number)), disposition: GoalDisposition::Attained }
}

fn proposing() -> ProposeClosure {
    ProposeClosure {
        family_id: FAMILY,
        outcome: CaseOutcome::PartlyMet,
        summary: words("School is in place"),
        goals: vec![disposed(1), disposed(2)],
        follow_up_plan: Some(words("Ring in half a year")),
        about: Vec::new(),
    }
}

fn approving() -> ApproveClosure {
    ApproveClosure { family_id: FAMILY, proposal: None }
}

fn rejecting() -> RejectClosure {
    RejectClosure {
        family_id: FAMILY,
        proposal: None,
        reason: words("Too early"),
        about: Vec::new(),
    }
}

fn closing() -> CloseCase {
    CloseCase {
        family_id: FAMILY,
        proposal: None,
        closed_on: None,
        family_told_on: Some(date(2019, 7, 12)),
        not_told_reason: None,
    }
}

fn reopening() -> ReopenCase {
    ReopenCase {
        family_id: FAMILY,
        reason: ReopenReason::Relapse,
        grounds: words("Absent again"),
        reopened_on: None,
        lead_worker_id: None,
        phase: None,
        about: Vec::new(),
    }
}

fn following_up() -> RecordPostClosureContact {
    RecordPostClosureContact {
        family_id: FAMILY,
        contact_id: ContactId(id(450)),
        on: None,
        answered: true,
        findings: Some(words("Doing well")),
        about: Vec::new(),
    }
}

fn satisfied() -> GiveFamilySatisfaction {
    GiveFamilySatisfaction {
        family_id: FAMILY,
        person_id: Some(MOTHER),
        instrument: "TILFREDS_2019".to_owned(),
        answers: vec![SatisfactionAnswer { question: "Q1".to_owned(), answer: "4".to_owned() }],
        anonymous: false,
    }
}

fn overriding() -> ProposeAcuteOverride {
    ProposeAcuteOverride { family_id: FAMILY, youth_id: YOUTH, reason: words("Cannot wait") }
}

fn approving_override() -> ApproveAcuteOverride {
    ApproveAcuteOverride { family_id: FAMILY, proposal: None }
}

fn rejecting_override() -> RejectAcuteOverride {
    RejectAcuteOverride { family_id: FAMILY, proposal: None, reason: words("It can wait") }
}

fn stating() -> AddPartyStatement {
    AddPartyStatement {
        family_id: FAMILY,
        person_id: MOTHER,
        entry: Some(EntryRef::Revision(1)),
        text: words("It was not so"),
        about: Vec::new(),
    }
}

fn flagging() -> RaiseFlag {
    RaiseFlag {
        family_id: FAMILY,
        flag_id: FlagId(id(950)),
        kind: FlagKind::Safety,
        due: Some(date(2019, 6, 15)),
        text: words("Visit in twos"),
        about: Vec::new(),
    }
}

fn resolving() -> ResolveFlag {
    ResolveFlag { family_id: FAMILY, flag_id: FlagId(id(950)), resolution: words("Agreed") }
}

fn supervising() -> RecordSupervisionNote {
    RecordSupervisionNote {
        family_id: FAMILY,
        note_id: NoteId(id(550)),
        text: words("Talked the case through"),
        about: Vec::new(),
    }
}

/// Revision 4: a place is offered on 20 February.
fn offered() -> Journal {
    triaged().after(ask(offering()).on(2019, 2, 20))
}

/// Revision 5: BO leads since 1 May, instead of ANNE.
fn handed_on() -> Journal {
    opened().after(ask(replacing()).on(2019, 5, 1))
}

/// Revision 13: family therapy has ended.
fn ended() -> Journal {
    let end = EndIntervention { on: date(2019, 7, 1), ..ending(1) };
    running().after(ask(end).on(2019, 7, 1))
}

/// Revision 14: the closure is proposed.
fn proposed() -> Journal {
    ended().after(ask(proposing()).on(2019, 7, 10))
}

/// Revision 15: and approved.
fn approved() -> Journal {
    proposed().after(ask(approving()).on(2019, 7, 11).by(LEAD))
}

/// Revision 16: the case is closed on 12 July.
fn closed() -> Journal {
    approved().after(ask(closing()).on(2019, 7, 12))
}

/// Revision 17: and reopened on 1 September.
fn reopened() -> Journal {
    closed().after(ask(reopening()).on(2019, 9, 1))
}

/// Revision 5: an override is proposed for the youth.
fn override_proposed() -> Journal {
    opened().after(ask(overriding()).on(2019, 3, 10))
}

/// One of each command, with a journal that accepts it on 2 July 2019.
pub(super) fn cases() -> Vec<Case> {
    let referred = || registered().after(ask(referral(1)).on(2019, 2, 10));
    let asked = || referred().after(ask(questions()).on(2019, 2, 11));
    let new_offer = || triaged().after(ask(offering()).on(2019, 6, 20));
    let early_end = || running().after(ask(EndIntervention { on: date(2019, 6, 1), ..ending(1) }));
    let early_proposal = || early_end().after(ask(proposing()).by(LEAD));
    let early_approval = || early_proposal().after(ask(approving()));
    let closed_early = || {
        let told = CloseCase { family_told_on: Some(date(2019, 6, 1)), ..closing() };
        early_approval().after(ask(told))
    };
    let untold =
        CloseCase { family_told_on: None, not_told_reason: Some(words("Moved away")), ..closing() };
    let waiting = || opened().after(ask(overriding()).on(2019, 3, 10).by(LEAD));
    vec![
        case_of(referred(), questions()),
        case_of(asked(), answers()),
        case_of(referred(), declining()),
        case_of(referred(), withdrawing()),
        case_of(triaged(), offering()),
        case_of(new_offer(), accepting()),
        case_of(new_offer(), refusing()),
        case_of(opened(), replacing()),
        case_of(opened().after(ask(assignment(BO, WorkerRole::Second))), unassigning(BO)),
        case_of(handed_on(), handing_over(4)),
        case_of(opened(), pausing()),
        case_of(opened().after(ask(pausing())), resuming()),
        case_of(early_end(), proposing()),
        case_of(early_proposal(), approving()),
        case_of(early_proposal(), rejecting()),
        case_of(early_approval(), untold),
        case_of(closed_early(), reopening()),
        case_of(closed_early(), following_up()),
        case_of(closed_early(), satisfied()),
        case_of(
            closed_early(),
            GiveFamilySatisfaction { person_id: None, anonymous: true, ..satisfied() },
        ),
        case_of(opened(), overriding()),
        case_of(waiting(), approving_override()),
        case_of(waiting(), rejecting_override()),
        case_of(waiting().after(ask(approving_override())), track(YOUTH)),
        case_of(opened(), stating()),
        case_of(opened(), RaiseFlag { due: Some(date(2019, 8, 1)), ..flagging() }),
        case_of(opened().after(ask(flagging())), resolving()),
        case_of(opened(), supervising()),
    ]
}
