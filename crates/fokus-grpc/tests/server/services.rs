//! Commands and reads.

use fokus_proto::v1;
use tonic::Code;

use crate::harness::*;

#[tokio::test]
async fn a_command_repeated_gives_its_first_answer() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let first = worker.execute(1, register_person(100)).await;
    assert_eq!((first.position, first.replayed), (1, false));
    assert_eq!(first.streams.len(), 1);
    assert_eq!(first.streams[0].kind, i32::from(v1::StreamKind::Person));
    assert_eq!(
        (first.streams[0].id.as_str(), first.streams[0].revision),
        (&*id(100).to_string(), 1)
    );
    assert_eq!(first.event_ids.len(), 1);
    assert_eq!(first.recorded_at.unwrap().seconds, i64::try_from(JOURNAL_NOW_MS / 1_000).unwrap());
    assert!(first.checkpoint.starts_with(b"test/aarhus/journal\n1\n"));

    let again = worker.execute(1, register_person(100)).await;
    assert_eq!(again, v1::ExecuteResponse { replayed: true, ..first.clone() });

    let asked = v1::GetCommandRequest {
        command_id: id(1).to_string(),
        purpose: v1::Purpose::Casework.into(),
    };
    let told = worker.journal.get_command(asked.clone()).await.unwrap().into_inner();
    assert_eq!(told.outcome, Some(v1::ExecuteResponse { replayed: true, ..first }));

    let status = worker.journal.execute(request(1, register_person(101))).await.unwrap_err();
    check(&status, Code::AlreadyExists, "COMMAND_ID_REUSED");

    let mut other =
        server.client("worker-2", "CASEWORKER", fokus_core::codes::Purpose::Casework).await;
    let status = other.journal.get_command(asked).await.unwrap_err();
    check(&status, Code::NotFound, "UNKNOWN_ID");
    server.stop().await;
}

#[tokio::test]
async fn a_malformed_field_is_named_and_its_value_is_not() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let v1::execute_request::Command::RegisterPerson(person) = register_person(100) else {
        panic!("a person");
    };
    let bad = v1::RegisterPerson { person_id: "secret".into(), ..person };
    let command = v1::execute_request::Command::RegisterPerson(bad);
    let status = worker.journal.execute(request(1, command)).await.unwrap_err();
    let details = check(&status, Code::InvalidArgument, "FIELD_INVALID");
    let violations = &details.bad_request().unwrap().field_violations;
    assert_eq!(violations[0].field, "register_person.person_id");
    assert!(!status.message().contains("secret"));
    assert!(!String::from_utf8_lossy(status.details()).contains("secret"));

    let no_purpose = v1::ListFamiliesRequest::default();
    let status = worker.family.list_families(no_purpose).await.unwrap_err();
    let details = check(&status, Code::InvalidArgument, "FIELD_INVALID");
    assert_eq!(details.bad_request().unwrap().field_violations[0].field, "purpose");
    server.stop().await;
}

#[tokio::test]
async fn a_conflict_says_what_was_expected_and_what_is() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let conflicting =
        v1::ExecuteRequest { expected_revision: Some(3), ..request(1, register_person(100)) };
    let status = worker.journal.execute(conflicting).await.unwrap_err();
    let details = check(&status, Code::Aborted, "REVISION_CONFLICT");
    let metadata = &details.error_info().unwrap().metadata;
    assert_eq!((metadata["expected"].as_str(), metadata["actual"].as_str()), ("3", "0"));
    server.stop().await;
}

#[tokio::test]
async fn a_family_is_read_back_at_the_position_of_its_command() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let family = worker.family(1).await;
    let asked = v1::GetFamilyStatusRequest {
        family_id: family.to_string(),
        purpose: v1::Purpose::Casework.into(),
        min_position: 2,
        ..Default::default()
    };
    let answer = worker.family.get_family_status(asked.clone()).await.unwrap().into_inner();
    let status = answer.status.unwrap();
    assert_eq!((status.family_id, status.revision), (family.to_string(), 1));
    assert_eq!((status.reference.as_str(), status.last_position), ("AA-2019-0001", 2));
    assert_eq!(status.members[0].name.as_ref().unwrap().given, "Ida");
    assert!(answer.as_of_position >= 2);

    let beyond = v1::GetFamilyStatusRequest { min_position: 99, ..asked };
    let status = worker.family.get_family_status(beyond).await.unwrap_err();
    check(&status, Code::OutOfRange, "BEYOND_HEAD");
    server.stop().await;
}

#[tokio::test]
async fn lists_come_in_pages() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    for number in 1..=5 {
        worker.family(number).await;
    }
    let mut asked = v1::ListFamiliesRequest {
        purpose: v1::Purpose::Casework.into(),
        page_size: 2,
        min_position: 10,
        ..Default::default()
    };
    let (mut references, mut pages) = (Vec::new(), 0);
    loop {
        let page = worker.family.list_families(asked.clone()).await.unwrap().into_inner();
        references.extend(page.families.into_iter().map(|it| it.reference));
        pages += 1;
        if page.next_page_token.is_empty() {
            break;
        }
        asked.page_token = page.next_page_token;
    }
    let expected: Vec<_> = (1..=5).map(|it| format!("AA-2019-{it:04}")).collect();
    assert_eq!((references, pages), (expected, 3));

    let foreign = v1::ListFamiliesRequest {
        case_state: v1::CaseState::Open.into(),
        page_token: asked.page_token.clone(),
        ..asked.clone()
    };
    let status = worker.family.list_families(foreign).await.unwrap_err();
    check(&status, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
    let too_many = v1::ListFamiliesRequest { page_size: 1_001, ..asked };
    let status = worker.family.list_families(too_many).await.unwrap_err();
    check(&status, Code::InvalidArgument, "FIELD_INVALID");
    server.stop().await;
}

#[tokio::test]
async fn a_timeline_tells_what_happened() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let family = worker.family(1).await;
    let asked = v1::GetTimelineRequest {
        family_id: family.to_string(),
        purpose: v1::Purpose::Casework.into(),
        min_position: 2,
        ..Default::default()
    };
    let page = worker.family.get_timeline(asked).await.unwrap().into_inner();
    let types: Vec<_> = page.entries.iter().map(|it| it.r#type.as_str()).collect();
    assert_eq!((types, page.revision), (vec!["FamilyRegistered"], 1));
    assert_eq!(page.entries[0].actor, "worker-1");
    server.stop().await;
}

#[tokio::test]
async fn the_checkpoint_is_that_of_the_last_command() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    let executed = worker.execute(1, register_person(100)).await;
    let mut auditor = server.auditor().await;
    let asked = v1::GetCheckpointRequest { purpose: v1::Purpose::Audit.into() };
    let answer = auditor.audit.get_checkpoint(asked).await.unwrap().into_inner();
    assert_eq!(answer.checkpoint, executed.checkpoint);
    assert!(answer.verifier_key.starts_with("test/aarhus/journal+"));
    server.stop().await;
}

#[tokio::test]
async fn views_are_listed_and_rebuilt() {
    let server = Server::start().await;
    let mut worker = server.caseworker().await;
    worker.family(1).await;
    let mut operator = server.operator().await;
    let purpose = v1::Purpose::Operations.into();
    let listed = operator.operations.list_views(v1::ListViewsRequest { purpose }).await;
    let listed = listed.unwrap().into_inner();
    assert_eq!(listed.head_position, 2);
    assert!(!listed.views.is_empty());
    for view in &listed.views {
        let asked = v1::RebuildViewRequest { purpose, name: view.name.clone() };
        let mut progress = operator.operations.rebuild_view(asked).await.unwrap().into_inner();
        let mut last = None;
        while let Some(it) = progress.message().await.unwrap() {
            last = Some(it);
        }
        let last = last.expect("the last one is always told");
        assert!(last.done && last.position == last.head_position, "{}", view.name);
        assert_eq!((last.rows_changed, last.rows_added, last.rows_removed), (0, 0, 0));
    }
    let after = operator.operations.list_views(v1::ListViewsRequest { purpose }).await.unwrap();
    for (before, after) in listed.views.iter().zip(after.into_inner().views) {
        assert!(after.build > before.build, "{}", after.name);
    }

    let unknown = v1::RebuildViewRequest { purpose, name: "nonsense".into() };
    let mut progress = operator.operations.rebuild_view(unknown).await.unwrap().into_inner();
    check(&progress.message().await.unwrap_err(), Code::NotFound, "UNKNOWN_ID");
    server.stop().await;
}
