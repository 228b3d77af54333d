//! SOQL and SOSL: text to syntax tree and back, and the tree resolved against the catalogue.
//!
//! [`parse`] turns a query's text into an [`ast::Query`] that borrows from it; printing one
//! (`to_string`) gives canonical SOQL back. Neither knows what objects and fields exist.
//!
//! ```
//! let query = headwater_soql::parse("select id from MessagingSession where Status='Ended'")?;
//! assert_eq!(query.to_string(), "SELECT id FROM MessagingSession WHERE Status = 'Ended'");
//! # Ok::<(), headwater_soql::SoqlError>(())
//! ```

pub mod ast;
pub mod resolved;
pub mod search;
pub mod sosl;

mod error;
mod lexer;
mod parser;
mod print;
mod resolve;

pub use error::{SoqlError, SoqlErrorKind};
pub use parser::{
    NESTING_DEPTH_MAX, QUERY_CHARACTERS_MAX, SUBQUERY_DEPTH_MAX, TEXT_CHARACTERS_MAX, parse,
};
pub use resolve::{
    CHILD_SUBQUERIES_MAX, Context, FIELDS_ROWS_MAX, GROUP_FIELDS_MAX, OFFSET_ROWS_MAX,
    ORDER_TERMS_MAX, PATH_LEVELS_MAX, SEMI_JOINS_MAX, SOURCES_MAX, SUBTOTAL_FIELDS_MAX, Sight,
    resolve,
};
