//! The API beside the browser: what a test prepares, and what others do meanwhile.

use serde_json::Value;

use crate::stage::PASSWORD;

/// Somebody who is logged in to the API of a running server.
pub(crate) struct Client {
    http: reqwest::blocking::Client,
    url: String,
    token: String,
}

impl Client {
    pub(crate) fn log_in(url: &str, username: &str) -> Self {
        // Installed already by another test of this process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::blocking::Client::builder().no_proxy().build();
        let http = http.unwrap();
        let form = [
            ("grant_type", "password"),
            ("client_id", "PlatformCLI"),
            ("username", username),
            ("password", PASSWORD),
        ];
        let request = http
            .post(format!("{url}/services/oauth2/token"))
            .form(&form);
        let body: Value = request.send().unwrap().json().unwrap();
        let token = body["access_token"].as_str().unwrap().to_owned();
        let url = url.to_owned();
        Self { http, url, token }
    }

    /// A request to a path below `/services/data/v67.0/`: status and body, null when there is none.
    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/services/data/v67.0/{path}", self.url);
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, url).bearer_auth(&self.token);
        let answer = request.json(body).send().unwrap();
        (answer.status().as_u16(), answer.json().unwrap_or_default())
    }

    /// What is below a path.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, body) = self.send("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Makes a record; gives its id.
    #[track_caller]
    pub(crate) fn create(&self, object: &str, fields: &Value) -> String {
        let (status, body) = self.send("POST", &format!("sobjects/{object}"), fields);
        assert_eq!(status, 201, "{object}: {body}");
        body["id"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn update(&self, object: &str, id: &str, fields: &Value) {
        let (status, body) = self.send("PATCH", &format!("sobjects/{object}/{id}"), fields);
        assert_eq!(status, 204, "{object} {id}: {body}");
    }

    /// The rows of a query.
    #[track_caller]
    pub(crate) fn query(&self, soql: &str) -> Vec<Value> {
        let mut url = url::Url::parse(&self.url).unwrap();
        url.set_path("/services/data/v67.0/query");
        url.query_pairs_mut().append_pair("q", soql);
        let answer = self.http.get(url).bearer_auth(&self.token).send().unwrap();
        let body: Value = answer.json().unwrap();
        body["records"]
            .as_array()
            .unwrap_or_else(|| panic!("{soql}: {body}"))
            .clone()
    }

    /// The id in the first row of a query.
    #[track_caller]
    pub(crate) fn id(&self, soql: &str) -> String {
        let rows = self.query(soql);
        let id = rows.first().and_then(|row| row["Id"].as_str());
        id.unwrap_or_else(|| panic!("nothing: {soql}")).to_owned()
    }
}
