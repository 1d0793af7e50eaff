//! The tally: what must have come out, counted while the plan is made and never by asking the
//! server.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::script::{Expect, Step};

/// What the journal must say when every step of a plan has been sent. Fields stand in alphabetical
/// order, maps are sorted: the same plan gives the same JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// Commands sent, refused and repeated ones too.
    pub commands: u64,
    /// Events by type. In this slice one accepted command is one event.
    pub event_counts: BTreeMap<String, u64>,
    pub families: u32,
    /// By reference, such as `FF-2019-001`.
    pub family_statuses: BTreeMap<String, FamilyTruth>,
    /// Events, which is the last position of a log that was empty.
    pub positions: u64,
    /// In order of the steps.
    pub refusals: Vec<RefusalTruth>,
    /// Steps that repeat an earlier command, counted from 1.
    pub replays: Vec<u64>,
    pub seed: u64,
}

/// A step that must be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalTruth {
    pub code: String,
    /// Counted from 1.
    pub step: u64,
}

/// How a family must stand at the end, corrections and marks of mistakes applied. Codes as in the
/// proto, without their prefix; an empty text means none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyTruth {
    pub case_id: String,
    pub case_state: String,
    /// No-shows not counted, here and in what follows.
    pub contact_minutes: u32,
    pub contacts: u32,
    pub family_id: String,
    pub family_plan_state: String,
    /// Of all plans.
    pub goals: u32,
    /// In order of ordering.
    pub interventions: Vec<InterventionTruth>,
    /// Local day.
    pub last_contact_at_home_on: String,
    pub last_contact_on: String,
    pub last_contact_with_child_on: String,
    pub lead_worker_id: String,
    /// Present members: role by person.
    pub members: BTreeMap<String, String>,
    pub notes: u32,
    pub opened_on: String,
    pub phase: String,
    pub reference: String,
    pub referral_state: String,
    /// Events of the family's stream.
    pub revision: u64,
    /// Level by `person/area`.
    pub risks: BTreeMap<String, String>,
    pub youth_with_track: Vec<String>,
}

/// How an intervention must stand at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterventionTruth {
    pub ended_on: String,
    pub intervention_id: String,
    pub minutes: u32,
    pub sessions: u32,
    pub started_on: String,
    pub state: String,
    #[serde(rename = "type")]
    pub intervention_type: String,
}

impl Truth {
    /// Counts the steps of a plan.
    pub(crate) fn of(
        seed: u64,
        families: u32,
        steps: &[Step],
        family_statuses: BTreeMap<String, FamilyTruth>,
    ) -> Truth {
        let mut truth = Truth {
            commands: 0,
            event_counts: BTreeMap::new(),
            families,
            family_statuses,
            positions: 0,
            refusals: Vec::new(),
            replays: Vec::new(),
            seed,
        };
        for step in steps {
            truth.commands += 1;
            match &step.expect {
                Expect::Accepted { event_type, .. } => {
                    truth.positions += 1;
                    *truth.event_counts.entry((*event_type).to_owned()).or_insert(0) += 1;
                }
                Expect::Replayed { .. } => truth.replays.push(truth.commands),
                Expect::Refused { code } => truth
                    .refusals
                    .push(RefusalTruth { code: (*code).to_owned(), step: truth.commands }),
            }
        }
        truth
    }

    /// The tally as JSON, with a newline at the end: the content of `truth.json`.
    ///
    /// # Errors
    ///
    /// Never for a tally made here; the error is that of the JSON writer.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }

    /// The tally read back.
    ///
    /// # Errors
    ///
    /// When the text is not a tally of this version.
    pub fn from_json(text: &str) -> serde_json::Result<Truth> {
        serde_json::from_str(text)
    }
}
