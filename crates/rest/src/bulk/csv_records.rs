//! CSV that comes in pieces, cut anywhere: its records, one after the other.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Most bytes of one record.
const RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What some programs begin a file with to say that it is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What there is of the next record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CsvRead {
    Record(Vec<String>),
    More,
    End,
}

/// Records on their way out of pieces.
pub(super) struct CsvRecords {
    reader: Reader,
    held: Vec<u8>,
    /// How much of what is held was read.
    read: usize,
    is_ended: bool,
    /// The fields of the record it is in, and where each of them ends.
    fields: Vec<u8>,
    fields_end: usize,
    ends: Vec<usize>,
    ends_count: usize,
}

impl CsvRecords {
    pub(super) fn new(delimiter: u8) -> Self {
        Self {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            held: Vec::new(),
            read: 0,
            is_ended: false,
            fields: vec![0; 1024],
            fields_end: 0,
            ends: vec![0; 64],
            ends_count: 0,
        }
    }

    pub(super) fn feed(&mut self, text: &str) {
        self.held.drain(..self.read);
        self.read = 0;
        self.held.extend_from_slice(text.as_bytes());
    }

    pub(super) fn end(&mut self) {
        self.is_ended = true;
    }

    /// The next record.
    ///
    /// # Errors
    /// When it is too long, or its cells are cut in the middle of a character.
    pub(super) fn next(&mut self) -> Result<CsvRead, String> {
        loop {
            let unread = &self.held[self.read..];
            // The reader takes a mark at the beginning away and takes what is left of the piece, if it
            // is nothing, for the end.
            if !self.is_ended && (unread.is_empty() || unread == BYTE_ORDER_MARK) {
                return Ok(CsvRead::More);
            }
            let (result, read, written, ended) = self.reader.read_record(
                unread,
                &mut self.fields[self.fields_end..],
                &mut self.ends[self.ends_count..],
            );
            self.read += read;
            self.fields_end += written;
            self.ends_count += ended;
            match result {
                ReadRecordResult::InputEmpty if self.is_ended => {}
                ReadRecordResult::InputEmpty => return Ok(CsvRead::More),
                ReadRecordResult::OutputFull if self.fields.len() >= RECORD_BYTES_MAX => {
                    return Err(format!("A row has more than {RECORD_BYTES_MAX} bytes"));
                }
                ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => return self.take().map(CsvRead::Record),
                ReadRecordResult::End => return Ok(CsvRead::End),
            }
        }
    }

    fn take(&mut self) -> Result<Vec<String>, String> {
        let mut cells = Vec::with_capacity(self.ends_count);
        let mut start = 0;
        for end in &self.ends[..self.ends_count] {
            let cell = std::str::from_utf8(&self.fields[start..*end]);
            cells.push(cell.map_err(|_| "A cell is not UTF-8")?.to_owned());
            start = *end;
        }
        self.fields_end = 0;
        self.ends_count = 0;
        Ok(cells)
    }
}

/// The byte of a delimiter's name.
pub(super) fn delimiter_of(name: Option<&str>) -> Option<u8> {
    let known = DELIMITERS.iter();
    let name = name.unwrap_or("COMMA");
    known
        .into_iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, byte)| *byte)
}

/// What may part columns, with its names.
pub(super) const DELIMITERS: [(&str, u8); 6] = [
    ("COMMA", b','),
    ("TAB", b'\t'),
    ("SEMICOLON", b';'),
    ("PIPE", b'|'),
    ("CARET", b'^'),
    ("BACKQUOTE", b'`'),
];

/// Appends a record, all of its cells in quotes.
pub(super) fn write_record<'c>(
    out: &mut String,
    cells: impl IntoIterator<Item = &'c str>,
    delimiter: u8,
    line_ending: &str,
) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            out.push(char::from(delimiter));
        }
        write_cell(out, cell);
    }
    out.push_str(line_ending);
}

/// Appends a cell in quotes.
pub(super) fn write_cell(out: &mut String, cell: &str) {
    out.push('"');
    for (place, part) in cell.split('"').enumerate() {
        if place > 0 {
            out.push_str("\"\"");
        }
        out.push_str(part);
    }
    out.push('"');
}

/// The text of a line ending's name.
pub(super) fn line_ending_of(name: Option<&str>) -> Option<&'static str> {
    match name.unwrap_or("LF") {
        name if name.eq_ignore_ascii_case("LF") => Some("\n"),
        name if name.eq_ignore_ascii_case("CRLF") => Some("\r\n"),
        _ => None,
    }
}

/// Where each record of this text ends, all of whose cells are in quotes.
pub(super) fn record_ends(text: &str) -> impl Iterator<Item = usize> {
    let mut is_quoted = false;
    text.bytes().enumerate().filter_map(move |(place, byte)| {
        is_quoted ^= byte == b'"';
        (byte == b'\n' && !is_quoted).then_some(place + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::fuzzing::csv_records;

    fn read(pieces: &[&str], delimiter: u8) -> Vec<Vec<String>> {
        csv_records(delimiter, pieces).unwrap()
    }

    const TEXT: &str = "A,B\n\"x \"\"y\"\"\r\nz\", ü \r\n\n,\nlast,one";

    #[test]
    fn quotes_hold_delimiters_lines_and_quotes_and_spaces_stay() {
        let expected: Vec<Vec<&str>> = vec![
            vec!["A", "B"],
            vec!["x \"y\"\r\nz", " ü "],
            vec!["", ""],
            vec!["last", "one"],
        ];
        assert_eq!(read(&[TEXT], b','), expected);
        assert_eq!(read(&["A\tB,C\n"], b'\t'), [["A", "B,C"]]);
    }

    #[test]
    fn a_mark_at_the_beginning_may_come_by_itself() {
        let mark = "\u{feff}";
        for pieces in [&["\u{feff}A,B\n1,2"][..], &["", mark, "", "A,B\n1,2"]] {
            assert_eq!(read(pieces, b','), [["A", "B"], ["1", "2"]], "{pieces:?}");
        }
        assert_eq!(read(&["A\n", mark], b','), [["A"], [mark]]);
        assert!(read(&[mark], b',').is_empty());
    }

    proptest::proptest! {
        #[test]
        fn it_does_not_matter_where_it_is_cut(at in 0..TEXT.len(), then in 0..TEXT.len()) {
            let (at, then) = (at.min(then), at.max(then));
            if TEXT.is_char_boundary(at) && TEXT.is_char_boundary(then) {
                let pieces = [&TEXT[..at], &TEXT[at..then], &TEXT[then..]];
                proptest::prop_assert_eq!(read(&pieces, b','), read(&[TEXT], b','));
            }
        }

        #[test]
        fn what_is_written_is_read(cells in proptest::collection::vec(".*", 1..5)) {
            let mut text = String::new();
            write_record(&mut text, cells.iter().map(String::as_str), b',', "\n");
            proptest::prop_assert_eq!(record_ends(&text).last(), Some(text.len()));
            proptest::prop_assert_eq!(read(&[&text], b','), [cells]);
        }
    }
}
