//! What Twilio calls: a message came in, or something became of one that went out.

use std::collections::HashMap;

use axum::extract::{FromRequest, FromRequestParts as _, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use headwater_catalogue::Id;
use headwater_messaging::{Account, Arrival, Beside, DeliveryState, Heeded, Inbound, Media};

use super::api::OPTED_OUT;
use super::signature;
use crate::door::Channels;
use crate::refusal::{self, Refusal};

const SIGNATURE: &str = "x-twilio-signature";

/// No answer: what is said to the customer is sent by itself.
const NO_ANSWER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

/// Most files of one message, as Twilio has it.
const FILES_MAX: usize = 10;

type Form = HashMap<String, String>;

/// A request that Twilio signed, about one of our channels.
pub(crate) struct Called {
    channel: Id,
    form: Form,
}

impl FromRequest<Channels> for Called {
    type Rejection = Refusal;

    async fn from_request(request: Request, channels: &Channels) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let path = Path::<String>::from_request_parts(&mut parts, channels).await;
        let Path(channel) = path.map_err(|rejection| Refusal::unread(rejection.body_text()))?;
        let account = refusal::account(&channels.messaging, &channel, &["Twilio"]).await?;
        let channel = account.channel;
        let (uri, headers) = (parts.uri.clone(), parts.headers.clone());
        let body = Bytes::from_request(Request::from_parts(parts, body), channels).await;
        let body = body.map_err(|rejection| Refusal(rejection.status(), rejection.body_text()))?;
        if !is_signed(channels, &account, &uri, &headers, &body) {
            let text = "the signature does not fit: check the channel's auth token, and that the \
                        address Twilio calls is the public_url of this server";
            return Err(refusal::not_genuine(&channels.messaging, channel, text).await);
        }
        let form = url::form_urlencoded::parse(&body).into_owned().collect();
        Ok(Self { channel, form })
    }
}

/// A message.
pub(crate) async fn message(
    State(Channels { messaging, .. }): State<Channels>,
    Called { channel, form }: Called,
) -> Result<impl IntoResponse, Refusal> {
    let beside = Beside {
        media: media_of(&form),
        heeded: form.get("OptOutType").and_then(|word| heeded(word)),
        ..Beside::default()
    };
    let message = message_of(&form)?;
    messaging.accept_with(channel, &message, &beside).await?;
    Ok(([(header::CONTENT_TYPE, "text/xml")], NO_ANSWER))
}

/// A report on a message that went out.
pub(crate) async fn status(
    State(Channels { messaging, .. }): State<Channels>,
    Called { channel, form }: Called,
) -> Result<StatusCode, Refusal> {
    let sid = needed(&form, "MessageSid")?;
    if let Some(state) = state_of(form.get("MessageStatus").map_or("", String::as_str)) {
        let code = form.get("ErrorCode").filter(|code| !code.is_empty());
        let report = Inbound::report(sid, state, code.cloned());
        messaging.accept(channel, &report).await?;
        if code.is_some_and(|code| code == OPTED_OUT) {
            let opted_out = opted_out(sid, needed(&form, "To")?);
            messaging.accept(channel, &opted_out).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What `OptOutType` says that Twilio has taken a message for. It is there where a messaging service heeds
/// words by itself ("Advanced Opt-Out"), and answers them.
fn heeded(word: &str) -> Option<Heeded> {
    match word {
        "STOP" => Some(Heeded::Stop),
        "START" => Some(Heeded::Start),
        "HELP" => Some(Heeded::Help),
        _ => None,
    }
}

/// That somebody was not written to because they have told Twilio STOP.
fn opted_out(sid: &str, customer: &str) -> Inbound {
    Inbound {
        event: format!("{sid}/opted-out"),
        address: customer.to_owned(),
        phone: None,
        what: Arrival::Consent { is_given: false },
    }
}

fn is_signed(
    channels: &Channels,
    account: &Account,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(given) = text(SIGNATURE) else {
        return false;
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let origins = match (&channels.settings.public_url, text("host")) {
        (Some(url), _) => vec![url.trim_end_matches('/').to_owned()],
        (None, Some(host)) => vec![format!("https://{host}"), format!("http://{host}")],
        (None, None) => Vec::new(),
    };
    origins.iter().any(|origin| {
        let url = format!("{origin}{path}");
        signature::is_genuine(account.secret.expose(), &url, body, given)
    })
}

fn message_of(form: &Form) -> Result<Inbound, Refusal> {
    let sid = needed(form, "MessageSid")?;
    let from = needed(form, "From")?;
    let name = form.get("ProfileName").cloned();
    Ok(Inbound {
        event: sid.to_owned(),
        address: from.to_owned(),
        phone: None,
        what: Arrival::Message {
            id: sid.to_owned(),
            text: text_of(form),
            name,
            conversation: None,
        },
    })
}

/// What a message says, with a line for whatever else it holds, so that nobody misses it.
fn text_of(form: &Form) -> String {
    let mut lines = Vec::new();
    let field = |name: &str| {
        form.get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    };
    lines.extend(field("Body").map(str::to_owned));
    lines.extend(media_of(form).into_iter().map(|media| media.line));
    if let (Some(latitude), Some(longitude)) = (field("Latitude"), field("Longitude")) {
        let label = field("Label").or(field("Address")).unwrap_or_default();
        lines.push(
            format!("[location {latitude}, {longitude}] {label}")
                .trim_end()
                .to_owned(),
        );
    }
    lines.join("\n")
}

/// The files of a message, which Twilio holds.
fn media_of(form: &Form) -> Vec<Media> {
    let number = form.get("NumMedia").and_then(|number| number.parse().ok());
    let places = 0..number.unwrap_or(0).min(FILES_MAX);
    let media = places.map(|place| {
        let media_type = form.get(&format!("MediaContentType{place}"));
        let kind = media_type.map_or("file", String::as_str);
        Media {
            reference: form
                .get(&format!("MediaUrl{place}"))
                .cloned()
                .unwrap_or_default(),
            name: None,
            media_type: media_type.cloned(),
            line: format!("[{kind}]"),
        }
    });
    media.collect()
}

fn state_of(status: &str) -> Option<DeliveryState> {
    match status {
        "sent" => Some(DeliveryState::Sent),
        "delivered" => Some(DeliveryState::Delivered),
        "read" => Some(DeliveryState::Read),
        "failed" | "undelivered" | "canceled" => Some(DeliveryState::Failed),
        // On its way to being sent, which the answer to the sending has said already.
        _ => None,
    }
}

fn needed<'f>(form: &'f Form, name: &str) -> Result<&'f str, Refusal> {
    let found = form.get(name).filter(|value| !value.is_empty());
    found
        .map(String::as_str)
        .ok_or_else(|| Refusal::unread(format!("the form lacks {name}")))
}
