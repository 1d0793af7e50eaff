//! A family's stream: the unit of consistency and of history.
//!
//! Read [`State`] (what must be remembered), [`evolve`], then the rules by topic: `membership`,
//! `referral`, `case`, `assessment`, `plan`, `intervention`, `journal`. Each command's rules are
//! one `impl Rules`; the questions and their order stand in [`crate::decide`].
//!
//! The state holds coded facts only. What a rule needs of persons, programmes and workers comes
//! from their own streams in the world.

mod assessment;
mod case;
mod evolve;
mod intervention;
mod journal;
mod membership;
mod plan;
mod referral;
mod state;

pub use evolve::evolve;
pub use state::{
    Assessment, Assignment, Case, Entry, Goal, Intervention, Judgement, Membership, Plan, Referral,
    State, Track, Triage,
};
