//! `/sobjects/{object}/updated` and `/deleted`.

use headwater_testkit::{ADMIN, AGENT, TestServer};

use crate::data;

#[tokio::test]
async fn what_was_changed_and_deleted_in_a_stretch_of_time_is_listed() {
    let server = TestServer::start().await;
    let kept = server.account("Kept").await;
    let gone = server.account("Gone").await;
    let path = data(&format!("/sobjects/Account/{gone}"));
    server.delete(&path).as_(ADMIN).send().await.expect(204);
    server.clock().advance(jiff::SignedDuration::from_mins(10));
    let stretch = "?start=2026-01-15T11:00:00%2B00:00&end=2026-01-15T12:05:00+00:00";
    let path = data(&format!("/sobjects/Account/updated/{stretch}"));
    let updated = server.get(&path).as_(AGENT).send().await.expect(200);
    assert_eq!(updated["ids"], serde_json::json!([kept.to_string()]));
    assert!(
        updated["latestDateCovered"]
            .as_str()
            .unwrap()
            .ends_with("+0000")
    );
    let path = data(&format!("/sobjects/Account/deleted/{stretch}"));
    let deleted = server.get(&path).as_(AGENT).send().await.expect(200);
    assert_eq!(deleted["deletedRecords"][0]["id"], gone.to_string());
    assert_eq!(
        deleted["deletedRecords"][0]["deletedDate"],
        "2026-01-15T12:00:00.000+0000"
    );
    assert!(deleted["earliestDateAvailable"].is_string());
}

#[tokio::test]
async fn a_stretch_that_cannot_be_answered_for_is_refused() {
    let server = TestServer::start().await;
    for query in [
        "",
        "?start=soon&end=later",
        "?start=2026-01-15T11:00:00Z&end=2026-01-15T11:00:30Z",
        "?start=2025-01-15T11:00:00Z&end=2026-01-15T11:00:00Z",
    ] {
        let path = data(&format!("/sobjects/Account/updated{query}"));
        let answer = server.get(&path).as_(AGENT).send().await;
        answer.expect_error(400, "INVALID_REPLICATION_DATE");
    }
}
