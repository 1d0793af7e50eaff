//! A copy of another store's logs, in a store that is not served until all copies have ended.

use std::sync::Arc;

use async_trait::async_trait;
use fokus_store::plan::{PlanHead, Planned};
use fokus_store::{
    Claim, CommandId, CommandPlace, CopyTarget, Fault, LogInfo, Position, StreamTag, TenantId,
    WrappedKek, WrappedKey,
};
use rusqlite::params;

use super::{Journal, Log, commit, lock, write};
use crate::fault::Stop;
use crate::keys::{copy_kek, copy_key};
use crate::start::Identity;
use crate::store::SqliteStore;
use crate::writer::Writer;

impl Journal {
    /// The log that a copy goes to. Runs on the writer's thread.
    fn begin_copy_now(
        &self,
        writer: &mut Writer,
        tenant: &TenantId,
        info: &LogInfo,
    ) -> Result<PlanHead, Fault> {
        if !self.is_copying() {
            return Err(Fault::Conflict);
        }
        let identity = self.identity.get_or_init(|| Identity::of(info));
        self.call(identity, tenant, info)?;
        let log = self.log(tenant)?;
        if identity.synthetic != info.synthetic || log.info != *info {
            return Err(Fault::Conflict);
        }
        self.make_log_now(writer, tenant, &log)?;
        Ok(log.plan_head())
    }

    fn copy_events_now(
        &self,
        writer: &mut Writer,
        tenant: &TenantId,
        expected: Position,
        planned: Planned,
    ) -> Result<(), Fault> {
        let log = self.copied_log(tenant)?;
        if log.position() != expected {
            return Err(Fault::Conflict);
        }
        let (planned, written) = writer.write(|connection| {
            let written = write::insert(connection, tenant, &log, &planned)?;
            Ok((planned, written))
        })?;
        commit(writer, &log, planned, written)
    }

    /// The log of a copy that was begun.
    fn copied_log(&self, tenant: &TenantId) -> Result<Arc<Log>, Fault> {
        let log = lock(&self.logs).get(tenant).map(Arc::clone);
        log.filter(|log| log.number().is_some()).ok_or(Fault::Conflict)
    }

    fn copied_number(&self, tenant: &TenantId) -> Result<i64, Fault> {
        self.copied_log(tenant)?.number().ok_or(Fault::Conflict)
    }
}

#[async_trait]
impl CopyTarget for SqliteStore {
    async fn begin_copy(&self, tenant: &TenantId, info: &LogInfo) -> Result<PlanHead, Fault> {
        let (journal, tenant, info) = (self.shared.journal.clone(), tenant.clone(), info.clone());
        let writers = &self.shared.journal.files.writers;
        writers.run(move |writer| journal.begin_copy_now(writer, &tenant, &info)).await
    }

    async fn copy_events(
        &self,
        tenant: &TenantId,
        expected: Position,
        planned: Planned,
    ) -> Result<(), Fault> {
        let (journal, tenant) = (self.shared.journal.clone(), tenant.clone());
        let writers = &self.shared.journal.files.writers;
        writers.run(move |writer| journal.copy_events_now(writer, &tenant, expected, planned)).await
    }

    async fn copy_commands(
        &self,
        tenant: &TenantId,
        commands: &[(CommandId, CommandPlace)],
    ) -> Result<(), Fault> {
        let (number, commands) = (self.shared.journal.copied_number(tenant)?, commands.to_vec());
        let writers = &self.shared.journal.files.writers;
        writers.transaction(move |it| write::insert_commands(it, number, &commands)).await
    }

    async fn copy_claims(
        &self,
        tenant: &TenantId,
        claims: &[(Claim, StreamTag)],
    ) -> Result<(), Fault> {
        let (number, claims) = (self.shared.journal.copied_number(tenant)?, claims.to_vec());
        let writers = &self.shared.journal.files.writers;
        let sql = "insert into claimed_key (log, kind, tag, stream) values (?1, ?2, ?3, ?4) \
                   on conflict do nothing";
        writers
            .transaction(move |it| {
                let mut statement = it.prepare_cached(sql)?;
                for (claim, holder) in &claims {
                    statement.execute(params![number, claim.kind, claim.tag, holder.0])?;
                }
                Ok(())
            })
            .await
    }

    async fn copy_keys(
        &self,
        tenant: &TenantId,
        keks: &[WrappedKek],
        keys: &[WrappedKey],
    ) -> Result<(), Fault> {
        let (tenant, keks, keys) = (tenant.clone(), keks.to_vec(), keys.to_vec());
        let write = move |it: &rusqlite::Connection| -> Result<(), Stop> {
            keks.iter().try_for_each(|kek| copy_kek(it, &tenant, kek))?;
            keys.iter().try_for_each(|key| copy_key(it, &tenant, key))
        };
        self.shared.keys.writers.transaction(write).await
    }

    async fn end_copy(&self, tenant: &TenantId) -> Result<(), Fault> {
        // What was gathered is in the tables then, so that the first start has nothing to gather.
        let log = self.shared.journal.copied_log(tenant)?;
        self.shared.journal.settle(&log).await
    }
}
