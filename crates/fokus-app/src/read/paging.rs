//! Page tokens: opaque to clients, versioned, bound to the list, its filter and the view's build.

use fokus_core::rejection::{Reason, Rejection};
use sha2::{Digest, Sha256};

use crate::query::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX};
use crate::sealing::hex;

/// Where a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageToken {
    /// The view's build; 0 where the list does not come from a view.
    pub(super) build: u32,
    /// The last entry's place in the order, two numbers deep.
    pub(super) after: (i64, u64),
}

const VERSION: &str = "1";

/// What a token is bound to: everything of the request that chooses and orders entries.
pub(super) fn filter_of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for it in parts {
        hash.update(it.len().to_be_bytes());
        hash.update(it);
    }
    let digest: [u8; 32] = hash.finalize().into();
    hex(digest.first_chunk::<8>().map_or(&[][..], |it| it.as_slice()))
}

impl PageToken {
    /// The token as text.
    pub(super) fn write(self, filter: &str) -> String {
        let (first, second) = self.after;
        format!("{VERSION}.{filter}.{:x}.{first}.{second}", self.build)
    }

    /// Reads a token; `None` when it is empty.
    ///
    /// # Errors
    ///
    /// `PAGE_TOKEN_INVALID` when it is not of this list and filter.
    pub(super) fn read(text: &str, filter: &str) -> Result<Option<PageToken>, Rejection> {
        if text.is_empty() {
            return Ok(None);
        }
        let rule = "the page token is not of this list and filter";
        let invalid = || Rejection::new(Reason::PageTokenInvalid, rule).at("page_token");
        let mut parts = text.split('.');
        let same = parts.next() == Some(VERSION) && parts.next() == Some(filter);
        let build = parts.next().and_then(|it| u32::from_str_radix(it, 16).ok());
        let first = parts.next().and_then(|it| it.parse().ok());
        let second = parts.next().and_then(|it| it.parse().ok());
        match (same, build, first, second, parts.next()) {
            (true, Some(build), Some(first), Some(second), None) => {
                Ok(Some(PageToken { build, after: (first, second) }))
            }
            _ => Err(invalid()),
        }
    }

    /// Refuses a token of another build.
    pub(super) fn check_build(self, build: u32) -> Result<(), Rejection> {
        if self.build == build {
            return Ok(());
        }
        let rule = "the view was rebuilt meanwhile; start the list again";
        Err(Rejection::new(Reason::PageTokenStale, rule).at("page_token"))
    }
}

/// The number of entries asked for.
///
/// # Errors
///
/// `FIELD_INVALID` above 1000.
pub(super) fn page_size(asked: u32) -> Result<u32, Rejection> {
    match asked {
        0 => Ok(PAGE_SIZE_DEFAULT),
        1..=PAGE_SIZE_MAX => Ok(asked),
        _ => Err(Rejection::new(Reason::FieldInvalid, "0 to 1000").at("page_size")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_for_its_own_list_only() {
        let token = PageToken { build: 65_537, after: (-5, 7) };
        let text = token.write("f1");
        assert_eq!(PageToken::read(&text, "f1"), Ok(Some(token)));
        assert_eq!(PageToken::read("", "f1"), Ok(None));
        for bad in ["1", "x", "2.f1.1.1.1", "1.f1.1.1", "1.f1.1.1.1.1", "1.f1.zz.1.1"] {
            let reason = PageToken::read(bad, "f1").map_err(|it| it.reason);
            assert_eq!(reason, Err(Reason::PageTokenInvalid), "{bad}");
        }
        let reason = PageToken::read(&text, "f2").map_err(|it| it.reason);
        assert_eq!(reason, Err(Reason::PageTokenInvalid));
        assert_eq!(token.check_build(1).map_err(|it| it.reason), Err(Reason::PageTokenStale));
    }

    #[test]
    fn a_page_has_a_hundred_entries_unless_asked_otherwise() {
        assert_eq!(page_size(0), Ok(100));
        assert_eq!(page_size(1000), Ok(1000));
        assert_eq!(page_size(1001).map_err(|it| it.reason), Err(Reason::FieldInvalid));
    }
}
