use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn envelopes_are_read_back(
        bodies in prop::collection::vec(
            prop::option::of(prop::collection::vec(any::<u8>(), 1..400)), 0..20),
    ) {
        let mut file = Vec::new();
        for body in &bodies {
            prop_assert!(push_envelope(&mut file, body.as_deref()));
        }
        let mut reader = file.as_slice();
        for body in &bodies {
            prop_assert_eq!(next_envelope(&mut reader).unwrap(), body.as_deref());
        }
        prop_assert!(next_envelope(&mut reader).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic_or_take_more_than_there_is(bytes: Vec<u8>) {
        let mut reader = bytes.as_slice();
        while next_envelope(&mut reader).is_ok() {}
        let mut reader = bytes.as_slice();
        while let Ok(Some(_)) = next_key(&mut reader) {}
    }
}

#[test]
fn keys_are_read_back_and_half_a_key_is_an_error() {
    let key = EnvelopeKey { ct_hash: [3; 32], key: Zeroizing::new([4; 32]) };
    let bytes = key.to_bytes();
    let mut reader = &bytes[..];
    let read = next_key(&mut reader).unwrap().unwrap();
    assert_eq!((read.ct_hash, *read.key), ([3; 32], [4; 32]));
    assert!(next_key(&mut reader).unwrap().is_none());
    assert!(next_key(&mut &bytes[..63]).is_err());
    assert!(!format!("{key:?}").contains("04"));
}

#[test]
fn an_envelope_larger_than_any_can_be_is_neither_written_nor_read() {
    let mut file = Vec::new();
    assert!(!push_envelope(&mut file, Some(&vec![0; ENVELOPE_BYTES_MAX + 1])));
    assert!(file.is_empty());
    let error = next_envelope(&mut &[0xff, 0xff, 0xff, 0xff, 1][..]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}
