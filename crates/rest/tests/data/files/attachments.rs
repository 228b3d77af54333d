//! `/sobjects/Attachment`.

use headwater_catalogue::Id;
use headwater_testkit::{ADMIN, AGENT, TestServer, VIEWER};
use serde_json::{Value, json};

use super::{MEDIA_TYPE, body, bytes, create, download, file_part, id_of, record_part};
use crate::data;

/// `Hello, file!\n`.
const HELLO: &str = "SGVsbG8sIGZpbGUhCg==";

async fn attach(server: &TestServer, parent: Id, name: &str) -> Id {
    let record = json!({ "ParentId": parent.as_str(), "Name": name, "Body": HELLO });
    id_of(&create(server, AGENT, "Attachment", &record).await)
}

#[tokio::test]
async fn what_is_uploaded_as_json_is_downloaded_byte_by_byte() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let record = json!({
        "ParentId": account.as_str(), "Name": "hello.txt", "ContentType": "text/plain", "Body": HELLO,
    });
    let id = id_of(&create(&server, AGENT, "Attachment", &record).await);
    let path = format!("/sobjects/Attachment/{id}");
    let row = download(&server, AGENT, &path).await.expect(200);
    assert_eq!(row["Body"], data(&format!("{path}/Body")));
    assert_eq!(
        (&row["BodyLength"], &row["Name"]),
        (&json!(13), &json!("hello.txt"))
    );
    let file = download(&server, VIEWER, &format!("{path}/body")).await;
    file.expect(200);
    assert_eq!(file.bytes, b"Hello, file!\n");
    assert_eq!(file.header("content-type"), "text/plain");
    assert_eq!(file.header("content-length"), "13");
}

#[tokio::test]
async fn a_query_shows_where_the_bytes_are_and_how_many() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let id = attach(&server, account, "hello.txt").await;
    let path = format!("/sobjects/Attachment/{id}/Body");
    let is_path = |url: &Value| url.as_str().is_some_and(|url| url.ends_with(&path));
    let soql = format!("SELECT Body, Parent.Name FROM Attachment WHERE ParentId = '{account}'");
    let records = server.query(&soql).as_(AGENT).send().await.records();
    assert_eq!(records[0]["Parent"]["Name"], "Sample");
    assert!(is_path(&records[0]["Body"]), "{records:?}");
    let soql = "SELECT Id, (SELECT Name, BodyLength, Body FROM Attachments) FROM Account";
    let records = server.query(soql).as_(AGENT).send().await.records();
    let child = &records[0]["Attachments"]["records"][0];
    assert_eq!(child["BodyLength"], 13);
    assert!(is_path(&child["Body"]), "{child}");
    for (clause, code) in [
        ("WHERE Body = 'x'", "INVALID_FIELD"),
        ("ORDER BY Body", "MALFORMED_QUERY"),
    ] {
        let soql = format!("SELECT Id FROM Attachment {clause}");
        let answer = server.query(&soql).as_(AGENT).send().await;
        let message = answer.expect_error(400, code);
        assert!(message.contains("field 'Body' can not be"), "{message}");
    }
}

#[tokio::test]
async fn a_file_of_many_pieces_arrives_in_a_part_of_its_own_before_or_after_its_record() {
    let server = TestServer::start().await;
    let case = server.create("Case", &[]).await;
    let file = bytes(1_000_003);
    let record = record_part(&json!({ "ParentId": case.as_str(), "Name": "large.bin" }));
    for parts in [
        [record.clone(), file_part("Body", &file)],
        [file_part("body", &file), record],
    ] {
        let request = server.post(&data("/sobjects/Attachment")).as_(AGENT);
        let id = id_of(&request.body(MEDIA_TYPE, body(&parts)).send().await);
        let answer = download(&server, AGENT, &format!("/sobjects/Attachment/{id}/Body")).await;
        assert_eq!(answer.status, 200);
        assert!(
            answer.bytes == file,
            "{} bytes came back",
            answer.bytes.len()
        );
        assert_eq!(answer.header("content-type"), "application/octet-stream");
    }
}

#[tokio::test]
async fn an_update_puts_other_bytes_in_the_place_of_the_old_ones() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let id = attach(&server, account, "hello.txt").await;
    let path = format!("/sobjects/Attachment/{id}");
    let change = || server.patch(&data(&path)).as_(AGENT);
    change()
        .json(&json!({ "Name": "renamed.txt" }))
        .send()
        .await
        .expect(204);
    let kept = download(&server, AGENT, &format!("{path}/Body")).await;
    assert_eq!(kept.text, "Hello, file!\n");
    change()
        .json(&json!({ "Body": "QUJD" }))
        .send()
        .await
        .expect(204);
    assert_eq!(
        download(&server, AGENT, &format!("{path}/Body")).await.text,
        "ABC"
    );
    let parts = [
        file_part("Body", b"ABCD"),
        record_part(&json!({ "Description": "d" })),
    ];
    change()
        .body(MEDIA_TYPE, body(&parts))
        .send()
        .await
        .expect(204);
    assert_eq!(
        download(&server, AGENT, &format!("{path}/Body")).await.text,
        "ABCD"
    );
    let row = download(&server, AGENT, &path).await.expect(200);
    assert_eq!(
        (&row["BodyLength"], &row["Description"]),
        (&json!(4), &json!("d"))
    );
    assert_eq!(sheets_in_use(&server, 4).await, [3]);
}

/// Which of the first sheets hold something.
async fn sheets_in_use(server: &TestServer, up_to: i64) -> Vec<i64> {
    let mut in_use = Vec::new();
    for sheet in 1..=up_to {
        let lines = server.org().store().lines(sheet, 0, 1).await;
        let lines = lines.expect("the database can be read");
        in_use.extend((!lines.is_empty()).then_some(sheet));
    }
    in_use
}

#[tokio::test]
async fn the_bytes_stay_as_long_as_the_recycle_bin_has_the_record() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let id = attach(&server, account, "hello.txt").await;
    let system = server.org().system();
    let path = format!("/sobjects/Attachment/{id}/Body");
    let remove = || {
        server
            .delete(&data(&format!("/sobjects/Account/{account}")))
            .as_(ADMIN)
    };
    remove().send().await.expect(204);
    download(&server, AGENT, &path)
        .await
        .expect_error(404, "ENTITY_IS_DELETED");
    server
        .org()
        .undelete(&system, account.as_str())
        .await
        .unwrap();
    assert_eq!(download(&server, AGENT, &path).await.text, "Hello, file!\n");
    remove().send().await.expect(204);
    assert_eq!(sheets_in_use(&server, 2).await, [1]);
    server
        .org()
        .empty_from_bin(&system, account.as_str())
        .await
        .unwrap();
    assert!(sheets_in_use(&server, 2).await.is_empty());
    download(&server, AGENT, &path)
        .await
        .expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let with = |body: Value| json!({ "ParentId": account.as_str(), "Name": "f", "Body": body });
    for (record, code) in [
        (
            json!({ "ParentId": account.as_str(), "Name": "f" }),
            "REQUIRED_FIELD_MISSING",
        ),
        (with(json!("")), "REQUIRED_FIELD_MISSING"),
        (with(json!("not*base64")), "JSON_PARSER_ERROR"),
        (with(json!(7)), "JSON_PARSER_ERROR"),
        (
            json!({ "ParentId": account.as_str(), "Body": HELLO }),
            "REQUIRED_FIELD_MISSING",
        ),
        (
            json!({ "Name": "f", "Body": HELLO }),
            "REQUIRED_FIELD_MISSING",
        ),
    ] {
        let answer = create(&server, AGENT, "Attachment", &record).await;
        let message = answer.expect_error(400, code);
        assert!(
            code != "JSON_PARSER_ERROR" || message.contains("base64"),
            "{message}"
        );
    }
    for lenient in ["QUI=", "QUI", "Q\r\nUI="] {
        let record = with(json!(lenient));
        let id = id_of(&create(&server, AGENT, "Attachment", &record).await);
        let path = format!("/sobjects/Attachment/{id}/Body");
        assert_eq!(download(&server, AGENT, &path).await.text, "AB");
    }
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_with_the_limit() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let record = record_part(&json!({ "ParentId": account.as_str(), "Name": "huge.bin" }));
    let file = file_part("Body", &vec![0; 39_321_601]);
    let request = server.post(&data("/sobjects/Attachment")).as_(AGENT);
    let answer = request.body(MEDIA_TYPE, body(&[record, file])).send().await;
    let message = answer.expect_error(400, "MAXIMUM_SIZE_OF_ATTACHMENT");
    assert!(message.contains("39321600"), "{message}");
}

#[tokio::test]
async fn a_private_file_is_seen_by_its_owner_and_by_those_who_see_everything() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let mut ids = Vec::new();
    for who in [ADMIN, AGENT] {
        let record =
            json!({ "ParentId": account.as_str(), "Name": "f", "Body": HELLO, "IsPrivate": true });
        ids.push(id_of(&create(&server, who, "Attachment", &record).await));
    }
    for (who, admins, agents) in [(ADMIN, 200, 200), (AGENT, 404, 200), (VIEWER, 404, 404)] {
        for (id, status) in ids.iter().zip([admins, agents]) {
            let path = format!("/sobjects/Attachment/{id}/Body");
            assert_eq!(download(&server, who, &path).await.status, status, "{who}");
        }
    }
    let record = json!({ "ParentId": account.as_str(), "Name": "f", "Body": HELLO });
    let answer = create(&server, VIEWER, "Attachment", &record).await;
    answer.expect_error(403, "INSUFFICIENT_ACCESS_OR_READONLY");
}

#[tokio::test]
async fn a_file_is_sent_as_it_is_whatever_form_the_answer_is_asked_in() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let media_type = "application/json;charset=UTF-8";
    let record = json!({
        "ParentId": account.as_str(), "Name": "f.json", "ContentType": media_type, "Body": "eyJhIjoxfQ==",
    });
    let id = id_of(&create(&server, AGENT, "Attachment", &record).await);
    let path = data(&format!("/sobjects/Attachment/{id}/Body"));
    let request = server
        .get(&path)
        .as_(AGENT)
        .header("accept", "application/xml");
    let answer = request.header("x-prettyprint", "1").send().await;
    assert_eq!(
        (answer.text.as_str(), answer.header("content-type")),
        ("{\"a\":1}", media_type)
    );
    // An answer in JSON, such as that to several requests together, holds no file.
    let part = json!({ "method": "GET", "url": path, "referenceId": "file" });
    let request = server.post(&data("/composite")).as_(AGENT);
    let answer = request
        .json(&json!({ "compositeRequest": [part] }))
        .send()
        .await;
    let parts = answer.expect(200);
    assert_eq!(parts["compositeResponse"][0]["httpStatusCode"], 404);
}

#[tokio::test]
async fn files_come_with_other_records_in_one_request() {
    let server = TestServer::start().await;
    let sobjects = data("/sobjects");
    let body = json!({ "allOrNone": true, "compositeRequest": [
        { "method": "POST", "url": format!("{sobjects}/Account"), "referenceId": "account",
          "body": { "Name": "Sample" } },
        { "method": "POST", "url": format!("{sobjects}/Attachment"), "referenceId": "file",
          "body": { "ParentId": "@{account.id}", "Name": "f", "Body": HELLO } },
        { "method": "GET", "url": format!("{sobjects}/Attachment/@{{file.id}}?fields=BodyLength"),
          "referenceId": "read" },
    ] });
    let request = server.post(&data("/composite")).as_(AGENT).json(&body);
    let parts = request.send().await.expect(200)["compositeResponse"].clone();
    assert_eq!(parts[2]["body"]["BodyLength"], 13, "{parts}");
    let id = parts[1]["body"]["id"].as_str().unwrap_or_default();
    let path = format!("/sobjects/Attachment/{id}/Body");
    assert_eq!(download(&server, AGENT, &path).await.text, "Hello, file!\n");
    let record = json!({
        "attributes": { "type": "Attachment" }, "ParentId": parts[0]["body"]["id"], "Name": "f",
        "Body": "QUJD",
    });
    let request = server.post(&data("/composite/sobjects")).as_(AGENT);
    let made = request
        .json(&json!({ "records": [record] }))
        .send()
        .await
        .expect(200);
    let id = made[0]["id"].as_str().unwrap_or_default();
    let path = format!("/sobjects/Attachment/{id}/Body");
    assert_eq!(download(&server, AGENT, &path).await.text, "ABC", "{made}");
}
