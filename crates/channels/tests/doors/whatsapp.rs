//! The `WhatsApp` Cloud API: Meta's webhook, and sending through the Graph API, which is played by a server
//! of the test's.

mod answers;
mod arrivals;

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::Request;
use headwater_catalogue::Id;
use hmac::{Hmac, KeyInit, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::stage::{APP_SECRET, Stage};
use crate::stand_in::StandIn;

const NUMBER: &str = "106540352242922";
const PATH: &str = "/channels/Chat/meta";

/// A request as Meta signs it.
pub(crate) fn signed(path: &str, secret: &str, body: &str) -> Request<Body> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let mut digits = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(digits, "{byte:02x}").unwrap();
    }
    Request::post(path)
        .header("content-type", "application/json")
        .header("x-hub-signature-256", format!("sha256={digits}"))
        .body(Body::from(body.to_owned()))
        .unwrap()
}

fn told(value: &Value) -> String {
    told_of(NUMBER, value)
}

/// A request about one number.
fn told_of(number: &str, value: &Value) -> String {
    let mut value = value.clone();
    value["messaging_product"] = "whatsapp".into();
    value["metadata"] = json!({ "display_phone_number": "15550100", "phone_number_id": number });
    let change = json!({ "field": "messages", "value": value });
    let entry = json!({ "id": "102290129340398", "changes": [change] });
    json!({ "object": "whatsapp_business_account", "entry": [entry] }).to_string()
}

fn text(id: &str, from: &str, text: &str) -> Value {
    json!({
        "contacts": [{ "profile": { "name": "Jordan" }, "wa_id": from }],
        "messages": [{
            "id": id, "from": from, "timestamp": "1", "type": "text", "text": { "body": text },
        }],
    })
}

pub(crate) async fn tell(stage: &Stage, value: &Value) {
    stage
        .send(signed(PATH, APP_SECRET, &told(value)))
        .await
        .expect(200);
}

pub(crate) async fn meta() -> StandIn {
    StandIn::start(json!({ "messages": [{ "id": "wamid.out" }] })).await
}

pub(crate) async fn connected(stage: &Stage, api: &str) -> Id {
    let channel = stage.channel("Chat", "WhatsApp", "+15550100").await;
    stage.connect(channel, "WhatsApp", NUMBER, api).await;
    channel
}

/// A customer has written, and nobody has answered yet.
async fn waiting(api: &StandIn) -> Stage {
    let stage = Stage::set().await;
    connected(&stage, &api.url).await;
    tell(&stage, &text("wamid.1", "12025550147", "Hello")).await;
    stage
        .until(
            "SELECT Status FROM MessagingSession",
            "Status",
            &["Waiting"],
        )
        .await;
    stage
}

/// A message of somebody who has an id within the business, with or without their number.
fn by_id(id: &str, phone: Option<&str>) -> Value {
    let mut contact = json!({ "profile": { "name": "Sam" }, "user_id": "US.13491208655302741918" });
    let mut message = json!({ "id": id, "type": "text", "text": { "body": id } });
    if let Some(phone) = phone {
        contact["wa_id"] = phone.into();
        message["from"] = phone.into();
    }
    message["from_user_id"] = "US.13491208655302741918".into();
    json!({ "contacts": [contact], "messages": [message] })
}
