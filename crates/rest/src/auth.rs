//! Letting callers in: OAuth, identity, and the access token on every other request.
//!
//! The rules are in `records::login`; this is their outside: OAuth's forms, JSON and redirects,
//! signed assertions, one page to log in on, and the way from the API into the
//! console.

mod assertion;
mod authorize;
mod bearer;
mod client;
mod discovery;
mod form;
mod identity;
mod page;
mod refusal;
mod revoke;
mod single_access;
mod token;

use axum::http::Method;

use crate::route::Route;

pub(crate) use bearer::authorized;
pub(crate) use refusal::private;

/// The routes of this area. None of them takes a caller: letting callers in is what they do.
pub(crate) fn routes() -> Vec<Route> {
    let (get, post) = (Method::GET, Method::POST);
    vec![
        Route::nobody(post.clone(), "/services/oauth2/token", token::token),
        Route::nobody(get.clone(), "/services/oauth2/authorize", authorize::show),
        Route::nobody(
            post.clone(),
            "/services/oauth2/authorize",
            authorize::answer,
        ),
        Route::nobody(get.clone(), "/services/oauth2/revoke", revoke::revoke),
        Route::nobody(post.clone(), "/services/oauth2/revoke", revoke::revoke),
        Route::nobody(
            post.clone(),
            "/services/oauth2/introspect",
            revoke::introspect,
        ),
        Route::nobody(get.clone(), "/services/oauth2/userinfo", identity::userinfo),
        Route::nobody(
            post.clone(),
            "/services/oauth2/userinfo",
            identity::userinfo,
        ),
        Route::nobody(
            get.clone(),
            "/services/oauth2/singleaccess",
            single_access::single_access,
        ),
        Route::nobody(
            post.clone(),
            "/services/oauth2/singleaccess",
            single_access::single_access,
        ),
        Route::nobody(get.clone(), "/id/keys", discovery::keys),
        Route::nobody(get.clone(), "/id/{organization}/{user}", identity::identity),
        Route::nobody(
            post.clone(),
            "/id/{organization}/{user}",
            identity::identity,
        ),
        Route::nobody(
            get,
            "/.well-known/openid-configuration",
            discovery::configuration,
        ),
    ]
}
