//! Texts: trimmed, never empty, not too long, and what each kind of text asks for besides.

use headwater_catalogue::{Field, Kind, Picklist, Value};

use super::wrong_type;
use crate::error::Problem;

/// The text a field gets; null when nothing is left of it.
pub(super) fn value(field: &Field, written: &str) -> Result<Value, Problem> {
    // No database text can hold it, and no person writes it.
    if written.contains('\0') {
        return Err(wrong_type(field, written));
    }
    let text = match &field.kind {
        // The layout of a longer text is its writer's; only its end is trimmed.
        Kind::TextArea { .. } | Kind::Any => written.trim_end(),
        _ => written.trim(),
    };
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    // What is too long for any value is not looked at more closely.
    fitting(field, text)?;
    let text = match &field.kind {
        Kind::Picklist(list) => choice(field, list, text)?,
        Kind::MultiPicklist(list) => choices(field, list, text)?,
        Kind::Combobox(list) => known(list, text),
        Kind::Email if !like_email(text) => {
            return Err(Problem::BadEmail {
                field: field.name.clone(),
                label: field.label.clone(),
                value: text.to_owned(),
            });
        }
        _ => text.to_owned(),
    };
    Ok(Value::Text(text))
}

fn fitting(field: &Field, text: &str) -> Result<(), Problem> {
    match field.kind.length() {
        Some(max) if text.chars().count() > max as usize => Err(Problem::TooLong {
            field: field.name.clone(),
            label: field.label.clone(),
            value: text.to_owned(),
            max,
        }),
        _ => Ok(()),
    }
}

/// The value as the list spells it.
fn known(list: &Picklist, text: &str) -> String {
    let choice = list.find(text).map(|choice| &*choice.value);
    choice.unwrap_or(text).to_owned()
}

fn choice(field: &Field, list: &Picklist, text: &str) -> Result<String, Problem> {
    if list.restricted && list.find(text).is_none() {
        return Err(Problem::NotInPicklist {
            field: field.name.clone(),
            label: field.label.clone(),
            value: text.to_owned(),
        });
    }
    Ok(known(list, text))
}

/// The values once each, those of the list first and in its order, as Salesforce keeps them.
fn choices(field: &Field, list: &Picklist, text: &str) -> Result<String, Problem> {
    let mut given: Vec<String> = Vec::new();
    for part in text
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let value = choice(field, list, part)?;
        if !given.contains(&value) {
            given.push(value);
        }
    }
    let place = |value: &String| {
        let place = list
            .choices
            .iter()
            .position(|choice| choice.value == *value);
        place.unwrap_or(usize::MAX)
    };
    given.sort_by_key(place);
    Ok(given.join(";"))
}

/// Whether a text has the shape of a mail address: one `@`, something before it, and a domain of
/// at least two labels.
pub(crate) fn like_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let local_fits = !local.is_empty()
        && local.chars().count() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .chars()
            .all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    local_fits && domain.contains('.') && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_are_told_by_their_shape() {
        for good in ["a@b.co", "jo.o'neil+x@mail.example.com", "ü@exämple.de"] {
            assert!(like_email(good), "{good}");
        }
        for bad in [
            "", "a", "a@b", "@b.co", "a@b..co", "a b@c.de", "a@b@c.de", "a@-b.co", ".a@b.co",
        ] {
            assert!(!like_email(bad), "{bad}");
        }
    }
}
