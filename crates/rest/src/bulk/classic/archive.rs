//! Batches that come as a ZIP archive: `request.txt` holds the rows, and beside it lie the files that
//! rows name in fields of bytes, as `#photos/logo.png`.
//!
//! The files are put into the rows as they are taken in, in base64 as everywhere else in this API. So a
//! batch is what all batches are, and `request` answers with these rows. Salesforce's bounds hold: an
//! archive has 1,000 files at most, and 20 MB when it is unpacked, whatever its directory claims.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::io::{Cursor, Read as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use headwater_catalogue::Kind;
use headwater_records::Caller;
use headwater_records::bulk::{BulkError, Job};
use quick_xml::events::{BytesText, Event};
use serde_json::Value;
use zip::ZipArchive;

use crate::error::Failure;

/// The file with the rows.
const REQUEST: &str = "request.txt";

/// Most files of an archive; folders do not count.
const FILES_MAX: usize = 1_000;

/// Most bytes of all its files together, unpacked.
const UNPACKED_BYTES_MAX: u64 = 20_000_000;

/// Longest name of a file, with its folders, in bytes.
const NAME_BYTES_MAX: usize = 512;

/// The rows of an archive, with the files in them that they name.
///
/// # Errors
/// When it is no archive, is beyond a limit, or lacks a file that a row names.
pub(super) async fn rows(caller: &Caller, job: &Job, archive: Bytes) -> Result<Vec<u8>, Failure> {
    let catalogue = &caller.rights.catalogue;
    let object = catalogue.object(job.object.as_deref().unwrap_or_default());
    let fields = object.iter().flat_map(|object| object.fields.iter());
    let of_bytes = fields.filter(|field| matches!(field.kind, Kind::Base64(_)));
    let columns: HashSet<String> = of_bytes.map(|field| field.name.to_lowercase()).collect();
    let rows_type = job.rows_type().to_owned();
    // To unpack takes a moment, and other requests wait for this thread.
    let reading = tokio::task::spawn_blocking(move || {
        let mut contents = Contents::unpack(&archive, columns)?;
        let rows = contents.files.remove(REQUEST).ok_or_else(|| {
            wrong(format_args!(
                "the archive has no {REQUEST} at its top, which holds the rows"
            ))
        })?;
        contents.filled(&rows_type, rows)
    });
    let read = reading
        .await
        .map_err(|error| Failure::from(headwater_records::Error::internal(error)))?;
    read.map_err(Failure::from_bulk)
}

fn wrong(what: impl Display) -> BulkError {
    BulkError::BadInput(format!("InvalidBatch : {what}"))
}

fn too_much(what: impl Display) -> BulkError {
    BulkError::TooMuch(format!("InvalidBatch : {what}"))
}

/// What was unpacked.
struct Contents {
    files: HashMap<String, Vec<u8>>,
    /// The fields that hold bytes, in lower case.
    columns: HashSet<String>,
}

impl Contents {
    fn unpack(archive: &[u8], columns: HashSet<String>) -> Result<Self, BulkError> {
        let unreadable = |error| {
            wrong(format_args!(
                "the body is no ZIP archive that can be read: {error}"
            ))
        };
        let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(unreadable)?;
        let mut files = HashMap::new();
        let mut left = UNPACKED_BYTES_MAX;
        for place in 0..archive.len() {
            let file = archive.by_index(place).map_err(unreadable)?;
            if file.is_dir() {
                continue;
            }
            if files.len() >= FILES_MAX {
                return Err(too_much(format_args!(
                    "an archive has at most {FILES_MAX} files"
                )));
            }
            // As Windows writes it.
            let name = file.name().map_err(unreadable)?.replace('\\', "/");
            if name.len() > NAME_BYTES_MAX {
                let limit = format!("{NAME_BYTES_MAX} bytes");
                return Err(too_much(format_args!(
                    "the name of a file has at most {limit}: {name}"
                )));
            }
            let mut content = Vec::new();
            let mut file = file.take(left + 1);
            file.read_to_end(&mut content)
                .map_err(|error| wrong(format_args!("{name} cannot be unpacked: {error}")))?;
            let bytes = content.len() as u64;
            left = left.checked_sub(bytes).ok_or_else(|| {
                let limit = format!("{UNPACKED_BYTES_MAX} bytes");
                too_much(format_args!(
                    "an archive has at most {limit} when it is unpacked"
                ))
            })?;
            files.insert(name, content);
        }
        Ok(Self { files, columns })
    }

    /// The rows with what they name. Rows that are not what they should be are left as they are: who
    /// works the batch says what is wrong with them, as with all batches.
    fn filled(&self, rows_type: &str, rows: Vec<u8>) -> Result<Vec<u8>, BulkError> {
        let filled = match rows_type {
            "JSON" => self.filled_json(&rows),
            "XML" => self.filled_xml(&rows),
            _ => self.filled_csv(&rows),
        };
        Ok(filled?.unwrap_or(rows))
    }

    fn filled_csv(&self, rows: &[u8]) -> Result<Option<Vec<u8>>, BulkError> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(rows);
        let mut writer = csv::WriterBuilder::new()
            .flexible(true)
            .from_writer(Vec::new());
        let mut of_bytes: Option<Vec<bool>> = None;
        for record in reader.records() {
            let Ok(record) = record else {
                return Ok(None);
            };
            let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
            match &of_bytes {
                None => of_bytes = Some(cells.iter().map(|name| self.is_of_bytes(name)).collect()),
                Some(of_bytes) => {
                    for (cell, is_of_bytes) in cells.iter_mut().zip(of_bytes) {
                        if *is_of_bytes && let Some(content) = self.named(cell)? {
                            *cell = content;
                        }
                    }
                }
            }
            if writer.write_record(&cells).is_err() {
                return Ok(None);
            }
        }
        Ok(writer.into_inner().ok())
    }

    fn filled_json(&self, rows: &[u8]) -> Result<Option<Vec<u8>>, BulkError> {
        let Ok(Value::Array(mut rows)) = serde_json::from_slice(rows) else {
            return Ok(None);
        };
        let fields = rows.iter_mut().filter_map(Value::as_object_mut).flatten();
        for (name, value) in fields {
            if self.is_of_bytes(name)
                && let Some(content) = self.named(value.as_str().unwrap_or_default())?
            {
                *value = content.into();
            }
        }
        Ok(serde_json::to_vec(&rows).ok())
    }

    fn filled_xml(&self, rows: &[u8]) -> Result<Option<Vec<u8>>, BulkError> {
        let mut reader = quick_xml::Reader::from_reader(rows);
        let mut writer = quick_xml::Writer::new(Vec::new());
        let mut is_of_bytes = false;
        loop {
            let Ok(event) = reader.read_event() else {
                return Ok(None);
            };
            let filled = match &event {
                Event::Eof => return Ok(Some(writer.into_inner())),
                Event::Start(start) => {
                    let name = start.local_name();
                    is_of_bytes = self.is_of_bytes(name.as_ref());
                    None
                }
                Event::Text(text) if is_of_bytes => self.named(text.trim())?,
                _ => {
                    is_of_bytes = false;
                    None
                }
            };
            let written = match &filled {
                Some(content) => writer.write_event(Event::Text(BytesText::new(content))),
                None => writer.write_event(event),
            };
            if written.is_err() {
                return Ok(None);
            }
        }
    }

    fn is_of_bytes(&self, name: &str) -> bool {
        self.columns.contains(&name.trim().to_lowercase())
    }

    /// The content of the file that a value names, in base64; none if it names none.
    fn named(&self, value: &str) -> Result<Option<String>, BulkError> {
        let Some(name) = value.strip_prefix('#').filter(|name| *name != "N/A") else {
            return Ok(None);
        };
        let content = self.files.get(&name.replace('\\', "/")).ok_or_else(|| {
            wrong(format_args!(
                "a row names the file {value}, and the archive has no {name}"
            ))
        })?;
        Ok(Some(STANDARD.encode(content)))
    }
}
