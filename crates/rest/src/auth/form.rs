//! The parameters of OAuth requests: a form, with the query string behind it.

use axum::http::{Uri, header};
use bytes::Bytes;
use headwater_records::login::Secret;

use super::refusal::Refusal;
use crate::call::Call;

/// The parameters of a request. What stands in the body counts before what stands in the URL.
/// No `Debug`: passwords are in it.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// The body's and the URL's parameters.
    pub(super) fn of(call: &Call) -> Result<Self, Refusal> {
        let media_type = call.header(header::CONTENT_TYPE).unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let is_form =
            essence.is_empty() || essence.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        if !call.body.is_empty() && !is_form {
            let text = "the body must be application/x-www-form-urlencoded";
            return Err(Refusal::invalid_request(text));
        }
        let mut form = Self::of_body(&call.body);
        form.0.extend(Self::of_query(&call.uri).0);
        Ok(form)
    }

    pub(super) fn of_body(body: &Bytes) -> Self {
        Self(parse(body))
    }

    pub(super) fn of_query(uri: &Uri) -> Self {
        Self(parse(uri.query().unwrap_or_default().as_bytes()))
    }

    /// A parameter; an empty one counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// A parameter that must not show in any log.
    pub(super) fn secret(&self, name: &str) -> Option<Secret> {
        self.get(name).map(Secret::new)
    }

    /// A parameter the request cannot do without.
    pub(super) fn require(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name)
            .ok_or_else(|| Refusal::invalid_request(&format!("missing required parameter: {name}")))
    }
}

fn parse(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_and_percent_are_decoded_and_empty_is_absent() {
        let form = Form::of_body(&Bytes::from_static(
            b"scope=api+web&state=a%2Bb&login_hint=",
        ));
        assert_eq!(form.get("scope"), Some("api web"));
        assert_eq!(form.get("state"), Some("a+b"));
        assert_eq!(form.get("login_hint"), None);
        assert!(form.require("code").is_err());
    }
}
