//! Sends a plan to a server, one command after another, and stops at the first answer that is not
//! the expected one.

use std::collections::BTreeMap;

use fokus_proto::v1;
use fokus_proto::v1::entry_ref::Entry;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::journal_service_client::JournalServiceClient;
use thiserror::Error;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;

use crate::calendar::milliseconds;
use crate::commands;
use crate::plan::Plan;
use crate::script::{Expect, Role, Step};
use crate::wire;

/// One token for each role that writes.
#[derive(Clone)]
pub struct Tokens {
    pub caseworker: String,
    pub team_lead: String,
    pub programme_manager: String,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}

/// What was sent and how it was answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunReport {
    pub commands: u64,
    pub accepted: u64,
    pub refused: u64,
    pub replayed: u64,
    /// Of the last event.
    pub last_position: i64,
    /// When the last step was sent, by the demo's clock: Unix milliseconds.
    pub last_at_ms: u64,
}

/// Why a run stopped.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DemoError {
    /// A token cannot stand in a header.
    #[error("the token of {0:?} is not a token")]
    Token(Role),
    /// A step was answered otherwise than the plan says.
    #[error("step {step} ({command}): expected {expected}, got {got}")]
    Unexpected {
        /// Counted from 1.
        step: u64,
        command: &'static str,
        expected: String,
        got: String,
    },
}

/// Sends every step of the plan, in order, each when the one before was answered. The store must be
/// empty and hold invented people. `set_clock` is called before each step with its time in Unix
/// milliseconds, never earlier than the time before; the server must stamp by that clock.
/// `progress` is called after each step with the steps done and their number.
///
/// # Errors
///
/// [`DemoError::Unexpected`] at the first answer that differs: then the store holds a part of the
/// plan, and the run cannot be resumed.
pub async fn run(
    channel: Channel,
    tokens: &Tokens,
    plan: &Plan,
    set_clock: impl Fn(u64),
    mut progress: impl FnMut(u64, u64),
) -> Result<RunReport, DemoError> {
    let mut sender = Sender::new(channel, tokens)?;
    let total = plan.truth.commands;
    for step in &plan.steps {
        set_clock(step.at_ms);
        sender.send(step).await?;
        progress(sender.report.commands, total);
    }
    Ok(sender.report)
}

/// Names an event before the server has: its stream and revision.
type Place = (i32, String, i64);

struct Sender {
    client: JournalServiceClient<Channel>,
    bearers: BTreeMap<Role, MetadataValue<Ascii>>,
    /// The server's ids of the events so far.
    event_ids: BTreeMap<Place, String>,
    /// First answers by position, for comparison with replays.
    answers: BTreeMap<i64, v1::ExecuteResponse>,
    report: RunReport,
}

impl Sender {
    fn new(channel: Channel, tokens: &Tokens) -> Result<Self, DemoError> {
        let mut bearers = BTreeMap::new();
        for (role, token) in [
            (Role::Caseworker, &tokens.caseworker),
            (Role::TeamLead, &tokens.team_lead),
            (Role::ProgrammeManager, &tokens.programme_manager),
        ] {
            bearers.insert(role, wire::bearer(token).ok_or(DemoError::Token(role))?);
        }
        Ok(Sender {
            client: JournalServiceClient::new(channel),
            bearers,
            event_ids: BTreeMap::new(),
            answers: BTreeMap::new(),
            report: RunReport::default(),
        })
    }

    async fn send(&mut self, step: &Step) -> Result<(), DemoError> {
        self.report.commands += 1;
        self.report.last_at_ms = step.at_ms;
        let bearer = self.bearers.get(&step.role).ok_or(DemoError::Token(step.role))?;
        let mut message = step.request.clone();
        if step.entries_by_event_id
            && let Some(command) = message.command.as_mut()
        {
            name_by_event_id(command, &self.event_ids);
        }
        let answer = self.client.execute(wire::request(message, bearer)).await;
        let got = match (&step.expect, answer) {
            (Expect::Refused { code }, Err(status)) if wire::reason(&status) == *code => {
                self.report.refused += 1;
                return Ok(());
            }
            (Expect::Accepted { .. }, Ok(response)) => {
                match self.accepted(step, response.into_inner()) {
                    Ok(()) => return Ok(()),
                    Err(differs) => differs,
                }
            }
            (Expect::Replayed { position }, Ok(response)) => {
                match self.replayed(*position, &response.into_inner()) {
                    Ok(()) => return Ok(()),
                    Err(differs) => differs,
                }
            }
            (_, Ok(response)) => format!("position {}", response.into_inner().position),
            (_, Err(status)) => wire::reason(&status),
        };
        Err(DemoError::Unexpected {
            step: self.report.commands,
            command: step.command_name(),
            expected: expectation(&step.expect),
            got,
        })
    }

    /// Compares a first answer with the plan; what differs, in words.
    fn accepted(&mut self, step: &Step, answer: v1::ExecuteResponse) -> Result<(), String> {
        let Expect::Accepted { stream_kind, stream_id, revision, position, .. } = &step.expect
        else {
            return Ok(());
        };
        if answer.position != *position {
            return Err(format!("position {}", answer.position));
        }
        let kind = i32::from(*stream_kind);
        let written = v1::StreamRevision { kind, id: stream_id.clone(), revision: *revision };
        if answer.streams != [written] {
            let revisions: Vec<i64> = answer.streams.iter().map(|it| it.revision).collect();
            return Err(format!("other streams or revisions: {revisions:?}"));
        }
        let recorded_ms = answer.recorded_at.as_ref().map(milliseconds);
        if recorded_ms != i64::try_from(step.at_ms).ok() {
            return Err(format!("recorded at {recorded_ms:?} ms, not {} ms", step.at_ms));
        }
        let [event_id] = answer.event_ids.as_slice() else {
            return Err(format!("{} events", answer.event_ids.len()));
        };
        if answer.replayed {
            return Err("a replay".to_owned());
        }
        self.event_ids.insert((kind, stream_id.clone(), *revision), event_id.clone());
        self.report.accepted += 1;
        self.report.last_position = answer.position;
        self.answers.insert(*position, answer);
        Ok(())
    }

    /// Compares a repeated answer with the first one: all but the checkpoint, which is the present
    /// one.
    fn replayed(&mut self, position: i64, answer: &v1::ExecuteResponse) -> Result<(), String> {
        let first = self.answers.get(&position).cloned().unwrap_or_default();
        let again =
            v1::ExecuteResponse { replayed: true, checkpoint: answer.checkpoint.clone(), ..first };
        if *answer != again {
            return Err(format!(
                "position {}, replayed = {}, or another part that differs from the first answer",
                answer.position, answer.replayed
            ));
        }
        self.report.replayed += 1;
        Ok(())
    }
}

/// What is expected, in words.
fn expectation(expect: &Expect) -> String {
    match expect {
        Expect::Accepted { event_type, revision, position, .. } => {
            format!("{event_type} at revision {revision}, position {position}")
        }
        Expect::Replayed { position } => format!("the first answer again, position {position}"),
        Expect::Refused { code } => (*code).to_owned(),
    }
}

/// Replaces revisions by event ids wherever the command names earlier entries. Those that are not
/// known stay as they are.
fn name_by_event_id(command: &mut Command, known: &BTreeMap<Place, String>) {
    let (kind, stream_id) = commands::stream(command);
    let rename = |it: &mut v1::EntryRef| {
        if let Some(Entry::Revision(revision)) = it.entry
            && let Some(event_id) = known.get(&(kind.into(), stream_id.clone(), revision))
        {
            it.entry = Some(Entry::EventId(event_id.clone()));
        }
    };
    if let Command::JudgeRisk(it) = command {
        it.basis.iter_mut().for_each(rename);
    } else if let Command::StartAssessment(it) = command {
        it.trigger.iter_mut().for_each(rename);
    } else if let Command::CorrectEntry(it) = command {
        it.entry.iter_mut().for_each(rename);
    } else if let Command::MarkMistaken(it) = command {
        it.entry.iter_mut().for_each(rename);
    } else if let Command::WithdrawMistakenMark(it) = command {
        it.entry.iter_mut().for_each(rename);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_named_by_the_ids_that_the_server_gave() {
        let basis = |entry| v1::EntryRef { entry: Some(entry) };
        let mut command = Command::JudgeRisk(v1::JudgeRisk {
            family_id: "f".to_owned(),
            basis: vec![basis(Entry::Revision(3)), basis(Entry::Revision(4))],
            ..Default::default()
        });
        let place = (i32::from(v1::StreamKind::Family), "f".to_owned(), 3);
        name_by_event_id(&mut command, &BTreeMap::from([(place, "e".to_owned())]));
        let Command::JudgeRisk(it) = command else { panic!("another command") };
        let expected = [basis(Entry::EventId("e".to_owned())), basis(Entry::Revision(4))];
        assert!(it.basis == expected, "known ids replace revisions, unknown ones stay");
    }

    #[test]
    fn tokens_are_not_shown() {
        let secret = || "secret".to_owned();
        let tokens =
            Tokens { caseworker: secret(), team_lead: secret(), programme_manager: secret() };
        assert_eq!(format!("{tokens:?}"), "Tokens(…)");
    }
}
