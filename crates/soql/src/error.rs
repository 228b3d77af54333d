//! What can be wrong with a query, and how Salesforce words it.

use std::fmt::Write;

use crate::ast::Position;

/// How much of the query's line a message shows before the place it complains about.
const WINDOW_BEFORE_CHARACTERS: usize = 32;
/// How much of it is shown from that place on.
const WINDOW_AFTER_CHARACTERS: usize = 44;
/// The longest token a message repeats whole.
const TOKEN_CHARACTERS_MAX: usize = 80;

/// A query that cannot be answered: why, and where in its text.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct SoqlError {
    /// Which of Salesforce's error codes this is.
    pub kind: SoqlErrorKind,
    /// The text without the picture of the query.
    pub message: String,
    /// Where in the query's text, if the complaint is about one place.
    pub position: Option<Position>,
}

/// The sorts of complaint, named like Salesforce's error codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SoqlErrorKind {
    /// The text is not SOQL, or clauses do not go together.
    MalformedQuery,
    /// A field or relationship is unknown, unseen, or unfit for where it stands.
    InvalidField,
    /// An object is unknown or unseen.
    InvalidType,
    /// An operator or a value does not fit the field it is compared with.
    InvalidQueryFilterOperator,
    /// A number is beyond what its clause takes.
    NumberOutsideValidRange,
    /// The text is not SOSL, or nothing can be looked for by it.
    MalformedSearch,
    /// Correct SOQL that this server does not answer.
    Unsupported,
}

impl SoqlError {
    /// A complaint about one place in the text.
    pub fn new(kind: SoqlErrorKind, at: Position, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            position: Some(at),
        }
    }

    /// A complaint about the query as a whole.
    pub fn whole(kind: SoqlErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            position: None,
        }
    }

    pub(crate) fn malformed(at: Position, message: impl Into<String>) -> Self {
        Self::new(SoqlErrorKind::MalformedQuery, at, message)
    }

    pub(crate) fn unexpected_token(at: Position, token: &str) -> Self {
        let shown: String = token.chars().take(TOKEN_CHARACTERS_MAX).collect();
        Self::malformed(at, format!("unexpected token: '{shown}'"))
    }

    /// The message as Salesforce sends it: a blank line, the part of the query around the place,
    /// a caret under it, row and column, and the text. `query` is the text that was parsed.
    pub fn render(&self, query: &str) -> String {
        let Some(at) = self.position else {
            return self.message.clone();
        };
        let place = Place::find(query, at);
        let mut rendered = String::new();
        let spaces = place.before.chars().count();
        let Place {
            row,
            column,
            before,
            after,
        } = place;
        // Writing to a String cannot fail.
        let _ = write!(
            rendered,
            "\n{before}{after}\n{:spaces$}^\nERROR at Row:{row}:Column:{column}\n{}",
            "", self.message
        );
        rendered
    }

    /// Row and column of the place, both from 1, counted in characters.
    pub fn row_and_column(&self, query: &str) -> Option<(usize, usize)> {
        let place = Place::find(query, self.position?);
        Some((place.row, place.column))
    }
}

/// A position with the part of its line that a message shows.
struct Place<'q> {
    row: usize,
    column: usize,
    before: &'q str,
    after: &'q str,
}

impl<'q> Place<'q> {
    fn find(query: &'q str, at: Position) -> Self {
        let offset = query.floor_char_boundary(at.offset());
        let (head, tail) = query.split_at(offset);
        let line_start = head.rfind('\n').map_or(0, |newline| newline + 1);
        let line_head = &head[line_start..];
        let line_tail = tail.lines().next().unwrap_or_default();
        Self {
            row: 1 + head.matches('\n').count(),
            column: 1 + line_head.chars().count(),
            before: last_words(line_head),
            after: first_words(line_tail),
        }
    }
}

/// The end of `text` that a window has room for, beginning with a whole word where it can.
fn last_words(text: &str) -> &str {
    let Some((cut, _)) = text.char_indices().rev().nth(WINDOW_BEFORE_CHARACTERS) else {
        return text;
    };
    // The character at `cut` is one too many; a word may begin right behind it.
    let beyond = &text[cut..];
    let word = beyond
        .char_indices()
        .find(|(_, c)| is_between_words(*c))
        .map_or(0, |(at, c)| at + c.len_utf8());
    let words = beyond[word..].trim_start();
    if words.is_empty() { beyond } else { words }
}

/// The start of `text` that a window has room for, ending with a whole word where it can.
fn first_words(text: &str) -> &str {
    let Some((cut, _)) = text.char_indices().nth(WINDOW_AFTER_CHARACTERS) else {
        return text.trim_end();
    };
    let within = &text[..cut];
    if text[cut..].starts_with(is_between_words) {
        return within.trim_end();
    }
    match within.rfind(is_between_words) {
        Some(end) if end > 0 => within[..end].trim_end(),
        _ => within,
    }
}

fn is_between_words(c: char) -> bool {
    c.is_whitespace() || c == ','
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_at(offset: usize) -> SoqlError {
        SoqlError::malformed(Position::new(offset), "unexpected token: 'x'")
    }

    #[test]
    fn a_short_query_is_shown_whole_with_a_caret_under_the_place() {
        let query = "SELECT Id, Foo FROM Opportunity";
        assert_eq!(
            error_at(11).render(query),
            "\nSELECT Id, Foo FROM Opportunity\n           ^\nERROR at Row:1:Column:12\nunexpected token: 'x'"
        );
    }

    #[test]
    fn the_end_of_the_query_is_the_column_after_its_last_character() {
        let query = "SELECT Id FROM Account WHERE";
        let rendered = error_at(query.len()).render(query);
        assert!(rendered.starts_with(
            "\nSELECT Id FROM Account WHERE\n                            ^\nERROR at Row:1:Column:29\n"
        ));
    }

    #[test]
    fn a_long_query_shows_the_words_around_the_place() {
        let query = "SELECT Id,Name,CreatedById,Example_Actual__c,Other_Thing__c,Phone,Last_Long_Field__c,Fax,Something__c FROM Account";
        let at = query.find("Other").unwrap();
        assert_eq!(
            error_at(at).render(query),
            format!(
                "\nCreatedById,Example_Actual__c,Other_Thing__c,Phone,Last_Long_Field__c,Fax\n{:30}^\nERROR at Row:1:Column:46\nunexpected token: 'x'",
                ""
            )
        );
    }

    #[test]
    fn rows_are_counted_and_only_the_line_of_the_place_is_shown() {
        let query = "SELECT Id\nFROM Account\nWHERE é = Foo";
        let at = query.find("Foo").unwrap();
        let error = error_at(at);
        assert_eq!(error.row_and_column(query), Some((3, 11)));
        assert!(
            error
                .render(query)
                .starts_with("\nWHERE é = Foo\n          ^\nERROR at Row:3:Column:11\n")
        );
    }

    #[test]
    fn a_message_about_the_whole_query_has_no_picture() {
        let error = SoqlError::whole(SoqlErrorKind::MalformedQuery, "too long");
        assert_eq!(error.render("SELECT"), "too long");
    }

    proptest::proptest! {
        #[test]
        fn rendering_survives_any_text_and_any_place(query in "\\PC{0,200}", at in 0usize..300) {
            proptest::prop_assert!(error_at(at).render(&query).contains("ERROR at Row:1:Column:"));
        }
    }
}
