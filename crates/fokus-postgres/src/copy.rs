//! The target of a copy: another store's rows, written as they are planned by the one who copies.
//!
//! A store that was opened for a copy is marked, and so is each log in it, until its copy has ended.
//! Opening a marked store to serve it is refused.

use std::sync::Arc;

use async_trait::async_trait;
use fokus_log::edge::Edge;
use fokus_store::plan::{PlanHead, Planned};
use fokus_store::{
    Claim, CommandId, CommandPlace, CopyTarget, EventStore as _, Fault, LogInfo, Position,
    StreamTag, TenantId, WrappedKek, WrappedKey,
};

use crate::fault::{Verdict, corrupt, fault, judge};
use crate::journal::{Assumed, Journal, append_call};
use crate::keys;
use crate::row::int;
use crate::sessions::{fetch, within};
use crate::start::rebuild_edge;
use crate::store::PostgresStore;

/// Where a log stands here, with its edge.
async fn stands(store: &PostgresStore, tenant: &TenantId) -> Result<PlanHead, Fault> {
    let head = store.head(tenant).await?;
    let edge = fetch!(store.shared.journal.readers, connection =>
        rebuild_edge(connection, tenant, head.position.0));
    let edge = edge.filter(|edge| edge.root() == head.root);
    let edge = edge.ok_or_else(|| corrupt("the root over the events is not the stored one"))?;
    let origin = store.shared.journal.log(tenant)?.info.origin.clone();
    Ok(PlanHead { origin, edge, last_ms: head.last_ms })
}

async fn write(
    store: PostgresStore,
    tenant: TenantId,
    expected: Position,
    planned: Planned,
) -> Result<(), Fault> {
    let journal: &Journal = &store.shared.journal;
    let before: Edge = stands(&store, &tenant).await?.edge;
    if before.size() != expected.0 {
        return Err(Fault::Conflict);
    }
    let assumed = Assumed::default();
    let info = journal.log(&tenant)?.info.clone();
    let call = append_call(&tenant, &info, &before, &planned, &assumed)?;
    let mut session = journal.writers.take().await?;
    let limit = session.limit();
    let written = match session.connection() {
        Ok(connection) => within(limit, call.fetch_one(connection)).await,
        Err(error) => Err(error),
    };
    match session.finish(written) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Fault::Conflict),
        Err(error) if judge(&error) == Verdict::Differs => {
            Err(corrupt("rows stand where none should"))
        }
        Err(error) => Err(fault(error)),
    }
}

#[async_trait]
impl CopyTarget for PostgresStore {
    async fn begin_copy(&self, tenant: &TenantId, log: &LogInfo) -> Result<PlanHead, Fault> {
        self.shared.journal.call(tenant, log)?;
        let own = self.shared.journal.log(tenant)?;
        if own.info != *log {
            return Err(Fault::Conflict);
        }
        let (journal, owner) = (Arc::clone(&self.shared.journal), tenant.clone());
        self.uncancelled(async move { journal.make_log(&owner, true).await }).await?;
        stands(self, tenant).await
    }

    async fn copy_events(
        &self,
        tenant: &TenantId,
        expected: Position,
        planned: Planned,
    ) -> Result<(), Fault> {
        self.uncancelled(write(self.clone(), tenant.clone(), expected, planned)).await
    }

    async fn copy_commands(
        &self,
        tenant: &TenantId,
        commands: &[(CommandId, CommandPlace)],
    ) -> Result<(), Fault> {
        let ids: Vec<&[u8]> = commands.iter().map(|(id, _)| id.0.as_bytes().as_slice()).collect();
        let firsts = commands.iter().map(|(_, place)| int(place.first.0));
        let firsts: Vec<i64> = firsts.collect::<Result<_, _>>()?;
        let counts: Vec<i64> = commands.iter().map(|(_, place)| i64::from(place.count)).collect();
        fetch!(self.shared.journal.readers, connection => sqlx::query(
            "insert into journal.command (tenant, command_id, first, count) \
             select $1, n.id, n.first, n.count::integer \
             from unnest($2, $3, $4) as n (id, first, count) \
             order by n.id on conflict do nothing"
        )
            .bind(tenant.as_str())
            .bind(&ids)
            .bind(&firsts)
            .bind(&counts)
            .execute(connection));
        Ok(())
    }

    async fn copy_claims(
        &self,
        tenant: &TenantId,
        claims: &[(Claim, StreamTag)],
    ) -> Result<(), Fault> {
        let kinds: Vec<&str> = claims.iter().map(|(it, _)| it.kind.as_str()).collect();
        let tags: Vec<&[u8]> = claims.iter().map(|(it, _)| it.tag.as_slice()).collect();
        let holders: Vec<&[u8]> = claims.iter().map(|(_, it)| it.0.as_slice()).collect();
        fetch!(self.shared.journal.readers, connection => sqlx::query(
            "insert into journal.claimed_key (tenant, kind, tag, stream) \
             select $1, n.kind, n.tag, n.stream from unnest($2, $3, $4) as n (kind, tag, stream) \
             order by n.kind, n.tag on conflict do nothing"
        )
            .bind(tenant.as_str())
            .bind(&kinds)
            .bind(&tags)
            .bind(&holders)
            .execute(connection));
        Ok(())
    }

    async fn copy_keys(
        &self,
        tenant: &TenantId,
        keks: &[WrappedKek],
        keys: &[WrappedKey],
    ) -> Result<(), Fault> {
        let sessions = Arc::clone(&self.shared.keys);
        let copied = keys::copy(sessions, tenant.clone(), keks.to_vec(), keys.to_vec());
        self.uncancelled(copied).await
    }

    async fn end_copy(&self, tenant: &TenantId) -> Result<(), Fault> {
        fetch!(self.shared.journal.readers, connection => sqlx::query(
            "update journal.log set copying = false where tenant = $1 and log = 'journal' and copying"
        ).bind(tenant.as_str()).execute(connection));
        Ok(())
    }
}
