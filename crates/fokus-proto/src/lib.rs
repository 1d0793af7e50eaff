#![doc = include_str!("../README.md")]

mod answers;
mod command;
mod enums;
mod json;
mod parse;
mod path;
mod reads;
mod request;
#[cfg(test)]
mod tests;

use prost::Message as _;

pub use answers::programme::{outcomes, outcomes_without_tables, programme_figures};
pub use answers::trajectory::risk_trajectory;
pub use answers::work::{caseload_weights, intervention_card, waiting_approval, worker_caseload};
pub use answers::{family_status, history_event, stream_ref, timeline_entry, timestamp};
pub use json::{JsonLineError, execute_request_from_json, to_json};
pub use reads::{
    case_phase, case_state, clocks, intervention_states, intervention_types, no_clocks,
    optional_quarter, optional_uuid, page_size, parse_stream_ref, position, purpose, uuid,
};
pub use request::{canonical, request};

/// The generated messages, clients and servers. `Debug` shows a message's name only.
pub mod v1 {
    #![expect(
        clippy::allow_attributes,
        clippy::allow_attributes_without_reason,
        clippy::too_many_lines,
        reason = "generated code"
    )]

    tonic::include_proto!("fokus.v1");
    include!(concat!(env!("OUT_DIR"), "/redacted_debug.rs"));
}

/// Every method of every service, such as `fokus.v1.JournalService/Execute`.
pub fn methods() -> Vec<String> {
    // The build wrote them; if they made no sense, no service would be served.
    let set = prost_types::FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap_or_default();
    let mut methods = Vec::new();
    for file in &set.file {
        for service in &file.service {
            let name = format!("{}.{}", file.package(), service.name());
            methods.extend(service.method.iter().map(|it| format!("{name}/{}", it.name())));
        }
    }
    methods
}

/// The descriptors of every proto file, encoded.
pub const FILE_DESCRIPTOR_SET: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/fokus_descriptor_set.bin"));
