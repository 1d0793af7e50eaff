//! Codes, times and amounts in words for people. English; times are local, Europe/Copenhagen.

use fokus_proto::v1;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Where the families live.
const ZONE: &str = "Europe/Copenhagen";

/// Words that stay in capitals, and codes whose words are not their letters.
const SPECIAL: &[(&str, &str)] = &[
    ("MST", "MST"),
    ("FFT", "FFT"),
    ("PMTO", "PMTO"),
    ("SMS", "SMS"),
    ("SSP", "SSP"),
    ("UU", "UU"),
    ("CPR", "CPR"),
    ("SEL", "SEL"),
    ("BL", "BL"),
    ("UU_COURSE", "UU course"),
    ("CPR_LOOKUP", "CPR lookup"),
    ("NO_SHOW", "No-show"),
    ("ABSENT_NOTIFIED", "Absent (notified)"),
    ("JOB_CENTRE", "Job centre"),
    ("JOB_COURSE_PARENT", "Job course for a parent"),
    ("UNKNOWN_ESTIMATED", "estimated"),
    ("SDQ", "SDQ"),
    ("YLS_CMI_2", "YLS/CMI 2.0"),
    ("NCFAS", "NCFAS"),
    ("FAMSTAR", "Family Star Plus"),
    ("SOS", "Safety scaling"),
    ("FGU", "FGU"),
    ("NEET", "Neither in school nor work"),
    ("TENTH_GRADE", "10th form"),
    ("YOUTH_EDU", "Youth education"),
    ("EDU", "In education"),
    ("BENEFIT", "On benefit"),
    ("LEAVE", "On leave"),
    ("DONT_KNOW", "Not known"),
    ("LEISURE_FRIENDS", "Leisure and friends"),
    ("DEVELOPMENT_BEHAVIOUR", "Development and behaviour"),
];

/// `FAMILY_PLAN` as "Family plan".
pub(crate) fn words(code: &str) -> String {
    if let Some((_, words)) = SPECIAL.iter().find(|(special, _)| *special == code) {
        return (*words).to_owned();
    }
    let lower = code.replace('_', " ").to_lowercase();
    let mut letters = lower.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// `DIGITAL_POST` as "by digital post".
pub(crate) fn by_channel(code: &str) -> String {
    match code {
        "IN_PERSON" => "in person".to_owned(),
        "SMS" => "by SMS".to_owned(),
        code => format!("by {}", words(code).to_lowercase()),
    }
}

/// An enum value's proto name as words: its enum's name taken off, nothing for the unspecified one.
pub(crate) fn label(proto_name: &str, prefix: &str) -> String {
    match proto_name.strip_prefix(prefix).map(|code| code.trim_start_matches('_')) {
        Some("UNSPECIFIED") | None => String::new(),
        Some(code) => words(code),
    }
}

/// `FamilyMemberAdded` as "Family member added".
pub(crate) fn type_words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

/// A text without what a terminal would obey: control characters become spaces, and so do the signs that
/// turn the direction of writing.
pub(crate) fn plain(text: &str) -> String {
    let is_unprintable = |letter: char| {
        letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|letter| if is_unprintable(letter) { ' ' } else { letter }).collect()
}

/// The beginning of a text, on one line, at most `limit` characters and then "…".
pub(crate) fn beginning(text: &str, limit: usize) -> String {
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

/// An instant as local time, to the minute.
pub(crate) fn time(at: &prost_types::Timestamp) -> String {
    local(at, "%Y-%m-%d %H:%M")
}

/// The local day of an instant.
pub(crate) fn day(at: &prost_types::Timestamp) -> String {
    local(at, "%Y-%m-%d")
}

/// When something happened, as exactly as it is known.
pub(crate) fn occurred(at: &v1::OccurredAt) -> String {
    let Some(instant) = &at.time else { return String::new() };
    match at.precision() {
        v1::Precision::Exact | v1::Precision::Unspecified => time(instant),
        v1::Precision::Day => day(instant),
        v1::Precision::Month => local(instant, "%Y-%m"),
        v1::Precision::UnknownEstimated => format!("about {}", day(instant)),
    }
}

fn local(at: &prost_types::Timestamp, format: &str) -> String {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    match Timestamp::new(at.seconds, at.nanos) {
        Ok(instant) => instant.to_zoned(zone).strftime(format).to_string(),
        Err(_) => "?".to_owned(),
    }
}

/// Minutes as hours and minutes.
pub(crate) fn duration(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// "1 goal", "3 goals".
pub(crate) fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_words() {
        assert_eq!(words("FAMILY_PLAN"), "Family plan");
        assert_eq!(words("MST"), "MST");
        assert_eq!(words("NO_SHOW"), "No-show");
        assert_eq!(label("CASE_PHASE_FAMILY_PLAN", "CASE_PHASE"), "Family plan");
        assert_eq!(label("CASE_PHASE_UNSPECIFIED", "CASE_PHASE"), "");
        assert_eq!(type_words("FamilyMemberAdded"), "Family member added");
    }

    #[test]
    fn times_are_local_and_as_exact_as_they_are_known() {
        #[track_caller]
        fn check(seconds: i64, precision: v1::Precision, expected: &str) {
            let time = Some(prost_types::Timestamp { seconds, nanos: 0 });
            let at = v1::OccurredAt { time, utc_offset_minutes: 60, precision: precision.into() };
            assert_eq!(occurred(&at), expected);
        }
        // 2019-03-04T22:30:00Z, winter; 2019-07-04T22:30:00Z, summer.
        check(1_551_738_600, v1::Precision::Exact, "2019-03-04 23:30");
        check(1_562_279_400, v1::Precision::Exact, "2019-07-05 00:30");
        check(1_562_279_400, v1::Precision::Day, "2019-07-05");
        check(1_562_279_400, v1::Precision::Month, "2019-07");
        check(1_562_279_400, v1::Precision::UnknownEstimated, "about 2019-07-05");
    }

    #[test]
    fn a_text_is_cut_at_its_limit_and_cannot_steer_the_terminal() {
        assert_eq!(beginning("Short.", 10), "Short.");
        assert_eq!(beginning("One line\nand the next", 100), "One line and the next");
        assert_eq!(beginning("Æblegrød og kaffe", 10), "Æblegrød…");
        assert_eq!(plain("a\u{9b}31m\u{202e}b"), "a 31m b");
    }

    #[test]
    fn amounts_read_as_people_say_them() {
        assert_eq!(duration(45), "45 min");
        assert_eq!(duration(120), "2 h");
        assert_eq!(duration(150), "2 h 30 min");
        assert_eq!(count(1, "goal", "goals"), "1 goal");
        assert_eq!(count(0, "goal", "goals"), "0 goals");
    }
}
