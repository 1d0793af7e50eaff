//! Seeded randomness. Whole numbers only: no logarithm or exponential whose last bit differs
//! between machines, so the same seed gives the same bytes everywhere.

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A source of chance: one for each family, so that one family's life does not shift another's.
#[derive(Debug, Clone)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The source number `number` of a seed.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let mut inner = ChaCha8Rng::seed_from_u64(seed);
        inner.set_stream(number);
        Dice(inner)
    }

    /// A number from 0 to `end` − 1; 0 when `end` is 0.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let scaled = (u64::from(self.0.next_u32()) * u64::from(end)) >> 32;
        u32::try_from(scaled).unwrap_or(0)
    }

    /// A number from `first` to `last`, both possible.
    pub(crate) fn between(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// True in `per_mille` of 1,000 cases.
    pub(crate) fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1_000) < per_mille
    }

    /// One of `items`; `fallback` when there is none.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T], fallback: T) -> T {
        let end = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let chosen = usize::try_from(self.below(end)).unwrap_or(0);
        items.get(chosen).copied().unwrap_or(fallback)
    }

    /// A text of a pool; empty when the pool is.
    pub(crate) fn word<'a>(&mut self, pool: &[&'a str]) -> &'a str {
        self.pick(pool, "")
    }

    /// An item chosen by weight; `fallback` when all weights are 0.
    pub(crate) fn weighted<T: Copy>(&mut self, items: &[(T, u32)], fallback: T) -> T {
        let mut left = self.below(items.iter().map(|(_, weight)| weight).sum());
        for (item, weight) in items {
            if left < *weight {
                return *item;
            }
            left -= weight;
        }
        fallback
    }

    /// About normal, in thousandths of a standard deviation: the sum of twelve even chances.
    pub(crate) fn normal_milli(&mut self) -> i32 {
        let sum: u32 = (0..12).map(|_| self.below(1_001)).sum();
        i32::try_from(sum).unwrap_or(6_000) - 6_000
    }

    /// A new UUID, version 4.
    pub(crate) fn uuid(&mut self) -> String {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_stays_within_its_bounds_and_meets_both() {
        let mut dice = Dice::new(7, 0);
        let seen: std::collections::BTreeSet<u32> = (0..500).map(|_| dice.between(3, 6)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6]);
        assert_eq!(dice.below(0), 0);
        assert!(!(0..500).any(|_| dice.chance(0)), "never at 0");
        assert!((0..500).all(|_| dice.chance(1_000)), "always at 1,000");
    }

    #[test]
    fn a_weight_of_zero_is_never_chosen() {
        let mut dice = Dice::new(7, 0);
        assert!((0..500).all(|_| dice.weighted(&[('a', 1), ('b', 0), ('c', 3)], 'z') != 'b'));
        assert_eq!(dice.weighted(&[], 'z'), 'z');
    }

    #[test]
    fn the_bell_curve_has_its_mean_and_width() {
        let mut dice = Dice::new(7, 0);
        let drawn: Vec<i64> = (0..10_000).map(|_| i64::from(dice.normal_milli())).collect();
        let mean = drawn.iter().sum::<i64>() / 10_000;
        let squares = drawn.iter().map(|it| it * it).sum::<i64>() / 10_000;
        assert!((-40..40).contains(&mean), "{mean}");
        assert!((900_000..1_100_000).contains(&squares), "{squares}");
    }

    #[test]
    fn sources_of_one_seed_differ() {
        assert_ne!(Dice::new(7, 0).uuid(), Dice::new(7, 1).uuid());
        assert_eq!(Dice::new(7, 1).uuid(), Dice::new(7, 1).uuid());
    }
}
