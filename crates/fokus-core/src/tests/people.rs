//! RegisterPerson, EstablishPersonIdentity, OpenProgramme, EmployWorker; what is known of a person.

use jiff::civil::date;

use super::journal::{Journal, Row, ask, check, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::*;
use crate::ids::PersonId;
use crate::person::{Born, born as born_in_world, card, current_cpr};
use crate::record::Opened;
use crate::rejection::Reason;
use crate::world::ClaimKey;

#[rustfmt::skip] // One row, one rule.
pub(super) fn rows() -> Vec<Row> {
    let (none, known) = (Journal::default(), people());
    let synthetic = Journal::synthetic();
    let with_cpr = |text| ask(RegisterPerson { cpr: cpr(text), ..person(NOBODY) });
    let invented = |text| RegisterPerson { is_synthetic: true, cpr: cpr(text), ..person(NOBODY) };
    let asking = |code| vec![criterion("AT_RISK", true), criterion(code, false)];
    let identity = |person_id, text: &str| ask(EstablishPersonIdentity {
        person_id, cpr: CprText(text.to_owned()), method: IdentityMethod::Document,
    });
    vec![
        yes(&none, ask(person(NOBODY)), "PersonRegistered"),
        no(&known, ask(person(MOTHER)), Reason::IdTaken, "register_person.person_id"),
        yes(&none, with_cpr("0101054000"), "PersonRegistered"),
        yes(&none, with_cpr("6101054000"), "PersonRegistered"),
        no(&none, with_cpr("010105-4000"), Reason::CprInvalid, "register_person.cpr"),
        no(&none, with_cpr("3102054000"), Reason::CprInvalid, "register_person.cpr"),
        no(&none, with_cpr("0101575000"), Reason::CprFuture, "register_person.cpr"),
        no(&none, with_cpr("0101585000"), Reason::CprAge, "register_person.cpr"),
        no(&none, with_cpr("0121054000"), Reason::SyntheticInReal, "register_person.cpr"),
        no(&none, ask(invented("0121054000")),
           Reason::SyntheticInReal, "register_person.is_synthetic"),
        no(&synthetic, ask(person(NOBODY)),
           Reason::RealInSynthetic, "register_person.is_synthetic"),
        no(&synthetic, ask(invented("0101054000")), Reason::RealInSynthetic, "register_person.cpr"),
        yes(&synthetic, ask(invented("0121054000")), "PersonRegistered"),
        no(&none, with_cpr("0105194000").on(2019, 4, 30), Reason::BeforeBirth, "occurred_at"),
        no(&none, ask(RegisterPerson { birth: born(2019, 6, 2), ..person(NOBODY) }),
           Reason::BeforeBirth, "occurred_at"),
        yes(&none, ask(RegisterPerson { birth: born(2019, 6, 1), ..person(NOBODY) }),
           "PersonRegistered"),

        yes(&known, identity(UNCLE, "0101804000"), "PersonIdentityEstablished"),
        no(&known, identity(NOBODY, "0101804000"),
           Reason::UnknownId, "establish_person_identity.person_id"),
        no(&known, identity(UNCLE, "0101575000"),
           Reason::CprFuture, "establish_person_identity.cpr"),
        no(&known, identity(UNCLE, "0105194000").on(2019, 4, 30),
           Reason::BeforeBirth, "occurred_at"),
        no(&known, identity(YOUTH, "0101804000"),
           Reason::IdentityKnown, "establish_person_identity.cpr"),
        no(&known.clone().after(identity(UNCLE, "0101804000")), identity(UNCLE, "0201804000"),
           Reason::IdentityKnown, "establish_person_identity.cpr"),

        yes(&none, ask(programme()), "ProgrammeOpened"),
        no(&known, ask(programme()), Reason::IdTaken, "open_programme.programme_id"),
        no(&none, ask(OpenProgramme { intake_until: Some(date(2019, 1, 31)), ..programme() }),
           Reason::DateOrder, "open_programme.intake_until"),
        no(&none,
           ask(OpenProgramme { criteria: asking("ETHNIC_ORIGIN"), ..programme() }),
           Reason::Art9Ground, "open_programme.criteria[1].code"),
        no(&none,
           ask(OpenProgramme { criteria: asking("AT_RISK"), ..programme() }),
           Reason::IdTaken, "open_programme.criteria[1].code"),

        yes(&none, ask(worker(ANNE)), "WorkerEmployed"),
        no(&known, ask(worker(ANNE)), Reason::IdTaken, "employ_worker.worker_id"),
        no(&none, ask(EmployWorker { employed_to: Some(date(2017, 12, 31)), ..worker(ANNE) }),
           Reason::DateOrder, "employ_worker.employed_to"),
    ]
}

#[test]
fn rules_on_people_programmes_and_workers() {
    check(rows());
}

#[test]
fn a_cpr_number_is_claimed() {
    let decided =
        people().decide(&ask(RegisterPerson { cpr: cpr("0101054000"), ..person(NOBODY) }));
    let claims = decided.unwrap().claims;
    assert_eq!(claims, [(NOBODY.into(), ClaimKey::Cpr("0101054000".to_owned()))]);
}

/// The card of the person, and the birth that rules see.
fn known_of(journal: &Journal, person_id: PersonId) -> (crate::views::status::PersonCard, Born) {
    let card = card(&journal.history(person_id.into()), journal.personal());
    let command = joining(person_id).into();
    (card, born_in_world(&journal.world(&command), person_id))
}

#[test]
fn a_birth_left_out_follows_from_the_cpr_number() {
    let (card, born_then) = known_of(&people(), YOUTH);
    assert_eq!(card.birth, born(2004, 5, 1));
    assert_eq!(card.name.unwrap().given, "Given");
    assert_eq!(born_then.exact(), Some(date(2004, 5, 1)));
    let (card, born_then) = known_of(&people(), UNCLE);
    assert_eq!((card.birth, card.erased, born_then), (None, false, Born::Unknown));
}

#[test]
fn a_cpr_number_found_later_makes_an_inexact_birth_exact() {
    let identity = |person_id| {
        let cpr = CprText("0105044321".to_owned());
        ask(EstablishPersonIdentity { person_id, cpr, method: IdentityMethod::Document })
    };
    let of = |birth| {
        let known = Journal::default().after(ask(RegisterPerson { birth, ..person(NOBODY) }));
        let (card, rules) = known_of(&known.after(identity(NOBODY)), NOBODY);
        (card.birth, rules.exact())
    };
    let by_number = (born(2004, 5, 1), Some(date(2004, 5, 1)));
    assert_eq!(of(born_in(2003)), by_number);
    assert_eq!(of(None), by_number);
    assert_eq!(of(born(2003, 2, 1)), (born(2003, 2, 1), Some(date(2003, 2, 1))), "as recorded");
    let without =
        Journal::default().after(ask(RegisterPerson { birth: born_in(2003), ..person(NOBODY) }));
    assert_eq!(known_of(&without, NOBODY).0.birth, born_in(2003));
}

#[test]
fn the_latest_correction_of_a_person_wins() {
    let corrected = |birth, given: &str| {
        let name = PersonName { given: given.to_owned(), family: "Family".to_owned() };
        ask(CorrectEntry {
            stream: MOTHER.into(),
            entry: EntryRef::Revision(1),
            reason: CorrectionReason::Typo,
            explanation: words("Misread"),
            corrected: RegisterPerson { name, birth, ..person(MOTHER) }.into(),
            corrected_occurred: None,
        })
    };
    let once = people().after(corrected(born(1981, 7, 8), "Given"));
    assert_eq!(known_of(&once, MOTHER).0.birth, born(1981, 7, 8));
    let twice = once.after(corrected(born(1980, 7, 8), "Other"));
    let (card, _) = known_of(&twice, MOTHER);
    assert_eq!((card.birth, card.name.unwrap().given.as_str()), (born(1980, 7, 8), "Other"));
    let without = twice.after(corrected(None, "Other"));
    assert_eq!(known_of(&without, MOTHER).1, Born::Unknown);
}

#[test]
fn an_erased_person_has_a_card_that_says_so() {
    let (card, born_then) = known_of(&people().erased(YOUTH), YOUTH);
    assert_eq!((card.name, card.birth, card.erased), (None, None, true));
    assert_eq!(born_then, Born::Erased);
}

#[test]
fn an_inexact_birth_gives_a_range_of_ages() {
    let of_year = Born::Known(born_in(2009).unwrap());
    assert_eq!(of_year.ages(date(2019, 6, 1)), Some((9, 10)));
    assert_eq!(of_year.ages(date(2008, 6, 1)), Some((0, 0)));
    assert_eq!(of_year.exact(), None);
    assert_eq!(Born::Unknown.ages(date(2019, 6, 1)), None);
}

#[test]
fn the_current_cpr_number_is_the_one_that_stands() {
    let identity = |text: &str| {
        ask(EstablishPersonIdentity {
            person_id: UNCLE,
            cpr: CprText(text.to_owned()),
            method: IdentityMethod::Document,
        })
    };
    let cpr_of = |journal: &Journal| {
        let mark = MarkMistaken {
            stream: UNCLE.into(),
            entry: EntryRef::Revision(1),
            reason: MistakeReason::WrongPerson,
            explanation: words("Another's"),
        };
        current_cpr(&journal.world(&mark.into()), UNCLE)
    };
    let established = people().after(identity("0101804000"));
    assert!(cpr_of(&people()) == Opened::Absent);
    assert!(cpr_of(&established) == Opened::Known("0101804000".into()));
    let marked = established.after(ask(MarkMistaken {
        stream: UNCLE.into(),
        entry: EntryRef::Revision(2),
        reason: MistakeReason::WrongPerson,
        explanation: words("Another's"),
    }));
    assert!(cpr_of(&marked) == Opened::Absent);
    assert!(cpr_of(&marked.after(identity("0201804000"))) == Opened::Known("0201804000".into()));
}
