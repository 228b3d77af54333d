//! `/jobs/ingest`.

use headwater_testkit::{ADMIN, AGENT, TestServer, VIEWER};
use serde_json::{Value, json};

use super::{column, ended, job, loaded, result, shown, turn, upload};
use crate::{data, with_external_id};

fn wish(operation: &str) -> Value {
    json!({ "object": "account", "operation": operation, "contentType": "CSV" })
}

#[tokio::test]
async fn a_new_job_says_where_its_rows_go() {
    let server = TestServer::start().await;
    let made = server
        .post("/services/data/v62.0/jobs/ingest/")
        .as_(AGENT)
        .json(&wish("insert"))
        .send()
        .await
        .expect(200);
    let id = made["id"].as_str().unwrap();
    assert!(id.starts_with("750") && id.len() == 18);
    let expected = json!({
        "id": id,
        "operation": "insert",
        "object": "Account",
        "createdById": made["createdById"],
        "createdDate": "2026-01-15T12:00:00.000+0000",
        "systemModstamp": "2026-01-15T12:00:00.000+0000",
        "state": "Open",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 62.0,
        // No slash at the beginning.
        "contentUrl": format!("services/data/v62.0/jobs/ingest/{id}/batches"),
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    });
    assert_eq!(made, expected);
}

#[tokio::test]
async fn a_small_job_is_done_before_it_is_asked_for() {
    let server = TestServer::start().await;
    let csv = "NAME,NumberOfEmployees,Phone\n\"A \"\"B\"\", C\",7,\nÜ ,x,1\n,1,2\n";
    let job = loaded(&server, wish("insert"), csv).await;
    for (key, value) in [
        ("state", json!("JobComplete")),
        ("jobType", json!("V2Ingest")),
        ("numberRecordsProcessed", json!(3)),
        ("numberRecordsFailed", json!(2)),
        ("retries", json!(0)),
        ("totalProcessingTime", json!(0)),
        ("apiActiveProcessingTime", json!(0)),
        ("apexProcessingTime", json!(0)),
    ] {
        assert_eq!(job[key], value, "{key}");
    }
    let id = column(&server, "SELECT Id FROM Account", "Id").await;
    let id = id[0].as_str().unwrap();
    assert_eq!(
        result(&server, &job, "successfulResults").await,
        format!(
            "\"sf__Id\",\"sf__Created\",\"NAME\",\"NumberOfEmployees\",\"Phone\"\n\
             \"{id}\",\"true\",\"A \"\"B\"\", C\",\"7\",\"\"\n"
        )
    );
    assert_eq!(
        result(&server, &job, "failedResults").await,
        "\"sf__Id\",\"sf__Error\",\"NAME\",\"NumberOfEmployees\",\"Phone\"\n\
         \"\",\"INVALID_TYPE_ON_FIELD_IN_RECORD:NumberOfEmployees: value not of required type: x is \
         no int:NumberOfEmployees --\",\"Ü \",\"x\",\"1\"\n\
         \"\",\"REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --\",\"\",\"1\",\"2\"\n"
    );
    // However it is spelt.
    for which in ["unprocessedrecords", "unprocessedRecords"] {
        assert_eq!(
            result(&server, &job, which).await,
            "\"NAME\",\"NumberOfEmployees\",\"Phone\"\n"
        );
    }
}

#[tokio::test]
async fn rows_update_upsert_and_delete() {
    let server = with_external_id().await;
    let upsert =
        json!({ "object": "Account", "operation": "upsert", "externalIdFieldName": "ext__c" });
    let csv = "Ext__c,Name,Phone\na,One,1\nb,Two,2\n,Three,3\n";
    let job = loaded(&server, upsert.clone(), csv).await;
    assert_eq!(job["externalIdFieldName"], "ext__c");
    assert_eq!(job["numberRecordsFailed"], 1);
    let failed = result(&server, &job, "failedResults").await;
    assert!(
        failed.contains("MISSING_ARGUMENT:ext__c not specified:--"),
        "{failed}"
    );
    // An empty cell leaves the field alone; a word for nothing empties it.
    let job = loaded(
        &server,
        upsert,
        "Ext__c,Name,Phone\nA,Uno,#N/A\nb,,\nc,New,9\n",
    )
    .await;
    let done = result(&server, &job, "successfulResults").await;
    assert_eq!(done.matches("\"false\"").count(), 2);
    assert_eq!(done.matches("\"true\"").count(), 1);
    let soql = "SELECT Id, Name, Phone FROM Account ORDER BY Ext__c";
    assert_eq!(column(&server, soql, "Name").await, ["Uno", "Two", "New"]);
    assert_eq!(
        column(&server, soql, "Phone").await,
        [json!(null), json!("2"), json!("9")]
    );

    let ids = column(&server, soql, "Id").await;
    let id = |place: usize| ids[place].as_str().unwrap();
    let csv = format!("id,Name\n{},Changed\n,x\n001000000000000AAA,y\n", id(0));
    let job = loaded(&server, wish("update"), &csv).await;
    let failed = result(&server, &job, "failedResults").await;
    assert!(
        failed.contains("MISSING_ARGUMENT:Id not specified:--"),
        "{failed}"
    );
    assert!(failed.contains("INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--"));
    assert_eq!(column(&server, soql, "Name").await[0], "Changed");

    let job = loaded(
        &server,
        wish("delete"),
        &format!("Id\n{}\n{}\n", id(0), id(1)),
    )
    .await;
    assert_eq!(
        (&job["state"], &job["numberRecordsFailed"]),
        (&json!("JobComplete"), &json!(0))
    );
    assert_eq!(column(&server, soql, "Name").await, ["New"]);
}

#[tokio::test]
async fn an_upsert_by_id_makes_what_has_none() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let wish = json!({ "object": "Account", "operation": "upsert", "externalIdFieldName": "Id" });
    let job = loaded(
        &server,
        wish,
        &format!("Id,Name\n{account},Changed\n,Made\n"),
    )
    .await;
    assert_eq!(job["numberRecordsFailed"], 0);
    let soql = "SELECT Name FROM Account ORDER BY Name";
    assert_eq!(column(&server, soql, "Name").await, ["Changed", "Made"]);
}

#[tokio::test]
async fn parents_are_named_by_a_field_of_theirs() {
    let server = with_external_id().await;
    loaded(&server, wish("insert"), "Name,Ext__c\nParent,p\n").await;
    let csv = "LastName,Account.Ext__c,Email\nA,p,a@b.example\nB,q,\n";
    let contact = json!({ "object": "Contact", "operation": "insert" });
    let job = loaded(&server, contact, csv).await;
    assert_eq!(job["numberRecordsFailed"], 1);
    let failed = result(&server, &job, "failedResults").await;
    assert!(
        failed.contains("Foreign key external ID: q not found for field Ext__c in entity Account")
    );
    let soql = "SELECT Account.Name FROM Contact";
    let found = server.query(soql).as_(ADMIN).send().await.records();
    assert_eq!(found[0]["Account"]["Name"], "Parent");
}

#[tokio::test]
async fn columns_and_lines_are_parted_as_the_job_says() {
    let server = TestServer::start().await;
    for (name, delimiter) in [
        ("TAB", "\t"),
        ("SEMICOLON", ";"),
        ("PIPE", "|"),
        ("CARET", "^"),
        ("BACKQUOTE", "`"),
    ] {
        let mut wish = wish("insert");
        wish["columnDelimiter"] = json!(name);
        wish["lineEnding"] = json!("CRLF");
        let csv = format!("Name{delimiter}Phone\r\nA,B{delimiter}1\r\n");
        let job = loaded(&server, wish, &csv).await;
        assert_eq!(job["numberRecordsFailed"], 0, "{name}");
        let done = result(&server, &job, "successfulResults").await;
        assert!(
            done.ends_with(&format!("\"A,B\"{delimiter}\"1\"\r\n")),
            "{done}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_whole_upload_fails_the_job() {
    let server = TestServer::start().await;
    let lines =
        "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF";
    for (operation, csv, message) in [
        (
            "insert",
            "Name,Nothing__c\na,b\n",
            "InvalidBatch : Field name not found : Nothing__c",
        ),
        (
            "insert",
            "Name;Phone\na;b\n",
            "InvalidBatch : Field name not found : Name;Phone",
        ),
        (
            "insert",
            "Name,name\na,b\n",
            "InvalidBatch : Duplicate field name found : name",
        ),
        ("insert", "Name\r\na\r\n", lines),
        (
            "delete",
            "Id,Name\n",
            "InvalidBatch : The 'delete' batch must contain only ids",
        ),
    ] {
        let job = loaded(&server, wish(operation), csv).await;
        assert_eq!(job["state"], "Failed", "{csv}");
        assert_eq!(job["errorMessage"], message);
        assert_eq!(job["numberRecordsProcessed"], 0);
        // Its rows are those that nobody has tried.
        let left = result(&server, &job, "unprocessedrecords").await;
        assert_eq!(left.lines().count(), csv.lines().count(), "{left}");
    }
}

#[tokio::test]
async fn a_job_comes_with_its_rows_in_one_request() {
    let server = TestServer::start().await;
    let body = "--x\r\nContent-Type: application/json\r\nContent-Disposition: form-data; \
        name=\"job\"\r\n\r\n{\"object\":\"Account\",\"operation\":\"insert\"}\r\n--x\r\n\
        Content-Type: text/csv\r\nContent-Disposition: form-data; name=\"content\"; \
        filename=\"content\"\r\n\r\nName\nOne\n\r\n--x--\r\n";
    let made = server
        .post(&data("/jobs/ingest"))
        .as_(ADMIN)
        .body("multipart/form-data; boundary=x", body)
        .send()
        .await
        .expect(200);
    assert_eq!(made["state"], "UploadComplete");
    let job = shown(&server, made["id"].as_str().unwrap()).await;
    assert_eq!(
        (&job["state"], &job["numberRecordsProcessed"]),
        (&json!("JobComplete"), &json!(1))
    );
}

#[tokio::test]
async fn rows_come_in_pieces_and_packed() {
    let server = TestServer::start().await;
    let id = job(&server, &wish("insert")).await;
    let names: Vec<String> = (0..30_000)
        .map(|row| format!("Größe {row:040}\n"))
        .collect();
    let names = names.concat();
    let csv = format!("Name\n{names}");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, csv.as_bytes()).unwrap();
    let path = data(&format!("/jobs/ingest/{id}/batches"));
    let uploaded = server
        .put(&path)
        .as_(ADMIN)
        .header("content-encoding", "gzip")
        .body("text/csv", packed.finish().unwrap())
        .send()
        .await;
    uploaded.expect(201);
    turn(&server, &id, "Aborted").await;
    let left = result(&server, &shown(&server, &id).await, "unprocessedrecords").await;
    assert_eq!(left.lines().count(), 30_001);
    assert_eq!(left.replace('"', ""), csv);
}

#[tokio::test]
async fn states_lead_only_forward() {
    let server = TestServer::start().await;
    let id = job(&server, &wish("insert")).await;
    let path = data(&format!("/jobs/ingest/{id}"));
    let results = data(&format!("/jobs/ingest/{id}/failedResults"));
    let early = server.get(&results).as_(ADMIN).send().await;
    early.expect_error(412, "JOB_NOT_COMPLETE");
    let early = server.delete(&path).as_(ADMIN).send().await;
    early.expect_error(400, "INVALIDJOBSTATE");
    upload(&server, &id, "Name\nA\n").await;
    let again = server.put(&format!("{path}/batches")).as_(ADMIN);
    let again = again.body("text/csv", "Name\nB\n").send().await;
    again.expect_error(400, "INVALIDJOBSTATE");
    let strange = server
        .patch(&path)
        .as_(ADMIN)
        .json(&json!({ "state": "Done" }));
    strange.send().await.expect_error(400, "INVALIDJOBSTATE");
    turn(&server, &id, "UploadComplete").await;
    for state in ["UploadComplete", "Aborted"] {
        let late = server
            .patch(&path)
            .as_(ADMIN)
            .json(&json!({ "state": state }));
        late.send().await.expect_error(400, "INVALIDJOBSTATE");
    }
    server.delete(&path).as_(ADMIN).send().await.expect(204);
    let gone = server.get(&path).as_(ADMIN).send().await;
    gone.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn jobs_that_cannot_be_are_refused() {
    let server = TestServer::start().await;
    for (wish, code) in [
        (json!({ "operation": "insert" }), "INVALIDENTITY"),
        (
            json!({ "object": "Nothing__c", "operation": "insert" }),
            "INVALIDENTITY",
        ),
        (
            json!({ "object": "CustomField", "operation": "insert" }),
            "INVALIDENTITY",
        ),
        (
            json!({ "object": "Account", "operation": "query" }),
            "INVALIDJOB",
        ),
        (
            json!({ "object": "Account", "operation": "eat" }),
            "INVALIDJOB",
        ),
        (
            json!({ "object": "Account", "operation": "upsert" }),
            "INVALIDJOB",
        ),
        (
            json!({ "object": "Account", "operation": "upsert", "externalIdFieldName": "Phone" }),
            "INVALIDJOB",
        ),
        (
            json!({ "object": "Account", "operation": "insert", "contentType": "JSON" }),
            "INVALIDJOB",
        ),
        (
            json!({ "object": "Account", "operation": "insert", "columnDelimiter": "DOT" }),
            "INVALIDJOB",
        ),
        (
            json!({ "object": "Account", "operation": "insert", "lineEnding": "CR" }),
            "INVALIDJOB",
        ),
        (
            json!({ "object": "Account", "operation": "hardDelete" }),
            "FEATURENOTENABLED",
        ),
    ] {
        let asked = server.post(&data("/jobs/ingest")).as_(AGENT).json(&wish);
        asked.send().await.expect_error(400, code);
    }
    let broken = server.post(&data("/jobs/ingest")).as_(AGENT);
    let broken = broken.body("application/json", "{\"object\":").send().await;
    broken.expect_error(400, "JSON_PARSER_ERROR");
}

#[tokio::test]
async fn a_hard_delete_leaves_nothing_in_the_recycle_bin() {
    let server = TestServer::start().await;
    loaded(&server, wish("insert"), "Name\nA\nB\nC\n").await;
    let ids = column(&server, "SELECT Id FROM Account ORDER BY Name", "Id").await;
    let id = |place: usize| ids[place].as_str().unwrap();
    loaded(&server, wish("delete"), &format!("Id\n{}\n", id(0))).await;
    let csv = format!("Id\n{}\n{}\n", id(0), id(1));
    let job = loaded(&server, wish("hardDelete"), &csv).await;
    let failed = result(&server, &job, "failedResults").await;
    assert_eq!(job["numberRecordsFailed"], 0, "{failed}");
    let all = server
        .get(&data("/queryAll?q=SELECT+Name+FROM+Account"))
        .as_(ADMIN);
    let all = all.send().await.expect(200);
    assert_eq!(all["totalSize"], 1);
    assert_eq!(all["records"][0]["Name"], "C");
}

#[tokio::test]
async fn bad_bytes_change_nothing() {
    let server = TestServer::start().await;
    let id = job(&server, &wish("insert")).await;
    let path = data(&format!("/jobs/ingest/{id}/batches"));
    for bytes in [&b"Name\n\xff\xfe\n"[..], b"Name\na\0b\n", b"Name\n\xc3"] {
        let sent = server
            .put(&path)
            .as_(ADMIN)
            .body("text/csv", bytes.to_vec());
        sent.send().await.expect_error(400, "CLIENTINPUTERROR");
    }
    // What was cut off leaves nothing behind.
    upload(&server, &id, "Name\nA\n").await;
    turn(&server, &id, "UploadComplete").await;
    assert_eq!(
        column(&server, "SELECT Name FROM Account", "Name").await,
        ["A"]
    );
}

#[tokio::test]
async fn jobs_are_seen_by_who_made_them_and_by_administrators() {
    let server = TestServer::start().await;
    let id = job(&server, &wish("insert")).await;
    let path = data(&format!("/jobs/ingest/{id}"));
    for who in [AGENT, VIEWER] {
        server
            .get(&path)
            .as_(who)
            .send()
            .await
            .expect_error(404, "NOT_FOUND");
        let list = server
            .get(&data("/jobs/ingest"))
            .as_(who)
            .send()
            .await
            .expect(200);
        assert_eq!(list["records"], json!([]));
    }
    let list = server
        .get(&data("/jobs/ingest?jobType=V2Ingest"))
        .as_(ADMIN);
    let list = list.send().await.expect(200);
    assert_eq!(
        (&list["done"], &list["nextRecordsUrl"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(list["records"][0]["id"], json!(id));
    let other = server.get(&data("/jobs/ingest?jobType=Classic")).as_(ADMIN);
    assert_eq!(other.send().await.expect(200)["records"], json!([]));
    let soql = "SELECT State, ObjectName FROM BulkJob";
    assert_eq!(column(&server, soql, "State").await, ["Open"]);
}

#[tokio::test]
async fn a_job_goes_on_after_a_restart() {
    let server = TestServer::start().await;
    let id = job(&server, &wish("insert")).await;
    let names: Vec<String> = (0..3_000).map(|row| format!("Name {row}\n")).collect();
    let names = names.concat();
    upload(&server, &id, format!("Name\n{names}")).await;
    let server = server.restart().await;
    turn(&server, &id, "UploadComplete").await;
    // A large one is not waited for, but it is not forgotten either.
    let job = ended(&server, &id).await;
    assert_eq!(job["state"], "JobComplete");
    assert_eq!(job["numberRecordsProcessed"], 3_000);
    let soql = "SELECT COUNT() FROM Account";
    let count = server.query(soql).as_(ADMIN).send().await.expect(200);
    assert_eq!(count["totalSize"], 3_000);
}
