//! What a write that the store refused means to the caller who asked for it.

use std::sync::Arc;

use headwater_catalogue::{Id, Name, Object, Value};
use headwater_soql::resolved::Filter;
use headwater_store::WriteError;

use crate::caller::Caller;
use crate::change::Condition;
use crate::error::{Error, Problem, Verb};
use crate::failure;
use crate::org::Org;
use crate::recycle::NOT_IN_BIN;
use crate::selection::Selection;
use crate::visibility::{self, Act};

/// A record was not made.
pub(crate) fn of_insert(object: &Object, conditions: Vec<Condition>, error: WriteError) -> Error {
    match error {
        WriteError::Missing { check, hidden } => of_condition(conditions, check, hidden),
        WriteError::Duplicate {
            fields, existing, ..
        } => duplicate(object, &fields, existing),
        other => failure::of_write(other),
    }
}

/// A record was not changed.
pub(crate) async fn of_update(
    org: &Org,
    caller: &Caller,
    object: &Arc<Object>,
    id: Id,
    conditions: Vec<Condition>,
    error: WriteError,
) -> Error {
    match error {
        WriteError::NotFound { deleted, .. } => gone(org, caller, object, id, deleted).await,
        WriteError::Refused { .. } => refused(org, caller, object, id, Verb::Update).await,
        WriteError::Stale { now, .. } => Error::Changed { id, now },
        other => of_insert(object, conditions, other),
    }
}

/// A record was not deleted.
pub(crate) async fn of_delete(
    org: &Org,
    caller: &Caller,
    object: &Arc<Object>,
    id: Id,
    error: WriteError,
) -> Error {
    match error {
        WriteError::NotFound { deleted, .. } => gone(org, caller, object, id, deleted).await,
        WriteError::Refused { .. } => refused(org, caller, object, id, Verb::Delete).await,
        WriteError::Restricted {
            object: referring,
            records,
            ..
        } => restricted(org, caller, object, id, &referring, records).await,
        other => failure::of_write(other),
    }
}

/// A record was not brought back.
pub(crate) async fn of_undelete(
    org: &Org,
    caller: &Caller,
    object: &Arc<Object>,
    id: Id,
    error: WriteError,
) -> Error {
    let reason = match error {
        WriteError::NotFound { .. } => return Error::NotFound(id.to_string()),
        WriteError::Refused { .. } => {
            return refused(org, caller, object, id, Verb::Delete).await;
        }
        WriteError::NotDeleted { .. } => match sees(org, caller, object, id).await {
            Ok(true) => NOT_IN_BIN.to_owned(),
            Ok(false) => return Error::NotFound(id.to_string()),
            Err(error) => return error,
        },
        WriteError::ParentDeleted {
            object: child,
            field,
            parent,
            ..
        } => format!(
            "{}: the record {parent} that this one belongs to is deleted; undelete that one first",
            child.fields[field].label
        ),
        WriteError::Taken {
            object: holder,
            fields,
            existing,
            ..
        } => taken(&holder, &fields, existing),
        other => return failure::of_write(other),
    };
    Error::RecycleBin {
        undelete: true,
        reason,
    }
}

/// What only one record may hold, and another holds by now.
fn taken(object: &Object, places: &[usize], existing: Option<Id>) -> String {
    let which = existing.map_or_else(String::new, |id| format!(": {id}"));
    match duplicate(object, places, existing) {
        Error::SessionOpen { .. } => {
            format!("the messaging user has another open session by now{which}")
        }
        Error::Duplicate { fields, .. } => {
            format!(
                "another record holds the same {} by now{which}",
                fields.join(", ")
            )
        }
        other => other.to_string(),
    }
}

fn of_condition(conditions: Vec<Condition>, place: usize, hidden: bool) -> Error {
    let Some(condition) = conditions.into_iter().nth(place) else {
        return Error::Busy;
    };
    let problem = if hidden {
        condition.refused
    } else {
        condition.missing
    };
    Error::Invalid(vec![problem])
}

fn duplicate(object: &Object, places: &[usize], existing: Option<Id>) -> Error {
    let fields: Vec<Name> = places
        .iter()
        .map(|place| object.fields[*place].name.clone())
        .collect();
    // The one unique index over only the Messaging User is that of open sessions.
    if object.name == "MessagingSession"
        && matches!(&*fields, [user] if user == "MessagingEndUserId")
    {
        return Error::SessionOpen { existing };
    }
    Error::Duplicate { fields, existing }
}

/// A record that is not there, or lies in the recycle bin. Whoever could not see it then is not
/// told that it is there now.
async fn gone(org: &Org, caller: &Caller, object: &Arc<Object>, id: Id, deleted: bool) -> Error {
    let unknown = Error::NotFound(id.to_string());
    if !deleted {
        return unknown;
    }
    match sees(org, caller, object, id).await {
        Ok(true) => Error::Deleted(id.to_string()),
        Ok(false) => unknown,
        Err(error) => error,
    }
}

/// A record that is there, but not for this caller to change.
async fn refused(org: &Org, caller: &Caller, object: &Arc<Object>, id: Id, verb: Verb) -> Error {
    match sees(org, caller, object, id).await {
        Ok(true) => Error::NotAllowed {
            verb,
            object: object.name.clone(),
            record: Some(id),
        },
        Ok(false) => Error::NotFound(id.to_string()),
        Err(error) => error,
    }
}

/// Whether the caller may see a record, deleted or not.
pub(crate) async fn sees(
    org: &Org,
    caller: &Caller,
    object: &Arc<Object>,
    id: Id,
) -> Result<bool, Error> {
    let rows = Selection::of_object(object)
        .equal("Id", id)?
        .only(visibility::filter(caller, object, Act::See, 0))
        .with_deleted()
        .rows(org.store())
        .await?;
    Ok(!rows.is_empty())
}

/// The first of these records that the caller does not reach for an act.
pub(crate) async fn out_of_reach(
    org: &Org,
    caller: &Caller,
    object: &Arc<Object>,
    act: Act,
    ids: &[Id],
) -> Result<Option<Id>, Error> {
    let may = visibility::filter(caller, object, act, 0);
    // The common case needs no reading: whoever reaches the object reaches all its records.
    if may == Filter::Always {
        return Ok(None);
    }
    let asked = ids.iter().copied().map(Value::Id).collect();
    let reached = Selection::of_object(object).any_of("Id", asked)?.only(may);
    let reached = reached.rows(org.store()).await?;
    let is_reached = |id: &Id| reached.iter().any(|row| row[0] == Value::Id(*id));
    Ok(ids.iter().copied().find(|id| !is_reached(id)))
}

async fn restricted(
    org: &Org,
    caller: &Caller,
    object: &Arc<Object>,
    id: Id,
    referring: &Arc<Object>,
    records: Vec<(Id, String)>,
) -> Error {
    let name = match name(org, object, id).await {
        Ok(name) => name,
        Err(error) => return error,
    };
    let mut shown = Vec::new();
    for (record, name) in records {
        match sees(org, caller, referring, record).await {
            Ok(true) => shown.push((record, name)),
            Ok(false) => {}
            Err(error) => return error,
        }
    }
    Error::Restricted {
        name,
        object: referring.plural.clone(),
        records: shown,
    }
}

/// A record's name, or its id when it has none.
async fn name(org: &Org, object: &Arc<Object>, id: Id) -> Result<String, Error> {
    let Some(field) = object.name_field() else {
        return Ok(id.to_string());
    };
    let rows = Selection::of_object(object)
        .fields(&[&*field.name])?
        .equal("Id", id)?
        .rows(org.store())
        .await?;
    let name = rows.first().and_then(|row| row.get(1)?.as_text());
    Ok(name.map_or_else(|| id.to_string(), str::to_owned))
}

/// A parent named by an external id that is not there.
pub(crate) fn no_such_parent(
    object: &Object,
    place: usize,
    target: &Object,
    by: &str,
    value: &str,
) -> Error {
    Error::Invalid(vec![Problem::NoSuchParent {
        field: object.fields[place].name.clone(),
        object: target.name.clone(),
        by: by.to_owned(),
        value: value.to_owned(),
    }])
}

/// The value as an id, for rows that begin with one.
pub(crate) fn first_id(row: &[Value]) -> Option<Id> {
    row.first()?.as_id()
}
