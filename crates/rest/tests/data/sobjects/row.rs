//! `/sobjects/{object}` and `/sobjects/{object}/{id}`.

use headwater_testkit::{ADMIN, AGENT, TestServer, VIEWER};
use serde_json::json;

use crate::data;

#[tokio::test]
async fn a_created_record_is_where_the_answer_says() {
    let server = TestServer::start().await;
    let body = json!({
        "attributes": { "type": "Account" },
        "name": "Größe\t\"A\"",
        "AnnualRevenue": 1234,
        "NumberOfEmployees": 7,
        "BillingCity": "Oslo",
        "Site": "",
    });
    let answer = server
        .post(&data("/sobjects/account/"))
        .as_(AGENT)
        .json(&body)
        .send()
        .await;
    let created = answer.expect(201);
    assert_eq!(created["success"], true);
    assert_eq!(created["errors"], json!([]));
    let id = created["id"].as_str().unwrap();
    let location = answer.header("location");
    assert_eq!(location, data(&format!("/sobjects/Account/{id}")));

    let row = server.get(location).as_(AGENT).send().await.expect(200);
    assert_eq!(
        row["attributes"],
        json!({ "type": "Account", "url": location })
    );
    assert_eq!(row["Name"], "Größe\t\"A\"");
    assert_eq!(row["AnnualRevenue"].to_string(), "1234.0");
    assert_eq!(row["NumberOfEmployees"], 7);
    assert_eq!(row["Site"], json!(null));
    assert_eq!(row["BillingAddress"]["city"], "Oslo");
    assert_eq!(row["ShippingAddress"], json!(null));
    assert_eq!(row["CreatedDate"], "2026-01-15T12:00:00.000+0000");
    assert_eq!(row["IsDeleted"], false);
}

#[tokio::test]
async fn fields_choose_what_is_read_and_in_which_order() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let path = data(&format!(
        "/sobjects/Account/{}?fields=Phone,%20name",
        account.short()
    ));
    let answer = server.get(&path).as_(AGENT).send().await;
    let url = data(&format!("/sobjects/Account/{account}"));
    let start =
        format!("{{\"attributes\":{{\"type\":\"Account\",\"url\":\"{url}\"}},\"Phone\":null,");
    assert!(answer.text.starts_with(&start), "{}", answer.text);
    assert!(answer.text.contains("\"Name\":\"Sample\""));
    let path = data(&format!("/sobjects/Account/{account}?fields=Nothing"));
    let answer = server.get(&path).as_(AGENT).send().await;
    let message = answer.expect_error(400, "INVALID_FIELD");
    assert_eq!(
        message,
        "No such column 'Nothing' on sobject of type Account"
    );
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_says_nothing() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let path = data(&format!("/sobjects/Account/{account}"));
    let body = json!({ "Phone": "1", "Site": null });
    let answer = server.patch(&path).as_(AGENT).json(&body).send().await;
    answer.expect(204);
    assert_eq!(
        (answer.text.as_str(), answer.header("content-type")),
        ("", "")
    );
    let row = server.get(&path).as_(AGENT).send().await.expect(200);
    assert_eq!(
        (&row["Phone"], &row["Name"]),
        (&json!("1"), &json!("Sample"))
    );
}

#[tokio::test]
async fn a_deleted_record_is_gone_and_says_so_the_second_time() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let path = data(&format!("/sobjects/Account/{account}"));
    server.delete(&path).as_(ADMIN).send().await.expect(204);
    for request in [server.delete(&path), server.get(&path)] {
        let message = request
            .as_(ADMIN)
            .send()
            .await
            .expect_error(404, "ENTITY_IS_DELETED");
        assert_eq!(message, "entity is deleted");
    }
}

#[tokio::test]
async fn a_delete_of_what_is_no_id_says_so() {
    let server = TestServer::start().await;
    let path = data("/sobjects/Account/nonsense");
    let answer = server.delete(&path).as_(ADMIN).send().await;
    assert_eq!(
        answer.expect_error(400, "MALFORMED_ID"),
        "malformed id nonsense"
    );
    let path = data("/sobjects/Nothing/001HW0000000001");
    let answer = server.delete(&path).as_(ADMIN).send().await;
    answer.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn reading_under_conditions() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let path = data(&format!("/sobjects/Account/{account}"));
    let first = server.get(&path).as_(AGENT).send().await;
    let (tag, date) = (first.header("etag"), first.header("last-modified"));
    assert_eq!(date, "Thu, 15 Jan 2026 12:00:00 GMT");
    for (header, value, status) in [
        ("if-none-match", tag, 304),
        ("if-none-match", "\"other\"", 200),
        ("if-modified-since", date, 304),
        ("if-modified-since", "Thu, 15 Jan 2026 11:59:59 GMT", 200),
        ("if-match", tag, 200),
        ("if-match", "\"other\"", 412),
        ("if-unmodified-since", date, 200),
        ("if-unmodified-since", "Thu, 15 Jan 2026 11:59:59 GMT", 412),
    ] {
        let answer = server
            .get(&path)
            .as_(AGENT)
            .header(header, value)
            .send()
            .await;
        assert_eq!(answer.status, status, "{header}: {value}");
    }
}

#[tokio::test]
async fn a_write_that_saw_an_older_version_changes_nothing() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let path = data(&format!("/sobjects/Account/{account}"));
    let seen = server.get(&path).as_(AGENT).send().await;
    server.clock().advance(jiff::SignedDuration::from_secs(5));
    let change = |value: &str| {
        server
            .patch(&path)
            .as_(AGENT)
            .json(&json!({ "Phone": value }))
    };
    let first = change("1")
        .header("if-match", seen.header("etag"))
        .send()
        .await;
    first.expect(204);
    let second = change("2")
        .header("if-match", seen.header("etag"))
        .send()
        .await;
    second.expect_error(412, "PRECONDITION_FAILED");
    assert_eq!(second.header("etag"), first.header("etag"));
    let late = change("2").header("if-unmodified-since", seen.header("last-modified"));
    assert_eq!(late.send().await.status, 412);
    let known = change("2").header("if-none-match", first.header("etag"));
    assert_eq!(known.send().await.status, 412);
    let unclear = change("2").header("if-match", "nonsense").send().await;
    assert_eq!(unclear.status, 400);
    let row = server.get(&path).as_(AGENT).send().await.expect(200);
    assert_eq!(row["Phone"], "1");
}

#[tokio::test]
async fn a_body_with_an_id_is_refused() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let body = json!({ "Id": account.to_string(), "Phone": "1" });
    let path = data(&format!("/sobjects/Account/{account}"));
    let answer = server.patch(&path).as_(AGENT).json(&body).send().await;
    let message = answer.expect_error(400, "INVALID_FIELD");
    assert_eq!(
        message,
        "The Id field should not be specified in the sobject data."
    );
    let answer = server
        .post(&data("/sobjects/Account"))
        .as_(AGENT)
        .json(&body);
    assert_eq!(answer.send().await.status, 400);
}

#[tokio::test]
async fn rights_are_asked_on_every_verb() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let path = data(&format!("/sobjects/Account/{account}"));
    server.get(&path).as_(VIEWER).send().await.expect(200);
    let change = server
        .patch(&path)
        .as_(VIEWER)
        .json(&json!({ "Phone": "1" }));
    assert!(matches!(change.send().await.status, 400 | 403));
    let create = server.post(&data("/sobjects/Account")).as_(VIEWER);
    let answer = create.json(&json!({ "Name": "x" })).send().await;
    answer.expect_error(403, "INSUFFICIENT_ACCESS_OR_READONLY");
    let answer = server.delete(&path).as_(VIEWER).send().await;
    answer.expect_error(403, "INSUFFICIENT_ACCESS_OR_READONLY");
}

#[tokio::test]
async fn a_parent_is_reached_by_its_relationship_and_children_as_a_query() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let contact = server.contact("Doe", Some(account)).await;
    let parent = server.get(&data(&format!(
        "/sobjects/Contact/{contact}/Account?fields=Name"
    )));
    let parent = parent.as_(AGENT).send().await.expect(200);
    assert_eq!(parent["Name"], "Sample");
    let path = data(&format!("/sobjects/Contact/{contact}/account"));
    let change = server
        .patch(&path)
        .as_(AGENT)
        .json(&json!({ "Phone": "7" }));
    change.send().await.expect(204);
    let path = data(&format!(
        "/sobjects/Account/{account}/Contacts?fields=LastName"
    ));
    let children = server.get(&path).as_(AGENT).send().await.expect(200);
    assert_eq!(children["totalSize"], 1);
    assert_eq!(children["records"][0]["LastName"], "Doe");
    let path = data(&format!("/sobjects/Account/{account}/Nothing"));
    server
        .get(&path)
        .as_(AGENT)
        .send()
        .await
        .expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_multipart_create_is_read_with_its_parts_in_either_order() {
    let server = TestServer::start().await;
    let record = "--b\r\nContent-Disposition: form-data; name=\"entity_content\"\r\n\
                  Content-Type: application/json\r\n\r\n{\"Name\":\"Multi\"}\r\n";
    let file = "--b\r\nContent-Disposition: form-data; name=\"Body\"; filename=\"a\"\r\n\r\nx\r\n";
    let media_type = "multipart/form-data; boundary=b";
    let post = |body: String| {
        let request = server.post(&data("/sobjects/Account")).as_(AGENT);
        request.body(media_type, body)
    };
    post(format!("{record}--b--\r\n")).send().await.expect(201);
    for body in [
        format!("{file}{record}--b--\r\n"),
        format!("{record}{file}--b--\r\n"),
    ] {
        let message = post(body).send().await.expect_error(400, "INVALID_FIELD");
        assert_eq!(message, "No such column 'Body' on sobject of type Account");
    }
    let answer = post("nonsense".to_owned()).send().await;
    answer.expect_error(400, "INVALID_MULTIPART_REQUEST");
}

#[tokio::test]
async fn an_object_tells_itself_in_short_with_recent_records() {
    let server = TestServer::start().await;
    let body = json!({ "Name": "Mine" });
    let post = server
        .post(&data("/sobjects/Account"))
        .as_(AGENT)
        .json(&body);
    let id = post.send().await.expect(201)["id"].clone();
    let soql = "SELECT Id FROM Account FOR VIEW";
    server.query(soql).as_(AGENT).send().await.expect(200);
    let answer = server
        .get(&data("/sobjects/Account"))
        .as_(AGENT)
        .send()
        .await;
    let info = answer.expect(200);
    assert_eq!(info["objectDescribe"]["keyPrefix"], "001");
    assert_eq!(info["recentItems"][0]["Id"], id);
    assert_eq!(info["recentItems"][0]["Name"], "Mine");
    let recent = server
        .get(&data("/recent?limit=1"))
        .as_(AGENT)
        .send()
        .await
        .expect(200);
    assert_eq!(recent[0]["attributes"]["type"], "Account");
}
