//! Files whose bytes lie outside of the database, in a directory.

use futures_util::StreamExt as _;
use headwater_testkit::{ADMIN, FilesDirectory, TestServer};
use jiff::SignedDuration;
use serde_json::json;

use super::{MEDIA_TYPE, body, bytes, create, download, file_part, id_of, record_part};
use crate::data;

/// An attachment as JSON: where its bytes are downloaded.
async fn attach(server: &TestServer, name: &str, base64: &str) -> String {
    let account = server.account("Sample").await;
    let record = json!({ "ParentId": account.as_str(), "Name": name, "Body": base64 });
    let id = id_of(&create(server, ADMIN, "Attachment", &record).await);
    format!("/sobjects/Attachment/{id}/Body")
}

/// The bytes of an attachment when everybody's session is over.
async fn read_later(server: &TestServer, path: &str) -> Vec<u8> {
    let org = server.org();
    let id = path.split('/').nth(3).expect("an id");
    let reader = org.content(&org.system(), "Attachment", id, "Body").await;
    let pieces = org.pieces(reader.expect("it is there"));
    let pieces: Vec<_> = pieces
        .map(|piece| piece.expect("it is read"))
        .collect()
        .await;
    pieces.concat()
}

async fn tidy(server: &TestServer) -> u64 {
    server.org().tidy_files().await.expect("it is tidied")
}

#[tokio::test]
async fn a_file_is_read_from_where_it_lies_and_goes_with_its_record() {
    let server = TestServer::start().await;
    let inside = attach(&server, "inside", "aW5zaWRl").await;
    let directory = FilesDirectory::new();
    directory.keep(server.org());
    let account = server.account("Sample").await;
    let content = bytes(9_000_000);
    let record = json!({ "ParentId": account.as_str(), "Name": "outside" });
    let parts = body(&[record_part(&record), file_part("Body", &content)]);
    let path = data("/sobjects/Attachment");
    let made = server
        .post(&path)
        .as_(ADMIN)
        .body(MEDIA_TYPE, parts)
        .send()
        .await;
    let outside = id_of(&made);
    let files = directory.files();
    assert_eq!(files.len(), 1);
    assert!(
        std::fs::read(&files[0]).expect("it is read") == content,
        "other bytes"
    );
    let path = format!("/sobjects/Attachment/{outside}/Body");
    let file = download(&server, ADMIN, &path).await;
    file.expect(200);
    assert!(file.bytes == content, "other bytes");
    // What was written before is where it was.
    assert_eq!(download(&server, ADMIN, &inside).await.bytes, b"inside");
    // In the recycle bin it is kept, however long it lies there.
    let row = data(&format!("/sobjects/Attachment/{outside}"));
    server.delete(&row).as_(ADMIN).send().await.expect(204);
    server.clock().advance(SignedDuration::from_hours(24 * 16));
    assert_eq!(tidy(&server).await, 0);
    assert_eq!(directory.files().len(), 1);
    let emptied = server.org().empty_expired().await;
    emptied.expect("the bin is emptied");
    assert_eq!(tidy(&server).await, 1);
    assert_eq!(directory.files().len(), 0);
    assert_eq!(read_later(&server, &inside).await, b"inside");
}

#[tokio::test]
async fn a_version_of_a_file_is_uploaded_as_json_and_downloaded() {
    let server = TestServer::start().await;
    let directory = FilesDirectory::new();
    directory.keep(server.org());
    let record = json!({ "PathOnClient": "one.txt", "VersionData": "b25l" });
    let version = id_of(&create(&server, ADMIN, "ContentVersion", &record).await);
    let path = format!("/sobjects/ContentVersion/{version}/VersionData");
    assert_eq!(download(&server, ADMIN, &path).await.bytes, b"one");
    assert_eq!(directory.files().len(), 1);
}

#[tokio::test]
async fn bytes_that_were_replaced_go_at_once_and_those_of_a_refused_write_after_two_hours() {
    let server = TestServer::start().await;
    let directory = FilesDirectory::new();
    directory.keep(server.org());
    let path = attach(&server, "one", "b25l").await;
    let row = data(path.trim_end_matches("/Body"));
    let other = json!({ "Body": "b3RoZXI=" });
    let replaced = server.patch(&row).as_(ADMIN).json(&other);
    replaced.send().await.expect(204);
    assert_eq!(directory.files().len(), 2);
    assert_eq!(tidy(&server).await, 1);
    assert_eq!(directory.files().len(), 1);
    let lost = json!({ "ParentId": "001000000000000AAA", "Name": "two", "Body": "dHdv" });
    let refused = create(&server, ADMIN, "Attachment", &lost).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert_eq!(directory.files().len(), 2);
    // Until then they may belong to a write that is on its way.
    assert_eq!(tidy(&server).await, 0);
    server.clock().advance(SignedDuration::from_hours(3));
    assert_eq!(tidy(&server).await, 1);
    assert_eq!(directory.files().len(), 1);
    assert_eq!(read_later(&server, &path).await, b"other");
}

#[tokio::test]
async fn a_composite_that_is_undone_leaves_no_bytes() {
    let server = TestServer::start().await;
    let directory = FilesDirectory::new();
    directory.keep(server.org());
    let account = server.account("Sample").await;
    let good = json!({ "ParentId": account.as_str(), "Name": "one", "Body": "b25l" });
    let requests = json!({
        "allOrNone": true,
        "compositeRequest": [
            { "method": "POST", "url": data("/sobjects/Attachment"), "referenceId": "a", "body": good },
            { "method": "POST", "url": data("/sobjects/Account"), "referenceId": "b", "body": {} },
        ],
    });
    let answer = server.post(&data("/composite")).as_(ADMIN).json(&requests);
    let answer = answer.send().await;
    let answers = &answer.expect(200)["compositeResponse"];
    assert_eq!(answers[0]["httpStatusCode"], 400, "{answers}");
    assert_eq!(directory.files().len(), 1);
    server.clock().advance(SignedDuration::from_hours(3));
    assert_eq!(tidy(&server).await, 1);
    assert_eq!(directory.files().len(), 0);
}

#[tokio::test]
async fn a_file_is_there_after_a_restart_and_when_new_ones_go_into_the_database_again() {
    let server = TestServer::start().await;
    let directory = FilesDirectory::new();
    directory.keep(server.org());
    let outside = attach(&server, "one", "b25l").await;
    let server = server.restart().await;
    directory.only_read(server.org());
    assert_eq!(download(&server, ADMIN, &outside).await.bytes, b"one");
    let inside = attach(&server, "two", "dHdv").await;
    assert_eq!(directory.files().len(), 1);
    assert_eq!(download(&server, ADMIN, &inside).await.bytes, b"two");
    server.clock().advance(SignedDuration::from_hours(3));
    assert_eq!(tidy(&server).await, 0);
}

#[tokio::test]
async fn a_lost_file_and_a_place_that_cannot_be_reached_are_said() {
    let server = TestServer::start().await;
    let directory = FilesDirectory::new();
    directory.keep(server.org());
    let path = attach(&server, "one", "b25l").await;
    let file = directory.files().remove(0);
    std::fs::write(&file, "o").expect("it is made shorter");
    let half = download(&server, ADMIN, &path).await;
    half.expect_error(500, "UNKNOWN_EXCEPTION");
    std::fs::remove_file(&file).expect("it is removed");
    let lost = download(&server, ADMIN, &path).await;
    lost.expect_error(500, "UNKNOWN_EXCEPTION");
    assert!(lost.text.contains("lost"), "{}", lost.text);
    std::fs::remove_dir(file.parent().expect("a part")).expect("it is removed");
    std::fs::remove_dir(directory.path()).expect("it is removed");
    std::fs::write(directory.path(), "no directory").expect("it is written");
    let account = server.account("Sample").await;
    let record = json!({ "ParentId": account.as_str(), "Name": "two", "Body": "dHdv" });
    let refused = create(&server, ADMIN, "Attachment", &record).await;
    refused.expect_error(503, "SERVER_UNAVAILABLE");
    let query = data("/query?q=SELECT+Id+FROM+Attachment");
    let rows = server.get(&query).as_(ADMIN).send().await;
    assert_eq!(rows.expect(200)["totalSize"], 1);
    server.expect_log("a file is not whole");
    server.expect_log("a file is not where it was put");
    server.expect_log("the bytes of this file are lost");
    server.expect_log("a file cannot be written");
    std::fs::remove_file(directory.path()).expect("it is removed");
}
