//! Starting, serving and ending.

use crate::headwater::{Client, Headwater, PASSWORD};

const ADMIN: &str = "admin@headwater.example";

#[tokio::test]
async fn the_first_start_of_an_empty_directory_makes_an_administrator() {
    let headwater = Headwater::new();
    let server = headwater.serve(&[]);
    let password = server
        .printed()
        .lines()
        .find_map(|line| line.trim().strip_prefix("password  "))
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap()
        .to_owned();
    let mut client = Client::stranger(server.url(), None);
    assert_eq!(client.log_in(ADMIN, &password).await.0, 200);
    assert_eq!(client.log_in(ADMIN, "something else").await.0, 400);
    server.stop();
    let again = headwater.serve(&[]);
    assert!(!again.printed().contains("password"), "{}", again.printed());
}

#[tokio::test]
async fn operators_see_that_it_lives_is_ready_and_what_it_did() {
    let headwater = Headwater::new();
    let server = headwater.serve(&[]);
    let client = Client::stranger(server.url(), None);
    assert_eq!(
        client.get("/health", &[]).await,
        (200, "alive\n".to_owned())
    );
    assert_eq!(client.get("/ready", &[]).await, (200, "ready\n".to_owned()));
    client.get("/services/data", &[]).await;
    let (status, metrics) = client.get("/metrics", &[]).await;
    assert_eq!(status, 200);
    assert!(
        metrics.contains("headwater_http_requests_total{"),
        "{metrics}"
    );
    // A proxy on this machine speaks for the whole world.
    let forwarded = client
        .get("/metrics", &[("x-forwarded-for", "203.0.113.9")])
        .await;
    assert_eq!(forwarded.0, 404);
}

#[tokio::test]
async fn metrics_can_have_an_address_of_their_own() {
    let headwater = Headwater::new();
    std::fs::write(
        headwater.path("headwater.toml"),
        "[metrics]\nlisten = \"127.0.0.1:0\"\n",
    )
    .unwrap();
    let server = headwater.serve(&[]);
    let client = Client::stranger(server.url(), None);
    assert_eq!(client.get("/metrics", &[]).await.0, 404);
    let line = server
        .printed()
        .lines()
        .find(|line| line.contains("metrics"));
    let url = line.unwrap().split_whitespace().last().unwrap();
    let metrics = Client::stranger(url.trim_end_matches("/metrics"), None);
    assert_eq!(metrics.get("/metrics", &[]).await.0, 200);
}

#[tokio::test]
async fn http_and_https_are_served_at_once_and_answer_with_their_own_addresses() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo", "--listen-tls", "127.0.0.1:0", "--tls-self-signed"]);
    let [plain, tls] = server.urls() else {
        panic!("{:?}", server.urls());
    };
    let certificate = headwater.data().join("tls-certificate.pem");
    for url in [plain, tls] {
        let mut client = Client::stranger(url, Some(&certificate));
        let (status, body) = client.log_in(ADMIN, PASSWORD).await;
        assert_eq!(status, 200, "{url}");
        assert_eq!(body["instance_url"], url.as_str());
    }
}

#[test]
fn a_term_signal_ends_it_in_order() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    let (status, log) = server.stop();
    assert!(status.success(), "{status}: {log}");
    for level in ["WARN", "ERROR"] {
        assert!(!log.contains(level), "{log}");
    }
    assert!(!headwater.data().join("control.sock").exists());
    let log_left = std::fs::metadata(headwater.data().join("headwater.db-wal"));
    assert!(log_left.is_err(), "the write-ahead log went into the file");
}

#[tokio::test]
async fn a_locator_given_out_last_is_good_after_an_orderly_restart() {
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    let mut client = Client::stranger(server.url(), None);
    client.log_in(ADMIN, PASSWORD).await;
    let first = "/services/data/v67.0/query?q=SELECT+Id+FROM+FieldPermissions+ORDER+BY+Id";
    let small = [("Sforce-Query-Options", "batchSize=200")];
    let (_, whole) = client.get(first, &[]).await;
    let (_, page) = client.get(first, &small).await;
    server.stop();
    let server = headwater.serve(&["--demo"]);
    let mut client = Client::stranger(server.url(), None);
    client.log_in(ADMIN, PASSWORD).await;
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (whole, page) = (read(&whole), read(&page));
    let (status, next) = client
        .get(page["nextRecordsUrl"].as_str().unwrap(), &[])
        .await;
    assert_eq!(status, 200, "{next}");
    assert_eq!(read(&next)["records"][0], whole["records"][200]);
}

#[tokio::test]
async fn a_request_that_has_begun_is_answered_before_the_end() {
    use std::io::{Read as _, Write as _};
    let headwater = Headwater::new();
    let server = headwater.serve(&["--demo"]);
    let token = headwater.run(&["token", "--user", ADMIN]);
    // A client that keeps its connection open without a request must not hold up the end.
    let idle = Client::with(server.url(), token.out.trim());
    idle.count("Account").await;
    let body = r#"{"Name": "Made while the server ends"}"#;
    let (first, second) = body.split_at(10);
    let address = server.url().trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /services/data/v67.0/sobjects/Account HTTP/1.1\r\nHost: {address}\r\n\
         Authorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        token.out.trim(),
        body.len()
    )
    .unwrap();
    // Asked to go on, so the server is in the middle of it.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100 Continue"));
    stream.write_all(first.as_bytes()).unwrap();
    server.ask_to_end();
    while std::net::TcpStream::connect(address).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(second.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let (status, log) = server.stop();
    assert!(status.success(), "{log}");
}

#[test]
fn headers_are_named_as_salesforce_names_them() {
    use std::io::{Read as _, Write as _};
    let headwater = Headwater::new();
    let server = headwater.serve(&[]);
    let address = server.url().trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /services/data/v67.0/limits HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(
        answer.contains("\r\nContent-Type: application/json"),
        "{answer}"
    );
}

#[test]
fn a_second_server_is_told_who_has_the_directory() {
    let headwater = Headwater::new();
    let server = headwater.serve(&[]);
    let said = headwater.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(said.code, 4);
    assert!(
        said.err.contains(&format!("process {}", server.id())),
        "{}",
        said.err
    );
}

#[test]
fn an_address_that_is_taken_is_named() {
    let headwater = Headwater::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = headwater.run(&["serve", "--listen", &address]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains(&address), "{}", said.err);
}

#[test]
fn the_environment_overrides_the_file_and_flags_override_both() {
    let headwater = Headwater::new();
    let file = headwater.path("headwater.toml");
    std::fs::write(file, "[log]\nformat = \"json\"\nfilter = \"warn\"\n").unwrap();
    let mut command = headwater.command(&["doctor"]);
    let said = command
        .env("HEADWATER_LOG__FILTER", "debug")
        .env("HEADWATER_DATA__DIRECTORY", "elsewhere")
        .env("HEADWATER_DEMO__PASSWORD", "12345678")
        .output()
        .unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let value = |key: &str| {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(key));
        line.unwrap().trim().to_owned()
    };
    assert_eq!(value("log.format"), "json");
    assert_eq!(value("log.filter"), "debug");
    assert_eq!(value("data.directory"), headwater.data().to_string_lossy());
    assert_eq!(value("demo.password"), "********");
    let mut command = headwater.command(&["doctor"]);
    let wrong = command
        .env("HEADWATER_LOG__FILTRE", "debug")
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(3));
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(
        said.contains("the environment: there is no key log.filtre"),
        "{said}"
    );
}

#[test]
fn a_wrong_configuration_starts_nothing() {
    let headwater = Headwater::new();
    let file = headwater.path("headwater.toml");
    std::fs::write(
        file,
        "[server]\nlistne = \"127.0.0.1:1\"\n[log]\nformat = \"pink\"\n",
    )
    .unwrap();
    let said = headwater.run(&["serve"]);
    assert_eq!(said.code, 3);
    assert!(said.err.contains("did you mean listen?"), "{}", said.err);
    assert!(said.err.contains("log.format must be"), "{}", said.err);
    assert!(!headwater.data().exists());
}

/// Hashing a password takes 19 MiB. An allocator that keeps them for each thread that ever hashed
/// one made a server of 20 MiB one of 350 after sixteen logins.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn logins_leave_no_memory_behind() {
    let headwater = Headwater::new();
    let mut command = headwater.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    command
        .env("HEADWATER_DEMO_PASSWORD", PASSWORD)
        .env_remove("HEADWATER_PASSWORDS__HASH_MEMORY_KIB");
    let server = headwater_testkit::Process::start(&mut command);
    let own_kib = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"));
        let number = line.unwrap().split_whitespace().next().unwrap();
        number.parse::<u64>().unwrap()
    };
    let before = own_kib();
    let mut logins = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let mut client = Client::stranger(server.url(), None);
        logins.spawn(async move { client.log_in(ADMIN, PASSWORD).await.0 });
    }
    assert_eq!(logins.join_all().await, [200; 16]);
    let after = own_kib();
    assert!(
        after < before + 20 * 1024,
        "{before} KiB before, {after} KiB after"
    );
}
