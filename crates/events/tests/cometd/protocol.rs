//! Bayeux: shaking hands, connecting, leaving, and what clients of Salesforce stumble over.

use axum::body::Body;
use axum::http::Request;
use headwater_testkit::{ADMIN, AGENT};
use serde_json::json;

use crate::stage::{ACCOUNTS, Stage, ask, handshake, released, request};

#[tokio::test]
async fn a_handshake_says_what_is_offered_and_names_the_client() {
    let stage = Stage::set().await;
    let token = stage.server.token(AGENT).await;
    let answer = stage.send(Some(&token), &handshake()).await;
    let reply = &answer[0];
    assert_eq!(reply["channel"], "/meta/handshake");
    assert_eq!(reply["id"], "1");
    assert_eq!(reply["successful"], true);
    assert_eq!(reply["version"], "1.0");
    assert_eq!(reply["supportedConnectionTypes"], json!(["long-polling"]));
    assert_eq!(
        reply["ext"],
        json!({ "replay": true, "payload.format": true })
    );
    assert_eq!(reply["clientId"].as_str().unwrap().len(), 32);
    let other = stage.send(Some(&token), &handshake()).await;
    assert_ne!(reply["clientId"], other[0]["clientId"]);
}

#[tokio::test]
async fn a_client_that_cannot_poll_is_told_what_is_offered() {
    let stage = Stage::set().await;
    let token = stage.server.token(AGENT).await;
    let mut message = handshake();
    message[0]["supportedConnectionTypes"] = json!(["websocket"]);
    let reply = &stage.send(Some(&token), &message).await[0];
    assert_eq!(reply["successful"], false);
    assert_eq!(reply["supportedConnectionTypes"], json!(["long-polling"]));
}

#[tokio::test]
async fn the_first_connect_is_answered_at_once_and_says_how_to_come_back() {
    let stage = Stage::set().await;
    let token = stage.server.token(AGENT).await;
    let id = stage.send(Some(&token), &handshake()).await[0]["clientId"].clone();
    let connect = json!([{ "channel": "/meta/connect", "clientId": id, "id": "2" }]);
    let answer = stage.send(Some(&token), &connect).await;
    assert_eq!(
        answer,
        [json!({
            "channel": "/meta/connect", "id": "2", "clientId": id, "successful": true,
            "advice": { "reconnect": "retry", "interval": 0, "timeout": 110_000 },
        })]
    );
}

#[tokio::test]
async fn a_connect_hangs_until_something_happens_and_brings_it() {
    let stage = Stage::set().await;
    let account = stage.server.account("Sample").await;
    let subscriber = stage.subscriber(AGENT).await;
    subscriber.subscribed(ACCOUNTS, None).await;
    let hanging = subscriber.hanging().await;
    let path = format!("Account/{account}");
    stage
        .change(ADMIN, &path, json!({ "Phone": "+1 555 0100" }))
        .await;
    let answer = released(hanging).await;
    assert_eq!(answer.len(), 2, "{answer:?}");
    assert_eq!(answer[0]["channel"], ACCOUNTS);
    assert_eq!(answer[0]["data"]["payload"]["Phone"], "+1 555 0100");
    assert_eq!(answer[1]["channel"], "/meta/connect");
}

/// The first part of the trap: aiosfstream waits for its connect after it has said goodbye.
#[tokio::test]
async fn a_connect_that_hangs_is_answered_when_the_client_leaves() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    subscriber.subscribed(ACCOUNTS, None).await;
    let hanging = subscriber.hanging().await;
    let answer = subscriber
        .send(&json!([subscriber.message("/meta/disconnect")]))
        .await;
    assert_eq!(answer[0]["successful"], true);
    assert_eq!(answer[0]["clientId"], subscriber.id);
    let answer = released(hanging).await;
    assert_eq!(answer.len(), 1);
    assert_eq!(answer[0]["successful"], true);
    // And it is gone.
    let answer = subscriber.connect().await;
    assert_eq!(answer[0]["error"], "403::Unknown client");
}

/// The second part: faye asks for a web socket first, and only a polite refusal makes it poll.
#[tokio::test]
async fn a_web_socket_is_refused_politely() {
    let stage = Stage::set().await;
    for path in ["/cometd/62.0", "/cometd/62.0/"] {
        let upgrade = Request::get(path)
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .body(Body::empty())
            .unwrap();
        let (status, headers, text) = ask(&stage.router, upgrade).await;
        assert_eq!(status, 405, "{path}");
        assert_eq!(headers["allow"], "POST");
        assert!(text.contains("long polling"), "{text}");
    }
}

/// The third part: faye puts connect and subscribe into one request and waits for both.
#[tokio::test]
async fn a_connect_that_comes_with_a_subscription_is_answered_with_it() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    let batch = json!([
        subscriber.connecting(),
        subscriber.subscribing(ACCOUNTS, None)
    ]);
    let answer = subscriber.send(&batch).await;
    let channels: Vec<_> = answer
        .iter()
        .map(|reply| reply["channel"].clone())
        .collect();
    assert_eq!(channels, ["/meta/subscribe", "/meta/connect"]);
    assert!(answer.iter().all(|reply| reply["successful"] == true));
    stage.server.account("Sample").await;
    subscriber.events(1).await;
}

#[tokio::test]
async fn a_second_connect_takes_the_place_of_the_first() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    subscriber.subscribed(ACCOUNTS, None).await;
    let first = subscriber.hanging().await;
    let second = subscriber.hanging().await;
    assert_eq!(released(first).await.len(), 1);
    stage.server.account("Sample").await;
    assert_eq!(released(second).await.len(), 2);
}

#[tokio::test]
async fn what_is_subscribed_while_a_connect_hangs_counts_for_it() {
    let stage = Stage::set().await;
    stage.server.account("Sample").await;
    let subscriber = stage.subscriber(AGENT).await;
    let hanging = subscriber.hanging().await;
    subscriber.subscribed(ACCOUNTS, Some(-2)).await;
    assert_eq!(released(hanging).await.len(), 2);
}

#[tokio::test]
async fn a_channel_that_was_left_tells_nothing() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    subscriber.subscribed(ACCOUNTS, None).await;
    let mut message = subscriber.message("/meta/unsubscribe");
    message["subscription"] = ACCOUNTS.into();
    let answer = subscriber.send(&json!([message])).await;
    assert_eq!(answer[0]["successful"], true);
    assert_eq!(answer[0]["subscription"], ACCOUNTS);
    let witness = stage.subscriber(AGENT).await;
    witness.subscribed(ACCOUNTS, None).await;
    stage.server.account("Sample").await;
    witness.events(1).await;
    assert_eq!(subscriber.events_now().await.len(), 0);
}

#[tokio::test]
async fn connects_are_answered_when_the_server_ends() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(AGENT).await;
    let hanging = subscriber.hanging().await;
    stage.events.close();
    assert_eq!(released(hanging).await[0]["successful"], true);
}

#[tokio::test]
async fn nothing_is_published_here_and_no_other_meta_channel_is_known() {
    let stage = Stage::set().await;
    let subscriber = stage.subscriber(ADMIN).await;
    let mut message = subscriber.message(ACCOUNTS);
    message["data"] = json!({ "x": 1 });
    let answer = subscriber
        .send(&json!([message, subscriber.message("/meta/x")]))
        .await;
    assert_eq!(
        answer[0]["error"],
        "403:denied_by_security_policy:publish_denied"
    );
    assert_eq!(
        answer[1]["error"],
        "403:denied_by_security_policy:unknown_channel"
    );
}

#[tokio::test]
async fn a_body_that_is_no_bayeux_and_a_version_that_is_none_are_refused() {
    let stage = Stage::set().await;
    let (status, _, text) = ask(&stage.router, request(None, &json!(7))).await;
    assert_eq!(status, 400, "{text}");
    assert!(
        text.contains("must be a JSON array of Bayeux messages"),
        "{text}"
    );
    let odd = Request::post("/cometd/latest")
        .body(Body::from("[]"))
        .unwrap();
    assert_eq!(ask(&stage.router, odd).await.0, 404);
    let long = Request::post("/cometd/62.0")
        .body(Body::from(vec![b' '; 65 * 1024]))
        .unwrap();
    assert_eq!(ask(&stage.router, long).await.0, 413);
}

/// CometD's own clients put the end of the message's channel behind the address.
#[tokio::test]
async fn the_address_may_say_what_the_message_is_about() {
    let stage = Stage::set().await;
    let token = stage.server.token(AGENT).await;
    for path in [
        "/cometd/62.0/",
        "/cometd/62.0/handshake",
        "/cometd/replay/36.0",
    ] {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(handshake().to_string()))
            .unwrap();
        let (status, _, text) = ask(&stage.router, request).await;
        assert_eq!(status, 200, "{path}");
        assert!(text.contains(r#""successful":true"#), "{text}");
    }
}
