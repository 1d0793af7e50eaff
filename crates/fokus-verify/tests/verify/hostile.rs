//! Bytes that nobody honest wrote: a short run over the seeds of the fuzz targets, the same each time.

use std::fs;
use std::path::{Path, PathBuf};

use fokus_bundle::content::{EnvelopeKey, push_envelope};
use fokus_bundle::family::{FamilyHeads, ScopedStream, push_leaf};
use fokus_bundle::manifest::{FORMAT, File, Manifest, Scope};
use fokus_log::heads::Heads;
use fokus_log::leaf::{EnvelopeRef, Leaf, LeafKind};
use fokus_log::note::{
    Checkpoint, Ed25519Signer, Signer as _, bundle_text, sign_checkpoint, sign_note, vkey,
};
use fokus_log::proof_file::ProofFile;
use fokus_log::tile::entries_to_bytes;
use fokus_vault::envelope::{EnvelopeContext, Field, envelope_key, seal};
use fokus_vault::key::{ContentKey, KeyId, SecretKey};
use zeroize::Zeroizing;

use crate::entries::{ALL, ORIGIN, SIGNING_SEED};

/// Mutated inputs for each seed.
const ROUNDS: u64 = 1_500;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus").join(target)
}

/// Numbers that look random and are the same each time (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }
}

/// Alters a few places: bits, bytes, lengths, cuts, repetitions, parts of other seeds.
fn mutated(seed: &[u8], others: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len());
        match numbers.below(8) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << numbers.below(8),
            1 if !bytes.is_empty() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff, b'\n'][numbers.below(6)],
            2 => bytes.truncate(at),
            3 => bytes.insert(at, u8::try_from(numbers.below(256)).unwrap()),
            4 if at + 8 <= bytes.len() => {
                let number = [0, 1, u64::MAX, u64::MAX - 1, 1 << 32, 1 << 63][numbers.below(6)];
                bytes[at..at + 8].copy_from_slice(&number.to_be_bytes());
            }
            5 => {
                let end = at + numbers.below(bytes.len() - at);
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            6 => {
                let other = &others[numbers.below(others.len())];
                let from = numbers.below(other.len());
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
            _ => bytes.extend((0..numbers.below(40)).map(|_| 0xff)),
        }
    }
    bytes
}

#[test]
fn no_input_makes_a_reader_panic_or_read_two_ways() {
    for (target, entry) in ALL {
        let seeds: Vec<Vec<u8>> = seeds(target).into_iter().map(|(_, bytes)| bytes).collect();
        assert!(!seeds.is_empty(), "{target}");
        let mut numbers = Numbers(0x0066_6f6b_7573);
        for seed in &seeds {
            entry(seed);
            entry(&[]);
            for round in 0..ROUNDS {
                let input = mutated(seed, &seeds, &mut numbers);
                let read = std::panic::catch_unwind(|| entry(&input));
                assert!(read.is_ok(), "{target}, round {round}: {input:02x?}");
            }
        }
    }
}

#[test]
fn the_seeds_are_those_of_this_format() {
    for (target, _) in ALL {
        for (name, bytes) in seeds(target) {
            let path = corpus(target).join(name);
            if std::env::var_os("FOKUS_WRITE_SEEDS").is_some() {
                fs::create_dir_all(corpus(target)).unwrap();
                fs::write(&path, &bytes).unwrap();
            }
            assert!(fs::read(&path).is_ok_and(|it| it == bytes), "{}", path.display());
        }
    }
}

type Seeds = Vec<(&'static str, Vec<u8>)>;

fn seeds(target: &str) -> Seeds {
    match target {
        "leaf" => vec![
            ("event", event().encode().unwrap()),
            ("map", map().encode().unwrap()),
            ("map-content", map().ext),
        ],
        "note" => notes(),
        "tile" => vec![
            ("path", b"tile/1/x001/234.p/7".to_vec()),
            ("entries-path", b"tile/entries/x001/x234/067".to_vec()),
            ("leaves-path", b"leaves/x001/234".to_vec()),
            ("entries", entries_to_bytes([&event().encode().unwrap()[..], b""]).unwrap()),
            ("tile", vec![7; 256 * 32]),
        ],
        "proof" => vec![
            ("file", proof_file().to_text().into_bytes()),
            (
                "numbers",
                [&3_u64.to_be_bytes()[..], &7_u64.to_be_bytes(), &[1; 8 + 3 * 32]].concat(),
            ),
        ],
        "bundle_index" => indexes(),
        "envelope" => envelopes(),
        _ => Vec::new(),
    }
}

fn event() -> Leaf {
    let envelope = |count: u8| EnvelopeRef {
        key_ids: (0..count).map(|it| [it; 16]).collect(),
        ct_hash: [5; 32],
        ct_len: 296,
        field_root: [6; 32],
    };
    Leaf {
        kind: LeafKind::Event,
        position: 9,
        recorded_ms: 1_767_225_600_000,
        event_id: [2; 16],
        stream_tag: [3; 16],
        stream_version: 4,
        prev_in_stream: Some(7),
        envelopes: vec![envelope(1), envelope(3)],
        ext: Vec::new(),
    }
}

fn heads() -> Heads {
    let mut heads = Heads::new();
    for number in 0..5_u8 {
        heads.push([number; 16], 0, [number; 32]);
    }
    heads
}

fn map() -> Leaf {
    let said = heads().map_at(5).unwrap().commitment();
    Leaf {
        kind: LeafKind::StreamHeads,
        position: 5,
        stream_tag: [0; 16],
        stream_version: 0,
        prev_in_stream: None,
        envelopes: Vec::new(),
        ext: said.to_bytes().to_vec(),
        ..event()
    }
}

fn notes() -> Seeds {
    let signer = Ed25519Signer::from_seed(&SIGNING_SEED);
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 700, root: [8; 32] };
    let key = vkey(ORIGIN, &signer.public_key());
    let list = sign_note(&bundle_text(ORIGIN, &[9; 32]), ORIGIN, &signer).unwrap();
    vec![
        ("checkpoint", sign_checkpoint(&checkpoint, &signer).unwrap().into_bytes()),
        ("list", list.into_bytes()),
        ("key", key.clone().into_bytes()),
        ("policy", format!("log {key}\nquorum none\n").into_bytes()),
    ]
}

fn proof_file() -> ProofFile {
    let signer = Ed25519Signer::from_seed(&SIGNING_SEED);
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 3, root: [8; 32] };
    ProofFile {
        extra: Some(vec![1, 2, 3]),
        index: 2,
        hashes: vec![[1; 32], [2; 32]],
        checkpoint: sign_checkpoint(&checkpoint, &signer).unwrap(),
    }
}

fn indexes() -> Seeds {
    let manifest = |scope| Manifest {
        format: FORMAT.to_owned(),
        origin: ORIGIN.to_owned(),
        size: 2,
        scope,
        purpose: "AUDIT".to_owned(),
        requester: "auditor".to_owned(),
        created_ms: 1_767_225_600_000,
        files: [("README.txt".to_owned(), File::of(b"x"))].into(),
    };
    let list = |scope| manifest(scope).to_bytes().unwrap();
    let proved = heads().map_at(5).unwrap().prove(&[2; 16]).unwrap();
    let stream = ScopedStream::new("family", "00000000-0000-4000-8000-000000000001", &proved);
    let mut file = Vec::new();
    assert!(push_leaf(&mut file, 3, b"leaf") && push_leaf(&mut file, 7, &[1; 60]));
    vec![
        ("log", list(Scope::Log)),
        ("period", list(Scope::Period { first: 0, last: 1 })),
        ("family", list(Scope::Family { covers: 1, map: 1 })),
        ("heads", FamilyHeads { streams: vec![stream] }.to_bytes().unwrap()),
        ("leaves", file),
        ("labels", br#"{"types":{"GoalSet":"Goal set"},"codes":{"A":"a"}}"#.to_vec()),
    ]
}

fn envelopes() -> Seeds {
    let context =
        EnvelopeContext { origin: ORIGIN, event_id: [2; 16], stream_tag: [3; 16], index: 0 };
    let key = ContentKey { id: KeyId([1; 16]), key: SecretKey::from_bytes([4; 32]) };
    let field = |path: &str| Field { path: path.to_owned(), value: b"\"x\"".to_vec() };
    let fields = vec![field("d/text"), field("h")];
    let sealed = seal(&context, &[&key], [6; 24], [7; 32], fields).unwrap();
    let own = envelope_key(&context, &[&key], &sealed.body).unwrap();
    let mut file = Vec::new();
    assert!(push_envelope(&mut file, Some(&sealed.body)) && push_envelope(&mut file, None));
    let ct_hash = sealed.reference().ct_hash;
    let key = EnvelopeKey { ct_hash, key: Zeroizing::new(*own.as_bytes()) };
    let mut plain = vec![7; 32];
    plain.extend([0, 1, 1, b'h', 0, 0, 0, 2, b'{', b'}']);
    plain.resize(256, 0);
    vec![
        ("file", file),
        ("keys", key.to_bytes().to_vec()),
        ("sealed", sealed.body),
        ("plain", plain),
    ]
}
