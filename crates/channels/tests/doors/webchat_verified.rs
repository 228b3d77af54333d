//! Customers whom the organization's own site vouches for.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use headwater_catalogue::Id;
use headwater_records::Input;
use jiff::SignedDuration;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::stage::{Answer, Stage};
use crate::visitor::{API, CONVERSATION, Visitor, post};

const KEY: &str = include_str!("../../../rest/tests/auth/keys/client.key.pem");
const STRANGER_KEY: &str = include_str!("../../../rest/tests/auth/keys/stranger.key.pem");

const ISSUER: &str = "https://shop.example.com";

fn signing(pem: &str) -> EncodingKey {
    EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
}

/// The public half, as a site shows it.
fn public(pem: &str, kid: &str) -> JwkSet {
    let mut key = Jwk::from_encoding_key(&signing(pem), Algorithm::RS256).unwrap();
    key.common.key_id = Some(kid.to_owned());
    JwkSet { keys: vec![key] }
}

fn signed(pem: &str, algorithm: Algorithm, kid: Option<&str>, claims: &Value) -> String {
    let mut header = Header::new(algorithm);
    header.kid = kid.map(str::to_owned);
    jsonwebtoken::encode(&header, claims, &signing(pem)).unwrap()
}

impl Stage {
    async fn web(&self) -> Id {
        self.channel("Web", "EmbeddedMessaging", "web").await
    }

    async fn keyset(&self, channel: Id, name: &str, (field, value): (&str, &str)) {
        let fields: [(&str, Input); 4] = [
            ("DeveloperName", name.into()),
            ("MessagingChannelId", channel.into()),
            ("Issuer", ISSUER.into()),
            (field, value.into()),
        ];
        self.server.create("MessagingKeyset", &fields).await;
    }

    /// A channel whose keyset has the key.
    async fn vouched(&self) -> Id {
        let channel = self.web().await;
        let keys = serde_json::to_string(&public(KEY, "k1")).unwrap();
        self.keyset(channel, "Shop", ("Keys", &keys)).await;
        channel
    }

    fn claims(&self, sub: &str) -> Value {
        let exp = self.server.org().now().as_second() + 300;
        json!({ "iss": ISSUER, "sub": sub, "exp": exp })
    }

    /// What comes of a customer's token.
    async fn admits(&self, token: &str) -> Answer {
        let body = json!({
            "orgId": self.server.org().organization().as_str(), "esDeveloperName": "Web",
            "capabilitiesVersion": "1", "platform": "Web",
            "authorizationType": "JWT", "customerIdentityToken": token,
        });
        let path = format!("{API}/authorization/authenticated/access-token");
        post(self, &path, None, &body).await
    }

    async fn customer(&self, sub: &str) -> Visitor<'_> {
        let token = signed(KEY, Algorithm::RS256, Some("k1"), &self.claims(sub));
        Visitor::of(self, &self.admits(&token).await.expect(200).json())
    }
}

fn subject(answer: &Value) -> &str {
    answer["context"]["endUser"]["subject"].as_str().unwrap()
}

#[tokio::test]
async fn a_customer_who_is_known_has_their_conversations_on_every_device() {
    let stage = Stage::set().await;
    stage.vouched().await;
    let token = signed(KEY, Algorithm::RS512, Some("k1"), &stage.claims("c-17"));
    let answer = stage.admits(&token).await.expect(200).json();
    assert_eq!(subject(&answer), "v2/iamessage/AUTH/Shop/uid:c-17");
    let config = &answer["context"]["configuration"]["embeddedServiceConfig"];
    assert_eq!(
        config["embeddedServiceMessagingChannel"]["authMode"],
        "Auth"
    );
    let phone = Visitor::of(&stage, &answer);
    phone.begins().await;
    phone.writes(1, "From my phone").await.expect(202);
    let soql = "SELECT Message FROM ConversationEntry";
    stage.until(soql, "Message", &["From my phone"]).await;

    let laptop = stage.customer("c-17").await;
    let listed = laptop.get("/conversation/list").await.expect(200).json();
    assert_eq!(listed["conversations"][0]["conversationId"], CONVERSATION);
    let entries = format!("/conversation/{CONVERSATION}/entries");
    assert!(
        laptop
            .get(&entries)
            .await
            .expect(200)
            .text
            .contains("From my phone")
    );

    let other = stage.customer("c-18").await;
    other.get(&entries).await.expect(404);
    let listed = other.get("/conversation/list").await.expect(200).json();
    assert_eq!(listed["openConversationsFound"], 0);
    // A guest who knows the name of it gets no further.
    let guest = Visitor::arrives(&stage).await;
    guest.get(&entries).await.expect(404);
}

#[tokio::test]
async fn who_differs_by_capitals_alone_is_not_taken_for_the_other() {
    let stage = Stage::set().await;
    stage.vouched().await;
    let early = stage.customer("ALICE").await;
    let alice = stage.customer("alice").await;
    alice.begins().await;
    alice.writes(1, "My secret").await.expect(202);
    let token = signed(KEY, Algorithm::RS256, Some("k1"), &stage.claims("Alice"));
    stage.admits(&token).await.expect(409);
    early.get("/conversation/list").await.expect(409);
    let entries = format!("/conversation/{CONVERSATION}/entries");
    early.get(&entries).await.expect(409);
}

#[tokio::test]
async fn a_bad_token_is_refused_with_what_is_wrong_unless_the_deployment_lets_it_in_as_a_guest() {
    let stage = Stage::set().await;
    let channel = stage.vouched().await;
    let good = stage.claims("c-17");
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        signed(KEY, Algorithm::RS256, Some("k1"), &claims)
    };
    let past = stage.server.org().now().as_second();
    let symmetric = {
        let header = Header {
            kid: Some("k1".to_owned()),
            ..Header::new(Algorithm::HS256)
        };
        let secret = EncodingKey::from_secret(b"guessed");
        jsonwebtoken::encode(&header, &good, &secret).unwrap()
    };
    for (token, wanted) in [
        ("nonsense".to_owned(), "it is no JSON Web Token"),
        (symmetric, "its alg must be RS256 or RS512"),
        (signed(KEY, Algorithm::RS256, None, &good), "needs a kid"),
        (
            signed(KEY, Algorithm::RS256, Some("k2"), &good),
            "its kid 'k2' is in no keyset",
        ),
        (
            signed(STRANGER_KEY, Algorithm::RS256, Some("k1"), &good),
            "its signature does not fit its key",
        ),
        (
            with("iss", json!("https://shop.example.com/")),
            "its iss is not",
        ),
        (with("exp", json!(past)), "it is over"),
        (with("nbf", json!(past + 60)), "it does not hold yet"),
        (with("sub", json!("")), "its sub needs"),
        (with("sub", Value::Null), "it needs iss, sub and exp"),
    ] {
        let refused = stage.admits(&token).await.expect(401).json();
        assert_eq!(refused["errorCode"], "INVALID_CUSTOMER_TOKEN");
        let said = refused["message"].as_str().unwrap();
        assert!(said.contains(wanted), "{said}");
    }
    let fields: [(&str, Input); 2] = [
        ("MessagingChannelId", channel.into()),
        ("BadTokenAction", "LetInAsGuest".into()),
    ];
    stage.server.create("WebDeployment", &fields).await;
    let answer = stage.admits("nonsense").await.expect(200).json();
    assert!(subject(&answer).starts_with("v2/iamessage/UNAUTH/NA/uid:"));
}

#[tokio::test]
async fn where_only_those_who_are_known_come_in_a_guest_is_told_so() {
    let stage = Stage::set().await;
    let channel = stage.vouched().await;
    let fields: [(&str, Input); 3] = [
        ("MessagingChannelId", channel.into()),
        ("IsForVerifiedOnly", true.into()),
        ("VerifiedTokenMinutes", 120.into()),
    ];
    stage.server.create("WebDeployment", &fields).await;
    let org = stage.server.org().organization();
    let body = json!({ "orgId": org.as_str(), "esDeveloperName": "Web" });
    let path = format!("{API}/authorization/unauthenticated/access-token");
    let refused = post(&stage, &path, None, &body).await.expect(403).json();
    assert_eq!(refused["errorCode"], "VERIFICATION_REQUIRED");
    let customer = stage.customer("c-17").await;
    stage.server.clock().advance(SignedDuration::from_mins(119));
    customer.get("/conversation/list").await.expect(200);
    stage.server.clock().advance(SignedDuration::from_mins(2));
    customer.get("/conversation/list").await.expect(401);
}

#[tokio::test]
async fn keys_that_lie_elsewhere_are_fetched_and_fetched_again_when_they_change() {
    let stage = Stage::set().await;
    let shown = Arc::new(Mutex::new(public(KEY, "k1")));
    let asked = Arc::new(Mutex::new(0));
    let answer = {
        let (shown, asked) = (Arc::clone(&shown), Arc::clone(&asked));
        move || {
            *asked.lock().unwrap() += 1;
            let keys = serde_json::to_string(&*shown.lock().unwrap()).unwrap();
            std::future::ready(keys)
        }
    };
    let site = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", site.local_addr().unwrap());
    let router = Router::new().route("/keys", get(answer));
    let serving = tokio::spawn(async move { axum::serve(site, router).await });
    let channel = stage.web().await;
    stage.keyset(channel, "Shop", ("KeysUrl", &url)).await;
    stage.customer("c-17").await;
    stage.customer("c-18").await;
    assert_eq!(*asked.lock().unwrap(), 1);

    *shown.lock().unwrap() = public(STRANGER_KEY, "k2");
    let renewed = signed(
        STRANGER_KEY,
        Algorithm::RS256,
        Some("k2"),
        &stage.claims("c-17"),
    );
    // Whoever makes names up does not make us ask each time.
    stage.admits(&renewed).await.expect(401);
    stage.server.clock().advance(SignedDuration::from_secs(31));
    stage.admits(&renewed).await.expect(200);
    assert_eq!(*asked.lock().unwrap(), 2);

    // While there are none to be had, those from before are good.
    serving.abort();
    stage.server.clock().advance(SignedDuration::from_mins(11));
    let later = signed(
        STRANGER_KEY,
        Algorithm::RS256,
        Some("k2"),
        &stage.claims("c-17"),
    );
    stage.admits(&later).await.expect(200);
}

#[tokio::test]
async fn a_login_that_is_ended_is_over_in_all_its_tabs_and_no_other_is() {
    let stage = Stage::set().await;
    stage.vouched().await;
    let (phone, laptop) = (stage.customer("c-17").await, stage.customer("c-17").await);
    let continued = phone.get("/authorization/continuation-access-token").await;
    let tab = continued.expect(200).json()["accessToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let request = Request::delete(format!("{API}/authorization/authenticated/access-token"))
        .header("authorization", format!("Bearer {tab}"))
        .body(Body::empty());
    stage.send(request.unwrap()).await.expect(204);
    phone.get("/conversation/list").await.expect(401);
    laptop.get("/conversation/list").await.expect(200);
}
