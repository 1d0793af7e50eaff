//! Rows of views in memory.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;
use uuid::Uuid;

use super::{MemoryStore, lock};
use crate::leases::Leases;
use crate::ports::ViewStore;
use crate::types::*;

/// Rows by stream and key, and what is published of them.
#[derive(Default)]
struct Rows {
    rows: BTreeMap<(StreamTag, String), ViewRow>,
    published: BTreeMap<(StreamTag, String), Vec<PublishedCell>>,
}

#[derive(Default)]
pub(super) struct Views {
    leases: Leases,
    builds: BTreeMap<(TenantId, ViewBuild), (ViewCheckpoint, Rows)>,
}

impl Views {
    /// What the rows take.
    pub(super) fn bytes(&self) -> u64 {
        let rows = self.builds.values().flat_map(|(_, it)| it.rows.values());
        rows.map(|it| it.state.len() + it.body.len() + it.key.len()).sum::<usize>() as u64
    }

    fn build(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
    ) -> Result<&(ViewCheckpoint, Rows), Fault> {
        self.builds.get(&(tenant.clone(), build.clone())).ok_or(Fault::Conflict)
    }

    fn build_mut(
        &mut self,
        tenant: &TenantId,
        build: &ViewBuild,
    ) -> Result<&mut (ViewCheckpoint, Rows), Fault> {
        self.builds.get_mut(&(tenant.clone(), build.clone())).ok_or(Fault::Conflict)
    }

    fn has_live(&self, tenant: &TenantId, view: &str) -> bool {
        self.builds.iter().any(|((of, build), (checkpoint, _))| {
            of == tenant && build.view == view && checkpoint.live
        })
    }
}

impl MemoryStore {
    /// What is published of the tenant's live builds, as other programs would read it from a store that
    /// has tables.
    #[must_use]
    pub fn published(&self, tenant: &TenantId) -> Vec<PublishedCell> {
        let views = lock(&self.data.views);
        let live = views.builds.iter().filter(|((of, _), (it, _))| of == tenant && it.live);
        let cells = live.flat_map(|(_, (_, rows))| rows.published.values().flatten());
        cells.cloned().collect()
    }
}

#[async_trait]
impl ViewStore for MemoryStore {
    async fn lease(
        &self,
        tenant: &TenantId,
        name: &str,
        holder: Uuid,
        ttl: Duration,
    ) -> Result<Option<Lease>, Fault> {
        let mut views = lock(&self.data.views);
        Ok(views.leases.take(tenant, name, holder, ttl, Instant::now()))
    }

    async fn release(&self, tenant: &TenantId, lease: &Lease) -> Result<(), Fault> {
        lock(&self.data.views).leases.release(tenant, lease);
        Ok(())
    }

    async fn checkpoints(&self, tenant: &TenantId) -> Result<Vec<ViewCheckpoint>, Fault> {
        let views = lock(&self.data.views);
        let own = views.builds.iter().filter(|((of, _), _)| of == tenant);
        Ok(own.map(|(_, (checkpoint, _))| checkpoint.clone()).collect())
    }

    async fn begin(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        live: bool,
    ) -> Result<(), Fault> {
        let mut views = lock(&self.data.views);
        views.leases.check(tenant, lease)?;
        if views.build(tenant, build).is_ok() {
            return Ok(());
        }
        if live && views.has_live(tenant, &build.view) {
            return Err(Fault::Conflict);
        }
        let checkpoint =
            ViewCheckpoint { build: build.clone(), position: Position(0), live, halted: None };
        views.builds.insert((tenant.clone(), build.clone()), (checkpoint, Rows::default()));
        Ok(())
    }

    async fn commit(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        batch: ViewBatch,
    ) -> Result<(), Fault> {
        let mut views = lock(&self.data.views);
        views.leases.check(tenant, lease)?;
        let (checkpoint, rows) = views.build_mut(tenant, build)?;
        if checkpoint.position != batch.expected || checkpoint.halted.is_some() {
            return Err(Fault::Conflict);
        }
        checkpoint.position = batch.position;
        let stays = |stream: &StreamTag| !batch.cleared.contains(stream);
        rows.rows.retain(|(stream, _), _| stays(stream));
        rows.published.retain(|(stream, _), _| stays(stream));
        let written = batch.rows.into_iter().map(|row| ((row.stream_tag, row.key.clone()), row));
        rows.rows.extend(written);
        let published = batch.published.into_iter();
        rows.published.extend(published.map(|it| ((it.stream_tag, it.key), it.cells)));
        Ok(())
    }

    async fn halt(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
        position: Position,
        code: &str,
    ) -> Result<(), Fault> {
        let mut views = lock(&self.data.views);
        views.leases.check(tenant, lease)?;
        let (checkpoint, _) = views.build_mut(tenant, build)?;
        checkpoint.halted.get_or_insert_with(|| (position, code.to_owned()));
        Ok(())
    }

    async fn switch(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
    ) -> Result<(), Fault> {
        let mut views = lock(&self.data.views);
        views.leases.check(tenant, lease)?;
        views.build_mut(tenant, build)?.0.live = true;
        views
            .builds
            .retain(|(of, other), _| of != tenant || other.view != build.view || other == build);
        Ok(())
    }

    async fn discard(
        &self,
        tenant: &TenantId,
        lease: &Lease,
        build: &ViewBuild,
    ) -> Result<(), Fault> {
        let mut views = lock(&self.data.views);
        views.leases.check(tenant, lease)?;
        if views.build(tenant, build).is_ok_and(|(checkpoint, _)| checkpoint.live) {
            return Err(Fault::Conflict);
        }
        views.builds.remove(&(tenant.clone(), build.clone()));
        Ok(())
    }

    async fn rows(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        stream: StreamTag,
    ) -> Result<(Position, Vec<ViewRow>), Fault> {
        let views = lock(&self.data.views);
        let (checkpoint, rows) = views.build(tenant, build)?;
        let rows = rows.rows.values().filter(|row| row.stream_tag == stream);
        Ok((checkpoint.position, rows.cloned().collect()))
    }

    async fn rows_by_key(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        keys: &[(StreamTag, String)],
    ) -> Result<Vec<Option<ViewRow>>, Fault> {
        let views = lock(&self.data.views);
        let (_, rows) = views.build(tenant, build)?;
        Ok(keys.iter().map(|key| rows.rows.get(key).cloned()).collect())
    }

    async fn page(
        &self,
        tenant: &TenantId,
        build: &ViewBuild,
        order: RowOrder,
        after: i64,
        limit: u32,
    ) -> Result<(Position, Vec<ViewRow>), Fault> {
        let views = lock(&self.data.views);
        let (checkpoint, rows) = views.build(tenant, build)?;
        let value = |row: &ViewRow| match order {
            RowOrder::FirstAppearance => row.sort1,
            RowOrder::LastChange => row.sort2,
        };
        let with_body = rows.rows.values().filter(|row| !row.body.is_empty() && value(row) > after);
        let mut page: Vec<ViewRow> = with_body.cloned().collect();
        // Stable: rows of equal value stay by stream and key.
        page.sort_by_key(value);
        let limit = usize::try_from(limit.min(READ_LIMIT_MAX)).unwrap_or(0);
        let last = limit.checked_sub(1).and_then(|last| page.get(last)).map(value);
        match last {
            Some(last) => page.retain(|row| value(row) <= last),
            None if limit == 0 => page.clear(),
            None => (),
        }
        Ok((checkpoint.position, page))
    }
}
