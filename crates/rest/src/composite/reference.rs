//! `@{reference.path}`: what a part takes from the answers of those before it.

use std::collections::HashMap;

use axum::http::StatusCode;
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::Failure;
use crate::record_body::Fields;

/// What of a value is written differently inside an address.
const INSIDE_ADDRESS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The answers that can be referred to, by their reference ids.
#[derive(Debug, Default)]
pub(super) struct Answers(HashMap<String, Option<Value>>);

impl Answers {
    /// Lets later parts refer to an answer. There is nothing in one that failed.
    pub(super) fn put(&mut self, reference: &str, body: &Bytes, is_success: bool) {
        let body = is_success
            .then(|| serde_json::from_slice(body).ok())
            .flatten();
        self.0.insert(reference.to_owned(), body);
    }

    /// An address with its references replaced. A value is written so that it stays one, unless the
    /// address begins with it, as with a record's `attributes.url`.
    pub(super) fn in_url(&self, url: &str) -> Result<String, Failure> {
        let begins = url.starts_with("@{");
        let mut first = begins;
        self.replaced(url, |text| {
            if std::mem::take(&mut first) {
                return text;
            }
            utf8_percent_encode(&text, INSIDE_ADDRESS).to_string()
        })
    }

    /// A body with its references replaced; all else in it stays as it is written.
    pub(super) fn in_body(&self, body: &RawValue) -> Result<Bytes, Failure> {
        let text = body.get();
        if !text.contains("@{") {
            return Ok(Bytes::copy_from_slice(text.as_bytes()));
        }
        let mut written = String::with_capacity(text.len());
        self.write(text, &mut written)?;
        Ok(written.into())
    }

    fn write(&self, text: &str, written: &mut String) -> Result<(), Failure> {
        match text.as_bytes().first() {
            Some(b'"') if text.contains("@{") => {
                let string: String =
                    serde_json::from_str(text).map_err(|error| unreadable(&error))?;
                written.push_str(&self.in_string(&string)?.to_string());
            }
            Some(b'{') => {
                let Fields(fields) =
                    serde_json::from_str(text).map_err(|error| unreadable(&error))?;
                written.push('{');
                for (place, (name, value)) in fields.iter().enumerate() {
                    if place > 0 {
                        written.push(',');
                    }
                    written.push_str(&Value::from(name.as_str()).to_string());
                    written.push(':');
                    self.write(value.get(), written)?;
                }
                written.push('}');
            }
            Some(b'[') => {
                let items: Vec<&RawValue> =
                    serde_json::from_str(text).map_err(|error| unreadable(&error))?;
                written.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        written.push(',');
                    }
                    self.write(item.get(), written)?;
                }
                written.push(']');
            }
            _ => written.push_str(text),
        }
        Ok(())
    }

    /// A string that is nothing but a reference becomes the value itself, of whatever type.
    fn in_string(&self, text: &str) -> Result<Value, Failure> {
        let whole = text
            .strip_prefix("@{")
            .and_then(|rest| rest.strip_suffix('}'));
        match whole {
            Some(path) if !path.contains(['{', '}']) => self.value(path).cloned(),
            _ => self.replaced(text, |text| text).map(Value::String),
        }
    }

    fn replaced(
        &self,
        text: &str,
        mut written: impl FnMut(String) -> String,
    ) -> Result<String, Failure> {
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("@{") {
            let Some(end) = rest[start..].find('}') else {
                break;
            };
            result.push_str(&rest[..start]);
            let path = &rest[start + 2..start + end];
            let value = match self.value(path)? {
                Value::String(text) => text.clone(),
                Value::Null => return Err(unresolved(path)),
                other => other.to_string(),
            };
            result.push_str(&written(value));
            rest = &rest[start + end + 1..];
        }
        result.push_str(rest);
        Ok(result)
    }

    /// What a path leads to.
    fn value(&self, path: &str) -> Result<&Value, Failure> {
        let end = path.find(['.', '[']).unwrap_or(path.len());
        let (reference, steps) = path.split_at(end);
        let body = self.0.get(reference).and_then(Option::as_ref);
        let mut value = body.ok_or_else(|| unresolved(path))?;
        let mut rest = steps;
        while !rest.is_empty() {
            let (next, left) = step(value, rest).ok_or_else(|| unresolved(path))?;
            (value, rest) = (next, left);
        }
        Ok(value)
    }
}

/// One `.name` or `[n]` of a path, and what is left of it.
fn step<'v, 'p>(value: &'v Value, path: &'p str) -> Option<(&'v Value, &'p str)> {
    if let Some(rest) = path.strip_prefix('[') {
        let (index, rest) = rest.split_once(']')?;
        return Some((value.get(index.trim().parse::<usize>().ok()?)?, rest));
    }
    let rest = path.strip_prefix('.')?;
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    Some((value.get(&rest[..end])?, &rest[end..]))
}

/// The reference ids that a text refers to.
pub(super) fn named(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("@{").map(|(start, _)| {
        let rest = &text[start + 2..];
        &rest[..rest.find(['.', '[', '}', '"']).unwrap_or(rest.len())]
    })
}

/// Whether an id is one that can be referred to.
pub(super) fn is_reference(id: &str) -> bool {
    let mut bytes = id.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphanumeric())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn unresolved(path: &str) -> Failure {
    let reference = path.split(['.', '[']).next().unwrap_or(path);
    halted(format!(
        "Invalid reference specified. No value for {path} found in {reference}. Provided \
         referenceId ('{path}') must start with a letter or a number, and it can contain only \
         letters, numbers and underscores ('_')."
    ))
}

/// A part that is not carried out because of another.
pub(super) fn halted(message: impl Into<String>) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, "PROCESSING_HALTED", message)
}

fn unreadable(error: &serde_json::Error) -> Failure {
    Failure::bad_request("JSON_PARSER_ERROR", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers() -> Answers {
        let mut answers = Answers::default();
        let query = br#"{"totalSize":2,"records":[{"Id":"1","A":{"city":"Bern"}},{"Id":"2"}]}"#;
        answers.put("q", &Bytes::from_static(query), true);
        let record = br#"{"id":"001","Name":"A & B/C","n":7,"no":null}"#;
        answers.put("r", &Bytes::from_static(record), true);
        answers.put(
            "failed",
            &Bytes::from_static(b"[{\"errorCode\":\"X\"}]"),
            false,
        );
        answers
    }

    fn body(text: &str) -> Result<String, Failure> {
        let raw: &RawValue = serde_json::from_str(text).unwrap();
        let bytes = answers().in_body(raw)?;
        Ok(String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn a_value_that_is_only_a_reference_keeps_its_type() {
        let given =
            r#"{"a":"@{r.n}","b":"@{q.records[1].Id}","c":["@{q.records[0].A}"],"d":"@{r.no}"}"#;
        let expected = r#"{"a":7,"b":"2","c":[{"city":"Bern"}],"d":null}"#;
        assert_eq!(body(given).unwrap(), expected);
    }

    #[test]
    fn what_is_no_reference_stays_as_it_is_written() {
        let given = r#"{"n":123456789012345678.90,"t":"x @{r.n} \"@{r.Name}\"","u":"a@b"}"#;
        let expected = r#"{"n":123456789012345678.90,"t":"x 7 \"A & B/C\"","u":"a@b"}"#;
        assert_eq!(body(given).unwrap(), expected);
    }

    #[test]
    fn a_value_in_an_address_stays_one_value() {
        let url = answers().in_url("/x/@{r.id}?q='@{r.Name}'").unwrap();
        assert_eq!(url, "/x/001?q='A%20%26%20B%2FC'");
    }

    #[test]
    fn what_leads_nowhere_halts() {
        for path in [
            "r.Id",
            "q.records[2].Id",
            "nobody.id",
            "failed.errorCode",
            "r.n.x",
        ] {
            let failure = body(&format!("{{\"a\":\"@{{{path}}}\"}}")).unwrap_err();
            assert_eq!(failure.errors[0].code, "PROCESSING_HALTED", "{path}");
            assert!(failure.errors[0].message.contains(path), "{path}");
        }
        assert!(answers().in_url("/x/@{r.no}").is_err());
    }

    #[test]
    fn reference_ids_begin_with_a_letter_or_a_digit() {
        for id in ["a", "1_b", "NewAccount"] {
            assert!(is_reference(id), "{id}");
        }
        for id in ["", "_a", "a-b", "a.b", "ä"] {
            assert!(!is_reference(id), "{id}");
        }
    }
}
