//! Random histories of one family from a seed: facts of every type of its stream, out of order in the
//! world, with corrections, corrections of corrections, marks and withdrawals.
//!
//! Ids come from small pools, so that facts meet. The facts need not obey the rules of deciding: folds
//! must agree on every history, also on those that only an older program would have let through.

mod assessing;
mod casework;

use fokus_core::codes::*;
use fokus_core::command::{Actor, Agreement, Attendance, InitialMember, PlannedCourse};
use fokus_core::effective::target_of;
use fokus_core::fact::people::*;
use fokus_core::fact::*;
use fokus_core::ids::*;
use fokus_core::record::Recorded;
use fokus_core::time::Occurred;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::RngExt;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::Map;
use uuid::Uuid;

/// 2019-01-01T00:00:00Z.
const START_MS: i64 = 1_546_300_800_000;
const HOUR_MS: i64 = 3_600_000;

/// The types that this module makes by itself, after the registration.
const ORDINARY: &[&str] = &[
    "FamilyMemberAdded",
    "FamilyMemberLeft",
    "FamilyMemberRoleChanged",
    "RelationshipStated",
    "RelationshipEnded",
    "PrimaryContactChosen",
    "NetworkPersonAdded",
    "NetworkPersonRemoved",
    "FamilyRegistrationUndone",
    "ReferralSubmitted",
    "ReferralTriaged",
    "CaseOpened",
    "WorkerAssigned",
    "CasePhaseEntered",
    "YouthTrackOpened",
    "ContactRecorded",
    "NoteRecorded",
    "AssessmentStarted",
    "ProfessionalRiskJudged",
    "AssessmentConcluded",
    "PlanDrafted",
    "GoalSet",
    "PlanAgreed",
    "InterventionOrdered",
    "InterventionStarted",
    "SessionHeld",
    "InterventionEnded",
];

/// A history under construction.
pub(crate) struct Story {
    rng: TestRng,
    pub(crate) events: Vec<Recorded>,
    position: u64,
    recorded_ms: i64,
}

/// A history of 5 to `most` events from a seed.
pub(crate) fn history(seed: u64, most: usize) -> Story {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut story = Story { rng, events: Vec::new(), position: 0, recorded_ms: START_MS };
    let registered = story.fact("FamilyRegistered");
    story.push(registered);
    let length = story.rng.random_range(5..=most);
    while story.events.len() < length {
        let fact = story.next_fact();
        story.push(fact);
    }
    story
}

impl Story {
    /// Records a fact after all others.
    pub(crate) fn push(&mut self, fact: Fact) {
        self.position += self.rng.random_range(1..4);
        self.recorded_ms += self.rng.random_range(0..96) * HOUR_MS;
        let recorded = Recorded {
            event_id: EventId(Uuid::from_u128(0xE0000 + u128::from(self.position))),
            position: self.position,
            revision: self.events.len() as u64 + 1,
            recorded_ms: u64::try_from(self.recorded_ms).unwrap(),
            occurred: self.occurred(),
            basis: None,
            actor: Actor {
                sub: "worker-1".to_owned(),
                role: "CASEWORKER".to_owned(),
                unit: None,
                on_behalf_of: None,
            }
            .into(),
            fact,
        };
        self.events.push(recorded);
    }

    fn next_fact(&mut self) -> Fact {
        let bearing = match self.rng.random_range(0..20) {
            0..4 => self.random_entry().map(|it| self.correction(&it)),
            4..6 => self.random_entry().map(|it| mark(&it)),
            6 => self.marked_entry().map(|it| withdrawal(&it)),
            7 => self.corrected_entry().map(|it| self.correction(&it)),
            _ => None,
        };
        bearing.unwrap_or_else(|| {
            let names = self.pick(&[ORDINARY, ORDINARY, casework::TYPES, assessing::TYPES]);
            let name = self.pick(names);
            self.fact(name)
        })
    }

    /// Some entry that can be corrected.
    pub(crate) fn random_entry(&mut self) -> Option<Recorded> {
        let entries: Vec<usize> = (0..self.events.len())
            .filter(|it| target_of(&self.events[*it].fact).is_none())
            .collect();
        let index = self.pick(&entries);
        Some(self.events[index].clone())
    }

    fn corrected_entry(&mut self) -> Option<Recorded> {
        let targets: Vec<u64> = self
            .events
            .iter()
            .filter(|it| matches!(it.fact, Fact::EntryCorrected(_)))
            .filter_map(|it| target_of(&it.fact))
            .collect();
        self.one_of(&targets)
    }

    fn marked_entry(&mut self) -> Option<Recorded> {
        let mut marked = Vec::new();
        for event in &self.events {
            if let Fact::EntryMarkedMistaken(it) = &event.fact {
                marked.push(it.target_revision);
            } else if let Fact::MistakenMarkWithdrawn(it) = &event.fact {
                marked.retain(|at| *at != it.target_revision);
            }
        }
        self.one_of(&marked)
    }

    fn one_of(&mut self, revisions: &[u64]) -> Option<Recorded> {
        if revisions.is_empty() {
            return None;
        }
        let revision = self.pick(revisions);
        self.events.iter().find(|it| it.revision == revision).cloned()
    }

    /// A correction of the entry: another fact of its type with the same ids, or what it was.
    pub(crate) fn correction(&mut self, entry: &Recorded) -> Fact {
        let original = entry.fact.to_json();
        let mut corrected = original.clone();
        if self.rng.random_ratio(5, 6) {
            corrected = self.fact(entry.fact.type_name()).to_json();
            for id in ["person_id", "family_id", "case_id", "plan_id", "intervention_id"] {
                if let Some(it) = original.get(id) {
                    corrected.insert(id.to_owned(), it.clone());
                }
            }
        }
        let removed = original.keys().filter(|it| !corrected.contains_key(*it)).cloned().collect();
        let differs = |it: &(String, serde_json::Value)| original.get(&it.0) != Some(&it.1);
        let changes: Map<_, _> = corrected.into_iter().filter(differs).collect();
        let occurred = self.rng.random_ratio(1, 3).then(|| self.occurred());
        Fact::EntryCorrected(EntryCorrected {
            target_revision: entry.revision,
            reason: CorrectionReason::Typo,
            changes,
            removed,
            removed_personal: Vec::new(),
            corrected_personal: Vec::new(),
            occurred,
        })
    }

    fn occurred(&mut self) -> Occurred {
        let back_ms = self.rng.random_range(0..60 * 24) * HOUR_MS;
        Occurred {
            at_ms: self.recorded_ms - back_ms,
            offset_min: 60,
            precision: self.pick(&[
                Precision::Exact,
                Precision::Exact,
                Precision::Day,
                Precision::Month,
                Precision::UnknownEstimated,
            ]),
        }
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.random_range(0..from.len())]
    }

    fn chance(&mut self) -> bool {
        self.rng.random()
    }

    /// One of `count` ids of a kind.
    fn id(&mut self, kind: u128, count: u128) -> Uuid {
        Uuid::from_u128((kind << 32) + self.rng.random_range(0..count))
    }

    fn person(&mut self) -> PersonId {
        PersonId(self.id(1, 5))
    }

    fn persons(&mut self) -> Vec<PersonId> {
        (0..self.rng.random_range(0..4)).map(|_| self.person()).collect()
    }

    fn perhaps_person(&mut self) -> Option<PersonId> {
        self.chance().then(|| self.person())
    }

    fn date(&mut self) -> Date {
        date(2018, 11, 1).checked_add(self.rng.random_range(0..400).days()).unwrap()
    }

    fn perhaps_date(&mut self) -> Option<Date> {
        self.chance().then(|| self.date())
    }

    fn member(&mut self) -> InitialMember {
        InitialMember {
            person_id: self.person(),
            role: self.pick(&[FamilyRole::Mother, FamilyRole::Child, FamilyRole::HalfSibling]),
            household: self.pick(&[Household::Core, Household::PartTime]),
        }
    }

    fn risk_areas(&mut self) -> Vec<RiskArea> {
        (0..self.rng.random_range(0..3)).map(|_| self.risk_area()).collect()
    }

    fn risk_area(&mut self) -> RiskArea {
        self.pick(&[RiskArea::StreetLifestyle, RiskArea::SchoolThriving, RiskArea::FamilyProblems])
    }

    fn goals(&mut self) -> Vec<GoalId> {
        (0..self.rng.random_range(0..3)).map(|_| GoalId(self.id(7, 4))).collect()
    }

    /// A random fact of a type.
    fn fact(&mut self, name: &str) -> Fact {
        self.family_fact(name)
            .or_else(|| self.circle_fact(name))
            .or_else(|| self.journal_fact(name))
            .or_else(|| self.plan_fact(name))
            .or_else(|| self.intervention_fact(name))
            .or_else(|| self.assessing_fact(name))
            .or_else(|| self.casework_fact(name))
            .unwrap_or_else(|| panic!("no generator for {name}"))
    }

    fn family_fact(&mut self, name: &str) -> Option<Fact> {
        Some(match name {
            "FamilyRegistered" => Fact::FamilyRegistered(FamilyRegistered {
                family_id: FamilyId(Uuid::from_u128(1)),
                reference: format!("FF-2019-{:03}", self.rng.random_range(0..1000)),
                initial_members: (0..self.rng.random_range(1..4)).map(|_| self.member()).collect(),
                source: self.pick(&[FamilySource::Concern, FamilySource::Agency]),
            }),
            "FamilyMemberAdded" => {
                let member = self.member();
                Fact::FamilyMemberAdded(FamilyMemberAdded {
                    person_id: member.person_id,
                    role: member.role,
                    household: member.household,
                    valid_from: self.date(),
                })
            }
            "FamilyMemberLeft" => Fact::FamilyMemberLeft(FamilyMemberLeft {
                person_id: self.person(),
                reason: self.pick(&[LeaveReason::MovedOut, LeaveReason::Placed]),
                valid_to: self.date(),
            }),
            "ReferralSubmitted" => Fact::ReferralSubmitted(ReferralSubmitted {
                referral_id: ReferralId(self.id(2, 2)),
                programme_id: ProgrammeId(self.id(3, 1)),
                agency: self.pick(&[Agency::School, Agency::Police]),
                worker_id: self.chance().then(|| WorkerId(self.id(4, 3))),
                risk_areas: self.risk_areas(),
                family_knows: self.chance(),
                about: self.persons(),
            }),
            "ReferralTriaged" => Fact::ReferralTriaged(ReferralTriaged {
                referral_id: ReferralId(self.id(2, 2)),
                met: self.chance(),
                criteria: vec![CriterionMet { code: "AGE".to_owned(), met: self.chance() }],
                capacity: self.chance(),
                priority: self.pick(&[Priority::Acute, Priority::Normal]),
                about: self.persons(),
            }),
            "CaseOpened" => Fact::CaseOpened(CaseOpened {
                case_id: CaseId(self.id(5, 2)),
                programme_id: ProgrammeId(self.id(3, 1)),
                referral_id: ReferralId(self.id(2, 2)),
                opened_on: self.date(),
                kle: "27.00.00".to_owned(),
                lead_worker_id: WorkerId(self.id(4, 3)),
                regime: self.pick(&[Regime::Sel, Regime::Bl]),
            }),
            "WorkerAssigned" => Fact::WorkerAssigned(WorkerAssigned {
                worker_id: WorkerId(self.id(4, 3)),
                role: self.pick(&[WorkerRole::Lead, WorkerRole::Second]),
                valid_from: self.date(),
                valid_to: self.perhaps_date(),
                replaces_lead: self.chance(),
                about: self.persons(),
            }),
            "CasePhaseEntered" => Fact::CasePhaseEntered(CasePhaseEntered {
                phase: self.pick(&[
                    CasePhase::FamilyAssessment,
                    CasePhase::FamilyPlan,
                    CasePhase::YouthTrack,
                    CasePhase::Evaluation,
                ]),
            }),
            _ => return None,
        })
    }

    fn circle_fact(&mut self, name: &str) -> Option<Fact> {
        let relationship_id = RelationshipId(self.id(13, 3));
        let person_id = self.person();
        Some(match name {
            "FamilyMemberRoleChanged" => Fact::FamilyMemberRoleChanged(FamilyMemberRoleChanged {
                person_id,
                role: self.pick(&[FamilyRole::Stepparent, FamilyRole::Child, FamilyRole::Other]),
                valid_from: self.date(),
            }),
            "RelationshipStated" => Fact::RelationshipStated(RelationshipStated {
                relationship_id,
                person_id,
                other_person_id: self.person(),
                kind: self.pick(&[RelationshipKind::ParentOf, RelationshipKind::Friend]),
                quality: self.chance().then_some(RelationshipQuality::Close),
                valid_from: self.date(),
                as_seen_by: self.perhaps_person(),
            }),
            "RelationshipEnded" => Fact::RelationshipEnded(RelationshipEnded {
                relationship_id,
                person_id,
                other_person_id: self.person(),
                valid_to: self.date(),
            }),
            "PrimaryContactChosen" => Fact::PrimaryContactChosen(PrimaryContactChosen {
                person_id,
                channel: self.pick(&[ContactChannel::Phone, ContactChannel::Letter]),
                interpreter: self.chance(),
            }),
            "NetworkPersonAdded" => Fact::NetworkPersonAdded(NetworkPersonAdded {
                person_id,
                role: self.pick(&[NetworkRole::Coach, NetworkRole::Relative]),
                agreed_by_family: self.chance(),
                valid_from: self.date(),
            }),
            "NetworkPersonRemoved" => Fact::NetworkPersonRemoved(NetworkPersonRemoved {
                person_id,
                valid_to: self.date(),
            }),
            "FamilyRegistrationUndone" => {
                Fact::FamilyRegistrationUndone(FamilyRegistrationUndone {
                    reason: self.pick(&[UndoReason::Duplicate, UndoReason::WrongPeople]),
                })
            }
            _ => return None,
        })
    }

    fn journal_fact(&mut self, name: &str) -> Option<Fact> {
        Some(match name {
            "YouthTrackOpened" => Fact::YouthTrackOpened(YouthTrackOpened {
                youth_id: self.person(),
                track_id: TrackId(self.id(6, 3)),
                family_plan_due_on: self.perhaps_date(),
            }),
            "ContactRecorded" => Fact::ContactRecorded(ContactRecorded {
                contact_id: ContactId(self.id(8, 50)),
                kind: self.pick(&[ContactKind::Visit, ContactKind::Call, ContactKind::NoShow]),
                minutes: self.rng.random_range(0..200),
                present: self.persons(),
                risk_areas: self.risk_areas(),
                goal_ids: self.goals(),
                about: self.persons(),
                from_child: self.chance(),
            }),
            "NoteRecorded" => Fact::NoteRecorded(NoteRecorded {
                note_id: NoteId(self.id(9, 50)),
                nature: self.pick(&[NoteNature::Fact, NoteNature::PartyStatement]),
                grade: self.pick(&[Grade::Certain, Grade::Claimed]),
                about: self.persons(),
            }),
            "AssessmentStarted" => Fact::AssessmentStarted(AssessmentStarted {
                assessment_id: AssessmentId(self.id(10, 3)),
                kind: self.pick(&[AssessmentKind::FamilyAssessment, AssessmentKind::Screening]),
                person_id: self.perhaps_person(),
                trigger: self.chance().then_some(1),
                regime: Regime::Sel,
                need_known_on: self.date(),
            }),
            "ProfessionalRiskJudged" => Fact::ProfessionalRiskJudged(ProfessionalRiskJudged {
                person_id: self.person(),
                risk_area: self.risk_area(),
                level: self.pick(&[RiskLevel::Low, RiskLevel::High, RiskLevel::Acute]),
                direction: self.pick(&[RiskDirection::First, RiskDirection::Worse]),
                basis: vec![1],
                valid_until: self.date(),
            }),
            "AssessmentConcluded" => Fact::AssessmentConcluded(AssessmentConcluded {
                assessment_id: AssessmentId(self.id(10, 3)),
                proposal: self.pick(&[AssessmentProposal::Support, AssessmentProposal::Refer]),
                shared_with_family_on: self.perhaps_date(),
                about: self.persons(),
            }),
            _ => return None,
        })
    }

    fn plan_fact(&mut self, name: &str) -> Option<Fact> {
        Some(match name {
            "PlanDrafted" => Fact::PlanDrafted(PlanDrafted {
                plan_id: PlanId(self.id(11, 3)),
                kind: self.pick(&[PlanKind::Family, PlanKind::Child]),
                person_id: self.perhaps_person(),
            }),
            "GoalSet" => Fact::GoalSet(GoalSet {
                plan_id: PlanId(self.id(11, 3)),
                goal_id: GoalId(self.id(7, 4)),
                owner: self.perhaps_person(),
                theme: self.pick(&[GoalTheme::School, GoalTheme::Leisure]),
                risk_area: self.risk_area(),
                weight: self.rng.random_range(1..6),
                baseline: self.rng.random_range(-2..3),
                target_date: self.date(),
                levels_complete: self.chance(),
                about: self.persons(),
            }),
            "PlanAgreed" => Fact::PlanAgreed(PlanAgreed {
                plan_id: PlanId(self.id(11, 3)),
                agreed_by: vec![Agreement {
                    person_id: self.person(),
                    manner: self.pick(&[AgreementManner::Signed, AgreementManner::NotAgreed]),
                }],
                children: vec![ChildHeardFlag { person_id: self.person(), heard: self.chance() }],
            }),
            _ => return None,
        })
    }

    fn intervention_fact(&mut self, name: &str) -> Option<Fact> {
        let intervention_id = InterventionId(self.id(12, 3));
        Some(match name {
            "InterventionOrdered" => Fact::InterventionOrdered(InterventionOrdered {
                intervention_id,
                intervention_type: self.pick(&[InterventionType::Mst, InterventionType::Mentor]),
                person_id: self.perhaps_person(),
                goal_ids: self.goals(),
                method_version: self.chance().then(|| "2.1".to_owned()),
                planned: PlannedCourse {
                    start: self.date(),
                    end: self.date(),
                    sessions: self.chance().then_some(12),
                    minutes_per_week: None,
                },
                cost_estimate_ore: self.chance().then_some(1_200_000),
                about: self.persons(),
            }),
            "InterventionStarted" => {
                Fact::InterventionStarted(InterventionStarted { intervention_id, on: self.date() })
            }
            "SessionHeld" => Fact::SessionHeld(SessionHeld {
                intervention_id,
                on: self.date(),
                minutes: self.rng.random_range(0..200),
                attendance: vec![Attendance {
                    person_id: self.person(),
                    state: self.pick(&[AttendanceState::Present, AttendanceState::NoShow]),
                }],
                fidelity_percent: self.chance().then_some(80),
            }),
            "InterventionEnded" => Fact::InterventionEnded(InterventionEnded {
                intervention_id,
                on: self.date(),
                reason: self
                    .pick(&[InterventionEndReason::Completed, InterventionEndReason::Dropout]),
                about: self.persons(),
            }),
            _ => return None,
        })
    }
}

/// A mark of the entry.
pub(crate) fn mark(entry: &Recorded) -> Fact {
    Fact::EntryMarkedMistaken(EntryMarkedMistaken {
        target_revision: entry.revision,
        reason: MistakeReason::DidNotHappen,
    })
}

/// The withdrawal of its mark.
pub(crate) fn withdrawal(entry: &Recorded) -> Fact {
    Fact::MistakenMarkWithdrawn(MistakenMarkWithdrawn { target_revision: entry.revision })
}
