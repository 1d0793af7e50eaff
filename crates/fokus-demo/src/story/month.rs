//! What every month brings: reports of schools and others, work and education, incidents, flags,
//! statements, supervision.

use fokus_proto::v1;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::{EducationStatus, EmploymentStatus, IncidentKind, Occasion, RiskArea};

use super::care::code;
use super::journal::{Body, Entry};
use super::{Mischief, Story, Task, entry};
use crate::calendar::{after, later};
use crate::parameters as p;
use crate::people::Member;
use crate::script::Role;
use crate::texts::{assessing, casework};

impl Story<'_> {
    /// A month of an open case.
    pub(super) fn month(&mut self) {
        self.months += 1;
        self.report_absences();
        for youth in self.children() {
            let on_the_street = self.areas.contains(&RiskArea::StreetLifestyle);
            if on_the_street
                && youth.age_on(self.today) >= 12
                && self.dice.chance(p::INCIDENTS_PER_MONTH)
            {
                self.incident(&youth.person.id);
            }
        }
        self.refuse_charge();
        self.find_work();
        let wanted = self.mischief.contains(&Mischief::FlagResolvedTwice);
        if self.dice.chance(p::FLAGS_PER_MONTH) || wanted {
            self.raise_flag();
        }
        if self.dice.chance(p::STATEMENT_PER_MONTH) {
            self.add_statement();
        }
        if self.dice.chance(p::SUPERVISION_PER_MONTH) {
            self.supervise();
        }
        if self.months.is_multiple_of(2) {
            self.star(Occasion::Interim);
        }
        if self.months.is_multiple_of(6) {
            self.measure_children(Occasion::Interim);
            self.map_again();
        }
        self.scale_safety();
        let days = self.dice.between(28, 32);
        self.plan_in(days, Task::Month);
    }

    /// Last month's absence of every schoolchild, but for the summer.
    fn report_absences(&mut self) {
        let to = later(self.today.first_of_month(), -1);
        if to.month() == 7 {
            return;
        }
        for child in self.children() {
            if !(7..=16).contains(&child.age_on(to)) || !self.dice.chance(p::ABSENCE_TOLD) {
                continue;
            }
            let today = self.today;
            let severity = self.latent.of_child(&mut self.dice, &child.person.id, today);
            let unlawful = super::latent::link(severity, 60, 70, (0, 600));
            let lawful = i32::try_from(self.dice.below(90)).unwrap_or(0);
            let percent = |it: i32| format!("{}.{}", it / 10, it % 10);
            self.say(Command::ReportAbsence(v1::ReportAbsence {
                family_id: self.id.clone(),
                person_id: child.person.id,
                from: to.first_of_month().to_string(),
                to: to.to_string(),
                lawful_percent: percent(lawful),
                unlawful_percent: percent(unlawful),
            }));
        }
    }

    /// An incident; another one may follow within weeks.
    pub(super) fn incident(&mut self, person_id: &str) {
        let kinds = [
            (IncidentKind::StreetObservation, 8),
            (IncidentKind::PoliceContact, 4),
            (IncidentKind::Violence, 2),
            (IncidentKind::SchoolExclusion, 2),
            (IncidentKind::Runaway, 2),
            (IncidentKind::Charge, 1),
        ];
        let kind = self.dice.weighted(&kinds, IncidentKind::StreetObservation);
        let of_crime = matches!(kind, IncidentKind::PoliceContact | IncidentKind::Charge);
        let source = match kind {
            IncidentKind::PoliceContact | IncidentKind::Charge => v1::Agency::Police,
            IncidentKind::SchoolExclusion => v1::Agency::School,
            IncidentKind::Unspecified
            | IncidentKind::Conviction
            | IncidentKind::Violence
            | IncidentKind::StreetObservation
            | IncidentKind::Runaway => v1::Agency::Ssp,
        };
        let command = Command::RecordIncident(v1::RecordIncident {
            family_id: self.id.clone(),
            person_id: person_id.to_owned(),
            kind: kind.into(),
            grade: self
                .dice
                .pick(&[v1::Grade::Certain, v1::Grade::Probable], v1::Grade::Certain)
                .into(),
            source_agency: source.into(),
            text: assessing::incident(kind).to_owned(),
        });
        let call = self.call(command);
        let call = if of_crime {
            call.by(Role::Caseworker, v1::Purpose::CrimePrevention).on_basis("RPL_115", "§ 115")
        } else {
            call
        };
        self.send(call);
        self.truth.incidents += 1;
        if self.dice.chance(p::INCIDENT_FOLLOWS) {
            let days = self.dice.between(5, 25);
            self.plan_in(days, Task::Incident(person_id.to_owned()));
        }
    }

    /// Nobody under ten is charged.
    fn refuse_charge(&mut self) {
        let young = |it: &Member| it.age_on(self.today) < 9;
        let Some(child) = self.children().into_iter().find(young) else { return };
        if self.up_to(Mischief::ChildCharged) {
            let call = self.call(Command::RecordIncident(v1::RecordIncident {
                family_id: self.id.clone(),
                person_id: child.person.id,
                kind: IncidentKind::Charge.into(),
                grade: v1::Grade::Claimed.into(),
                source_agency: v1::Agency::Police.into(),
                text: String::new(),
            }));
            self.refused(call.on_basis("RPL_115", "§ 115"), "IMPOSSIBLE");
        }
    }

    /// Where everybody stands in school and at work, when the case is new.
    pub(super) fn statuses(&mut self) {
        for child in self.children() {
            let age = child.age_on(self.today);
            if age >= 6 {
                let status =
                    if age < 16 { EducationStatus::Primary } else { EducationStatus::TenthGrade };
                self.educate(&child.person.id, status);
            }
        }
        for adult in self.adults() {
            let status = if self.dice.chance(p::EMPLOYED_AT_INTAKE) {
                self.dice.pick(
                    &[EmploymentStatus::Employed, EmploymentStatus::PartTime],
                    EmploymentStatus::Employed,
                )
            } else {
                EmploymentStatus::Benefit
            };
            self.employ(&adult.person.id, status);
        }
    }

    fn educate(&mut self, person_id: &str, status: EducationStatus) {
        self.say(Command::ReportEducationStatus(v1::ReportEducationStatus {
            family_id: self.id.clone(),
            person_id: person_id.to_owned(),
            status: status.into(),
            from: String::new(),
        }));
        let word = code(status.as_str_name(), "EDUCATION_STATUS_");
        self.truth.education.insert(person_id.to_owned(), word);
    }

    fn employ(&mut self, person_id: &str, status: EmploymentStatus) {
        self.say(Command::ReportEmploymentStatus(v1::ReportEmploymentStatus {
            family_id: self.id.clone(),
            person_id: person_id.to_owned(),
            status: status.into(),
            from: String::new(),
        }));
        let word = code(status.as_str_name(), "EMPLOYMENT_STATUS_");
        self.truth.employment.insert(person_id.to_owned(), word);
    }

    /// A youth leaves school for something else.
    pub(super) fn change_education(&mut self) {
        let Some(youth) = self.eldest().filter(|it| it.age_on(self.today) >= 15) else { return };
        let next = [EducationStatus::Fgu, EducationStatus::YouthEdu, EducationStatus::Apprentice];
        let status = self.dice.pick(&next, EducationStatus::Fgu);
        self.educate(&youth.person.id, status);
    }

    /// Now and then somebody out of work finds some.
    fn find_work(&mut self) {
        for adult in self.adults() {
            let out = self.truth.employment.get(&adult.person.id).is_some_and(|it| it == "BENEFIT");
            if out && self.dice.chance(p::EMPLOYED_LATER) {
                self.employ(&adult.person.id, EmploymentStatus::PartTime);
            }
        }
    }

    /// Another agency's assessment comes in.
    pub(super) fn receive_external(&mut self) {
        let agencies = [v1::Agency::School, v1::Agency::HealthVisitor, v1::Agency::Psychiatry];
        let child = self.eldest().map(|it| it.person.id);
        let command = Command::ReceiveExternalAssessment(v1::ReceiveExternalAssessment {
            family_id: self.id.clone(),
            from: self.dice.pick(&agencies, v1::Agency::School).into(),
            dated: later(self.today, -9).to_string(),
            summary: assessing::external(&mut self.dice),
            about: child.into_iter().collect(),
        });
        self.say(command);
    }

    /// A flag; most are dealt with.
    fn raise_flag(&mut self) {
        let kinds = [
            (v1::FlagKind::MissingContact, 4),
            (v1::FlagKind::Supervision, 2),
            (v1::FlagKind::DataQuality, 2),
            (v1::FlagKind::Safety, 1),
        ];
        let kind = self.dice.weighted(&kinds, v1::FlagKind::MissingContact);
        let flag_id = self.dice.uuid();
        let days = self.dice.between(4, 35);
        let command = Command::RaiseFlag(v1::RaiseFlag {
            family_id: self.id.clone(),
            flag_id: flag_id.clone(),
            kind: kind.into(),
            due: after(self.today, days).to_string(),
            text: casework::flag_text(&mut self.dice),
            about: Vec::new(),
        });
        self.say(command);
        let word = code(kind.as_str_name(), "FLAG_KIND_");
        self.truth.flags.insert(flag_id.clone(), word);
        let wanted = self.mischief.contains(&Mischief::FlagResolvedTwice);
        if self.dice.chance(p::FLAG_RESOLVED) || wanted {
            self.plan_in(days, Task::ResolveFlag(flag_id));
        }
    }

    pub(super) fn resolve_flag(&mut self, flag_id: &str) {
        let resolution = v1::ResolveFlag {
            family_id: self.id.clone(),
            flag_id: flag_id.to_owned(),
            resolution: casework::flag_resolved(&mut self.dice),
        };
        self.say(Command::ResolveFlag(resolution.clone()));
        self.truth.flags.remove(flag_id);
        if self.up_to(Mischief::FlagResolvedTwice) {
            let call = self.call(Command::ResolveFlag(resolution));
            self.refused(call, "FLAG_STATE");
        }
    }

    /// A member's own words, on the newest entry or on none.
    fn add_statement(&mut self) {
        let members = self.members.clone();
        let Some(member) = self.one_of(&members).cloned() else { return };
        let on = self.entries.last().filter(|it| !it.by_mistake).map(|it| entry(it.revision));
        let on = on.filter(|_| self.dice.chance(600));
        let command = Command::AddPartyStatement(v1::AddPartyStatement {
            family_id: self.id.clone(),
            person_id: member.person.id,
            entry: on,
            text: casework::statement(&mut self.dice),
            about: Vec::new(),
        });
        self.say(command);
    }

    /// A note of a supervision, by the team's lead.
    fn supervise(&mut self) {
        let note_id = self.dice.uuid();
        let command = Command::RecordSupervisionNote(v1::RecordSupervisionNote {
            family_id: self.id.clone(),
            note_id,
            text: casework::supervision(&mut self.dice),
            about: Vec::new(),
        });
        let call = self.call(command).by(Role::TeamLead, v1::Purpose::Supervision);
        self.send(call);
    }

    /// A note of another family's meeting, written into this one; found later.
    pub(super) fn misfile(&mut self) {
        let note = self.note();
        let index = self.entries.len();
        let (body, day) = (Body::Note(note), self.today);
        let revision = self.say(body.command());
        self.entries.push(Entry { revision, body, day, by_mistake: true, marked: false });
        self.dirt.wrong_family_entries.push(format!("{}@{revision}", self.reference));
        let days = self.dice.between(3, 20);
        self.plan_in(days, Task::Misfiled(index));
    }
}
