use jiff::civil::date;

use super::*;
use crate::ids::ReferralId;
use crate::rejection::Reason;
use crate::tests::journal::{check, no, yes};
use crate::views::status::{ReferralState, present, status_of};

const REFERRAL: &str = "occurred_at";

#[rustfmt::skip] // One row, one rule.
fn answer_rows() -> Vec<Row> {
    let referred = registered().after(ask(referral(1)).on(2019, 2, 10));
    let asked = referred.clone().after(ask(questions()).on(2019, 2, 12));
    let answered = asked.clone().after(ask(answers()).on(2019, 2, 14));
    let waiting = referred.clone()
        .after(ask(TriageReferral { capacity: false, ..triage(1) }).on(2019, 2, 15));
    let declined = referred.clone().after(ask(declining()).on(2019, 2, 15));
    let withdrawn = referred.clone().after(ask(withdrawing()).on(2019, 2, 15));
    let unknown = || ReferralId(NOBODY.0);
    vec![
        yes(&referred, ask(questions()), "ReferralInfoRequested"),
        yes(&asked, ask(questions()), "ReferralInfoRequested"),
        yes(&waiting, ask(questions()), "ReferralInfoRequested"),
        no(&referred, ask(RequestReferralInfo { referral_id: unknown(), ..questions() }),
           Reason::UnknownId, "request_referral_info.referral_id"),
        no(&referred, ask(RequestReferralInfo { about: vec![UNCLE], ..questions() }),
           Reason::NotInFamily, "request_referral_info.about[0]"),
        no(&triaged(), ask(questions()),
           Reason::ReferralState, "request_referral_info.referral_id"),
        no(&offered(), ask(questions()),
           Reason::ReferralState, "request_referral_info.referral_id"),
        no(&referred, ask(questions()).on(2019, 2, 9), Reason::DateOrder, REFERRAL),
        yes(&asked, ask(answers()), "ReferralInfoSupplied"),
        no(&asked, ask(answers()).on(2019, 2, 11), Reason::DateOrder, REFERRAL),
        no(&referred, ask(answers()), Reason::ReferralState, "supply_referral_info.referral_id"),
        no(&answered, ask(answers()), Reason::ReferralState, "supply_referral_info.referral_id"),
        no(&asked, ask(SupplyReferralInfo { answer: words("010105-4000"), ..answers() }),
           Reason::CprInText, "supply_referral_info.answer"),
        yes(&asked, ask(triage(1)), "ReferralTriaged"),

        yes(&referred, ask(declining()), "ReferralDeclined"),
        yes(&offered(), ask(declining()), "ReferralDeclined"),
        no(&declined, ask(declining()), Reason::ReferralState, "decline_referral.referral_id"),
        no(&opened(), ask(declining()), Reason::ReferralState, "decline_referral.referral_id"),
        no(&closed(), ask(declining()), Reason::ReferralState, "decline_referral.referral_id"),
        no(&declined, ask(triage(1)), Reason::ReferralState, "triage_referral.referral_id"),
        yes(&declined, ask(referral(2)), "ReferralSubmitted"),
        yes(&referred, ask(withdrawing()), "ReferralWithdrawn"),
        yes(&referred, ask(WithdrawReferral { reason: None, ..withdrawing() }),
            "ReferralWithdrawn"),
        no(&withdrawn, ask(withdrawing()), Reason::ReferralState, "withdraw_referral.referral_id"),
        no(&withdrawn, ask(case()).by_law(), Reason::ReferralState, "open_case.referral_id"),
        yes(&withdrawn, ask(referral(2)), "ReferralSubmitted"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn place_rows() -> Vec<Row> {
    let accepted = offered().after(ask(accepting()).on(2019, 2, 25));
    let refused = offered().after(ask(refusing()).on(2019, 2, 25));
    let waiting = registered().after(ask(referral(1)).on(2019, 2, 10))
        .after(ask(TriageReferral { capacity: false, ..triage(1) }).on(2019, 2, 15));
    let opening = |month, day| {
        ask(OpenCase { opened_on: date(2019, month, day), ..case() }).by_law()
    };
    vec![
        yes(&triaged(), ask(offering()), "PlaceOffered"),
        no(&waiting, ask(offering()), Reason::ReferralState, "offer_place.referral_id"),
        no(&offered(), ask(offering()).on(2019, 3, 22),
           Reason::ReferralState, "offer_place.referral_id"),
        yes(&offered(), ask(offering()).on(2019, 3, 23), "PlaceOffered"),
        no(&accepted, ask(offering()), Reason::ReferralState, "offer_place.referral_id"),
        no(&refused, ask(offering()), Reason::ReferralState, "offer_place.referral_id"),

        yes(&offered(), ask(accepting()).on(2019, 3, 22), "PlaceAccepted"),
        no(&offered(), ask(accepting()).on(2019, 3, 23),
           Reason::ReferralState, "accept_place.referral_id"),
        no(&triaged(), ask(accepting()), Reason::ReferralState, "accept_place.referral_id"),
        no(&accepted, ask(accepting()).on(2019, 2, 26),
           Reason::ReferralState, "accept_place.referral_id"),
        no(&offered(), ask(AcceptPlace { accepted_by: vec![MOTHER, UNCLE], ..accepting() }),
           Reason::NotInFamily, "accept_place.accepted_by[1]"),
        yes(&offered(), ask(refusing()).on(2019, 3, 22), "PlaceRefused"),
        yes(&offered(), ask(RefusePlace { reason: None, about: vec![], ..refusing() })
                .on(2019, 3, 1), "PlaceRefused"),
        no(&refused, ask(refusing()).on(2019, 2, 26),
           Reason::ReferralState, "refuse_place.referral_id"),

        // The short way: nothing was offered, and opening the case is the decision.
        yes(&triaged(), opening(3, 1), "CaseOpened"),
        yes(&accepted, opening(3, 1), "CaseOpened"),
        yes(&accepted, opening(2, 25), "CaseOpened"),
        no(&accepted, opening(2, 24), Reason::DateOrder, "open_case.opened_on"),
        no(&offered(), opening(3, 1), Reason::ReferralState, "open_case.referral_id"),
        no(&refused, opening(3, 1), Reason::ReferralState, "open_case.referral_id"),
        no(&triaged().after(ask(declining()).on(2019, 2, 20)), opening(3, 1),
           Reason::ReferralState, "open_case.referral_id"),
        // An offer that expired keeps no new referral out.
        no(&offered(), ask(referral(2)).on(2019, 3, 22), Reason::ReferralOpen, ""),
        yes(&offered(), ask(referral(2)).on(2019, 3, 23), "ReferralSubmitted"),
        yes(&refused, ask(referral(2)).on(2019, 3, 22), "ReferralSubmitted"),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [answer_rows(), place_rows()].concat()
}

#[test]
fn rules_on_what_becomes_of_a_referral() {
    check(rows());
}

#[test]
fn the_status_says_what_became_of_the_referral_and_when_an_offer_expired() {
    let state = |journal: &Journal, today| {
        let row = status_of(&journal.history(FAMILY.into()), &crate::effective::Clocks::NOW);
        let shown = present(&row.unwrap(), &std::collections::BTreeMap::new(), today, 0, 1, 1);
        shown.referral_state.unwrap()
    };
    let referred = || registered().after(ask(referral(1)).on(2019, 2, 10));
    let asked = || referred().after(ask(questions()).on(2019, 2, 12));
    let day = date(2019, 3, 22);
    for (journal, today, expected) in [
        (referred(), day, ReferralState::Submitted),
        (asked(), day, ReferralState::InfoRequested),
        (asked().after(ask(answers())), day, ReferralState::Submitted),
        (asked().after(ask(triage(1)).on(2019, 2, 13)), day, ReferralState::Triaged),
        (offered(), day, ReferralState::Offered),
        (offered(), date(2019, 3, 23), ReferralState::Expired),
        (offered().after(ask(accepting()).on(2019, 2, 21)), day, ReferralState::Accepted),
        (offered().after(ask(refusing()).on(2019, 2, 21)), day, ReferralState::Refused),
        (referred().after(ask(declining())), day, ReferralState::Declined),
        (referred().after(ask(withdrawing())), day, ReferralState::Withdrawn),
        (opened(), day, ReferralState::Case),
    ] {
        assert_eq!(state(&journal, today), expected);
    }
}
