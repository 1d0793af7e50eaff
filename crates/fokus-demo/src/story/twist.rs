//! What happens to some families and not to others. Each turn is taken by chance, and for certain by one
//! family of every plan, so that everything that can happen is seen.

use super::Story;
use crate::parameters as p;

/// A turn that a family's life may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Twist {
    InfoAsked,
    Reopened,
    Declined,
    Withdrawn,
    Refused,
    Expired,
    NoPlaceYet,
    Offered,
    DuplicateFamily,
    DuplicatePerson,
    Interpreter,
    UnsafePhone,
    PhoneChanges,
    NameChanges,
    CareMarker,
    MarkerCleared,
    Death,
    RoleChanges,
    NetworkLeaves,
    RelationshipChanges,
    Interest,
    InterestEnds,
    Provisional,
    Abandoned,
    ChildExamination,
    External,
    Handover,
    TherapistLeaves,
    CasePaused,
    AcuteOverride,
    OverrideRejected,
    EducationChanges,
    InterventionAdjusted,
    InterventionPaused,
    InterventionDeclined,
    ClosureRejected,
    FamilyNotTold,
    Satisfaction,
    AfterClosure,
    WrongFamily,
}

impl Twist {
    /// All of them; the second is of the second family, whose case closes first.
    const ALL: [Twist; 40] = [
        Twist::InfoAsked,
        Twist::Reopened,
        Twist::Declined,
        Twist::Withdrawn,
        Twist::Refused,
        Twist::Expired,
        Twist::NoPlaceYet,
        Twist::Offered,
        Twist::DuplicateFamily,
        Twist::DuplicatePerson,
        Twist::Interpreter,
        Twist::UnsafePhone,
        Twist::PhoneChanges,
        Twist::NameChanges,
        Twist::CareMarker,
        Twist::MarkerCleared,
        Twist::Death,
        Twist::RoleChanges,
        Twist::NetworkLeaves,
        Twist::RelationshipChanges,
        Twist::Interest,
        Twist::InterestEnds,
        Twist::Provisional,
        Twist::Abandoned,
        Twist::ChildExamination,
        Twist::External,
        Twist::Handover,
        Twist::TherapistLeaves,
        Twist::CasePaused,
        Twist::AcuteOverride,
        Twist::OverrideRejected,
        Twist::EducationChanges,
        Twist::InterventionAdjusted,
        Twist::InterventionPaused,
        Twist::InterventionDeclined,
        Twist::ClosureRejected,
        Twist::FamilyNotTold,
        Twist::Satisfaction,
        Twist::AfterClosure,
        Twist::WrongFamily,
    ];

    /// How often it is taken, per mille, where it is left to chance.
    fn per_mille(self) -> u32 {
        match self {
            Twist::InfoAsked => p::INFO_ASKED,
            Twist::Reopened => p::REOPENED,
            Twist::Declined => p::DECLINED,
            Twist::Withdrawn => p::WITHDRAWN,
            Twist::Refused => p::REFUSED,
            Twist::Expired => p::EXPIRED,
            Twist::NoPlaceYet => p::NO_PLACE_YET,
            Twist::Offered => p::OFFERED,
            Twist::DuplicateFamily => p::DUPLICATE_FAMILY,
            Twist::DuplicatePerson => p::DUPLICATE_PERSON,
            Twist::Interpreter => p::INTERPRETER,
            Twist::UnsafePhone => p::UNSAFE_PHONE,
            Twist::PhoneChanges => p::CONTACT_POINT_CHANGES,
            Twist::NameChanges => p::NAME_CHANGES,
            Twist::CareMarker => p::CARE_MARKER,
            Twist::MarkerCleared => p::MARKER_CLEARED,
            Twist::Death => p::DEATH,
            Twist::RoleChanges => p::ROLE_CHANGES,
            Twist::NetworkLeaves => p::NETWORK_LEAVES,
            Twist::RelationshipChanges => p::RELATIONSHIP_CHANGES,
            Twist::Interest => p::INTEREST,
            Twist::InterestEnds => p::INTEREST_ENDS,
            Twist::Provisional => p::PROVISIONAL,
            Twist::Abandoned => p::ABANDONED,
            Twist::ChildExamination => p::CHILD_EXAMINATION,
            Twist::External => p::EXTERNAL,
            Twist::Handover => p::HANDOVER,
            Twist::TherapistLeaves => p::THERAPIST_LEAVES,
            Twist::CasePaused => p::CASE_PAUSED,
            Twist::AcuteOverride => p::ACUTE_OVERRIDE,
            Twist::OverrideRejected => p::OVERRIDE_REJECTED,
            Twist::EducationChanges => p::EDUCATION_CHANGES,
            Twist::InterventionAdjusted => p::INTERVENTION_ADJUSTED,
            Twist::InterventionPaused => p::INTERVENTION_PAUSED,
            Twist::InterventionDeclined => p::INTERVENTION_DECLINED,
            Twist::ClosureRejected => p::CLOSURE_REJECTED,
            Twist::FamilyNotTold => p::FAMILY_NOT_TOLD,
            Twist::Satisfaction => p::SATISFACTION,
            Twist::AfterClosure => p::AFTER_CLOSURE,
            Twist::WrongFamily => p::WRONG_FAMILY,
        }
    }

    /// The number of the family that surely takes this turn, where `far` families live long enough.
    pub(crate) fn home(self, far: u32) -> u32 {
        // A turn that follows another one is taken where that one is; only the showcase surely has a youth;
        // only the first four surely see their case closed.
        if matches!(self, Twist::AcuteOverride | Twist::OverrideRejected) {
            return 0;
        }
        let follows =
            [(Twist::MarkerCleared, Twist::CareMarker), (Twist::InterestEnds, Twist::Interest)];
        let leading = follows.iter().find(|it| it.0 == self).map_or(self, |it| it.1);
        let at = (0..).zip(Twist::ALL).find(|(_, it)| *it == leading).map_or(0, |(at, _)| at);
        at % far.clamp(1, 4)
    }

    /// The turns that the family of that number surely takes.
    pub(crate) fn of_family(number: u32, far: u32) -> Vec<Twist> {
        Twist::ALL.into_iter().filter(|it| it.home(far) == number).collect()
    }
}

impl Story<'_> {
    /// Whether the family's life takes this turn now.
    pub(super) fn turns(&mut self, twist: Twist) -> bool {
        let by_chance = self.dice.chance(twist.per_mille());
        self.twists.remove(&twist) || by_chance
    }

    /// Whether it surely will, and has not yet.
    pub(super) fn will(&self, twist: Twist) -> bool {
        self.twists.contains(&twist)
    }
}
