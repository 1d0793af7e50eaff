//! A request to carry out a command: from the wire into the domain, in one place.

use fokus_core::command::{LegalBasis, Request};
use fokus_core::ids::WorkerId;
use fokus_core::rejection::Rejection;
use prost::Message as _;
use uuid::Uuid;

use crate::command::command;
use crate::parse;
use crate::path::Path;
use crate::v1;

/// The most warnings that a request may confirm.
const CONFIRMATIONS_MAX: usize = 20;
/// The most bytes of a paragraph of law.
const PROVISION_BYTES_MAX: usize = 100;

/// The command's id and the request, checked as far as the message itself can show it: presence,
/// form, ranges and lengths. Clock, history and permissions are judged later, by others.
///
/// Texts come out in NFC. CPR numbers come out as written, at most 32 bytes.
///
/// # Errors
///
/// The first fault, in the order of the fields: `FIELD_INVALID`, `FREE_TEXT_TOO_LONG`,
/// `CONTROL_CHARS` or `TOO_MANY_SUBJECTS`, with the field's path; `command` when none is set.
pub fn request(wire: v1::ExecuteRequest) -> Result<(Uuid, Request), Rejection> {
    let root = Path::root;
    let command_id = parse::new_id(&wire.command_id, root("command_id"))?;
    let request = Request {
        expected_revision: wire
            .expected_revision
            .map(|it| parse::count(it, root("expected_revision")))
            .transpose()?,
        purpose: parse::code(wire.purpose, root("purpose"))?,
        occurred: parse::occurred(wire.occurred_at, root("occurred_at"))?,
        basis: wire.legal_basis.map(|it| legal_basis(it, root("legal_basis"))).transpose()?,
        late_reason: parse::optional_free_text(wire.late_reason, root("late_reason"))?,
        confirmations: parse::list(
            wire.confirmations,
            0..=CONFIRMATIONS_MAX,
            root("confirmations"),
            parse::code_word,
        )?,
        on_behalf_of: parse::optional_id(&wire.on_behalf_of, root("on_behalf_of"))?.map(WorkerId),
        command: command(wire.command, None)?,
    };
    Ok((command_id, request))
}

fn legal_basis(wire: v1::LegalBasis, at: Path<'_>) -> Result<LegalBasis, Rejection> {
    let provision = at.field("provision");
    Ok(LegalBasis {
        code: parse::code_word(wire.code, at.field("code"))?,
        provision: parse::optional_text(wire.provision, PROVISION_BYTES_MAX, provision)?,
    })
}

/// The bytes that stand for a request when a repetition is compared with the first: the decoded
/// message encoded again, so that neither the order of fields nor fields unknown to this program count.
/// Whether receipts are asked for is no content.
pub fn canonical(wire: &v1::ExecuteRequest) -> Vec<u8> {
    if wire.want_receipt {
        return v1::ExecuteRequest { want_receipt: false, ..wire.clone() }.encode_to_vec();
    }
    wire.encode_to_vec()
}
