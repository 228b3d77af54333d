//! `/sobjects/ContentDocumentLink`, and who reaches a file by it.

use headwater_catalogue::Id;
use headwater_records::SharingModel;
use headwater_testkit::{ADMIN, AGENT, TestServer, VIEWER};
use serde_json::{Value, json};

use super::{create, download, id_of};
use crate::data;

/// A file: the version, and the document.
struct File {
    version: Id,
    document: String,
}

impl File {
    async fn of(server: &TestServer, who: &str) -> Self {
        let record = json!({ "PathOnClient": "a.txt", "VersionData": "YQ==" });
        let version = id_of(&create(server, who, "ContentVersion", &record).await);
        let path = data(&format!(
            "/sobjects/ContentVersion/{version}?fields=ContentDocumentId"
        ));
        let row = server.get(&path).as_(ADMIN).send().await.expect(200);
        let document = row["ContentDocumentId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Self { version, document }
    }

    /// The status of a download.
    async fn status(&self, server: &TestServer, who: &str) -> u16 {
        let path = format!("/sobjects/ContentVersion/{}/VersionData", self.version);
        download(server, who, &path).await.status
    }

    /// The status of a change of its title.
    async fn rename(&self, server: &TestServer, who: &str) -> u16 {
        let path = data(&format!("/sobjects/ContentDocument/{}", self.document));
        let request = server.patch(&path).as_(who).json(&json!({ "Title": "t" }));
        request.send().await.status
    }

    async fn link(&self, server: &TestServer, who: &str, entity: &str, share_type: &str) -> Id {
        let record = json!({
            "ContentDocumentId": self.document, "LinkedEntityId": entity, "ShareType": share_type,
        });
        id_of(&create(server, who, "ContentDocumentLink", &record).await)
    }
}

#[tokio::test]
async fn a_file_is_its_owners_until_it_is_linked_to_a_record_that_others_see() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let file = File::of(&server, ADMIN).await;
    let seen = async || {
        let mut seen = Vec::new();
        for who in [ADMIN, AGENT, VIEWER] {
            let answer = server
                .query("SELECT Id FROM ContentDocument")
                .as_(who)
                .send()
                .await;
            seen.push((file.status(&server, who).await, answer.records().len()));
        }
        seen
    };
    assert_eq!(seen().await, [(200, 1), (404, 0), (404, 0)]);
    let link = file.link(&server, ADMIN, account.as_str(), "V").await;
    assert_eq!(seen().await, [(200, 1), (200, 1), (200, 1)]);
    let path = data(&format!("/sobjects/ContentDocumentLink/{link}"));
    let row = server.get(&path).as_(VIEWER).send().await.expect(200);
    assert_eq!(row["Visibility"], "AllUsers");
    assert!(row.get("CreatedDate").is_none() && row.get("SystemModstamp").is_some());
    server.delete(&path).as_(AGENT).send().await.expect(403);
    server.delete(&path).as_(ADMIN).send().await.expect(204);
    assert_eq!(seen().await, [(200, 1), (404, 0), (404, 0)]);
}

#[tokio::test]
async fn what_a_link_lets_people_do_is_in_its_share_type() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    for (share_type, agent, viewer) in [("V", 403, 403), ("C", 204, 403), ("I", 204, 403)] {
        let file = File::of(&server, ADMIN).await;
        file.link(&server, ADMIN, account.as_str(), share_type)
            .await;
        let statuses = [AGENT, VIEWER].map(|who| file.rename(&server, who));
        let [of_agent, of_viewer] = statuses;
        assert_eq!(
            (of_agent.await, of_viewer.await),
            (agent, viewer),
            "{share_type}"
        );
    }
    let file = File::of(&server, ADMIN).await;
    let agent = server.user(AGENT).await;
    file.link(&server, ADMIN, agent.as_str(), "V").await;
    let statuses = (
        file.status(&server, AGENT).await,
        file.status(&server, VIEWER).await,
    );
    assert_eq!(
        statuses,
        (200, 404),
        "a link to a user is for that user alone"
    );
}

#[tokio::test]
async fn a_file_of_a_record_is_hidden_as_its_record_is() {
    let server = TestServer::start().await;
    let system = server.org().system();
    let private = server
        .org()
        .set_sharing(&system, "Case", SharingModel::Private);
    private.await.expect("cases become private");
    let agent = server.user(AGENT).await;
    let file = File::of(&server, ADMIN).await;
    let hidden = server.create("Case", &[]).await;
    file.link(&server, ADMIN, hidden.as_str(), "V").await;
    assert_eq!(file.status(&server, AGENT).await, 404);
    let owned = server.create("Case", &[("OwnerId", agent.into())]).await;
    file.link(&server, ADMIN, owned.as_str(), "V").await;
    assert_eq!(file.status(&server, AGENT).await, 200);
    assert_eq!(file.status(&server, VIEWER).await, 404);
}

#[tokio::test]
async fn a_file_is_linked_to_a_record_once() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let file = File::of(&server, AGENT).await;
    let record = json!({
        "ContentDocumentId": file.document, "LinkedEntityId": account.as_str(), "ShareType": "V",
    });
    create(&server, AGENT, "ContentDocumentLink", &record)
        .await
        .expect(201);
    let again = create(&server, AGENT, "ContentDocumentLink", &record).await;
    again.expect_error(400, "DUPLICATE_VALUE");
}

#[tokio::test]
async fn a_query_of_links_says_which_file_or_record_it_is_about() {
    let server = TestServer::start().await;
    let account = server.account("Sample").await;
    let file = File::of(&server, AGENT).await;
    file.link(&server, AGENT, account.as_str(), "V").await;
    let document = &file.document;
    for (condition, rows) in [
        (format!("ContentDocumentId = '{document}'"), 2),
        (
            format!("LinkedEntityId IN ('{account}') AND ShareType = 'V'"),
            1,
        ),
        ("LinkedEntityId IN (SELECT Id FROM Account)".to_owned(), 1),
    ] {
        let soql = format!("SELECT Id FROM ContentDocumentLink WHERE {condition}");
        let answer = server.query(&soql).as_(AGENT).send().await;
        assert_eq!(answer.records().len(), rows, "{condition}");
    }
    for clause in [
        String::new(),
        " WHERE ShareType = 'V'".to_owned(),
        format!(" WHERE ContentDocumentId = '{document}' OR ShareType = 'V'"),
        format!(" WHERE ContentDocumentId != '{document}'"),
    ] {
        let soql = format!("SELECT Id FROM ContentDocumentLink{clause}");
        let answer = server.query(&soql).as_(ADMIN).send().await;
        let message = answer.expect_error(400, "MALFORMED_QUERY");
        assert!(
            message.contains("requires a filter by a single Id"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn merged_accounts_keep_their_files_once() {
    let server = TestServer::start().await;
    let (stays, goes) = (server.account("A").await, server.account("B").await);
    let both = File::of(&server, ADMIN).await;
    let other = File::of(&server, ADMIN).await;
    for (file, account) in [(&both, stays), (&both, goes), (&other, goes)] {
        file.link(&server, ADMIN, account.as_str(), "V").await;
    }
    let body = json!({
        "object": "Account", "masterRecordId": stays.as_str(), "mergedRecordIds": [goes.as_str()],
    });
    let request = server
        .post("/services/headwater/v1/merges")
        .as_(ADMIN)
        .json(&body);
    request.send().await.expect(200);
    let soql = format!(
        "SELECT ContentDocumentId FROM ContentDocumentLink WHERE LinkedEntityId = '{stays}'"
    );
    let records = server.query(&soql).as_(ADMIN).send().await.records();
    let mut seen: Vec<&Value> = records
        .iter()
        .map(|record| &record["ContentDocumentId"])
        .collect();
    seen.sort_by_key(ToString::to_string);
    let mut expected = [json!(both.document), json!(other.document)];
    expected.sort_by_key(Value::to_string);
    assert_eq!(seen, expected.iter().collect::<Vec<_>>());
}
