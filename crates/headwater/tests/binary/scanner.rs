//! Files that are scanned for viruses by ClamAV: what the configuration takes, what the doctor finds, and
//! that nothing gets in past it.

use std::net::TcpListener;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use headwater_testkit::Process;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::clamd::{BYTES_MAX, Clamd, EICAR, FOUND};
use crate::headwater::{Client, Headwater, PASSWORD, Said};

const VERSIONS: &str = "/services/data/v67.0/sobjects/ContentVersion";
const WEB_CHAT: &str = "/iamessage/api/v2";
const CONVERSATION: &str = "0b5f7a4e-5d5c-4c1e-9d5e-2f1f2d3c4b5a";

/// `doctor` with these keys of `[files]`.
fn doctor(headwater: &Headwater, keys: &[(&str, &str)]) -> Said {
    let mut command = headwater.command(&["doctor"]);
    for (key, value) in keys {
        command.env(format!("HEADWATER_FILES__SCANNER{key}"), value);
    }
    command.output().unwrap().into()
}

/// A server with a scanner at this address.
fn serve(headwater: &Headwater, address: &str) -> Process {
    let config = headwater.path("headwater.toml");
    let settings = format!(
        "[files]\nscanner = \"clamd\"\nscanner_address = \"{address}\"\nscanner_bytes_max = {BYTES_MAX}\n"
    );
    std::fs::write(&config, settings).unwrap();
    headwater.serve(&["--demo", "--config", config.to_str().unwrap()])
}

#[test]
fn what_is_wrong_with_the_scanner_is_said_by_its_key() {
    let headwater = Headwater::new();
    let refused = |keys: &[(&str, &str)], expected: &str| {
        let said = doctor(&headwater, keys);
        assert_eq!(said.code, 3, "{}{}", said.out, said.err);
        assert!(said.err.contains(expected), "{expected}: {}", said.err);
    };
    refused(&[("", "grep")], "files.scanner must be none or clamd");
    refused(&[("", "clamd")], "needs files.scanner_address");
    for address in [
        "localhost:3310",
        "tcp://localhost",
        "tcp://:3310",
        "tcp://localhost:0",
        "tcp://localhost:3310/",
        "unix:clamd.ctl",
        "http://localhost:3310",
    ] {
        let keys = [("_ADDRESS", address)];
        refused(&keys, "files.scanner_address must look like tcp://");
    }
    refused(
        &[("_BYTES_MAX", "50000000")],
        "files.scanner_bytes_max must be between 1024 and 39321600",
    );
}

#[test]
fn the_doctor_sends_the_scanner_what_it_must_find_and_as_much_as_it_must_take() {
    let headwater = Headwater::new();
    let look = |address: &str, bytes_max: usize| {
        let bytes_max = bytes_max.to_string();
        let keys = [
            ("", "clamd"),
            ("_ADDRESS", address),
            ("_BYTES_MAX", &bytes_max),
            ("_SECONDS_MAX", "1"),
        ];
        doctor(&headwater, &keys)
    };
    let problem = |said: &Said, expected: &str| {
        assert_eq!(said.code, 7, "{}{}", said.out, said.err);
        assert!(said.out.contains("PROBLEM  virus scanner"), "{}", said.out);
        assert!(said.out.contains(expected), "{expected}: {}", said.out);
    };
    // Nobody listens there.
    problem(&look("tcp://127.0.0.1:1", 1024), "no file is taken");
    // Somebody listens there, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", silent.local_addr().unwrap());
    problem(&look(&address, 1024), "no answer in 1s");
    let Some(clamd) = Clamd::start("the_doctor_sends_the_scanner_what_it_must_find") else {
        return;
    };
    for address in [clamd.unix(), clamd.tcp()] {
        let said = look(&address, BYTES_MAX);
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        let found = format!("clamd at {address}: finds the EICAR test file");
        assert!(said.out.contains(&found), "{}", said.out);
    }
    problem(&look(&clamd.tcp(), 20 * BYTES_MAX), "StreamMaxLength");
}

async fn version(client: &Client, bytes: &[u8]) -> (u16, Value) {
    let record = json!({ "PathOnClient": "bill.txt", "VersionData": STANDARD.encode(bytes) });
    client.post(VERSIONS, &record).await.unwrap()
}

#[tokio::test]
async fn a_virus_is_refused_at_every_door_and_every_file_while_the_scanner_is_away() {
    let test = "a_virus_is_refused_at_every_door_and_every_file_while_the_scanner_is_away";
    let Some(mut clamd) = Clamd::start(test) else {
        return;
    };
    let headwater = Headwater::new();
    let server = serve(&headwater, &clamd.unix());
    let mut client = Client::stranger(server.url(), None);
    client.log_in("admin@headwater.example", PASSWORD).await;
    let visitor = Visitor::arrives(server.url(), &client).await;

    let (status, refused) = version(&client, EICAR.as_bytes()).await;
    assert_eq!(status, 400, "{refused}");
    assert_eq!(refused[0]["errorCode"], "FIELD_INTEGRITY_EXCEPTION");
    let said = refused[0]["message"].as_str().unwrap();
    assert!(
        said.ends_with(&format!("it holds the virus {FOUND}")),
        "{said}"
    );
    let (status, refused) = visitor.sends(1, EICAR.as_bytes()).await;
    let said = format!("the file bill.txt was not taken: it holds the virus {FOUND}");
    assert_eq!((status, &refused["message"]), (400, &said.into()));
    let (status, made) = version(&client, b"a bill").await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(visitor.sends(2, b"a bill").await.0, 202);
    // As many bytes as it takes, and one more, which it is not sent.
    assert_eq!(version(&client, &vec![b'x'; BYTES_MAX]).await.0, 201);
    let (status, refused) = version(&client, &vec![b'x'; BYTES_MAX + 1]).await;
    assert_eq!(status, 400);
    assert_eq!(refused[0]["errorCode"], "MAXIMUM_SIZE_OF_ATTACHMENT");

    clamd.stop();
    let (status, refused) = version(&client, b"a bill").await;
    assert_eq!(
        (status, &refused[0]["errorCode"]),
        (503, &"SERVER_UNAVAILABLE".into())
    );
    let (status, refused) = visitor.sends(3, b"another").await;
    assert_eq!(
        (status, &refused["errorCode"]),
        (503, &"FILES_NOT_SCANNED".into())
    );
    clamd.go_on();
    assert_eq!(version(&client, b"a bill").await.0, 201);
    assert_eq!(visitor.sends(3, b"another").await.0, 202);
    let (status, log) = server.stop();
    assert!(status.success(), "{log}");
    assert!(log.contains("an infected file was refused"), "{log}");
}

/// A customer in the demo's web chat.
struct Visitor {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Visitor {
    async fn arrives(url: &str, admin: &Client) -> Self {
        let (_, org) = admin.try_query("SELECT Id FROM Organization").await;
        let body = json!({
            "orgId": org["records"][0]["Id"], "esDeveloperName": "Web_Chat",
            "capabilitiesVersion": "1", "platform": "Web",
        });
        let stranger = Client::stranger(url, None);
        let path = format!("{WEB_CHAT}/authorization/unauthenticated/access-token");
        let (status, admitted) = stranger.post(&path, &body).await.unwrap();
        assert_eq!(status, 200, "{admitted}");
        let token = admitted["accessToken"].as_str().unwrap();
        let visitor = Client::with(url, token);
        let body = json!({ "conversationId": CONVERSATION, "esDeveloperName": "Web_Chat" });
        let path = format!("{WEB_CHAT}/conversation");
        let (status, _) = visitor.send("POST", &path, &body).await;
        assert_eq!(status, 201);
        Self {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            url: format!("{url}{WEB_CHAT}/conversation/{CONVERSATION}/file"),
            token: token.to_owned(),
        }
    }

    /// Sends a file: status and answer.
    async fn sends(&self, place: u8, bytes: &[u8]) -> (u16, Value) {
        let entry = json!({
            "message": { "id": format!("7f0c2a1e-1111-4222-8333-4444555566{place:02}"), "text": "See" },
            "esDeveloperName": "Web_Chat",
        });
        let part = |bytes: Vec<u8>, media_type| Part::bytes(bytes).mime_str(media_type).unwrap();
        let form = Form::new()
            .part(
                "messageEntry",
                part(entry.to_string().into(), "application/json"),
            )
            .part(
                "fileData",
                part(bytes.to_vec(), "text/plain").file_name("bill.txt"),
            );
        let request = self
            .http
            .post(&self.url)
            .bearer_auth(&self.token)
            .multipart(form);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }
}
