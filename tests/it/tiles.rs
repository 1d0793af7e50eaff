//! Checkpoint, tiles and leaves over plain HTTP (C2SP tlog-tiles): a mirror needs nothing else.

use fokus_log::leaf::Leaf;
use fokus_log::leaf_hash;
use fokus_log::note::{VerifierKey, open_checkpoint};
use fokus_log::tile::{Resource, TILE_WIDTH, TileId, entries_from_bytes};
use fokus_log::tree_hash;

use crate::harness::audited::Audited;
use crate::harness::every_store::on_every_store;
use crate::harness::http::ask;
use crate::harness::place::{Place, TENANT};
use crate::harness::server::Server;

on_every_store!(a_mirror_recomputes_the_log_from_what_is_published,);

const ON: [(&str, &str); 1] = [("FOKUS_TILES", "127.0.0.1:0")];

/// Where the log is published.
async fn prefix(server: &Server) -> String {
    let told = server.told("tiles on ").await;
    told.replace("TENANT", TENANT)
}

async fn a_mirror_recomputes_the_log_from_what_is_published(place: Place) {
    let mut audited = Audited::start_with(place, "tiles/mirror", &ON).await;
    while audited.add_family().await < 300 {}
    let prefix = prefix(&audited.server).await;
    let note = ask("GET", &format!("{prefix}checkpoint")).await;
    assert_eq!(note.status(), 200);
    assert_eq!(note.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(note.header("cache-control"), Some("no-cache"));
    let key: VerifierKey = audited.verifier_key.parse().unwrap();
    let note = String::from_utf8(note.body).unwrap();
    let signed = open_checkpoint(&note, &key.name, &key.public_key).unwrap();

    // Every tile and every leaf, by the paths that the specification gives them.
    let mut leaves = Vec::new();
    let mut hashes = Vec::new();
    for resource in Resource::all(signed.size) {
        if resource == Resource::Checkpoint {
            continue;
        }
        let got = ask("GET", &format!("{prefix}{resource}")).await;
        assert_eq!(got.status(), 200, "{resource}");
        assert_eq!(got.header("content-type"), Some("application/octet-stream"));
        assert!(got.header("cache-control").unwrap().contains("immutable"));
        match resource {
            Resource::Entries { .. } => leaves
                .extend(entries_from_bytes(&got.body).unwrap().into_iter().map(<[u8]>::to_vec)),
            Resource::Tile { id: TileId { level: 0, .. }, .. } => hashes.extend(got.body),
            Resource::Tile { .. } | Resource::Checkpoint => (),
        }
    }
    assert_eq!(tree_hash(leaves.iter()), signed.root);
    let expected: Vec<u8> = leaves.iter().flat_map(|it| leaf_hash(it)).collect();
    assert_eq!(hashes, expected);
    assert!(leaves.iter().all(|it| Leaf::decode(it).is_ok()));

    // A part of what is published stays published, and nothing beyond it is.
    let first = ask("GET", &format!("{prefix}tile/0/000.p/3")).await;
    assert_eq!(first.body, expected[..96]);
    let beyond = signed.size % TILE_WIDTH as u64 + 1;
    for (path, status) in [
        (format!("tile/0/001.p/{beyond}"), 404),
        ("tile/0/001".to_owned(), 404),
        ("tile/entries/009".to_owned(), 404),
        ("tile/7/000.p/1".to_owned(), 404),
        ("tile/8/000".to_owned(), 404),
        ("tile/0/0".to_owned(), 404),
        ("../../etc/passwd".to_owned(), 404),
        (String::new(), 404),
    ] {
        assert_eq!(ask("GET", &format!("{prefix}{path}")).await.status(), status, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_reading_is_served_and_nobody_gets_a_log_by_asking() {
    let audited = Audited::start_with(Place::new(), "tiles/methods", &ON).await;
    let prefix = prefix(&audited.server).await;
    let url = format!("{prefix}checkpoint");
    let (whole, head) = (ask("GET", &url).await, ask("HEAD", &url).await);
    assert_eq!((head.status(), head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), whole.header("content-length"));
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
        let refused = ask(method, &url).await;
        assert_eq!(refused.status(), 405, "{method}");
        assert_eq!(refused.header("allow"), Some("GET, HEAD"));
    }
    // Another municipality has no log, and has none afterwards.
    let other = url.replace(&format!("/{TENANT}/"), "/roskilde/");
    for _ in 0..2 {
        assert_eq!(ask("GET", &other).await.status(), 404);
    }
    let Audited { server, place, .. } = audited;
    assert!(server.stop().await.status.success());
    let checked = place.check(&[]);
    assert!(!String::from_utf8_lossy(&checked.stdout).contains("roskilde"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_leave_the_machine_only_when_that_is_said() {
    let place = Place::new();
    let anywhere = ("FOKUS_TILES", "0.0.0.0:0");
    let refused = match Server::try_start(&place, &[anywhere]).await {
        Ok(_) => panic!("the server started"),
        Err(it) => it,
    };
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.standard_error.contains("not a loopback address"), "{refused:?}");
    let said = [anywhere, ("FOKUS_TILES_ANYWHERE", "true")];
    let Ok(server) = Server::try_start(&place, &said).await else { panic!("it was said") };
    server.told("tiles on http://0.0.0.0:").await;
    assert!(server.stop().await.status.success());
}
