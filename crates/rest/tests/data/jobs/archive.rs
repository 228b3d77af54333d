//! Batches as ZIP archives, with the files that their rows name.

use std::io::{Cursor, Write as _};

use headwater_testkit::{ADMIN, Answer, TestScanner, TestServer};
use serde_json::json;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::classic::{JSON, element, json_job, send};

/// A photo, more or less: bytes that are no text.
const PHOTO: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46];

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("a file begins");
        writer.write_all(content).expect("it is written");
    }
    writer.finish().expect("the archive ends").into_inner()
}

async fn batch(server: &TestServer, job: &str, media_type: &str, body: Vec<u8>) -> Answer {
    let token = server.token(ADMIN).await;
    let path = format!("/services/async/62.0/job/{job}/batch");
    let request = server.post(&path).header("x-sfdc-session", &token);
    request.body(media_type, body).send().await
}

/// The answer, which has this status.
fn taken(answer: Answer, status: u16) -> Answer {
    assert_eq!(answer.status, status, "{}", answer.text);
    answer
}

async fn job(server: &TestServer, object: &str, content_type: &str) -> String {
    let wish = json!({ "operation": "insert", "object": object, "contentType": content_type });
    json_job(server, wish).await
}

async fn bytes(server: &TestServer, object: &str, name: &str, field: &str) -> Vec<u8> {
    let title = if object == "Attachment" {
        "Name"
    } else {
        "Title"
    };
    let soql = format!("SELECT Id FROM {object} WHERE {title} = '{name}'");
    let found = server.query(&soql).as_(ADMIN).send().await.expect(200);
    let id = found["records"][0]["Id"]
        .as_str()
        .unwrap_or_else(|| panic!("no {name}"))
        .to_owned();
    let path = format!("/services/data/v62.0/sobjects/{object}/{id}/{field}");
    let answer = server.get(&path).as_(ADMIN).send().await;
    assert_eq!(answer.status, 200);
    answer.bytes
}

#[tokio::test]
async fn rows_as_csv_name_the_files_that_lie_beside_them() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let rows = format!(
        "Name,ParentId,body\n\"#1, photo.jpg\",{account},#photos/one.jpg\nnote.txt,{account},#note.txt\n\
         plain.txt,{account},aGVsbG8=\nnobody's,001000000000000AAA,#note.txt\n"
    );
    let body = archive(&[
        ("note.txt", b"A note"),
        ("photos/one.jpg", PHOTO),
        ("request.txt", rows.as_bytes()),
    ]);
    let id = job(&server, "Attachment", "ZIP_CSV").await;
    let text = taken(batch(&server, &id, "zip/csv", body).await, 201).text;
    assert_eq!(element(&text, "state"), "Queued");
    let path = format!("/{id}/batch/{}", element(&text, "id"));
    let done = taken(send(&server, &path, JSON, "").await, 200);
    assert_eq!(
        element(&done.text, "numberRecordsProcessed"),
        "4",
        "{}",
        done.text
    );
    assert_eq!(element(&done.text, "numberRecordsFailed"), "1");
    let results = send(&server, &format!("{path}/result"), JSON, "").await;
    assert_eq!(results.header("content-type"), "text/csv");
    assert_eq!(results.text.lines().count(), 5);
    assert_eq!(
        bytes(&server, "Attachment", "#1, photo.jpg", "Body").await,
        PHOTO
    );
    assert_eq!(
        bytes(&server, "Attachment", "note.txt", "Body").await,
        b"A note"
    );
    assert_eq!(
        bytes(&server, "Attachment", "plain.txt", "Body").await,
        b"hello"
    );
    let job = send(&server, &format!("/{id}"), "application/xml", "").await;
    let job = taken(job, 200);
    assert_eq!(element(&job.text, "contentType"), "ZIP_CSV");
}

#[tokio::test]
async fn a_row_whose_file_holds_a_virus_is_refused_and_the_others_are_not() {
    let server = TestServer::start().await;
    TestScanner::watch(server.org());
    server.expect_log("an infected file was refused");
    let rows = "Title,PathOnClient,VersionData\nbad,bad.jpg,#bad.jpg\ngood,good.jpg,#good.jpg\n";
    let body = archive(&[
        ("request.txt", rows.as_bytes()),
        ("bad.jpg", TestScanner::VIRUS.as_bytes()),
        ("good.jpg", PHOTO),
    ]);
    let id = job(&server, "ContentVersion", "ZIP_CSV").await;
    let text = taken(batch(&server, &id, "zip/csv", body).await, 201).text;
    let path = format!("/{id}/batch/{}", element(&text, "id"));
    let done = taken(send(&server, &path, JSON, "").await, 200);
    assert_eq!(element(&done.text, "numberRecordsFailed"), "1");
    let results = send(&server, &format!("{path}/result"), JSON, "").await;
    let refusal = results.text.lines().nth(1).unwrap_or_default();
    assert!(refusal.contains(TestScanner::NAME), "{}", results.text);
    let good = bytes(&server, "ContentVersion", "good", "VersionData").await;
    assert_eq!(good, PHOTO);
}

#[tokio::test]
async fn rows_as_json_and_xml_do_so_too() {
    let server = TestServer::start().await;
    let json = r##"[{"Title":"json","PathOnClient":"one.jpg","VersionData":"#photos\\one.jpg"}]"##;
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
        <sObjects xmlns=\"http://www.force.com/2009/06/asyncapi/dataload\"><sObject>\
        <Title>xml</Title><PathOnClient>one.jpg</PathOnClient>\
        <VersionData>#photos/one.jpg</VersionData></sObject></sObjects>";
    for (content_type, title, rows) in [("ZIP_JSON", "json", json), ("ZIP_XML", "xml", xml)] {
        let id = job(&server, "ContentVersion", content_type).await;
        let body = archive(&[("request.txt", rows.as_bytes()), ("photos\\one.jpg", PHOTO)]);
        let media_type = content_type.to_lowercase().replace('_', "/");
        batch(&server, &id, &media_type, body).await.expect(201);
        assert_eq!(
            bytes(&server, "ContentVersion", title, "VersionData").await,
            PHOTO
        );
    }
}

#[tokio::test]
async fn an_archive_that_cannot_be_taken_says_why_and_leaves_the_job_as_it_was() {
    let server = TestServer::start().await;
    let id = job(&server, "Attachment", "ZIP_CSV").await;
    let many: Vec<String> = (0..=1_000).map(|number| format!("{number}.txt")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    let zeros = vec![0; 12_000_000];
    let long = "x".repeat(513);
    for (body, code, words) in [
        (
            b"PK and nothing more".to_vec(),
            "ClientInputError",
            "no ZIP archive",
        ),
        (
            archive(&[("rows.csv", b"Name\nx\n")]),
            "ClientInputError",
            "has no request.txt",
        ),
        (
            archive(&[("request.txt", b"Name,Body\nx,#one.jpg\n")]),
            "ClientInputError",
            "names the file #one.jpg",
        ),
        (archive(&many), "ExceededQuota", "at most 1000 files"),
        // 24 MB, of which hardly anything is left when they are packed.
        (
            archive(&[
                ("one", &zeros),
                ("two", &zeros),
                ("request.txt", b"Name\nx\n"),
            ]),
            "ExceededQuota",
            "at most 20000000 bytes when it is unpacked",
        ),
        (
            archive(&[(&long, b"x")]),
            "ExceededQuota",
            "at most 512 bytes",
        ),
        (
            vec![0; 10_000_001],
            "ExceededQuota",
            "at most 10000000 bytes",
        ),
    ] {
        let refused = taken(batch(&server, &id, "zip/csv", body).await, 400);
        assert_eq!(element(&refused.text, "exceptionCode"), code, "{words}");
        let message = element(&refused.text, "exceptionMessage");
        assert!(message.contains(words), "{words} is not in {message}");
    }
    let job = send(&server, &format!("/{id}"), "application/xml", "").await;
    let job = taken(job, 200);
    assert_eq!(element(&job.text, "numberBatchesTotal"), "0");
    assert_eq!(element(&job.text, "state"), "Open");
}

#[tokio::test]
async fn rows_that_are_not_what_they_should_be_fail_as_without_an_archive() {
    let server = TestServer::start().await;
    let id = job(&server, "Attachment", "ZIP_JSON").await;
    let body = archive(&[("request.txt", b"Name,Body\nx,y\n")]);
    let made = batch(&server, &id, "zip/json", body).await.expect(201);
    let path = format!("/{id}/batch/{}", made["id"].as_str().expect("an id"));
    let done = send(&server, &path, JSON, "").await.expect(200);
    assert_eq!(done["state"], "Failed", "{done}");
}
