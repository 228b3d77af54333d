//! Calling Meta's Graph API, and asking it who we are there.

use headwater_messaging::{Again, Undelivered};
use reqwest::multipart::Form;
use serde_json::{Value, json};

use super::whatsapp::WINDOW_CLOSED;
use crate::api::{Answer, call, not_understood};
use crate::carriers::Connection;
use crate::uploads;

/// Where the API is.
pub(super) const API: &str = "https://graph.facebook.com";

/// The version that these requests are written for.
const VERSION: &str = "v23.0";

pub(super) const META: &str = "Meta";

/// What a page is to be told of, as `messenger.rs` reads it.
const PAGE_EVENTS: &str =
    "messages,messaging_postbacks,message_deliveries,message_reads,message_reactions";

/// Codes of what passes: limits of the app, the account, the number and the pair of numbers, and
/// services of Meta's that are away.
const PASSING: [i64; 9] = [1, 2, 4, 80007, 130_429, 131_016, 131_056, 133_004, 613];

/// Asks Meta for the number: its name there.
pub(crate) async fn introduce_whatsapp(connection: &Connection<'_>) -> Result<String, Undelivered> {
    let path = format!(
        "{}?fields=verified_name,display_phone_number",
        connection.account.key
    );
    let answer = get(connection, &path).await?;
    let number = answer.text("/display_phone_number");
    let name = [answer.text("/verified_name"), number];
    let name: Vec<_> = name.into_iter().flatten().collect();
    if name.is_empty() {
        return Err(not_understood(META));
    }
    Ok(name.join(" · "))
}

/// Asks Meta for the page, and to be told what happens there: its name.
pub(crate) async fn introduce_messenger(
    connection: &Connection<'_>,
) -> Result<String, Undelivered> {
    let key = &connection.account.key;
    let answer = get(connection, &format!("{key}?fields=name")).await?;
    let name = answer.text("/name").ok_or_else(|| not_understood(META))?;
    let events = json!({ "subscribed_fields": PAGE_EVENTS });
    post(connection, &format!("{key}/subscribed_apps"), &events).await?;
    Ok(name)
}

pub(super) async fn post(
    connection: &Connection<'_>,
    path: &str,
    body: &Value,
) -> Result<Answer, Undelivered> {
    let request = connection.client.post(address(connection, path)).json(body);
    ask(connection, request).await
}

pub(super) async fn get(connection: &Connection<'_>, path: &str) -> Result<Answer, Undelivered> {
    let request = connection.client.get(address(connection, path));
    ask(connection, request).await
}

/// Brings a form, a file among what is in it.
pub(super) async fn upload(
    connection: &Connection<'_>,
    path: &str,
    form: Form,
) -> Result<Answer, Undelivered> {
    let request = connection.client.post(address(connection, path));
    let request = request.timeout(uploads::TIME_MAX).multipart(form);
    ask(connection, request).await
}

fn address(connection: &Connection<'_>, path: &str) -> String {
    format!("{}/{VERSION}/{path}", connection.api(API))
}

async fn ask(
    connection: &Connection<'_>,
    request: reqwest::RequestBuilder,
) -> Result<Answer, Undelivered> {
    let request = request.bearer_auth(connection.account.secret.expose());
    let answer = call(META, request).await?;
    if answer.status.is_success() {
        return Ok(answer);
    }
    Err(refused(&answer))
}

fn refused(answer: &Answer) -> Undelivered {
    let code = answer.number("/error/code");
    let words = ["/error/error_data/details", "/error/message"];
    let words = words.iter().find_map(|words| answer.text(words));
    let mut reason = words.unwrap_or_else(|| format!("Meta answered {}", answer.status));
    let code = code.map_or_else(
        || answer.status.as_u16().to_string(),
        |code| code.to_string(),
    );
    if code == WINDOW_CLOSED {
        reason.push_str(" Use a template.");
    }
    let passes = answer
        .number("/error/code")
        .is_some_and(|code| PASSING.contains(&code));
    let again = match answer.again() {
        Again::Never if passes => Again::Later,
        again => again,
    };
    Undelivered::for_good(code, reason).again(again)
}
