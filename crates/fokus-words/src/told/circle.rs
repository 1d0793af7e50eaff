//! Entries about who the family are, who stands around them, and how.

use super::entry::{Entry, Told, member};
use crate::names::Names;
use crate::say;

pub(super) fn membership(entry: &Entry<'_>, names: &Names) -> Told {
    let words = entry.words;
    let one = |person: String, role: &str| {
        let role = words.code("FamilyRole", role);
        say!(words, "person-role", person = person, role = role)
    };
    let facts = match entry.event_type {
        "FamilyRegistered" => {
            let members = entry.objects("initial_members").map(|it| {
                let role = member(it, "role").unwrap_or_default();
                one(names.name(&member(it, "person_id").unwrap_or_default()), &role)
            });
            vec![entry.text("reference"), words.list(members.collect())]
        }
        "FamilyMemberAdded" => vec![
            one(entry.person("person_id", names), &entry.text("role")),
            say!(words, "from-date", date = entry.date("valid_from")),
        ],
        _ => vec![
            entry.person("person_id", names),
            entry.code("LeaveReason", "reason"),
            say!(words, "until-date", date = entry.date("valid_to")),
        ],
    };
    Told::facts(facts)
}

/// What the entry says; `None` for entries of other topics.
pub(super) fn circle(entry: &Entry<'_>, names: &Names) -> Option<Told> {
    let words = entry.words;
    let person = || entry.person("person_id", names);
    let from = || say!(words, "from-date", date = entry.date("valid_from"));
    let until = || say!(words, "until-date", date = entry.date("valid_to"));
    Some(Told::facts(match entry.event_type {
        "FamilyMemberRoleChanged" => {
            let role = entry.code("FamilyRole", "role");
            vec![say!(words, "now-role", person = person(), role = role), from()]
        }
        "RelationshipStated" => vec![relationship(entry, names), seen_by(entry, names), from()],
        "RelationshipEnded" => {
            let both = vec![person(), entry.person("other_person_id", names)];
            vec![words.list(both), until()]
        }
        "PrimaryContactChosen" => {
            let interpreter = entry.is("interpreter");
            vec![
                person(),
                entry.code("ContactChannel", "channel"),
                if interpreter { say!(words, "with-interpreter") } else { String::new() },
            ]
        }
        "NetworkPersonAdded" => {
            let agreed = if entry.is("agreed_by_family") {
                say!(words, "family-agrees")
            } else {
                say!(words, "family-has-not-agreed")
            };
            let role = entry.code("NetworkRole", "role");
            vec![say!(words, "person-role", person = person(), role = role), agreed, from()]
        }
        "NetworkPersonRemoved" => vec![person(), until()],
        "FamilyRegistrationUndone" => vec![entry.code("UndoReason", "reason")],
        _ => return None,
    }))
}

/// "Amina is parent of Yusuf (in conflict)".
fn relationship(entry: &Entry<'_>, names: &Names) -> String {
    let words = entry.words;
    let said = say!(
        words,
        "relationship",
        one = entry.person("person_id", names),
        kind = entry.code("RelationshipKind", "kind"),
        other = entry.person("other_person_id", names)
    );
    let quality = entry.code("RelationshipQuality", "quality");
    if quality.is_empty() { said } else { format!("{said} ({quality})") }
}

fn seen_by(entry: &Entry<'_>, names: &Names) -> String {
    let viewer = entry.text("as_seen_by");
    if viewer.is_empty() {
        return viewer;
    }
    say!(entry.words, "as-seen-by", person = names.name(&viewer))
}
