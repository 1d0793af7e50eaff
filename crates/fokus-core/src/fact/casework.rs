//! Facts of the case's course: the referral's answers, the workers, pauses, closing and after, the
//! acute override of "family first", and remarks beside the journal.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codes::*;
use crate::command::GoalDisposed;
use crate::ids::*;

fact! {
    /// Who referred is asked for more. Personal: `questions`.
    ReferralInfoRequested { referral_id: ReferralId, about: Vec<PersonId> }
}
fact! {
    /// More is known of a referral. Personal: `answer`.
    ReferralInfoSupplied { referral_id: ReferralId, about: Vec<PersonId> }
}
fact! {
    /// The municipality says no.
    ReferralDeclined {
        referral_id: ReferralId,
        reason: DeclineReason,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        redirected_to: Option<Agency>,
    }
}
fact! {
    /// Who referred takes it back. Personal: `reason`.
    ReferralWithdrawn {
        referral_id: ReferralId,
        /// Whom the reason is about; empty without one.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        about: Vec<PersonId>,
    }
}
fact! {
    /// The family is offered a place.
    PlaceOffered {
        referral_id: ReferralId,
        /// The last day on which it can be accepted.
        expires_on: Date,
    }
}
fact! {
    /// The family takes the place.
    PlaceAccepted { referral_id: ReferralId, accepted_by: Vec<PersonId> }
}
fact! {
    /// The family does not want the place. Personal: `reason`.
    PlaceRefused {
        referral_id: ReferralId,
        /// Whom the reason is about; empty without one.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        about: Vec<PersonId>,
    }
}
fact! {
    /// A worker left the case, in one role.
    WorkerUnassigned {
        worker_id: WorkerId,
        role: WorkerRole,
        /// The last day.
        valid_to: Date,
    }
}
fact! {
    /// A new lead has taken over.
    HandoverCompleted {
        /// Revision of the assignment that made the new lead.
        assignment: u64,
        from_worker_id: WorkerId,
        to_worker_id: WorkerId,
        /// Revision of the family's stream up to which the new lead has read.
        read_up_to: u64,
        family_told_on: Date,
    }
}
fact! {
    /// The case rests for a while; statutory clocks keep running. Personal: `reason`.
    CasePaused {
        /// The first day.
        from: Date,
        expected_until: Date,
        about: Vec<PersonId>,
    }
}
fact! {
    /// The case goes on.
    CaseResumed {
        /// The first day that is not paused.
        on: Date,
    }
}
fact! {
    /// Somebody proposes to close the case. Personal: `summary`, `follow_up_plan`.
    ClosureProposed {
        outcome: CaseOutcome,
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        goals: Vec<GoalDisposed>,
        about: Vec<PersonId>,
    }
}
fact! {
    /// Another person approved the closure.
    ClosureApproved {
        /// Revision of the proposal.
        proposal: u64,
    }
}
fact! {
    /// The closure was turned down, or taken back. Personal: `reason`.
    ClosureRejected {
        /// Revision of the proposal.
        proposal: u64,
        about: Vec<PersonId>,
    }
}
fact! {
    /// The case ended. Its summary is in the proposal. Personal: `not_told_reason`.
    CaseClosed {
        /// Revision of the proposal.
        proposal: u64,
        outcome: CaseOutcome,
        /// The last day.
        closed_on: Date,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        family_told_on: Option<Date>,
        /// Whom the reason is about; empty without one.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        about: Vec<PersonId>,
    }
}
fact! {
    /// The case goes on after its closing. Personal: `grounds`.
    CaseReopened {
        reason: ReopenReason,
        reopened_on: Date,
        lead_worker_id: WorkerId,
        phase: CasePhase,
        about: Vec<PersonId>,
    }
}
fact! {
    /// Somebody asked how the family does after the closing. Personal: `findings`.
    PostClosureContactMade {
        contact_id: ContactId,
        on: Date,
        answered: bool,
        /// Whom the findings are about; empty without them.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        about: Vec<PersonId>,
    }
}
fact! {
    /// Somebody of the family said how satisfied they are. Personal: `answers`.
    FamilySatisfactionGiven {
        #[serde(skip_serializing_if = "Option::is_none", default)]
        person_id: Option<PersonId>,
        instrument: String,
        anonymous: bool,
        /// Whom the answers are about: who answered, or all present members.
        about: Vec<PersonId>,
    }
}
fact! {
    /// Somebody proposes that a youth's track is opened before the family's plan. Personal: `reason`.
    AcuteOverrideProposed { youth_id: PersonId }
}
fact! {
    /// Another person approved it.
    AcuteOverrideApproved {
        /// Revision of the proposal.
        proposal: u64,
        youth_id: PersonId,
    }
}
fact! {
    /// It was turned down, or taken back. Personal: `reason`.
    AcuteOverrideRejected {
        /// Revision of the proposal.
        proposal: u64,
        youth_id: PersonId,
    }
}
fact! {
    /// A party wants something to stand beside what is written. Personal: `text`.
    PartyStatementAdded {
        /// Whose statement it is.
        person_id: PersonId,
        /// Revision of the entry that it is on.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        entry: Option<u64>,
        about: Vec<PersonId>,
    }
}
fact! {
    /// Attention is called to something. Personal: `text`.
    FlagRaised {
        flag_id: FlagId,
        kind: FlagKind,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        due: Option<Date>,
        about: Vec<PersonId>,
    }
}
fact! {
    /// It is dealt with. Personal: `resolution`.
    FlagResolved { flag_id: FlagId, about: Vec<PersonId> }
}
fact! {
    /// A note of a supervision, not part of the family's default insight. Personal: `text`.
    SupervisionNoteRecorded { note_id: NoteId, about: Vec<PersonId> }
}
