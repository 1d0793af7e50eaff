//! Every limit of the pages, with its reason.

use std::time::Duration;

/// The most open connections. A browser opens about six.
pub const CONNECTIONS_MAX: usize = 512;
/// How long a request's head may take to arrive.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a page may take; a read waits for its view at most five seconds.
pub const PAGE_TIMEOUT: Duration = Duration::from_secs(20);
/// The most pages that are made at once; more wait for a place.
pub const PAGES_AT_ONCE: usize = 32;
/// The most bytes of a form: a token, and little else.
pub const FORM_BYTES_MAX: usize = 16 * 1024;
/// The longest token that fits a cookie, in bytes. Ours have about 500.
pub const TOKEN_BYTES_MAX: usize = 3_500;

/// The most open event streams.
pub const FEEDS_MAX: usize = 256;
/// The most event streams of one token: open tabs.
pub const FEEDS_PER_TOKEN_MAX: usize = 16;
/// How often a silent stream says that it is there.
pub const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(15);
/// The least time between two words of one stream: what happens meanwhile is said at once.
pub const FEED_PAUSE: Duration = Duration::from_millis(250);
/// How long a shutdown waits for pages under way before their connections are cut.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// The most entries of a family that a page reads. Older ones are reached by choosing a period.
pub const ENTRIES_MAX: usize = 4_000;
/// The most families or interventions that a page shows at once.
pub const ROWS_MAX: u32 = 500;
/// The most pages of answers that are asked for to make one page.
pub const READS_MAX: usize = 16;

/// The most bundles that are made for browsers at once. Each reads the whole log.
pub const EXPORTS_AT_ONCE: usize = 4;
/// The most bundles whose progress is followed: a few pages each.
pub const EXPORTS_FOLLOWED_MAX: usize = 64;
/// How long a browser may take none of a bundle before it is broken off.
pub const EXPORT_STALL_MAX: Duration = Duration::from_secs(60);
