//! Published leaves, each rule of the format, and every change of a byte.

use super::*;
use crate::leaf_hash;

/// The published leaf with two envelopes of one key each; its hashes stand for nothing.
const PUBLISHED: &str = concat!(
    "464a4c310100000000000000000000019b76daa800a0073846cd42b3996ec83fe0604e6a9facef144dd7ab5b48",
    "39e3f9e6e469cdf70000000000000000ffffffffffffffff021071e737a7d32912cce906f46243759e4d0dcf56",
    "6c336a36f7b07746bf97b712f69399acbeca8fb5a98e362ea0eb60caf70000008084ee136d64137823cab129d3",
    "4a7e90dd1d2006404ac5ea80fceb4e5318853f4110d1a5ac9a015fac2ef7b341673635512a0afd19ccb95c814c",
    "8817e6f8643bfea40ad513aa69eb6ee9c7ed834c82eb9b3b000001005265b413234a5375e4f893c3ee66993035",
    "88f2cddcfb5d8734a82079c2bb843e0000",
);

/// The published leaf, moved to `position` of a log that holds one stream only.
pub(crate) fn published_leaf(position: u64) -> Leaf {
    let leaf = Leaf::decode(&hex::decode(PUBLISHED).unwrap()).unwrap();
    Leaf { position, stream_version: position, prev_in_stream: position.checked_sub(1), ..leaf }
}

fn hash(text: &str) -> Hash {
    hex::decode(text).unwrap().try_into().unwrap()
}

/// The leaf of the format's vector: one event, sealed in two envelopes.
fn vector_leaf() -> Leaf {
    let envelopes = vec![
        EnvelopeRef {
            key_ids: vec![[0xa0; 16]],
            ct_hash: hash("9318b75adf842b2ac2382d2529b0ab31d9c00913ef4d66032ce8d9791bdd1cd9"),
            ct_len: 296,
            field_root: hash("87685d3ec026cd2b45941463e7e46696b4e45010bf48b0dfe6ca99469801fbc9"),
        },
        EnvelopeRef {
            key_ids: vec![[0xa8; 16], [0xb0; 16]],
            ct_hash: hash("7cff13b64448eddc4f1351f4bac2c4b25029e9134ea2ec285f1b23a950652dd7"),
            ct_len: 296,
            field_root: hash("920ab6ec9de420e69d38a8ea742c66a8691ef9482245e08aa2654a1402a36fb8"),
        },
    ];
    Leaf {
        kind: LeafKind::Event,
        position: 0,
        recorded_ms: 1_767_225_600_000,
        event_id: [0x11; 16],
        stream_tag: [0x22; 16],
        stream_version: 0,
        prev_in_stream: None,
        envelopes,
        ext: Vec::new(),
    }
}

/// A leaf without envelopes.
fn control_leaf() -> Leaf {
    Leaf {
        kind: LeafKind::Control,
        position: 5,
        stream_tag: [0; 16],
        stream_version: 2,
        prev_in_stream: Some(3),
        envelopes: Vec::new(),
        ext: b"public".to_vec(),
        ..vector_leaf()
    }
}

#[test]
fn the_vector_leaf_has_the_published_length_and_hash() {
    let bytes = vector_leaf().encode().unwrap();
    assert_eq!(bytes.len(), 258);
    let expected = "ac65c5ca2d09c3f4c5a153e0cae2af3d9865d9f8746572c890211334ca1541ee";
    assert_eq!(hex::encode(leaf_hash(&bytes)), expected);
    assert_eq!(Leaf::decode(&bytes), Ok(vector_leaf()));
}

#[test]
fn the_published_leaf_encodes_to_its_published_bytes() {
    assert_eq!(hex::encode(published_leaf(0).encode().unwrap()), PUBLISHED);
    let expected = "18e2652f70890c4c3cb2dfb4912d3dd0a53ba941e75c60a4ee08ddb8ce4bafee";
    assert_eq!(hex::encode(leaf_hash(&hex::decode(PUBLISHED).unwrap())), expected);
}

#[test]
#[rustfmt::skip] // One row, one rule.
fn a_leaf_that_breaks_a_rule_is_not_written() {
    use LeafError::*;
    check(vector_leaf,  |leaf| leaf.envelopes.clear(),                       ContentOfOtherKind);
    check(vector_leaf,  |leaf| leaf.ext = vec![1],                           ContentOfOtherKind);
    check(vector_leaf,  |leaf| leaf.stream_tag = [0; 16],                    ContentOfOtherKind);
    check(vector_leaf,  |leaf| leaf.kind = LeafKind::Key,                    ContentOfOtherKind);
    check(control_leaf, |leaf| leaf.ext.clear(),                             ContentOfOtherKind);
    check(control_leaf, |leaf| leaf.stream_tag = [1; 16],                    ContentOfOtherKind);
    check(control_leaf, |leaf| leaf.envelopes = vector_leaf().envelopes,     ContentOfOtherKind);
    check(control_leaf, |leaf| leaf.ext = vec![1; 60_000],                   TooLarge);
    check(control_leaf, |leaf| leaf.ext = vec![1; 70_000],                   TooLarge);
    check(vector_leaf,  |leaf| leaf.envelopes = many_envelopes(17),          TooManyEnvelopes);
    check(vector_leaf,  |leaf| leaf.envelopes = many_envelopes(300),         TooManyEnvelopes);
    check(vector_leaf,  |leaf| leaf.envelopes[0].key_ids.clear(),            NoKeys);
    check(vector_leaf,  |leaf| leaf.envelopes[0].key_ids = many_keys(16),    TooManyKeys);
    check(vector_leaf,  |leaf| leaf.envelopes[1].key_ids.reverse(),          KeyOrder);
    check(vector_leaf,  |leaf| leaf.envelopes[1].key_ids[1] = [0xa8; 16],    KeyOrder);
    check(vector_leaf,  |leaf| leaf.stream_version = 1,                      ImpossibleLink);
    check(vector_leaf,  |leaf| leaf.prev_in_stream = Some(0),                ImpossibleLink);
    check(vector_leaf,  |leaf| leaf.prev_in_stream = Some(u64::MAX),         ImpossibleLink);
    check(control_leaf, |leaf| leaf.prev_in_stream = None,                   ImpossibleLink);
    check(control_leaf, |leaf| leaf.prev_in_stream = Some(5),                ImpossibleLink);
    check(control_leaf, |leaf| leaf.stream_version = 5,                      ImpossibleLink);
    check(control_leaf, |leaf| leaf.stream_version = 0,                      ImpossibleLink);
}

#[track_caller]
fn check(leaf: fn() -> Leaf, breaks: fn(&mut Leaf), expected: LeafError) {
    let mut leaf = leaf();
    assert!(leaf.encode().is_ok());
    breaks(&mut leaf);
    assert_eq!(leaf.encode(), Err(expected));
}

fn many_keys(count: u8) -> Vec<[u8; 16]> {
    (0..count).map(|id| [id; 16]).collect()
}

fn many_envelopes(count: usize) -> Vec<EnvelopeRef> {
    vec![vector_leaf().envelopes.remove(0); count]
}

#[test]
fn the_largest_leaves_are_written_and_read() {
    let mut leaf = vector_leaf();
    leaf.envelopes = many_envelopes(MAX_ENVELOPES);
    leaf.envelopes[7].key_ids = many_keys(15);
    assert_eq!(Leaf::decode(&leaf.encode().unwrap()), Ok(leaf));

    let mut leaf = control_leaf();
    leaf.ext = vec![0xff; MAX_LEAF_BYTES - 72];
    let bytes = leaf.encode().unwrap();
    assert_eq!(bytes.len(), MAX_LEAF_BYTES);
    assert_eq!(Leaf::decode(&bytes), Ok(leaf));
}

#[test]
fn bytes_that_break_a_rule_are_not_read() {
    const KIND: usize = 4;
    const TAG: usize = 37;
    const ENVELOPES: usize = 69;
    check_bytes(|bytes| bytes[3] = b'2', LeafError::UnknownMagic);
    check_bytes(|bytes| bytes[KIND] = 0, LeafError::UnknownKind);
    check_bytes(|bytes| bytes[KIND] = 10, LeafError::UnknownKind);
    check_bytes(|bytes| bytes[KIND] = 4, LeafError::ContentOfOtherKind);
    check_bytes(|bytes| bytes[TAG..TAG + 16].fill(0), LeafError::ContentOfOtherKind);
    check_bytes(|bytes| bytes[ENVELOPES] = 17, LeafError::TooManyEnvelopes);
    check_bytes(|bytes| bytes[ENVELOPES + 1] = 17, LeafError::NoKeys);
    check_bytes(|bytes| bytes.push(0), LeafError::TrailingBytes);
    check_bytes(|bytes| bytes.resize(MAX_LEAF_BYTES + 1, 0), LeafError::TooLarge);
    let whole = vector_leaf().encode().unwrap();
    for length in 0..whole.len() {
        assert_eq!(Leaf::decode(&whole[..length]), Err(LeafError::CutShort), "{length}");
    }
}

#[track_caller]
fn check_bytes(breaks: fn(&mut Vec<u8>), expected: LeafError) {
    let mut bytes = vector_leaf().encode().unwrap();
    breaks(&mut bytes);
    assert_eq!(Leaf::decode(&bytes), Err(expected));
}

#[test]
fn every_changed_byte_is_refused_or_is_another_leaf_with_these_bytes() {
    for leaf in [vector_leaf(), control_leaf()] {
        let bytes = leaf.encode().unwrap();
        for at in 0..bytes.len() {
            for flip in 1..=255 {
                let mut altered = bytes.clone();
                altered[at] ^= flip;
                if let Ok(other) = Leaf::decode(&altered) {
                    assert_ne!(other, leaf, "byte {at}");
                    assert_eq!(other.encode().unwrap(), altered, "byte {at}");
                }
            }
        }
    }
}

#[test]
fn kinds_have_the_numbers_of_the_format() {
    for byte in 1..=9 {
        let kind = LeafKind::from_byte(byte).unwrap();
        assert_eq!(kind as u8, byte);
        assert_eq!(kind.is_sealed(), byte <= 3);
    }
}
