//! A server's console, and people who look at it.

use std::sync::Mutex;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use headwater_catalogue::Id;
use headwater_console::{Console, ConsoleSettings};
use headwater_messaging::Messaging;
use headwater_testkit::{ADMIN, PASSWORD, TestServer};
use tower::ServiceExt as _;

/// The console of a test's server.
pub(crate) struct Site {
    pub(crate) server: TestServer,
    pub(crate) router: Router,
    pub(crate) messaging: Messaging,
}

/// A Messaging User with sessions, linked to an account.
pub(crate) struct Jordan {
    pub(crate) test1: Id,
    pub(crate) sample: Id,
    pub(crate) user: Id,
    pub(crate) session: Id,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let server = TestServer::start().await;
        let messaging = Messaging::new(server.org().clone());
        let console = Console::new(messaging.clone(), ConsoleSettings::default());
        Self {
            messaging,
            router: headwater_console::router(console),
            server,
        }
    }

    /// Jordan, whose phone is linked to the wrong account; three sessions.
    pub(crate) async fn jordan(&self) -> Jordan {
        let test1 = self.server.account("Test1").await;
        let sample = self.server.account("Sample").await;
        let channel = self.server.channel("sms").await;
        let user = self
            .server
            .messaging_user(channel, "+12025550147", Some(test1), None)
            .await;
        let sessions = self.server.sessions(channel, user, 3).await;
        Jordan {
            test1,
            sample,
            user,
            session: sessions[0],
        }
    }

    /// A browser in which somebody has signed in.
    pub(crate) async fn browser(&self, username: &str) -> Browser {
        let browser = self.stranger();
        let form = [("username", username), ("password", PASSWORD)];
        let page = browser.post_plain("/login", &form).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        browser
    }

    /// A browser in which an administrator has signed in.
    pub(crate) async fn admin(&self) -> Browser {
        self.browser(ADMIN).await
    }

    /// A browser in which nobody has.
    pub(crate) fn stranger(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookies: Mutex::default(),
        }
    }
}

/// Somebody's browser: it keeps cookies and shows what pages say.
pub(crate) struct Browser {
    router: Router,
    cookies: Mutex<Vec<(String, String)>>,
}

/// What came back.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) async fn open(&self, path: &str) -> Page {
        self.send(self.request("GET", path), String::new()).await
    }

    /// Opens a page that must be there.
    pub(crate) async fn sees(&self, path: &str) -> String {
        let page = self.open(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        page.body
    }

    /// Sends a form with the token that a page of ours puts into it.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Page {
        let token = token_on(&self.sees("/preferences").await);
        let mut all = vec![("form_token", token.as_str())];
        all.extend(form);
        self.post_plain(path, &all).await
    }

    /// Sends a form as it is.
    pub(crate) async fn post_plain(&self, path: &str, form: &[(&str, &str)]) -> Page {
        self.send(self.request("POST", path), encoded(form)).await
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        self.request_of(method, path, "application/x-www-form-urlencoded")
    }

    /// A request with a body of this type.
    pub(crate) fn request_of(
        &self,
        method: &str,
        path: &str,
        media_type: &str,
    ) -> axum::http::request::Builder {
        let cookies = self.cookies.lock().unwrap();
        let cookies: Vec<_> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "headwater.example")
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, media_type)
    }

    pub(crate) async fn send(&self, request: axum::http::request::Builder, body: String) -> Page {
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Page {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    fn keep(&self, cookie: &str) {
        let (pair, rest) = cookie.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        let mut cookies = self.cookies.lock().unwrap();
        cookies.retain(|(known, _)| known != name);
        if !rest.contains("Max-Age=0") {
            cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.cookies.lock().unwrap();
        cookies
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    }

    /// Puts a cookie there, as somebody else might have done.
    pub(crate) fn plant(&self, name: &str, value: &str) {
        self.cookies
            .lock()
            .unwrap()
            .push((name.to_owned(), value.to_owned()));
    }
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Where it sends the browser.
    pub(crate) fn leads_to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.header("location")
    }
}

pub(crate) fn encoded(form: &[(&str, &str)]) -> String {
    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
    encoded.extend_pairs(form);
    encoded.finish()
}

/// The form token that a page carries.
pub(crate) fn token_on(page: &str) -> String {
    value_of(page, "form_token")
}

/// The value of the first control of a name.
pub(crate) fn value_of(page: &str, name: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name} on {page}"));
    rest.split_once('"').unwrap().0.to_owned()
}
