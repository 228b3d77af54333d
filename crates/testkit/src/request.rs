//! A request under construction.

use serde_json::Value;

use crate::answer::Answer;
use crate::server::TestServer;

/// A request under construction; [`TestRequest::send`] ends it.
#[derive(Debug)]
#[must_use = "nothing happens before `send`"]
pub struct TestRequest<'s> {
    server: &'s TestServer,
    request: reqwest::RequestBuilder,
    user: Option<String>,
}

impl<'s> TestRequest<'s> {
    pub(crate) fn new(server: &'s TestServer, request: reqwest::RequestBuilder) -> Self {
        Self {
            server,
            request,
            user: None,
        }
    }

    /// With an access token of this user: [`crate::ADMIN`], [`crate::AGENT`], [`crate::VIEWER`].
    pub fn as_(mut self, username: &str) -> Self {
        self.user = Some(username.to_owned());
        self
    }

    /// With this access token.
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With a parameter in the query string, encoded here.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.query(&[(name, value)]);
        self
    }

    /// With a JSON body.
    pub fn json(mut self, body: &Value) -> Self {
        self.request = self.request.json(body);
        self
    }

    /// With a form body.
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        self.request = self.request.form(fields);
        self
    }

    /// With this body as it is.
    pub fn body(mut self, media_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.request = self.request.header("content-type", media_type).body(body);
        self
    }

    /// Sends it and reads the whole answer.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn send(self) -> Answer {
        let request = match self.user {
            Some(user) => {
                let token = self.server.token(&user).await;
                self.request.bearer_auth(token)
            }
            None => self.request,
        };
        let response = request.send().await.expect("the server answers");
        Answer::read(response).await
    }
}
