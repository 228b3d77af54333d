//! The HTTP calls.

use std::time::Duration;

use reqwest::{Certificate, Method, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;

use crate::error::{Error, Refusal};
use crate::explanation::{Explanation, Explanations};
use crate::links::{Order, Report};

/// The public client every server knows.
const CLIENT_ID: &str = "PlatformCLI";

/// The version of Salesforce's REST API that look-ups are written for.
const QUERY: &str = "/services/data/v60.0/query";

/// Where our own calls live.
const OURS: &str = "/services/headwater/v1";

const ANSWER_SECONDS_MAX: u64 = 60;

/// A server's address, and how to trust it.
#[derive(Debug, Clone)]
pub struct Server {
    http: reqwest::Client,
    base: Url,
}

/// Who logs in.
#[derive(Clone)]
pub struct Credentials {
    /// The user's `Username`.
    pub username: String,
    /// Their password.
    pub password: String,
}

/// A server with somebody logged in.
#[derive(Clone)]
pub struct Client {
    server: Server,
    token: String,
}

impl Server {
    /// A server at an address such as `http://127.0.0.1:8080`, trusting the system's certificates
    /// and these (PEM) as well.
    ///
    /// # Errors
    /// [`Error::Address`] and [`Error::Certificates`].
    pub fn new(address: &str, certificates: Option<&[u8]>) -> Result<Self, Error> {
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("headwater-relink/", env!("CARGO_PKG_VERSION")))
            .timeout(Duration::from_secs(ANSWER_SECONDS_MAX));
        if let Some(pem) = certificates {
            let more = Certificate::from_pem_bundle(pem);
            http = http.tls_certs_merge(more.map_err(|e| Error::Certificates(chain(&e)))?);
        }
        Ok(Self {
            base: base(address)?,
            http: http.build().map_err(|e| Error::Certificates(chain(&e)))?,
        })
    }

    /// Logs in with username and password by OAuth's password flow.
    ///
    /// # Errors
    /// [`Error::LoginRefused`], or that the server does not answer.
    pub async fn log_in(self, who: &Credentials) -> Result<Client, Error> {
        let form = [
            ("grant_type", "password"),
            ("client_id", CLIENT_ID),
            ("username", &who.username),
            ("password", &who.password),
        ];
        let request = self
            .http
            .post(self.address("/services/oauth2/token"))
            .form(&form);
        let response = self.send(request).await?;
        let granted = response.status().is_success();
        let answer: Token = self.read(response).await?;
        match answer.granted {
            Some(token) if granted => Ok(self.with_token(token)),
            _ => Err(Error::LoginRefused(answer.problem())),
        }
    }

    /// Uses an access token that somebody made before.
    pub fn with_token(self, token: String) -> Client {
        Client {
            server: self,
            token,
        }
    }

    fn address(&self, path: &str) -> Url {
        let mut address = self.base.clone();
        let base = address.path().trim_end_matches('/').to_owned();
        address.set_path(&format!("{base}{path}"));
        address
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Error> {
        request.send().await.map_err(|error| Error::Unreachable {
            server: self.base.to_string(),
            cause: chain(&error.without_url()),
        })
    }

    async fn read<T: DeserializeOwned>(&self, response: Response) -> Result<T, Error> {
        let bytes = response.bytes().await.map_err(|error| Error::Unreachable {
            server: self.base.to_string(),
            cause: chain(&error.without_url()),
        })?;
        serde_json::from_slice(&bytes).map_err(|error| self.not_understood(&error.to_string()))
    }

    fn not_understood(&self, problem: &str) -> Error {
        Error::NotUnderstood {
            server: self.base.to_string(),
            problem: problem.to_owned(),
        }
    }
}

impl Client {
    /// The rows of a query, its first page.
    ///
    /// # Errors
    /// That the server refuses or does not answer.
    pub async fn query(&self, soql: &str) -> Result<Vec<Map<String, Value>>, Error> {
        #[derive(Deserialize)]
        struct Page {
            records: Vec<Map<String, Value>>,
        }
        let address = self.server.address(QUERY);
        let request = self
            .server
            .http
            .request(Method::GET, address)
            .query(&[("q", soql)]);
        let page: Page = self.call(request).await?;
        Ok(page.records)
    }

    /// Relinks Messaging Users, or says what that would do.
    ///
    /// # Errors
    /// That the server refuses or does not answer.
    pub async fn relink(&self, order: &Order) -> Result<Report, Error> {
        let request = self.request(Method::POST, &["relinks"]).json(order);
        self.call(request).await
    }

    /// Undoes a relink.
    ///
    /// # Errors
    /// That the server refuses or does not answer.
    pub async fn undo(&self, relink: &str) -> Result<Report, Error> {
        let request = self.request(Method::POST, &["relinks", relink, "undo"]);
        self.call(request)
            .await
            .map_err(|error| naming(error, || format!("relink {relink}")))
    }

    /// Why each field of an object, or of one record, can or cannot be edited.
    ///
    /// # Errors
    /// That the server refuses or does not answer.
    pub async fn explain(&self, object: &str, record: Option<&str>) -> Result<Explanations, Error> {
        let path: Vec<_> = ["explain", object].into_iter().chain(record).collect();
        let answer = self.call(self.request(Method::GET, &path)).await;
        answer.map_err(|error| naming(error, || of(object, record)))
    }

    /// Why one field can or cannot be edited.
    ///
    /// # Errors
    /// That the server refuses or does not answer.
    pub async fn explain_field(
        &self,
        object: &str,
        record: Option<&str>,
        field: &str,
    ) -> Result<Explanation, Error> {
        let path = ["explain", object].into_iter().chain(record).chain([field]);
        let answer = self
            .call(self.request(Method::GET, &path.collect::<Vec<_>>()))
            .await;
        answer.map_err(|error| naming(error, || of(object, record)))
    }

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let mut address = self.server.address(OURS);
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.extend(path);
        }
        self.server.http.request(method, address)
    }

    async fn call<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Error> {
        let response = self.server.send(request.bearer_auth(&self.token)).await?;
        let status = response.status();
        if status.is_success() {
            return self.server.read(response).await;
        }
        let kind = status.canonical_reason().unwrap_or("an error");
        match self.server.read::<Vec<Refusal>>(response).await {
            Ok(problems) if is_lost_session(status, &problems) => Err(Error::TokenRefused),
            Ok(problems) => Err(Error::Refused {
                status: status.as_u16(),
                problems,
            }),
            Err(unreachable @ Error::Unreachable { .. }) => Err(unreachable),
            Err(_) => Err(self
                .server
                .not_understood(&format!("{} {kind}", status.as_u16()))),
        }
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("server", &self.server.base.as_str())
            .finish_non_exhaustive()
    }
}

/// The answer of the token endpoint, granted or not.
#[derive(Deserialize)]
struct Token {
    #[serde(rename = "access_token")]
    granted: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

impl Token {
    fn problem(self) -> String {
        let problem = self.error_description.or(self.error);
        match problem.as_deref() {
            Some("authentication failure" | "invalid_grant") => {
                "username or password is wrong, or the user is not active".to_owned()
            }
            Some(other) => other.to_owned(),
            None => "the server did not say why".to_owned(),
        }
    }
}

fn base(address: &str) -> Result<Url, Error> {
    let wrong = |problem: &str| Error::Address {
        address: address.to_owned(),
        problem: problem.to_owned(),
    };
    let base = Url::parse(address).map_err(|error| wrong(&error.to_string()))?;
    match base.scheme() {
        _ if base.host().is_none() => Err(wrong("it names no host")),
        "http" | "https" => Ok(base),
        _ => Err(wrong("it begins with neither http:// nor https://")),
    }
}

fn is_lost_session(status: StatusCode, problems: &[Refusal]) -> bool {
    status == StatusCode::UNAUTHORIZED
        && problems
            .iter()
            .any(|p| p.error_code == "INVALID_SESSION_ID")
}

fn of(object: &str, record: Option<&str>) -> String {
    match record {
        Some(record) => format!("{object} {record}"),
        None => format!("object '{object}'"),
    }
}

/// A 404 of the server names nothing; here it is known what was asked for.
fn naming(error: Error, what: impl FnOnce() -> String) -> Error {
    match error {
        Error::Refused { status: 404, .. } => Error::NotThere(what()),
        other => other,
    }
}

/// The innermost cause says most ("connection refused"), the outer ones only repeat the call.
fn chain(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
