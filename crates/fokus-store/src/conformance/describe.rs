//! Promises to operators.

use super::Fixture;
use super::make::*;
use crate::ports::{Describe as _, EventStore as _};
use crate::types::*;

/// Engine, parts and schemas are named; what was appended takes room, and what only reads takes none.
pub async fn a_store_says_how_much_room_it_takes<F: Fixture>() {
    let fixture = F::open().await;
    let store = fixture.store();
    let before = store.about().await.unwrap();
    assert!(!before.engine.is_empty());
    let names: Vec<&str> = before.parts.iter().map(|it| it.name).collect();
    assert_eq!(names[..3], ["journal", "keys", "views"]);
    // Twice 64 appends, each of one event.
    for batch in 0..2 {
        let drafts = (1..=64).map(|it| {
            let family = u8::try_from(it).unwrap();
            draft(batch * 64 + it).on(family, Expectation::Any, 1).done()
        });
        store.append(&vesterby(), drafts.collect(), NOW_MS).await.unwrap();
    }
    let range = Range::Forward { after: Position(0), limit: 200 };
    let events = store.read_log(&vesterby(), range).await.unwrap();
    let appended: usize = events.iter().map(|it| it.leaf.len()).sum();
    assert_eq!(events.len(), 128);
    let after = store.about().await.unwrap();
    let grown = after.parts[0].bytes - before.parts[0].bytes;
    assert!(grown >= appended as u64, "{grown} bytes more for {appended} appended");
    assert_eq!(after.parts[1..], before.parts[1..], "neither keys nor views were written");
    assert_eq!(after.engine, before.engine);
    let again = store.about().await.unwrap();
    assert_eq!(again, after, "asking writes nothing");
}
