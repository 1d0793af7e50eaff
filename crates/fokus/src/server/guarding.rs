//! What stands guard over a server's logs, and shows them to others, as the flags say: the anchor, the
//! witnesses, the listener for tiles.

use std::net::SocketAddr;
use std::sync::Arc;

use fokus_app::guard::{Safeguards, Witness};
use fokus_tlog::tiles;
use fokus_tlog::witness::HttpWitness;
use tokio::net::TcpListener;

use super::anchor::AnchorFolder;
use super::flags::Guarding;
use super::store::StoreKind;
use crate::failure::Failure;

/// The safeguards that the flags ask for.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] when the anchor is not there or a witness is not named as it must be.
pub(crate) fn safeguards(flags: &Guarding, store: &StoreKind) -> Result<Safeguards, Failure> {
    let mut safeguards = Safeguards::default();
    if let Some(folder) = &flags.anchor {
        safeguards.anchors = Some(Arc::new(AnchorFolder::open(folder, store)?));
    }
    if flags.witness.len() != flags.witness_key.len() {
        let words = "each --witness needs its --witness-key, in the same order";
        return Err(Failure::CouldNotRun(words.to_owned()));
    }
    for (prefix, key) in flags.witness.iter().zip(&flags.witness_key) {
        let witness = HttpWitness::new(prefix, key)
            .map_err(|error| Failure::CouldNotRun(format!("witness {prefix}: {error}")))?;
        let witness: Arc<dyn Witness> = Arc::new(witness);
        safeguards.witnesses.push(witness);
    }
    Ok(safeguards)
}

/// The listener for tiles, if the flags ask for one, and where it is.
///
/// # Errors
///
/// [`Failure::CouldNotRun`] when it cannot be listened there.
pub(crate) async fn tiles_listener(
    flags: &Guarding,
) -> Result<Option<(TcpListener, SocketAddr)>, Failure> {
    let Some(address) = flags.tiles else { return Ok(None) };
    let failed = |error: &dyn std::error::Error| match error.source() {
        Some(cause) => Failure::CouldNotRun(format!("{error}: {cause}")),
        None => Failure::CouldNotRun(error.to_string()),
    };
    let listener = tiles::bind(address, flags.tiles_anywhere).await.map_err(|it| failed(&it))?;
    let address = listener.local_addr().map_err(|it| failed(&it))?;
    Ok(Some((listener, address)))
}
