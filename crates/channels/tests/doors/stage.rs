//! A server that listens to carriers and web clients, and one request to it.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use headwater_catalogue::Id;
use headwater_channels::{ChannelSettings, Channels, router};
use headwater_messaging::{Message, Messaging, NewAccount};
use headwater_records::login::Secret;
use headwater_records::{Caller, Input, Table};
use headwater_testkit::{AGENT, TestServer};
use serde_json::Value;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

const PATIENCE: Duration = Duration::from_secs(20);

/// What opens carriers' APIs, and what they sign with.
pub(crate) const SECRET: &str = "123456:secret";
pub(crate) const APP_SECRET: &str = "app-secret-1";

/// Where the agents' messages are.
pub(crate) const STATUS: &str =
    "SELECT MessageStatus FROM ConversationEntry WHERE ActorType = 'Agent' ORDER BY Seq";

/// Why they did not go out.
pub(crate) const REASON: &str =
    "SELECT MessageStatusCode FROM ConversationEntry WHERE ActorType = 'Agent' ORDER BY Seq";

/// All that was said.
pub(crate) const ENTRIES: &str = "SELECT Message FROM ConversationEntry ORDER BY EntryTime, Seq";

/// What carriers call this server.
pub(crate) const PUBLIC_URL: &str = "https://chat.example.com";

pub(crate) struct Stage {
    pub(crate) server: TestServer,
    pub(crate) messaging: Messaging,
    pub(crate) router: Router,
    working: JoinHandle<()>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::set_with(ChannelSettings::default()).await
    }

    /// With these limits.
    pub(crate) async fn set_with(settings: ChannelSettings) -> Self {
        let server = TestServer::start().await;
        let messaging = Messaging::new(server.org().clone());
        let settings = ChannelSettings {
            public_url: Some(PUBLIC_URL.to_owned()),
            ..settings
        };
        let channels = Channels::new(messaging.clone(), settings).unwrap();
        let works = messaging.clone();
        let working = tokio::spawn(async move { works.follow().await });
        Self {
            router: router(channels),
            server,
            messaging,
            working,
        }
    }

    pub(crate) async fn channel(&self, name: &str, kind: &str, key: &str) -> Id {
        let fields: [(&str, Input); 5] = [
            ("DeveloperName", name.into()),
            ("MasterLabel", name.into()),
            ("MessageType", kind.into()),
            ("MessagingPlatformKey", key.into()),
            ("IsActive", true.into()),
        ];
        self.server.create("MessagingChannel", &fields).await
    }

    /// Connects a channel to a carrier that is played at an address.
    pub(crate) async fn connect(&self, channel: Id, carrier: &str, key: &str, api: &str) {
        let account = NewAccount {
            carrier: carrier.to_owned(),
            key: key.to_owned(),
            api_url: Some(api.to_owned()),
            messages_per_second_max: None,
            secret: Some(Secret::new(SECRET)),
            signing_secret: Some(Secret::new(APP_SECRET)),
        };
        let system = self.server.org().system();
        let connected = self.messaging.connect_channel(&system, channel, &account);
        connected.await.unwrap();
    }

    /// What the carrier of a channel shows that it knows us by.
    pub(crate) async fn verify_token(&self, channel: Id) -> String {
        let account = self.messaging.account(channel).await.unwrap().unwrap();
        account.verify_token.unwrap().expose().to_owned()
    }

    /// An agent answers in the only session.
    pub(crate) async fn agent_says(&self, text: &str) -> Result<Id, headwater_messaging::Error> {
        let message = Message {
            text: text.to_owned(),
            ..Message::default()
        };
        self.agent_sends(&message).await
    }

    pub(crate) async fn agent_sends(
        &self,
        message: &Message,
    ) -> Result<Id, headwater_messaging::Error> {
        let (agent, session) = (self.agent().await, self.session().await);
        self.messaging.send(&agent, &session, message).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Answer {
            status,
            headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn agent(&self) -> Caller {
        let user = self.server.user(AGENT).await;
        self.server.org().caller(user).await.unwrap()
    }

    pub(crate) async fn rows(&self, soql: &str) -> Table {
        let org = self.server.org();
        org.browse(&org.system(), soql, None, 200).await.unwrap()
    }

    /// Looks until a query's column holds these.
    pub(crate) async fn until(&self, soql: &str, path: &str, wanted: &[&str]) {
        let mut found: Vec<String> = Vec::new();
        let looking = async {
            loop {
                let table = self.rows(soql).await;
                found = table.rows().map(|row| row.text(path).to_owned()).collect();
                if found == wanted {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let looked = tokio::time::timeout(PATIENCE, looking).await;
        assert!(looked.is_ok(), "{path} is {found:?}, not {wanted:?}");
    }

    /// The same while time goes on, a few seconds at each look: for what is tried again, and was put off
    /// at a moment that a test does not see. No faster, or whoever is at it would seem to be gone.
    pub(crate) async fn until_in_time(&self, soql: &str, path: &str, wanted: &[&str]) {
        let mut found: Vec<String> = Vec::new();
        let looking = async {
            loop {
                let table = self.rows(soql).await;
                found = table.rows().map(|row| row.text(path).to_owned()).collect();
                if found == wanted {
                    return;
                }
                self.server
                    .clock()
                    .advance(jiff::SignedDuration::from_secs(5));
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let looked = tokio::time::timeout(PATIENCE, looking).await;
        assert!(looked.is_ok(), "{path} is {found:?}, not {wanted:?}");
    }

    pub(crate) async fn session(&self) -> String {
        let table = self.rows("SELECT Id FROM MessagingSession").await;
        table.first().unwrap().id("Id").unwrap().to_string()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.working.abort();
    }
}
