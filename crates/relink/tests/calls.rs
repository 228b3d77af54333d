//! The client against a server that answers what each test says.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use headwater_relink::{Change, Client, Credentials, Error, Order, Server, resolve};
use serde_json::{Value, json};

/// A server on a loopback port that answers the given status and body to every call, and what it
/// was asked.
async fn answering(status: u16, body: Value) -> (String, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let router = Router::new().fallback(move |method: Method, uri: Uri, text: String| async move {
        seen.lock().unwrap().push(format!("{method} {uri} {text}"));
        (StatusCode::from_u16(status).unwrap(), body.to_string())
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, asked)
}

fn server(address: &str) -> Server {
    // Another test may have been first; which one does not matter.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Server::new(address, None).unwrap()
}

async fn client(status: u16, body: Value) -> (Client, Arc<Mutex<Vec<String>>>) {
    let (address, asked) = answering(status, body).await;
    (server(&address).with_token("00D!x".to_owned()), asked)
}

fn rows(records: &[Value]) -> Value {
    json!({"totalSize": records.len(), "done": true, "records": records})
}

#[tokio::test]
async fn a_login_sends_the_public_client_and_gives_a_client() {
    let (address, asked) = answering(200, json!({"access_token": "00D!x"})).await;
    let who = Credentials {
        username: "admin@headwater.example".to_owned(),
        password: "p&w".to_owned(),
    };
    server(&address).log_in(&who).await.unwrap();
    let asked = asked.lock().unwrap();
    assert!(asked[0].starts_with("POST /services/oauth2/token"));
    assert!(asked[0].contains("client_id=PlatformCLI"));
    assert!(asked[0].contains("password=p%26w"));
}

#[tokio::test]
async fn a_refused_login_says_what_is_wrong() {
    let body = json!({"error": "invalid_grant", "error_description": "authentication failure"});
    let (address, _) = answering(400, body).await;
    let who = Credentials {
        username: "nobody".to_owned(),
        password: "x".to_owned(),
    };
    let error = server(&address).log_in(&who).await.unwrap_err();
    assert!(
        error.to_string().contains("username or password is wrong"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_to_be_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = server(&address).with_token("x".to_owned());
    let error = client.query("SELECT Id FROM Account").await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains(&address));
}

#[tokio::test]
async fn an_address_without_a_scheme_is_refused() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    for address in ["localhost:8080", "127.0.0.1", "ftp://host", ""] {
        let error = Server::new(address, None).unwrap_err();
        assert!(matches!(error, Error::Address { .. }), "{address}: {error}");
    }
}

#[tokio::test]
async fn an_ended_session_is_told_from_other_refusals() {
    let body =
        json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]);
    let (client, _) = client(401, body).await;
    let error = client.undo("HW1000000000001AAA").await.unwrap_err();
    assert!(matches!(error, Error::TokenRefused), "{error}");
}

#[tokio::test]
async fn a_refusal_carries_the_servers_words_and_code() {
    let body = json!([{"message": "not yours", "errorCode": "INSUFFICIENT_ACCESS", "fields": []}]);
    let (client, _) = client(403, body).await;
    let error = client.relink(&Order::default()).await.unwrap_err();
    assert_eq!(error.code(), Some("INSUFFICIENT_ACCESS"));
    assert_eq!(error.to_string(), "not yours");
}

#[tokio::test]
async fn an_answer_of_another_kind_of_server_is_not_understood() {
    let (client, _) = client(502, json!({"oops": true})).await;
    let error = client.relink(&Order::default()).await.unwrap_err();
    assert!(error.to_string().contains("502 Bad Gateway"), "{error}");
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let body =
        json!([{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]);
    let (client, _) = client(404, body).await;
    let said = |error: Error| error.to_string();
    assert_eq!(
        said(client.explain("Nope", None).await.unwrap_err()),
        "there is no object 'Nope', or you may not see it"
    );
    assert_eq!(
        said(
            client
                .explain_field("Case", Some("500x"), "Name")
                .await
                .unwrap_err()
        ),
        "there is no Case 500x, or you may not see it"
    );
    assert_eq!(
        said(client.undo("HW1x").await.unwrap_err()),
        "there is no relink HW1x, or you may not see it"
    );
}

#[tokio::test]
async fn a_number_without_its_country_is_looked_for_by_its_end() {
    let (client, asked) = client(200, rows(&[])).await;
    let error = resolve::messaging_user(&client, "(202) 555-0147")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no Messaging User '(202) 555-0147'"
    );
    let asked = asked.lock().unwrap();
    assert!(
        asked.last().unwrap().contains("LIKE+%27%252025550147%27"),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_record_in_a_path_cannot_name_another_path() {
    let (client, asked) = client(404, json!([])).await;
    client.undo("../../x?y").await.unwrap_err();
    let asked = asked.lock().unwrap();
    assert!(asked[0].starts_with("POST /services/headwater/v1/relinks/..%2F..%2Fx%3Fy/undo"));
}

#[tokio::test]
async fn an_account_is_found_by_its_name() {
    let (client, asked) = client(
        200,
        rows(&[json!({"Id": "001000000000001AAA", "Name": "Test1"})]),
    )
    .await;
    let change = resolve::account(&client, Some("Test1")).await.unwrap();
    assert_eq!(change, Change::Set("001000000000001AAA".to_owned()));
    assert!(asked.lock().unwrap()[0].contains("FROM+Account+WHERE+Name+%3D+%27Test1%27"));
}

#[tokio::test]
async fn a_name_of_several_accounts_lists_them() {
    let found = [
        json!({"Id": "001000000000001AAA", "Name": "Test1", "BillingCity": "Basel"}),
        json!({"Id": "001000000000002AAA", "Name": "Test1", "BillingCity": "Bern"}),
    ];
    let (client, _) = client(200, rows(&found)).await;
    let error = resolve::account(&client, Some("Test1")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "'Test1' names 2 accounts; say which by its id:\n  \
         001000000000001AAA  Test1, Basel\n  001000000000002AAA  Test1, Bern"
    );
}

#[tokio::test]
async fn a_name_of_nobody_says_so() {
    let (client, asked) = client(200, rows(&[])).await;
    let error = resolve::contact(&client, Some("Ada")).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no contact 'Ada'");
    assert_eq!(
        asked.lock().unwrap().len(),
        2,
        "the name, then names like it"
    );
}

#[tokio::test]
async fn none_and_ids_and_absence_ask_nothing() {
    let (client, asked) = client(500, json!([])).await;
    assert_eq!(
        resolve::contact(&client, Some("none")).await.unwrap(),
        Change::Clear
    );
    assert_eq!(resolve::contact(&client, None).await.unwrap(), Change::Keep);
    let id = "003000000000001AAA";
    assert_eq!(
        resolve::contact(&client, Some(id)).await.unwrap(),
        Change::Set(id.to_owned())
    );
    assert_eq!(
        resolve::messaging_user(&client, "0PA000000000001AAA")
            .await
            .unwrap(),
        "0PA000000000001AAA"
    );
    assert!(asked.lock().unwrap().is_empty());
}
