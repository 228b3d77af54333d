//! A web client, as tests play it.

use axum::body::Body;
use axum::http::Request;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::stage::{Answer, Stage};

pub(crate) const API: &str = "/iamessage/api/v2";
pub(crate) const CONVERSATION: &str = "0b5f7a4e-5d5c-4c1e-9d5e-2f1f2d3c4b5a";

pub(crate) struct Visitor<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) token: String,
    pub(crate) first_event: String,
    pub(crate) org: String,
}

pub(crate) async fn web(stage: &Stage) {
    stage.channel("Web", "EmbeddedMessaging", "web").await;
}

impl<'a> Visitor<'a> {
    pub(crate) async fn arrives(stage: &'a Stage) -> Self {
        let org = stage.server.org().organization().to_string();
        let body = json!({
            "orgId": org, "esDeveloperName": "Web", "capabilitiesVersion": "1", "platform": "Web",
        });
        let path = format!("{API}/authorization/unauthenticated/access-token");
        Self::of(
            stage,
            &post(stage, &path, None, &body).await.expect(200).json(),
        )
    }

    /// Whom a token was given to.
    pub(crate) fn of(stage: &'a Stage, answer: &Value) -> Self {
        Self {
            stage,
            token: answer["accessToken"].as_str().unwrap().to_owned(),
            first_event: answer["lastEventId"].as_str().unwrap().to_owned(),
            org: stage.server.org().organization().to_string(),
        }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        post(self.stage, &format!("{API}{path}"), Some(&self.token), body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = Request::get(format!("{API}{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .body(Body::empty());
        self.stage.send(request.unwrap()).await
    }

    pub(crate) async fn begins(&self) {
        self.begins_with(json!({})).await.expect(201);
    }

    /// Begins a conversation, handing these values over.
    pub(crate) async fn begins_with(&self, attributes: Value) -> Answer {
        let body = json!({
            "conversationId": CONVERSATION, "esDeveloperName": "Web", "routingAttributes": attributes,
        });
        self.post("/conversation", &body).await
    }

    pub(crate) async fn writes(&self, place: u8, text: &str) -> Answer {
        let body = json!({
            "message": {
                "id": format!("7f0c2a1e-1111-4222-8333-4444555566{place:02}"),
                "messageType": "StaticContentMessage",
                "staticContent": { "formatType": "Text", "text": text },
            },
            "esDeveloperName": "Web",
        });
        self.post(&format!("/conversation/{CONVERSATION}/message"), &body)
            .await
    }

    /// Sends a file, with its message.
    pub(crate) async fn sends(
        &self,
        place: u8,
        (name, media_type, bytes): (&str, &str, &[u8]),
    ) -> Answer {
        let entry = json!({
            "message": { "id": format!("7f0c2a1e-1111-4222-8333-4444555566{place:02}"), "text": "See" },
            "esDeveloperName": "Web",
        });
        let mut body = format!(
            "--x\r\nContent-Disposition: form-data; name=\"messageEntry\"\r\n\
             Content-Type: application/json\r\n\r\n{entry}\r\n--x\r\n\
             Content-Disposition: form-data; name=\"fileData\"; filename=\"{name}\"\r\n\
             Content-Type: {media_type}\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--x--\r\n");
        let path = format!("{API}/conversation/{CONVERSATION}/file");
        let request = Request::post(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "multipart/form-data; boundary=x")
            .body(Body::from(body));
        self.stage.send(request.unwrap()).await
    }

    /// The next frames of the stream, as one text.
    pub(crate) async fn hears(&self, after: Option<&str>, until: &str) -> String {
        let mut request = Request::get("/eventrouter/v1/sse")
            .header("authorization", format!("Bearer {}", self.token))
            .header("x-org-id", &self.org);
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.stage.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        let mut heard = String::new();
        let mut body = response.into_body().into_data_stream();
        let listening = async {
            while let Some(bytes) = body.next().await {
                heard.push_str(std::str::from_utf8(&bytes.unwrap()).unwrap());
                if heard.contains(until) {
                    return;
                }
            }
        };
        let patience = std::time::Duration::from_secs(20);
        let listened = tokio::time::timeout(patience, listening).await;
        assert!(listened.is_ok(), "no {until:?} in {heard}");
        heard
    }
}

pub(crate) async fn post(stage: &Stage, path: &str, token: Option<&str>, body: &Value) -> Answer {
    let mut request = Request::post(path).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Body::from(body.to_string())).unwrap();
    stage.send(request).await
}
