//! Inside and around an assessment, and what others report: the commands of `family/assessing.rs`,
//! `family/measuring.rs` and `family/reports.rs`.

use jiff::civil::date;
use serde_json::json;

use super::journal::{Journal, Row, ask, check, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::assessing::*;
use crate::command::people::RecordDeath;
use crate::command::*;
use crate::fact::Fact;
use crate::ids::{AssessmentId, PersonId};
use crate::instruments::Hundredths;
use crate::rejection::Reason;

/// The number of the examination of the child, which runs since 5 March.
const EXAMINATION: u128 = 7;

fn examination() -> AssessmentId {
    AssessmentId(uuid::Uuid::from_u128(600 + EXAMINATION))
}

fn examining() -> Journal {
    let of_child = assessing(EXAMINATION, AssessmentKind::ChildExamination);
    opened().after(ask(StartAssessment { person_id: Some(CHILD), ..of_child }).on(2019, 3, 5))
}

fn area(dimension: IcsDimension) -> DescribeAssessmentArea {
    DescribeAssessmentArea {
        family_id: FAMILY,
        assessment_id: examination(),
        dimension,
        resources: Some(words("Likes to read")),
        problems: None,
        child_view: None,
        child_not_heard_reason: None,
        parent_view: None,
        about: Vec::new(),
    }
}

fn factor() -> StateFactor {
    StateFactor {
        family_id: FAMILY,
        assessment_id: examination(),
        factor_code: "R07".to_owned(),
        side: FactorSide::Risk,
        weight_band: Some(WeightBand::Some),
        answer: FactorAnswer::Yes,
        risk_area: None,
        grounds: Some(words("Seen at school")),
        about: Vec::new(),
    }
}

fn score(scale: &str, value: i32) -> ScaleScore {
    ScaleScore { scale: scale.to_owned(), value: Hundredths(value * 100), missing_items: 0 }
}

/// The youth, 15 years old on 1 June 2019.
fn yls() -> AdministerInstrument {
    AdministerInstrument {
        family_id: FAMILY,
        assessment_id: None,
        instrument: "YLS_CMI_2".to_owned(),
        version: None,
        person_id: Some(YOUTH),
        respondent: Respondent::Worker,
        occasion: Occasion::Intake,
        norm_set: None,
        scores: vec![score("TOTAL", 23)],
        gives_item_texts: false,
    }
}

fn sdq() -> AdministerInstrument {
    AdministerInstrument {
        instrument: "SDQ".to_owned(),
        respondent: Respondent::Parent,
        scores: vec![score("PROSOCIAL", 7)],
        ..yls()
    }
}

fn provisional() -> ConcludeAssessmentProvisionally {
    ConcludeAssessmentProvisionally {
        family_id: FAMILY,
        assessment_id: examination(),
        reasons: words("The school's part is missing"),
        preliminary: words("Support at school"),
        expected_end: date(2019, 8, 1),
    }
}

fn abandoning() -> AbandonAssessment {
    AbandonAssessment {
        family_id: FAMILY,
        assessment_id: examination(),
        reason: words("They moved"),
    }
}

fn external() -> ReceiveExternalAssessment {
    ReceiveExternalAssessment {
        family_id: FAMILY,
        from: Agency::School,
        dated: Some(date(2019, 5, 1)),
        summary: words("Reads well"),
        about: vec![CHILD],
    }
}

fn incident(person_id: PersonId, kind: IncidentKind) -> RecordIncident {
    RecordIncident {
        family_id: FAMILY,
        person_id,
        kind,
        grade: Grade::Probable,
        source_agency: Agency::School,
        text: Some(words("In the yard")),
    }
}

fn absence() -> ReportAbsence {
    ReportAbsence {
        family_id: FAMILY,
        person_id: YOUTH,
        from: date(2019, 3, 1),
        to: date(2019, 5, 31),
        lawful_per_mille: 42,
        unlawful_per_mille: 155,
    }
}

fn education(status: EducationStatus) -> ReportEducationStatus {
    ReportEducationStatus { family_id: FAMILY, person_id: YOUTH, status, from: None }
}

fn employment(status: EmploymentStatus) -> ReportEmploymentStatus {
    ReportEmploymentStatus { family_id: FAMILY, person_id: MOTHER, status, from: None }
}

/// All dimensions but the last one of the list.
fn described(journal: Journal, dimensions: &[IcsDimension]) -> Journal {
    dimensions.iter().fold(journal, |journal, it| journal.after(ask(area(*it))))
}

#[rustfmt::skip] // One row, one rule.
fn area_rows() -> Vec<Row> {
    let (runs, family) = (examining(), || area(IcsDimension::Family));
    let silent = DescribeAssessmentArea { resources: None, ..family() };
    let (view, why) = (Some(words("I like it there")), Some(words("Asleep")));
    let both = DescribeAssessmentArea {
        child_view: view.clone(), child_not_heard_reason: why.clone(), ..family()
    };
    let concluded = runs.clone().after(ask(abandoning()));
    let five = described(runs.clone(), &IcsDimension::ALL[..5]);
    let last = || area(IcsDimension::Other);
    let unheard = five.clone().after(ask(last()));
    let heard = five.clone().after(ask(DescribeAssessmentArea { child_view: view, ..last() }));
    let not_heard = five.clone()
        .after(ask(DescribeAssessmentArea { child_not_heard_reason: why, ..last() }));
    let conclude = || ask(assessed(EXAMINATION)).on(2019, 7, 1);
    let number = Some(words("0101054000"));
    vec![
        yes(&runs, ask(family()), "AssessmentAreaDescribed"),
        yes(&runs.clone().after(ask(family())), ask(family()), "AssessmentAreaDescribed"),
        no(&opened(), ask(family()),
           Reason::UnknownId, "describe_assessment_area.assessment_id"),
        no(&runs, ask(silent), Reason::FieldInvalid, "describe_assessment_area.resources"),
        no(&runs, ask(both),
           Reason::FieldInvalid, "describe_assessment_area.child_not_heard_reason"),
        no(&runs, ask(DescribeAssessmentArea { about: vec![CHILD, UNCLE], ..family() }),
           Reason::NotInFamily, "describe_assessment_area.about[1]"),
        no(&runs, ask(family()).on(2019, 3, 4), Reason::DateOrder, "occurred_at"),
        no(&runs, ask(DescribeAssessmentArea { parent_view: number, ..family() }),
           Reason::CprInText, "describe_assessment_area.parent_view"),
        no(&concluded, ask(family()),
           Reason::AssessmentState, "describe_assessment_area.assessment_id"),

        no(&five, conclude(), Reason::DimensionMissing, "conclude_assessment.assessment_id"),
        no(&unheard, conclude(), Reason::ChildNotHeard, "conclude_assessment.assessment_id"),
        yes(&heard, conclude(), "AssessmentConcluded"),
        yes(&not_heard, conclude(), "AssessmentConcluded"),
        no(&concluded, conclude(), Reason::AssessmentState, "conclude_assessment.assessment_id"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn factor_rows() -> Vec<Row> {
    let runs = examining();
    let resource = StateFactor { side: FactorSide::Resource, ..factor() };
    let over = runs.clone().after(ask(abandoning()));
    vec![
        yes(&runs, ask(factor()), "FactorStated"),
        yes(&runs, ask(StateFactor { weight_band: None, ..resource.clone() }), "FactorStated"),
        no(&runs, ask(resource), Reason::FieldInvalid, "state_factor.weight_band"),
        no(&opened(), ask(factor()), Reason::UnknownId, "state_factor.assessment_id"),
        no(&over, ask(factor()), Reason::AssessmentState, "state_factor.assessment_id"),
        no(&runs, ask(factor()).on(2019, 3, 4), Reason::DateOrder, "occurred_at"),
        no(&runs, ask(StateFactor { grounds: Some(words("010105-4000")), ..factor() }),
           Reason::CprInText, "state_factor.grounds"),

        yes(&runs, ask(provisional()), "AssessmentProvisionallyConcluded"),
        no(&runs.clone().after(ask(provisional())), ask(provisional()),
           Reason::AssessmentState, "conclude_assessment_provisionally.assessment_id"),
        no(&runs, ask(provisional()).on(2019, 8, 2),
           Reason::DateOrder, "conclude_assessment_provisionally.expected_end"),
        no(&runs, ask(provisional()).on(2019, 3, 4), Reason::DateOrder, "occurred_at"),
        yes(&runs.clone().after(ask(provisional())), ask(factor()), "FactorStated"),

        yes(&runs, ask(abandoning()), "AssessmentAbandoned"),
        no(&over, ask(abandoning()),
           Reason::AssessmentState, "abandon_assessment.assessment_id"),
        no(&runs, ask(abandoning()).on(2019, 3, 4), Reason::DateOrder, "occurred_at"),
        no(&triaged(), ask(abandoning()), Reason::UnknownId, "abandon_assessment.assessment_id"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn instrument_rows() -> Vec<Row> {
    let open = opened();
    let of = |instrument: &str| AdministerInstrument { instrument: instrument.to_owned(), ..yls() };
    let scored = |scores| ask(AdministerInstrument { scores, ..sdq() });
    let with = |value, missing_items| ScaleScore { missing_items, ..score("CONDUCT", value) };
    let member = |person_id| ask(joining(person_id)).on(2019, 3, 1);
    let born_later = people_with(UNCLE, born_in(2008)).after(member(UNCLE));
    let born_in_time = people_with(UNCLE, born_in(2007)).after(member(UNCLE));
    let of_uncle = || ask(AdministerInstrument { person_id: Some(UNCLE), ..yls() });
    let ncfas = || AdministerInstrument {
        person_id: None, scores: vec![score("FAMILY_SAFETY", -2)], ..of("NCFAS")
    };
    let part = |id| ask(AdministerInstrument { assessment_id: Some(id), ..yls() });
    let died = open.clone().after(ask(dead(YOUTH)));
    vec![
        yes(&open, ask(yls()), "InstrumentAdministered"),
        yes(&open, ask(ncfas()), "InstrumentAdministered"),
        yes(&open, ask(sdq()), "InstrumentAdministered"),
        no(&open, ask(of("SDQ_2")), Reason::FieldInvalid, "administer_instrument.instrument"),
        no(&open, ask(AdministerInstrument { person_id: None, ..yls() }),
           Reason::FieldInvalid, "administer_instrument.person_id"),
        no(&open, ask(AdministerInstrument { person_id: Some(CHILD), ..ncfas() }),
           Reason::FieldInvalid, "administer_instrument.person_id"),
        no(&open, of_uncle(), Reason::NotInFamily, "administer_instrument.person_id"),
        no(&open, ask(AdministerInstrument { respondent: Respondent::Teacher, ..yls() }),
           Reason::FieldInvalid, "administer_instrument.respondent"),
        no(&open, ask(AdministerInstrument { gives_item_texts: true, ..yls() }),
           Reason::LicensedText, "administer_instrument.item_texts"),
        no(&open, scored(vec![]), Reason::FieldInvalid, "administer_instrument.scores"),
        no(&open, scored(vec![score("IMPACT", 1), score("TOTALLY", 1)]),
           Reason::FieldInvalid, "administer_instrument.scores[1].scale"),
        no(&open, scored(vec![score("TOTAL", 41)]),
           Reason::OutOfRange, "administer_instrument.scores[0].value"),
        no(&open, scored(vec![with(3, 3)]),
           Reason::TooManyMissing, "administer_instrument.scores[0].missing_items"),
        yes(&open, scored(vec![with(3, 2)]), "InstrumentAdministered"),
        no(&open, scored(vec![score("CONDUCT", 3), score("TOTAL", 3)]),
           Reason::SumMismatch, "administer_instrument.scores[1].value"),

        // Seven years old, and the form for youth.
        no(&open, ask(AdministerInstrument { person_id: Some(CHILD), ..yls() }),
           Reason::AgeNotValid, "administer_instrument.person_id"),
        no(&open, ask(AdministerInstrument {
            person_id: Some(CHILD), respondent: Respondent::OneSelf, ..sdq()
        }), Reason::AgeNotValid, "administer_instrument.person_id"),
        no(&open, ask(AdministerInstrument { person_id: Some(MOTHER), ..sdq() }),
           Reason::AgeNotValid, "administer_instrument.person_id"),
        no(&born_later, of_uncle(), Reason::AgeNotValid, "administer_instrument.person_id"),
        yes(&born_in_time, of_uncle(), "InstrumentAdministered"),
        yes(&open.clone().after(member(UNCLE)), of_uncle(), "InstrumentAdministered"),
        yes(&open.clone().erased(CHILD),
            ask(AdministerInstrument { person_id: Some(CHILD), ..yls() }),
            "InstrumentAdministered"),

        yes(&examining(), part(examination()), "InstrumentAdministered"),
        no(&open, part(examination()), Reason::UnknownId, "administer_instrument.assessment_id"),
        no(&examining().after(ask(abandoning())), part(examination()),
           Reason::AssessmentState, "administer_instrument.assessment_id"),
        no(&registered(), ask(yls()), Reason::NoLegalBasis, "legal_basis"),

        // As the person's own stream says, whatever the family's does.
        no(&died, ask(yls()), Reason::AfterDeath, "administer_instrument.person_id"),
        yes(&died, ask(yls()).on(2019, 5, 31), "InstrumentAdministered"),
        yes(&died, ask(yls()).some_day_of(2019, 5), "InstrumentAdministered"),
        yes(&died, ask(ncfas()), "InstrumentAdministered"),
    ]
}

/// Dead since the last of May.
fn dead(person_id: PersonId) -> RecordDeath {
    let source = DeathSource::CprRegister;
    RecordDeath { person_id, died_on: Some(date(2019, 5, 31)), source }
}

/// The story with somebody else's birth in it.
fn people_with(person_id: PersonId, birth: Option<Birth>) -> Journal {
    let known = opened();
    let correction = CorrectEntry {
        stream: person_id.into(),
        entry: EntryRef::Revision(1),
        reason: CorrectionReason::NewEvidence,
        explanation: words("Found"),
        corrected: RegisterPerson { birth, ..person(person_id) }.into(),
        corrected_occurred: None,
    };
    known.after(ask(correction))
}

#[rustfmt::skip] // One row, one rule.
fn report_rows() -> Vec<Row> {
    let (open, known) = (opened(), registered());
    let tomorrow = date(2020, 1, 16);
    let of = |person, kind| ask(incident(person, kind));
    let told_by = |source_agency| {
        ask(RecordIncident { source_agency, ..incident(YOUTH, IncidentKind::Runaway) })
    };
    let schooled = open.clone().after(ask(education(EducationStatus::Primary)).on(2019, 5, 1));
    let from = |day| ReportEducationStatus { from: Some(day), ..education(EducationStatus::Primary) };
    let works = open.clone().after(ask(employment(EmploymentStatus::Benefit)));
    let died = open.clone().after(ask(dead(YOUTH)));
    vec![
        yes(&open, ask(external()), "ExternalAssessmentReceived"),
        no(&open, ask(ReceiveExternalAssessment { dated: Some(tomorrow), ..external() }),
           Reason::InFuture, "receive_external_assessment.dated"),
        no(&open, ask(ReceiveExternalAssessment { about: vec![UNCLE], ..external() }),
           Reason::NotInFamily, "receive_external_assessment.about[0]"),
        no(&known, ask(external()), Reason::NoLegalBasis, "legal_basis"),

        yes(&open, of(YOUTH, IncidentKind::Violence), "IncidentRecorded"),
        no(&open, of(UNCLE, IncidentKind::Violence),
           Reason::NotInFamily, "record_incident.person_id"),
        no(&open, of(YOUTH, IncidentKind::Charge), Reason::NoLegalBasis, "legal_basis"),
        yes(&open, of(YOUTH, IncidentKind::Charge).by_law(), "IncidentRecorded"),
        no(&open, told_by(Agency::Police), Reason::NoLegalBasis, "legal_basis"),
        yes(&open, told_by(Agency::Police).by_law(), "IncidentRecorded"),
        yes(&open, told_by(Agency::Ssp), "IncidentRecorded"),
        no(&open, of(CHILD, IncidentKind::Charge).by_law(),
           Reason::Impossible, "record_incident.kind"),
        no(&open, of(CHILD, IncidentKind::Conviction).by_law(),
           Reason::Impossible, "record_incident.kind"),
        yes(&open, of(CHILD, IncidentKind::PoliceContact).by_law(), "IncidentRecorded"),
        yes(&open.clone().erased(CHILD), of(CHILD, IncidentKind::Charge).by_law(),
            "IncidentRecorded"),
        no(&known, of(YOUTH, IncidentKind::Runaway), Reason::NoLegalBasis, "legal_basis"),
        no(&open, ask(RecordIncident { text: Some(words("0101054000")),
            ..incident(YOUTH, IncidentKind::Runaway) }), Reason::CprInText, "record_incident.text"),
        no(&died, of(YOUTH, IncidentKind::Violence),
           Reason::AfterDeath, "record_incident.person_id"),
        yes(&died, of(YOUTH, IncidentKind::Violence).on(2019, 5, 31), "IncidentRecorded"),

        yes(&open, ask(absence()), "AbsenceReported"),
        yes(&open, ask(ReportAbsence { lawful_per_mille: 845, ..absence() }), "AbsenceReported"),
        no(&open, ask(ReportAbsence { lawful_per_mille: 846, ..absence() }),
           Reason::OutOfRange, "report_absence.unlawful_percent"),
        no(&open, ask(ReportAbsence { to: date(2019, 2, 28), ..absence() }),
           Reason::DateOrder, "report_absence.to"),
        no(&open, ask(ReportAbsence { to: tomorrow, ..absence() }),
           Reason::InFuture, "report_absence.to"),
        no(&open, ask(ReportAbsence { person_id: UNCLE, ..absence() }),
           Reason::NotInFamily, "report_absence.person_id"),

        yes(&open, ask(education(EducationStatus::Fgu)), "EducationStatusReported"),
        yes(&schooled, ask(education(EducationStatus::TenthGrade)), "EducationStatusReported"),
        no(&schooled, ask(education(EducationStatus::Primary)),
           Reason::NoChange, "report_education_status.status"),
        yes(&schooled, ask(from(date(2019, 4, 30))), "EducationStatusReported"),
        no(&open, ask(from(tomorrow)), Reason::InFuture, "report_education_status.from"),
        no(&open, ask(ReportEducationStatus { person_id: UNCLE, ..from(tomorrow) }),
           Reason::NotInFamily, "report_education_status.person_id"),

        yes(&open, ask(employment(EmploymentStatus::Benefit)), "EmploymentStatusReported"),
        no(&works, ask(employment(EmploymentStatus::Benefit)),
           Reason::NoChange, "report_employment_status.status"),
        yes(&works, ask(ReportEmploymentStatus {
            person_id: YOUTH, ..employment(EmploymentStatus::Benefit)
        }), "EmploymentStatusReported"),
        no(&known, ask(employment(EmploymentStatus::Leave)), Reason::NoLegalBasis, "legal_basis"),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [area_rows(), factor_rows(), instrument_rows(), report_rows()].concat()
}

/// One of each command, in a journal that accepts it.
pub(super) fn cases() -> Vec<(Journal, Command)> {
    let runs = examining();
    let in_may =
        |status| ReportEducationStatus { from: Some(date(2019, 5, 1)), ..education(status) };
    let at_work = ReportEmploymentStatus {
        from: Some(date(2019, 5, 1)),
        ..employment(EmploymentStatus::Employed)
    };
    vec![
        (runs.clone(), area(IcsDimension::School).into()),
        (runs.clone(), factor().into()),
        (opened(), yls().into()),
        (runs.clone(), provisional().into()),
        (runs, abandoning().into()),
        (opened(), external().into()),
        (opened(), incident(YOUTH, IncidentKind::Violence).into()),
        (opened(), absence().into()),
        (opened(), in_may(EducationStatus::Primary).into()),
        (opened(), at_work.into()),
    ]
}

#[test]
fn rules_inside_assessments_and_on_reports() {
    check(rows());
}

#[test]
fn scores_are_kept_as_decimal_texts_with_their_bands() {
    let decided = opened().decide(&ask(yls())).unwrap();
    let record = &decided.appends[0].1[0];
    let fields: Vec<_> = record.personal.iter().map(|it| (it.field.as_str(), &it.value)).collect();
    let scores = json!([{"scale": "TOTAL", "value": "23", "missing_items": 0}]);
    let bands = json!([{"scale": "TOTAL", "band": "HIGH"}]);
    assert_eq!(fields, [("scores", &scores), ("bands", &bands)]);
    assert!(record.personal.iter().all(|it| it.persons == [YOUTH]));
    let without = opened().decide(&ask(sdq())).unwrap();
    assert_eq!(without.appends[0].1[0].personal.len(), 1, "the SDQ has no bands for everybody");
}

#[test]
fn what_an_area_holds_is_about_whom_is_assessed_and_says_whether_the_child_was_heard() {
    let heard = |command: DescribeAssessmentArea| {
        let decided = examining().decide(&ask(command)).unwrap();
        let record = decided.appends[0].1[0].clone();
        assert!(record.personal.iter().all(|it| it.persons == [CHILD]));
        let Fact::AssessmentAreaDescribed(fact) = record.fact else { panic!("other") };
        fact.child_heard
    };
    let (family, said) = (|| area(IcsDimension::Family), Some(words("Said")));
    assert_eq!(heard(family()), None);
    let view = DescribeAssessmentArea { child_view: said.clone(), ..family() };
    assert_eq!(heard(view), Some(true));
    let reason = DescribeAssessmentArea { child_not_heard_reason: said, ..family() };
    assert_eq!(heard(reason), Some(false));
}
