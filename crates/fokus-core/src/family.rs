//! A family's stream: the unit of consistency and of history.
//!
//! Read [`State`] (what must be remembered), [`evolve()`], then the rules by topic: `membership`,
//! `kin`, `network`, `referral`, `case`, `assessment`, `assessing`, `measuring`, `reports`, `plan`, `intervention`,
//! `adjusting`, `journal`. Each command's rules are one `impl Rules`; the questions and their order
//! stand in [`crate::decide`].
//!
//! The state holds coded facts only. What a rule needs of persons, programmes and workers comes
//! from their own streams in the world.

mod adjusting;
mod assessing;
mod assessment;
mod case;
pub mod circle;
mod evolve;
mod intervention;
pub mod intervention_course;
mod journal;
mod kin;
mod measuring;
mod membership;
mod network;
pub mod pairing;
mod plan;
mod referral;
mod reports;
mod state;

use crate::codes::CasePhase;
use crate::fact::Fact;

pub use evolve::evolve;
pub use state::{
    Assessment, Assignment, Case, Entry, Goal, Judgement, Membership, Plan, Referral, Reported,
    State, Track, Triage,
};

/// Whether the entry is one that the family comes before: a youth's track, the phase of that name, an
/// intervention for youth only.
pub(crate) fn waits_for_family(fact: &Fact) -> bool {
    if let Fact::CasePhaseEntered(it) = fact {
        it.phase == CasePhase::YouthTrack
    } else if let Fact::InterventionOrdered(it) = fact {
        intervention::is_for_youth_only(it.intervention_type)
    } else {
        matches!(fact, Fact::YouthTrackOpened(_))
    }
}
