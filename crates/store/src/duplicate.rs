//! What the database's own refusals mean.

use crate::apply::Run;
use crate::connection::Failure;
use crate::ddl::{IS_DELETED, IndexFacts, is_binary};
use crate::dialect::Dialect;
use crate::rows::Cells;
use crate::session::borrowed;
use crate::table::Table;
use crate::write_set::WriteError;
use headwater_catalogue::{Field, Id, Value, ValueType};
use sea_query::{Expr, ExprTrait as _, Query};

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
    let dialect = run.session.dialect();
    let mut rows = Query::select();
    rows.column("Id")
        .from(table.object.name.to_string())
        .and_where(Expr::col("Id").ne(id.as_str()))
        .limit(1);
    for place in places(table, index) {
        let field = &table.object.fields[place];
        let value = Expr::val(dialect.value(&row[place], table.value_type(place)));
        rows.and_where(same(field, value, dialect));
    }
    if index.not_deleted {
        rows.and_where(Expr::col(IS_DELETED).eq(dialect.boolean(false)));
    }
    if let Some((name, values)) = &index.unless
        && let Some(field) = table.object.field(name)
    {
        for value in values {
            rows.and_where(same(field, Expr::val(value.clone()), dialect).not());
        }
    }
    let statement = dialect.build(&rows);
    let found = |row: &dyn Cells| row.content(0).as_text().and_then(|id| id.parse().ok());
    let parameters = borrowed(&statement.parameters);
    Ok(run
        .session
        .one(&statement.text, &parameters, found)?
        .flatten())
}

/// A field's column and a value are the same to an index.
fn same(field: &Field, value: Expr, dialect: Dialect) -> Expr {
    let column = Expr::col(field.name.to_string());
    if is_binary(field) || field.kind.value_type() != ValueType::Text {
        return column.eq(value);
    }
    dialect.folded(column).eq(dialect.folded(value))
}
