//! Groups: what GROUP BY and the aggregates of a query come to.
//!
//! The rows of a grouped query are its groups. Its columns, its order and [`Grouping::having`] name
//! what a group has by [`OfGroup`]; only the keys and the aggregates themselves name columns of the
//! sources.

use headwater_catalogue::{Name, ValueType};

use super::{Expression, Filter, Source};

/// How rows are gathered.
#[derive(Debug, Clone, PartialEq)]
pub struct Grouping {
    /// What the rows of a group have in common, each once. Texts that differ in case only are the
    /// same, and the group shows the one that comes first byte by byte. Without keys all rows are
    /// one group, which is there even if there are no rows.
    pub keys: Vec<Expression>,
    /// By which of the keys, key for key. ROLLUP and CUBE have several such sets, each of which
    /// gives groups of its own; a key that is not in the set is null in them. Never empty.
    pub sets: Vec<Vec<bool>>,
    /// What is made of the rows of each group, each once.
    pub aggregates: Vec<Aggregate>,
    /// Which groups.
    pub having: Filter,
}

/// One value of many rows. Nulls among them do not count.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// How it is made.
    pub function: AggregateFunction,
    /// Of what.
    pub of: Expression,
    /// For the least and the greatest of a picklist: its values in order. Others come after them.
    pub ranks: Vec<Name>,
}

/// The aggregate functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AggregateFunction {
    /// How many.
    Count,
    /// How many different ones.
    CountDistinct,
    /// Their sum.
    Sum,
    /// Their sum divided by their number.
    Average,
    /// The least.
    Least,
    /// The greatest.
    Greatest,
}

/// A value of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfGroup {
    /// Which one.
    pub part: GroupPart,
    /// The type of its values.
    pub value_type: ValueType,
    /// Whether it is text that compares with its case.
    pub case_sensitive: bool,
}

/// The values of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupPart {
    /// The key at this place.
    Key(usize),
    /// The aggregate at this place.
    Aggregate(usize),
    /// Whether the group is a subtotal over the key at this place: 1 if so, and else 0.
    Subtotal(usize),
    /// The number of the set that gave the group.
    Set,
}

impl OfGroup {
    /// A part of a group that holds what this expression does.
    pub fn holding(part: GroupPart, as_this: &Expression, sources: &[Source]) -> Self {
        Self {
            part,
            value_type: as_this.value_type(sources),
            case_sensitive: matches!(as_this, Expression::Column(column)
                if sources[column.source].object.fields[column.field].case_sensitive),
        }
    }

    /// A part of a group that is a whole number.
    pub fn number(part: GroupPart) -> Self {
        Self {
            part,
            value_type: ValueType::Integer,
            case_sensitive: false,
        }
    }

    /// The number of the set that gave the group.
    pub fn set() -> Self {
        Self::number(GroupPart::Set)
    }
}

impl Grouping {
    /// The place of a key, if it is one.
    pub fn key(&self, expression: &Expression) -> Option<usize> {
        self.keys.iter().position(|key| key == expression)
    }

    /// The place of an aggregate, added if it is not there.
    pub fn aggregate(&mut self, aggregate: Aggregate) -> usize {
        if let Some(place) = self.aggregates.iter().position(|known| *known == aggregate) {
            return place;
        }
        self.aggregates.push(aggregate);
        self.aggregates.len() - 1
    }
}

impl AggregateFunction {
    /// The type of its values, made of values of this type. Sums and averages of decimals are
    /// doubles, as in Salesforce: of enough rows they would not fit otherwise.
    pub fn value_type(self, of: ValueType) -> ValueType {
        match self {
            Self::Count | Self::CountDistinct => ValueType::Integer,
            Self::Sum if of == ValueType::Integer => ValueType::Integer,
            Self::Sum | Self::Average => ValueType::Double,
            Self::Least | Self::Greatest => of,
        }
    }
}
