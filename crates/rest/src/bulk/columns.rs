//! The header of an upload: what each column is, and how a row becomes a draft by it.

use std::sync::Arc;

use headwater_catalogue::{Kind, Object};
use headwater_records::bulk::{BulkOperation, BulkRow, Job};
use headwater_records::{Caller, Draft, Input};

/// Most characters of a header.
const HEADER_CHARACTERS_MAX: usize = 32_000;

/// What a cell holds that empties the field.
const EMPTIED: &str = "#N/A";

/// The columns of an upload.
pub(super) struct Columns {
    columns: Vec<Column>,
}

/// One column.
enum Column {
    /// Names the record.
    Key,
    /// A field; whether it is a checkbox.
    Field { name: String, is_checkbox: bool },
    /// A parent, by one of its fields.
    Parent { relationship: String, field: String },
}

impl Columns {
    /// The columns of a header.
    ///
    /// # Errors
    /// What is wrong with it, for the whole job.
    pub(super) fn of(
        caller: &Caller,
        object: &Arc<Object>,
        job: &Job,
        header: &[String],
    ) -> Result<Self, String> {
        let characters: usize = header.iter().map(|name| name.chars().count() + 1).sum();
        if characters > HEADER_CHARACTERS_MAX {
            let limit = format!("{HEADER_CHARACTERS_MAX} characters");
            return Err(format!("InvalidBatch : The header has more than {limit}"));
        }
        let key = key_of(job);
        if job.operation.is_delete() {
            let only_id = matches!(header, [name] if name.eq_ignore_ascii_case("Id"));
            if !only_id {
                let operation = job.operation.word();
                return Err(format!(
                    "InvalidBatch : The '{operation}' batch must contain only ids"
                ));
            }
        }
        let mut columns = Vec::with_capacity(header.len());
        for (place, name) in header.iter().enumerate() {
            let before = &header[..place];
            if before.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                return Err(format!(
                    "InvalidBatch : Duplicate field name found : {name}"
                ));
            }
            let column = match key {
                Some(key) if key.eq_ignore_ascii_case(name) => Some(Column::Key),
                _ => column(caller, object, name),
            };
            columns.push(column.ok_or_else(|| unknown(name))?);
        }
        Ok(Self { columns })
    }

    /// What a row says.
    pub(super) fn row(&self, cells: &[String]) -> BulkRow {
        let mut row = BulkRow::default();
        let mut draft = Draft::new();
        for (column, cell) in self.columns.iter().zip(cells) {
            match column {
                Column::Key => row.key = (!cell.is_empty()).then(|| cell.trim().to_owned()),
                // An empty cell says nothing: a new record has nothing there, another keeps it.
                Column::Field { .. } | Column::Parent { .. } if cell.is_empty() => {}
                Column::Field { name, is_checkbox } => {
                    let input = input(cell, *is_checkbox);
                    draft.fields.push((name.clone(), input));
                }
                Column::Parent {
                    relationship,
                    field,
                } => {
                    let input = if cell == EMPTIED {
                        Input::Null
                    } else {
                        let (field, value) = (field.clone(), cell.clone());
                        Input::Parent { field, value }
                    };
                    draft.fields.push((relationship.clone(), input));
                }
            }
        }
        if cells.len() != self.columns.len() {
            let (found, expected) = (cells.len(), self.columns.len());
            row.wrong = Some(format!(
                "The row has {found} columns, and the header {expected}"
            ));
        }
        row.draft = draft;
        row
    }
}

/// The column that names the record.
pub(super) fn key_of(job: &Job) -> Option<&str> {
    match job.operation {
        BulkOperation::Update | BulkOperation::Delete | BulkOperation::HardDelete => Some("Id"),
        BulkOperation::Upsert => job.external_id.as_deref(),
        BulkOperation::Insert | BulkOperation::Query | BulkOperation::QueryAll => None,
    }
}

fn column(caller: &Caller, object: &Object, name: &str) -> Option<Column> {
    let rights = caller.rights.on(object);
    if let Some((path, field)) = name.rsplit_once('.') {
        // `Type:Relationship.Field` where several objects can be meant.
        let relationship = path.rsplit_once(':').map_or(path, |(_, name)| name);
        let (place, _) = object.relationship(relationship)?;
        return rights.reads(place).then(|| Column::Parent {
            relationship: relationship.to_owned(),
            field: field.to_owned(),
        });
    }
    let place = object.position(name)?;
    let field = &object.fields[place];
    rights.reads(place).then(|| Column::Field {
        name: field.name.to_string(),
        is_checkbox: matches!(field.kind, Kind::Boolean),
    })
}

fn input(cell: &str, is_checkbox: bool) -> Input {
    match cell {
        EMPTIED => Input::Null,
        "1" if is_checkbox => Input::Boolean(true),
        "0" if is_checkbox => Input::Boolean(false),
        text => Input::Text(text.to_owned()),
    }
}

fn unknown(name: &str) -> String {
    format!("InvalidBatch : Field name not found : {name}")
}
