//! `multipart/form-data`: a record's JSON and one file, in either order.

use axum::http::header;
use headwater_catalogue::{Kind, Object};
use headwater_records::{Draft, Input};

use super::RecordBody;
use crate::call::Call;
use crate::error::Failure;

/// Most parts a body may have.
const PARTS_MAX: usize = 32;

/// One part.
#[derive(Debug, PartialEq)]
pub(crate) struct Part<'b> {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    pub(crate) content: &'b [u8],
}

/// Whether a call's body is of this form.
pub(crate) fn is_multipart(call: &Call) -> bool {
    boundary(call.header(header::CONTENT_TYPE).unwrap_or_default()).is_some()
}

/// The parts of a call's body.
///
/// # Errors
/// 400 when it is not of this form.
pub(crate) fn parts(call: &Call) -> Result<Vec<Part<'_>>, Failure> {
    let media_type = call.header(header::CONTENT_TYPE).unwrap_or_default();
    parts_of(media_type, &call.body).ok_or_else(|| {
        let message = "The multipart body is not well formed";
        Failure::bad_request("INVALID_MULTIPART_REQUEST", message)
    })
}

/// The record of a body with files beside it, each in the part that is called like its field.
///
/// # Errors
/// 400 when there is no record, or a file that is no field's of the object.
pub(crate) fn record<'b>(
    object: &Object,
    parts: &[Part<'b>],
) -> Result<(RecordBody<'b>, Draft), Failure> {
    let (files, others): (Vec<_>, Vec<_>) = parts.iter().partition(|part| part.file_name.is_some());
    let record = others.first().ok_or_else(|| {
        let message = "The multipart body has no part with the record's JSON";
        Failure::bad_request("INVALID_MULTIPART_REQUEST", message)
    })?;
    let body = RecordBody::of_bytes(record.content)?;
    let mut draft = body.draft()?;
    for file in files {
        let field = object.field(&file.name);
        let field = field.filter(|field| matches!(field.kind, Kind::Base64(_)));
        let field = field.ok_or_else(|| {
            let message = format!(
                "No such column '{}' on sobject of type {}",
                file.name, object.name
            );
            Failure::bad_request("INVALID_FIELD", message)
        })?;
        let bytes = Input::Bytes(file.content.into());
        draft.fields.push((field.name.to_string(), bytes));
    }
    Ok((body, draft))
}

/// The parts of a body; none when it is not of this form.
pub(crate) fn parts_of<'b>(media_type: &str, body: &'b [u8]) -> Option<Vec<Part<'b>>> {
    split(body, &boundary(media_type)?)
}

fn boundary(media_type: &str) -> Option<String> {
    let essence = media_type.split(';').next()?.trim();
    if !essence.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameter(media_type, "boundary")?;
    (!boundary.is_empty() && boundary.len() <= 200).then_some(boundary)
}

fn split<'b>(body: &'b [u8], boundary: &str) -> Option<Vec<Part<'b>>> {
    let delimiter = format!("--{boundary}");
    let start = find(body, delimiter.as_bytes())?;
    let mut rest = &body[start + delimiter.len()..];
    let next_delimiter = format!("\r\n{delimiter}");
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        rest = rest.strip_prefix(b"\r\n")?;
        let end = find(rest, next_delimiter.as_bytes())?;
        parts.push(part(&rest[..end])?);
        rest = &rest[end + next_delimiter.len()..];
        if parts.len() > PARTS_MAX {
            return None;
        }
    }
    Some(parts)
}

fn part(bytes: &[u8]) -> Option<Part<'_>> {
    let head_end = find(bytes, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..head_end]).ok()?;
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim()
            .eq_ignore_ascii_case("content-disposition")
            .then_some(value)
    })?;
    Some(Part {
        name: parameter(disposition, "name")?,
        file_name: parameter(disposition, "filename"),
        content: &bytes[head_end + 4..],
    })
}

/// A parameter of a header: `; name="value"`.
fn parameter(header: &str, name: &str) -> Option<String> {
    let (_, mut rest) = header.split_once(';')?;
    loop {
        let end = rest.find(['=', ';'])?;
        let (key, after) = (rest[..end].trim(), &rest[end + 1..]);
        if rest[end..].starts_with(';') {
            rest = after;
            continue;
        }
        let (value, after) = value(after.trim_start());
        if key.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = after;
    }
}

/// The value at the beginning of a text, and what comes after it. Within quotes a semicolon is a
/// character like others, as in the name of a file. A backslash is one too, except before a quote:
/// some clients write `\"`, and others send paths.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        return (value.trim_end().to_owned(), rest);
    };
    let mut value = String::new();
    let mut rest = quoted;
    while let Some(end) = rest.find('"') {
        let (before, after) = (&rest[..end], &rest[end + 1..]);
        let Some(before) = before.strip_suffix('\\') else {
            value.push_str(before);
            return (value, after);
        };
        value.push_str(before);
        value.push('"');
        rest = after;
    }
    // The quote that should end it is missing.
    value.push_str(rest);
    (value, "")
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"--xx\r\nContent-Disposition: form-data; name=\"VersionData\"; \
        filename=\"a.txt\"\r\n\r\nbytes\r\n\r\n\r\n--xx\r\ncontent-disposition: form-data; \
        name=\"entity_content\"\r\nContent-Type: application/json\r\n\r\n{}\r\n--xx--\r\n";

    #[test]
    fn parts_come_in_any_order_with_their_names() {
        let media_type = "multipart/form-data; charset=x; boundary=\"xx\"";
        let parts = split(BODY, &boundary(media_type).unwrap()).unwrap();
        let seen: Vec<_> = parts
            .iter()
            .map(|part| (part.name.as_str(), part.file_name.as_deref(), part.content))
            .collect();
        let file = ("VersionData", Some("a.txt"), &b"bytes\r\n\r\n"[..]);
        assert_eq!(seen, [file, ("entity_content", None, &b"{}"[..])]);
    }

    #[test]
    fn what_stands_in_quotes_is_one_value() {
        let header = r#"form-data; x; filename="a; name=b \"c\" C:\d=e.csv" ; Name = "n;";y=z"#;
        let file_name = r#"a; name=b "c" C:\d=e.csv"#;
        assert_eq!(parameter(header, "filename").as_deref(), Some(file_name));
        assert_eq!(parameter(header, "name").as_deref(), Some("n;"));
        assert_eq!(parameter(header, "y").as_deref(), Some("z"));
        assert_eq!(parameter(header, "x"), None);
        assert_eq!(
            parameter("form-data; name=\"job", "name").as_deref(),
            Some("job")
        );
    }

    proptest::proptest! {
        #[test]
        fn no_cut_makes_it_panic(at in 0..BODY.len()) {
            let _ = split(&BODY[..at], "xx");
        }
    }
}
