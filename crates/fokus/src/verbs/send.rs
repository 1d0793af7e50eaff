//! `fokus send`: commands from JSON lines, one after another, in the order of the file.
//!
//! The order matters (a family before its contacts), so no two are under way at once. Whatever goes wrong
//! with one line is told and the next one is tried, but for what says nothing of that line: no server, a
//! token that is not accepted, and a server that does not take the command now. The last is tried again a
//! few times; then sending stops, for a line left out would move the revisions that later lines name.
//! `send/stream.rs` sends the same through one stream.

mod receipts;
mod stream;

use std::path::Path;
use std::time::Duration;

use fokus_proto::v1;
use fokus_proto::v1::journal_service_client::JournalServiceClient;
use serde_json::{Value, json};
use tokio::fs::File;
use tokio::io::{AsyncBufRead, BufReader};
use tokio::time::sleep;
use tonic::Code;

use crate::client::{Authenticated, Client};
use crate::failure::{Failure, Refusal};
use crate::flags::{Purpose, Send};
use crate::input::{LINE_BYTES_MAX, Line, Lines};
use crate::output::{Output, Unit};
use fokus_words::{Words, say};
use receipts::Receipts;

/// Before the same line is sent again to a server that does not take it now; as many times as there are
/// pauses.
const PAUSES_BEFORE_REPEAT: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_millis(500), Duration::from_millis(1000)];

/// Sends every line of the file, or of standard input.
pub(crate) async fn run(flags: Send, output: &mut Output) -> Result<(), Failure> {
    let receipts = match (&flags.receipts, &flags.log_key) {
        (Some(folder), Some(key)) => Some(Receipts::open(folder, key)?),
        (_, _) => None,
    };
    let client = Client::connect(&flags.connection, Purpose::Casework).await?;
    let sending = Sending { client: &client, stream: flags.stream, receipts };
    if flags.file == Path::new("-") {
        return send(sending, BufReader::new(tokio::io::stdin()), output).await;
    }
    let unreadable = |error: std::io::Error| {
        Failure::CouldNotRun(format!("cannot read {}: {error}", flags.file.display()))
    };
    let file = File::open(&flags.file).await.map_err(unreadable)?;
    let length = file.metadata().await.map_err(unreadable)?.len();
    if !output.json {
        output.progress_of(length, Unit::Bytes);
    }
    send(sending, BufReader::new(file), output).await
}

/// How the lines are sent.
struct Sending<'a> {
    client: &'a Client,
    stream: bool,
    receipts: Option<Receipts>,
}

/// How many lines went which way.
#[derive(Debug, Default)]
struct Tally {
    accepted: u64,
    replayed: u64,
    refused: u64,
    unreadable: u64,
    /// Where receipts are kept, if they are asked for.
    receipts: Option<Receipts>,
}

impl Tally {
    /// A command that was accepted, now or earlier.
    fn accepted(
        &mut self,
        number: u64,
        answer: &v1::ExecuteResponse,
        output: &mut Output,
    ) -> Result<(), Failure> {
        if answer.replayed {
            self.replayed += 1;
        } else {
            self.accepted += 1;
        }
        if let Some(receipts) = &self.receipts
            && let Err(unproven) = receipts.keep(answer)?
        {
            output.note(&format!("fokus: line {number}: {unproven}"));
            return Err(stopped(number, Failure::Reported, output));
        }
        accepted(number, answer, output)
    }
}

/// Says at which line sending stopped.
fn stopped(number: u64, failure: Failure, output: &mut Output) -> Failure {
    let stopped = say!(output.words(), "send-stopped", line = number);
    output.note(&format!("fokus: {stopped}"));
    failure.fatal()
}

async fn send(
    sending: Sending<'_>,
    input: impl AsyncBufRead + Unpin,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut lines = Lines::new(input, LINE_BYTES_MAX);
    let Sending { client, stream, receipts } = sending;
    let mut tally = Tally { receipts, ..Tally::default() };
    let ended = if stream {
        stream::send_all(client, &mut lines, &mut tally, output).await
    } else {
        send_each(client, &mut lines, &mut tally, output).await
    };
    output.progress_ended();
    output.note(&summary(&tally, output.words()));
    ended?;
    if tally.refused + tally.unreadable > 0 { Err(Failure::Reported) } else { Ok(()) }
}

async fn send_each<R: AsyncBufRead + Unpin>(
    client: &Client,
    lines: &mut Lines<R>,
    tally: &mut Tally,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut journal = client.journal();
    loop {
        let line = match lines.next().await {
            Ok(Some(line)) => line,
            Ok(None) => return Ok(()),
            Err(error) => return Err(Failure::CouldNotRun(format!("cannot read on: {error}"))),
        };
        let number = lines.number;
        let request = match read(&line, client.purpose, tally.receipts.is_some()) {
            Ok(Some(request)) => request,
            Ok(None) => continue,
            Err(bad) => {
                tally.unreadable += 1;
                report(number, &bad, output)?;
                continue;
            }
        };
        match execute(client, &mut journal, request).await {
            Ok(answer) => tally.accepted(number, &answer, output)?,
            Err(Unsent::Refused(refusal)) => {
                tally.refused += 1;
                report(number, &refusal, output)?;
            }
            Err(Unsent::Stop(failure)) => return Err(stopped(number, failure, output)),
        }
        output.progress(lines.bytes);
    }
}

/// Why a command was not accepted.
#[derive(Debug)]
enum Unsent {
    /// The server said no to this command; the next one may be sent.
    Refused(Refusal),
    /// None may be sent after it.
    Stop(Failure),
}

/// Sends a command, again after each pause while the server does not take it now. That repeats nothing:
/// the command's id is in it.
async fn execute(
    client: &Client,
    journal: &mut JournalServiceClient<Authenticated>,
    request: v1::ExecuteRequest,
) -> Result<v1::ExecuteResponse, Unsent> {
    let mut pauses = PAUSES_BEFORE_REPEAT.into_iter();
    loop {
        let status = match journal.execute(request.clone()).await {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) => status,
        };
        let refusal = match client.failure(&status) {
            Failure::Refused(refusal) => refusal,
            failure @ (Failure::NotFound(_)
            | Failure::Reported
            | Failure::CouldNotRun(_)
            | Failure::OutputClosed) => return Err(Unsent::Stop(failure)),
        };
        match course(status.code(), &refusal.reason) {
            Course::Next => return Err(Unsent::Refused(refusal)),
            Course::Stop => return Err(Unsent::Stop(Failure::Refused(refusal))),
            Course::Repeat => match pauses.next() {
                Some(pause) => sleep(pause).await,
                None => return Err(Unsent::Stop(Failure::Refused(refusal))),
            },
        }
    }
}

/// What follows a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    /// The command is at fault: tell, and send the next.
    Next,
    /// The moment is at fault: send the same again, and stop when that does not help.
    Repeat,
    /// Every command would be refused so.
    Stop,
}

/// Tells a refusal of the command from one of the moment, by the status and the reason in it.
fn course(code: Code, reason: &str) -> Course {
    if code == Code::Unauthenticated {
        Course::Stop
    } else if matches!(code, Code::Unavailable | Code::ResourceExhausted) || reason == "BUSY" {
        Course::Repeat
    } else {
        Course::Next
    }
}

/// The command of a line; `None` for an empty line. A line that states no purpose gets `purpose`.
fn read(
    line: &Line,
    purpose: v1::Purpose,
    receipts: bool,
) -> Result<Option<v1::ExecuteRequest>, Refusal> {
    let text = match line {
        Line::Text(text) if text.trim().is_empty() => return Ok(None),
        Line::Text(text) => text,
        Line::TooLong => {
            return Err(bad_line(String::new(), format!("at most {LINE_BYTES_MAX} bytes a line")));
        }
        Line::NotUtf8 => return Err(bad_line(String::new(), "not UTF-8".to_owned())),
    };
    let mut request = fokus_proto::execute_request_from_json(text)
        .map_err(|error| bad_line(error.field.unwrap_or_default(), error.rule))?;
    if request.purpose() == v1::Purpose::Unspecified {
        request.set_purpose(purpose);
    }
    request.want_receipt |= receipts;
    Ok(Some(request))
}

/// A line that was not sent, in the words of one that the server refused for its form.
fn bad_line(field: String, rule: String) -> Refusal {
    Refusal {
        status: "INVALID_ARGUMENT",
        reason: "FIELD_INVALID".to_owned(),
        field,
        rule,
        confirmable: false,
        metadata: Vec::new(),
    }
}

fn accepted(number: u64, answer: &v1::ExecuteResponse, output: &mut Output) -> Result<(), Failure> {
    if output.json {
        let line = json!({ "line": number, "outcome": fokus_proto::to_json(answer) });
        return output.data(&line.to_string());
    }
    let (words, position) = (output.words(), answer.position);
    output.data(&if answer.replayed {
        say!(words, "send-replayed", line = number, position = position)
    } else {
        say!(words, "send-accepted", line = number, position = position)
    })
}

fn report(number: u64, refusal: &Refusal, output: &mut Output) -> Result<(), Failure> {
    let words = output.words();
    output.note(&say!(words, "send-refused", line = number, refusal = refusal.to_string()));
    if output.json {
        let line = json!({ "line": number, "error": error_json(refusal) });
        return output.data(&line.to_string());
    }
    Ok(())
}

fn error_json(refusal: &Refusal) -> Value {
    let metadata: serde_json::Map<String, Value> =
        refusal.metadata.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
    json!({
        "status": refusal.status,
        "reason": refusal.reason,
        "field": refusal.field,
        "rule": refusal.rule,
        "confirmable": refusal.confirmable,
        "metadata": metadata,
    })
}

fn summary(tally: &Tally, words: Words) -> String {
    let Tally { accepted, replayed, refused, unreadable, receipts: _ } = tally;
    let all = accepted + replayed + refused + unreadable;
    say!(
        words,
        "send-summary",
        all = all,
        accepted = *accepted,
        replayed = *replayed,
        refused = *refused,
        unreadable = *unreadable
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_of_the_command_lets_the_next_one_go() {
        #[track_caller]
        fn check(code: Code, reason: &str, expected: Course) {
            assert_eq!(course(code, reason), expected, "{code:?} {reason}");
        }
        check(Code::InvalidArgument, "FIELD_INVALID", Course::Next);
        check(Code::FailedPrecondition, "FAMILY_FIRST", Course::Next);
        check(Code::AlreadyExists, "ID_TAKEN", Course::Next);
        check(Code::PermissionDenied, "NOT_PERMITTED", Course::Next);
        check(Code::Aborted, "REVISION_CONFLICT", Course::Next);
        check(Code::Aborted, "BUSY", Course::Repeat);
        check(Code::ResourceExhausted, "RATE_LIMITED", Course::Repeat);
        check(Code::ResourceExhausted, "STORE_FULL", Course::Repeat);
        check(Code::Unavailable, "STORE_UNAVAILABLE", Course::Repeat);
        check(Code::Unavailable, "SHUTTING_DOWN", Course::Repeat);
        // What stands between may answer without a reason.
        check(Code::Unavailable, "", Course::Repeat);
        check(Code::Unauthenticated, "TOKEN_INVALID", Course::Stop);
    }
}
