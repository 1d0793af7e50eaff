//! RegisterFamily, AddFamilyMember, RemoveFamilyMember.

use jiff::civil::date;

use super::journal::{Row, TODAY, ask, check, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::*;
use crate::rejection::Reason;

#[rustfmt::skip] // One row, one rule.
pub(super) fn rows() -> Vec<Row> {
    let (people, family_known) = (people(), registered());
    let of = |members| ask(RegisterFamily { initial_members: members, ..family() });
    let child_left = family_known.clone().after(ask(leaving(CHILD)));
    let dying = RemoveFamilyMember { reason: LeaveReason::Died, ..leaving(CHILD) };
    let child_died = family_known.clone().after(ask(dying));
    let tomorrow = date(2020, 1, 16);
    let alone = child_left.clone().after(ask(leaving(YOUTH)));
    vec![
        yes(&people, ask(family()), "FamilyRegistered"),
        no(&family_known, ask(family()), Reason::IdTaken, "register_family.family_id"),
        no(&people, of(vec![member(MOTHER, FamilyRole::Mother), member(NOBODY, FamilyRole::Child)]),
           Reason::UnknownId, "register_family.initial_members[1].person_id"),
        no(&people,
           of(vec![member(MOTHER, FamilyRole::Mother), member(MOTHER, FamilyRole::Partner)]),
           Reason::AlreadyMember, "register_family.initial_members[1].person_id"),
        no(&people, of(vec![]), Reason::FamilyWouldBeEmpty, "register_family.initial_members"),
        no(&people, ask(family()).on(2012, 3, 3), Reason::BeforeBirth, "occurred_at"),

        yes(&family_known, ask(joining(UNCLE)), "FamilyMemberAdded"),
        no(&people, ask(joining(UNCLE)), Reason::UnknownId, "add_family_member.family_id"),
        no(&family_known, ask(joining(NOBODY)), Reason::UnknownId, "add_family_member.person_id"),
        no(&family_known, ask(joining(CHILD)),
           Reason::AlreadyMember, "add_family_member.person_id"),
        yes(&child_left, ask(joining(CHILD)), "FamilyMemberAdded"),
        no(&child_left, ask(AddFamilyMember { valid_from: date(2019, 5, 31), ..joining(CHILD) }),
           Reason::AlreadyMember, "add_family_member.person_id"),
        no(&child_died, ask(joining(CHILD)), Reason::AfterDeath, "add_family_member.person_id"),
        no(&child_left, ask(AddFamilyMember { valid_from: date(2012, 3, 3), ..joining(CHILD) }),
           Reason::BeforeBirth, "add_family_member.valid_from"),

        yes(&family_known, ask(AddFamilyMember { valid_from: TODAY, ..joining(UNCLE) }),
            "FamilyMemberAdded"),
        no(&family_known, ask(AddFamilyMember { valid_from: tomorrow, ..joining(UNCLE) }),
           Reason::InFuture, "add_family_member.valid_from"),

        yes(&family_known, ask(leaving(CHILD)), "FamilyMemberLeft"),
        yes(&family_known, ask(RemoveFamilyMember { valid_to: TODAY, ..leaving(CHILD) }),
            "FamilyMemberLeft"),
        no(&family_known, ask(RemoveFamilyMember { valid_to: tomorrow, ..leaving(CHILD) }),
           Reason::InFuture, "remove_family_member.valid_to"),
        no(&family_known, ask(leaving(UNCLE)),
           Reason::NotInFamily, "remove_family_member.person_id"),
        no(&child_left, ask(leaving(CHILD)), Reason::NoChange, "remove_family_member.person_id"),
        no(&alone, ask(leaving(MOTHER)),
           Reason::FamilyWouldBeEmpty, "remove_family_member.person_id"),
        no(&family_known,
           ask(RemoveFamilyMember { reason: LeaveReason::EnteredInError, ..leaving(CHILD) }),
           Reason::UseCorrection, "remove_family_member.reason"),
        no(&family_known.clone().after(ask(joining(UNCLE))),
           ask(RemoveFamilyMember { valid_to: date(2019, 5, 31), ..leaving(UNCLE) }),
           Reason::DateOrder, "remove_family_member.valid_to"),
        yes(&child_left.after(ask(joining(CHILD))),
           ask(RemoveFamilyMember { valid_to: date(2019, 7, 1), ..leaving(CHILD) }),
            "FamilyMemberLeft"),
    ]
}

#[test]
fn rules_on_membership() {
    check(rows());
}
