//! Messages as JSON: command lines in, answers out, by the proto files' own descriptors.
//!
//! The library's errors quote what they could not read. So a line that it refuses is read a second
//! time, field by field, to find the field at fault, and the error is written here: path and rule.

use std::fmt;
use std::sync::LazyLock;

use prost::{Message, Name};
use prost_reflect::{
    Cardinality, DescriptorPool, DeserializeOptions, DynamicMessage, FieldDescriptor, Kind,
    MessageDescriptor, SerializeOptions,
};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::path::Path;
use crate::v1;

/// Names of fields are at most this long; anything longer is not repeated in an error.
const FIELD_NAME_BYTES_MAX: usize = 64;

#[expect(
    clippy::expect_used,
    reason = "built into the program; every test of this module reads it"
)]
static DESCRIPTORS: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(crate::FILE_DESCRIPTOR_SET).expect("the built descriptors are readable")
});

/// Why a line is not a request. Holds field names and rules, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{rule}", field.as_ref().map(|it| format!("{it}: ")).unwrap_or_default())]
pub struct JsonLineError {
    /// The path of the field at fault; `None` when the line as a whole is.
    pub field: Option<String>,
    /// The rule in words.
    pub rule: String,
}

impl JsonLineError {
    fn line(rule: impl Into<String>) -> Self {
        JsonLineError { field: None, rule: rule.into() }
    }

    fn field(at: Path<'_>, rule: impl Into<String>) -> Self {
        JsonLineError { field: Some(at.to_string()), rule: rule.into() }
    }
}

/// The request that a line of JSON says. Fields may be named as in the proto files or in
/// lowerCamelCase. Only the form is judged here; see [`crate::request()`] for the content.
///
/// Work and memory grow with the line: the caller bounds it.
///
/// # Errors
///
/// When the line is not JSON, a field is unknown, given twice, or of another type.
pub fn execute_request_from_json(line: &str) -> Result<v1::ExecuteRequest, JsonLineError> {
    let value = unique_members(line)?;
    let descriptor = descriptor::<v1::ExecuteRequest>()
        .ok_or_else(|| JsonLineError::line("the program does not know its own messages"))?;
    let dynamic = read(&descriptor, &value).map_err(|Unreadable| {
        fault(&descriptor, &value, None).unwrap_or_else(|| JsonLineError::line("is not a request"))
    })?;
    dynamic.transcode_to().map_err(|_| JsonLineError::line("is not a request"))
}

/// A message as JSON: fields named as in the proto files, those of value 0 included; enums by name;
/// times in RFC 3339; 64-bit numbers as numbers; bytes in base64.
///
/// `null` for a message that has no JSON form, such as one with a time beyond the year 9999.
pub fn to_json<M: Message + Name>(message: &M) -> Value {
    let options = SerializeOptions::new()
        .use_proto_field_name(true)
        .stringify_64_bit_integers(false)
        .skip_default_fields(false);
    let write = || {
        let mut dynamic = DynamicMessage::new(descriptor::<M>()?);
        dynamic.transcode_from(message).ok()?;
        dynamic.serialize_with_options(serde_json::value::Serializer, &options).ok()
    };
    write().unwrap_or(Value::Null)
}

fn descriptor<M: Name>() -> Option<MessageDescriptor> {
    DESCRIPTORS.get_message_by_name(&M::full_name())
}

/// The library could not read it. What it says quotes the input, so it goes no further.
struct Unreadable;

fn read(descriptor: &MessageDescriptor, value: &Value) -> Result<DynamicMessage, Unreadable> {
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    DynamicMessage::deserialize_with_options(descriptor.clone(), value, &options)
        .map_err(|_| Unreadable)
}

/// The first field at fault of an unreadable message; `None` when each by itself is readable.
fn fault(
    descriptor: &MessageDescriptor,
    value: &Value,
    at: Option<Path<'_>>,
) -> Option<JsonLineError> {
    let at_field = |name: &str, found: &dyn Fn(Path<'_>) -> JsonLineError| match &at {
        Some(path) => found(path.field(name)),
        None => found(Path::root(name)),
    };
    let Value::Object(members) = value else {
        let rule = "must be an object of fields";
        return Some(match at {
            Some(path) => JsonLineError::field(path, rule),
            None => JsonLineError::line(rule),
        });
    };
    for (name, value) in members {
        let by_name = descriptor.get_field_by_json_name(name);
        let Some(field) = by_name.or_else(|| descriptor.get_field_by_name(name)) else {
            return Some(at_field(&shown(name), &|at| JsonLineError::field(at, "is not a field")));
        };
        let alone = Value::Object([(name.clone(), value.clone())].into_iter().collect());
        if read(descriptor, &alone).is_err() {
            return Some(at_field(field.name(), &|at| fault_of_field(&field, value, at)));
        }
    }
    let twice = descriptor.oneofs().find(|oneof| {
        let given = |it: &FieldDescriptor| {
            [it.name(), it.json_name()]
                .iter()
                .filter_map(|name| members.get(*name))
                .any(|it| !it.is_null())
        };
        oneof.fields().filter(given).count() > 1
    })?;
    Some(at_field(twice.name(), &|at| JsonLineError::field(at, "must be only one of its fields")))
}

/// Where and why a field that cannot be read is at fault.
fn fault_of_field(field: &FieldDescriptor, value: &Value, at: Path<'_>) -> JsonLineError {
    let kind = field.kind();
    if field.cardinality() != Cardinality::Repeated {
        return fault_of_value(&kind, value, at);
    }
    let Value::Array(elements) = value else {
        return JsonLineError::field(at, "must be a list");
    };
    let alone = |element: &Value| {
        let list = Value::Array(vec![element.clone()]);
        let message = [(field.name().to_owned(), list)].into_iter().collect();
        read(field.parent_message(), &Value::Object(message))
    };
    match elements.iter().enumerate().find(|(_, it)| alone(it).is_err()) {
        Some((index, element)) => fault_of_value(&kind, element, at.index(index)),
        None => JsonLineError::field(at, "is not a list of what it should hold"),
    }
}

fn fault_of_value(kind: &Kind, value: &Value, at: Path<'_>) -> JsonLineError {
    let rule = match kind {
        Kind::Message(it) if it.full_name() == "google.protobuf.Timestamp" => {
            "must be a time in RFC 3339, such as 2019-05-01T12:00:00Z".to_owned()
        }
        Kind::Message(descriptor) => {
            return fault(descriptor, value, Some(at))
                .unwrap_or_else(|| JsonLineError::field(at, "cannot be read"));
        }
        Kind::Enum(it) => format!("must be a value of {}", it.name()),
        Kind::Bool => "must be true or false".to_owned(),
        Kind::String => "must be a text".to_owned(),
        Kind::Bytes => "must be a text in base64".to_owned(),
        Kind::Double | Kind::Float => "must be a number".to_owned(),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Uint32 | Kind::Fixed32 => {
            "must be a whole number of 32 bits".to_owned()
        }
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 | Kind::Uint64 | Kind::Fixed64 => {
            "must be a whole number of 64 bits".to_owned()
        }
    };
    JsonLineError::field(at, rule)
}

/// An unknown field's name, where it can be one: somebody may have put a value in the place of a name.
/// Without digits, so that it cannot be a CPR number.
fn shown(name: &str) -> String {
    let ok = |it: u8| it.is_ascii_alphabetic() || it == b'_';
    let is_name = !name.is_empty() && name.len() <= FIELD_NAME_BYTES_MAX && name.bytes().all(ok);
    if is_name { name.to_owned() } else { "?".to_owned() }
}

/// The line as JSON in which no object names a member twice: of two, one would be lost unseen.
fn unique_members(line: &str) -> Result<Value, JsonLineError> {
    let mut reader = serde_json::Deserializer::from_str(line);
    let value = UniqueMembers.deserialize(&mut reader);
    value.and_then(|it| reader.end().map(|()| it)).map_err(|error| {
        // The text of a syntax error is the library's own; that of a data error may quote.
        if error.is_data() {
            return JsonLineError::line("names a field twice in one object");
        }
        JsonLineError::line(format!("is not JSON at byte {}", error.column()))
    })
}

/// Reads any JSON into a [`Value`], refusing members named twice.
struct UniqueMembers;

impl<'de> DeserializeSeed<'de> for UniqueMembers {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for UniqueMembers {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, it: bool) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_i64<E>(self, it: i64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_u64<E>(self, it: u64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_f64<E>(self, it: f64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_str<E>(self, it: &str) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_string<E>(self, it: String) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(it) = elements.next_element_seed(UniqueMembers)? {
            list.push(it);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = serde_json::Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(UniqueMembers)?;
            if object.insert(name, value).is_some() {
                return Err(de::Error::custom("twice"));
            }
        }
        Ok(Value::Object(object))
    }
}
