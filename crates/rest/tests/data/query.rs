//! `/query`, `/queryAll` and their pages.

use std::time::Duration;

use headwater_testkit::{ADMIN, AGENT, Settings, TestServer};
use serde_json::{Value, json};

use crate::data;

async fn query(server: &TestServer, soql: &str) -> Value {
    let request = server.get(&data("/query/")).query("q", soql);
    request.as_(AGENT).send().await.expect(200)
}

/// The first thing that some clients ask after a login, to learn whose it is.
#[tokio::test]
async fn whoever_logs_in_finds_their_own_name() {
    let server = TestServer::start().await;
    let id = server.user(AGENT).await;
    let soql = format!("SELECT Username FROM User WHERE Id = '{id}'");
    let answer = server.query(&soql).as_(AGENT).send().await;
    assert_eq!(answer.records()[0]["Username"], AGENT);
}

#[tokio::test]
async fn records_have_their_fields_in_the_order_of_the_select_and_parents_nested() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let contact = server.contact("Doe", Some(account)).await;
    let alone = server.contact("Alone", None).await;
    let soql = "SELECT LastName, account.name, Id FROM contact ORDER BY LastName DESC";
    let answer = server
        .get(&data("/query"))
        .query("q", soql)
        .as_(AGENT)
        .send()
        .await;
    let url = |object: &str, id: &dyn std::fmt::Display| data(&format!("/sobjects/{object}/{id}"));
    let expected = format!(
        "{{\"totalSize\":2,\"done\":true,\"records\":[\
         {{\"attributes\":{{\"type\":\"Contact\",\"url\":\"{}\"}},\"LastName\":\"Doe\",\
         \"Account\":{{\"attributes\":{{\"type\":\"Account\",\"url\":\"{}\"}},\
         \"Name\":\"Sample\"}},\"Id\":\"{contact}\"}},\
         {{\"attributes\":{{\"type\":\"Contact\",\"url\":\"{}\"}},\"LastName\":\"Alone\",\
         \"Account\":null,\"Id\":\"{alone}\"}}]}}",
        url("Contact", &contact),
        url("Account", &account),
        url("Contact", &alone),
    );
    assert_eq!(answer.text, expected);
}

#[tokio::test]
async fn a_count_has_no_records() {
    let server = TestServer::start().await;
    server.account("Sample").await;
    let answer = query(&server, "SELECT COUNT() FROM Account").await;
    assert_eq!(
        answer,
        json!({ "totalSize": 1, "done": true, "records": [] })
    );
}

#[tokio::test]
async fn pages_follow_their_locator_on_query_whatever_else_is_sent() {
    let server = TestServer::start().await;
    for n in 0..450 {
        server.account(&format!("Account {n:03}")).await;
    }
    let soql = "SELECT Name FROM Account ORDER BY Name";
    let request = server.get(&data("/queryAll")).query("q", soql).as_(AGENT);
    let first = request
        .header("Sforce-Query-Options", "batchSize=10")
        .send()
        .await;
    let first = first.expect(200);
    assert_eq!(
        (&first["totalSize"], &first["done"]),
        (&json!(450), &json!(false))
    );
    let mut records = first["records"].as_array().unwrap().clone();
    assert_eq!(records.len(), 200);
    let mut next = first["nextRecordsUrl"].as_str().map(str::to_owned);
    while let Some(url) = next {
        assert!(url.starts_with("/services/data/v68.0/query/01g"), "{url}");
        let request = server.get(&url).query("q", soql).as_(AGENT);
        let page = request
            .header("Sforce-Query-Options", "batchSize=10")
            .send()
            .await;
        let page = page.expect(200);
        assert_eq!(page["totalSize"], 450);
        records.extend(page["records"].as_array().unwrap().iter().cloned());
        next = page["nextRecordsUrl"].as_str().map(str::to_owned);
        assert_eq!(page["done"], next.is_none());
    }
    let names: Vec<_> = records
        .iter()
        .map(|record| record["Name"].clone())
        .collect();
    let expected: Vec<_> = (0..450).map(|n| json!(format!("Account {n:03}"))).collect();
    assert_eq!(names, expected);
}

#[tokio::test]
async fn an_unknown_locator_is_refused() {
    let server = TestServer::start().await;
    let path = data("/query/01gHW0000000000AAA-2000");
    let answer = server.get(&path).as_(AGENT).send().await;
    let message = answer.expect_error(400, "INVALID_QUERY_LOCATOR");
    assert_eq!(message, "invalid query locator");
}

#[tokio::test]
async fn query_all_finds_deleted_records_too() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let path = data(&format!("/sobjects/Account/{account}"));
    server.delete(&path).as_(ADMIN).send().await.expect(204);
    let soql = "SELECT IsDeleted FROM Account";
    assert_eq!(query(&server, soql).await["totalSize"], 0);
    let all = server.get(&data("/queryAll")).query("q", soql).as_(AGENT);
    assert_eq!(all.send().await.records()[0]["IsDeleted"], true);
}

#[tokio::test]
async fn columns_tell_what_a_query_would_give() {
    let server = TestServer::start().await;
    let soql = "SELECT Id, EndUserAccountId, Owner.Name FROM MessagingSession";
    let request = server
        .get(&data("/query"))
        .query("q", soql)
        .query("columns", "true");
    let columns = request.as_(AGENT).send().await.expect(200);
    assert_eq!(columns["entityName"], "MessagingSession");
    assert_eq!(
        (&columns["idSelected"], &columns["keyPrefix"]),
        (&json!(true), &json!("0Mw"))
    );
    let metadata = columns["columnMetadata"].as_array().unwrap();
    let names: Vec<_> = metadata
        .iter()
        .map(|column| &column["columnName"])
        .collect();
    assert_eq!(names, ["Id", "EndUserAccountId", "Owner"]);
    assert_eq!(metadata[2]["joinColumns"][0]["columnName"], "Name");
    assert_eq!(metadata[2]["aggregate"], false);
}

#[tokio::test]
async fn a_plan_is_explained() {
    let server = TestServer::start().await;
    let soql = "SELECT Id FROM Contact WHERE AccountId = null AND Email = 'x@y.example'";
    let request = server.get(&data("/query")).query("explain", soql);
    let plan = request.as_(AGENT).send().await.expect(200);
    assert_eq!(plan["sourceQuery"], soql);
    assert_eq!(plan["plans"][0]["sobjectType"], "Contact");
}

#[tokio::test]
async fn the_plan_that_is_taken_comes_first_and_says_what_it_leaves() {
    let server = TestServer::start().await;
    let (big, small) = (server.account("Big").await, server.account("Small").await);
    for n in 0..20 {
        let account = if n == 0 { small } else { big };
        server.contact(&format!("Doe {n}"), Some(account)).await;
    }
    let explained = async |soql: &str| {
        let request = server.get(&data("/query")).query("explain", soql);
        request.as_(AGENT).send().await.expect(200)["plans"].clone()
    };
    let soql = format!("SELECT Id FROM Contact WHERE AccountId = '{small}' AND Title = 'x'");
    let plans = explained(&soql).await;
    let kinds: Vec<_> = plans.as_array().unwrap().iter().collect();
    assert_eq!(kinds[0]["leadingOperationType"], "Index");
    assert_eq!(kinds[0]["fields"], json!(["AccountId"]));
    assert_eq!(
        (&kinds[0]["cardinality"], &kinds[0]["sobjectCardinality"]),
        (&json!(1), &json!(20))
    );
    assert!(kinds[0]["relativeCost"].as_f64().unwrap() < 1.0);
    let scan = kinds.last().unwrap();
    assert_eq!(scan["leadingOperationType"], "TableScan");
    assert_eq!(scan["notes"][0]["fields"], json!(["Title"]));
    assert_eq!(scan["notes"][0]["tableEnumOrId"], "Contact");
    let plans = explained(&format!("SELECT Id FROM Contact WHERE AccountId = '{big}'")).await;
    assert_eq!(plans[0]["leadingOperationType"], "TableScan");
    let soql = format!(
        "SELECT Id FROM MessagingSession WHERE EndUserAccountId = '{big}' \
         ORDER BY StartTime DESC LIMIT 50"
    );
    let plans = explained(&soql).await;
    assert!(plans[0]["notes"].as_array().unwrap().iter().any(|note| {
        note["description"]
            .as_str()
            .unwrap()
            .contains("latest sessions are newest")
    }));
}

#[tokio::test]
async fn mistakes_are_shown_with_their_place_in_the_query() {
    let server = TestServer::start().await;
    let get = async |soql: &str, code: &str| {
        let request = server.get(&data("/query")).query("q", soql);
        request.as_(AGENT).send().await.expect_error(400, code)
    };
    let message = get("SELECT Foo FROM Opportunity", "INVALID_FIELD").await;
    let expected = "\nSELECT Foo FROM Opportunity\n       ^\nERROR at Row:1:Column:8\n\
                    No such column 'Foo' on entity 'Opportunity'.";
    assert!(message.starts_with(expected), "{message}");
    let message = get("SELECT Id FROM ScratchOrgInfo LIMIT 1", "INVALID_TYPE").await;
    assert!(
        message.contains("sObject type 'ScratchOrgInfo' is not supported"),
        "{message}"
    );
    let message = get("SELECT Id FROM", "MALFORMED_QUERY").await;
    assert!(message.contains("unexpected token"), "{message}");
    get("", "MALFORMED_QUERY").await;
    get(
        "SELECT Id FROM Account OFFSET 2001",
        "NUMBER_OUTSIDE_VALID_RANGE",
    )
    .await;
    let request = server.get(&data("/tooling/query"));
    let request = request
        .query("q", "SELECT Id FROM ScratchOrgInfo")
        .as_(AGENT);
    request.send().await.expect_error(400, "INVALID_TYPE");
}

#[tokio::test]
async fn a_query_that_runs_too_long_is_stopped_and_others_are_answered_meanwhile() {
    let mut settings = Settings::default();
    settings.store.query_time_max = Duration::from_millis(400);
    let server = TestServer::start_with(settings).await;
    let name = "a".repeat(250);
    for _ in 0..1_000 {
        server.account(&name).await;
    }
    let patterns = (0..400).map(|n| format!("Name LIKE '%b%{n}'"));
    let condition = patterns.collect::<Vec<_>>().join(" OR ");
    let soql = format!("SELECT Id FROM Account WHERE {condition}");
    let token = server.token(AGENT).await;
    let runaway = async {
        let request = server.get(&data("/query")).query("q", &soql);
        request.token(&token).send().await
    };
    let others = async {
        for _ in 0..5 {
            let answer = query(&server, "SELECT Name FROM Account LIMIT 1").await;
            assert_eq!(answer["totalSize"], 1);
        }
    };
    let (answer, ()) = tokio::join!(runaway, others);
    let message = answer.expect_error(400, "QUERY_TIMEOUT");
    assert!(message.starts_with("Your query request was running for too long"));
    assert_eq!(
        query(&server, "SELECT COUNT() FROM Account").await["totalSize"],
        1_000
    );
}

#[tokio::test]
async fn records_queried_for_view_are_the_recent_ones() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let contact = server.contact("Doe", Some(account)).await;
    query(&server, "SELECT Id FROM Contact FOR VIEW").await;
    server.clock().advance(jiff::SignedDuration::from_secs(1));
    let seen = query(
        &server,
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account FOR REFERENCE",
    )
    .await;
    assert_eq!(seen["records"][0]["Contacts"]["totalSize"], 1);
    let recent = server
        .get(&data("/recent"))
        .as_(AGENT)
        .send()
        .await
        .expect(200);
    let ids: Vec<_> = recent
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["Id"].clone())
        .collect();
    assert_eq!(
        ids,
        [json!(account.to_string()), json!(contact.to_string())]
    );
    let read = server
        .get(&data(&format!("/sobjects/Contact/{contact}")))
        .as_(AGENT);
    let read = read.send().await.expect(200);
    assert_ne!(read["LastViewedDate"], Value::Null);
    assert_eq!(read["LastReferencedDate"], Value::Null);
    let others = server
        .get(&data("/recent"))
        .as_(ADMIN)
        .send()
        .await
        .expect(200);
    assert_eq!(others, json!([]));
}

#[tokio::test]
async fn what_asks_for_nothing_here_is_taken_as_it_is() {
    let server = TestServer::start().await;
    server.account("Sample").await;
    for clauses in [
        "FOR UPDATE",
        "UPDATE TRACKING",
        "UPDATE VIEWSTAT",
        "WITH SECURITY_ENFORCED",
        "WITH USER_MODE",
    ] {
        let answer = query(&server, &format!("SELECT Id FROM Account {clauses}")).await;
        assert_eq!(answer["totalSize"], 1, "{clauses}");
    }
    let hidden = server
        .query("SELECT Nope FROM Account WITH SECURITY_ENFORCED")
        .as_(AGENT);
    hidden.send().await.expect_error(400, "INVALID_FIELD");
    let all = server
        .query("SELECT Id FROM Account ALL ROWS")
        .as_(AGENT)
        .send()
        .await;
    let message = all.expect_error(400, "MALFORMED_QUERY");
    assert!(
        message.ends_with("Column:24\nALL ROWS not allowed in this context"),
        "{message}"
    );
}
