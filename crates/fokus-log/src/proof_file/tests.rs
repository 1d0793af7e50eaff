use proptest::prelude::*;

use super::*;

const NOTE: &str = "example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n— example.com/fancylog hI2DJw==\n";

fn file() -> ProofFile {
    let hashes = vec![[1; 32], [2; 32]];
    ProofFile { extra: None, index: 73_894, hashes, checkpoint: NOTE.to_owned() }
}

#[test]
fn a_file_has_the_lines_of_the_specification() {
    let text = file().to_text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..2], ["c2sp.org/tlog-proof@v1", "index 73894"]);
    assert_eq!(lines[2], "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
    assert_eq!((lines[4], lines[5]), ("", "example.com/fancylog"));
    assert_eq!(ProofFile::from_text(&text), Ok(file()));
    let with_extra = ProofFile { extra: Some(b"leaf".to_vec()), ..file() };
    assert_eq!(with_extra.to_text().lines().nth(1), Some("extra bGVhZg=="));
    assert_eq!(ProofFile::from_text(&with_extra.to_text()), Ok(with_extra));
    let alone = ProofFile { hashes: Vec::new(), ..file() };
    assert_eq!(ProofFile::from_text(&alone.to_text()), Ok(alone));
}

#[test]
fn other_texts_are_refused() {
    let text = file().to_text();
    for altered in [
        text.replace("@v1", "@v2"),
        text.replace("index 73894", "index 073894"),
        text.replace("index 73894", "index -1"),
        text.replace("index 73894\n", ""),
        text.replace("AQEB", "AQE"),
        text.replace('\n', "\r\n"),
        text.replacen("\n\n", "\n", 1),
        format!(" {text}"),
        ProofFile { hashes: vec![[0; 32]; 64], ..file() }.to_text(),
        String::new(),
    ] {
        assert_eq!(ProofFile::from_text(&altered), Err(ProofFileError), "{altered}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text: String, tail: String) {
        prop_assert!(ProofFile::from_text(&text).is_err());
        let begun = format!("{MAGIC}\nindex 1\n{tail}");
        if let Ok(read) = ProofFile::from_text(&begun) {
            prop_assert_eq!(read.to_text(), begun);
        }
    }
}
