//! What must be refused: one deliberate error each, at a point of the story where only its own rule
//! stands in the way. Those of the course are here; [`daily`] has those of contacts, notes,
//! corrections and marks.

mod daily;

use fokus_proto::v1;
use fokus_proto::v1::corrected_command::Command as Corrected;
use fokus_proto::v1::execute_request::Command;

use daily::{Daily, WrongAct, WrongContact, WrongEntry, WrongNote};

use super::care::Intervention;
use super::journal::{Body, Entry};
use super::{Story, Twist, entry};
use crate::calendar::after;
use crate::programme::FIRST_CASE_FROM;
use crate::script::{Call, Role};

/// A deliberate error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mischief {
    // Only the first family begins early enough, and surely has a youth.
    CaseTooEarly,
    TrackBeforeFamily,
    // Any family that goes through the whole course.
    Repeated,
    CprTaken,
    CprImpossible,
    RealPerson,
    IdReused,
    IdReusedByAnother,
    MemberUnknown,
    ReferenceTaken,
    PoliceWithoutBasis,
    SecondReferral,
    CriterionFalse,
    CriterionMissing,
    PhaseWithoutCase,
    PhaseAgain,
    PhaseSkipped,
    SecondLead,
    WorkerGone,
    CaseAgain,
    LeftByError,
    ConcludedTwice,
    PlanWithGap,
    LevelsForgotten,
    ChildNotHeard,
    OrderWithoutGoal,
    SessionBeforeStart,
    SessionAfterEnd,
    StartedTwice,
    ShortReasoning,
    NoBasis,
    SecondThought,
    CprAge,
    CprFuture,
    IdentityKnown,
    UnlawfulGround,
    NotTriaged,
    LeadUntrained,
    RoleMissing,
    PlanTwice,
    AgreedTwice,
    MethodRetired,
    ValidTooLong,
    WrongDirection,
    WeakBasis,
    ScoreTooHigh,
    SumWrong,
    ItemsMissing,
    ItemTexts,
    AdultAsChild,
    // Of the turns that some lives take.
    MemberTwice,
    EndBeforeStart,
    LastLeaves,
    NobodyYoung,
    FamilyUndone,
    UnsafeContact,
    BeforeBirth,
    AfterDeath,
    WorkerPartial,
    NotRead,
    LongPause,
    ResumedTwice,
    DimensionLeftOut,
    NothingProposed,
    GoalLeftOpen,
    OwnProposal,
    InterventionLeft,
    FlagResolvedTwice,
    // Only where somebody is young enough: the first family again.
    ChildCharged,
    /// Of the daily work.
    Daily(Daily),
}

impl Mischief {
    /// What only the first family can meet.
    pub(crate) const FIRST_FAMILY: [Mischief; 3] =
        [Mischief::CaseTooEarly, Mischief::TrackBeforeFamily, Mischief::ChildCharged];

    /// What a family meets that takes a turn.
    pub(crate) const OF_TURNS: [(Mischief, Twist); 17] = [
        (Mischief::MemberTwice, Twist::RoleChanges),
        (Mischief::EndBeforeStart, Twist::PhoneChanges),
        (Mischief::LastLeaves, Twist::DuplicateFamily),
        (Mischief::NobodyYoung, Twist::DuplicateFamily),
        (Mischief::FamilyUndone, Twist::DuplicateFamily),
        (Mischief::UnsafeContact, Twist::UnsafePhone),
        (Mischief::BeforeBirth, Twist::NameChanges),
        (Mischief::AfterDeath, Twist::Death),
        (Mischief::WorkerPartial, Twist::Interest),
        (Mischief::NotRead, Twist::Handover),
        (Mischief::LongPause, Twist::CasePaused),
        (Mischief::ResumedTwice, Twist::CasePaused),
        (Mischief::DimensionLeftOut, Twist::ChildExamination),
        (Mischief::NothingProposed, Twist::ClosureRejected),
        (Mischief::GoalLeftOpen, Twist::ClosureRejected),
        (Mischief::OwnProposal, Twist::ClosureRejected),
        (Mischief::InterventionLeft, Twist::ClosureRejected),
    ];

    /// What any family can meet.
    pub(crate) const ANY_FAMILY: [Mischief; 71] = [
        Mischief::Repeated,
        Mischief::CprTaken,
        Mischief::CprImpossible,
        Mischief::RealPerson,
        Mischief::IdReused,
        Mischief::IdReusedByAnother,
        Mischief::MemberUnknown,
        Mischief::ReferenceTaken,
        Mischief::PoliceWithoutBasis,
        Mischief::SecondReferral,
        Mischief::CriterionFalse,
        Mischief::CriterionMissing,
        Mischief::PhaseWithoutCase,
        Mischief::PhaseAgain,
        Mischief::PhaseSkipped,
        Mischief::SecondLead,
        Mischief::WorkerGone,
        Mischief::CaseAgain,
        Mischief::LeftByError,
        Mischief::ConcludedTwice,
        Mischief::PlanWithGap,
        Mischief::LevelsForgotten,
        Mischief::ChildNotHeard,
        Mischief::OrderWithoutGoal,
        Mischief::SessionBeforeStart,
        Mischief::SessionAfterEnd,
        Mischief::StartedTwice,
        Mischief::ShortReasoning,
        Mischief::NoBasis,
        Mischief::SecondThought,
        Mischief::CprAge,
        Mischief::CprFuture,
        Mischief::IdentityKnown,
        Mischief::UnlawfulGround,
        Mischief::NotTriaged,
        Mischief::LeadUntrained,
        Mischief::RoleMissing,
        Mischief::PlanTwice,
        Mischief::AgreedTwice,
        Mischief::MethodRetired,
        Mischief::ValidTooLong,
        Mischief::WrongDirection,
        Mischief::WeakBasis,
        Mischief::ScoreTooHigh,
        Mischief::SumWrong,
        Mischief::ItemsMissing,
        Mischief::ItemTexts,
        Mischief::AdultAsChild,
        Mischief::FlagResolvedTwice,
        Mischief::Daily(Daily::Note(WrongNote::TooLong)),
        Mischief::Daily(Daily::Note(WrongNote::AboutACrowd)),
        Mischief::Daily(Daily::Act(WrongAct::FamilyInUse)),
        Mischief::Daily(Daily::Act(WrongAct::NoLead)),
        Mischief::Daily(Daily::Act(WrongAct::NobodyAssigned)),
        Mischief::Daily(Daily::Act(WrongAct::OldFlag)),
        Mischief::Daily(Daily::Contact(WrongContact::LongNoShow)),
        Mischief::Daily(Daily::Contact(WrongContact::Tomorrow)),
        Mischief::Daily(Daily::Contact(WrongContact::TooOld)),
        Mischief::Daily(Daily::Contact(WrongContact::BeforeCase)),
        Mischief::Daily(Daily::Contact(WrongContact::StaleRevision)),
        Mischief::Daily(Daily::Contact(WrongContact::MinutesOfTwoDays)),
        Mischief::Daily(Daily::Note(WrongNote::ControlCharacter)),
        Mischief::Daily(Daily::Note(WrongNote::CprInText)),
        Mischief::Daily(Daily::Note(WrongNote::DecisionAsNote)),
        Mischief::Daily(Daily::Contact(WrongContact::Stranger)),
        Mischief::Daily(Daily::Contact(WrongContact::ContactAgain)),
        Mischief::Daily(Daily::Entry(WrongEntry::IdCorrected)),
        Mischief::Daily(Daily::Entry(WrongEntry::PeopleCorrected)),
        Mischief::Daily(Daily::Entry(WrongEntry::NothingCorrected)),
        Mischief::Daily(Daily::Entry(WrongEntry::FamilyMarked)),
        Mischief::Daily(Daily::Entry(WrongEntry::UnmarkedWithdrawn)),
    ];
}

impl Story<'_> {
    /// After a person was registered with a CPR number.
    pub(super) fn refuse_people(&mut self, sent: &v1::RegisterPerson) {
        if sent.cpr.is_empty() {
            return;
        }
        let first_id = self.script.last_id();
        if self.up_to(Mischief::IdReused) {
            let other = v1::RegisterPerson { sex: v1::Sex::X.into(), ..sent.clone() };
            let call = self.early(Command::RegisterPerson(other)).with_id(&first_id);
            self.refused(call, "COMMAND_ID_REUSED");
        }
        if self.up_to(Mischief::IdReusedByAnother) {
            let call = self
                .early(Command::RegisterPerson(sent.clone()))
                .with_id(&first_id)
                .by(Role::TeamLead, v1::Purpose::Casework);
            self.refused(call, "COMMAND_ID_REUSED");
        }
        if self.up_to(Mischief::IdentityKnown) {
            let again = v1::EstablishPersonIdentity {
                person_id: sent.person_id.clone(),
                cpr: sent.cpr.clone(),
                method: v1::IdentityMethod::Document.into(),
            };
            let call = self.early(Command::EstablishPersonIdentity(again));
            self.refused(call, "IDENTITY_KNOWN");
        }
        let another = v1::RegisterPerson { person_id: self.dice.uuid(), ..sent.clone() };
        // Born on the first of an invented January, in 1895 and in 2036.
        for (mischief, cpr, code) in [
            (Mischief::CprAge, "0121955001", "CPR_AGE"),
            (Mischief::CprFuture, "0121364001", "CPR_FUTURE"),
        ] {
            if self.up_to(mischief) {
                let wrong = v1::RegisterPerson { cpr: cpr.to_owned(), ..another.clone() };
                let call = self.early(Command::RegisterPerson(wrong));
                self.refused(call, code);
            }
        }
        if self.up_to(Mischief::CprTaken) {
            let call = self.early(Command::RegisterPerson(another.clone()));
            self.refused(call, "CPR_EXISTS");
        }
        if self.up_to(Mischief::CprImpossible) {
            // The thirty-first of an invented February.
            let impossible = v1::RegisterPerson { cpr: "3122901234".to_owned(), ..another.clone() };
            let call = self.early(Command::RegisterPerson(impossible));
            self.refused(call, "CPR_INVALID");
        }
        if self.up_to(Mischief::RealPerson) {
            let real = v1::RegisterPerson { cpr: String::new(), is_synthetic: false, ..another };
            let call = self.early(Command::RegisterPerson(real));
            self.refused(call, "REAL_IN_SYNTHETIC");
        }
    }

    pub(super) fn refuse_before_family(&mut self, registration: &v1::RegisterFamily) {
        if self.up_to(Mischief::MemberUnknown) {
            let mut wrong = registration.clone();
            let unknown = self.dice.uuid();
            wrong.initial_members.iter_mut().for_each(|it| it.person_id.clone_from(&unknown));
            wrong.initial_members.truncate(1);
            let call = self.early(Command::RegisterFamily(wrong));
            self.refused(call, "UNKNOWN_ID");
        }
    }

    pub(super) fn refuse_after_family(&mut self, registration: &v1::RegisterFamily) {
        if self.up_to(Mischief::ReferenceTaken) {
            let other = v1::RegisterFamily { family_id: self.dice.uuid(), ..registration.clone() };
            let call = self.early(Command::RegisterFamily(other));
            self.refused(call, "REFERENCE_TAKEN");
        }
    }

    pub(super) fn refuse_after_referral(&mut self) {
        if self.up_to(Mischief::PoliceWithoutBasis) {
            let mut referral = self.referral_command();
            referral.referral_id = self.dice.uuid();
            referral.agency = v1::Agency::Police.into();
            let call = self.call(Command::SubmitReferral(referral));
            self.refused(call, "NO_LEGAL_BASIS");
        }
        if self.up_to(Mischief::SecondReferral) {
            let mut referral = self.referral_command();
            referral.referral_id = self.dice.uuid();
            let call = self.early(Command::SubmitReferral(referral));
            self.refused(call, "REFERRAL_OPEN");
        }
    }

    /// Before anybody has judged the referral.
    pub(super) fn refuse_before_triage(&mut self) {
        if self.up_to(Mischief::NotTriaged) {
            let (family_id, referral_id) = (self.id.clone(), self.referral_id.clone());
            let call = self.early(Command::OfferPlace(v1::OfferPlace { family_id, referral_id }));
            self.refused(call, "REFERRAL_STATE");
        }
    }

    pub(super) fn refuse_triage(&mut self, triage: &v1::TriageReferral) {
        let refuse = |story: &mut Self, mischief, change: fn(&mut v1::TargetGroup), code| {
            if story.up_to(mischief) {
                let mut wrong = triage.clone();
                wrong.target_group.iter_mut().for_each(change);
                let call = story
                    .early(Command::TriageReferral(wrong))
                    .by(Role::TeamLead, v1::Purpose::Casework);
                story.refused(call, code);
            }
        };
        let deny = |it: &mut v1::TargetGroup| {
            it.criteria.iter_mut().take(1).for_each(|it| it.met = false);
        };
        refuse(self, Mischief::CriterionFalse, deny, "CRITERIA_CONTRADICT");
        let omit = |it: &mut v1::TargetGroup| it.criteria = it.criteria.split_off(1);
        refuse(self, Mischief::CriterionMissing, omit, "CRITERION_UNANSWERED");
        let origin = |it: &mut v1::TargetGroup| {
            let code = "ETHNIC_ORIGIN".to_owned();
            it.criteria.push(v1::Criterion { code, met: true, grounds: String::new() });
        };
        refuse(self, Mischief::UnlawfulGround, origin, "ART9_GROUND");
    }

    pub(super) fn refuse_before_case(&mut self) {
        if self.today < FIRST_CASE_FROM && self.up_to(Mischief::CaseTooEarly) {
            let opening = self.open_command(self.today);
            let call =
                self.early(Command::OpenCase(opening)).by(Role::TeamLead, v1::Purpose::Casework);
            self.refused(call, "OUTSIDE_PROGRAMME");
        }
        if self.up_to(Mischief::PhaseWithoutCase) {
            let entering = self.entering(v1::CasePhase::FamilyAssessment);
            let call = self.early(entering);
            self.refused(call, "NO_OPEN_CASE");
        }
    }

    fn entering(&self, phase: v1::CasePhase) -> Command {
        Command::EnterCasePhase(v1::EnterCasePhase {
            family_id: self.id.clone(),
            phase: phase.into(),
        })
    }

    pub(super) fn refuse_in_engagement(&mut self) {
        for (mischief, phase, code) in [
            (Mischief::PhaseAgain, v1::CasePhase::Engagement, "NO_CHANGE"),
            (Mischief::PhaseSkipped, v1::CasePhase::FamilyIntervention, "PHASE_ORDER"),
        ] {
            if self.up_to(mischief) {
                let entering = self.entering(phase);
                let call = self.call(entering);
                self.refused(call, code);
            }
        }
        let gone = self.programme.gone.clone();
        let limited = self.programme.limited.clone();
        let second = self.programme.worker(self.turn + 2);
        for (mischief, worker_id, role, code) in [
            (Mischief::RoleMissing, limited, v1::WorkerRole::Deputy, "ROLE_NOT_GRANTED"),
            (Mischief::SecondLead, second, v1::WorkerRole::Lead, "TWO_LEADS"),
            (Mischief::WorkerGone, gone, v1::WorkerRole::Second, "WORKER_NOT_ACTIVE"),
        ] {
            if self.up_to(mischief) {
                let call = self.call(Command::AssignWorker(v1::AssignWorker {
                    family_id: self.id.clone(),
                    worker_id,
                    role: role.into(),
                    valid_from: self.today.to_string(),
                    valid_to: String::new(),
                    ..Default::default()
                }));
                self.refused(call, code);
            }
        }
        if self.up_to(Mischief::CaseAgain) {
            let opening = self.open_command(self.today);
            let call =
                self.early(Command::OpenCase(opening)).by(Role::TeamLead, v1::Purpose::Casework);
            self.refused(call, "CASE_ALREADY_OPEN");
        }
        if self.up_to(Mischief::LeftByError) {
            let person_id = self.adults().first().map_or(String::new(), |it| it.person.id.clone());
            let call = self.call(Command::RemoveFamilyMember(v1::RemoveFamilyMember {
                family_id: self.id.clone(),
                person_id,
                reason: v1::LeaveReason::EnteredInError.into(),
                valid_to: self.today.to_string(),
            }));
            self.refused(call, "USE_CORRECTION");
        }
    }

    /// The command that opens the track of a youth: the same one whenever it is asked for.
    pub(super) fn youth_track_call(&mut self, youth: &str) -> Call {
        if let Some(call) = &self.youth_call {
            return call.clone();
        }
        let track_id = self.dice.uuid();
        let call = self.call(Command::OpenYouthTrack(v1::OpenYouthTrack {
            family_id: self.id.clone(),
            youth_id: youth.to_owned(),
            track_id,
        }));
        self.youth_call = Some(call.clone());
        call
    }

    pub(super) fn refuse_youth_before_family(&mut self) {
        let Some(youth) = self.eldest() else { return };
        if self.up_to(Mischief::TrackBeforeFamily) {
            let call = self.youth_track_call(&youth.person.id);
            self.refused(call, "FAMILY_FIRST");
        }
    }

    /// Agreed when the first of at least two risk areas has its goal.
    pub(super) fn refuse_plan_with_gap(&mut self) {
        if self.up_to(Mischief::PlanWithGap) {
            let agreement = self.agreement(self.plan_id.clone());
            let call = self.call(Command::AgreePlan(agreement));
            self.refused(call, "RISK_AREA_WITHOUT_GOAL");
        }
    }

    /// The plan is refused while a goal lacks its levels; a correction supplies them.
    pub(super) fn refuse_agreement(&mut self, agreement: &v1::AgreePlan) {
        if let Some((goal, revision)) = self.incomplete_goal.take() {
            let call = self.call(Command::AgreePlan(agreement.clone()));
            self.refused(call, "GAS_INCOMPLETE");
            self.say(Command::CorrectEntry(v1::CorrectEntry {
                stream: Some(self.stream()),
                entry: Some(entry(revision)),
                reason: v1::CorrectionReason::Typo.into(),
                explanation: "Trinene var skrevet ned, men ikke tastet ind.".to_owned(),
                corrected: Some(v1::CorrectedCommand { command: Some(Corrected::SetGoal(goal)) }),
                corrected_occurred_at: None,
            }));
        }
        if self.up_to(Mischief::ChildNotHeard) {
            let silent = v1::AgreePlan { children_heard: Vec::new(), ..agreement.clone() };
            let call = self.call(Command::AgreePlan(silent));
            self.refused(call, "CHILD_NOT_HEARD");
        }
    }

    /// The plan is agreed: neither it nor another one can be agreed again.
    pub(super) fn refuse_after_agreement(&mut self, agreement: v1::AgreePlan) {
        if self.up_to(Mischief::AgreedTwice) {
            let call = self.call(Command::AgreePlan(agreement.clone()));
            self.refused(call, "PLAN_STATE");
        }
        if self.up_to(Mischief::PlanTwice) {
            let plan_id = self.dice.uuid();
            self.say(Command::DraftPlan(v1::DraftPlan {
                family_id: self.id.clone(),
                plan_id: plan_id.clone(),
                kind: v1::PlanKind::Family.into(),
                person_id: String::new(),
            }));
            let call = self.call(Command::AgreePlan(v1::AgreePlan { plan_id, ..agreement }));
            self.refused(call, "PLAN_EXISTS");
        }
    }

    /// A judgement for too long, one whose direction cannot be, one that rests on rumours.
    pub(super) fn refuse_judgement(&mut self, judgement: &v1::JudgeRisk) {
        if self.up_to(Mischief::ValidTooLong) {
            let valid_until = after(self.today, 200).to_string();
            let long = v1::JudgeRisk { valid_until, ..judgement.clone() };
            let call = self.call(Command::JudgeRisk(long));
            self.refused(call, "VALID_TOO_LONG");
        }
        if self.up_to(Mischief::WrongDirection) {
            let direction = match judgement.direction() {
                v1::RiskDirection::First => v1::RiskDirection::Same,
                v1::RiskDirection::Unspecified
                | v1::RiskDirection::Better
                | v1::RiskDirection::Same
                | v1::RiskDirection::Worse => v1::RiskDirection::First,
            };
            let wrong = v1::JudgeRisk { direction: direction.into(), ..judgement.clone() };
            let call = self.call(Command::JudgeRisk(wrong));
            self.refused(call, "RISK_DIRECTION");
        }
        if self.up_to(Mischief::WeakBasis) {
            let rumour = v1::RecordNote { grade: v1::Grade::Uncertain.into(), ..self.note() };
            let body = Body::Note(rumour);
            let revision = self.say(body.command());
            let day = self.today;
            self.entries.push(Entry { revision, body, day, by_mistake: false, marked: false });
            let weak = v1::JudgeRisk {
                level: v1::RiskLevel::High.into(),
                basis: vec![entry(revision)],
                ..judgement.clone()
            };
            let call = self.call(Command::JudgeRisk(weak));
            self.refused(call, "WEAK_BASIS");
        }
    }

    pub(super) fn refuse_session_before_start(&mut self, at: usize) {
        let Some(it) = self.interventions.get(at).cloned() else { return };
        if self.up_to(Mischief::SessionBeforeStart) {
            let session = self.session_command(&it);
            let call = self.call(Command::HoldSession(session));
            self.refused(call, "NOT_RUNNING");
        }
    }

    pub(super) fn refuse_session_after_end(&mut self, of: &Intervention) {
        if self.up_to(Mischief::SessionAfterEnd) {
            let session = self.session_command(of);
            let call = self.call(Command::HoldSession(session));
            self.refused(call, "NOT_RUNNING");
        }
    }

    /// A judgement is not corrected into another one.
    pub(super) fn refuse_second_thought(&mut self, judgement: &v1::JudgeRisk, revision: i64) {
        if self.up_to(Mischief::SecondThought) {
            let level = match judgement.level() {
                v1::RiskLevel::Acute => v1::RiskLevel::High,
                v1::RiskLevel::Unspecified
                | v1::RiskLevel::Low
                | v1::RiskLevel::Moderate
                | v1::RiskLevel::High => v1::RiskLevel::Acute,
            };
            let other = v1::JudgeRisk { level: level.into(), ..judgement.clone() };
            let call = self.call(Command::CorrectEntry(v1::CorrectEntry {
                stream: Some(self.stream()),
                entry: Some(entry(revision)),
                reason: v1::CorrectionReason::NewEvidence.into(),
                explanation: "Jeg ser det anderledes i dag.".to_owned(),
                corrected: Some(v1::CorrectedCommand {
                    command: Some(Corrected::JudgeRisk(other)),
                }),
                corrected_occurred_at: None,
            }));
            self.refused(call, "USE_NEW_ASSESSMENT");
        }
    }
}
