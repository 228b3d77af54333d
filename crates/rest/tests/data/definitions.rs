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
    assert_eq!(
        names,
        [Some("MessagingUserAddress"), Some("MessagingSession")]
    );
    assert_eq!(found[1]["KeyPrefix"], "0Mw");
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

#[tokio::test]
async fn columns_of_definitions_are_told() {
    let server = TestServer::start().await;
    let columns = async |soql: &str| {
        let request = server.get(&data("/tooling/query")).query("q", soql);
        let request = request.query("columns", "true");
        request.as_(AGENT).send().await.expect(200)
    };
    let told =
        columns("SELECT Label, IsNillable, EntityDefinition.Label FROM FieldDefinition").await;
    assert_eq!(told["entityName"], "FieldDefinition");
    let columns_told = told["columnMetadata"].as_array().unwrap();
    let names: Vec<_> = columns_told.iter().map(|one| &one["columnName"]).collect();
    assert_eq!(names, ["Label", "IsNillable", "EntityDefinition"]);
    assert_eq!(columns_told[1]["booleanType"], true);
    assert_eq!(columns_told[2]["joinColumns"][0]["columnName"], "Label");
    let told = columns("SELECT Id, Name, NamespacePrefix FROM ApexClass").await;
    assert_eq!(
        (
            &told["idSelected"],
            told["columnMetadata"].as_array().map(Vec::len)
        ),
        (&json!(true), Some(3))
    );
}

#[tokio::test]
async fn there_is_no_code_and_no_sandbox_and_queries_of_them_find_none() {
    let server = TestServer::start().await;
    for soql in [
        "SELECT Id, Name FROM ApexClass WHERE Status = 'Active' ORDER BY Name LIMIT 5",
        "SELECT Id, CreatedBy.Name FROM TraceFlag",
        "SELECT COUNT() FROM SandboxProcess",
    ] {
        let found = query(&server, ADMIN, soql).await.expect(200);
        assert_eq!(
            found,
            json!({ "totalSize": 0, "done": true, "records": [] }),
            "{soql}"
        );
        // They are the Tooling API's alone.
        let other = server.query(soql).as_(ADMIN).send().await;
        other.expect_error(400, "INVALID_TYPE");
    }
    let unknown = query(&server, ADMIN, "SELECT Id FROM Nothing").await;
    unknown.expect_error(400, "INVALID_TYPE");
}

#[tokio::test]
async fn a_search_of_code_finds_none() {
    let server = TestServer::start().await;
    server.account("Byron").await;
    let search = async |sosl: &str| {
        let request = server.get(&data("/tooling/search/")).query("q", sosl);
        request.as_(ADMIN).send().await
    };
    let nothing = json!({ "searchRecords": [] });
    for sosl in [
        "FIND {byron}",
        "FIND {byron} IN ALL FIELDS RETURNING ApexClass(Id, Name), ApexTrigger",
    ] {
        assert_eq!(search(sosl).await.expect(200), nothing, "{sosl}");
    }
    let records = search("FIND {byron} RETURNING Account(Id)").await;
    records.expect_error(400, "INVALID_TYPE");
    search("FIND").await.expect_error(400, "MALFORMED_SEARCH");
}

#[tokio::test]
async fn there_are_no_tests_to_run() {
    let server = TestServer::start().await;
    let path = data("/tooling/runTestsSynchronous/");
    let run = server.get(&path).as_(ADMIN).send().await.expect(200);
    assert_eq!(
        (&run["numTestsRun"], &run["failures"]),
        (&json!(0), &json!([]))
    );
    let named = json!({ "tests": [{ "className": "SomeTest" }] });
    let refused = server.post(&path).as_(ADMIN).json(&named).send().await;
    refused.expect_error(400, "INVALID_INPUT");
    let later = server.post(&data("/tooling/runTestsAsynchronous"));
    let later = later
        .as_(ADMIN)
        .json(&json!({ "testLevel": "RunLocalTests" }));
    later.send().await.expect_error(400, "INVALID_INPUT");
}
