//! Texts of others made fit for a line.

/// A text without what a terminal would obey: control characters become spaces, and so do the signs that
/// turn the direction of writing.
pub fn plain(text: &str) -> String {
    let is_unprintable = |letter: char| {
        letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|letter| if is_unprintable(letter) { ' ' } else { letter }).collect()
}

/// The beginning of a text, on one line, at most `limit` characters and then "…".
pub fn beginning(text: &str, limit: usize) -> String {
    let words: Vec<String> = plain(text).split_whitespace().map(str::to_owned).collect();
    let line = words.join(" ");
    if line.chars().count() <= limit {
        return line;
    }
    let mut short: String = line.chars().take(limit.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_its_limit_and_cannot_steer_the_terminal() {
        assert_eq!(beginning("Short.", 10), "Short.");
        assert_eq!(beginning("One line\nand the next", 100), "One line and the next");
        assert_eq!(beginning("Æblegrød og kaffe", 10), "Æblegrød…");
        assert_eq!(plain("a\u{9b}31m\u{202e}b"), "a 31m b");
    }
}
