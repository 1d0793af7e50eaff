//! What the server keeps of each tenant: what its log is called, and where its views stand.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use fokus_store::{Fault, LogInfo, TenantId, ViewBuild};
use tokio::sync::watch;

use crate::guard::Guard;
use crate::handover::Handover;
use crate::journal::Ports;
use crate::keyring::Keyring;
use crate::lineage;
use crate::opening::Opener;
use crate::read::heads::Followed;
use crate::runner::Running;

/// A tenant as the server knows it.
#[derive(Debug)]
pub struct Tenant {
    pub id: TenantId,
    /// Names the tenant in this server's caches.
    pub(crate) number: u32,
    pub info: LogInfo,
    pub opener: Opener,
    /// Where the live build of each view stands, by name.
    pub live: HashMap<&'static str, LiveView>,
    /// Held during each step of the runner, and while a rebuild switches.
    pub(crate) running: tokio::sync::Mutex<Running>,
    /// What this server accepted, for the views that it runs.
    pub(crate) handover: Handover,
    /// Where its streams stand, followed as far as bundles have asked.
    pub(crate) followed: tokio::sync::Mutex<Followed>,
    /// Asks the runner to look at leases and checkpoints now.
    pub(crate) look: tokio::sync::Notify,
}

/// The live build of a view, as its runner left it.
#[derive(Debug)]
pub struct LiveView {
    state: watch::Sender<LiveState>,
}

/// Where a live build stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveState {
    /// `None` until the runner has found or begun it.
    pub build: Option<ViewBuild>,
    pub position: u64,
    pub halted: bool,
    /// Below it the build is still catching up with what stood in the log at the start.
    pub floor: u64,
}

impl LiveView {
    fn new() -> Self {
        let (state, _) =
            watch::channel(LiveState { build: None, position: 0, halted: false, floor: 0 });
        LiveView { state }
    }

    /// Tells all who wait.
    pub fn set(&self, state: LiveState) {
        self.state.send_replace(state);
    }

    /// To wait on.
    pub fn subscribe(&self) -> watch::Receiver<LiveState> {
        self.state.subscribe()
    }

    /// Now.
    pub fn get(&self) -> LiveState {
        self.state.borrow().clone()
    }
}

/// The tenants met so far. They come from verified tokens only, so they are few.
pub(crate) struct Tenants {
    ports: Ports,
    keyring: Arc<Keyring>,
    guard: Arc<Guard>,
    views: &'static [&'static str],
    known: RwLock<HashMap<TenantId, Arc<Tenant>>>,
}

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tenants")
    }
}

impl Tenants {
    /// None met yet.
    pub(crate) fn new(
        ports: Ports,
        keyring: Arc<Keyring>,
        guard: Arc<Guard>,
        views: &'static [&'static str],
    ) -> Self {
        Tenants { ports, keyring, guard, views, known: RwLock::new(HashMap::new()) }
    }

    /// Whether the tenant was met.
    pub(crate) fn has(&self, id: &TenantId) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).contains_key(id)
    }

    /// The tenant, and whether it was met for the first time.
    pub(crate) async fn meet(&self, id: &TenantId) -> Result<(Arc<Tenant>, bool), Fault> {
        if let Some(it) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(id) {
            return Ok((Arc::clone(it), false));
        }
        let events = self.ports.events.as_ref();
        let info = events.log(id).await?;
        self.guard.meet(events, id, &info).await?;
        lineage::rotate(&self.ports, &self.guard, id, &info).await?;
        let opener = Opener {
            keyring: Arc::clone(&self.keyring),
            tenant: id.clone(),
            origin: info.first_origin().to_owned(),
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(it) = known.get(id) {
            return Ok((Arc::clone(it), false));
        }
        let live = self.views.iter().map(|it| (*it, LiveView::new())).collect();
        let tenant = Arc::new(Tenant {
            id: id.clone(),
            // Tenants are never forgotten, so each has its own.
            number: u32::try_from(known.len()).unwrap_or(u32::MAX),
            info,
            opener,
            live,
            running: tokio::sync::Mutex::default(),
            handover: Handover::default(),
            followed: tokio::sync::Mutex::default(),
            look: tokio::sync::Notify::new(),
        });
        known.insert(id.clone(), Arc::clone(&tenant));
        Ok((tenant, true))
    }
}
