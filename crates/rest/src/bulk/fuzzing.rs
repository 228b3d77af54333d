//! CSV, opened to the fuzz targets.

use super::csv_records::{self, CsvRead, CsvRecords, write_record};
use super::door::LineEndings;

/// What may part columns, with its names.
pub const DELIMITERS: [(&str, u8); 6] = csv_records::DELIMITERS;

/// The records of a text that comes in these pieces.
///
/// # Errors
/// As those of a job's upload.
pub fn csv_records(delimiter: u8, pieces: &[&str]) -> Result<Vec<Vec<String>>, String> {
    let mut records = CsvRecords::new(delimiter);
    let mut pieces = pieces.iter();
    let mut all = Vec::new();
    loop {
        match records.next()? {
            CsvRead::Record(record) => all.push(record),
            CsvRead::More => match pieces.next() {
                Some(piece) => records.feed(piece),
                None => records.end(),
            },
            CsvRead::End => return Ok(all),
        }
    }
}

/// A record as results write it.
pub fn csv_record(cells: &[String], delimiter: u8, line_ending: &str) -> String {
    let mut text = String::new();
    let cells = cells.iter().map(String::as_str);
    write_record(&mut text, cells, delimiter, line_ending);
    text
}

/// Where the records end that [`csv_record`] has written.
pub fn csv_record_ends(text: &str) -> Vec<usize> {
    csv_records::record_ends(text).collect()
}

/// Whether the first line of a text that comes in these pieces ends as it should, so far as one sees.
pub fn line_ending_fits(name: &str, pieces: &[&str]) -> bool {
    let mut lines = LineEndings::wanting(name.to_owned());
    for piece in pieces {
        lines.look(piece);
    }
    lines.check().is_ok()
}
