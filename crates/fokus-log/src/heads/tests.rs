use proptest::prelude::*;

use super::*;
use crate::tree_hash;

fn tag(number: u8) -> Tag {
    let mut tag = [0x40; 16];
    tag[0] = number;
    tag
}

/// Leaves of these streams, in this order.
fn followed(streams: &[u8]) -> Heads {
    let mut heads = Heads::new();
    for number in streams {
        let version = heads.get(&tag(*number)).map_or(0, |it| it.version + 1);
        heads.push(tag(*number), version, [*number; 32]);
    }
    heads
}

/// The map, written down as the layout says.
fn by_hand(streams: &[u8]) -> Commitment {
    let mut numbers = streams.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    let entries: Vec<Vec<u8>> = numbers
        .iter()
        .map(|number| {
            let index = streams.iter().rposition(|it| it == number).unwrap() as u64;
            let version = streams.iter().filter(|it| *it == number).count() as u64 - 1;
            [&tag(*number)[..], &version.to_be_bytes(), &index.to_be_bytes(), &[*number; 32]]
                .concat()
        })
        .collect();
    Commitment {
        covers_size: streams.len() as u64,
        streams: entries.len() as u64,
        root: tree_hash(entries.iter()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_map_is_a_function_of_the_leaves_before_it(streams in prop::collection::vec(any::<u8>(), 0..700)) {
        let heads = followed(&streams);
        for size in [0, streams.len() / 2, streams.len()] {
            let map = heads.map_at(size as u64).unwrap();
            prop_assert_eq!(map.commitment(), by_hand(&streams[..size]));
            let earlier = followed(&streams[..size]);
            for number in 0..=u8::MAX {
                let head = heads.head_at(&tag(number), size as u64);
                prop_assert_eq!(head, earlier.get(&tag(number)));
            }
        }
        prop_assert!(heads.map_at(streams.len() as u64 + 1).is_none());
    }

    #[test]
    fn each_stream_is_proved_to_stand_somewhere_or_not_to_exist(
        streams in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let heads = followed(&streams);
        let map = heads.map_at(streams.len() as u64).unwrap();
        let commitment = map.commitment();
        for number in 0..=255 {
            match (map.prove(&tag(number)), map.prove_absent(&tag(number))) {
                (Some(proved), None) => {
                    prop_assert!(streams.contains(&number));
                    prop_assert_eq!(proved.head, *heads.get(&tag(number)).unwrap());
                    prop_assert_eq!(proved.verify(&commitment), Ok(()));
                }
                (None, Some(absent)) => {
                    prop_assert!(!streams.contains(&number));
                    prop_assert_eq!(absent.verify(&tag(number), &commitment), Ok(()));
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}

#[test]
fn an_entry_that_the_map_does_not_have_is_not_proved() {
    let heads = followed(&[1, 2, 3, 1, 2, 5]);
    let map = heads.map_at(6).unwrap();
    let proved = map.prove(&tag(2)).unwrap();
    let altered = |change: fn(&mut Proved)| {
        let mut altered = proved.clone();
        change(&mut altered);
        altered.verify(&map.commitment())
    };
    assert_eq!(altered(|_| ()), Ok(()));
    assert!(altered(|it| it.head.version = 0).is_err());
    assert!(altered(|it| it.head.index = 1).is_err());
    assert!(altered(|it| it.head.leaf_hash = [9; 32]).is_err());
    assert!(altered(|it| it.tag = tag(9)).is_err());
    assert!(altered(|it| it.index = 0).is_err());
    assert!(altered(|it| it.hashes.truncate(1)).is_err());
    let earlier = heads.map_at(4).unwrap();
    assert!(proved.verify(&earlier.commitment()).is_err(), "an earlier map says otherwise");
}

#[test]
fn neighbours_that_are_none_prove_no_absence() {
    let map = followed(&[1, 3, 5, 7]).map_at(4).unwrap();
    let commitment = map.commitment();
    let proved = |number| map.prove(&tag(number));
    let rows = [
        (proved(3), proved(5), 4, true),
        (proved(1), proved(5), 4, false),
        (proved(3), proved(7), 4, false),
        (proved(3), proved(5), 3, false),
        (proved(3), proved(5), 6, false),
        (None, proved(1), 0, true),
        (None, proved(3), 0, false),
        (None, proved(3), 1, false),
        (proved(7), None, 9, true),
        (proved(5), None, 9, false),
        (None, None, 4, false),
    ];
    for (before, after, number, holds) in rows {
        let absent = Absent { before, after };
        assert_eq!(absent.verify(&tag(number), &commitment).is_ok(), holds, "{absent:?}");
    }
    let none = Heads::new().map_at(0).unwrap();
    assert_eq!(none.prove_absent(&tag(4)).unwrap().verify(&tag(4), &none.commitment()), Ok(()));
}

#[test]
fn a_map_stands_soon_after_what_it_covers() {
    let commitment = Commitment { covers_size: 100, streams: 3, root: [7; 32] };
    let bytes = commitment.to_bytes();
    let read = |index, bytes: &[u8]| Commitment::read(LeafKind::StreamHeads, index, bytes);
    assert_eq!(read(100, &bytes), Ok(commitment));
    assert_eq!(read(100 + LAG_MAX, &bytes), Ok(commitment));
    assert_eq!(read(101 + LAG_MAX, &bytes), Err(CommitmentError::Behind));
    assert_eq!(read(99, &bytes), Err(CommitmentError::Ahead));
    assert_eq!(read(100, &bytes[1..]), Err(CommitmentError::Malformed));
    assert_eq!(read(100, &[&bytes[..], &[0]].concat()), Err(CommitmentError::Malformed));
    let other = Commitment::read(LeafKind::Control, 100, &bytes);
    assert_eq!(other, Err(CommitmentError::Malformed));
}

#[test]
fn maps_of_long_ago_are_not_remembered() {
    let mut heads = Heads::new();
    let mut early = None;
    for number in 0..LAG_MAX + 10 {
        if number == 10 {
            early = heads.map_at(10);
        }
        let stream = u8::try_from(number % 7).unwrap();
        heads.push(tag(stream), number / 7, [stream; 32]);
    }
    assert!(heads.map_at(9).is_none());
    let remembered = heads.map_at(10).unwrap().commitment();
    assert_eq!(remembered, early.unwrap().commitment());
    assert_eq!(heads.streams(), 7);
}
