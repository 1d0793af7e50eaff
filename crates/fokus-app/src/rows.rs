//! Rows of views, sealed under their stream's key and opened again.

use fokus_core::rejection::{Reason, Rejection};
use fokus_store::{Fault, TenantId, ViewBuild, ViewRow};
use fokus_vault::key::SecretKey;
use fokus_vault::row::{RowContext, open_row, seal_row};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock::Entropy;
use crate::failure::Failure;
use crate::keyring::{Keyring, stream_slot};

/// What a row or state is stored as.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stored<T> {
    /// The stream's revision that it stands at.
    pub(crate) revision: u64,
    pub(crate) content: T,
}

/// Seals the content of one row.
pub(crate) fn seal<T: Serialize>(
    key: &SecretKey,
    entropy: &dyn Entropy,
    tenant: &TenantId,
    build: &ViewBuild,
    row_key: &str,
    content: &Stored<T>,
) -> Result<Vec<u8>, Fault> {
    let plaintext = serde_json::to_vec(content).map_err(|_| corrupt(build, "cannot be written"))?;
    let mut nonce = [0; 24];
    entropy.fill(&mut nonce);
    let context = context(tenant, build, row_key);
    seal_row(key, &context, nonce, &plaintext).map_err(|_| corrupt(build, "cannot be sealed"))
}

/// Opens what [`seal`] made.
pub(crate) fn open<T: DeserializeOwned>(
    key: &SecretKey,
    tenant: &TenantId,
    build: &ViewBuild,
    row_key: &str,
    sealed: &[u8],
) -> Result<Stored<T>, Fault> {
    let plaintext = open_row(key, &context(tenant, build, row_key), sealed)
        .map_err(|_| corrupt(build, "does not open"))?;
    serde_json::from_slice(&plaintext).map_err(|_| corrupt(build, "does not fit"))
}

/// Opens the bodies of rows, which may be of different streams.
pub(crate) async fn bodies<T: DeserializeOwned>(
    keyring: &Keyring,
    tenant: &TenantId,
    build: &ViewBuild,
    rows: &[ViewRow],
) -> Result<Vec<Stored<T>>, Failure> {
    let mut tags: Vec<_> = rows.iter().map(|it| it.stream_tag).collect();
    tags.dedup();
    let slots: Vec<_> = tags.into_iter().map(stream_slot).collect();
    let keys = keyring.get(tenant, &slots).await?;
    let mut keys = slots.iter().zip(keys);
    let mut current = keys.next();
    let mut opened = Vec::with_capacity(rows.len());
    for row in rows {
        while current.as_ref().is_some_and(|(slot, _)| slot.stream_tag != row.stream_tag) {
            current = keys.next();
        }
        let key = current.as_ref().and_then(|(_, it)| it.as_ref()).ok_or_else(|| {
            Rejection::new(Reason::UnreadableUncertified, "a row cannot be opened any more")
        })?;
        opened.push(open(&key.key, tenant, build, &row.key, &row.body)?);
    }
    Ok(opened)
}

fn context<'a>(tenant: &'a TenantId, build: &'a ViewBuild, key: &'a str) -> RowContext<'a> {
    RowContext { tenant: tenant.as_str(), view: &build.view, revision: build.revision, key }
}

fn corrupt(build: &ViewBuild, what: &str) -> Fault {
    Fault::Corrupt { what: format!("a row of view {} {what}; rebuild the view", build.view) }
}
