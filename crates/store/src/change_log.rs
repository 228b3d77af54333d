//! The change log: every change of a record, numbered without gaps in the order of the commits.
//!
//! It is written by the writer in the transaction of the change itself, so there is no change
//! without an entry and no entry without its change. The number of a write that fails is given to
//! the next one.

use std::borrow::Cow;

use headwater_catalogue::{Catalogue, Id, Object, Value, ValueType};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use crate::apply::Run;
use crate::connection::Failure;
use crate::rows::{self, Cells};
use crate::session::Session;
use crate::table::Table;

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It is new.
    Create,
    /// Some of its fields have new values.
    Update,
    /// It is gone, or in the recycle bin.
    Delete,
    /// It is back from the recycle bin.
    Undelete,
}

/// An entry of the change log.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its number: without gaps, in the order of the commits.
    pub replay_id: i64,
    /// The replay id of the first entry of the same write.
    pub transaction: i64,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Who.
    pub actor: Id,
    /// What happened.
    pub kind: ChangeKind,
    /// To which object's record.
    pub object: String,
    /// To which record.
    pub record: Id,
    /// The changed fields with their new values; for a create all that have one. System fields
    /// and those that only the server sees are not listed: the entry itself says who and when.
    pub fields: Vec<(String, Value)>,
}

const INSERT: &str = "INSERT INTO \"_headwater_change\" (\"replay_id\", \"transaction_id\", \"at\", \
     \"actor\", \"kind\", \"object\", \"record\", \"fields\") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Entries after a replay id, oldest first, at most so many.
pub(crate) const SELECT: &str = "SELECT \"replay_id\", \"transaction_id\", \"at\", \"actor\", \
     \"kind\", \"object\", \"record\", \"fields\" FROM \"_headwater_change\" \
     WHERE \"replay_id\" > $1 ORDER BY \"replay_id\" LIMIT $2";

/// Forgets entries before a moment of the so many oldest, but never the newest one, from which the
/// numbers go on.
pub(crate) const PURGE: &str = "DELETE FROM \"_headwater_change\" WHERE \"at\" < $1 \
     AND \"replay_id\" IN \
     (SELECT \"replay_id\" FROM \"_headwater_change\" ORDER BY \"replay_id\" LIMIT $2) \
     AND \"replay_id\" < (SELECT MAX(\"replay_id\") FROM \"_headwater_change\")";

/// Empties entries after one and up to another that tell of an object's records which are gone for good.
/// That there was a change, when and by whom, stays.
pub(crate) fn blank(object: &str) -> String {
    format!(
        "UPDATE \"_headwater_change\" SET \"fields\" = '{{}}' WHERE \"replay_id\" > $1 AND \
         \"replay_id\" <= $2 AND \"object\" = '{object}' AND \"fields\" <> '{{}}' AND NOT EXISTS \
         (SELECT 1 FROM \"{object}\" WHERE \"{object}\".\"Id\" = \"_headwater_change\".\"record\")"
    )
}

impl ChangeKind {
    fn number(self) -> i64 {
        match self {
            Self::Create => 1,
            Self::Update => 2,
            Self::Delete => 3,
            Self::Undelete => 4,
        }
    }

    fn numbered(number: i64) -> Option<Self> {
        [Self::Create, Self::Update, Self::Delete, Self::Undelete]
            .into_iter()
            .find(|kind| kind.number() == number)
    }
}

impl Run<'_> {
    /// Logs a change of a record. An update that changes nothing anybody can see is none.
    pub(crate) fn log(
        &mut self,
        table: &Table,
        kind: ChangeKind,
        id: Id,
        changed: &[usize],
        row: &[Value],
    ) {
        if !table.logged {
            return;
        }
        let shown =
            |place: &&usize| !table.stamps.has(**place) && !table.object.fields[**place].internal;
        let fields: Map<String, Json> = changed
            .iter()
            .filter(shown)
            .map(|place| {
                (
                    table.object.fields[*place].name.to_string(),
                    to_json(&row[*place]),
                )
            })
            .collect();
        if fields.is_empty() && kind == ChangeKind::Update {
            return;
        }
        self.session.changes.push(Entry {
            first: self.first_change,
            at: self.at.as_microsecond(),
            actor: self.actor,
            kind,
            object: table.object.name.clone(),
            record: id,
            fields: Json::Object(fields).to_string(),
        });
    }
}

/// A change that has no number yet.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The place of the first entry of the same write among those of the transaction.
    first: usize,
    at: i64,
    actor: Id,
    kind: ChangeKind,
    object: Cow<'static, str>,
    record: Id,
    fields: String,
}

impl Entry {
    /// That it is the last one, numbered so.
    pub(crate) fn numbered(&self, before: i64, last: i64) -> Numbered {
        Numbered {
            before,
            last,
            at: self.at,
            record: self.record,
        }
    }

    /// Writes it down under its number; the transaction's first one comes after `before`.
    pub(crate) fn insert(
        &self,
        session: &Session,
        before: i64,
        number: i64,
    ) -> Result<(), Failure> {
        let first = before + 1 + i64::try_from(self.first).unwrap_or_default();
        let parameters = [
            number.into(),
            first.into(),
            self.at.into(),
            self.actor.as_str().into(),
            self.kind.number().into(),
            (&*self.object).into(),
            self.record.as_str().into(),
            self.fields.as_str().into(),
        ];
        session.run_later(INSERT, &parameters)
    }
}

/// The changes of a transaction, once they have numbers.
#[derive(Debug, Clone)]
pub(crate) struct Numbered {
    /// The number before the first one.
    pub(crate) before: i64,
    /// The number of the last one.
    pub(crate) last: i64,
    /// When the last one happened.
    pub(crate) at: i64,
    /// To which record.
    pub(crate) record: Id,
}

/// Whether an entry is there: its number, when, and of which record.
pub(crate) const IS_THERE: &str = "SELECT EXISTS (SELECT 1 FROM \"_headwater_change\" \
     WHERE \"replay_id\" = $1 AND \"at\" = $2 AND \"record\" = $3)";

/// An entry as it is held; none if it is damaged. What the catalogue no longer knows is left out.
pub(crate) fn read(row: &dyn Cells, catalogue: &Catalogue) -> Option<Change> {
    let number = |column| row.content(column).as_number();
    let text = |column| row.content(column).as_text();
    let id = |column| text(column)?.parse::<Id>().ok();
    let object = text(5)?.to_owned();
    let Ok(Json::Object(fields)) = serde_json::from_str(text(7)?) else {
        return None;
    };
    let fields = match catalogue.object(&object) {
        Some(object) => known_fields(object, fields),
        None => Vec::new(),
    };
    Some(Change {
        replay_id: number(0)?,
        transaction: number(1)?,
        at: Timestamp::from_microsecond(number(2)?).ok()?,
        actor: id(3)?,
        kind: ChangeKind::numbered(number(4)?)?,
        record: id(6)?,
        object,
        fields,
    })
}

/// What is said of an entry that [`read`] gives none for.
pub(crate) const DAMAGED: &str = "an entry of the change log is damaged";

/// The counter of the numbers given out, from which others go on.
pub(crate) const COUNTER: &str = "replay";

/// The last change: its number, when it was, who made it and of what.
pub(crate) const NEWEST: &str = "SELECT \"replay_id\", \"at\", \"actor\", \"object\", \"record\" \
     FROM \"_headwater_change\" ORDER BY \"replay_id\" DESC LIMIT 1";

/// Makes the counter of a database that has none yet.
pub(crate) const BEGIN: &str = "INSERT INTO \"_headwater_counter\" (\"name\", \"value\") \
     SELECT $1, COALESCE(MAX(\"replay_id\"), 0) FROM \"_headwater_change\" WHERE TRUE \
     ON CONFLICT (\"name\") DO NOTHING";

/// The last number given out.
pub(crate) const LAST: &str = "SELECT \"value\" FROM \"_headwater_counter\" WHERE \"name\" = $1";

fn known_fields(object: &Object, fields: Map<String, Json>) -> Vec<(String, Value)> {
    let known = fields.into_iter().filter_map(|(name, value)| {
        let value_type = object.field(&name)?.kind.value_type();
        Some((name, from_json(&value, value_type)?))
    });
    known.collect()
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(on) => (*on).into(),
        Value::Integer(n) => (*n).into(),
        Value::Decimal(n) => n.to_string().into(),
        Value::Text(text) => text.as_str().into(),
        Value::Id(id) => id.as_str().into(),
        Value::Date(date) => rows::days(*date).into(),
        Value::DateTime(at) => at.as_microsecond().into(),
        Value::Time(time) => rows::milliseconds(*time).into(),
    }
}

fn from_json(json: &Json, value_type: ValueType) -> Option<Value> {
    if json.is_null() {
        return Some(Value::Null);
    }
    Some(match value_type {
        ValueType::Boolean => Value::Boolean(json.as_bool()?),
        ValueType::Integer => Value::Integer(json.as_i64()?),
        ValueType::Decimal { .. } | ValueType::Double => {
            Value::Decimal(json.as_str()?.parse::<Decimal>().ok()?)
        }
        ValueType::Text => Value::Text(json.as_str()?.to_owned()),
        ValueType::Id => Value::Id(json.as_str()?.parse().ok()?),
        ValueType::Date => Value::Date(rows::date(json.as_i64()?)?),
        ValueType::DateTime => Value::DateTime(Timestamp::from_microsecond(json.as_i64()?).ok()?),
        ValueType::Time => Value::Time(rows::time(json.as_i64()?)?),
    })
}
