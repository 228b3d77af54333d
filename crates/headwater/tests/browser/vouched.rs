//! A customer who is signed in on the organization's own site, with the chat window on its pages.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use headwater_testbrowser::{Look, Window};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

use crate::chat::{CHAT, said, writes};
use crate::stage::Stage;

const KEY: &str = include_str!("../../../rest/tests/auth/keys/client.key.pem");
const ISSUER: &str = "https://shop.example.com";

/// A site of another origin. Who is signed in there is what its lock holds; nobody at first.
struct Site {
    url: String,
    signed_in: Arc<Mutex<Option<&'static str>>>,
}

impl Site {
    fn open(chat: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let signed_in = Arc::new(Mutex::new(None));
        let page = format!(
            "<!doctype html><html lang=\"en\"><title>Shop</title><main><h1>Shop</h1></main>\
             <script src=\"{chat}/widget.js\" data-deployment=\"Web_Chat\" data-open \
             data-token-url=\"/chat-token\"></script></html>"
        );
        let who = Arc::clone(&signed_in);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let token = who.lock().unwrap().map(token).unwrap_or_default();
                // A browser that has gone away has nothing to be told.
                let _ = answer(connection, &page, &token);
            }
        });
        Self { url, signed_in }
    }
}

fn answer(mut connection: TcpStream, page: &str, token: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(&connection).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let (media_type, body) = match first.split(' ').nth(1) {
        Some("/") => ("text/html; charset=utf-8", page),
        Some("/chat-token") => ("text/plain", token),
        _ => ("text/plain", ""),
    };
    write!(
        connection,
        "HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

fn token(customer: &str) -> String {
    let header = Header {
        kid: Some("k1".to_owned()),
        ..Header::new(Algorithm::RS256)
    };
    // The year 2100.
    let claims = json!({ "iss": ISSUER, "sub": customer, "exp": 4_102_444_800_i64 });
    let key = EncodingKey::from_rsa_pem(KEY.as_bytes()).unwrap();
    jsonwebtoken::encode(&header, &claims, &key).unwrap()
}

fn keyset(stage: &Stage) {
    let key = EncodingKey::from_rsa_pem(KEY.as_bytes()).unwrap();
    let mut key = Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
    key.common.key_id = Some("k1".to_owned());
    let channel = stage
        .admin
        .id("SELECT Id FROM MessagingChannel WHERE DeveloperName = 'Web_Chat'");
    let keyset = json!({
        "MessagingChannelId": channel, "DeveloperName": "Shop", "Issuer": ISSUER,
        "Keys": serde_json::to_string(&JwkSet { keys: vec![key] }).unwrap(),
    });
    stage.admin.create("MessagingKeyset", &keyset);
}

fn does_not_say(customer: &Window, text: &str) {
    let says = format!("return {CHAT}.querySelector('.panel').innerText.includes({text:?})");
    assert_eq!(customer.evaluate(&says), json!(false));
}

#[test]
fn a_customer_takes_the_conversation_to_another_browser_and_leaves_none_to_the_next() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    keyset(&stage);
    let site = Site::open(&stage.url);
    *site.signed_in.lock().unwrap() = Some("c-17");
    let shop = || Window::open(&site.url, Look::default()).unwrap();
    let phone = shop();
    phone.go("/");
    writes(&phone, "From my phone");
    said(&phone, "Sent");
    let soql = "SELECT Id FROM MessagingEndUser \
                WHERE MessagingPlatformKey = 'v2/iamessage/AUTH/Shop/uid:c-17'";
    assert_eq!(stage.admin.query(soql).len(), 1);

    let laptop = shop();
    laptop.go("/");
    said(&laptop, "From my phone");
    writes(&laptop, "And from my laptop");
    said(&phone, "And from my laptop");

    // Somebody else sits down at the laptop, and afterwards nobody is signed in.
    *site.signed_in.lock().unwrap() = Some("c-18");
    laptop.reload();
    writes(&laptop, "I am new here");
    said(&laptop, "Sent");
    does_not_say(&laptop, "From my phone");
    *site.signed_in.lock().unwrap() = None;
    laptop.reload();
    writes(&laptop, "Who am I?");
    said(&laptop, "Sent");
    does_not_say(&laptop, "I am new here");
}
