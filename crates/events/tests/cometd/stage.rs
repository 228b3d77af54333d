//! A server with a Streaming API, and clients of it.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use headwater_events::{EventSettings, Events, router};
use headwater_testkit::TestServer;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a connect is watched before it is said to hang.
const WATCHED: Duration = Duration::from_millis(200);

pub(crate) const ACCOUNTS: &str = "/data/AccountChangeEvent";
pub(crate) const EVERYTHING: &str = "/data/ChangeEvents";

pub(crate) struct Stage {
    pub(crate) server: TestServer,
    pub(crate) events: Events,
    pub(crate) router: Router,
}

/// One that shook hands.
pub(crate) struct Subscriber<'s> {
    pub(crate) stage: &'s Stage,
    pub(crate) token: String,
    pub(crate) id: String,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::set_with(EventSettings::default()).await
    }

    pub(crate) async fn set_with(settings: EventSettings) -> Self {
        let server = TestServer::start().await;
        let events = Events::new(server.org().clone(), settings);
        Self {
            router: router(events.clone()),
            events,
            server,
        }
    }

    /// Sends messages with an access token, and reads the answer.
    pub(crate) async fn send(&self, token: Option<&str>, messages: &Value) -> Vec<Value> {
        let request = request(token, messages);
        let (status, _, text) = ask(&self.router, request).await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// A client of this user's that has shaken hands and was answered its first connect.
    pub(crate) async fn subscriber(&self, user: &str) -> Subscriber<'_> {
        let token = self.server.token(user).await;
        let answer = self.send(Some(&token), &handshake()).await;
        assert_eq!(answer[0]["successful"], true, "{answer:?}");
        let id = answer[0]["clientId"].as_str().unwrap().to_owned();
        let subscriber = Subscriber {
            stage: self,
            token,
            id,
        };
        assert_eq!(subscriber.connect().await.len(), 1);
        subscriber
    }

    pub(crate) async fn change(&self, user: &str, path: &str, fields: Value) {
        let path = format!("/services/data/v67.0/sobjects/{path}");
        let changed = self.server.patch(&path).as_(user).json(&fields).send();
        changed.await.expect(204);
    }
}

impl Subscriber<'_> {
    pub(crate) async fn send(&self, messages: &Value) -> Vec<Value> {
        self.stage.send(Some(&self.token), messages).await
    }

    pub(crate) fn message(&self, channel: &str) -> Value {
        json!({ "channel": channel, "clientId": self.id, "id": "7" })
    }

    pub(crate) fn connecting(&self) -> Value {
        let mut message = self.message("/meta/connect");
        message["connectionType"] = "long-polling".into();
        message
    }

    pub(crate) fn subscribing(&self, channel: &str, replay: Option<i64>) -> Value {
        let mut message = self.message("/meta/subscribe");
        message["subscription"] = channel.into();
        if let Some(replay) = replay {
            message["ext"] = json!({ "replay": { channel: replay } });
        }
        message
    }

    /// A reply to a subscription.
    pub(crate) async fn subscribe(&self, channel: &str, replay: Option<i64>) -> Value {
        let answer = self.send(&json!([self.subscribing(channel, replay)])).await;
        assert_eq!(answer.len(), 1, "{answer:?}");
        answer[0].clone()
    }

    pub(crate) async fn subscribed(&self, channel: &str, replay: Option<i64>) {
        let answer = self.subscribe(channel, replay).await;
        assert_eq!(answer["successful"], true, "{answer}");
        assert_eq!(answer["subscription"], channel);
    }

    /// The whole answer to a connect.
    pub(crate) async fn connect(&self) -> Vec<Value> {
        let messages = json!([self.connecting()]);
        let answering = self.send(&messages);
        tokio::time::timeout(PATIENCE, answering).await.unwrap()
    }

    /// So many events, by as many connects as it takes; the log is read while it is written.
    pub(crate) async fn events(&self, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        while events.len() < count {
            let mut answer = self.connect().await;
            let reply = answer.pop().unwrap();
            assert_eq!(reply["channel"], "/meta/connect");
            assert_eq!(reply["successful"], true, "{reply}");
            events.extend(answer);
        }
        assert_eq!(events.len(), count, "{events:?}");
        events
    }

    /// The events that are there at once, none perhaps.
    pub(crate) async fn events_now(&self) -> Vec<Value> {
        let mut message = self.connecting();
        message["advice"] = json!({ "timeout": 0 });
        let mut answer = self.send(&json!([message])).await;
        assert_eq!(answer.pop().unwrap()["successful"], true);
        answer
    }

    /// A connect that is seen to hang.
    pub(crate) async fn hanging(&self) -> JoinHandle<Vec<Value>> {
        let request = request(Some(&self.token), &json!([self.connecting()]));
        let router = self.stage.router.clone();
        let mut hanging = tokio::spawn(async move {
            let (status, _, text) = ask(&router, request).await;
            assert_eq!(status, 200, "{text}");
            serde_json::from_str(&text).unwrap()
        });
        let answered = tokio::time::timeout(WATCHED, &mut hanging).await;
        assert!(answered.is_err(), "it does not hang: {answered:?}");
        hanging
    }
}

/// The answer to a connect that hung.
pub(crate) async fn released(hanging: JoinHandle<Vec<Value>>) -> Vec<Value> {
    tokio::time::timeout(PATIENCE, hanging)
        .await
        .unwrap()
        .unwrap()
}

pub(crate) fn handshake() -> Value {
    json!([{
        "channel": "/meta/handshake", "id": "1", "version": "1.0", "minimumVersion": "1.0",
        "supportedConnectionTypes": ["long-polling", "callback-polling"], "ext": { "replay": true },
    }])
}

pub(crate) fn request(token: Option<&str>, messages: &Value) -> Request<Body> {
    let mut request = Request::post("/cometd/62.0").header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("OAuth {token}"));
    }
    request.body(Body::from(messages.to_string())).unwrap()
}

pub(crate) async fn ask(
    router: &Router,
    request: Request<Body>,
) -> (StatusCode, HeaderMap, String) {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    (parts.status, parts.headers, text)
}
