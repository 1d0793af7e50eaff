//! One family's life in the programme, told in order of recording.
//!
//! An agenda of days holds what is to be done; doing it writes commands down and puts more on the
//! agenda. [`Story`] keeps what the family's own course needs to know, and the tally of how it must
//! stand at the end. Read [`task::Task`], then the parts: [`intake`] and [`placement`] until the case is
//! open, [`circle`] the people around, [`course`] through its phases, [`measure`] assessments and
//! instruments by the hidden severity of [`latent`], [`care`] the interventions, [`team`] who works on it,
//! [`journal`] contacts, notes and judgements, [`month`] what every month brings, [`closing`] the end and
//! after, [`slips`] corrections and marks, [`mischief`] what must be refused. [`twist`] says what happens
//! to some families only.

mod care;
mod circle;
mod closing;
mod course;
mod intake;
mod journal;
mod latent;
mod measure;
mod mischief;
mod month;
mod placement;
mod slips;
mod task;
mod team;
mod twist;

use std::collections::{BTreeMap, BTreeSet};

use fokus_proto::v1;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::{CaseOutcome, CasePhase, RiskArea, RiskLevel};
use jiff::civil::Date;

use crate::calendar::{after, instant_ms, next_workday, workday};
use crate::commands;
use crate::dice::Dice;
use crate::parameters as p;
use crate::people::{Cast, Kin, Member, Person};
use crate::programme::{LAST_DAY, Programme};
use crate::script::{Call, Draft, Recorder};
use crate::tally::{Dirt, FamilyTruth, Lived};
use crate::texts::Names;

use care::Intervention;
use circle::Helper;
use closing::Closed;
use journal::Entry;
use latent::Latent;
pub(crate) use mischief::Mischief;
use task::Task;
pub(crate) use twist::Twist;

/// The working day begins: minutes after midnight.
const OPENING_MINUTE: u32 = 8 * 60 + 15;
/// The last minute of a day.
const LAST_MINUTE: u32 = 23 * 60 + 58;

/// Who lives this life, and what will happen to them.
#[derive(Debug)]
pub(crate) struct Casting {
    /// Counted from 0.
    pub(crate) number: u32,
    pub(crate) begins_on: Date,
    pub(crate) kin: Kin,
    pub(crate) cast: Cast,
    pub(crate) mischief: Vec<Mischief>,
    /// The turns that it surely takes.
    pub(crate) twists: Vec<Twist>,
}

/// The open case.
#[derive(Debug, Clone)]
struct Case {
    opened_on: Date,
    /// The day on which evaluation begins.
    evaluated_on: Date,
    lead: String,
    paused_from: Option<Date>,
    closed: Option<Closed>,
    /// Who led it, from when to when.
    leads: Vec<Lead>,
}

/// A stretch of days on which somebody leads the case; without an end while it lasts.
pub(crate) type Lead = (String, Date, Option<Date>);

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
    twists: BTreeSet<Twist>,
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
    /// Who may be asked to help, and who does.
    network: Vec<Person>,
    helpers: Vec<Helper>,
    /// The first adult and the id of the telephone in use.
    phone: Option<(String, String)>,
    relationships: Vec<v1::StateRelationship>,
    areas: Vec<RiskArea>,
    /// How referrals end before the one that becomes a case; the next one last.
    endings: Vec<Twist>,
    referral_id: String,
    /// Revision of the referral; 0 before.
    referral: i64,
    triaged: bool,
    case: Option<Case>,
    phase: CasePhase,
    therapist: Option<String>,
    latent: Latent,
    assessment_id: String,
    provisional: bool,
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
    judgements: u32,
    /// Instruments administered, by `person/instrument`.
    measured: BTreeMap<String, u32>,
    /// Months of the case so far.
    months: u32,
    /// The closure proposed last: revision and outcome.
    proposal: Option<(i64, CaseOutcome)>,
    closure_waits: bool,
    closure_approved: bool,
    reopened: bool,
    /// How busy this month is, per mille of the mean, and which month that is.
    load: (i8, u32),
    truth: FamilyTruth,
    dirt: Dirt,
}

impl<'a> Story<'a> {
    /// A life that has not begun.
    pub(crate) fn new(mut dice: Dice, programme: &'a Programme, casting: Casting) -> Self {
        let Casting { number, begins_on, kin, cast, mischief, twists } = casting;
        let reference = format!("FF-{:04}-{:03}", begins_on.year(), number + 1);
        let mut agenda = BTreeMap::new();
        agenda.insert(begins_on, vec![Task::Register]);
        Story {
            id: dice.uuid(),
            latent: Latent::new(&mut dice),
            dice,
            programme,
            script: Recorder::default(),
            agenda,
            today: begins_on,
            minute: OPENING_MINUTE,
            last_ms: 0,
            mischief: mischief.into_iter().collect(),
            twists: twists.into_iter().collect(),
            turn: usize::try_from(number).unwrap_or(0),
            youth_track: cast != Cast::Any,
            showcase: cast == Cast::Showcase,
            reference,
            members: kin.members,
            joiner: Some(kin.joiner),
            network: kin.network.to_vec(),
            helpers: Vec::new(),
            phone: None,
            relationships: Vec::new(),
            areas: Vec::new(),
            endings: Vec::new(),
            referral_id: String::new(),
            referral: 0,
            triaged: false,
            case: None,
            phase: CasePhase::Unspecified,
            therapist: None,
            assessment_id: String::new(),
            provisional: false,
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
            judgements: 0,
            measured: BTreeMap::new(),
            months: 0,
            proposal: None,
            closure_waits: false,
            closure_approved: false,
            reopened: false,
            load: (0, 1_000),
            truth: FamilyTruth::default(),
            dirt: Dirt::default(),
        }
    }

    /// Lives it: every step until the last day of the demo, and how the family stands then.
    pub(crate) fn live(mut self) -> (Vec<Draft>, Lived) {
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
        let status = self.sum_up();
        let marked = self.entries.iter().filter(|it| it.marked).collect();
        let timeline = timeline(self.script.accepted(&self.id), marked);
        let lived = Lived {
            status,
            timeline,
            judgements: self.judgements,
            measured: self.measured,
            leads: self.case.map(|it| it.leads).unwrap_or_default(),
            dirt: self.dirt,
        };
        (self.script.into_drafts(), lived)
    }

    /// Whether there is a case that is not closed.
    fn is_open(&self) -> bool {
        self.case.as_ref().is_some_and(|it| it.closed.is_none())
    }

    fn is_paused(&self) -> bool {
        self.case.as_ref().is_some_and(|it| it.paused_from.is_some())
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

/// Entries by type, as a timeline shows them: corrections and marks are no entries, and those marked are
/// left out.
fn timeline<'a>(
    accepted: impl Iterator<Item = &'a Command>,
    marked: Vec<&Entry>,
) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for command in accepted {
        let about_entries = matches!(
            command,
            Command::CorrectEntry(_) | Command::MarkMistaken(_) | Command::WithdrawMistakenMark(_)
        );
        if !about_entries {
            *counts.entry(commands::event_type(command).to_owned()).or_insert(0) += 1;
        }
    }
    for it in marked {
        let event_type = commands::event_type(&it.body.command());
        counts.entry(event_type.to_owned()).and_modify(|it| *it = it.saturating_sub(1));
    }
    counts
}

/// Names an entry of the family's stream by its revision.
fn entry(revision: i64) -> v1::EntryRef {
    v1::EntryRef { entry: Some(v1::entry_ref::Entry::Revision(revision)) }
}
