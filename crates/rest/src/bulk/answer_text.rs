//! Records that a query found, as the lines of text a job keeps: CSV records, JSON objects or XML
//! elements. What stands around them is put there when they are fetched.

use std::fmt::Write as _;
use std::sync::Arc;

use headwater_records::bulk::{ANSWER_LINE_ROWS, AnswerWriter, Job, JobKind};
use headwater_records::{RecordSink, Row, RowSink, ValueRef};
use headwater_soql::resolved::{Output, Query};

use super::csv_records::{delimiter_of, line_ending_of, write_cell, write_record};
use crate::answer::escape;
use crate::call::Version;
use crate::record_json::{RecordJson, write_value};

/// Writes rows in the form of a job.
pub(crate) struct AnswerText {
    form: Form,
    query: Option<Arc<Query>>,
    /// Whether the answer begins here.
    is_first: bool,
    lines: Vec<String>,
    line: String,
    rows: usize,
}

enum Form {
    Csv {
        delimiter: u8,
        line_ending: &'static str,
        /// Whether columns are in the order of their names, as they were before version 50.
        by_name: bool,
        /// Path and column of each cell.
        cells: Vec<(String, usize)>,
    },
    Json(Box<RecordJson>),
    Xml,
}

/// The first version that leaves columns in the order of the SELECT.
const IN_ORDER_SINCE: u8 = 50;

impl AnswerText {
    pub(super) fn new(job: &Job, is_first: bool) -> Self {
        let form = match job.rows_type() {
            "JSON" => {
                let version = format!("v{}.0", job.version).parse();
                let json = RecordJson::of_bulk(version.unwrap_or(Version::NEWEST));
                Form::Json(Box::new(json))
            }
            "XML" => Form::Xml,
            _ => Form::Csv {
                delimiter: delimiter_of(job.column_delimiter.as_deref()).unwrap_or(b','),
                line_ending: line_ending_of(job.line_ending.as_deref()).unwrap_or("\n"),
                by_name: job.kind == JobKind::Query && job.version < IN_ORDER_SINCE,
                cells: Vec::new(),
            },
        };
        Self {
            form,
            query: None,
            is_first,
            lines: Vec::new(),
            line: String::new(),
            rows: 0,
        }
    }

    fn end_line(&mut self) {
        if let Form::Json(json) = &mut self.form {
            let bytes = json.take_bytes();
            // Only the first line of an answer has nothing before it.
            let begins = self.is_first && self.lines.is_empty();
            if !begins && !bytes.is_empty() {
                self.line.push_str(",\n");
            }
            self.line.push_str(&String::from_utf8_lossy(&bytes));
        }
        self.lines.push(std::mem::take(&mut self.line));
        self.rows = 0;
    }
}

impl RecordSink for AnswerText {
    fn begin(&mut self, query: &Arc<Query>) {
        match &mut self.form {
            Form::Csv {
                delimiter,
                line_ending,
                by_name,
                cells,
            } => {
                add_cells(cells, "", &query.outputs);
                if *by_name {
                    cells.sort();
                }
                if self.is_first {
                    let names = cells.iter().map(|(name, _)| name.as_str());
                    write_record(&mut self.line, names, *delimiter, line_ending);
                }
            }
            Form::Json(json) => json.begin(query),
            Form::Xml => {}
        }
        self.query = Some(Arc::clone(query));
    }
}

impl RowSink for AnswerText {
    fn row(&mut self, row: &Row<'_>) {
        match &mut self.form {
            Form::Csv {
                delimiter,
                line_ending,
                cells,
                ..
            } => {
                for (place, (_, column)) in cells.iter().enumerate() {
                    if place > 0 {
                        self.line.push(char::from(*delimiter));
                    }
                    write_cell(&mut self.line, &cell(row.get(*column)));
                }
                self.line.push_str(line_ending);
            }
            Form::Json(json) => json.row(row),
            Form::Xml => {
                if let Some(query) = &self.query {
                    record(
                        &mut self.line,
                        "records",
                        &query.object().name,
                        &query.outputs,
                        row,
                    );
                }
            }
        }
        self.rows += 1;
        if self.rows == ANSWER_LINE_ROWS {
            self.end_line();
        }
    }
}

impl AnswerWriter for AnswerText {
    fn take_lines(&mut self) -> Vec<String> {
        let has_header = self.is_first && self.lines.is_empty();
        if self.rows > 0 || has_header {
            self.end_line();
        }
        std::mem::take(&mut self.lines)
    }
}

fn add_cells(cells: &mut Vec<(String, usize)>, before: &str, outputs: &[Output]) {
    for output in outputs {
        match output {
            Output::Value { name, column, .. } | Output::Function { name, column, .. } => {
                cells.push((format!("{before}{name}"), *column));
            }
            Output::Parent { name, outputs, .. } => {
                add_cells(cells, &format!("{before}{name}."), outputs);
            }
            // A job with such a query is refused.
            Output::Address { .. } | Output::TypeOf { .. } | Output::Children { .. } => {}
        }
    }
}

/// A value as a cell or an element holds it.
fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Text(text) => text.to_owned(),
        ValueRef::DateTime(at) => format!("{at:.3}"),
        value => {
            let mut written = Vec::new();
            write_value(&mut written, value);
            let text = String::from_utf8(written).unwrap_or_default();
            text.trim_matches('"').to_owned()
        }
    }
}

/// A record as an element.
fn record(out: &mut String, element: &str, object: &str, outputs: &[Output], row: &Row<'_>) {
    // Writing to a String cannot fail; so below.
    let _ = write!(out, "<{element} xsi:type=\"sObject\"><type>{object}</type>");
    for output in outputs {
        match output {
            Output::Value { name, column, .. } | Output::Function { name, column, .. } => {
                let value = row.get(*column);
                let _ = if value.is_null() {
                    write!(out, "<{name} xsi:nil=\"true\"/>")
                } else {
                    write!(out, "<{name}>{}</{name}>", escape(cell(value)))
                };
            }
            Output::Parent {
                name,
                records,
                outputs,
            } => match records.iter().find(|(_, id)| !row.get(*id).is_null()) {
                Some((parent, _)) => record(out, name, &parent.name, outputs, row),
                None => {
                    let _ = write!(out, "<{name} xsi:nil=\"true\"/>");
                }
            },
            Output::Address { .. } | Output::TypeOf { .. } | Output::Children { .. } => {}
        }
    }
    let _ = write!(out, "</{element}>");
}
