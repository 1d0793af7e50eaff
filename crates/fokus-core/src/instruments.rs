//! Instruments: what a score can be, and when two of them differ by more than chance.
//!
//! The table is data (`instruments/table.rs`): codes, subjects, ages, respondents, scales with range,
//! direction and missing-item rule, totals, bands and norms. [`judge`] says whether scores can be;
//! [`change`] whether two scores of a scale show a change. A new instrument is a new entry of the table.
//!
//! Deliberately absent: the words of items (licensed), a score over several instruments or persons,
//! and bands that depend on sex and age (the Danish norms of the SDQ: too few of their cells are known).
//! The `GAS` of a goal is part of its plan, forms of factors are answered factor by factor.

pub mod change;
mod table;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::codes::Respondent;
use crate::command::assessing::ScaleScore;
use crate::rejection::{Reason, Rejection};

/// A decimal with at most two places, in hundredths: no floats are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hundredths(pub i32);

/// The most digits before the point.
const WHOLE_DIGITS_MAX: usize = 4;

impl Hundredths {
    /// Reads `-?` one to four digits, and perhaps a point with one or two more.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit())
        };
        if !is_number(whole, WHOLE_DIGITS_MAX) || !is_number(places, 2) {
            return None;
        }
        let ten_or_one = if places.len() == 1 { 10 } else { 1 };
        let hundredths = places.parse::<i32>().ok()? * ten_or_one;
        Some(Hundredths(sign * (whole.parse::<i32>().ok()? * 100 + hundredths)))
    }
}

impl fmt::Display for Hundredths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, places) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        match (places, places % 10) {
            (0, _) => write!(f, "{sign}{whole}"),
            (_, 0) => write!(f, "{sign}{whole}.{}", places / 10),
            (_, _) => write!(f, "{sign}{whole}.{places:02}"),
        }
    }
}

impl Serialize for Hundredths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hundredths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Hundredths::parse(&text).ok_or_else(|| de::Error::custom("not a decimal"))
    }
}

/// Whom an instrument is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Person,
    Family,
    PersonOrFamily,
}

/// Which way a scale gets better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    LowerIsBetter,
    HigherIsBetter,
}

/// A band of a scale, up to and with a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    pub name: &'static str,
    pub most: Hundredths,
}

/// What is known of a scale's spread and reliability with one respondent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Norm {
    pub respondent: Respondent,
    pub standard_deviation: Hundredths,
    /// 0 to 1.
    pub reliability: Hundredths,
    /// Where the two numbers are from.
    pub source: &'static str,
}

/// One scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    pub code: &'static str,
    pub least: Hundredths,
    pub most: Hundredths,
    /// Scores are multiples of it.
    pub step: Hundredths,
    pub direction: Direction,
    /// With more items unanswered there is no score.
    pub missing_items_max: u8,
    /// The scales that it is the sum of; none where it is no sum.
    pub sum_of: &'static [&'static str],
    /// In rising order; none where none apply to everybody.
    pub bands: &'static [Band],
    pub norms: &'static [Norm],
}

/// Who may answer, and about whom: completed years of the person, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answering {
    pub respondent: Respondent,
    /// `None` = any age.
    pub years: Option<(i16, i16)>,
}

/// One instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instrument {
    pub code: &'static str,
    pub name: &'static str,
    pub subject: Subject,
    pub answering: &'static [Answering],
    pub scales: &'static [Scale],
}

/// The instrument of that code.
pub fn instrument(code: &str) -> Option<&'static Instrument> {
    table::INSTRUMENTS.iter().find(|it| it.code == code)
}

/// Every instrument.
pub fn all() -> &'static [Instrument] {
    table::INSTRUMENTS
}

impl Instrument {
    /// The scale of that code.
    pub fn scale(&self, code: &str) -> Option<&'static Scale> {
        self.scales.iter().find(|it| it.code == code)
    }

    /// Who may answer so.
    pub fn answering(&self, respondent: Respondent) -> Option<&'static Answering> {
        self.answering.iter().find(|it| it.respondent == respondent)
    }
}

impl Scale {
    /// The band of a score.
    pub fn band(&self, value: Hundredths) -> Option<&'static str> {
        self.bands.iter().find(|it| value <= it.most).map(|it| it.name)
    }

    /// What is known with that respondent.
    pub fn norm(&self, respondent: Respondent) -> Option<&'static Norm> {
        self.norms.iter().find(|it| it.respondent == respondent)
    }
}

/// Whether these scores can be, together.
///
/// # Errors
///
/// At the path of the score at fault, such as `scores[2].value`, without the command's name:
/// `FIELD_INVALID` without any, or for a scale that the instrument does not have; `OUT_OF_RANGE`;
/// `TOO_MANY_MISSING`; `SUM_MISMATCH` for a total that is not the sum of its subscales, or stands
/// with some of them only.
pub fn judge(instrument: &Instrument, scores: &[ScaleScore]) -> Result<(), Rejection> {
    if scores.is_empty() {
        return Err(Rejection::new(Reason::FieldInvalid, "at least one score").at("scores"));
    }
    for (index, score) in scores.iter().enumerate() {
        let at = |field: &str| format!("scores[{index}].{field}");
        let Some(scale) = instrument.scale(&score.scale) else {
            let rule = format!("must be a scale of {}", instrument.code);
            return Err(Rejection::new(Reason::FieldInvalid, rule).at(at("scale")));
        };
        if score.missing_items > scale.missing_items_max {
            let rule = format!("at most {} items may be missing", scale.missing_items_max);
            return Err(Rejection::new(Reason::TooManyMissing, rule).at(at("missing_items")));
        }
        let is_step = (score.value.0 - scale.least.0) % scale.step.0 == 0;
        if score.value < scale.least || score.value > scale.most || !is_step {
            let (least, most) = (scale.least, scale.most);
            let rule = format!("from {least} to {most}, in steps of {}", scale.step);
            return Err(Rejection::new(Reason::OutOfRange, rule).at(at("value")));
        }
        let parts: Vec<Hundredths> =
            scale.sum_of.iter().filter_map(|it| value_of(scores, it)).collect();
        let is_whole = parts.len() == scale.sum_of.len();
        let sum: i32 = parts.iter().map(|it| it.0).sum();
        let adds_up = is_whole && sum == score.value.0;
        if !parts.is_empty() && !adds_up {
            let rule = "a total is the sum of its subscales: all of them, or none";
            return Err(Rejection::new(Reason::SumMismatch, rule).at(at("value")));
        }
    }
    Ok(())
}

fn value_of(scores: &[ScaleScore], scale: &str) -> Option<Hundredths> {
    scores.iter().find(|it| it.scale == scale).map(|it| it.value)
}

#[cfg(test)]
mod tests;
