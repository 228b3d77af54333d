//! `/sobjects/ContentVersion` and `/sobjects/ContentDocument`.

use headwater_catalogue::Id;
use headwater_testkit::{ADMIN, AGENT, TestServer, VIEWER};
use serde_json::{Value, json};

use super::{MEDIA_TYPE, body, bytes, create, download, file_part, id_of, record_part};
use crate::data;

/// The one record of a query, as an administrator sees it.
async fn one(server: &TestServer, soql: &str) -> Value {
    let records = server.query(soql).as_(ADMIN).send().await.records();
    let [record] = &records[..] else {
        panic!("not one record: {records:?}");
    };
    record.clone()
}

async fn version(server: &TestServer, id: Id) -> Value {
    let soql = format!(
        "SELECT ContentDocumentId, Title, FileExtension, FileType, ContentSize, Checksum, \
         VersionNumber, IsLatest, VersionData, OwnerId FROM ContentVersion WHERE Id = '{id}'"
    );
    one(server, &soql).await
}

async fn document(server: &TestServer, id: &Value) -> Value {
    let id = id.as_str().unwrap_or_default();
    let path = data(&format!("/sobjects/ContentDocument/{id}"));
    server.get(&path).as_(ADMIN).send().await.expect(200)
}

#[tokio::test]
async fn a_first_version_makes_a_file_that_its_owner_has() {
    let server = TestServer::start().await;
    let record = json!({ "PathOnClient": "C:\\notes\\ab.cd.txt", "VersionData": "SGVsbG8=" });
    let id = id_of(&create(&server, AGENT, "ContentVersion", &record).await);
    let agent = server.user(AGENT).await.to_string();
    let made = version(&server, id).await;
    for (field, expected) in [
        ("Title", json!("ab.cd")),
        ("FileExtension", json!("txt")),
        ("FileType", json!("TEXT")),
        ("ContentSize", json!(5)),
        ("Checksum", json!("8b1a9953c4611296a827abf8c47804d7")),
        ("VersionNumber", json!("1")),
        ("IsLatest", json!(true)),
        ("OwnerId", json!(agent)),
    ] {
        assert_eq!(made[field], expected, "{field}");
    }
    let path = format!("/sobjects/ContentVersion/{id}/VersionData");
    let url = made["VersionData"].as_str().unwrap();
    assert!(url.ends_with(&path), "{url}");
    let file = download(&server, AGENT, &path).await;
    assert_eq!(file.text, "Hello");
    assert_eq!(file.header("content-type"), "application/octet-stream");
    let document = document(&server, &made["ContentDocumentId"]).await;
    for field in [
        "Title",
        "FileExtension",
        "FileType",
        "ContentSize",
        "OwnerId",
    ] {
        assert_eq!(document[field], made[field], "{field}");
    }
    assert_eq!(document["LatestPublishedVersionId"], id.as_str());
    let document = document["Id"].as_str().unwrap();
    let soql = format!(
        "SELECT LinkedEntityId, ShareType, Visibility FROM ContentDocumentLink \
         WHERE ContentDocumentId = '{document}'"
    );
    let link = one(&server, &soql).await;
    let seen = ["LinkedEntityId", "ShareType", "Visibility"].map(|name| &link[name]);
    assert_eq!(seen, [&json!(agent), &json!("I"), &json!("AllUsers")]);
}

#[tokio::test]
async fn a_file_may_be_published_to_a_session_or_one_of_its_entries() {
    let server = TestServer::start().await;
    let channel = server.channel("+15550001").await;
    let user = server
        .messaging_user(channel, "+15550100", None, None)
        .await;
    let session = server.open_session(channel, user).await;
    let file = bytes(200_000);
    let record = json!({
        "PathOnClient": "photo.JPG", "Title": "A photo", "FirstPublishLocationId": session.as_str(),
    });
    for parts in [
        [file_part("VersionData", &file), record_part(&record)],
        [record_part(&record), file_part("VersionData", &file)],
    ] {
        let request = server.post(&data("/sobjects/ContentVersion")).as_(AGENT);
        let id = id_of(&request.body(MEDIA_TYPE, body(&parts)).send().await);
        let path = format!("/sobjects/ContentVersion/{id}/VersionData");
        assert!(download(&server, VIEWER, &path).await.bytes == file);
        assert_eq!(version(&server, id).await["FileType"], "JPG");
    }
    let soql = format!(
        "SELECT Id, (SELECT ContentDocument.Title, ShareType FROM ContentDocumentLinks) \
         FROM MessagingSession WHERE Id = '{session}'"
    );
    let links = one(&server, &soql).await["ContentDocumentLinks"]["records"].clone();
    assert_eq!(links.as_array().unwrap().len(), 2);
    assert_eq!(links[0]["ContentDocument"]["Title"], "A photo");
    assert_eq!(links[0]["ShareType"], "V");
}

#[tokio::test]
async fn another_version_of_a_file_becomes_the_latest() {
    let server = TestServer::start().await;
    let record = json!({ "PathOnClient": "a.txt", "VersionData": "YQ==" });
    let first = id_of(&create(&server, AGENT, "ContentVersion", &record).await);
    let file = version(&server, first).await["ContentDocumentId"].clone();
    let record = json!({
        "ContentDocumentId": file, "PathOnClient": "b.csv", "VersionData": "YmI=",
        "ReasonForChange": "better",
    });
    let second = id_of(&create(&server, ADMIN, "ContentVersion", &record).await);
    let (old, new) = (
        version(&server, first).await,
        version(&server, second).await,
    );
    assert_eq!(
        (&old["IsLatest"], &old["VersionNumber"]),
        (&json!(false), &json!("1"))
    );
    assert_eq!(
        (&new["IsLatest"], &new["VersionNumber"]),
        (&json!(true), &json!("2"))
    );
    let shown = document(&server, &file).await;
    assert_eq!(shown["LatestPublishedVersionId"], second.as_str());
    let seen = ["Title", "FileType", "ContentSize"].map(|name| &shown[name]);
    assert_eq!(seen, [&json!("b"), &json!("CSV"), &json!(2)]);
    let agent = server.user(AGENT).await;
    assert_eq!(
        shown["OwnerId"],
        agent.as_str(),
        "the file stays its owner's"
    );
    for (id, text) in [(first, "a"), (second, "bb")] {
        let path = format!("/sobjects/ContentVersion/{id}/VersionData");
        assert_eq!(download(&server, AGENT, &path).await.text, text);
    }
}

#[tokio::test]
async fn versions_made_at_the_same_time_follow_one_another() {
    let server = TestServer::start().await;
    let record = json!({ "PathOnClient": "a.txt", "VersionData": "YQ==" });
    let first = id_of(&create(&server, AGENT, "ContentVersion", &record).await);
    let file = version(&server, first).await["ContentDocumentId"].clone();
    let record =
        json!({ "ContentDocumentId": file, "PathOnClient": "a.txt", "VersionData": "Yg==" });
    let next = || create(&server, AGENT, "ContentVersion", &record);
    let (one, two, three) = tokio::join!(next(), next(), next());
    for answer in [one, two, three] {
        answer.expect(201);
    }
    let file = file.as_str().unwrap();
    let soql = format!(
        "SELECT VersionNumber, IsLatest FROM ContentVersion WHERE ContentDocumentId = '{file}' \
         ORDER BY VersionNumber"
    );
    let records = server.query(&soql).as_(AGENT).send().await.records();
    let seen: Vec<_> = records
        .iter()
        .map(|record| (record["VersionNumber"].clone(), record["IsLatest"] == true))
        .collect();
    let expected = [("1", false), ("2", false), ("3", false), ("4", true)];
    assert_eq!(
        seen,
        expected.map(|(number, latest)| (json!(number), latest))
    );
}

#[tokio::test]
async fn a_title_changes_in_the_file_and_its_latest_version_together() {
    let server = TestServer::start().await;
    let record = json!({ "PathOnClient": "a.txt", "VersionData": "YQ==" });
    let id = id_of(&create(&server, AGENT, "ContentVersion", &record).await);
    let file = version(&server, id).await["ContentDocumentId"].clone();
    let of_version = data(&format!("/sobjects/ContentVersion/{id}"));
    let of_file = data(&format!(
        "/sobjects/ContentDocument/{}",
        file.as_str().unwrap()
    ));
    for (path, title) in [(of_version, "by the version"), (of_file, "by the file")] {
        let request = server.patch(&path).as_(AGENT);
        request
            .json(&json!({ "Title": title }))
            .send()
            .await
            .expect(204);
        assert_eq!(version(&server, id).await["Title"], title);
        assert_eq!(document(&server, &file).await["Title"], title);
    }
}

#[tokio::test]
async fn what_lacks_a_file_or_its_name_is_refused() {
    let server = TestServer::start().await;
    for (record, missing) in [
        (
            json!({ "PathOnClient": "a.txt", "VersionData": "" }),
            "[VersionData]",
        ),
        (json!({ "PathOnClient": "a.txt" }), "[VersionData]"),
        (
            json!({ "Title": "a", "VersionData": "YQ==" }),
            "[PathOnClient]",
        ),
    ] {
        let answer = create(&server, AGENT, "ContentVersion", &record).await;
        let message = answer.expect_error(400, "REQUIRED_FIELD_MISSING");
        assert!(message.ends_with(missing), "{message}");
    }
    let record = json!({ "PathOnClient": "a.txt", "VersionData": "*" });
    let answer = create(&server, AGENT, "ContentVersion", &record).await;
    answer.expect_error(400, "JSON_PARSER_ERROR");
    let record = json!({ "Title": "a" });
    let answer = create(&server, ADMIN, "ContentDocument", &record).await;
    answer.expect_error(405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn a_version_is_of_a_file_that_its_maker_may_change() {
    let server = TestServer::start().await;
    let record = json!({ "PathOnClient": "a.txt", "VersionData": "YQ==" });
    let id = id_of(&create(&server, ADMIN, "ContentVersion", &record).await);
    let hidden = version(&server, id).await["ContentDocumentId"].clone();
    let nobodys = json!("069HW0000000zzz");
    for (file, code) in [
        (hidden, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"),
        (nobodys, "INVALID_CROSS_REFERENCE_KEY"),
    ] {
        let record = json!({
            "ContentDocumentId": file, "PathOnClient": "a.txt", "VersionData": "YQ==",
        });
        let answer = create(&server, AGENT, "ContentVersion", &record).await;
        answer.expect_error(400, code);
    }
    let records = server
        .query("SELECT Id FROM ContentVersion")
        .as_(ADMIN)
        .send()
        .await
        .records();
    assert_eq!(records.len(), 1);
}

#[tokio::test]
async fn a_deleted_file_takes_its_versions_and_links_with_it_and_brings_them_back() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let record = json!({
        "PathOnClient": "a.txt", "VersionData": "YQ==", "FirstPublishLocationId": account.as_str(),
    });
    let id = id_of(&create(&server, AGENT, "ContentVersion", &record).await);
    let file = version(&server, id).await["ContentDocumentId"].clone();
    let file = file.as_str().unwrap();
    let path = format!("/sobjects/ContentVersion/{id}/VersionData");
    let remove = || server.delete(&data(&format!("/sobjects/ContentDocument/{file}")));
    remove()
        .as_(VIEWER)
        .send()
        .await
        .expect_error(403, "INSUFFICIENT_ACCESS_OR_READONLY");
    remove().as_(AGENT).send().await.expect(204);
    download(&server, ADMIN, &path)
        .await
        .expect_error(404, "ENTITY_IS_DELETED");
    let links = format!("SELECT Id FROM ContentDocumentLink WHERE ContentDocumentId = '{file}'");
    let count = async || server.query(&links).as_(ADMIN).send().await.records().len();
    assert_eq!(count().await, 0);
    let system = server.org().system();
    server.org().undelete(&system, file).await.unwrap();
    assert_eq!(count().await, 2);
    assert_eq!(download(&server, AGENT, &path).await.text, "a");
    remove().as_(AGENT).send().await.expect(204);
    server.org().empty_from_bin(&system, file).await.unwrap();
    assert!(
        server
            .org()
            .store()
            .lines(1, 0, 1)
            .await
            .unwrap()
            .is_empty()
    );
    let answer = server
        .delete(&data(&format!("/sobjects/ContentVersion/{id}")))
        .as_(ADMIN);
    answer.send().await.expect_error(405, "METHOD_NOT_ALLOWED");
}
