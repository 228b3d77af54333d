//! Tables and indexes as they follow from the catalogue.

mod own;
mod print;

use crate::rows::Content;
use headwater_catalogue::{
    DefaultValue, Field, Kind, Object, Rollup, Source, Targets, Value, ValueType,
};
pub(crate) use own::own_tables;

/// The column that says whether a row lies in the recycle bin.
pub(crate) const IS_DELETED: &str = "IsDeleted";

/// PostgreSQL cuts longer identifiers silently.
const IDENTIFIER_BYTES_MAX: usize = 63;

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TableFacts {
    pub(crate) name: String,
    pub(crate) columns: Vec<ColumnFacts>,
    pub(crate) indexes: Vec<IndexFacts>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ColumnFacts {
    pub(crate) name: String,
    pub(crate) value_type: ValueType,
    /// Whether text compares byte by byte.
    pub(crate) binary: bool,
    pub(crate) primary: bool,
    pub(crate) filled: bool,
    pub(crate) default: Option<Content>,
    /// The table whose id it holds, when that is always the same one.
    pub(crate) refers_to: Option<String>,
}

/// An index of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IndexFacts {
    pub(crate) name: String,
    /// Columns with whether they descend.
    pub(crate) columns: Vec<(String, bool)>,
    pub(crate) unique: bool,
    /// Only rows that have a value in this column.
    pub(crate) filled: Option<String>,
    /// Only rows that are not in the recycle bin.
    pub(crate) not_deleted: bool,
    /// Only rows that hold none of these in this column.
    pub(crate) unless: Option<(String, Vec<String>)>,
}

/// The table of an object.
pub(crate) fn table(object: &Object) -> TableFacts {
    let columns = object.fields.iter().filter(|field| field.is_column());
    TableFacts {
        name: object.name.to_string(),
        columns: columns.map(column).collect(),
        indexes: indexes(object),
    }
}

/// Whether a field's column holds a value in every row.
pub(crate) fn is_filled(field: &Field) -> bool {
    !field.nillable || field.always_filled || is_count(field)
}

fn is_count(field: &Field) -> bool {
    matches!(&field.source, Source::Rollup(rollup)
        if matches!(rollup.keeps, headwater_catalogue::Keeps::Count))
}

/// Who wrote a row is known to exist, users being kept for good; so these references need no
/// foreign key, and no index that every update would have to change. It also lets the first users
/// and profiles of an org be written, which refer to one another.
pub(crate) fn names_the_writer(field: &Field) -> bool {
    matches!(&*field.name, "CreatedById" | "LastModifiedById")
}

fn column(field: &Field) -> ColumnFacts {
    let value_type = field.kind.value_type();
    let refers_to = field
        .kind
        .as_reference()
        .and_then(|reference| match &reference.targets {
            Targets::One(name) if !names_the_writer(field) => Some(name.to_string()),
            Targets::One(_) | Targets::Several(_) => None,
        });
    ColumnFacts {
        name: field.name.to_string(),
        value_type,
        binary: is_binary(field),
        primary: matches!(field.kind, Kind::Id),
        filled: is_filled(field),
        default: constant_default(field),
        refers_to,
    }
}

/// Whether a field's text compares byte by byte.
pub(crate) fn is_binary(field: &Field) -> bool {
    field.case_sensitive || field.kind.value_type() == ValueType::Id
}

/// What rows get that were there before the column, and inserts that do not name it.
fn constant_default(field: &Field) -> Option<Content> {
    if is_count(field) {
        return Some(Content::Number(0));
    }
    let value = match field.default.as_ref()? {
        DefaultValue::Boolean(on) => Value::Boolean(*on),
        DefaultValue::Integer(n) => Value::Integer(*n),
        DefaultValue::Text(text) => Value::Text(text.to_string()),
        DefaultValue::Now | DefaultValue::Caller => return None,
    };
    is_filled(field).then(|| Content::of(&value, field.kind.value_type()))
}

fn indexes(object: &Object) -> Vec<IndexFacts> {
    let mut all: Vec<_> = object
        .indexes
        .iter()
        .map(|index| declared(object, index))
        .collect();
    for field in object.fields.iter().filter(|field| field.is_column()) {
        if field.unique {
            all.push(unique(object, field));
        } else if wants_index(field) && !leads_one(&all, &field.name) {
            let filled = (!is_filled(field)).then(|| field.name.to_string());
            let mut facts = named(object, vec![(field.name.to_string(), false)], filled);
            facts.columns = with_cover(object, facts.columns);
            all.push(facts);
        }
    }
    all
}

fn wants_index(field: &Field) -> bool {
    let reference = field.kind.as_reference().is_some() && !names_the_writer(field);
    reference || field.name_field || field.external_id
}

/// Whether rows can be found by this column alone through an index that has all of them.
fn leads_one(indexes: &[IndexFacts], column: &str) -> bool {
    let leads = |index: &IndexFacts| {
        index.unless.is_none()
            && index
                .columns
                .first()
                .is_some_and(|(name, _)| name == column)
    };
    indexes
        .iter()
        .any(|index| leads(index) && !index.not_deleted)
}

fn declared(object: &Object, index: &headwater_catalogue::Index) -> IndexFacts {
    let columns: Vec<_> = index
        .columns
        .iter()
        .map(|(name, descending)| (name.to_string(), *descending))
        .collect();
    let unless = index.unless.as_ref().map(|(field, values)| {
        let values = values.iter().map(ToString::to_string).collect();
        (field.to_string(), values)
    });
    let whole = !index.unique && unless.is_none();
    let mut facts = named(object, columns, None);
    if whole {
        facts.columns = with_cover(object, facts.columns);
    }
    facts.not_deleted = !whole && object.keeps_deleted();
    facts.unique = index.unique;
    facts.unless = unless;
    if index.unique {
        facts.name = identifier(&format!("{}_unique", facts.name));
    }
    facts
}

fn unique(object: &Object, field: &Field) -> IndexFacts {
    let filled = (!is_filled(field)).then(|| field.name.to_string());
    let mut facts = named(object, vec![(field.name.to_string(), false)], filled);
    facts.name = identifier(&format!("{}_unique", facts.name));
    facts.unique = true;
    facts.not_deleted = object.keeps_deleted();
    facts
}

/// Adds what lists need beside their order, so that they are read from the index alone: the id,
/// which breaks ties and finds the row, whether the row is deleted, and how many rows a latest one
/// is the latest of.
fn with_cover(object: &Object, mut columns: Vec<(String, bool)>) -> Vec<(String, bool)> {
    let latest = columns
        .iter()
        .find_map(|(name, _)| rollup(object.field(name)?));
    let counts = object.fields.iter().filter(|field| {
        is_count(field)
            && rollup(field).zip(latest).is_some_and(|(count, latest)| {
                count.object == latest.object && count.reference == latest.reference
            })
    });
    let covers = ["Id", IS_DELETED]
        .into_iter()
        .chain(counts.map(|field| &*field.name));
    for cover in covers {
        let known = columns.iter().any(|(name, _)| name == cover);
        if !known && object.field(cover).is_some() {
            columns.push((cover.to_owned(), false));
        }
    }
    columns
}

fn rollup(field: &Field) -> Option<&Rollup> {
    match &field.source {
        Source::Rollup(rollup) => Some(rollup),
        Source::Stored | Source::Inherited(_) | Source::Formula(_) => None,
    }
}

fn named(object: &Object, columns: Vec<(String, bool)>, filled: Option<String>) -> IndexFacts {
    // The id breaks ties wherever it is listed, and is no part of the name.
    let names: Vec<_> = columns
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| *name != "Id")
        .collect();
    IndexFacts {
        name: identifier(&format!("{}_{}", object.name, names.join("_"))),
        columns,
        unique: false,
        filled,
        not_deleted: false,
        unless: None,
    }
}

/// The name if it is short enough, else its beginning and a number made of all of it.
pub(crate) fn identifier(name: &str) -> String {
    if name.len() <= IDENTIFIER_BYTES_MAX {
        return name.to_owned();
    }
    // FNV-1a: the same on every machine and release, as the name of an index must be.
    let number = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let beginning = &name[..IDENTIFIER_BYTES_MAX - 9];
    format!("{beginning}_{number:08x}")
}
