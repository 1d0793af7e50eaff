//! Bundles of every kind, good and altered, through the library as the program calls it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test outside the crate, whose functions are not seen as tests"
)]

mod broken;
mod bundle;
#[path = "../../../../tests/fuzz/entries.rs"]
mod entries;
mod family;
mod hostile;
mod lineage;

use std::fs;

use bundle::{Bundle, Made, ORIGIN, key_of, log_key};
use fokus_bundle::manifest::Scope;
use fokus_log::note::{Checkpoint, sign_checkpoint, vkey};
use fokus_verify::history::{History, Labels};
use fokus_verify::report::{Outcome, Report, Step};
use fokus_verify::trust::Trust;
use fokus_verify::{Contents, verify};

fn trust() -> Trust {
    Trust::from_text(&format!("log {}\nquorum none\n", log_key())).unwrap()
}

fn checked(made: &Made) -> Report {
    verify(made.folder.path(), &trust(), &Contents::Opened(&made.auditor), None, None, &|_, _| {})
        .unwrap()
}

/// The first step that failed, and what it says.
fn failed(report: &Report) -> Option<(Step, Outcome)> {
    let failed = report.steps.iter().find(|it| matches!(it.outcome, Outcome::Failed { .. }));
    failed.map(|it| (it.step, it.outcome.clone()))
}

#[track_caller]
fn check_fails(made: &Made, step: Step, index: Option<u64>) {
    let report = checked(made);
    let text = report.to_text();
    let Some((found, Outcome::Failed { index: at, .. })) = failed(&report) else {
        panic!("nothing was found\n{text}")
    };
    assert_eq!((found, at, report.exit_code()), (step, index, 1), "{text}");
}

#[test]
fn sound_bundles_of_many_sizes_are_verified() {
    for leaves in [1, 2, 255, 256, 257, 600] {
        let made = Bundle::of(leaves).write();
        let report = checked(&made);
        assert_eq!(report.exit_code(), 0, "{}", report.to_text());
        assert!(report.steps.iter().all(|it| matches!(it.outcome, Outcome::Verified { .. })));
        let summary = report.summary.clone().unwrap();
        assert_eq!(
            (summary.size, summary.leaves, summary.streams),
            (leaves, leaves, leaves.min(3))
        );
        assert!(summary.without_witnesses && report.to_text().contains("NO WITNESSES"));
    }
}

#[test]
fn a_bundle_of_a_period_is_verified_within_the_whole_tree() {
    let scope = Scope::Period { first: 250, last: 300 };
    let made = Bundle { scope, ..Bundle::of(600) }.write();
    let report = checked(&made);
    assert_eq!(report.exit_code(), 0, "{}", report.to_text());
    // The whole of the two entry bundles that the period touches is checked, 51 leaves are opened.
    assert_eq!(report.summary.unwrap().leaves, 512);
    assert!(!made.path("journal/tile/entries/002.p/88").exists());
}

#[test]
fn without_an_identity_a_bundle_is_incomplete_and_left_sealed_it_is_not() {
    let made = Bundle::of(20).write();
    let code = |contents| {
        verify(made.folder.path(), &trust(), &contents, None, None, &|_, _| {}).unwrap().exit_code()
    };
    assert_eq!(code(Contents::NotGiven), 2);
    assert_eq!(code(Contents::Sealed), 0);
    let stranger = age::x25519::Identity::generate();
    assert_eq!(code(Contents::Opened(&stranger)), 1);
}

#[test]
fn a_missing_an_added_and_a_changed_file_is_found() {
    let made = Bundle::of(10).write();
    fs::remove_file(made.path("README.txt")).unwrap();
    check_fails(&made, Step::Files, None);
    let made = Bundle::of(10).write();
    fs::write(made.path("journal/more"), "x").unwrap();
    check_fails(&made, Step::Files, None);
    let made = Bundle::of(10).write();
    fs::write(made.path("README.txt"), "other").unwrap();
    check_fails(&made, Step::Files, None);
    #[cfg(unix)]
    {
        let made = Bundle::of(10).write();
        let elsewhere = made.folder.path().with_extension("elsewhere");
        fs::rename(made.path("README.txt"), &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, made.path("README.txt")).unwrap();
        check_fails(&made, Step::Files, None);
        fs::remove_file(elsewhere).unwrap();
    }
}

#[test]
fn another_key_and_another_size_are_found() {
    let stranger = Bundle { signing_seed: 8, ..Bundle::of(10) }.write();
    check_fails(&stranger, Step::Signatures, None);
    let made = Bundle { claimed_size: Some(9), ..Bundle::of(10) }.write();
    check_fails(&made, Step::Signatures, None);
    // The log's own key signed a root that the leaves do not have.
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: 10, root: [7; 32] };
    let note = sign_checkpoint(&checkpoint, &key_of(1)).unwrap();
    let made = Bundle { checkpoint: Some(note), ..Bundle::of(10) }.write();
    check_fails(&made, Step::Tree, None);
}

/// The log's own key signed it all: nothing may be taken from a claim before it is checked.
#[test]
fn a_size_that_no_files_stand_for_is_refused_at_once() {
    for size in [3_000_000_000, u64::MAX] {
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size, root: [7; 32] };
        let note = sign_checkpoint(&checkpoint, &key_of(1)).unwrap();
        let made =
            Bundle { checkpoint: Some(note), claimed_size: Some(size), ..Bundle::of(10) }.write();
        check_fails(&made, Step::Files, None);
    }
}

#[test]
fn nothing_that_a_bundle_says_steers_the_terminal() {
    let made = Bundle::of(3).write();
    fs::write(made.path("a\u{1b}[2Jb"), "x").unwrap();
    let text = checked(&made).to_text();
    assert!(text.contains("a [2Jb") && !text.contains('\u{1b}'), "{text:?}");
}

/// What somebody did who may write files and sign lists, but does not follow the rules of the log.
#[test]
fn leaves_that_are_dropped_swapped_doubled_or_moved_are_found() {
    let alter = |alter: fn(&mut Vec<Vec<u8>>)| Bundle { alter: Some(alter), ..Bundle::of(20) };
    check_fails(&alter(|it| drop(it.remove(4))).write(), Step::Leaves, Some(4));
    check_fails(&alter(|it| it.swap(4, 5)).write(), Step::Leaves, Some(4));
    check_fails(&alter(|it| it.insert(5, it[4].clone())).write(), Step::Leaves, Some(5));
    check_fails(&alter(|it| it[19].truncate(30)).write(), Step::Leaves, Some(19));
    check_fails(&alter(|it| it[3][12] ^= 1).write(), Step::Leaves, Some(3));
}

/// A later version of the format may know it: everything but its meaning is checked.
#[test]
fn a_leaf_of_an_unknown_kind_makes_a_bundle_incomplete_and_no_more() {
    let made = Bundle { alter: Some(|it| it[4][4] = 200), ..Bundle::of(20) }.write();
    let report = checked(&made);
    assert_eq!(report.exit_code(), 2, "{}", report.to_text());
    assert!(report.to_text().contains("1 of kinds not known here"), "{}", report.to_text());
    // Its place, its envelope and its key are looked at as any other's.
    let alter: fn(&mut Vec<Vec<u8>>) = |it| (it[4][4], it[4][12]) = (200, 9);
    check_fails(&Bundle { alter: Some(alter), ..Bundle::of(20) }.write(), Step::Leaves, Some(4));
    let other =
        Bundle { alter: Some(|it| it[4][4] = 200), other_envelope_at: Some(4), ..Bundle::of(20) };
    check_fails(&other.write(), Step::Envelopes, Some(4));
}

/// Whoever is given a part must not take it for the whole.
#[test]
fn a_report_says_what_the_bundle_is_of() {
    let says = |bundle: Bundle, what: &str| {
        let text = checked(&bundle.write()).to_text();
        assert!(text.contains(what), "{text}");
    };
    says(Bundle::of(20), "the whole log of 20 leaves");
    let scope = Scope::Period { first: 3, last: 900 };
    says(Bundle { scope, ..Bundle::of(20) }, "leaves 3 to 19 of 20");
    let family = "family/00000000-0000-4000-8000-000000000000 in a log of 24 leaves";
    says(Bundle::of_family(), family);
}

#[test]
fn a_leaf_other_than_the_one_in_the_tree_is_found() {
    let made = Bundle { alter_entries: Some(|it| it[2][5] ^= 1), ..Bundle::of(20) }.write();
    check_fails(&made, Step::Tree, Some(2));
}

#[test]
fn a_tile_that_does_not_follow_is_found_though_no_proof_needs_it() {
    let made = Bundle { alter_tile: Some("tile/1/000.p/2"), ..Bundle::of(600) }.write();
    check_fails(&made, Step::Tree, None);
}

#[test]
fn envelopes_and_keys_that_are_gone_others_or_too_many_are_found() {
    let gone = Bundle { without_envelope_of: Some(4), ..Bundle::of(20) }.write();
    check_fails(&gone, Step::Keys, Some(4));
    let other = Bundle { other_envelope_at: Some(4), ..Bundle::of(20) }.write();
    check_fails(&other, Step::Envelopes, Some(4));
    let keyless = Bundle { without_key_of: Some(4), ..Bundle::of(20) }.write();
    check_fails(&keyless, Step::Keys, Some(4));
    let wrong_key = Bundle { wrong_key_at: Some(4), ..Bundle::of(20) }.write();
    check_fails(&wrong_key, Step::Contents, Some(4));
    let beyond = Bundle { key_from_outside: true, ..Bundle::of(20) }.write();
    check_fails(&beyond, Step::Keys, None);
    let headless = Bundle { without_header_at: Some(4), ..Bundle::of(20) }.write();
    check_fails(&headless, Step::Contents, Some(4));
    let other_content = Bundle { wrong_field_root_at: Some(4), ..Bundle::of(20) }.write();
    check_fails(&other_content, Step::Contents, Some(4));
}

#[test]
fn a_rewritten_history_without_the_logs_key_is_found_and_one_with_it_only_beside_an_earlier_checkpoint()
 {
    // Rows rewritten, tree computed anew, signed by whatever key was at hand.
    let rewritten = Bundle { signing_seed: 66, stories: 1, ..Bundle::of(20) }.write();
    check_fails(&rewritten, Step::Signatures, None);
    // Signed by the log's own key it stands for itself: only another checkpoint shows the fork.
    let fork = Bundle { stories: 1, ..Bundle::of(20) }.write();
    let honest = Bundle::of(20).write();
    assert_eq!([checked(&fork).exit_code(), checked(&honest).exit_code()], [0, 0]);
    let root = |made: &Made| checked(made).summary.unwrap().root;
    assert_ne!(root(&fork), root(&honest));
}

#[test]
fn a_history_is_collected_of_the_stream_that_was_asked_for() {
    let made = Bundle::of(20).write();
    let mut history = History::of("00000000-0000-4000-8000-000000000001");
    let contents = Contents::Opened(&made.auditor);
    let report =
        verify(made.folder.path(), &trust(), &contents, None, Some(&mut history), &|_, _| {})
            .unwrap();
    assert_eq!(report.exit_code(), 0);
    let page = history.to_text(&Labels::default());
    assert_eq!(page.matches("NoteRecorded").count(), 7, "{page}");
    assert!(page.contains("text: story 0 of leaf 4"), "{page}");
}

#[test]
fn a_report_is_json_too() {
    let made = Bundle::of(4).write();
    let json = serde_json::to_value(checked(&made)).unwrap();
    assert_eq!(json["steps"][0]["step"], "files");
    assert_eq!(json["steps"][0]["outcome"], "verified");
    assert_eq!(json["summary"]["size"], 4);
    assert_eq!(log_key(), vkey(ORIGIN, &fokus_log::note::Signer::public_key(&key_of(1))));
}
