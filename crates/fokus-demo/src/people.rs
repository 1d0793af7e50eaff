//! Invented people: names, births, CPR-shaped references that can be nobody's, households.

use std::collections::BTreeSet;

use fokus_proto::v1;
use fokus_proto::v1::{FamilyRole, Household};
use jiff::civil::Date;

use crate::calendar::{age_years, later};
use crate::dice::Dice;
use crate::names;
use crate::parameters as p;

/// A person as the demo invented it; what the journal is told is [`Person::registration`].
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) given: String,
    pub(crate) family_name: String,
    pub(crate) woman: bool,
    pub(crate) born: Date,
    /// Ten digits with a month of 21 to 32.
    pub(crate) cpr: String,
    /// Registered without it; found later, or never.
    pub(crate) cpr_missing: bool,
    /// Only the year of birth is known.
    pub(crate) half_known: bool,
}

/// A member of a family.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) person: Person,
    pub(crate) role: FamilyRole,
    pub(crate) household: Household,
}

impl Member {
    /// Whether the plan's rules count this member among the children.
    pub(crate) fn is_child(&self) -> bool {
        matches!(self.role, FamilyRole::Child | FamilyRole::Sibling | FamilyRole::HalfSibling)
    }

    /// Completed years on a day.
    pub(crate) fn age_on(&self, day: Date) -> i16 {
        age_years(self.person.born, day)
    }
}

impl Person {
    /// The command that registers the person.
    pub(crate) fn registration(&self) -> v1::RegisterPerson {
        let birth = if self.half_known {
            Some(v1::Birth {
                year: i32::from(self.born.year()),
                precision: v1::BirthPrecision::Year.into(),
                ..Default::default()
            })
        } else if self.cpr_missing {
            Some(v1::Birth {
                date: self.born.to_string(),
                precision: v1::BirthPrecision::Exact.into(),
                ..Default::default()
            })
        } else {
            None
        };
        let (sex, source) = if self.cpr_missing {
            (v1::Sex::Unspecified, v1::PersonSource::Manual)
        } else if self.woman {
            (v1::Sex::F, v1::PersonSource::CprLookup)
        } else {
            (v1::Sex::M, v1::PersonSource::CprLookup)
        };
        v1::RegisterPerson {
            person_id: self.id.clone(),
            name: Some(v1::PersonName {
                given: self.given.clone(),
                family: self.family_name.clone(),
            }),
            cpr: if self.cpr_missing { String::new() } else { self.cpr.clone() },
            birth,
            sex: sex.into(),
            source: source.into(),
            is_synthetic: true,
        }
    }
}

/// The CPR numbers given out so far.
#[derive(Debug)]
pub(crate) struct CprRegister(BTreeSet<String>);

impl CprRegister {
    /// None but those that are kept free.
    pub(crate) fn without(reserved: &[&str]) -> Self {
        CprRegister(reserved.iter().map(|it| (*it).to_owned()).collect())
    }

    /// A number for somebody born on that day: day, month + 20, year, the century by the seventh
    /// digit (0 to 3 before 2000, 4 to 9 from 2000, for years up to 2036), the last digit odd for
    /// men.
    fn issue(&mut self, dice: &mut Dice, born: Date, woman: bool) -> String {
        loop {
            let century = if born.year() < 2000 { dice.below(4) } else { dice.between(4, 9) };
            let middle = dice.below(100);
            let last = 2 * dice.below(5) + u32::from(!woman);
            let month = i64::from(born.month()) + i64::from(p::CPR_MONTH_ADDED);
            let year = born.year() % 100;
            let cpr = format!("{:02}{month:02}{year:02}{century}{middle:02}{last}", born.day());
            // 100 × 5 × 4 numbers a day and sex at least: a free one is near.
            if self.0.insert(cpr.clone()) {
                return cpr;
            }
        }
    }

    /// A new person of that age, in whole years, on `on`.
    fn person(
        &mut self,
        dice: &mut Dice,
        (age, on): (u32, Date),
        woman: bool,
        family_name: &str,
    ) -> Person {
        let days = i32::try_from(age * 365 + age / 4 + 1 + dice.below(360)).unwrap_or(0);
        let born = later(on, -days);
        let cpr = self.issue(dice, born, woman);
        let cpr_missing = dice.chance(p::WITHOUT_CPR);
        Person {
            id: dice.uuid(),
            given: names::given(dice, woman),
            family_name: family_name.to_owned(),
            woman,
            born,
            cpr,
            cpr_missing,
            // Children are born here and known to the day; ages are needed for their rights.
            half_known: cpr_missing && age >= 25 && dice.chance(p::HALF_KNOWN_BIRTH),
        }
    }
}

/// A family before it is registered: its members, and who may join later.
#[derive(Debug, Clone)]
pub(crate) struct Kin {
    pub(crate) members: Vec<Member>,
    /// A grandparent or new partner, not a member yet.
    pub(crate) joiner: Member,
    /// Who may take part in helping the family: the oldest of them a relative.
    pub(crate) network: [Person; 2],
}

/// What is certain of a family before the dice fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cast {
    /// Two parents, the second without a known CPR number, and a youth: everything can happen here.
    Showcase,
    /// The eldest child is 12 to 15.
    Youth,
    Any,
}

/// Makes a family as it is on `on`.
pub(crate) fn kin(dice: &mut Dice, cprs: &mut CprRegister, on: Date, cast: Cast) -> Kin {
    let name = names::family(dice);
    let mut members = Vec::new();
    let mut add = |person, role, household| members.push(Member { person, role, household });

    let eldest = if cast == Cast::Any { dice.between(7, 15) } else { dice.between(12, 15) };
    let structure = if cast == Cast::Showcase { 0 } else { dice.weighted(&p::PARENTS, 0) };
    let parent_age = eldest + dice.between(20, 30);
    let mother_first = structure != 1 || dice.chance(800);
    let first_role = if mother_first { FamilyRole::Mother } else { FamilyRole::Father };
    let first = cprs.person(dice, (parent_age, on), mother_first, &name);
    add(first, first_role, Household::Core);
    if structure != 1 {
        let role = if structure == 0 { FamilyRole::Father } else { FamilyRole::Stepparent };
        let other_name = if structure == 0 { name.clone() } else { names::family(dice) };
        let age = parent_age + dice.below(5);
        let mut second = cprs.person(dice, (age, on), false, &other_name);
        second.cpr_missing |= cast == Cast::Showcase;
        add(second, role, Household::Core);
    }
    let mut age = eldest;
    let drawn = dice.weighted(&p::CHILDREN, 1);
    // The showcase has a child of under ten years, to the end of the demo.
    let children = if cast == Cast::Showcase { drawn.max(3) } else { drawn };
    for number in 0..children {
        age = if cast == Cast::Showcase && number + 1 == children { age.min(6) } else { age };
        let woman = dice.chance(450);
        let person = cprs.person(dice, (age, on), woman, &name);
        let half = structure == 2 && number > 0 && dice.chance(250);
        let role = if half { FamilyRole::HalfSibling } else { FamilyRole::Child };
        let shared = structure != 0 && dice.chance(p::SHARED_HOME);
        add(person, role, if shared { Household::PartTime } else { Household::Core });
        age = age.saturating_sub(dice.between(1, 3));
    }
    let (role, household, joiner_age) = if dice.chance(500) || structure != 1 {
        (FamilyRole::Grandparent, Household::Outside, parent_age + dice.between(20, 26))
    } else {
        (FamilyRole::Partner, Household::Core, parent_age + dice.below(5))
    };
    let woman = dice.chance(500);
    let joiner_name = names::family(dice);
    let joiner = cprs.person(dice, (joiner_age, on), woman, &joiner_name);
    let relative_age = parent_age + dice.between(18, 25);
    let relative = cprs.person(dice, (relative_age, on), !woman, &name);
    let other_name = names::family(dice);
    let other_age = dice.between(28, 60);
    let other = cprs.person(dice, (other_age, on), woman, &other_name);
    let joiner = Member { person: joiner, role, household };
    Kin { members, joiner, network: [relative, other] }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Month of a CPR number, as written.
    fn month(cpr: &str) -> u32 {
        cpr[2..4].parse().unwrap()
    }

    #[test]
    fn a_cpr_number_is_nobodys_unique_and_tells_birth_and_sex() {
        let mut dice = Dice::new(3, 3);
        let mut cprs = CprRegister::without(&[]);
        for at in 0..2_000 {
            let born = later(date(1950, 1, 1), at * 13);
            let woman = at % 2 == 0;
            let cpr = cprs.issue(&mut dice, born, woman);
            assert_eq!(cpr.len(), 10);
            assert!((21..=32).contains(&month(&cpr)), "{cpr}");
            assert_eq!(cpr[9..].parse::<u32>().unwrap() % 2 == 0, woman);
            let century: i16 = if cpr.as_bytes()[6] < b'4' { 1900 } else { 2000 };
            assert_eq!(century + cpr[4..6].parse::<i16>().unwrap(), born.year());
        }
        assert_eq!(cprs.0.len(), 2_000);
    }

    #[test]
    fn a_family_has_an_adult_and_one_to_five_children_of_the_asked_age() {
        let mut dice = Dice::new(3, 4);
        let mut cprs = CprRegister::without(&[]);
        let on = date(2019, 2, 1);
        for _ in 0..200 {
            let kin = kin(&mut dice, &mut cprs, on, Cast::Youth);
            let children: Vec<_> = kin.members.iter().filter(|it| it.is_child()).collect();
            assert!((1..=5).contains(&children.len()));
            assert!(kin.members.len() > children.len(), "an adult");
            let eldest = children.iter().map(|it| it.age_on(on)).max().unwrap();
            assert!((12..=16).contains(&eldest), "{eldest}");
            assert!(children.iter().all(|it| it.age_on(on) < 18 && !it.person.half_known));
        }
    }
}
