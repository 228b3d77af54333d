//! Letting callers in, through HTTP: each way to log in, each way to be refused.

mod assertion;
mod authorize;
mod bearer;
mod client_credentials;
mod console;
mod identity;
mod password;
mod refresh;
mod revoke;
mod soap;

use headwater_records::login::{AddedApp, NewApp};
use headwater_testkit::{Answer, PASSWORD, TestServer};
use serde_json::Value;

/// Where apps of these tests get their codes.
const CALLBACK: &str = "https://app.example/callback";

/// A resource that takes an access token.
const RESOURCE: &str = "/services/data/v67.0/limits";

/// Asks for tokens.
async fn token(server: &TestServer, form: &[(&str, &str)]) -> Answer {
    server
        .post("/services/oauth2/token")
        .form(form)
        .send()
        .await
}

/// What the command line logs in with.
fn password_form<'a>(username: &'a str, password: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("grant_type", "password"),
        ("client_id", "PlatformCLI"),
        ("username", username),
        ("password", password),
    ]
}

/// Logs in as the command line does.
async fn log_in(server: &TestServer, username: &str, password: &str) -> Answer {
    token(server, &password_form(username, password)).await
}

/// An access token got by password.
async fn access_token(server: &TestServer, username: &str) -> String {
    let body = log_in(server, username, PASSWORD).await.expect(200);
    text(&body, "access_token").to_owned()
}

/// Whether an access token opens the API.
async fn opens(server: &TestServer, token: &str) -> bool {
    let answer = server.get(RESOURCE).token(token).send().await;
    if answer.status == 200 {
        return true;
    }
    answer.expect_error(401, "INVALID_SESSION_ID");
    false
}

/// An app with a secret and what else a test wants.
async fn app(server: &TestServer, new: NewApp) -> AddedApp {
    let org = server.org();
    let new = NewApp {
        name: if new.name.is_empty() {
            "Test app".to_owned()
        } else {
            new.name.clone()
        },
        with_secret: true,
        callbacks: vec![CALLBACK.to_owned()],
        allows_password: true,
        ..new
    };
    org.add_app(&org.system(), new).await.expect("an app")
}

fn secret(app: &AddedApp) -> &str {
    app.secret.as_ref().expect("the app has a secret").expose()
}

#[track_caller]
fn text<'v>(body: &'v Value, key: &str) -> &'v str {
    body[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {body}"))
}

/// Says that the answer is OAuth's error object.
#[track_caller]
fn expect_refusal(answer: &Answer, status: u16, error: &str, description: &str) {
    let body = answer.expect(status);
    assert_eq!(body["error"], error, "{body}");
    assert_eq!(body["error_description"], description, "{body}");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[test]
fn all_of_this_on_postgres() {
    headwater_testpostgres::run_again_on_postgres();
}
