//! `multipart/form-data`: a record's JSON and one file, in either order.

use axum::http::header;

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
    boundary(media_type)
        .and_then(|boundary| split(&call.body, &boundary))
        .ok_or_else(|| {
            let message = "The multipart body is not well formed";
            Failure::bad_request("INVALID_MULTIPART_REQUEST", message)
        })
}

fn boundary(media_type: &str) -> Option<String> {
    let mut parameters = media_type.split(';').map(str::trim);
    let essence = parameters.next()?;
    if !essence.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.eq_ignore_ascii_case("boundary")
            .then(|| value.trim_matches('"'))
    })?;
    (!boundary.is_empty() && boundary.len() <= 200).then(|| boundary.to_owned())
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
        name: quoted(disposition, "name")?,
        file_name: quoted(disposition, "filename"),
        content: &bytes[head_end + 4..],
    })
}

/// A parameter of a header: `; name="value"`.
fn quoted(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        let is_it = key.trim().eq_ignore_ascii_case(name);
        is_it.then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
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

    proptest::proptest! {
        #[test]
        fn no_cut_makes_it_panic(at in 0..BODY.len()) {
            let _ = split(&BODY[..at], "xx");
        }
    }
}
