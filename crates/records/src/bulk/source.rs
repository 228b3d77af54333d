//! The rows of an upload, one after the other, read from its lines as they are needed.

use super::door::{BulkRow, Read, RowReader};
use crate::error::Error;
use crate::org::Org;

/// Rows on their way out of an upload.
pub(super) struct RowSource<'a> {
    org: &'a Org,
    reader: Box<dyn RowReader + Send>,
    sheet: Option<i64>,
    next_line: u32,
}

impl<'a> RowSource<'a> {
    pub(super) fn new(org: &'a Org, reader: Box<dyn RowReader + Send>, sheet: Option<i64>) -> Self {
        Self {
            org,
            reader,
            sheet,
            next_line: 0,
        }
    }

    /// The next row; none after the last. The inner error is what is wrong with the upload.
    pub(super) async fn next(&mut self) -> Result<Result<Option<BulkRow>, String>, Error> {
        loop {
            match self.reader.next() {
                Ok(Read::Row(row)) => return Ok(Ok(Some(row))),
                Ok(Read::End) => return Ok(Ok(None)),
                Err(wrong) => return Ok(Err(wrong)),
                Ok(Read::More) => self.feed().await?,
            }
        }
    }

    async fn feed(&mut self) -> Result<(), Error> {
        let text = match self.sheet {
            Some(sheet) => {
                let lines = self.org.store().lines(sheet, self.next_line, 1).await?;
                lines.into_iter().next().and_then(|line| line.text)
            }
            None => None,
        };
        self.next_line += 1;
        match text {
            Some(text) => self.reader.feed(&text),
            None => self.reader.end(),
        }
        Ok(())
    }
}
