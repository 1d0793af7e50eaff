//! Invented texts in Danish, as a caseworker might write them. `{barn}` is a child's given name,
//! `{voksen}` an adult's. No text holds a number of ten digits.

pub(crate) mod assessing;
pub(crate) mod casework;

use fokus_proto::v1::{ContactKind, GoalLevels, GoalTheme, NoteNature, RiskArea};

use crate::dice::Dice;

const VISIT: &[&str] = &[
    "Hjemmebesøg hos {voksen}. {barn} var hjemme og viste sit værelse frem. God stemning omkring bordet.",
    "Besøg i hjemmet som aftalt. {voksen} fortæller, at morgenerne går bedre, når {barn} kommer tidligt i seng.",
    "Hjemmebesøg. Vi gennemgik ugeplanen på køleskabet. {barn} vil selv krydse af resten af ugen.",
    "Besøg efter skole. {barn} var træt og ville helst være på sit værelse; {voksen} og jeg talte om weekenden.",
    "Hjemmebesøg. {voksen} har ryddet op i posten sammen med mig. To breve fra boligforeningen er besvaret.",
    "Besøg om aftenen, fordi {voksen} arbejder i dagtimerne. Spisetiden er nu den samme hver dag.",
];
const CALL: &[&str] = &[
    "Telefonsamtale med {voksen} om aftalen på torsdag. Ingen nye bekymringer.",
    "{voksen} ringede efter en konflikt i går aftes. Vi aftalte, hvad der siges til {barn} i dag.",
    "Opkald til {voksen}. {barn} har været i skole alle dage i denne uge.",
    "Kort samtale: {voksen} bad om hjælp til at forberede mødet på skolen.",
    "Ringede for at høre, hvordan weekenden gik. {barn} kom hjem til den aftalte tid begge aftener.",
];
const SMS: &[&str] = &[
    "Påmindelse om besøget i morgen. {voksen} svarede med det samme.",
    "{voksen} spurgte på SMS, om tiden kan flyttes en time. Det kan den.",
    "Besked til {barn} om træningen på onsdag. Svarede med en tommelfinger.",
];
const NO_SHOW: &[&str] = &[
    "Ingen åbnede, og telefonen blev ikke taget. Lagde en seddel i postkassen.",
    "{voksen} mødte ikke op til aftalen og havde ikke meldt afbud. Ny tid sendes.",
];
const MEETING: &[&str] = &[
    "Møde med {voksen} og netværket. Alle fik ordet, og to aftaler blev skrevet ned.",
    "Statusmøde om planen. {voksen} sagde selv, hvad der er lykkedes siden sidst.",
];
const SCHOOL: &[&str] = &[
    "Møde på skolen med klasselæreren. {barn} deltager mere i grupperne end før ferien.",
    "Samtale i skolens kontaktrum. {barn} valgte selv, hvad vi skulle tale om.",
];
const OFFICE: &[&str] = &[
    "Samtale på kontoret. {voksen} gennemgik sin uge og havde skrevet spørgsmål ned.",
    "{voksen} kom forbi kontoret med papirer fra skolen. Vi læste dem sammen.",
];
const STREET: &[&str] = &[
    "Mødte {barn} ved boldbanen efter klokken 21. Talte et kvarter; gik derefter hjemad sammen med en kammerat.",
    "Så {barn} ved centret med to ældre unge. Vi hilste, og {barn} fulgte med et stykke.",
];

const FACT: &[&str] = &[
    "Skolen oplyser, at {barn} har haft to dages fravær i denne måned, begge meldt af hjemmet.",
    "{voksen} er begyndt på et forløb i jobcentret med fremmøde tre dage om ugen.",
    "{barn} er startet til fodbold to gange om ugen og har fået et fritidspas.",
    "Boligforeningen bekræfter, at restancen er betalt, og at sagen er lukket.",
    "{barn} har fået ny kontaktlærer efter ønske fra familien.",
];
const ASSESSMENT: &[&str] = &[
    "{voksen} holder fast i aftalerne, også når {barn} protesterer. Det er nyt og bør støttes.",
    "{barn} søger fortsat de ældre unge, men kommer hjem til tiden. Udviklingen følges uge for uge.",
    "Samarbejdet mellem hjem og skole er styrket. {voksen} tager nu selv kontakt, når noget er svært.",
    "Familiens struktur er skrøbelig i perioder med aftenarbejde. Der bør laves en aftale med netværket.",
];
const STATEMENT: &[&str] = &[
    "{voksen} mener ikke, at skolens beskrivelse af episoden passer, og ønsker sin egen udlægning noteret.",
    "{barn} siger, at det er nemmere derhjemme, når alle ved, hvad der skal ske.",
    "{voksen} oplever møderne som nyttige, men synes, at der er for mange af dem.",
];
const PROCEDURAL: &[&str] = &[
    "Vejledt om retten til bisidder og om, hvad der skrives i journalen.",
    "Brev om næste opfølgning er sendt i digital post.",
    "Aftalt, at referatet læses op ved næste besøg, før det lægges i sagen.",
];
const WHO_SAID: &[&str] = &[
    "Klasselæreren",
    "Mor ved samtale",
    "Far ved samtale",
    "Skolens SSP-lærer",
    "Jobcentrets rådgiver",
];

const SESSION: &[&str] = &[
    "Arbejdede med rosende sprog. {voksen} gav tre eksempler fra ugen.",
    "Gennemgik en konflikt fra i går med rollespil. {barn} var med hele vejen.",
    "Aftalte regler for telefon om aftenen. Alle skrev under på papiret.",
    "Talte om ugens mål. To ud af tre er nået.",
    "Øvede, hvordan {voksen} siger nej uden at hæve stemmen.",
    "Kort gang på grund af sygdom i familien. Hjemmeopgaven er den samme.",
];
const RESULT: &[&str] = &[
    "Forløbet er gennemført. {voksen} og familien beskriver færre konflikter og faste rutiner.",
    "Afsluttet efter planen. Skolens fremmødetal er bedre end ved start.",
];
const REASONING: &[&str] = &[
    "Vurderingen bygger på observationer i hjemmet og skolens oplysninger gennem de seneste uger.",
    "Fremmødet er stabilt, og de voksne følger op på aftaler; der er stadig episoder om aftenen.",
    "Der er fortsat kontakt til den ældre gruppe, men antallet af sene aftener er faldet tydeligt.",
    "Konflikter i hjemmet beskrives som færre af både barn og voksen, og aftaler holdes i hverdagen.",
];
const CONCLUSION: &[&str] = &[
    "Familien har ressourcer i netværket og vilje til forandring. Der er behov for støtte til struktur i hverdagen.",
    "Udredningen viser belastning på flere områder, men god kontakt til skolen. En samlet familieindsats anbefales.",
    "De voksne er enige om, hvad der er svært. Der foreslås støtte med faste mål, som familien selv har formuleret.",
];
const HEARD: &[&str] = &[
    "Samtale alene med barnet på skolen.",
    "Talte med barnet under hjemmebesøg; barnet tegnede imens.",
    "Barnet deltog i den sidste halve time af mødet.",
];
const NOT_HEARD: &[&str] = &["Barnet er under tre år og er i stedet iagttaget i hjemmet."];
const CRITERION: &[&str] =
    &["Fremgår af henvisningen.", "Bekræftet ved samtale med familien.", "Oplyst af skolen."];

/// Words for a text without a child or adult at hand.
const SOMEBODY: &str = "familien";

/// Fills the names in.
fn fill(template: &str, child: Option<&str>, adult: Option<&str>) -> String {
    template
        .replace("{barn}", child.unwrap_or(SOMEBODY))
        .replace("{voksen}", adult.unwrap_or(SOMEBODY))
}

/// The given names that a text may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) child: Option<&'a str>,
    pub(crate) adult: Option<&'a str>,
}

impl Names<'_> {
    fn write(self, dice: &mut Dice, pool: &[&str]) -> String {
        fill(dice.word(pool), self.child, self.adult)
    }

    /// The text of a contact.
    pub(crate) fn contact(self, dice: &mut Dice, kind: ContactKind) -> String {
        let pool = match kind {
            ContactKind::Unspecified | ContactKind::Visit => VISIT,
            ContactKind::Call => CALL,
            ContactKind::Sms => SMS,
            ContactKind::Meeting => MEETING,
            ContactKind::Street => STREET,
            ContactKind::School => SCHOOL,
            ContactKind::Office => OFFICE,
            ContactKind::NoShow => NO_SHOW,
        };
        self.write(dice, pool)
    }

    /// The text of a note.
    pub(crate) fn note(self, dice: &mut Dice, nature: NoteNature) -> String {
        let pool = match nature {
            NoteNature::Unspecified | NoteNature::Fact | NoteNature::Decision => FACT,
            NoteNature::Assessment => ASSESSMENT,
            NoteNature::PartyStatement => STATEMENT,
            NoteNature::Procedural => PROCEDURAL,
        };
        self.write(dice, pool)
    }

    /// The note of a session.
    pub(crate) fn session(self, dice: &mut Dice) -> String {
        self.write(dice, SESSION)
    }

    /// The result of an intervention.
    pub(crate) fn result(self, dice: &mut Dice) -> String {
        self.write(dice, RESULT)
    }
}

/// Who said or showed what a note says.
pub(crate) fn who_said(dice: &mut Dice) -> String {
    dice.word(WHO_SAID).to_owned()
}

/// Why a risk is judged so; at least 40 characters.
pub(crate) fn reasoning(dice: &mut Dice) -> String {
    dice.word(REASONING).to_owned()
}

/// What an assessment found.
pub(crate) fn conclusion(dice: &mut Dice) -> String {
    dice.word(CONCLUSION).to_owned()
}

/// How a child was heard.
pub(crate) fn heard(dice: &mut Dice) -> String {
    dice.word(HEARD).to_owned()
}

/// Why a child was not heard.
pub(crate) fn not_heard(dice: &mut Dice) -> String {
    dice.word(NOT_HEARD).to_owned()
}

/// Why a criterion is met.
pub(crate) fn criterion(dice: &mut Dice) -> String {
    dice.word(CRITERION).to_owned()
}

/// Why a family is referred, one sentence for each area.
pub(crate) fn grounds(areas: &[RiskArea]) -> String {
    let sentences: Vec<&str> = areas
        .iter()
        .map(|area| match area {
            RiskArea::Unspecified | RiskArea::FamilyProblems => {
                "Der er gentagne konflikter i hjemmet og uklare rammer om hverdagen."
            }
            RiskArea::StreetLifestyle => {
                "Den unge færdes sent på gaden sammen med ældre unge, som er kendt af SSP."
            }
            RiskArea::SchoolThriving => {
                "Skolen beskriver stigende fravær og mistrivsel gennem det seneste halve år."
            }
        })
        .collect();
    sentences.join(" ")
}

/// What a goal is: its theme, its statement, the family's own words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GoalText {
    pub(crate) theme: GoalTheme,
    pub(crate) statement: &'static str,
    pub(crate) family_words: &'static str,
    levels: [&'static str; 5],
}

impl GoalText {
    /// The five described levels.
    pub(crate) fn levels(&self) -> GoalLevels {
        let [minus_two, minus_one, zero, plus_one, plus_two] = self.levels.map(str::to_owned);
        GoalLevels { minus_two, minus_one, zero, plus_one, plus_two }
    }
}

const STREET_GOALS: [GoalText; 2] = [
    GoalText {
        theme: GoalTheme::Leisure,
        statement: "Den unge er hjemme til aftalt tid på hverdage og har en fast fritidsaktivitet.",
        family_words: "Vi vil vide, hvor han er om aftenen.",
        levels: [
            "Ude efter kl. 22 de fleste aftener.",
            "Hjemme til tiden to aftener om ugen.",
            "Hjemme til tiden fire aftener om ugen.",
            "Hjemme til tiden alle hverdage.",
            "Hjemme til tiden og til træning to gange om ugen.",
        ],
    },
    GoalText {
        theme: GoalTheme::Crime,
        statement: "Ingen nye hændelser sammen med den ældre gruppe.",
        family_words: "Han skal have andre venner end dem ved centret.",
        levels: [
            "Hændelser hver uge.",
            "Hændelser et par gange om måneden.",
            "Højst én hændelse på to måneder.",
            "Ingen hændelser i tre måneder.",
            "Ingen hændelser, og kontakten til gruppen er ophørt.",
        ],
    },
];
const SCHOOL_GOALS: [GoalText; 2] = [
    GoalText {
        theme: GoalTheme::School,
        statement: "Barnet møder i skole hver dag og til tiden.",
        family_words: "Morgenen skal ikke være en kamp.",
        levels: [
            "Fravær over halvdelen af dagene.",
            "Fravær en til to dage om ugen.",
            "Fravær højst to dage om måneden.",
            "Intet ulovligt fravær i en måned.",
            "Intet ulovligt fravær i tre måneder og møder til tiden.",
        ],
    },
    GoalText {
        theme: GoalTheme::Network,
        statement: "Barnet har mindst én god kammerat i klassen og deltager i frikvartererne.",
        family_words: "Hun skal have nogen at lege med.",
        levels: [
            "Er alene i alle frikvarterer.",
            "Er med i leg en gang om ugen.",
            "Er med i leg de fleste dage.",
            "Har en fast kammerat i klassen.",
            "Har faste kammerater og leger også efter skole.",
        ],
    },
];
const FAMILY_GOALS: [GoalText; 2] = [
    GoalText {
        theme: GoalTheme::ParentalRole,
        statement: "De voksne løser uenigheder uden råb og følger op på aftaler med børnene.",
        family_words: "Vi vil tale pænt til hinanden.",
        levels: [
            "Daglige skænderier, ingen faste aftaler.",
            "Skænderier flere gange om ugen.",
            "Skænderier højst en gang om ugen; aftaler holdes oftest.",
            "Uenigheder løses roligt de fleste gange.",
            "Uenigheder løses roligt, og aftaler holdes hver uge.",
        ],
    },
    GoalText {
        theme: GoalTheme::Economy,
        statement: "Regninger betales til tiden, og der er overblik over måneden.",
        family_words: "Vi vil ikke være bange for posten.",
        levels: [
            "Restancer og ingen oversigt.",
            "Nogle regninger betales til tiden.",
            "Faste udgifter betales til tiden.",
            "Alle regninger betales, budget findes.",
            "Alle regninger betales, og der spares op.",
        ],
    },
];

/// A goal for an area.
pub(crate) fn goal(dice: &mut Dice, area: RiskArea) -> GoalText {
    let (pool, first) = match area {
        RiskArea::StreetLifestyle => (STREET_GOALS, STREET_GOALS[0]),
        RiskArea::SchoolThriving => (SCHOOL_GOALS, SCHOOL_GOALS[0]),
        RiskArea::Unspecified | RiskArea::FamilyProblems => (FAMILY_GOALS, FAMILY_GOALS[0]),
    };
    dice.pick(&pool, first)
}

/// A text with a slip of the hand: the first space is missing.
pub(crate) fn with_slip(text: &str) -> String {
    text.replacen(' ', "", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reasoning_has_forty_characters() {
        assert!(REASONING.iter().all(|it| it.chars().count() >= 40));
    }

    #[test]
    fn names_are_filled_in_and_nobody_becomes_the_family() {
        assert_eq!(fill("{barn} og {voksen}.", Some("A"), None), "A og familien.");
    }

    #[test]
    fn a_slip_differs_from_the_right_text() {
        assert_eq!(with_slip("Ingen nye"), "Ingennye");
    }
}
