//! Promises about the log as a whole: its name, its tree, its note, and that it lasts.

use fokus_log::note::{bundle_text, open_checkpoint, open_note};
use fokus_log::{empty_root, tree_hash};

use super::Fixture;
use super::append::{append, whole_log};
use super::make::*;
use crate::check::check_log;
use crate::ports::EventStore;
use crate::types::*;

/// The head's note is signed by the log's key over its position and root.
async fn verify(store: &impl EventStore) -> Head {
    let info = store.log(&vesterby()).await.unwrap();
    let head = store.head(&vesterby()).await.unwrap();
    let signed = open_checkpoint(&head.checkpoint, &info.origin, &info.public_key).unwrap();
    assert_eq!((signed.size, signed.root), (head.position.0, head.root));
    head
}

/// An empty log stands at position 0 and has a note.
pub async fn an_empty_log_has_a_signed_head<F: Fixture>() {
    let fixture = F::open().await;
    let head = verify(&*fixture.store()).await;
    assert_eq!((head.position, head.root, head.last_ms), (Position(0), empty_root(), 0));
}

/// A log is made by being asked for or appended to, not by being read.
pub async fn reading_makes_no_log<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    store.head(&vesterby()).await.unwrap();
    store.command(&vesterby(), command(1)).await.unwrap();
    assert_eq!(store.tenants().await.unwrap(), []);
    store.log(&tenant("osterby")).await.unwrap();
    append(&*store, [simple(1, 1)]).await;
    assert_eq!(store.tenants().await.unwrap(), [tenant("osterby"), vesterby()]);
    drop(store);
    let fixture = fixture.reopen().await;
    assert_eq!(fixture.store().tenants().await.unwrap(), [tenant("osterby"), vesterby()]);
}

/// The head's root is the tree hash (RFC 6962) over the leaves as read, after each append.
pub async fn the_head_is_the_signed_tree_over_the_leaves<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    for (id, events) in (1..).zip([1, 2, 1, 5, 3]) {
        append(&*store, [draft(id).on(1, Expectation::Any, events).done()]).await;
        let head = verify(&*store).await;
        let leaves = whole_log(&*store).await;
        assert_eq!(head.position, leaves.last().unwrap().position);
        assert_eq!(head.root, tree_hash(leaves.iter().map(|event| &event.leaf)));
    }
}

/// Leaves, links, envelopes, tiles and tables of a log with full tiles contradict nothing.
pub async fn every_check_of_a_large_log_is_sound<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let (mut id, mut position) = (0, 0);
    while position <= 1_200 {
        let members = (1..=10_u8).map(|number| {
            id += 1;
            let draft = draft(id).on(number, Expectation::Any, 7).claims(&format!("c{number}"));
            draft.on(number + 10, Expectation::Any, 1).done()
        });
        append(&*store, members).await;
        position = store.head(&vesterby()).await.unwrap().position.0;
    }
    let mut reached = Vec::new();
    let report = check_log(&*store, &vesterby(), |at| reached.push(at)).await.unwrap();
    assert_eq!(report.findings, []);
    assert!(report.is_sound());
    assert_eq!(report.root, store.head(&vesterby()).await.unwrap().root);
    assert_eq!((report.tiles, report.streams, report.claims), (position / 256, 20, 10));
    assert_eq!((report.commands, report.envelopes), (id, position * 2));
    assert_eq!(reached.last(), Some(&Position(position)));
    assert_eq!(store.tile(&vesterby(), 0, 0).await.unwrap().unwrap().hashes.len(), 256);
    assert_eq!(store.tile(&vesterby(), 0, report.tiles).await.unwrap(), None);
}

/// The log's key vouches for a bundle's list of files, and what it signs so is no checkpoint.
pub async fn the_logs_key_vouches_for_a_list_of_files<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [draft(1).on(1, Expectation::Any, 1).done()]).await;
    let info = store.log(&vesterby()).await.unwrap();
    let note = store.vouch(&vesterby(), &[7; 32]).await.unwrap();
    let text = open_note(&note, &info.origin, &info.public_key).unwrap();
    assert_eq!(text, bundle_text(&info.origin, &[7; 32]));
    assert!(open_checkpoint(&note, &info.origin, &info.public_key).is_err());
}

/// What was acknowledged survives a reopen, and the log goes on where it stood.
pub async fn what_was_acknowledged_survives_a_reopen<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    append(&*store, [draft(1).on(1, Expectation::Any, 3).claims("a").done()]).await;
    let info = store.log(&vesterby()).await.unwrap();
    let (head, events) = (verify(&*store).await, whole_log(&*store).await);
    drop(store);
    let fixture = fixture.reopen().await;
    let store = fixture.store();
    assert_eq!(store.log(&vesterby()).await.unwrap(), info);
    assert_eq!(verify(&*store).await, head);
    assert_eq!(whole_log(&*store).await, events);
    assert_eq!(store.claim(&vesterby(), &claim("a")).await.unwrap(), Some(tag(1)));
    let goes_on = draft(2).on(1, Expectation::Exactly(Revision(3)), 1).done();
    assert_eq!(append(&*store, [goes_on]).await[0].as_ref().unwrap().first.0, head.position.0 + 1);
    assert!(check_log(&*store, &vesterby(), |_| ()).await.unwrap().is_sound());
}
