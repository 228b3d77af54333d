//! `headwater proxy`: programs that insist on Salesforce's own addresses.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use headwater_testkit::Process;

use crate::headwater::{Headwater, PASSWORD};

/// The proxy before a server, on the same data directory.
fn start(headwater: &Headwater, server: &Process, more: &[&str]) -> Process {
    let mut arguments = vec!["proxy", "--listen", "127.0.0.1:0", "--server", server.url()];
    arguments.extend(more);
    Process::start(&mut headwater.command(&arguments))
}

fn demo(headwater: &Headwater) -> Process {
    headwater.serve(&["--demo", "--tls-self-signed"])
}

/// A client that is told of the proxy, and trusts this file alone.
fn client(proxy: &Process, trusted: &Path) -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificate = reqwest::Certificate::from_pem(&std::fs::read(trusted).unwrap()).unwrap();
    reqwest::Client::builder()
        .proxy(reqwest::Proxy::https(proxy.url()).unwrap())
        .tls_certs_only([certificate])
        .build()
        .unwrap()
}

/// What the proxy answers to the head of a request.
fn answer_to(proxy: &Process, head: &str) -> String {
    let address = proxy.url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{head}\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_client_of_salesforces_own_addresses_is_led_here() {
    let headwater = Headwater::new();
    let server = demo(&headwater);
    let proxy = start(&headwater, &server, &[]);
    let authority = headwater.data().join("proxy-authority.pem");
    let client = client(&proxy, &authority);
    let form = [
        ("grant_type", "password"),
        ("client_id", "PlatformCLI"),
        ("username", "agent@headwater.example"),
        ("password", PASSWORD),
    ];
    let url = "https://login.salesforce.com/services/oauth2/token";
    let answer = client.post(url).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let body: serde_json::Value = answer.json().await.unwrap();
    // The client goes on where it began, and so through the proxy.
    assert_eq!(body["instance_url"], "https://login.salesforce.com");
    for host in ["test", "acme.my", "acme--box.sandbox.my"] {
        let url = format!("https://{host}.salesforce.com/services/data/v67.0/limits");
        let request = client
            .get(url)
            .bearer_auth(body["access_token"].as_str().unwrap());
        assert_eq!(request.send().await.unwrap().status(), 200, "{host}");
    }
    let (status, log) = proxy.stop();
    assert!(status.success());
    assert!(!log.contains("WARN") && !log.contains("ERROR"), "{log}");
}

#[tokio::test]
async fn nothing_else_is_let_through_unless_that_is_asked_for() {
    let headwater = Headwater::new();
    let server = demo(&headwater);
    let here = server.url().trim_start_matches("https://");
    let closed = start(&headwater, &server, &[]);
    let tunnel = format!("CONNECT {here} HTTP/1.1");
    assert_eq!(answer_to(&closed, &tunnel), "HTTP/1.1 403 Forbidden");
    let plain = "GET http://login.salesforce.com/ HTTP/1.1";
    assert_eq!(answer_to(&closed, plain), "HTTP/1.1 405 Method Not Allowed");
    let open = start(&headwater, &server, &["--pass-through"]);
    // Untouched: it is the server's own certificate that is seen.
    let client = client(&open, &headwater.data().join("tls-certificate.pem"));
    let url = format!("{}/services/data", server.url());
    assert_eq!(client.get(url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_server_that_is_away_or_not_known_is_told() {
    let headwater = Headwater::new();
    let said = headwater.run(&["proxy", "--listen", "127.0.0.1:0"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("--tls-self-signed"), "{}", said.err);
    let server = demo(&headwater);
    let proxy = start(&headwater, &server, &[]);
    server.stop();
    let answer = answer_to(&proxy, "CONNECT login.salesforce.com:443 HTTP/1.1");
    assert_eq!(answer, "HTTP/1.1 502 Bad Gateway");
}
