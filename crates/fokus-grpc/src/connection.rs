//! Connections: how many there are, and when one is cut.
//!
//! [`accept`] turns a listener into a stream of [`Connection`]s, which tonic serves. A connection
//! counts from acceptance until it is dropped; it must say that it speaks HTTP/2 within a time that
//! hyper does not limit; and it can be cut when a shutdown's grace is over, which tonic cannot.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Sleep, sleep};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;
use tonic::transport::server::Connected;

use crate::limits::{
    ACCEPT_PAUSE, CALLS_PER_CONNECTION_MAX, CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX,
    PREFACE_TIMEOUT,
};

/// The bytes of HTTP/2's connection preface (RFC 9113, 3.4).
const PREFACE_BYTES: usize = 24;

/// Accepts connections until the stream is dropped. Those above the limits are closed at once.
/// `cut` cuts those that are open.
pub(crate) fn accept(
    listener: TcpListener,
    tasks: &TaskTracker,
    cut: CancellationToken,
) -> ReceiverStream<io::Result<Connection<TcpStream>>> {
    // One waits while tonic takes the one before; the rest wait in the kernel.
    let (accepted, connections) = mpsc::channel(1);
    let counts = Arc::new(Counts::default());
    tasks.spawn(async move {
        loop {
            let res = tokio::select! {
                () = accepted.closed() => return,
                res = listener.accept() => res,
            };
            match res.and_then(|(stream, peer)| {
                // An answer is one small write: waiting for more to send with it costs 40 ms.
                stream.set_nodelay(true)?;
                Ok((stream, peer))
            }) {
                Ok((stream, peer)) => match Slot::take(&counts, peer.ip()) {
                    Some(slot) => {
                        let connection = Connection::new(stream, slot, cut.clone());
                        if accepted.send(Ok(connection)).await.is_err() {
                            return;
                        }
                    }
                    // Not louder: whoever connects too often shall not fill the log.
                    None => tracing::debug!("a connection above the limits was closed"),
                },
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    });
    ReceiverStream::new(connections)
}

/// The calls of one connection.
#[derive(Debug, Clone)]
pub(crate) struct Calls(Arc<Semaphore>);

impl Calls {
    /// None yet.
    pub(crate) fn new() -> Self {
        Calls(Arc::new(Semaphore::new(CALLS_PER_CONNECTION_MAX)))
    }

    /// Counts a call while the permit is held; `None` when there are too many.
    pub(crate) fn begin(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().ok()
    }
}

/// An accepted connection.
pub(crate) struct Connection<IO> {
    io: IO,
    calls: Calls,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Runs until the preface has come.
    preface: Option<Pin<Box<Sleep>>>,
    bytes_read: usize,
    /// Gives the place back when the connection is dropped.
    _slot: Slot,
}

impl<IO> Connection<IO> {
    fn new(io: IO, slot: Slot, cut: CancellationToken) -> Self {
        Connection {
            io,
            calls: Calls::new(),
            cut: Box::pin(cut.cancelled_owned()),
            preface: Some(Box::pin(sleep(PREFACE_TIMEOUT))),
            bytes_read: 0,
            _slot: slot,
        }
    }

    /// An error when the connection is to end.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.cut.as_mut().poll(cx).is_ready() {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the server has ended"));
        }
        if let Some(preface) = &mut self.preface
            && preface.as_mut().poll(cx).is_ready()
        {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "no HTTP/2 preface in time"));
        }
        Ok(())
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Connection<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.io).poll_read(cx, buf);
        self.bytes_read = self.bytes_read.saturating_add(buf.filled().len().saturating_sub(before));
        if self.bytes_read >= PREFACE_BYTES {
            self.preface = None;
        }
        polled
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Connection<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

impl<IO> Connected for Connection<IO> {
    type ConnectInfo = Calls;

    fn connect_info(&self) -> Calls {
        self.calls.clone()
    }
}

/// Open connections by address.
#[derive(Debug, Default)]
struct Counts {
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

impl Counts {
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // The map is whole between any two statements: a panic elsewhere does not spoil it.
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's place among those that may be open.
#[derive(Debug)]
struct Slot {
    counts: Arc<Counts>,
    address: IpAddr,
}

impl Slot {
    fn take(counts: &Arc<Counts>, address: IpAddr) -> Option<Self> {
        let mut by_address = counts.lock();
        let total: usize = by_address.values().sum();
        let here = by_address.get(&address).copied().unwrap_or(0);
        if total >= CONNECTIONS_MAX || here >= CONNECTIONS_PER_ADDRESS_MAX {
            return None;
        }
        by_address.insert(address, here + 1);
        Some(Slot { counts: Arc::clone(counts), address })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut by_address = self.counts.lock();
        match by_address.get_mut(&self.address) {
            Some(count) if *count > 1 => *count -= 1,
            // An address without connections takes no memory.
            Some(_) | None => {
                by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;
    use crate::limits::KEEPALIVE_INTERVAL;

    fn address(number: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(10, 0, 0, number))
    }

    fn connection(cut: &CancellationToken) -> (DuplexStream, Connection<DuplexStream>) {
        let (client, server) = duplex(1_024);
        let slot = Slot::take(&Arc::new(Counts::default()), address(1)).unwrap();
        (client, Connection::new(server, slot, cut.clone()))
    }

    #[test]
    fn one_address_does_not_take_all_places() {
        let counts = Arc::new(Counts::default());
        let take = |number: u8| Slot::take(&counts, address(number));
        let mut open: Vec<_> = (0..CONNECTIONS_PER_ADDRESS_MAX).map_while(|_| take(1)).collect();
        assert_eq!(open.len(), CONNECTIONS_PER_ADDRESS_MAX);
        assert!(take(1).is_none() && take(2).is_some());
        open.pop();
        assert!(take(1).is_some(), "a closed connection gives its place back");
    }

    #[test]
    fn all_addresses_together_are_limited() {
        let counts = Arc::new(Counts::default());
        let addresses = (0..=u8::MAX).flat_map(|it| std::iter::repeat_n(it, 5));
        let open: Vec<_> = addresses.map_while(|it| Slot::take(&counts, address(it))).collect();
        assert_eq!(open.len(), CONNECTIONS_MAX);
        drop(open);
        assert!(counts.lock().is_empty(), "nothing is kept of who was here");
    }

    #[test]
    fn calls_above_the_limit_do_not_wait() {
        let calls = Calls::new();
        let permits: Vec<_> = (0..CALLS_PER_CONNECTION_MAX).map_while(|_| calls.begin()).collect();
        assert_eq!(permits.len(), CALLS_PER_CONNECTION_MAX);
        assert!(calls.begin().is_none());
        drop(permits);
        assert!(calls.begin().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_says_nothing_or_too_little_is_dropped() {
        for said in [0, 1, PREFACE_BYTES - 1] {
            let (mut client, mut server) = connection(&CancellationToken::new());
            client.write_all(&vec![b'P'; said]).await.unwrap();
            let error = server.read_to_end(&mut Vec::new()).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{said} bytes");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_has_spoken_may_be_silent() {
        let (mut client, mut server) = connection(&CancellationToken::new());
        client.write_all(&[b'P'; PREFACE_BYTES]).await.unwrap();
        let mut bytes = [0; PREFACE_BYTES];
        server.read_exact(&mut bytes).await.unwrap();
        let silence = tokio::time::timeout(KEEPALIVE_INTERVAL * 100, server.read(&mut bytes));
        assert!(silence.await.is_err(), "still reading");
    }

    #[tokio::test(start_paused = true)]
    async fn a_cut_connection_neither_reads_nor_writes() {
        let cut = CancellationToken::new();
        let (_client, mut server) = connection(&cut);
        cut.cancel();
        let read = server.read(&mut [0; 8]).await.unwrap_err();
        let written = server.write(&[0; 8]).await.unwrap_err();
        assert_eq!(read.kind(), io::ErrorKind::ConnectionAborted);
        assert_eq!(written.kind(), io::ErrorKind::ConnectionAborted);
    }
}
