//! Paths of fields in a message, written out only when something is at fault.

use std::fmt;

use fokus_core::rejection::{Reason, Rejection};

/// The path of a field, such as `register_family.initial_members[2].person_id`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    /// A path that begins here; `field` may be a path itself.
    pub(crate) fn root(field: &'a str) -> Self {
        Path { parent: None, step: Step::Field(field) }
    }

    /// A field of the message at this path.
    pub(crate) fn field(&'a self, name: &'a str) -> Self {
        Path { parent: Some(self), step: Step::Field(name) }
    }

    /// An element of the list at this path.
    pub(crate) fn index(&'a self, index: usize) -> Self {
        Path { parent: Some(self), step: Step::Index(index) }
    }

    /// The rejection of the field at this path.
    pub(crate) fn reject(self, reason: Reason, rule: impl Into<String>) -> Rejection {
        Rejection::new(reason, rule).at(self.to_string())
    }

    /// The rejection of a missing or malformed field.
    pub(crate) fn invalid(self, rule: impl Into<String>) -> Rejection {
        self.reject(Reason::FieldInvalid, rule)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match (self.step, self.parent) {
            (Step::Index(index), _) => write!(f, "[{index}]"),
            (Step::Field(name), Some(_)) => write!(f, ".{name}"),
            (Step::Field(name), None) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_like_the_proto() {
        let command = Path::root("register_family");
        let members = command.field("initial_members");
        let member = members.index(2);
        let path = member.field("person_id").to_string();
        assert_eq!(path, "register_family.initial_members[2].person_id");
    }
}
