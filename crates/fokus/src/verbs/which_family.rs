//! Which family is meant: people know references, the server knows ids.

use fokus_proto::v1;
use uuid::Uuid;

use crate::client::Client;
use crate::failure::Failure;

/// Families asked for at a time while a reference is looked up.
const PAGE_SIZE: i32 = 500;

/// The id of the family that is named by id or by reference. A reference is looked up in the present list.
pub(crate) async fn find(client: &Client, family: &str) -> Result<String, Failure> {
    if let Ok(id) = family.parse::<Uuid>() {
        return Ok(id.hyphenated().to_string());
    }
    if !is_reference(family) {
        let words = "want a family's id or reference, such as FF-2019-017";
        return Err(Failure::CouldNotRun(words.to_owned()));
    }
    let mut page_token = String::new();
    loop {
        let request = v1::ListFamiliesRequest {
            purpose: client.purpose(),
            page_size: PAGE_SIZE,
            page_token,
            ..Default::default()
        };
        let page = client
            .families()
            .list_families(request)
            .await
            .map_err(|status| client.failure(&status))?
            .into_inner();
        if let Some(found) = page.families.into_iter().find(|it| it.reference == family) {
            return Ok(found.family_id);
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Err(Failure::NotFound(format!("no family has the reference {family}")));
        }
    }
}

/// `^[A-Z]{2}-[0-9]{4}-[0-9]{3,5}$`
fn is_reference(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [letters, year, number] => {
            letters.len() == 2
                && letters.bytes().all(|byte| byte.is_ascii_uppercase())
                && year.len() == 4
                && digits(year)
                && (3..=5).contains(&number.len())
                && digits(number)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_from_other_words() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(is_reference(text), expected, "{text}");
        }
        check("FF-2019-017", true);
        check("AB-2019-00017", true);
        check("FF-2019-17", false);
        check("FF-2019-000017", false);
        check("ff-2019-017", false);
        check("FF-2019-017-1", false);
        check("FF-19-017", false);
        check("", false);
    }
}
