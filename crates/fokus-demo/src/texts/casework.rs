//! Texts of the case's course: referrals, places, hand-overs, pauses, closings, flags, supervision.

use crate::dice::Dice;

macro_rules! pools {
    ($($(#[$doc:meta])* $name:ident = $texts:expr;)*) => {
        $($(#[$doc])* pub(crate) fn $name(dice: &mut Dice) -> String {
            const POOL: &[&str] = &$texts;
            dice.word(POOL).to_owned()
        })*
    };
}
pub(super) use pools;

pools! {
    /// A street that no town has.
    street = ["Eksempelvej", "Prøvestræde", "Opfundet Allé", "Modelgade", "Mønsterparken"];
    /// Why somebody is to be met with care.
    care_grounds = [
        "Truede en medarbejder ved sidste møde. Besøg kun to sammen.",
        "Der er et tilhold; parterne indkaldes hver for sig.",
        "Bliver let oprevet, når skolen nævnes. Aftal dagsorden på forhånd.",
    ];
    /// What is asked of who referred.
    question = [
        "Hvor længe har fraværet stået på, og hvad har skolen prøvet?",
        "Er familien indforstået med, at vi kontakter søskendes skoler?",
        "Hvem i familien har sagt ja til henvisningen?",
        "Er der andre indsatser i gang, fx via jobcenteret eller PPR?",
    ];
    /// The answer.
    answer = [
        "Fraværet begyndte i foråret. Skolen har holdt to netværksmøder og tilbudt kontaktlærer.",
        "Ja, mor har skrevet under på samtykket, og far er orienteret pr. telefon.",
        "Der er ingen andre indsatser; et tidligere forløb blev afsluttet for et år siden.",
        "Begge forældre har sagt ja. Den unge er orienteret og stiller sig afventende.",
    ];
    /// Why who referred takes it back.
    withdrawn = [
        "Skolen oplyser, at familien har fået hjælp gennem PPR i stedet.",
        "Henvisningen blev sendt for hurtigt; familien ville først tale sammen.",
    ];
    /// Why the family does not want the place.
    refused = [
        "Familien ønsker ikke flere møder lige nu og vil selv kontakte os igen.",
        "Forældrene er ikke enige om at tage imod tilbuddet.",
    ];
    /// What the former lead tells the new one.
    handover_note = [
        "Familien ringer helst om formiddagen. Aftalen om skolebussen skal følges op i næste uge.",
        "Gå roligt frem med den unge; tilliden er ny. Planen gennemgås ved næste hjemmebesøg.",
        "Netværksmødet er aftalt, dagsordenen mangler. Mor vil gerne have en påmindelse dagen før.",
    ];
    /// Why a case pauses.
    pause_reason = [
        "Familien er rejst til slægtninge og ventes tilbage om nogle uger.",
        "Mor er indlagt; familien klarer hverdagen med hjælp fra netværket.",
        "Familien har bedt om ro efter flytningen.",
    ];
    /// Why a youth's track cannot wait for the family's plan.
    override_reason = [
        "Den unge er set med den ældre gruppe tre nætter i træk og beder selv om en mentor nu.",
        "Skolen overvejer bortvisning, og fritidsjobbet kan kun begynde i denne uge.",
    ];
    /// Why it can wait.
    override_rejected = [
        "Familiens plan er næsten færdig; den unge får en kontaktperson gennem skolen imens.",
        "Bekymringen er ikke akut. Udredningen fremskyndes i stedet.",
    ];
    /// What a party wants to have written.
    statement = [
        "Jeg er ikke enig i, at jeg har aflyst. Jeg fik ikke besked om den nye tid.",
        "Det skal stå, at det var os selv, der bad om hjælp.",
        "Vi synes, at samarbejdet er godt, men at der går for lang tid mellem møderne.",
        "Jeg vil have skrevet, at jeg har passet mit job hver dag siden sommeren.",
    ];
    /// What a flag calls attention to.
    flag_text = [
        "Ingen kontakt i tre uger trods gentagne opkald.",
        "Notatet om mødet med skolen mangler dato og deltagere.",
        "Drøftes på næste supervision: Hvem følger op over for far?",
        "Den yngste var alene hjemme ved besøget; aftal opfølgning.",
        "Samtykket til skolen udløber snart og skal fornyes.",
    ];
    /// How it was dealt with.
    flag_resolved = [
        "Kontakt genoptaget; familien havde fået nyt nummer.",
        "Rettet i journalen efter samtale med skolen.",
        "Drøftet på supervision; opgaven er fordelt.",
        "Fulgt op ved hjemmebesøg dagen efter.",
    ];
    /// What was said in supervision.
    supervision = [
        "Drøftet, hvordan medarbejderen holder fokus på børnene, når de voksnes konflikt fylder.",
        "Vi øvede, hvordan man melder en bekymring tilbage uden at miste kontakten.",
        "Arbejdspresset i sagen drøftet; en kollega deltager i de næste to besøg.",
        "Gennemgået planens mål: to er på vej, ét skal formuleres om sammen med familien.",
    ];
    /// What the closing summary says.
    closing_summary = [
        "Familien har faste rutiner, fremmødet er stabilt, og kontakten til netværket holder. Forløbet afsluttes efter aftale med familien.",
        "Flere mål er nået helt, andre delvist. Familien ved, hvor den kan søge hjælp, og fortsætter selv med aftalerne.",
        "Familien ønsker at stoppe. De opnåede forandringer er skrevet ned sammen med familien og drøftet med skolen.",
    ];
    /// What follows.
    follow_up = [
        "Opringning efter en og tre måneder. Skolen følger fremmødet.",
        "Familien kontakter selv familiehuset ved behov; kontaktpersonen ringer efter en måned.",
    ];
    /// Why a closure is turned down.
    closure_rejected = [
        "Den yngstes mål er ikke beskrevet i opsamlingen. Tilføj det, og foreslå igen.",
        "Skolen er ikke hørt endnu; vent på svaret.",
    ];
    /// Why the family was not told.
    not_told = ["Familien er fraflyttet uden ny adresse; brev er sendt til Digital Post."];
    /// Why a case is reopened.
    reopen_grounds = [
        "Skolen melder om nyt fravær siden ferien, og familien beder selv om at komme tilbage.",
        "Mor ringer: Konflikterne er begyndt igen, og hun vil gerne have støtte, før det går i hårdknude.",
    ];
    /// How the family does after the closing.
    after_closure = [
        "Det går godt. Rutinerne holder, og den unge er i fritidsjob to gange om ugen.",
        "Nogle svære uger omkring skolestart, men de voksne taler sammen om det.",
        "Familien er tilfreds og har ikke brug for mere lige nu.",
    ];
    /// An answer on how satisfied the family is.
    satisfied = ["I høj grad", "I nogen grad", "Ja, bestemt", "Både og", "Vi er blevet lyttet til"];
}
