//! How hard life is, as nobody can see it: a severity of the family and of each child, in thousandths of
//! a standard deviation, which help may lessen. Scores and levels of risk are drawn from it (domain 7.6).

use std::collections::BTreeMap;

use fokus_proto::v1::RiskLevel;
use jiff::civil::Date;

use crate::dice::Dice;
use crate::parameters as p;

/// The hidden severity.
#[derive(Debug, Clone)]
pub(super) struct Latent {
    family: i32,
    /// How much better each month of help makes it; 0 for those who do not answer to it.
    beta: i32,
    children: BTreeMap<String, i32>,
    /// Help began.
    since: Option<Date>,
}

impl Latent {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let beta = match dice.weighted(&p::BETA, 0) {
            mean if mean > 0 => mean + dice.normal_milli() * p::BETA_SPREAD / 1_000,
            mean => mean,
        };
        Latent { family: dice.normal_milli(), beta, children: BTreeMap::new(), since: None }
    }

    /// The first intervention begins.
    pub(super) fn help_begins(&mut self, on: Date) {
        self.since.get_or_insert(on);
    }

    /// Severity of the family on a day, with the noise of that day.
    pub(super) fn of_family(&self, dice: &mut Dice, on: Date) -> i32 {
        self.family - self.gain(on) + dice.normal_milli() / 4
    }

    /// Severity of a child: six parts the family's, eight its own.
    pub(super) fn of_child(&mut self, dice: &mut Dice, child: &str, on: Date) -> i32 {
        let own = match self.children.get(child) {
            Some(it) => *it,
            None => {
                let drawn = dice.normal_milli();
                self.children.insert(child.to_owned(), drawn);
                drawn
            }
        };
        let whole = (self.family * 6 + own * 8) / 10;
        whole - self.gain(on) + dice.normal_milli() / 4
    }

    /// What help has changed by that day; it lasts a year at most.
    fn gain(&self, on: Date) -> i32 {
        let days = self.since.map_or(0, |from| (on - from).get_days().clamp(0, 365));
        self.beta * days / 30
    }
}

/// The level that a worker sees in a severity, now and then one off.
pub(super) fn level(dice: &mut Dice, severity: i32) -> RiskLevel {
    let [moderate, high, acute] = p::RISK_THRESHOLDS;
    let seen = match severity {
        it if it < moderate => 1,
        it if it < high => 2,
        it if it < acute => 3,
        _ => 4,
    };
    let off = if dice.chance(p::WORKER_NOISE) { dice.pick(&[-1, 1], 1) } else { 0 };
    RiskLevel::try_from((seen + off).clamp(1, 4)).unwrap_or(RiskLevel::Moderate)
}

/// A whole number, `mean` + `slope` × severity, within bounds.
pub(super) fn link(severity: i32, mean: i32, slope: i32, (least, most): (i32, i32)) -> i32 {
    (mean + slope * severity / 1_000).clamp(least, most)
}

/// Shares of a total among scales with these most possible scores, by chance.
pub(super) fn split(dice: &mut Dice, total: i32, most: &[i32]) -> Vec<i32> {
    let mut shares = vec![0; most.len()];
    let mut left = total.min(most.iter().sum());
    while left > 0 {
        let at = usize::try_from(dice.below(u32::try_from(most.len()).unwrap_or(1))).unwrap_or(0);
        if let (Some(share), Some(limit)) = (shares.get_mut(at), most.get(at))
            && *share < *limit
        {
            *share += 1;
            left -= 1;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_is_the_sum_of_its_shares_within_their_bounds() {
        let mut dice = Dice::new(5, 1);
        for total in 0..=42 {
            let most = [5, 6, 7, 4, 5, 3, 7, 5];
            let shares = split(&mut dice, total, &most);
            assert_eq!(shares.iter().sum::<i32>(), total);
            assert!(shares.iter().zip(most).all(|(it, most)| *it <= most));
        }
    }

    #[test]
    fn harder_lives_score_higher_within_the_scale() {
        assert_eq!(link(0, 15, 5, (0, 40)), 15);
        assert_eq!(link(2_000, 15, 5, (0, 40)), 25);
        assert_eq!(link(9_000, 15, 5, (0, 40)), 40);
    }
}
