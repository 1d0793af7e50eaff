//! A fact read from its members and written as them, each a piece of JSON of its own: no tree of values
//! between.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::ser::{Impossible, SerializeStruct};
use serde::{Serialize, Serializer, forward_to_deserialize_any};

/// The members of one JSON object: names, and values as JSON text.
pub(super) struct Members<'de> {
    left: std::slice::Iter<'de, (&'de str, &'de [u8])>,
    value: &'de [u8],
}

impl<'de> Members<'de> {
    pub(super) fn new(members: &'de [(&'de str, &'de [u8])]) -> Self {
        Members { left: members.iter(), value: &[] }
    }
}

impl<'de> Deserializer<'de> for Members<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = serde_json::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Self::Error> {
        let Some((name, value)) = self.left.next() else { return Ok(None) };
        self.value = value;
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Self::Error> {
        let mut value = serde_json::Deserializer::from_slice(self.value);
        let read = seed.deserialize(&mut value)?;
        value.end()?;
        Ok(read)
    }
}

/// The members of one JSON object, on their way out: names, and values as JSON text.
pub(super) type Written = Vec<(&'static str, Vec<u8>)>;

/// The members of a fact, each by itself; those that are left out are not there.
pub(super) fn write(fact: &impl Serialize) -> Result<Written, serde_json::Error> {
    fact.serialize(Writer)
}

/// Takes a struct, and nothing else: every fact is one.
struct Writer;

/// The members written so far.
struct Collected(Written);

fn no_struct<T>() -> Result<T, serde_json::Error> {
    Err(serde::ser::Error::custom("a fact is a struct"))
}

macro_rules! refused {
    ($($name:ident($($ty:ty),*) -> $answer:ty;)*) => { $(
        fn $name(self, $(_: $ty),*) -> Result<$answer, serde_json::Error> {
            no_struct()
        }
    )* };
}

impl Serializer for Writer {
    type Ok = Written;
    type Error = serde_json::Error;
    type SerializeSeq = Impossible<Written, serde_json::Error>;
    type SerializeTuple = Impossible<Written, serde_json::Error>;
    type SerializeTupleStruct = Impossible<Written, serde_json::Error>;
    type SerializeTupleVariant = Impossible<Written, serde_json::Error>;
    type SerializeMap = Impossible<Written, serde_json::Error>;
    type SerializeStruct = Collected;
    type SerializeStructVariant = Impossible<Written, serde_json::Error>;

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Collected, Self::Error> {
        Ok(Collected(Vec::with_capacity(len)))
    }

    refused! {
        serialize_bool(bool) -> Written;
        serialize_i8(i8) -> Written;
        serialize_i16(i16) -> Written;
        serialize_i32(i32) -> Written;
        serialize_i64(i64) -> Written;
        serialize_u8(u8) -> Written;
        serialize_u16(u16) -> Written;
        serialize_u32(u32) -> Written;
        serialize_u64(u64) -> Written;
        serialize_f32(f32) -> Written;
        serialize_f64(f64) -> Written;
        serialize_char(char) -> Written;
        serialize_str(&str) -> Written;
        serialize_bytes(&[u8]) -> Written;
        serialize_none() -> Written;
        serialize_unit() -> Written;
        serialize_unit_struct(&'static str) -> Written;
        serialize_unit_variant(&'static str, u32, &'static str) -> Written;
        serialize_seq(Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeStructVariant;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Written, Self::Error> {
        no_struct()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<Written, Self::Error> {
        no_struct()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Written, Self::Error> {
        no_struct()
    }
}

impl SerializeStruct for Collected {
    type Ok = Written;
    type Error = serde_json::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Self::Error> {
        self.0.push((name, serde_json::to_vec(value)?));
        Ok(())
    }

    fn end(self) -> Result<Written, Self::Error> {
        Ok(self.0)
    }
}
