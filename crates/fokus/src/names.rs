//! Names of people for the screen. Entries name persons by id; their names come from the status of the
//! family, and for those who have left it, from their own streams.

use std::collections::HashMap;

use fokus_proto::v1;
use serde_json::Value;

use crate::client::Client;
use crate::labels::plain;
use crate::words::{Words, say};

/// The most people looked up one by one for one answer; the rest show as ids.
const LOOKUPS_MAX: usize = 32;

/// Who is called what, and which intervention is of which type.
#[derive(Debug)]
pub(crate) struct Names {
    words: Words,
    by_id: HashMap<String, String>,
    /// The types of interventions, as codes.
    interventions: HashMap<String, String>,
}

impl Names {
    /// No names yet.
    pub(crate) fn new(words: Words) -> Names {
        Names { words, by_id: HashMap::new(), interventions: HashMap::new() }
    }

    /// The names of a family's present members and of its network.
    pub(crate) fn of_family(family: &v1::FamilyStatus, words: Words) -> Names {
        let mut names = Names::new(words);
        let members = family.members.iter().map(|it| (&it.person_id, it.erased, &it.name));
        let network = family.network.iter().map(|it| (&it.person_id, it.erased, &it.name));
        for (id, erased, name) in members.chain(network) {
            names.insert_person(id, name.as_ref(), erased);
        }
        for it in &family.interventions {
            let code = it.r#type().as_str_name().trim_start_matches("INTERVENTION_TYPE_");
            names.interventions.insert(it.intervention_id.clone(), code.to_owned());
        }
        names
    }

    /// The code of an intervention's type; `None` when the family's status does not have it.
    pub(crate) fn intervention(&self, id: &str) -> Option<&str> {
        self.interventions.get(id).map(String::as_str)
    }

    /// Adds a person's name, or that it is erased.
    pub(crate) fn insert_person(&mut self, id: &str, name: Option<&v1::PersonName>, erased: bool) {
        let name = name.map(full_name).unwrap_or_default();
        self.insert(id, if erased { say!(self.words, "erased") } else { name });
    }

    /// Adds a name; an empty one is none.
    pub(crate) fn insert(&mut self, id: &str, name: String) {
        if !name.is_empty() {
            self.by_id.insert(id.to_owned(), plain(&name));
        }
    }

    /// The name, or the beginning of the id.
    pub(crate) fn name(&self, id: &str) -> String {
        match self.by_id.get(id) {
            Some(name) => name.clone(),
            None => plain(id).chars().take(8).collect(),
        }
    }

    /// Looks up those of `ids` that have no name yet. That somebody cannot be looked up is no failure: the
    /// id is shown.
    pub(crate) async fn look_up(
        &mut self,
        client: &Client,
        kind: v1::StreamKind,
        ids: impl IntoIterator<Item = String>,
    ) {
        let mut unknown: Vec<String> =
            ids.into_iter().filter(|id| !id.is_empty() && !self.by_id.contains_key(id)).collect();
        unknown.sort();
        unknown.dedup();
        for id in unknown.into_iter().take(LOOKUPS_MAX) {
            if let Some(name) = name_in_stream(client, kind, &id, self.words).await {
                self.insert(&id, name);
            }
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
            join(part("given"), part("family"))
        }
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | Err(_) => {
            String::new()
        }
    }
}

/// Given name, then family name.
fn full_name(name: &v1::PersonName) -> String {
    join(&name.given, &name.family)
}

fn join(given: &str, family: &str) -> String {
    format!("{given} {family}").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn whoever_has_no_name_shows_as_the_beginning_of_the_id() {
        let mut names = Names::new(Words::new(Language::English));
        let id = "0b7e6a52-93a1-4c1e-8f53-0d6f1f0b9a11";
        assert_eq!(names.name(id), "0b7e6a52");
        names.insert(id, String::new());
        assert_eq!(names.name(id), "0b7e6a52");
        names.insert(id, "Mette Holm".to_owned());
        assert_eq!(names.name(id), "Mette Holm");
    }

    #[test]
    fn names_in_events_are_texts_or_given_and_family() {
        assert_eq!(name_of_json(r#""Mette Holm""#), "Mette Holm");
        assert_eq!(name_of_json(r#"{"given":"Amir","family":"Haddad"}"#), "Amir Haddad");
        assert_eq!(name_of_json("7"), "");
    }
}
