//! A channel of one's own: Salesforce's Interaction Service API, and the callback by which agents' messages
//! are taken to the service, which is played by a server of the test's.

mod callbacks;
mod capabilities;
mod happenings;
mod reports;
mod requests;
mod routing;
mod routing_mended;
mod routing_refused;
mod transcripts;

use axum::body::Body;
use axum::http::Request;
use headwater_catalogue::Id;
use headwater_messaging::NewAccount;
use headwater_records::login::{Grant, Scopes, Secret};
use headwater_testkit::{ADMIN, AGENT};
use serde_json::{Value, json};

use crate::stage::{Answer, Stage};
use crate::stand_in::{Asked, StandIn};

pub(crate) const SIGNING: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const DEFINITION: &str = "Partner_Channel";
const ADDRESS: &str = "72a6a4ec-acbc-44f6-b2b9-e444248ca843";
const CUSTOMER: &str = "David Wood";
const BOUNDARY: &str = "----a-boundary";

/// A service with a channel of its own.
pub(crate) struct Service {
    pub(crate) stage: Stage,
    pub(crate) callback: StandIn,
    pub(crate) channel: Id,
    token: String,
}

impl Service {
    pub(crate) async fn connected() -> Self {
        let callback = StandIn::start(json!({})).await;
        let stage = Stage::set().await;
        let channel = stage.channel("Own", "Custom", ADDRESS).await;
        let account = NewAccount {
            carrier: "Partner".to_owned(),
            key: DEFINITION.to_owned(),
            api_url: Some(format!("{}/callback", callback.url)),
            messages_per_second_max: None,
            secret: Some(Secret::new(SIGNING)),
            signing_secret: None,
        };
        let system = stage.server.org().system();
        let connected = stage.messaging.connect_channel(&system, channel, &account);
        connected.await.unwrap();
        let token = token(&stage, ADMIN, "interaction_api").await;
        Self {
            stage,
            callback,
            channel,
            token,
        }
    }

    fn head(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .header(
                "orgid",
                &self.stage.server.org().organization().as_str()[..15],
            )
            .header("authorizationcontext", DEFINITION)
            .header("requestid", "f8f81c06-c06a-4784-b96c-ca95d3321bd9")
    }

    /// A request with a body in JSON.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request = self
            .head(method, path)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()));
        self.stage.send(request.unwrap()).await
    }

    fn interaction(&self, request: &Value, file: Option<(&str, &str, &[u8])>) -> Request<Body> {
        // As the official client writes it: the JSON without a name of a file.
        let mut body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"json\"\r\n\
             Content-Type: application/json\r\n\r\n{request}\r\n"
        )
        .into_bytes();
        if let Some((name, media_type, bytes)) = file {
            body.extend_from_slice(
                format!(
                    "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"attachments\"; \
                     filename=\"{name}\"\r\nContent-Type: {media_type}\r\n\r\n"
                )
                .as_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let content = format!("multipart/form-data; boundary={BOUNDARY}");
        let head = self.head("POST", "/interactions");
        head.header("content-type", content)
            .body(Body::from(body))
            .unwrap()
    }

    pub(crate) async fn interacts(&self, interaction: &Value) -> Answer {
        let request = self.interaction(&of(interaction), None);
        self.stage.send(request).await
    }

    /// The callbacks about entries of this type, in the order in which they came.
    pub(crate) fn told(&self, kind: &str) -> Vec<Asked> {
        let mut asked = self.callback.asked();
        asked.retain(|asked| asked.body["payload"]["payload"]["entryType"] == kind);
        asked
    }

    /// Waits until there are so many of them.
    pub(crate) async fn until_told(&self, kind: &str, many: usize) -> Vec<Asked> {
        for _ in 0..2_000 {
            let told = self.told(kind);
            if told.len() >= many {
                return told;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!(
            "{kind} is not told {many} times: {:?}",
            self.callback.asked()
        );
    }

    /// The callbacks of this type of event, in the order in which they came.
    pub(crate) fn asked(&self, event: &str) -> Vec<Asked> {
        let mut asked = self.callback.asked();
        asked.retain(|asked| asked.body["eventType"] == event);
        asked
    }

    /// Waits until there are so many of them.
    pub(crate) async fn until_asked(&self, event: &str, many: usize) -> Vec<Asked> {
        for _ in 0..2_000 {
            let asked = self.asked(event);
            if asked.len() >= many {
                return asked;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!(
            "{event} does not come {many} times: {:?}",
            self.callback.asked()
        );
    }

    /// A customer's message.
    pub(crate) async fn writes(&self, id: &str, text: &str) -> Answer {
        self.interacts(&message(id, text)).await
    }
}

async fn token(stage: &Stage, username: &str, scopes: &str) -> String {
    let grant = Grant {
        user: stage.server.user(username).await,
        app: None,
        scopes: Scopes::parse(scopes),
    };
    let issued = stage.server.org().issue_token(&grant).await.unwrap();
    issued.access_token.expose().to_owned()
}

/// A request with one interaction, with the moment that the official client always names.
fn of(interaction: &Value) -> Value {
    let mut interaction = interaction.clone();
    interaction["timestamp"] = 1_688_190_840_000_i64.into();
    json!({ "to": ADDRESS, "from": CUSTOMER, "interactions": [interaction] })
}

fn entry(payload: &Value) -> Value {
    json!({ "interactionType": "EntryInteraction", "payload": payload })
}

pub(crate) fn message(id: &str, text: &str) -> Value {
    entry(&json!({
        "id": id,
        "entryType": "Message",
        "abstractMessage": {
            "messageType": "StaticContentMessage",
            "id": id,
            "staticContent": { "formatType": "Text", "text": text },
        },
    }))
}
