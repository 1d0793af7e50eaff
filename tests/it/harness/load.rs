//! Writers that go on until they are told to stop, whatever happens to the servers; and the ledger of what
//! was acknowledged, which is compared with the log.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::{ExecuteRequest, ExecuteResponse, ReadHistoryRequest};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::clients::{Clients, next};
use super::fleet::Doors;
use super::in_time;
use super::seeded::Seeded;
use super::world::{World, request};

/// Families that each writer may found; all of them have numbers below 100,000.
const FAMILIES_EACH: u32 = 1_500;
/// The number of the family that all write about.
const COMMON: u32 = 99_999;
/// What is written about a family after its case was opened.
const NOTES: usize = 5;
/// So often a writer writes about the common family.
const COMMON_EVERY: usize = 8;
/// Of so many acknowledged commands, one is kept to be repeated.
const KEPT_EVERY: usize = 10;

/// Writers at work.
pub(crate) struct Load {
    end: watch::Sender<bool>,
    acknowledged: watch::Receiver<u64>,
    writers: JoinSet<Written>,
    /// Where the log stood when the writing began.
    before: i64,
}

/// What one writer wrote.
#[derive(Default)]
struct Written {
    /// Command id → where it stands.
    acknowledged: BTreeMap<String, (i64, Vec<String>)>,
    refusals: Refusals,
    kept: Vec<(ExecuteRequest, ExecuteResponse)>,
    families: Vec<String>,
    replayed: usize,
}

/// A status code's name: codes have no order.
type CodeName = String;
/// Refusals by code and reason, with how often they came.
type Refusals = BTreeMap<(CodeName, String), u64>;

/// Everything that was acknowledged.
pub(crate) struct Ledger {
    acknowledged: BTreeMap<String, (i64, Vec<String>)>,
    refusals: Refusals,
    kept: Vec<(ExecuteRequest, ExecuteResponse)>,
    /// The families about which everything was written that a writer writes about one.
    pub(crate) families: Vec<String>,
    /// Commands whose acknowledgement was a repetition: a first attempt was carried out unseen.
    pub(crate) replayed: usize,
    before: i64,
}

/// What a writer writes: whole families, one after another, with a case and notes; and now and then about
/// the common one.
struct Lane {
    seeded: Seeded,
    numbers: Range<u32>,
    waiting: VecDeque<ExecuteRequest>,
    /// Families about which everything is written.
    families: Vec<String>,
    /// The one that is being written about.
    founded: Option<String>,
    common: World,
    drawn: usize,
}

impl Lane {
    fn new(name: &str, writer: usize, common: World) -> Lane {
        let first = u32::try_from(writer).expect("a small number") * FAMILIES_EACH;
        Lane {
            seeded: Seeded::new(format!("{name}/{writer}")),
            numbers: first..first + FAMILIES_EACH,
            waiting: VecDeque::new(),
            families: Vec::new(),
            founded: None,
            common,
            drawn: 0,
        }
    }

    fn next(&mut self) -> ExecuteRequest {
        self.drawn += 1;
        if self.drawn.is_multiple_of(COMMON_EVERY) {
            return self.common.note(&mut self.seeded, "Til den fælles familie.");
        }
        if self.waiting.is_empty() {
            self.found_a_family();
        }
        self.waiting.pop_front().expect("a family has commands")
    }

    fn found_a_family(&mut self) {
        let number = self.numbers.next().expect("a number is left");
        let world = World::new(&mut self.seeded, number);
        self.waiting.extend(world.commands(&mut self.seeded));
        let visit = Command::RecordContact(world.visit(&mut self.seeded, 45, "Besøg i hjemmet."));
        self.waiting.push_back(request(&mut self.seeded, visit));
        for number in 0..NOTES {
            self.waiting.push_back(world.note(&mut self.seeded, &format!("Notat {number}.")));
        }
        self.families.extend(self.founded.replace(world.family_id));
    }

    async fn run(
        mut self,
        doors: Doors,
        writer: usize,
        end: watch::Receiver<bool>,
        told: watch::Sender<u64>,
    ) -> Written {
        let mut written = Written::default();
        while !*end.borrow() {
            let request = self.next();
            let it = in_time("an acknowledgement", doors.send(writer, &request)).await;
            for refused in it.refusals {
                let kind = (format!("{:?}", refused.code), refused.reason);
                *written.refusals.entry(kind).or_default() += 1;
            }
            written.replayed += usize::from(it.answer.replayed);
            let place = (it.answer.position, it.answer.event_ids.clone());
            let before = written.acknowledged.insert(request.command_id.clone(), place);
            assert!(before.is_none(), "each command is sent once");
            if self.drawn.is_multiple_of(KEPT_EVERY) {
                written.kept.push((request, it.answer));
            }
            told.send_modify(|it| *it += 1);
        }
        written.families = self.families;
        written
    }
}

impl Load {
    /// Makes the common family at the first door, and begins to write.
    pub(crate) async fn begin(doors: &Doors, name: &str, writers: usize) -> Load {
        let mut seeded = Seeded::new(name);
        let common = World::new(&mut seeded, COMMON);
        let mut before = 0;
        for request in common.commands(&mut seeded) {
            before = in_time("the common family", doors.send(0, &request)).await.answer.position;
        }
        let (end, told) = (watch::Sender::new(false), watch::Sender::new(0));
        let mut lanes = JoinSet::new();
        for writer in 0..writers {
            let lane = Lane::new(name, writer, common.clone());
            lanes.spawn(lane.run(doors.clone(), writer, end.subscribe(), told.clone()));
        }
        Load { end, acknowledged: told.subscribe(), writers: lanes, before }
    }

    /// Waits until so many more commands have been acknowledged.
    pub(crate) async fn more(&mut self, count: u64) {
        let until = *self.acknowledged.borrow() + count;
        let reached = self.acknowledged.wait_for(|it| *it >= until);
        in_time("more acknowledgements", reached).await.expect("writers write");
    }

    /// How many commands have been acknowledged.
    pub(crate) fn acknowledged(&self) -> u64 {
        *self.acknowledged.borrow()
    }

    /// Lets every writer have its last command acknowledged, and ends.
    pub(crate) async fn finish(self) -> Ledger {
        self.end.send_replace(true);
        let mut ledger = Ledger {
            acknowledged: BTreeMap::new(),
            refusals: BTreeMap::new(),
            kept: Vec::new(),
            families: Vec::new(),
            replayed: 0,
            before: self.before,
        };
        for written in in_time("the writers' end", self.writers.join_all()).await {
            ledger.acknowledged.extend(written.acknowledged);
            for (kind, count) in written.refusals {
                *ledger.refusals.entry(kind).or_default() += count;
            }
            ledger.kept.extend(written.kept);
            ledger.families.extend(written.families);
            ledger.replayed += written.replayed;
        }
        ledger
    }
}

impl Ledger {
    /// How many commands were acknowledged.
    pub(crate) fn len(&self) -> usize {
        self.acknowledged.len()
    }

    /// Fails unless every refusal on the way was one of the journal's own, with a reason.
    #[track_caller]
    pub(crate) fn check_every_refusal_had_a_reason(&self) {
        let bare: Vec<_> =
            self.refusals.iter().filter(|((_, reason), _)| reason.is_empty()).collect();
        assert!(bare.is_empty(), "{bare:?}");
    }

    /// The refusals on the way: code, reason, how often.
    pub(crate) fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// Fails unless the log, after where it began, is dense and holds exactly what was acknowledged, each
    /// command once, where it was said to be.
    pub(crate) async fn check_log(&self, auditor: &Clients) {
        let after_position = self.before;
        let request = ReadHistoryRequest { after_position, ..Default::default() };
        let mut stream = auditor.follow(request).await;
        let mut found = BTreeMap::<String, (i64, Vec<String>)>::new();
        let (mut reached, mut last) = (self.before, String::new());
        while let Some(answer) = next(&mut stream).await {
            for event in answer.events {
                assert_eq!(event.position, reached + 1, "positions are dense");
                reached = event.position;
                let begins = event.command_id != last;
                last.clone_from(&event.command_id);
                let known = found.contains_key(&event.command_id);
                assert_eq!(begins, !known, "a command's events stand together, once");
                let place = found.entry(event.command_id).or_default();
                place.0 = event.position;
                place.1.push(event.event_id);
            }
        }
        for (command_id, place) in &self.acknowledged {
            assert_eq!(found.get(command_id), Some(place), "acknowledged, and not in the log so");
        }
        assert_eq!(found.len(), self.acknowledged.len(), "nothing is there that nobody sent");
    }

    /// Sends some commands once more: each gets its first outcome.
    pub(crate) async fn check_repetitions(&self, clients: &Clients) {
        assert!(!self.kept.is_empty());
        for (request, first) in self.kept.iter().take(100) {
            let again = clients.accepted(request.clone()).await;
            assert!(again.replayed);
            assert_eq!((again.position, &again.event_ids), (first.position, &first.event_ids));
        }
    }
}
