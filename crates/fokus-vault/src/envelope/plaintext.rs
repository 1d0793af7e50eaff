//! What is inside an envelope, as bytes: the seed, the fields, and zeros up to a length that tells
//! little about them.

use zeroize::Zeroizing;

use super::{Field, MAX_PLAINTEXT_BYTES, MIN_PLAINTEXT_BYTES, SealError};

/// Bytes before the fields: seed and count.
const HEAD_BYTES: usize = 34;

/// Length after padding. Padmé leaks O(log log length) bits (Nikitin et al., PETS 2019, section 4):
/// at most 12 % are added, less for longer texts.
pub(super) fn padded(length: usize) -> usize {
    if length <= MIN_PLAINTEXT_BYTES {
        return MIN_PLAINTEXT_BYTES;
    }
    let exponent = length.ilog2();
    let kept_bits = exponent.ilog2() + 1;
    length.next_multiple_of(1 << (exponent - kept_bits))
}

/// `seed || u16 count || count × (u8 length, path, u32 length, value) || zeros`. The fields are in
/// the order of their paths.
pub(super) fn encode(seed: &[u8; 32], fields: &[Field]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let count = u16::try_from(fields.len()).map_err(|_| SealError::TooLarge)?;
    let length = fields.iter().fold(HEAD_BYTES, |length, field| {
        length.saturating_add(5).saturating_add(field.path.len()).saturating_add(field.value.len())
    });
    if length > MAX_PLAINTEXT_BYTES {
        return Err(SealError::TooLarge);
    }
    let padded = padded(length);
    // Room for everything at once: growing would leave copies of the plaintext behind.
    let mut text = Zeroizing::new(Vec::with_capacity(padded));
    text.extend_from_slice(seed);
    text.extend_from_slice(&count.to_be_bytes());
    let mut previous: Option<&Field> = None;
    for field in fields {
        if previous.is_some_and(|previous| previous.path == field.path) {
            return Err(SealError::RepeatedPath(field.path.clone()));
        }
        previous = Some(field);
        let path_len = u8::try_from(field.path.len()).ok().filter(|length| *length > 0);
        text.push(path_len.ok_or(SealError::PathLength)?);
        text.extend_from_slice(field.path.as_bytes());
        let value_len = u32::try_from(field.value.len()).map_err(|_| SealError::TooLarge)?;
        text.extend_from_slice(&value_len.to_be_bytes());
        text.extend_from_slice(&field.value);
    }
    text.resize(padded, 0);
    Ok(text)
}

/// An opened plaintext, its parts where they stand.
pub(super) struct Plain<'a> {
    pub(super) seed: &'a [u8; 32],
    /// Path and value, ascending by path.
    pub(super) fields: Vec<(&'a str, &'a [u8])>,
}

/// Reads what [`encode`] writes, and nothing else.
pub(super) fn parse(text: &[u8]) -> Option<Plain<'_>> {
    let (seed, rest) = text.split_first_chunk()?;
    let (count, mut rest) = rest.split_first_chunk()?;
    let count = u16::from_be_bytes(*count);
    let mut fields: Vec<(&str, &[u8])> = Vec::with_capacity(usize::from(count.min(32)));
    for _ in 0..count {
        let (field, after) = parse_field(rest)?;
        if fields.last().is_some_and(|previous| previous.0 >= field.0) {
            return None;
        }
        fields.push(field);
        rest = after;
    }
    let used = text.len() - rest.len();
    let rest_is_padding = rest.iter().all(|byte| *byte == 0) && text.len() == padded(used);
    rest_is_padding.then_some(Plain { seed, fields })
}

/// A field and what stands behind it.
type FieldAndRest<'a> = ((&'a str, &'a [u8]), &'a [u8]);

fn parse_field(text: &[u8]) -> Option<FieldAndRest<'_>> {
    let (path_len, rest) = text.split_first()?;
    let (path, rest) = rest.split_at_checked(usize::from(*path_len))?;
    let path = str::from_utf8(path).ok().filter(|path| !path.is_empty())?;
    let (value_len, rest) = rest.split_first_chunk()?;
    let value_len = usize::try_from(u32::from_be_bytes(*value_len)).ok()?;
    let (value, rest) = rest.split_at_checked(value_len)?;
    Some(((path, value), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_lengths_are_the_published_ones() {
        let rows =
            [(0, 256), (255, 256), (256, 256), (257, 272), (300, 304), (1000, 1024), (9000, 9216)];
        for (length, expected) in rows {
            assert_eq!(padded(length), expected, "{length}");
        }
    }

    fn field(path: &str, value: &[u8]) -> Field {
        Field { path: path.to_owned(), value: value.to_vec() }
    }

    /// A plaintext of two fields, `a` = 1 and `b` = 2.
    fn two_fields() -> Vec<u8> {
        encode(&[7; 32], &[field("a", b"1"), field("b", b"2")]).unwrap().to_vec()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = two_fields();
        let plain = parse(&text).unwrap();
        assert_eq!(*plain.seed, [7; 32]);
        assert_eq!(plain.fields, [("a", &b"1"[..]), ("b", &b"2"[..])]);
    }

    #[test]
    fn whatever_the_format_does_not_write_is_not_read() {
        const FIRST_PATH: usize = 35;
        const SECOND_PATH: usize = FIRST_PATH + 7;
        check_refused("padding is not zero", |text| text[255] = 1);
        check_refused("padding is too long", |text| text.extend_from_slice(&[0; 16]));
        check_refused("padding is too short", |text| text.truncate(255));
        check_refused("count is too low", |text| text[33] = 1);
        check_refused("count is too high", |text| text[33] = 3);
        check_refused("paths descend", |text| text[FIRST_PATH] = b'c');
        check_refused("paths repeat", |text| text[SECOND_PATH] = b'a');
        check_refused("path is not UTF-8", |text| text[SECOND_PATH] = 0xff);
        check_refused("path is longer than the text", |text| text[FIRST_PATH - 1] = 255);
        check_refused("value is longer than the text", |text| text[FIRST_PATH + 1] = 1);
        check_refused("cut in the head", |text| text.truncate(33));
        check_refused("empty", Vec::clear);
    }

    #[track_caller]
    fn check_refused(what: &str, alter: impl FnOnce(&mut Vec<u8>)) {
        let mut text = two_fields();
        alter(&mut text);
        assert!(parse(&text).is_none(), "{what}");
    }
}
