//! Leaves for mirrors.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fokus_core::codes::Purpose;
use fokus_log::edge::Edge;
use fokus_log::leaf_hash;
use fokus_proto::v1;
use tonic::Code;

use crate::harness::*;

fn leaves() -> v1::ReadLeavesRequest {
    v1::ReadLeavesRequest { purpose: v1::Purpose::Audit.into(), ..Default::default() }
}

/// The batches of a reading that ends well.
async fn read(client: &mut Client, request: v1::ReadLeavesRequest) -> Vec<v1::LeafBatch> {
    let mut answers = client.audit.read_leaves(request).await.unwrap().into_inner();
    let mut batches = Vec::new();
    while let Some(it) = answers.message().await.unwrap() {
        batches.push(it);
    }
    batches
}

#[tokio::test]
async fn a_mirror_computes_the_root_of_the_checkpoint() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    for number in 1..=300 {
        worker.family(number).await;
    }
    let mut auditor = server.auditor().await;
    let batches = read(&mut auditor, leaves()).await;
    // More than one message takes.
    let shape: Vec<_> = batches.iter().map(|it| (it.first_position, it.leaves.len())).collect();
    assert_eq!(shape, [(1, 512), (513, 88)]);
    let mut edge = Edge::new();
    for leaf in batches.iter().flat_map(|it| &it.leaves) {
        edge.push(leaf_hash(leaf));
    }
    let asked = v1::GetCheckpointRequest { purpose: v1::Purpose::Audit.into() };
    let note = auditor.audit.get_checkpoint(asked).await.unwrap().into_inner().checkpoint;
    let note = String::from_utf8(note).unwrap();
    let root = BASE64_STANDARD.encode(edge.root());
    assert_eq!(note.lines().skip(1).take(2).collect::<Vec<_>>(), ["600", root.as_str()]);
    server.stop().await;
}

#[tokio::test]
async fn a_part_of_the_leaves_is_what_was_asked_for() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    for number in 1..=5 {
        worker.family(number).await;
    }
    let mut auditor = server.auditor().await;
    let rows = [
        (v1::ReadLeavesRequest { after_position: 7, ..leaves() }, (8, 3)),
        (v1::ReadLeavesRequest { until_position: 4, ..leaves() }, (1, 4)),
        (v1::ReadLeavesRequest { after_position: 2, limit: 3, ..leaves() }, (3, 3)),
        (v1::ReadLeavesRequest { after_position: 10, ..leaves() }, (11, 0)),
        (v1::ReadLeavesRequest { after_position: 4, until_position: 4, ..leaves() }, (5, 0)),
    ];
    for (request, expected) in rows {
        let batches = read(&mut auditor, request).await;
        assert_eq!(batches.len(), 1);
        assert_eq!((batches[0].first_position, batches[0].leaves.len()), expected);
        assert_eq!(batches[0].as_of_position, 10);
    }
    server.stop().await;
}

#[tokio::test]
async fn leaves_that_make_no_sense_or_are_nobodys_business_are_refused() {
    let server = Server::start().await;
    server.caseworker().await.family(1).await;
    let mut auditor = server.auditor().await;
    let rows = [
        ("after_position", v1::ReadLeavesRequest { after_position: -1, ..leaves() }),
        ("limit", v1::ReadLeavesRequest { limit: -1, ..leaves() }),
        ("until_position", {
            v1::ReadLeavesRequest { after_position: 2, until_position: 1, ..leaves() }
        }),
    ];
    for (field, request) in rows {
        let status = auditor.audit.read_leaves(request).await.unwrap_err();
        let details = check(&status, Code::InvalidArgument, "FIELD_INVALID");
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, field);
    }
    for request in [
        v1::ReadLeavesRequest { after_position: 3, ..leaves() },
        v1::ReadLeavesRequest { until_position: 3, ..leaves() },
    ] {
        let mut answers = auditor.audit.read_leaves(request).await.unwrap().into_inner();
        check(&answers.message().await.unwrap_err(), Code::OutOfRange, "BEYOND_HEAD");
    }
    let mut operator = server.client("operator-1", "OPERATOR", Purpose::Audit).await;
    let mut answers = operator.audit.read_leaves(leaves()).await.unwrap().into_inner();
    check(&answers.message().await.unwrap_err(), Code::PermissionDenied, "NOT_PERMITTED");
    server.stop().await;
}
