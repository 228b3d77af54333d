//! Our own verbs, under `/services/headwater/v1`: explain, inspect, relink, merge, convert, the recycle bin,
//! identity over time, transcripts, erasure, presence and work.
//!
//! `openapi.json` describes them all, and a test keeps it so.

mod erasure;
mod explain;
mod identity;
mod inspect;
mod leads;
mod merges;
mod recycle_bin;
mod relinks;
mod retention;
mod transcript;
mod work;

use axum::http::{Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use crate::route::Route;

const OPENAPI: &str = include_str!("headwater/openapi.json");

/// The routes of this area.
pub(crate) fn routes() -> Vec<Route> {
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    vec![
        Route::nobody(GET, "/services/headwater/v1/openapi.json", openapi),
        Route::caller(
            GET,
            "/services/headwater/v1/explain/{object}",
            explain::object,
        ),
        Route::caller(
            GET,
            "/services/headwater/v1/explain/{object}/{name}",
            explain::field_or_record,
        ),
        Route::caller(
            GET,
            "/services/headwater/v1/explain/{object}/{id}/{field}",
            explain::field_of_record,
        ),
        Route::caller(
            GET,
            "/services/headwater/v1/inspect/{object}",
            inspect::object,
        ),
        Route::caller(POST, "/services/headwater/v1/relinks", relinks::create),
        Route::caller(GET, "/services/headwater/v1/relinks/{id}", relinks::show),
        Route::caller(
            POST,
            "/services/headwater/v1/relinks/{id}/undo",
            relinks::undo,
        ),
        Route::caller(POST, "/services/headwater/v1/merges", merges::create),
        Route::caller(
            POST,
            "/services/headwater/v1/leads/{id}/convert",
            leads::convert,
        ),
        Route::caller(GET, "/services/headwater/v1/recycle-bin", recycle_bin::list),
        Route::caller(
            POST,
            "/services/headwater/v1/recycle-bin/undelete",
            recycle_bin::undelete,
        ),
        Route::caller(
            POST,
            "/services/headwater/v1/recycle-bin/empty",
            recycle_bin::empty,
        ),
        Route::caller(
            GET,
            "/services/headwater/v1/sessions/{id}/identity",
            identity::show,
        ),
        Route::caller(
            GET,
            "/services/headwater/v1/sessions/{id}/transcript",
            transcript::show,
        ),
        Route::caller(
            POST,
            "/services/headwater/v1/messaging-users/{id}/erase",
            erasure::erase,
        ),
        Route::caller(
            GET,
            "/services/headwater/v1/channels/{id}/retention",
            retention::show,
        ),
        Route::caller(
            POST,
            "/services/headwater/v1/channels/{id}/retention",
            retention::remove,
        ),
        Route::caller(
            POST,
            "/services/headwater/v1/sessions/{id}/transfer",
            work::transfer,
        ),
        Route::caller(GET, "/services/headwater/v1/presence", work::presence),
        Route::caller(POST, "/services/headwater/v1/presence", work::set_presence),
        Route::caller(
            POST,
            "/services/headwater/v1/offers/{id}/accept",
            work::accept,
        ),
        Route::caller(
            POST,
            "/services/headwater/v1/offers/{id}/decline",
            work::decline,
        ),
    ]
}

async fn openapi(_call: Call) -> Result<Response, Failure> {
    let text = Bytes::from_static(OPENAPI.as_bytes());
    Ok(answer::json_bytes(StatusCode::OK, text))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every method and path of the document, as the route table writes them.
    fn described() -> BTreeSet<String> {
        let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        let mut described = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            let methods = methods.as_object().unwrap().keys();
            for method in methods.filter(|key| *key != "parameters") {
                described.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
        described
    }

    #[test]
    fn the_document_describes_every_route_and_no_other() {
        let routes = routes();
        let answered = routes
            .iter()
            .map(|route| format!("{} {}", route.method, route.pattern));
        assert_eq!(answered.collect::<BTreeSet<_>>(), described());
    }

    #[test]
    fn every_reference_in_the_document_leads_somewhere() {
        let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        let references: Vec<_> = OPENAPI
            .split("\"$ref\": \"#")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(!references.is_empty());
        for reference in references {
            assert!(document.pointer(reference).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_parameter_of_a_path_is_described() {
        let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            let names = path
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split('}').next());
            for name in names {
                let parameters = item["parameters"].as_array().unwrap();
                let is_described = |p: &serde_json::Value| p["name"] == name && p["in"] == "path";
                assert!(parameters.iter().any(is_described), "{path}: {name}");
            }
        }
    }
}
