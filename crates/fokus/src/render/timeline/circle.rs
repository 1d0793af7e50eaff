//! Entries about who stands around a family, and how.

use super::{Entry, small};
use crate::labels::by_channel;
use crate::names::Names;

/// The entry's parts; `None` for entries of other topics.
pub(super) fn circle(entry: &Entry<'_>, names: &Names) -> Option<Vec<String>> {
    let person = || names.name(&entry.text("person_id"));
    let from = || format!("from {}", entry.text("valid_from"));
    let until = || format!("until {}", entry.text("valid_to"));
    Some(match entry.entry.r#type.as_str() {
        "FamilyMemberRoleChanged" => {
            vec![format!("{} is now {}", person(), entry.small("role")), from()]
        }
        "RelationshipStated" => vec![relationship(entry, names), seen_by(entry, names), from()],
        "RelationshipEnded" => {
            let other = names.name(&entry.text("other_person_id"));
            vec![format!("{} and {other}", person()), until()]
        }
        "PrimaryContactChosen" => {
            let interpreter = if entry.is("interpreter") { "with an interpreter" } else { "" };
            vec![
                format!("{} {}", person(), by_channel(&entry.text("channel"))),
                interpreter.to_owned(),
            ]
        }
        "NetworkPersonAdded" => {
            let agreed = if entry.is("agreed_by_family") {
                "the family agrees"
            } else {
                "the family has not agreed"
            };
            vec![format!("{} ({})", person(), entry.small("role")), agreed.to_owned(), from()]
        }
        "NetworkPersonRemoved" => vec![person(), until()],
        "FamilyRegistrationUndone" => vec![entry.small("reason")],
        _ => return None,
    })
}

/// The ids of those whom an entry names besides `person_id`.
pub(super) fn others(entry: &Entry<'_>) -> [String; 2] {
    [entry.text("other_person_id"), entry.text("as_seen_by")]
}

/// "Amina is parent of Yusuf, conflict".
fn relationship(entry: &Entry<'_>, names: &Names) -> String {
    let kind = match entry.text("kind").as_str() {
        "PARENT_OF" => "parent of".to_owned(),
        "EX_PARTNER" => "former partner of".to_owned(),
        "PEER_AT_RISK" => "a peer at risk of".to_owned(),
        kind => format!("{} of", small(kind)),
    };
    let (one, other) = (entry.text("person_id"), entry.text("other_person_id"));
    let said = format!("{} is {kind} {}", names.name(&one), names.name(&other));
    let quality = entry.small("quality");
    if quality.is_empty() { said } else { format!("{said} ({quality})") }
}

fn seen_by(entry: &Entry<'_>, names: &Names) -> String {
    let viewer = entry.text("as_seen_by");
    if viewer.is_empty() { viewer } else { format!("as {} sees it", names.name(&viewer)) }
}
