//! Whom one turns to in a family, and what one must know before meeting its members.

use fokus_proto::v1;

use crate::labels::{by_channel, label, plain};
use crate::names::Names;

/// Undone or not, the primary contact, the network: a line each, as far as there is something to say.
pub(super) fn headlines(family: &v1::FamilyStatus, names: &Names) -> Vec<String> {
    let mut lines = Vec::new();
    if family.registration_undone {
        lines.push("REGISTRATION UNDONE: this family should not have been registered".to_owned());
    }
    if let Some(it) = &family.primary_contact {
        let channel = it.channel().as_str_name();
        let channel = channel.strip_prefix("CONTACT_CHANNEL_").unwrap_or_default();
        let interpreter = if it.interpreter { ", with an interpreter" } else { "" };
        let name = names.name(&it.person_id);
        lines.push(format!("Primary contact: {name} {}{interpreter}", by_channel(channel)));
    }
    if !family.network.is_empty() {
        let people: Vec<String> = family.network.iter().map(|it| helper(it, names)).collect();
        lines.push(format!("Network: {}", people.join(", ")));
    }
    lines
}

fn helper(it: &v1::NetworkPersonStatus, names: &Names) -> String {
    let role = label(it.role().as_str_name(), "NETWORK_ROLE").to_lowercase();
    let agreed = if it.agreed_by_family { "" } else { ", not agreed by the family" };
    format!("{} ({role}{agreed})", names.name(&it.person_id))
}

/// What one must know before meeting the members: warnings first.
pub(super) fn before_meeting(family: &v1::FamilyStatus, names: &Names) -> Vec<String> {
    let mut lines = Vec::new();
    for member in &family.members {
        for care in &member.special_care {
            let kind = label(care.kind().as_str_name(), "SPECIAL_CARE_KIND").to_uppercase();
            let name = names.name(&member.person_id);
            lines.push(format!("! {name}: {kind} (until {})", plain(&care.valid_to)));
        }
    }
    for member in &family.members {
        let name = names.name(&member.person_id);
        if !member.died_on.is_empty() {
            lines.push(format!("{name} died {}", plain(&member.died_on)));
        }
        if let Some(language) = &member.language {
            lines.push(format!("{name} speaks {}", speech(language)));
        }
    }
    lines
}

fn speech(it: &v1::LanguageNeed) -> String {
    let mut words =
        if it.language.is_empty() { "(erased)".to_owned() } else { plain(&it.language) };
    if it.interpreter {
        words.push_str(", needs an interpreter");
    }
    if it.kinship_interpreter_refused {
        words.push_str(", no relative as interpreter");
    }
    words
}
