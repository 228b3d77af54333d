//! Visitors who ask too often.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use headwater_channels::ChannelSettings;
use jiff::SignedDuration;
use serde_json::json;

use crate::stage::{Answer, Stage};
use crate::visitor::{API, Visitor, web};

/// A token is asked for, from behind a proxy that names the address.
async fn asks_from(stage: &Stage, address: &str) -> Answer {
    let org = stage.server.org().organization();
    let body = json!({ "orgId": org.as_str(), "esDeveloperName": "Web" });
    let request = Request::post(format!("{API}/authorization/unauthenticated/access-token"))
        .header("content-type", "application/json")
        .header("x-forwarded-for", format!("198.51.100.9, {address}"))
        .body(Body::from(body.to_string()));
    stage.send(request.unwrap()).await
}

#[tokio::test]
async fn a_visitor_who_asks_too_often_is_told_when_to_come_back_and_no_other_is() {
    let settings = ChannelSettings {
        visitor_requests_per_minute_max: 3,
        ..ChannelSettings::default()
    };
    let stage = Stage::set_with(settings).await;
    web(&stage).await;
    let (hasty, calm) = (
        Visitor::arrives(&stage).await,
        Visitor::arrives(&stage).await,
    );
    for _ in 0..3 {
        hasty.get("/conversation/list").await.expect(200);
    }
    let refused = hasty.get("/conversation/list").await.expect(429);
    assert_eq!(refused.json()["errorCode"], "TOO_MANY_REQUESTS");
    let seconds: i64 = refused.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    calm.get("/conversation/list").await.expect(200);
    stage
        .server
        .clock()
        .advance(SignedDuration::from_secs(seconds));
    hasty.get("/conversation/list").await.expect(200);
}

#[tokio::test]
async fn an_address_gets_so_many_tokens_a_minute() {
    let settings = ChannelSettings {
        address_tokens_per_minute_max: 2,
        forwarded_headers_trusted: true,
        ..ChannelSettings::default()
    };
    let stage = Stage::set_with(settings).await;
    web(&stage).await;
    for address in ["2001:db8::1", "2001:db8::2"] {
        asks_from(&stage, address).await.expect(200);
    }
    // One who has an address of this kind has all of its block.
    asks_from(&stage, "2001:db8::3").await.expect(429);
    asks_from(&stage, "2001:db8:1::1").await.expect(200);
    asks_from(&stage, "203.0.113.7").await.expect(200);
}

#[tokio::test]
async fn all_requests_from_an_address_count_and_a_header_that_is_not_trusted_says_nothing() {
    let settings = ChannelSettings {
        address_requests_per_minute_max: 2,
        ..ChannelSettings::default()
    };
    let stage = Stage::set_with(settings).await;
    web(&stage).await;
    let asks = async |forwarded: &str| {
        let mut request = Request::get(format!("{API}/conversation/list"))
            .header("x-forwarded-for", forwarded)
            .body(Body::empty())
            .unwrap();
        let peer = SocketAddr::from(([203, 0, 113, 7], 4_711));
        request.extensions_mut().insert(ConnectInfo(peer));
        stage.send(request).await
    };
    asks("198.51.100.1").await.expect(401);
    asks("198.51.100.2").await.expect(401);
    asks("198.51.100.3").await.expect(429);
}
