//! Roles that change, relationships, the network, the primary contact, and a registration undone.

use jiff::civil::date;
use uuid::Uuid;

use super::journal::{Journal, Row, ask, check, no, yes};
use super::persons::{death, phone};
use super::story::*;
use crate::codes::*;
use crate::command::people::*;
use crate::command::*;
use crate::effective::Clocks;
use crate::ids::{PersonId, RelationshipId};
use crate::rejection::Reason;
use crate::views::status::{present, status_of};

pub(super) fn becoming(person_id: PersonId, role: FamilyRole) -> ChangeMemberRole {
    ChangeMemberRole { family_id: FAMILY, person_id, role, valid_from: None }
}

pub(super) fn related(person_id: PersonId, other_person_id: PersonId) -> StateRelationship {
    StateRelationship {
        family_id: FAMILY,
        relationship_id: RelationshipId(Uuid::from_u128(73)),
        person_id,
        other_person_id,
        kind: RelationshipKind::ParentOf,
        quality: None,
        valid_from: None,
        as_seen_by: None,
    }
}

pub(super) fn unrelated() -> EndRelationship {
    let relationship_id = RelationshipId(Uuid::from_u128(73));
    EndRelationship { family_id: FAMILY, relationship_id, valid_to: None }
}

pub(super) fn helping(person_id: PersonId) -> AddNetworkPerson {
    AddNetworkPerson {
        family_id: FAMILY,
        person_id,
        role: NetworkRole::Coach,
        agreed_by_family: true,
        valid_from: None,
    }
}

pub(super) fn no_longer_helping(person_id: PersonId) -> RemoveNetworkPerson {
    RemoveNetworkPerson { family_id: FAMILY, person_id, valid_to: None }
}

pub(super) fn turning_to(person_id: PersonId) -> ChoosePrimaryContact {
    ChoosePrimaryContact {
        family_id: FAMILY,
        person_id,
        channel: ContactChannel::Phone,
        interpreter: false,
    }
}

pub(super) fn undoing() -> UndoFamilyRegistration {
    UndoFamilyRegistration { family_id: FAMILY, reason: UndoReason::Duplicate }
}

pub(super) fn rows() -> Vec<Row> {
    [role_rows(), relationship_rows(), network_rows(), primary_rows(), undone_rows()].concat()
}

#[rustfmt::skip] // One row, one rule.
fn role_rows() -> Vec<Row> {
    let known = registered();
    let from = |day| ask(ChangeMemberRole {
        valid_from: Some(day), ..becoming(YOUTH, FamilyRole::Other) });
    let changed = known.clone().after(from(date(2019, 5, 1)));
    let child_left = known.clone().after(ask(leaving(CHILD)));
    vec![
        yes(&known, ask(becoming(YOUTH, FamilyRole::Other)), "FamilyMemberRoleChanged"),
        no(&known, ask(becoming(UNCLE, FamilyRole::Other)),
           Reason::NotInFamily, "change_member_role.person_id"),
        no(&child_left, ask(becoming(CHILD, FamilyRole::Other)),
           Reason::NotInFamily, "change_member_role.person_id"),
        yes(&child_left, ask(becoming(CHILD, FamilyRole::Other)).on(2019, 5, 31),
            "FamilyMemberRoleChanged"),
        no(&known, ask(becoming(YOUTH, FamilyRole::Child)),
           Reason::NoChange, "change_member_role.role"),
        no(&changed, from(date(2019, 6, 1)), Reason::NoChange, "change_member_role.role"),
        yes(&changed, from(date(2019, 4, 30)), "FamilyMemberRoleChanged"),
        yes(&changed, ask(becoming(YOUTH, FamilyRole::Child)), "FamilyMemberRoleChanged"),
        no(&known, from(date(2020, 1, 16)), Reason::InFuture, "change_member_role.valid_from"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn relationship_rows() -> Vec<Row> {
    let known = registered();
    let numbered = |number, it| StateRelationship {
        relationship_id: RelationshipId(Uuid::from_u128(number)), ..it };
    let friends = |a, b| StateRelationship { kind: RelationshipKind::Friend, ..related(a, b) };
    let said = known.clone().after(ask(friends(YOUTH, UNCLE)));
    let until = |day| ask(EndRelationship { valid_to: Some(day), ..unrelated() });
    let ended = said.clone().after(ask(unrelated()));
    let close = StateRelationship {
        quality: Some(RelationshipQuality::Close), ..friends(YOUTH, UNCLE) };
    let seen = |person_id| StateRelationship {
        as_seen_by: Some(person_id), ..friends(YOUTH, UNCLE) };
    vec![
        yes(&known, ask(related(MOTHER, YOUTH)), "RelationshipStated"),
        no(&known, ask(related(YOUTH, MOTHER)),
           Reason::DateOrder, "state_relationship.other_person_id"),
        yes(&known, ask(related(UNCLE, YOUTH)), "RelationshipStated"),
        no(&known, ask(related(MOTHER, MOTHER)),
           Reason::FieldInvalid, "state_relationship.other_person_id"),
        no(&known, ask(related(MOTHER, NOBODY)),
           Reason::UnknownId, "state_relationship.other_person_id"),
        no(&known, ask(related(UNCLE, UNCLE)),
           Reason::NotInFamily, "state_relationship.person_id"),
        no(&known, ask(StateRelationship { valid_from: Some(date(2020, 1, 16)),
           ..related(MOTHER, YOUTH) }), Reason::InFuture, "state_relationship.valid_from"),
        no(&said, ask(friends(YOUTH, CHILD)), Reason::IdTaken, "state_relationship.relationship_id"),
        no(&said, ask(numbered(2, friends(YOUTH, UNCLE))),
           Reason::NoChange, "state_relationship.kind"),
        no(&said, ask(numbered(2, friends(UNCLE, YOUTH))),
           Reason::NoChange, "state_relationship.kind"),
        yes(&said, ask(numbered(2, close)), "RelationshipStated"),
        yes(&said, ask(numbered(2, seen(YOUTH))), "RelationshipStated"),
        no(&said, ask(numbered(2, seen(UNCLE))),
           Reason::NotInFamily, "state_relationship.as_seen_by"),
        yes(&ended, ask(numbered(2, friends(UNCLE, YOUTH))).on(2019, 6, 2), "RelationshipStated"),

        yes(&said, ask(unrelated()), "RelationshipEnded"),
        no(&known, ask(unrelated()), Reason::UnknownId, "end_relationship.relationship_id"),
        no(&ended, ask(unrelated()), Reason::NoChange, "end_relationship.relationship_id"),
        no(&said, until(date(2019, 5, 31)), Reason::DateOrder, "end_relationship.valid_to"),
        no(&said, until(date(2020, 1, 16)), Reason::InFuture, "end_relationship.valid_to"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn network_rows() -> Vec<Row> {
    let known = registered();
    let helped = known.clone().after(ask(helping(UNCLE)));
    let alone_again = helped.clone().after(ask(no_longer_helping(UNCLE)));
    let until = |day| ask(RemoveNetworkPerson { valid_to: Some(day), ..no_longer_helping(UNCLE) });
    let with_uncle = || ask(RecordContact { present: vec![MOTHER, UNCLE], ..contact(1) }).by_law();
    let about_uncle = || ask(RecordNote { about: vec![UNCLE], ..note(1) }).by_law();
    let meeting = HoldSession {
        attendance: vec![Attendance { person_id: UNCLE, state: AttendanceState::Present }],
        ..session(1)
    };
    vec![
        yes(&known, ask(helping(UNCLE)), "NetworkPersonAdded"),
        no(&known, ask(helping(NOBODY)), Reason::UnknownId, "add_network_person.person_id"),
        no(&known, ask(helping(MOTHER)), Reason::AlreadyMember, "add_network_person.person_id"),
        no(&helped, ask(helping(UNCLE)), Reason::NoChange, "add_network_person.person_id"),
        no(&known, ask(AddNetworkPerson { valid_from: Some(date(2020, 1, 16)), ..helping(UNCLE) }),
           Reason::InFuture, "add_network_person.valid_from"),
        no(&known.clone().after(ask(death(UNCLE)).on(2019, 5, 1)), ask(helping(UNCLE)),
           Reason::AfterDeath, "add_network_person.person_id"),
        no(&alone_again, ask(helping(UNCLE)), Reason::NoChange, "add_network_person.person_id"),
        yes(&alone_again, ask(helping(UNCLE)).on(2019, 6, 2), "NetworkPersonAdded"),
        yes(&helped, ask(joining(UNCLE)), "FamilyMemberAdded"),

        yes(&helped, ask(no_longer_helping(UNCLE)), "NetworkPersonRemoved"),
        no(&known, ask(no_longer_helping(UNCLE)),
           Reason::NotInFamily, "remove_network_person.person_id"),
        no(&alone_again, ask(no_longer_helping(UNCLE)),
           Reason::NoChange, "remove_network_person.person_id"),
        no(&helped, until(date(2019, 5, 31)), Reason::DateOrder, "remove_network_person.valid_to"),
        no(&helped, until(date(2020, 1, 16)), Reason::InFuture, "remove_network_person.valid_to"),

        yes(&helped, with_uncle(), "ContactRecorded"),
        yes(&alone_again, with_uncle(), "ContactRecorded"),
        no(&known, with_uncle(), Reason::NotInFamily, "record_contact.present[1]"),
        yes(&helped, about_uncle(), "NoteRecorded"),
        yes(&running().after(ask(helping(UNCLE))), ask(meeting.clone()), "SessionHeld"),
        no(&running(), ask(meeting), Reason::NotInFamily, "hold_session.attendance[0].person_id"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn primary_rows() -> Vec<Row> {
    let known = registered();
    let chosen = known.clone().after(ask(turning_to(MOTHER)));
    let with_uncle = |role| known.clone().after(ask(AddFamilyMember { role, ..joining(UNCLE) }));
    let avoid = |it| known.clone().after(ask(it));
    let unsafe_phone = RecordContactPoint { safe_to_contact: Some(false), ..phone(MOTHER) };
    let unused = RecordContactPoint { r#use: ContactPointUse::DoNotUse, ..phone(MOTHER) };
    let by = |channel| ask(ChoosePrimaryContact { channel, ..turning_to(MOTHER) });
    vec![
        yes(&known, ask(turning_to(MOTHER)), "PrimaryContactChosen"),
        no(&chosen, ask(turning_to(MOTHER)), Reason::NoChange, "choose_primary_contact.person_id"),
        yes(&chosen, by(ContactChannel::Letter), "PrimaryContactChosen"),
        yes(&chosen, ask(turning_to(YOUTH)), "PrimaryContactChosen"),
        no(&known, ask(turning_to(YOUTH)).on(2019, 4, 30),
           Reason::AgeNotValid, "choose_primary_contact.person_id"),
        yes(&known, ask(turning_to(YOUTH)).on(2019, 5, 1), "PrimaryContactChosen"),
        no(&known, ask(turning_to(CHILD)),
           Reason::AgeNotValid, "choose_primary_contact.person_id"),
        no(&known, ask(turning_to(UNCLE)),
           Reason::NotInFamily, "choose_primary_contact.person_id"),
        yes(&with_uncle(FamilyRole::Other), ask(turning_to(UNCLE)), "PrimaryContactChosen"),
        no(&with_uncle(FamilyRole::Sibling), ask(turning_to(UNCLE)),
           Reason::AgeNotValid, "choose_primary_contact.person_id"),
        no(&known.clone().erased(CHILD), ask(turning_to(CHILD)),
           Reason::Erased, "choose_primary_contact.person_id"),
        yes(&known.clone().erased(MOTHER), ask(turning_to(MOTHER)), "PrimaryContactChosen"),
        no(&known.clone().after(ask(death(MOTHER)).on(2019, 5, 31)), ask(turning_to(MOTHER)),
           Reason::AfterDeath, "choose_primary_contact.person_id"),
        no(&avoid(unsafe_phone.clone()), ask(turning_to(MOTHER)),
           Reason::UnsafeContact, "choose_primary_contact.channel"),
        no(&avoid(unused), by(ContactChannel::Sms),
           Reason::UnsafeContact, "choose_primary_contact.channel"),
        yes(&avoid(unsafe_phone.clone()), ask(turning_to(MOTHER)).confirming(Reason::UnsafeContact),
            "PrimaryContactChosen"),
        yes(&avoid(unsafe_phone), by(ContactChannel::Letter), "PrimaryContactChosen"),
        yes(&avoid(phone(MOTHER)), ask(turning_to(MOTHER)), "PrimaryContactChosen"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn undone_rows() -> Vec<Row> {
    let known = registered();
    let described = known.clone()
        .after(ask(joining(UNCLE)))
        .after(ask(related(MOTHER, YOUTH)))
        .after(ask(turning_to(MOTHER)));
    let undone = known.clone().after(ask(undoing()));
    let marking = |entry| MarkMistaken {
        stream: FAMILY.into(),
        entry: EntryRef::Revision(entry),
        reason: MistakeReason::DidNotHappen,
        explanation: words("They are two families"),
    };
    let unmarking = |entry| WithdrawMistakenMark {
        stream: FAMILY.into(),
        entry: EntryRef::Revision(entry),
        explanation: words("One family after all"),
    };
    let correcting = CorrectEntry {
        stream: FAMILY.into(),
        entry: EntryRef::Revision(1),
        reason: CorrectionReason::Typo,
        explanation: words("Misread"),
        corrected: RegisterFamily { reference: "FF-2019-002".to_owned(), ..family() }.into(),
        corrected_occurred: None,
    };
    let again = undone.clone().after(ask(marking(2)));
    let noted = known.clone().after(ask(note(1)).by_law());
    vec![
        yes(&known, ask(undoing()), "FamilyRegistrationUndone"),
        yes(&described, ask(undoing()), "FamilyRegistrationUndone"),
        no(&known.clone().after(ask(referral(1))), ask(undoing()),
           Reason::FamilyInUse, "undo_family_registration.family_id"),
        no(&noted, ask(undoing()), Reason::FamilyInUse, "undo_family_registration.family_id"),
        yes(&noted.after(ask(marking(2))), ask(undoing()), "FamilyRegistrationUndone"),
        no(&undone, ask(undoing()), Reason::FamilyUndone, "undo_family_registration.family_id"),
        no(&undone, ask(joining(UNCLE)), Reason::FamilyUndone, "add_family_member.family_id"),
        no(&undone, ask(contact(1)).by_law(), Reason::FamilyUndone, "record_contact.family_id"),
        no(&undone, ask(family()), Reason::IdTaken, "register_family.family_id"),
        no(&undone, ask(correcting), Reason::FamilyUndone, "correct_entry.stream"),
        no(&undone, ask(marking(1)), Reason::FamilyUndone, "mark_mistaken.stream"),
        yes(&undone, ask(marking(2)), "EntryMarkedMistaken"),
        yes(&again, ask(contact(1)).by_law(), "ContactRecorded"),
        // Withdrawing that mark undoes the registration anew, and is asked the same.
        yes(&again, ask(unmarking(2)), "MistakenMarkWithdrawn"),
        no(&again.after(ask(contact(1)).by_law()), ask(unmarking(2)),
           Reason::FamilyInUse, "withdraw_mistaken_mark.entry"),
    ]
}

#[test]
fn rules_on_who_stands_around_a_family() {
    check(rows());
}

fn row_of(journal: &Journal) -> crate::views::status::StatusRow {
    status_of(&journal.history(FAMILY.into()), &Clocks::NOW).unwrap()
}

#[test]
fn a_role_changes_for_the_membership_that_stands_then() {
    let back = AddFamilyMember { valid_from: date(2019, 8, 1), ..joining(CHILD) };
    let journal = registered()
        .after(ask(ChangeMemberRole {
            valid_from: Some(date(2019, 5, 1)),
            ..becoming(CHILD, FamilyRole::HalfSibling)
        }))
        .after(ask(leaving(CHILD)))
        .after(ask(back));
    let roles = |journal: &Journal| -> Vec<_> {
        let row = row_of(journal);
        let theirs = row.members.iter().filter(|it| it.person_id == CHILD);
        theirs.map(|it| it.role).collect()
    };
    assert_eq!(roles(&journal), [FamilyRole::HalfSibling, FamilyRole::Other]);
    let later = becoming(CHILD, FamilyRole::Foster);
    let later = journal.after(ask(later).on(2019, 9, 1));
    assert_eq!(roles(&later), [FamilyRole::HalfSibling, FamilyRole::Foster]);
}

#[test]
fn a_status_names_the_network_of_the_day_and_the_primary_contact_chosen_last() {
    let journal = registered()
        .after(ask(helping(UNCLE)))
        .after(ask(turning_to(YOUTH)))
        .after(ask(turning_to(MOTHER)).on(2019, 5, 2))
        .after(ask(RemoveNetworkPerson {
            valid_to: Some(date(2019, 7, 1)),
            ..no_longer_helping(UNCLE)
        }));
    let row = row_of(&journal);
    assert_eq!(row.primary_contact.unwrap().person_id, YOUTH, "the mother was it earlier");
    let network = |day| -> Vec<PersonId> {
        let status = present(&row, &[].into(), day, 0, 1, 1);
        status.network.into_iter().map(|it| it.person_id).collect()
    };
    assert_eq!(network(date(2019, 5, 31)), []);
    assert_eq!(network(date(2019, 7, 1)), [UNCLE]);
    assert_eq!(network(date(2019, 7, 2)), []);
    assert!(!row.undone);
    assert!(row_of(&registered().after(ask(undoing()))).undone);
}

#[test]
fn a_child_counts_in_a_caseload_by_the_role_that_stands() {
    let children = |journal: &Journal| -> Vec<PersonId> {
        let rows = crate::views::caseload::rows_of(&journal.history(FAMILY.into()), &Clocks::NOW);
        rows[0].children.iter().map(|it| it.person_id).collect()
    };
    assert_eq!(children(&opened()), [YOUTH, CHILD]);
    let grown = opened().after(ask(becoming(YOUTH, FamilyRole::Other)));
    assert_eq!(children(&grown), [CHILD]);
    let back = grown.after(ask(becoming(YOUTH, FamilyRole::Child)).on(2019, 6, 2));
    assert_eq!(children(&back), [YOUTH, CHILD]);
}
