//! The agenda: what is to be done on a day, and the doing of it.

use super::slips::Fix;
use super::{Story, journal};
use crate::people::Member;

/// What is to be done on a day.
#[derive(Debug, Clone)]
pub(super) enum Task {
    Register,
    /// Somebody is registered a second time.
    RegisterTwice,
    /// The family is registered a second time.
    Duplicate,
    Refer,
    Ask,
    Answer,
    Triage,
    Decline,
    Offer,
    Reply,
    Open,
    Meet,
    Statuses,
    Assess,
    Factors(u32),
    Conclude,
    Screen,
    GiveUp(String),
    Examine,
    Examined(String),
    External,
    Plan,
    Agree,
    Intervene,
    Support,
    /// An ordered intervention begins.
    Begin(usize),
    Session(usize),
    Adjust(usize),
    Rest(usize),
    GoOn(usize),
    End(usize),
    ProposeOverride(bool),
    AnswerOverride(bool),
    YouthTrack,
    YouthPlan,
    YouthAgreed,
    Transition,
    Evaluate,
    ProposeClosure,
    AnswerClosure,
    Close,
    Satisfaction,
    AfterClosure(bool),
    Reopen,
    /// Contacts and notes of a day.
    Routine,
    Month,
    Judge,
    Incident(String),
    EducationChanges,
    ResolveFlag(String),
    /// The deputy for the summer.
    Deputy,
    Interest,
    InterestEnds,
    Handover,
    HandedOver(i64),
    TherapistLeaves,
    Pause,
    Resume,
    Join,
    Leave,
    NewPhone,
    NewName,
    Marker,
    MarkerCleared(String, String),
    Death,
    HelperLeaves,
    SeenOtherwise,
    RoleChanges(String),
    /// The CPR number of a member was found.
    Identity(Box<Member>),
    /// An entry recorded late.
    Late(Box<journal::Late>),
    Correct(Box<Fix>),
    Mistaken(usize),
    Withdraw(usize),
    Misfile,
    Misfiled(usize),
}

impl Task {
    /// Whether it is of people and papers, so that it can be done whether a case is open or not.
    fn needs_no_case(&self) -> bool {
        matches!(
            self,
            Task::Register
                | Task::RegisterTwice
                | Task::Duplicate
                | Task::Refer
                | Task::Ask
                | Task::Answer
                | Task::Triage
                | Task::Decline
                | Task::Offer
                | Task::Reply
                | Task::Open
                | Task::Satisfaction
                | Task::AfterClosure(_)
                | Task::Reopen
                | Task::ResolveFlag(_)
                | Task::InterestEnds
                | Task::Join
                | Task::Leave
                | Task::NewPhone
                | Task::NewName
                | Task::Marker
                | Task::MarkerCleared(..)
                | Task::Death
                | Task::HelperLeaves
                | Task::SeenOtherwise
                | Task::RoleChanges(_)
                | Task::Identity(_)
                | Task::Late(_)
                | Task::Correct(_)
                | Task::Mistaken(_)
                | Task::Withdraw(_)
                | Task::Misfiled(_)
        )
    }

    /// Whether it moves the case on, which waits while the case is paused.
    fn moves_on(&self) -> bool {
        matches!(
            self,
            Task::Assess
                | Task::Plan
                | Task::Intervene
                | Task::YouthTrack
                | Task::Transition
                | Task::Evaluate
                | Task::ProposeClosure
                | Task::AnswerClosure
                | Task::Close
        )
    }

    /// Whether it begins something that a closing would have to end again.
    fn begins_something(&self) -> bool {
        matches!(
            self,
            Task::Plan
                | Task::Agree
                | Task::Intervene
                | Task::YouthTrack
                | Task::YouthPlan
                | Task::YouthAgreed
                | Task::Begin(_)
                | Task::Pause
        )
    }
}

impl Story<'_> {
    /// Does it, now or when the case goes on; what has lost its case is dropped.
    pub(super) fn perform(&mut self, task: Task) {
        if !task.needs_no_case() && !self.is_open() {
            return;
        }
        if task.moves_on() && self.is_paused() {
            return self.plan_in(7, task);
        }
        if !(task.begins_something() && self.is_proposed()) {
            self.begin_work(task);
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each task")]
    fn begin_work(&mut self, task: Task) {
        match task {
            Task::Register => self.register(),
            Task::RegisterTwice => self.register_twice(),
            Task::Duplicate => self.undo_duplicate(),
            Task::Refer => self.refer(),
            Task::Ask => self.ask(),
            Task::Answer => self.answer(),
            Task::Triage => self.triage(),
            Task::Decline => self.decline(),
            Task::Offer => self.offer(),
            Task::Reply => self.reply(),
            Task::Open => self.open(),
            Task::Meet => self.meet(),
            Task::Statuses => self.statuses(),
            Task::Assess => self.assess(),
            Task::Factors(from) => self.state_factors(from),
            Task::Conclude => self.conclude(),
            Task::Screen => self.screen(),
            Task::GiveUp(id) => self.give_up(id),
            Task::Examine => self.examine(),
            Task::Examined(id) => self.conclude_examination(id),
            Task::External => self.receive_external(),
            Task::Plan => self.draft_plan(),
            Task::Agree => self.agree(),
            Task::ProposeOverride(granted) => self.propose_override(granted),
            Task::AnswerOverride(granted) => self.answer_override(granted),
            Task::YouthTrack => self.open_youth_track(),
            Task::YouthPlan => self.draft_youth_plan(),
            Task::YouthAgreed => self.agree_youth_plan(),
            Task::Transition => self.bridge(),
            Task::Evaluate => self.evaluate(),
            Task::ProposeClosure => self.propose_closure(),
            Task::AnswerClosure => self.answer_closure(),
            Task::Close => self.close(),
            Task::Satisfaction => self.give_satisfaction(),
            Task::AfterClosure(is_last) => self.follow_up(is_last),
            Task::Reopen => self.reopen(),
            Task::Intervene => self.intervene(),
            Task::Support => self.support(),
            Task::Begin(at) => self.begin(at),
            Task::Session(at) => self.session(at),
            Task::Adjust(at) => self.adjust(at),
            Task::Rest(at) => self.rest(at),
            Task::GoOn(at) => self.go_on(at),
            Task::End(at) => self.end(at),
            Task::Routine => self.routine(),
            Task::Month => self.month(),
            Task::Judge => self.judge(),
            Task::Incident(person) => self.incident(&person),
            Task::EducationChanges => self.change_education(),
            Task::ResolveFlag(id) => self.resolve_flag(&id),
            Task::Deputy => self.deputise(),
            Task::Interest => self.declare_interest(),
            Task::InterestEnds => self.end_interest(),
            Task::Handover => self.hand_over(),
            Task::HandedOver(revision) => self.complete_handover(revision),
            Task::TherapistLeaves => self.release_therapist(),
            Task::Pause => self.pause(),
            Task::Resume => self.resume(),
            Task::Join => self.join(),
            Task::Leave => self.leave(),
            Task::NewPhone => self.change_phone(),
            Task::NewName => self.rename(),
            Task::Marker => self.mark_with_care(),
            Task::MarkerCleared(person, marker) => self.clear_marker(person, marker),
            Task::Death => self.lose_relative(),
            Task::HelperLeaves => self.helper_leaves(),
            Task::SeenOtherwise => self.see_otherwise(),
            Task::RoleChanges(person) => self.change_role(&person),
            Task::Identity(member) => self.identify(*member),
            Task::Late(late) => self.record_late(*late),
            Task::Correct(fix) => self.correct(*fix),
            Task::Mistaken(at) => self.mark_mistaken(at),
            Task::Withdraw(at) => self.withdraw_mark(at),
            Task::Misfile => self.misfile(),
            Task::Misfiled(at) => self.mark(at, fokus_proto::v1::MistakeReason::WrongFamily),
        }
    }
}
