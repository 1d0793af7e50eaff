//! The fields of events about persons, those around a family, workers and methods.

use super::Class::{P0, P1, P2, P4};
use super::{Overlay, TypeFields, coded, overlaid, personal};

#[rustfmt::skip] // One row, one field.
pub(super) const TYPES: &[TypeFields] = &[
    ("PersonNameChanged", 1, &[
        coded("person_id", P1),
        coded("valid_from", P1),
        personal("name", P2, "person_id"),
    ]),
    ("PersonContactPointRecorded", 1, &[
        coded("person_id", P1),
        coded("contact_point_id", P1),
        coded("kind", P1),
        coded("use", P2),
        coded("safe_to_contact", P2),
        coded("valid_from", P1),
        overlaid(personal("value", P2, "person_id"), Overlay::A),
    ]),
    ("PersonContactPointEnded", 1, &[
        coded("person_id", P1),
        coded("contact_point_id", P1),
        coded("valid_to", P1),
    ]),
    ("LanguageNeedRecorded", 1, &[
        coded("person_id", P1),
        coded("interpreter", P2),
        coded("kinship_interpreter_refused", P2),
        personal("language", P2, "person_id"),
    ]),
    ("PersonDied", 1, &[
        coded("person_id", P1),
        coded("died_on", P2),
        coded("source", P1),
    ]),
    ("SpecialCareMarkerSet", 1, &[
        coded("person_id", P1),
        coded("marker_id", P1),
        coded("valid_to", P1),
        personal("kind", P4, "person_id"),
        personal("grounds", P4, "person_id"),
    ]),
    ("SpecialCareMarkerCleared", 1, &[
        coded("person_id", P1),
        coded("marker_id", P1),
    ]),
    ("FamilyMemberRoleChanged", 1, &[
        coded("person_id", P1),
        coded("role", P2),
        coded("valid_from", P2),
    ]),
    ("RelationshipStated", 1, &[
        coded("relationship_id", P1),
        coded("person_id", P1),
        coded("other_person_id", P1),
        overlaid(coded("kind", P2), Overlay::T),
        overlaid(coded("quality", P2), Overlay::T),
        coded("valid_from", P2),
        coded("as_seen_by", P1),
    ]),
    ("RelationshipEnded", 1, &[
        coded("relationship_id", P1),
        coded("person_id", P1),
        coded("other_person_id", P1),
        coded("valid_to", P2),
    ]),
    ("PrimaryContactChosen", 1, &[
        coded("person_id", P1),
        coded("channel", P1),
        coded("interpreter", P2),
    ]),
    ("NetworkPersonAdded", 1, &[
        coded("person_id", P1),
        overlaid(coded("role", P2), Overlay::T),
        coded("agreed_by_family", P2),
        coded("valid_from", P2),
    ]),
    ("NetworkPersonRemoved", 1, &[
        coded("person_id", P1),
        coded("valid_to", P2),
    ]),
    ("FamilyRegistrationUndone", 1, &[
        coded("reason", P1),
    ]),
    ("RoleGranted", 1, &[
        coded("worker_id", P1),
        coded("role", P1),
        coded("valid_from", P1),
        coded("valid_to", P1),
    ]),
    ("RoleRevoked", 1, &[
        coded("worker_id", P1),
        coded("role", P1),
        coded("valid_to", P1),
    ]),
    ("ConflictOfInterestDeclared", 1, &[
        coded("worker_id", P1),
        coded("family_id", P1),
        coded("person_id", P1),
        coded("valid_from", P1),
        coded("about", P1),
        personal("kind", P2, "about"),
    ]),
    ("ConflictOfInterestEnded", 1, &[
        coded("worker_id", P1),
        coded("family_id", P1),
        coded("person_id", P1),
        coded("valid_to", P1),
    ]),
    ("StaffTrained", 1, &[
        coded("worker_id", P1),
        coded("programme_id", P0),
        coded("method_version", P0),
        coded("on", P1),
    ]),
    ("MethodVersionPublished", 1, &[
        coded("programme_id", P0),
        coded("method_version", P0),
        coded("name", P0),
        coded("valid_from", P0),
    ]),
    ("MethodVersionRetired", 1, &[
        coded("programme_id", P0),
        coded("method_version", P0),
        coded("valid_to", P0),
    ]),
    ("DisclosureRulesSet", 1, &[
        coded("programme_id", P0),
        coded("threshold", P0),
    ]),
    // Its hidden numbers speak of few, which is why the stream's key seals it and no reader gets it.
    ("StatisticReleased", 1, &[
        coded("programme_id", P0),
        coded("release_id", P0),
        coded("quarter", P0),
        coded("as_of_position", P0),
        coded("threshold", P0),
        coded("tables", P1),
    ]),
    ("StatisticWithdrawn", 1, &[
        coded("programme_id", P0),
        coded("release_id", P0),
        coded("reason", P0),
    ]),
];
