//! The same lines through one stream: the server answers each in order, and a refusal does not end it.
//!
//! Reading goes ahead of the answers by a few lines at most. What ends the stream (no server, a token
//! that ran out, a server that shuts down) ends sending; the same file may be sent again.

use fokus_proto::v1;
use fokus_proto::v1::execute_stream_response::Outcome;
use tokio::io::AsyncBufRead;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use super::{Lines, Tally, read, report, stopped};
use crate::client::Client;
use crate::failure::{Failure, Refusal};
use crate::output::Output;

/// The most lines read ahead of their answers.
const LINES_AHEAD_MAX: usize = 64;

/// A line that is under way, in order.
#[derive(Debug)]
enum UnderWay {
    /// Sent; its answer is the stream's next.
    Sent { number: u64, bytes: u64 },
    /// Not sent: not understood.
    Bad { number: u64, refusal: Refusal },
    /// The input cannot be read on.
    Broken(String),
}

/// Sends every line, and tells what each became in the order of the lines.
pub(super) async fn send_all<R: AsyncBufRead + Unpin>(
    client: &Client,
    lines: &mut Lines<R>,
    tally: &mut Tally,
    output: &mut Output,
) -> Result<(), Failure> {
    let (commands, sent) = mpsc::channel(LINES_AHEAD_MAX);
    let (under_way, awaited) = mpsc::channel(LINES_AHEAD_MAX);
    let wanted = (client.purpose, tally.receipts.is_some());
    let reading = read_all(lines, wanted, commands, under_way);
    let answering = async {
        let answers = client.journal().execute_stream(ReceiverStream::new(sent)).await;
        let answers = answers.map_err(|status| client.failure(&status).fatal())?.into_inner();
        tell_all(client, answers, awaited, tally, output).await
    };
    tokio::pin!(answering);
    tokio::select! {
        ended = &mut answering => ended,
        () = reading => answering.await,
    }
}

/// Reads until the input ends, or nobody waits for its lines any more.
async fn read_all<R: AsyncBufRead + Unpin>(
    lines: &mut Lines<R>,
    (purpose, receipts): (v1::Purpose, bool),
    commands: mpsc::Sender<v1::ExecuteRequest>,
    under_way: mpsc::Sender<UnderWay>,
) {
    loop {
        let line = match lines.next().await {
            Ok(Some(line)) => line,
            Ok(None) => return,
            Err(error) => {
                let _over = under_way.send(UnderWay::Broken(error.to_string())).await;
                return;
            }
        };
        let (number, bytes) = (lines.number, lines.bytes);
        let sent = match read(&line, purpose, receipts) {
            Ok(None) => continue,
            Err(refusal) => under_way.send(UnderWay::Bad { number, refusal }).await.is_ok(),
            Ok(Some(command)) => {
                under_way.send(UnderWay::Sent { number, bytes }).await.is_ok()
                    && commands.send(command).await.is_ok()
            }
        };
        if !sent {
            return;
        }
    }
}

async fn tell_all(
    client: &Client,
    mut answers: Streaming<v1::ExecuteStreamResponse>,
    mut awaited: mpsc::Receiver<UnderWay>,
    tally: &mut Tally,
    output: &mut Output,
) -> Result<(), Failure> {
    while let Some(line) = awaited.recv().await {
        let (number, bytes) = match line {
            UnderWay::Sent { number, bytes } => (number, bytes),
            UnderWay::Bad { number, refusal } => {
                tally.unreadable += 1;
                report(number, &refusal, output)?;
                continue;
            }
            UnderWay::Broken(error) => {
                return Err(Failure::CouldNotRun(format!("cannot read on: {error}")));
            }
        };
        let answer = match answers.message().await {
            Ok(answer) => answer.and_then(|it| it.outcome),
            Err(status) => return Err(stopped(number, client.failure(&status), output)),
        };
        match answer {
            Some(Outcome::Executed(answer)) => tally.accepted(number, &answer, output)?,
            Some(Outcome::Refused(refusal)) => {
                tally.refused += 1;
                report(number, &Refusal::of_answer(refusal), output)?;
            }
            None => {
                let words = format!("{} ended the stream before it had answered", client.server);
                return Err(stopped(number, Failure::CouldNotRun(words), output));
            }
        }
        output.progress(bytes);
    }
    Ok(())
}
