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
    FULL_FAMILIES: u32 = 60, "families of the full demo",
        Named("the programme's own plan: 60 families over 24 months");
    WORKERS_PER_8_FAMILIES: u32 = 6, "workers employed for eight families", Assumed;
    FAR_FAMILIES_OF_8: u32 = 5,
        "of eight families, those that begin early and go through the whole course", Assumed;
    FIRST_FAMILY_DAYS: u32 = 110,
        "days from the start of recording to the first registered family", Assumed;
    INTAKE_SPAN_DAYS: u32 = 480, "days over which the families come in", Assumed;
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
    DAYS_TO_ANSWER: (u32, u32) = (2, 7), "days from a place offered to the family's answer", Assumed;
    DAYS_TO_CLOSURE: (u32, u32) = (26, 36),
        "days from the beginning of the evaluation to the proposal to close", Assumed;
    CONTACTS_PER_1000_DAYS: u32 = 340, "contacts in 1,000 working days of a case", Assumed;
    CONTACT_KINDS: [(u32, u32); 8] =
        [(0, 220), (1, 230), (2, 90), (3, 60), (4, 110), (5, 40), (6, 20), (7, 20)],
        "visit, call, SMS, no-show, meeting, school, office, street, weighted", Assumed;
    NOTES_PER_1000_DAYS: u32 = 300, "notes in 1,000 working days of a case", Assumed;
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
    OFFERED: u32 = 800, "families that are offered a place before the case; the others' cases open at once",
        Assumed;
    INFO_ASKED: u32 = 250, "referrals that raise questions", Assumed;
    NO_PLACE_YET: u32 = 80, "referrals that first wait for a place", Assumed;
    DECLINED: u32 = 30, "families whose first referral the municipality declines", Assumed;
    WITHDRAWN: u32 = 30, "families whose first referral is taken back", Assumed;
    REFUSED: u32 = 60, "families that do not want the first place offered", Assumed;
    EXPIRED: u32 = 40, "families that let the first offer expire", Assumed;
    DUPLICATE_FAMILY: u32 = 10, "families registered twice; the second registration is undone",
        Named("domain 7.7: duplicate families 1 %");
    DUPLICATE_PERSON: u32 = 20, "families in which somebody is registered twice, the name misspelt",
        Named("domain 7.7: duplicate persons 2 %");
    WRONG_FAMILY: u32 = 3, "notes that belong to another family, marked later",
        Named("domain 7.7: wrong-person notes 0.3 %");
    INTERPRETER: u32 = 350, "families with whom one speaks another language than Danish", Assumed;
    LANGUAGES: [(&str, u32); 8] = [("ar", 30), ("tr", 20), ("so", 14), ("ur", 12), ("ku", 8),
        ("fa", 6), ("pl", 6), ("ro", 4)], "languages of those families, weighted", Assumed;
    UNSAFE_PHONE: u32 = 40, "adults whose telephone is not safe to call", Assumed;
    CONTACT_POINT_CHANGES: u32 = 150, "telephones that change during the case", Assumed;
    NAME_CHANGES: u32 = 40, "families in which an adult takes another name", Assumed;
    CARE_MARKER: u32 = 30, "families with somebody to be met with care", Assumed;
    MARKER_CLEARED: u32 = 500, "of those markers, those cleared before they run out", Assumed;
    DEATH: u32 = 20, "families that lose a relative of their network", Assumed;
    ROLE_CHANGES: u32 = 30, "families in which a member's role changes", Assumed;
    NETWORK_LEAVES: u32 = 250, "families in which somebody of the network stops", Assumed;
    RELATIONSHIP_CHANGES: u32 = 200, "families in which a relationship is seen otherwise later", Assumed;
    INTEREST: u32 = 60, "families in which a worker declares an interest", Assumed;
    INTEREST_ENDS: u32 = 500, "of those, declarations that end", Assumed;
    PROVISIONAL: u32 = 60, "family assessments that take more than four months", Assumed;
    ABANDONED: u32 = 40, "families with a screening that is given up", Assumed;
    CHILD_EXAMINATION: u32 = 400, "families with an examination of a child", Assumed;
    EXTERNAL: u32 = 500, "families with an assessment from another agency", Assumed;
    FACTORS: u32 = 56, "statements of the form of risks and resources",
        Named("Ressource- og risikoskema");
    HANDOVER: u32 = 150, "cases whose lead changes", Assumed;
    THERAPIST_LEAVES: u32 = 500, "therapists who are taken off the case", Assumed;
    CASE_PAUSED: u32 = 80, "cases that pause", Assumed;
    ACUTE_OVERRIDE: u32 = 80, "youths whose track is opened before the family's plan", Assumed;
    OVERRIDE_REJECTED: u32 = 40, "youths for whom that is proposed and turned down", Assumed;
    STATEMENT_PER_MONTH: u32 = 150, "statements of parties in a family and month", Assumed;
    FLAGS_PER_MONTH: u32 = 300, "flags in a family and month", Assumed;
    FLAG_RESOLVED: u32 = 850, "flags that are dealt with", Assumed;
    SUPERVISION_PER_MONTH: u32 = 200, "notes of supervision in a family and month", Assumed;
    INCIDENTS_PER_MONTH: u32 = 120, "incidents of a youth and month where the street is an area", Assumed;
    INCIDENT_FOLLOWS: u32 = 300, "incidents that another one follows within weeks", Assumed;
    ABSENCE_TOLD: u32 = 900, "months and schoolchildren whose school reports absence", Assumed;
    EMPLOYED_AT_INTAKE: u32 = 400, "parents in work at intake",
        Named("Gladsaxe: 40 % at intake");
    EMPLOYED_LATER: u32 = 50, "in 1,000 months, parents out of work who find some", Assumed;
    EDUCATION_CHANGES: u32 = 200, "families with a youth whose education changes", Assumed;
    SDQ_TEACHER: u32 = 600, "schoolchildren whose teacher answers an SDQ, too", Assumed;
    SDQ_ITEM_MISSING: u32 = 40, "SDQ subscales with an item without an answer", Assumed;
    MISSING_AT_CLOSURE: u32 = 200, "instruments not administered at closure", Assumed;
    MISSING_AT_FOLLOW_UP: u32 = 350, "instruments not administered after the closure", Assumed;
    BETA: [(i32, u32); 3] = [(250, 55), (0, 35), (-100, 10)],
        "how fast a family gets better, in thousandths of a standard deviation a month, weighted", Assumed;
    BETA_SPREAD: i32 = 200, "standard deviation of that among those who get better", Assumed;
    RISK_THRESHOLDS: [i32; 3] = [-700, 400, 1_400],
        "severity from which a risk is moderate, high, acute: thousandths", Assumed;
    WORKER_NOISE: u32 = 150, "judgements that are one level off", Assumed;
    INTERVENTION_ADJUSTED: u32 = 200, "interventions that are adjusted", Assumed;
    INTERVENTION_PAUSED: u32 = 150, "interventions that rest for some weeks", Assumed;
    INTERVENTION_DECLINED: u32 = 80, "interventions that the family declines", Assumed;
    CLOSURE_REJECTED: u32 = 150, "closures that are turned down once", Assumed;
    FAMILY_NOT_TOLD: u32 = 60, "closings of which the family could not be told", Assumed;
    OUTCOMES: [(u32, u32); 6] = [(0, 35), (1, 30), (2, 15), (3, 10), (4, 5), (5, 5)],
        "goals met, partly met, withdrew, moved, transferred, no effect, weighted", Assumed;
    SATISFACTION: u32 = 600, "families that say how satisfied they are", Assumed;
    ANONYMOUS: u32 = 300, "of those, without a name", Assumed;
    AFTER_CLOSURE: u32 = 800, "closed cases that are followed up", Assumed;
    ANSWERED: u32 = 650, "contacts after the closing that somebody answers", Assumed;
    REOPENED: u32 = 120, "closed cases that are reopened within a year", Assumed;
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
