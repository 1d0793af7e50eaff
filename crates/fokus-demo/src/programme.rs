//! The programme and its workers, and the one place that knows the calendar of the whole demo.

use fokus_proto::v1;
use fokus_proto::v1::InterventionType;
use fokus_proto::v1::execute_request::Command;
use jiff::civil::{Date, date};

use crate::calendar::{after, instant_ms, later, workday};
use crate::dice::Dice;
use crate::names;
use crate::script::{Call, Recorder, Role};

/// Recording begins: a Monday.
pub(crate) const BEGINNING: Date = date(2018, 8, 6);
/// No case may be opened before.
pub(crate) const FIRST_CASE_FROM: Date = date(2019, 2, 1);
/// The programme's last day.
pub(crate) const INTAKE_UNTIL: Date = date(2020, 12, 31);
/// The last day that anything is recorded: a Friday.
pub(crate) const LAST_DAY: Date = date(2020, 12, 11);

/// The day on which the demo's clock stands while it is served.
pub(crate) const SERVED_ON: Date = date(2020, 12, 15);

/// The days of which the tally says who led how many cases.
pub(crate) const CASELOAD_DAYS: [Date; 4] =
    [date(2019, 5, 15), date(2019, 12, 31), date(2020, 6, 30), SERVED_ON];

/// Method versions: code, name, first day, the day on which it was retired and the day of which that was
/// the last of it.
const METHODS: [(&str, &str, Date, Option<Date>); 6] = [
    ("MST@2018-1", "Multisystemisk terapi", date(2018, 1, 1), None),
    ("FFT@2017-3", "Funktionel familieterapi", date(2017, 6, 1), Some(date(2019, 12, 31))),
    ("PMTO@2016-2", "Parent Management Training", date(2016, 3, 1), None),
    ("DUAA@2018-1", "De Utrolige År", date(2018, 1, 1), None),
    (
        RETIRED_EARLY,
        "Parent Management Training, første udgave",
        date(2012, 1, 1),
        Some(date(2018, 12, 31)),
    ),
    ("FFT@2020-1", "Funktionel familieterapi, ny manual", date(2020, 1, 1), None),
];
/// On how few families a released number may rest.
const THRESHOLD: i32 = 5;

/// The Sunday on which that is set.
const RULES_ON: Date = date(2019, 4, 21);

/// The quarters that are released, each with the Sunday on which it is.
const RELEASES: [(&str, Date); 7] = [
    ("2019-Q1", date(2019, 4, 28)),
    ("2019-Q2", date(2019, 7, 28)),
    ("2019-Q3", date(2019, 10, 27)),
    ("2019-Q4", date(2020, 1, 26)),
    ("2020-Q1", date(2020, 4, 26)),
    ("2020-Q2", date(2020, 7, 26)),
    ("2020-Q3", date(2020, 10, 25)),
];

/// In force until before the first case.
pub(crate) const RETIRED_EARLY: &str = "PMTO@2012-1";

/// The version of its method by which an intervention of this kind is ordered; empty = none.
pub(crate) fn method(kind: InterventionType, start: Date) -> &'static str {
    match kind {
        InterventionType::Mst => "MST@2018-1",
        InterventionType::Fft if start < date(2020, 1, 1) => "FFT@2017-3",
        InterventionType::Fft => "FFT@2020-1",
        InterventionType::Pmto => "PMTO@2016-2",
        InterventionType::ParentProgramme => "DUAA@2018-1",
        InterventionType::Unspecified
        | InterventionType::FamilyTreatment
        | InterventionType::HomeSupport
        | InterventionType::Mentor
        | InterventionType::ContactPerson
        | InterventionType::LeisureJob
        | InterventionType::LeisurePass
        | InterventionType::Homework
        | InterventionType::NetworkMeeting
        | InterventionType::FamilyGroupConference
        | InterventionType::UuCourse
        | InterventionType::TransitionMentor
        | InterventionType::JobCourseParent
        | InterventionType::ExitTalk
        | InterventionType::ConcernTalk
        | InterventionType::Other => "",
    }
}

/// The days within which all workers are employed.
const EMPLOYING_DAYS: u32 = 60;

/// The criteria of the target group; the first three are mandatory.
pub(crate) const CRITERIA: [(&str, bool, &str); 4] = [
    ("CHILD_UNDER_25", true, "Mindst ét barn eller en ung under 25 år i familien."),
    ("RISK_AREA", true, "Bekymring på mindst ét af programmets tre områder."),
    ("RESIDENT", true, "Familien bor i kommunen."),
    ("SEVERAL_AGENCIES", false, "Mindst to fagområder kender familien."),
];

/// What families need to know of the programme.
#[derive(Debug, Clone)]
pub(crate) struct Programme {
    pub(crate) id: String,
    /// Ids of those employed for the whole time, trained and free to be anything; never empty.
    pub(crate) workers: Vec<String>,
    /// Employed until the end of 2018 only.
    pub(crate) gone: String,
    /// Employed for the whole time, trained in nothing.
    pub(crate) untrained: String,
    /// Employed for the whole time, and granted the role of a second worker only.
    pub(crate) limited: String,
}

impl Programme {
    /// The worker at that turn.
    pub(crate) fn worker(&self, turn: usize) -> String {
        let at = turn.checked_rem(self.workers.len()).unwrap_or(0);
        self.workers.get(at).cloned().unwrap_or_default()
    }
}

/// Opens the programme and employs its workers.
pub(crate) fn begin(dice: &mut Dice, families: u32, workers: u32) -> (Programme, Recorder) {
    let mut script = Recorder::default();
    let at = |day: Date, minute: u32| instant_ms(day, 9 * 60 + minute);
    let opening = opening(dice, families);
    let id = opening.programme_id.clone();

    // Refused: a caseworker opens no programme. Nothing is used up, so the ids stay free.
    let call = Call::new(dice, Command::OpenProgramme(opening.clone()));
    script.refuse(at(BEGINNING, 0), call, "NOT_PERMITTED");
    let call = Call::new(dice, Command::OpenProgramme(opening))
        .by(Role::ProgrammeManager, v1::Purpose::Grant)
        .on_basis("GDPR6_1_E", "");
    script.accept(at(BEGINNING, 5), call);

    publish(dice, &mut script, &id);
    let mut employed = Vec::new();
    for number in 0..workers + 3 {
        let day = workday(after(BEGINNING, 3 + number * EMPLOYING_DAYS / workers.max(1)));
        let last_day = if number == workers { "2018-12-31" } else { "" };
        let worker = employment(dice, number, day, last_day);
        let worker_id = worker.worker_id.clone();
        employed.push(worker_id.clone());
        let role = if number % 2 == 0 { Role::ProgrammeManager } else { Role::TeamLead };
        let at_ms = at(day, 10 + number % 300);
        script.accept(at_ms, staff(dice, role, Command::EmployWorker(worker.clone())));
        if number == 0 {
            // Refused: the same worker twice.
            script.refuse(
                at(day, 20),
                staff(dice, role, Command::EmployWorker(worker)),
                "ID_TAKEN",
            );
        }
        if number < workers {
            prepare(dice, &mut script, (at_ms, day), (number, &worker_id), &id);
        }
    }
    let mut last = employed.split_off(usize::try_from(workers).unwrap_or(0)).into_iter();
    let [gone, untrained, limited] =
        [last.next(), last.next(), last.next()].map(Option::unwrap_or_default);
    limit(dice, &mut script, &limited);
    release(dice, &mut script, &id);
    // By time: methods and roles end long after the last worker came.
    script.sort();
    (Programme { id, workers: employed, gone, untrained, limited }, script)
}

/// A command on workers or the programme.
fn staff(dice: &mut Dice, role: Role, command: Command) -> Call {
    Call::new(dice, command).by(role, v1::Purpose::Supervision).on_basis("GDPR6_1_E", "")
}

/// Publishes the methods, each before its first day or at the beginning, and retires some.
fn publish(dice: &mut Dice, script: &mut Recorder, programme_id: &str) {
    for (number, (method, name, from, retired)) in (0..).zip(METHODS) {
        let day = workday(later(from, -40)).max(BEGINNING);
        let publication = Command::PublishMethodVersion(v1::PublishMethodVersion {
            programme_id: programme_id.to_owned(),
            method_version: method.to_owned(),
            name: name.to_owned(),
            valid_from: from.to_string(),
        });
        let call = staff(dice, Role::ProgrammeManager, publication);
        script.accept(instant_ms(day, 9 * 60 + 20 + number), call);
        let Some(last_day) = retired else { continue };
        let day = workday(later(last_day, -20));
        let retirement = Command::RetireMethodVersion(v1::RetireMethodVersion {
            programme_id: programme_id.to_owned(),
            method_version: method.to_owned(),
            valid_to: last_day.to_string(),
        });
        let call = staff(dice, Role::ProgrammeManager, retirement);
        script.accept(instant_ms(day, 10 * 60 + number), call);
    }
}

/// Releases each quarter on a Sunday some weeks after its end, when nobody else writes, so that its
/// numbers depend on no order. The last is withdrawn after a correction, and released anew.
fn release(dice: &mut Dice, script: &mut Recorder, programme_id: &str) {
    let mut send = |dice: &mut Dice, day: Date, minute: u32, command: Command| {
        let call = staff(dice, Role::ProgrammeManager, command);
        script.accept(instant_ms(day, 12 * 60 + minute), call);
    };
    let id = || programme_id.to_owned();
    let rules = v1::SetDisclosureRules { programme_id: id(), threshold: THRESHOLD };
    send(dice, RULES_ON, 0, Command::SetDisclosureRules(rules));
    for (number, (quarter, sunday)) in (1..).zip(RELEASES) {
        let releasing = |dice: &mut Dice| v1::ReleaseStatistic {
            programme_id: id(),
            release_id: dice.uuid(),
            quarter: quarter.to_owned(),
        };
        let release = releasing(dice);
        let release_id = release.release_id.clone();
        send(dice, sunday, 5, Command::ReleaseStatistic(release));
        if number == RELEASES.len() {
            let later = after(sunday, 14);
            let reason = v1::WithdrawalReason::Corrected.into();
            let withdrawal = v1::WithdrawStatistic { programme_id: id(), release_id, reason };
            send(dice, later, 0, Command::WithdrawStatistic(withdrawal));
            let again = releasing(dice);
            send(dice, later, 5, Command::ReleaseStatistic(again));
        }
    }
}

/// Trains a new worker in one or two methods; every third is granted the roles by name.
fn prepare(
    dice: &mut Dice,
    script: &mut Recorder,
    (at_ms, day): (i64, Date),
    (number, worker_id): (u32, &str),
    programme_id: &str,
) {
    let roles = [
        v1::WorkerRole::Lead,
        v1::WorkerRole::Second,
        v1::WorkerRole::YouthMentor,
        v1::WorkerRole::FamilyTherapist,
        v1::WorkerRole::Deputy,
    ];
    let granted = if number.is_multiple_of(3) { roles.as_slice() } else { &[] };
    for (seconds, role) in (1..).zip(granted) {
        let grant = v1::GrantRole {
            worker_id: worker_id.to_owned(),
            role: (*role).into(),
            valid_from: day.to_string(),
            valid_to: String::new(),
        };
        let call = staff(dice, Role::TeamLead, Command::GrantRole(grant));
        script.accept(at_ms + seconds * 1_000, call);
    }
    // The first is one that stays in force: the lead of a case is trained in such a one.
    let first = dice.pick(&[0, 2, 3], 0);
    let second = dice.chance(500).then_some(1);
    for (turn, method) in (0..).zip(std::iter::once(first).chain(second)) {
        let method = METHODS.get(method);
        let training = v1::TrainWorker {
            worker_id: worker_id.to_owned(),
            programme_id: programme_id.to_owned(),
            method_version: method.map_or("", |it| it.0).to_owned(),
            on: String::new(),
        };
        let call = staff(dice, Role::TeamLead, Command::TrainWorker(training));
        let on = workday(after(day, 5 + turn * 10));
        script.accept(instant_ms(on, 15 * 60 + number % 300), call);
    }
}

/// A worker who may be a second one, and for a while the deputy.
fn limit(dice: &mut Dice, script: &mut Recorder, worker_id: &str) {
    let day = date(2018, 11, 1);
    let role = v1::WorkerRole::Second.into();
    let worker_id = worker_id.to_owned();
    let grant = v1::GrantRole {
        worker_id: worker_id.clone(),
        role,
        valid_from: String::new(),
        valid_to: String::new(),
    };
    let call = staff(dice, Role::TeamLead, Command::GrantRole(grant));
    script.accept(instant_ms(day, 11 * 60), call);
    let revocation = v1::RevokeRole { worker_id, role, valid_to: String::new() };
    let call = staff(dice, Role::TeamLead, Command::RevokeRole(revocation));
    script.accept(instant_ms(date(2020, 9, 1), 11 * 60), call);
}

fn opening(dice: &mut Dice, families: u32) -> v1::OpenProgramme {
    v1::OpenProgramme {
        programme_id: dice.uuid(),
        name: "Familien først".to_owned(),
        first_case_from: FIRST_CASE_FROM.to_string(),
        intake_until: INTAKE_UNTIL.to_string(),
        capacity_families: i32::try_from(families.max(60)).unwrap_or(10_000),
        criteria: CRITERIA
            .map(|(code, mandatory, text)| v1::TargetCriterion {
                code: code.to_owned(),
                mandatory,
                text: text.to_owned(),
            })
            .to_vec(),
    }
}

fn employment(dice: &mut Dice, number: u32, day: Date, last_day: &str) -> v1::EmployWorker {
    use v1::Agency;
    let agencies = [Agency::Social, Agency::School, Agency::JobCentre, Agency::Ssp];
    let woman = dice.chance(600);
    v1::EmployWorker {
        worker_id: dice.uuid(),
        name: format!("{} {}", names::given(dice, woman), names::family(dice)),
        subject: format!("worker-{:02}", number + 1),
        agency: dice.pick(&agencies, Agency::Social).into(),
        employed_from: day.to_string(),
        employed_to: last_day.to_owned(),
    }
}
