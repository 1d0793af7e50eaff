use proptest::prelude::*;

use super::*;

fn proved() -> Proved {
    let head = Head { version: 3, index: 90, leaf_hash: [0xab; 32] };
    Proved { tag: [7; 16], head, index: 2, hashes: vec![[1; 32], [2; 32]] }
}

#[test]
fn streams_are_read_back() {
    let stream = ScopedStream::new("family", "00000000-0000-4000-8000-000000000001", &proved());
    assert_eq!(stream.proved(), Some(proved()));
    let heads = FamilyHeads { streams: vec![stream.clone()] };
    assert_eq!(FamilyHeads::from_bytes(&heads.to_bytes().unwrap()), Ok(heads));
    let upper = ScopedStream { head_leaf_hash: "AB".repeat(32), ..stream.clone() };
    let short = ScopedStream { stream_tag: "07".repeat(15), ..stream.clone() };
    let hash = ScopedStream { hashes: vec!["xx".repeat(32)], ..stream.clone() };
    assert_eq!([upper.proved(), short.proved(), hash.proved()], [None, None, None]);
    let many = FamilyHeads { streams: vec![stream; STREAMS_MAX + 1] };
    for bytes in [b"{\"streams\":[]}".to_vec(), b"{}".to_vec(), many.to_bytes().unwrap()] {
        assert!(FamilyHeads::from_bytes(&bytes).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn leaves_are_read_back(
        wanted in prop::collection::btree_map(any::<u8>(), prop::collection::vec(any::<u8>(), 0..300), 0..20),
    ) {
        let wanted: Vec<(u8, Vec<u8>)> = wanted.into_iter().collect();
        let mut file = Vec::new();
        for (place, leaf) in &wanted {
            prop_assert!(push_leaf(&mut file, *place, leaf));
        }
        let lent: Vec<(u8, &[u8])> = wanted.iter().map(|it| (it.0, it.1.as_slice())).collect();
        prop_assert_eq!(leaves(&file).unwrap(), lent);
        if let Some(cut) = file.len().checked_sub(1) {
            prop_assert!(leaves(&file[..cut]).is_err());
        }
    }
}

#[test]
fn places_ascend() {
    let mut file = Vec::new();
    assert!(push_leaf(&mut file, 4, b"a") && push_leaf(&mut file, 4, b"b"));
    assert!(leaves(&file).is_err());
    assert!(!push_leaf(&mut file, 5, &vec![0; 70_000]));
}
