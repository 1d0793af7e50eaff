//! The plan: everything that the demo will send, and what must have come out of it.

use jiff::civil::Date;

use crate::calendar::{after, workday};
use crate::dice::Dice;
use crate::first_steps::FIRST_STEPS_CPRS;
use crate::parameters as p;
use crate::people::{Cast, CprRegister, kin};
use crate::programme;
use crate::script::{Interleaving, Step, merge};
use crate::story::{Casting, Mischief, Story, Twist};
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
        Plan::interleaved(seed, families, Interleaving::ByTime)
    }

    /// The same lives, with the families' commands in another order. The tally is the same but for where
    /// refusals and repetitions stand.
    pub fn interleaved(seed: u64, families: u32, interleaving: Interleaving) -> Plan {
        let families = families.clamp(1, FAMILIES_MAX);
        let mut dice = Dice::new(seed, 0);
        let mut cprs = CprRegister::without(&FIRST_STEPS_CPRS);
        let workers = (families * p::WORKERS_PER_8_FAMILIES).div_ceil(p::FAMILIES).max(WORKERS_MIN);
        let (programme, script) = programme::begin(&mut dice, families, workers);
        let mut scripts = vec![script.into_drafts()];
        let mut lives = Vec::new();
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
                twists: Twist::of_family(number, far_families(families)),
            };
            let (drafts, life) = Story::new(dice, &programme, casting).live();
            scripts.push(drafts);
            lives.push(life);
        }
        let steps = merge(scripts, interleaving);
        let truth = Truth::of(seed, families, &steps, lives);
        Plan { seed, families, steps, truth }
    }
}

/// The day that a family is registered: spread evenly, with some chance.
fn begins_on(dice: &mut Dice, number: u32, families: u32) -> Date {
    let share = number * p::INTAKE_SPAN_DAYS / families;
    workday(after(programme::BEGINNING, p::FIRST_FAMILY_DAYS + share + dice.below(10)))
}

/// How many families begin early and go through the whole course.
fn far_families(families: u32) -> u32 {
    (families * p::FAR_FAMILIES_OF_8 / p::FAMILIES).max(1)
}

/// The errors that a family meets: those of a turn where the turn is surely taken; the rest spread over
/// the families that begin early, which live to see them.
fn mischief_of(number: u32, families: u32) -> Vec<Mischief> {
    let far = far_families(families);
    let first = Mischief::FIRST_FAMILY.iter().filter(|_| number == 0);
    let spread = (0..).zip(Mischief::ANY_FAMILY.iter()).filter(|(at, _)| at % far == number);
    let of_turns = Mischief::OF_TURNS.iter().filter(|(_, twist)| twist.home(far) == number);
    first.chain(spread.map(|it| it.1)).chain(of_turns.map(|it| &it.0)).copied().collect()
}

#[cfg(test)]
mod tests;
