//! Ending tokens, and asking whether one holds.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::login::TokenFacts;
use serde_json::json;

use super::client::Client;
use super::form::Form;
use super::refusal::{Refusal, answered, private};
use crate::answer;
use crate::call::Call;
use crate::error::Failure;

/// `/services/oauth2/revoke`: whoever has a token may end it.
pub(super) async fn revoke(call: Call) -> Result<Response, Failure> {
    Ok(answered(end(&call).await))
}

async fn end(call: &Call) -> Result<Response, Refusal> {
    let form = Form::of(call)?;
    let token = form.require("token")?;
    call.state.org.revoke(token).await?;
    Ok(private(Response::new(Body::empty())))
}

/// `/services/oauth2/introspect`, as RFC 7662 has it: for applications, about tokens they got.
pub(super) async fn introspect(call: Call) -> Result<Response, Failure> {
    Ok(answered(look_at(&call).await))
}

async fn look_at(call: &Call) -> Result<Response, Refusal> {
    let form = Form::of(call)?;
    let client = Client::of(call, &form)?;
    let app = client.proven(call).await?;
    let token = form.require("token")?;
    let facts = call.state.org.introspect(token).await?;
    // Of another application's tokens nothing is told, not even that they hold.
    let facts = facts.filter(|facts| facts.app == Some(app.id));
    let body = match facts {
        Some(facts) => describe(call, &client.id, &facts).await?,
        None => json!({ "active": false }),
    };
    Ok(private(answer::json(StatusCode::OK, &body)))
}

async fn describe(
    call: &Call,
    client_id: &str,
    facts: &TokenFacts,
) -> Result<serde_json::Value, Refusal> {
    let org = &call.state.org;
    let person = org.person(facts.user).await?;
    let kind = if facts.is_refresh {
        "refresh_token"
    } else {
        "access_token"
    };
    Ok(json!({
        "active": true,
        "scope": facts.scopes.to_string(),
        "client_id": client_id,
        "username": person.username,
        "sub": format!("{}/id/{}/{}", call.base_url(), org.organization(), facts.user),
        "token_type": kind,
        "iat": facts.issued_at.as_second(),
        "nbf": facts.issued_at.as_second(),
        "exp": facts.expires_at.map(jiff::Timestamp::as_second),
    }))
}
