//! Who is called what. Entries name persons and workers by id.

use std::collections::HashMap;

use crate::labels::plain;
use crate::{Words, say};

/// Who is called what, and which intervention is of which type.
#[derive(Debug, Default)]
pub struct Names {
    by_id: HashMap<String, String>,
    /// The types of interventions, as codes.
    interventions: HashMap<String, String>,
}

impl Names {
    /// No names yet.
    pub fn new() -> Names {
        Names::default()
    }

    /// The code of an intervention's type; `None` when nobody said it.
    pub fn intervention(&self, id: &str) -> Option<&str> {
        self.interventions.get(id).map(String::as_str)
    }

    /// Says of which type an intervention is, as a code.
    pub fn insert_intervention(&mut self, id: String, code: String) {
        self.interventions.insert(id, code);
    }

    /// Adds a person's name, or that it is erased.
    pub fn insert_person(&mut self, id: &str, name: String, erased: bool, words: Words) {
        self.insert(id, if erased { say!(words, "erased") } else { name });
    }

    /// Adds a name; an empty one is none.
    pub fn insert(&mut self, id: &str, name: String) {
        if !name.is_empty() {
            self.by_id.insert(id.to_owned(), plain(&name));
        }
    }

    /// Whether there is a name.
    pub fn knows(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// The name, or the beginning of the id.
    pub fn name(&self, id: &str) -> String {
        match self.by_id.get(id) {
            Some(name) => name.clone(),
            None => plain(id).chars().take(8).collect(),
        }
    }
}

/// Given name, then family name.
pub fn full_name(given: &str, family: &str) -> String {
    format!("{given} {family}").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_no_name_shows_as_the_beginning_of_the_id() {
        let mut names = Names::new();
        let id = "0b7e6a52-93a1-4c1e-8f53-0d6f1f0b9a11";
        assert_eq!(names.name(id), "0b7e6a52");
        names.insert(id, String::new());
        assert_eq!(names.name(id), "0b7e6a52");
        names.insert(id, "Mette Holm".to_owned());
        assert_eq!(names.name(id), "Mette Holm");
    }
}
