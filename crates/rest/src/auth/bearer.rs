//! The access token of a request, wherever a client puts it.

use axum::http::{HeaderMap, Uri, header};
use headwater_records::{Caller, LoginError};

use crate::call::query_value;
use crate::error::Failure;
use crate::state::RestState;

/// Who calls, by the access token of the request.
///
/// # Errors
/// 401 without a valid token, 403 for a user who may not use the API.
pub(crate) async fn authorized(
    state: &RestState,
    headers: &HeaderMap,
    _uri: &Uri,
) -> Result<Caller, Failure> {
    let token = token_of(headers)?.ok_or_else(Failure::invalid_session)?;
    state.org.caller_of_token(token).await.map_err(refused)
}

/// The access token in the headers: `Authorization: Bearer T`, `Authorization: OAuth T`, or
/// `X-SFDC-Session: T` as clients of Bulk API 1.0 send it.
pub(super) fn token_of(headers: &HeaderMap) -> Result<Option<&str>, Failure> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let value = value.to_str().map_err(|_| Failure::invalid_auth_header())?;
        let value = value.trim();
        let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
        let carries_token =
            scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
        if !carries_token {
            return Err(Failure::invalid_auth_header());
        }
        return Ok(Some(token.trim()).filter(|token| !token.is_empty()));
    }
    let session = headers.get("x-sfdc-session");
    Ok(session
        .and_then(|value| value.to_str().ok())
        .map(str::trim)
        .filter(|token| !token.is_empty()))
}

/// As [`token_of`], or in the URL or a form, which the identity endpoints take as well. URLs end
/// up in logs of proxies, so no other endpoint does.
pub(super) fn token_anywhere(headers: &HeaderMap, uri: &Uri) -> Result<Option<String>, Failure> {
    let in_query = || {
        ["oauth_token", "access_token"]
            .into_iter()
            .find_map(|name| query_value(uri, name))
            .map(std::borrow::Cow::into_owned)
            .filter(|token| !token.is_empty())
    };
    Ok(token_of(headers)?.map(str::to_owned).or_else(in_query))
}

/// Why a token does not let in, in the words of the data API.
pub(super) fn refused(error: LoginError) -> Failure {
    match error {
        LoginError::ApiDisabled => Failure::new(
            axum::http::StatusCode::FORBIDDEN,
            "API_CURRENTLY_DISABLED",
            "API is disabled for this User",
        ),
        LoginError::NotForApi => Failure::new(
            axum::http::StatusCode::FORBIDDEN,
            "INSUFFICIENT_ACCESS",
            "This session is not valid for use with the API: its scopes have neither api nor full",
        ),
        LoginError::Records(error) => error.into(),
        LoginError::Busy => headwater_records::Error::Busy.into(),
        LoginError::UnknownToken
        | LoginError::Refused
        | LoginError::TooManyAttempts
        | LoginError::NotForConsole
        | LoginError::InactiveUser
        | LoginError::UnknownApp
        | LoginError::WrongAppSecret
        | LoginError::NotForApp(_)
        | LoginError::NoRunAsUser
        | LoginError::UnknownGrant
        | LoginError::WrongRedirect
        | LoginError::WrongVerifier
        | LoginError::PasswordTooShort { .. }
        | LoginError::PasswordTooLong { .. }
        | LoginError::BadApp(_) => Failure::invalid_session(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn a_token_comes_in_any_of_three_headers() {
        for (name, value) in [
            ("authorization", "Bearer 00D!x"),
            ("authorization", "bearer  00D!x"),
            ("authorization", "OAuth 00D!x"),
            ("x-sfdc-session", "00D!x"),
        ] {
            let headers = headers(name, value);
            assert_eq!(token_of(&headers).unwrap(), Some("00D!x"), "{value}");
        }
        assert_eq!(token_of(&HeaderMap::new()).unwrap(), None);
        assert_eq!(
            token_of(&headers("authorization", "Bearer ")).unwrap(),
            None
        );
    }

    #[test]
    fn another_scheme_is_said_to_be_wrong() {
        let failure = token_of(&headers("authorization", "Basic YTpi")).unwrap_err();
        assert_eq!(failure.errors[0].code, "INVALID_AUTH_HEADER");
    }

    #[test]
    fn the_url_carries_a_token_only_where_it_is_looked_for() {
        let uri = Uri::from_static("/id/a/b?oauth_token=00D%21x");
        let token = token_anywhere(&HeaderMap::new(), &uri).unwrap();
        assert_eq!(token.as_deref(), Some("00D!x"));
    }
}
