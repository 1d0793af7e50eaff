//! Rows of views, sealed under their stream's key and opened again.

use fokus_core::rejection::{Reason, Rejection};
use fokus_store::{Fault, TenantId, ViewBuild, ViewRow};
use fokus_vault::key::SecretKey;
use fokus_vault::row::{RowContext, open_row, seal_row};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::clock::Entropy;
use crate::failure::Failure;
use crate::keyring::{Keyring, stream_slot};

/// What a row or state is stored as.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Stored<T> {
    /// The stream's revision that it stands at.
    pub(crate) revision: u64,
    pub(crate) content: T,
}

/// Seals one row or state: `content` is JSON text, and is stored as a [`Stored`].
pub(crate) fn seal(
    key: &SecretKey,
    entropy: &dyn Entropy,
    tenant: &TenantId,
    build: &ViewBuild,
    row_key: &str,
    revision: u64,
    content: &[u8],
) -> Result<Vec<u8>, Fault> {
    let head = format!("{{\"revision\":{revision}{BETWEEN}");
    let mut plaintext = Zeroizing::new(Vec::with_capacity(head.len() + content.len() + 1));
    plaintext.extend_from_slice(head.as_bytes());
    plaintext.extend_from_slice(content);
    plaintext.push(b'}');
    let mut nonce = [0; 24];
    entropy.fill(&mut nonce);
    let context = context(tenant, build, row_key);
    seal_row(key, &context, nonce, &plaintext).map_err(|_| corrupt(build, "cannot be sealed"))
}

/// What stands between revision and content.
const BETWEEN: &str = ",\"content\":";

/// The content in a text that [`seal`] sealed. The revision beside it is that of the step which wrote the
/// row, so it depends on how the log was cut into steps.
pub(crate) fn content_of(text: &[u8]) -> &[u8] {
    let at = text.windows(BETWEEN.len()).position(|it| it == BETWEEN.as_bytes());
    let content = at.and_then(|it| text.get(it + BETWEEN.len()..)).unwrap_or(text);
    content.strip_suffix(b"}").unwrap_or(content)
}

/// Opens what [`seal`] made, as text.
pub(crate) fn open_text(
    key: &SecretKey,
    tenant: &TenantId,
    build: &ViewBuild,
    row_key: &str,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Fault> {
    open_row(key, &context(tenant, build, row_key), sealed)
        .map_err(|_| corrupt(build, "does not open"))
}

/// Opens the bodies of rows, which may be of different streams.
pub(crate) async fn bodies<T: DeserializeOwned>(
    keyring: &Keyring,
    tenant: &TenantId,
    build: &ViewBuild,
    rows: &[ViewRow],
) -> Result<Vec<Stored<T>>, Failure> {
    let read = |text: &[u8]| {
        serde_json::from_slice(text).map_err(|_| Failure::from(corrupt(build, "does not fit")))
    };
    texts(keyring, tenant, build, rows, read).await
}

/// Opens the bodies of rows, which may be of different streams, and lends the text of each to `read`.
pub(crate) async fn texts<T>(
    keyring: &Keyring,
    tenant: &TenantId,
    build: &ViewBuild,
    rows: &[ViewRow],
    read: impl Fn(&[u8]) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
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
        let text = open_text(&key.key, tenant, build, &row.key, &row.body)?;
        opened.push(read(&text)?);
    }
    Ok(opened)
}

fn context<'a>(tenant: &'a TenantId, build: &'a ViewBuild, key: &'a str) -> RowContext<'a> {
    RowContext { tenant: tenant.as_str(), view: &build.view, revision: build.revision, key }
}

fn corrupt(build: &ViewBuild, what: &str) -> Fault {
    Fault::Corrupt { what: format!("a row of view {} {what}; rebuild the view", build.view) }
}
