use proptest::prelude::*;

use super::*;

fn tile(level: u8, n: u64, width: usize) -> Resource {
    Resource::Tile { id: TileId { level, n }, width }
}

#[test]
fn paths_are_those_of_the_specification() {
    for (resource, path) in [
        (Resource::Checkpoint, "checkpoint"),
        (tile(0, 0, 256), "tile/0/000"),
        (tile(1, 1_234_067, 256), "tile/1/x001/x234/067"),
        (tile(0, 273, 112), "tile/0/273.p/112"),
        (tile(2, 1_000, 1), "tile/2/x001/000.p/1"),
        (Resource::Entries { n: 5, width: 256 }, "tile/entries/005"),
        (Resource::Entries { n: 70_000, width: 17 }, "tile/entries/x070/000.p/17"),
    ] {
        assert_eq!(resource.to_string(), path);
        assert_eq!(path.parse(), Ok(resource));
    }
}

#[test]
fn paths_of_nothing_are_refused() {
    for path in [
        "",
        "/checkpoint",
        "checkpoint/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/8/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/entries/x00/000",
        "tile/entries/000/",
        "tile/0/xx01/000",
        "tile/0/+01",
        "../tile/0/000",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert_eq!(path.parse::<Resource>(), Err(PathError), "{path}");
    }
}

#[test]
fn a_tree_of_70_000_has_the_tiles_of_the_specification() {
    let all: Vec<Resource> = Resource::all(70_000).collect();
    let count = |level: u8, width: usize| {
        let same = |it: &&Resource| matches!(it, Resource::Tile { id, width: w } if id.level == level && *w == width);
        all.iter().filter(same).count()
    };
    let counts = [count(0, 256), count(0, 112), count(1, 256), count(1, 17), count(2, 1)];
    assert_eq!(counts, [273, 1, 1, 1, 1]);
    let entries = all.iter().filter(|it| matches!(it, Resource::Entries { .. })).count();
    assert_eq!((entries, all.len()), (274, 273 + 1 + 1 + 1 + 1 + 274 + 1));
    assert_eq!(Resource::all(0).collect::<Vec<_>>(), [Resource::Checkpoint]);
    let small: Vec<_> = Resource::all(256).map(|it| it.to_string()).collect();
    assert_eq!(small, ["tile/0/000", "tile/1/000.p/1", "tile/entries/000", "checkpoint"]);
}

#[test]
fn entry_bundles_that_are_cut_off_or_too_long_are_refused() {
    let bytes = entries_to_bytes([&b"one"[..], b"", b"three"]).unwrap();
    assert_eq!(bytes, b"\x00\x03one\x00\x00\x00\x05three");
    for end in [1, 2, 4, 6, 8, bytes.len() - 1] {
        assert_eq!(entries_from_bytes(&bytes[..end]), None, "{end}");
    }
    assert_eq!(entries_from_bytes(&[0; 2 * TILE_WIDTH]).map(|it| it.len()), Some(TILE_WIDTH));
    assert_eq!(entries_from_bytes(&[0; 2 * TILE_WIDTH + 2]), None);
    assert_eq!(entries_to_bytes([&vec![0; 65_536][..]]), None);
}

proptest! {
    #[test]
    fn a_path_is_read_back(level in 0..8_u8, n: u64, width in 1..=256_usize) {
        for resource in [tile(level, n, width), Resource::Entries { n, width }] {
            prop_assert_eq!(resource.to_string().parse(), Ok(resource));
        }
    }

    #[test]
    fn entries_are_read_back(
        leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..=256),
    ) {
        let bytes = entries_to_bytes(leaves.iter().map(Vec::as_slice)).unwrap();
        let read = entries_from_bytes(&bytes).unwrap();
        prop_assert_eq!(read, leaves.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }

    #[test]
    fn no_path_and_no_bundle_makes_it_panic(path: String, bytes: Vec<u8>) {
        let read = path.parse::<Resource>();
        prop_assert!(read.is_err() || path == "checkpoint" || path.starts_with("tile/"));
        if let Some(leaves) = entries_from_bytes(&bytes) {
            prop_assert_eq!(entries_to_bytes(leaves), Some(bytes));
        }
    }
}
