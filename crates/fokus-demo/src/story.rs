//! One family's life in the programme, told in order of recording.
//!
//! An agenda of days holds what is to be done; doing it writes commands down and puts more on the
//! agenda. [`Story`] keeps what the family's own course needs to know, and the tally of how it must
//! stand at the end. Read [`Task`], then the parts: [`intake`] until the case is open, [`course`]
//! through its phases, [`care`] the interventions, [`journal`] contacts, notes and judgements,
//! [`slips`] corrections and marks, [`mischief`] what must be refused.

mod care;
mod course;
mod intake;
mod journal;
mod mischief;
mod slips;

use std::collections::{BTreeMap, BTreeSet};

use fokus_proto::v1;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::{CasePhase, RiskArea, RiskLevel};
use jiff::civil::Date;

use crate::calendar::{after, instant_ms, next_workday, workday};
use crate::dice::Dice;
use crate::parameters as p;
use crate::people::{Cast, Kin, Member};
use crate::programme::{LAST_DAY, Programme};
use crate::script::{Call, Draft, Recorder};
use crate::tally::FamilyTruth;
use crate::texts::Names;

use care::Intervention;
use journal::Entry;
pub(crate) use mischief::Mischief;
use slips::Fix;

/// The working day begins: minutes after midnight.
const OPENING_MINUTE: u32 = 8 * 60 + 15;
/// The last minute of a day.
const LAST_MINUTE: u32 = 23 * 60 + 58;

/// What is to be done on a day.
#[derive(Debug, Clone)]
enum Task {
    Register,
    Refer,
    Triage,
    Open,
    Assess,
    Conclude,
    Plan,
    Agree,
    Intervene,
    /// An ordered intervention begins.
    Begin(usize),
    Session(usize),
    End(usize),
    YouthTrack,
    YouthPlan,
    YouthAgreed,
    Transition,
    Evaluate,
    /// Contacts and notes of a day.
    Routine,
    Judge,
    /// The deputy for the summer.
    Deputy,
    Join,
    Leave,
    /// The CPR number of a member was found.
    Identity(Box<Member>),
    /// An entry recorded late.
    Late(Box<journal::Late>),
    Correct(Box<Fix>),
    Mistaken(usize),
    Withdraw(usize),
}

/// Who lives this life, and what will happen to them.
#[derive(Debug)]
pub(crate) struct Casting {
    /// Counted from 0.
    pub(crate) number: u32,
    pub(crate) begins_on: Date,
    pub(crate) kin: Kin,
    pub(crate) cast: Cast,
    pub(crate) mischief: Vec<Mischief>,
}

/// The open case.
#[derive(Debug, Clone)]
struct Case {
    opened_on: Date,
    /// The day on which evaluation begins.
    evaluated_on: Date,
    lead: String,
}

/// One family's life.
#[derive(Debug)]
pub(crate) struct Story<'a> {
    dice: Dice,
    programme: &'a Programme,
    script: Recorder,
    agenda: BTreeMap<Date, Vec<Task>>,
    today: Date,
    minute: u32,
    last_ms: i64,
    mischief: BTreeSet<Mischief>,
    /// Turn of the family among the workers.
    turn: usize,
    /// Whether the eldest child gets a track.
    youth_track: bool,
    /// Whether everything that can happen to a family happens to this one.
    showcase: bool,

    id: String,
    reference: String,
    /// Present members.
    members: Vec<Member>,
    joiner: Option<Member>,
    areas: Vec<RiskArea>,
    referral_id: String,
    /// Revision of the referral; 0 before.
    referral: i64,
    triaged: bool,
    case: Option<Case>,
    phase: CasePhase,
    assessment_id: String,
    /// Revision of the concluded family assessment; 0 before.
    assessed: i64,
    plan_id: String,
    /// The family's goals, by area.
    goals: Vec<(RiskArea, String)>,
    /// A goal as it should have been set, and the revision at which it stands without its levels.
    incomplete_goal: Option<(v1::SetGoal, i64)>,
    youth_plan_id: String,
    youth_goals: Vec<String>,
    /// The command that opens the track: refused once in one family, accepted later unchanged.
    youth_call: Option<Call>,
    /// The youth whose track is open.
    youth: Option<String>,
    interventions: Vec<Intervention>,
    entries: Vec<Entry>,
    risks: BTreeMap<(String, RiskArea), RiskLevel>,
    /// How busy this month is, per mille of the mean, and which month that is.
    load: (i8, u32),
    truth: FamilyTruth,
}

impl<'a> Story<'a> {
    /// A life that has not begun.
    pub(crate) fn new(mut dice: Dice, programme: &'a Programme, casting: Casting) -> Self {
        let Casting { number, begins_on, kin, cast, mischief } = casting;
        let reference = format!("FF-{:04}-{:03}", begins_on.year(), number + 1);
        let mut agenda = BTreeMap::new();
        agenda.insert(begins_on, vec![Task::Register]);
        Story {
            id: dice.uuid(),
            dice,
            programme,
            script: Recorder::default(),
            agenda,
            today: begins_on,
            minute: OPENING_MINUTE,
            last_ms: 0,
            mischief: mischief.into_iter().collect(),
            turn: usize::try_from(number).unwrap_or(0),
            youth_track: cast != Cast::Any,
            showcase: cast == Cast::Showcase,
            reference,
            members: kin.members,
            joiner: Some(kin.joiner),
            areas: Vec::new(),
            referral_id: String::new(),
            referral: 0,
            triaged: false,
            case: None,
            phase: CasePhase::Unspecified,
            assessment_id: String::new(),
            assessed: 0,
            plan_id: String::new(),
            goals: Vec::new(),
            incomplete_goal: None,
            youth_plan_id: String::new(),
            youth_goals: Vec::new(),
            youth_call: None,
            youth: None,
            interventions: Vec::new(),
            entries: Vec::new(),
            risks: BTreeMap::new(),
            load: (0, 1_000),
            truth: FamilyTruth::default(),
        }
    }

    /// Lives it: every step until the last day of the demo, and how the family stands then.
    pub(crate) fn live(mut self) -> (Vec<Draft>, FamilyTruth) {
        while let Some((day, tasks)) = self.agenda.pop_first() {
            if day > LAST_DAY {
                break;
            }
            self.today = day;
            self.minute = OPENING_MINUTE + self.dice.below(60);
            for task in tasks {
                self.perform(task);
            }
        }
        let truth = self.sum_up();
        (self.script.into_drafts(), truth)
    }

    fn perform(&mut self, task: Task) {
        match task {
            Task::Register => self.register(),
            Task::Refer => self.refer(),
            Task::Triage => self.triage(),
            Task::Open => self.open(),
            Task::Assess => self.assess(),
            Task::Conclude => self.conclude(),
            Task::Plan => self.draft_plan(),
            Task::Agree => self.agree(),
            Task::Intervene => self.intervene(),
            Task::Begin(at) => self.begin(at),
            Task::Session(at) => self.session(at),
            Task::End(at) => self.end(at),
            Task::YouthTrack => self.open_youth_track(),
            Task::YouthPlan => self.draft_youth_plan(),
            Task::YouthAgreed => self.agree_youth_plan(),
            Task::Transition => self.bridge(),
            Task::Evaluate => self.evaluate(),
            Task::Routine => self.routine(),
            Task::Judge => self.judge(),
            Task::Deputy => self.deputise(),
            Task::Join => self.join(),
            Task::Leave => self.leave(),
            Task::Identity(member) => self.identify(*member),
            Task::Late(late) => self.record_late(*late),
            Task::Correct(fix) => self.correct(*fix),
            Task::Mistaken(at) => self.mark_mistaken(at),
            Task::Withdraw(at) => self.withdraw_mark(at),
        }
    }

    /// Puts a task on the agenda of a working day: that day or the next one, never before tomorrow.
    fn plan_for(&mut self, day: Date, task: Task) {
        let day = workday(day).max(next_workday(self.today));
        self.agenda.entry(day).or_default().push(task);
    }

    /// Puts a task on the agenda so many days from today.
    fn plan_in(&mut self, days: u32, task: Task) {
        self.plan_for(after(self.today, days), task);
    }

    /// The next moment of today, in Unix milliseconds: some minutes after the last one.
    fn tick(&mut self) -> i64 {
        self.minute = (self.minute + self.dice.between(2, 9)).min(LAST_MINUTE);
        let within = i64::from(self.dice.below(60_000));
        self.last_ms = (instant_ms(self.today, self.minute) + within).max(self.last_ms + 1);
        self.last_ms
    }

    /// A call about this family.
    fn call(&mut self, command: Command) -> Call {
        Call::new(&mut self.dice, command)
    }

    /// Sends a call that will be accepted; gives the revision of its event.
    fn send(&mut self, call: Call) -> i64 {
        let at_ms = self.tick();
        self.script.accept(at_ms, call)
    }

    /// Sends a plain command that will be accepted.
    fn say(&mut self, command: Command) -> i64 {
        let call = self.call(command);
        self.send(call)
    }

    /// Sends a call that will be refused.
    fn refused(&mut self, call: Call, code: &'static str) {
        let at_ms = self.tick();
        self.script.refuse(at_ms, call, code);
    }

    /// Whether this error is to happen now; once only.
    fn up_to(&mut self, mischief: Mischief) -> bool {
        self.mischief.remove(&mischief)
    }

    /// Whether something happens that does in so many of 1,000 cases; in the showcase always.
    fn happens(&mut self, per_mille: u32) -> bool {
        self.dice.chance(per_mille) || self.showcase
    }

    /// The present members of one kind.
    fn children(&self) -> Vec<Member> {
        self.members.iter().filter(|it| it.is_child()).cloned().collect()
    }

    fn adults(&self) -> Vec<Member> {
        self.members.iter().filter(|it| !it.is_child()).cloned().collect()
    }

    /// The eldest child.
    fn eldest(&self) -> Option<Member> {
        self.children().into_iter().min_by_key(|it| it.person.born)
    }

    /// One child and one adult, for a text.
    fn cast(&mut self) -> (Option<Member>, Option<Member>) {
        let children = self.children();
        let adults = self.adults();
        (self.one_of(&children).cloned(), self.one_of(&adults).cloned())
    }

    /// One of them; none of none.
    fn one_of<'b, T>(&mut self, items: &'b [T]) -> Option<&'b T> {
        let at = self.dice.below(u32::try_from(items.len()).unwrap_or(u32::MAX));
        usize::try_from(at).ok().and_then(|at| items.get(at))
    }

    /// How busy today is, per mille of the mean.
    fn load(&mut self) -> u32 {
        if self.load.0 != self.today.month() {
            self.load = (self.today.month(), self.dice.pick(&p::MONTHLY_LOAD, 1_000));
        }
        let spring_2020 = self.today.year() == 2020 && (3..=5).contains(&self.today.month());
        let closed = if spring_2020 { p::COVID_LOAD } else { 1_000 };
        let quiet = if self.phase == CasePhase::Evaluation { p::QUIET_PHASE_LOAD } else { 1_000 };
        self.load.1 * closed / 1_000 * quiet / 1_000
    }

    fn stream(&self) -> v1::StreamRef {
        v1::StreamRef { kind: v1::StreamKind::Family.into(), id: self.id.clone() }
    }
}

/// The names that a text may use, of a child and an adult.
fn names_of<'a>(child: Option<&'a Member>, adult: Option<&'a Member>) -> Names<'a> {
    Names {
        child: child.map(|it| it.person.given.as_str()),
        adult: adult.map(|it| it.person.given.as_str()),
    }
}

/// Names an entry of the family's stream by its revision.
fn entry(revision: i64) -> v1::EntryRef {
    v1::EntryRef { entry: Some(v1::entry_ref::Entry::Revision(revision)) }
}
