//! History rows: what tracked fields held before and after.

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Field, Formula, Id, Kind, Object, Source, Value};
use headwater_soql::resolved::{self, Column, Expression};
use sea_query::{Expr, ExprTrait as _, Query};

use crate::apply::Run;
use crate::dialect::Dialect;
use crate::plan;
use crate::rows::Cells;
use crate::table::Table;
use crate::write_set::WriteError;

/// Longer texts are recorded as changed, without their content.
const TEXT_CHARACTERS_MAX: usize = 255;

/// How many numbers for rows of history are taken at a time.
const IDS_TAKEN: i64 = 1_000;

/// Where the changes of an object's tracked fields are kept.
#[derive(Debug)]
pub(crate) struct HistoryTable {
    object: Arc<Object>,
    /// Inserts a row: id, record, field, type, old value, new value, when, who.
    insert: String,
    /// The places of the tracked fields.
    tracked: Vec<usize>,
    /// Puts all history of a record into the recycle bin with it.
    pub(crate) delete: String,
    /// Brings it back with the record.
    pub(crate) restore: String,
    /// Removes it with the record.
    pub(crate) purge: String,
}

impl HistoryTable {
    pub(crate) fn of(object: &Object, catalogue: &Catalogue, dialect: Dialect) -> Option<Self> {
        let history = catalogue.object(object.history.as_ref()?)?;
        let record = history.fields.iter().find(|field| {
            let reference = field.kind.as_reference();
            reference.is_some_and(|to| to.targets.names().contains(&object.name))
        })?;
        let record = record.name.to_string();
        let deleted = history
            .keeps_deleted()
            .then(|| crate::ddl::IS_DELETED.to_owned());
        let names = [
            "Id",
            &record,
            "Field",
            "DataType",
            "OldValue",
            "NewValue",
            "CreatedDate",
        ];
        let columns = names.into_iter().chain(["CreatedById"]).map(str::to_owned);
        let values = columns.clone().map(|_| Expr::val(0_i64));
        let insert = Query::insert()
            .into_table(history.name.to_string())
            .columns(columns.chain(deleted.clone()))
            .values_panic(values.chain(deleted.iter().map(|_| dialect.boolean(false))))
            .take();
        let of_record = Expr::col(record).eq("");
        let purge = Query::delete()
            .from_table(history.name.to_string())
            .and_where(of_record.clone())
            .take();
        let purge = dialect.build(&purge).text;
        let all = |is_deleted: bool| {
            let Some(deleted) = &deleted else {
                return purge.clone();
            };
            let mut update = Query::update();
            update
                .table(history.name.to_string())
                .value(deleted.clone(), dialect.boolean(is_deleted));
            dialect.build(update.and_where(of_record.clone())).text
        };
        let tracked = object
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.tracked);
        Some(Self {
            insert: dialect.build(&insert).text,
            tracked: tracked.map(|(place, _)| place).collect(),
            object: Arc::clone(history),
            delete: all(true),
            restore: all(false),
            purge,
        })
    }
}

/// One row of history.
struct Entry<'a> {
    field: &'a str,
    data_type: &'a str,
    old: Option<String>,
    new: Option<String>,
}

impl Run<'_> {
    /// The first row of a record's history.
    pub(crate) fn created(&mut self, table: &Table, id: Id) -> Result<(), WriteError> {
        self.happened(table, id, "created", None, None)
    }

    /// A row for what happened to a record and is not the change of one field.
    pub(crate) fn happened(
        &mut self,
        table: &Table,
        id: Id,
        event: &str,
        old: Option<String>,
        new: Option<String>,
    ) -> Result<(), WriteError> {
        let Some(history) = &table.history else {
            return Ok(());
        };
        self.remember(
            history,
            id,
            &Entry {
                field: event,
                data_type: "Text",
                old,
                new,
            },
        )
    }

    /// A row for each tracked field that has changed; two for a reference, of which one holds the
    /// names as they are now and the other the ids.
    pub(crate) fn track(
        &mut self,
        table: &Table,
        id: Id,
        changed: &[usize],
        before: &[Value],
        after: &[Value],
    ) -> Result<(), WriteError> {
        let Some(history) = &table.history else {
            return Ok(());
        };
        for place in changed
            .iter()
            .filter(|place| history.tracked.contains(place))
        {
            let field = &table.object.fields[*place];
            let (old, new) = (&before[*place], &after[*place]);
            if field.kind.as_reference().is_some() {
                let (old_name, new_name) = (self.name_of(old)?, self.name_of(new)?);
                self.remember(
                    history,
                    id,
                    &Entry {
                        field: tracked_name(field),
                        data_type: "Text",
                        old: old_name,
                        new: new_name,
                    },
                )?;
            }
            self.remember(
                history,
                id,
                &Entry {
                    field: tracked_name(field),
                    data_type: data_type(&field.kind),
                    old: text(old),
                    new: text(new),
                },
            )?;
        }
        Ok(())
    }

    fn remember(
        &mut self,
        history: &HistoryTable,
        record: Id,
        entry: &Entry<'_>,
    ) -> Result<(), WriteError> {
        let id = self.history_id(&history.object)?;
        let parameters = [
            id.as_str().into(),
            record.as_str().into(),
            entry.field.into(),
            entry.data_type.into(),
            entry.old.as_deref().into(),
            entry.new.as_deref().into(),
            self.at.as_microsecond().into(),
            self.actor.as_str().into(),
        ];
        Ok(self.session.run_later(&history.insert, &parameters)?)
    }

    /// History rows are numbered by the writer itself, apart from other records: nobody needs to
    /// know their ids beforehand.
    fn history_id(&mut self, history: &Object) -> Result<Id, WriteError> {
        let number = self.session.next_number("history", IDS_TAKEN)?;
        Ok(Id::new(history.prefix, number.unsigned_abs()))
    }

    /// What people call the record that a reference names.
    pub(crate) fn name_of(&mut self, reference: &Value) -> Result<Option<String>, WriteError> {
        let Value::Id(id) = reference else {
            return Ok(None);
        };
        let Some(object) = self.session.catalogue.object_of(id.prefix()).cloned() else {
            return Ok(None);
        };
        let known = self.session.names.get(&*object.name).cloned();
        let text = known.unwrap_or_else(|| {
            let text = name_text(&object, self.session.dialect()).map(Arc::from);
            self.session
                .names
                .insert(object.name.to_string(), text.clone());
            text
        });
        let Some(text) = text else {
            return Ok(Some(id.to_string()));
        };
        let name = |row: &dyn Cells| row.content(0).as_text().map(str::to_owned);
        Ok(self
            .session
            .one(&text, &[id.as_str().into()], name)?
            .flatten())
    }
}

/// The text that selects a record's name, if its object's records have one.
fn name_text(object: &Arc<Object>, dialect: Dialect) -> Option<String> {
    let place = object.fields.iter().position(|field| field.name_field)?;
    let column = |field| Expression::Column(Column { source: 0, field });
    let name = match &object.fields[place].source {
        Source::Stored | Source::Rollup(_) => column(place),
        Source::Formula(Formula::Concatenation { paths, separator }) => {
            let own = paths
                .iter()
                .filter_map(|path| object.position(path))
                .map(column);
            Expression::Concatenation {
                parts: own.collect(),
                separator: separator.clone(),
            }
        }
        Source::Inherited(_) | Source::Formula(_) => return None,
    };
    let mut query = resolved::Query::of_object(object);
    query.columns = vec![name];
    query.include_deleted = true;
    let (statement, _, _) = plan::by_id(&query, dialect);
    // Any constant text is a parameter only if it is not the id; a name has none.
    (statement.parameters.len() == 1).then_some(statement.text)
}

/// What the history calls a field: a reference by its relationship, without the `Id`.
fn tracked_name(field: &Field) -> &str {
    if field.kind.as_reference().is_some() {
        field.name.strip_suffix("Id").unwrap_or(&field.name)
    } else {
        &field.name
    }
}

/// Salesforce's words for the kinds of value in its history.
fn data_type(kind: &Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Reference(_) => "EntityId",
        Kind::Text { .. } | Kind::Base64(_) | Kind::Address { .. } => "Text",
        Kind::TextArea { .. } => "MultiLineText",
        Kind::Email => "Email",
        Kind::Phone => "Phone",
        Kind::Url { .. } => "Url",
        Kind::Boolean => "Boolean",
        Kind::Integer { .. } | Kind::Double(_) => "Double",
        Kind::Currency(_) => "Currency",
        Kind::Percent(_) => "Percent",
        Kind::Date => "DateOnly",
        Kind::DateTime => "DateTime",
        Kind::Time => "TimeOnly",
        Kind::Picklist(_) | Kind::Combobox(_) => "DynamicEnum",
        Kind::MultiPicklist(_) => "MultiEnum",
        Kind::AutoNumber { .. } => "AutoNumber",
        Kind::Any => "AnyType",
    }
}

/// A value as the text that history keeps of it.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Boolean(on) => Some(on.to_string()),
        Value::Integer(n) => Some(n.to_string()),
        Value::Decimal(n) => Some(n.normalize().to_string()),
        Value::Text(text) if text.chars().nth(TEXT_CHARACTERS_MAX).is_some() => None,
        Value::Text(text) => Some(text.clone()),
        Value::Id(id) => Some(id.to_string()),
        Value::Date(date) => Some(date.to_string()),
        Value::DateTime(at) => Some(at.to_string()),
        Value::Time(time) => Some(time.to_string()),
    }
}
