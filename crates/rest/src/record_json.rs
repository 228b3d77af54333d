//! Records as JSON, written straight into bytes from the values the database lends.

mod format;
mod text;
mod value;

use std::sync::Arc;

use headwater_catalogue::{Object, Source};
use headwater_records::{RecordSink, Related, RelatedRows, Row, RowSink, ValueRef};
use headwater_soql::resolved::{Column, Expression, Output, Query};

use crate::call::Version;

pub(crate) use text::write_text;
pub(crate) use value::{instant_text, write_value};

use value::write_in_milliseconds;

/// Takes rows and writes them as the elements of a JSON list, without its brackets.
pub(crate) struct RecordJson {
    bytes: Vec<u8>,
    /// `/services/data/v68.0/sobjects/`, which every record's URL begins with.
    sobjects: String,
    /// `/services/data/v68.0/query/`, which every locator's URL begins with.
    queries: String,
    query: Option<Arc<Query>>,
    /// Whether days and instants are milliseconds since 1970.
    in_milliseconds: bool,
}

impl RecordJson {
    /// A writer of records whose URLs are of this version.
    pub(crate) fn new(version: Version) -> Self {
        Self {
            bytes: Vec::with_capacity(2048),
            sobjects: format!("/services/data/v{version}/sobjects/"),
            queries: format!("/services/data/v{version}/query/"),
            query: None,
            in_milliseconds: false,
        }
    }

    /// The same for the Tooling API, whose records have addresses of their own.
    pub(crate) fn of_tooling(version: Version) -> Self {
        Self {
            sobjects: format!("/services/data/v{version}/tooling/sobjects/"),
            queries: format!("/services/data/v{version}/tooling/query/"),
            ..Self::new(version)
        }
    }

    /// The same for Bulk API 1.0, whose days and instants are milliseconds since 1970.
    pub(crate) fn of_bulk(version: Version) -> Self {
        Self {
            in_milliseconds: true,
            ..Self::new(version)
        }
    }

    /// What was written since the last time.
    pub(crate) fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Whether every value shown is a stored value of the record itself, so that the record's own
    /// version tells whether what is shown has changed.
    pub(crate) fn shows_only_own_values(&self) -> bool {
        let Some(query) = &self.query else {
            return true;
        };
        let fields = &query.object().fields;
        query.columns.iter().all(|column| match column {
            Expression::Column(Column { source: 0, field }) => {
                matches!(fields[*field].source, Source::Stored)
            }
            // That somebody has looked is no change of what they see.
            Expression::LastSeen { source: 0, .. } | Expression::Null(_) => true,
            _ => false,
        })
    }

    /// What was written.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What was written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl RecordSink for RecordJson {
    fn begin(&mut self, query: &Arc<Query>) {
        self.query = Some(Arc::clone(query));
    }

    fn record(&mut self, row: &Row<'_>, related: Related<'_>) {
        self.element(row, Some(related));
    }
}

impl RowSink for RecordJson {
    fn row(&mut self, row: &Row<'_>) {
        self.element(row, None);
    }
}

/// A row with what belongs to it.
#[derive(Clone, Copy)]
struct Whole<'a> {
    row: &'a Row<'a>,
    related: Option<Related<'a>>,
}

impl RecordJson {
    /// The next element of the list.
    fn element(&mut self, row: &Row<'_>, related: Option<Related<'_>>) {
        let Some(query) = self.query.take() else {
            return;
        };
        // `COUNT()` has no outputs, and its answer no records.
        if !query.outputs.is_empty() {
            if !self.bytes.is_empty() {
                self.bytes.push(b',');
            }
            let whole = Whole { row, related };
            if query.group.is_some() {
                self.group(query.object(), &query.outputs, whole);
            } else {
                // The id is always the first column.
                self.one(query.object(), 0, &query.outputs, whole);
            }
        }
        self.query = Some(query);
    }

    fn one(&mut self, object: &Object, id_column: usize, outputs: &[Output], whole: Whole<'_>) {
        let row = whole.row;
        let ValueRef::Id(id) = row.get(id_column) else {
            self.bytes.extend_from_slice(b"null");
            return;
        };
        self.put(br#"{"attributes":{"type":""#);
        self.put(object.name.as_bytes());
        self.put(br#"","url":""#);
        self.bytes.extend_from_slice(self.sobjects.as_bytes());
        self.put(object.name.as_bytes());
        self.bytes.push(b'/');
        self.put(id.as_bytes());
        self.put(br#""}"#);
        for output in outputs {
            self.output(object, id, output, whole);
        }
        self.bytes.push(b'}');
    }

    /// A group is no record: it has no address.
    fn group(&mut self, object: &Object, outputs: &[Output], whole: Whole<'_>) {
        self.put(br#"{"attributes":{"type":"AggregateResult"}"#);
        for output in outputs {
            self.output(object, "", output, whole);
        }
        self.bytes.push(b'}');
    }

    fn output(&mut self, object: &Object, id: &str, output: &Output, whole: Whole<'_>) {
        let row = whole.row;
        match output {
            Output::Value { name, column, kind } => {
                self.key(name);
                let value = row.get(*column);
                if matches!(kind, headwater_catalogue::Kind::Base64(_)) && !value.is_null() {
                    let url = format!("{}{}/{id}/{name}", self.sobjects, object.name);
                    write_text(&mut self.bytes, &url);
                } else if self.in_milliseconds {
                    write_in_milliseconds(&mut self.bytes, value);
                } else {
                    write_value(&mut self.bytes, value);
                }
            }
            Output::Function {
                name,
                column,
                kind,
                formatted: Some(zone),
                ..
            } => {
                self.key(name);
                match format::formatted(row.get(*column), kind, zone) {
                    Some(text) => write_text(&mut self.bytes, &text),
                    None => self.put(b"null"),
                }
            }
            Output::Function { name, column, .. } => {
                self.key(name);
                write_value(&mut self.bytes, row.get(*column));
            }
            Output::Address { name, parts } => {
                self.key(name);
                self.address(parts, row);
            }
            Output::Parent {
                name,
                records,
                outputs,
            } => {
                self.key(name);
                let parent = records.iter().find(|(_, id)| !row.get(*id).is_null());
                match parent {
                    Some((object, id)) => self.one(object, *id, outputs, whole),
                    None => self.put(b"null"),
                }
            }
            Output::TypeOf { name, branches } => {
                self.key(name);
                let mut branches = branches.iter();
                match branches.find(|branch| !row.get(branch.id).is_null()) {
                    Some(branch) => self.one(&branch.object, branch.id, &branch.outputs, whole),
                    None => self.put(b"null"),
                }
            }
            Output::Children { name, place } => {
                self.key(name);
                match whole.related.and_then(|related| related.of(id, *place)) {
                    Some(children) => self.children(&children),
                    None => self.put(b"null"),
                }
            }
        }
    }

    /// The records of a child relationship, as a query's answer has its own.
    fn children(&mut self, children: &RelatedRows<'_>) {
        let locator = children.locator();
        let head = format!(
            "{{\"totalSize\":{},\"done\":{}",
            children.total(),
            locator.is_none()
        );
        self.put(head.as_bytes());
        if let Some(locator) = locator {
            self.put(b",\"nextRecordsUrl\":");
            let url = format!("{}{locator}", self.queries);
            write_text(&mut self.bytes, &url);
        }
        self.put(b",\"records\":[");
        let query = children.query();
        let mut is_first = true;
        children.each(|row, related| {
            if !is_first {
                self.bytes.push(b',');
            }
            is_first = false;
            let whole = Whole {
                row,
                related: Some(related),
            };
            self.one(query.object(), 0, &query.outputs, whole);
        });
        self.put(b"]}");
    }

    fn address(&mut self, parts: &[(headwater_catalogue::Name, usize)], row: &Row<'_>) {
        if parts.iter().all(|(_, column)| row.get(*column).is_null()) {
            self.put(b"null");
            return;
        }
        for (place, (key, column)) in parts.iter().enumerate() {
            self.put(if place == 0 { b"{\"" } else { b",\"" });
            self.put(key.as_bytes());
            self.put(b"\":");
            write_value(&mut self.bytes, row.get(*column));
        }
        self.bytes.push(b'}');
    }

    /// The next key. Names are letters, digits and underscores: nothing to escape.
    fn key(&mut self, name: &str) {
        self.put(b",\"");
        self.put(name.as_bytes());
        self.put(b"\":");
    }

    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
}
