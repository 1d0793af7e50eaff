//! The rules, one row each, by topic; and what must hold of the catalogue, golden files and tables.
//!
//! `journal` executes commands as a server does, in memory; `story` has a family's way through the
//! programme, stage by stage. Each topic gives rows: a journal, what is asked, and the answer.

mod adjusting;
mod assessing;
mod assessment;
mod case;
mod casework;
mod circle;
mod common_entry;
mod corrected;
mod crowd;
mod entries;
mod golden;
mod intervention;
mod journal;
mod membership;
mod people;
mod persons;
mod plan;
mod referral;
mod release;
mod staff;
mod story;
mod surroundings;
mod tables;

use journal::Row;

/// The rows of all topics.
fn all_rows() -> Vec<Row> {
    [
        people::rows(),
        membership::rows(),
        referral::rows(),
        case::rows(),
        assessment::rows(),
        plan::rows(),
        intervention::rows(),
        entries::rows(),
        persons::rows(),
        circle::rows(),
        staff::rows(),
        release::rows(),
        crowd::rows(),
        assessing::rows(),
        adjusting::rows(),
        casework::rows(),
    ]
    .concat()
}
