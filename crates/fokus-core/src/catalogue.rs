//! The field catalogue: every field of every (type, schema), whether it is coded or personal, its
//! class, its overlay, and whom it is about.
//!
//! Sealing, masking and labels read this table; nothing about a field is decided where it is used.
//! A field that is not here does not exist: the golden files are compared with it, both ways.
//!
//! Deliberately absent: what a field means (see [`crate::fact`]), and who may see it.

mod assessing;
mod casework;
mod people;

use crate::effective::CORRECTED_PREFIX;

/// How sensitive a field is (domain 1.3). Free text is P4: writers cannot be kept from writing
/// about health or crime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// No personal data.
    P0,
    /// Ordinary, low: opaque ids, dates, staff, roles.
    P1,
    /// Ordinary, confidential: names, CPR numbers, private matters.
    P2,
    /// GDPR art. 9.
    P3,
    /// GDPR art. 10.
    P4,
}

/// What hides a field from some who may see its class (domain 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// Protected address.
    A,
    /// Who notified.
    N,
    /// A child's own words, not for the parents.
    C,
    /// A third party.
    T,
}

/// Where a field is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In envelope 0, under the stream's key: what folds see.
    Coded,
    /// Under the keys of the persons that it is about. The members of the event's own facts name
    /// them, each as a path through lists, such as `attendance.person_id`. The path `target` stands
    /// for the persons of the entry that the event bears on.
    Personal { whose: &'static str },
}

/// One field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The top-level member of the event's JSON. `corrected.*` stands for each `corrected.<field>`,
    /// whose row is that of the corrected entry's field (see [`field_of_target`]).
    pub name: &'static str,
    pub kind: Kind,
    pub class: Class,
    pub overlay: Option<Overlay>,
}

const fn coded(name: &'static str, class: Class) -> Field {
    Field { name, kind: Kind::Coded, class, overlay: None }
}

const fn personal(name: &'static str, class: Class, whose: &'static str) -> Field {
    Field { name, kind: Kind::Personal { whose }, class, overlay: None }
}

const fn overlaid(field: Field, overlay: Overlay) -> Field {
    Field { overlay: Some(overlay), ..field }
}

use Class::{P0, P1, P2, P4};

/// The fields of an event type in one of its schemas; none when the pair is not known.
pub fn fields(event_type: &str, schema: u32) -> &'static [Field] {
    let mut all = TABLES.iter().copied().flatten();
    let known = all.find(|it| it.0 == event_type && it.1 == schema);
    known.map(|it| it.2).unwrap_or_default()
}

/// The row of a field.
pub fn field(event_type: &str, schema: u32, name: &str) -> Option<&'static Field> {
    row(fields(event_type, schema), name)
}

/// The row of a field among those of its event's type, see [`fields`].
pub fn row(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    let name = if name.starts_with(CORRECTED_PREFIX) { ANY_CORRECTED } else { name };
    fields.iter().find(|it| it.name == name)
}

/// The row that `corrected.<field>` of a correction inherits: that of the field of its target.
pub fn field_of_target(target_type: &str, schema: u32, corrected: &str) -> Option<&'static Field> {
    field(target_type, schema, corrected.strip_prefix(CORRECTED_PREFIX)?)
}

/// Whether the field is about persons. What is not in the catalogue counts as personal.
pub fn is_personal(event_type: &str, schema: u32, name: &str) -> bool {
    field(event_type, schema, name).is_none_or(|it| it.kind != Kind::Coded)
}

/// The personal fields that an event may have, by name: of a correction, `corrected.<field>` for each
/// of `corrected_personal`, the member of its facts that says which ones it holds.
pub fn personal_names(event_type: &str, schema: u32, corrected_personal: &[String]) -> Vec<String> {
    let personal = fields(event_type, schema).iter().filter(|it| it.kind != Kind::Coded);
    let names = personal.flat_map(|it| match it.name {
        ANY_CORRECTED => {
            corrected_personal.iter().map(|name| format!("{CORRECTED_PREFIX}{name}")).collect()
        }
        name => vec![name.to_owned()],
    });
    names.collect()
}

/// The names of all fields of all types, some more than once; those of corrections are those of what is
/// corrected.
pub fn names() -> impl Iterator<Item = &'static str> {
    let types = TABLES.iter().flat_map(|it| it.iter());
    let names = types.flat_map(|(_, _, fields)| fields.iter().map(|it| it.name));
    names.filter(|it| *it != ANY_CORRECTED)
}

/// Every personal field of every type, with its type; a type that has several schemas comes several times.
pub fn personal_fields() -> impl Iterator<Item = (&'static str, &'static Field)> {
    let types = TABLES.iter().flat_map(|it| it.iter());
    let fields = types.flat_map(|(name, _, fields)| fields.iter().map(move |it| (*name, it)));
    fields.filter(|(_, it)| it.kind != Kind::Coded)
}

/// The row of all corrected personal fields.
const ANY_CORRECTED: &str = "corrected.*";

type TypeFields = (&'static str, u32, &'static [Field]);

/// The tables of all topics.
const TABLES: &[&[TypeFields]] = &[TYPES, people::TYPES, assessing::TYPES, casework::TYPES];

#[rustfmt::skip] // One row, one field.
const TYPES: &[TypeFields] = &[
    ("PersonRegistered", 1, &[
        coded("person_id", P1),
        coded("source", P1),
        coded("is_synthetic", P0),
        coded("cpr_known", P1),
        personal("name", P2, "person_id"),
        personal("cpr", P2, "person_id"),
        personal("birth", P2, "person_id"),
        personal("sex", P2, "person_id"),
    ]),
    ("PersonIdentityEstablished", 1, &[
        coded("person_id", P1),
        coded("method", P1),
        personal("cpr", P2, "person_id"),
    ]),
    ("FamilyRegistered", 1, &[
        coded("family_id", P1),
        coded("reference", P1),
        coded("initial_members", P2),
        coded("source", P1),
    ]),
    ("FamilyMemberAdded", 1, &[
        coded("person_id", P1),
        coded("role", P2),
        coded("household", P2),
        coded("valid_from", P2),
    ]),
    ("FamilyMemberLeft", 1, &[
        coded("person_id", P1),
        coded("reason", P2),
        coded("valid_to", P2),
    ]),
    ("ReferralSubmitted", 1, &[
        coded("referral_id", P1),
        coded("programme_id", P1),
        coded("agency", P2),
        coded("worker_id", P1),
        coded("risk_areas", P2),
        coded("family_knows", P2),
        coded("about", P1),
        personal("grounds", P4, "about"),
    ]),
    ("ReferralTriaged", 1, &[
        coded("referral_id", P1),
        coded("met", P2),
        coded("criteria", P2),
        coded("capacity", P1),
        coded("priority", P2),
        coded("about", P1),
        personal("criteria_grounds", P4, "about"),
    ]),
    ("CaseOpened", 1, &[
        coded("case_id", P1),
        coded("programme_id", P1),
        coded("referral_id", P1),
        coded("opened_on", P1),
        coded("kle", P1),
        coded("lead_worker_id", P1),
        coded("regime", P1),
    ]),
    ("WorkerAssigned", 1, &[
        coded("worker_id", P1),
        coded("role", P1),
        coded("valid_from", P1),
        coded("valid_to", P1),
    ]),
    ("CasePhaseEntered", 1, &[
        coded("phase", P2),
    ]),
    ("YouthTrackOpened", 1, &[
        coded("youth_id", P1),
        coded("track_id", P1),
    ]),
    ("ContactRecorded", 1, &[
        coded("contact_id", P1),
        coded("kind", P2),
        coded("minutes", P1),
        coded("present", P2),
        coded("risk_areas", P2),
        coded("goal_ids", P1),
        coded("about", P1),
        coded("from_child", P2),
        overlaid(personal("text", P4, "about"), Overlay::C),
    ]),
    ("NoteRecorded", 1, &[
        coded("note_id", P1),
        coded("nature", P1),
        coded("grade", P1),
        coded("about", P1),
        overlaid(personal("source", P4, "about"), Overlay::T),
        personal("text", P4, "about"),
    ]),
    ("EntryCorrected", 1, &[
        coded("target_revision", P1),
        coded("reason", P1),
        coded("changes", P2),
        coded("removed", P1),
        coded("removed_personal", P1),
        coded("corrected_personal", P1),
        coded("occurred", P1),
        personal("explanation", P4, "target"),
        personal(ANY_CORRECTED, P4, "target"),
    ]),
    ("EntryMarkedMistaken", 1, &[
        coded("target_revision", P1),
        coded("reason", P1),
        personal("explanation", P4, "target"),
    ]),
    ("MistakenMarkWithdrawn", 1, &[
        coded("target_revision", P1),
        personal("explanation", P4, "target"),
    ]),
    ("AssessmentStarted", 1, &[
        coded("assessment_id", P1),
        coded("kind", P2),
        coded("person_id", P1),
        coded("trigger", P1),
        coded("regime", P1),
        coded("need_known_on", P1),
    ]),
    ("ProfessionalRiskJudged", 1, &[
        coded("person_id", P1),
        coded("risk_area", P2),
        coded("level", P2),
        coded("direction", P2),
        coded("basis", P1),
        coded("valid_until", P1),
        personal("reasoning", P4, "person_id"),
    ]),
    ("AssessmentConcluded", 1, &[
        coded("assessment_id", P1),
        coded("proposal", P2),
        coded("shared_with_family_on", P1),
        coded("about", P1),
        personal("conclusion", P4, "about"),
    ]),
    ("PlanDrafted", 1, &[
        coded("plan_id", P1),
        coded("kind", P1),
        coded("person_id", P1),
    ]),
    ("GoalSet", 1, &[
        coded("plan_id", P1),
        coded("goal_id", P1),
        coded("owner", P1),
        coded("theme", P2),
        coded("risk_area", P2),
        coded("weight", P1),
        coded("baseline", P2),
        coded("target_date", P1),
        coded("levels_complete", P1),
        coded("about", P1),
        personal("statement", P4, "about"),
        personal("family_words", P4, "about"),
        personal("levels", P4, "about"),
    ]),
    ("PlanAgreed", 1, &[
        coded("plan_id", P1),
        coded("agreed_by", P2),
        coded("children", P2),
        overlaid(personal("children_heard", P4, "children.person_id"), Overlay::C),
    ]),
    ("InterventionOrdered", 1, &[
        coded("intervention_id", P1),
        coded("intervention_type", P2),
        coded("person_id", P1),
        coded("goal_ids", P1),
        coded("method_version", P0),
        coded("planned", P1),
        coded("cost_estimate_ore", P1),
        coded("about", P1),
        personal("provider", P4, "about"),
    ]),
    ("InterventionStarted", 1, &[
        coded("intervention_id", P1),
        coded("on", P1),
    ]),
    ("SessionHeld", 1, &[
        coded("intervention_id", P1),
        coded("on", P1),
        coded("minutes", P1),
        coded("attendance", P2),
        coded("fidelity_percent", P1),
        personal("note", P4, "attendance.person_id"),
    ]),
    ("InterventionEnded", 1, &[
        coded("intervention_id", P1),
        coded("on", P1),
        coded("reason", P2),
        coded("about", P1),
        personal("result", P4, "about"),
    ]),
    ("ProgrammeOpened", 1, &[
        coded("programme_id", P0),
        coded("name", P0),
        coded("first_case_from", P0),
        coded("intake_until", P0),
        coded("capacity_families", P0),
        coded("criteria", P0),
    ]),
    ("WorkerEmployed", 1, &[
        coded("worker_id", P1),
        coded("subject", P1),
        coded("agency", P1),
        coded("employed_from", P1),
        coded("employed_to", P1),
        personal("name", P1, "worker_id"),
    ]),
];
