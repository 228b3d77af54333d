//! How things are done, in words: the statements of a query and of an empty database.

use headwater_catalogue::Catalogue;
use headwater_soql::resolved::Query;

use crate::answer::Page;
use crate::dialect::Dialect;
use crate::error::{ReadError, StoreError};
use crate::migrate::{Applied, Migration};
use crate::plan::{self, Span};

/// How a query is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The plan's name.
    pub plan: &'static str,
    /// The text for SQLite.
    pub sqlite: String,
    /// The text for PostgreSQL.
    pub postgres: String,
}

/// How a page of a query is run.
pub(crate) fn explain(query: &Query, page: &Page) -> Result<Explanation, ReadError> {
    let span = Span {
        after: page.after.as_ref(),
        limit: page.rows_max.or(query.limit),
        offset: query.offset,
        keyed: page.rows_max.is_some(),
    };
    let sqlite = plan::plan(query, span, Dialect::Sqlite)?;
    let postgres = plan::plan(query, span, Dialect::Postgres)?;
    Ok(Explanation {
        plan: sqlite.name,
        sqlite: Dialect::Sqlite.show(&sqlite.select),
        postgres: Dialect::Postgres.show(&postgres.select),
    })
}

/// The statements that make an empty database of a catalogue, for both dialects.
///
/// # Errors
/// None for a catalogue by itself.
pub fn schema(catalogue: &Catalogue) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let text = |dialect| {
        let nothing = Applied::new();
        let migration = Migration::between(&nothing, catalogue, dialect)?;
        Ok::<_, StoreError>(migration.statements)
    };
    Ok((text(Dialect::Sqlite)?, text(Dialect::Postgres)?))
}
