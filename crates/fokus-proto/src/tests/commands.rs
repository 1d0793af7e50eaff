//! The rules of each command's fields, one row a rule.

use fokus_core::codes::{ContactPointUse, Household};
use fokus_core::command::{Command, Text};
use fokus_core::rejection::Reason::*;
use serde_json::{Value, json};

use super::samples::{self, id};
use super::{accepted, parsed, put, refused, refused_at};

/// `count` different ids.
fn ids(count: usize) -> Value {
    (0..count).map(|n| json!(id(1000 + n))).collect()
}

/// Sets every field that `fields` names in turn, and wants each refused there.
#[track_caller]
fn each_refused(fields: &[&str], value: &Value) {
    for field in fields {
        refused(field, value.clone(), FieldInvalid);
    }
}

#[test]
fn ids_are_uuids() {
    each_refused(
        &[
            "establish_person_identity.person_id",
            "end_contact_point.contact_point_id",
            "clear_special_care_marker.marker_id",
            "state_relationship.other_person_id",
            "state_relationship.as_seen_by_person_id",
            "conclude_assessment.about[0]",
            "declare_conflict_of_interest.interest_in.family_id",
            "end_conflict_of_interest.interest_in.person_id",
            "register_family.initial_members[1].person_id",
            "submit_referral.worker_id",
            "submit_referral.about[1]",
            "record_contact.goal_ids[0]",
            "correct_entry.stream.id",
            "correct_entry.entry.event_id",
            "agree_plan.children_heard[1].person_id",
        ],
        &json!("no uuid"),
    );
}

#[test]
fn needed_fields_cannot_be_left_out() {
    each_refused(
        &[
            "register_person.person_id",
            "register_person.name",
            "register_person.source",
            "establish_person_identity.cpr",
            "establish_person_identity.method",
            "register_family.reference",
            "register_family.initial_members",
            "register_family.initial_members[0].role",
            "add_family_member.household",
            "add_family_member.valid_from",
            "remove_family_member.reason",
            "submit_referral.agency",
            "submit_referral.grounds",
            "submit_referral.risk_areas",
            "triage_referral.target_group",
            "triage_referral.priority",
            "open_case.kle",
            "open_case.regime",
            "assign_worker.role",
            "enter_case_phase.phase",
            "record_contact.kind",
            "record_note.nature",
            "record_note.grade",
            "record_note.text",
            "correct_entry.stream",
            "correct_entry.entry",
            "correct_entry.reason",
            "correct_entry.explanation",
            "mark_mistaken.stream.kind",
            "mark_mistaken.reason",
            "withdraw_mistaken_mark.explanation",
            "start_assessment.kind",
            "start_assessment.regime",
            "judge_risk.level",
            "judge_risk.direction",
            "judge_risk.reasoning",
            "judge_risk.valid_until",
            "conclude_assessment.conclusion",
            "conclude_assessment.proposal",
            "draft_plan.kind",
            "set_goal.theme",
            "set_goal.statement",
            "set_goal.weight",
            "set_goal.target_date",
            "agree_plan.agreed_by",
            "agree_plan.agreed_by[0].manner",
            "order_intervention.type",
            "order_intervention.planned",
            "start_intervention.on",
            "hold_session.attendance",
            "hold_session.attendance[0].state",
            "end_intervention.reason",
            "open_programme.name",
            "open_programme.criteria[0].text",
            "employ_worker.subject",
            "employ_worker.agency",
        ],
        &Value::Null,
    );
    refused_at("mark_mistaken.entry.revision", Value::Null, FieldInvalid, "mark_mistaken.entry");
}

#[test]
fn needed_fields_about_people_cannot_be_left_out() {
    each_refused(
        &[
            "change_person_name.name",
            "record_contact_point.kind",
            "record_contact_point.value",
            "record_language_need.language",
            "record_death.source",
            "set_special_care_marker.kind",
            "set_special_care_marker.valid_to",
            "change_member_role.role",
            "state_relationship.kind",
            "state_relationship.person_id",
            "choose_primary_contact.channel",
            "add_network_person.role",
            "remove_network_person.person_id",
            "undo_family_registration.reason",
            "publish_method_version.method_version",
            "publish_method_version.name",
            "retire_method_version.method_version",
            "set_disclosure_rules.threshold",
            "release_statistic.quarter",
            "withdraw_statistic.reason",
            "grant_role.role",
            "revoke_role.role",
            "declare_conflict_of_interest.interest_in",
            "declare_conflict_of_interest.kind",
            "end_conflict_of_interest.interest_in",
            "train_worker.method_version",
        ],
        &Value::Null,
    );
}

#[test]
fn needed_fields_of_the_cases_course_cannot_be_left_out() {
    each_refused(
        &[
            "request_referral_info.questions",
            "supply_referral_info.answer",
            "decline_referral.reason",
            "accept_place.accepted_by",
            "complete_handover.read_up_to",
            "complete_handover.family_told_on",
            "pause_case.expected_until",
            "pause_case.reason",
            "propose_closure.outcome",
            "propose_closure.summary",
            "propose_closure.goals[0].disposition",
            "reject_closure.reason",
            "reopen_case.reason",
            "reopen_case.grounds",
            "give_family_satisfaction.instrument",
            "give_family_satisfaction.answers",
            "give_family_satisfaction.answers[0].answer",
            "propose_acute_override.youth_id",
            "propose_acute_override.reason",
            "reject_acute_override.reason",
            "add_party_statement.person_id",
            "add_party_statement.text",
            "raise_flag.kind",
            "raise_flag.text",
            "resolve_flag.resolution",
            "record_supervision_note.text",
        ],
        &Value::Null,
    );
}

#[test]
fn an_id_that_the_client_makes_is_of_version_4() {
    each_refused(
        &[
            "register_person.person_id",
            "register_family.family_id",
            "submit_referral.referral_id",
            "open_case.case_id",
            "open_youth_track.track_id",
            "record_contact.contact_id",
            "record_note.note_id",
            "start_assessment.assessment_id",
            "draft_plan.plan_id",
            "set_goal.goal_id",
            "order_intervention.intervention_id",
            "open_programme.programme_id",
            "employ_worker.worker_id",
            "record_contact_point.contact_point_id",
            "set_special_care_marker.marker_id",
            "state_relationship.relationship_id",
            "record_post_closure_contact.contact_id",
            "raise_flag.flag_id",
            "record_supervision_note.note_id",
        ],
        &json!("00000001-0000-7000-8000-000000000000"),
    );
    accepted("record_contact.family_id", json!("00000001-0000-7000-8000-000000000000"));
}

#[test]
fn numbers_have_ranges() {
    for (field, least, most) in [
        ("record_contact.minutes", 0, 1440),
        ("hold_session.minutes", 0, 1440),
        ("hold_session.fidelity_percent", 0, 100),
        ("set_goal.weight", 1, 5),
        ("set_goal.baseline", -2, 2),
        ("order_intervention.planned.sessions", 0, 1000),
        ("order_intervention.planned.minutes_per_week", 0, 10_080),
        ("open_programme.capacity_families", 1, 10_000),
    ] {
        accepted(field, json!(least));
        accepted(field, json!(most));
        refused(field, json!(least - 1), FieldInvalid);
        refused(field, json!(most + 1), FieldInvalid);
        refused(field, json!(i32::MAX), FieldInvalid);
    }
    refused("order_intervention.cost_estimate_ore", json!(-1), FieldInvalid);
    accepted("order_intervention.cost_estimate_ore", json!(i64::MAX));
    refused("mark_mistaken.entry.revision", json!(0), FieldInvalid);
    refused("complete_handover.read_up_to", json!(-1), FieldInvalid);
    refused("judge_risk.basis[1].revision", json!(-4), FieldInvalid);
}

#[test]
fn zero_says_not_planned_and_not_estimated() {
    let order = |path| {
        let Command::OrderIntervention(it) = accepted(path, json!(0)).command else {
            panic!("another command");
        };
        it
    };
    assert_eq!(order("order_intervention.planned.sessions").planned.sessions, None);
    assert_eq!(order("order_intervention.planned.minutes_per_week").planned.minutes_per_week, None);
    assert_eq!(order("order_intervention.cost_estimate_ore").cost_estimate_ore, None);
}

#[test]
fn dates_are_dates_from_1900() {
    for value in
        ["2019-02-29", "2019-13-01", "20190201", "2019-2-1", "2019-02-01T00:00", "1899-12-31", "½"]
    {
        refused("open_case.opened_on", json!(value), FieldInvalid);
        refused("assign_worker.valid_to", json!(value), FieldInvalid);
    }
    accepted("open_case.opened_on", json!("1900-01-01"));
    accepted("assign_worker.valid_to", Value::Null);
    refused("order_intervention.planned.end", json!("2018-12-31"), FieldInvalid);
    accepted("order_intervention.planned.end", json!("2019-01-01"));
}

#[test]
fn enums_take_their_own_values_only() {
    each_refused(
        &[
            "register_person.sex",
            "register_family.initial_members[0].household",
            "submit_referral.risk_areas[0]",
            "start_assessment.kind",
            "correct_entry.corrected.enter_case_phase.phase",
        ],
        &json!(99),
    );
    let Command::RegisterFamily(family) =
        accepted("register_family.initial_members[0].household", json!("HOUSEHOLD_UNSPECIFIED"))
            .command
    else {
        panic!("another command");
    };
    assert_eq!(family.initial_members[0].household, Household::Core);
}

#[test]
fn a_birth_is_a_date_or_a_year_as_its_precision_says() {
    let at = "register_person.birth";
    let exact = "BIRTH_PRECISION_EXACT";
    let year = "BIRTH_PRECISION_YEAR";
    let estimated = "BIRTH_PRECISION_ESTIMATED";
    accepted(at, Value::Null);
    accepted(at, json!({"year": 2003, "precision": year}));
    accepted(at, json!({"year": 2003, "precision": estimated}));
    accepted(at, json!({"date": "2003-01-01", "precision": estimated}));
    refused(at, json!({"year": 2003, "precision": exact}), FieldInvalid);
    refused(at, json!({"date": "2003-01-01", "precision": year}), FieldInvalid);
    refused(at, json!({"date": "2003-01-01", "year": 2003, "precision": estimated}), FieldInvalid);
    refused(at, json!({"precision": estimated}), FieldInvalid);
    refused_at(at, json!({"date": "2003-01-01"}), FieldInvalid, "register_person.birth.precision");
    for bad in [1899, 10_000, -1] {
        let birth = json!({"year": bad, "precision": year});
        refused_at(at, birth, FieldInvalid, "register_person.birth.year");
    }
}

#[test]
fn a_name_has_one_part_at_least() {
    accepted("register_person.name.given", Value::Null);
    refused_at("register_person.name", json!({"given": ""}), FieldInvalid, "register_person.name");
    refused("register_person.name.family", json!("  "), FieldInvalid);
    refused("register_person.name.given", json!("å".repeat(101)), FreeTextTooLong);
    accepted("register_person.name.given", json!("å".repeat(100)));
}

#[test]
fn a_cpr_number_is_bounded_and_judged_elsewhere() {
    accepted("register_person.cpr", Value::Null);
    accepted("register_person.cpr", json!("not a number"));
    accepted("register_person.cpr", json!("x".repeat(32)));
    refused("register_person.cpr", json!("x".repeat(33)), FieldInvalid);
}

#[test]
fn references_kle_numbers_and_codes_have_their_patterns() {
    for bad in ["AA-2018-01", "AA-2018-000001", "aa-2018-001", "AAA-2018-001", "AA-2018-00a", "½"]
    {
        refused("register_family.reference", json!(bad), FieldInvalid);
    }
    accepted("register_family.reference", json!("ZZ-0000-99999"));
    for bad in ["27.27.9", "272709", "27.27.099", "27-27-09", "٢٧.27.09"] {
        refused("open_case.kle", json!(bad), FieldInvalid);
    }
    for bad in ["", "age", "AGE LIMIT", "Æ"] {
        refused("triage_referral.target_group.criteria[1].code", json!(bad), FieldInvalid);
        refused("open_programme.criteria[1].code", json!(bad), FieldInvalid);
    }
    refused("open_programme.criteria[1].code", json!("A".repeat(41)), FieldInvalid);
}

#[test]
fn texts_have_limits_in_bytes_after_normalisation() {
    let most = 64 * 1024;
    accepted("record_contact.text", json!("a".repeat(most)));
    refused("record_contact.text", json!("a".repeat(most + 1)), FreeTextTooLong);
    refused("record_note.source", json!("æ".repeat(most / 2 + 1)), FreeTextTooLong);
    // e and an accent: three bytes as written, two as kept.
    accepted("record_contact.text", json!("e\u{301}".repeat(most / 2)));
    for (field, most) in [
        ("set_goal.levels.plus_two", 2000),
        ("open_programme.criteria[0].text", 2000),
        ("open_programme.name", 200),
        ("employ_worker.subject", 200),
        ("give_family_satisfaction.answers[0].answer", 2000),
        ("order_intervention.provider", 200),
        ("record_contact_point.value", 500),
        ("publish_method_version.name", 200),
    ] {
        accepted(field, json!("a".repeat(most)));
        refused(field, json!("a".repeat(most + 1)), FreeTextTooLong);
    }
}

#[test]
fn a_methods_version_is_a_name_and_no_text() {
    let field = "order_intervention.method_version";
    for name in ["MST@2018-1", "2.1", "a", "Fft_2-3.b"] {
        accepted(field, json!(name));
    }
    accepted(field, json!("a".repeat(100)));
    refused(field, json!("a".repeat(101)), FieldInvalid);
    for text in ["@1", "-a", ".a", "_a", "MST 2018", "æ", "aæ", "a\n", "a/b", " ", "a,b"] {
        refused(field, json!(text), FieldInvalid);
    }
}

#[test]
fn a_language_is_a_tag() {
    let field = "record_language_need.language";
    for tag in ["so", "sgn-dk", "ku-Arab", "ar-x-private1", "zh-cmn-Hans-CN"] {
        accepted(field, json!(tag));
    }
    for bad in ["s", "Somali", "so-", "-so", "so--x", "so_SO", "só", "so-abcdefghi", "12"] {
        refused(field, json!(bad), FieldInvalid);
    }
    refused(field, json!("so-".repeat(20)), FreeTextTooLong);
}

#[test]
fn a_date_left_out_is_the_day_of_the_act() {
    for field in [
        "change_person_name.valid_from",
        "record_contact_point.valid_from",
        "end_contact_point.valid_to",
        "record_death.died_on",
        "change_member_role.valid_from",
        "state_relationship.valid_from",
        "end_relationship.valid_to",
        "add_network_person.valid_from",
        "remove_network_person.valid_to",
        "publish_method_version.valid_from",
        "retire_method_version.valid_to",
        "grant_role.valid_from",
        "revoke_role.valid_to",
        "declare_conflict_of_interest.valid_from",
        "end_conflict_of_interest.valid_to",
        "train_worker.on",
    ] {
        accepted(field, Value::Null);
        refused(field, json!("2019-02-29"), FieldInvalid);
    }
}

#[test]
fn a_contact_point_is_primary_and_of_unknown_safety_unless_said() {
    let point = |path| {
        let Command::RecordContactPoint(it) = accepted(path, Value::Null).command else {
            panic!("another command");
        };
        it
    };
    assert_eq!(point("record_contact_point.use").r#use, ContactPointUse::Primary);
    assert_eq!(point("record_contact_point.safe_to_contact").safe_to_contact, None);
}

#[test]
fn texts_have_no_control_characters_but_tab_and_newline() {
    for control in ['\0', '\u{7}', '\u{b}', '\r', '\u{1b}', '\u{7f}', '\u{85}', '\u{9f}'] {
        let text = json!(format!("a{control}b"));
        refused("record_contact.text", text.clone(), ControlChars);
        refused("register_person.name.given", text.clone(), ControlChars);
        refused("triage_referral.target_group.criteria[0].grounds", text.clone(), ControlChars);
        refused("agree_plan.children_heard[0].how", text, ControlChars);
    }
    accepted("record_contact.text", json!("a\tb\nc"));
}

#[test]
fn texts_are_normalised_and_never_blank() {
    let Command::RecordContact(contact) =
        accepted("record_contact.text", json!("A\u{30a}se")).command
    else {
        panic!("another command");
    };
    assert_eq!(contact.text, Some(Text("\u{c5}se".to_owned())));
    refused("record_contact.text", json!(" \t\n"), FieldInvalid);
    let Command::RecordContact(contact) = accepted("record_contact.text", json!("")).command else {
        panic!("another command");
    };
    assert_eq!(contact.text, None);
}

#[test]
fn lists_of_persons_are_short_and_name_each_once() {
    for field in [
        "record_contact.present",
        "record_contact.about",
        "record_note.about",
        "conclude_assessment.about",
        "set_goal.about",
        "order_intervention.about",
        "end_intervention.about",
        "pause_case.about",
        "propose_closure.about",
        "raise_flag.about",
    ] {
        accepted(field, ids(14));
        accepted(field, json!([]));
        refused(field, ids(15), TooManySubjects);
        refused_at(field, json!([id(1), id(2), id(1)]), FieldInvalid, &format!("{field}[2]"));
    }
    // The same id in another case is the same id.
    let twice =
        json!(["abcdef00-0000-4000-8000-000000000000", "ABCDEF00-0000-4000-8000-000000000000"]);
    refused_at("record_note.about", twice, FieldInvalid, "record_note.about[1]");
}

#[test]
fn lists_of_what_persons_are_or_do_are_short_and_name_each_once() {
    for (list, element) in [
        ("register_family.initial_members", json!({"role": "FAMILY_ROLE_CHILD"})),
        ("agree_plan.agreed_by", json!({"manner": "AGREEMENT_MANNER_ORAL"})),
        ("agree_plan.children_heard", json!({"how": "Samtale."})),
        ("hold_session.attendance", json!({"state": "ATTENDANCE_STATE_LATE"})),
    ] {
        let named = |person: String| {
            let mut it = element.clone();
            it["person_id"] = json!(person);
            it
        };
        let persons = |count| Value::Array((0..count).map(|n| named(id(1000 + n))).collect());
        accepted(list, persons(14));
        refused(list, persons(15), TooManySubjects);
        let twice = json!([named(id(1)), named(id(1))]);
        refused_at(list, twice, FieldInvalid, &format!("{list}[1]"));
    }
}

#[test]
fn other_lists_have_limits_and_name_each_once() {
    for field in ["record_contact.goal_ids", "order_intervention.goal_ids"] {
        accepted(field, ids(50));
        refused(field, ids(51), FieldInvalid);
        refused_at(field, json!([id(1), id(1)]), FieldInvalid, &format!("{field}[1]"));
    }
    let area = "RISK_AREA_STREET_LIFESTYLE";
    refused_at(
        "record_contact.risk_areas",
        json!([area, area]),
        FieldInvalid,
        "record_contact.risk_areas[1]",
    );
    refused("submit_referral.risk_areas", json!([area, area, area, area]), FieldInvalid);

    let basis = |count| (1..=count).map(|it| json!({ "revision": it })).collect::<Value>();
    accepted("judge_risk.basis", basis(50));
    refused("judge_risk.basis", basis(51), FieldInvalid);
    let twice = json!([{"revision": 1}, {"revision": 1}]);
    refused_at("judge_risk.basis", twice, FieldInvalid, "judge_risk.basis[1]");

    let disposed = |n: usize| json!({"goal_id": id(n), "disposition": "GOAL_DISPOSITION_DROPPED"});
    accepted("propose_closure.goals", (0..50).map(disposed).collect());
    accepted("propose_closure.goals", json!([]));
    refused("propose_closure.goals", (0..51).map(disposed).collect(), FieldInvalid);
    let twice = json!([disposed(1), disposed(1)]);
    refused_at("propose_closure.goals", twice, FieldInvalid, "propose_closure.goals[1]");
    let twice = json!([{"question": "Q1", "answer": "4"}, {"question": "Q1", "answer": "5"}]);
    let field = "give_family_satisfaction.answers";
    refused_at(field, twice, FieldInvalid, "give_family_satisfaction.answers[1]");

    for (list, element) in [
        ("triage_referral.target_group.criteria", json!({"met": true})),
        ("open_programme.criteria", json!({"text": "?"})),
    ] {
        let coded = |n: usize| {
            let mut it = element.clone();
            it["code"] = json!(format!("C{n}"));
            it
        };
        accepted(list, (0..50).map(coded).collect());
        refused(list, (0..51).map(coded).collect(), FieldInvalid);
        let twice = json!([coded(1), coded(1)]);
        refused_at(list, twice, FieldInvalid, &format!("{list}[1]"));
    }
}

#[test]
fn a_child_was_heard_or_there_is_a_reason_and_never_both() {
    let at = "agree_plan.children_heard[0]";
    refused(at, json!({"person_id": id(3)}), FieldInvalid);
    let both = json!({"person_id": id(3), "how": "a", "not_heard_reason": "b"});
    refused(at, both, FieldInvalid);
}

#[test]
fn what_the_domain_has_codes_for_is_left_to_it() {
    accepted("judge_risk.basis", json!([]));
    accepted("judge_risk.reasoning", json!("short"));
    accepted("order_intervention.goal_ids", json!([]));
    accepted("set_goal.levels", Value::Null);
    accepted("set_goal.levels.zero", json!(""));
    accepted("remove_family_member.reason", json!("LEAVE_REASON_ENTERED_IN_ERROR"));
    accepted("record_note.nature", json!("NOTE_NATURE_DECISION"));
    accepted("close_case.family_told_on", Value::Null);
    accepted("approve_closure.proposal", Value::Null);
    accepted("reopen_case.phase", Value::Null);
    accepted("unassign_worker.role", Value::Null);
}

#[test]
fn a_fault_in_a_corrected_command_has_its_whole_path() {
    let mut correction = samples::request("correct_entry");
    let mut contact = samples::request("record_contact");
    put(&mut contact, "record_contact.minutes", json!(1441));
    correction["correct_entry"]["corrected"] = json!({"record_contact": contact["record_contact"]});
    let rejection = parsed(&correction).unwrap_err();
    let path = "correct_entry.corrected.record_contact.minutes";
    assert_eq!(rejection.to_string(), format!("FIELD_INVALID: {path}: must be from 0 to 1440"));
}
