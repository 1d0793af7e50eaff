//! SubmitReferral, TriageReferral.

use super::journal::{Journal, Row, ask, check, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::*;
use crate::ids::{PersonId, ProgrammeId};
use crate::rejection::Reason;

/// A family of the mother and one more person, who is registered like that.
fn of_two(other: RegisterPerson, role: FamilyRole) -> Journal {
    let members = vec![member(MOTHER, FamilyRole::Mother), member(other.person_id, role)];
    people()
        .after(ask(other))
        .after(ask(RegisterFamily { initial_members: members, ..family() }).on(2019, 2, 1))
}

#[rustfmt::skip] // One row, one rule.
fn referral_rows() -> Vec<Row> {
    let (people, known) = (people(), registered());
    let referred = known.clone().after(ask(referral(1)));
    let turned_down = referred.clone().after(ask(TriageReferral { met: false, ..triage(1) }));
    let from = |agency| ask(SubmitReferral { agency, ..referral(1) });
    let young_at = |birth, role| of_two(RegisterPerson { birth, ..person(NOBODY) }, role);
    vec![
        yes(&known, ask(referral(1)), "ReferralSubmitted"),
        no(&people, ask(referral(1)), Reason::UnknownId, "submit_referral.family_id"),
        no(&known, ask(SubmitReferral { programme_id: ProgrammeId(NOBODY.0), ..referral(1) }),
           Reason::UnknownId, "submit_referral.programme_id"),
        no(&known,
           ask(SubmitReferral { worker_id: Some(crate::ids::WorkerId(NOBODY.0)), ..referral(1) }),
           Reason::UnknownId, "submit_referral.worker_id"),
        yes(&known,
           ask(SubmitReferral { worker_id: Some(ANNE), about: vec![YOUTH], ..referral(1) }),
           "ReferralSubmitted"),
        no(&known, ask(SubmitReferral { about: vec![YOUTH, UNCLE], ..referral(1) }),
           Reason::NotInFamily, "submit_referral.about[1]"),
        no(&referred, ask(referral(1)), Reason::IdTaken, "submit_referral.referral_id"),
        no(&referred, ask(referral(2)), Reason::ReferralOpen, ""),
        no(&triaged(), ask(referral(2)), Reason::ReferralOpen, ""),
        yes(&turned_down, ask(referral(2)), "ReferralSubmitted"),
        yes(&opened(), ask(referral(2)), "ReferralSubmitted"),
        no(&known, from(Agency::Police), Reason::NoLegalBasis, "legal_basis"),
        yes(&known, from(Agency::Police).by_law(), "ReferralSubmitted"),
        yes(&opened(), ask(SubmitReferral { agency: Agency::Police, ..referral(2) }),
           "ReferralSubmitted"),
        no(&known, ask(SubmitReferral { grounds: words("Søn 010105-4000"), ..referral(1) }),
           Reason::CprInText, "submit_referral.grounds"),

        yes(&young_at(born(1994, 6, 2), FamilyRole::Partner), ask(referral(1)),
           "ReferralSubmitted"),
        no(&young_at(born(1994, 6, 1), FamilyRole::Child), ask(referral(1)),
           Reason::NoYoungMember, ""),
        yes(&young_at(born_in(1994), FamilyRole::Partner), ask(referral(1)), "ReferralSubmitted"),
        no(&young_at(born_in(1993), FamilyRole::Partner), ask(referral(1)),
           Reason::NoYoungMember, ""),
        yes(&young_at(None, FamilyRole::HalfSibling), ask(referral(1)), "ReferralSubmitted"),
        no(&young_at(None, FamilyRole::Partner), ask(referral(1)), Reason::NoYoungMember, ""),
        yes(&young_at(born(1990, 1, 1), FamilyRole::Child).erased(NOBODY), ask(referral(1)),
           "ReferralSubmitted"),
        no(&young_at(born(2010, 1, 1), FamilyRole::Partner).erased(NOBODY), ask(referral(1)),
           Reason::NoYoungMember, ""),
        no(&young_at(born(2010, 1, 1), FamilyRole::Child).after(ask(leaving(NOBODY))),
           ask(referral(1)),
           Reason::NoYoungMember, ""),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn triage_rows() -> Vec<Row> {
    let (known, judged) = (registered(), triaged());
    let referred = known.clone().after(ask(referral(1)));
    let waiting = referred.clone().after(ask(TriageReferral { capacity: false, ..triage(1) }));
    let none_met = vec![answer("AT_RISK", false)];
    let because = |text| Criterion { grounds: Some(words(text)), ..answer("AT_RISK", true) };
    let answering = |criteria| ask(TriageReferral { criteria, ..triage(1) });
    vec![
        yes(&referred, ask(triage(1)), "ReferralTriaged"),
        no(&known, ask(triage(1)), Reason::UnknownId, "triage_referral.referral_id"),
        no(&referred, answering(vec![answer("KNOWN_TO_SCHOOL", true)]),
           Reason::CriterionUnanswered, "triage_referral.target_group.criteria"),
        no(&referred, answering(vec![answer("AT_RISK", false)]),
           Reason::CriteriaContradict, "triage_referral.target_group.met"),
        no(&referred, answering(vec![answer("AT_RISK", true), answer("AT_RISK", false)]),
           Reason::CriteriaContradict, "triage_referral.target_group.criteria[1].code"),
        yes(&referred, answering(vec![answer("AT_RISK", true), answer("KNOWN_TO_SCHOOL", false)]),
           "ReferralTriaged"),
        yes(&referred,
           ask(TriageReferral { met: false, criteria: none_met, ..triage(1) }),
           "ReferralTriaged"),
        no(&referred, answering(vec![answer("AT_RISK", true), answer("ETHNICITY", true)]),
           Reason::Art9Ground, "triage_referral.target_group.criteria[1].code"),
        no(&referred, answering(vec![answer("AT_RISK", true), answer("TALL", true)]),
           Reason::UnknownId, "triage_referral.target_group.criteria[1].code"),
        no(&judged, ask(triage(1)), Reason::ReferralState, "triage_referral.referral_id"),
        no(&opened(), ask(triage(1)), Reason::ReferralState, "triage_referral.referral_id"),
        yes(&waiting, ask(triage(1)).on(2019, 6, 2), "ReferralTriaged"),
        no(&waiting, ask(triage(1)).on(2019, 5, 31), Reason::DateOrder, "occurred_at"),
        no(&referred,
           answering(vec![because("0101054000")]),
           Reason::CprInText, "triage_referral.target_group.criteria[0].grounds"),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [referral_rows(), triage_rows()].concat()
}

#[test]
fn rules_on_referrals() {
    check(rows());
}

#[test]
fn grounds_are_about_all_present_members_unless_named() {
    let about = |named: Vec<PersonId>| {
        let decided = registered().decide(&ask(SubmitReferral { about: named, ..referral(1) }));
        decided.unwrap().appends[0].1[0].personal[0].persons.clone()
    };
    assert_eq!(about(vec![]), [MOTHER, YOUTH, CHILD]);
    assert_eq!(about(vec![CHILD, CHILD]), [CHILD]);
}
