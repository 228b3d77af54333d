//! `/tooling/sobjects`: custom objects and fields, made at run time as Salesforce's Tooling API
//! takes them. `/tooling/query` is the twin of `/query`, beside it.

mod absent;
mod anonymous;
mod custom_field;
mod custom_object;
pub(crate) mod definitions;

pub(crate) use anonymous::NO_APEX;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use headwater_catalogue::Id;
use headwater_records::{Caller, Draft, Input, Precondition};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::answer;
use crate::call::Call;
use crate::describe;
use crate::error::Failure;
use crate::record_body::json_failure;
use crate::record_json::RecordJson;
use crate::route::Route;
use crate::sobjects::{basic_information, delete_record, update_record};

/// The objects that are set up here.
const OBJECTS: [&str; 2] = ["CustomField", "CustomObject"];

/// The routes of this area.
pub(crate) fn routes() -> Vec<Route> {
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    vec![
        Route::caller(GET, "/services/data/{version}/tooling/sobjects", global),
        Route::caller(GET, OBJECT, information),
        Route::caller(
            GET,
            "/services/data/{version}/tooling/sobjects/{object}/describe",
            described,
        ),
        Route::caller(
            POST,
            "/services/data/{version}/tooling/sobjects/CustomField",
            custom_field::create,
        ),
        Route::caller(
            POST,
            "/services/data/{version}/tooling/sobjects/CustomObject",
            custom_object::create,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/tooling/executeAnonymous",
            anonymous::execute,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/tooling/completions",
            anonymous::completions,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/tooling/search",
            absent::search,
        ),
        Route::caller(GET, TESTS_NOW, anonymous::run_tests),
        Route::caller(POST, TESTS_NOW, anonymous::run_tests),
        Route::caller(POST, TESTS_LATER, anonymous::refuse_tests),
        Route::caller(GET, ROW, read),
        Route::caller(Method::PATCH, ROW, update),
        Route::caller(Method::DELETE, ROW, delete),
    ]
}

const TESTS_NOW: &str = "/services/data/{version}/tooling/runTestsSynchronous";
const TESTS_LATER: &str = "/services/data/{version}/tooling/runTestsAsynchronous";
const OBJECT: &str = "/services/data/{version}/tooling/sobjects/{object}";
const ROW: &str = "/services/data/{version}/tooling/sobjects/{object}/{id}";

async fn global(call: Call, caller: Caller) -> Result<Response, Failure> {
    let views = call.state.org.describe_global(&caller);
    let items: Vec<Value> = views
        .iter()
        .filter(|view| OBJECTS.contains(&&*view.object.name))
        .map(|view| describe::item(view, &caller, call.version))
        .collect();
    let body = json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": items });
    Ok(answer::json(StatusCode::OK, &body))
}

async fn information(call: Call, caller: Caller) -> Result<Response, Failure> {
    object_name(&call)?;
    basic_information(call, caller).await
}

/// Of any object: clients ask either door.
async fn described(call: Call, caller: Caller) -> Result<Response, Failure> {
    describe::one(call, caller).await
}

/// The object in the path; 404 for one that is not set up here.
fn object_name(call: &Call) -> Result<&'static str, Failure> {
    let asked = call.parameter("object");
    let known = OBJECTS
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case(asked));
    known.ok_or_else(Failure::not_found)
}

/// The row, with the full name and the metadata that make it again.
async fn read(call: Call, caller: Caller) -> Result<Response, Failure> {
    let object = object_name(&call)?;
    let mut row = row(&call, &caller, object, call.parameter("id")).await?;
    let (full_name, metadata) = match object {
        "CustomField" => {
            let full_name =
                custom_field::full_name(&row, &object_of_field(&call, &caller, &row).await?);
            (full_name, custom_field::metadata(&row))
        }
        _ => (
            custom_object::full_name(&row),
            custom_object::metadata(&row),
        ),
    };
    row.insert("FullName".to_owned(), Value::String(full_name));
    row.insert("Metadata".to_owned(), Value::Object(metadata));
    Ok(answer::json(StatusCode::OK, &Value::Object(row)))
}

/// A row as JSON. Set-up is read seldom, so it may pass through a tree.
async fn row(
    call: &Call,
    caller: &Caller,
    object: &str,
    id: &str,
) -> Result<Map<String, Value>, Failure> {
    let sink = RecordJson::of_tooling(call.version);
    let row = call
        .state
        .org
        .retrieve(caller, object, id, None, sink)
        .await?;
    let row = serde_json::from_slice(&row.sink.into_bytes()).map_err(Failure::internal)?;
    match row {
        Value::Object(row) => Ok(row),
        _ => Err(Failure::not_found()),
    }
}

/// The API name of a field's object: its row has it, or the id of a custom object's row.
async fn object_of_field(
    call: &Call,
    caller: &Caller,
    field: &Map<String, Value>,
) -> Result<String, Failure> {
    let table = text(field, "TableEnumOrId");
    if table.parse::<Id>().is_err() {
        return Ok(table.to_owned());
    }
    let object = row(call, caller, "CustomObject", table).await?;
    Ok(custom_object::full_name(&object))
}

/// Changes what differs from what is there. What can be said only once may so be said again.
async fn update(call: Call, caller: Caller) -> Result<Response, Failure> {
    let object = object_name(&call)?;
    let id = call.parameter("id");
    let body: Map<String, Value> = body_of(&call)?;
    let Some(Value::Object(wanted)) = body.get("Metadata") else {
        return update_record(&call, &caller, object, id).await;
    };
    let row = row(&call, &caller, object, id).await?;
    let draft = match object {
        "CustomField" => custom_field::difference(&row, wanted),
        _ => custom_object::difference(&row, wanted),
    };
    let always = Precondition::default();
    let org = &call.state.org;
    org.update(&caller, object, id, draft, always).await?;
    Ok(answer::no_content())
}

async fn delete(call: Call, caller: Caller) -> Result<Response, Failure> {
    let object = object_name(&call)?;
    delete_record(&call, &caller, object, call.parameter("id")).await
}

/// A body in Salesforce's form.
fn body_of<T: DeserializeOwned>(call: &Call) -> Result<T, Failure> {
    call.expect_json()?;
    serde_json::from_slice(&call.body).map_err(|error| {
        let text = String::from_utf8_lossy(&call.body);
        json_failure(&text, &error)
    })
}

/// What a create answers.
fn created(call: &Call, object: &str, id: Id) -> Response {
    let id = id.to_string();
    let body = json!({ "id": id, "success": true, "errors": [], "warnings": [], "infos": [] });
    let mut response = answer::json(StatusCode::CREATED, &body);
    let location = format!("{}/tooling/sobjects/{object}/{id}", call.data_path());
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// A text of a row; empty when there is none.
fn text<'r>(row: &'r Map<String, Value>, field: &str) -> &'r str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A row's values under metadata's names, those that are null left out.
fn renamed(row: &Map<String, Value>, names: &[(&str, &str)]) -> Map<String, Value> {
    let mut renamed = Map::new();
    for (field, name) in names {
        match row.get(*field) {
            Some(Value::Null) | None => {}
            Some(value) => {
                renamed.insert((*name).to_owned(), value.clone());
            }
        }
    }
    renamed
}

/// The row's fields that metadata wants otherwise than they are. What it leaves out stays.
fn changed(row: &Map<String, Value>, wanted: &Map<String, Value>, names: &[(&str, &str)]) -> Draft {
    let mut draft = Draft::new();
    for (field, name) in names {
        let Some(value) = wanted.get(*name) else {
            continue;
        };
        if row.get(*field) != Some(value) {
            draft.fields.push(((*field).to_owned(), input(value)));
        }
    }
    draft
}

fn input(value: &Value) -> Input {
    match value {
        Value::Null => Input::Null,
        Value::Bool(on) => Input::Boolean(*on),
        Value::Number(number) => Input::Number(number.to_string()),
        Value::String(text) => Input::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => Input::Text(value.to_string()),
    }
}
