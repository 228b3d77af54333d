//! `/composite/sobjects`.

use headwater_testkit::{ADMIN, TestServer, VIEWER};
use serde_json::{Value, json};

use super::count;
use crate::{data, with_external_id};

const PATH: &str = "/composite/sobjects";

fn account(name: &str) -> Value {
    json!({ "attributes": { "type": "Account" }, "Name": name })
}

async fn send(server: &TestServer, method: &str, path: &str, body: &Value) -> Value {
    let request = server.request(method, &data(path)).as_(ADMIN).json(body);
    request.send().await.expect(200)
}

#[tokio::test]
async fn each_new_record_is_answered_in_its_place() {
    let server = TestServer::start().await;
    let contact = json!({ "attributes": { "type": "Contact" }, "Email": "nobody" });
    let body = json!({ "records": [account("One"), contact, account("Two")] });
    let rows = send(&server, "POST", PATH, &body).await;
    assert_eq!(
        (&rows[0]["success"], &rows[2]["success"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(rows[0]["errors"], json!([]));
    assert_eq!(rows[1]["success"], false);
    assert_eq!(rows[1]["id"], json!(null));
    let codes: Vec<&str> = rows[1]["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["statusCode"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["INVALID_EMAIL_ADDRESS", "REQUIRED_FIELD_MISSING"]);
    assert_eq!(rows[1]["errors"][1]["fields"], json!(["LastName"]));
    assert_eq!(count(&server, "SELECT Id FROM Account").await, 2);
}

#[tokio::test]
async fn all_or_none_leaves_nothing_and_names_the_culprits() {
    let server = TestServer::start().await;
    let missing = "001HW0000009999";
    let orphan =
        json!({ "attributes": { "type": "Contact" }, "LastName": "x", "AccountId": missing });
    let nameless = json!({ "attributes": { "type": "Account" } });
    for bad in [orphan.clone(), nameless.clone()] {
        let body = json!({ "allOrNone": true, "records": [account("One"), bad, orphan] });
        let rows = send(&server, "POST", PATH, &body).await;
        let code = |row: usize| {
            rows[row]["errors"][0]["statusCode"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(code(0), "ALL_OR_NONE_OPERATION_ROLLED_BACK");
        assert!(code(1) != code(0), "the record keeps its own error");
        // Also where it is only the database that knows of it.
        assert_eq!(code(2), "INVALID_CROSS_REFERENCE_KEY");
        assert_eq!(count(&server, "SELECT Id FROM Account").await, 0);
    }
}

#[tokio::test]
async fn updates_name_their_record_in_the_body() {
    let server = TestServer::start().await;
    let one = server.account("One").await.to_string();
    let update = |id: &str, name: &str| json!({ "attributes": { "type": "Account" }, "id": id, "Name": name });
    let no_id = account("x");
    let body = json!({ "records": [
        update(&one, "Uno"), update("001HW0000009999", "x"), update("nonsense", "x"), no_id,
    ] });
    let rows = send(&server, "PATCH", PATH, &body).await;
    assert_eq!(rows[0], json!({ "id": one, "success": true, "errors": [] }));
    let code = |row: usize| {
        rows[row]["errors"][0]["statusCode"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(code(1), "INVALID_CROSS_REFERENCE_KEY");
    assert_eq!(code(2), "MALFORMED_ID");
    assert_eq!(code(3), "MISSING_ARGUMENT");
    assert_eq!(
        count(&server, "SELECT Id FROM Account WHERE Name = 'Uno'").await,
        1
    );
}

#[tokio::test]
async fn an_upsert_changes_what_is_there_and_makes_the_rest() {
    let server = with_external_id().await;
    let path = "/composite/sobjects/Account/Ext__c";
    let with_key = |key: &str, name: &str| json!({ "attributes": { "type": "Account" }, "ext__c": key, "Name": name });
    let body = json!({ "records": [with_key("a", "A")] });
    let first = send(&server, "PATCH", path, &body).await;
    assert_eq!(
        (&first[0]["created"], &first[0]["success"]),
        (&json!(true), &json!(true))
    );
    let body = json!({ "records": [with_key("a", "B"), with_key("b", "B"), with_key("B", "C"), account("x")] });
    let rows = send(&server, "PATCH", path, &body).await;
    assert_eq!(
        (&rows[0]["id"], &rows[0]["created"]),
        (&first[0]["id"], &json!(false))
    );
    assert_eq!(rows[1]["created"], true);
    assert_eq!(rows[2]["errors"][0]["statusCode"], "DUPLICATE_VALUE");
    assert_eq!(rows[3]["errors"][0]["statusCode"], "MISSING_ARGUMENT");
    assert_eq!(
        count(&server, "SELECT Id FROM Account WHERE Name = 'B'").await,
        2
    );
}

#[tokio::test]
async fn records_of_several_objects_are_deleted_by_id() {
    let server = TestServer::start().await;
    let account = server.account("One").await.to_string();
    let contact = server.contact("Two", None).await.to_string();
    let kept = server.account("Kept").await.to_string();
    let path = data(&format!("{PATH}?ids={account},{contact},xyz,{account}"));
    let rows = server.delete(&path).as_(ADMIN).send().await.expect(200);
    assert_eq!(
        rows[0],
        json!({ "id": account, "success": true, "errors": [] })
    );
    assert_eq!(rows[1]["success"], true);
    assert_eq!(rows[2]["errors"][0]["statusCode"], "MALFORMED_ID");
    assert_eq!(rows[3]["errors"][0]["statusCode"], "ENTITY_IS_DELETED");
    let path = data(&format!("{PATH}?ids={kept},{account}&allOrNone=true"));
    let rows = server.delete(&path).as_(ADMIN).send().await.expect(200);
    assert_eq!(
        rows[0]["errors"][0]["statusCode"],
        "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    );
    assert_eq!(count(&server, "SELECT Id FROM Account").await, 1);
}

#[tokio::test]
async fn records_are_read_in_the_order_of_the_ids_and_what_is_missing_is_null() {
    let server = TestServer::start().await;
    let (a, b) = (
        server.account("A").await.to_string(),
        server.account("B").await.to_string(),
    );
    let ids = [&b, "001HW0000009999", &a, &b];
    let path = data(&format!("{PATH}/account?ids={}&fields=name", ids.join(",")));
    let read = server.get(&path).as_(ADMIN).send().await.expect(200);
    let body = json!({ "ids": ids, "fields": ["Name"] });
    let posted = send(&server, "POST", "/composite/sobjects/Account", &body).await;
    assert_eq!(read, posted);
    let names: Vec<&Value> = read
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["Name"])
        .collect();
    assert_eq!(names, [&json!("B"), &json!(null), &json!("A"), &json!("B")]);
    assert_eq!(read[1], json!(null));
    assert_eq!(
        read[0]["attributes"]["url"],
        data(&format!("/sobjects/Account/{b}"))
    );
}

#[tokio::test]
async fn what_is_wrong_with_the_whole_is_refused_as_a_whole() {
    let server = TestServer::start().await;
    let refused = async |body: Value, code: &str| {
        let request = server.post(&data(PATH)).as_(ADMIN).json(&body);
        request.send().await.expect_error(400, code)
    };
    let many: Vec<Value> = (0..201).map(|n| account(&n.to_string())).collect();
    refused(json!({ "records": many }), "EXCEEDED_ID_LIMIT").await;
    refused(json!({ "records": [{ "Name": "x" }] }), "INVALID_FIELD").await;
    refused(json!({ "records": 7 }), "JSON_PARSER_ERROR").await;
    let contact = json!({ "attributes": { "type": "Contact" }, "LastName": "x" });
    let chunks: Vec<Value> = (0..6)
        .flat_map(|_| [account("x"), contact.clone()])
        .collect();
    refused(json!({ "records": chunks }), "LIMIT_EXCEEDED").await;
    assert_eq!(count(&server, "SELECT Id FROM Account").await, 0);
}

#[tokio::test]
async fn rights_hold_for_each_record() {
    let server = TestServer::start().await;
    let id = server.account("One").await.to_string();
    let body = json!({ "records": [
        { "attributes": { "type": "Account" }, "id": id, "Name": "x" },
        { "attributes": { "type": "Nothing" }, "id": id },
        { "attributes": { "type": "CaseHistory" }, "id": "017000000000001" },
    ] });
    let request = server.patch(&data(PATH)).as_(VIEWER).json(&body);
    let rows = request.send().await.expect(200);
    let codes: Vec<&str> = (0..3)
        .map(|row| rows[row]["errors"][0]["statusCode"].as_str().unwrap())
        .collect();
    assert_eq!(codes[0], "INSUFFICIENT_ACCESS_OR_READONLY");
    assert_eq!(codes[1], "INVALID_TYPE");
    assert!(
        matches!(codes[2], "INVALID_TYPE_FOR_OPERATION" | "INVALID_TYPE"),
        "{codes:?}"
    );
}
