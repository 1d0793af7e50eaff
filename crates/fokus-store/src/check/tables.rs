//! The tables that the log implies, as far as that can be said without keys.

use super::{Checker, Problem};
use crate::ports::Inspect;
use crate::types::*;

pub(super) async fn check(
    store: &impl Inspect,
    tenant: &TenantId,
    checker: &mut Checker,
) -> Result<(), Fault> {
    // What was appended while the log was read is not in `checker`; the tables must not be blamed.
    let grown = store.head(tenant).await?.position > checker.report.position;
    if !grown && store.tile_count(tenant).await? != checker.report.tiles {
        checker.find(None, Problem::TileStray);
    }
    streams(store, tenant, checker, grown).await?;
    commands(store, tenant, checker).await?;
    claims(store, tenant, checker, grown).await
}

async fn streams(
    store: &impl Inspect,
    tenant: &TenantId,
    checker: &mut Checker,
    grown: bool,
) -> Result<(), Fault> {
    let mut expected = checker.streams.clone();
    let mut after = None;
    loop {
        let page = store.streams(tenant, after).await?;
        let Some((_, last)) = page.last() else { break };
        after = Some(last.tag);
        for (stream, head) in page {
            let is_named = (stream == StreamId::of_log()) == (head.tag == StreamTag::OF_LOG);
            let fits = match expected.remove(&head.tag) {
                Some(implied) => implied == head || (grown && implied.last < head.last),
                None => grown && head.last > checker.report.position,
            };
            checker.report.streams = checker.report.streams.saturating_add(1);
            if !fits || !is_named {
                checker.find(Some(head.last), Problem::StreamDiffers);
            }
        }
    }
    for head in expected.into_values() {
        checker.find(Some(head.last), Problem::StreamMissing);
    }
    Ok(())
}

/// Commands account for every event exactly once.
async fn commands(
    store: &impl Inspect,
    tenant: &TenantId,
    checker: &mut Checker,
) -> Result<(), Fault> {
    let mut places: Vec<CommandPlace> = Vec::new();
    let mut after = None;
    loop {
        let page = store.commands(tenant, after).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        places.extend(page.into_iter().map(|(_, place)| place));
    }
    places.retain(|place| place.first <= checker.report.position);
    checker.report.commands = places.len() as u64;
    let controls = checker.controls.iter();
    places.extend(controls.map(|position| CommandPlace { first: *position, count: 1 }));
    places.sort_by_key(|place| place.first);
    let mut next: u64 = 1;
    for place in places {
        if place.first.0 < next {
            checker.find(Some(place.first), Problem::CommandOverlaps);
        }
        if place.first.0 > next {
            checker.find(Some(Position(next)), Problem::CommandMissing);
        }
        next = place.first.0.saturating_add(u64::from(place.count));
    }
    let after_head = checker.report.position.0.saturating_add(1);
    if next < after_head {
        checker.find(Some(Position(next)), Problem::CommandMissing);
    }
    if next > after_head {
        checker.find(Some(checker.report.position), Problem::CommandBeyond);
    }
    Ok(())
}

async fn claims(
    store: &impl Inspect,
    tenant: &TenantId,
    checker: &mut Checker,
    grown: bool,
) -> Result<(), Fault> {
    let mut after = None;
    loop {
        let page = store.claims(tenant, after).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = Some(last.clone());
        for (_, holder) in page {
            checker.report.claims = checker.report.claims.saturating_add(1);
            if !grown && !checker.streams.contains_key(&holder) {
                checker.find(None, Problem::ClaimStray);
            }
        }
    }
}
