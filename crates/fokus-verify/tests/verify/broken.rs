//! Files of bundles that were altered by a byte, cut, or made enormous: of the whole log and of one family.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use fokus_bundle::manifest::{File, Manifest, Scope};
use fokus_verify::report::{Report, Step};
use fokus_verify::{Contents, verify};

use crate::bundle::{Bundle, Made};
use crate::{checked, failed, trust};

/// A log of two events; a family of three, with the map and one event more.
fn small() -> [Bundle; 2] {
    let scope = Scope::Family { covers: 3, map: 3 };
    [Bundle::of(2), Bundle { scope, map: Some((3, 3)), ..Bundle::of(5) }]
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, paths) } else { paths.push(path) }
    }
}

fn files(made: &Made) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    walk(made.folder.path(), &mut paths);
    paths.sort();
    paths
}

fn check_each_byte(bundle: &Bundle) {
    let made = bundle.write();
    let mut places = BTreeSet::new();
    for path in files(&made) {
        let bytes = fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1 << (at % 8);
            fs::write(&path, &altered).unwrap();
            let report = checked(&made);
            let text = report.to_text();
            assert_eq!(report.exit_code(), 1, "{} at {at}\n{text}", path.display());
            places.insert(failed(&report).unwrap().0);
        }
        fs::write(&path, &bytes).unwrap();
    }
    assert_eq!(checked(&made).exit_code(), 0);
    assert!(places.contains(&Step::Files) && places.contains(&Step::Signatures), "{places:?}");
}

#[test]
fn each_byte_of_a_small_bundle_of_the_log_matters() {
    check_each_byte(&small()[0]);
}

#[test]
fn each_byte_of_a_small_bundle_of_a_family_matters() {
    check_each_byte(&small()[1]);
}

/// Whoever holds the log's key can sign any list: then the contents must show it.
#[test]
fn each_byte_matters_also_where_the_list_was_signed_anew() {
    for (at_bundle, whole) in small().iter().enumerate() {
        let made = whole.write();
        // Words and README are only words.
        let is_checked = |it: &PathBuf| {
            let name = it.file_name().unwrap().to_string_lossy().into_owned();
            !name.starts_with("labels")
                && !name.starts_with("README")
                && !name.starts_with("BUNDLE")
        };
        for path in files(&made).into_iter().filter(is_checked) {
            let length = fs::read(&path).unwrap().len();
            let name = path.strip_prefix(made.folder.path()).unwrap().to_str().unwrap().to_owned();
            for at in (0..length).step_by(7) {
                let [log, family] = small();
                let of = if at_bundle == 0 { log } else { family };
                let made = Bundle { alter_byte: Some((name.clone(), at)), ..of }.write();
                let report = checked(&made);
                assert_eq!(report.exit_code(), 1, "{name} at {at}\n{}", report.to_text());
            }
        }
    }
}

/// Signs the list anew, as it now is.
fn sign_anew(made: &Made, path: &Path) {
    use fokus_log::note::sign_note;
    let listed = fs::read(made.path("BUNDLE.json")).unwrap();
    let mut manifest = Manifest::from_bytes(&listed).unwrap();
    let name = path.strip_prefix(made.folder.path()).unwrap().to_str().unwrap();
    manifest.files.insert(name.to_owned(), File::of(&fs::read(path).unwrap()));
    let listed = manifest.to_bytes().unwrap();
    let text = Manifest::signed_text(crate::bundle::ORIGIN, &listed);
    let note = sign_note(&text, crate::bundle::ORIGIN, &crate::bundle::key_of(1)).unwrap();
    fs::write(made.path("BUNDLE.json"), listed).unwrap();
    fs::write(made.path("BUNDLE.note"), note).unwrap();
}

#[test]
fn a_file_that_is_cut_or_goes_on_is_found_though_the_list_was_signed_anew() {
    for bundle in small() {
        let made = bundle.write();
        let [list, note] = ["BUNDLE.json", "BUNDLE.note"].map(|it| made.path(it));
        let kept = [fs::read(&list).unwrap(), fs::read(&note).unwrap()];
        for path in files(&made) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name.starts_with("labels")
                || name.starts_with("README")
                || name.starts_with("BUNDLE")
            {
                continue;
            }
            let whole = fs::read(&path).unwrap();
            let longer = [&whole[..], &[0; 70]].concat();
            let lengths = [0, 1, whole.len() / 2, whole.len() - 1];
            let cut = lengths.map(|length| whole[..length].to_vec());
            for bytes in cut.into_iter().chain([longer]) {
                fs::write(&path, &bytes).unwrap();
                sign_anew(&made, &path);
                let report = checked(&made);
                let at = format!("{name}, {} of {} bytes", bytes.len(), whole.len());
                assert_eq!(report.exit_code(), 1, "{at}\n{}", report.to_text());
                fs::write(&list, &kept[0]).unwrap();
                fs::write(&note, &kept[1]).unwrap();
            }
            fs::write(&path, &whole).unwrap();
        }
        assert_eq!(checked(&made).exit_code(), 0);
    }
}

/// A terabyte of nothing in the place of a file is not read, whatever the list says.
#[test]
fn an_enormous_file_is_found_without_reading_it() {
    const TERABYTE: u64 = 1 << 40;
    for bundle in small() {
        let made = bundle.write();
        for path in files(&made) {
            let whole = fs::read(&path).unwrap();
            let file = OpenOptions::new().write(true).open(&path).unwrap();
            // Where the file system has no holes, there is nothing to try.
            if file.set_len(TERABYTE).is_err() {
                return;
            }
            let contents = Contents::Opened(&made.auditor);
            let read = verify(made.folder.path(), &trust(), &contents, None, None, &|_, _| {});
            let code = read.as_ref().map_or(3, Report::exit_code);
            assert!([1, 3].contains(&code), "{}: {code}", path.display());
            fs::write(&path, &whole).unwrap();
        }
    }
}

/// The header of an age file is kept whole by whoever reads it, and read again for each of its lines.
#[test]
fn keys_behind_a_header_without_end_are_refused() {
    let made = Bundle::of(2).write();
    let path = made.path("keys.age");
    let line = format!("{}\n", "A".repeat(64));
    let endless = format!("age-encryption.org/v1\n-> X25519 x\n{}", line.repeat(200_000));
    fs::write(&path, endless).unwrap();
    sign_anew(&made, &path);
    let report = checked(&made);
    let text = report.to_text();
    assert_eq!(failed(&report).unwrap().0, Step::Keys, "{text}");
    assert!(text.contains("header without end"), "{text}");
    assert!(!text.contains("opened, as committed"), "{text}");
}

/// Nobody ever writes into the pipe: whoever opened it would wait.
#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_found_and_not_waited_for() {
    for bundle in small() {
        let made = bundle.write();
        for path in files(&made) {
            let whole = fs::read(&path).unwrap();
            fs::remove_file(&path).unwrap();
            let made_pipe = std::process::Command::new("mkfifo").arg(&path).status();
            assert!(made_pipe.unwrap().success());
            let contents = Contents::Opened(&made.auditor);
            let read = verify(made.folder.path(), &trust(), &contents, None, None, &|_, _| {});
            let code = read.as_ref().map_or(3, Report::exit_code);
            assert!([1, 3].contains(&code), "{}: {code}", path.display());
            fs::remove_file(&path).unwrap();
            fs::write(&path, &whole).unwrap();
        }
    }
}
