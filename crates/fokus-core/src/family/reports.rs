//! What others report: ReceiveExternalAssessment, RecordIncident, ReportAbsence,
//! ReportEducationStatus, ReportEmploymentStatus.

use jiff::civil::Date;

use super::membership::births;
use super::state::Reported;
use crate::codes::{Agency, IncidentKind};
use crate::command::assessing::{
    ReceiveExternalAssessment, RecordIncident, ReportAbsence, ReportEducationStatus,
    ReportEmploymentStatus,
};
use crate::decide::Rules;
use crate::decide::scene::{Scene, personal, text};
use crate::fact::Fact;
use crate::fact::assessing::{
    AbsenceReported, EducationStatusReported, EmploymentStatusReported, ExternalAssessmentReceived,
    IncidentRecorded,
};
use crate::ids::{EventId, PersonId, StreamRef};
use crate::person::{born, must_live};
use crate::record::Record;
use crate::rejection::{Reason, Rejection};
use crate::world::World;

/// No child under this age can be charged or convicted (domain 1.7, RecordIncident).
const CHARGE_YEARS_MIN: i16 = 10;
/// All lessons of a period, in tenths of a per cent.
const ALL_PER_MILLE: u16 = 1000;

impl Rules for ReceiveExternalAssessment {
    fn name(&self) -> &'static str {
        "receive_external_assessment"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let about = scene.about(&self.about, &[], "about")?;
        let summary = text("summary", &about, &self.summary);
        let fact = Fact::ExternalAssessmentReceived(ExternalAssessmentReceived {
            from: self.from,
            dated: self.dated,
            about,
        });
        Ok(Record { fact, personal: vec![summary] })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        match self.dated {
            Some(dated) => scene.not_future(dated, "dated"),
            None => Ok(()),
        }
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.has_basis()
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("summary".to_owned(), self.summary.0.as_str())]
    }
}

impl RecordIncident {
    /// Whether it tells of crime, by what it is or by who told it.
    fn is_of_crime(&self) -> bool {
        let kind = match self.kind {
            IncidentKind::PoliceContact | IncidentKind::Charge | IncidentKind::Conviction => true,
            IncidentKind::SchoolExclusion
            | IncidentKind::Violence
            | IncidentKind::StreetObservation
            | IncidentKind::Runaway => false,
        };
        let tells = [Agency::Police, Agency::GangTaskForce, Agency::Probation];
        kind || tells.contains(&self.source_agency)
    }
}

impl Rules for RecordIncident {
    fn name(&self) -> &'static str {
        "record_incident"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn reads(&self) -> Vec<StreamRef> {
        vec![self.person_id.into()]
    }

    fn opens(&self, world: &World) -> Vec<EventId> {
        births(world, [self.person_id])
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.member(self.person_id, "person_id")?;
        let whose = [self.person_id];
        let mut fields = vec![
            personal("kind", &whose, &self.kind),
            personal("source_agency", &whose, &self.source_agency),
        ];
        fields.extend(self.text.as_ref().map(|it| text("text", &whose, it)));
        let fact = Fact::IncidentRecorded(IncidentRecorded {
            person_id: self.person_id,
            grade: self.grade,
        });
        Ok(Record { fact, personal: fields })
    }

    /// An inexact birth is refused when the child must be under the age; an unknown or erased one
    /// passes: nothing shows that it cannot be.
    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let accuses = matches!(self.kind, IncidentKind::Charge | IncidentKind::Conviction);
        let ages = born(scene.world, self.person_id).ages(scene.day());
        if accuses && ages.is_some_and(|(_, oldest)| oldest < CHARGE_YEARS_MIN) {
            let rule = format!("nobody under {CHARGE_YEARS_MIN} is charged or convicted");
            return Err(Rejection::new(Reason::Impossible, rule).at(scene.path("kind")));
        }
        must_live(scene, self.person_id, scene.first_day(), "person_id")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        if self.is_of_crime() && scene.circumstances.basis.is_none() {
            let rule = "what tells of crime needs a legal basis of its own: that of the case does \
                        not cover it";
            return Err(Rejection::new(Reason::NoLegalBasis, rule).at("legal_basis"));
        }
        scene.has_basis()
    }

    fn texts(&self) -> Vec<(String, &str)> {
        self.text.iter().map(|it| ("text".to_owned(), it.0.as_str())).collect()
    }
}

impl Rules for ReportAbsence {
    fn name(&self) -> &'static str {
        "report_absence"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.member(self.person_id, "person_id")?;
        let fact = Fact::AbsenceReported(AbsenceReported {
            person_id: self.person_id,
            from: self.from,
            to: self.to,
            lawful_per_mille: self.lawful_per_mille,
            unlawful_per_mille: self.unlawful_per_mille,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_order(self.from, self.to, "to")?;
        scene.not_future(self.to, "to")?;
        if self.lawful_per_mille.saturating_add(self.unlawful_per_mille) > ALL_PER_MILLE {
            let rule = "lawful and unlawful absence together are at most 100 per cent";
            return Err(Rejection::new(Reason::OutOfRange, rule).at(scene.path("unlawful_percent")));
        }
        Ok(())
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.has_basis()
    }
}

impl Rules for ReportEducationStatus {
    fn name(&self) -> &'static str {
        "report_education_status"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.member(self.person_id, "person_id")?;
        let fact = Fact::EducationStatusReported(EducationStatusReported {
            person_id: self.person_id,
            status: self.status,
            from: self.from.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.from.unwrap_or(scene.day()), "from")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.has_basis()?;
        let from = self.from.unwrap_or(scene.day());
        is_news(scene, &scene.family.education, self.person_id, from, self.status)
    }
}

impl Rules for ReportEmploymentStatus {
    fn name(&self) -> &'static str {
        "report_employment_status"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.member(self.person_id, "person_id")?;
        let fact = Fact::EmploymentStatusReported(EmploymentStatusReported {
            person_id: self.person_id,
            status: self.status,
            from: self.from.unwrap_or(scene.day()),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn values(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.not_future(self.from.unwrap_or(scene.day()), "from")
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.has_basis()?;
        let from = self.from.unwrap_or(scene.day());
        is_news(scene, &scene.family.employment, self.person_id, from, self.status)
    }
}

/// On that day another status stands, or none.
fn is_news<S: PartialEq>(
    scene: &Scene<'_>,
    known: &[Reported<S>],
    person: PersonId,
    day: Date,
    status: S,
) -> Result<(), Rejection> {
    let of_day = known.iter().filter(|it| it.person_id == person && it.turn.0 <= day);
    match of_day.max_by_key(|it| it.turn) {
        Some(it) if it.status == status => {
            Err(Rejection::new(Reason::NoChange, "that status stands on that day")
                .at(scene.path("status")))
        }
        Some(_) | None => Ok(()),
    }
}
