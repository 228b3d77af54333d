//! Who looks at a page: the browser's session, from its cookie to a caller with rights.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use headwater_records::{Caller, LoginError};

use crate::console::Console;
use crate::fault::Fault;
use crate::preferences::Preferences;
use crate::toast::Notice;

/// The cookie that holds the session's token.
pub(crate) const COOKIE: &str = "headwater-session";

/// Somebody who has signed in and looks at a page. Only for requests that change nothing: a form
/// that does is a [`crate::form::Posted`].
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// Who they are and what they may do.
    pub(crate) caller: Caller,
    /// What a form of theirs must carry, to show that it came from a page of ours.
    pub(crate) form_token: Arc<str>,
    /// How they want the console to look.
    pub(crate) preferences: Preferences,
    /// The path and query of this request.
    pub(crate) here: String,
    /// The path and query of the page that script asked from; none when it did not.
    pub(crate) page: Option<String>,
    /// Whether script asked, to put the answer into a page that is open.
    pub(crate) is_partial: bool,
    /// What was done just before, to be told once.
    pub(crate) notice: Option<Notice>,
    /// The newest change before anything was read for this page.
    pub(crate) newest: i64,
}

impl Visitor {
    pub(crate) async fn of(console: &Console, parts: &Parts) -> Result<Self, Fault> {
        let here = parts.uri.path_and_query().map_or("/", |here| here.as_str());
        let is_partial = parts.headers.contains_key("hx-request");
        let sign_in = || Fault::sign_in(here, is_partial);
        let token = cookie(&parts.headers, COOKIE).ok_or_else(sign_in)?;
        let (caller, _) = match console.org.console_caller(token).await {
            Ok(found) => found,
            Err(LoginError::Busy) => return Err(headwater_records::Error::Busy.into()),
            Err(LoginError::Records(error)) => return Err(error.into()),
            Err(_) => return Err(sign_in()),
        };
        let form_token = console.org.form_token(token).await?;
        Ok(Self {
            caller,
            form_token: form_token.into(),
            preferences: Preferences::of(&parts.headers),
            here: here.to_owned(),
            page: asked_from(&parts.headers),
            is_partial,
            notice: Notice::of(&parts.headers),
            newest: *console.org.newest_change().borrow(),
        })
    }
}

impl FromRequestParts<Console> for Visitor {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Fault> {
        if parts.method != Method::GET && parts.method != Method::HEAD {
            // A handler that changes something takes a `Posted`; this one was wired wrongly.
            return Err(Fault::foreign_form());
        }
        Self::of(console, parts).await
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(known, value)| (known == name).then_some(value))
        .filter(|value| !value.is_empty())
}

/// The path and query of the page that script asked from.
fn asked_from(headers: &HeaderMap) -> Option<String> {
    let url = headers.get("hx-current-url")?.to_str().ok()?;
    let (_, rest) = url.split_once("://")?;
    let path = rest.find('/').map_or("/", |slash| &rest[slash..]);
    Some(path.to_owned())
}
