//! `EntityDefinition` and `FieldDefinition`, and what clients send that is not here.

use headwater_testkit::{ADMIN, AGENT, TestServer};
use serde_json::{Value, json};

use crate::data;

async fn query(server: &TestServer, who: &str, soql: &str) -> headwater_testkit::Answer {
    let path = data("/tooling/query");
    server.get(&path).query("q", soql).as_(who).send().await
}

async fn records(server: &TestServer, soql: &str) -> Vec<Value> {
    query(server, ADMIN, soql).await.records()
}

#[tokio::test]
async fn objects_are_records_to_be_queried() {
    let server = TestServer::start().await;
    let found = records(
        &server,
        "SELECT QualifiedApiName, Label, KeyPrefix FROM EntityDefinition \
         WHERE QualifiedApiName LIKE 'messaging%' AND IsQueryable = true \
         AND KeyPrefix != null ORDER BY QualifiedApiName DESC LIMIT 2",
    )
    .await;
    let names: Vec<_> = found
        .iter()
        .map(|row| row["QualifiedApiName"].as_str())
        .collect();
    assert_eq!(names, [Some("MessagingSession"), Some("MessagingEndUser")]);
    assert_eq!(found[0]["KeyPrefix"], "0Mw");
    assert_eq!(found[0]["attributes"]["type"], "EntityDefinition");
    let counted = query(&server, ADMIN, "SELECT COUNT() FROM EntityDefinition").await;
    assert!(counted.expect(200)["totalSize"].as_u64().unwrap() > 20);
    // The other door answers the same.
    let other = server.query("SELECT Label FROM EntityDefinition WHERE DurableId IN ('account')");
    let other = other.as_(ADMIN).send().await.records();
    assert_eq!(other[0]["Label"], "Account");
}

#[tokio::test]
async fn fields_are_records_of_their_objects() {
    let server = TestServer::start().await;
    let found = records(
        &server,
        "SELECT QualifiedApiName, DataType, Length, ReferenceTo, EntityDefinition.Label \
         FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Contact' \
         AND (QualifiedApiName = 'AccountId' OR QualifiedApiName = 'LastName') \
         ORDER BY QualifiedApiName",
    )
    .await;
    assert_eq!(found[0]["DataType"], "Lookup(Account)");
    assert_eq!(
        found[0]["ReferenceTo"],
        json!({ "referenceTo": ["Account"] })
    );
    assert_eq!(found[1]["DataType"], "Text(80)");
    assert_eq!(found[1]["EntityDefinition"]["Label"], "Contact");
    assert_eq!(
        found[1]["EntityDefinition"]["attributes"]["type"],
        "EntityDefinition"
    );
}

#[tokio::test]
async fn a_caller_is_told_only_what_they_see() {
    let server = TestServer::start().await;
    let soql = "SELECT COUNT() FROM EntityDefinition";
    let count = async |who| query(&server, who, soql).await.expect(200)["totalSize"].as_u64();
    assert!(count(AGENT).await < count(ADMIN).await);
}

#[tokio::test]
async fn what_definitions_do_not_have_is_said() {
    let server = TestServer::start().await;
    for (soql, code) in [
        ("SELECT Nothing FROM EntityDefinition", "INVALID_FIELD"),
        (
            "SELECT Label FROM FieldDefinition WHERE EntityDefinition = 'x'",
            "INVALID_FIELD",
        ),
        (
            "SELECT Label FROM FieldDefinition ORDER BY Nothing",
            "INVALID_FIELD",
        ),
        ("SELECT MAX(Label) FROM EntityDefinition", "MALFORMED_QUERY"),
        (
            "SELECT Label FROM EntityDefinition WHERE Label INCLUDES ('a')",
            "MALFORMED_QUERY",
        ),
    ] {
        query(&server, ADMIN, soql).await.expect_error(400, code);
    }
}

#[tokio::test]
async fn apex_is_answered_as_what_does_not_compile() {
    let server = TestServer::start().await;
    let path = data("/tooling/executeAnonymous/");
    let run = async |body: &str| {
        let request = server.get(&path).query("anonymousBody", body);
        request.as_(ADMIN).send().await.expect(200)
    };
    let answer = run("System.debug(1);").await;
    assert_eq!(
        (&answer["compiled"], &answer["success"]),
        (&json!(false), &json!(false))
    );
    assert!(answer["compileProblem"].as_str().unwrap().contains("Apex"));
    assert_eq!(run("").await["success"], true);
}
