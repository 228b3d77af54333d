//! Words and addresses: labels as people read them, text into SOQL, text into URLs.

use headwater_catalogue::{Catalogue, Field, Object};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in a query's value.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A text as part of a URL: a path's segment or a query's value.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// A text as a SOQL literal, quotes included.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 2);
    for character in text.chars() {
        match character {
            '\'' | '\\' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            character if character.is_control() => {}
            character => escaped.push(character),
        }
    }
    escaped
}

/// A SOQL LIKE pattern for texts that have this anywhere in them, quotes included. What the text
/// itself has of `%` and `_` stands for itself.
pub(crate) fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 4);
    for character in escaped(text).chars() {
        if matches!(character, '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    format!("'%{pattern}%'")
}

/// A field's label as people read it: a reference is called by what it points to, and what a record
/// inherits by whose it is.
pub(crate) fn label(catalogue: &Catalogue, object: &Object, field: &Field) -> String {
    let own = field.label.strip_suffix(" ID").unwrap_or(&field.label);
    let Some(path) = field.inherited_path() else {
        return own.to_owned();
    };
    if field.kind.as_reference().is_none() {
        return own.to_owned();
    }
    let parent = path.split('.').next().unwrap_or_default();
    let target = object.relationship(parent).and_then(|(_, reference)| {
        let name = reference.kind.as_reference()?.targets.names().first()?;
        catalogue.object(name)
    });
    match target {
        Some(target) => format!("{} {own}", target.label),
        None => own.to_owned(),
    }
}

/// An API name as words: `MessagingEndUser` is "messaging end user", `AccountId` "account".
pub(crate) fn noun(name: &str) -> String {
    in_words(
        name.strip_suffix("Id")
            .filter(|stem| !stem.is_empty())
            .unwrap_or(name),
    )
    .to_lowercase()
}

/// An API name with its words apart: `MessagingEndUser` is "Messaging End User".
pub(crate) fn in_words(name: &str) -> String {
    let name = name.strip_suffix("__c").unwrap_or(name).replace('_', " ");
    let mut words = String::with_capacity(name.len() + 4);
    let mut was_lower = false;
    for character in name.chars() {
        if character.is_uppercase() && was_lower {
            words.push(' ');
        }
        was_lower = character.is_lowercase();
        words.push(character);
    }
    words
}

/// "1 session", "14 sessions", "4,812 sessions".
pub(crate) fn counted(count: u64, one: &str, several: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{} {several}", grouped(count))
    }
}

/// A whole number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_no_literal_early() {
        assert_eq!(literal(r"O'Neil \ x"), r"'O\'Neil \\ x'");
        assert_eq!(containing("50%_'"), r"'%50\%\_\'%'");
    }

    #[test]
    fn names_are_read_as_words() {
        assert_eq!(in_words("MessagingEndUser"), "Messaging End User");
        assert_eq!(noun("EndUserAccountId"), "end user account");
        assert_eq!(noun("Id"), "id");
        assert_eq!(in_words("Renewal_Date__c"), "Renewal Date");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(4812), "4,812");
        assert_eq!(counted(1, "session", "sessions"), "1 session");
        assert_eq!(
            counted(1_000_000, "session", "sessions"),
            "1,000,000 sessions"
        );
    }
}
