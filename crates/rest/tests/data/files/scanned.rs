//! Files that are looked at for viruses: what is found, and what happens while nobody looks.

use headwater_testkit::{ADMIN, TestScanner, TestServer};
use serde_json::{Value, json};

use super::{MEDIA_TYPE, body, create, file_part, id_of, record_part};
use crate::data;

/// `a virus`, and something else, as base64.
const VIRUS: &str = "YSB2aXJ1cw==";
const CLEAN: &str = "Y2xlYW4=";

const FOUND: &str = "an infected file was refused";
const AWAY: &str = "it could not be scanned for viruses";

fn version(base64: &str) -> Value {
    json!({ "PathOnClient": "bill.pdf", "VersionData": base64 })
}

async fn count(server: &TestServer, object: &str) -> u64 {
    let soql = data(&format!("/query?q=SELECT+COUNT()+FROM+{object}"));
    let answer = server.get(&soql).as_(ADMIN).send().await;
    answer.expect(200)["totalSize"].as_u64().expect("a count")
}

#[tokio::test]
async fn what_holds_a_virus_is_refused_by_its_name_and_nothing_is_kept() {
    let server = TestServer::start().await;
    TestScanner::watch(server.org());
    server.expect_log(FOUND);
    let refused = create(&server, ADMIN, "ContentVersion", &version(VIRUS)).await;
    let expected = json!([{
        "message": "Version Data: the file was not taken: it holds the virus Test.Virus-1",
        "errorCode": "FIELD_INTEGRITY_EXCEPTION",
        "fields": ["VersionData"],
    }]);
    assert_eq!(refused.expect(400), expected);
    for object in ["ContentVersion", "ContentDocument"] {
        assert_eq!(count(&server, object).await, 0, "{object}");
    }
    // As part of a body too, and in the place of a file that is there.
    let account = server.account("Sample").await;
    let record = json!({ "ParentId": account.as_str(), "Name": "bill" });
    let parts = body(&[record_part(&record), file_part("Body", b"this is a virus")]);
    let path = data("/sobjects/Attachment");
    let post = server.post(&path).as_(ADMIN).body(MEDIA_TYPE, parts);
    post.send().await.expect(400);
    assert_eq!(count(&server, "Attachment").await, 0);
    let record = json!({ "ParentId": account.as_str(), "Name": "bill", "Body": CLEAN });
    let kept = id_of(&create(&server, ADMIN, "Attachment", &record).await);
    let row = data(&format!("/sobjects/Attachment/{kept}"));
    let other = json!({ "Body": VIRUS });
    server
        .patch(&row)
        .as_(ADMIN)
        .json(&other)
        .send()
        .await
        .expect(400);
    let bytes = server.get(&format!("{row}/Body")).as_(ADMIN).send().await;
    assert_eq!(bytes.bytes, b"clean");
    id_of(&create(&server, ADMIN, "ContentVersion", &version(CLEAN)).await);
}

#[tokio::test]
async fn of_several_records_the_infected_one_is_refused() {
    let server = TestServer::start().await;
    TestScanner::watch(server.org());
    server.expect_log(FOUND);
    let of = |base64: &str| json!({ "attributes": { "type": "ContentVersion" }, "PathOnClient": "a.txt", "VersionData": base64 });
    let records = json!({ "allOrNone": false, "records": [of(VIRUS), of(CLEAN)] });
    let path = data("/composite/sobjects");
    let answer = server.post(&path).as_(ADMIN).json(&records).send().await;
    let answer = answer.expect(200);
    assert_eq!(answer[0]["success"], false);
    assert_eq!(
        answer[0]["errors"][0]["statusCode"],
        "FIELD_INTEGRITY_EXCEPTION"
    );
    assert_eq!(answer[1]["success"], true);
    let records = json!({ "allOrNone": true, "records": [of(CLEAN), of(VIRUS)] });
    let answer = server.post(&path).as_(ADMIN).json(&records).send().await;
    assert_eq!(answer.expect(200)[0]["success"], false);
    assert_eq!(count(&server, "ContentVersion").await, 1);
}

#[tokio::test]
async fn while_the_scanner_is_away_no_file_is_taken() {
    let server = TestServer::start().await;
    let scanner = TestScanner::watch(server.org());
    scanner.is_away(true);
    server.expect_log(AWAY);
    let refused = create(&server, ADMIN, "ContentVersion", &version(CLEAN)).await;
    assert_eq!(refused.expect(503)[0]["errorCode"], "SERVER_UNAVAILABLE");
    assert_eq!(refused.headers["retry-after"], "30");
    assert_eq!(count(&server, "ContentVersion").await, 0);
    // What is no file is none of its business.
    server.account("Sample").await;
    scanner.is_away(false);
    id_of(&create(&server, ADMIN, "ContentVersion", &version(CLEAN)).await);
}

#[tokio::test]
async fn what_is_larger_than_the_scanner_looks_at_is_refused() {
    let server = TestServer::start().await;
    TestScanner::watch(server.org());
    let account = server.account("Sample").await;
    let record = json!({ "ParentId": account.as_str(), "Name": "bill" });
    let path = data("/sobjects/Attachment");
    for (size, status) in [
        (TestScanner::BYTES_MAX, 201),
        (TestScanner::BYTES_MAX + 1, 400),
    ] {
        let parts = body(&[record_part(&record), file_part("Body", &vec![b'x'; size])]);
        let post = server.post(&path).as_(ADMIN).body(MEDIA_TYPE, parts);
        let answer = post.send().await;
        let answer = answer.expect(status);
        if status == 400 {
            assert_eq!(answer[0]["errorCode"], "MAXIMUM_SIZE_OF_ATTACHMENT");
        }
    }
}
