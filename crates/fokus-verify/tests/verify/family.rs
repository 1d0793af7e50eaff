//! Bundles of one family: nothing of it can be left out unseen.

use fokus_bundle::HEADS;
use fokus_bundle::manifest::Scope;
use fokus_log::tile::TileId;
use fokus_verify::report::Step;

use crate::bundle::{Bundle, Parts};
use crate::{check_fails, checked, failed};

fn altered(alter: fn(&mut Parts)) -> Bundle {
    Bundle { alter_parts: Some(alter), ..Bundle::of_family() }
}

#[test]
fn a_family_is_verified_under_the_root_of_the_whole_log() {
    // 20 leaves in three streams: seven of the family's, seven of the person's; later three, and the map.
    let report = checked(&Bundle::of_family().write());
    assert_eq!(report.exit_code(), 0, "{}", report.to_text());
    assert_eq!(report.summary.unwrap().leaves, 7 + 7 + 4);
    // Across blocks and levels of tiles; a map that covers less than there is before it.
    for (leaves, covers, map) in [(300, 280, 280), (513, 500, 512), (70_000, 69_990, 69_995)] {
        let scope = Scope::Family { covers, map };
        let made = Bundle { scope, map: Some((map, covers)), ..Bundle::of(leaves) }.write();
        let report = checked(&made);
        assert_eq!(report.exit_code(), 0, "{leaves}\n{}", report.to_text());
        assert!(!made.path("journal/tile/entries").exists());
    }
}

#[test]
fn a_leaf_that_is_withheld_is_found() {
    // The family's leaves are 0, 3, … 18, and 22 after the map at 20; the person's 1, 4, … 19, and 23.
    check_fails(
        &altered(|it| {
            it.leaves.remove(&18);
        })
        .write(),
        Step::Leaves,
        Some(22),
    );
    check_fails(
        &altered(|it| {
            it.leaves.remove(&3);
        })
        .write(),
        Step::Leaves,
        Some(6),
    );
    check_fails(
        &altered(|it| {
            it.leaves.remove(&0);
        })
        .write(),
        Step::Leaves,
        Some(3),
    );
    // The last ones, so that no gap shows.
    let last = altered(|it| {
        [18, 22].iter().for_each(|index| {
            it.leaves.remove(index);
        })
    });
    check_fails(&last.write(), Step::Heads, Some(18));
    let scope = Scope::Family { covers: 20, map: 20 };
    let nothing_later =
        |alter| Bundle { scope, map: Some((20, 20)), alter_parts: Some(alter), ..Bundle::of(21) };
    let end: fn(&mut Parts) = |it| {
        it.leaves.remove(&18);
    };
    check_fails(&nothing_later(end).write(), Step::Heads, Some(18));
    // A whole stream's leaves.
    let stream = altered(|it| it.leaves.retain(|index| index % 3 != 1 || *index > 20));
    check_fails(&stream.write(), Step::Leaves, Some(23));
    // One after the map, of a stranger: nobody could say whose it was.
    check_fails(
        &altered(|it| {
            it.leaves.remove(&21);
        })
        .write(),
        Step::Heads,
        None,
    );
    // The map itself.
    check_fails(
        &altered(|it| {
            it.leaves.remove(&20);
        })
        .write(),
        Step::Heads,
        None,
    );
}

#[test]
fn a_person_whom_the_family_names_is_not_left_out() {
    let made = altered(|it| {
        it.heads.streams.truncate(1);
        it.leaves.retain(|index| index % 3 == 0 || *index >= 20);
        it.contents.retain(|index| index % 3 == 0 && *index < 20 || *index == 22);
    });
    check_fails(&made.write(), Step::Contents, Some(0));
}

#[test]
fn an_entry_that_the_map_does_not_have_is_found() {
    let rows: [fn(&mut Parts); 5] = [
        |it| it.heads.streams[0].head_version -= 1,
        |it| it.heads.streams[0].head_index = 15,
        |it| it.heads.streams[1].map_index = 0,
        |it| it.heads.streams[1].hashes.clear(),
        |it| it.heads.streams[0].head_leaf_hash = "00".repeat(32),
    ];
    for alter in rows {
        check_fails(&altered(alter).write(), Step::Heads, Some(20));
    }
    let rows: [fn(&mut Parts); 4] = [
        |it| it.heads.streams.clear(),
        |it| it.heads.streams[1].stream_tag = it.heads.streams[0].stream_tag.clone(),
        |it| it.heads.streams[1] = it.heads.streams[0].clone(),
        |it| it.heads.streams[0].stream_tag = "zz".to_owned(),
    ];
    for alter in rows {
        check_fails(&altered(alter).write(), Step::Heads, None);
    }
    // Another name for the stream than its events have.
    for at in [0, 1] {
        let named: fn(&mut Parts) = match at {
            0 => |it| it.heads.streams[0].id = "elsewhere".to_owned(),
            _ => |it| it.heads.streams[1].id = "elsewhere".to_owned(),
        };
        let report = checked(&altered(named).write());
        let text = report.to_text();
        assert_eq!(failed(&report).unwrap().0, Step::Contents, "{text}");
        // Every event of that stream; and the family's, which name a person who seems not to be here.
        let more = ["(and 7 more)", "(and 15 more)"][at];
        assert!(text.contains(more), "{text}");
    }
}

#[test]
fn a_map_that_lies_is_found_by_whoever_has_the_whole_log() {
    let lie: fn(&mut fokus_log::heads::Commitment) = |it| it.root = [7; 32];
    let whole = Bundle { map: Some((20, 20)), alter_map: Some(lie), ..Bundle::of(24) };
    check_fails(&whole.write(), Step::Heads, Some(20));
    let honest = checked(&Bundle { map: Some((20, 18)), ..Bundle::of(24) }.write());
    assert_eq!(honest.exit_code(), 0, "{}", honest.to_text());
    assert!(honest.to_text().contains("1 maps, made anew"), "{}", honest.to_text());
    // And by the family's auditor, whose entries it does not have.
    let family = Bundle { alter_map: Some(lie), ..Bundle::of_family() };
    check_fails(&family.write(), Step::Heads, Some(20));
    let other: fn(&mut fokus_log::heads::Commitment) = |it| it.covers_size = 19;
    let family = Bundle { alter_map: Some(other), ..Bundle::of_family() };
    check_fails(&family.write(), Step::Heads, Some(20));
}

#[test]
fn what_belongs_to_others_is_found() {
    // A leaf of another family, and the content of one.
    check_fails(
        &altered(|it| {
            it.leaves.insert(2);
        })
        .write(),
        // Its stream has leaves after the map too, and they do not follow it.
        Step::Leaves,
        Some(21),
    );
    check_fails(
        &altered(|it| {
            it.contents.insert(21);
        })
        .write(),
        Step::Envelopes,
        Some(21),
    );
    let beyond = Bundle { key_from_outside: true, ..Bundle::of_family() };
    check_fails(&beyond.write(), Step::Keys, None);
}

#[test]
fn a_tile_that_does_not_follow_is_found() {
    let scope = Scope::Family { covers: 690, map: 690 };
    let large = |alter| Bundle {
        scope,
        map: Some((690, 690)),
        alter_parts: Some(alter),
        ..Bundle::of(700)
    };
    for id in [TileId { level: 0, n: 0 }, TileId { level: 0, n: 2 }, TileId { level: 1, n: 0 }] {
        // A function cannot capture, so each has its own.
        let alter: fn(&mut Parts) = match (id.level, id.n) {
            (0, 0) => |it| it.tiles.get_mut(&TileId { level: 0, n: 0 }).unwrap()[2 * 32] ^= 1,
            (0, _) => |it| it.tiles.get_mut(&TileId { level: 0, n: 2 }).unwrap()[3 * 32] ^= 1,
            _ => |it| it.tiles.get_mut(&TileId { level: 1, n: 0 }).unwrap()[0] ^= 1,
        };
        check_fails(&large(alter).write(), Step::Tree, None);
    }
}

#[test]
fn a_scope_that_cannot_be_is_refused() {
    let made = Bundle::of_family().write();
    let path = made.path("BUNDLE.json");
    let good = std::fs::read_to_string(&path).unwrap();
    for (from, to) in [("\"map\": 20", "\"map\": 24"), ("\"covers\": 20", "\"covers\": 21")] {
        assert!(good.contains(from), "{good}");
        std::fs::write(&path, good.replace(from, to)).unwrap();
        check_fails(&made, Step::Files, None);
    }
    std::fs::write(&path, &good).unwrap();
    std::fs::remove_file(made.path(HEADS)).unwrap();
    check_fails(&made, Step::Files, None);
}
