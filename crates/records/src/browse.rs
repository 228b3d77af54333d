//! Small answers, kept in memory: what a page of the console shows, found by the paths of its SELECT.
//!
//! A page continues after the last row of the one before it, by a key that the page itself carries.
//! Nothing is kept on the server between two pages, unlike the cursors of `query`.

use std::sync::Arc;

use headwater_catalogue::{Id, Value};
use headwater_soql::resolved::{Output, Query};
use headwater_store::{Key, Page, Rows};

use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;
use crate::query::resolved;

/// Most rows of one answer.
pub const ROWS_MAX: u64 = 1_000;

/// The rows of an answer.
#[derive(Debug, Clone, Default)]
pub struct Table {
    paths: Vec<(String, usize)>,
    rows: Vec<Vec<Value>>,
    /// Where the next page begins, to be handed to [`Org::browse`]; none when there are no more.
    pub next: Option<String>,
}

/// One row of a [`Table`].
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    table: &'a Table,
    row: usize,
}

impl Table {
    /// The rows of a query.
    pub(crate) fn of(query: &Query, rows: Vec<Vec<Value>>, next: Option<String>) -> Self {
        Self {
            paths: paths(query),
            rows,
            next,
        }
    }

    /// Its rows, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Cells<'_>> {
        (0..self.rows.len()).map(|row| Cells { table: self, row })
    }

    /// The row at a place. What is not there reads as nothing but nulls.
    pub fn cells(&self, row: usize) -> Cells<'_> {
        Cells { table: self, row }
    }

    /// The first row.
    pub fn first(&self) -> Option<Cells<'_>> {
        self.rows().next()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl<'a> Cells<'a> {
    /// The value at a path of the SELECT (`EndUserAccount.Name`), ignoring case; null when the path
    /// was not selected.
    pub fn get(self, path: &str) -> &'a Value {
        static NULL: Value = Value::Null;
        let mut known = self.table.paths.iter();
        known
            .find(|(known, _)| known.eq_ignore_ascii_case(path))
            .and_then(|(_, column)| self.table.rows.get(self.row)?.get(*column))
            .unwrap_or(&NULL)
    }

    /// The text at a path; empty when there is none.
    pub fn text(self, path: &str) -> &'a str {
        self.get(path).as_text().unwrap_or_default()
    }

    /// The id at a path.
    pub fn id(self, path: &str) -> Option<Id> {
        self.get(path).as_id()
    }
}

/// A text as SOQL writes it, quotes included: what comes from outside goes into a query so.
pub fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for character in text.chars() {
        if matches!(character, '\\' | '\'') {
            literal.push('\\');
        }
        literal.push(character);
    }
    literal.push('\'');
    literal
}

impl Org {
    /// Answers a SOQL query with at most so many rows, beginning after a key that an earlier page
    /// of the same query gave.
    ///
    /// # Errors
    /// [`Error::Soql`]; [`Error::UnknownLocator`] when `after` is no key.
    pub async fn browse(
        &self,
        caller: &Caller,
        soql: &str,
        after: Option<&str>,
        rows_max: u64,
    ) -> Result<Table, Error> {
        let query = resolved(caller, soql, false, self.now())?;
        self.browse_query(query, after, rows_max).await
    }

    /// A page of a query.
    pub(crate) async fn browse_query(
        &self,
        query: Query,
        after: Option<&str>,
        rows_max: u64,
    ) -> Result<Table, Error> {
        let after: Option<Key> = match after {
            Some(key) => Some(key.parse().map_err(|_| Error::UnknownLocator)?),
            None => None,
        };
        let query = Arc::new(query);
        let page = Page {
            after,
            rows_max: Some(rows_max.min(ROWS_MAX)),
        };
        let selected = self
            .store()
            .select(Arc::clone(&query), page, Rows::default())
            .await?;
        let next = selected.next.map(|key| key.to_string());
        Ok(Table::of(&query, selected.sink.rows, next))
    }

    /// How many records a `SELECT COUNT()` finds.
    ///
    /// # Errors
    /// [`Error::Soql`].
    pub async fn count(&self, caller: &Caller, soql: &str) -> Result<u64, Error> {
        let query = resolved(caller, soql, false, self.now())?;
        Ok(self.store().count(Arc::new(query)).await?)
    }
}

/// Where each selected value is among the columns, by its path.
fn paths(query: &Query) -> Vec<(String, usize)> {
    let mut paths = Vec::with_capacity(query.outputs.len());
    add(&mut paths, "", &query.outputs);
    paths
}

fn add(paths: &mut Vec<(String, usize)>, before: &str, outputs: &[Output]) {
    for output in outputs {
        match output {
            Output::Value { name, column, .. } | Output::Function { name, column, .. } => {
                paths.push((format!("{before}{name}"), *column));
            }
            Output::Address { name, parts } => {
                let parts = parts.iter();
                paths.extend(
                    parts.map(|(part, column)| (format!("{before}{name}.{part}"), *column)),
                );
            }
            Output::Parent { name, outputs, .. } => {
                add(paths, &format!("{before}{name}."), outputs);
            }
            Output::TypeOf { name, branches } => {
                for branch in branches {
                    add(paths, &format!("{before}{name}."), &branch.outputs);
                }
            }
            // A page asks for children by a query of their own, in pages of their own.
            Output::Children { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn a_text_stays_inside_its_quotes() {
        assert_eq!(literal("O'Neil \\"), r"'O\'Neil \\'");
    }
}
