//! A server that plays a carrier's API: it keeps what it was asked, and answers as it was told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

/// What the carrier was asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    /// Method and path.
    pub(crate) what: String,
    pub(crate) authorization: String,
    pub(crate) headers: HeaderMap,
    /// The body as it came, and as JSON if it is that.
    pub(crate) raw: Vec<u8>,
    pub(crate) body: Value,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }
}

/// What it answers, and how long it asks to wait.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<u32>,
    pub(crate) body: Value,
    /// In place of the body: a file's type and bytes, or where it leads.
    pub(crate) file: Option<(&'static str, &'static [u8])>,
    pub(crate) leads_to: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct StandIn {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    says: Arc<Mutex<VecDeque<Said>>>,
    usually: Value,
}

impl StandIn {
    /// A carrier that answers this unless it is told otherwise.
    pub(crate) async fn start(usually: Value) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let this = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            asked: Arc::default(),
            says: Arc::default(),
            usually,
        };
        let routes = Router::new().fallback(answer).with_state(this.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        this
    }

    /// Has it say this once, after what it was told before.
    pub(crate) fn say(&self, status: u16, retry_after: Option<u32>, body: Value) {
        self.says.lock().unwrap().push_back(Said {
            status,
            retry_after,
            body,
            file: None,
            leads_to: None,
        });
    }

    /// Has it give a file.
    pub(crate) fn give(&self, media_type: &'static str, bytes: &'static [u8]) {
        self.says.lock().unwrap().push_back(Said {
            status: 200,
            retry_after: None,
            body: Value::Null,
            file: Some((media_type, bytes)),
            leads_to: None,
        });
    }

    /// Has it lead on to another path of its own, or elsewhere.
    pub(crate) fn lead_to(&self, location: &str) {
        self.says.lock().unwrap().push_back(Said {
            status: 307,
            retry_after: None,
            body: Value::Null,
            file: None,
            leads_to: Some(location.to_owned()),
        });
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(State(this): State<StandIn>, request: Request<axum::body::Body>) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let authorization = parts.headers.get(header::AUTHORIZATION);
    this.asked.lock().unwrap().push(Asked {
        what: format!("{} {}", parts.method, parts.uri),
        authorization: authorization
            .map_or("", |value| value.to_str().unwrap())
            .to_owned(),
        headers: parts.headers.clone(),
        raw: body.to_vec(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    let said = this.says.lock().unwrap().pop_front();
    let Some(said) = said else {
        return axum::Json(this.usually).into_response();
    };
    let status = StatusCode::from_u16(said.status).unwrap();
    if let Some((media_type, bytes)) = said.file {
        return ([(header::CONTENT_TYPE, media_type)], bytes).into_response();
    }
    let mut response = (status, axum::Json(said.body)).into_response();
    if let Some(location) = said.leads_to {
        let location = location.parse().unwrap();
        response.headers_mut().insert(header::LOCATION, location);
    }
    if let Some(seconds) = said.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
