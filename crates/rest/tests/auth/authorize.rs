//! The login page and the codes it leads to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use headwater_records::login::NewApp;
use headwater_testkit::{AGENT, Answer, PASSWORD, TestServer};
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{CALLBACK, app, expect_refusal, opens, secret, text, token};

const VERIFIER: &str = "a-verifier-of-more-than-forty-three-characters-in-all";
const LOOPBACK: &str = "http://localhost:1717/OauthRedirect";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// Somebody's browser with the login page open.
pub(crate) struct Browser<'s> {
    server: &'s TestServer,
    page: Answer,
    cookie: String,
}

/// Where the browser was sent.
pub(crate) struct Sent(Answer);

impl<'s> Browser<'s> {
    /// Opens the page for an app with the tests' callback. `more` is more of the query string.
    pub(crate) async fn open(server: &'s TestServer, client_id: &str, more: &str) -> Self {
        let more = format!("&redirect_uri={CALLBACK}{more}");
        Self::open_at(server, client_id, &more).await
    }

    async fn open_at(server: &'s TestServer, client_id: &str, more: &str) -> Self {
        let query = format!("response_type=code&client_id={client_id}{more}");
        let page = server
            .get(&format!("/services/oauth2/authorize?{query}"))
            .send()
            .await;
        let cookie = page
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        Self {
            server,
            page,
            cookie,
        }
    }

    /// The values of the page's hidden fields.
    fn fields(&self) -> Vec<(String, String)> {
        let hidden = self
            .page
            .text
            .split("<input type=\"hidden\" name=\"")
            .skip(1);
        hidden
            .map(|rest| {
                let (name, rest) = rest.split_once("\" value=\"").expect("a value");
                let value = rest.split_once('"').expect("its end").0;
                (name.to_owned(), value.replace("&amp;", "&"))
            })
            .collect()
    }

    /// Answers the page.
    async fn answer(&self, more: &[(&str, &str)]) -> Sent {
        let fields = self.fields();
        let mut form: Vec<_> = fields
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        form.extend_from_slice(more);
        let request = self.server.post("/services/oauth2/authorize").form(&form);
        Sent(request.header("cookie", &self.cookie).send().await)
    }

    /// Logs in and allows.
    pub(crate) async fn allow(&self, username: &str, password: &str) -> Sent {
        let form = [
            ("username", username),
            ("password", password),
            ("answer", "allow"),
        ];
        self.answer(&form).await
    }
}

impl Sent {
    #[track_caller]
    fn address(&self) -> Url {
        self.0.expect(302);
        Url::parse(self.0.header("location")).expect("an address")
    }

    #[track_caller]
    fn parameter(&self, name: &str) -> Option<String> {
        let address = self.address();
        let mut pairs = address.query_pairs();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The authorization code.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        self.parameter("code").expect("there is a code")
    }
}

fn redeeming<'a>(code: &'a str, verifier: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("client_id", "PlatformCLI"),
        ("code", code),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", verifier),
    ]
}

/// As Salesforce's command line opens it: a challenge that does not say how it is made.
async fn command_line(server: &TestServer) -> Browser<'_> {
    let more = format!(
        "&redirect_uri=http%3A%2F%2Flocalhost%3A1717%2FOauthRedirect&scope=refresh_token%20api%20\
         web&state=a%26b&prompt=login&code_challenge={}",
        challenge()
    );
    Browser::open_at(server, "PlatformCLI", &more).await
}

#[tokio::test]
async fn the_command_line_logs_in_through_the_browser() {
    let server = TestServer::start().await;
    let browser = command_line(&server).await;
    browser.page.expect(200);
    let sent = browser.allow(AGENT, PASSWORD).await;
    assert!(
        sent.0
            .header("location")
            .starts_with("http://localhost:1717/OauthRedirect?code=")
    );
    assert_eq!(sent.parameter("state").as_deref(), Some("a&b"));
    let body = token(&server, &redeeming(&sent.code(), VERIFIER))
        .await
        .expect(200);
    assert!(opens(&server, text(&body, "access_token")).await);
    assert!(!text(&body, "refresh_token").is_empty());
    assert_eq!(body["scope"], "refresh_token api web");
}

#[tokio::test]
async fn the_page_is_whole_without_script_and_kept_by_nobody() {
    let server = TestServer::start().await;
    let page = command_line(&server).await.page;
    assert!(!page.text.contains("<script") && !page.text.contains("javascript:"));
    assert!(!page.text.contains("style=\"") && !page.text.contains(" onclick"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(policy.contains("form-action 'self' http://localhost:1717;"));
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let cookie = page.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn a_wrong_password_shows_the_page_again_with_the_name_filled_in() {
    let server = TestServer::start().await;
    let browser = command_line(&server).await;
    let again = browser.allow(AGENT, "wrong").await.0;
    again.expect(403);
    assert!(
        again
            .text
            .contains("role=\"alert\">Please check your user name and password")
    );
    assert!(again.text.contains(&format!("value=\"{AGENT}\"")));
    assert!(!again.text.contains("wrong"));
}

#[tokio::test]
async fn denying_is_told_the_app() {
    let server = TestServer::start().await;
    let sent = command_line(&server)
        .await
        .answer(&[("answer", "deny")])
        .await;
    assert_eq!(sent.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(sent.parameter("state").as_deref(), Some("a&b"));
    assert_eq!(sent.parameter("code"), None);
}

#[tokio::test]
async fn a_form_from_elsewhere_logs_nobody_in() {
    let server = TestServer::start().await;
    let mut browser = command_line(&server).await;
    let cookie = std::mem::take(&mut browser.cookie);
    let without_cookie = browser.allow(AGENT, PASSWORD).await.0;
    assert_eq!(without_cookie.status, 403);
    browser.cookie = cookie.chars().rev().collect();
    assert_eq!(browser.allow(AGENT, PASSWORD).await.0.status, 403);
    browser.cookie = format!("headwater-login={}", "x".repeat(32));
    assert_eq!(browser.allow(AGENT, PASSWORD).await.0.status, 403);
    browser.cookie = cookie;
    assert_eq!(browser.allow(AGENT, PASSWORD).await.0.status, 302);
}

#[tokio::test]
async fn the_browser_is_sent_to_no_address_that_the_app_did_not_register() {
    let server = TestServer::start().await;
    app(
        &server,
        NewApp {
            client_id: Some("web".to_owned()),
            ..NewApp::default()
        },
    )
    .await;
    for (client, redirect) in [
        ("web", "https://evil.example/callback"),
        ("web", "https://app.example/callback/more"),
        ("web", "https://app.example.evil.example/callback"),
        ("web", "http://localhost:1717/OauthRedirect"),
        ("PlatformCLI", "http://localhost:1717/Other"),
        ("PlatformCLI", "http://evil.example:1717/OauthRedirect"),
        ("PlatformCLI", "javascript:alert(1)"),
    ] {
        let answer = server
            .get("/services/oauth2/authorize")
            .query("response_type", "code")
            .query("client_id", client)
            .query("redirect_uri", redirect)
            .send()
            .await;
        answer.expect(400);
        assert_eq!(answer.header("location"), "");
        assert!(answer.text.contains("redirect_uri_mismatch"), "{redirect}");
    }
    let unknown = Browser::open(&server, "nobody", "").await.page;
    unknown.expect(400);
    assert!(unknown.text.contains("invalid_client_id"));
}

#[tokio::test]
async fn an_address_that_would_run_as_script_is_no_callback_even_if_registered() {
    let server = TestServer::start().await;
    let app = app(
        &server,
        NewApp {
            client_id: Some("web".to_owned()),
            ..NewApp::default()
        },
    )
    .await;
    let path = format!(
        "/services/data/v67.0/sobjects/ConnectedApplication/{}",
        app.id
    );
    let bad = serde_json::json!({ "CallbackUrls": "javascript:alert(1)\nhttp://evil.example/cb" });
    server
        .patch(&path)
        .as_(headwater_testkit::ADMIN)
        .json(&bad)
        .send()
        .await
        .expect(204);
    for redirect in ["javascript:alert(1)", "http://evil.example/cb"] {
        let answer = server
            .get("/services/oauth2/authorize")
            .query("response_type", "code")
            .query("client_id", "web")
            .query("redirect_uri", redirect)
            .send()
            .await;
        answer.expect(400);
        assert_eq!(answer.header("location"), "");
    }
}

#[tokio::test]
async fn a_native_program_may_listen_on_any_port() {
    let server = TestServer::start().await;
    let more = format!(
        "&redirect_uri=http://localhost:54321/OauthRedirect&code_challenge={}",
        challenge()
    );
    let browser = Browser::open_at(&server, "PlatformCLI", &more).await;
    let sent = browser.allow(AGENT, PASSWORD).await;
    assert_eq!(sent.address().port(), Some(54321));
}

#[tokio::test]
async fn what_is_wrong_with_the_request_is_told_the_app() {
    let server = TestServer::start().await;
    app(
        &server,
        NewApp {
            client_id: Some("web".to_owned()),
            ..NewApp::default()
        },
    )
    .await;
    let good = format!("&code_challenge={}", challenge());
    for (more, error) in [
        ("&code_challenge=x", "invalid_request"),
        ("&scope=sudo", "invalid_scope"),
        ("&prompt=none", "login_required"),
        (
            &format!("{good}&code_challenge_method=plain"),
            "invalid_request",
        ),
    ] {
        let page = Browser::open(&server, "web", &format!("{more}&state=s"))
            .await
            .page;
        let sent = Sent(page);
        assert_eq!(sent.parameter("error").as_deref(), Some(error), "{more}");
        assert_eq!(sent.parameter("state").as_deref(), Some("s"));
    }
    let more = "&redirect_uri=http://localhost:1717/OauthRedirect";
    let page = Browser::open_at(&server, "PlatformCLI", more).await.page;
    let sent = Sent(page);
    let text = "this app must send a code_challenge (PKCE)";
    assert_eq!(sent.parameter("error_description").as_deref(), Some(text));
    let path = format!("/services/oauth2/authorize?client_id=web&redirect_uri={CALLBACK}");
    let sent = Sent(
        server
            .get(&format!("{path}&response_type=magic"))
            .send()
            .await,
    );
    assert_eq!(
        sent.parameter("error").as_deref(),
        Some("unsupported_response_type")
    );
}

#[tokio::test]
async fn a_code_takes_its_verifier_its_app_and_its_address() {
    let server = TestServer::start().await;
    let other = app(&server, NewApp::default()).await;
    let code = command_line(&server)
        .await
        .allow(AGENT, PASSWORD)
        .await
        .code();
    let answer = token(&server, &redeeming(&code, "another-verifier")).await;
    expect_refusal(&answer, 400, "invalid_grant", "invalid code verifier");
    let mut form = redeeming(&code, VERIFIER).to_vec();
    form.pop();
    let answer = token(&server, &form).await;
    expect_refusal(&answer, 400, "invalid_grant", "invalid code verifier");
    let mut form = redeeming(&code, VERIFIER);
    form[3].1 = "http://localhost:1718/OauthRedirect";
    let answer = token(&server, &form).await;
    let text = "redirect_uri must match configuration";
    expect_refusal(&answer, 400, "redirect_uri_mismatch", text);
    let mut form = redeeming(&code, VERIFIER).to_vec();
    form[1].1 = &other.client_id;
    form.push(("client_secret", secret(&other)));
    let answer = token(&server, &form).await;
    expect_refusal(&answer, 400, "invalid_grant", "expired authorization code");
    token(&server, &redeeming(&code, VERIFIER))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes() {
    let server = TestServer::start().await;
    let code = command_line(&server)
        .await
        .allow(AGENT, PASSWORD)
        .await
        .code();
    server.clock().advance(SignedDuration::from_mins(10));
    let answer = token(&server, &redeeming(&code, VERIFIER)).await;
    expect_refusal(&answer, 400, "invalid_grant", "expired authorization code");
}

#[tokio::test]
async fn a_code_that_comes_again_ends_all_that_came_of_it() {
    let server = TestServer::start().await;
    server.expect_log("came again");
    let code = command_line(&server)
        .await
        .allow(AGENT, PASSWORD)
        .await
        .code();
    let body = token(&server, &redeeming(&code, VERIFIER))
        .await
        .expect(200);
    assert!(opens(&server, text(&body, "access_token")).await);
    let answer = token(&server, &redeeming(&code, VERIFIER)).await;
    expect_refusal(&answer, 400, "invalid_grant", "expired authorization code");
    assert!(!opens(&server, text(&body, "access_token")).await);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "PlatformCLI"),
        ("refresh_token", text(&body, "refresh_token")),
    ];
    let answer = token(&server, &form).await;
    expect_refusal(
        &answer,
        400,
        "invalid_grant",
        "expired access/refresh token",
    );
}

#[tokio::test]
async fn the_user_agent_flow_gives_the_token_in_the_fragment() {
    let server = TestServer::start().await;
    app(
        &server,
        NewApp {
            client_id: Some("web".to_owned()),
            ..NewApp::default()
        },
    )
    .await;
    let path = format!(
        "/services/oauth2/authorize?client_id=web&redirect_uri={CALLBACK}&response_type=token\
         &state=s&scope=api%20refresh_token"
    );
    let page = server.get(&path).send().await;
    let cookie = page
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let browser = Browser {
        server: &server,
        page,
        cookie,
    };
    let address = browser.allow(AGENT, PASSWORD).await.address();
    assert_eq!(address.query(), None);
    let fragment = address.fragment().unwrap().to_owned();
    let pairs: std::collections::HashMap<String, String> =
        url::form_urlencoded::parse(fragment.as_bytes())
            .into_owned()
            .collect();
    assert!(opens(&server, &pairs["access_token"]).await);
    assert_eq!(pairs["state"], "s");
    assert_eq!(pairs["instance_url"], server.url());
    assert!(!pairs.contains_key("refresh_token"));
}

#[tokio::test]
async fn an_app_with_a_secret_shows_it_with_the_code() {
    let server = TestServer::start().await;
    let new = NewApp {
        client_id: Some("web".to_owned()),
        ..NewApp::default()
    };
    let app = app(&server, new).await;
    let code = Browser::open(&server, "web", "")
        .await
        .allow(AGENT, PASSWORD)
        .await
        .code();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "web"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
    ];
    let answer = token(&server, &form).await;
    expect_refusal(&answer, 400, "invalid_client", "invalid client credentials");
    let mut form = form.to_vec();
    form.push(("client_secret", secret(&app)));
    token(&server, &form).await.expect(200);
}

#[tokio::test]
async fn of_two_that_redeem_a_code_at_the_same_moment_none_keeps_a_session() {
    let server = TestServer::start().await;
    server.expect_log("came again");
    let code = command_line(&server)
        .await
        .allow(AGENT, PASSWORD)
        .await
        .code();
    let form = redeeming(&code, VERIFIER);
    let (one, other) = tokio::join!(token(&server, &form), token(&server, &form));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    let winner = if one.status == 200 { one } else { other };
    assert!(!opens(&server, text(&winner.json(), "access_token")).await);
}
