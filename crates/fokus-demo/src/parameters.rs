//! Every number that the synthetic programme rests on, in one place, each with where it comes from.
//!
//! They are invented unless a source is named, and printed with the result, so that nobody takes a
//! count of the demo for a finding. Shares are per mille, tables are equally likely unless
//! weighted.

use std::fmt;

/// Where a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// An assumption of ours, nothing more.
    Assumed,
    /// A public source or the programme's own description.
    Named(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Assumed => f.write_str("assumed"),
            Source::Named(it) => f.write_str(it),
        }
    }
}

/// One number or table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    pub name: &'static str,
    /// As Rust prints it.
    pub value: String,
    /// What it means.
    pub meaning: &'static str,
    pub source: Source,
}

macro_rules! parameters {
    ($($name:ident : $ty:ty = $value:expr, $meaning:literal, $source:expr;)*) => {
        $(#[doc = $meaning] pub(crate) const $name: $ty = $value;)*

        /// Every parameter, in the order of this file.
        pub fn all() -> Vec<Parameter> {
            use Source::{Assumed, Named};
            vec![$(Parameter {
                name: stringify!($name),
                value: format!("{:?}", $name),
                meaning: $meaning,
                source: $source,
            }),*]
        }
    };
}

parameters! {
    FAMILIES: u32 = 8, "families unless another number is asked for", Assumed;
    WORKERS_PER_8_FAMILIES: u32 = 6, "workers employed for eight families", Assumed;
    FAR_FAMILIES_OF_8: u32 = 5,
        "of eight families, those that begin early and go through the whole course", Assumed;
    FIRST_FAMILY_DAYS: u32 = 110,
        "days from the start of recording to the first registered family", Assumed;
    INTAKE_SPAN_DAYS: u32 = 560, "days over which the families come in", Assumed;
    DURATION_DAYS: [u32; 8] = [400, 310, 350, 270, 380, 330, 290, 360],
        "length of a case, of every eighth family; give or take 15 days", Assumed;
    CHILDREN: [(u32, u32); 5] = [(1, 12), (2, 26), (3, 30), (4, 18), (5, 14)],
        "children of a programme family, weighted", Assumed;
    PARENTS: [(u32, u32); 3] = [(0, 45), (1, 35), (2, 20)],
        "0 two parents, 1 one parent, 2 a parent and a step-parent, weighted", Assumed;
    SHARED_HOME: u32 = 200,
        "children of single and blended families who live in two homes", Assumed;
    WITHOUT_CPR: u32 = 60, "persons registered without a CPR number", Assumed;
    HALF_KNOWN_BIRTH: u32 = 300,
        "of adults without a CPR number, those with a year of birth only", Assumed;
    CPR_FOUND: u32 = 600,
        "of persons without a CPR number, those for whom it is found later", Assumed;
    DAYS_TO_TRIAGE: [u32; 9] = [1, 2, 3, 4, 4, 5, 6, 8, 12],
        "days from referral to triage", Assumed;
    DAYS_TO_OPENING: [u32; 6] = [5, 7, 8, 10, 12, 16], "days from triage to the case", Assumed;
    DAYS_ENGAGEMENT: (u32, u32) = (7, 16), "days from the case to the family assessment", Assumed;
    DAYS_ASSESSMENT: [u32; 8] = [30, 34, 40, 45, 45, 52, 60, 70],
        "days of the family assessment", Assumed;
    DAYS_PLAN: (u32, u32) = (10, 18), "days from assessment to agreed plan", Assumed;
    DAYS_FAMILY_PHASE: (u32, u32) = (90, 140), "days of the family's intervention", Assumed;
    DAYS_TO_YOUTH_TRACK: (u32, u32) = (25, 50), "days from agreed plan to the youth track", Assumed;
    YOUTH_TRACK: u32 = 600, "families that get a youth track", Assumed;
    CONTACTS_PER_1000_DAYS: u32 = 300, "contacts in 1,000 working days of a case", Assumed;
    CONTACT_KINDS: [(u32, u32); 8] =
        [(0, 220), (1, 230), (2, 90), (3, 60), (4, 50), (5, 30), (6, 20), (7, 20)],
        "visit, call, SMS, no-show, meeting, school, office, street, weighted", Assumed;
    NOTES_PER_1000_DAYS: u32 = 200, "notes in 1,000 working days of a case", Assumed;
    SESSION_EVERY_DAYS: u32 = 7, "days between two sessions of an intervention", Assumed;
    SESSION_HELD: u32 = 860, "planned sessions that are held", Assumed;
    RISK_EVERY_DAYS: (u32, u32) = (50, 75), "days between two judgements of one family", Assumed;
    MONTHLY_LOAD: [u32; 5] = [400, 700, 950, 1_250, 1_700],
        "how busy a month is, per mille of the mean", Assumed;
    COVID_LOAD: u32 = 750, "load of March to May 2020, per mille of the mean", Assumed;
    QUIET_PHASE_LOAD: u32 = 450, "load while a case is evaluated, per mille of the mean", Assumed;
    LATE: u32 = 80, "contacts and notes recorded more than five days later", Assumed;
    VERY_LATE: u32 = 120, "of those, recorded more than 30 days later, with a reason", Assumed;
    DAY_PRECISION: u32 = 180, "contacts of which only the day is known", Assumed;
    TIME_LEFT_OUT: u32 = 400,
        "contacts recorded as they happen, without a time of their own", Assumed;
    CORRECTED: u32 = 30, "contacts and notes corrected later", Assumed;
    MISTAKEN: u32 = 15, "contacts and notes recorded by mistake", Assumed;
    MARK_WITHDRAWN: u32 = 300, "marks of a mistake that are taken back", Assumed;
    MEMBER_JOINS: u32 = 350, "families that somebody joins during the case", Assumed;
    MEMBER_LEAVES: u32 = 350, "families that somebody leaves during the case", Assumed;
    CPR_MONTH_ADDED: u32 = 20,
        "added to the month of an invented CPR number, so that it can be nobody's",
        Named("store rule: months 21 to 32 are synthetic");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_listed_with_a_meaning_and_a_source() {
        let all = all();
        let names: std::collections::BTreeSet<_> = all.iter().map(|it| it.name).collect();
        assert_eq!(names.len(), all.len(), "names are unique");
        assert!(all.iter().any(|it| it.name == "LATE" && it.value == "80"));
        assert!(all.iter().all(|it| !it.meaning.is_empty() && !it.source.to_string().is_empty()));
    }
}
