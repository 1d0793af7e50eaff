//! What stands in the files: keys, their attributes, and what their texts ask for.

use std::collections::{BTreeMap, BTreeSet};

use fokus_words::Language;

/// A message as its text shows it.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    pub(super) attributes: BTreeSet<String>,
    /// The arguments that it asks for, those of messages that it refers to included.
    pub(super) variables: BTreeSet<String>,
    /// Messages that it refers to.
    pub(super) references: BTreeSet<String>,
}

/// Messages by key.
pub(super) type Messages = BTreeMap<String, Message>;

/// All messages of a language.
pub(super) fn read(language: Language) -> Messages {
    let mut messages = Messages::new();
    for (_, text) in language.files() {
        let mut key = String::new();
        for line in text.lines().filter(|it| !it.starts_with('#') && !it.trim().is_empty()) {
            if !line.starts_with(' ') {
                key = line.split(" =").next().unwrap().to_owned();
                messages.entry(key.clone()).or_default();
            }
            let message = messages.get_mut(&key).unwrap();
            if let Some(attribute) = line.trim_start().strip_prefix('.') {
                message.attributes.insert(attribute.split(" =").next().unwrap().to_owned());
            }
            for part in line.split('{').skip(1) {
                let name = identifier(part.trim_start().trim_start_matches('$'));
                if part.trim_start().starts_with('$') {
                    message.variables.insert(name);
                } else if !name.is_empty() {
                    message.references.insert(name);
                }
            }
        }
    }
    let all = messages.clone();
    for message in messages.values_mut() {
        let of_others = message.references.iter().filter_map(|key| all.get(key));
        message.variables.extend(of_others.flat_map(|it| it.variables.clone()));
    }
    messages
}

fn identifier(text: &str) -> String {
    let of_name = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    text.chars().take_while(of_name).collect()
}
