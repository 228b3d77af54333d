//! The way to the server.

use serde_json::Value;

/// The way to the server: every call as the one user.
#[derive(Clone)]
pub(crate) struct Door {
    http: reqwest::Client,
    url: String,
    pub(crate) token: String,
}

impl Door {
    pub(crate) fn new(url: &str, token: &str) -> Self {
        // Installed already from the second one on.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            http,
            url: url.to_owned(),
            token: token.to_owned(),
        }
    }

    /// A call's status and answer; none when the server went away meanwhile.
    pub(crate) async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &Value,
    ) -> Option<(u16, Value)> {
        let path = format!("/services/data/v67.0/{path}");
        self.call(method, &path, &self.token, body).await
    }

    /// As [`Door::send`], to any path and with any token.
    pub(crate) async fn call(
        &self,
        method: reqwest::Method,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Option<(u16, Value)> {
        let url = format!("{}{path}", self.url);
        let request = self.http.request(method, url).bearer_auth(token).json(body);
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let answer = response.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&answer).unwrap_or_default()))
    }

    pub(crate) async fn create(&self, object: &str, body: &Value) -> String {
        let path = format!("sobjects/{object}");
        let (status, answer) = self.send(reqwest::Method::POST, &path, body).await.unwrap();
        assert_eq!(status, 201, "{object}: {answer}");
        text(&answer["id"])
    }

    /// All pages of a query.
    pub(crate) async fn rows(&self, soql: &str) -> Vec<Value> {
        let mut page = self.get("/services/data/v67.0/query", &[("q", soql)]).await;
        let mut rows = Vec::new();
        loop {
            rows.append(page["records"].as_array_mut().unwrap());
            let Some(next) = page["nextRecordsUrl"].as_str().map(str::to_owned) else {
                break;
            };
            page = self.get(&next, &[]).await;
        }
        assert_eq!(page["totalSize"], rows.len());
        rows
    }

    pub(crate) async fn explain(&self, path: &str) -> Value {
        self.get(&format!("/services/headwater/v1/explain/{path}"), &[])
            .await
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let request = self.http.get(format!("{}{path}", self.url)).query(query);
        let response = request.bearer_auth(&self.token).send().await.unwrap();
        let (status, body) = (response.status(), response.text().await.unwrap());
        assert_eq!(status, 200, "{path} {query:?}:\n{body}");
        serde_json::from_str(&body).unwrap()
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
