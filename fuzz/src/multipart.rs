//! A multipart body is taken apart into what it was put together from.
//!
//! The input is read twice: as a body by itself, and as parts to make a body of, one per line of
//! `name NUL file name NUL content`.

use headwater_rest::fuzzing::{Part, multipart};

const BOUNDARY: &str = "frontier";

/// Reads a body, and one that is made of it.
pub fn check(input: &[u8]) {
    for media_type in [
        "multipart/form-data; boundary=frontier",
        "Multipart/Form-Data; charset=utf-8; boundary=\"frontier\"",
    ] {
        if let Some(parts) = multipart(media_type, input) {
            within(&parts, input);
            again(&parts);
        }
    }
    // A boundary of the sender's choice, and no limit to what else stands in the header.
    if let Some(end) = input.iter().position(|byte| *byte == b'\n')
        && let Some(media_type) = crate::text(&input[..end])
        && let Some(parts) = multipart(media_type, &input[end + 1..])
    {
        within(&parts, &input[end + 1..]);
    }
    let made = input.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut pieces = line.splitn(3, |byte| *byte == 0);
        let (name, file_name) = (crate::text(pieces.next()?)?, crate::text(pieces.next()?)?);
        let file_name = (!file_name.is_empty()).then(|| file_name.to_owned());
        Some((name.to_owned(), file_name, pieces.next()?))
    });
    again(&made.take(32).collect::<Vec<_>>());
}

/// What is in a part was in the body, in the same order, and no delimiter is in it.
fn within(parts: &[Part<'_>], body: &[u8]) {
    let mut last = body.as_ptr().addr();
    for (_, _, content) in parts {
        let start = content.as_ptr().addr();
        assert!(start >= last && start + content.len() <= body.as_ptr().addr() + body.len());
        last = start + content.len();
    }
}

/// Put together as browsers and Salesforce's clients do, the parts come out as they went in.
fn again(parts: &[Part<'_>]) {
    let marker = format!("\r\n--{BOUNDARY}");
    // The end of the head before it counts as well.
    let holds_marker = |content: &[u8]| {
        [b"\r\n", content]
            .concat()
            .windows(marker.len())
            .any(|window| window == marker.as_bytes())
    };
    // No line of a head holds these; browsers write them as %0D, %0A and %22.
    let is_plain = |text: &str| !text.contains(['\r', '\n', '"', '\\']);
    let fits = parts.iter().all(|(name, file_name, content)| {
        is_plain(name) && file_name.as_deref().is_none_or(is_plain) && !holds_marker(content)
    });
    if !fits || parts.is_empty() || parts.len() > 32 {
        return;
    }
    let mut body = Vec::new();
    for (name, file_name, content) in parts {
        let file = file_name.as_ref();
        let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let read = multipart(&media_type, &body);
    assert_eq!(
        read.as_deref(),
        Some(parts),
        "{}",
        String::from_utf8_lossy(&body)
    );
}
