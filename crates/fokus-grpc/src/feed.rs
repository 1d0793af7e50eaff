//! Streams of answers: made by a task, read by one client, ended for one reason.
//!
//! [`Feeds::start`] is the only place where a stream begins, and where it is decided why it ends:
//! the producer is done or has failed, the client is gone, the caller's token has run out, the server
//! shuts down. A producer is a straight function that sends. Few messages wait for the network;
//! those that do are delivered before the status that ends the stream.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use fokus_app::failure::Failure;
use fokus_core::rejection::{Reason, Rejection};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep_until, timeout};
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::Status;

use crate::gate::Caller;
use crate::limits::{SLOW_READER_MAX, STREAM_MESSAGES_WAITING_MAX};
use crate::status::{failed, shutting_down, token_invalid};

/// What every stream needs: where its task runs, and when all end.
#[derive(Debug, Clone)]
pub(crate) struct Feeds {
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Feeds {
    /// Streams whose tasks run on `tasks` until `shutdown`.
    pub(crate) fn new(tasks: TaskTracker, shutdown: CancellationToken) -> Self {
        Feeds { tasks, shutdown }
    }

    /// Starts a stream for `caller`. The producer is dropped at its next await when the stream ends
    /// for another reason than its own.
    pub(crate) fn start<T, F>(
        &self,
        caller: &Caller,
        produce: impl FnOnce(Outlet<T>) -> F,
    ) -> Feed<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<(), Ended>> + Send + 'static,
    {
        let (items, receiver) = mpsc::channel(STREAM_MESSAGES_WAITING_MAX);
        let (end, ended) = oneshot::channel();
        let (shutdown, until) = (self.shutdown.clone(), caller.until);
        let produced = produce(Outlet { items: items.clone() });
        self.tasks.spawn(async move {
            let res = tokio::select! {
                // In this order: a stream that ends by itself while the server shuts down is whole.
                biased;
                () = items.closed() => return,
                res = produced => res,
                () = sleep_until(until) => Err(Ended::from(token_invalid())),
                () = shutdown.cancelled() => Err(Ended::from(shutting_down())),
            };
            let status = match res {
                Ok(()) | Err(Ended::Gone) => return,
                Err(Ended::Failed(failure)) => failed(&failure),
                Err(Ended::Told(status)) => status,
            };
            // Nobody is there any more to be told: nothing is lost.
            let _ = end.send(status);
        });
        Feed { items: receiver, ended: Some(ended) }
    }
}

/// Why a producer ends before it is done.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Nobody reads any more.
    Gone,
    /// The client is told this.
    Failed(Failure),
    /// The transport could not read what the client sent: the client is told what it said.
    Told(Status),
}

impl<E: Into<Failure>> From<E> for Ended {
    fn from(it: E) -> Self {
        Ended::Failed(it.into())
    }
}

/// Where a producer sends.
#[derive(Debug)]
pub(crate) struct Outlet<T> {
    items: mpsc::Sender<T>,
}

impl<T> Outlet<T> {
    /// Sends when there is room. A slow reader is waited for: what it misses meanwhile is conflated by
    /// the producer.
    ///
    /// # Errors
    ///
    /// [`Ended::Gone`].
    pub(crate) async fn send(&self, item: T) -> Result<(), Ended> {
        self.items.send(item).await.map_err(|_| Ended::Gone)
    }

    /// Sends, but drops a reader that lets it wait for more than [`SLOW_READER_MAX`], telling it the
    /// place (`position` or `revision`) after which it can go on.
    ///
    /// # Errors
    ///
    /// [`Ended::Gone`]; SLOW_CONSUMER.
    pub(crate) async fn send_exact(
        &self,
        item: T,
        place: &'static str,
        reached: u64,
    ) -> Result<(), Ended> {
        match timeout(SLOW_READER_MAX, self.send(item)).await {
            Ok(sent) => sent,
            Err(_) => Err(Ended::from(
                Rejection::new(
                    Reason::SlowConsumer,
                    format!("nothing was read for {} s", SLOW_READER_MAX.as_secs()),
                )
                .with(place, reached.to_string()),
            )),
        }
    }

    /// Room for one message; sending to it does not wait.
    ///
    /// # Errors
    ///
    /// [`Ended::Gone`].
    pub(crate) async fn room(&self) -> Result<mpsc::Permit<'_, T>, Ended> {
        self.items.reserve().await.map_err(|_| Ended::Gone)
    }
}

/// A stream of answers, ended by at most one status.
pub(crate) struct Feed<T> {
    items: mpsc::Receiver<T>,
    ended: Option<oneshot::Receiver<Status>>,
}

impl<T> fmt::Debug for Feed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

impl<T> Stream for Feed<T> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.items.poll_recv(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Some(item)) => return Poll::Ready(Some(Ok(item))),
            Poll::Ready(None) => {}
        }
        let Some(ended) = &mut self.ended else { return Poll::Ready(None) };
        match Pin::new(ended).poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(res) => {
                self.ended = None;
                Poll::Ready(res.ok().map(Err))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use fokus_app::session::{Role, Session};
    use fokus_core::codes::Purpose;
    use fokus_core::command::Actor;
    use fokus_store::TenantId;
    use tokio::time::Instant;
    use tokio_stream::StreamExt as _;
    use tonic_types::StatusExt as _;

    use super::*;

    fn caller() -> Caller {
        let actor = Actor {
            sub: "worker-1".into(),
            role: "CASEWORKER".into(),
            unit: None,
            on_behalf_of: None,
        };
        let session = Session {
            tenant: TenantId::parse("aarhus").unwrap(),
            actor,
            role: Role::Caseworker,
            purposes: vec![Purpose::Casework],
        };
        Caller { session: Arc::new(session), until: Instant::now() + Duration::from_secs(3_600) }
    }

    fn feeds() -> (Feeds, TaskTracker, CancellationToken) {
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        (Feeds::new(tasks.clone(), shutdown.clone()), tasks, shutdown)
    }

    /// What the stream gave: its items, and the reason and metadata that ended it.
    async fn drain(feed: Feed<u64>) -> (Vec<u64>, Option<(String, Vec<(String, String)>)>) {
        tokio::pin!(feed);
        let mut items = Vec::new();
        while let Some(next) = feed.next().await {
            match next {
                Ok(item) => items.push(item),
                Err(status) => {
                    let info = status.get_error_details().error_info().cloned().unwrap();
                    assert!(feed.next().await.is_none(), "nothing follows the end");
                    return (items, Some((info.reason, info.metadata.into_iter().collect())));
                }
            }
        }
        (items, None)
    }

    async fn count(outlet: Outlet<u64>) -> Result<(), Ended> {
        for number in 1..=100 {
            outlet.send_exact(number, "position", number - 1).await?;
        }
        Ok(())
    }

    async fn wait(outlet: Outlet<u64>) -> Result<(), Ended> {
        outlet.send(1).await?;
        std::future::pending().await
    }

    fn reason(it: &str) -> Option<(String, Vec<(String, String)>)> {
        Some((it.to_owned(), Vec::new()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_reads_gets_everything() {
        let (feeds, ..) = feeds();
        let (items, end) = drain(feeds.start(&caller(), count)).await;
        assert_eq!((items, end), ((1..=100).collect(), None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_dropped_and_told_where_to_go_on() {
        let (feeds, tasks, _) = feeds();
        let feed = feeds.start(&caller(), count);
        tasks.close();
        tasks.wait().await;
        let (items, end) = drain(feed).await;
        assert_eq!(items, [1, 2], "what was sent is delivered");
        let metadata = vec![("position".to_owned(), "2".to_owned())];
        assert_eq!(end, Some(("SLOW_CONSUMER".to_owned(), metadata)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_with_its_token() {
        let (feeds, ..) = feeds();
        let (items, end) = drain(feeds.start(&caller(), wait)).await;
        assert_eq!((items, end), (vec![1], reason("TOKEN_INVALID")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_with_the_server() {
        let (feeds, _, shutdown) = feeds();
        let feed = feeds.start(&caller(), wait);
        shutdown.cancel();
        let (_, end) = drain(feed).await;
        assert_eq!(end, reason("SHUTTING_DOWN"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_producer_ends_when_its_client_is_gone() {
        let (feeds, tasks, _) = feeds();
        drop(feeds.start(&caller(), wait));
        tasks.close();
        let begun = Instant::now();
        tasks.wait().await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_producers_own_failure_is_told() {
        let (feeds, ..) = feeds();
        let fail = |outlet: Outlet<u64>| async move {
            outlet.send(1).await?;
            Err(Ended::from(Rejection::new(Reason::BeyondHead, "beyond the head")))
        };
        let (items, end) = drain(feeds.start(&caller(), fail)).await;
        assert_eq!((items, end), (vec![1], reason("BEYOND_HEAD")));
    }
}
