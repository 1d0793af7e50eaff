//! Appending, with any number of processes.
//!
//! *Quick*: plan against what is remembered, and write with one statement that compares everything that
//! was remembered or assumed with the tables; it is its own transaction. If anything differs, nothing is
//! written, and *locked* does it again: lock the log's row, read what the batch names and what others
//! have appended meanwhile, plan, write, commit. While others append at the same time, batches go there
//! directly. A batch with a refused member goes there too: what is refused is refused by what stands, not
//! by what is remembered.
//!
//! Whoever holds the row of the log decides alone, so nobody waits for ever: the quick way never fails
//! twice in a row, and the locked way fails only with the database.
//!
//! Where a connection is lost after a statement that commits was sent, nobody knows whether it did. The
//! batch is then looked for under the lock, by its leaves, and written if it is not there. What the lost
//! connection may still be doing is no danger: it compares too. A batch that is found is answered after a
//! commit that stands behind it, so it is as durable as any (a synchronous standby has it).
//!
//! Must run on a task that nobody cancels. Read [`Appending::run`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fokus_log::leaf::Leaf;
use fokus_log::leaf_hash;
use fokus_store::plan::{Known, Named, Plan, PlanHead, Planned, plan};
use fokus_store::{
    Append, Expectation, Fault, Outcome, Position, Refused, Revision, StreamId, StreamTag, TenantId,
};
use sqlx::PgConnection;
use tokio::time::Instant;

use super::write::{self, Assumed, Found};
use super::{Journal, Log, Memory};
use crate::fault::{Verdict, corrupt, fault, is_in_doubt, judge, unavailable};
use crate::row::int;
use crate::sessions::{Session, within};
use crate::start::rebuild_edge;

/// For so many batches after others were seen to append, they are expected to do so again.
const CROWDED_BATCHES: u32 = 8;
/// How often a batch is begun anew when others are in the way.
const TRIES_MAX: u32 = 5;
/// How long a batch of unknown outcome is looked for before its caller is told so.
const DOUBT_MAX: Duration = Duration::from_secs(20);
/// The first and the longest pause between two tries.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);

type Answers = Vec<Result<Outcome, Refused>>;

/// Why a try ended without an answer; nothing was written by it, as far as is known.
enum Stop {
    /// Another try may succeed at once.
    Again,
    /// Another try would fail too, for now.
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        match judge(&error) {
            Verdict::InTheWay => Stop::Again,
            Verdict::Lost
            | Verdict::Full
            | Verdict::Corrupt
            | Verdict::Differs
            | Verdict::Unavailable => Stop::Fault(fault(error)),
        }
    }
}

/// A batch that was sent, and whose answer was lost.
struct Doubtful {
    planned: Planned,
    answers: Answers,
}

impl Journal {
    /// Appends a batch; must run on a task that nobody cancels.
    pub(crate) async fn append(
        self: Arc<Self>,
        tenant: TenantId,
        appends: Vec<Append>,
        now_ms: u64,
    ) -> Result<Answers, Fault> {
        let log = self.log(&tenant)?;
        let mut memory = log.memory.lock().await;
        let size = Position(memory.edge.size());
        for (stream, head) in log.take_seen() {
            memory.heads.guess(stream, head, size);
        }
        let named = Named::of(&appends);
        let (journal, log, memory) = (&*self, &*log, &mut *memory);
        let doubtful = Vec::new();
        Appending { journal, log, memory, named, appends, now_ms, doubtful }.run().await
    }
}

/// One call of [`Journal::append`].
struct Appending<'a> {
    journal: &'a Journal,
    log: &'a Log,
    memory: &'a mut Memory,
    named: Named,
    appends: Vec<Append>,
    now_ms: u64,
    doubtful: Vec<Doubtful>,
}

impl Appending<'_> {
    async fn run(mut self) -> Result<Answers, Fault> {
        if self.memory.crowded == 0 {
            match self.quick().await {
                Ok(Some(answers)) => {
                    self.journal.quick.fetch_add(1, Ordering::Relaxed);
                    return Ok(answers);
                }
                Ok(None) | Err(Stop::Again) => (),
                Err(Stop::Fault(fault)) => return Err(fault),
            }
        }
        let (begun, mut pause, mut tries) = (Instant::now(), PAUSE_FIRST, 0);
        loop {
            let stop = match self.locked().await {
                Ok(answers) => {
                    self.journal.locked.fetch_add(1, Ordering::Relaxed);
                    return Ok(answers);
                }
                Err(stop) => stop,
            };
            tries += 1;
            let in_doubt = !self.doubtful.is_empty();
            match stop {
                // What contradicts itself does so the next time too.
                Stop::Fault(fault @ (Fault::Corrupt { .. } | Fault::Conflict)) => {
                    return Err(fault);
                }
                Stop::Fault(fault) if !in_doubt => return Err(fault),
                Stop::Again if !in_doubt && tries >= TRIES_MAX => {
                    return Err(unavailable("others were in the way for too long"));
                }
                Stop::Again | Stop::Fault(_) => (),
            }
            if in_doubt && begun.elapsed() > DOUBT_MAX {
                return Err(unavailable(
                    "the connection was lost after a commit was sent, and whether it was carried out \
                     cannot be asked now; sending the same command again is safe",
                ));
            }
            tokio::time::sleep(pause).await;
            pause = PAUSE_MAX.min(pause.saturating_mul(2));
        }
    }

    fn plan(&self, known: Known) -> Result<Plan, Fault> {
        let head = PlanHead {
            origin: self.log.info.origin.clone(),
            edge: self.memory.edge.clone(),
            last_ms: self.memory.last_ms,
        };
        plan(head, known, self.appends.clone(), self.now_ms, &self.log.signer)
    }

    /// One round trip, two where streams are not known. `None`: something is not as it was remembered, and
    /// nothing was written; or nobody knows, then it is in `doubtful`.
    async fn quick(&mut self) -> Result<Option<Answers>, Stop> {
        let (known, assumed, is_complete) = match self.remembered() {
            Some((known, assumed)) => (known, assumed, false),
            None => match self.learn().await? {
                Some((known, assumed)) => (known, assumed, true),
                None => return Ok(None),
            },
        };
        let Plan { answers, planned } = self.plan(known)?;
        let Some(planned) = planned else { return Ok(None) };
        if !is_complete && answers.iter().any(Result::is_err) {
            return Ok(None);
        }
        let mut session = self.journal.writers.take().await?;
        let limit = session.limit();
        let written = {
            let before = &self.memory.edge;
            let call = write::append(&self.log.tenant, &self.log.info, before, &planned, &assumed)?;
            match session.connection() {
                Ok(connection) => within(limit, call.fetch_one(connection)).await,
                Err(error) => Err(error),
            }
        };
        match session.finish(written) {
            Ok(true) => {
                self.remember(planned);
                Ok(Some(answers))
            }
            Ok(false) => Ok(None),
            Err(error) if judge(&error) == Verdict::Differs => {
                self.memory.heads.clear();
                Ok(None)
            }
            Err(error) if is_in_doubt(&error) => {
                self.doubtful.push(Doubtful { planned, answers });
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What the batch needs to know, if it is all remembered, or may be assumed: that commands and claims
    /// are new, and that a stream that should begin does. All of it is compared when it is written.
    fn remembered(&mut self) -> Option<(Known, Assumed)> {
        let mut known = Known::default();
        let mut standing: BTreeMap<&StreamId, Revision> = BTreeMap::new();
        for append in &self.appends {
            // Rare, so they are asked for.
            if !append.releases.is_empty() || !append.controls.is_empty() {
                return None;
            }
            for part in append.streams.iter().filter(|it| self.named.streams.contains(&it.stream)) {
                if standing.contains_key(&part.stream) {
                    continue;
                }
                if let Some(head) = self.memory.heads.get(&part.stream) {
                    standing.insert(&part.stream, head.revision);
                    known.add_stream(part.stream.clone(), head);
                } else if part.expected == Expectation::NoStream {
                    standing.insert(&part.stream, Revision(0));
                } else {
                    return None;
                }
            }
        }
        for tag in &self.named.tags {
            if let Some(owner) = self.memory.heads.owner(*tag).cloned()
                && let Some(head) = self.memory.heads.get(&owner)
            {
                known.add_stream(owner, head);
            }
        }
        let checked = standing.into_iter().map(|(stream, at)| (stream.clone(), at)).collect();
        Some((known, Assumed { checked, absent: self.named.claims.iter().cloned().collect() }))
    }

    /// Asks for everything that the batch names, without a lock. `None` if others have appended.
    async fn learn(&mut self) -> Result<Option<(Known, Assumed)>, Stop> {
        let size = self.memory.edge.size();
        let mut session = self.journal.writers.take().await?;
        let limit = session.limit();
        let found = match session.connection() {
            Ok(connection) => {
                let named = &self.named;
                let asked = write::look_up(connection, &self.log.tenant, false, size, named);
                within(limit, asked).await
            }
            Err(error) => Err(error),
        };
        let found = match session.finish(found) {
            Ok(found) => found?,
            // Nothing was written yet; the other way tries on another connection.
            Err(error) if judge(&error) == Verdict::Lost => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if found.log.is_some_and(|(_, stands, _)| stands != size) {
            self.memory.crowded = CROWDED_BATCHES;
            return Ok(None);
        }
        // What was found may have moved since; if so, so has the log, and nothing is written.
        Ok(Some((self.known(found), Assumed::default())))
    }

    /// Keeps what was found, which is where the log stands now.
    fn known(&mut self, found: Found) -> Known {
        let mut known = Known::default();
        for (stream, head) in found.streams {
            self.memory.heads.set(stream.clone(), head);
            known.add_stream(stream, head);
        }
        known.commands = found.commands;
        known.claims = found.claims;
        known
    }

    /// Four round trips under the lock of the log's row.
    async fn locked(&mut self) -> Result<Answers, Stop> {
        let mut session = self.journal.writers.take().await?;
        session.enter_transaction();
        match self.locked_on(&mut session).await {
            Ok(answers) => {
                session.leave_transaction();
                let _ = session.finish(Ok(()));
                Ok(answers)
            }
            Err(Failed::Database(error)) => {
                let stale = !session.is_fresh() && judge(&error) == Verdict::Lost;
                // Closes the connection, which ends its transaction.
                match session.finish::<()>(Err(error)) {
                    Err(error) if !stale => Err(error.into()),
                    _ => Err(Stop::Again),
                }
            }
            Err(Failed::Stop(stop)) => Err(stop),
        }
    }

    async fn locked_on(&mut self, session: &mut Session) -> Result<Answers, Failed> {
        let limit = session.limit();
        let connection = session.connection()?;
        within(limit, sqlx::raw_sql("begin").execute(&mut *connection)).await?;
        let size = self.memory.edge.size();
        let named = &self.named;
        let found = write::look_up(&mut *connection, &self.log.tenant, true, size, named);
        let found = within(limit, found).await??;
        self.catch_up(&mut *connection, &found).await?;
        if let Some(answers) = self.confirm(&mut *connection, limit).await? {
            return Ok(answers);
        }
        let (known, assumed) = (self.known(found), Assumed::default());
        let Plan { answers, planned } = self.plan(known)?;
        let Some(planned) = planned else {
            within(limit, sqlx::raw_sql("rollback").execute(connection)).await?;
            return Ok(answers);
        };
        let before = &self.memory.edge;
        let call = write::append(&self.log.tenant, &self.log.info, before, &planned, &assumed)?;
        match within(limit, call.fetch_one(&mut *connection)).await {
            Ok(true) => (),
            // There was no row to lock, and somebody else has made it meanwhile.
            Ok(false) => return Err(Failed::Stop(Stop::Again)),
            Err(error) if judge(&error) == Verdict::Differs => {
                return Err(corrupt("rows stand where none should").into());
            }
            Err(error) => return Err(error.into()),
        }
        if let Err(error) = within(limit, sqlx::raw_sql("commit").execute(connection)).await {
            if is_in_doubt(&error) {
                self.doubtful.push(Doubtful { planned, answers });
            }
            return Err(error.into());
        }
        self.remember(planned);
        Ok(answers)
    }

    /// Brings the memory to where the log stands, which is locked.
    async fn catch_up(
        &mut self,
        connection: &mut PgConnection,
        found: &Found,
    ) -> Result<(), Failed> {
        let seen = self.memory.edge.size();
        let Some((root, size, last_ms)) = found.log else {
            return if seen == 0 { Ok(()) } else { Err(corrupt("the log is gone").into()) };
        };
        if size < seen {
            return Err(corrupt("the log is shorter than it was").into());
        }
        let mut edge = self.memory.edge.clone();
        if found.leaves.is_empty() && size > seen {
            let rebuilt = rebuild_edge(connection, &self.log.tenant, size).await?;
            edge =
                rebuilt.ok_or_else(|| corrupt("tiles or leaves of the right edge are missing"))?;
            self.memory.heads.clear();
        }
        for (leaf, position) in found.leaves.iter().zip(seen.saturating_add(1)..) {
            edge.push(leaf_hash(leaf));
            let leaf = Leaf::decode(leaf).map_err(|_| corrupt("a leaf cannot be read"))?;
            let revision = Revision(leaf.stream_version.saturating_add(1));
            self.memory.heads.moved(StreamTag(leaf.stream_tag), revision, Position(position));
        }
        if edge.size() != size || edge.root() != root {
            // What moved above may be wrong.
            self.memory.heads.clear();
            return Err(corrupt("the root over the events is not the stored one").into());
        }
        self.memory.crowded = match size {
            _ if size == seen => self.memory.crowded.saturating_sub(1),
            _ => CROWDED_BATCHES,
        };
        self.memory.edge = edge;
        self.memory.last_ms = last_ms;
        self.log.has_grown(Position(size));
        Ok(())
    }

    /// Looks for the batches of unknown outcome. If one is there, its answers are true.
    async fn confirm(
        &mut self,
        connection: &mut PgConnection,
        limit: Duration,
    ) -> Result<Option<Answers>, Failed> {
        let tenant = self.log.tenant.as_str();
        for doubtful in &self.doubtful {
            let events = &doubtful.planned.events;
            let (Some(first), Some(last)) = (events.first(), events.last()) else { continue };
            let leaves: Vec<Vec<u8>> = sqlx::query_scalar(
                "select leaf from journal.leaf where tenant = $1 and log = 'journal' \
                 and position >= $2 and position <= $3 order by position",
            )
            .bind(tenant)
            .bind(int(first.position.0)?)
            .bind(int(last.position.0)?)
            .fetch_all(&mut *connection)
            .await?;
            if !leaves.iter().eq(events.iter().map(|it| &it.leaf)) {
                continue;
            }
            let touch = "update journal.log set size = size where tenant = $1 and log = 'journal'";
            within(limit, sqlx::query(touch).bind(tenant).execute(&mut *connection)).await?;
            within(limit, sqlx::raw_sql("commit").execute(connection)).await?;
            self.journal.waiting.tell_others(&self.log.tenant);
            return Ok(Some(doubtful.answers.clone()));
        }
        Ok(None)
    }

    /// What was planned is committed.
    fn remember(&mut self, planned: Planned) {
        for (stream, head) in planned.streams {
            self.memory.heads.set(stream, head);
        }
        self.memory.edge = planned.edge;
        self.memory.last_ms = planned.head.last_ms;
        self.log.has_grown(planned.head.position);
        self.journal.waiting.tell_others(&self.log.tenant);
    }
}

/// Why a transaction did not come to its end.
enum Failed {
    Database(sqlx::Error),
    Stop(Stop),
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Failed::Database(error)
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Failed::Stop(Stop::Fault(fault))
    }
}
