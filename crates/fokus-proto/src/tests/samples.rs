//! One good request per command, with every field filled.

mod assessing;
mod casework;

use fokus_core::command::Command;
use prost_reflect::{
    DescriptorPool, DynamicMessage, MessageDescriptor, ReflectMessage, Value as Wire,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The `n`th id of these samples: a UUID of version 4.
pub(super) fn id(n: usize) -> String {
    format!("{n:08x}-0000-4000-8000-000000000000")
}

/// Every command by the name of its field.
pub(super) fn all() -> Vec<(&'static str, Value)> {
    let mut samples = [
        persons(),
        families(),
        circle(),
        cases(),
        entries(),
        assessments_and_plans(),
        interventions_and_organisation(),
        staff(),
        casework::casework(),
    ]
    .concat();
    for (after, more) in [
        ("start_assessment", assessing::inside()),
        ("judge_risk", assessing::provisional()),
        ("conclude_assessment", assessing::reports()),
        ("hold_session", assessing::adjusting()),
        ("end_intervention", assessing::course()),
    ] {
        let at = samples.iter().position(|(name, _)| *name == after).unwrap() + 1;
        samples.splice(at..at, more);
    }
    samples
}

fn persons() -> Vec<(&'static str, Value)> {
    vec![
        (
            "register_person",
            json!({"person_id": id(1), "name": {"given": "Åse", "family": "Prøve"},
                "cpr": "0102030405", "birth": {"date": "2003-02-01", "precision":
                "BIRTH_PRECISION_EXACT"}, "sex": "SEX_F", "source": "PERSON_SOURCE_SELF",
                "is_synthetic": true}),
        ),
        (
            "establish_person_identity",
            json!({"person_id": id(1), "cpr": "0102030405", "method": "IDENTITY_METHOD_DOCUMENT"}),
        ),
        (
            "change_person_name",
            json!({"person_id": id(1), "name": {"given": "Åse", "family": "Ny"},
                "valid_from": "2019-06-01"}),
        ),
        (
            "record_contact_point",
            json!({"person_id": id(1), "contact_point_id": id(17), "kind":
                "CONTACT_POINT_KIND_PHONE", "value": "+45 00 00 00 00", "use":
                "CONTACT_POINT_USE_ALT", "safe_to_contact": true, "valid_from": "2019-01-01"}),
        ),
        (
            "end_contact_point",
            json!({"person_id": id(1), "contact_point_id": id(17), "valid_to": "2019-12-31"}),
        ),
        (
            "record_language_need",
            json!({"person_id": id(1), "language": "so", "interpreter": true,
                "kinship_interpreter_refused": true}),
        ),
        (
            "record_death",
            json!({"person_id": id(1), "died_on": "2020-02-03", "source":
                "DEATH_SOURCE_CPR_REGISTER"}),
        ),
        (
            "set_special_care_marker",
            json!({"person_id": id(1), "marker_id": id(18), "kind":
                "SPECIAL_CARE_KIND_VIOLENCE_RISK", "grounds": "Trusler.", "valid_to":
                "2019-10-31"}),
        ),
        ("clear_special_care_marker", json!({"person_id": id(1), "marker_id": id(18)})),
    ]
}

fn families() -> Vec<(&'static str, Value)> {
    vec![
        (
            "register_family",
            json!({"family_id": id(2), "reference": "AA-2018-001", "initial_members": [
                {"person_id": id(1), "role": "FAMILY_ROLE_MOTHER"},
                {"person_id": id(3), "role": "FAMILY_ROLE_CHILD",
                    "household": "HOUSEHOLD_PART_TIME"}],
                "source": "FAMILY_SOURCE_REFERRAL"}),
        ),
        (
            "add_family_member",
            json!({"family_id": id(2), "person_id": id(4), "role": "FAMILY_ROLE_FATHER",
                "household": "HOUSEHOLD_OUTSIDE", "valid_from": "2018-09-01"}),
        ),
        (
            "remove_family_member",
            json!({"family_id": id(2), "person_id": id(4), "reason": "LEAVE_REASON_MOVED_OUT",
                "valid_to": "2019-09-01"}),
        ),
    ]
}

fn circle() -> Vec<(&'static str, Value)> {
    vec![
        (
            "change_member_role",
            json!({"family_id": id(2), "person_id": id(3), "role": "FAMILY_ROLE_OTHER",
                "valid_from": "2019-09-01"}),
        ),
        (
            "state_relationship",
            json!({"family_id": id(2), "relationship_id": id(19), "person_id": id(1),
                "other_person_id": id(3), "kind": "RELATIONSHIP_KIND_PARENT_OF", "quality":
                "RELATIONSHIP_QUALITY_CONFLICT", "valid_from": "2019-01-01",
                "as_seen_by_person_id": id(3)}),
        ),
        (
            "end_relationship",
            json!({"family_id": id(2), "relationship_id": id(19), "valid_to": "2019-12-31"}),
        ),
        (
            "choose_primary_contact",
            json!({"family_id": id(2), "person_id": id(1), "channel":
                "CONTACT_CHANNEL_DIGITAL_POST", "interpreter": true}),
        ),
        (
            "add_network_person",
            json!({"family_id": id(2), "person_id": id(20), "role": "NETWORK_ROLE_COACH",
                "agreed_by_family": true, "valid_from": "2019-01-01"}),
        ),
        (
            "remove_network_person",
            json!({"family_id": id(2), "person_id": id(20), "valid_to": "2019-12-31"}),
        ),
        (
            "undo_family_registration",
            json!({"family_id": id(2), "reason": "UNDO_REASON_DUPLICATE"}),
        ),
    ]
}

fn cases() -> Vec<(&'static str, Value)> {
    vec![
        (
            "submit_referral",
            json!({"family_id": id(2), "referral_id": id(5), "programme_id": id(6),
                "agency": "AGENCY_SCHOOL", "worker_id": id(7), "risk_areas":
                ["RISK_AREA_STREET_LIFESTYLE", "RISK_AREA_SCHOOL_THRIVING"], "grounds": "Fravær.",
                "about": [id(1), id(3)], "family_knows": true}),
        ),
        (
            "triage_referral",
            json!({"family_id": id(2), "referral_id": id(5), "target_group": {"met": true,
                "criteria": [{"code": "AGE", "met": true, "grounds": "14 år."},
                {"code": "RISK_2", "met": true}]}, "capacity": true, "priority": "PRIORITY_HIGH"}),
        ),
        (
            "open_case",
            json!({"family_id": id(2), "case_id": id(8), "programme_id": id(6),
                "referral_id": id(5), "opened_on": "2018-10-01", "kle": "27.27.09",
                "lead_worker_id": id(7), "regime": "REGIME_SEL"}),
        ),
        (
            "assign_worker",
            json!({"family_id": id(2), "worker_id": id(7), "role": "WORKER_ROLE_SECOND",
                "valid_from": "2018-10-01", "valid_to": "2019-10-01", "replaces_lead": true,
                "handover_note": "Ring om formiddagen.", "about": [id(1)]}),
        ),
        ("enter_case_phase", json!({"family_id": id(2), "phase": "CASE_PHASE_FAMILY_PLAN"})),
        ("open_youth_track", json!({"family_id": id(2), "youth_id": id(3), "track_id": id(9)})),
    ]
}

fn entries() -> Vec<(&'static str, Value)> {
    let stream = json!({"kind": "STREAM_KIND_FAMILY", "id": id(2)});
    vec![
        (
            "record_contact",
            json!({"family_id": id(2), "contact_id": id(10), "kind": "CONTACT_KIND_VISIT",
                "minutes": 45, "present": [id(1), id(3)], "risk_areas":
                ["RISK_AREA_FAMILY_PROBLEMS"], "goal_ids": [id(11)], "text": "Talte om skolen.",
                "about": [id(1)], "from_child": true}),
        ),
        (
            "record_note",
            json!({"family_id": id(2), "note_id": id(12), "nature": "NOTE_NATURE_FACT",
                "grade": "GRADE_PROBABLE", "source": "Læreren.", "about": [id(3)],
                "text": "Møder til tiden."}),
        ),
        (
            "correct_entry",
            json!({"stream": stream, "entry": {"event_id": id(13)},
                "reason": "CORRECTION_REASON_TYPO", "explanation": "Tastefejl.", "corrected":
                {"enter_case_phase": {"family_id": id(2), "phase": "CASE_PHASE_FAMILY_PLAN"}},
                "corrected_occurred_at": {"time": "2018-11-01T12:00:00Z"}}),
        ),
        (
            "mark_mistaken",
            json!({"stream": stream, "entry": {"revision": 7},
                "reason": "MISTAKE_REASON_DUPLICATE", "explanation": "To gange."}),
        ),
        (
            "withdraw_mistaken_mark",
            json!({"stream": stream, "entry": {"revision": "7"}, "explanation": "Alligevel."}),
        ),
    ]
}

fn assessments_and_plans() -> Vec<(&'static str, Value)> {
    vec![
        (
            "start_assessment",
            json!({"family_id": id(2), "assessment_id": id(14),
                "kind": "ASSESSMENT_KIND_FAMILY_ASSESSMENT", "person_id": id(3),
                "trigger": {"event_id": id(13)}, "regime": "REGIME_BL",
                "need_known_on": "2018-10-01"}),
        ),
        (
            "judge_risk",
            json!({"family_id": id(2), "person_id": id(3), "risk_area":
                "RISK_AREA_SCHOOL_THRIVING", "level": "RISK_LEVEL_HIGH", "direction":
                "RISK_DIRECTION_FIRST", "basis": [{"event_id": id(13)}, {"revision": 4}],
                "reasoning": "Fraværet er steget siden sommer.", "valid_until": "2019-03-01"}),
        ),
        (
            "conclude_assessment",
            json!({"family_id": id(2), "assessment_id": id(14), "conclusion": "Støtte.",
                "proposal": "ASSESSMENT_PROPOSAL_SUPPORT", "shared_with_family_on":
                "2018-12-01", "about": [id(1), id(3)]}),
        ),
        (
            "draft_plan",
            json!({"family_id": id(2), "plan_id": id(15), "kind": "PLAN_KIND_YOUTH",
                "person_id": id(3)}),
        ),
        (
            "set_goal",
            json!({"family_id": id(2), "plan_id": id(15), "goal_id": id(11),
                "owner_person_id": id(3), "theme": "GOAL_THEME_SCHOOL", "risk_area":
                "RISK_AREA_SCHOOL_THRIVING", "statement": "I skole hver dag.", "family_words":
                "Op om morgenen.", "levels": {"minus_two": "aldrig", "minus_one": "sjældent",
                "zero": "tit", "plus_one": "oftest", "plus_two": "altid"}, "weight": 5,
                "baseline": -2, "target_date": "2019-06-01", "about": [id(3)]}),
        ),
        (
            "agree_plan",
            json!({"family_id": id(2), "plan_id": id(15), "agreed_by": [{"person_id": id(1),
                "manner": "AGREEMENT_MANNER_SIGNED"}], "children_heard": [
                {"person_id": id(3), "how": "Samtale."},
                {"person_id": id(4), "not_heard_reason": "For lille."}]}),
        ),
    ]
}

fn interventions_and_organisation() -> Vec<(&'static str, Value)> {
    vec![
        (
            "order_intervention",
            json!({"family_id": id(2), "intervention_id": id(16), "type":
                "INTERVENTION_TYPE_MST", "person_id": id(3), "goal_ids": [id(11)],
                "method_version": "MST@2018-1", "provider": "Kommunen", "planned": {"start":
                "2019-01-01", "end": "2019-06-30", "sessions": 20, "minutes_per_week": 90},
                "cost_estimate_ore": 1_250_000, "about": [id(3)]}),
        ),
        (
            "start_intervention",
            json!({"family_id": id(2), "intervention_id": id(16), "on": "2019-01-02"}),
        ),
        (
            "hold_session",
            json!({"family_id": id(2), "intervention_id": id(16), "on": "2019-01-09",
                "minutes": 60, "attendance": [{"person_id": id(1), "state":
                "ATTENDANCE_STATE_PRESENT"}, {"person_id": id(3), "state":
                "ATTENDANCE_STATE_NO_SHOW"}], "fidelity_percent": 80, "note": "Gik godt."}),
        ),
        (
            "end_intervention",
            json!({"family_id": id(2), "intervention_id": id(16), "on": "2019-06-30", "reason":
                "INTERVENTION_END_REASON_COMPLETED", "result": "Målet er nået.",
                "about": [id(3)]}),
        ),
        (
            "open_programme",
            json!({"programme_id": id(6), "name": "Styrket indsats", "first_case_from":
                "2018-08-01", "intake_until": "2020-12-31", "capacity_families": 60, "criteria": [
                {"code": "AGE", "mandatory": true, "text": "Under 25 år?"},
                {"code": "RISK_2", "text": "To områder?"}]}),
        ),
        (
            "publish_method_version",
            json!({"programme_id": id(6), "method_version": "MST@2018-1", "name":
                "Multisystemisk terapi", "valid_from": "2018-10-01"}),
        ),
        (
            "retire_method_version",
            json!({"programme_id": id(6), "method_version": "MST@2018-1", "valid_to":
                "2020-12-31"}),
        ),
        (
            "release_statistic",
            json!({"programme_id": id(6), "release_id": id(40), "quarter": "2019-Q3"}),
        ),
        (
            "withdraw_statistic",
            json!({"programme_id": id(6), "release_id": id(40), "reason":
                "WITHDRAWAL_REASON_CORRECTED"}),
        ),
        ("set_disclosure_rules", json!({"programme_id": id(6), "threshold": 5})),
        (
            "employ_worker",
            json!({"worker_id": id(7), "name": "Bo Prøve", "subject": "worker-1", "agency":
                "AGENCY_SOCIAL", "employed_from": "2018-01-01", "employed_to": "2021-01-01"}),
        ),
    ]
}

fn staff() -> Vec<(&'static str, Value)> {
    let who = json!({"family_id": id(2)});
    vec![
        (
            "grant_role",
            json!({"worker_id": id(7), "role": "WORKER_ROLE_LEAD", "valid_from": "2019-01-01",
                "valid_to": "2019-12-31"}),
        ),
        (
            "revoke_role",
            json!({"worker_id": id(7), "role": "WORKER_ROLE_LEAD", "valid_to": "2019-06-30"}),
        ),
        (
            "declare_conflict_of_interest",
            json!({"worker_id": id(7), "interest_in": who, "kind": "CONFLICT_KIND_KINSHIP",
                "valid_from": "2019-01-01"}),
        ),
        (
            "end_conflict_of_interest",
            json!({"worker_id": id(7), "interest_in": {"person_id": id(1)}, "valid_to":
                "2019-06-30"}),
        ),
        (
            "train_worker",
            json!({"worker_id": id(7), "programme_id": id(6), "method_version": "MST@2018-1",
                "on": "2018-11-30"}),
        ),
    ]
}

/// A good request with this command.
pub(super) fn request(name: &str) -> Value {
    let found = all().into_iter().find(|(it, _)| *it == name);
    let (_, command) = found.unwrap_or_else(|| panic!("no sample of {name}"));
    json!({
        "command_id": id(99), "expected_revision": 3, "want_receipt": true, "purpose": "PURPOSE_CASEWORK",
        "occurred_at": {"time": "2019-05-01T12:00:00.250Z", "utc_offset_minutes": 120,
            "precision": "PRECISION_DAY"},
        "legal_basis": {"code": "SEL_49A", "provision": "§ 52(3)"},
        "late_reason": "Ferie.", "confirmations": ["CPR_IN_TEXT"], "on_behalf_of": id(7),
        name: command,
    })
}

/// A good request that has the field `path`: of the command that it begins with, or of any.
pub(super) fn holding(path: &str) -> Value {
    let first = path.split('.').next().unwrap();
    let known = all().iter().any(|(name, _)| *name == first);
    request(if known { first } else { "record_contact" })
}

fn names_of(message: &str) -> Vec<String> {
    let pool = DescriptorPool::decode(crate::FILE_DESCRIPTOR_SET).unwrap();
    let message = pool.get_message_by_name(message).unwrap();
    let oneof = message.oneofs().find(|it| it.name() == "command").unwrap();
    oneof.fields().map(|it| it.name().to_owned()).collect()
}

#[test]
fn every_command_has_a_good_sample() {
    let samples: Vec<String> = all().iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(samples, names_of("fokus.v1.ExecuteRequest"));
    for (name, _) in all() {
        super::parsed(&request(name)).unwrap_or_else(|it| panic!("{it}"));
    }
}

#[test]
fn every_command_but_corrections_can_stand_in_a_correction_and_means_the_same() {
    let corrections = ["correct_entry", "mark_mistaken", "withdraw_mistaken_mark"];
    let expected: Vec<String> = names_of("fokus.v1.ExecuteRequest")
        .into_iter()
        .filter(|it| !corrections.contains(&it.as_str()))
        .collect();
    assert_eq!(names_of("fokus.v1.CorrectedCommand"), expected);
    for name in expected {
        let plain = request(&name);
        let mut correction = request("correct_entry");
        correction["correct_entry"]["corrected"] = json!({ &name: plain[&name] });
        let Command::CorrectEntry(it) = super::parsed(&correction).unwrap().command else {
            panic!("{name}: not a correction");
        };
        assert_eq!(it.corrected, super::parsed(&plain).unwrap().command, "{name}");
    }
}

/// The fields of a message and of those inside it, such as `Birth.year`.
fn fields_of(message: &MessageDescriptor, out: &mut BTreeSet<String>) {
    for field in message.fields() {
        let new = out.insert(format!("{}.{}", message.name(), field.name()));
        if let (true, Some(inner)) = (new, field.kind().as_message()) {
            fields_of(inner, out);
        }
    }
}

/// The fields that are set.
fn filled(message: &DynamicMessage, out: &mut BTreeSet<String>) {
    for (field, value) in message.fields() {
        out.insert(format!("{}.{}", message.descriptor().name(), field.name()));
        let values = value.as_list().unwrap_or(std::slice::from_ref(value));
        values.iter().filter_map(Wire::as_message).for_each(|it| filled(it, out));
    }
}

#[test]
fn the_samples_fill_every_field() {
    let pool = DescriptorPool::decode(crate::FILE_DESCRIPTOR_SET).unwrap();
    let message = pool.get_message_by_name("fokus.v1.ExecuteRequest").unwrap();
    let mut missing = BTreeSet::new();
    fields_of(&message, &mut missing);
    for (name, _) in all() {
        let mut found = BTreeSet::new();
        let request = DynamicMessage::deserialize(message.clone(), request(name)).unwrap();
        filled(&request, &mut found);
        missing.retain(|it| !found.contains(it));
    }
    // A birth with a date has no year. What can stand in a correction is tested above.
    missing.retain(|it| !it.starts_with("CorrectedCommand."));
    assert_eq!(missing, BTreeSet::from(["Birth.year".to_owned()]));
}
