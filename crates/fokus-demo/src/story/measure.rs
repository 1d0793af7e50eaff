//! Assessing: the form of risks and resources, dimensions of a child's life, instruments.

use fokus_proto::v1;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::{IcsDimension, Occasion, Respondent};

use super::latent::{link, split};
use super::{Mischief, Story, Task};
use crate::calendar::after;
use crate::parameters as p;
use crate::people::Member;
use crate::texts;
use crate::texts::assessing;

/// What the form of risks and resources asks about; four statements each.
const THEMES: [&str; 14] = [
    "SKOLE",
    "FRITID",
    "KAMMERATER",
    "FAMILIEKLIMA",
    "FORAELDREROLLE",
    "BOLIG",
    "OEKONOMI",
    "ARBEJDE",
    "HELBRED",
    "RUSMIDLER",
    "KRIMINALITET",
    "NETVAERK",
    "SPROG",
    "TRIVSEL",
];
/// Statements written down on one day.
const FACTORS_A_DAY: u32 = 14;
/// The scales of the Strengths and Difficulties Questionnaire that make its total.
const SDQ: [&str; 4] = ["EMOTIONAL", "CONDUCT", "HYPERACTIVITY", "PEER"];
/// The scales of the Youth Level of Service inventory with their most.
const YLS: [(&str, i32); 8] = [
    ("OFFENCES", 5),
    ("FAMILY", 6),
    ("EDUCATION", 7),
    ("PEERS", 4),
    ("SUBSTANCES", 5),
    ("LEISURE", 3),
    ("PERSONALITY", 7),
    ("ATTITUDES", 5),
];
/// The scales of the North Carolina Family Assessment Scale.
const NCFAS: [&str; 5] = [
    "ENVIRONMENT",
    "PARENTAL_CAPABILITIES",
    "FAMILY_INTERACTIONS",
    "FAMILY_SAFETY",
    "CHILD_WELL_BEING",
];
/// The points of the Family Star.
const STAR: [&str; 10] = [
    "PHYSICAL_HEALTH",
    "WELL_BEING",
    "EMOTIONAL_NEEDS",
    "SAFETY",
    "SOCIAL_NETWORKS",
    "EDUCATION",
    "BOUNDARIES",
    "ROUTINE",
    "HOME_AND_MONEY",
    "WORK",
];
/// The dimensions of an examination, in the order in which they are described.
const DIMENSIONS: [IcsDimension; 6] = [
    IcsDimension::DevelopmentBehaviour,
    IcsDimension::Family,
    IcsDimension::School,
    IcsDimension::Health,
    IcsDimension::LeisureFriends,
    IcsDimension::Other,
];

fn score(scale: &str, value: i32, missing_items: i32) -> v1::ScaleScore {
    v1::ScaleScore { scale: scale.to_owned(), value: value.to_string(), missing_items }
}

impl Story<'_> {
    /// A day's statements of the form, until all are written down.
    pub(super) fn state_factors(&mut self, from: u32) {
        let assessment_id = self.assessment_id.clone();
        self.write_factors(&assessment_id, from..(from + FACTORS_A_DAY).min(p::FACTORS));
        if from + FACTORS_A_DAY < p::FACTORS {
            self.plan_in(2, Task::Factors(from + FACTORS_A_DAY));
        }
        match from / FACTORS_A_DAY {
            0 => self.measure_family(Occasion::Intake),
            1 => self.measure_children(Occasion::Intake),
            2 => {
                for dimension in DIMENSIONS {
                    let assessment_id = self.assessment_id.clone();
                    self.describe(assessment_id, dimension, false);
                }
            }
            _ => {}
        }
    }

    fn write_factors(&mut self, assessment_id: &str, numbers: std::ops::Range<u32>) {
        for number in numbers {
            let factor = self.factor(number, assessment_id);
            self.say(Command::StateFactor(factor));
        }
    }

    /// Half a year on, the whole form again, in one conversation.
    pub(super) fn map_again(&mut self) {
        let assessment_id = self.dice.uuid();
        self.say(Command::StartAssessment(v1::StartAssessment {
            family_id: self.id.clone(),
            assessment_id: assessment_id.clone(),
            kind: v1::AssessmentKind::Mapping.into(),
            regime: v1::Regime::Sel.into(),
            ..Default::default()
        }));
        self.write_factors(&assessment_id, 0..p::FACTORS);
        let command = Command::ConcludeAssessment(v1::ConcludeAssessment {
            family_id: self.id.clone(),
            assessment_id,
            conclusion: texts::conclusion(&mut self.dice),
            proposal: v1::AssessmentProposal::Support.into(),
            shared_with_family_on: self.today.to_string(),
            about: Vec::new(),
        });
        self.say(command);
    }

    fn factor(&mut self, number: u32, assessment_id: &str) -> v1::StateFactor {
        let theme = usize::try_from(number / 4).ok().and_then(|at| THEMES.get(at));
        let (risk, turn) = (number % 4 < 2, number % 2 + 1);
        let today = self.today;
        let severity = self.latent.of_family(&mut self.dice, today);
        let weight = u32::try_from((500 + severity / 4).clamp(100, 900)).unwrap_or(500);
        let grave = self.dice.chance(if risk { weight } else { 1_000 - weight });
        let answer = match (grave, self.dice.below(12)) {
            (_, 0) => v1::FactorAnswer::DontKnow,
            (_, 1) => v1::FactorAnswer::Irrelevant,
            (true, _) => v1::FactorAnswer::Yes,
            (false, _) => v1::FactorAnswer::No,
        };
        let bands = [v1::WeightBand::Slight, v1::WeightBand::Some, v1::WeightBand::Substantial];
        let band = self.dice.pick(&bands, v1::WeightBand::Some);
        let side = if risk { v1::FactorSide::Risk } else { v1::FactorSide::Resource };
        v1::StateFactor {
            family_id: self.id.clone(),
            assessment_id: assessment_id.to_owned(),
            factor_code: format!(
                "{}_{}{turn}",
                theme.copied().unwrap_or("ANDET"),
                if risk { "R" } else { "S" }
            ),
            side: side.into(),
            weight_band: if risk { band.into() } else { 0 },
            answer: answer.into(),
            risk_area: 0,
            grounds: assessing::factor_grounds(&mut self.dice),
            about: Vec::new(),
        }
    }

    fn describe(&mut self, assessment_id: String, dimension: IcsDimension, of_child: bool) {
        let (resources, problems) = assessing::dimension(dimension);
        let heard = of_child && dimension == IcsDimension::DevelopmentBehaviour;
        let command = Command::DescribeAssessmentArea(v1::DescribeAssessmentArea {
            family_id: self.id.clone(),
            assessment_id,
            dimension: dimension.into(),
            resources: resources.to_owned(),
            problems: problems.to_owned(),
            child_view: if heard { assessing::child_view(&mut self.dice) } else { String::new() },
            parent_view: assessing::parent_view(&mut self.dice),
            ..Default::default()
        });
        self.say(command);
    }

    /// An examination of the eldest child begins; it ends a month later.
    pub(super) fn examine(&mut self) {
        let Some(child) = self.eldest() else { return };
        let assessment_id = self.dice.uuid();
        self.say(Command::StartAssessment(v1::StartAssessment {
            family_id: self.id.clone(),
            assessment_id: assessment_id.clone(),
            kind: v1::AssessmentKind::ChildExamination.into(),
            person_id: child.person.id,
            regime: v1::Regime::Sel.into(),
            ..Default::default()
        }));
        self.plan_in(30, Task::Examined(assessment_id));
    }

    pub(super) fn conclude_examination(&mut self, assessment_id: String) {
        let conclusion = v1::ConcludeAssessment {
            family_id: self.id.clone(),
            assessment_id: assessment_id.clone(),
            conclusion: texts::conclusion(&mut self.dice),
            proposal: v1::AssessmentProposal::Support.into(),
            shared_with_family_on: self.today.to_string(),
            about: Vec::new(),
        };
        for (at, dimension) in DIMENSIONS.into_iter().enumerate() {
            if at + 1 == DIMENSIONS.len() && self.up_to(Mischief::DimensionLeftOut) {
                let call = self.call(Command::ConcludeAssessment(conclusion.clone()));
                self.refused(call, "DIMENSION_MISSING");
            }
            self.describe(assessment_id.clone(), dimension, true);
        }
        self.say(Command::ConcludeAssessment(conclusion));
    }

    /// A screening that is given up.
    pub(super) fn screen(&mut self) {
        let assessment_id = self.dice.uuid();
        self.say(Command::StartAssessment(v1::StartAssessment {
            family_id: self.id.clone(),
            assessment_id: assessment_id.clone(),
            kind: v1::AssessmentKind::Screening.into(),
            person_id: self.eldest().map_or_else(String::new, |it| it.person.id),
            regime: v1::Regime::Sel.into(),
            ..Default::default()
        }));
        self.plan_in(12, Task::GiveUp(assessment_id));
    }

    pub(super) fn give_up(&mut self, assessment_id: String) {
        let command = Command::AbandonAssessment(v1::AbandonAssessment {
            family_id: self.id.clone(),
            assessment_id,
            reason: assessing::abandoned(&mut self.dice),
        });
        self.say(command);
    }

    /// The assessment takes longer than the law's four months: it is said what is known.
    pub(super) fn conclude_provisionally(&mut self) {
        let command =
            Command::ConcludeAssessmentProvisionally(v1::ConcludeAssessmentProvisionally {
                family_id: self.id.clone(),
                assessment_id: self.assessment_id.clone(),
                reasons: assessing::late_reasons(&mut self.dice),
                preliminary: assessing::preliminary(&mut self.dice),
                expected_end: after(self.today, 40).to_string(),
            });
        self.say(command);
    }

    /// Instruments at the end: of the family surely, of the children mostly.
    pub(super) fn measure_closure(&mut self) {
        self.measure_family(Occasion::Closure);
        if !self.dice.chance(p::MISSING_AT_CLOSURE) {
            self.measure_children(Occasion::Closure);
        }
    }

    /// The family as a whole.
    fn measure_family(&mut self, occasion: Occasion) {
        let scores = NCFAS.map(|scale| {
            let severity = self.severity(None);
            score(scale, link(severity, 0, -1, (-3, 2)), 0)
        });
        self.administer("NCFAS", "G-2009", None, Respondent::Worker, occasion, scores.to_vec());
        self.star(occasion);
    }

    /// The star that the family draws with its worker.
    pub(super) fn star(&mut self, occasion: Occasion) {
        let scores = STAR.map(|scale| {
            let severity = self.severity(None);
            score(scale, link(severity, 5, -2, (1, 10)), 0)
        });
        self.administer(
            "FAMSTAR",
            "PLUS-2013",
            None,
            Respondent::Parent,
            occasion,
            scores.to_vec(),
        );
    }

    /// How safe it is, from 0 to 10, in halves.
    pub(super) fn scale_safety(&mut self) {
        let severity = self.severity(None);
        let halves = link(severity, 11, -3, (0, 20));
        let half = if halves % 2 == 1 { ".5" } else { "" };
        let value = format!("{}{half}", halves / 2);
        let scores = vec![v1::ScaleScore { scale: "SAFETY".to_owned(), value, missing_items: 0 }];
        self.administer("SOS", "2012", None, Respondent::Worker, Occasion::Interim, scores);
    }

    /// The strengths and difficulties of every child of an age for it.
    pub(super) fn measure_children(&mut self, occasion: Occasion) {
        for child in self.children() {
            let age = child.age_on(self.today);
            if !(2..=17).contains(&age) {
                continue;
            }
            self.strengths(&child, Respondent::Parent, occasion);
            if age >= 6 && occasion != Occasion::FollowUp && self.dice.chance(p::SDQ_TEACHER) {
                self.strengths(&child, Respondent::Teacher, occasion);
            }
        }
    }

    fn strengths(&mut self, child: &Member, respondent: Respondent, occasion: Occasion) {
        let severity = self.severity(Some(child));
        let total = link(severity, 15, 5, (0, 40));
        let shares = split(&mut self.dice, total, &[10; 4]);
        let mut missing_items = 0;
        let mut scores: Vec<v1::ScaleScore> = SDQ
            .iter()
            .zip(shares)
            .map(|(scale, share)| {
                let missing = i32::from(self.dice.chance(p::SDQ_ITEM_MISSING));
                missing_items += missing;
                score(scale, share, missing)
            })
            .collect();
        scores.push(score("PROSOCIAL", link(severity, 7, -1, (0, 10)), 0));
        scores.push(score("TOTAL", total, missing_items));
        let form = if respondent == Respondent::Teacher { "T4-17" } else { "P4-17" };
        if occasion == Occasion::Intake {
            self.refuse_instruments(child, &scores);
        }
        self.administer("SDQ", form, Some(child), respondent, occasion, scores);
    }

    /// The youth's inventory, where its track begins.
    pub(super) fn measure_youth(&mut self, youth: &Member) {
        if !(12..=18).contains(&youth.age_on(self.today)) {
            return;
        }
        let severity = self.severity(Some(youth));
        let total = link(severity, 12, 5, (0, 42));
        let shares = split(&mut self.dice, total, &YLS.map(|it| it.1));
        let mut scores: Vec<v1::ScaleScore> =
            YLS.iter().zip(shares).map(|((scale, _), share)| score(scale, share, 0)).collect();
        scores.push(score("TOTAL", total, 0));
        let (who, when) = (Respondent::Worker, Occasion::Intake);
        self.administer("YLS_CMI_2", "2.0", Some(youth), who, when, scores);
    }

    fn severity(&mut self, of: Option<&Member>) -> i32 {
        let today = self.today;
        match of {
            Some(child) => self.latent.of_child(&mut self.dice, &child.person.id, today),
            None => self.latent.of_family(&mut self.dice, today),
        }
    }

    fn administer(
        &mut self,
        instrument: &str,
        version: &str,
        of: Option<&Member>,
        respondent: Respondent,
        occasion: Occasion,
        scores: Vec<v1::ScaleScore>,
    ) {
        let command =
            self.instrument_command(instrument, version, of, respondent, occasion, scores);
        let command = Command::AdministerInstrument(command);
        // After the closing, with a legal basis of its own.
        let call = if self.is_open() { self.call(command) } else { self.early(command) };
        self.send(call);
        let whose = of.map_or_else(String::new, |it| it.person.id.clone());
        *self.measured.entry(format!("{whose}/{instrument}")).or_insert(0) += 1;
    }

    fn instrument_command(
        &self,
        instrument: &str,
        version: &str,
        of: Option<&Member>,
        respondent: Respondent,
        occasion: Occasion,
        scores: Vec<v1::ScaleScore>,
    ) -> v1::AdministerInstrument {
        v1::AdministerInstrument {
            family_id: self.id.clone(),
            assessment_id: String::new(),
            instrument: instrument.to_owned(),
            version: version.to_owned(),
            person_id: of.map_or_else(String::new, |it| it.person.id.clone()),
            respondent: respondent.into(),
            occasion: occasion.into(),
            norm_set: "UK-2000".to_owned(),
            scores,
            item_texts: Vec::new(),
        }
    }

    /// Scores that cannot be, and words that are licensed.
    fn refuse_instruments(&mut self, child: &Member, scores: &[v1::ScaleScore]) {
        let sound = self.instrument_command(
            "SDQ",
            "P4-17",
            Some(child),
            Respondent::Parent,
            Occasion::Intake,
            scores.to_vec(),
        );
        let adult = self.adults().first().map_or_else(String::new, |it| it.person.id.clone());
        let first = |change: fn(&mut v1::ScaleScore)| {
            let mut wrong = sound.clone();
            wrong.scores.iter_mut().take(1).for_each(change);
            wrong
        };
        let texts = vec!["Et spørgsmål, der ikke må gemmes".to_owned()];
        let total =
            |it: &mut v1::ScaleScore| it.value = (if it.value == "0" { "1" } else { "0" }).into();
        for (mischief, command, code) in [
            (Mischief::ScoreTooHigh, first(|it| it.value = "11".to_owned()), "OUT_OF_RANGE"),
            (Mischief::SumWrong, first(total), "SUM_MISMATCH"),
            (Mischief::ItemsMissing, first(|it| it.missing_items = 5), "TOO_MANY_MISSING"),
            (
                Mischief::ItemTexts,
                v1::AdministerInstrument { item_texts: texts, ..sound.clone() },
                "LICENSED_TEXT",
            ),
            (
                Mischief::AdultAsChild,
                v1::AdministerInstrument { person_id: adult, ..sound.clone() },
                "AGE_NOT_VALID",
            ),
        ] {
            if self.up_to(mischief) {
                let call = self.call(Command::AdministerInstrument(command));
                self.refused(call, code);
            }
        }
    }
}
