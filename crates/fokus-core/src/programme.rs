//! A programme's stream: its frame, its target group and its methods. Nothing in it is about a person.
//!
//! The rules on methods stand in `method`, those on what is released in `release`.

mod method;
mod release;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::command::{OpenProgramme, TargetCriterion};
use crate::decide::Rules;
use crate::decide::scene::Scene;
use crate::disclosure::Threshold;
use crate::effective::Effective;
use crate::fact::{Fact, ProgrammeOpened};
use crate::ids::StreamRef;
use crate::period::Period;
use crate::record::Record;
use crate::rejection::{Reason, Rejection};

/// What must be remembered of a programme in order to decide.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    pub first_case_from: Option<Date>,
    /// The last day of intake; `None` = until further notice.
    pub intake_until: Option<Date>,
    pub criteria: Vec<TargetCriterion>,
    /// The published versions of methods, each with the days on which it is in force.
    pub methods: BTreeMap<String, Period>,
    /// What releases are hidden by; `None` = nothing was set.
    pub threshold: Option<Threshold>,
    /// Withdrawn ones too, in order.
    pub releases: Vec<Release>,
}

pub use release::Release;

pub(crate) use method::{must_be_in_force, must_be_published};

/// Folds one entry in. Total.
pub fn evolve(mut state: State, entry: &Effective) -> State {
    if let Fact::ProgrammeOpened(it) = &entry.fact {
        state.first_case_from = Some(it.first_case_from);
        state.intake_until = it.intake_until;
        state.criteria.clone_from(&it.criteria);
    } else if let Fact::MethodVersionPublished(it) = &entry.fact {
        let period = Period { from: it.valid_from, to: None };
        state.methods.insert(it.method_version.clone(), period);
    } else if let Fact::MethodVersionRetired(it) = &entry.fact
        && let Some(period) = state.methods.get_mut(&it.method_version)
    {
        *period = period.ended_by([it.valid_to]);
    } else {
        release::evolve(&mut state, &entry.fact);
    }
    state
}

impl State {
    /// Whether a case may begin on that day.
    pub fn takes_in(&self, day: Date) -> bool {
        self.first_case_from.is_some_and(|from| from <= day)
            && self.intake_until.is_none_or(|until| day <= until)
    }

    /// The versions of methods in force on that day.
    pub fn methods_on(&self, day: Date) -> impl Iterator<Item = &str> {
        let in_force = self.methods.iter().filter(move |(_, period)| period.contains(day));
        in_force.map(|(name, _)| name.as_str())
    }
}

/// Words of criteria that say what no one may be chosen by (GDPR art. 9; domain 1.7,
/// TriageReferral). Health stands in art. 9 too, but may be what a family needs help with.
const NO_GROUNDS: [&str; 13] = [
    "ETHNIC",
    "ETHNICITY",
    "RACE",
    "RACIAL",
    "RELIGION",
    "RELIGIOUS",
    "BELIEF",
    "PHILOSOPHICAL",
    "POLITICAL",
    "UNION",
    "GENETIC",
    "SEXUAL",
    "SEXUALITY",
];

/// The criterion's code has none of the words of [`NO_GROUNDS`].
pub(crate) fn is_lawful_ground(code: &str) -> bool {
    !code.split('_').any(|word| NO_GROUNDS.contains(&word))
}

/// The answer to a criterion that is no lawful ground.
pub(crate) fn unlawful_ground(path: String) -> Rejection {
    Rejection::new(Reason::Art9Ground, "ethnicity and the like are no grounds (GDPR art. 9)")
        .at(path)
}

impl Rules for OpenProgramme {
    fn name(&self) -> &'static str {
        "open_programme"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.programme_id.into(), "programme_id")
    }

    fn begins_stream(&self) -> bool {
        true
    }

    fn build(&self, _scene: &Scene<'_>) -> Result<Record, Rejection> {
        let fact = Fact::ProgrammeOpened(ProgrammeOpened {
            programme_id: self.programme_id,
            name: self.name.clone(),
            first_case_from: self.first_case_from,
            intake_until: self.intake_until,
            capacity_families: self.capacity_families,
            criteria: self.criteria.clone(),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if let Some(until) = self.intake_until {
            scene.in_order(self.first_case_from, until, "intake_until")?;
        }
        let mut codes = BTreeSet::new();
        for (index, criterion) in self.criteria.iter().enumerate() {
            let path = scene.path(&format!("criteria[{index}].code"));
            if !is_lawful_ground(&criterion.code) {
                return Err(unlawful_ground(path));
            }
            if !codes.insert(criterion.code.as_str()) {
                return Err(Rejection::new(Reason::IdTaken, "each code once").at(path));
            }
        }
        Ok(())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        let criteria = self.criteria.iter().enumerate();
        let texts = criteria.map(|(n, it)| (format!("criteria[{n}].text"), it.text.as_str()));
        std::iter::once(("name".to_owned(), self.name.as_str())).chain(texts).collect()
    }
}
