//! Labels and values in the audit trail's sentences.

use headwater_catalogue::{Field, Kind, Value};

pub(super) use crate::explain::noun;

/// Most characters of one value.
const VALUE_CHARACTERS_MAX: usize = 80;

/// A value for people. References are named elsewhere, and checkboxes are on or off.
pub(super) fn of(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Boolean(on) => if *on { "on" } else { "off" }.to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Text(text) => cut(text, VALUE_CHARACTERS_MAX),
        Value::Id(id) => id.to_string(),
        Value::Date(date) => date.to_string(),
        Value::DateTime(at) => at.to_string(),
        Value::Time(time) => time.to_string(),
    }
}

/// Whether a field holds texts that say nothing in a sentence.
pub(super) fn is_long(field: &Field) -> bool {
    matches!(
        field.kind,
        Kind::TextArea { .. } | Kind::Base64(_) | Kind::Any
    )
}

/// The first so many characters.
pub(super) fn cut(text: &str, characters_max: usize) -> String {
    if text.chars().count() <= characters_max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(characters_max - 1).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_ends_with_dots_and_is_as_long_as_it_may_be() {
        assert_eq!(cut("überlang", 5), "über…");
        assert_eq!(cut("kurz", 4), "kurz");
    }
}
