//! SOAP's partner door, as far as logging in goes: login, logout, getUserInfo, getServerTimestamp.
//!
//! Clients read these answers with regular expressions, so the elements stand there bare, without
//! prefixes or attributes, and a fault's parts have the literal prefix `sf:`.

mod answer;
mod envelope;

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::login::{Grant, Scopes, Secret, Session};
use std::sync::Arc;

use self::answer::{Fault, login_result, server_timestamp, user_info, wrapped};
use self::envelope::Envelope;
use super::refusal::private;
use crate::call::{Call, Version};
use crate::error::Failure;

/// Answers one SOAP call.
pub(super) async fn call(call: Call) -> Result<Response, Failure> {
    let (status, body) = match answer_to(&call).await {
        Ok(body) => (StatusCode::OK, body),
        Err(fault) => (StatusCode::INTERNAL_SERVER_ERROR, fault.to_xml()),
    };
    Ok(private(answer::response(status, body)))
}

async fn answer_to(call: &Call) -> Result<String, Fault> {
    let version = version_of(call)?;
    let envelope = Envelope::parse(&call.body)?;
    match envelope.operation.as_str() {
        "login" => log_in(call, version, &envelope).await,
        "logout" => log_out(call, &envelope).await,
        "getUserInfo" => {
            let session = session(call, &envelope).await?;
            let person = call.state.org.person(session.user).await?;
            let info = user_info(call, session.user, &person);
            Ok(wrapped(
                "getUserInfoResponse",
                &format!("<result>{info}</result>"),
            ))
        }
        "getServerTimestamp" => {
            session(call, &envelope).await?;
            Ok(server_timestamp(call.state.org.now()))
        }
        other => Err(Fault::no_operation(other)),
    }
}

fn version_of(call: &Call) -> Result<Version, Fault> {
    let text = call.parameter("version");
    format!("v{text}")
        .parse()
        .map_err(|()| Fault::unsupported_version(text))
}

async fn log_in(call: &Call, version: Version, envelope: &Envelope) -> Result<String, Fault> {
    let org = &call.state.org;
    let username = envelope.argument("username").unwrap_or_default();
    let password = Secret::new(envelope.argument("password").unwrap_or_default());
    if let Some(asked) = envelope
        .header("organizationId")
        .filter(|id| !id.is_empty())
        && asked.parse() != Ok(org.organization())
    {
        return Err(Fault::invalid_login());
    }
    let user = org
        .authenticate_from(call.address, username, &password)
        .await?;
    let grant = Grant {
        user,
        app: None,
        scopes: Scopes::parse("full"),
    };
    let issued = org.issue_token(&grant).await?;
    // Asked through the token, so that the answer is what its first use would be.
    org.caller_of_token(issued.access_token.expose()).await?;
    let person = org.person(user).await?;
    let result = login_result(call, version, &issued, &person);
    Ok(wrapped("loginResponse", &result))
}

async fn log_out(call: &Call, envelope: &Envelope) -> Result<String, Fault> {
    session(call, envelope).await?;
    let token = envelope.header("sessionId").unwrap_or_default();
    call.state.org.revoke(token).await?;
    Ok(wrapped("logoutResponse", ""))
}

async fn session(call: &Call, envelope: &Envelope) -> Result<Arc<Session>, Fault> {
    let token = envelope.header("sessionId").unwrap_or_default();
    let session = call.state.org.session_of_token(token).await?;
    call.state.org.caller_of_session(&session).await?;
    Ok(session)
}
