//! Names of people for the screen. Entries name persons by id; their names come from the status of the
//! family, and for those who have left it, from their own streams.

use fokus_proto::v1;
use fokus_words::names::{Names, full_name};
use fokus_words::{Words, say};
use serde_json::Value;

use crate::client::Client;

/// The most people looked up one by one for one answer; the rest show as ids.
const LOOKUPS_MAX: usize = 32;

/// The names of a family's present members and of its network, and the types of its interventions.
pub(crate) fn of_family(family: &v1::FamilyStatus, words: Words) -> Names {
    let mut names = Names::new();
    let members = family.members.iter().map(|it| (&it.person_id, it.erased, &it.name));
    let network = family.network.iter().map(|it| (&it.person_id, it.erased, &it.name));
    for (id, erased, name) in members.chain(network) {
        insert_person(&mut names, id, name.as_ref(), erased, words);
    }
    for it in &family.interventions {
        let code = it.r#type().as_str_name().trim_start_matches("INTERVENTION_TYPE_");
        names.insert_intervention(it.intervention_id.clone(), code.to_owned());
    }
    names
}

/// Adds a person's name, or that it is erased.
pub(crate) fn insert_person(
    names: &mut Names,
    id: &str,
    name: Option<&v1::PersonName>,
    erased: bool,
    words: Words,
) {
    let name = name.map(|it| full_name(&it.given, &it.family)).unwrap_or_default();
    names.insert_person(id, name, erased, words);
}

/// Looks up those of `ids` that have no name yet. That somebody cannot be looked up is no failure: the
/// id is shown.
pub(crate) async fn look_up(
    names: &mut Names,
    client: &Client,
    kind: v1::StreamKind,
    ids: impl IntoIterator<Item = String>,
    words: Words,
) {
    let mut unknown: Vec<String> =
        ids.into_iter().filter(|id| !id.is_empty() && !names.knows(id)).collect();
    unknown.sort();
    unknown.dedup();
    for id in unknown.into_iter().take(LOOKUPS_MAX) {
        if let Some(name) = name_in_stream(client, kind, &id, words).await {
            names.insert(&id, name);
        }
    }
}

/// The newest name in a person's or worker's own stream.
async fn name_in_stream(
    client: &Client,
    kind: v1::StreamKind,
    id: &str,
    words: Words,
) -> Option<String> {
    let request = v1::ReadHistoryRequest {
        purpose: client.purpose(),
        stream: Some(v1::StreamRef { kind: kind.into(), id: id.to_owned() }),
        ..Default::default()
    };
    let mut answers = client.audit().read_history(request).await.ok()?.into_inner();
    let mut name = None;
    while let Some(answer) = answers.message().await.ok()? {
        for field in answer.events.iter().flat_map(|event| &event.fields) {
            if field.name == "name" || field.name == "corrected.name" {
                name = Some(if field.erased {
                    say!(words, "erased")
                } else {
                    name_of_json(&field.json)
                });
            }
        }
    }
    name
}

/// A person's name is an object, a worker's a text.
fn name_of_json(json: &str) -> String {
    match serde_json::from_str(json) {
        Ok(Value::String(name)) => name,
        Ok(Value::Object(parts)) => {
            let part = |key: &str| parts.get(key).and_then(Value::as_str).unwrap_or_default();
            full_name(part("given"), part("family"))
        }
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | Err(_) => {
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_events_are_texts_or_given_and_family() {
        assert_eq!(name_of_json(r#""Mette Holm""#), "Mette Holm");
        assert_eq!(name_of_json(r#"{"given":"Amir","family":"Haddad"}"#), "Amir Haddad");
        assert_eq!(name_of_json("7"), "");
    }
}
