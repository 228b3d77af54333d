//! `/services/data`: which versions there are, and what each offers.

use axum::http::{Method, StatusCode};
use axum::response::Response;
use headwater_records::Caller;
use serde_json::{Map, Value, json};

use crate::answer;
use crate::call::{Call, Version};
use crate::error::Failure;
use crate::route::Route;

/// The routes of this area.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::nobody(Method::GET, "/services/data", versions),
        Route::caller(Method::GET, "/services/data/{version}", resources),
        Route::caller(Method::GET, "/services/data/{version}/tooling", tooling),
    ]
}

async fn versions(_call: Call) -> Result<Response, Failure> {
    let versions = Version::all().map(|version| {
        json!({
            "label": version.label(),
            "url": format!("/services/data/v{version}"),
            "version": version.to_string(),
        })
    });
    Ok(answer::json(StatusCode::OK, &versions.collect()))
}

/// The names that clients look up here. Some lead to resources that answer 404 until they are
/// built; clients read the map, not whether each works.
const RESOURCES: [&str; 45] = [
    "tooling",
    "metadata",
    "eclair",
    "folders",
    "prechatForms",
    "contacts",
    "jsonxform",
    "chatter",
    "tabs",
    "appMenu",
    "quickActions",
    "queryAll",
    "commerce",
    "iot",
    "wave",
    "connect",
    "analytics",
    "search",
    "identity",
    "composite",
    "parameterizedSearch",
    "fingerprint",
    "theme",
    "nouns",
    "domino",
    "event",
    "serviceTemplates",
    "recent",
    "licensing",
    "limits",
    "process",
    "dedupe",
    "async-queries",
    "query",
    "jobs",
    "localizedvalue",
    "mobile",
    "emailConnect",
    "consent",
    "tokenizer",
    "compactLayouts",
    "sobjects",
    "actions",
    "support",
    "knowledgeManagement",
];

async fn resources(call: Call, caller: Caller) -> Result<Response, Failure> {
    let path = call.data_path();
    let entry = |name: &&str| {
        let url = match *name {
            "identity" => identity_url(&call, &caller),
            name => format!("{path}/{name}"),
        };
        ((*name).to_owned(), Value::String(url))
    };
    let map: Map<String, Value> = RESOURCES.iter().map(entry).collect();
    Ok(answer::json(StatusCode::OK, &Value::Object(map)))
}

/// The address of the caller's identity: absolute, since clients call it as it stands.
fn identity_url(call: &Call, caller: &Caller) -> String {
    let (base, organization, user) = (&call.base_url(), caller.organization, caller.user);
    format!("{base}/id/{organization}/{user}")
}

const TOOLING: [&str; 7] = [
    "completions",
    "executeAnonymous",
    "query",
    "runTestsAsynchronous",
    "runTestsSynchronous",
    "search",
    "sobjects",
];

async fn tooling(call: Call, _caller: Caller) -> Result<Response, Failure> {
    let path = format!("{}/tooling", call.data_path());
    let entry = |name: &str| (name.to_owned(), Value::String(format!("{path}/{name}")));
    let map: Map<String, Value> = TOOLING.into_iter().map(entry).collect();
    Ok(answer::json(StatusCode::OK, &Value::Object(map)))
}
