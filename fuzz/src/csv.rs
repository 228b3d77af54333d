//! Bulk CSV is read the same wherever it is cut, and what is written is read back.
//!
//! The first byte chooses the delimiter, the second the line ending, the third how long the pieces
//! are; the rest is the text.

use headwater_rest::fuzzing::{
    DELIMITERS, csv_record, csv_record_ends, csv_records, line_ending_fits,
};

/// Reads a text whole, in pieces, and written anew.
pub fn check(input: &[u8]) {
    let Some((&[delimiter, ending, step], text)) = input.split_first_chunk() else {
        return;
    };
    let Some(text) = crate::text(text) else {
        return;
    };
    let (_, delimiter) = DELIMITERS[usize::from(delimiter) % DELIMITERS.len()];
    let (ending, line_ending) = [("LF", "\n"), ("CRLF", "\r\n")][usize::from(ending) % 2];
    let pieces = pieces(text, step);
    assert_eq!(pieces.concat(), text);
    let whole = csv_records(delimiter, &[text]);
    assert_eq!(csv_records(delimiter, &pieces), whole, "{pieces:?}");
    let fits = line_ending_fits(ending, &[text]);
    assert_eq!(line_ending_fits(ending, &pieces), fits, "{pieces:?}");
    let records = whole.expect("cells end at characters, and no row is that long");
    assert!(records.iter().all(|record| !record.is_empty()));

    let mut written = String::new();
    let mut ends = Vec::new();
    for record in &records {
        written.push_str(&csv_record(record, delimiter, line_ending));
        ends.push(written.len());
    }
    assert_eq!(
        csv_records(delimiter, &[&written]),
        Ok(records),
        "{written}"
    );
    assert_eq!(csv_record_ends(&written), ends, "{written}");
}

/// Cut into pieces of lengths that vary, an empty one now and then.
fn pieces(text: &str, step: u8) -> Vec<&str> {
    let step = usize::from(step);
    let (mut pieces, mut rest, mut length) = (vec![""], text, step);
    while !rest.is_empty() {
        length = (length * 7 + 3) % (step + 2);
        // Two empty ones do not follow one another, or there would be no end.
        let least = usize::from(pieces.last().is_some_and(|piece| piece.is_empty()));
        let end = length.max(least).min(rest.len());
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(end));
        pieces.push(piece);
        rest = after;
    }
    pieces
}
