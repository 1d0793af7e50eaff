use super::*;

fn manifest(path: &str) -> Manifest {
    Manifest {
        format: FORMAT.to_owned(),
        origin: "log.example/town/journal".to_owned(),
        size: 700,
        scope: Scope::Log,
        purpose: "AUDIT".to_owned(),
        requester: "auditor".to_owned(),
        created_ms: 1_767_225_600_000,
        files: [path, "journal/tile/0/000", "journal/tile/0/001", "journal/tile/0/002.p/188"]
            .into_iter()
            .map(|it| (it.to_owned(), File::of(b"abc")))
            .collect(),
    }
}

#[test]
fn a_manifest_is_read_back() {
    let family = Scope::Family { covers: 690, map: 690 };
    for scope in [Scope::Log, Scope::Period { first: 3, last: 699 }, family] {
        let manifest = Manifest { scope, ..manifest("journal/tile/0/x001/000.p/17") };
        let bytes = manifest.to_bytes().unwrap();
        assert_eq!(Manifest::from_bytes(&bytes), Ok(manifest));
    }
    let of = File::of(b"abc");
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!((of.size, of.sha256.as_str()), (3, sha256));
}

#[test]
fn paths_that_lead_out_of_the_bundle_are_refused() {
    for path in [
        "../x",
        "a/../b",
        "/etc/passwd",
        "a//b",
        "a/",
        "",
        ".hidden",
        "a/.b",
        "a\\b",
        "a b",
        "ø",
        "C:x",
        "BUNDLE.json",
        "BUNDLE.note",
    ] {
        let bytes = manifest(path).to_bytes().unwrap();
        assert!(Manifest::from_bytes(&bytes).is_err(), "{path}");
    }
}

#[test]
fn other_formats_unknown_members_and_scopes_without_leaves_are_refused() {
    let good = String::from_utf8(manifest("README.txt").to_bytes().unwrap()).unwrap();
    assert!(Manifest::from_bytes(good.as_bytes()).is_ok());
    for altered in [
        good.replace("bundle/v1", "bundle/v2"),
        good.replacen("{", "{\"more\": 1,", 1),
        good.replace("\"size\": 700", "\"size\": 0"),
        good.replace("\"size\": 700", "\"size\": 1025"),
        good.replace("\"size\": 700", "\"size\": 18446744073709551615"),
        good.replace("\"size\": 700", "\"size\": -1"),
        good[..good.len() / 2].to_owned(),
        String::new(),
    ] {
        assert!(Manifest::from_bytes(altered.as_bytes()).is_err(), "{altered}");
    }
    let beyond = Manifest { scope: Scope::Period { first: 700, last: 800 }, ..manifest("a") };
    assert!(Manifest::from_bytes(&beyond.to_bytes().unwrap()).is_err());
}

#[test]
fn a_scope_knows_its_leaves_and_entry_bundles() {
    assert_eq!(Scope::Log.bundles(700), Some((0, 2)));
    assert_eq!(Scope::Log.bundles(512), Some((0, 1)));
    assert_eq!(Scope::Log.bundles(0), None);
    let period = Scope::Period { first: 255, last: 300 };
    assert_eq!(period.bundles(700), Some((0, 1)));
    assert_eq!(period.bundles(280), Some((0, 1)));
    assert_eq!(period.bundles(255), None);
    assert_eq!([254, 255, 300, 301].map(|it| period.holds(it, 700)), [false, true, true, false]);
    assert!(!period.holds(290, 280));
}
