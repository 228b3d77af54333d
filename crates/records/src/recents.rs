//! What a user has seen last: by a query that says so (`FOR VIEW`, `FOR REFERENCE`), or on a page.

use std::collections::HashMap;
use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Object, Value};
use headwater_soql::resolved::{Column, Expression, Filter, Order, Purpose, Query};
use headwater_store::{Operation, WriteError, WriteSet};
use jiff::Timestamp;

use crate::caller::Caller;
use crate::describe::visible_object;
use crate::error::Error;
use crate::failure::of_write;
use crate::org::Org;
use crate::selection::Selection;
use crate::visibility::{self, Act};

/// Most records that one query or page notes as seen.
pub(crate) const NOTED_MAX: usize = 200;
/// Most records that are remembered of one user; those seen longest ago go first.
const KEPT_MAX: u64 = 1_000;
/// How often noting is tried when the same user's other requests note the same records meanwhile.
const ATTEMPTS_MAX: usize = 5;

/// How a record was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Itself.
    Viewed,
    /// As something that another one refers to.
    Referenced,
}

/// A record somebody had to do with lately.
#[derive(Debug, Clone)]
pub struct RecentRecord {
    /// Its object.
    pub object: Arc<Object>,
    /// The record.
    pub id: Id,
    /// Its name; none for objects without names.
    pub name: Option<String>,
}

impl Org {
    /// Notes that the caller has seen records of an object, which they are known to reach.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn note_seen(
        &self,
        caller: &Caller,
        object: &Object,
        records: &[Id],
        how: Seen,
    ) -> Result<(), Error> {
        let records = &records[..records.len().min(NOTED_MAX)];
        // The server has no recent records of its own.
        if records.is_empty() || caller.rights.is_server() {
            return Ok(());
        }
        let catalogue = self.catalogue();
        let views = views(&catalogue)?;
        for _ in 0..ATTEMPTS_MAX {
            let operations = self.noting(caller, views, object, records, how).await?;
            let set = WriteSet::new(caller.user, self.now(), operations);
            match self.apply(set).await {
                Ok(_) => return Ok(()),
                // Noted, or forgotten, between the look and the write.
                Err(
                    WriteError::Duplicate { .. }
                    | WriteError::NotFound { .. }
                    | WriteError::Missing { .. },
                ) => {}
                Err(error) => return Err(of_write(error)),
            }
        }
        Ok(())
    }

    /// As [`Org::note_seen`], of a page that shows one record: nothing to write while it is still
    /// the one seen last.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn note_viewed(
        &self,
        caller: &Caller,
        object: &Object,
        record: Id,
    ) -> Result<(), Error> {
        let catalogue = self.catalogue();
        let last = latest(views(&catalogue)?, caller, None, 0, 1)?;
        let rows = self.rows_of(last).await?;
        let is_last = rows.first().and_then(|row| row.get(1)?.as_text()) == Some(record.as_str());
        if is_last {
            return Ok(());
        }
        self.note_seen(caller, object, &[record], Seen::Viewed)
            .await
    }

    /// When the caller has last seen a record on a page or by a query; none when they never have.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn last_viewed(
        &self,
        caller: &Caller,
        record: Id,
    ) -> Result<Option<Timestamp>, Error> {
        let catalogue = self.catalogue();
        let rows = Selection::of_object(views(&catalogue)?)
            .fields(&["ViewedDate"])?
            .equal("UserId", caller.user)?
            .equal("RecordId", record.as_str())?
            .rows(self.store())
            .await?;
        Ok(rows.first().and_then(|row| row.get(1)?.as_datetime()))
    }

    /// Notes what a query says its records are wanted for.
    pub(crate) async fn note_purposes(
        &self,
        caller: &Caller,
        query: &Query,
        records: &[Id],
    ) -> Result<(), Error> {
        for purpose in &query.purposes {
            let how = match purpose {
                Purpose::View => Seen::Viewed,
                Purpose::Reference => Seen::Referenced,
                // There is no transaction that outlives the request, so nothing to lock for.
                Purpose::Update => continue,
            };
            self.note_seen(caller, query.object(), records, how).await?;
        }
        Ok(())
    }

    async fn noting(
        &self,
        caller: &Caller,
        views: &Arc<Object>,
        object: &Object,
        records: &[Id],
        how: Seen,
    ) -> Result<Vec<Operation>, Error> {
        let now = Value::from(self.now());
        let kept = match how {
            Seen::Viewed => "ViewedDate",
            Seen::Referenced => "ReferencedDate",
        };
        let texts = records.iter().map(|id| Value::from(id.as_str()));
        let known = Selection::of_object(views)
            .fields(&["RecordId"])?
            .equal("UserId", caller.user)?
            .any_of("RecordId", texts.collect())?
            .rows(self.store())
            .await?;
        let known: HashMap<&str, Id> = known
            .iter()
            .filter_map(|row| Some((row.get(1)?.as_text()?, row.first()?.as_id()?)))
            .collect();
        let values = |named: &[(&str, Value)]| -> Vec<(usize, Value)> {
            let place =
                |(name, value): &(&str, Value)| Some((views.position(name)?, value.clone()));
            named.iter().filter_map(place).collect()
        };
        let dates = [(kept, now.clone()), ("SeenDate", now)];
        let again: Vec<Id> = known.values().copied().collect();
        let mut operations = self.forgetting(caller, views, &again).await?;
        for record in records {
            let noted = |id: &Id| Operation::Update {
                object: Arc::clone(views),
                id: *id,
                values: values(&dates),
                may: Filter::Always,
                expect: Vec::new(),
                seen: None,
            };
            let first_time = || {
                let whose = [
                    ("UserId", Value::Id(caller.user)),
                    ("RecordId", Value::from(record.as_str())),
                    ("RecordObject", Value::from(&*object.name)),
                ];
                Operation::Insert {
                    object: Arc::clone(views),
                    id: self.store().next_id(views),
                    values: values(&[&whose[..], &dates[..]].concat()),
                }
            };
            let known = known.get(record.as_str());
            operations.push(known.map_or_else(first_time, noted));
        }
        Ok(operations)
    }

    /// Forgets what is beyond what is remembered of a user, but for what is noted again.
    async fn forgetting(
        &self,
        caller: &Caller,
        views: &Arc<Object>,
        again: &[Id],
    ) -> Result<Vec<Operation>, Error> {
        let surplus = latest(views, caller, None, KEPT_MAX, NOTED_MAX as u64)?;
        let surplus = self.rows_of(surplus).await?;
        let going = surplus.iter().filter_map(|row| row.first()?.as_id());
        let going = going.filter(|id| !again.contains(id));
        let delete = |id| Operation::Delete {
            object: Arc::clone(views),
            id,
            may: Filter::Always,
        };
        Ok(going.map(delete).collect())
    }

    /// The records the caller has seen last, newest first; of one object or of all.
    ///
    /// # Errors
    /// [`Error::UnknownObject`].
    pub async fn recent(
        &self,
        caller: &Caller,
        object: Option<&str>,
        limit: usize,
    ) -> Result<Vec<RecentRecord>, Error> {
        let only = object
            .map(|name| visible_object(caller, name))
            .transpose()?;
        let catalogue = self.catalogue();
        let seen = latest(views(&catalogue)?, caller, only, 0, KEPT_MAX)?;
        let seen = self.rows_of(seen).await?;
        let mut by_object: HashMap<&str, Vec<Id>> = HashMap::new();
        let mut in_order = Vec::new();
        for row in &seen {
            let id = row
                .get(1)
                .and_then(Value::as_text)
                .and_then(|id| id.parse().ok());
            let object = row.get(2).and_then(Value::as_text);
            if let (Some(id), Some(object)) = (id, object) {
                by_object.entry(object).or_default().push(id);
                in_order.push(id);
            }
        }
        let mut found = HashMap::new();
        for (object, ids) in by_object {
            // What may no longer be seen is not recent either.
            if let Ok(object) = visible_object(caller, object) {
                self.add_recent(caller, object, ids, &mut found).await?;
            }
        }
        let recent = in_order.iter().filter_map(|id| found.remove(id));
        Ok(recent.take(limit).collect())
    }

    /// Those of the records that are there and that the caller reaches, with their names.
    async fn add_recent(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        ids: Vec<Id>,
        found: &mut HashMap<Id, RecentRecord>,
    ) -> Result<(), Error> {
        let name = object.name_field().map(|field| &*field.name);
        let rows = Selection::of_object(object)
            .fields(name.as_slice())?
            .any_of("Id", ids.into_iter().map(Value::Id).collect())?
            .only(visibility::filter(caller, object, Act::See, 0))
            .rows(self.store())
            .await?;
        for row in rows {
            if let Some(id) = row.first().and_then(Value::as_id) {
                let name = row.get(1).and_then(Value::as_text).map(str::to_owned);
                let object = Arc::clone(object);
                found.insert(id, RecentRecord { object, id, name });
            }
        }
        Ok(())
    }

    async fn rows_of(&self, query: Query) -> Result<Vec<Vec<Value>>, Error> {
        let page = headwater_store::Page::default();
        let sink = headwater_store::Rows::default();
        let selected = self.store().select(Arc::new(query), page, sink).await?;
        Ok(selected.sink.rows)
    }
}

/// What the caller has seen, latest first, without so many of the first: ids of the notes, of the
/// records, and names of their objects.
fn latest(
    views: &Arc<Object>,
    caller: &Caller,
    only: Option<&Arc<Object>>,
    offset: u64,
    limit: u64,
) -> Result<Query, Error> {
    let mut selection = Selection::of_object(views)
        .fields(&["RecordId", "RecordObject"])?
        .equal("UserId", caller.user)?
        .limit(limit);
    if let Some(object) = only {
        selection = selection.equal("RecordObject", &*object.name)?;
    }
    let mut query = selection.into_query();
    query.offset = offset;
    query.order = views
        .position("SeenDate")
        .map(|field| Order {
            by: Expression::Column(Column { source: 0, field }),
            descending: true,
            nulls_first: false,
        })
        .into_iter()
        .collect();
    Ok(query)
}

fn views(catalogue: &Catalogue) -> Result<&Arc<Object>, Error> {
    let name = "RecordView";
    let unknown = || Error::UnknownObject(name.to_owned());
    catalogue.object(name).ok_or_else(unknown)
}
