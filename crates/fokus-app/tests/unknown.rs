//! An event that this program does not know, as a newer one may have written it: nothing is folded past
//! it, and it is named.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is not there fails the test, also in its helpers"
)]

mod support;

use std::sync::Arc;

use fokus_app::journal::Journal;
use fokus_app::keyring::{Keyring, stream_slot};
use fokus_app::query::{
    CaseloadQuery, FamilyStatusQuery, InterventionListQuery, TimelineQuery, TrajectoryQuery,
    ViewsQuery,
};
use fokus_app::read::Query;
use fokus_app::session::{Access, Role};
use fokus_core::codes::Purpose;
use fokus_core::effective::Clocks;
use fokus_core::ids::FamilyId;
use fokus_core::rejection::Reason;
use fokus_store::memory::MemoryStore;
use fokus_store::{
    Append, CommandId, EventId, EventStore, Expectation, NewEvent, Revision, StreamAppend,
    StreamId, TenantId,
};
use fokus_vault::envelope::{EnvelopeContext, Field, seal};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use support::*;

/// Appends to the family's stream what only a later program would: a known type in a schema of its own.
async fn append_unknown(store: &MemoryStore, family: u128) {
    let tenant = TenantId::parse("demo").unwrap();
    let stream = StreamId { kind: "family".to_owned(), id: id(family) };
    let heads = store.stream_heads(&tenant, std::slice::from_ref(&stream)).await.unwrap();
    let head = heads[0].unwrap();
    let ports = ports(Arc::new(store.clone()), Arc::new(store.clone()), store, 9);
    let keyring = Keyring::new(ports.keys, ports.kms, ports.entropy);
    let keys = keyring.get(&tenant, &[stream_slot(head.tag)]).await.unwrap();
    let key = keys.into_iter().next().unwrap().unwrap();
    let event_id = id(999);
    let origin = store.log(&tenant).await.unwrap().origin;
    let context = EnvelopeContext {
        origin: &origin,
        event_id: *event_id.as_bytes(),
        stream_tag: head.tag.0,
        index: 0,
    };
    let header = json!({"type": "NoteRecorded", "schema": 99,
        "stream": {"kind": "family", "id": id(family)}, "command_id": id(998), "index": 0, "count": 1,
        "actor": {"sub": "worker-1", "role": "CASEWORKER"}, "purpose": "CASEWORK",
        "occurred": {"at_ms": 1_592_222_400_000_i64, "offset_min": 120, "precision": "EXACT"}});
    let fields = vec![Field { path: "h".to_owned(), value: header.to_string().into_bytes() }];
    let envelope = seal(&context, &[key.as_ref()], [1; 24], [2; 32], fields).unwrap();
    let append = Append {
        command_id: Some(CommandId(id(998))),
        controls: Vec::new(),
        streams: vec![StreamAppend {
            stream,
            tag: head.tag,
            expected: Expectation::Exactly(Revision(1)),
            events: vec![NewEvent { event_id: EventId(event_id), envelopes: vec![envelope] }],
        }],
        claims: Vec::new(),
        releases: Vec::new(),
    };
    let outcomes = store.append(&tenant, vec![append], 1_592_222_400_000).await.unwrap();
    assert!(outcomes[0].is_ok());
}

async fn halts<Q: Query<Answer: std::fmt::Debug>>(reading: (&Journal, &Access), query: Q) {
    let refused = reading.0.read(reading.1, query).await.unwrap_err();
    assert_eq!(refused.rejection().reason, Reason::ViewBehind);
}

// What waits in vain waits in paused time.
#[tokio::test(start_paused = true)]
async fn an_unknown_schema_halts_every_view_of_the_stream_at_its_position() {
    let store = memory();
    let ports = ports(Arc::new(store.clone()), Arc::new(store.clone()), &store, 0);
    let journal = Journal::start(ports, &TaskTracker::new(), CancellationToken::new());
    journal.execute(&worker(), register(1, 100, "Ane")).await.unwrap();
    journal.execute(&worker(), register(2, 101, "Bo")).await.unwrap();
    journal.execute(&worker(), register_family(3, 200, 100)).await.unwrap();
    append_unknown(&store, 200).await;
    // Whoever waits for a position learns when the view comes no further.
    let worker_access = Access { session: worker(), purpose: Purpose::Casework };
    let reading = (&journal, &worker_access);
    let (family_id, min_position, clocks) = (FamilyId(id(200)), 4, Clocks::default());
    let page_token = String::new();
    halts(reading, FamilyStatusQuery { family_id, min_position, clocks }).await;
    halts(reading, TrajectoryQuery { family_id, min_position, clocks }).await;
    let timeline = TimelineQuery {
        family_id,
        page_size: 0,
        page_token: page_token.clone(),
        min_position,
        clocks,
        by_recorded: false,
        include_mistaken: false,
        include_supervision: false,
    };
    halts(reading, timeline).await;
    let interventions = InterventionListQuery {
        page_size: 0,
        page_token: page_token.clone(),
        min_position,
        clocks,
        family_id: None,
        states: Vec::new(),
        types: Vec::new(),
        overdue_only: false,
    };
    halts(reading, interventions).await;
    halts(reading, CaseloadQuery { page_token, min_position, clocks, worker_id: None }).await;
    let operator = session(Role::Operator, "operator", "demo");
    let access = Access { session: operator, purpose: Purpose::Operations };
    let views = journal.read(&access, ViewsQuery).await.unwrap();
    assert_eq!(views.views.len(), 7);
    for view in &views.views {
        assert_eq!(view.halted, Some((4, "UPGRADE_NEEDED".to_owned())), "{}", view.name);
        assert!(view.position < 4, "{}", view.name);
    }
    let moved = register_family(4, 200, 101);
    let refused = journal.execute(&worker(), moved).await.unwrap_err();
    assert_eq!(refused.rejection().reason, Reason::UpgradeNeeded);
    let elsewhere = journal.execute(&worker(), register_family(5, 201, 101)).await.unwrap();
    assert_eq!(elsewhere.position, 5, "other families go on");
}
