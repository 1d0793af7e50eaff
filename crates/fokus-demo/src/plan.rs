//! The plan: everything that the demo will send, and what must have come out of it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::calendar::{after, workday};
use crate::dice::Dice;
use crate::first_steps::FIRST_STEPS_CPRS;
use crate::parameters as p;
use crate::people::{Cast, CprRegister, kin};
use crate::programme;
use crate::script::{Step, merge};
use crate::story::{Casting, Mischief, Story};
use crate::tally::Truth;

/// The most families that a plan may have. References from 901 on are left to those who try things.
pub const FAMILIES_MAX: u32 = 900;

/// A family meets this many workers, all of them different.
const WORKERS_MIN: u32 = 6;

/// What the demo will send, in order, and the tally of what must come out.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub seed: u64,
    pub families: u32,
    pub steps: Vec<Step>,
    pub truth: Truth,
}

impl Plan {
    /// The plan of a seed: the same bytes every time. `families` is brought between 1 and
    /// [`FAMILIES_MAX`].
    pub fn generate(seed: u64, families: u32) -> Plan {
        let families = families.clamp(1, FAMILIES_MAX);
        let mut dice = Dice::new(seed, 0);
        let mut cprs = CprRegister::without(&FIRST_STEPS_CPRS);
        let workers = (families * p::WORKERS_PER_8_FAMILIES).div_ceil(p::FAMILIES).max(WORKERS_MIN);
        let (programme, script) = programme::begin(&mut dice, families, workers);
        let mut scripts = vec![script.into_drafts()];
        let mut statuses = BTreeMap::new();
        for number in 0..families {
            let mut dice = Dice::new(seed, u64::from(number) + 1);
            let begins_on = begins_on(&mut dice, number, families);
            let cast = match (number, dice.chance(p::YOUTH_TRACK)) {
                (0, _) => Cast::Showcase,
                (_, true) => Cast::Youth,
                (_, false) => Cast::Any,
            };
            let casting = Casting {
                number,
                begins_on,
                kin: kin(&mut dice, &mut cprs, begins_on, cast),
                cast,
                mischief: mischief_of(number, families),
            };
            let (drafts, status) = Story::new(dice, &programme, casting).live();
            scripts.push(drafts);
            statuses.insert(status.reference.clone(), status);
        }
        let steps = merge(scripts);
        let truth = Truth::of(seed, families, &steps, statuses);
        Plan { seed, families, steps, truth }
    }
}

/// The day that a family is registered: spread evenly, with some chance.
fn begins_on(dice: &mut Dice, number: u32, families: u32) -> Date {
    let share = number * p::INTAKE_SPAN_DAYS / families;
    workday(after(programme::BEGINNING, p::FIRST_FAMILY_DAYS + share + dice.below(10)))
}

/// The errors that a family meets. Only families that begin early meet any: they live to see them.
fn mischief_of(number: u32, families: u32) -> Vec<Mischief> {
    let far = (families * p::FAR_FAMILIES_OF_8 / p::FAMILIES).max(1);
    let first = Mischief::FIRST_FAMILY.iter().filter(|_| number == 0);
    let spread = (0..).zip(Mischief::ANY_FAMILY.iter()).filter(|(at, _)| at % far == number);
    first.chain(spread.map(|it| it.1)).copied().collect()
}

#[cfg(test)]
mod tests;
