//! Promises about claims: keys that are unique in the tenant.

use super::Fixture;
use super::append::append;
use super::make::*;
use crate::ports::EventStore;
use crate::types::*;

const ANY: Expectation = Expectation::Any;

async fn holder(store: &impl EventStore, text: &str) -> Option<StreamTag> {
    store.claim(&vesterby(), &claim(text)).await.unwrap()
}

/// A claim is held by one stream; claiming it again for the same one is no conflict.
pub async fn a_claim_is_held_by_one_stream<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    assert_eq!(holder(&*store, "a").await, None);
    append(&*store, [draft(1).on(1, ANY, 1).claims("a").done()]).await;
    let answers = append(
        &*store,
        [
            draft(2).on(2, ANY, 1).claims("b").claims("a").done(),
            draft(3).on(1, ANY, 1).claims("a").done(),
        ],
    )
    .await;
    assert_eq!(answers[0], Err(Refused::ClaimTaken { claim: 1 }));
    assert!(answers[1].is_ok());
    assert_eq!(holder(&*store, "a").await, Some(tag(1)));
    assert_eq!(holder(&*store, "b").await, None);
    let other_kind = Claim { kind: "cpr".to_owned(), ..claim("a") };
    assert_eq!(store.claim(&vesterby(), &other_kind).await.unwrap(), None);
}

/// Who released a claim holds it no more; somebody else may take it.
pub async fn a_released_claim_is_free<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [draft(1).on(1, ANY, 1).claims("a").done()]).await;
    append(&*store, [draft(2).on(1, ANY, 1).releases("a").done()]).await;
    assert_eq!(holder(&*store, "a").await, None);
    assert!(append(&*store, [draft(3).on(2, ANY, 1).claims("a").done()]).await[0].is_ok());
    assert_eq!(holder(&*store, "a").await, Some(tag(2)));
}

/// One append releases a claim of one stream and takes it for another.
pub async fn a_claim_moves_in_one_append<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [draft(1).on(1, ANY, 1).claims("a").done()]).await;
    let moved = draft(2).on(2, ANY, 1).claims("a").on(1, ANY, 1).releases("a").done();
    assert!(append(&*store, [moved]).await[0].is_ok());
    assert_eq!(holder(&*store, "a").await, Some(tag(2)));
    let both = draft(3).on(3, ANY, 1).claims("b").on(4, ANY, 1).claims("b").done();
    assert_eq!(append(&*store, [both]).await[0], Err(Refused::ClaimTaken { claim: 1 }));
}

/// Only the holder can release a claim; others release nothing, and are not refused for it.
pub async fn a_release_by_another_is_ignored<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [draft(1).on(1, ANY, 1).claims("a").done()]).await;
    let other = draft(2).on(2, ANY, 1).releases("a").releases("nobody's").done();
    assert!(append(&*store, [other]).await[0].is_ok());
    assert_eq!(holder(&*store, "a").await, Some(tag(1)));
    let trick = draft(3).on(2, ANY, 1).releases("a").claims("a").done();
    assert_eq!(append(&*store, [trick]).await[0], Err(Refused::ClaimTaken { claim: 0 }));
}

/// A refused append neither claims nor releases.
pub async fn a_refused_append_claims_nothing<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [draft(1).on(1, ANY, 1).claims("a").done()]).await;
    let refused =
        draft(2).on(1, Expectation::NoStream, 1).releases("a").on(2, ANY, 1).claims("b").done();
    assert!(append(&*store, [refused]).await[0].is_err());
    assert_eq!(holder(&*store, "a").await, Some(tag(1)));
    assert_eq!(holder(&*store, "b").await, None);
}

/// In a batch, claims pass from member to member in their order; what stands at the end is stored.
pub async fn claims_in_a_batch_are_taken_in_order<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let answers = append(
        &*store,
        [
            draft(1).on(1, ANY, 1).claims("a").done(),
            draft(2).on(2, ANY, 1).claims("a").done(),
            draft(3).on(1, ANY, 1).releases("a").done(),
            draft(4).on(2, ANY, 1).claims("a").claims("b").done(),
            draft(5).on(2, ANY, 1).releases("b").done(),
        ],
    )
    .await;
    let accepted: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(accepted, [true, false, true, true, true]);
    assert_eq!(holder(&*store, "a").await, Some(tag(2)));
    assert_eq!(holder(&*store, "b").await, None);
    drop(store);
    let fixture = fixture.reopen().await;
    assert_eq!(holder(&*fixture.store(), "a").await, Some(tag(2)));
}
