//! Bad questions.

use fokus_proto::v1::*;
use tonic::{Code, Response, Status, Streaming};

use super::{Expected, INVALID, PLANTED, Stage, check};
use crate::harness::in_time;
use crate::harness::place::Role;
use crate::harness::world::World;

/// The status of a call that is refused.
#[track_caller]
fn refusal<T>(what: &str, answer: Result<Response<T>, Status>) -> Status {
    match answer {
        Ok(_) => panic!("{what}: was answered"),
        Err(it) => it,
    }
}

/// The status of a stream that is refused, at once or instead of its first message.
async fn stream_refusal<T>(what: &str, answer: Result<Response<Streaming<T>>, Status>) -> Status {
    match answer {
        Ok(stream) => {
            let first = in_time(what, stream.into_inner().message()).await;
            first.err().unwrap_or_else(|| panic!("{what}: was answered"))
        }
        Err(it) => it,
    }
}

const BEYOND: Expected = (Code::OutOfRange, "BEYOND_HEAD", "");

/// A field that is malformed.
fn field(field: &'static str) -> Expected {
    (INVALID, "FIELD_INVALID", field)
}

/// The message with something changed.
fn but<T: Clone>(message: &T, change: impl FnOnce(&mut T)) -> T {
    let mut message = message.clone();
    change(&mut message);
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_question_about_a_family_is_refused() {
    let stage = Stage::new("refusals/family").await;
    let beyond = stage.lead.head().await + 1;
    let (purpose, family_id) = (stage.lead.purpose, stage.world.family_id.clone());
    let good = GetFamilyStatusRequest { family_id, purpose, ..Default::default() };
    let known = |it| Some(Clocks { known: Some(it), was: None });
    let was = |it| Some(Clocks { known: None, was: Some(it) });
    let position = clocks::Known::KnownAtPosition;
    let before_time = prost_types::Timestamp { seconds: -70_000_000_000, nanos: 0 };
    let known_before_time = known(clocks::Known::KnownAtTime(before_time));
    let was_before_time = was(clocks::Was::WasAtTime(before_time));
    let was_on_no_day = was(clocks::Was::WasAtDate(PLANTED.to_owned()));
    let unknown = (Code::NotFound, "UNKNOWN_ID", "family_id");
    let rows = [
        ("no purpose", but(&good, |it| it.purpose = 0), field("purpose")),
        ("no family", but(&good, |it| it.family_id.clear()), field("family_id")),
        ("no UUID", but(&good, |it| it.family_id = PLANTED.to_owned()), field("family_id")),
        ("no such family", but(&good, |it| it.family_id = stage.world.case_id.clone()), unknown),
        ("before the first", but(&good, |it| it.min_position = -1), field("min_position")),
        ("beyond the head", but(&good, |it| it.min_position = beyond), BEYOND),
        ("known beyond the head", but(&good, |it| it.clocks = known(position(beyond))), BEYOND),
        (
            "known at -1",
            but(&good, |it| it.clocks = known(position(-1))),
            field("clocks.known_at_position"),
        ),
        (
            "known before time",
            but(&good, |it| it.clocks = known_before_time),
            field("clocks.known_at_time"),
        ),
        ("was on no day", but(&good, |it| it.clocks = was_on_no_day), field("clocks.was_at_date")),
        (
            "was before time",
            but(&good, |it| it.clocks = was_before_time),
            field("clocks.was_at_time"),
        ),
    ];
    for (what, request, expected) in rows {
        let answer = stage.lead.family.clone().get_family_status(request).await;
        check(what, &refusal(what, answer), expected);
    }
}

/// The first page of each list, with the token of the next; and the families' ids.
struct Pages {
    list: ListFamiliesRequest,
    list_token: String,
    timeline: GetTimelineRequest,
    timeline_token: String,
    another_family: String,
}

impl Pages {
    async fn of(stage: &mut Stage) -> Pages {
        let second = World::new(&mut stage.seeded, 1);
        let min_position = stage.lead.all_accepted(second.commands(&mut stage.seeded)).await;
        let (purpose, family_id) = (stage.lead.purpose, stage.world.family_id.clone());
        let list =
            ListFamiliesRequest { purpose, page_size: 1, min_position, ..Default::default() };
        let list_token = stage.lead.list(list.clone()).await.next_page_token;
        let timeline =
            GetTimelineRequest { family_id, purpose, page_size: 1, ..Default::default() };
        let timeline_token = stage.lead.timeline(timeline.clone()).await.next_page_token;
        assert!(!list_token.is_empty() && !timeline_token.is_empty());
        Pages { list, list_token, timeline, timeline_token, another_family: second.family_id }
    }
}

const TOKEN: Expected = (INVALID, "PAGE_TOKEN_INVALID", "page_token");

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_page_of_families_is_refused() {
    let mut stage = Stage::new("refusals/list").await;
    let Pages { list, list_token, timeline_token, .. } = Pages::of(&mut stage).await;
    let next = but(&list, |it| it.page_token = list_token);
    let known = Some(clocks::Known::KnownAtPosition(9));
    let clocks = Some(Clocks { known, was: None });
    let rows = [
        ("no purpose", but(&list, |it| it.purpose = 0), field("purpose")),
        ("1001 families", but(&list, |it| it.page_size = 1001), field("page_size")),
        ("-1 families", but(&list, |it| it.page_size = -1), field("page_size")),
        ("an invented token", but(&list, |it| it.page_token = PLANTED.to_owned()), TOKEN),
        ("a timeline's token", but(&list, |it| it.page_token = timeline_token), TOKEN),
        ("another filter's token", but(&next, |it| it.case_state = CaseState::Open.into()), TOKEN),
        ("another clock's token", but(&next, |it| it.clocks = clocks), TOKEN),
        ("unknown state", but(&list, |it| it.case_state = 99), field("case_state")),
        ("unknown phase", but(&list, |it| it.phase = 99), field("phase")),
        ("beyond the head", but(&list, |it| it.min_position += 1), BEYOND),
    ];
    for (what, request, expected) in rows {
        let answer = stage.lead.family.clone().list_families(request).await;
        check(what, &refusal(what, answer), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_page_of_a_timeline_is_refused() {
    let mut stage = Stage::new("refusals/timeline").await;
    let Pages { timeline, timeline_token, list_token, another_family, .. } =
        Pages::of(&mut stage).await;
    let next = but(&timeline, |it| it.page_token = timeline_token);
    let nobody = stage.world.case_id.clone();
    let invented = format!("1.{PLANTED}.0.0.0");
    let rows = [
        ("no purpose", but(&timeline, |it| it.purpose = 0), field("purpose")),
        ("1001 entries", but(&timeline, |it| it.page_size = 1001), field("page_size")),
        ("an invented token", but(&timeline, |it| it.page_token = invented), TOKEN),
        ("a list's token", but(&timeline, |it| it.page_token = list_token), TOKEN),
        ("another order's token", but(&next, |it| it.by_recorded = true), TOKEN),
        ("another family's token", but(&next, |it| it.family_id = another_family), TOKEN),
        (
            "no such family",
            but(&timeline, |it| it.family_id = nobody),
            (Code::NotFound, "UNKNOWN_ID", "family_id"),
        ),
    ];
    for (what, request, expected) in rows {
        let answer = stage.lead.family.clone().get_timeline(request).await;
        check(what, &refusal(what, answer), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_question_about_history_is_refused() {
    let stage = Stage::new("refusals/history-read").await;
    let (purpose, beyond) = (stage.lead.purpose, stage.lead.head().await + 1);
    let all = ReadHistoryRequest { purpose, ..Default::default() };
    let one = ReadHistoryRequest { stream: Some(stage.world.stream()), ..all.clone() };
    let no_kind = Some(but(&stage.world.stream(), |it| it.kind = 0));
    let no_uuid = Some(but(&stage.world.stream(), |it| it.id = PLANTED.to_owned()));
    let nobody = Some(but(&stage.world.stream(), |it| it.id = stage.world.case_id.clone()));
    let followed = but(&all, |it| it.follow = true);
    let rows = [
        ("no purpose", but(&all, |it| it.purpose = 0), field("purpose")),
        ("beyond the head", but(&all, |it| it.after_position = beyond), BEYOND),
        ("followed beyond the head", but(&followed, |it| it.after_position = beyond), BEYOND),
        ("before the first", but(&all, |it| it.after_position = -1), field("after_position")),
        ("-1 events", but(&all, |it| it.limit = -1), field("limit")),
        ("a revision of the log", but(&all, |it| it.after_revision = 1), field("after_revision")),
        ("a position of a stream", but(&one, |it| it.after_position = 1), field("after_position")),
        ("a stream followed", but(&one, |it| it.follow = true), field("follow")),
        ("beyond the stream", but(&one, |it| it.after_revision = 5), BEYOND),
        ("no kind", but(&all, |it| it.stream = no_kind), field("stream.kind")),
        ("no UUID", but(&all, |it| it.stream = no_uuid), field("stream.id")),
        (
            "no such family",
            but(&all, |it| it.stream = nobody),
            (Code::NotFound, "UNKNOWN_ID", "stream.id"),
        ),
    ];
    for (what, request, expected) in rows {
        let answer = stage.lead.audit.clone().read_history(request).await;
        check(what, &stream_refusal(what, answer).await, expected);
    }
    let answer = stage.lead.audit.clone().get_checkpoint(GetCheckpointRequest { purpose: 0 }).await;
    check("no purpose", &refusal("no purpose", answer), field("purpose"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_watch_is_refused() {
    let stage = Stage::new("refusals/watch").await;
    let good = WatchFamiliesRequest { purpose: stage.lead.purpose, after_position: 0 };
    let rows = [
        ("no purpose", but(&good, |it| it.purpose = 0), field("purpose")),
        ("before the first", but(&good, |it| it.after_position = -1), field("after_position")),
    ];
    for (what, request, expected) in rows {
        let answer = stage.lead.family.clone().watch_families(request).await;
        check(what, &stream_refusal(what, answer).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_operation_is_refused() {
    let stage = Stage::new("refusals/operations").await;
    let operator = stage.server.clients(&stage.place, Role::Operator, "operator-1").await;
    let answer = operator.operations.clone().list_views(ListViewsRequest { purpose: 0 }).await;
    check("no purpose", &refusal("no purpose", answer), field("purpose"));
    let request = RebuildViewRequest { purpose: operator.purpose, name: PLANTED.to_owned() };
    let answer = operator.operations.clone().rebuild_view(request).await;
    let unknown = (Code::NotFound, "UNKNOWN_ID", "name");
    check("no such view", &stream_refusal("no such view", answer).await, unknown);
}
