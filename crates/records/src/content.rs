//! The bytes of files: kept in sheets, a piece in a line, and read piece by piece.
//!
//! The lines are written with the record that they belong to, so that there is never one without the
//! other. A line is text, so its bytes are base64. Where bytes are kept outside of the database
//! (`outside`), the one line of the sheet says what they are called there.

mod outside;
mod scan;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::{Stream, stream};
use headwater_catalogue::{Content, Kind, Object, Value};
use headwater_store::{Line, Outside};

use crate::caller::Caller;
use crate::change::ValidChange;
use crate::describe::visible_object;
use crate::error::Error;
use crate::org::Org;
use crate::selection::Selection;
use crate::visibility::{self, Act};
use crate::write::id_of;

pub use outside::{FilePlace, FilePlaces};
pub use scan::{FileScanner, NotScanned, Scanned, Scanning};

/// Most bytes of one file. As base64 they are the largest JSON that Salesforce takes, 50 MB.
pub const CONTENT_BYTES_MAX: usize = 39_321_600;

/// Bytes in a line: a multiple of three, so that only the last line's base64 is padded.
const PIECE_BYTES: usize = 48 * 1024;

/// Lines that are read together.
const PIECES_TOGETHER: usize = 8;

/// Bytes that are read together from outside of the database: each time is a request of its own.
const BYTES_TOGETHER: u64 = 4 * 1024 * 1024;

/// A file that its reader may have.
#[derive(Debug, Clone)]
pub struct ContentReader {
    /// How many bytes it has.
    pub size: u64,
    /// What kind of file it is (`text/csv`), if that was said.
    pub media_type: Option<String>,
    /// The name of its record.
    pub name: Option<String>,
    sheet: i64,
    /// Bytes that were read already, the first ones.
    first: Bytes,
    rest: Rest,
}

/// Where the bytes are that have not been read.
#[derive(Debug, Clone)]
enum Rest {
    /// In the lines of the sheet from a place on.
    Lines(u32),
    /// Outside of the database.
    Outside(Outside),
}

impl Org {
    /// The bytes in a field of a record, to be read by [`Org::pieces`]. The first of them are read here, so
    /// that a file that cannot be had is refused before anything is sent.
    ///
    /// # Errors
    /// As [`Org::retrieve`]; [`Error::UnknownField`] too when the field holds no bytes, and
    /// [`Error::NotFound`] when there are none in it. Where they lie outside of the database,
    /// [`Error::FileLost`] and [`Error::FilesUnreachable`].
    pub async fn content(
        &self,
        caller: &Caller,
        object: &str,
        id: &str,
        field: &str,
    ) -> Result<ContentReader, Error> {
        let object = visible_object(caller, object)?;
        let id = id_of(object, id)?;
        let (place, content) = content_of(caller, object, field)?;
        let mut names = vec![&*object.fields[place].name, &*content.size];
        let name = object.name_field().map(|field| &*field.name);
        names.extend(name);
        names.extend(content.media_type.as_deref());
        let rows = Selection::of_object(object)
            .fields(&names)?
            .equal("Id", id)?
            .only(visibility::filter(caller, object, Act::See, 0))
            .rows(self.store())
            .await?;
        let Some(row) = rows.into_iter().next() else {
            return Err(self.not_there(caller, object, id).await?);
        };
        let (Some(Value::Integer(sheet)), Some(Value::Integer(size))) = (row.get(1), row.get(2))
        else {
            return Err(Error::NotFound(id.to_string()));
        };
        let text = |place: usize| row.get(place).and_then(Value::as_text).map(str::to_owned);
        let after_name = 3 + usize::from(name.is_some());
        let size = u64::try_from(*size).unwrap_or_default();
        let (first, rest) = self.first_bytes(*sheet, size).await?;
        Ok(ContentReader {
            size,
            media_type: content.media_type.as_ref().and_then(|_| text(after_name)),
            name: name.and_then(|_| text(3)),
            sheet: *sheet,
            first,
            rest,
        })
    }

    /// The first bytes of a sheet with so many.
    async fn first_bytes(&self, sheet: i64, size: u64) -> Result<(Bytes, Rest), Error> {
        if size == 0 {
            return Ok((Bytes::new(), Rest::Lines(0)));
        }
        let lines = self.store().lines(sheet, 0, PIECES_TOGETHER).await?;
        // Between record and lines the field got other bytes.
        let first = lines.first().ok_or(Error::Busy)?;
        if let Some(outside) = Outside::of_line(first) {
            let first = self.get_outside(&outside, 0..size.min(BYTES_TOGETHER));
            return Ok((first.await?, Rest::Outside(outside)));
        }
        let (bytes, next) = bytes_of(&lines)?;
        Ok((bytes, Rest::Lines(next)))
    }

    /// The bytes of a file, piece by piece. The last item is an error when they cannot be read to the
    /// end: when the database fails, or the record gets others meanwhile or goes for good. Nobody is
    /// to take a part for the whole.
    pub fn pieces(
        &self,
        reader: ContentReader,
    ) -> impl Stream<Item = Result<Bytes, Error>> + Send + use<> {
        let left = reader.size;
        let reading = Reading {
            org: self.clone(),
            reader,
            left,
        };
        stream::unfold(reading, Reading::next)
    }

    /// Gives the bytes of a change their sheets: the lines to write with it. Whatever door they came in by,
    /// they pass here, and are looked at for viruses if anybody does that.
    pub(crate) async fn keep_contents(
        &self,
        object: &Object,
        change: &mut ValidChange,
    ) -> Result<Vec<Line>, Error> {
        self.scan(object, change).await?;
        let contents = std::mem::take(&mut change.contents);
        let count = u32::try_from(contents.len()).unwrap_or(u32::MAX);
        let first = self.store().new_sheets(count).await?;
        let mut lines = Vec::new();
        for (sheet, (place, bytes)) in (first..).zip(contents) {
            for value in &mut change.values {
                if value.0 == place {
                    value.1 = Value::Integer(sheet);
                }
            }
            if bytes.is_empty() {
                continue;
            }
            if let Some(outside) = self.put_outside(sheet, &bytes).await? {
                lines.push(outside.line());
                continue;
            }
            let pieces = (0..).zip(bytes.chunks(PIECE_BYTES));
            lines.extend(pieces.map(|(place, piece)| Line {
                sheet,
                place,
                record: None,
                is_new: false,
                text: Some(STANDARD.encode(piece)),
            }));
        }
        Ok(lines)
    }
}

/// A file that is being read.
struct Reading {
    org: Org,
    reader: ContentReader,
    /// Bytes that are still to come.
    left: u64,
}

impl Reading {
    /// The next bytes; none after the last.
    async fn next(mut self) -> Option<(Result<Bytes, Error>, Self)> {
        if self.left == 0 {
            return None;
        }
        let piece = self.piece().await;
        self.left = match &piece {
            Ok(bytes) => self.left.saturating_sub(bytes.len() as u64),
            Err(_) => 0,
        };
        Some((piece, self))
    }

    async fn piece(&mut self) -> Result<Bytes, Error> {
        let reader = &mut self.reader;
        if !reader.first.is_empty() {
            return Ok(std::mem::take(&mut reader.first));
        }
        match &mut reader.rest {
            Rest::Outside(outside) => {
                let from = reader.size - self.left;
                let until = from + self.left.min(BYTES_TOGETHER);
                self.org.get_outside(outside, from..until).await
            }
            Rest::Lines(next) => {
                let store = self.org.store();
                let lines = store.lines(reader.sheet, *next, PIECES_TOGETHER).await?;
                if lines.is_empty() {
                    return Err(Error::internal("a file was replaced while it was sent"));
                }
                let (bytes, after) = bytes_of(&lines)?;
                *next = after;
                Ok(bytes)
            }
        }
    }
}

/// The bytes in some lines, and the place of the line after them.
fn bytes_of(lines: &[Line]) -> Result<(Bytes, u32), Error> {
    let mut bytes = Vec::with_capacity(lines.len() * PIECE_BYTES);
    for line in lines {
        let text = line.text.as_deref().unwrap_or_default();
        let decoded = STANDARD.decode_vec(text, &mut bytes);
        decoded.map_err(Error::internal)?;
    }
    let next = lines.last().map_or(0, |line| line.place + 1);
    Ok((bytes.into(), next))
}

/// The place of a field of bytes that the caller reads.
fn content_of<'o>(
    caller: &Caller,
    object: &'o Object,
    field: &str,
) -> Result<(usize, &'o Content), Error> {
    let place = object.position(field);
    let place = place.filter(|place| caller.rights.on(object).reads(*place));
    let content = place.and_then(|place| match &object.fields[place].kind {
        Kind::Base64(content) => Some((place, content)),
        _ => None,
    });
    content.ok_or_else(|| Error::UnknownField {
        object: object.name.clone(),
        field: field.to_owned(),
    })
}
