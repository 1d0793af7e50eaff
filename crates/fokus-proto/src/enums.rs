//! Codes of the domain and enums of the wire, both ways.
//!
//! Each pair is written once; the matches are exhaustive on both sides, so a value added on either
//! side does not compile until the other has it.

use fokus_core::codes;
use fokus_core::ids::StreamKind;
use fokus_core::instruments::change::Change;
use fokus_core::views::status;

use crate::v1;

/// A code of the domain that has an enum on the wire.
pub(crate) trait Code: Copy + Sized + 'static {
    /// The enum's name in the proto files.
    const PROTO_NAME: &'static str;
    /// Every code, in the order of the wire's numbers from 1.
    const ALL: &'static [Self];
    /// The code of a number; `None` = unspecified or unknown.
    fn from_wire(number: i32) -> Option<Self>;
    /// The number of the code.
    fn to_wire(self) -> i32;
}

macro_rules! pairs {
    ($($core:ty, $wire:ident { $($name:ident $(= $wire_name:ident)?),* $(,)? })*) => { $(
        impl Code for $core {
            const PROTO_NAME: &'static str = stringify!($wire);
            const ALL: &'static [Self] = &[$(Self::$name),*];

            fn from_wire(number: i32) -> Option<Self> {
                match v1::$wire::try_from(number).ok()? {
                    v1::$wire::Unspecified => None,
                    $(pairs!(@wire $wire $name $($wire_name)?) => Some(Self::$name),)*
                }
            }

            fn to_wire(self) -> i32 {
                let wire = match self {
                    $(Self::$name => pairs!(@wire $wire $name $($wire_name)?),)*
                };
                i32::from(wire)
            }
        }
    )* };
    (@wire $wire:ident $name:ident) => { v1::$wire::$name };
    (@wire $wire:ident $name:ident $wire_name:ident) => { v1::$wire::$wire_name };
}

pairs! {
    codes::Purpose, Purpose {
        Casework, ConcernHandling, CrimePrevention, Supervision, Audit, Grant, Dsr, Operations,
    }
    codes::Precision, Precision { Exact, Day, Month, UnknownEstimated }
    StreamKind, StreamKind { Family, Person, Programme, Worker }
    codes::BirthPrecision, BirthPrecision { Exact, Year, Estimated }
    codes::Sex, Sex { F, M, X }
    codes::PersonSource, PersonSource { CprLookup, OneSelf = Self_, Agency, Concern, Manual }
    codes::IdentityMethod, IdentityMethod { CprLookup, Document, Agency }
    codes::FamilySource, FamilySource { Referral, Concern, OneSelf = Self_, Agency, Manual }
    codes::FamilyRole, FamilyRole {
        Mother, Father, Stepparent, Child, Sibling, HalfSibling, Grandparent, Foster, Partner,
        Other,
    }
    codes::Household, Household { Core, PartTime, Outside }
    codes::LeaveReason, LeaveReason {
        MovedOut, Died, Placed, Split, Adult, CustodyChange, EnteredInError,
    }
    codes::StatisticTable, StatisticTable { Standing, RiskChange, Activity }
    codes::WithdrawalReason, WithdrawalReason { Corrected, WrongNumbers, Disclosure }
    codes::Agency, Agency {
        Social, School, Daycare, JobCentre, Uu, Ssp, Police, GangTaskForce, HealthVisitor,
        Psychiatry, Housing, CivilSociety, OtherMunicipality, Probation,
    }
    codes::RiskArea, RiskArea { StreetLifestyle, SchoolThriving, FamilyProblems }
    codes::Priority, Priority { Acute, High, Normal }
    codes::Regime, Regime { Sel, Bl }
    codes::WorkerRole, WorkerRole { Lead, Second, YouthMentor, FamilyTherapist, Deputy }
    codes::CasePhase, CasePhase {
        Engagement, FamilyAssessment, FamilyPlan, FamilyIntervention, YouthTrack, Transition,
        Evaluation,
    }
    codes::AssessmentKind, AssessmentKind {
        Screening, Mapping, ChildExamination, FamilyAssessment, YouthAssessment, Instrument,
    }
    codes::AssessmentProposal, AssessmentProposal { NoSupport, Support, Placement, Refer }
    codes::RiskLevel, RiskLevel { Low, Moderate, High, Acute }
    codes::RiskDirection, RiskDirection { Better, Same, Worse, First }
    codes::PlanKind, PlanKind { Family, Child, Youth }
    codes::GoalTheme, GoalTheme {
        ParentalRole, Transition, School, Leisure, Employment, Housing, Health, Network, Crime,
        Economy, Language,
    }
    codes::AgreementManner, AgreementManner { Signed, Oral, NotAgreed }
    codes::InterventionType, InterventionType {
        Mst, Fft, Pmto, ParentProgramme, FamilyTreatment, HomeSupport, Mentor, ContactPerson,
        LeisureJob, LeisurePass, Homework, NetworkMeeting, FamilyGroupConference, UuCourse,
        TransitionMentor, JobCourseParent, ExitTalk, ConcernTalk, Other,
    }
    codes::AttendanceState, AttendanceState { Present, Late, AbsentNotified, NoShow }
    codes::InterventionEndReason, InterventionEndReason {
        Completed, Dropout, Replaced, NoEffect, Moved, Declined,
    }
    codes::ContactKind, ContactKind {
        Visit, Call, Sms, Meeting, Street, School, Office, NoShow,
    }
    codes::NoteNature, NoteNature { Fact, Assessment, Decision, PartyStatement, Procedural }
    codes::Grade, Grade { Certain, Probable, Claimed, Uncertain }
    codes::IcsDimension, IcsDimension {
        DevelopmentBehaviour, Family, School, Health, LeisureFriends, Other,
    }
    codes::FactorSide, FactorSide { Risk, Resource }
    codes::WeightBand, WeightBand { Slight, Some, Substantial }
    codes::FactorAnswer, FactorAnswer { Yes, No, DontKnow, Irrelevant }
    codes::Respondent, Respondent { OneSelf = Self_, Parent, Teacher, Worker }
    codes::Occasion, Occasion { Intake, Interim, Closure, FollowUp }
    codes::IncidentKind, IncidentKind {
        PoliceContact, Charge, Conviction, SchoolExclusion, Violence, StreetObservation, Runaway,
    }
    codes::EducationStatus, EducationStatus {
        Primary, TenthGrade, Fgu, YouthEdu, Apprentice, Neet, Work,
    }
    codes::EmploymentStatus, EmploymentStatus { Employed, PartTime, Benefit, Edu, Leave }
    codes::CorrectionReason, CorrectionReason {
        Typo, WrongPerson, WrongDate, NewEvidence, RectificationDecision,
    }
    codes::MistakeReason, MistakeReason { WrongFamily, WrongPerson, Duplicate, DidNotHappen }
    codes::ContactPointKind, ContactPointKind { Phone, Email, DigitalPost, Address }
    codes::ContactPointUse, ContactPointUse { Primary, Alt, DoNotUse }
    codes::DeathSource, DeathSource { CprRegister, Relative, Agency, Document }
    codes::SpecialCareKind, SpecialCareKind { ViolenceRisk, DoNotJoinMeeting, NoContactOrder }
    codes::RelationshipKind, RelationshipKind { ParentOf, Partner, ExPartner, Sibling, HalfSibling, Friend, PeerAtRisk, Mentor }
    codes::RelationshipQuality, RelationshipQuality { Close, Distant, Conflict, CutOff, Unknown }
    codes::NetworkRole, NetworkRole { Relative, Friend, Neighbour, School, Coach, Mentor, Employer, Other }
    codes::ContactChannel, ContactChannel { Phone, Sms, Email, DigitalPost, Letter, InPerson }
    codes::UndoReason, UndoReason { Duplicate, WrongPeople, NotAFamily }
    codes::ConflictKind, ConflictKind { Kinship, Friendship, PersonalInterest, EarlierInvolvement, Other }
    codes::CaseState, CaseState { None, Open, Paused, ClosureProposed, ClosureApproved, Closed }
    codes::DeclineReason, DeclineReason {
        NotTargetGroup, NoCapacity, FamilyDeclined, OtherService, Duplicate,
    }
    codes::CaseOutcome, CaseOutcome {
        GoalsMet, PartlyMet, Withdrew, Moved, Transferred, NoEffect, Died, Error,
    }
    codes::GoalDisposition, GoalDisposition {
        Attained, PartlyAttained, NotAttained, Dropped, HandedOver,
    }
    codes::ReopenReason, ReopenReason { NewConcern, Relapse, FamilyRequest, ClosedInError }
    codes::FlagKind, FlagKind { Safety, MissingContact, DataQuality, Supervision }
    codes::ApprovalKind, ApprovalKind { Closure, AcuteOverride }
    status::ReferralState, ReferralState {
        Submitted, Triaged, Case, InfoRequested, Offered, Accepted, Declined, Withdrawn, Refused,
        Expired,
    }
    status::PlanState, PlanState { None, Draft, Agreed }
    status::InterventionState, InterventionState { Ordered, Started, Ended, Paused, Declined }
    Change, ReliableChange { ReliabilityUnknown, NotReliable, Better, Worse }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use prost_reflect::DescriptorPool;
    use serde::Serialize;

    use super::*;

    /// Comes back from the wire, under the name that it has in events.
    #[track_caller]
    fn check<T: Code + PartialEq + Debug + Serialize>(pool: &DescriptorPool) {
        let wire = pool.get_enum_by_name(&format!("fokus.v1.{}", T::PROTO_NAME)).unwrap();
        assert_eq!(wire.values().count(), T::ALL.len() + 1);
        for (number, code) in (1..).zip(T::ALL) {
            assert_eq!(code.to_wire(), number, "{} is in the order of the wire", T::PROTO_NAME);
            assert_eq!(T::from_wire(number), Some(*code));
            let name = wire.get_value(number).unwrap().name().to_owned();
            let json = serde_json::to_value(code).unwrap();
            let in_events = json.as_str().unwrap().to_uppercase();
            assert!(name.ends_with(&format!("_{in_events}")), "{name} is not {in_events}");
        }
        let beyond = i32::try_from(T::ALL.len()).unwrap() + 1;
        for number in [0, -1, beyond, i32::MAX, i32::MIN] {
            assert_eq!(T::from_wire(number), None, "{} {number}", T::PROTO_NAME);
        }
    }

    macro_rules! check_all {
        ($pool:expr, $($core:ty),* $(,)?) => { $(check::<$core>($pool);)* };
    }

    #[test]
    fn every_code_comes_back_from_the_wire() {
        let pool = DescriptorPool::decode(crate::FILE_DESCRIPTOR_SET).unwrap();
        check_all!(
            &pool,
            codes::Purpose,
            codes::Precision,
            StreamKind,
            codes::BirthPrecision,
            codes::Sex,
            codes::PersonSource,
            codes::IdentityMethod,
            codes::FamilySource,
            codes::FamilyRole,
            codes::Household,
            codes::LeaveReason,
            codes::Agency,
            codes::RiskArea,
            codes::Priority,
            codes::Regime,
            codes::WorkerRole,
            codes::CasePhase,
            codes::AssessmentKind,
            codes::AssessmentProposal,
            codes::RiskLevel,
            codes::RiskDirection,
            codes::PlanKind,
            codes::GoalTheme,
            codes::AgreementManner,
            codes::InterventionType,
            codes::AttendanceState,
            codes::InterventionEndReason,
            codes::ContactKind,
            codes::NoteNature,
            codes::Grade,
            codes::IcsDimension,
            codes::FactorSide,
            codes::WeightBand,
            codes::FactorAnswer,
            codes::Respondent,
            codes::Occasion,
            codes::IncidentKind,
            codes::EducationStatus,
            codes::EmploymentStatus,
            codes::CorrectionReason,
            codes::MistakeReason,
            codes::ContactPointKind,
            codes::ContactPointUse,
            codes::DeathSource,
            codes::SpecialCareKind,
            codes::RelationshipKind,
            codes::RelationshipQuality,
            codes::NetworkRole,
            codes::ContactChannel,
            codes::UndoReason,
            codes::ConflictKind,
            codes::CaseState,
            codes::DeclineReason,
            codes::CaseOutcome,
            codes::GoalDisposition,
            codes::ReopenReason,
            codes::FlagKind,
            codes::ApprovalKind,
            status::ReferralState,
            status::PlanState,
            status::InterventionState,
            Change,
        );
    }
}
