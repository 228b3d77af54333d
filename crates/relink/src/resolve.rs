//! From what people type to record ids.
//!
//! An id stands for itself. Anything else is looked up; when it names nothing or several records,
//! the answer lists what was meant, and nothing is guessed.

use std::fmt;

use serde_json::{Map, Value};

use crate::client::Client;
use crate::error::Error;
use crate::links::Change;
use crate::table::printable;

/// What clears a link on the command line.
pub const NONE: &str = "none";

/// Most candidates listed when a text is ambiguous.
const CANDIDATES_MAX: usize = 10;

/// A record that could be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: String,
    /// What tells it from the others, for people.
    pub description: String,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}  {}",
            printable(&self.id),
            printable(&self.description)
        )
    }
}

/// What a text may name.
#[derive(Debug, Clone, Copy)]
struct Subject {
    what: &'static str,
    object: &'static str,
    prefix: &'static str,
    /// The fields that tell records apart, beside the name.
    tells: &'static [&'static str],
}

const ACCOUNT: Subject = Subject {
    what: "account",
    object: "Account",
    prefix: "001",
    tells: &["BillingCity", "Phone"],
};

const CONTACT: Subject = Subject {
    what: "contact",
    object: "Contact",
    prefix: "003",
    tells: &["Account.Name", "Email", "Phone"],
};

const MESSAGING_USER: Subject = Subject {
    what: "Messaging User",
    object: "MessagingEndUser",
    prefix: "0PA",
    tells: &[
        "MessagingPlatformKey",
        "MessagingChannel.MasterLabel",
        "Account.Name",
    ],
};

/// The Messaging User that a text names: an id, a platform key (a phone number in any spelling), or
/// a name.
///
/// # Errors
/// [`Error::NothingFound`] or [`Error::SeveralFound`], with what could be meant; else that the
/// server refuses or does not answer.
pub async fn messaging_user(client: &Client, text: &str) -> Result<String, Error> {
    if let Some(id) = MESSAGING_USER.as_id(text) {
        return Ok(id);
    }
    let keys: Vec<_> = platform_keys(text).iter().map(|key| quoted(key)).collect();
    let by_key = format!("MessagingPlatformKey IN ({})", keys.join(","));
    let found = MESSAGING_USER.candidates(client, &by_key).await?;
    if !found.is_empty() {
        return MESSAGING_USER.only(text, found);
    }
    match MESSAGING_USER.by_name(client, text).await {
        Err(Error::NothingFound { what, text, near }) if near.is_empty() => {
            let near = ending_in(client, &text).await?;
            Err(Error::NothingFound { what, text, near })
        }
        other => other,
    }
}

/// The Messaging Users whose number ends like this one, for whoever leaves out the country. Only to
/// be suggested: in another country the same number is somebody else's.
async fn ending_in(client: &Client, text: &str) -> Result<Vec<Candidate>, Error> {
    let Some(digits) = digits(text) else {
        return Ok(Vec::new());
    };
    let national = digits.trim_start_matches('0');
    let ending = format!(
        "MessagingPlatformKey LIKE {}",
        quoted(&format!("%{national}"))
    );
    MESSAGING_USER.candidates(client, &ending).await
}

/// What to do with the account, from `--account`: nothing when it is not given, clear it for
/// `none`, else the account of this id or name.
///
/// # Errors
/// As [`messaging_user`].
pub async fn account(client: &Client, text: Option<&str>) -> Result<Change, Error> {
    change(client, ACCOUNT, text).await
}

/// What to do with the contact, from `--contact`: as [`account`].
///
/// # Errors
/// As [`messaging_user`].
pub async fn contact(client: &Client, text: Option<&str>) -> Result<Change, Error> {
    change(client, CONTACT, text).await
}

async fn change(client: &Client, subject: Subject, text: Option<&str>) -> Result<Change, Error> {
    let Some(text) = text else {
        return Ok(Change::Keep);
    };
    if text.eq_ignore_ascii_case(NONE) {
        return Ok(Change::Clear);
    }
    match subject.as_id(text) {
        Some(id) => Ok(Change::Set(id)),
        None => subject.by_name(client, text).await.map(Change::Set),
    }
}

impl Subject {
    fn as_id(self, text: &str) -> Option<String> {
        let looks_like_one = matches!(text.len(), 15 | 18)
            && text.bytes().all(|b| b.is_ascii_alphanumeric())
            && text.starts_with(self.prefix);
        looks_like_one.then(|| text.to_owned())
    }

    async fn by_name(self, client: &Client, text: &str) -> Result<String, Error> {
        let exactly = format!("Name = {}", quoted(text));
        let found = self.candidates(client, &exactly).await?;
        if !found.is_empty() {
            return self.only(text, found);
        }
        let alike = format!("Name LIKE {}", quoted(&format!("%{}%", pattern(text))));
        Err(Error::NothingFound {
            what: self.what,
            text: text.to_owned(),
            near: self.candidates(client, &alike).await?,
        })
    }

    fn only(self, text: &str, mut found: Vec<Candidate>) -> Result<String, Error> {
        if found.len() == 1 {
            return Ok(found.remove(0).id);
        }
        Err(Error::SeveralFound {
            what: self.what,
            text: text.to_owned(),
            found,
        })
    }

    async fn candidates(self, client: &Client, condition: &str) -> Result<Vec<Candidate>, Error> {
        let soql = format!(
            "SELECT Id, Name, {} FROM {} WHERE {condition} ORDER BY Name LIMIT {CANDIDATES_MAX}",
            self.tells.join(", "),
            self.object,
        );
        let rows = client.query(&soql).await?;
        Ok(rows.iter().map(|row| self.candidate(row)).collect())
    }

    fn candidate(self, row: &Map<String, Value>) -> Candidate {
        let name = at(row, "Name").unwrap_or("(no name)");
        let tells = self.tells.iter().filter_map(|path| at(row, path));
        let parts: Vec<_> = std::iter::once(name)
            .chain(tells.filter(|t| *t != name))
            .collect();
        Candidate {
            id: at(row, "Id").unwrap_or_default().to_owned(),
            description: parts.join(", "),
        }
    }
}

/// The spellings a channel may keep an address in. Channels that are phones keep `+1555…`, bare
/// digits, or `whatsapp:+1555…`; people type spaces, dots, dashes and parentheses between.
fn platform_keys(text: &str) -> Vec<String> {
    let mut keys = vec![text.to_owned()];
    if let Some(digits) = digits(text) {
        keys.extend([format!("+{digits}"), format!("whatsapp:+{digits}"), digits]);
    }
    keys.dedup();
    keys
}

/// The digits of a phone number in any spelling; none when the text is something else.
fn digits(text: &str) -> Option<String> {
    let number = text.strip_prefix("whatsapp:").unwrap_or(text);
    let is_number = number
        .chars()
        .all(|c| c.is_ascii_digit() || " +-.()/".contains(c));
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (is_number && digits.len() >= 6).then_some(digits)
}

/// A text as a SOQL literal.
fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for character in text.chars() {
        match character {
            '\'' => literal.push_str("\\'"),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            other => literal.push(other),
        }
    }
    literal.push('\'');
    literal
}

/// A text as a part of a LIKE pattern that means itself.
fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// The text at a path of relationship names in a row.
fn at<'a>(row: &'a Map<String, Value>, path: &str) -> Option<&'a str> {
    let mut names = path.split('.');
    let first = row.get(names.next()?)?;
    names
        .try_fold(first, |value, name| value.get(name))?
        .as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_looked_up_in_every_spelling_channels_keep() {
        let keys = platform_keys("+1 (555) 010-0199");
        assert!(keys.contains(&"+15550100199".to_owned()));
        assert!(keys.contains(&"whatsapp:+15550100199".to_owned()));
        assert!(keys.contains(&"15550100199".to_owned()));
    }

    #[test]
    fn what_is_not_a_phone_number_is_looked_up_as_it_is() {
        assert_eq!(platform_keys("Ada 4711 0815"), ["Ada 4711 0815"]);
    }

    #[test]
    fn an_id_of_another_object_is_not_taken_for_one() {
        assert_eq!(ACCOUNT.as_id("003000000000001AAA"), None);
        assert!(ACCOUNT.as_id("001000000000001").is_some());
    }

    #[test]
    fn quotes_and_backslashes_cannot_leave_their_literal() {
        assert_eq!(quoted(r"a' OR Name != '\"), r"'a\' OR Name != \'\\'");
    }

    #[test]
    fn pattern_characters_mean_themselves() {
        assert_eq!(pattern("100%_a"), r"100\%\_a");
    }

    #[test]
    fn a_candidate_says_what_tells_it_from_the_others() {
        let row = serde_json::json!({
            "Id": "003000000000001AAA", "Name": "Ada Byron", "Email": null, "Phone": "1 23",
            "Account": {"Name": "Test1"},
        });
        assert_eq!(
            CONTACT.candidate(row.as_object().unwrap()).description,
            "Ada Byron, Test1, 1 23"
        );
    }
}
