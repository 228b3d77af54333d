//! Files of custom objects' records.

use headwater_testkit::{ADMIN, TestServer};
use serde_json::{Value, json};

use super::{create, download, id_of};
use crate::data;

/// A server with an object of its own.
async fn with_boats() -> TestServer {
    let server = TestServer::start().await;
    let boats = json!({
        "FullName": "Boat__c",
        "Metadata": { "label": "Boat", "pluralLabel": "Boats", "nameField": { "type": "Text", "label": "Name" } },
    });
    let path = data("/tooling/sobjects/CustomObject");
    let made = server.post(&path).as_(ADMIN).json(&boats);
    made.send().await.expect(201);
    server
}

#[tokio::test]
async fn attachments_and_files_belong_to_records_of_custom_objects_too() {
    let server = with_boats().await;
    let boat = id_of(&create(&server, ADMIN, "Boat__c", &json!({ "Name": "Anna" })).await);
    let attachment = json!({ "ParentId": boat.as_str(), "Name": "hull.txt", "Body": "aHVsbA==" });
    let attachment = id_of(&create(&server, ADMIN, "Attachment", &attachment).await);
    let version = json!({
        "PathOnClient": "sail.txt", "VersionData": "c2FpbA==", "FirstPublishLocationId": boat.as_str(),
    });
    id_of(&create(&server, ADMIN, "ContentVersion", &version).await);
    let soql = "SELECT Name, (SELECT Name, Parent.Name FROM Attachments), \
                (SELECT ContentDocument.Title FROM ContentDocumentLinks) FROM Boat__c";
    let rows = server.query(soql).as_(ADMIN).send().await.records();
    let of = |children: &str| rows[0][children]["records"][0].clone();
    assert_eq!(of("Attachments")["Name"], "hull.txt");
    assert_eq!(of("Attachments")["Parent"]["Name"], "Anna");
    assert_eq!(
        of("ContentDocumentLinks")["ContentDocument"]["Title"],
        "sail"
    );
    let described = download(&server, ADMIN, "/sobjects/Attachment/describe")
        .await
        .expect(200);
    let fields = described["fields"].as_array().expect("fields");
    let parent = fields
        .iter()
        .find(|field| field["name"] == "ParentId")
        .expect("ParentId");
    let targets = parent["referenceTo"].as_array().expect("targets");
    assert!(targets.contains(&Value::from("Boat__c")), "{targets:?}");
    // They go with it, as those of other records do.
    let path = data(&format!("/sobjects/Boat__c/{boat}"));
    server.delete(&path).as_(ADMIN).send().await.expect(204);
    let path = format!("/sobjects/Attachment/{attachment}/Body");
    assert_eq!(download(&server, ADMIN, &path).await.status, 404);
}

#[tokio::test]
async fn a_custom_object_that_is_made_later_is_among_the_targets_after_a_restart_too() {
    let server = with_boats().await;
    let docks = json!({
        "FullName": "Dock__c",
        "Metadata": { "label": "Dock", "pluralLabel": "Docks", "nameField": { "type": "Text", "label": "Name" } },
    });
    let path = data("/tooling/sobjects/CustomObject");
    server
        .post(&path)
        .as_(ADMIN)
        .json(&docks)
        .send()
        .await
        .expect(201);
    let server = server.restart().await;
    for object in ["Boat__c", "Dock__c"] {
        let record = id_of(&create(&server, ADMIN, object, &json!({ "Name": "One" })).await);
        let version = json!({ "PathOnClient": "a.txt", "VersionData": "YQ==" });
        let version = id_of(&create(&server, ADMIN, "ContentVersion", &version).await);
        let path = format!("/sobjects/ContentVersion/{version}");
        let document =
            download(&server, ADMIN, &path).await.expect(200)["ContentDocumentId"].clone();
        let link = json!({ "ContentDocumentId": document, "LinkedEntityId": record.as_str() });
        id_of(&create(&server, ADMIN, "ContentDocumentLink", &link).await);
    }
}
