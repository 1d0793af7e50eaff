//! Invented names. Two lists, made of stems and endings that are nobody's name; spellings are made
//! up.

use crate::dice::Dice;

/// Beginnings of given names.
const GIVEN: [&str; 20] = [
    "Olvi", "Dræl", "Fjom", "Gnyk", "Hværk", "Ildro", "Jytka", "Klømp", "Lørv", "Mvils", "Nøksi",
    "Pjust", "Kvamb", "Rølk", "Snæfl", "Tvirp", "Ulmzi", "Vjask", "Yldri", "Zørn",
];
/// Endings of women's given names.
const GIVEN_F: [&str; 5] = ["ine", "ava", "ilde", "ette", "ora"];
/// Endings of men's given names.
const GIVEN_M: [&str; 5] = ["ulf", "ert", "onn", "ikke", "arl"];
/// Beginnings of family names.
const FAMILY: [&str; 20] = [
    "Bjælk", "Drusk", "Fnørk", "Glymp", "Hvægt", "Iskvar", "Jomft", "Knøps", "Lyvs", "Mørvl",
    "Nænk", "Pjøl", "Kvist", "Rymf", "Skvold", "Tvøl", "Urmk", "Vræng", "Yskl", "Zwæl",
];
/// Endings of family names.
const FAMILY_END: [&str; 10] =
    ["skov", "dal", "bæk", "holt", "sund", "lund", "gaard", "toft", "mark", "ved"];

/// A given name of a woman or a man.
pub(crate) fn given(dice: &mut Dice, woman: bool) -> String {
    let ending = if woman { dice.word(&GIVEN_F) } else { dice.word(&GIVEN_M) };
    format!("{}{ending}", dice.word(&GIVEN))
}

/// A family name.
pub(crate) fn family(dice: &mut Dice) -> String {
    format!("{}{}", dice.word(&FAMILY), dice.word(&FAMILY_END))
}

/// A name as it looks with one letter doubled by a slip of the hand.
pub(crate) fn misspelt(name: &str) -> String {
    let middle = name.chars().count() / 2;
    name.chars()
        .enumerate()
        .flat_map(|(at, it)| std::iter::repeat_n(it, if at == middle { 2 } else { 1 }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_doubles_one_letter_and_only_that() {
        assert_eq!(misspelt("Olviine"), "Olviiine");
        assert_eq!(misspelt("Dræl"), "Drææl");
    }

    #[test]
    fn both_lists_give_two_hundred_different_names() {
        let mut dice = Dice::new(1, 1);
        let mut given_seen = std::collections::BTreeSet::new();
        let mut family_seen = std::collections::BTreeSet::new();
        for it in 0..20_000 {
            given_seen.insert(given(&mut dice, it % 2 == 0));
            family_seen.insert(family(&mut dice));
        }
        assert_eq!((given_seen.len(), family_seen.len()), (200, 200));
    }
}
