//! The tally: what must have come out, counted while the plan is made and never by asking the
//! server.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::programme::CASELOAD_DAYS;
use crate::script::{Expect, Step};
use crate::story::Lead;

/// What the journal must say when every step of a plan has been sent. Fields stand in alphabetical
/// order, maps are sorted: the same plan gives the same JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// All families' interventions: count by state.
    pub board: BTreeMap<String, u64>,
    /// Cases that each worker led on some days: by day, then worker.
    pub caseloads: BTreeMap<String, BTreeMap<String, u32>>,
    /// Commands sent, refused and repeated ones too.
    pub commands: u64,
    /// What is wrong with the data, on purpose.
    pub dirt: Dirt,
    /// Events by type. One accepted command is one event.
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
    /// Entries of each family's timeline by type, by reference: corrections and marks are no entries, and
    /// what is marked is left out.
    pub timelines: BTreeMap<String, BTreeMap<String, u64>>,
    /// By reference.
    pub trajectories: BTreeMap<String, TrajectoryTruth>,
}

/// What a family's trajectory of risk must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrajectoryTruth {
    pub incidents: u32,
    /// Times that each instrument was administered, by `person/instrument`; no person for the family.
    pub instruments: BTreeMap<String, u32>,
    /// Interventions that were started.
    pub interventions: u32,
    /// Judgements of any person's risk in any area.
    pub steps: u32,
}

/// What is wrong with the data, on purpose (domain 7.7), as far as there are events for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dirt {
    /// Registered a second time under another id, the name misspelt.
    pub duplicate_persons: Vec<String>,
    /// Of persons, only the year of birth known.
    pub half_known_births: u32,
    /// Contacts and notes recorded more than five days later.
    pub late_entries: u32,
    /// References of families registered a second time, and undone.
    pub undone_registrations: Vec<String>,
    /// Persons registered without a CPR number.
    pub without_cpr: u32,
    /// Notes of another family's meeting, as `reference@revision`.
    pub wrong_family_entries: Vec<String>,
}

impl Dirt {
    /// That of one more family.
    fn add(&mut self, other: Dirt) {
        self.duplicate_persons.extend(other.duplicate_persons);
        self.half_known_births += other.half_known_births;
        self.late_entries += other.late_entries;
        self.undone_registrations.extend(other.undone_registrations);
        self.without_cpr += other.without_cpr;
        self.wrong_family_entries.extend(other.wrong_family_entries);
    }
}

/// What became of one family.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lived {
    pub(crate) status: FamilyTruth,
    pub(crate) timeline: BTreeMap<String, u64>,
    pub(crate) judgements: u32,
    pub(crate) measured: BTreeMap<String, u32>,
    pub(crate) leads: Vec<Lead>,
    pub(crate) dirt: Dirt,
}

/// A step that must be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalTruth {
    pub code: String,
    /// The command's name, as in the proto.
    pub command: String,
    /// Counted from 1.
    pub step: u64,
}

/// How a family must stand at the end, corrections and marks of mistakes applied. Codes as in the
/// proto, without their prefix; an empty text means none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyTruth {
    /// What waits for a second person: kinds.
    pub approvals: Vec<String>,
    pub case_id: String,
    pub case_state: String,
    /// Last day of a closed case.
    pub closed_on: String,
    /// No-shows not counted, here and in what follows.
    pub contact_minutes: u32,
    pub contacts: u32,
    /// Status by person.
    pub education: BTreeMap<String, String>,
    /// Status by person.
    pub employment: BTreeMap<String, String>,
    pub family_id: String,
    /// Where an acute override stands in for the plan.
    pub family_plan_due_on: String,
    pub family_plan_state: String,
    /// Open ones: kind by id.
    pub flags: BTreeMap<String, String>,
    /// Of all plans.
    pub goals: u32,
    pub handover_unread: bool,
    pub incidents: u32,
    /// In order of ordering.
    pub interventions: Vec<InterventionTruth>,
    pub last_contact_after_closure_on: String,
    /// Local day.
    pub last_contact_at_home_on: String,
    pub last_contact_on: String,
    pub last_contact_with_child_on: String,
    pub lead_worker_id: String,
    /// Present members: role by person.
    pub members: BTreeMap<String, String>,
    /// Those who help the family now: role by person.
    pub network: BTreeMap<String, String>,
    pub notes: u32,
    /// The last day of a place that is offered.
    pub offer_expires_on: String,
    pub opened_on: String,
    /// Of a closed case.
    pub outcome: String,
    /// While the case is paused.
    pub paused_from: String,
    pub phase: String,
    /// The person to turn to first.
    pub primary_contact: String,
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
    pub(crate) fn of(seed: u64, families: u32, steps: &[Step], lives: Vec<Lived>) -> Truth {
        let mut truth = Truth {
            board: BTreeMap::new(),
            caseloads: BTreeMap::new(),
            commands: 0,
            dirt: Dirt::default(),
            event_counts: BTreeMap::new(),
            families,
            family_statuses: BTreeMap::new(),
            positions: 0,
            refusals: Vec::new(),
            replays: Vec::new(),
            seed,
            timelines: BTreeMap::new(),
            trajectories: BTreeMap::new(),
        };
        for life in lives {
            truth.add(life);
        }
        for step in steps {
            truth.commands += 1;
            match &step.expect {
                Expect::Accepted { event_type, .. } => {
                    truth.positions += 1;
                    *truth.event_counts.entry((*event_type).to_owned()).or_insert(0) += 1;
                }
                Expect::Replayed { .. } => truth.replays.push(truth.commands),
                Expect::Refused { code } => truth.refusals.push(RefusalTruth {
                    code: (*code).to_owned(),
                    command: step.command_name().to_owned(),
                    step: truth.commands,
                }),
            }
        }
        truth
    }

    /// One more family.
    fn add(&mut self, life: Lived) {
        let reference = life.status.reference.clone();
        for it in &life.status.interventions {
            *self.board.entry(it.state.clone()).or_insert(0) += 1;
        }
        for day in CASELOAD_DAYS {
            let led = |it: &&Lead| it.1 <= day && it.2.is_none_or(|to| day <= to);
            let loads = self.caseloads.entry(day.to_string()).or_default();
            for (worker, ..) in life.leads.iter().filter(led) {
                *loads.entry(worker.clone()).or_insert(0) += 1;
            }
        }
        let started = life.status.interventions.iter().filter(|it| !it.started_on.is_empty());
        let trajectory = TrajectoryTruth {
            incidents: life.status.incidents,
            instruments: life.measured,
            interventions: u32::try_from(started.count()).unwrap_or(u32::MAX),
            steps: life.judgements,
        };
        self.dirt.add(life.dirt);
        self.timelines.insert(reference.clone(), life.timeline);
        self.trajectories.insert(reference.clone(), trajectory);
        self.family_statuses.insert(reference, life.status);
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
