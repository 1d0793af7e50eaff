//! Checks the content of a log against its leaves, and digests it.
//!
//! The digest is SHA-256 over position, time, header (without `mac`) and fields of every event: two
//! stores that hold the same history have the same digest, whatever their keys, ids and nonces.

use fokus_store::{EventStore, Position, READ_LIMIT_MAX, Range};
use fokus_vault::envelope::Field;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::header::HEADER_PATH;
use crate::implied::Implied;
use crate::opening::Opener;

/// What was found in a log's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentReport {
    pub events: u64,
    /// Events with an envelope that cannot be opened any more.
    pub dark: u64,
    pub digest: [u8; 32],
}

/// Opens every event up to the position `until`, checks every field's commitment, and digests the log
/// so far. `implied` takes in what the events say of the tables; `progress` gets the position reached.
///
/// # Errors
///
/// [`crate::failure::Failure::Fault`] with what contradicts what.
pub async fn check_content(
    events: &dyn EventStore,
    opener: &Opener,
    until: u64,
    implied: &mut Implied,
    mut progress: impl FnMut(u64),
) -> Result<ContentReport, Failure> {
    let (mut hash, mut count, mut dark) = (Sha256::new(), 0, 0);
    let mut after = Position(0);
    while after.0 < until {
        let left = u32::try_from(until - after.0).unwrap_or(READ_LIMIT_MAX);
        let range = Range::Forward { after, limit: left.min(READ_LIMIT_MAX) };
        let stored = events.read_log(&opener.tenant, range).await?;
        let Some(last) = stored.last() else { break };
        after = last.position;
        let mut types = Vec::with_capacity(stored.len());
        for (leaf, fields, whole) in opener.checked_fields(&stored).await? {
            implied.event(&leaf, &fields, whole);
            types.extend(event_type(&fields).map(|it| (Position(leaf.position + 1), it)));
            count += 1;
            dark += u64::from(!whole);
            hash.update((leaf.position + 1).to_be_bytes());
            hash.update(leaf.recorded_ms.to_be_bytes());
            for field in &fields {
                let value = match field.path.as_str() {
                    HEADER_PATH => without_mac(&field.value),
                    _ => field.value.clone(),
                };
                hash.update((field.path.len() as u64).to_be_bytes());
                hash.update(&field.path);
                hash.update((value.len() as u64).to_be_bytes());
                hash.update(&value);
            }
        }
        implied.claims(opener, &stored, &types).await?;
        progress(after.0);
    }
    Ok(ContentReport { events: count, dark, digest: hash.finalize().into() })
}

/// The event's type, as its header names it.
fn event_type(fields: &[Field]) -> Option<String> {
    let header = fields.iter().find(|it| it.path == HEADER_PATH)?;
    let header: Value = serde_json::from_slice(&header.value).ok()?;
    Some(header.get("type")?.as_str()?.to_owned())
}

/// The header without its keyed digest, members in the order of their names.
fn without_mac(header: &[u8]) -> Vec<u8> {
    match serde_json::from_slice::<Value>(header) {
        Ok(Value::Object(mut it)) => {
            it.remove("mac");
            serde_json::to_vec(&it).unwrap_or_default()
        }
        _ => header.to_vec(),
    }
}
