//! A small family and what comes before it, as commands: a programme, a worker, two persons, the
//! family, its referral, the triage and the case.
//!
//! Everybody is invented: CPR numbers have months 21 to 32. Everything happened on [`FOUNDED_ON`] or
//! [`OPENED_ON`], long ago, so that tests can ask for the time between.

use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::*;
use prost_types::Timestamp;

use super::seeded::Seeded;

/// When the family was registered.
pub(crate) const FOUNDED_ON: &str = "2019-01-10";
/// When its case was opened.
pub(crate) const OPENED_ON: &str = "2019-03-04";

/// An invented person.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) given: String,
    pub(crate) family: String,
    /// Empty = not known.
    pub(crate) cpr: String,
}

/// The ids and names of a small world. Change what a test wants otherwise, then ask for commands.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) programme_id: String,
    pub(crate) worker_id: String,
    pub(crate) worker_name: String,
    pub(crate) mother: Person,
    pub(crate) child: Person,
    pub(crate) family_id: String,
    pub(crate) reference: String,
    pub(crate) referral_id: String,
    pub(crate) grounds: String,
    pub(crate) case_id: String,
}

impl World {
    /// The world of this number; numbers below 100,000 share neither reference nor CPR number.
    pub(crate) fn new(seeded: &mut Seeded, number: u32) -> World {
        let person = |id: String, given: &str, cpr: String| {
            let (given, family) = (given.to_owned(), format!("Prøvesen-{number}"));
            Person { id, given, family, cpr }
        };
        World {
            programme_id: seeded.id(),
            worker_id: seeded.id(),
            worker_name: format!("Medarbejder {number}"),
            mother: person(seeded.id(), "Karin", adult_cpr(number)),
            child: person(seeded.id(), "Emil", child_cpr(number)),
            family_id: seeded.id(),
            reference: format!("FF-2019-{number:05}"),
            referral_id: seeded.id(),
            grounds: "Fravær fra skolen siden efteråret.".to_owned(),
            case_id: seeded.id(),
        }
    }

    /// From nothing to the open case, in an order that is accepted. Revision 4 of the family is the case.
    pub(crate) fn commands(&self, seeded: &mut Seeded) -> Vec<ExecuteRequest> {
        let mut commands = vec![self.open_programme(), self.employ_worker()];
        commands.extend([register(&self.mother), register(&self.child), self.register_family()]);
        commands.extend([self.submit_referral(), self.triage_referral(), self.open_case()]);
        let long_ago = commands.into_iter().map(|it| on(FOUNDED_ON, request(seeded, it)));
        let mut requests: Vec<ExecuteRequest> = long_ago.collect();
        let case = requests.pop().expect("the case comes last");
        let basis = LegalBasis { code: "SEL_52".to_owned(), provision: "§ 52(3)".to_owned() };
        requests.push(ExecuteRequest { legal_basis: Some(basis), ..on(OPENED_ON, case) });
        requests
    }

    /// The programme that the family comes into.
    pub(crate) fn open_programme(&self) -> Command {
        Command::OpenProgramme(OpenProgramme {
            programme_id: self.programme_id.clone(),
            name: "Familien først".to_owned(),
            first_case_from: "2018-08-01".to_owned(),
            intake_until: String::new(),
            capacity_families: 40,
            criteria: vec![TargetCriterion {
                code: "YOUTH_AT_RISK".to_owned(),
                mandatory: true,
                text: "Er der en ung i risiko?".to_owned(),
            }],
        })
    }

    fn employ_worker(&self) -> Command {
        Command::EmployWorker(EmployWorker {
            worker_id: self.worker_id.clone(),
            name: self.worker_name.clone(),
            subject: "worker-1".to_owned(),
            agency: Agency::Social.into(),
            employed_from: "2018-01-01".to_owned(),
            employed_to: String::new(),
        })
    }

    fn register_family(&self) -> Command {
        let member = |person: &Person, role: FamilyRole| InitialMember {
            person_id: person.id.clone(),
            role: role.into(),
            household: Household::Core.into(),
        };
        Command::RegisterFamily(RegisterFamily {
            family_id: self.family_id.clone(),
            reference: self.reference.clone(),
            initial_members: vec![
                member(&self.mother, FamilyRole::Mother),
                member(&self.child, FamilyRole::Child),
            ],
            source: FamilySource::Referral.into(),
        })
    }

    fn submit_referral(&self) -> Command {
        Command::SubmitReferral(SubmitReferral {
            family_id: self.family_id.clone(),
            referral_id: self.referral_id.clone(),
            programme_id: self.programme_id.clone(),
            agency: Agency::School.into(),
            worker_id: String::new(),
            risk_areas: vec![RiskArea::SchoolThriving.into()],
            grounds: self.grounds.clone(),
            about: Vec::new(),
            family_knows: true,
        })
    }

    fn triage_referral(&self) -> Command {
        let criterion =
            Criterion { code: "YOUTH_AT_RISK".to_owned(), met: true, grounds: String::new() };
        Command::TriageReferral(TriageReferral {
            family_id: self.family_id.clone(),
            referral_id: self.referral_id.clone(),
            target_group: Some(TargetGroup { met: true, criteria: vec![criterion] }),
            capacity: true,
            priority: Priority::High.into(),
        })
    }

    fn open_case(&self) -> Command {
        Command::OpenCase(OpenCase {
            family_id: self.family_id.clone(),
            case_id: self.case_id.clone(),
            programme_id: self.programme_id.clone(),
            referral_id: self.referral_id.clone(),
            opened_on: OPENED_ON.to_owned(),
            kle: "27.27.09".to_owned(),
            lead_worker_id: self.worker_id.clone(),
            regime: Regime::Sel.into(),
        })
    }

    /// A note about the family; it happens when it is recorded.
    pub(crate) fn note(&self, seeded: &mut Seeded, text: &str) -> ExecuteRequest {
        let note = RecordNote {
            family_id: self.family_id.clone(),
            note_id: seeded.id(),
            nature: NoteNature::Fact.into(),
            grade: Grade::Certain.into(),
            source: String::new(),
            about: Vec::new(),
            text: text.to_owned(),
        };
        request(seeded, Command::RecordNote(note))
    }

    /// A visit to mother and child.
    pub(crate) fn visit(&self, seeded: &mut Seeded, minutes: i32, text: &str) -> RecordContact {
        RecordContact {
            family_id: self.family_id.clone(),
            contact_id: seeded.id(),
            kind: ContactKind::Visit.into(),
            minutes,
            present: vec![self.mother.id.clone(), self.child.id.clone()],
            risk_areas: Vec::new(),
            goal_ids: Vec::new(),
            text: text.to_owned(),
            about: Vec::new(),
            from_child: false,
        }
    }

    /// The family's stream.
    pub(crate) fn stream(&self) -> StreamRef {
        StreamRef { kind: StreamKind::Family.into(), id: self.family_id.clone() }
    }
}

/// Registers an invented person.
pub(crate) fn register(person: &Person) -> Command {
    Command::RegisterPerson(RegisterPerson {
        person_id: person.id.clone(),
        name: Some(PersonName { given: person.given.clone(), family: person.family.clone() }),
        cpr: person.cpr.clone(),
        birth: None,
        sex: Sex::Unspecified.into(),
        source: PersonSource::CprLookup.into(),
        is_synthetic: true,
    })
}

/// The command as a request, for casework, happening when it is recorded.
pub(crate) fn request(seeded: &mut Seeded, command: Command) -> ExecuteRequest {
    ExecuteRequest {
        command_id: seeded.id(),
        purpose: Purpose::Casework.into(),
        command: Some(command),
        ..ExecuteRequest::default()
    }
}

/// The request, its act at noon of that day (UTC), entered late.
pub(crate) fn on(day: &str, request: ExecuteRequest) -> ExecuteRequest {
    ExecuteRequest {
        occurred_at: Some(OccurredAt {
            time: Some(instant(&format!("{day}T12:00:00Z"))),
            utc_offset_minutes: 60,
            precision: Precision::Exact.into(),
        }),
        late_reason: "Overført fra papirsag.".to_owned(),
        ..request
    }
}

/// A point in time, RFC 3339.
pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// The CPR number of an invented adult, born in December 1980; `number` below 100,000.
pub(crate) fn adult_cpr(number: u32) -> String {
    format!("{:02}3280{:04}", 1 + number / 4000, number % 4000)
}

/// The CPR number of an invented child, born in May 2008; `number` below 100,000.
pub(crate) fn child_cpr(number: u32) -> String {
    format!("{:02}2508{:04}", 1 + number / 4000, 5000 + number % 4000)
}
