//! Earlier shapes of facts, each decoded into today's. Nothing is written like this any more.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use super::{Fact, UnknownFact, WorkerAssigned, YouthTrackOpened};
use crate::codes::WorkerRole;
use crate::ids::{PersonId, TrackId, WorkerId};

/// Without what it says of the lead before, and without a note.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkerAssigned1 {
    worker_id: WorkerId,
    role: WorkerRole,
    valid_from: Date,
    #[serde(default)]
    valid_to: Option<Date>,
}

/// Without the clock of an acute override.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YouthTrackOpened1 {
    youth_id: PersonId,
    track_id: TrackId,
}

/// Today's fact of one in an earlier shape.
///
/// # Errors
///
/// [`UnknownFact`] when the pair was never written or the members do not fit.
pub(super) fn decode<'de>(
    type_name: &str,
    schema: u32,
    members: impl Deserializer<'de>,
) -> Result<Fact, UnknownFact> {
    match (type_name, schema) {
        ("WorkerAssigned", 1) => {
            let it = WorkerAssigned1::deserialize(members).map_err(|_| UnknownFact)?;
            Ok(Fact::WorkerAssigned(WorkerAssigned {
                worker_id: it.worker_id,
                role: it.role,
                valid_from: it.valid_from,
                valid_to: it.valid_to,
                replaces_lead: false,
                about: Vec::new(),
            }))
        }
        ("YouthTrackOpened", 1) => {
            let it = YouthTrackOpened1::deserialize(members).map_err(|_| UnknownFact)?;
            Ok(Fact::YouthTrackOpened(YouthTrackOpened {
                youth_id: it.youth_id,
                track_id: it.track_id,
                family_plan_due_on: None,
            }))
        }
        _ => Err(UnknownFact),
    }
}
