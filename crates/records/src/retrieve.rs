//! One record by its id: the hottest path there is, so nothing is planned per request.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use headwater_catalogue::{Id, Object, Value};
use headwater_soql::resolved::{Column, Expression, Filter, Query};
use headwater_store::{Page, PlanById, Row, ValueRef};
use jiff::Timestamp;

use crate::caller::Caller;
use crate::describe::visible_object;
use crate::error::Error;
use crate::org::Org;
use crate::query::{RecordSink, resolved};
use crate::selection::Selection;
use crate::visibility::{self, Act};
use crate::write::id_of;

/// Most plans kept for one set of rights. Which fields are asked for is the client's choice, so
/// there must be an end to it.
const PLANS_MAX: usize = 512;

/// A record that was read.
#[derive(Debug)]
pub struct Retrieved<S> {
    /// The sink, with the one row.
    pub sink: S,
    /// The record's `SystemModstamp`: what a later write may say it saw.
    pub version: Timestamp,
    /// Its `LastModifiedDate`; when the record was made, for objects without one.
    pub last_modified: Timestamp,
}

/// Plans by object and asked fields, for one set of rights and so for one catalogue. They go when
/// the rights go.
#[derive(Debug, Default)]
pub(crate) struct PlanCache {
    plans: ArcSwap<HashMap<String, Arc<Plan>>>,
}

/// How a record is read.
#[derive(Debug)]
struct Plan {
    query: Arc<Query>,
    by_id: PlanById,
    /// The column of the version.
    version: usize,
    /// The column of the last modification.
    last_modified: usize,
}

impl PlanCache {
    fn get(&self, key: &str) -> Option<Arc<Plan>> {
        self.plans.load().get(key).cloned()
    }

    fn keep(&self, key: &str, plan: &Arc<Plan>) {
        self.plans.rcu(|plans| {
            if plans.len() >= PLANS_MAX {
                return Arc::clone(plans);
            }
            let mut plans = HashMap::clone(plans);
            plans.insert(key.to_owned(), Arc::clone(plan));
            Arc::new(plans)
        });
    }
}

impl Org {
    /// Reads a record. Without `fields`, all that the caller may read.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or none the caller may see; [`Error::Deleted`];
    /// [`Error::UnknownField`].
    pub async fn retrieve<S: RecordSink>(
        &self,
        caller: &Caller,
        object: &str,
        id: &str,
        fields: Option<&[String]>,
        mut sink: S,
    ) -> Result<Retrieved<S>, Error> {
        let object = visible_object(caller, object)?;
        let id = id_of(object, id)?;
        let plan = self.plan(caller, object, fields)?;
        let read = |row: &Row<'_>| {
            sink.begin(&plan.query);
            sink.row(row);
            Retrieved {
                version: instant(row, plan.version),
                last_modified: instant(row, plan.last_modified),
                sink,
            }
        };
        match self.store().read_by_id(&plan.by_id, id, read).await? {
            Some(retrieved) => Ok(retrieved),
            None => Err(Box::pin(self.not_there(caller, object, id)).await?),
        }
    }

    /// Reads records by their ids, in no order; what is no id, or that of no record, is passed over.
    ///
    /// # Errors
    /// [`Error::UnknownObject`], [`Error::UnknownField`].
    pub async fn retrieve_each<S: RecordSink>(
        &self,
        caller: &Caller,
        object: &str,
        ids: &[String],
        fields: &[String],
        mut sink: S,
    ) -> Result<S, Error> {
        let object = visible_object(caller, object)?;
        let places = asked_places(caller, object, fields)?;
        let mut query = self.query_of(caller, object, &places)?;
        let ids = ids.iter().filter_map(|id| id_of(object, id).ok());
        let values: Vec<Value> = ids.map(Value::Id).collect();
        if values.is_empty() {
            return Ok(sink);
        }
        query.limit = Some(values.len() as u64);
        let only_these = Filter::In {
            left: Expression::Column(Column {
                source: 0,
                field: 0,
            }),
            values,
        };
        query.filter = std::mem::replace(&mut query.filter, Filter::Always).and(only_these);
        let query = Arc::new(query);
        sink.begin(&query);
        let selected = self.store().select(query, Page::default(), sink).await?;
        Ok(selected.sink)
    }

    fn plan(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        fields: Option<&[String]>,
    ) -> Result<Arc<Plan>, Error> {
        let cache = &caller.rights.plans;
        let asked = fields.map(|fields| format!("{} {}", object.name, fields.join(",")));
        let key = asked.as_deref().unwrap_or(&object.name);
        if let Some(plan) = cache.get(key) {
            return Ok(plan);
        }
        let places = match fields {
            Some(fields) => asked_places(caller, object, fields)?,
            None => readable_places(caller, object),
        };
        let plan = Arc::new(self.make_plan(caller, object, &places)?);
        cache.keep(key, &plan);
        Ok(plan)
    }

    fn make_plan(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        places: &[usize],
    ) -> Result<Plan, Error> {
        let mut query = self.query_of(caller, object, places)?;
        let created = object.position("CreatedDate");
        let modstamp = object.position("SystemModstamp").or(created);
        let modified = object.position("LastModifiedDate").or(created).or(modstamp);
        let mut column = |place: Option<usize>| {
            let field = place.unwrap_or_default();
            query.column(Expression::Column(Column { source: 0, field }))
        };
        let (version, last_modified) = (column(modstamp), column(modified));
        Ok(Plan {
            by_id: self.store().plan_by_id(&query),
            query: Arc::new(query),
            version,
            last_modified,
        })
    }

    /// These fields of an object's records, as the caller sees them.
    fn query_of(&self, caller: &Caller, object: &Object, places: &[usize]) -> Result<Query, Error> {
        let names = places.iter().map(|place| &*object.fields[*place].name);
        let names = names.collect::<Vec<_>>().join(", ");
        let soql = format!("SELECT {names} FROM {}", object.name);
        resolved(caller, &soql, false, self.now())
    }

    /// Why a record cannot be read: it lies in the recycle bin, or there is none for this caller.
    pub(crate) async fn not_there(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        id: Id,
    ) -> Result<Error, Error> {
        let rows = Selection::of_object(object)
            .equal("Id", id)?
            .only(visibility::filter(caller, object, Act::See, 0))
            .with_deleted()
            .rows(self.store())
            .await?;
        Ok(if rows.is_empty() {
            Error::NotFound(id.to_string())
        } else {
            Error::Deleted(id.to_string())
        })
    }
}

fn readable_places(caller: &Caller, object: &Object) -> Vec<usize> {
    let rights = caller.rights.on(object);
    (0..object.fields.len())
        .filter(|place| rights.reads(*place))
        .collect()
}

/// The fields a request asks for, each once, and the id, which every answer has.
fn asked_places(caller: &Caller, object: &Object, fields: &[String]) -> Result<Vec<usize>, Error> {
    let rights = caller.rights.on(object);
    let mut places = Vec::with_capacity(fields.len() + 1);
    for name in fields {
        let place = object
            .position(name.trim())
            .filter(|place| rights.reads(*place));
        let place = place.ok_or_else(|| Error::UnknownField {
            object: object.name.clone(),
            field: name.clone(),
        })?;
        if !places.contains(&place) {
            places.push(place);
        }
    }
    if !places.contains(&0) {
        places.push(0);
    }
    Ok(places)
}

fn instant(row: &Row<'_>, column: usize) -> Timestamp {
    match row.get(column) {
        ValueRef::DateTime(at) => at,
        _ => Timestamp::UNIX_EPOCH,
    }
}
