//! What the database's own refusals mean.

use headwater_catalogue::{Id, Value};
use rusqlite::ffi;

use crate::apply::{Run, database};
use crate::ddl::{IS_DELETED, IndexFacts};
use crate::rows::Content;
use crate::table::Table;
use crate::write_set::WriteError;

/// Why a row could not be written.
pub(crate) fn explain(
    run: &Run<'_>,
    table: &Table,
    id: Id,
    row: &[Value],
    error: &rusqlite::Error,
) -> WriteError {
    let operation = run.operation;
    let rusqlite::Error::SqliteFailure(failure, _) = error else {
        return database(error);
    };
    match failure.extended_code {
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => WriteError::Dangling { operation },
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY => WriteError::Duplicate {
            operation,
            fields: vec![0],
            existing: Some(id),
        },
        ffi::SQLITE_CONSTRAINT_UNIQUE => {
            // The message names columns, not the index, and two indexes may share them; so each
            // is asked.
            for index in &table.unique {
                match other(run, table, id, row, index) {
                    Ok(None) => {}
                    Ok(existing) => {
                        return WriteError::Duplicate {
                            operation,
                            fields: places(table, index),
                            existing,
                        };
                    }
                    Err(error) => return database(&error),
                }
            }
            database(error)
        }
        _ => database(error),
    }
}

fn places(table: &Table, index: &IndexFacts) -> Vec<usize> {
    index
        .columns
        .iter()
        .filter_map(|(name, _)| table.object.position(name))
        .collect()
}

/// Another row of an index that holds what this one should.
fn other(
    run: &Run<'_>,
    table: &Table,
    id: Id,
    row: &[Value],
    index: &IndexFacts,
) -> rusqlite::Result<Option<Id>> {
    use std::fmt::Write as _;
    let mut text = format!(
        "SELECT \"Id\" FROM \"{}\" WHERE \"Id\" <> ?",
        table.object.name
    );
    let mut parameters = vec![Content::Text(id.as_str().to_owned())];
    for place in places(table, index) {
        let field = &table.object.fields[place];
        // Writing to a String does not fail.
        let _ = write!(text, " AND \"{}\" = ?", field.name);
        parameters.push(Content::of(&row[place], table.value_type(place)));
    }
    if index.not_deleted {
        let _ = write!(text, " AND \"{IS_DELETED}\" = 0");
    }
    if let Some((field, values)) = &index.unless {
        for value in values {
            let _ = write!(text, " AND \"{field}\" <> ?");
            parameters.push(Content::Text(value.clone()));
        }
    }
    text.push_str(" LIMIT 1");
    let parameters = rusqlite::params_from_iter(parameters);
    let found = run
        .session
        .one(&text, parameters, |row| row.get::<_, String>(0))?;
    Ok(found.and_then(|found| found.parse().ok()))
}
