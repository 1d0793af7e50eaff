//! Every limit of the server, with its reason. tonic leaves most of hyper's limits open: each is set
//! by hand in [`crate::serve`].

use std::time::Duration;

/// The most streams that one HTTP/2 connection may have open. tonic's default is no limit.
pub const STREAMS_PER_CONNECTION_MAX: u32 = 64;
/// The most calls of one connection that work at the same time; a stream counts until it has begun.
/// More get RATE_LIMITED at once, none waits.
pub const CALLS_PER_CONNECTION_MAX: usize = 32;
/// The most open connections.
pub const CONNECTIONS_MAX: usize = 1_024;
/// The most open connections from one address. On loopback everybody has the same address.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 256;

/// The most streams reset by the client that wait to be accepted, before the connection is closed:
/// *rapid reset*, CVE-2023-44487.
pub const PENDING_ACCEPT_RESETS_MAX: usize = 20;
/// The most streams that the client made us reset, before the connection is closed: *MadeYouReset*,
/// CVE-2025-8671. tonic's default is no limit.
pub const LOCAL_ERROR_RESETS_MAX: usize = 128;
/// The most bytes of a request's headers, decompressed. A token has at most 8 KiB.
pub const HEADER_LIST_BYTES_MAX: u32 = 16 * 1024;
/// The most bytes of an HTTP/2 frame; also HTTP/2's own smallest limit.
pub const FRAME_BYTES_MAX: u32 = 16 * 1024;

/// The most bytes of a request's message. A note has at most 64 KiB; one command has few.
pub const REQUEST_BYTES_MAX: usize = 1024 * 1024;
/// The most bytes of an answer's message. tonic's default is no limit.
pub const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How long a call may take until it answers, or, if it streams, until it begins to. tonic's own
/// timeout would answer CANCELLED.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a new connection may take to say that it speaks HTTP/2.
pub const PREFACE_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a silent peer is asked whether it is there.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// How long a peer may take to answer that; then its connection is closed.
pub const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// How old a connection gets before its client is told to open another. Calls under way go on, a
/// watch until its token runs out. (tonic's `max_connection_age_grace` is left out on purpose: with
/// it, tonic 0.14.9 gives no notice and cuts.)
pub const CONNECTION_AGE_MAX: Duration = Duration::from_secs(30 * 60);
/// How long a shutdown waits for calls under way before it cuts their connections.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(15);
/// How long the server waits after it could not accept a connection (no file descriptors, say).
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The most messages of one stream that wait for the network.
pub const STREAM_MESSAGES_WAITING_MAX: usize = 2;
/// How long a reader of an exact history may let the next message wait; then it is dropped.
pub const SLOW_READER_MAX: Duration = Duration::from_secs(10);
/// How often a watch without changes says how far it has come.
pub const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(15);
/// The most events that a history reads at once: a family's usual history is read in one go.
pub const HISTORY_READ_MAX: u32 = 500;
/// The size from which a message of a history takes no more events, in bytes. A message always
/// takes one event, whatever its size.
pub const HISTORY_MESSAGE_BYTES: usize = 256 * 1024;
/// The most leaves of one message. They have some 250 bytes each.
pub const LEAVES_READ_MAX: u32 = 512;
/// The most changed families that a watch reads at once.
pub const WATCH_READ_MAX: u32 = 100;
/// The most bytes of a bundle in one message.
pub const BUNDLE_PIECE_BYTES: usize = 1024 * 1024;
