//! What Telegram calls: an update.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Json, http::StatusCode};
use bytes::Bytes;
use headwater_records::login::Secret;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::update;
use crate::api::text;
use crate::door::Channels;
use crate::refusal::{self, Refusal};

const TOKEN: &str = "x-telegram-bot-api-secret-token";

/// `POST`: an update.
pub(crate) async fn receive(
    State(Channels { messaging, .. }): State<Channels>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let account = refusal::account(&messaging, &channel, &["Telegram"]).await?;
    let given = headers.get(TOKEN).map_or(&[][..], |value| value.as_bytes());
    let token = account.verify_token.as_ref().map_or("", Secret::expose);
    // In a time that does not tell where they differ.
    if token.is_empty() || !bool::from(token.as_bytes().ct_eq(given)) {
        let text = "the secret token is not this channel's: connect the bot anew in Setup";
        return Err(refusal::not_genuine(&messaging, account.channel, text).await);
    }
    let update: Value = serde_json::from_slice(&body)
        .map_err(|error| Refusal::unread(format!("the body is no JSON: {error}")))?;
    if let Some(inbound) = update::inbound(&update) {
        let media = Vec::from_iter(update::file(&update));
        refusal::take(&messaging, account.channel, &inbound, media).await?;
    }
    // The button that was pressed turns until somebody says that it was.
    let Some(pressed) = text(&update, "/callback_query/id") else {
        return Ok(StatusCode::OK.into_response());
    };
    let call = json!({ "method": "answerCallbackQuery", "callback_query_id": pressed });
    Ok(Json(call).into_response())
}
