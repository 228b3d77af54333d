//! A server with a channel of text messages, and a carrier that does as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use headwater_catalogue::Id;
use headwater_messaging::{
    Accepted, Arrival, Carrier, Fetching, Inbound, Media, Messaging, NewFile, Outgoing, Sending,
    Undelivered,
};
use headwater_records::{Caller, Input, Table};
use headwater_testkit::{AGENT, TestServer};
use tokio::task::JoinHandle;

/// What a test waits for at most.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Stage {
    pub(crate) server: TestServer,
    pub(crate) messaging: Messaging,
    pub(crate) channel: Id,
    pub(crate) carrier: Told,
    node: Node,
}

/// A node at work on an org. It is gone in the middle of what it does when it is dropped.
pub(crate) struct Node {
    pub(crate) messaging: Messaging,
    working: JoinHandle<()>,
}

impl Node {
    pub(crate) fn of(server: &TestServer, carrier: &Told) -> Self {
        let messaging = Messaging::new(server.org().clone());
        messaging.connect(Box::new(carrier.clone()));
        let works = messaging.clone();
        let working = tokio::spawn(async move { works.follow().await });
        Self { messaging, working }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.working.abort();
    }
}

/// A carrier that answers what it was told to, and takes all else.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    pub(crate) taken: Arc<Mutex<Vec<Outgoing>>>,
    pub(crate) failures: Arc<Mutex<VecDeque<Undelivered>>>,
}

/// A message as a carrier hands it over, by its id.
pub(crate) fn written(from: &str, id: &str, text: &str, name: Option<&str>) -> Inbound {
    Inbound {
        event: id.to_owned(),
        address: from.to_owned(),
        phone: None,
        what: Arrival::Message {
            id: id.to_owned(),
            text: text.to_owned(),
            name: name.map(str::to_owned),
            conversation: None,
        },
    }
}

impl Carrier for Told {
    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            if let Some(failure) = self.failures.lock().unwrap().pop_front() {
                return Err(failure);
            }
            let mut taken = self.taken.lock().unwrap();
            taken.push(outgoing.clone());
            Ok(format!("SM{}", taken.len()))
        })
    }

    fn fetch<'a>(&'a self, _channel: Id, media: &'a Media) -> Fetching<'a> {
        Box::pin(async move {
            if let Some(failure) = self.failures.lock().unwrap().pop_front() {
                return Err(failure);
            }
            let bytes = media.reference.as_bytes();
            let file = NewFile::new(&media.reference, "image/png", bytes);
            Ok(file.unwrap())
        })
    }

    fn introduce(&self, _channel: Id) -> Sending<'_> {
        Box::pin(async { Ok("Told".to_owned()) })
    }
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::set_with(&[]).await
    }

    /// With these fields of the channel.
    pub(crate) async fn set_with(fields: &[(&str, Input)]) -> Self {
        let server = TestServer::start().await;
        let mut all: Vec<(&str, Input)> = vec![
            ("DeveloperName", "Texts".into()),
            ("MasterLabel", "Texts".into()),
            ("MessageType", "Text".into()),
            ("MessagingPlatformKey", "+12025550100".into()),
            ("IsoCountryCode", "US".into()),
            ("IsActive", true.into()),
        ];
        all.extend(fields.iter().cloned());
        let channel = server.create("MessagingChannel", &all).await;
        let carrier = Told::default();
        let node = Node::of(&server, &carrier);
        Self {
            messaging: node.messaging.clone(),
            server,
            channel,
            carrier,
            node,
        }
    }

    /// The node is gone, and another one begins where it was.
    pub(crate) fn fails(&mut self) {
        self.node = Node::of(&self.server, &self.carrier);
        self.messaging = self.node.messaging.clone();
    }

    /// The whole server is gone, and begins again on what it has left.
    pub(crate) async fn crashes(self) -> Self {
        let Self {
            server,
            channel,
            carrier,
            node,
            ..
        } = self;
        drop(node);
        let server = server.restart().await;
        let node = Node::of(&server, &carrier);
        Self {
            messaging: node.messaging.clone(),
            server,
            channel,
            carrier,
            node,
        }
    }

    /// A message of a customer.
    pub(crate) async fn writes(&self, from: &str, id: &str, text: &str) -> Accepted {
        let inbound = written(from, id, text, None);
        self.messaging.accept(self.channel, &inbound).await.unwrap()
    }

    pub(crate) async fn agent(&self) -> Caller {
        let user = self.server.user(AGENT).await;
        self.server.org().caller(user).await.unwrap()
    }

    pub(crate) async fn rows(&self, soql: &str) -> Table {
        let org = self.server.org();
        org.browse(&org.system(), soql, None, 200).await.unwrap()
    }

    /// The texts of a column.
    pub(crate) async fn texts(&self, soql: &str, path: &str) -> Vec<String> {
        let table = self.rows(soql).await;
        table.rows().map(|row| row.text(path).to_owned()).collect()
    }

    /// Looks until a query's column holds these.
    #[track_caller]
    pub(crate) fn until<'a>(
        &'a self,
        soql: &'a str,
        path: &'a str,
        wanted: &'a [&'a str],
    ) -> impl std::future::Future<Output = ()> + 'a {
        let place = std::panic::Location::caller();
        async move {
            let mut found = Vec::new();
            let looking = async {
                loop {
                    found = self.texts(soql, path).await;
                    if found == wanted {
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            let looked = tokio::time::timeout(PATIENCE, looking).await;
            assert!(
                looked.is_ok(),
                "{place}: {path} is {found:?}, not {wanted:?}"
            );
        }
    }
}
