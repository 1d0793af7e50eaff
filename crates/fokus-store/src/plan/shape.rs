//! Whether an append makes sense in itself, whatever the store holds.

use std::collections::HashSet;

use crate::types::*;

/// Most bytes of a stream's or claim's kind.
const KIND_BYTES_MAX: usize = 20;
/// Most bytes of a claim's tag.
const CLAIM_TAG_BYTES_MAX: usize = 64;

pub(super) fn check(append: &Append) -> Result<(), InvalidAppend> {
    check_counts(append)?;
    check_act(append)?;
    check_streams(append)?;
    let mut claims = append.claims.iter().chain(&append.releases);
    claims.try_for_each(|(index, claim)| check_claim(append, *index, claim))
}

fn check_counts(append: &Append) -> Result<(), InvalidAppend> {
    if append.streams.len() > APPEND_STREAMS_MAX {
        return Err(InvalidAppend::TooManyStreams);
    }
    if append.claims.len().max(append.releases.len()) > APPEND_CLAIMS_MAX {
        return Err(InvalidAppend::TooManyClaims);
    }
    match events(append).saturating_add(append.controls.len()) {
        0 => Err(InvalidAppend::NoEvent),
        1..=APPEND_EVENTS_MAX => Ok(()),
        _ => Err(InvalidAppend::TooManyEvents),
    }
}

fn events(append: &Append) -> usize {
    append.streams.iter().map(|part| part.events.len()).sum()
}

/// Events have a command, acts of the log have nothing beside them.
fn check_act(append: &Append) -> Result<(), InvalidAppend> {
    if append.controls.is_empty() {
        return match append.command_id {
            Some(_) => Ok(()),
            None => Err(InvalidAppend::NoCommand),
        };
    }
    let is_alone = append.command_id.is_none()
        && events(append) == 0
        && append.claims.is_empty()
        && append.releases.is_empty();
    if is_alone { Ok(()) } else { Err(InvalidAppend::ActMixed) }
}

fn check_streams(append: &Append) -> Result<(), InvalidAppend> {
    let mut streams = HashSet::new();
    let mut tags = HashSet::new();
    let mut event_ids = HashSet::new();
    if !append.controls.iter().all(|control| event_ids.insert(control.event_id)) {
        return Err(InvalidAppend::EventIdTwice);
    }
    for part in &append.streams {
        if !is_kind(&part.stream.kind) {
            return Err(InvalidAppend::Malformed);
        }
        let written = !part.events.is_empty();
        let of_log = part.stream.kind == StreamId::LOG_KIND;
        if of_log && part.stream != StreamId::of_log() {
            return Err(InvalidAppend::Malformed);
        }
        if of_log && written {
            return Err(InvalidAppend::EventOfLog);
        }
        if !streams.insert(&part.stream) || (written && !tags.insert(part.tag)) {
            return Err(InvalidAppend::StreamTwice);
        }
        if !part.events.iter().all(|event| event_ids.insert(event.event_id)) {
            return Err(InvalidAppend::EventIdTwice);
        }
    }
    Ok(())
}

fn check_claim(append: &Append, index: usize, claim: &Claim) -> Result<(), InvalidAppend> {
    if append.streams.get(index).is_none_or(|part| part.events.is_empty()) {
        return Err(InvalidAppend::ClaimWithoutStream);
    }
    let tag_fits = (1..=CLAIM_TAG_BYTES_MAX).contains(&claim.tag.len());
    if is_kind(&claim.kind) && tag_fits { Ok(()) } else { Err(InvalidAppend::Malformed) }
}

fn is_kind(kind: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=KIND_BYTES_MAX).contains(&kind.len()) && kind.bytes().all(fits)
}
