#![doc = include_str!("../README.md")]

pub mod bundled;
pub mod labels;
pub mod names;
pub mod released;
mod time;
pub mod told;

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::labels::plain;

/// The language of what people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Dansk.
    Danish,
    /// English.
    English,
}

impl Language {
    /// The language of a locale as the environment names it, such as `da_DK.UTF-8`; all but Danish are
    /// answered in English.
    pub fn of_locale(locale: &str) -> Language {
        let tag = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if tag.eq_ignore_ascii_case("da") { Language::Danish } else { Language::English }
    }

    /// The tag of BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Danish => "da",
            Language::English => "en",
        }
    }

    /// The contents of the language's files, by name: for those who compare them.
    pub fn files(self) -> [(&'static str, &'static str); FILES] {
        match self {
            Language::Danish => DANISH,
            Language::English => ENGLISH,
        }
    }
}

/// How many files a language has.
pub const FILES: usize = 8;

macro_rules! files {
    ($folder:literal) => {
        [
            ("codes", include_str!(concat!("../locales/", $folder, "/codes.ftl"))),
            ("events", include_str!(concat!("../locales/", $folder, "/events.ftl"))),
            ("fields", include_str!(concat!("../locales/", $folder, "/fields.ftl"))),
            ("status", include_str!(concat!("../locales/", $folder, "/status.ftl"))),
            ("timeline", include_str!(concat!("../locales/", $folder, "/timeline.ftl"))),
            ("lists", include_str!(concat!("../locales/", $folder, "/lists.ftl"))),
            ("pages", include_str!(concat!("../locales/", $folder, "/pages.ftl"))),
            ("amounts", include_str!(concat!("../locales/", $folder, "/amounts.ftl"))),
        ]
    };
}

const DANISH: [(&str, &str); FILES] = files!("da");
const ENGLISH: [(&str, &str); FILES] = files!("en");

type Bundle = FluentBundle<FluentResource>;

/// A language's words, read once.
fn bundle(language: Language) -> &'static Bundle {
    static DANISH: OnceLock<Bundle> = OnceLock::new();
    static ENGLISH: OnceLock<Bundle> = OnceLock::new();
    let cell = match language {
        Language::Danish => &DANISH,
        Language::English => &ENGLISH,
    };
    cell.get_or_init(|| {
        let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = Bundle::new_concurrent(vec![tag]);
        // Signs of direction around each name would be dirt on a terminal.
        bundle.set_use_isolating(false);
        for (_, text) in language.files() {
            // What cannot be read is left out, and shows as its key; a test reads every file.
            let file = match FluentResource::try_new(text.to_owned()) {
                Ok(file) | Err((file, _)) => file,
            };
            let _twice = bundle.add_resource(file);
        }
        bundle
    })
}

/// Words in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    language: Language,
}

/// `say!(words, "key", name = value, …)`: the message of that key. The key is a literal, so that a test
/// finds every one that is used.
#[macro_export]
macro_rules! say {
    ($words:expr, $key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $words.message($key, vec![$((stringify!($name), ($value).into())),*])
    };
}

/// `heads!(words, "key", …)`: the heads of a table.
#[macro_export]
macro_rules! heads {
    ($words:expr, $($key:literal),* $(,)?) => {
        vec![$($words.message($key, Vec::new())),*]
    };
}
impl Words {
    /// English.
    pub const ENGLISH: Words = Words { language: Language::English };
    /// Dansk.
    pub const DANISH: Words = Words { language: Language::Danish };

    /// The words of a language.
    pub fn new(language: Language) -> Words {
        Words { language }
    }

    /// Which language it is.
    pub fn language(self) -> Language {
        self.language
    }

    /// A message with its arguments; called through [`say!`].
    pub fn message(self, key: &str, arguments: Vec<(&'static str, FluentValue<'_>)>) -> String {
        let bundle = bundle(self.language);
        let Some(pattern) = bundle.get_message(key).and_then(|it| it.value()) else {
            return key.to_owned();
        };
        let arguments: FluentArgs<'_> = arguments.into_iter().collect();
        let mut errors: Vec<FluentError> = Vec::new();
        bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned()
    }

    /// An enum's value in words, for the middle of a line: `code("CasePhase", "FAMILY_PLAN")` is
    /// "family plan". A value of a later server shows as its letters say.
    pub fn code(self, of: &str, code: &str) -> String {
        self.known(of, code).unwrap_or_else(|| plain(code).replace('_', " ").to_lowercase())
    }

    /// The value of an enum of the journal in words, from its code as JSON has it.
    pub fn of<T: serde::Serialize>(self, of: &str, code: &T) -> String {
        match serde_json::to_value(code) {
            Ok(serde_json::Value::String(code)) => self.code(of, &code),
            Ok(_) | Err(_) => String::new(),
        }
    }

    /// A value of an enum of the wire in words, from its proto name: `label("CasePhase",
    /// "CASE_PHASE_FAMILY_PLAN")`; nothing for the unspecified one.
    pub fn label(self, of: &str, proto_name: &str) -> String {
        match proto_name.strip_prefix(&prefix(of)) {
            Some("UNSPECIFIED") | None => String::new(),
            Some(code) => self.code(of, code),
        }
    }

    /// An event's type, for the beginning of a line.
    pub fn event(self, event_type: &str) -> String {
        self.known("Event", event_type).map_or_else(|| plain(event_type), |it| capital(&it))
    }

    /// A spoken language by its tag, such as `ku-Arab`; the tag itself where there is no word.
    pub fn speech(self, tag: &str) -> String {
        let main = tag.split('-').next().unwrap_or_default();
        self.known("Speech", main).unwrap_or_else(|| plain(tag))
    }

    fn known(self, of: &str, code: &str) -> Option<String> {
        let bundle = bundle(self.language);
        let pattern = bundle.get_message(of)?.get_attribute(code)?.value();
        Some(bundle.format_pattern(pattern, None, &mut Vec::new()).into_owned())
    }

    /// "Amina", "Amina and Yusuf", "Amina, Yusuf and Leyla".
    pub fn list(self, mut names: Vec<String>) -> String {
        match names.pop() {
            None => String::new(),
            Some(last) if names.is_empty() => last,
            Some(last) => say!(self, "list-and", others = names.join(", "), last = last),
        }
    }
}

/// The first letter made large.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// `CasePhase` as `CASE_PHASE_`: how the wire begins the names of an enum's values.
pub fn prefix(of: &str) -> String {
    let mut prefix = String::new();
    for letter in of.chars() {
        if letter.is_uppercase() && !prefix.is_empty() {
            prefix.push('_');
        }
        prefix.extend(letter.to_uppercase());
    }
    prefix.push('_');
    prefix
}
