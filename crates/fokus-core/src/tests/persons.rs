//! What becomes known of a person: names, contact points, language, care, death; and who may still
//! take part.

use jiff::civil::date;
use uuid::Uuid;

use super::journal::{Ask, Journal, Row, ask, check, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::people::*;
use crate::command::*;
use crate::effective::Clocks;
use crate::ids::{ContactPointId, MarkerId, PersonId};
use crate::person::card;
use crate::rejection::Reason;
use crate::views::status::{PersonCard, present, status_of};

pub(super) fn renamed(person_id: PersonId, given: &str) -> ChangePersonName {
    let name = PersonName { given: given.to_owned(), family: "Family".to_owned() };
    ChangePersonName { person_id, name, valid_from: None }
}

pub(super) fn phone(person_id: PersonId) -> RecordContactPoint {
    RecordContactPoint {
        person_id,
        contact_point_id: ContactPointId(Uuid::from_u128(71)),
        kind: ContactPointKind::Phone,
        value: words("4512345678"),
        r#use: ContactPointUse::Primary,
        safe_to_contact: None,
        valid_from: None,
    }
}

pub(super) fn phone_gone(person_id: PersonId) -> EndContactPoint {
    let contact_point_id = ContactPointId(Uuid::from_u128(71));
    EndContactPoint { person_id, contact_point_id, valid_to: None }
}

pub(super) fn speaking(person_id: PersonId, language: &str) -> RecordLanguageNeed {
    RecordLanguageNeed {
        person_id,
        language: words(language),
        interpreter: true,
        kinship_interpreter_refused: false,
    }
}

pub(super) fn death(person_id: PersonId) -> RecordDeath {
    RecordDeath { person_id, died_on: None, source: DeathSource::CprRegister }
}

pub(super) fn marker(person_id: PersonId, number: u128) -> SetSpecialCareMarker {
    SetSpecialCareMarker {
        person_id,
        marker_id: MarkerId(Uuid::from_u128(number)),
        kind: SpecialCareKind::ViolenceRisk,
        grounds: Some(words("Threats in May")),
        valid_to: date(2019, 12, 1),
    }
}

pub(super) fn unmarked(person_id: PersonId, number: u128) -> ClearSpecialCareMarker {
    ClearSpecialCareMarker { person_id, marker_id: MarkerId(Uuid::from_u128(number)) }
}

pub(super) fn rows() -> Vec<Row> {
    [knowing_rows(), contact_point_rows(), marker_rows(), death_rows(), birth_rows()].concat()
}

#[rustfmt::skip] // One row, one rule.
fn knowing_rows() -> Vec<Row> {
    let known = people();
    let from = |day| ask(ChangePersonName { valid_from: Some(day), ..renamed(MOTHER, "Other") });
    let refused = RecordLanguageNeed { kinship_interpreter_refused: true, ..speaking(MOTHER, "so") };
    let speaks = known.clone().after(ask(speaking(MOTHER, "so")));
    vec![
        yes(&known, ask(renamed(MOTHER, "Other")), "PersonNameChanged"),
        no(&known, ask(renamed(NOBODY, "Other")), Reason::UnknownId, "change_person_name.person_id"),
        no(&known, ask(renamed(MOTHER, "Given")), Reason::NoChange, "change_person_name.name"),
        no(&known.clone().after(ask(renamed(MOTHER, "Other"))), ask(renamed(MOTHER, "Other")),
           Reason::NoChange, "change_person_name.name"),
        no(&known.clone().erased(MOTHER), ask(renamed(MOTHER, "Other")),
           Reason::Erased, "change_person_name.person_id"),
        no(&known, ask(renamed(MOTHER, "0101054000")),
           Reason::CprInText, "change_person_name.name.given"),
        no(&known, from(date(2020, 1, 16)), Reason::InFuture, "change_person_name.valid_from"),
        no(&known, from(date(1980, 7, 7)), Reason::BeforeBirth, "change_person_name.valid_from"),
        yes(&known, from(date(1980, 7, 8)), "PersonNameChanged"),
        no(&known.clone().after(ask(death(MOTHER))), from(date(2019, 6, 2)),
           Reason::AfterDeath, "change_person_name.valid_from"),

        yes(&known, ask(speaking(MOTHER, "so")), "LanguageNeedRecorded"),
        no(&speaks, ask(speaking(MOTHER, "so")), Reason::NoChange, "record_language_need.language"),
        yes(&speaks, ask(speaking(MOTHER, "ar")), "LanguageNeedRecorded"),
        yes(&speaks, ask(refused), "LanguageNeedRecorded"),
        no(&speaks.clone().erased(MOTHER), ask(speaking(MOTHER, "ar")),
           Reason::Erased, "record_language_need.person_id"),
        no(&known.clone().after(ask(death(MOTHER))), ask(speaking(MOTHER, "so")).on(2019, 6, 2),
           Reason::AfterDeath, "record_language_need.person_id"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn contact_point_rows() -> Vec<Row> {
    let known = people();
    let reached = known.clone().after(ask(phone(MOTHER)));
    let until = |day| ask(EndContactPoint { valid_to: Some(day), ..phone_gone(MOTHER) });
    let address = RecordContactPoint {
        kind: ContactPointKind::Address, value: words("Vej 0101054000"), ..phone(MOTHER)
    };
    vec![
        yes(&known, ask(phone(MOTHER)), "PersonContactPointRecorded"),
        no(&reached, ask(phone(MOTHER)), Reason::IdTaken, "record_contact_point.contact_point_id"),
        no(&known, ask(address), Reason::CprInText, "record_contact_point.value"),
        no(&known, ask(RecordContactPoint { valid_from: Some(date(2020, 1, 16)), ..phone(MOTHER) }),
           Reason::InFuture, "record_contact_point.valid_from"),
        no(&known.clone().after(ask(death(MOTHER))), ask(phone(MOTHER)).on(2019, 6, 2),
           Reason::AfterDeath, "record_contact_point.valid_from"),

        yes(&reached, ask(phone_gone(MOTHER)), "PersonContactPointEnded"),
        no(&known, ask(phone_gone(MOTHER)),
           Reason::UnknownId, "end_contact_point.contact_point_id"),
        no(&reached, until(date(2019, 5, 31)), Reason::DateOrder, "end_contact_point.valid_to"),
        no(&reached, until(date(2020, 1, 16)), Reason::InFuture, "end_contact_point.valid_to"),
        no(&reached.clone().after(ask(phone_gone(MOTHER))), until(date(2019, 7, 1)),
           Reason::NoChange, "end_contact_point.contact_point_id"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn marker_rows() -> Vec<Row> {
    let known = people();
    let until = |day| ask(SetSpecialCareMarker { valid_to: day, ..marker(MOTHER, 1) });
    let marked = known.clone().after(ask(marker(MOTHER, 1)));
    let clear = || ask(unmarked(MOTHER, 1));
    vec![
        yes(&known, until(date(2019, 12, 1)), "SpecialCareMarkerSet"),
        no(&known, until(date(2019, 12, 2)),
           Reason::ValidTooLong, "set_special_care_marker.valid_to"),
        no(&known, until(date(2019, 5, 31)), Reason::DateOrder, "set_special_care_marker.valid_to"),
        no(&marked, ask(marker(MOTHER, 1)), Reason::IdTaken, "set_special_care_marker.marker_id"),
        yes(&marked, ask(marker(MOTHER, 2)), "SpecialCareMarkerSet"),
        no(&known, ask(SetSpecialCareMarker { grounds: Some(words("0101054000")),
           ..marker(MOTHER, 1) }), Reason::CprInText, "set_special_care_marker.grounds"),
        no(&known.clone().after(ask(death(MOTHER))), ask(marker(MOTHER, 1)).on(2019, 6, 2),
           Reason::AfterDeath, "set_special_care_marker.person_id"),

        yes(&marked, clear(), "SpecialCareMarkerCleared"),
        no(&known, clear(), Reason::UnknownId, "clear_special_care_marker.marker_id"),
        no(&marked, clear().on(2019, 5, 31), Reason::DateOrder, "occurred_at"),
        yes(&marked, clear().on(2019, 12, 1), "SpecialCareMarkerCleared"),
        no(&marked, clear().on(2019, 12, 2),
           Reason::NoChange, "clear_special_care_marker.marker_id"),
        no(&marked.clone().after(clear().on(2019, 8, 1)), clear().on(2019, 8, 1),
           Reason::NoChange, "clear_special_care_marker.marker_id"),
    ]
}

/// The mother's death on the last day of May.
fn bereaved(before: Journal) -> Journal {
    before.after(ask(RecordDeath { died_on: Some(date(2019, 5, 31)), ..death(MOTHER) }))
}

#[rustfmt::skip] // One row, one rule.
fn death_rows() -> Vec<Row> {
    let on = |day| ask(RecordDeath { died_on: Some(day), ..death(MOTHER) });
    let (died, running) = (bereaved(people()), bereaved(running()));
    let of = |journal: &Journal, it: Ask, field| no(journal, it, Reason::AfterDeath, field);
    let came = |day| ask(HoldSession { on: day, ..session(1) });
    let child_left_dead = opened()
        .after(ask(RemoveFamilyMember { reason: LeaveReason::Died, ..leaving(CHILD) }));
    let planned_before = bereaved(opened().after(ask(plan(1, PlanKind::Family, None)))
        .after(ask(goal(1, 1, RiskArea::StreetLifestyle)))
        .after(ask(goal(1, 2, RiskArea::SchoolThriving))));
    vec![
        yes(&people(), on(date(2019, 6, 1)), "PersonDied"),
        no(&people(), on(date(2020, 1, 16)), Reason::InFuture, "record_death.died_on"),
        no(&people(), on(date(1980, 7, 7)), Reason::BeforeBirth, "record_death.died_on"),
        no(&died, on(date(2019, 6, 1)), Reason::NoChange, "record_death.person_id"),

        of(&died, ask(family()), "register_family.initial_members[0].person_id"),
        yes(&died, ask(family()).on(2019, 5, 31), "FamilyRegistered"),
        yes(&died, ask(family()).some_day_of(2019, 5), "FamilyRegistered"),
        of(&registered().after(ask(death(UNCLE)).on(2019, 5, 1)), ask(joining(UNCLE)),
           "add_family_member.person_id"),
        of(&running, ask(contact(1)), "record_contact.present[0]"),
        yes(&running, ask(contact(1)).on(2019, 5, 31), "ContactRecorded"),
        yes(&running, ask(note(1)), "NoteRecorded"),
        of(&running, came(date(2019, 6, 1)), "hold_session.attendance[0].person_id"),
        yes(&running, came(date(2019, 5, 31)), "SessionHeld"),
        of(&running, ask(judging(MOTHER, &[9])), "judge_risk.person_id"),
        of(&running, ask(StartAssessment {
            person_id: Some(MOTHER), ..assessing(2, AssessmentKind::Screening) }),
           "start_assessment.person_id"),
        of(&running, ask(OrderIntervention {
            person_id: Some(MOTHER), ..ordering(2, InterventionType::FamilyTreatment) }),
           "order_intervention.person_id"),
        of(&running.clone().after(ask(death(YOUTH))), ask(track(YOUTH)).on(2019, 7, 1),
           "open_youth_track.youth_id"),
        of(&planned_before, ask(agreement(1, &[YOUTH, CHILD])), "agree_plan.agreed_by[0].person_id"),
        of(&child_left_dead, ask(RecordContact { present: vec![CHILD], ..contact(1) })
            .on(2019, 6, 2), "record_contact.present[0]"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn birth_rows() -> Vec<Row> {
    // Born on 4 March 2012; of the family from its registration on, whenever that was.
    let with_child = || ask(RecordContact { present: vec![CHILD], ..contact(1) }).by_law();
    vec![
        no(&registered(), with_child().on(2012, 3, 3),
           Reason::BeforeBirth, "record_contact.present[0]"),
        yes(&registered(), with_child().on(2012, 3, 4), "ContactRecorded"),
        yes(&registered(), with_child().some_day_of(2012, 3), "ContactRecorded"),
        yes(&registered().erased(CHILD), with_child().on(2012, 3, 3), "ContactRecorded"),
    ]
}

#[test]
fn rules_on_what_is_known_of_persons() {
    check(rows());
}

fn card_of(journal: &Journal, person_id: PersonId) -> PersonCard {
    card(&journal.history(person_id.into()), journal.personal())
}

#[test]
fn a_name_is_the_one_changed_to_last_and_not_the_one_at_registration() {
    let given = |journal: &Journal| card_of(journal, MOTHER).name.unwrap().given;
    let long_ago =
        ChangePersonName { valid_from: Some(date(2001, 1, 1)), ..renamed(MOTHER, "Ida") };
    let changed = people().after(ask(long_ago));
    assert_eq!(given(&changed), "Ida", "also where it changed before the registration");
    let later = ChangePersonName { valid_from: Some(date(2011, 1, 1)), ..renamed(MOTHER, "Eva") };
    let between = ChangePersonName { valid_from: Some(date(2005, 1, 1)), ..renamed(MOTHER, "Eli") };
    assert_eq!(given(&changed.after(ask(later)).after(ask(between))), "Eva");
}

/// The mother's language as the family's status shows it, and her care and death.
#[test]
fn a_status_shows_what_one_must_know_before_meeting_a_member() {
    let journal = registered()
        .after(ask(speaking(MOTHER, "so")))
        .after(ask(marker(MOTHER, 1)))
        .after(ask(SetSpecialCareMarker {
            kind: SpecialCareKind::DoNotJoinMeeting,
            valid_to: date(2019, 7, 1),
            ..marker(MOTHER, 2)
        }))
        .after(
            ask(SetSpecialCareMarker { valid_to: date(2020, 1, 1), ..marker(MOTHER, 3) })
                .on(2019, 11, 1),
        );
    let on = |journal: &Journal, day| {
        let row = status_of(&journal.history(FAMILY.into()), &Clocks::NOW).unwrap();
        let cards = [(MOTHER, card_of(journal, MOTHER))].into();
        let status = present(&row, &cards, day, 0, 1, 1);
        status.members.into_iter().find(|it| it.person_id == MOTHER).unwrap()
    };
    let care = |day| -> Vec<_> {
        let markers = on(&journal, day).special_care;
        markers.into_iter().map(|it| (it.kind, it.period.to.unwrap())).collect()
    };
    let (violence, meeting) = (SpecialCareKind::ViolenceRisk, SpecialCareKind::DoNotJoinMeeting);
    assert_eq!(care(date(2019, 5, 31)), []);
    assert_eq!(
        care(date(2019, 7, 1)),
        [(violence, date(2019, 12, 1)), (meeting, date(2019, 7, 1))]
    );
    assert_eq!(care(date(2019, 11, 1)), [(violence, date(2020, 1, 1))], "renewed: shown once");
    assert_eq!(care(date(2020, 1, 2)), []);
    let language = on(&journal, date(2019, 7, 1)).language.unwrap();
    assert_eq!((language.language.as_deref(), language.interpreter), (Some("so"), true));

    let cleared = journal.clone().after(ask(unmarked(MOTHER, 1)).on(2019, 8, 1));
    assert_eq!(on(&cleared, date(2019, 8, 1)).special_care, []);
    assert_eq!(on(&cleared, date(2019, 7, 31)).special_care.len(), 1);

    let died = RecordDeath { died_on: Some(date(2019, 7, 7)), ..death(MOTHER) };
    let died = journal.after(ask(died).on(2019, 8, 1));
    assert_eq!(on(&died, date(2019, 7, 6)).died_on, None);
    let then = on(&died, date(2020, 1, 1));
    assert_eq!((then.died_on, then.age_years), (Some(date(2019, 7, 7)), Some(38)));
}
