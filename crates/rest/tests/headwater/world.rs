//! What the tests here need: Messaging Users with sessions, and two accounts to link them to.

use headwater_catalogue::Id;
use headwater_testkit::{ADMIN, Answer, TestServer};
use serde_json::{Value, json};

pub(crate) const RELINKS: &str = "/services/headwater/v1/relinks";

/// A server with a channel, two accounts and a contact.
pub(crate) struct World {
    pub(crate) server: TestServer,
    pub(crate) channel: Id,
    /// The account that Messaging Users begin with.
    pub(crate) wrong: Id,
    /// The account that they belong to.
    pub(crate) right: Id,
    pub(crate) contact: Id,
}

impl World {
    pub(crate) async fn new() -> Self {
        let server = TestServer::start().await;
        let channel = server.channel("SMS").await;
        let wrong = server.account("Sample").await;
        let right = server.account("Test1").await;
        let contact = server.contact("Byron", Some(right)).await;
        Self {
            server,
            channel,
            wrong,
            right,
            contact,
        }
    }

    /// A Messaging User of the wrong account with so many sessions.
    pub(crate) async fn user(&self, address: &str, sessions: u32) -> Id {
        let server = &self.server;
        let user = server
            .messaging_user(self.channel, address, Some(self.wrong), None)
            .await;
        server.sessions(self.channel, user, sessions).await;
        user
    }

    /// A relink by the administrator.
    pub(crate) async fn relink(&self, body: &Value) -> Answer {
        self.server.post(RELINKS).as_(ADMIN).json(body).send().await
    }

    /// A relink of Messaging Users to the right account; its id.
    pub(crate) async fn relinked(&self, users: &[Id]) -> String {
        let ids: Vec<_> = users.iter().map(Id::to_string).collect();
        let body = json!({"messagingEndUserIds": ids, "accountId": self.right.to_string()});
        let answer = self.relink(&body).await.expect(201);
        answer["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn undo(&self, relink: &str) -> Answer {
        self.server
            .post(&format!("{RELINKS}/{relink}/undo"))
            .as_(ADMIN)
            .send()
            .await
    }

    /// The accounts that a Messaging User's sessions show, without repeats.
    pub(crate) async fn shown(&self, user: Id) -> Vec<Value> {
        let soql = format!(
            "SELECT EndUserAccountId FROM MessagingSession WHERE MessagingEndUserId = '{user}'"
        );
        let rows = self.server.query(&soql).as_(ADMIN).send().await.records();
        let mut shown: Vec<_> = rows
            .into_iter()
            .map(|row| row["EndUserAccountId"].clone())
            .collect();
        shown.dedup();
        shown
    }

    /// How many records a query counts.
    pub(crate) async fn count(&self, from: &str) -> u64 {
        let soql = format!("SELECT COUNT() FROM {from}");
        let answer = self.server.query(&soql).as_(ADMIN).send().await.expect(200);
        answer["totalSize"].as_u64().unwrap()
    }

    /// The last entry of the change log.
    pub(crate) fn last_change(&self) -> i64 {
        self.server.org().store().statistics().unwrap().last_change
    }
}
