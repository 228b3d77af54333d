//! What the writer knows about one object's table: its texts, and what follows from a change.

use std::sync::Arc;

use headwater_catalogue::{
    Access, Catalogue, DefaultValue, Field, Kind, Object, OnDelete, Source, Value, ValueType,
};
use jiff::Timestamp;
use sea_query::{Expr, ExprTrait as _, LockType, Query};

use crate::ddl::{self, IndexFacts, names_the_writer};
use crate::dialect::Dialect;
use crate::history::HistoryTable;
use crate::rollup::RollupStep;
use crate::rows::{Cells, Content, decode};
use crate::search::SearchTable;

/// An object's table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) object: Arc<Object>,
    /// The places of the fields that have a column.
    pub(crate) columns: Vec<usize>,
    /// Selects all columns of the row with an id, to change it.
    pub(crate) select: String,
    /// The same, to see that it is there and stays until the end of the transaction.
    pub(crate) check: String,
    /// Inserts a row: a parameter for each column.
    pub(crate) insert: String,
    pub(crate) stamps: Stamps,
    /// The places of checkboxes, each with that of the field that remembers since when it is ticked.
    pub(crate) since: Vec<(usize, usize)>,
    /// The places of fields whose bytes lie in sheets.
    pub(crate) contents: Vec<usize>,
    pub(crate) history: Option<HistoryTable>,
    /// Whether changes are logged.
    pub(crate) logged: bool,
    pub(crate) rollups: Vec<RollupStep>,
    pub(crate) unique: Vec<IndexFacts>,
    pub(crate) referring: Vec<Referring>,
    /// How its records are found by words.
    pub(crate) search: Option<Arc<SearchTable>>,
}

/// The places of the system fields.
#[derive(Debug)]
pub(crate) struct Stamps {
    pub(crate) deleted: Option<usize>,
    pub(crate) created_date: Option<usize>,
    pub(crate) created_by: Option<usize>,
    pub(crate) modified_date: Option<usize>,
    pub(crate) modified_by: Option<usize>,
    pub(crate) modstamp: Option<usize>,
}

/// A stored reference to this table from another, or from itself.
#[derive(Debug)]
pub(crate) struct Referring {
    pub(crate) object: Arc<Object>,
    /// The place of the reference.
    pub(crate) field: usize,
    pub(crate) on_delete: OnDelete,
    /// Selects the ids of the rows that refer to an id and are not deleted.
    pub(crate) live: String,
    /// Selects the ids of those that are.
    pub(crate) deleted: Option<String>,
    /// Whether the referring rows are history of this table: they go without further ado.
    pub(crate) history: bool,
}

impl Stamps {
    fn of(object: &Object) -> Self {
        Self {
            deleted: object.position(ddl::IS_DELETED),
            created_date: object.position("CreatedDate"),
            created_by: object.position("CreatedById"),
            modified_date: object.position("LastModifiedDate"),
            modified_by: object.position("LastModifiedById"),
            modstamp: object.position("SystemModstamp"),
        }
    }

    /// Whether this is the place of a system field other than the id.
    pub(crate) fn has(&self, place: usize) -> bool {
        [
            self.deleted,
            self.created_date,
            self.created_by,
            self.modified_date,
            self.modified_by,
            self.modstamp,
        ]
        .contains(&Some(place))
    }
}

impl Table {
    pub(crate) fn of(object: &Arc<Object>, catalogue: &Catalogue, dialect: Dialect) -> Self {
        let is_column = |(_, field): &(usize, &Field)| field.is_column();
        let columns: Vec<usize> = object
            .fields
            .iter()
            .enumerate()
            .filter(is_column)
            .map(|(place, _)| place)
            .collect();
        let names = columns
            .iter()
            .map(|place| object.fields[*place].name.to_string());
        let facts = ddl::table(object);
        let mut row = Query::select();
        row.columns(names.clone())
            .from(object.name.to_string())
            .and_where(Expr::col("Id").eq(""));
        Self {
            select: dialect.build(row.clone().lock(LockType::NoKeyUpdate)).text,
            check: dialect.build(row.lock(check_lock(object))).text,
            insert: dialect
                .build(
                    Query::insert()
                        .into_table(object.name.to_string())
                        .columns(names)
                        .values_panic(columns.iter().map(|_| Expr::val(0_i64))),
                )
                .text,
            contents: contents(object),
            columns,
            stamps: Stamps::of(object),
            since: since(object),
            history: HistoryTable::of(object, catalogue, dialect),
            logged: object.logged && object.access != Access::Internal,
            rollups: RollupStep::all(object, catalogue, dialect),
            unique: facts
                .indexes
                .into_iter()
                .filter(|index| index.unique)
                .collect(),
            referring: referring(object, catalogue, dialect),
            search: SearchTable::of(object, dialect).map(Arc::new),
            object: Arc::clone(object),
        }
    }

    /// The text that updates these fields of the row with an id, which comes last.
    pub(crate) fn update(&self, places: &[usize], dialect: Dialect) -> String {
        let mut update = Query::update();
        update
            .table(self.object.name.to_string())
            .and_where(Expr::col("Id").eq(""));
        for place in places {
            update.value(self.object.fields[*place].name.to_string(), 0_i64);
        }
        dialect.build(&update).text
    }

    /// The type of a field's values.
    pub(crate) fn value_type(&self, place: usize) -> ValueType {
        self.object.fields[place].kind.value_type()
    }

    /// A row's values by the places of the fields.
    pub(crate) fn read(&self, row: &dyn Cells) -> Vec<Value> {
        let mut values = vec![Value::Null; self.object.fields.len()];
        for (column, place) in self.columns.iter().enumerate() {
            let content = row.content(column);
            values[*place] = decode(content, self.value_type(*place)).to_value();
        }
        values
    }

    /// A value as it will come back out of the column.
    pub(crate) fn stored(&self, place: usize, value: &Value) -> Value {
        let value_type = self.value_type(place);
        let content = Content::of(value, value_type);
        decode(content.as_ref(), value_type).to_value()
    }

    /// What a column that must be filled gets instead of null.
    pub(crate) fn filled(
        &self,
        place: usize,
        actor: headwater_catalogue::Id,
        at: Timestamp,
    ) -> Value {
        let field = &self.object.fields[place];
        if !ddl::is_filled(field) {
            return Value::Null;
        }
        match &field.default {
            Some(DefaultValue::Boolean(on)) => Value::Boolean(*on),
            Some(DefaultValue::Text(text)) => Value::Text(text.to_string()),
            Some(DefaultValue::Integer(n)) => Value::Integer(*n),
            Some(DefaultValue::Now) => self.stored(place, &Value::DateTime(at)),
            Some(DefaultValue::Caller) => Value::Id(actor),
            None => match field.kind {
                Kind::Boolean => Value::Boolean(false),
                // A count that starts.
                Kind::Integer { .. } if !field.createable => Value::Integer(0),
                _ => Value::Null,
            },
        }
    }
}

fn contents(object: &Object) -> Vec<usize> {
    let fields = object.fields.iter().enumerate();
    let contents = fields.filter(|(_, field)| field.kind.as_content().is_some());
    contents.map(|(place, _)| place).collect()
}

fn since(object: &Object) -> Vec<(usize, usize)> {
    let fields = object.fields.iter().enumerate();
    let remembered = fields.filter_map(|(place, field)| {
        let checkbox = object.position(field.since.as_ref()?)?;
        Some((checkbox, place))
    });
    remembered.collect()
}

/// A row that new rows refer to and that counts them is about to be changed itself; to ask for that
/// later than others who do the same would have each wait for the other.
fn check_lock(object: &Object) -> LockType {
    let counts = |field: &Field| matches!(field.source, Source::Rollup(_));
    if object.fields.iter().any(counts) {
        LockType::NoKeyUpdate
    } else {
        LockType::Share
    }
}

/// The stored references to an object: the referring object, the place of the field, and what
/// deleting the record does. Who wrote a row is not among them.
pub(crate) fn references_to<'c>(
    object: &Object,
    catalogue: &'c Catalogue,
) -> impl Iterator<Item = (&'c Arc<Object>, usize, OnDelete)> {
    let incoming = catalogue
        .incoming(object)
        .iter()
        .filter(|incoming| !incoming.inherited);
    incoming.filter_map(|incoming| {
        let child = catalogue.object(&incoming.object)?;
        let place = child.position(&incoming.field)?;
        let field = &child.fields[place];
        (field.is_column() && !names_the_writer(field)).then_some((
            child,
            place,
            incoming.on_delete,
        ))
    })
}

fn referring(object: &Object, catalogue: &Catalogue, dialect: Dialect) -> Vec<Referring> {
    let known = references_to(object, catalogue).map(|(child, place, on_delete)| {
        let field = &child.fields[place];
        let among = |deleted: bool| {
            let mut rows = Query::select();
            rows.column("Id")
                .from(child.name.to_string())
                .and_where(Expr::col(field.name.to_string()).eq(""));
            if child.keeps_deleted() {
                rows.and_where(Expr::col(ddl::IS_DELETED).eq(dialect.boolean(deleted)));
            }
            dialect.build(&rows).text
        };
        Referring {
            field: place,
            on_delete,
            live: among(false),
            deleted: child.keeps_deleted().then(|| among(true)),
            history: is_history_of(object, child),
            object: Arc::clone(child),
        }
    });
    known.collect()
}

/// Whether an object keeps the history of another.
pub(crate) fn is_history_of(object: &Object, child: &Object) -> bool {
    object.history.as_ref() == Some(&child.name)
}
