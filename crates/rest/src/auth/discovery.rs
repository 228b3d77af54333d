//! What an OpenID client looks up before it begins.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::answer;
use crate::call::Call;
use crate::error::Failure;

/// `/.well-known/openid-configuration`. ID tokens are not given out, so none is promised: who the
/// user is comes from userinfo.
pub(super) async fn configuration(call: Call) -> Result<Response, Failure> {
    let base = &call.base_url();
    let oauth = format!("{base}/services/oauth2");
    let body = json!({
        "issuer": base,
        "authorization_endpoint": format!("{oauth}/authorize"),
        "token_endpoint": format!("{oauth}/token"),
        "revocation_endpoint": format!("{oauth}/revoke"),
        "introspection_endpoint": format!("{oauth}/introspect"),
        "userinfo_endpoint": format!("{oauth}/userinfo"),
        "jwks_uri": format!("{base}/id/keys"),
        "scopes_supported": [
            "api", "web", "full", "id", "openid", "profile", "email", "address", "phone",
            "refresh_token", "offline_access",
        ],
        "response_types_supported": ["code", "token"],
        "grant_types_supported": [
            "authorization_code", "refresh_token", "password", "client_credentials",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_post", "client_secret_basic", "none",
        ],
        "subject_types_supported": ["public"],
        "claims_supported": [
            "sub", "user_id", "organization_id", "preferred_username", "nickname", "name", "email",
            "email_verified", "given_name", "family_name", "zoneinfo", "locale", "updated_at",
        ],
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// `/id/keys`: no key signs anything that clients are to check.
pub(super) async fn keys(_call: Call) -> Result<Response, Failure> {
    Ok(answer::json(StatusCode::OK, &json!({ "keys": [] })))
}
