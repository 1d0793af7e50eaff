//! The format's vectors, each rule of sealing, and everything that must not open.

use fokus_log::leaf::{Leaf, LeafKind};
use fokus_log::leaf_hash;
use proptest::prelude::*;

use super::*;

const CONTEXT: EnvelopeContext<'static> = EnvelopeContext {
    origin: "vector.fokus.invalid/demo/journal",
    event_id: [0x11; 16],
    stream_tag: [0x22; 16],
    index: 0,
};

fn key(id: u8, secret: u8) -> ContentKey {
    ContentKey { id: KeyId([id; 16]), key: SecretKey::from_bytes([secret; 32]) }
}

fn field(path: &str, value: &str) -> Field {
    Field { path: path.to_owned(), value: value.as_bytes().to_vec() }
}

/// Envelope 0 of the vector: coded facts, under the stream's key.
fn header_envelope() -> SealedEnvelope {
    let header = concat!(
        r#"{"type":"NoteRecorded","schema":1,"stream":{"kind":"family","#,
        r#""id":"00000000-0000-4000-8000-000000000001"}}"#
    );
    // Not in order: sealing sorts.
    let fields = vec![field("h", header), field("d/nature", r#""FACT""#)];
    seal(&CONTEXT, &[&key(0xa0, 1)], [0x40; 24], [0x50; 32], fields).unwrap()
}

/// Envelope 1 of the vector: a text about two persons, under both of their keys.
fn text_envelope() -> SealedEnvelope {
    let context = EnvelopeContext { index: 1, ..CONTEXT };
    let fields = vec![field("d/text", r#""Talt med mødrene.""#)];
    seal(&context, &[&key(0xb0, 2), &key(0xa8, 3)], [0x41; 24], [0x51; 32], fields).unwrap()
}

#[test]
fn envelopes_have_the_published_hashes_and_roots() {
    let header = header_envelope().reference();
    check_reference(
        &header,
        "9318b75adf842b2ac2382d2529b0ab31d9c00913ef4d66032ce8d9791bdd1cd9",
        "87685d3ec026cd2b45941463e7e46696b4e45010bf48b0dfe6ca99469801fbc9",
    );
    assert_eq!(header.key_ids, [[0xa0; 16]]);
    let text = text_envelope().reference();
    check_reference(
        &text,
        "7cff13b64448eddc4f1351f4bac2c4b25029e9134ea2ec285f1b23a950652dd7",
        "920ab6ec9de420e69d38a8ea742c66a8691ef9482245e08aa2654a1402a36fb8",
    );
    assert_eq!(text.key_ids, [[0xa8; 16], [0xb0; 16]]);
}

#[track_caller]
fn check_reference(reference: &EnvelopeRef, ct_hash: &str, field_root: &str) {
    assert_eq!(reference.ct_len, 296);
    assert_eq!(hex::encode(reference.ct_hash), ct_hash);
    assert_eq!(hex::encode(reference.field_root), field_root);
}

#[test]
fn derived_keys_are_the_published_ones() {
    let (stream, one, other) = (key(0xa0, 1), key(0xa8, 3), key(0xb0, 2));
    let dek = derive_dek(&CONTEXT, &[&stream], &[0x40; 24]).unwrap();
    let published = "2a84a999ca65f40cfa28c560a1886d372ff985538378b794a4f926c96d89afe1";
    assert_eq!(hex::encode(dek.as_bytes()), published);

    let context = EnvelopeContext { index: 1, ..CONTEXT };
    let dek = derive_dek(&context, &[&one, &other], &[0x41; 24]).unwrap();
    let published = "4fd8a2daa44251322164b80b74cbfe5566b847f2cf1905e4a5817567cc36d1cc";
    assert_eq!(hex::encode(dek.as_bytes()), published);
}

#[test]
fn the_leaf_over_both_envelopes_has_the_published_hash() {
    let leaf = Leaf {
        kind: LeafKind::Event,
        position: 0,
        recorded_ms: 1_767_225_600_000,
        event_id: CONTEXT.event_id,
        stream_tag: CONTEXT.stream_tag,
        stream_version: 0,
        prev_in_stream: None,
        envelopes: vec![header_envelope().reference(), text_envelope().reference()],
        ext: Vec::new(),
    };
    let bytes = leaf.encode().unwrap();
    assert_eq!(bytes.len(), 258);
    let published = "ac65c5ca2d09c3f4c5a153e0cae2af3d9865d9f8746572c890211334ca1541ee";
    assert_eq!(hex::encode(leaf_hash(&bytes)), published);
}

#[test]
fn an_envelope_opens_with_all_its_keys_in_any_order() {
    let (one, other) = (key(0xa8, 3), key(0xb0, 2));
    let context = EnvelopeContext { index: 1, ..CONTEXT };
    let sealed = text_envelope();
    for keys in [[&one, &other], [&other, &one]] {
        let opened = open(&context, &keys, &sealed.body).unwrap();
        assert_eq!(*opened.seed, [0x51; 32]);
        assert_eq!(opened.fields, [field("d/text", r#""Talt med mødrene.""#)]);
        assert_eq!(check_field_root(&opened, &sealed.field_root), Ok(()));
    }
}

#[test]
fn an_envelope_opens_in_its_own_place_and_with_its_own_keys_only() {
    let (one, other) = (key(0xa8, 3), key(0xb0, 2));
    let body = text_envelope().body;
    let context = EnvelopeContext { index: 1, ..CONTEXT };
    let both = [&one, &other];
    check_refused(&EnvelopeContext { index: 0, ..context }, &both, &body);
    check_refused(&EnvelopeContext { event_id: [0x12; 16], ..context }, &both, &body);
    check_refused(&EnvelopeContext { stream_tag: [0x23; 16], ..context }, &both, &body);
    let origin = "vector.fokus.invalid/other/journal";
    check_refused(&EnvelopeContext { origin, ..context }, &both, &body);

    check_refused(&context, &[], &body);
    check_refused(&context, &[&one], &body);
    check_refused(&context, &[&other], &body);
    check_refused(&context, &[&one, &other, &key(0xc0, 4)], &body);
    check_refused(&context, &[&one, &key(0xb0, 4)], &body);
    // The same secrets under each other's ids.
    check_refused(&context, &[&key(0xa8, 2), &key(0xb0, 3)], &body);

    for at in 0..body.len() {
        let mut altered = body.clone();
        altered[at] ^= 1;
        check_refused(&context, &both, &altered);
        check_refused(&context, &both, &body[..at]);
    }
}

#[track_caller]
fn check_refused(context: &EnvelopeContext<'_>, keys: &[&ContentKey], body: &[u8]) {
    assert_eq!(open(context, keys, body).unwrap_err(), OpenError::Unauthentic);
}

#[test]
fn the_key_of_one_envelope_opens_that_one_and_no_other() {
    let (header, text) = (header_envelope(), text_envelope());
    let (header_keys, text_keys) = ([&key(0xa0, 1)], [&key(0xb0, 2), &key(0xa8, 3)]);
    let text_context = EnvelopeContext { index: 1, ..CONTEXT };
    let of_header = envelope_key(&CONTEXT, &header_keys, &header.body).unwrap();
    let of_text = envelope_key(&text_context, &text_keys, &text.body).unwrap();
    let opened = open_with_envelope_key(&text_context, &of_text, &text.body).unwrap();
    assert_eq!(opened.fields, open(&text_context, &text_keys, &text.body).unwrap().fields);
    let other = open_with_envelope_key(&text_context, &of_header, &text.body);
    assert_eq!(other.unwrap_err(), OpenError::Unauthentic);
    // The same content keys, the same place, sealed once more.
    let again = seal(&text_context, &text_keys, [0x42; 24], [0x52; 32], Vec::new()).unwrap();
    let later = open_with_envelope_key(&text_context, &of_text, &again.body);
    assert_eq!(later.unwrap_err(), OpenError::Unauthentic);
    assert_eq!(envelope_key(&CONTEXT, &[], &header.body).unwrap_err(), OpenError::Unauthentic);
    assert_eq!(envelope_key(&CONTEXT, &header_keys, &[0; 23]).unwrap_err(), OpenError::Unauthentic);
}

#[test]
fn what_is_sealed_against_the_format_is_malformed() {
    let stream = key(0xa0, 1);
    let dek = derive_dek(&CONTEXT, &[&stream], &[9; 24]).unwrap();
    let aad = context_bytes("fj/aad/v1", &CONTEXT).unwrap();
    let body = primitives::seal(&dek, [9; 24], aad.bytes(), &[1; 256]);
    assert_eq!(open(&CONTEXT, &[&stream], &body).unwrap_err(), OpenError::Malformed);
}

#[test]
fn a_field_root_of_other_fields_is_refused() {
    let sealed = header_envelope();
    let mut opened = open(&CONTEXT, &[&key(0xa0, 1)], &sealed.body).unwrap();
    opened.fields[0].value[1] = b'f';
    assert_eq!(check_field_root(&opened, &sealed.field_root), Err(OpenError::FieldRoot));
    opened.fields[0].value[1] = b'F';
    assert_eq!(check_field_root(&opened, &sealed.field_root), Ok(()));
    opened.seed[0] ^= 1;
    assert_eq!(check_field_root(&opened, &sealed.field_root), Err(OpenError::FieldRoot));
}

#[test]
#[rustfmt::skip] // One row, one rule.
fn what_breaks_a_rule_is_not_sealed() {
    use SealError::*;
    let one = || vec![field("h", "{}")];
    let repeated = || vec![field("d/a", "1"), field("h", "{}"), field("d/a", "2")];
    let large = || vec![field("h", &long(MAX_PLAINTEXT_BYTES))];
    check_not_sealed(&[],        one(),                        NoKeys);
    check_not_sealed(&[1, 2, 1], one(),                        RepeatedKey(KeyId([1; 16])));
    check_not_sealed(&ids(16),   one(),                        TooManyKeys);
    check_not_sealed(&[1],       repeated(),                   RepeatedPath("d/a".to_owned()));
    check_not_sealed(&[1],       vec![field("", "1")],         PathLength);
    check_not_sealed(&[1],       vec![field(&long(256), "1")], PathLength);
    check_not_sealed(&[1],       large(),                      TooLarge);
    check_not_sealed(&[1],       vec![field("h", ""); 65_536], TooLarge);
}

#[track_caller]
fn check_not_sealed(ids: &[u8], fields: Vec<Field>, expected: SealError) {
    let keys: Vec<ContentKey> = ids.iter().map(|id| key(*id, 1)).collect();
    let keys: Vec<&ContentKey> = keys.iter().collect();
    assert_eq!(seal(&CONTEXT, &keys, [0; 24], [0; 32], fields), Err(expected));
}

fn ids(count: u8) -> Vec<u8> {
    (0..count).collect()
}

fn long(length: usize) -> String {
    "x".repeat(length)
}

#[test]
fn the_largest_envelopes_are_sealed_and_opened() {
    let keys: Vec<ContentKey> = ids(15).into_iter().map(|id| key(id, id)).collect();
    let keys: Vec<&ContentKey> = keys.iter().collect();
    // Seed, count, lengths and paths beside the values.
    let value_len = MAX_PLAINTEXT_BYTES - 34 - (5 + 1) - (5 + 255);
    let fields = vec![field(&long(255), ""), field("h", &long(value_len))];
    let sealed = seal(&CONTEXT, &keys, [0; 24], [0; 32], fields).unwrap();
    let opened = open(&CONTEXT, &keys, &sealed.body).unwrap();
    assert_eq!(opened.fields[0].value.len(), value_len);
}

#[test]
fn debug_output_hides_seed_and_values() {
    let opened = open(&CONTEXT, &[&key(0xa0, 1)], &header_envelope().body).unwrap();
    let printed = format!("{opened:?}");
    assert_eq!(printed, "Opened { fields: [Field(d/nature, 6 bytes), Field(h, 105 bytes)], .. }");
}

proptest! {
    #[test]
    fn what_is_sealed_opens_to_the_same_fields_and_the_same_root(
        fields in proptest::collection::btree_map("[a-zæøå/]{1,20}", any::<Vec<u8>>(), 0..12),
        nonce in any::<[u8; 24]>(),
        seed in any::<[u8; 32]>(),
    ) {
        let fields: Vec<Field> =
            fields.into_iter().map(|(path, value)| Field { path, value }).collect();
        let given = fields.iter().rev().cloned().collect();
        let keys = [&key(1, 1), &key(2, 2)];
        let sealed = seal(&CONTEXT, &keys, nonce, seed, given).unwrap();
        let opened = open(&CONTEXT, &keys, &sealed.body).unwrap();
        prop_assert_eq!(check_field_root(&opened, &sealed.field_root), Ok(()));
        prop_assert_eq!(&opened.fields, &fields);
        prop_assert_eq!(*opened.seed, seed);
    }
}
