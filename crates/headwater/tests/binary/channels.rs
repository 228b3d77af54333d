//! `headwater channel`: connecting channels to carriers from the command line, with and without a server.

use axum::Router;
use axum::http::Uri;
use serde_json::{Value, json};

use crate::headwater::{Client, Headwater};

/// Telegram's API, as far as a bot needs it to begin: what it is asked last is kept by the answer.
async fn telegram() -> String {
    async fn answer(uri: Uri) -> axum::Json<Value> {
        let is_known = uri.path().starts_with("/bot123456:ABC/");
        axum::Json(match uri.path().rsplit('/').next() {
            Some("getMe") if is_known => {
                json!({ "ok": true, "result": { "username": "shop_bot" } })
            }
            Some("sendMessage" | "setWebhook") if is_known => {
                json!({ "ok": true, "result": { "message_id": 1 } })
            }
            _ => json!({ "ok": false, "error_code": 401, "description": "Unauthorized" }),
        })
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_is_connected_checked_and_tried_while_the_server_runs_and_without_it() {
    let api = telegram().await;
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    let token = headwater.run(&["token", "--user", "admin@headwater.example"]);
    let admin = Client::with(server.url(), token.out.trim());
    let fields = json!({
        "DeveloperName": "Bot", "MasterLabel": "Bot", "MessageType": "Custom",
        "MessagingPlatformKey": "@shop_bot", "IsActive": true,
    });
    let path = "/services/data/v67.0/sobjects/MessagingChannel";
    assert_eq!(admin.send("POST", path, &fields).await.0, 201);

    let telegram = ["channel", "connect", "Bot", "--carrier", "telegram"];
    let connect = [&telegram[..], &["--api-url", &api]].concat();
    let connected = headwater.run_with(&connect, "123456:ABC\n");
    assert_eq!(connected.code, 0, "{}", connected.err);
    assert!(
        connected.out.contains("/channels/Bot/telegram"),
        "{}",
        connected.out
    );
    assert!(!connected.out.contains("ABC"), "{}", connected.out);
    let check = headwater.run(&["channel", "check", "Bot"]);
    assert_eq!(check.code, 5);
    assert!(check.err.contains("public_url"), "{}", check.err);
    let tested = headwater.run(&["channel", "test", "Bot", "42"]);
    assert_eq!(
        (tested.code, tested.out.as_str()),
        (0, "the carrier has taken the test\n")
    );
    server.stop();

    let wrong = headwater.run_with(&connect, "123456:DEF\n");
    assert_eq!(wrong.code, 0, "{}", wrong.err);
    let tested = headwater.run(&["channel", "test", "Bot", "42"]);
    assert_eq!(tested.code, 5);
    assert!(tested.err.contains("401: Unauthorized"), "{}", tested.err);
    let channels = headwater.json(&["channel", "list"]);
    let bot = channels
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "Bot")
        .unwrap();
    assert_eq!(bot["state"], "failing");
    assert_eq!(bot["failure"], "401: Unauthorized");
    // Kept when nothing is said of it.
    let kept = headwater.run(&connect);
    assert_eq!(kept.code, 0, "{}", kept.err);
}

#[test]
fn what_a_carrier_wants_is_asked_for_and_what_cannot_be_is_refused() {
    let headwater = Headwater::new();
    headwater.serve(&["--demo"]).stop();
    let refusals: [(&[&str], &str, i32, &str); 5] = [
        (&["Nowhere"], "secret\n", 5, "no MessagingChannel"),
        (&["Web_Chat"], "secret\n", 5, "no carrier here serves"),
        (&["WhatsApp_Main"], "secret\n", 2, "Twilio, WhatsApp"),
        (&["Text_US", "--key", "SID"], "secret\n", 5, "begin with AC"),
        (
            &["Facebook_Page", "--key", "105"],
            "token\n",
            5,
            "App secret: enter",
        ),
    ];
    for (arguments, secrets, code, text) in refusals {
        let mut all = vec!["channel", "connect"];
        all.extend(arguments);
        let said = headwater.run_with(&all, secrets);
        assert_eq!(said.code, code, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(text), "{arguments:?}: {}", said.err);
    }
    let whole = [
        "channel",
        "connect",
        "WhatsApp_Main",
        "--carrier",
        "whatsapp",
        "--key",
        "106",
    ];
    let said = headwater.run_with(&whole, "token\napp-secret\n");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.contains("/channels/WhatsApp_Main/meta"),
        "{}",
        said.out
    );
    assert!(said.out.contains("verify token"), "{}", said.out);
    assert!(!said.out.contains("secret"), "{}", said.out);
}
