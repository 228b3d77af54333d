//! What every resource of the data API does with requests, whatever they ask.

use headwater_testkit::{ADMIN, AGENT, Settings, TestServer};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::data;

#[tokio::test]
async fn every_answer_tells_the_calls_of_the_day() {
    let server = TestServer::start().await;
    let listed = server.get("/services/data").send().await;
    assert_eq!(listed.header("sforce-limit-info"), "api-usage=1/5000000");
    let refused = server.get(&data("/nothing")).send().await;
    assert_eq!(refused.header("sforce-limit-info"), "api-usage=2/5000000");
    server.clock().advance(jiff::SignedDuration::from_hours(24));
    let next_day = server.get("/services/data").send().await;
    assert_eq!(next_day.header("sforce-limit-info"), "api-usage=1/5000000");
}

#[tokio::test]
async fn calls_beyond_the_daily_limit_are_refused() {
    let mut settings = Settings::default();
    settings.rest.api_requests_daily_max = 1;
    let server = TestServer::start_with(settings).await;
    server.get("/services/data").send().await.expect(200);
    let answer = server.get("/services/data").send().await;
    let message = answer.expect_error(403, "REQUEST_LIMIT_EXCEEDED");
    assert_eq!(message, "TotalRequests Limit exceeded.");
}

#[tokio::test]
async fn a_missing_or_unknown_token_is_refused_before_anything_else() {
    let server = TestServer::start().await;
    for request in [
        server.get(&data("/sobjects/Account")),
        server.get(&data("/sobjects/Account")).token("00D!nonsense"),
    ] {
        let answer = request.send().await;
        let message = answer.expect_error(401, "INVALID_SESSION_ID");
        assert_eq!(message, "Session expired or invalid");
        assert_eq!(answer.header("www-authenticate"), "Token");
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found_and_a_wrong_method_names_the_right_ones() {
    let server = TestServer::start().await;
    let answer = server.get(&data("/nothing/here")).as_(AGENT).send().await;
    answer.expect_error(404, "NOT_FOUND");
    let path = data("/sobjects/Account");
    let answer = server.request("PUT", &path).as_(AGENT).send().await;
    let message = answer.expect_error(405, "METHOD_NOT_ALLOWED");
    assert_eq!(
        message,
        "HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,POST"
    );
    assert_eq!(answer.header("allow"), "HEAD,GET,POST");
}

#[tokio::test]
async fn names_and_words_ignore_case_and_slashes_at_either_end_do_not_matter() {
    let server = TestServer::start().await;
    for path in [
        data("/SObjects/account/Describe/"),
        data("/sobjects/ACCOUNT/describe.json"),
        format!("/{}", data("/sobjects/Account/describe")),
    ] {
        let describe = server.get(&path).as_(AGENT).send().await.expect(200);
        assert_eq!(describe["name"], "Account", "{path}");
    }
}

#[tokio::test]
async fn a_method_in_the_url_stands_for_one_the_client_cannot_send() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let path = data(&format!("/sobjects/Account/{account}?_HttpMethod=PATCH"));
    let body = json!({ "Site": "Harbour" });
    server
        .post(&path)
        .as_(ADMIN)
        .json(&body)
        .send()
        .await
        .expect(204);
    let row = server.get(&data(&format!("/sobjects/Account/{account}")));
    assert_eq!(row.as_(ADMIN).send().await.expect(200)["Site"], "Harbour");
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let path = data(&format!("/sobjects/Account/{account}"));
    let answer = server.request("HEAD", &path).as_(AGENT).send().await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert!(!answer.header("etag").is_empty());
    let whole = server.get(&path).as_(AGENT).send().await;
    let length = whole.text.len().to_string();
    assert_eq!(answer.header("content-length"), length);
}

#[tokio::test]
async fn json_is_indented_for_those_who_ask() {
    let server = TestServer::start().await;
    let plain = server.get("/services/data").send().await;
    let pretty = server.get("/services/data").header("X-PrettyPrint", "1");
    let pretty = pretty.send().await;
    assert_eq!(pretty.json(), plain.json());
    assert!(pretty.text.starts_with("[\n  {\n    \"label\" : "));
    assert_eq!(
        pretty.header("content-type"),
        "application/json;charset=UTF-8"
    );
}

#[tokio::test]
async fn xml_is_answered_to_those_who_ask_errors_too() {
    let server = TestServer::start().await;
    let account = server.account("Salt & Sons").await;
    let path = data(&format!("/sobjects/Account/{account}?fields=Name"));
    let answer = server
        .get(&path)
        .as_(AGENT)
        .header("accept", "application/xml");
    let answer = answer.send().await;
    assert_eq!(
        answer.header("content-type"),
        "application/xml;charset=UTF-8"
    );
    assert!(
        answer
            .text
            .contains(" type=\"Account\" url=\"/services/data/")
    );
    assert!(answer.text.contains("<Name>Salt &amp; Sons</Name>"));
    let answer = server.get(&data("/nothing.xml")).as_(AGENT).send().await;
    let expected = "<Errors><Error><errorCode>NOT_FOUND</errorCode><message>The requested \
                    resource does not exist</message></Error></Errors>";
    assert_eq!(answer.status, 404);
    assert!(answer.text.ends_with(expected), "{}", answer.text);
}

/// `{"Name":"Packed"}`, packed by gzip.
const PACKED: [u8; 37] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0xf2, 0x4b, 0xcc, 0x4d,
    0x55, 0xb2, 0x52, 0x0a, 0x48, 0x4c, 0xce, 0x4e, 0x4d, 0x51, 0xaa, 0x05, 0x00, 0x34, 0xf7, 0x59,
    0x98, 0x11, 0x00, 0x00, 0x00,
];

#[tokio::test]
async fn a_body_may_be_packed_by_gzip_and_nothing_else() {
    let server = TestServer::start().await;
    let path = data("/sobjects/Account");
    let request = server
        .post(&path)
        .as_(ADMIN)
        .body("application/json", PACKED.to_vec());
    let answer = request.header("content-encoding", "gzip").send().await;
    answer.expect(201);
    let broken = PACKED[..12].to_vec();
    let request = server
        .post(&path)
        .as_(ADMIN)
        .body("application/json", broken);
    let answer = request.header("content-encoding", "gzip").send().await;
    answer.expect_error(400, "JSON_PARSER_ERROR");
    let request = server.post(&path).as_(ADMIN).body("application/json", "{}");
    let answer = request.header("content-encoding", "zstd").send().await;
    answer.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn a_body_may_come_in_chunks_of_unknown_number() {
    let server = TestServer::start().await;
    let token = server.token(ADMIN).await;
    let host = server.url().replace("http://", "");
    let request = format!(
        "POST /services/data/v68.0/sobjects/Account HTTP/1.1\r\nHost: {host}\r\n\
         Authorization: OAuth {token}\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
         8\r\n{{\"Name\":\r\na\r\n\"Chunked\"}}\r\n0\r\n\r\n"
    );
    let mut connection = tokio::net::TcpStream::connect(host).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
}

#[tokio::test]
async fn bodies_addresses_and_headers_have_limits() {
    let mut settings = Settings::default();
    settings.rest.body_bytes_max = 1000;
    let server = TestServer::start_with(settings).await;
    let body = json!({ "Name": "x".repeat(2000) });
    let answer = server
        .post(&data("/sobjects/Account"))
        .as_(ADMIN)
        .json(&body);
    answer
        .send()
        .await
        .expect_error(413, "REQUEST_ENTITY_TOO_LARGE");
    let long = server.get(&data("/query")).query("q", &"x".repeat(17_000));
    long.as_(ADMIN)
        .send()
        .await
        .expect_error(414, "URI_TOO_LONG");
    let wide = server
        .get("/services/data")
        .header("x-wide", &"x".repeat(17_000));
    wide.send()
        .await
        .expect_error(431, "REQUEST_HEADERS_TOO_LARGE");
}

#[tokio::test]
async fn a_body_of_another_media_type_is_refused() {
    let server = TestServer::start().await;
    let path = data("/sobjects/Account");
    let answer = server.post(&path).as_(ADMIN).body("text/csv", "Name\nx");
    answer
        .send()
        .await
        .expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn a_request_keeps_the_name_its_client_gave_it() {
    let server = TestServer::start().await;
    let answer = server.get("/services/data").header("x-request-id", "abc-1");
    assert_eq!(answer.send().await.header("x-request-id"), "abc-1");
    let unfit = server
        .get("/services/data")
        .header("x-request-id", "a b\"c");
    let made = unfit.send().await.header("x-request-id").to_owned();
    assert!(made.len() >= 18 && !made.contains(' '), "{made}");
}

#[tokio::test]
async fn pages_of_configured_origins_may_call() {
    let mut settings = Settings::default();
    settings.rest.cors_origins = vec!["https://app.example".to_owned()];
    let server = TestServer::start_with(settings).await;
    let preflight = server
        .request("OPTIONS", &data("/limits"))
        .header("origin", "https://app.example")
        .header("access-control-request-method", "GET")
        .send()
        .await;
    assert_eq!(preflight.status, 204);
    let allowed = "access-control-allow-origin";
    assert_eq!(preflight.header(allowed), "https://app.example");
    for (origin, expected) in [
        ("https://app.example", "https://app.example"),
        ("https://evil.example", ""),
    ] {
        let answer = server.get("/services/data").header("origin", origin);
        assert_eq!(answer.send().await.header(allowed), expected);
    }
}

#[tokio::test]
async fn large_answers_are_packed_for_those_who_can_unpack_them() {
    let server = TestServer::start().await;
    for (path, packed) in [("/sobjects/Account/describe", true), ("/tabs", false)] {
        let token = server.token(AGENT).await;
        let answer = raw(&server, &data(path), &token).await;
        let is_packed = answer
            .to_lowercase()
            .contains("\r\ncontent-encoding: gzip\r\n");
        assert_eq!(is_packed, packed, "{path}");
    }
}

/// An answer as it comes over the wire.
async fn raw(server: &TestServer, path: &str, token: &str) -> String {
    let host = server.url().replace("http://", "");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
         Accept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    );
    let mut connection = tokio::net::TcpStream::connect(host)
        .await
        .expect("a connection");
    let sent = connection.write_all(request.as_bytes()).await;
    sent.expect("the request is sent");
    let mut answer = Vec::new();
    let read = connection.read_to_end(&mut answer).await;
    read.expect("the answer is read");
    String::from_utf8_lossy(&answer).into_owned()
}
