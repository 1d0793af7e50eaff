//! Steps: what is sent when, as whom, and what must come back. `Recorder` writes them down and
//! knows, without asking anybody, at which revision each event of its streams stands; `merge` makes one
//! row of steps of several scripts.

use std::collections::BTreeMap;

use fokus_proto::v1;
use fokus_proto::v1::execute_request::Command;

use crate::calendar::{instant_ms, local_day};
use crate::commands;
use crate::commands::Stream;
use crate::dice::Dice;

/// Minutes after midnight of a day's last minute.
const DAYS_LAST_MINUTE: u32 = 23 * 60 + 59;

/// Whose token a step is sent with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Caseworker,
    TeamLead,
    ProgrammeManager,
}

/// What must come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// One event of this type, at this revision of the stream and this position of the log.
    Accepted {
        event_type: &'static str,
        stream_kind: v1::StreamKind,
        stream_id: String,
        revision: i64,
        /// Counted from the first step of the plan.
        position: i64,
    },
    /// The first answer of an earlier step, which stood at this position.
    Replayed { position: i64 },
    /// A refusal with this reason.
    Refused { code: &'static str },
}

/// One command of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// When it is sent, which is when it is recorded: Unix milliseconds.
    pub at_ms: u64,
    pub role: Role,
    pub request: v1::ExecuteRequest,
    pub expect: Expect,
    /// Whether entries are named by the event id that the server gave instead of the revision that
    /// stands in `request`.
    pub entries_by_event_id: bool,
}

impl Step {
    /// The command's name, as in the proto.
    pub fn command_name(&self) -> &'static str {
        self.request.command.as_ref().map_or("(none)", commands::name)
    }
}

/// A command on its way into the script.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) request: v1::ExecuteRequest,
    role: Role,
    entries_by_event_id: bool,
}

impl Call {
    /// A command of casework, by a caseworker, now, with the case's legal basis.
    pub(crate) fn new(dice: &mut Dice, command: Command) -> Self {
        let request = v1::ExecuteRequest {
            command_id: dice.uuid(),
            purpose: v1::Purpose::Casework.into(),
            command: Some(command),
            ..Default::default()
        };
        Call { request, role: Role::Caseworker, entries_by_event_id: false }
    }

    /// By another role, for a purpose.
    pub(crate) fn by(mut self, role: Role, purpose: v1::Purpose) -> Self {
        self.role = role;
        self.request.purpose = purpose.into();
        self
    }

    /// With a legal basis of its own.
    pub(crate) fn on_basis(mut self, code: &str, provision: &str) -> Self {
        self.request.legal_basis =
            Some(v1::LegalBasis { code: code.to_owned(), provision: provision.to_owned() });
        self
    }

    /// About an act at another time than that of recording.
    pub(crate) fn occurred(mut self, at: Option<v1::OccurredAt>) -> Self {
        self.request.occurred_at = at;
        self
    }

    /// With the reason for recording it late.
    pub(crate) fn because(mut self, late_reason: &str) -> Self {
        late_reason.clone_into(&mut self.request.late_reason);
        self
    }

    /// With a warning confirmed.
    pub(crate) fn confirmed(mut self, code: &str) -> Self {
        self.request.confirmations.push(code.to_owned());
        self
    }

    /// Under an id used before.
    pub(crate) fn with_id(mut self, command_id: &str) -> Self {
        command_id.clone_into(&mut self.request.command_id);
        self
    }

    /// Only if the stream stands at this revision.
    pub(crate) fn at_revision(mut self, revision: i64) -> Self {
        self.request.expected_revision = Some(revision);
        self
    }

    /// Naming entries by the server's event ids.
    pub(crate) fn by_event_id(mut self) -> Self {
        self.entries_by_event_id = true;
        self
    }
}

/// What a draft expects, before positions are known.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Accepted { stream: Stream },
    Replayed,
    Refused(&'static str),
}

/// A step without its position.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    at_ms: i64,
    call: Call,
    outcome: Outcome,
}

/// Writes steps down, in order of time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder {
    drafts: Vec<Draft>,
    revisions: BTreeMap<(i32, String), i64>,
}

impl Recorder {
    /// A command that will be accepted; gives the revision of its event, where no other script writes
    /// the same stream.
    pub(crate) fn accept(&mut self, at_ms: i64, call: Call) -> i64 {
        let stream = call
            .request
            .command
            .as_ref()
            .map_or((v1::StreamKind::Unspecified, String::new()), commands::stream);
        let key = (i32::from(stream.0), stream.1.clone());
        let revision = self.revisions.entry(key).or_insert(0);
        *revision += 1;
        let outcome = Outcome::Accepted { stream };
        self.drafts.push(Draft { at_ms, call, outcome });
        *revision
    }

    /// A command that will be refused.
    pub(crate) fn refuse(&mut self, at_ms: i64, call: Call, code: &'static str) {
        self.drafts.push(Draft { at_ms, call, outcome: Outcome::Refused(code) });
    }

    /// The command sent last, once more, byte for byte.
    pub(crate) fn repeat_last(&mut self, at_ms: i64) {
        if let Some(last) = self.drafts.last().cloned() {
            self.drafts.push(Draft { at_ms, outcome: Outcome::Replayed, ..last });
        }
    }

    /// The id of the command written down last.
    pub(crate) fn last_id(&self) -> String {
        self.drafts.last().map_or_else(String::new, |it| it.call.request.command_id.clone())
    }

    /// The revision of a stream; 0 before its first event.
    pub(crate) fn revision(&self, kind: v1::StreamKind, id: &str) -> i64 {
        self.revisions.get(&(kind.into(), id.to_owned())).copied().unwrap_or(0)
    }

    /// Puts the drafts in order of time.
    pub(crate) fn sort(&mut self) {
        self.drafts.sort_by_key(|it| it.at_ms);
    }

    /// The accepted commands on a family's stream.
    pub(crate) fn accepted<'a>(&'a self, family_id: &'a str) -> impl Iterator<Item = &'a Command> {
        let of_family =
            move |stream: &Stream| stream.0 == v1::StreamKind::Family && stream.1 == family_id;
        self.drafts.iter().filter_map(move |it| match &it.outcome {
            Outcome::Accepted { stream } if of_family(stream) => it.call.request.command.as_ref(),
            Outcome::Accepted { .. } | Outcome::Replayed | Outcome::Refused(_) => None,
        })
    }

    /// The drafts, in order of time.
    pub(crate) fn into_drafts(self) -> Vec<Draft> {
        self.drafts
    }
}

/// How the scripts of a plan, each in order of time, become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interleaving {
    /// By the minute: as it would have been.
    ByTime,
    /// Day by day, with the clock standing at each day's last minute; the families of a day in an order
    /// drawn from this number. What the journal then says of each family may not depend on it.
    ByDay(u64),
}

/// Puts several scripts into one and counts revisions and positions. The first script comes first
/// among those of one time.
pub(crate) fn merge(scripts: Vec<Vec<Draft>>, interleaving: Interleaving) -> Vec<Step> {
    let mut drafts: Vec<(i64, u32, Draft)> = Vec::new();
    for (script, number) in scripts.into_iter().zip(0..) {
        let keyed = script.into_iter().map(|it| keyed(it, number, interleaving));
        drafts.extend(keyed);
    }
    // Stable: within one script, and between scripts, equal times keep their order.
    drafts.sort_by_key(|it| (it.0, it.1));
    count(drafts.into_iter().map(|it| it.2))
}

/// A draft, when it is sent, and its turn among those of that time.
fn keyed(draft: Draft, script: u32, interleaving: Interleaving) -> (i64, u32, Draft) {
    match interleaving {
        Interleaving::ByTime => (draft.at_ms, 0, draft),
        Interleaving::ByDay(order) => {
            let day = local_day(draft.at_ms);
            let at_ms = instant_ms(day, DAYS_LAST_MINUTE);
            let date = u64::from(day.day_of_year().unsigned_abs());
            let mut dice = Dice::new(order.wrapping_add(date), u64::from(script));
            let turn = if script == 0 { 0 } else { 1 + dice.below(u32::MAX / 2) };
            (at_ms, turn, Draft { at_ms, ..draft })
        }
    }
}

/// Drafts in order, as steps with revisions and positions.
fn count(drafts: impl Iterator<Item = Draft>) -> Vec<Step> {
    let mut positions: BTreeMap<String, i64> = BTreeMap::new();
    let mut revisions: BTreeMap<(i32, String), i64> = BTreeMap::new();
    let mut head = 0;
    let mut steps = Vec::new();
    for Draft { at_ms, call, outcome } in drafts {
        let Call { request, role, entries_by_event_id } = call;
        let expect = match outcome {
            Outcome::Accepted { stream: (stream_kind, stream_id) } => {
                head += 1;
                positions.insert(request.command_id.clone(), head);
                let key = (i32::from(stream_kind), stream_id.clone());
                let revision = revisions.entry(key).or_insert(0);
                *revision += 1;
                Expect::Accepted {
                    event_type: request.command.as_ref().map_or("", commands::event_type),
                    stream_kind,
                    stream_id,
                    revision: *revision,
                    position: head,
                }
            }
            Outcome::Replayed => Expect::Replayed {
                position: positions.get(&request.command_id).copied().unwrap_or(0),
            },
            Outcome::Refused(code) => Expect::Refused { code },
        };
        let at_ms = u64::try_from(at_ms).unwrap_or(0);
        steps.push(Step { at_ms, role, request, expect, entries_by_event_id });
    }
    steps
}
