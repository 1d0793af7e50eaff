//! A family's way through the programme: ids, commands with plain values, and the journal at each
//! stage. Rows vary the commands.

use jiff::civil::date;
use uuid::Uuid;

use super::journal::{Journal, ask};
use crate::codes::*;
use crate::command::*;
use crate::ids::*;

pub(super) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(super) const FAMILY: FamilyId = FamilyId(Uuid::from_u128(1));
pub(super) const PROGRAMME: ProgrammeId = ProgrammeId(Uuid::from_u128(2));
/// Employed since 2018.
pub(super) const ANNE: WorkerId = WorkerId(Uuid::from_u128(3));
/// Employed until 2019-05-31.
pub(super) const BO: WorkerId = WorkerId(Uuid::from_u128(4));
/// Born 1980.
pub(super) const MOTHER: PersonId = PersonId(Uuid::from_u128(11));
/// Born 2004-05-01, by the CPR number.
pub(super) const YOUTH: PersonId = PersonId(Uuid::from_u128(12));
/// Born 2012-03-04.
pub(super) const CHILD: PersonId = PersonId(Uuid::from_u128(13));
/// Born nobody knows when; not in the family.
pub(super) const UNCLE: PersonId = PersonId(Uuid::from_u128(14));
/// Registered nowhere.
pub(super) const NOBODY: PersonId = PersonId(Uuid::from_u128(99));

pub(super) fn words(text: &str) -> Text {
    Text(text.to_owned())
}

pub(super) fn person(person_id: PersonId) -> RegisterPerson {
    RegisterPerson {
        person_id,
        name: PersonName { given: "Given".to_owned(), family: "Family".to_owned() },
        cpr: None,
        birth: None,
        sex: None,
        source: PersonSource::Manual,
        is_synthetic: false,
    }
}

pub(super) fn cpr(text: &str) -> Option<CprText> {
    Some(CprText(text.to_owned()))
}

pub(super) fn born(year: i16, month: i8, day: i8) -> Option<Birth> {
    Some(Birth { date: Some(date(year, month, day)), year: None, precision: BirthPrecision::Exact })
}

pub(super) fn born_in(year: i16) -> Option<Birth> {
    Some(Birth { date: None, year: Some(year), precision: BirthPrecision::Year })
}

pub(super) fn criterion(code: &str, mandatory: bool) -> TargetCriterion {
    TargetCriterion { code: code.to_owned(), mandatory, text: "Asked so".to_owned() }
}

pub(super) fn programme() -> OpenProgramme {
    OpenProgramme {
        programme_id: PROGRAMME,
        name: "Families first".to_owned(),
        first_case_from: date(2019, 2, 1),
        intake_until: Some(date(2019, 12, 31)),
        capacity_families: 60,
        criteria: vec![criterion("AT_RISK", true), criterion("KNOWN_TO_SCHOOL", false)],
    }
}

pub(super) fn worker(worker_id: WorkerId) -> EmployWorker {
    EmployWorker {
        worker_id,
        name: words("A worker"),
        subject: "worker".to_owned(),
        agency: Agency::Social,
        employed_from: date(2018, 1, 1),
        employed_to: (worker_id == BO).then_some(date(2019, 5, 31)),
    }
}

pub(super) fn member(person_id: PersonId, role: FamilyRole) -> InitialMember {
    InitialMember { person_id, role, household: Household::Core }
}

pub(super) fn family() -> RegisterFamily {
    RegisterFamily {
        family_id: FAMILY,
        reference: "FF-2019-001".to_owned(),
        initial_members: vec![
            member(MOTHER, FamilyRole::Mother),
            member(YOUTH, FamilyRole::Child),
            member(CHILD, FamilyRole::Sibling),
        ],
        source: FamilySource::Referral,
    }
}

pub(super) fn joining(person_id: PersonId) -> AddFamilyMember {
    AddFamilyMember {
        family_id: FAMILY,
        person_id,
        role: FamilyRole::Other,
        household: Household::PartTime,
        valid_from: date(2019, 6, 1),
    }
}

pub(super) fn leaving(person_id: PersonId) -> RemoveFamilyMember {
    RemoveFamilyMember {
        family_id: FAMILY,
        person_id,
        reason: LeaveReason::MovedOut,
        valid_to: date(2019, 6, 1),
    }
}

pub(super) fn referral(number: u128) -> SubmitReferral {
    SubmitReferral {
        family_id: FAMILY,
        referral_id: ReferralId(id(100 + number)),
        programme_id: PROGRAMME,
        agency: Agency::School,
        worker_id: None,
        risk_areas: vec![RiskArea::StreetLifestyle, RiskArea::SchoolThriving],
        grounds: words("Grounds"),
        about: Vec::new(),
        family_knows: true,
    }
}

pub(super) fn answer(code: &str, met: bool) -> Criterion {
    Criterion { code: code.to_owned(), met, grounds: Some(words("Seen at school")) }
}

pub(super) fn triage(number: u128) -> TriageReferral {
    TriageReferral {
        family_id: FAMILY,
        referral_id: ReferralId(id(100 + number)),
        met: true,
        criteria: vec![answer("AT_RISK", true)],
        capacity: true,
        priority: Priority::Normal,
    }
}

pub(super) fn case() -> OpenCase {
    OpenCase {
        family_id: FAMILY,
        case_id: CaseId(id(200)),
        programme_id: PROGRAMME,
        referral_id: ReferralId(id(101)),
        opened_on: date(2019, 3, 1),
        kle: "27.27.09".to_owned(),
        lead_worker_id: ANNE,
        regime: Regime::Sel,
    }
}

pub(super) fn assignment(worker_id: WorkerId, role: WorkerRole) -> AssignWorker {
    AssignWorker {
        family_id: FAMILY,
        worker_id,
        role,
        valid_from: date(2019, 5, 1),
        valid_to: None,
        replaces_lead: false,
        handover_note: None,
        about: Vec::new(),
    }
}

pub(super) fn phase(phase: CasePhase) -> EnterCasePhase {
    EnterCasePhase { family_id: FAMILY, phase }
}

pub(super) fn track(youth_id: PersonId) -> OpenYouthTrack {
    OpenYouthTrack { family_id: FAMILY, youth_id, track_id: TrackId(id(300)) }
}

pub(super) fn contact(number: u128) -> RecordContact {
    RecordContact {
        family_id: FAMILY,
        contact_id: ContactId(id(400 + number)),
        kind: ContactKind::Visit,
        minutes: 45,
        present: vec![MOTHER],
        risk_areas: Vec::new(),
        goal_ids: Vec::new(),
        text: Some(words("Talked")),
        about: Vec::new(),
        from_child: false,
    }
}

pub(super) fn note(number: u128) -> RecordNote {
    RecordNote {
        family_id: FAMILY,
        note_id: NoteId(id(500 + number)),
        nature: NoteNature::Fact,
        grade: Grade::Certain,
        source: None,
        about: Vec::new(),
        text: words("Noted"),
    }
}

pub(super) fn assessing(number: u128, kind: AssessmentKind) -> StartAssessment {
    StartAssessment {
        family_id: FAMILY,
        assessment_id: AssessmentId(id(600 + number)),
        kind,
        person_id: None,
        trigger: None,
        regime: Regime::Sel,
        need_known_on: None,
    }
}

pub(super) fn assessed(number: u128) -> ConcludeAssessment {
    ConcludeAssessment {
        family_id: FAMILY,
        assessment_id: AssessmentId(id(600 + number)),
        conclusion: words("Concluded"),
        proposal: AssessmentProposal::Support,
        shared_with_family_on: None,
        about: Vec::new(),
    }
}

/// Rests on the family's registration unless a row says otherwise.
pub(super) fn judging(person_id: PersonId, basis: &[u64]) -> JudgeRisk {
    JudgeRisk {
        family_id: FAMILY,
        person_id,
        risk_area: RiskArea::SchoolThriving,
        level: RiskLevel::Moderate,
        direction: RiskDirection::First,
        basis: basis.iter().map(|it| EntryRef::Revision(*it)).collect(),
        reasoning: words("Absent from school every Monday since the winter holidays"),
        valid_until: date(2019, 10, 1),
    }
}

pub(super) fn plan(number: u128, kind: PlanKind, person_id: Option<PersonId>) -> DraftPlan {
    DraftPlan { family_id: FAMILY, plan_id: PlanId(id(700 + number)), kind, person_id }
}

pub(super) fn levels() -> Option<GoalLevels> {
    let text = || "Described".to_owned();
    Some(GoalLevels {
        minus_two: text(),
        minus_one: text(),
        zero: text(),
        plus_one: text(),
        plus_two: text(),
    })
}

pub(super) fn goal(plan: u128, number: u128, risk_area: RiskArea) -> SetGoal {
    SetGoal {
        family_id: FAMILY,
        plan_id: PlanId(id(700 + plan)),
        goal_id: GoalId(id(800 + number)),
        owner: None,
        theme: GoalTheme::School,
        risk_area,
        statement: words("To school every day"),
        family_words: None,
        levels: levels(),
        weight: 3,
        baseline: -1,
        target_date: date(2019, 12, 1),
        about: Vec::new(),
    }
}

pub(super) fn heard(person_id: PersonId) -> ChildHeard {
    ChildHeard { person_id, how: Some(words("Talked at home")), not_heard_reason: None }
}

pub(super) fn agreement(plan: u128, children: &[PersonId]) -> AgreePlan {
    AgreePlan {
        family_id: FAMILY,
        plan_id: PlanId(id(700 + plan)),
        agreed_by: vec![Agreement { person_id: MOTHER, manner: AgreementManner::Signed }],
        children_heard: children.iter().map(|it| heard(*it)).collect(),
    }
}

pub(super) fn ordering(number: u128, intervention_type: InterventionType) -> OrderIntervention {
    OrderIntervention {
        family_id: FAMILY,
        intervention_id: InterventionId(id(900 + number)),
        intervention_type,
        person_id: None,
        goal_ids: vec![GoalId(id(801))],
        method_version: None,
        provider: None,
        planned: PlannedCourse {
            start: date(2019, 5, 20),
            end: date(2019, 11, 20),
            sessions: Some(12),
            minutes_per_week: None,
        },
        cost_estimate_ore: None,
        about: Vec::new(),
    }
}

pub(super) fn starting(number: u128) -> StartIntervention {
    StartIntervention {
        family_id: FAMILY,
        intervention_id: InterventionId(id(900 + number)),
        on: date(2019, 5, 20),
    }
}

pub(super) fn session(number: u128) -> HoldSession {
    HoldSession {
        family_id: FAMILY,
        intervention_id: InterventionId(id(900 + number)),
        on: date(2019, 6, 1),
        minutes: 60,
        attendance: vec![Attendance { person_id: MOTHER, state: AttendanceState::Present }],
        fidelity_percent: None,
        note: None,
    }
}

pub(super) fn ending(number: u128) -> EndIntervention {
    EndIntervention {
        family_id: FAMILY,
        intervention_id: InterventionId(id(900 + number)),
        on: date(2019, 11, 20),
        reason: InterventionEndReason::Completed,
        result: Some(words("It went well")),
        about: Vec::new(),
    }
}

/// People, workers and the programme are known.
pub(super) fn people() -> Journal {
    let mother = RegisterPerson { birth: born(1980, 7, 8), ..person(MOTHER) };
    let youth = RegisterPerson { cpr: cpr("0105044321"), ..person(YOUTH) };
    let child = RegisterPerson { birth: born(2012, 3, 4), ..person(CHILD) };
    Journal::default()
        .after(ask(mother))
        .after(ask(youth))
        .after(ask(child))
        .after(ask(person(UNCLE)))
        .after(ask(programme()))
        .after(ask(worker(ANNE)))
        .after(ask(worker(BO)))
}

/// Revision 1: the family is registered.
pub(super) fn registered() -> Journal {
    people().after(ask(family()).on(2019, 2, 1))
}

/// Revisions 2 and 3: referred and judged, with a place.
pub(super) fn triaged() -> Journal {
    registered().after(ask(referral(1)).on(2019, 2, 10)).after(ask(triage(1)).on(2019, 2, 15))
}

/// Revision 4: the case is open since 1 March.
pub(super) fn opened() -> Journal {
    triaged().after(ask(case()).on(2019, 3, 1).by_law())
}

/// Revisions 5 and 6: the family is assessed.
pub(super) fn family_assessed() -> Journal {
    opened()
        .after(ask(assessing(1, AssessmentKind::FamilyAssessment)).on(2019, 3, 5))
        .after(ask(assessed(1)).on(2019, 4, 20))
}

/// Revisions 7 to 10: the family's plan is agreed, with a goal for each risk area.
pub(super) fn planned() -> Journal {
    family_assessed()
        .after(ask(plan(1, PlanKind::Family, None)).on(2019, 5, 1))
        .after(ask(goal(1, 1, RiskArea::StreetLifestyle)).on(2019, 5, 1))
        .after(ask(goal(1, 2, RiskArea::SchoolThriving)).on(2019, 5, 1))
        .after(ask(agreement(1, &[YOUTH, CHILD])).on(2019, 5, 10))
}

/// Revisions 11 and 12: family therapy runs since 20 May.
pub(super) fn running() -> Journal {
    planned()
        .after(ask(ordering(1, InterventionType::Fft)).on(2019, 5, 15))
        .after(ask(starting(1)).on(2019, 5, 20))
}
