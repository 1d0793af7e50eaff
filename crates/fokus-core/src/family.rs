//! A family's stream: the unit of consistency and of history.
//!
//! Read [`State`] (what must be remembered), [`evolve()`], then the rules by topic: `membership`,
//! `kin`, `network`, `referral`, `placement`, `case`, `workers`, `closing`, `approval`, `assessment`,
//! `assessing`, `measuring`, `reports`, `plan`, `intervention`, `adjusting`, `journal`, `remarks`. Each
//! command's rules are one `impl Rules`; the questions and their order stand in [`crate::decide`]. What
//! deciding and showing must answer alike stands apart, in `pairing`, `circle`, `course`, `staffing`
//! and `intervention_course`.
//!
//! The state holds coded facts only. What a rule needs of persons, programmes and workers comes
//! from their own streams in the world.

mod adjusting;
mod approval;
mod assessing;
mod assessment;
mod case;
pub mod circle;
mod closing;
pub mod course;
mod evolve;
mod intervention;
pub mod intervention_course;
mod journal;
mod kin;
mod measuring;
mod membership;
mod network;
pub mod pairing;
pub mod placement;
mod plan;
mod referral;
mod remarks;
mod reports;
pub mod staffing;
mod state;
mod workers;

use crate::codes::CasePhase;
use crate::fact::Fact;

pub use course::Closing;
pub use evolve::evolve;
pub(crate) use network::not_in_use;
pub use state::{
    Assessment, Case, Entry, Flag, Goal, Judgement, Membership, Plan, Referral, Reported, State,
    Track, Triage,
};

/// Whether the entry is one that the family comes before: a youth's track, the phase of that name, an
/// intervention for youth only.
pub(crate) fn waits_for_family(fact: &Fact) -> bool {
    if let Fact::CasePhaseEntered(it) = fact {
        it.phase == CasePhase::YouthTrack
    } else if let Fact::CaseReopened(it) = fact {
        it.phase == CasePhase::YouthTrack
    } else if let Fact::InterventionOrdered(it) = fact {
        intervention::is_for_youth_only(it.intervention_type)
    } else {
        matches!(fact, Fact::YouthTrackOpened(_))
    }
}
