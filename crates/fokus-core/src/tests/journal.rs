//! Executes commands in memory, as a server does: loads, opens, decides, appends.

use std::collections::BTreeMap;
use std::panic::Location;

use jiff::civil::{Date, date};
use uuid::Uuid;

use crate::codes::Precision;
use crate::command::assessing::*;
use crate::command::people::*;
use crate::command::statistics::*;
use crate::command::*;
use crate::decide;
use crate::effective::Clocks;
use crate::fact::Fact;
use crate::ids::{EventId, StreamRef};
use crate::person::Personal;
use crate::record::{Opened, Recorded};
use crate::rejection::{Reason, Rejection};
use crate::statistics::tables_of;
use crate::time::{Occurred, day_start_ms};
use crate::views::programme::{ProgrammeRow, row_of};
use crate::world::{Circumstances, Decision, QuarterTables, World};

/// The day on which all rows are asked.
pub(super) const TODAY: Date = date(2020, 1, 15);
const HALF_DAY_MS: i64 = 12 * 3_600_000;

/// A command with the circumstances that rows vary.
#[derive(Clone)]
pub(super) struct Ask {
    command: Command,
    day: Date,
    precision: Precision,
    basis: Option<&'static str>,
    confirmed: Vec<String>,
    by: &'static str,
}

/// The command, for an act on 1 June 2019, without a basis of its own.
pub(super) fn ask(command: impl Into<Command>) -> Ask {
    Ask {
        command: command.into(),
        day: date(2019, 6, 1),
        precision: Precision::Exact,
        basis: None,
        confirmed: Vec::new(),
        by: "worker-1",
    }
}

impl Ask {
    /// Asked by somebody else.
    pub(super) fn by(self, subject: &'static str) -> Self {
        Ask { by: subject, ..self }
    }

    pub(super) fn on(self, year: i16, month: i8, day: i8) -> Self {
        Ask { day: date(year, month, day), ..self }
    }

    pub(super) fn some_day_of(self, year: i16, month: i8) -> Self {
        Ask { day: date(year, month, 1), precision: Precision::Month, ..self }
    }

    pub(super) fn by_law(self) -> Self {
        Ask { basis: Some("SEL_11"), ..self }
    }

    pub(super) fn confirming(self, reason: Reason) -> Self {
        Ask { confirmed: vec![reason.code().to_owned()], ..self }
    }

    pub(super) fn circumstances(&self) -> Circumstances {
        Circumstances {
            now_ms: u64::try_from(day_start_ms(TODAY) + HALF_DAY_MS).unwrap(),
            occurred: Occurred {
                at_ms: day_start_ms(self.day) + HALF_DAY_MS,
                offset_min: 60,
                precision: self.precision,
            },
            actor: Actor {
                sub: self.by.to_owned(),
                role: "caseworker".to_owned(),
                unit: None,
                on_behalf_of: None,
            },
            basis: self.basis.map(|code| LegalBasis { code: code.to_owned(), provision: None }),
            confirmations: self.confirmed.clone(),
        }
    }
}

/// What has been recorded.
#[derive(Clone, Default)]
pub(super) struct Journal {
    synthetic: bool,
    streams: BTreeMap<StreamRef, Vec<Recorded>>,
    personal: Personal,
    position: u64,
}

impl Journal {
    /// An empty store of invented people.
    pub(super) fn synthetic() -> Self {
        Journal { synthetic: true, ..Journal::default() }
    }

    /// The world that the command is decided in.
    pub(super) fn world(&self, command: &Command) -> World {
        let mut world = World { synthetic: self.synthetic, ..World::default() };
        for stream in decide::reads(command) {
            world.add(stream, self.history(stream));
        }
        for stream in decide::reads_more(command, &world) {
            world.add(stream, self.history(stream));
        }
        world.quarter = decide::counts(command).and_then(|(programme, quarter)| {
            let tables = tables_of(&self.programme_rows(), programme, quarter)?;
            Some(QuarterTables { as_of_position: self.position, tables })
        });
        let opened = decide::opens(command, &world);
        let needed = self.personal.iter().filter(|((event, _), _)| opened.contains(event));
        world.personal = needed.map(|(key, value)| (key.clone(), value.clone())).collect();
        world
    }

    fn programme_rows(&self) -> Vec<ProgrammeRow> {
        self.streams.values().filter_map(|it| row_of(it, &Clocks::NOW)).collect()
    }

    pub(super) fn history(&self, stream: StreamRef) -> Vec<Recorded> {
        self.streams.get(&stream).cloned().unwrap_or_default()
    }

    /// The same, had the newest event of a stream been another, as a program with a fault would record.
    pub(super) fn edited(mut self, stream: StreamRef, edit: impl FnOnce(&mut Fact)) -> Self {
        let newest = self.streams.get_mut(&stream).and_then(|it| it.last_mut());
        edit(&mut newest.expect("an event").fact);
        self
    }

    pub(super) fn personal(&self) -> &Personal {
        &self.personal
    }

    pub(super) fn decide(&self, ask: &Ask) -> Result<Decision, Rejection> {
        decide::decide(&self.world(&ask.command), &ask.command, &ask.circumstances())
    }

    /// Decides and records; gives the types of the new events.
    pub(super) fn execute(&mut self, ask: &Ask) -> Result<Vec<&'static str>, Rejection> {
        let decision = self.decide(ask)?;
        let mut types = Vec::new();
        for (stream, records) in decision.appends {
            for record in records {
                types.push(record.fact.type_name());
                self.position += 1;
                let event_id = EventId(Uuid::from_u128(0xe000 + u128::from(self.position)));
                for field in record.personal {
                    assert!(!field.persons.is_empty(), "a personal field is about somebody");
                    self.personal.insert((event_id, field.field), Opened::Known(field.value));
                }
                let history = self.streams.entry(stream).or_default();
                history.push(recorded(event_id, self.position, history.len(), ask, record.fact));
                let last = history.last_mut().unwrap();
                last.basis = decision.basis.clone().map(Into::into);
            }
        }
        Ok(types)
    }

    /// The same journal after the command, which must be accepted.
    #[track_caller]
    pub(super) fn after(mut self, ask: Ask) -> Self {
        if let Err(rejection) = self.execute(&ask) {
            panic!("refused: {rejection}");
        }
        self
    }

    /// The same journal with every personal field of the stream erased.
    pub(super) fn erased(mut self, stream: impl Into<StreamRef>) -> Self {
        let events: Vec<_> = self.history(stream.into()).iter().map(|it| it.event_id).collect();
        for ((event, _), value) in &mut self.personal {
            if events.contains(event) {
                *value = Opened::Erased;
            }
        }
        self
    }
}

fn recorded(event_id: EventId, position: u64, before: usize, ask: &Ask, fact: Fact) -> Recorded {
    Recorded {
        event_id,
        position,
        revision: u64::try_from(before).unwrap() + 1,
        recorded_ms: ask.circumstances().now_ms,
        occurred: ask.circumstances().occurred,
        basis: None,
        actor: ask.circumstances().actor.into(),
        fact,
    }
}

/// One rule: in this journal, this is asked, this is the answer.
#[derive(Clone)]
pub(super) struct Row {
    place: &'static Location<'static>,
    journal: Journal,
    ask: Ask,
    answer: Result<&'static str, (Reason, &'static str)>,
}

/// The command is accepted as one event of that type.
#[track_caller]
pub(super) fn yes(journal: &Journal, ask: Ask, event_type: &'static str) -> Row {
    Row { place: Location::caller(), journal: journal.clone(), ask, answer: Ok(event_type) }
}

/// The command is refused for that reason, at that field; the empty field is none.
#[track_caller]
pub(super) fn no(journal: &Journal, ask: Ask, reason: Reason, field: &'static str) -> Row {
    let answer = Err((reason, field));
    Row { place: Location::caller(), journal: journal.clone(), ask, answer }
}

/// Asks every row; gives the reasons that were met. What was accepted is recorded and folded: it
/// must also be possible to remember.
pub(super) fn check(rows: Vec<Row>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for row in rows {
        let Row { place, mut journal, ask, answer } = row;
        let actual = journal.execute(&ask);
        match (&actual, answer) {
            (Ok(types), Ok(expected)) => assert_eq!(*types, [expected], "row at {place}"),
            (Err(it), Err((reason, field))) => {
                let actual = (it.reason, it.field.as_deref().unwrap_or_default());
                assert_eq!(actual, (reason, field), "row at {place}: {}", it.rule);
                reasons.push(it.reason);
            }
            (Ok(types), Err((reason, _))) => {
                panic!("row at {place}: accepted as {types:?}, not refused as {}", reason.code())
            }
            (Err(it), Ok(expected)) => panic!("row at {place}: {it}, not accepted as {expected}"),
        }
        let stream = decide::reads(&ask.command)[0];
        assert_eq!(
            journal.world(&ask.command).revision(stream),
            Some(u64::try_from(journal.history(stream).len()).unwrap())
        );
    }
    reasons
}

macro_rules! into_command {
    ($($name:ident),* $(,)?) => { $(
        impl From<$name> for Command {
            fn from(it: $name) -> Command {
                Command::$name(it.into())
            }
        }
    )* };
}

into_command!(
    RegisterPerson,
    EstablishPersonIdentity,
    RegisterFamily,
    AddFamilyMember,
    RemoveFamilyMember,
    SubmitReferral,
    TriageReferral,
    OpenCase,
    AssignWorker,
    EnterCasePhase,
    OpenYouthTrack,
    RecordContact,
    RecordNote,
    CorrectEntry,
    MarkMistaken,
    WithdrawMistakenMark,
    StartAssessment,
    JudgeRisk,
    ConcludeAssessment,
    DraftPlan,
    SetGoal,
    AgreePlan,
    OrderIntervention,
    StartIntervention,
    HoldSession,
    EndIntervention,
    DescribeAssessmentArea,
    StateFactor,
    AdministerInstrument,
    ConcludeAssessmentProvisionally,
    AbandonAssessment,
    ReceiveExternalAssessment,
    RecordIncident,
    ReportAbsence,
    ReportEducationStatus,
    ReportEmploymentStatus,
    AdjustIntervention,
    DeclineIntervention,
    PauseIntervention,
    ResumeIntervention,
    OpenProgramme,
    EmployWorker,
    ChangePersonName,
    RecordContactPoint,
    EndContactPoint,
    RecordLanguageNeed,
    RecordDeath,
    SetSpecialCareMarker,
    ClearSpecialCareMarker,
    ChangeMemberRole,
    StateRelationship,
    EndRelationship,
    ChoosePrimaryContact,
    AddNetworkPerson,
    RemoveNetworkPerson,
    UndoFamilyRegistration,
    GrantRole,
    RevokeRole,
    DeclareConflictOfInterest,
    EndConflictOfInterest,
    TrainWorker,
    PublishMethodVersion,
    RetireMethodVersion,
    SetDisclosureRules,
    ReleaseStatistic,
    WithdrawStatistic,
    RequestReferralInfo,
    SupplyReferralInfo,
    DeclineReferral,
    WithdrawReferral,
    OfferPlace,
    AcceptPlace,
    RefusePlace,
    UnassignWorker,
    CompleteHandover,
    PauseCase,
    ResumeCase,
    ProposeClosure,
    ApproveClosure,
    RejectClosure,
    CloseCase,
    ReopenCase,
    RecordPostClosureContact,
    GiveFamilySatisfaction,
    ProposeAcuteOverride,
    ApproveAcuteOverride,
    RejectAcuteOverride,
    AddPartyStatement,
    RaiseFlag,
    ResolveFlag,
    RecordSupervisionNote,
);
