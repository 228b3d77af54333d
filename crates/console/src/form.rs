//! A form that was sent: its fields, from somebody signed in, on a page of ours.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};

use crate::console::Console;
use crate::fault::Fault;
use crate::visitor::{COOKIE, Visitor, cookie};

/// The field that every form of ours carries.
pub(crate) const TOKEN_FIELD: &str = "form_token";

/// Names and values, in the order sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads what a browser sends, in a query or a body.
    pub(crate) fn read(encoded: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(encoded);
        Self(pairs.into_owned().collect())
    }

    /// The value of a field; none when the form has no such field.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        pairs
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a field, if it is not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    /// All values of a field that may come several times.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let pairs = self.0.iter().filter(move |(known, _)| known == name);
        pairs.map(|(_, value)| value.as_str())
    }

    /// All names and values.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A form from somebody signed in. That it came from a page of ours is shown by the token in it,
/// which no other site can read, and by what the browser itself says of where it came from.
#[derive(Debug)]
pub(crate) struct Posted {
    /// Who sent it.
    pub(crate) visitor: Visitor,
    /// What is in it.
    pub(crate) form: Form,
}

impl FromRequest<Console> for Posted {
    type Rejection = Fault;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Fault> {
        let (parts, body) = request.into_parts();
        if is_from_elsewhere(&parts.headers) {
            return Err(Fault::foreign_form());
        }
        let visitor = Visitor::of(console, &parts).await?;
        let token = cookie(&parts.headers, COOKIE)
            .unwrap_or_default()
            .to_owned();
        let request = Request::from_parts(parts, body);
        let body = Bytes::from_request(request, console).await;
        let form = Form::read(&body.map_err(|_| Fault::too_large(console))?);
        let given = form.get(TOKEN_FIELD).unwrap_or_default();
        if !console.org.is_form_token(&token, given).await? {
            return Err(Fault::foreign_form());
        }
        Ok(Self { visitor, form })
    }
}

/// Whether the browser says that another site made it send this. Old browsers say nothing.
pub(crate) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let (Some(origin), Some(host)) = (text("origin"), headers.get(header::HOST)) else {
        return false;
    };
    let origin = origin.split_once("://").map(|(_, host)| host);
    origin.map(str::as_bytes) != Some(host.as_bytes())
}
