//! `/sobjects/User/{id}/password`: whether it has expired, setting it, making a new one.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_catalogue::Id;
use headwater_records::{Caller, Error, LoginError, Org};
use serde::Deserialize;
use serde_json::json;

use crate::answer::{self, no_content};
use crate::call::Call;
use crate::error::Failure;
use crate::record_body::json_failure;
use crate::record_json::RecordJson;

/// Characters of a password that the server makes. Of 32 letters and digits each: 80 bits.
const MADE_CHARACTERS: usize = 16;
/// None that people take for another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "NewPassword")]
    new_password: String,
}

/// `GET`: passwords do not expire here.
pub(crate) async fn expiry(call: Call, caller: Caller) -> Result<Response, Failure> {
    let user = user(&call)?.to_string();
    let only_id = ["Id".to_owned()];
    let sink = RecordJson::new(call.version);
    call.state
        .org
        .retrieve(&caller, "User", &user, Some(&only_id), sink)
        .await?;
    Ok(answer::json(StatusCode::OK, &json!({ "isExpired": false })))
}

/// `POST`: sets it.
pub(crate) async fn set(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    let body: Body = serde_json::from_slice(&call.body)
        .map_err(|error| json_failure(&String::from_utf8_lossy(&call.body), &error))?;
    let org = &call.state.org;
    let set = org.set_password(&caller, user(&call)?, &body.new_password);
    set.await.map_err(refusal)?;
    Ok(no_content())
}

/// `DELETE`: makes a new one and tells it this once.
pub(crate) async fn reset(call: Call, caller: Caller) -> Result<Response, Failure> {
    let made = made(&call.state.org);
    let set = call.state.org.set_password(&caller, user(&call)?, &made);
    set.await.map_err(refusal)?;
    Ok(answer::json(
        StatusCode::OK,
        &json!({ "NewPassword": made }),
    ))
}

/// A new password.
pub(crate) fn made(org: &Org) -> String {
    let mut random = [0; MADE_CHARACTERS];
    org.randomness().fill(&mut random);
    let letters = random
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    letters.collect()
}

fn user(call: &Call) -> Result<Id, Failure> {
    call.parameter("id")
        .parse()
        .map_err(|_| Failure::not_found())
}

/// Why a password was not set.
pub(crate) fn refusal(error: LoginError) -> Failure {
    match error {
        LoginError::PasswordTooShort { .. } | LoginError::PasswordTooLong { .. } => {
            Failure::bad_request("INVALID_NEW_PASSWORD", error.to_string())
        }
        LoginError::Records(error) => error.into(),
        LoginError::Busy => Error::Busy.into(),
        LoginError::Refused
        | LoginError::InactiveUser
        | LoginError::ApiDisabled
        | LoginError::UnknownToken
        | LoginError::TooManyAttempts
        | LoginError::NotForApi
        | LoginError::NotForConsole
        | LoginError::UnknownApp
        | LoginError::WrongAppSecret
        | LoginError::NotForApp(_)
        | LoginError::NoRunAsUser
        | LoginError::UnknownGrant
        | LoginError::WrongRedirect
        | LoginError::WrongVerifier
        | LoginError::BadApp(_) => Failure::internal(error),
    }
}
