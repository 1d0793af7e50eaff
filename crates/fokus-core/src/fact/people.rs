//! Facts about persons, those around a family, workers and methods.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Fact;
use crate::codes::*;
use crate::ids::*;

fact! {
    /// The person bears another name, in the world. Personal: `name`.
    PersonNameChanged { person_id: PersonId, valid_from: Date }
}
fact! {
    /// The person can be reached like this, or must not be. Personal: `value`.
    PersonContactPointRecorded {
        person_id: PersonId,
        contact_point_id: ContactPointId,
        kind: ContactPointKind,
        r#use: ContactPointUse,
        /// Whether others may see or hear what arrives there; `None` = nobody asked.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        safe_to_contact: Option<bool>,
        valid_from: Date,
    }
}
fact! {
    /// The person can be reached like that no longer.
    PersonContactPointEnded {
        person_id: PersonId,
        contact_point_id: ContactPointId,
        /// The last day.
        valid_to: Date,
    }
}
fact! {
    /// The person speaks this language, perhaps with an interpreter. Personal: `language`.
    LanguageNeedRecorded {
        person_id: PersonId,
        interpreter: bool,
        /// The person does not want relatives to interpret.
        kinship_interpreter_refused: bool,
    }
}
fact! {
    /// The person died.
    PersonDied { person_id: PersonId, died_on: Date, source: DeathSource }
}
fact! {
    /// From the day of the act, workers take special care. Personal: `kind`, `grounds`. Renewed by
    /// another marker.
    SpecialCareMarkerSet {
        person_id: PersonId,
        marker_id: MarkerId,
        /// The last day.
        valid_to: Date,
    }
}
fact! {
    /// From the day of the act, the marker stands no longer.
    SpecialCareMarkerCleared { person_id: PersonId, marker_id: MarkerId }
}
fact! {
    /// A member is something else in the family from now on.
    FamilyMemberRoleChanged { person_id: PersonId, role: FamilyRole, valid_from: Date }
}
fact! {
    /// How two persons stand to each other, as somebody sees it. One of them is of the family.
    RelationshipStated {
        relationship_id: RelationshipId,
        /// With PARENT_OF, the parent.
        person_id: PersonId,
        other_person_id: PersonId,
        kind: RelationshipKind,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        quality: Option<RelationshipQuality>,
        valid_from: Date,
        /// `None` = the worker who recorded it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        as_seen_by: Option<PersonId>,
    }
}
fact! {
    /// They stand to each other like that no longer.
    RelationshipEnded {
        relationship_id: RelationshipId,
        /// Both as stated: who reads the entry need not look for the statement.
        person_id: PersonId,
        other_person_id: PersonId,
        /// The last day.
        valid_to: Date,
    }
}
fact! {
    /// Whom the municipality writes to and calls first.
    PrimaryContactChosen { person_id: PersonId, channel: ContactChannel, interpreter: bool }
}
fact! {
    /// Somebody outside the family takes part in helping it.
    NetworkPersonAdded {
        person_id: PersonId,
        role: NetworkRole,
        agreed_by_family: bool,
        valid_from: Date,
    }
}
fact! {
    /// Somebody outside the family takes part no longer.
    NetworkPersonRemoved {
        person_id: PersonId,
        /// The last day.
        valid_to: Date,
    }
}
fact! {
    /// The family should not have been registered; nothing was done with it.
    FamilyRegistrationUndone { reason: UndoReason }
}
fact! {
    /// The worker may be this on cases.
    RoleGranted {
        worker_id: WorkerId,
        role: WorkerRole,
        valid_from: Date,
        /// The last day; `None` = until further notice.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        valid_to: Option<Date>,
    }
}
fact! {
    /// The worker may be this on cases no longer.
    RoleRevoked {
        worker_id: WorkerId,
        role: WorkerRole,
        /// The last day.
        valid_to: Date,
    }
}
fact! {
    /// The worker is not impartial towards a family, or towards a person: exactly one of them.
    /// Personal: `kind`.
    ConflictOfInterestDeclared {
        worker_id: WorkerId,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        family_id: Option<FamilyId>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        person_id: Option<PersonId>,
        valid_from: Date,
        /// Whom the kind is about: the worker, and the person.
        about: Vec<PersonId>,
    }
}
fact! {
    /// The worker is impartial again.
    ConflictOfInterestEnded {
        worker_id: WorkerId,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        family_id: Option<FamilyId>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        person_id: Option<PersonId>,
        /// The last day.
        valid_to: Date,
    }
}
fact! {
    /// The worker was trained in a version of a method of the programme.
    StaffTrained {
        worker_id: WorkerId,
        programme_id: ProgrammeId,
        method_version: String,
        on: Date,
    }
}
fact! {
    /// The programme works by this version of a method. Nothing in it is about a person.
    MethodVersionPublished {
        programme_id: ProgrammeId,
        /// Such as `MST@2018-1`; never given another meaning.
        method_version: String,
        name: String,
        valid_from: Date,
    }
}
fact! {
    /// Nothing new is ordered by this version after its last day.
    MethodVersionRetired {
        programme_id: ProgrammeId,
        method_version: String,
        /// The last day.
        valid_to: Date,
    }
}

/// The date that one of these facts gives for its effect.
pub(crate) fn own_date(fact: &Fact) -> Option<Date> {
    own_date_of_people(fact).or_else(|| own_date_of_organisation(fact))
}

fn own_date_of_people(fact: &Fact) -> Option<Date> {
    if let Fact::PersonNameChanged(it) = fact {
        Some(it.valid_from)
    } else if let Fact::PersonContactPointRecorded(it) = fact {
        Some(it.valid_from)
    } else if let Fact::PersonContactPointEnded(it) = fact {
        Some(it.valid_to)
    } else if let Fact::PersonDied(it) = fact {
        Some(it.died_on)
    } else if let Fact::FamilyMemberRoleChanged(it) = fact {
        Some(it.valid_from)
    } else if let Fact::RelationshipStated(it) = fact {
        Some(it.valid_from)
    } else if let Fact::RelationshipEnded(it) = fact {
        Some(it.valid_to)
    } else if let Fact::NetworkPersonAdded(it) = fact {
        Some(it.valid_from)
    } else if let Fact::NetworkPersonRemoved(it) = fact {
        Some(it.valid_to)
    } else {
        None
    }
}

fn own_date_of_organisation(fact: &Fact) -> Option<Date> {
    if let Fact::RoleGranted(it) = fact {
        Some(it.valid_from)
    } else if let Fact::RoleRevoked(it) = fact {
        Some(it.valid_to)
    } else if let Fact::ConflictOfInterestDeclared(it) = fact {
        Some(it.valid_from)
    } else if let Fact::ConflictOfInterestEnded(it) = fact {
        Some(it.valid_to)
    } else if let Fact::StaffTrained(it) = fact {
        Some(it.on)
    } else if let Fact::MethodVersionPublished(it) = fact {
        Some(it.valid_from)
    } else if let Fact::MethodVersionRetired(it) = fact {
        Some(it.valid_to)
    } else {
        None
    }
}
