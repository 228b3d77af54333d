//! `/sobjects/{object}/listviews`: the views that the console's lists have, and their rows.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use axum::response::Response;
use headwater_catalogue::{Field, Object};
use headwater_records::views::{self, View};
use headwater_records::{Caller, QueryOptions};
use serde_json::{Map, Value, json};

use crate::answer;
use crate::call::Call;
use crate::describe::{self, object_path, type_of};
use crate::error::Failure;
use crate::record_json::RecordJson;
use crate::route::Route;

/// Rows of an answer that asks for no number, and most of one that does.
const ROWS: u64 = 25;
const ROWS_MAX: u64 = 2_000;

pub(crate) fn routes() -> Vec<Route> {
    const GET: Method = Method::GET;
    vec![
        Route::caller(
            GET,
            "/services/data/{version}/sobjects/{object}/listviews",
            list,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/sobjects/{object}/listviews/{view}",
            one,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/sobjects/{object}/listviews/{view}/describe",
            described,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/sobjects/{object}/listviews/{view}/results",
            results,
        ),
    ]
}

async fn list(call: Call, caller: Caller) -> Result<Response, Failure> {
    let object = describe::view(&call, &caller)?.object;
    let items = views::all_of(&object);
    let items: Vec<Value> = items
        .iter()
        .map(|view| item(&call, &object, view))
        .collect();
    let body = json!({
        "done": true,
        "listviews": items,
        "nextRecordsUrl": null,
        "size": items.len(),
        "sobjectType": object.name,
    });
    Ok(answer::json(StatusCode::OK, &body))
}

async fn one(call: Call, caller: Caller) -> Result<Response, Failure> {
    let asked = Asked::of(&call, &caller)?;
    let body = item(&call, &asked.object, &asked.view);
    Ok(answer::json(StatusCode::OK, &body))
}

async fn described(call: Call, caller: Caller) -> Result<Response, Failure> {
    let asked = Asked::of(&call, &caller)?;
    let condition = asked.view.filter(&caller);
    let order = asked.order().map(|(path, descending)| {
        json!({
            "fieldNameOrPath": path,
            "nullsPosition": "first",
            "sortDirection": if descending { "descending" } else { "ascending" },
        })
    });
    let body = json!({
        "columns": asked.columns(),
        "id": asked.view.id(&asked.object).to_string(),
        "orderBy": order.into_iter().collect::<Vec<_>>(),
        "query": asked.soql(&caller),
        "relatedEntityId": null,
        "scope": "everything",
        "scopeEntityId": null,
        "sobjectType": asked.object.name,
        "whereCondition": (!condition.is_empty()).then_some(condition),
    });
    Ok(answer::json(StatusCode::OK, &body))
}

async fn results(call: Call, caller: Caller) -> Result<Response, Failure> {
    let asked = Asked::of(&call, &caller)?;
    let number = |name: &str| call.query(name).and_then(|text| text.parse::<u64>().ok());
    let limit = number("limit").unwrap_or(ROWS).clamp(1, ROWS_MAX);
    let offset = number("offset").unwrap_or(0).min(ROWS_MAX);
    let soql = format!("{} LIMIT {limit} OFFSET {offset}", asked.soql(&caller));
    let sink = RecordJson::new(call.version);
    let page = call
        .state
        .org
        .query(&caller, &soql, QueryOptions::default(), sink)
        .await?;
    let mut list = b"[".to_vec();
    list.extend(page.sink.into_bytes());
    list.push(b']');
    let rows: Vec<Map<String, Value>> = serde_json::from_slice(&list).map_err(Failure::internal)?;
    let records: Vec<Value> = rows.iter().map(|row| asked.record(row)).collect();
    let body = json!({
        "columns": asked.columns(),
        "developerName": asked.view.key,
        "done": true,
        "id": asked.view.id(&asked.object).to_string(),
        "label": asked.view.label,
        "records": records,
        "size": records.len(),
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// A view that a call names, as its caller sees it.
struct Asked {
    object: Arc<Object>,
    view: View,
    /// The fields it shows, the record's name first.
    fields: Vec<usize>,
}

impl Asked {
    /// By its id, or by its key.
    fn of(call: &Call, caller: &Caller) -> Result<Self, Failure> {
        let object = describe::view(call, caller)?.object;
        let named = call.parameter("view");
        let is_named = |view: &View| {
            let id = view.id(&object);
            view.key == named || id.as_str() == named || id.short() == named
        };
        let view = views::all_of(&object).into_iter().find(is_named);
        let view = view.ok_or_else(Failure::not_found)?;
        let rights = caller.rights.on(&object);
        let name = object.fields.iter().position(|field| field.name_field);
        let columns = views::columns(&object).into_iter();
        let mut fields: Vec<usize> = name.into_iter().collect();
        for place in columns.filter_map(|path| object.position(&path)) {
            if rights.reads(place) && !fields.contains(&place) {
                fields.push(place);
            }
        }
        Ok(Self {
            object,
            view,
            fields,
        })
    }

    fn shown(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().map(|place| &self.object.fields[*place])
    }

    /// The field it orders by, and whether that descends.
    fn order(&self) -> Option<(&'static str, bool)> {
        let (path, direction) = self.view.order.split_once(' ')?;
        Some((path, direction == "DESC"))
    }

    fn soql(&self, caller: &Caller) -> String {
        let fields = self.shown().map(|field| field.name.to_string());
        let fields: Vec<_> = std::iter::once("Id".to_owned()).chain(fields).collect();
        let mut soql = format!("SELECT {} FROM {}", fields.join(", "), self.object.name);
        let condition = self.view.filter(caller);
        if !condition.is_empty() {
            soql.extend([" WHERE ", &condition]);
        }
        if !self.view.order.is_empty() {
            soql.extend([" ORDER BY ", self.view.order]);
        }
        soql
    }

    fn columns(&self) -> Vec<Value> {
        let order = self.order();
        let id = self.object.fields.first().into_iter();
        let columns = self.shown().map(|field| (field, false));
        let columns = columns.chain(id.map(|field| (field, true)));
        let column = |(field, hidden): (&Field, bool)| {
            let sorted = order.filter(|(path, _)| *path == field.name);
            let direction = sorted.map(|(_, down)| if down { "descending" } else { "ascending" });
            json!({
                "ascendingLabel": null,
                "descendingLabel": null,
                "fieldNameOrPath": field.name,
                "hidden": hidden,
                "label": field.label,
                "searchable": field.filterable,
                "selectListItem": field.name,
                "sortDirection": direction,
                "sortIndex": sorted.map(|_| 0),
                "sortable": field.sortable,
                "type": type_of(&field.kind),
            })
        };
        columns.map(column).collect()
    }

    /// A row, each value as text.
    fn record(&self, row: &Map<String, Value>) -> Value {
        let names = self.shown().map(|field| &*field.name).chain(["Id"]);
        let columns = names.map(|name| {
            let value = match row.get(name) {
                Some(Value::String(text)) => Some(text.clone()),
                Some(value @ (Value::Bool(_) | Value::Number(_))) => Some(value.to_string()),
                Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => None,
            };
            json!({ "fieldNameOrPath": name, "value": value })
        });
        json!({ "columns": columns.collect::<Vec<_>>() })
    }
}

/// A view in the list of an object's views.
fn item(call: &Call, object: &Object, view: &View) -> Value {
    let id = view.id(object).to_string();
    let url = format!("{}/listviews/{id}", object_path(call.version, &object.name));
    json!({
        "describeUrl": format!("{url}/describe"),
        "developerName": view.key,
        "id": id,
        "label": view.label,
        "resultsUrl": format!("{url}/results"),
        "soqlCompatible": true,
        "url": url,
    })
}
