//! The header of an event: the member `h` of envelope 0. Keys in this order, absent when empty; later
//! keys may be added, readers pass over unknown ones.

use fokus_core::command::{Actor, LegalBasis};
use fokus_core::ids::StreamRef;
use fokus_core::time::Occurred;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Path of the header in envelope 0.
pub const HEADER_PATH: &str = "h";
/// What the paths of the event's members begin with.
pub const MEMBER_PREFIX: &str = "d/";

/// What goes with an event: type, place in its command, who, why, when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    #[serde(rename = "type")]
    pub event_type: String,
    pub schema: u32,
    pub stream: StreamRef,
    pub command_id: Uuid,
    /// Of this event in its command, from 0.
    pub index: u32,
    /// Events of the command.
    pub count: u32,
    /// Keyed digest of the command's content, lower-case hex; of the first event only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mac: Option<String>,
    pub actor: Actor,
    /// Such as `CASEWORK`.
    pub purpose: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub basis: Option<LegalBasis>,
    pub occurred: Occurred,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub late_reason: Option<String>,
    /// Warning codes that the user had confirmed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub confirmed: Vec<String>,
}
