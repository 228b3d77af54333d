//! Salesforce's own addresses of pages, so that links which clients make and people have kept lead
//! to the same record here.

use axum::Router;
use axum::extract::Path;
use axum::response::Redirect;
use axum::routing::get;

use crate::console::Console;
use crate::text::encoded;

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/lightning/r/{object}/{id}/view", get(record))
        .route("/lightning/r/{object}/{id}/edit", get(edit))
        .route("/lightning/r/{id}/view", get(by_id))
        .route("/lightning/o/{object}/list", get(list))
        .route("/lightning/o/{object}/home", get(list))
        .route("/lightning/o/{object}/new", get(new))
        .route(
            "/lightning/setup/{*page}",
            get(|| async { Redirect::to("/setup") }),
        )
        .route("/lightning", get(home))
        .route("/lightning/{*page}", get(home))
}

async fn record(Path((object, id)): Path<(String, String)>) -> Redirect {
    Redirect::to(&format!("/r/{}/{}", encoded(&object), encoded(&id)))
}

async fn edit(Path((object, id)): Path<(String, String)>) -> Redirect {
    Redirect::to(&format!("/r/{}/{}/edit", encoded(&object), encoded(&id)))
}

async fn by_id(Path(id): Path<String>) -> Redirect {
    Redirect::to(&format!("/{}", encoded(&id)))
}

async fn list(Path(object): Path<String>) -> Redirect {
    Redirect::to(&format!("/o/{}", encoded(&object)))
}

async fn new(Path(object): Path<String>) -> Redirect {
    Redirect::to(&format!("/o/{}/new", encoded(&object)))
}

async fn home() -> Redirect {
    Redirect::to("/")
}
