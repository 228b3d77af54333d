//! Subqueries in the SELECT list, TYPEOF, and scopes.

use headwater_catalogue::Id;
use headwater_records::SharingModel;
use headwater_testkit::{ADMIN, AGENT, TestServer};
use serde_json::{Value, json};

use crate::data;

async fn query(server: &TestServer, soql: &str) -> Value {
    server.query(soql).as_(AGENT).send().await.expect(200)
}

/// The values of a field in a list of records.
fn all<'v>(records: &'v Value, field: &str) -> Vec<&'v str> {
    let records = records.as_array().expect("a list of records");
    let value = |record: &'v Value| record[field].as_str().expect("a text");
    records.iter().map(value).collect()
}

async fn cases(server: &TestServer, contact: Id, subjects: &[&str]) {
    for subject in subjects {
        let fields = [
            ("Subject", (*subject).into()),
            ("ContactId", contact.into()),
        ];
        server.create("Case", &fields).await;
    }
}

#[tokio::test]
async fn children_are_an_answer_within_their_parent_and_null_when_there_are_none() {
    let server = TestServer::start().await;
    let full = server.account("Full").await;
    let empty = server.account("Empty").await;
    let contact = server.contact("Doe", Some(full)).await;
    let soql = "SELECT Name, (SELECT LastName FROM contacts) FROM Account ORDER BY Name DESC";
    let answer = server.query(soql).as_(AGENT).send().await;
    let url = |object: &str, id: Id| format!("/services/data/v67.0/sobjects/{object}/{id}");
    let expected = format!(
        "{{\"totalSize\":2,\"done\":true,\"records\":[\
         {{\"attributes\":{{\"type\":\"Account\",\"url\":\"{}\"}},\"Name\":\"Full\",\
         \"Contacts\":{{\"totalSize\":1,\"done\":true,\"records\":[\
         {{\"attributes\":{{\"type\":\"Contact\",\"url\":\"{}\"}},\"LastName\":\"Doe\"}}]}}}},\
         {{\"attributes\":{{\"type\":\"Account\",\"url\":\"{}\"}},\"Name\":\"Empty\",\
         \"Contacts\":null}}]}}",
        url("Account", full),
        url("Contact", contact),
        url("Account", empty),
    );
    assert_eq!(answer.text, expected);
}

#[tokio::test]
async fn where_order_and_limit_hold_for_each_parents_children() {
    let server = TestServer::start().await;
    for account in ["One", "Two"] {
        let account = server.account(account).await;
        for name in ["Ada", "Bob", "Cid", "Dan"] {
            server.contact(name, Some(account)).await;
        }
    }
    let soql = "SELECT Name, (SELECT LastName FROM Contacts WHERE LastName != 'Dan' \
                ORDER BY LastName DESC LIMIT 2) FROM Account ORDER BY Name";
    let answer = query(&server, soql).await;
    for account in answer["records"].as_array().unwrap() {
        let contacts = &account["Contacts"];
        assert_eq!(all(&contacts["records"], "LastName"), ["Cid", "Bob"]);
        assert_eq!(
            (&contacts["totalSize"], &contacts["done"]),
            (&json!(2), &json!(true))
        );
    }
    let soql = "SELECT (SELECT LastName FROM Contacts ORDER BY LastName LIMIT 2 OFFSET 1) \
                FROM Account LIMIT 1";
    let answer = query(&server, soql).await;
    let contacts = &answer["records"][0]["Contacts"];
    assert_eq!(all(&contacts["records"], "LastName"), ["Bob", "Cid"]);
}

#[tokio::test]
async fn subqueries_stand_in_subqueries_five_levels_deep() {
    let server = TestServer::start().await;
    let root = server.account("Root").await;
    let child = [("Name", "Child".into()), ("ParentId", root.into())];
    let child = server.create("Account", &child).await;
    let contact = server.contact("Doe", Some(child)).await;
    cases(&server, contact, &["broken", "lost"]).await;
    let case = query(&server, "SELECT Id FROM Case WHERE Subject = 'lost'").await;
    let case: Id = case["records"][0]["Id"].as_str().unwrap().parse().unwrap();
    let task = [("Subject", "Call".into()), ("WhatId", case.into())];
    server.create("Task", &task).await;
    let soql = "SELECT Name, (SELECT Name, (SELECT LastName, (SELECT Subject, \
                (SELECT Subject, What.Type FROM Tasks) FROM Cases ORDER BY Subject) \
                FROM Contacts) FROM ChildAccounts) FROM Account WHERE ParentId = null";
    let answer = query(&server, soql).await;
    let child = &answer["records"][0]["ChildAccounts"]["records"][0];
    let contact = &child["Contacts"]["records"][0];
    assert_eq!(
        (&child["Name"], &contact["LastName"]),
        (&json!("Child"), &json!("Doe"))
    );
    let cases = &contact["Cases"]["records"];
    assert_eq!(all(cases, "Subject"), ["broken", "lost"]);
    assert_eq!(cases[0]["Tasks"], Value::Null);
    let task = &cases[1]["Tasks"]["records"][0];
    assert_eq!(
        (&task["Subject"], &task["What"]["Type"]),
        (&json!("Call"), &json!("Case"))
    );
}

#[tokio::test]
async fn children_by_an_inherited_reference_follow_a_relink() {
    let server = TestServer::start().await;
    let (old, new) = (server.account("Old").await, server.account("New").await);
    let channel = server.channel("sms").await;
    let user = server.messaging_user(channel, "+1", Some(old), None).await;
    server.sessions(channel, user, 3).await;
    let soql = "SELECT Name, (SELECT EndUserAccount.Name FROM MessagingSessions \
                ORDER BY StartTime DESC LIMIT 2) FROM Account ORDER BY Name";
    let sizes = async || {
        let answer = query(&server, soql).await;
        let records = answer["records"].as_array().unwrap().clone();
        let size = |record: &Value| record["MessagingSessions"]["totalSize"].as_u64();
        records.iter().map(size).collect::<Vec<_>>()
    };
    assert_eq!(sizes().await, [None, Some(2)]);
    let path = data(&format!("/sobjects/MessagingEndUser/{user}"));
    let body = json!({ "AccountId": new.to_string() });
    server
        .patch(&path)
        .as_(AGENT)
        .json(&body)
        .send()
        .await
        .expect(204);
    assert_eq!(sizes().await, [Some(2), None]);
}

#[tokio::test]
async fn many_children_have_pages_of_their_own() {
    let server = TestServer::start().await;
    let (few, many) = (server.account("Few").await, server.account("Many").await);
    server.contact("Only", Some(few)).await;
    for n in 0..450 {
        let contact = server.contact(&format!("Doe {n:03}"), Some(many)).await;
        if n == 430 {
            cases(&server, contact, &["lost"]).await;
        }
    }
    let soql = "SELECT Name, (SELECT LastName, (SELECT Subject FROM Cases) FROM Contacts \
                ORDER BY LastName DESC LIMIT 449) FROM Account ORDER BY Name";
    let answer = query(&server, soql).await;
    assert_eq!(
        (&answer["totalSize"], &answer["done"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(answer.get("nextRecordsUrl"), None);
    assert_eq!(answer["records"][0]["Contacts"]["done"], true);
    let mut page = answer["records"][1]["Contacts"].clone();
    let mut records = page["records"].as_array().unwrap().clone();
    assert_eq!((&page["totalSize"], records.len()), (&json!(449), 200));
    while let Some(url) = page["nextRecordsUrl"].as_str().map(str::to_owned) {
        assert_eq!(page["done"], false);
        assert!(url.starts_with("/services/data/v67.0/query/01g"), "{url}");
        let others = server.get(&url).as_(ADMIN).send().await;
        others.expect_error(400, "INVALID_QUERY_LOCATOR");
        let request = server
            .get(&url)
            .header("Sforce-Query-Options", "batchSize=200");
        page = request.as_(AGENT).send().await.expect(200);
        assert_eq!(page["totalSize"], 449);
        records.extend(page["records"].as_array().unwrap().iter().cloned());
    }
    assert_eq!(page["done"], true);
    let records = Value::Array(records);
    let expected: Vec<_> = (1..450).rev().map(|n| format!("Doe {n:03}")).collect();
    assert_eq!(all(&records, "LastName"), expected);
    let with_case = &records[449 - 430];
    assert_eq!(with_case["Cases"]["records"][0]["Subject"], "lost");
}

#[tokio::test]
async fn what_is_no_place_in_the_answer_is_no_locator() {
    let server = TestServer::start().await;
    let account = server.account("Many").await;
    for n in 0..201 {
        server.contact(&format!("Doe {n:03}"), Some(account)).await;
    }
    let answer = query(&server, "SELECT (SELECT Id FROM Contacts) FROM Account").await;
    let url = answer["records"][0]["Contacts"]["nextRecordsUrl"]
        .as_str()
        .unwrap();
    server.get(url).as_(AGENT).send().await.expect(200);
    let cursor = url.split('-').next().unwrap();
    for place in [
        format!("1-{account}-200.{account}"),
        format!("0.0-{account}-200.{account}"),
        format!("0-{account}"),
        format!("0-{account}-200.{account}.i5"),
        format!("x-{account}-200.{account}"),
        "0--".to_owned(),
    ] {
        let answer = server
            .get(&format!("{cursor}-{place}"))
            .as_(AGENT)
            .send()
            .await;
        answer.expect_error(400, "INVALID_QUERY_LOCATOR");
    }
}

#[tokio::test]
async fn pages_of_parents_have_their_children_with_them() {
    let server = TestServer::start().await;
    for n in 0..203 {
        let account = server.account(&format!("Account {n:03}")).await;
        server.contact(&format!("Doe {n:03}"), Some(account)).await;
    }
    let soql = "SELECT Name, (SELECT LastName FROM Contacts) FROM Account ORDER BY Name";
    let request = server
        .query(soql)
        .header("Sforce-Query-Options", "batchSize=200");
    let first = request.as_(AGENT).send().await.expect(200);
    let url = first["nextRecordsUrl"].as_str().unwrap();
    let second = server.get(url).as_(AGENT).send().await.expect(200);
    let records = [&first, &second].map(|page| page["records"].as_array().unwrap().clone());
    assert_eq!([records[0].len(), records[1].len()], [200, 3]);
    for (n, account) in records.concat().iter().enumerate() {
        let contacts = &account["Contacts"]["records"];
        assert_eq!(all(contacts, "LastName"), [format!("Doe {n:03}")]);
    }
}

#[tokio::test]
async fn children_are_those_the_caller_reaches() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let contact = server.contact("Doe", Some(account)).await;
    for (subject, owner) in [("mine", AGENT), ("theirs", ADMIN)] {
        let fields = [
            ("Subject", subject.into()),
            ("ContactId", contact.into()),
            ("OwnerId", server.user(owner).await.into()),
        ];
        server.create("Case", &fields).await;
    }
    let org = server.org();
    let system = org.system();
    let private = org.set_sharing(&system, "Case", SharingModel::Private);
    private.await.unwrap();
    let soql = "SELECT (SELECT LastName, (SELECT Subject FROM Cases) FROM Contacts) FROM Account";
    let answer = query(&server, soql).await;
    let contact = &answer["records"][0]["Contacts"]["records"][0];
    assert_eq!(all(&contact["Cases"]["records"], "Subject"), ["mine"]);
    assert_eq!(contact["Cases"]["totalSize"], 1);
    let answer = server.query(soql).as_(ADMIN).send().await.expect(200);
    let contact = &answer["records"][0]["Contacts"]["records"][0];
    assert_eq!(contact["Cases"]["totalSize"], 2);
}

#[tokio::test]
async fn deleted_children_are_for_query_all() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let contact = server.contact("Gone", Some(account)).await;
    let path = data(&format!("/sobjects/Contact/{contact}"));
    server.delete(&path).as_(ADMIN).send().await.expect(204);
    let soql = "SELECT Name, (SELECT LastName, IsDeleted FROM Contacts) FROM Account";
    assert_eq!(
        query(&server, soql).await["records"][0]["Contacts"],
        Value::Null
    );
    let whole = server.get(&data("/queryAll")).query("q", soql).as_(AGENT);
    let whole = whole.send().await.expect(200);
    assert_eq!(
        whole["records"][0]["Contacts"]["records"][0]["IsDeleted"],
        true
    );
}

#[tokio::test]
async fn each_type_of_a_polymorphic_parent_shows_its_own_fields() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let contact = server.contact("Doe", None).await;
    cases(&server, contact, &["lost"]).await;
    let case = query(&server, "SELECT Id FROM Case").await;
    let case: Id = case["records"][0]["Id"].as_str().unwrap().parse().unwrap();
    for (subject, what) in [("a", Some(account)), ("b", Some(case)), ("c", None)] {
        let task = [("Subject", subject.into()), ("WhatId", what.into())];
        server.create("Task", &task).await;
    }
    let soql = "SELECT Subject, TYPEOF What WHEN Account THEN Name, Owner.Name END \
                FROM Task ORDER BY Subject";
    let without = query(&server, soql).await["records"].clone();
    assert_eq!(without[0]["What"]["attributes"]["type"], "Account");
    assert_eq!(without[0]["What"]["Name"], "Sample");
    assert_eq!(without[0]["What"]["Owner"]["attributes"]["type"], "User");
    assert_eq!(
        (&without[1]["What"], &without[2]["What"]),
        (&Value::Null, &Value::Null)
    );
    let soql = "SELECT TYPEOF What WHEN Account THEN Phone ELSE Name, Type END \
                FROM Task ORDER BY Subject";
    let with = query(&server, soql).await["records"].clone();
    assert_eq!(with[0]["What"].get("Name"), None);
    assert_eq!(with[1]["What"]["attributes"]["type"], "Case");
    assert_eq!(with[1]["What"]["Type"], "Case");
    assert!(
        with[1]["What"]["Name"]
            .as_str()
            .unwrap()
            .starts_with("0000")
    );
    assert_eq!(with[2]["What"], Value::Null);
}

#[tokio::test]
async fn columns_of_a_subquery_are_joined() {
    let server = TestServer::start().await;
    let soql = "SELECT Id, (SELECT LastName, Account.Name FROM Contacts) FROM Account";
    let request = server.query(soql).query("columns", "true");
    let columns = request.as_(AGENT).send().await.expect(200);
    let contacts = &columns["columnMetadata"][1];
    assert_eq!(
        (&contacts["columnName"], &contacts["aggregate"]),
        (&json!("Contacts"), &json!(true))
    );
    assert_eq!(
        all(&contacts["joinColumns"], "columnName"),
        ["LastName", "Account"]
    );
}

#[tokio::test]
async fn mine_and_my_groups_are_the_queues_records_too() {
    let server = TestServer::start().await;
    let queue = [
        ("Type", "Queue".into()),
        ("Name", "Billing".into()),
        ("DeveloperName", "Billing".into()),
    ];
    let queue = server.create("Group", &queue).await;
    let agent = server.user(AGENT).await;
    let handled = [("QueueId", queue.into()), ("SobjectType", "Case".into())];
    server.create("QueueSobject", &handled).await;
    let member = [("GroupId", queue.into()), ("UserOrGroupId", agent.into())];
    server.create("GroupMember", &member).await;
    for (subject, owner) in [
        ("mine", agent),
        ("ours", queue),
        ("other", server.user(ADMIN).await),
    ] {
        let case = [("Subject", subject.into()), ("OwnerId", owner.into())];
        server.create("Case", &case).await;
    }
    for (scope, expected) in [
        ("mine", vec!["mine"]),
        ("mine_and_my_groups", vec!["mine", "ours"]),
        ("everything", vec!["mine", "other", "ours"]),
        ("scopingRule", vec!["mine", "other", "ours"]),
    ] {
        let soql = format!("SELECT Subject FROM Case USING SCOPE {scope} ORDER BY Subject");
        let answer = query(&server, &soql).await;
        assert_eq!(all(&answer["records"], "Subject"), expected, "{scope}");
    }
}
