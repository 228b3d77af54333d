//! What the database's own refusals mean.

use crate::apply::Run;
use crate::connection::Failure;
use crate::ddl::{IS_DELETED, IndexFacts};
use crate::rows::{Cells, Content};
use crate::session::borrowed;
use crate::table::Table;
use crate::write_set::WriteError;
use headwater_catalogue::{Id, Value};

/// Why a row could not be written.
pub(crate) fn explain(
    run: &Run<'_>,
    table: &Table,
    id: Id,
    row: &[Value],
    failure: Failure,
) -> WriteError {
    let operation = run.operation;
    match failure {
        Failure::Dangling => WriteError::Dangling { operation },
        Failure::Duplicate { primary: true } => WriteError::Duplicate {
            operation,
            fields: vec![0],
            existing: Some(id),
        },
        Failure::Duplicate { primary: false } if run.session.connection.recover() => {
            // Two indexes may share their columns, so each is asked.
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
                    Err(failure) => return failure.into(),
                }
            }
            failure.into()
        }
        failure => failure.into(),
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
) -> Result<Option<Id>, Failure> {
    use std::fmt::Write as _;
    let mut text = format!(
        "SELECT \"Id\" FROM \"{}\" WHERE \"Id\" <> $1",
        table.object.name
    );
    let mut parameters = vec![Content::Text(id.as_str().to_owned())];
    // Writing to a String does not fail.
    for place in places(table, index) {
        let field = &table.object.fields[place];
        parameters.push(Content::of(&row[place], table.value_type(place)));
        let _ = write!(text, " AND \"{}\" = ${}", field.name, parameters.len());
    }
    if index.not_deleted {
        let _ = write!(text, " AND \"{IS_DELETED}\" = FALSE");
    }
    if let Some((field, values)) = &index.unless {
        for value in values {
            parameters.push(Content::Text(value.clone()));
            let _ = write!(text, " AND \"{field}\" <> ${}", parameters.len());
        }
    }
    text.push_str(" LIMIT 1");
    let found = |row: &dyn Cells| row.content(0).as_text().and_then(|id| id.parse().ok());
    Ok(run
        .session
        .one(&text, &borrowed(&parameters), found)?
        .flatten())
}
