//! `/composite`: several requests in one.
//!
//! `sobjects` changes or reads up to 200 records, each as if it were alone; `tree` makes records
//! with those that refer to them; both write through one verb of `records`, in one transaction.
//! `composite`, `batch` and `graph` hold whole requests, which the same handlers answer that answer
//! them alone, found by the same table ([`part`]).
//!
//! Where a composite request or a graph does all or nothing, its parts run on an org whose writes
//! wait ([`transaction`]). What differs from parts that run alone:
//! - Reads see what the parts before them wrote. A query after a write runs while other writers
//!   wait, so it gets a second of time and not two minutes.
//! - A record's `ETag` is not told by an update, for its version is known with the commit only.
//! - Objects and fields are not made in it, for that changes the tables.

mod batch;
mod collections;
mod graph;
mod part;
mod reference;
mod requests;
mod transaction;
mod tree;

pub(crate) use collections::{failed, of_row};

use axum::http::{Method, StatusCode};
use axum::response::Response;
use headwater_records::Caller;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use crate::route::Route;

/// The routes of this area.
pub(crate) fn routes() -> Vec<Route> {
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PATCH: Method = Method::PATCH;
    const DELETE: Method = Method::DELETE;
    vec![
        Route::caller(GET, "/services/data/{version}/composite", resources),
        Route::caller(
            POST,
            "/services/data/{version}/composite",
            requests::composite,
        ),
        Route::caller(
            POST,
            "/services/data/{version}/composite/batch",
            batch::batch,
        ),
        Route::caller(
            POST,
            "/services/data/{version}/composite/graph",
            graph::graphs,
        ),
        Route::caller(
            POST,
            "/services/data/{version}/composite/tree/{object}",
            tree::plant,
        ),
        Route::caller(POST, COLLECTION, collections::create),
        Route::caller(PATCH, COLLECTION, collections::update),
        Route::caller(DELETE, COLLECTION, collections::delete),
        Route::caller(
            PATCH,
            "/services/data/{version}/composite/sobjects/{object}/{field}",
            collections::upsert,
        ),
        Route::caller(GET, OF_OBJECT, collections::retrieve),
        Route::caller(POST, OF_OBJECT, collections::retrieve_posted),
    ]
}

pub(crate) const COLLECTION: &str = "/services/data/{version}/composite/sobjects";
const OF_OBJECT: &str = "/services/data/{version}/composite/sobjects/{object}";

async fn resources(call: Call, _caller: Caller) -> Result<Response, Failure> {
    let path = format!("{}/composite", call.data_path());
    let body = json!({
        "tree": format!("{path}/tree"),
        "batch": format!("{path}/batch"),
        "sobjects": format!("{path}/sobjects"),
        "graph": format!("{path}/graph"),
    });
    Ok(answer::json(StatusCode::OK, &body))
}
