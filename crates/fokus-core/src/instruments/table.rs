//! The table of instruments. Changing a range or rule changes what is accepted from then on, never what
//! was recorded.
//!
//! Where no rule for missing items is published here, none may be missing. Bands and norms stand only
//! where they hold for everybody of the respondent's ages.

use super::{Answering, Band, Direction, Hundredths, Instrument, Norm, Scale, Subject};
use crate::codes::Respondent;

const fn whole(number: i32) -> Hundredths {
    Hundredths(number * 100)
}

const ONE: Hundredths = whole(1);

/// A scale in whole numbers, lower better, without sums, bands and norms.
const fn scale(code: &'static str, least: i32, most: i32) -> Scale {
    Scale {
        code,
        least: whole(least),
        most: whole(most),
        step: ONE,
        direction: Direction::LowerIsBetter,
        missing_items_max: 0,
        sum_of: &[],
        bands: &[],
        norms: &[],
    }
}

const fn rising(scale: Scale) -> Scale {
    Scale { direction: Direction::HigherIsBetter, ..scale }
}

const fn missing(scale: Scale, missing_items_max: u8) -> Scale {
    Scale { missing_items_max, ..scale }
}

const fn aged(respondent: Respondent, from: i16, to: i16) -> Answering {
    Answering { respondent, years: Some((from, to)) }
}

const fn any_age(respondent: Respondent) -> Answering {
    Answering { respondent, years: None }
}

/// British community samples, 5 to 15 years (Meltzer et al. 2000, sdqinfo.org), with Cronbach's alpha
/// (Goodman 2001, J. Am. Acad. Child Adolesc. Psychiatry 40:1337). No Danish norm covers all ages.
const fn british(respondent: Respondent, deviation: i32, reliability: i32) -> Norm {
    Norm {
        respondent,
        standard_deviation: Hundredths(deviation),
        reliability: Hundredths(reliability),
        source: "UK 5-15 y, Meltzer et al. 2000; alpha, Goodman 2001",
    }
}

/// Strengths and Difficulties Questionnaire: 25 items, five to a scale; a scale stands with three of
/// them answered. The self-report is for 11 to 17.
const SDQ: Instrument = Instrument {
    code: "SDQ",
    name: "Strengths and Difficulties Questionnaire",
    subject: Subject::Person,
    answering: &[
        aged(Respondent::Parent, 2, 17),
        aged(Respondent::Teacher, 2, 17),
        aged(Respondent::OneSelf, 11, 17),
    ],
    scales: &[
        missing(scale("EMOTIONAL", 0, 10), 2),
        missing(scale("CONDUCT", 0, 10), 2),
        missing(scale("HYPERACTIVITY", 0, 10), 2),
        missing(scale("PEER", 0, 10), 2),
        rising(missing(scale("PROSOCIAL", 0, 10), 2)),
        Scale {
            missing_items_max: 8,
            sum_of: &["EMOTIONAL", "CONDUCT", "HYPERACTIVITY", "PEER"],
            norms: &[
                british(Respondent::Parent, 580, 82),
                british(Respondent::Teacher, 600, 87),
                british(Respondent::OneSelf, 520, 80),
            ],
            ..scale("TOTAL", 0, 40)
        },
        scale("IMPACT", 0, 10),
    ],
};

/// Youth Level of Service/Case Management Inventory 2.0: 42 items in eight domains, by a trained worker.
const YLS_CMI_2: Instrument = Instrument {
    code: "YLS_CMI_2",
    name: "Youth Level of Service/Case Management Inventory 2.0",
    subject: Subject::Person,
    answering: &[aged(Respondent::Worker, 12, 18)],
    scales: &[
        scale("OFFENCES", 0, 5),
        scale("FAMILY", 0, 6),
        scale("EDUCATION", 0, 7),
        scale("PEERS", 0, 4),
        scale("SUBSTANCES", 0, 5),
        scale("LEISURE", 0, 3),
        scale("PERSONALITY", 0, 7),
        scale("ATTITUDES", 0, 5),
        Scale {
            sum_of: &[
                "OFFENCES",
                "FAMILY",
                "EDUCATION",
                "PEERS",
                "SUBSTANCES",
                "LEISURE",
                "PERSONALITY",
                "ATTITUDES",
            ],
            bands: &[
                Band { name: "LOW", most: whole(8) },
                Band { name: "MODERATE", most: whole(22) },
                Band { name: "HIGH", most: whole(34) },
                Band { name: "VERY_HIGH", most: whole(42) },
            ],
            ..scale("TOTAL", 0, 42)
        },
    ],
};

/// North Carolina Family Assessment Scale: five domains, -3 to +2, 0 = adequate. Domains are judged, not
/// summed from their subscales.
const NCFAS: Instrument = Instrument {
    code: "NCFAS",
    name: "North Carolina Family Assessment Scale",
    subject: Subject::Family,
    answering: &[any_age(Respondent::Worker)],
    scales: &[
        rising(scale("ENVIRONMENT", -3, 2)),
        rising(scale("PARENTAL_CAPABILITIES", -3, 2)),
        rising(scale("FAMILY_INTERACTIONS", -3, 2)),
        rising(scale("FAMILY_SAFETY", -3, 2)),
        rising(scale("CHILD_WELL_BEING", -3, 2)),
    ],
};

/// Family Star Plus: ten areas, 1 to 10, agreed between a parent and the worker; no total.
const FAMSTAR: Instrument = Instrument {
    code: "FAMSTAR",
    name: "Family Star Plus",
    subject: Subject::PersonOrFamily,
    answering: &[any_age(Respondent::Parent), any_age(Respondent::Worker)],
    scales: &[
        rising(scale("PHYSICAL_HEALTH", 1, 10)),
        rising(scale("WELL_BEING", 1, 10)),
        rising(scale("EMOTIONAL_NEEDS", 1, 10)),
        rising(scale("SAFETY", 1, 10)),
        rising(scale("SOCIAL_NETWORKS", 1, 10)),
        rising(scale("EDUCATION", 1, 10)),
        rising(scale("BOUNDARIES", 1, 10)),
        rising(scale("ROUTINE", 1, 10)),
        rising(scale("HOME_AND_MONEY", 1, 10)),
        rising(scale("WORK", 1, 10)),
    ],
};

/// Safety scaling (Signs of Safety): 0 to 10, asked of each person separately; halves are in use.
const SOS: Instrument = Instrument {
    code: "SOS",
    name: "Signs of Safety scaling",
    subject: Subject::PersonOrFamily,
    answering: &[
        any_age(Respondent::OneSelf),
        any_age(Respondent::Parent),
        any_age(Respondent::Teacher),
        any_age(Respondent::Worker),
    ],
    scales: &[Scale { step: Hundredths(50), ..rising(scale("SAFETY", 0, 10)) }],
};

pub(super) const INSTRUMENTS: &[Instrument] = &[SDQ, YLS_CMI_2, NCFAS, FAMSTAR, SOS];
