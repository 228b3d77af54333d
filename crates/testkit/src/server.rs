//! The server of one test.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use headwater_catalogue::{Catalogue, Id};
use headwater_messaging::Messaging;
use headwater_records::Org;
use headwater_records::login::{Grant, LoginSettings, Scopes};
use headwater_rest::{RestSettings, RestState};
use headwater_store::{Location, Options, Store};
use headwater_testpostgres::Home;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tracing::instrument::WithSubscriber as _;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::clock::{SeededRandomness, TestClock};
use crate::log::Complaints;
use crate::request::TestRequest;

/// Holds every right.
pub const ADMIN: &str = "admin@headwater.example";
/// A support agent.
pub const AGENT: &str = "agent@headwater.example";
/// May read and nothing else.
pub const VIEWER: &str = "viewer@headwater.example";
/// The password of all three.
pub const PASSWORD: &str = "correct horse 1";

/// When every test begins: 2026-01-15, noon.
///
/// # Panics
/// Never.
pub fn start_of_time() -> Timestamp {
    Timestamp::from_second(1_768_478_400).expect("a second jiff can count")
}

/// What a test may want otherwise.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The door's limits.
    pub rest: RestSettings,
    /// The store's limits. Not durable unless the test says so: a test's machine does not lose
    /// its power.
    pub store: Options,
    /// Logging in. Passwords are hashed cheaply.
    pub login: LoginSettings,
    /// Where randomness begins.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rest: RestSettings::default(),
            store: Options {
                durable: false,
                cache_bytes: 2 << 20,
                ..Options::default()
            },
            login: LoginSettings {
                password_hash_memory_kib: 8,
                password_hash_passes: 1,
                ..LoginSettings::default()
            },
            seed: 1,
        }
    }
}

/// A server on a loopback port with a database, clock and randomness of its own.
#[derive(Debug)]
pub struct TestServer {
    org: Org,
    clock: Arc<TestClock>,
    address: SocketAddr,
    client: reqwest::Client,
    serving: JoinHandle<()>,
    tokens: Mutex<HashMap<String, String>>,
    complaints: Complaints,
    expected: Mutex<Vec<String>>,
    settings: Settings,
    home: Option<Home>,
}

impl TestServer {
    /// A server with three users and nothing else.
    pub async fn start() -> Self {
        Self::start_with(Settings::default()).await
    }

    /// A server that is set up otherwise.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_with(settings: Settings) -> Self {
        let home = tokio::task::spawn_blocking(home);
        let home = home.await.expect("a place for the test");
        let clock = Arc::new(TestClock::at(start_of_time()));
        let server = Self::open(settings, home, clock).await;
        server.make_users().await;
        server
    }

    /// Stops the server and starts it again on the same database, at the same time by its clock.
    ///
    /// # Panics
    /// When it complained, or does not start.
    pub async fn restart(mut self) -> Self {
        self.serving.abort();
        self.org.store().close();
        let home = self.home.take().expect("a running server has one");
        let (settings, clock) = (self.settings.clone(), Arc::clone(&self.clock));
        self.check_log();
        drop(self);
        Self::open(settings, home, clock).await
    }

    async fn open(settings: Settings, home: Home, clock: Arc<TestClock>) -> Self {
        let location = match &home {
            Home::Directory(directory) => Location::Sqlite(directory.path().join("headwater.db")),
            Home::Database(database) => Location::Postgres(database.url().to_owned()),
        };
        let (for_org, by) = (settings.clone(), Arc::clone(&clock));
        let org = tokio::task::spawn_blocking(move || open(&location, for_org, by));
        let org = org.await.expect("opening does not panic");
        let complaints = Complaints::default();
        let (address, serving) = serve(&org, &settings.rest, &complaints).await;
        // Installed already by the second test of a process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            org,
            clock,
            address,
            client,
            serving,
            tokens: Mutex::default(),
            complaints,
            expected: Mutex::default(),
            settings,
            home: Some(home),
        }
    }

    async fn make_users(&self) {
        let people = [
            (ADMIN, "Admin", "System Administrator", None),
            (AGENT, "Agent", "Support Agent", None),
            (VIEWER, "Viewer", "Minimum Access", Some("Read_Only")),
        ];
        for (username, name, profile, permission_set) in people {
            self.make_user(username, name, profile, permission_set)
                .await;
        }
    }

    /// Makes a user with the password [`PASSWORD`].
    ///
    /// # Panics
    /// When there is no such profile or permission set.
    pub async fn make_user(
        &self,
        username: &str,
        name: &str,
        profile: &str,
        permission_set: Option<&str>,
    ) -> Id {
        let profile = self.id_of("Profile", "Name", profile);
        let fields = [
            ("Username", username.into()),
            ("Email", username.into()),
            ("LastName", name.into()),
            ("Alias", name.chars().take(8).collect::<String>().into()),
            ("ProfileId", profile.into()),
            ("TimeZoneSidKey", "GMT".into()),
            ("LocaleSidKey", "en_US".into()),
            ("LanguageLocaleKey", "en_US".into()),
            ("EmailEncodingKey", "UTF-8".into()),
        ];
        let user = self.create("User", &fields).await;
        let system = self.org.system();
        let set = self.org.set_password(&system, user, PASSWORD).await;
        set.expect("the password is set");
        if let Some(permission_set) = permission_set {
            let permission_set = self.id_of("PermissionSet", "Name", permission_set);
            let fields = [
                ("AssigneeId", user.into()),
                ("PermissionSetId", permission_set.into()),
            ];
            self.create("PermissionSetAssignment", &fields).await;
        }
        user
    }

    /// The data below the server.
    pub fn org(&self) -> &Org {
        &self.org
    }

    /// The server's clock.
    pub fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// An access token of this user, the same each time.
    ///
    /// # Panics
    /// When there is no such user.
    pub async fn token(&self, username: &str) -> String {
        if let Some(token) = self.known_token(username) {
            return token;
        }
        let user = self.user(username).await;
        let grant = Grant {
            user,
            app: None,
            scopes: Scopes::parse("full"),
        };
        let issued = self.org.issue_token(&grant).await.expect("a token");
        let token = issued.access_token.expose().to_owned();
        let mut known = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(username.to_owned(), token.clone());
        token
    }

    fn known_token(&self, username: &str) -> Option<String> {
        let known = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(username).cloned()
    }

    /// The id of a user.
    ///
    /// # Panics
    /// When there is none.
    pub async fn user(&self, username: &str) -> Id {
        let user = self
            .org
            .active_user(username)
            .await
            .expect("users are read");
        user.unwrap_or_else(|| panic!("there is no user {username}"))
    }

    /// A request; `path` begins with a slash.
    ///
    /// # Panics
    /// When `method` is no HTTP method.
    pub fn request(&self, method: &str, path: &str) -> TestRequest<'_> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let url = format!("{}{path}", self.url());
        TestRequest::new(self, self.client.request(method, url))
    }

    /// A GET request.
    pub fn get(&self, path: &str) -> TestRequest<'_> {
        self.request("GET", path)
    }

    /// A POST request.
    pub fn post(&self, path: &str) -> TestRequest<'_> {
        self.request("POST", path)
    }

    /// A PATCH request.
    pub fn patch(&self, path: &str) -> TestRequest<'_> {
        self.request("PATCH", path)
    }

    /// A PUT request.
    pub fn put(&self, path: &str) -> TestRequest<'_> {
        self.request("PUT", path)
    }

    /// A DELETE request.
    pub fn delete(&self, path: &str) -> TestRequest<'_> {
        self.request("DELETE", path)
    }

    /// A SOQL query over REST.
    pub fn query(&self, soql: &str) -> TestRequest<'_> {
        self.get("/services/data/v67.0/query").query("q", soql)
    }

    /// Lets the server complain with a line that holds this text.
    pub fn expect_log(&self, text: &str) {
        let mut expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        expected.push(text.to_owned());
    }

    fn id_of(&self, object: &str, field: &str, value: &str) -> Id {
        let soql = format!("SELECT Id FROM {object} WHERE {field} = '{value}'");
        let query = self.org.resolve(&self.org.system(), &soql);
        let query = query.expect("the query is right");
        let rows = self.org.store().read_rows_blocking(&query);
        let rows = rows.expect("rows are read");
        let id = rows.first().and_then(|row| row.first()?.as_id());
        id.unwrap_or_else(|| panic!("there is no {object} with {field} {value}"))
    }

    fn check_log(&self) {
        let expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        let unexpected: Vec<_> = self
            .complaints
            .lines()
            .into_iter()
            .filter(|line| !expected.iter().any(|text| line.contains(text)))
            .collect();
        assert!(
            unexpected.is_empty(),
            "the server complained:\n{}",
            unexpected.join("\n")
        );
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.serving.abort();
        // A test that fails already has a better reason. One without a home was checked.
        if !std::thread::panicking() && self.home.is_some() {
            self.check_log();
        }
    }
}

/// A place that may hold an org already, as it is when it was only just founded.
fn home() -> Home {
    Home::like("an org", |url| {
        let clock = Arc::new(TestClock::at(start_of_time()));
        let org = open(
            &Location::Postgres(url.to_owned()),
            Settings::default(),
            clock,
        );
        org.store().close();
    })
}

fn open(location: &Location, settings: Settings, clock: Arc<TestClock>) -> Org {
    let catalogue = Arc::new(Catalogue::built_in().expect("the catalogue holds together"));
    let store = Store::open(location, catalogue, settings.store).expect("a store");
    let randomness = Arc::new(SeededRandomness::of(settings.seed));
    Org::open_with(store, clock, randomness, settings.login).expect("an org")
}

/// Serves on a port of the system's choice, each request under a subscriber that hears it
/// complain.
async fn serve(
    org: &Org,
    settings: &RestSettings,
    complaints: &Complaints,
) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let subscriber = tracing_subscriber::registry().with(complaints.clone());
    let dispatch = tracing::Dispatch::new(subscriber);
    let state = RestState::new(Messaging::new(org.clone()), settings.clone());
    let router =
        headwater_rest::router(state).layer(from_fn(move |request: Request, next: Next| {
            next.run(request).with_subscriber(dispatch.clone())
        }));
    let serving = tokio::spawn(async move {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        if let Err(error) = axum::serve(listener, service).await {
            panic!("the server stopped: {error}");
        }
    });
    (address, serving)
}
