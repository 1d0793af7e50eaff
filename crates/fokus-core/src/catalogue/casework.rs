//! The rows of the case's course.

use super::Class::{P0, P1, P2, P4};
use super::{TypeFields, coded, personal};

#[rustfmt::skip] // One row, one field.
pub(super) const TYPES: &[TypeFields] = &[
    ("ReferralInfoRequested", 1, &[
        coded("referral_id", P1),
        coded("about", P1),
        personal("questions", P4, "about"),
    ]),
    ("ReferralInfoSupplied", 1, &[
        coded("referral_id", P1),
        coded("about", P1),
        personal("answer", P4, "about"),
    ]),
    ("ReferralDeclined", 1, &[
        coded("referral_id", P1),
        coded("reason", P2),
        coded("redirected_to", P2),
    ]),
    ("ReferralWithdrawn", 1, &[
        coded("referral_id", P1),
        coded("about", P1),
        personal("reason", P4, "about"),
    ]),
    ("PlaceOffered", 1, &[
        coded("referral_id", P1),
        coded("expires_on", P1),
    ]),
    ("PlaceAccepted", 1, &[
        coded("referral_id", P1),
        coded("accepted_by", P2),
    ]),
    ("PlaceRefused", 1, &[
        coded("referral_id", P1),
        coded("about", P1),
        personal("reason", P4, "about"),
    ]),
    ("WorkerAssigned", 2, &[
        coded("worker_id", P1),
        coded("role", P1),
        coded("valid_from", P1),
        coded("valid_to", P1),
        coded("replaces_lead", P1),
        coded("about", P1),
        personal("handover_note", P4, "about"),
    ]),
    ("WorkerUnassigned", 1, &[
        coded("worker_id", P1),
        coded("role", P1),
        coded("valid_to", P1),
    ]),
    ("HandoverCompleted", 1, &[
        coded("assignment", P1),
        coded("from_worker_id", P1),
        coded("to_worker_id", P1),
        coded("read_up_to", P1),
        coded("family_told_on", P1),
    ]),
    ("CasePaused", 1, &[
        coded("from", P1),
        coded("expected_until", P1),
        coded("about", P1),
        personal("reason", P4, "about"),
    ]),
    ("CaseResumed", 1, &[
        coded("on", P1),
    ]),
    ("ClosureProposed", 1, &[
        coded("outcome", P2),
        coded("goals", P2),
        coded("about", P1),
        personal("summary", P4, "about"),
        personal("follow_up_plan", P4, "about"),
    ]),
    ("ClosureApproved", 1, &[
        coded("proposal", P1),
    ]),
    ("ClosureRejected", 1, &[
        coded("proposal", P1),
        coded("about", P1),
        personal("reason", P4, "about"),
    ]),
    ("CaseClosed", 1, &[
        coded("proposal", P1),
        coded("outcome", P2),
        coded("closed_on", P1),
        coded("family_told_on", P1),
        coded("about", P1),
        personal("not_told_reason", P4, "about"),
    ]),
    ("CaseReopened", 1, &[
        coded("reason", P2),
        coded("reopened_on", P1),
        coded("lead_worker_id", P1),
        coded("phase", P2),
        coded("about", P1),
        personal("grounds", P4, "about"),
    ]),
    ("PostClosureContactMade", 1, &[
        coded("contact_id", P1),
        coded("on", P1),
        coded("answered", P2),
        coded("about", P1),
        personal("findings", P4, "about"),
    ]),
    ("FamilySatisfactionGiven", 1, &[
        coded("person_id", P1),
        coded("instrument", P0),
        coded("anonymous", P1),
        coded("about", P1),
        personal("answers", P4, "about"),
    ]),
    ("YouthTrackOpened", 2, &[
        coded("youth_id", P1),
        coded("track_id", P1),
        coded("family_plan_due_on", P1),
    ]),
    ("AcuteOverrideProposed", 1, &[
        coded("youth_id", P1),
        personal("reason", P4, "youth_id"),
    ]),
    ("AcuteOverrideApproved", 1, &[
        coded("proposal", P1),
        coded("youth_id", P1),
    ]),
    ("AcuteOverrideRejected", 1, &[
        coded("proposal", P1),
        coded("youth_id", P1),
        personal("reason", P4, "youth_id"),
    ]),
    ("PartyStatementAdded", 1, &[
        coded("person_id", P1),
        coded("entry", P1),
        coded("about", P1),
        personal("text", P4, "about"),
    ]),
    ("FlagRaised", 1, &[
        coded("flag_id", P1),
        coded("kind", P2),
        coded("due", P1),
        coded("about", P1),
        personal("text", P4, "about"),
    ]),
    ("FlagResolved", 1, &[
        coded("flag_id", P1),
        coded("about", P1),
        personal("resolution", P4, "about"),
    ]),
    ("SupervisionNoteRecorded", 1, &[
        coded("note_id", P1),
        coded("about", P1),
        personal("text", P4, "about"),
    ]),
];
