//! Texts of assessments, of what others report, and of changes in interventions.

use fokus_proto::v1::{IcsDimension, IncidentKind};

use super::casework::pools;
use crate::dice::Dice;

pools! {
    /// Why a factor is answered so.
    factor_grounds = [
        "Oplyst af familien ved hjemmebesøg.",
        "Fremgår af skolens udtalelse.",
        "Iagttaget ved to besøg.",
        "Den unge fortæller det selv.",
        "",
        "",
    ];
    /// The child's own words.
    child_view = [
        "Jeg vil gerne have, at de holder op med at råbe. Så kan jeg lave lektier.",
        "Det er fint nok i skolen, når jeg sidder ved siden af min ven.",
        "Jeg ved ikke, hvad I skriver om os. Jeg vil gerne læse det.",
    ];
    /// The parents' words.
    parent_view = [
        "Forældrene kan genkende billedet, men synes, at det er blevet bedre siden ferien.",
        "Mor er bekymret for aftenerne; far mener, at det går over.",
        "Forældrene ønsker hjælp til at tale med skolen.",
    ];
    /// Why an assessment takes longer.
    late_reasons = [
        "Svar fra PPR mangler, og to samtaler blev aflyst på grund af sygdom.",
        "Familien flyttede undervejs; oplysninger fra den nye skole ventes.",
    ];
    /// What is known so far.
    preliminary = [
        "Foreløbig ses behov for støtte til struktur i hverdagen; støtten begynder nu.",
        "Netværket er stærkt, skolegangen skrøbelig. Den endelige vurdering følger.",
    ];
    /// Why an assessment is given up.
    abandoned = [
        "Screeningen dækkes af familieudredningen og føres ikke videre for sig.",
        "Den unge ønskede ikke at deltage, og oplysningerne findes i forvejen.",
    ];
    /// What another agency found.
    external = [
        "PPR: Alderssvarende sprog; opmærksomheden svinger i større grupper. Anbefaler faste pladser og korte opgaver.",
        "Sundhedsplejen: Trives og vokser som forventet. Søvnen bør støttes med faste sengetider.",
        "Børne- og ungdomspsykiatrien: Ingen diagnose. Anbefaler støtte til hverdagens rutiner.",
    ];
    /// Why an intervention is changed.
    adjusted = [
        "Familien ønsker flere gange og kortere varighed.",
        "Et mål er nået; indsatsen rettes mod det næste.",
        "Fremmødet er bedst om eftermiddagen, planen lægges om.",
    ];
    /// Why it rests.
    rested = ["Behandleren er på ferie.", "Familien er bortrejst.", "Sygdom i familien."];
    /// Why the family says no.
    declined = [
        "Familien foretrækker at fortsætte med den medarbejder, den kender.",
        "Tiden passer ikke med arbejdet.",
    ];
}

/// Resources and problems of a dimension.
pub(crate) fn dimension(it: IcsDimension) -> (&'static str, &'static str) {
    match it {
        IcsDimension::Unspecified | IcsDimension::DevelopmentBehaviour => (
            "Nysgerrig og hjælpsom, når opgaverne er overskuelige.",
            "Bliver hurtigt vred, når planer ændres.",
        ),
        IcsDimension::Family => (
            "De voksne vil hinanden det godt og spiser sammen de fleste aftener.",
            "Konflikter om penge og aftentider går ud over børnene.",
        ),
        IcsDimension::School => (
            "God kontakt til klasselæreren og faglig interesse i matematik.",
            "Fravær om mandagen og uafsluttede opgaver.",
        ),
        IcsDimension::Health => ("Sund og fysisk aktiv.", "Sover for lidt på hverdage."),
        IcsDimension::LeisureFriends => {
            ("Går til fodbold og har en god ven i klubben.", "Er ofte ude sent med ældre unge.")
        }
        IcsDimension::Other => ("Bedsteforældre bor tæt på.", "Boligen er for lille."),
    }
}

/// What is told of an incident.
pub(crate) fn incident(kind: IncidentKind) -> &'static str {
    match kind {
        IncidentKind::Unspecified | IncidentKind::StreetObservation => {
            "Set ved centret efter kl. 23 sammen med fire ældre unge. Gik hjem efter samtale."
        }
        IncidentKind::PoliceContact => {
            "Vejledt af politiet ved stationen; ingen yderligere skridt."
        }
        IncidentKind::Charge => "Sigtet for hærværk på en skolebygning sammen med andre.",
        IncidentKind::Conviction => "Ungdomssanktion med vilkår om skolegang og fritidsjob.",
        IncidentKind::SchoolExclusion => "Udelukket fra undervisningen i tre dage efter slagsmål.",
        IncidentKind::Violence => {
            "Skubbede en jævnaldrende i klubben. Begge familier er kontaktet."
        }
        IncidentKind::Runaway => "Var ikke hjemme natten over; fundet hos en ven næste morgen.",
    }
}
