//! Texts of records in XML. A text may hold anything but NUL, and XML not everything.

use std::borrow::Cow;

/// A text as it stands between tags.
///
/// A carriage return is written by its number, for a reader takes a bare one for the end of a line
/// and makes it a line feed. What cannot be in a document at all, not even so, is replaced: one such
/// character would cost the client the whole answer.
pub(crate) fn escape<'t>(text: impl Into<Cow<'t, str>>) -> Cow<'t, str> {
    let escaped = quick_xml::escape::escape(text);
    if !escaped.contains(|c| c == '\r' || !is_xml(c)) {
        return escaped;
    }
    let mut text = String::with_capacity(escaped.len() + 16);
    for c in escaped.chars() {
        match c {
            '\r' => text.push_str("&#13;"),
            c if is_xml(c) => text.push(c),
            _ => text.push(char::REPLACEMENT_CHARACTER),
        }
    }
    text.into()
}

/// Whether a document may hold this character (XML 1.0, 2.2).
pub(crate) fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_reads_as_something_else_is_written_by_number_and_what_it_cannot_hold_is_replaced() {
        assert_eq!(
            escape("a <&> \"b\"\t\n"),
            "a &lt;&amp;&gt; &quot;b&quot;\t\n"
        );
        assert_eq!(escape("a\r\nb"), "a&#13;\nb");
        assert_eq!(escape("\u{1}\u{fffe}\u{7f}"), "\u{fffd}\u{fffd}\u{7f}");
    }
}
