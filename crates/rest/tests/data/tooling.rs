//! `/tooling`: custom objects and fields at run time.

use headwater_testkit::{ADMIN, AGENT, TestServer};
use serde_json::{Value, json};

use crate::data;

async fn make(server: &TestServer, object: &str, body: Value) -> Value {
    let path = data(&format!("/tooling/sobjects/{object}/"));
    server
        .post(&path)
        .as_(ADMIN)
        .json(&body)
        .send()
        .await
        .expect(201)
}

#[tokio::test]
async fn an_object_and_its_fields_are_made_and_hold_records_at_once() {
    let server = TestServer::start().await;
    let object = json!({
        "FullName": "Boat__c",
        "Metadata": {
            "label": "Boat",
            "pluralLabel": "Boats",
            "nameField": { "label": "Number", "type": "AutoNumber", "displayFormat": "B-{000}" },
            "deploymentStatus": "Deployed",
            "sharingModel": "ReadWrite",
        },
    });
    let made = make(&server, "CustomObject", object).await;
    let empty = json!([]);
    assert_eq!(
        (&made["success"], &made["warnings"], &made["infos"]),
        (&json!(true), &empty, &empty)
    );
    let values = json!([
        { "valueName": "red", "label": "Red" },
        { "valueName": "blue", "label": "Blue", "default": true },
    ]);
    for (name, metadata) in [
        (
            "Length__c",
            json!({ "type": "Number", "label": "Length", "precision": 6, "scale": 2 }),
        ),
        (
            "Colour__c",
            json!({
                "type": "Picklist",
                "label": "Colour",
                "valueSet": { "restricted": true, "valueSetDefinition": { "value": values } },
            }),
        ),
        (
            "Harbour__c",
            json!({
                "type": "Lookup",
                "label": "Harbour",
                "referenceTo": "Account",
                "relationshipName": "Boats",
            }),
        ),
    ] {
        let body = json!({ "FullName": format!("Boat__c.{name}"), "Metadata": metadata });
        make(&server, "CustomField", body).await;
    }
    let account = server.account("Oslo").await;
    let body = json!({ "Length__c": 7.25, "Harbour__c": account.to_string() });
    let post = server
        .post(&data("/sobjects/boat__c"))
        .as_(ADMIN)
        .json(&body);
    post.send().await.expect(201);
    let soql = "SELECT Name, Length__c, Colour__c, Harbour__r.Name FROM Boat__c";
    let boats = server.query(soql).as_(ADMIN).send().await.records();
    assert_eq!(boats[0]["Length__c"], 7.25);
    assert_eq!(boats[0]["Colour__c"], "blue");
    assert_eq!(boats[0]["Harbour__r"]["Name"], "Oslo");
    assert!(boats[0]["Name"].as_str().unwrap().starts_with("B-00"));
    let soql = "SELECT (SELECT Length__c FROM Boats__r WHERE Colour__c = 'blue') FROM Account";
    let harbours = server.query(soql).as_(ADMIN).send().await.records();
    assert_eq!(harbours[0]["Boats__r"]["records"][0]["Length__c"], 7.25);
    let path = data("/sobjects/Boat__c/describe");
    let described = server.get(&path).as_(ADMIN).send().await.expect(200);
    assert_eq!(
        (&described["custom"], &described["keyPrefix"]),
        (&json!(true), &json!("a00"))
    );
}

#[tokio::test]
async fn a_describe_follows_a_new_field_within_the_same_second() {
    let server = TestServer::start().await;
    let path = data("/sobjects/Account/describe");
    let before = server.get(&path).as_(ADMIN).send().await;
    let body = json!({
        "FullName": "Account.Ext__c",
        "Metadata": { "type": "Text", "label": "External", "length": 20, "externalId": true },
    });
    make(&server, "CustomField", body).await;
    let after = server
        .get(&path)
        .as_(ADMIN)
        .header("if-none-match", before.header("etag"));
    let after = after.send().await.expect(200);
    let fields = after["fields"].as_array().unwrap();
    let field = fields
        .iter()
        .find(|field| field["name"] == "Ext__c")
        .unwrap();
    assert_eq!(
        (&field["externalId"], &field["length"]),
        (&json!(true), &json!(20))
    );
}

#[tokio::test]
async fn metadata_is_read_back_as_it_was_sent() {
    let server = TestServer::start().await;
    let sent = json!({
        "FullName": "Account.Ext__c",
        "Metadata": { "type": "Text", "label": "External", "length": 20, "unique": true },
    });
    let made = make(&server, "CustomField", sent).await;
    let path = data(&format!(
        "/tooling/sobjects/CustomField/{}",
        made["id"].as_str().unwrap()
    ));
    let read = server.get(&path).as_(ADMIN).send().await.expect(200);
    assert_eq!(read["FullName"], "Account.Ext__c");
    assert_eq!(read["attributes"]["url"], path);
    let metadata = &read["Metadata"];
    assert_eq!(
        (&metadata["type"], &metadata["length"]),
        (&json!("Text"), &json!(20))
    );
    assert_eq!(
        (&metadata["unique"], &metadata["label"]),
        (&json!(true), &json!("External"))
    );
    let soql = "SELECT DeveloperName FROM CustomField";
    let query = server
        .get(&data("/tooling/query/"))
        .query("q", soql)
        .as_(ADMIN);
    assert_eq!(query.send().await.records()[0]["DeveloperName"], "Ext");
}

#[tokio::test]
async fn only_those_who_may_customize_make_metadata_and_only_well_formed() {
    let server = TestServer::start().await;
    let path = data("/tooling/sobjects/CustomField");
    let body = json!({
        "FullName": "Account.Ext__c",
        "Metadata": { "type": "Text", "label": "External", "length": 20 },
    });
    let refused = server.post(&path).as_(AGENT).json(&body).send().await;
    refused.expect_error(403, "INSUFFICIENT_ACCESS");
    for (body, code) in [
        (
            json!({ "FullName": "Ext__c", "Metadata": {} }),
            "INVALID_FIELD_VALUE_FORMAT",
        ),
        (json!({ "Metadata": {} }), "JSON_PARSER_ERROR"),
        (
            json!({ "FullName": "Account.x y", "Metadata": { "type": "Text", "label": "x" } }),
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        ),
    ] {
        let refused = server.post(&path).as_(ADMIN).json(&body).send().await;
        refused.expect_error(400, code);
    }
    let unknown = server
        .get(&data("/tooling/sobjects/ApexClass"))
        .as_(ADMIN)
        .send()
        .await;
    unknown.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn metadata_is_changed_where_it_differs_and_the_rest_stays() {
    let server = TestServer::start().await;
    let values = |names: &[&str]| {
        let values: Vec<_> = names
            .iter()
            .map(|name| json!({ "valueName": name }))
            .collect();
        json!({ "restricted": true, "valueSetDefinition": { "value": values } })
    };
    let object =
        json!({ "FullName": "Boat__c", "Metadata": { "label": "Boat", "pluralLabel": "Boats" } });
    make(&server, "CustomObject", object).await;
    let mut field = json!({
        "FullName": "Boat__c.Colour__c",
        "Metadata": { "type": "Picklist", "label": "Colour", "valueSet": values(&["red"]) },
    });
    let id = make(&server, "CustomField", field.clone()).await["id"].clone();
    let path = data(&format!(
        "/tooling/sobjects/CustomField/{}",
        id.as_str().unwrap()
    ));
    field["Metadata"]["label"] = json!("Paint");
    field["Metadata"]["valueSet"] = values(&["red", "blue"]);
    server
        .patch(&path)
        .as_(ADMIN)
        .json(&field)
        .send()
        .await
        .expect(204);
    let read = server.get(&path).as_(ADMIN).send().await.expect(200);
    assert_eq!(read["FullName"], "Boat__c.Colour__c");
    assert_eq!(read["Metadata"]["label"], "Paint");
    let described = server
        .get(&data("/sobjects/Boat__c/describe"))
        .as_(ADMIN)
        .send()
        .await;
    let described = described.expect(200);
    let fields = described["fields"].as_array().unwrap();
    let field = fields
        .iter()
        .find(|field| field["name"] == "Colour__c")
        .unwrap();
    assert_eq!(field["label"], "Paint");
    assert_eq!(field["picklistValues"][1]["value"], "blue");
    let refused = server
        .patch(&path)
        .as_(AGENT)
        .json(&json!({ "Label": "x" }))
        .send()
        .await;
    assert!(matches!(refused.status, 400 | 403), "{}", refused.text);
}
