//! Reading with SOQL, as everybody does, and getting plain values.

use headwater_catalogue::{Id, Value};
use headwater_records::{Org, literal};
use headwater_soql::resolved::Output;
use headwater_store::{Page, Rows};

use super::refusal::refused;
use crate::failure::{Context as _, Failure, Outcome};

/// All rows of a query, read as the server itself: the values in the order of SELECT, a parent's
/// among them.
///
/// # Errors
/// When the query is wrong or the database does not answer.
pub async fn rows(org: &Org, soql: &str) -> Outcome<Vec<Vec<Value>>> {
    let query = org
        .resolve(&org.system(), soql)
        .map_err(|error| refused(&error))?;
    let mut columns = Vec::new();
    columns_of(&query.outputs, &mut columns);
    let selected = org
        .store()
        .select(query, Page::default(), Rows::default())
        .await
        .doing("the database does not answer")?;
    let rows = selected.sink.rows.into_iter();
    let pick = |row: Vec<Value>| {
        let values = columns.iter().map(|column| row.get(*column).cloned());
        values.map(Option::unwrap_or_default).collect()
    };
    Ok(rows.map(pick).collect())
}

fn columns_of(outputs: &[Output], columns: &mut Vec<usize>) {
    for output in outputs {
        match output {
            Output::Value { column, .. } | Output::Function { column, .. } => columns.push(*column),
            Output::Address { parts, .. } => columns.extend(parts.iter().map(|part| part.1)),
            Output::Parent { outputs, .. } => columns_of(outputs, columns),
            Output::TypeOf { branches, .. } => {
                for branch in branches {
                    columns_of(&branch.outputs, columns);
                }
            }
            // Not asked for here: a row has one value for each column.
            Output::Children { .. } => {}
        }
    }
}

/// The one record with this value in this field.
///
/// # Errors
/// When there is none.
pub async fn id_of(org: &Org, object: &str, field: &str, value: &str) -> Outcome<Id> {
    let soql = format!("SELECT Id FROM {object} WHERE {field} = {}", literal(value));
    let found = rows(org, &soql).await?;
    found
        .first()
        .and_then(|row| row.first()?.as_id())
        .ok_or_else(|| Failure::refused(format!("there is no {object} with the {field} '{value}'")))
}
