//! What a rule sees of its command's surroundings, and the checks that many rules share.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::Value;
use uuid::Uuid;

use crate::codes::Precision;
use crate::command::{EntryRef, SUBJECTS_MAX, Text};
use crate::fact::Fact;
use crate::family::{self, Case};
use crate::ids::{GoalId, PersonId, StreamRef};
use crate::record::{PersonalField, Recorded};
use crate::rejection::{Reason, Rejection};
use crate::time::local_date;
use crate::world::{Circumstances, World};

/// A command's surroundings.
pub(crate) struct Scene<'a> {
    pub(crate) world: &'a World,
    /// The family that the command is about; empty when it is about none, or none is there.
    pub(crate) family: &'a family::State,
    /// The history of the stream that the command writes.
    pub(crate) history: &'a [Recorded],
    pub(crate) circumstances: &'a Circumstances,
    stream: StreamRef,
    command: &'static str,
}

impl<'a> Scene<'a> {
    /// The surroundings of a command on `stream`; `nothing` is the family's state where there is
    /// none.
    pub(crate) fn new(
        world: &'a World,
        command: &'static str,
        stream: StreamRef,
        circumstances: &'a Circumstances,
        nothing: &'a family::State,
    ) -> Self {
        let family = world.families.get(&stream.id).map_or(nothing, |it| &it.state);
        Scene { world, family, history: world.history(stream), circumstances, stream, command }
    }

    /// The field's path in the request.
    pub(crate) fn path(&self, field: &str) -> String {
        format!("{}.{field}", self.command)
    }

    /// The local date of the act.
    pub(crate) fn day(&self) -> Date {
        self.circumstances.occurred.date()
    }

    /// The first local date that the act may have: with MONTH precision the month's first.
    pub(crate) fn first_day(&self) -> Date {
        match self.circumstances.occurred.precision {
            Precision::Exact | Precision::Day | Precision::UnknownEstimated => self.day(),
            Precision::Month => self.day().first_of_month(),
        }
    }

    /// The first and the last local date that the act may have.
    pub(crate) fn days(&self) -> (Date, Date) {
        (self.first_day(), self.last_day())
    }

    /// The last local date that the act may have: with MONTH precision the month's last.
    pub(crate) fn last_day(&self) -> Date {
        match self.circumstances.occurred.precision {
            Precision::Exact | Precision::Day | Precision::UnknownEstimated => self.day(),
            Precision::Month => self.day().last_of_month(),
        }
    }

    /// The local date of now.
    pub(crate) fn today(&self) -> Date {
        local_date(i64::try_from(self.circumstances.now_ms).unwrap_or(i64::MAX))
    }

    /// Whether the stream has an event.
    pub(crate) fn exists(&self, stream: StreamRef) -> bool {
        self.world.revision(stream).is_some_and(|revision| revision > 0)
    }

    /// The answer to an id of something that does not exist.
    pub(crate) fn unknown(&self, field: &str) -> Rejection {
        Rejection::new(Reason::UnknownId, "no such thing").at(self.path(field))
    }

    /// The stream must have an event.
    pub(crate) fn must_exist(&self, stream: StreamRef, field: &str) -> Result<(), Rejection> {
        if self.exists(stream) { Ok(()) } else { Err(self.unknown(field)) }
    }

    /// Nothing in the stream was ever made with this id, mistaken entries included: a mark may be
    /// withdrawn.
    pub(crate) fn is_new(&self, id: Uuid, field: &str) -> Result<(), Rejection> {
        if self.world.has_made(self.stream, id) {
            return Err(Rejection::new(Reason::IdTaken, "this id is taken").at(self.path(field)));
        }
        Ok(())
    }

    /// The revision of the event that the reference names.
    pub(crate) fn entry(&self, entry: EntryRef, field: &str) -> Result<u64, Rejection> {
        let event = super::resolve(self.history, entry);
        event.map(|it| it.revision).ok_or_else(|| self.unknown(field))
    }

    /// The person is or was a member.
    pub(crate) fn member(&self, person: PersonId, field: &str) -> Result<(), Rejection> {
        if self.family.was_member(person) {
            return Ok(());
        }
        Err(Rejection::new(Reason::NotInFamily, "not a member of the family, now or before")
            .at(self.path(field)))
    }

    /// The person is or was a member, or of the family's network.
    pub(crate) fn known(&self, person: PersonId, field: &str) -> Result<(), Rejection> {
        if self.family.knows(person) {
            return Ok(());
        }
        let rule = "neither a member of the family nor of its network, now or before";
        Err(Rejection::new(Reason::NotInFamily, rule).at(self.path(field)))
    }

    /// Each of the persons is or was a member, or of the family's network.
    pub(crate) fn all_known(&self, persons: &[PersonId], field: &str) -> Result<(), Rejection> {
        let mut numbered = persons.iter().enumerate();
        numbered.try_for_each(|(index, person)| self.known(*person, &format!("{field}[{index}]")))
    }

    /// Whom a text is about: those named, or else those of `otherwise`, or else all present
    /// members; each once. Those named are or were members, or of the network.
    pub(crate) fn about(
        &self,
        named: &[PersonId],
        otherwise: &[PersonId],
        field: &str,
    ) -> Result<Vec<PersonId>, Rejection> {
        self.all_known(named, field)?;
        let persons = match (named, otherwise) {
            ([], []) => self.family.present_or_current(self.day()),
            ([], otherwise) => otherwise.to_vec(),
            (named, _) => named.to_vec(),
        };
        self.subjects(persons, field)
    }

    /// The persons, each once, no more than an envelope can name.
    pub(crate) fn subjects(
        &self,
        mut persons: Vec<PersonId>,
        field: &str,
    ) -> Result<Vec<PersonId>, Rejection> {
        let mut seen = BTreeSet::new();
        persons.retain(|it| seen.insert(*it));
        if persons.len() > SUBJECTS_MAX {
            let rule = format!("at most {SUBJECTS_MAX} persons; name those whom it is about");
            return Err(Rejection::new(Reason::TooManySubjects, rule).at(self.path(field)));
        }
        Ok(persons)
    }

    /// Each of the goals was set.
    pub(crate) fn goals(&self, goals: &[GoalId], field: &str) -> Result<(), Rejection> {
        match goals.iter().position(|it| !self.family.goals.contains_key(it)) {
            Some(index) => Err(self.unknown(&format!("{field}[{index}]"))),
            None => Ok(()),
        }
    }

    /// The family's open case.
    pub(crate) fn open_case(&self) -> Result<&'a Case, Rejection> {
        match &self.family.case {
            Some(case) if self.family.is_case_open() => Ok(case),
            Some(_) => Err(Rejection::new(Reason::NoOpenCase, "the family's case is closed")),
            None => Err(Rejection::new(Reason::NoOpenCase, "the family has no open case")),
        }
    }

    /// The family's open case, which was open when the act happened.
    pub(crate) fn in_case(&self) -> Result<&'a Case, Rejection> {
        let case = self.open_case()?;
        if self.happened_in_case() { Ok(case) } else { Err(before_case().at("occurred_at")) }
    }

    /// Whether the newest case was open when the act happened.
    fn happened_in_case(&self) -> bool {
        let open_on = |day| self.family.course().is_some_and(|it| it.is_open_on(day));
        open_on(self.day()) || open_on(self.last_day())
    }

    /// A day of something that happened while the case was open; it may be written down after the case
    /// was closed.
    pub(crate) fn was_in_case(&self, day: Date, field: &str) -> Result<(), Rejection> {
        match self.family.course() {
            Some(it) if it.closed.is_some_and(|closed| day <= closed.on) => {}
            Some(_) | None => drop(self.in_case()?),
        }
        self.date_in_case(day, field)
    }

    /// A date of an act of the case, not before the case.
    pub(crate) fn date_in_case(&self, date: Date, field: &str) -> Result<(), Rejection> {
        match &self.family.case {
            Some(case) if date < case.opened_on => Err(before_case().at(self.path(field))),
            Some(_) | None => Ok(()),
        }
    }

    /// A legal basis: the request's own, or that of the case, which covers what comes after its
    /// beginning only.
    pub(crate) fn has_basis(&self) -> Result<(), Rejection> {
        let no_basis = |rule| Err(Rejection::new(Reason::NoLegalBasis, rule).at("legal_basis"));
        match (&self.circumstances.basis, self.family.course()) {
            (Some(_), _) => Ok(()),
            (None, Some(_)) if self.happened_in_case() => Ok(()),
            (None, Some(it)) if it.closed.is_some_and(|closed| closed.on < self.day()) => {
                no_basis("the case was closed then, so the request must give a legal basis")
            }
            (None, Some(_)) => Err(before_case().at("occurred_at")),
            (None, None) => {
                no_basis("the family has no case, so the request must give a legal basis")
            }
        }
    }

    /// A date of something that has happened: not after today.
    pub(crate) fn not_future(&self, date: Date, field: &str) -> Result<(), Rejection> {
        if date > self.today() {
            return Err(Rejection::new(Reason::InFuture, "the date lies in the future")
                .at(self.path(field)));
        }
        Ok(())
    }

    /// `first` is not after `last`, the date of `field`.
    pub(crate) fn in_order(&self, first: Date, last: Date, field: &str) -> Result<(), Rejection> {
        if last < first {
            return Err(Rejection::new(Reason::DateOrder, "the end lies before the beginning")
                .at(self.path(field)));
        }
        Ok(())
    }

    /// A warning, unless the user has confirmed it.
    pub(crate) fn confirmed(
        &self,
        reason: Reason,
        rule: &str,
        field: &str,
    ) -> Result<(), Rejection> {
        if self.circumstances.confirmations.iter().any(|it| it == reason.code()) {
            return Ok(());
        }
        Err(Rejection::new(reason, rule).at(self.path(field)).confirmable())
    }
}

fn before_case() -> Rejection {
    Rejection::new(Reason::BeforeCase, "the case was not open then")
}

/// A personal field that holds one free text.
pub(crate) fn text(field: &str, persons: &[PersonId], text: &Text) -> PersonalField {
    PersonalField {
        field: field.to_owned(),
        persons: persons.to_vec(),
        value: Value::String(text.0.clone()),
    }
}

/// A personal field of any shape. The types used here always have a JSON form.
pub(crate) fn personal(
    field: &str,
    persons: &[PersonId],
    value: &impl serde::Serialize,
) -> PersonalField {
    PersonalField {
        field: field.to_owned(),
        persons: persons.to_vec(),
        value: serde_json::to_value(value).unwrap_or(Value::Null),
    }
}

/// The id of the thing inside its stream that the fact made.
#[expect(clippy::too_many_lines, reason = "one arm for each fact")]
pub(crate) fn made_by(fact: &Fact) -> Option<Uuid> {
    match fact {
        Fact::ReferralSubmitted(it) => Some(it.referral_id.0),
        Fact::CaseOpened(it) => Some(it.case_id.0),
        Fact::YouthTrackOpened(it) => Some(it.track_id.0),
        Fact::ContactRecorded(it) => Some(it.contact_id.0),
        Fact::NoteRecorded(it) => Some(it.note_id.0),
        Fact::AssessmentStarted(it) => Some(it.assessment_id.0),
        Fact::PlanDrafted(it) => Some(it.plan_id.0),
        Fact::GoalSet(it) => Some(it.goal_id.0),
        Fact::InterventionOrdered(it) => Some(it.intervention_id.0),
        Fact::PersonContactPointRecorded(it) => Some(it.contact_point_id.0),
        Fact::SpecialCareMarkerSet(it) => Some(it.marker_id.0),
        Fact::RelationshipStated(it) => Some(it.relationship_id.0),
        Fact::PostClosureContactMade(it) => Some(it.contact_id.0),
        Fact::FlagRaised(it) => Some(it.flag_id.0),
        Fact::SupervisionNoteRecorded(it) => Some(it.note_id.0),
        Fact::StatisticReleased(it) => Some(it.release_id.0),
        Fact::ReferralInfoRequested(_)
        | Fact::ReferralInfoSupplied(_)
        | Fact::ReferralDeclined(_)
        | Fact::ReferralWithdrawn(_)
        | Fact::PlaceOffered(_)
        | Fact::PlaceAccepted(_)
        | Fact::PlaceRefused(_)
        | Fact::WorkerUnassigned(_)
        | Fact::HandoverCompleted(_)
        | Fact::CasePaused(_)
        | Fact::CaseResumed(_)
        | Fact::ClosureProposed(_)
        | Fact::ClosureApproved(_)
        | Fact::ClosureRejected(_)
        | Fact::CaseClosed(_)
        | Fact::CaseReopened(_)
        | Fact::FamilySatisfactionGiven(_)
        | Fact::AcuteOverrideProposed(_)
        | Fact::AcuteOverrideApproved(_)
        | Fact::AcuteOverrideRejected(_)
        | Fact::PartyStatementAdded(_)
        | Fact::FlagResolved(_) => None,
        Fact::PersonRegistered(_)
        | Fact::PersonIdentityEstablished(_)
        | Fact::PersonNameChanged(_)
        | Fact::PersonContactPointEnded(_)
        | Fact::LanguageNeedRecorded(_)
        | Fact::PersonDied(_)
        | Fact::SpecialCareMarkerCleared(_)
        | Fact::FamilyMemberRoleChanged(_)
        | Fact::RelationshipEnded(_)
        | Fact::PrimaryContactChosen(_)
        | Fact::NetworkPersonAdded(_)
        | Fact::NetworkPersonRemoved(_)
        | Fact::FamilyRegistrationUndone(_)
        | Fact::MethodVersionPublished(_)
        | Fact::MethodVersionRetired(_)
        | Fact::DisclosureRulesSet(_)
        | Fact::StatisticWithdrawn(_)
        | Fact::RoleGranted(_)
        | Fact::RoleRevoked(_)
        | Fact::ConflictOfInterestDeclared(_)
        | Fact::ConflictOfInterestEnded(_)
        | Fact::StaffTrained(_)
        | Fact::FamilyRegistered(_)
        | Fact::FamilyMemberAdded(_)
        | Fact::FamilyMemberLeft(_)
        | Fact::ReferralTriaged(_)
        | Fact::WorkerAssigned(_)
        | Fact::CasePhaseEntered(_)
        | Fact::EntryCorrected(_)
        | Fact::EntryMarkedMistaken(_)
        | Fact::MistakenMarkWithdrawn(_)
        | Fact::ProfessionalRiskJudged(_)
        | Fact::AssessmentConcluded(_)
        | Fact::PlanAgreed(_)
        | Fact::InterventionStarted(_)
        | Fact::SessionHeld(_)
        | Fact::InterventionEnded(_)
        | Fact::AssessmentAreaDescribed(_)
        | Fact::FactorStated(_)
        | Fact::InstrumentAdministered(_)
        | Fact::AssessmentProvisionallyConcluded(_)
        | Fact::AssessmentAbandoned(_)
        | Fact::ExternalAssessmentReceived(_)
        | Fact::IncidentRecorded(_)
        | Fact::AbsenceReported(_)
        | Fact::EducationStatusReported(_)
        | Fact::EmploymentStatusReported(_)
        | Fact::InterventionAdjusted(_)
        | Fact::InterventionDeclined(_)
        | Fact::InterventionPaused(_)
        | Fact::InterventionResumed(_)
        | Fact::ProgrammeOpened(_)
        | Fact::WorkerEmployed(_) => None,
    }
}
