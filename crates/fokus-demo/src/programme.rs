//! The programme and its workers, and the one place that knows the calendar of the whole demo.

use fokus_proto::v1;
use fokus_proto::v1::execute_request::Command;
use jiff::civil::{Date, date};

use crate::calendar::{after, instant_ms, workday};
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

/// The days within which all workers are employed.
const EMPLOYING_DAYS: u32 = 60;

/// The criteria of the target group; the first three are mandatory.
pub(crate) const CRITERIA: [(&str, bool, &str); 4] = [
    ("CHILD_UNDER_25", true, "Mindst ét barn eller en ung under 25 år i familien."),
    ("RISK_AREA", true, "Bekymring på mindst ét af programmets tre områder."),
    ("RESIDENT", true, "Familien bor i kommunen."),
    ("SEVERAL_AGENCIES", false, "Mindst to fagområder kender familien."),
];

/// A worker.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    pub(crate) id: String,
}

/// What families need to know of the programme.
#[derive(Debug, Clone)]
pub(crate) struct Programme {
    pub(crate) id: String,
    /// Employed for the whole time; never empty.
    pub(crate) workers: Vec<Worker>,
    /// Employed until the end of 2018 only.
    pub(crate) gone: Worker,
}

impl Programme {
    /// The worker at that turn.
    pub(crate) fn worker(&self, turn: usize) -> String {
        let at = turn.checked_rem(self.workers.len()).unwrap_or(0);
        self.workers.get(at).map_or_else(String::new, |it| it.id.clone())
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

    let mut employed = Vec::new();
    for number in 0..=workers {
        let day = workday(after(BEGINNING, 3 + number * EMPLOYING_DAYS / workers.max(1)));
        let last_day = if number == workers { "2018-12-31" } else { "" };
        let worker = employment(dice, number, day, last_day);
        employed.push(Worker { id: worker.worker_id.clone() });
        let role = if number % 2 == 0 { Role::ProgrammeManager } else { Role::TeamLead };
        let call = Call::new(dice, Command::EmployWorker(worker.clone()))
            .by(role, v1::Purpose::Supervision)
            .on_basis("GDPR6_1_E", "");
        script.accept(at(day, 10 + number % 300), call);
        if number == 0 {
            // Refused: the same worker twice.
            let call = Call::new(dice, Command::EmployWorker(worker))
                .by(role, v1::Purpose::Supervision)
                .on_basis("GDPR6_1_E", "");
            script.refuse(at(day, 20), call, "ID_TAKEN");
        }
    }
    let gone = employed.pop().unwrap_or(Worker { id: String::new() });
    (Programme { id, workers: employed, gone }, script)
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
