//! What searches look into and show: `/search/scopeOrder` and `/search/layout`.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::Object;
use headwater_records::{Caller, Error};
use serde_json::{Value, json};

use crate::answer;
use crate::call::Call;
use crate::error::Failure;

/// Rows of a page of results, as Salesforce has it.
const LIMIT_ROWS: u32 = 25;

/// Most columns of results.
const COLUMNS_MAX: usize = 6;

/// The objects that are searched, in the order in which their records come.
pub(super) async fn scope_order(call: Call, caller: Caller) -> Result<Response, Failure> {
    let path = call.data_path();
    let objects = caller.rights.catalogue.objects().iter();
    let searched = objects.filter(|object| object.is_searched() && caller.rights.on(object).read);
    let scopes = searched.map(|object| {
        json!({ "type": object.name, "url": format!("{path}/sobjects/{}/describe", object.name) })
    });
    Ok(answer::json(StatusCode::OK, &scopes.collect()))
}

/// What is shown of the records of some objects.
pub(super) async fn layout(call: Call, caller: Caller) -> Result<Response, Failure> {
    let asked = call.query("q").unwrap_or_default();
    let names = asked
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let layouts = names.map(|name| {
        let object = seen(&caller, name)?;
        Ok(layout_of(&caller, object))
    });
    let layouts = layouts.collect::<Result<Vec<Value>, Failure>>()?;
    Ok(answer::json(StatusCode::OK, &layouts.into()))
}

/// An object that the caller sees and that is searched.
pub(super) fn seen<'c>(caller: &'c Caller, name: &str) -> Result<&'c Arc<Object>, Failure> {
    let object = caller.rights.catalogue.object(name);
    let object = object.filter(|object| object.is_searched() && caller.rights.on(object).read);
    object.ok_or_else(|| Error::UnknownObject(name.to_owned()).into())
}

fn layout_of(caller: &Caller, object: &Object) -> Value {
    let rights = caller.rights.on(object);
    let places = object.searched_fields().into_iter().map(|(place, _)| place);
    let name = object.fields.iter().position(|field| field.name_field);
    let others = places.filter(|place| Some(*place) != name);
    let shown = name
        .into_iter()
        .chain(others)
        .filter(|place| rights.reads(*place));
    let columns = shown.take(COLUMNS_MAX).map(|place| {
        let field = &object.fields[place];
        json!({
            "field": format!("{}.{}", object.name, field.name),
            "format": null,
            "label": field.label,
            "name": field.name,
        })
    });
    json!({
        "errorMsg": null,
        "label": "Search Results",
        "limitRows": LIMIT_ROWS,
        "objectType": object.name,
        "searchColumns": columns.collect::<Vec<_>>(),
    })
}
