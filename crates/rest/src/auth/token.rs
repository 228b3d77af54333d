//! `POST /services/oauth2/token`: proof in, tokens out.

use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use headwater_records::LoginError;
use headwater_records::login::{App, Grant, Issued, Scopes, Secret};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::assertion;
use super::client::Client;
use super::form::Form;
use super::refusal::{Refusal, answered, private};
use crate::answer;
use crate::call::Call;
use crate::error::Failure;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Gives out tokens by any of the grant types.
pub(super) async fn token(call: Call) -> Result<Response, Failure> {
    Ok(answered(exchange(&call).await))
}

async fn exchange(call: &Call) -> Result<Response, Refusal> {
    let form = Form::of(call)?;
    let (issued, secret) = match form.require("grant_type")? {
        "password" => by_password(call, &form).await?,
        "client_credentials" => as_itself(call, &form).await?,
        "refresh_token" => by_refresh_token(call, &form).await?,
        "authorization_code" => by_code(call, &form).await?,
        JWT_BEARER => (assertion::log_in(call, &form).await?, None),
        _ => {
            return Err(Refusal::new(
                "unsupported_grant_type",
                "grant type not supported",
            ));
        }
    };
    let body = reply(call, &issued, secret.as_ref()).await?;
    Ok(private(answer::json(StatusCode::OK, &Value::Object(body))))
}

type Exchanged = Result<(Issued, Option<Secret>), Refusal>;

async fn by_password(call: &Call, form: &Form) -> Exchanged {
    let client = Client::of(call, form)?;
    let app = client.proven(call).await?;
    if !app.allows_password {
        return Err(LoginError::NotForApp("the username-password flow").into());
    }
    let username = form.require("username")?;
    let password = form.secret("password");
    let password = password.ok_or_else(Refusal::authentication_failure)?;
    let org = &call.state.org;
    let user = org
        .authenticate_from(call.address, username, &password)
        .await?;
    let issued = issue(call, user, &app, form.get("scope")).await?;
    Ok((issued, client.secret))
}

async fn as_itself(call: &Call, form: &Form) -> Exchanged {
    let client = Client::of(call, form)?;
    let app = client.app(call).await?;
    if app.is_public() {
        // Anybody can say they are it, so it cannot act as a user by its name alone.
        return Err(LoginError::WrongAppSecret.into());
    }
    client.prove(call, &app).await?;
    let run_as = app.run_as.filter(|_| app.allows_client_credentials);
    let user = run_as.ok_or(LoginError::NoRunAsUser)?;
    let issued = issue(call, user, &app, form.get("scope")).await?;
    Ok((issued, client.secret))
}

async fn by_refresh_token(call: &Call, form: &Form) -> Exchanged {
    let client = Client::of(call, form)?;
    let app = client.app(call).await?;
    if client.secret.is_some() {
        client.prove(call, &app).await?;
    }
    let token = form.require("refresh_token")?;
    let secret = client.secret.as_ref().map(Secret::expose);
    let issued = call.state.org.refresh(&app, token, secret).await?;
    Ok((issued, client.secret))
}

async fn by_code(call: &Call, form: &Form) -> Exchanged {
    let client = Client::of(call, form)?;
    let app = client.proven(call).await?;
    let code = form.require("code")?;
    let redirect = form.require("redirect_uri")?;
    let verifier = form.get("code_verifier");
    let org = &call.state.org;
    match org.redeem_code(&app, code, redirect, verifier).await {
        Ok(issued) => Ok((issued, client.secret)),
        Err(LoginError::UnknownGrant) => {
            Err(Refusal::new("invalid_grant", "expired authorization code"))
        }
        Err(error) => Err(error.into()),
    }
}

/// An access token for a user who has been let in. No refresh token: these logins can simply be
/// done again, and jsforce stops at one it did not ask for.
pub(super) async fn issue(
    call: &Call,
    user: headwater_catalogue::Id,
    app: &App,
    asked: Option<&str>,
) -> Result<Issued, Refusal> {
    let scopes = granted(app, asked)?.without_refresh();
    let grant = Grant {
        user,
        app: Some(app.clone()),
        scopes,
    };
    Ok(call.state.org.issue_token(&grant).await?)
}

/// What of the asked scopes the application may have.
pub(super) fn granted(app: &App, asked: Option<&str>) -> Result<Scopes, Refusal> {
    app.grants(asked.unwrap_or_default())
        .ok_or_else(|| Refusal::new("invalid_scope", "the requested scope is not allowed"))
}

/// What a client gets to read of its tokens.
pub(super) async fn reply(
    call: &Call,
    issued: &Issued,
    secret: Option<&Secret>,
) -> Result<Map<String, Value>, Refusal> {
    let org = &call.state.org;
    let id = format!(
        "{}/id/{}/{}",
        call.base_url(),
        org.organization(),
        issued.user
    );
    let issued_at = issued.issued_at.as_millisecond().to_string();
    let signed = format!("{id}{issued_at}");
    // Clients with a secret check this; for those without one it is ours to check alone.
    let signature = match secret {
        Some(secret) => keyed_hash(secret.expose().as_bytes(), signed.as_bytes()),
        None => org
            .server_key()
            .await?
            .sign("token-reply", signed.as_bytes()),
    };
    let lifetime = issued.expires_at.duration_since(issued.issued_at).as_secs();
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("access_token", json!(issued.access_token.expose()));
    if let Some(refresh) = &issued.refresh_token {
        put("refresh_token", json!(refresh.expose()));
    }
    put("signature", json!(STANDARD.encode(signature)));
    put("scope", json!(issued.scopes.to_string()));
    put("instance_url", json!(call.base_url()));
    put("id", json!(id));
    put("token_type", json!("Bearer"));
    put("issued_at", json!(issued_at));
    put("expires_in", json!(lifetime));
    Ok(body)
}

fn keyed_hash(key: &[u8], text: &[u8]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes a key of any length");
    };
    mac.update(text);
    mac.finalize().into_bytes().into()
}
