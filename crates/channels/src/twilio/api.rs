//! Sending through Twilio's Messages resource.

use headwater_messaging::{Account, Outgoing, Undelivered};
use reqwest::StatusCode;
use serde::Deserialize;

/// Where the API is.
const API: &str = "https://api.twilio.com";

/// What Twilio answers when it has a message.
#[derive(Deserialize)]
struct Taken {
    sid: String,
}

/// What Twilio answers when it does not.
#[derive(Deserialize)]
struct Refused {
    code: Option<i64>,
    message: Option<String>,
}

/// Hands a message over; gives Twilio's id for it.
///
/// Twilio knows no message again, so one whose answer is lost is not tried again by itself: the agent is
/// told, and decides.
pub(crate) async fn send(
    client: &reqwest::Client,
    account: &Account,
    outgoing: &Outgoing,
    callback: Option<String>,
) -> Result<String, Undelivered> {
    let api = account.api_url.as_deref().unwrap_or(API);
    let url = format!("{api}/2010-04-01/Accounts/{}/Messages.json", account.key);
    let mut form = vec![
        ("To", outgoing.to.as_str()),
        ("From", outgoing.from.as_str()),
        ("Body", outgoing.text.as_str()),
    ];
    if let Some(callback) = &callback {
        form.push(("StatusCallback", callback));
    }
    let sending = client
        .post(url)
        .basic_auth(&account.key, Some(account.secret.expose()))
        .form(&form)
        .send();
    let answer = sending.await.map_err(|error| not_reached(&error))?;
    let status = answer.status();
    if status.is_success() {
        let taken: Taken = answer.json().await.map_err(|error| not_reached(&error))?;
        return Ok(taken.sid);
    }
    let refused = answer.json().await.unwrap_or(Refused {
        code: None,
        message: None,
    });
    Err(Undelivered {
        code: refused
            .code
            .map_or_else(|| status.as_u16().to_string(), |code| code.to_string()),
        reason: refused
            .message
            .unwrap_or_else(|| format!("Twilio answered {status}")),
        is_temporary: status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error(),
    })
}

fn not_reached(error: &reqwest::Error) -> Undelivered {
    // Nothing was sent when there was no connection; else Twilio may have it.
    if error.is_connect() {
        return Undelivered {
            code: "NOT_REACHED".to_owned(),
            reason: "Twilio cannot be reached".to_owned(),
            is_temporary: true,
        };
    }
    Undelivered {
        code: "NO_ANSWER".to_owned(),
        reason: "Twilio did not answer, so it is not certain whether the message went out"
            .to_owned(),
        is_temporary: false,
    }
}
