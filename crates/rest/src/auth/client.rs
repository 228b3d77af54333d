//! Which application asks, and whether it is the one it says it is.

use axum::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use headwater_records::LoginError;
use headwater_records::login::{App, Attempt, Secret};
use percent_encoding::percent_decode_str;

use super::form::Form;
use super::refusal::Refusal;
use crate::call::Call;

/// What an application says of itself.
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: Option<Secret>,
}

impl Client {
    /// From `Authorization: Basic`, or from `client_id` and `client_secret` in the form.
    pub(super) fn of(call: &Call, form: &Form) -> Result<Self, Refusal> {
        if let Some(client) = basic(call)? {
            return Ok(client);
        }
        Ok(Self {
            id: form.require("client_id")?.to_owned(),
            secret: form.secret("client_secret"),
        })
    }

    /// The application with this client id.
    pub(super) async fn app(&self, call: &Call) -> Result<App, Refusal> {
        Ok(call.state.org.app(&self.id).await?)
    }

    /// The application, if the secret is its own.
    pub(super) async fn proven(&self, call: &Call) -> Result<App, Refusal> {
        let app = self.app(call).await?;
        self.prove(call, &app).await?;
        Ok(app)
    }

    /// Checks the secret. Wrong ones count as failed logins: a secret can be guessed at like a
    /// password.
    pub(super) async fn prove(&self, call: &Call, app: &App) -> Result<(), Refusal> {
        let org = &call.state.org;
        let attempt = attempt(call, &self.id);
        org.begin_attempt(&attempt)?;
        let secret = self.secret.as_ref().map(Secret::expose);
        let checked = org.check_app(app, secret).await;
        if matches!(checked, Err(LoginError::WrongAppSecret)) {
            org.attempt_failed(&attempt);
        }
        Ok(checked?)
    }
}

/// Somebody trying to log in by this request.
pub(super) fn attempt<'a>(call: &Call, name: &'a str) -> Attempt<'a> {
    Attempt {
        address: call.address,
        name,
    }
}

fn basic(call: &Call) -> Result<Option<Client>, Refusal> {
    let Some(value) = call.header(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let Some((scheme, credentials)) = value.trim().split_once(' ') else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let wrong = || Refusal::from(LoginError::WrongAppSecret);
    let decoded = STANDARD.decode(credentials.trim()).map_err(|_| wrong())?;
    let decoded = String::from_utf8(decoded).map_err(|_| wrong())?;
    let (id, secret) = decoded.split_once(':').ok_or_else(wrong)?;
    // RFC 6749 encodes both parts as in a form; most clients do not, and none of the characters
    // in ids and secrets of ours differ. A percent sign that decodes to nothing stays.
    let part = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
    };
    Ok(Some(Client {
        id: part(id),
        secret: Some(part(secret))
            .filter(|s| !s.is_empty())
            .map(Secret::new),
    }))
}
