//! The two clocks over the wire: what was known, what had happened, what one wrote oneself; and
//! corrections that change what is read and never what was recorded.

use std::time::Duration;

use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::*;
use tonic::Code;

use crate::harness::clients::{Clients, Refused};
use crate::harness::every_store::on_every_store;
use crate::harness::in_time;
use crate::harness::place::{Place, Role};
use crate::harness::readings::{check_rebuilds_are_equal, views};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::{FOUNDED_ON, OPENED_ON, World, instant, on, request};

on_every_store!(
    what_one_wrote_is_read_at_its_position_and_nothing_is_beyond_the_head,
    a_read_of_the_past_shows_what_was_known_and_what_had_happened,
    a_correction_is_what_one_reads_and_the_original_stays_reachable,
    an_entry_marked_mistaken_is_left_out_until_the_mark_is_withdrawn,
    a_timeline_is_paged_without_a_gap_or_a_repetition,
    a_view_is_rebuilt_while_others_write_and_nothing_is_lost,
);

fn known_at(position: i64) -> Option<Clocks> {
    Some(Clocks { known: Some(clocks::Known::KnownAtPosition(position)), was: None })
}

fn was_at(date: &str) -> Option<Clocks> {
    Some(Clocks { known: None, was: Some(clocks::Was::WasAtDate(date.to_owned())) })
}

struct Stage {
    _server: Server,
    worker: Clients,
    operator: Clients,
    world: World,
    seeded: Seeded,
}

impl Stage {
    async fn new(place: &Place, name: &str) -> Stage {
        let server = Server::start(place).await;
        let worker = server.clients(place, Role::TeamLead, "lead-1").await;
        let operator = server.clients(place, Role::Operator, "operator-1").await;
        let mut seeded = Seeded::new(name);
        let world = World::new(&mut seeded, 0);
        worker.all_accepted(world.commands(&mut seeded)).await;
        Stage { _server: server, worker, operator, world, seeded }
    }

    async fn status(&self, min_position: i64, clocks: Option<Clocks>) -> FamilyStatus {
        let answer = self.worker.status(&self.world.family_id, min_position, clocks).await;
        let answer = answer.unwrap_or_else(|it| panic!("{:?} {}", it.code(), it.message()));
        assert!(answer.as_of_position >= min_position);
        answer.status.expect("a status")
    }

    async fn timeline(&self, min_position: i64, clocks: Option<Clocks>) -> Vec<TimelineEntry> {
        let family_id = self.world.family_id.clone();
        let request = GetTimelineRequest { family_id, min_position, clocks, ..Default::default() };
        self.worker.timeline(request).await.entries
    }

    /// Waits for every view.
    async fn all_views_reach(&self, position: i64) {
        let arrived = async {
            while views(&self.operator).await.views.iter().any(|it| it.position < position) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        in_time("every view", arrived).await;
    }

    /// Records a visit on that day; gives its position.
    async fn visit(&mut self, day: &str, minutes: i32, text: &str) -> ExecuteResponse {
        let visit = Command::RecordContact(self.world.visit(&mut self.seeded, minutes, text));
        self.worker.accepted(on(day, request(&mut self.seeded, visit))).await
    }
}

async fn what_one_wrote_is_read_at_its_position_and_nothing_is_beyond_the_head(place: Place) {
    let mut stage = Stage::new(&place, "clocks/own").await;
    for number in 1..=20 {
        let written = stage.visit("2019-04-01", 10, "Kaffe.").await;
        let status = stage.status(written.position, None).await;
        assert_eq!((status.contacts, status.contact_minutes), (number, 10 * number));
        assert_eq!(status.last_position, written.position);
        assert_eq!(status.revision, written.streams[0].revision);
        let entries = stage.timeline(written.position, None).await;
        assert_eq!(entries.len(), 4 + usize::try_from(number).unwrap());
    }
    let beyond = stage.worker.head().await + 1;
    let family_id = &stage.world.family_id;
    for clocks in [None, known_at(beyond)] {
        let min_position = if clocks.is_none() { beyond } else { 0 };
        let status = stage.worker.status(family_id, min_position, clocks).await;
        Refused::of(&status.expect_err("a refusal")).is(Code::OutOfRange, "BEYOND_HEAD");
    }
}

async fn a_read_of_the_past_shows_what_was_known_and_what_had_happened(place: Place) {
    let mut stage = Stage::new(&place, "clocks/past").await;
    let later = stage.visit("2019-09-02", 30, "Besøg efter ferien.").await;
    let earlier = stage.visit("2019-05-06", 45, "Besøg før ferien, skrevet ind sent.").await;
    let now = stage.status(earlier.position, None).await;
    assert_eq!((now.contacts, now.contact_minutes), (2, 75));
    assert_eq!(now.last_contact_at, Some(instant("2019-09-02T12:00:00Z")));

    // Known: by position, and by time of recording.
    let then = stage.status(0, known_at(later.position)).await;
    assert_eq!((then.contacts, then.contact_minutes), (1, 30));
    assert_eq!(then.last_position, later.position);
    let known = Some(clocks::Known::KnownAtTime(earlier.recorded_at.expect("a time")));
    let then = stage.status(0, Some(Clocks { known, was: None })).await;
    assert_eq!(then.contacts, 2, "recorded until that time, inclusive");
    let known = Some(clocks::Known::KnownAtTime(instant("2019-12-31T00:00:00Z")));
    let family_id = &stage.world.family_id;
    let then = stage.worker.status(family_id, 0, Some(Clocks { known, was: None })).await;
    Refused::of(&then.expect_err("nothing was recorded then")).is(Code::NotFound, "UNKNOWN_ID");

    // Was: what had happened, whenever it was recorded.
    let rows = [
        (FOUNDED_ON, CaseState::None, 0, 0),
        (OPENED_ON, CaseState::Open, 0, 0),
        ("2019-05-05", CaseState::Open, 0, 0),
        ("2019-05-06", CaseState::Open, 1, 45),
        ("2019-09-01", CaseState::Open, 1, 45),
        ("2019-09-02", CaseState::Open, 2, 75),
    ];
    for (date, case, contacts, minutes) in rows {
        let then = stage.status(0, was_at(date)).await;
        assert_eq!(then.case_state(), case, "{date}");
        assert_eq!((then.contacts, then.contact_minutes), (contacts, minutes), "{date}");
    }
    // Both: on that day, as it was known before the late entry.
    let known = Some(clocks::Known::KnownAtPosition(later.position));
    let was = Some(clocks::Was::WasAtDate("2019-06-01".to_owned()));
    let both = Some(Clocks { known, was });
    assert_eq!(stage.status(0, both.clone()).await.contacts, 0);
    assert_eq!(stage.timeline(0, both).await.len(), 4, "family, referral, triage, case");
    let before = stage.worker.status(family_id, 0, was_at("2019-01-09")).await;
    Refused::of(&before.expect_err("not yet a family")).is(Code::NotFound, "UNKNOWN_ID");
}

/// A field of an entry as JSON; empty = the entry has none.
fn personal<'a>(entry: &'a TimelineEntry, name: &str) -> &'a str {
    entry.personal.iter().find(|it| it.name == name).map_or("", |it| it.json.as_str())
}

fn entry_of(event_id: &str) -> Option<EntryRef> {
    Some(EntryRef { entry: Some(entry_ref::Entry::EventId(event_id.to_owned())) })
}

async fn a_correction_is_what_one_reads_and_the_original_stays_reachable(place: Place) {
    let mut stage = Stage::new(&place, "clocks/corrected").await;
    let visit = stage.world.visit(&mut stage.seeded, 450, "Besøg i hjemmet, 45 minuter.");
    let wrong = request(&mut stage.seeded, Command::RecordContact(visit.clone()));
    let wrong = stage.worker.accepted(on("2019-05-06", wrong)).await;
    let right =
        RecordContact { minutes: 45, text: "Besøg i hjemmet, 45 minutter.".to_owned(), ..visit };
    let correction = CorrectEntry {
        stream: Some(stage.world.stream()),
        entry: entry_of(&wrong.event_ids[0]),
        reason: CorrectionReason::Typo.into(),
        explanation: "Et nul for meget.".to_owned(),
        corrected: Some(CorrectedCommand {
            command: Some(corrected_command::Command::RecordContact(right)),
        }),
        corrected_occurred_at: None,
    };
    let correction = request(&mut stage.seeded, Command::CorrectEntry(correction));
    let corrected = stage.worker.accepted(correction).await;

    let status = stage.status(corrected.position, None).await;
    assert_eq!((status.contacts, status.contact_minutes), (1, 45));
    assert_eq!(status.corrected_recently, 1);
    let entries = stage.timeline(corrected.position, None).await;
    let entry = entries.last().expect("the visit");
    assert_eq!(entry.event_id, wrong.event_ids[0]);
    assert_eq!(entry.corrected_by, corrected.streams[0].revision);
    assert_eq!(personal(entry, "text"), "\"Besøg i hjemmet, 45 minutter.\"");
    assert!(entry.facts_json.contains("\"minutes\":45"), "the facts are corrected");

    // As it was known before.
    let then = stage.status(0, known_at(wrong.position)).await;
    assert_eq!((then.contact_minutes, then.corrected_recently), (450, 0));
    let entries = stage.timeline(0, known_at(wrong.position)).await;
    let entry = entries.last().expect("the visit");
    assert_eq!(
        (entry.corrected_by, personal(entry, "text")),
        (0, "\"Besøg i hjemmet, 45 minuter.\"")
    );

    // As recorded.
    let stream = Some(stage.world.stream());
    let after_revision = wrong.streams[0].revision - 1;
    let request = ReadHistoryRequest { stream, after_revision, ..Default::default() };
    let history = stage.worker.history(request).await;
    let field = |event: &HistoryEvent, name: &str| {
        event.fields.iter().find(|it| it.name == name).map(|it| it.json.clone())
    };
    assert_eq!(history.len(), 2);
    assert_eq!(field(&history[0], "minutes").as_deref(), Some("450"));
    assert_eq!(field(&history[0], "text").as_deref(), Some("\"Besøg i hjemmet, 45 minuter.\""));
    assert_eq!(history[1].r#type, "EntryCorrected");
    assert_eq!(field(&history[1], "explanation").as_deref(), Some("\"Et nul for meget.\""));
}

async fn an_entry_marked_mistaken_is_left_out_until_the_mark_is_withdrawn(place: Place) {
    let mut stage = Stage::new(&place, "clocks/mistaken").await;
    let visit = stage.visit("2019-05-06", 45, "Hører til en anden familie.").await;
    let mark = Command::MarkMistaken(MarkMistaken {
        stream: Some(stage.world.stream()),
        entry: entry_of(&visit.event_ids[0]),
        reason: MistakeReason::WrongFamily.into(),
        explanation: "Forkert familie.".to_owned(),
    });
    let mark = request(&mut stage.seeded, mark);
    let marked = stage.worker.accepted(mark.clone()).await;
    assert_eq!(stage.status(marked.position, None).await.contacts, 0);
    assert_eq!(stage.timeline(marked.position, None).await.len(), 4);
    let twice = ExecuteRequest { command_id: stage.seeded.id(), ..mark };
    stage.worker.refused(twice).await.is(Code::FailedPrecondition, "MARK_STATE");
    let family_id = stage.world.family_id.clone();
    let with_mistaken =
        GetTimelineRequest { family_id, include_mistaken: true, ..Default::default() };
    let shown = stage.worker.timeline(with_mistaken).await.entries;
    assert_eq!(shown.last().expect("the visit").mistaken_by, marked.streams[0].revision);

    let withdrawal = Command::WithdrawMistakenMark(WithdrawMistakenMark {
        stream: Some(stage.world.stream()),
        entry: entry_of(&visit.event_ids[0]),
        explanation: "Den rigtige familie alligevel.".to_owned(),
    });
    let withdrawn = stage.worker.accepted(request(&mut stage.seeded, withdrawal)).await;
    assert_eq!(stage.status(withdrawn.position, None).await.contacts, 1);
    assert_eq!(stage.status(0, known_at(marked.position)).await.contacts, 0);
    assert_eq!(stage.status(0, known_at(visit.position)).await.contacts, 1);
    assert_eq!(stage.timeline(withdrawn.position, None).await.len(), 5);
}

async fn a_timeline_is_paged_without_a_gap_or_a_repetition(place: Place) {
    let mut stage = Stage::new(&place, "clocks/pages").await;
    let mut position = 0;
    // Written in another order than it happened, and two on the same day.
    for day in ["2019-06-03", "2019-04-01", "2019-06-03", "2019-05-06", "2019-03-05", "2019-07-01"]
    {
        position = stage.visit(day, 20, "Besøg.").await.position;
    }
    for by_recorded in [false, true] {
        let whole = |page_size: i32, page_token: String| GetTimelineRequest {
            family_id: stage.world.family_id.clone(),
            page_size,
            page_token,
            min_position: position,
            by_recorded,
            ..Default::default()
        };
        let all = stage.worker.timeline(whole(0, String::new())).await;
        assert_eq!((all.entries.len(), all.next_page_token.as_str()), (10, ""));
        let order = |it: &TimelineEntry| {
            let time = it.occurred_at.as_ref().and_then(|it| it.time).expect("a time");
            if by_recorded { (it.revision, 0) } else { (time.seconds, it.revision) }
        };
        assert!(all.entries.iter().map(order).is_sorted(), "ordered by the clock asked for");
        for page_size in [1, 3, 9, 10, 11] {
            let (mut paged, mut token) = (Vec::new(), String::new());
            loop {
                let page = stage.worker.timeline(whole(page_size, token)).await;
                assert!(page.entries.len() <= usize::try_from(page_size).unwrap());
                paged.extend(page.entries);
                token = page.next_page_token;
                if token.is_empty() {
                    break;
                }
            }
            assert!(paged == all.entries, "pages of {page_size} are the whole");
        }
    }
}

async fn a_view_is_rebuilt_while_others_write_and_nothing_is_lost(place: Place) {
    let mut stage = Stage::new(&place, "clocks/rebuild").await;
    let before = views(&stage.operator).await;
    assert_eq!(before.views.len(), 7);
    let head = stage.worker.head().await;
    let paged = ListFamiliesRequest { page_size: 1, min_position: head, ..Default::default() };
    let token = {
        let second = World::new(&mut stage.seeded, 1);
        let position = stage.worker.all_accepted(second.commands(&mut stage.seeded)).await;
        let page = stage.worker.list(ListFamiliesRequest { min_position: position, ..paged }).await;
        assert_eq!(page.families.len(), 1);
        page.next_page_token
    };
    assert_ne!(token, "");

    let mut notes = Vec::new();
    for number in 0..60 {
        notes.push(stage.world.note(&mut stage.seeded, &format!("Under ombygning {number}.")));
    }
    let writer = stage.worker.clone();
    let writing = writer.all_accepted(notes);
    let rebuilding = check_rebuilds_are_equal(&stage.operator);
    let (position, ()) = tokio::join!(writing, rebuilding);

    let status = stage.status(position, None).await;
    assert_eq!((status.notes, status.last_position), (60, position));
    assert_eq!(stage.timeline(position, None).await.len(), 64);
    stage.all_views_reach(position).await;
    let after = views(&stage.operator).await;
    for (before, after) in before.views.iter().zip(&after.views) {
        assert_eq!((&after.name, after.revision), (&before.name, before.revision));
        assert!(after.build > before.build, "a rebuild is a build of its own");
        assert_eq!((after.position, after.halted_at), (position, 0));
    }
    // A list that was begun before begins again.
    let purpose = stage.worker.purpose;
    let stale =
        ListFamiliesRequest { purpose, page_size: 1, page_token: token, ..Default::default() };
    let stale = stage.worker.family.clone().list_families(stale).await;
    Refused::of(&stale.expect_err("a refusal")).is(Code::Aborted, "PAGE_TOKEN_STALE");
}
