//! Files: uploaded as JSON and as multipart, queried, and downloaded.

mod attachments;
mod custom;
mod links;
mod outside;
mod scanned;
mod versions;

use headwater_catalogue::Id;
use headwater_testkit::{Answer, TestServer};
use serde_json::Value;

use crate::data;

/// What separates the parts of the bodies here.
const MEDIA_TYPE: &str = "multipart/form-data; boundary=b";

/// The part that holds a record.
fn record_part(record: &Value) -> Vec<u8> {
    let head = "--b\r\nContent-Disposition: form-data; name=\"entity_content\"\r\n\
                Content-Type: application/json\r\n\r\n";
    format!("{head}{record}\r\n").into_bytes()
}

/// The part that holds the bytes of a field.
fn file_part(field: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "--b\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"f\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

/// A body of these parts.
fn body(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), b"--b--\r\n".to_vec()].concat()
}

/// Bytes of every value, in no order that base64 or a piece would keep by chance.
fn bytes(count: usize) -> Vec<u8> {
    let byte = |place: usize| (place * 131 + place / 251).to_le_bytes()[0];
    (0..count).map(byte).collect()
}

/// The answer to a create.
async fn create(server: &TestServer, who: &str, object: &str, record: &Value) -> Answer {
    let path = data(&format!("/sobjects/{object}"));
    server.post(&path).as_(who).json(record).send().await
}

/// The id in the answer to a create that went well.
fn id_of(answer: &Answer) -> Id {
    let id = answer.expect(201)["id"].as_str().map(str::parse);
    id.expect("there is an id").expect("it is one")
}

async fn download(server: &TestServer, who: &str, path: &str) -> Answer {
    server.get(&data(path)).as_(who).send().await
}
