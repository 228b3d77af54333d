//! What a row of an answer is made of.

use std::sync::Arc;

use headwater_catalogue::{Kind, Name, Object};
use jiff::tz::TimeZone;

use super::{Expression, Query};

/// A subquery in the SELECT list: the rows of a child relationship, for each row of the query.
#[derive(Debug, Clone, PartialEq)]
pub struct Children {
    /// The relationship's name.
    pub relationship: Name,
    /// Which children of which parent: a query for those of all parents, whose order, LIMIT and
    /// OFFSET hold for each parent's.
    pub query: Arc<Query>,
    /// Whose child a row of that query is: an expression over its sources.
    pub parent: Expression,
}

/// A part of a result row.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// One value under a name.
    Value {
        /// The field's API name.
        name: Name,
        /// Its place in [`Query::columns`].
        column: usize,
        /// The field's kind, for printing (a percent and a double look alike in storage).
        kind: Kind,
    },
    /// What a function gave.
    Function {
        /// Its alias, or the field's name, or `expr0` and so on.
        name: Name,
        /// Its place in [`Query::columns`].
        column: usize,
        /// What it gives.
        kind: Kind,
        /// How it was called: `avg(Amount)`.
        call: String,
        /// Whether it is a text for people (`FORMAT`), and on whose clock.
        formatted: Option<TimeZone>,
    },
    /// An address gathered from its parts; null when all of them are.
    Address {
        /// The compound field's name.
        name: Name,
        /// Each part's key (`city`) with its place in [`Query::columns`].
        parts: Vec<(Name, usize)>,
    },
    /// A parent record; null when its id is.
    Parent {
        /// The relationship's name.
        name: Name,
        /// The parent's objects, each with the column of its id: one, or several for a polymorphic
        /// reference, of which at most one has a value.
        records: Vec<(Arc<Object>, usize)>,
        /// What is shown of it.
        outputs: Vec<Output>,
    },
    /// `TYPEOF`: a polymorphic parent of which each type shows fields of its own; null when it is
    /// none of these.
    TypeOf {
        /// The relationship's name.
        name: Name,
        /// The types that show something.
        branches: Vec<Branch>,
    },
    /// The records of a child relationship; null when there are none.
    Children {
        /// The relationship's name.
        name: Name,
        /// Its place in [`Query::children`].
        place: usize,
    },
}

/// What `TYPEOF` shows of one type.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// The type.
    pub object: Arc<Object>,
    /// The place of its id in [`Query::columns`]: null for a parent of another type.
    pub id: usize,
    /// What is shown.
    pub outputs: Vec<Output>,
}
