//! What reads texts from outside, opened to the fuzz targets and to nobody else.

use crate::record_body::multipart;

pub use crate::bulk::fuzzing::{
    DELIMITERS, csv_record, csv_record_ends, csv_records, line_ending_fits,
};
pub use crate::soap::fuzzing::{Element, Envelope, envelope, written};

/// A part of a multipart body: its name, the name of its file, and its content.
pub type Part<'b> = (String, Option<String>, &'b [u8]);

/// The parts of a multipart body; none when it is not well formed.
pub fn multipart<'b>(media_type: &str, body: &'b [u8]) -> Option<Vec<Part<'b>>> {
    let parts = multipart::parts_of(media_type, body)?.into_iter();
    Some(
        parts
            .map(|part| (part.name, part.file_name, part.content))
            .collect(),
    )
}
