//! `/services/async`.

use headwater_testkit::{ADMIN, AGENT, Answer, TestServer};
use serde_json::{Value, json};

const NAMESPACE: &str = "xmlns=\"http://www.force.com/2009/06/asyncapi/dataload\"";
pub(super) const JSON: &str = "application/json";
const XML: &str = "application/xml; charset=UTF-8";

pub(super) async fn send(server: &TestServer, path: &str, media_type: &str, body: &str) -> Answer {
    let token = server.token(ADMIN).await;
    let path = format!("/services/async/62.0/job{path}");
    let request = if body.is_empty() {
        server.get(&path)
    } else {
        server.post(&path)
    };
    // The header that clients of this API have.
    let request = request.header("x-sfdc-session", &token);
    request.body(media_type, body.to_owned()).send().await
}

/// The text of the first element of this name.
pub(super) fn element<'x>(xml: &'x str, name: &str) -> &'x str {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let from = xml
        .find(&start)
        .unwrap_or_else(|| panic!("no {name}:\n{xml}"))
        + start.len();
    &xml[from..from + xml[from..].find(&end).expect("its end")]
}

pub(super) async fn json_job(server: &TestServer, wish: Value) -> String {
    let job = send(server, "", JSON, &wish.to_string()).await.expect(201);
    job["id"].as_str().expect("an id").to_owned()
}

fn wish(operation: &str, content_type: &str) -> Value {
    json!({ "operation": operation, "object": "Account", "contentType": content_type, "concurrencyMode": 0 })
}

#[tokio::test]
async fn rows_as_json() {
    let server = TestServer::start().await;
    let answer = send(&server, "", JSON, &wish("insert", "JSON").to_string()).await;
    assert_eq!(answer.header("content-type"), JSON);
    let job = answer.expect(201);
    for (key, value) in [
        ("state", json!("Open")),
        ("concurrencyMode", json!("Parallel")),
        ("createdDate", json!("2026-01-15T12:00:00.000Z")),
        ("numberBatchesTotal", json!(0)),
        ("apiVersion", json!(62.0)),
    ] {
        assert_eq!(job[key], value, "{key}");
    }
    let id = job["id"].as_str().unwrap();
    let rows = r#"[{"Name":"One","NumberOfEmployees":3},{"Name":null}, {"Name": "Two"}]"#;
    // Whatever the request says of itself.
    let batch = send(&server, &format!("/{id}/batch"), XML, rows).await;
    assert_eq!(batch.header("content-type"), JSON);
    let batch = batch.expect(201);
    assert_eq!(
        (&batch["jobId"], &batch["state"]),
        (&json!(id), &json!("Queued"))
    );
    let path = format!("/{id}/batch/{}", batch["id"].as_str().unwrap());
    let done = send(&server, &path, XML, "").await.expect(200);
    assert_eq!(done["state"], "Completed");
    assert_eq!(
        (
            &done["numberRecordsProcessed"],
            &done["numberRecordsFailed"]
        ),
        (&json!(3), &json!(1))
    );
    let results = send(&server, &format!("{path}/result"), XML, "").await;
    assert_eq!(results.header("content-type"), JSON);
    let results = results.expect(200);
    assert_eq!(results[0]["success"], true);
    assert_eq!(results[0]["created"], true);
    assert_eq!(results[0]["errors"], json!([]));
    assert_eq!(results[1]["success"], false);
    assert_eq!(results[1]["id"], json!(null));
    assert_eq!(
        results[1]["errors"][0]["statusCode"],
        "REQUIRED_FIELD_MISSING"
    );
    assert_eq!(results[1]["errors"][0]["fields"], json!(["Name"]));
    let request = send(&server, &format!("{path}/request"), JSON, "").await;
    assert_eq!(request.text, rows);
    let list = send(&server, &format!("/{id}/batch"), JSON, "")
        .await
        .expect(200);
    assert_eq!(list["batchInfo"][0]["id"], batch["id"]);
    let closed = send(&server, &format!("/{id}"), JSON, r#"{"state":"Closed"}"#)
        .await
        .expect(200);
    assert_eq!(
        (&closed["state"], &closed["numberBatchesCompleted"]),
        (&json!("Closed"), &json!(1))
    );
    let late = send(&server, &format!("/{id}/batch"), JSON, "[]")
        .await
        .expect(400);
    assert_eq!(late["exceptionCode"], "InvalidJobState");
}

#[tokio::test]
async fn rows_as_csv_of_a_job_in_xml() {
    let server = TestServer::start().await;
    let wish = format!(
        "<?xml version=\"1.0\"?><jobInfo {NAMESPACE}><operation>insert</operation>\
         <object>Account</object><contentType>CSV</contentType></jobInfo>"
    );
    let job = send(&server, "", XML, &wish).await;
    assert_eq!(
        (job.status, job.header("content-type")),
        (201, "application/xml")
    );
    assert!(
        job.text.contains(&format!("<jobInfo {NAMESPACE}>")),
        "{}",
        job.text
    );
    let id = element(&job.text, "id");
    let batch = send(
        &server,
        &format!("/{id}/batch"),
        "text/csv",
        "Name\nOne\n\"\"\n",
    )
    .await;
    assert_eq!(
        (batch.status, batch.header("content-type")),
        (201, "application/xml")
    );
    let path = format!("/{id}/batch/{}", element(&batch.text, "id"));
    // JSON headers on a job of CSV.
    let done = send(&server, &path, JSON, "").await;
    assert_eq!(element(&done.text, "state"), "Completed");
    let results = send(&server, &format!("{path}/result"), JSON, "").await;
    assert_eq!(results.header("content-type"), "text/csv");
    let lines: Vec<&str> = results.text.lines().collect();
    assert_eq!(lines[0], "\"Id\",\"Success\",\"Created\",\"Error\"");
    assert!(lines[1].ends_with("\",\"true\",\"true\",\"\""));
    assert_eq!(
        lines[2],
        "\"\",\"false\",\"false\",\"REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --\""
    );
    let list = send(&server, &format!("/{id}/batch"), XML, "").await;
    assert!(
        list.text
            .contains(&format!("<batchInfoList {NAMESPACE}><batchInfo><id>"))
    );
}

#[tokio::test]
async fn rows_as_xml() {
    let server = TestServer::start().await;
    let id = json_job(&server, wish("insert", "XML")).await;
    let rows = format!(
        "<sObjects {NAMESPACE}><sObject><Name>A &amp; B</Name></sObject><sObject/></sObjects>"
    );
    let batch = send(&server, &format!("/{id}/batch"), XML, &rows).await;
    let path = format!("/{id}/batch/{}/result", element(&batch.text, "id"));
    let results = send(&server, &path, XML, "").await;
    assert!(
        results
            .text
            .contains(&format!("<results {NAMESPACE}><result><id>001"))
    );
    assert_eq!(element(&results.text, "success"), "true");
    assert_eq!(
        element(&results.text, "statusCode"),
        "REQUIRED_FIELD_MISSING"
    );
}

#[tokio::test]
async fn queries_in_each_form() {
    let server = TestServer::start().await;
    let soql = "SELECT Id, Name, CreatedDate FROM Account";
    for content_type in ["CSV", "JSON", "XML"] {
        let id = json_job(&server, wish("query", content_type)).await;
        let ask = async |soql: &str| {
            let batch = send(&server, &format!("/{id}/batch"), "text/plain", soql).await;
            assert_eq!(batch.status, 201, "{}", batch.text);
            let batch = match content_type {
                "JSON" => batch.json()["id"].as_str().unwrap().to_owned(),
                _ => element(&batch.text, "id").to_owned(),
            };
            let path = format!("/{id}/batch/{batch}/result");
            let list = send(&server, &path, JSON, "").await;
            let result = match content_type {
                "JSON" => list.json()[0].as_str().unwrap().to_owned(),
                _ => element(&list.text, "result").to_owned(),
            };
            assert!(result.starts_with("752"), "{result}");
            send(&server, &format!("{path}/{result}"), JSON, "").await
        };
        let empty = ask(&format!("{soql} WHERE Name = 'Nothing'")).await;
        let account = server.account("Sample").await.to_string();
        let found = ask(&format!("{soql} WHERE Id = '{account}'")).await;
        match content_type {
            "CSV" => {
                assert_eq!(found.header("content-type"), "text/csv");
                assert_eq!(empty.text, "Records not found for this query");
                let row = format!("\"{account}\",\"Sample\",\"2026-01-15T12:00:00.000Z\"\n");
                assert_eq!(
                    found.text,
                    format!("\"Id\",\"Name\",\"CreatedDate\"\n{row}")
                );
            }
            "JSON" => {
                assert_eq!(empty.json(), json!([]));
                let row = &found.json()[0];
                assert_eq!(row["attributes"]["type"], "Account");
                assert_eq!(row["CreatedDate"], json!(1_768_478_400_000_i64));
            }
            _ => {
                assert!(empty.text.ends_with("></queryResult>"), "{}", empty.text);
                assert_eq!(element(&found.text, "Name"), "Sample");
            }
        }
    }
}

#[tokio::test]
async fn batches_of_a_serial_job_never_go_together() {
    let server = TestServer::start().await;
    // As clients say it by number, and by name.
    for mode in [json!(1), json!("Serial")] {
        let mut wish = wish("insert", "CSV");
        wish["concurrencyMode"] = mode;
        let id = json_job(&server, wish).await;
        let job = send(&server, &format!("/{id}"), JSON, "").await.expect(200);
        assert_eq!(job["concurrencyMode"], "Serial");
        let path = format!("/{id}/batch");
        let rows = format!("Name\n{}", "Same\n".repeat(400));
        let hand_in = || send(&server, &path, "text/csv", &rows);
        let (one, two, three) = tokio::join!(hand_in(), hand_in(), hand_in());
        assert_eq!([one.status, two.status, three.status], [201; 3]);
        loop {
            let list = send(&server, &path, JSON, "").await.text;
            let count = |state| list.matches(&format!("<state>{state}<")).count();
            assert!(count("InProgress") <= 1, "{list}");
            if count("Completed") == 3 {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_large_query_is_cut_into_chunks() {
    let server = TestServer::start().await;
    let insert = json_job(&server, wish("insert", "CSV")).await;
    let rows: Vec<String> = (0..250).map(|row| format!("Name {row}\n")).collect();
    let rows = rows.concat();
    let rows = format!("Name\n{rows}");
    send(&server, &format!("/{insert}/batch"), "text/csv", &rows).await;
    let token = server.token(ADMIN).await;
    let made = server
        .post("/services/async/62.0/job")
        .token(&token)
        .header("sforce-enable-pkchunking", "chunkSize=100; parent=Account")
        .json(&wish("query", "CSV"));
    let id = made.send().await.expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let soql = "SELECT Name FROM Account WHERE Name LIKE 'Name%' OR Name = 'x'";
    let batch = send(&server, &format!("/{id}/batch"), "text/csv", soql).await;
    assert_eq!(element(&batch.text, "state"), "NotProcessed");
    let batches = loop {
        let list = send(&server, &format!("/{id}/batch"), JSON, "").await.text;
        if !list.contains("Queued") && !list.contains("InProgress") {
            break list;
        }
    };
    let states: Vec<&str> = batches
        .split("<batchInfo>")
        .skip(1)
        .map(|info| element(info, "state"))
        .collect();
    assert_eq!(
        states,
        ["NotProcessed", "Completed", "Completed", "Completed"]
    );
    let counts: Vec<&str> = batches
        .split("<batchInfo>")
        .skip(1)
        .map(|info| element(info, "numberRecordsProcessed"))
        .collect();
    assert_eq!(counts, ["0", "100", "100", "50"]);
}

#[tokio::test]
async fn a_batch_that_cannot_be_read_fails_by_itself() {
    let server = TestServer::start().await;
    let id = json_job(&server, wish("insert", "CSV")).await;
    let bad = send(
        &server,
        &format!("/{id}/batch"),
        "text/csv",
        "Nothing__c\nx\n",
    )
    .await;
    let path = format!("/{id}/batch/{}", element(&bad.text, "id"));
    let bad = send(&server, &path, XML, "").await;
    assert_eq!(element(&bad.text, "state"), "Failed");
    assert_eq!(
        element(&bad.text, "stateMessage"),
        "InvalidBatch : Field name not found : Nothing__c"
    );
    let good = send(&server, &format!("/{id}/batch"), "text/csv", "Name\nA\n").await;
    assert_eq!(good.status, 201);
    let job = send(&server, &format!("/{id}"), JSON, "").await.expect(200);
    assert_eq!(
        (
            &job["numberBatchesFailed"],
            &job["numberBatchesCompleted"],
            &job["numberBatchesTotal"]
        ),
        (&json!(1), &json!(1), &json!(2))
    );
}

#[tokio::test]
async fn refusals_have_this_api_s_words() {
    let server = TestServer::start().await;
    let nobody = server
        .post("/services/async/62.0/job")
        .body(XML, "<jobInfo/>");
    let nobody = nobody.send().await;
    // 400, and this code: clients log in again then.
    assert_eq!(
        (nobody.status, nobody.header("content-type")),
        (400, "application/xml")
    );
    assert_eq!(element(&nobody.text, "exceptionCode"), "InvalidSessionId");
    assert!(nobody.text.contains(&format!("<error {NAMESPACE}>")));
    for (wish, code) in [
        (
            json!({ "operation": "insert", "object": "Nothing" }),
            "InvalidEntity",
        ),
        (
            json!({ "operation": "eat", "object": "Account" }),
            "InvalidJob",
        ),
        (
            json!({ "operation": "query", "object": "Account", "contentType": "ZIP_CSV" }),
            "InvalidJob",
        ),
        (
            json!({ "operation": "insert", "object": "Account", "concurrencyMode": "Twice" }),
            "InvalidJob",
        ),
        (
            json!({ "operation": "insert", "object": "Account", "assignmentRuleId": "01Q000000000001" }),
            "FeatureNotEnabled",
        ),
    ] {
        let refused = send(&server, "", JSON, &wish.to_string()).await.expect(400);
        assert_eq!(refused["exceptionCode"], code);
    }
    let unknown = send(&server, "/750000000000001", JSON, "")
        .await
        .expect(400);
    assert_eq!(unknown["exceptionCode"], "InvalidJob");
    let id = json_job(&server, wish("insert", "CSV")).await;
    let zipped = send(&server, &format!("/{id}/batch"), "zip/csv", "PK").await;
    assert_eq!(element(&zipped.text, "exceptionCode"), "ClientInputError");
    let path = format!("/{id}/batch/751000000000001");
    let unknown = send(&server, &path, JSON, "").await.expect(400);
    assert_eq!(unknown["exceptionCode"], "InvalidBatch");
    let aborted = send(&server, &format!("/{id}"), JSON, r#"{"state":"Aborted"}"#).await;
    assert_eq!(aborted.expect(200)["state"], "Aborted");
    let other = format!("/services/async/62.0/job/{id}");
    server.get(&other).as_(AGENT).send().await.expect(400);
}
