//! Sending through Telegram's Bot API.
//!
//! The bot's token is part of the addresses that are called, so no address is ever logged or told.

use headwater_messaging::{Again, File, Media, NewFile, Outgoing, Undelivered};
use jiff::SignedDuration;
use reqwest::multipart::Form;
use serde_json::{Value, json};

use crate::api::{Answer, call, not_understood};
use crate::carriers::{Connection, no_templates};
use crate::fetch::{self, Key, Source};
use crate::uploads::{self, Kinds};

/// Where the API is.
const API: &str = "https://api.telegram.org";

const TELEGRAM: &str = "Telegram";

/// Bytes of what a button says when it is pressed.
const DATA_BYTES_MAX: usize = 64;

/// Bytes of a photo; what is larger is a document.
const PHOTO_BYTES_MAX: i64 = 10 * 1024 * 1024;

/// What Telegram shows.
const KINDS: Kinds = &[
    ("image/jpeg", "photo"),
    ("image/png", "photo"),
    ("video/mp4", "video"),
    ("audio/mpeg", "audio"),
    ("audio/mp4", "audio"),
];

/// What Telegram is to bring, as `update.rs` reads it.
const UPDATES: [&str; 4] = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
];

/// Hands a message over; gives an id for it, of the chat and of the message in it.
pub(crate) async fn send(
    connection: &Connection<'_>,
    outgoing: &Outgoing,
) -> Result<String, Undelivered> {
    if outgoing.template.is_some() {
        return Err(no_templates(TELEGRAM));
    }
    // A bot cannot write to itself or to a channel by mistake: what is no number is refused there.
    let chat: Value = match outgoing.to.parse::<i64>() {
        Ok(number) => number.into(),
        Err(_) => outgoing.to.as_str().into(),
    };
    let answer = match outgoing.files.as_slice() {
        [] => ask(connection, "sendMessage", &message(&chat, outgoing)).await?,
        [file, ..] => send_file(connection, &chat, file).await?,
    };
    let id = answer.text("/result/message_id");
    let id = id.ok_or_else(|| not_understood(TELEGRAM))?;
    Ok(format!("{}:{id}", outgoing.to))
}

/// A text, with buttons for what it offers.
fn message(chat: &Value, outgoing: &Outgoing) -> Value {
    let mut message = json!({ "chat_id": chat, "text": outgoing.text });
    if !outgoing.choices.is_empty() {
        let rows = (1..)
            .zip(&outgoing.choices)
            .map(|(number, choice): (u32, _)| {
                // What is pressed comes back with the button itself, so a number will do for what is too long.
                let data = Some(choice.clone()).filter(|data| data.len() <= DATA_BYTES_MAX);
                let data = data.unwrap_or_else(|| number.to_string());
                json!([{ "text": choice, "callback_data": data }])
            });
        message["reply_markup"] = json!({ "inline_keyboard": rows.collect::<Vec<_>>() });
    }
    message
}

/// Sends a file as what it is: what Telegram shows has a method of its own.
async fn send_file(
    connection: &Connection<'_>,
    chat: &Value,
    file: &File,
) -> Result<Answer, Undelivered> {
    let kind = match uploads::kind(file, KINDS, "document") {
        "photo" if file.size > PHOTO_BYTES_MAX => "document",
        kind => kind,
    };
    let method = match kind {
        "photo" => "sendPhoto",
        "video" => "sendVideo",
        "audio" => "sendAudio",
        _ => "sendDocument",
    };
    let chat = chat
        .as_str()
        .map_or_else(|| chat.to_string(), str::to_owned);
    let form = Form::new().text("chat_id", chat);
    let form = form.part(kind, uploads::part(connection, file).await?);
    let request = connection.client.post(address(connection, method));
    let request = request.timeout(uploads::TIME_MAX).multipart(form);
    answered(call(TELEGRAM, request).await?)
}

/// Fetches a file by its id: the API says where it is for an hour.
pub(crate) async fn fetch(
    connection: &Connection<'_>,
    media: &Media,
) -> Result<NewFile, Undelivered> {
    let file = json!({ "file_id": media.reference });
    let answer = ask(connection, "getFile", &file)
        .await
        .map_err(fetch::asked)?;
    let path = answer.text("/result/file_path");
    let path = path.ok_or_else(|| not_understood(TELEGRAM))?;
    let api = connection.api(API);
    let address = format!(
        "{api}/file/bot{}/{path}",
        connection.account.secret.expose()
    );
    // Telegram says of every file that it is bytes; the path has the ending.
    let media = Media {
        media_type: media.media_type.clone().or(by_ending(&path)),
        ..media.clone()
    };
    let source = Source {
        carrier: TELEGRAM,
        api,
        hosts: &[],
        opened_by: Key::Nothing,
    };
    fetch::file(connection, &source, &address, &media).await
}

/// The type of what Telegram makes itself and says none of: stickers, and voice and video messages.
fn by_ending(path: &str) -> Option<String> {
    let (_, ending) = path.rsplit_once('.')?;
    let known = match ending {
        "webp" => "image/webp",
        "jpg" => "image/jpeg",
        "oga" => "audio/ogg",
        "mp4" => "video/mp4",
        _ => return None,
    };
    Some(known.to_owned())
}

/// Asks Telegram for the bot, and tells it where to bring what happens: the bot's name.
pub(crate) async fn introduce(connection: &Connection<'_>) -> Result<String, Undelivered> {
    let answer = ask(connection, "getMe", &json!({})).await?;
    let name = answer.text("/result/username");
    let name = name.ok_or_else(|| not_understood(TELEGRAM))?;
    let (Some(url), Some(token)) = (connection.public_url, &connection.account.verify_token) else {
        let reason = "set server.public_url, the https address that Telegram reaches this server by, \
                      and check the connection again";
        return Err(Undelivered::for_good("NO_PUBLIC_URL", reason));
    };
    let webhook = json!({
        "url": connection.webhook(url),
        "secret_token": token.expose(),
        "allowed_updates": UPDATES,
    });
    ask(connection, "setWebhook", &webhook).await?;
    Ok(format!("@{name}"))
}

async fn ask(
    connection: &Connection<'_>,
    method: &str,
    body: &Value,
) -> Result<Answer, Undelivered> {
    let request = connection.client.post(address(connection, method));
    answered(call(TELEGRAM, request.json(body)).await?)
}

fn address(connection: &Connection<'_>, method: &str) -> String {
    let token = connection.account.secret.expose();
    format!("{}/bot{token}/{method}", connection.api(API))
}

fn answered(answer: Answer) -> Result<Answer, Undelivered> {
    if answer.status.is_success() && answer.body["ok"] == true {
        return Ok(answer);
    }
    Err(refused(&answer))
}

fn refused(answer: &Answer) -> Undelivered {
    let code = answer.text("/error_code");
    let reason = answer.text("/description");
    let wait = answer.number("/parameters/retry_after");
    let again = match wait {
        Some(seconds) => Again::After(SignedDuration::from_secs(seconds.max(0))),
        None => answer.again(),
    };
    Undelivered::for_good(
        code.unwrap_or_else(|| answer.status.as_u16().to_string()),
        reason.unwrap_or_else(|| format!("Telegram answered {}", answer.status)),
    )
    .again(again)
}
