//! Random facts of the case's course.

use fokus_core::codes::*;
use fokus_core::command::GoalDisposed;
use fokus_core::fact::*;
use fokus_core::ids::*;
use proptest::prelude::RngExt;

use super::Story;

/// The types, after those of the case's beginning.
pub(super) const TYPES: &[&str] = &[
    "ReferralInfoRequested",
    "ReferralInfoSupplied",
    "ReferralDeclined",
    "ReferralWithdrawn",
    "PlaceOffered",
    "PlaceAccepted",
    "PlaceRefused",
    "WorkerUnassigned",
    "HandoverCompleted",
    "CasePaused",
    "CaseResumed",
    "ClosureProposed",
    "ClosureApproved",
    "ClosureRejected",
    "CaseClosed",
    "CaseReopened",
    "PostClosureContactMade",
    "FamilySatisfactionGiven",
    "AcuteOverrideProposed",
    "AcuteOverrideApproved",
    "AcuteOverrideRejected",
    "PartyStatementAdded",
    "FlagRaised",
    "FlagResolved",
    "SupervisionNoteRecorded",
];

impl Story {
    /// The newest event of the type, or any revision.
    fn newest(&mut self, name: &str) -> u64 {
        let found = self.events.iter().rev().find(|it| it.fact.type_name() == name);
        found.map_or_else(|| self.rng.random_range(1..20), |it| it.revision)
    }

    fn worker(&mut self) -> WorkerId {
        WorkerId(self.id(4, 3))
    }

    pub(super) fn casework_fact(&mut self, name: &str) -> Option<Fact> {
        self.referral_step(name)
            .or_else(|| self.case_step(name))
            .or_else(|| self.closing_step(name))
            .or_else(|| self.remark(name))
    }

    fn referral_step(&mut self, name: &str) -> Option<Fact> {
        let referral_id = ReferralId(self.id(2, 2));
        let about = self.persons();
        Some(match name {
            "ReferralInfoRequested" => {
                Fact::ReferralInfoRequested(ReferralInfoRequested { referral_id, about })
            }
            "ReferralInfoSupplied" => {
                Fact::ReferralInfoSupplied(ReferralInfoSupplied { referral_id, about })
            }
            "ReferralDeclined" => Fact::ReferralDeclined(ReferralDeclined {
                referral_id,
                reason: self.pick(&[DeclineReason::NoCapacity, DeclineReason::Duplicate]),
                redirected_to: self.chance().then_some(Agency::School),
            }),
            "ReferralWithdrawn" => {
                Fact::ReferralWithdrawn(ReferralWithdrawn { referral_id, about })
            }
            "PlaceOffered" => {
                Fact::PlaceOffered(PlaceOffered { referral_id, expires_on: self.date() })
            }
            "PlaceAccepted" => {
                Fact::PlaceAccepted(PlaceAccepted { referral_id, accepted_by: about })
            }
            "PlaceRefused" => Fact::PlaceRefused(PlaceRefused { referral_id, about }),
            _ => return None,
        })
    }

    fn case_step(&mut self, name: &str) -> Option<Fact> {
        Some(match name {
            "WorkerUnassigned" => Fact::WorkerUnassigned(WorkerUnassigned {
                worker_id: self.worker(),
                role: self.pick(&[WorkerRole::Lead, WorkerRole::Second]),
                valid_to: self.date(),
            }),
            "HandoverCompleted" => Fact::HandoverCompleted(HandoverCompleted {
                assignment: self.newest("WorkerAssigned"),
                from_worker_id: self.worker(),
                to_worker_id: self.worker(),
                read_up_to: self.rng.random_range(1..20),
                family_told_on: self.date(),
            }),
            "CasePaused" => Fact::CasePaused(CasePaused {
                from: self.date(),
                expected_until: self.date(),
                about: self.persons(),
            }),
            "CaseResumed" => Fact::CaseResumed(CaseResumed { on: self.date() }),
            "AcuteOverrideProposed" => {
                Fact::AcuteOverrideProposed(AcuteOverrideProposed { youth_id: self.person() })
            }
            "AcuteOverrideApproved" => Fact::AcuteOverrideApproved(AcuteOverrideApproved {
                proposal: self.newest("AcuteOverrideProposed"),
                youth_id: self.person(),
            }),
            "AcuteOverrideRejected" => Fact::AcuteOverrideRejected(AcuteOverrideRejected {
                proposal: self.newest("AcuteOverrideProposed"),
                youth_id: self.person(),
            }),
            _ => return None,
        })
    }

    fn closing_step(&mut self, name: &str) -> Option<Fact> {
        let outcome = self.pick(&[CaseOutcome::GoalsMet, CaseOutcome::Moved]);
        let (about, on) = (self.persons(), self.date());
        let proposal = self.newest("ClosureProposed");
        let disposed = |goal_id| GoalDisposed { goal_id, disposition: GoalDisposition::Attained };
        Some(match name {
            "ClosureProposed" => Fact::ClosureProposed(ClosureProposed {
                outcome,
                goals: self.goals().into_iter().map(disposed).collect(),
                about,
            }),
            "ClosureApproved" => Fact::ClosureApproved(ClosureApproved { proposal }),
            "ClosureRejected" => Fact::ClosureRejected(ClosureRejected { proposal, about }),
            "CaseClosed" => Fact::CaseClosed(CaseClosed {
                proposal,
                outcome,
                closed_on: on,
                family_told_on: self.perhaps_date(),
                about,
            }),
            "CaseReopened" => Fact::CaseReopened(CaseReopened {
                reason: self.pick(&[ReopenReason::Relapse, ReopenReason::NewConcern]),
                reopened_on: on,
                lead_worker_id: self.worker(),
                phase: self.pick(&[CasePhase::FamilyPlan, CasePhase::Evaluation]),
                about,
            }),
            "PostClosureContactMade" => Fact::PostClosureContactMade(PostClosureContactMade {
                contact_id: ContactId(self.id(8, 50)),
                on,
                answered: self.chance(),
                about,
            }),
            "FamilySatisfactionGiven" => {
                let person_id = self.perhaps_person();
                Fact::FamilySatisfactionGiven(FamilySatisfactionGiven {
                    person_id,
                    instrument: "TILFREDS_2019".to_owned(),
                    anonymous: person_id.is_none(),
                    about,
                })
            }
            _ => return None,
        })
    }

    fn remark(&mut self, name: &str) -> Option<Fact> {
        let flag_id = FlagId(self.id(13, 3));
        let about = self.persons();
        Some(match name {
            "PartyStatementAdded" => Fact::PartyStatementAdded(PartyStatementAdded {
                person_id: self.person(),
                entry: self.chance().then_some(1),
                about,
            }),
            "FlagRaised" => Fact::FlagRaised(FlagRaised {
                flag_id,
                kind: self.pick(&[FlagKind::Safety, FlagKind::Supervision]),
                due: self.perhaps_date(),
                about,
            }),
            "FlagResolved" => Fact::FlagResolved(FlagResolved { flag_id, about }),
            "SupervisionNoteRecorded" => Fact::SupervisionNoteRecorded(SupervisionNoteRecorded {
                note_id: NoteId(self.id(14, 50)),
                about,
            }),
            _ => return None,
        })
    }
}
