//! `/jobs/query`.

use headwater_testkit::{ADMIN, AGENT, TestServer};
use serde_json::{Value, json};

use super::loaded;
use crate::data;

async fn ask(server: &TestServer, soql: &str) -> Value {
    let wish = json!({ "operation": "query", "query": soql });
    let asked = server.post(&data("/jobs/query")).as_(ADMIN).json(&wish);
    asked.send().await.expect(200)
}

fn path(job: &Value) -> String {
    data(&format!(
        "/jobs/query/{}",
        job["id"].as_str().expect("an id")
    ))
}

/// A page: its text, how many records it says it has, and where the next one is.
async fn page(server: &TestServer, job: &Value, query: &str) -> (String, String, String) {
    let path = format!("{}/results{query}", path(job));
    let answer = server.get(&path).as_(ADMIN).send().await;
    answer.expect(200);
    assert!(answer.header("content-type").starts_with("text/csv"));
    let header = |name| answer.header(name).to_owned();
    let (records, locator) = (header("sforce-numberofrecords"), header("sforce-locator"));
    (answer.text, records, locator)
}

#[tokio::test]
async fn an_answer_is_there_before_it_is_asked_for() {
    let server = TestServer::start().await;
    let account = server.account("A \"B\", C").await;
    let contact = [("LastName", "D".into()), ("AccountId", account.into())];
    server.create("Contact", &contact).await;
    server.create("Contact", &[("LastName", "E".into())]).await;
    let soql = "SELECT LastName, Account.Name, CreatedDate, Birthdate, IsDeleted FROM Contact ORDER BY LastName";
    let job = ask(&server, soql).await;
    assert_eq!(job["state"], "UploadComplete");
    assert_eq!(job["object"], "Contact");
    assert!(job.get("contentUrl").is_none());
    let shown = server.get(&path(&job)).as_(ADMIN).send().await.expect(200);
    assert_eq!(shown["state"], "JobComplete");
    assert_eq!(shown["jobType"], "V2Query");
    assert_eq!(shown["numberRecordsProcessed"], 2);
    let (text, records, locator) = page(&server, &job, "").await;
    assert_eq!(
        text,
        "\"LastName\",\"Account.Name\",\"CreatedDate\",\"Birthdate\",\"IsDeleted\"\n\
         \"D\",\"A \"\"B\"\", C\",\"2026-01-15T12:00:00.000Z\",\"\",\"false\"\n\
         \"E\",\"\",\"2026-01-15T12:00:00.000Z\",\"\",\"false\"\n"
    );
    // Clients read the first as a number, and stop at this word in the second.
    assert_eq!((&*records, &*locator), ("2", "null"));
    server
        .delete(&path(&job))
        .as_(ADMIN)
        .send()
        .await
        .expect(204);
}

#[tokio::test]
async fn an_answer_without_records_has_its_header() {
    let server = TestServer::start().await;
    let job = ask(&server, "SELECT Id, Name FROM Account").await;
    let (text, records, locator) = page(&server, &job, "?maxRecords=10").await;
    assert_eq!(
        (&*text, &*records, &*locator),
        ("\"Id\",\"Name\"\n", "0", "null")
    );
}

#[tokio::test]
async fn pages_of_any_size_make_up_the_whole() {
    let server = TestServer::start().await;
    let rows: Vec<String> = (0..1_234)
        .map(|row| format!("\"Line\n{row:04}\"\n"))
        .collect();
    let rows = rows.concat();
    let wish = json!({ "object": "Account", "operation": "insert" });
    loaded(&server, wish, &format!("Name\n{rows}")).await;
    let job = ask(&server, "SELECT Name FROM Account ORDER BY Name").await;
    let whole = loop {
        let path = format!("{}/results", path(&job));
        let answer = server.get(&path).as_(ADMIN).send().await;
        if answer.status != 412 {
            break answer;
        }
    };
    assert_eq!(whole.header("sforce-numberofrecords"), "1234");
    assert_eq!(whole.header("sforce-locator"), "null");
    for size in [100, 499, 500, 501, 1_233, 1_234, 5_000] {
        let (mut together, mut locator) = (String::new(), String::new());
        let mut pages = 0;
        while locator != "null" {
            let query = format!("?locator={locator}&maxRecords={size}");
            let (text, records, next) = page(&server, &job, &query).await;
            let body = text.strip_prefix("\"Name\"\n").unwrap();
            assert_eq!(body.matches("\"\n").count().to_string(), records);
            together.push_str(body);
            locator = next;
            pages += 1;
        }
        assert_eq!(pages, 1_234_usize.div_ceil(size), "{size}");
        assert_eq!(format!("\"Name\"\n{together}"), whole.text, "{size}");
    }
    let pages = server
        .get(&format!("{}/resultPages", path(&job)))
        .as_(ADMIN);
    let pages = pages.send().await.expect(200);
    let url = pages["resultPages"][0]["resultUrl"].as_str().unwrap();
    let first = server.get(url).as_(ADMIN).send().await;
    assert_eq!(first.text, whole.text);
}

#[tokio::test]
async fn what_bulk_queries_do_not_do_is_refused() {
    let server = TestServer::start().await;
    for (soql, code) in [
        ("SELECT COUNT() FROM Account", "CLIENTINPUTERROR"),
        ("SELECT Id FROM Account OFFSET 5", "CLIENTINPUTERROR"),
        ("SELECT BillingAddress FROM Account", "CLIENTINPUTERROR"),
        ("SELECT Body FROM Attachment", "CLIENTINPUTERROR"),
        ("SELECT Id FROM ContentDocumentLink", "MALFORMED_QUERY"),
        ("SELECT Nothing__c FROM Account", "INVALID_FIELD"),
        ("SELECT FROM Account", "MALFORMED_QUERY"),
        ("", "INVALIDJOB"),
    ] {
        let wish = json!({ "operation": "query", "query": soql });
        let asked = server.post(&data("/jobs/query")).as_(AGENT).json(&wish);
        asked.send().await.expect_error(400, code);
    }
}

#[tokio::test]
async fn results_are_fetched_by_who_asked_with_the_version_they_asked_with() {
    let server = TestServer::start().await;
    let job = ask(&server, "SELECT Id FROM Account").await;
    let results = format!("{}/results", path(&job));
    server
        .get(&results)
        .as_(AGENT)
        .send()
        .await
        .expect_error(404, "NOT_FOUND");
    let older = results.replace("v68.0", "v60.0");
    server
        .get(&older)
        .as_(ADMIN)
        .send()
        .await
        .expect_error(409, "INVALIDJOB");
    let strange = format!("{results}?locator=xyz");
    let strange = server.get(&strange).as_(ADMIN).send().await;
    strange.expect_error(400, "INVALID_QUERY_LOCATOR");
    let list = server
        .get(&data("/jobs/query"))
        .as_(ADMIN)
        .send()
        .await
        .expect(200);
    assert_eq!(list["records"][0]["id"], job["id"]);
}

#[tokio::test]
async fn deleted_records_are_there_for_who_asks_for_all() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let record = data(&format!("/sobjects/Account/{account}"));
    server.delete(&record).as_(ADMIN).send().await.expect(204);
    // Datetimes with a fraction and a colon in their offset, as clients that slice by month send.
    let since = "SystemModstamp >= 2026-01-01T00:00:00.000+00:00";
    let soql = format!("SELECT Name, IsDeleted FROM Account WHERE {since}");
    for (operation, rows) in [("query", "0"), ("queryAll", "1")] {
        let wish = json!({ "operation": operation, "query": soql });
        let job = server.post(&data("/jobs/query")).as_(ADMIN).json(&wish);
        let job = job.send().await.expect(200);
        assert_eq!(page(&server, &job, "").await.1, rows, "{operation}");
    }
}
