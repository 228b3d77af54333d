//! A query whose every name has been looked up: what `store` plans and runs.
//!
//! Inherited fields are gone here: each stands as the joined column it comes from. Date literals
//! are ranges, ids are [`Id`](headwater_catalogue::Id)s, every value has the type of what it is
//! compared with. Row visibility is added by `records`, to each source's `visible`.

use std::sync::Arc;

use headwater_catalogue::{Name, Object, Value, ValueType};

mod function;
mod group;
mod output;

pub use function::{DISTANCE_SCALE, DateFunction, Distance, DistanceUnit};
pub use group::{Aggregate, AggregateFunction, GroupPart, Grouping, OfGroup};

use crate::search::Search;

pub use crate::ast::Purpose;
pub use output::{Branch, Children, Output};

/// A resolved query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The objects it reads: the one in FROM first, then each joined parent once, parents of
    /// parents after their children.
    pub sources: Vec<Source>,
    /// The values fetched for each row, each once.
    pub columns: Vec<Expression>,
    /// How the columns make up a result row, in SELECT order. Empty for `COUNT()`.
    pub outputs: Vec<Output>,
    /// Which rows.
    pub filter: Filter,
    /// How those are gathered into groups, if they are. Then the rows of the answer are groups.
    pub group: Option<Grouping>,
    /// In which order; the record id always breaks ties, and a group's keys do.
    pub order: Vec<Order>,
    /// At most so many rows.
    pub limit: Option<u64>,
    /// Leaving out so many first.
    pub offset: u64,
    /// Whether it is `SELECT COUNT()`: the answer is a number.
    pub count: bool,
    /// Whether deleted rows are in the result (`queryAll`).
    pub include_deleted: bool,
    /// The records of child relationships that are asked for with each row.
    pub children: Vec<Children>,
    /// What the records are wanted for, if the query says it.
    pub purposes: Vec<Purpose>,
}

/// One object a query reads from.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The object.
    pub object: Arc<Object>,
    /// How its row is found; none for the object in FROM.
    pub parent: Option<Link>,
    /// Which of its rows the caller may see. For FROM it limits the rows, for a parent it makes
    /// the parent's values null. Its columns are numbered like all of the query's: they name this
    /// source by its place.
    pub visible: Filter,
}

/// The reference by which a parent's row is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The source that holds the reference.
    pub source: usize,
    /// The place of the reference among that object's fields: always a stored column.
    pub field: usize,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A stored column of a source.
    Column(Column),
    /// The first of these that is not null: a name reached through a polymorphic reference.
    FirstOf(Vec<Expression>),
    /// The name of the first of these sources that has a row: `Owner.Type`.
    TypeName(Vec<usize>),
    /// The texts with the separator between them; null parts left out, null when all are.
    Concatenation {
        /// The parts.
        parts: Vec<Expression>,
        /// Text between two parts.
        separator: Name,
    },
    /// Whether a consent status reaches the level a channel's consent type asks for.
    ConsentReached {
        /// The status.
        given: Box<Expression>,
        /// The consent type.
        required: Box<Expression>,
    },
    /// How many not deleted records refer to this source's row and hold these values.
    CountOf {
        /// The source referred to.
        source: usize,
        /// The referring object.
        object: Arc<Object>,
        /// The place of its reference.
        reference: usize,
        /// The places of the fields that are compared, and what each must hold.
        holding: Vec<(usize, Value)>,
    },
    /// When somebody has last seen this source's row: a value of the one record that keeps it.
    LastSeen {
        /// The source seen.
        source: usize,
        /// The object that keeps it.
        object: Arc<Object>,
        /// The place there of the seen record's id.
        record: usize,
        /// The place there of who has seen it.
        by: usize,
        /// The place there of the instant.
        at: usize,
        /// Who has seen it.
        user: Value,
    },
    /// Always null, in the type of a field that is never filled.
    Null(ValueType),
    /// A part of a date or an instant, as a whole number (`CALENDAR_YEAR`), or its day (`DAY_ONLY`).
    DateFunction {
        /// Which part.
        function: DateFunction,
        /// Of which value.
        of: Box<Expression>,
        /// The IANA name of the caller's time zone, when the argument was `convertTimezone`.
        zone: Option<Name>,
    },
    /// What people see instead of a picklist's value.
    Label {
        /// The value.
        of: Box<Expression>,
        /// Each value that has a label of its own, with that.
        labels: Vec<(Name, Name)>,
    },
    /// How far a place is from another, over the surface of a ball as large as the earth.
    Distance(Box<Distance>),
    /// A value of a group.
    OfGroup(OfGroup),
}

/// A stored column of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Column {
    /// The place of the source in [`Query::sources`].
    pub source: usize,
    /// The place of the field in that object.
    pub field: usize,
}

/// A condition. Every one of these is true or false, never "unknown": a comparison with a null on
/// the left is false, and `Not` turns it to true, as SOQL's `!=` and `NOT IN` do.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Every row.
    Always,
    /// No row.
    Never,
    /// All of these.
    And(Vec<Filter>),
    /// One of these.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// The expression has no value.
    IsNull(Expression),
    /// A comparison with a value that is not null. Texts compare ignoring case, unless the column
    /// is case-sensitive.
    Compare {
        /// What is compared.
        left: Expression,
        /// How.
        operator: Comparison,
        /// With what; of the expression's value type.
        right: Value,
    },
    /// The expression is one of these values, none of them null.
    In {
        /// What is compared.
        left: Expression,
        /// With what.
        values: Vec<Value>,
    },
    /// A text matches a SOQL pattern, ignoring case: `%`, `_`, and `\` before a literal one.
    Like {
        /// The text.
        left: Expression,
        /// The pattern.
        pattern: String,
    },
    /// A multi-select value holds all values of one of these sets.
    Includes {
        /// The multi-select value.
        left: Expression,
        /// The sets.
        sets: Vec<Vec<String>>,
    },
    /// The id is among those another query selects.
    InQuery {
        /// The id.
        left: Expression,
        /// The query; it has one column, an id.
        query: Box<Query>,
        /// Whether each row asks for its own id, instead of all ids being gathered before: for what
        /// few rows ask and many ids would answer. It is the same condition either way.
        by_row: bool,
    },
    /// A search finds this source's row, or may find it: see
    /// [`Search::is_rough`](crate::search::Search::is_rough).
    Found {
        /// The source.
        source: usize,
        /// The search.
        search: Arc<Search>,
    },
}

/// How two values compare. `!=` is `Not` of `Equal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// One term of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// What is compared.
    pub by: Expression,
    /// Whether the greatest comes first.
    pub descending: bool,
    /// Whether nulls come first: SOQL's default, whatever the direction.
    pub nulls_first: bool,
}

impl Query {
    /// The object in FROM.
    pub fn object(&self) -> &Arc<Object> {
        &self.sources[0].object
    }

    /// The search that each of its rows must be found by.
    pub fn search(&self) -> Option<&Arc<Search>> {
        let search = |filter| match filter {
            &Filter::Found {
                source: 0,
                ref search,
            } => Some(search),
            _ => None,
        };
        match &self.filter {
            Filter::And(all) => all.iter().find_map(search),
            one => search(one),
        }
    }

    /// A query for some fields of one object, by their places; the id is always fetched, as the
    /// first column.
    pub fn of_object(object: &Arc<Object>) -> Self {
        Self {
            sources: vec![Source {
                object: Arc::clone(object),
                parent: None,
                visible: Filter::Always,
            }],
            columns: vec![Expression::Column(Column {
                source: 0,
                field: 0,
            })],
            outputs: Vec::new(),
            filter: Filter::Always,
            group: None,
            order: Vec::new(),
            limit: None,
            offset: 0,
            count: false,
            include_deleted: false,
            children: Vec::new(),
            purposes: Vec::new(),
        }
    }

    /// The place of an expression in the columns, added if it is not there.
    pub fn column(&mut self, expression: Expression) -> usize {
        if let Some(place) = self.columns.iter().position(|known| *known == expression) {
            return place;
        }
        self.columns.push(expression);
        self.columns.len() - 1
    }

    /// The source reached from another by a stored reference, added if it is not there.
    pub fn join(&mut self, link: Link, object: &Arc<Object>) -> usize {
        let same =
            |source: &Source| source.parent == Some(link) && source.object.name == object.name;
        if let Some(place) = self.sources.iter().position(same) {
            return place;
        }
        self.sources.push(Source {
            object: Arc::clone(object),
            parent: Some(link),
            visible: Filter::Always,
        });
        self.sources.len() - 1
    }

    /// The type of an expression's values.
    pub fn value_type(&self, expression: &Expression) -> ValueType {
        expression.value_type(&self.sources)
    }
}

impl Expression {
    /// The type of its values, its columns being those of these sources.
    pub fn value_type(&self, sources: &[Source]) -> ValueType {
        match self {
            Self::Column(column) => sources[column.source].object.fields[column.field]
                .kind
                .value_type(),
            Self::FirstOf(choices) => choices
                .first()
                .map_or(ValueType::Text, |first| first.value_type(sources)),
            Self::TypeName(_) | Self::Concatenation { .. } | Self::Label { .. } => ValueType::Text,
            Self::ConsentReached { .. } => ValueType::Boolean,
            Self::LastSeen { .. } => ValueType::DateTime,
            Self::Null(value_type) => *value_type,
            Self::DateFunction {
                function: DateFunction::DayOnly,
                ..
            } => ValueType::Date,
            Self::CountOf { .. } | Self::DateFunction { .. } => ValueType::Integer,
            Self::Distance(_) => ValueType::Decimal {
                scale: DISTANCE_SCALE,
            },
            Self::OfGroup(of_group) => of_group.value_type,
        }
    }
}

impl Filter {
    /// Both of two filters, simplified.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, filter) | (filter, Self::Always) => filter,
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::And(mut all), Self::And(more)) => {
                all.extend(more);
                Self::And(all)
            }
            (Self::And(mut all), filter) => {
                all.push(filter);
                Self::And(all)
            }
            (filter, other) => Self::And(vec![filter, other]),
        }
    }

    /// Either of two filters, simplified.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, _) | (_, Self::Always) => Self::Always,
            (Self::Never, filter) | (filter, Self::Never) => filter,
            (filter, other) => Self::Or(vec![filter, other]),
        }
    }

    /// A column equal to a value; null when the value is.
    pub fn equal(column: Column, value: Value) -> Self {
        let left = Expression::Column(column);
        if value.is_null() {
            return Self::IsNull(left);
        }
        Self::Compare {
            left,
            operator: Comparison::Equal,
            right: value,
        }
    }
}
