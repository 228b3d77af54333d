//! Records as JSON, written straight into bytes from the values the database lends.

mod text;
mod value;

use std::sync::Arc;

use headwater_catalogue::{Object, Source};
use headwater_records::{RecordSink, Row, RowSink, ValueRef};
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
            query: None,
            in_milliseconds: false,
        }
    }

    /// The same for the Tooling API, whose records have addresses of their own.
    pub(crate) fn of_tooling(version: Version) -> Self {
        Self {
            sobjects: format!("/services/data/v{version}/tooling/sobjects/"),
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
            Expression::Null(_) => true,
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
}

impl RowSink for RecordJson {
    fn row(&mut self, row: &Row<'_>) {
        let Some(query) = self.query.take() else {
            return;
        };
        // `COUNT()` has no outputs, and its answer no records.
        if !query.outputs.is_empty() {
            if !self.bytes.is_empty() {
                self.bytes.push(b',');
            }
            // The id is always the first column.
            self.record(query.object(), 0, &query.outputs, row);
        }
        self.query = Some(query);
    }
}

impl RecordJson {
    fn record(&mut self, object: &Object, id_column: usize, outputs: &[Output], row: &Row<'_>) {
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
            self.output(object, id, output, row);
        }
        self.bytes.push(b'}');
    }

    fn output(&mut self, object: &Object, id: &str, output: &Output, row: &Row<'_>) {
        match output {
            Output::Value { name, column, kind } => {
                self.key(name);
                let value = row.get(*column);
                if matches!(kind, headwater_catalogue::Kind::Base64) && !value.is_null() {
                    let url = format!("{}{}/{id}/{name}", self.sobjects, object.name);
                    write_text(&mut self.bytes, &url);
                } else if self.in_milliseconds {
                    write_in_milliseconds(&mut self.bytes, value);
                } else {
                    write_value(&mut self.bytes, value);
                }
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
                    Some((object, id)) => self.record(object, *id, outputs, row),
                    None => self.put(b"null"),
                }
            }
        }
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
