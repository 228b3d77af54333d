//! Filling indexes of words from records that were there before.

use std::sync::Arc;

use futures_executor::block_on;
use headwater_catalogue::{Id, Object, Value};
use sea_query::{Expr, ExprTrait as _, LockType, Order, Query};

use super::{Note, SearchTable, table_name};
use crate::command::{Done, Task};
use crate::connection::Failure;
use crate::db::Store;
use crate::rows::Cells;
use crate::session::Session;
use crate::write_set::WriteError;

/// Most records of one step: what is done again, at most, after it was cut off, and how many others
/// wait for.
const ROWS_TOGETHER: i64 = 2_000;

/// Locked to the end: whoever fills the same index goes on where we have come to.
const LOCK: &str =
    "UPDATE \"_headwater_schema\" SET \"definition\" = \"definition\" WHERE \"element\" = $1";
const READ: &str = "SELECT \"definition\" FROM \"_headwater_schema\" WHERE \"element\" = $1";
const WRITE: &str = "UPDATE \"_headwater_schema\" SET \"definition\" = $1 WHERE \"element\" = $2";

impl Store {
    /// Makes every search index whole that is not, as after [`Store::open`] with another catalogue
    /// than before, step by step; other writes go between the steps. Until then searches lack
    /// records. Not to be called on an async worker.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub fn fill_search_blocking(&self) -> Result<(), WriteError> {
        while let Done::Changed(1..) = block_on(self.task(Task::FillSearch))? {}
        Ok(())
    }

    /// Makes every search index anew.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub fn renew_search_blocking(&self) -> Result<(), WriteError> {
        block_on(self.task(Task::EmptySearch))?;
        self.fill_search_blocking()
    }
}

/// Puts the next records into an index that is not whole, in a transaction of the caller's. False
/// when all are whole.
pub(crate) fn fill_some(session: &Session) -> Result<bool, Failure> {
    let applied = session.applied()?;
    let catalogue = Arc::clone(&session.catalogue);
    for object in catalogue.objects() {
        let Some(table) = SearchTable::of(object, session.dialect()) else {
            continue;
        };
        let note = applied.get(&table_name(&object.name));
        if note.is_some_and(|text| Note::read(text).after.is_some()) {
            some(session, object, &table)?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Empties every index, so that all are filled anew.
pub(crate) fn empty(session: &Session) -> Result<u64, Failure> {
    let applied = session.applied()?;
    let catalogue = Arc::clone(&session.catalogue);
    let mut emptied = 0;
    for object in catalogue.objects() {
        let name = table_name(&object.name);
        let Some(text) = applied.get(&name) else {
            continue;
        };
        session.run(session.dialect().empty_words(&name).as_str(), &[])?;
        let note = Note {
            after: Some(String::new()),
            ..Note::read(text)
        };
        session.run(WRITE, &[note.text().as_str().into(), name.as_str().into()])?;
        emptied += 1;
    }
    Ok(emptied)
}

fn some(session: &Session, object: &Object, table: &SearchTable) -> Result<(), Failure> {
    let name = table_name(&object.name);
    session.run(LOCK, &[name.as_str().into()])?;
    let text = session.one(READ, &[name.as_str().into()], |row| {
        row.content(0).as_text().unwrap_or_default().to_owned()
    })?;
    let note = Note::read(&text.unwrap_or_default());
    let Some(after) = note.after else {
        return Ok(());
    };
    let rows = records(session, object, table);
    let parameters = [after.as_str().into(), ROWS_TOGETHER.into()];
    let rows = session.all(&rows, &parameters, |row| read(row, object, table))?;
    let last = rows.last().map(|(id, _)| id.to_string());
    let entries: Vec<_> = rows.iter().map(|(id, row)| table.entry(*id, row)).collect();
    table.replace(session, &entries)?;
    let next = Note {
        made_of: note.made_of,
        after: last,
    };
    if next.after.is_none() {
        tracing::info!(object = %object.name, "the search index is made");
    }
    session.run(WRITE, &[next.text().as_str().into(), name.as_str().into()])?;
    Ok(())
}

/// Selects the searched fields of the records after an id. Nobody changes these meanwhile.
fn records(session: &Session, object: &Object, table: &SearchTable) -> String {
    let mut rows = Query::select();
    rows.column("Id").from(object.name.to_string());
    for (place, _) in &table.fields {
        rows.column(object.fields[*place].name.to_string());
    }
    rows.and_where(Expr::col("Id").gt(""))
        .order_by("Id", Order::Asc)
        .limit(ROWS_TOGETHER.unsigned_abs())
        .lock(LockType::Share);
    session.dialect().build(&rows).text
}

fn read(row: &dyn Cells, object: &Object, table: &SearchTable) -> (Id, Vec<Value>) {
    let mut values = vec![Value::Null; object.fields.len()];
    for (column, (place, _)) in table.fields.iter().enumerate() {
        if let Some(text) = row.content(column + 1).as_text() {
            values[*place] = Value::Text(text.to_owned());
        }
    }
    let id = row.content(0).as_text().and_then(|id| id.parse().ok());
    // Ids are checked before they are written.
    (id.unwrap_or_else(|| Id::new(object.prefix, 0)), values)
}
