//! What the server answered, and what a test says about it.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as it came, unpacked.
    pub bytes: Vec<u8>,
    asked: String,
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let asked = response.url().to_string();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let bytes = response.bytes().await.expect("the body arrives whole");
        Self {
            status,
            headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.into(),
            asked,
        }
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.text) {
            Ok(value) => value,
            Err(error) => panic!("{}: no JSON ({error}):\n{}", self.asked, self.text),
        }
    }

    /// A header's text; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// Says which status it has; gives the JSON body, or null when there is no body.
    ///
    /// # Panics
    /// When it has another, with the body.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}:\n{}", self.asked, self.text);
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// Says that it is one error with this status and code; gives its message.
    ///
    /// # Panics
    /// When it is anything else.
    #[track_caller]
    pub fn expect_error(&self, status: u16, code: &str) -> String {
        let body = self.expect(status);
        let Some([error]) = body.as_array().map(Vec::as_slice) else {
            panic!("{}: not one error:\n{}", self.asked, self.text);
        };
        assert_eq!(error["errorCode"], code, "{}:\n{}", self.asked, self.text);
        error["message"].as_str().unwrap_or_default().to_owned()
    }

    /// The `records` of a query's answer, which must be 200.
    ///
    /// # Panics
    /// When it is anything else.
    #[track_caller]
    pub fn records(&self) -> Vec<Value> {
        let body = self.expect(200);
        match body["records"].as_array() {
            Some(records) => records.clone(),
            None => panic!("{}: no records:\n{}", self.asked, self.text),
        }
    }
}
