//! `/sobjects`: rows by id and by external id, and what belongs to one object.

mod changes;
mod content;
mod external_id;
mod layouts;
mod list_views;
mod object;
pub(crate) mod password;
mod relationship;
mod row;

use axum::http::Method;

use crate::describe;
use crate::route::Route;

pub(crate) use layouts::compact_layouts_of;
pub(crate) use object::{basic_information, recent_item};
pub(crate) use row::{canonical_name, delete_record, update_record};

/// The routes of this area.
pub(crate) fn routes() -> Vec<Route> {
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PATCH: Method = Method::PATCH;
    const DELETE: Method = Method::DELETE;
    let mut routes = vec![
        Route::caller(GET, "/services/data/{version}/sobjects", describe::global),
        Route::caller(GET, OBJECT, object::basic_information),
        Route::caller(POST, OBJECT, row::create),
        // restforce creates so when the external id is blank.
        Route::caller(
            POST,
            "/services/data/{version}/sobjects/{object}/Id",
            row::create,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/sobjects/{object}/describe",
            describe::one,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/sobjects/{object}/updated",
            changes::updated,
        ),
        Route::caller(
            GET,
            "/services/data/{version}/sobjects/{object}/deleted",
            changes::deleted,
        ),
        Route::caller(GET, ROW, row::read),
        Route::caller(PATCH, ROW, row::update),
        Route::caller(DELETE, ROW, row::delete),
        Route::caller(GET, BY_FIELD, external_id::read),
        Route::caller(PATCH, BY_FIELD, external_id::upsert),
        Route::caller(DELETE, BY_FIELD, external_id::delete),
        Route::caller(GET, PASSWORD, password::expiry),
        Route::caller(POST, PASSWORD, password::set),
        Route::caller(DELETE, PASSWORD, password::reset),
    ];
    routes.extend(layouts::routes());
    routes.extend(list_views::routes());
    routes
}

const OBJECT: &str = "/services/data/{version}/sobjects/{object}";
const ROW: &str = "/services/data/{version}/sobjects/{object}/{id}";
/// By an external id, or a record's relationship or file: which it is only the object's fields tell.
const BY_FIELD: &str = "/services/data/{version}/sobjects/{object}/{field}/{value}";
const PASSWORD: &str = "/services/data/{version}/sobjects/User/{id}/password";
