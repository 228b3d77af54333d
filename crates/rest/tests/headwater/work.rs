//! `presence`, `offers/{id}/accept` and `decline`, `sessions/{id}/transfer`.

use std::time::Duration;

use headwater_catalogue::Id;
use headwater_messaging::Messaging;
use headwater_testkit::{ADMIN, AGENT, Answer, TestServer, VIEWER};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

const BASE: &str = "/services/headwater/v1";

/// A server with a session that waits in a routed queue of the agent and the administrator.
struct Floor {
    server: TestServer,
    queue: Id,
    session: Id,
    routing: JoinHandle<()>,
}

impl Floor {
    async fn set() -> Self {
        let server = TestServer::start().await;
        let configuration = [
            ("DeveloperName", "Fair".into()),
            ("MasterLabel", "Fair".into()),
        ];
        let configuration = server.create("QueueRoutingConfig", &configuration).await;
        let queue = [
            ("Name", "Support".into()),
            ("Type", "Queue".into()),
            ("QueueRoutingConfigId", configuration.into()),
        ];
        let queue = server.create("Group", &queue).await;
        let member = [
            ("GroupId", queue.into()),
            ("UserOrGroupId", server.user(AGENT).await.into()),
        ];
        server.create("GroupMember", &member).await;
        let channel = server.channel("Texts").await;
        let user = server
            .messaging_user(channel, "+12025550147", None, None)
            .await;
        let session = [
            ("MessagingChannelId", channel.into()),
            ("MessagingEndUserId", user.into()),
            ("Status", "Waiting".into()),
            ("OwnerId", queue.into()),
        ];
        let session = server.create("MessagingSession", &session).await;
        let messaging = Messaging::new(server.org().clone());
        let routing = tokio::spawn(async move { messaging.follow().await });
        Self {
            server,
            queue,
            session,
            routing,
        }
    }

    async fn post(&self, path: &str, user: &str, body: &Value) -> Answer {
        let path = format!("{BASE}{path}");
        self.server.post(&path).as_(user).json(body).send().await
    }

    async fn presence(&self, user: &str) -> Value {
        let path = format!("{BASE}/presence");
        let request = self.server.get(&path).as_(user);
        request.send().await.expect(200)
    }

    async fn is_available(&self, user: &str) {
        let desk = self.presence(user).await;
        let statuses = desk["statuses"].as_array().unwrap();
        let available = statuses.iter().find(|one| one["label"] == "Available");
        let status = json!({ "statusId": available.unwrap()["id"] });
        let desk = self.post("/presence", user, &status).await.expect(200);
        assert_eq!(desk["label"], "Available");
    }

    /// The path of the offer that somebody gets.
    async fn offer(&self, user: &str) -> String {
        for _ in 0..1_000 {
            let desk = self.presence(user).await;
            if let Some(work) = desk["offers"][0]["workId"].as_str() {
                assert_eq!(desk["used"], 1.0);
                assert_eq!(desk["offers"][0]["customer"], "+12025550147");
                return format!("/offers/{work}");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nothing is offered");
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        self.routing.abort();
    }
}

#[tokio::test]
async fn a_console_of_ones_own_is_present_takes_what_it_is_offered_and_hands_it_on() {
    let floor = Floor::set().await;
    assert_eq!(floor.presence(AGENT).await["statusId"], Value::Null);
    floor.is_available(AGENT).await;
    let offer = floor.offer(AGENT).await;
    let taken = floor
        .post(&format!("{offer}/accept"), AGENT, &json!({}))
        .await;
    assert_eq!(
        taken.expect(200),
        json!({ "sessionId": floor.session.to_string() })
    );
    let late = floor
        .post(&format!("{offer}/accept"), AGENT, &json!({}))
        .await;
    late.expect_error(409, "INVALID_SESSION_STATUS");
    let transfer = format!("/sessions/{}/transfer", floor.session);
    let absent = json!({ "to": floor.server.user(VIEWER).await.to_string() });
    let refused = floor.post(&transfer, AGENT, &absent).await;
    refused.expect_error(409, "AGENT_NOT_AVAILABLE");
    let nobody = json!({ "to": floor.session.to_string() });
    let refused = floor.post(&transfer, AGENT, &nobody).await;
    refused.expect_error(400, "INVALID_CROSS_REFERENCE_KEY");
    let misspelt = floor.post(&transfer, AGENT, &json!({ "too": "x" })).await;
    misspelt.expect_error(400, "JSON_PARSER_ERROR");
    floor.is_available(ADMIN).await;
    let to = json!({ "to": floor.server.user(ADMIN).await.to_string(), "note": "Yours" });
    let refused = floor.post(&transfer, VIEWER, &to).await;
    refused.expect_error(403, "INSUFFICIENT_ACCESS_OR_READONLY");
    floor.post(&transfer, AGENT, &to).await.expect(204);
    let offer = floor.offer(ADMIN).await;
    let (path, reason) = (format!("{offer}/decline"), json!({ "reason": "Busy" }));
    floor.post(&path, ADMIN, &reason).await.expect(204);
    let soql = "SELECT Status, DeclineReason FROM AgentWork WHERE Status = 'Declined'";
    let rows = floor.server.query(soql).as_(ADMIN).send().await.expect(200);
    assert_eq!(rows["records"][0]["DeclineReason"], "Busy");
    let soql = format!(
        "SELECT OwnerId FROM MessagingSession WHERE Id = '{}'",
        floor.session
    );
    let rows = floor
        .server
        .query(&soql)
        .as_(ADMIN)
        .send()
        .await
        .expect(200);
    assert_eq!(rows["records"][0]["OwnerId"], floor.queue.to_string());
}

#[tokio::test]
async fn what_only_the_server_writes_is_read_by_those_who_see_the_session() {
    let floor = Floor::set().await;
    floor.is_available(AGENT).await;
    floor.offer(AGENT).await;
    for object in ["AgentWork", "PendingServiceRouting", "UserServicePresence"] {
        let soql = format!("SELECT Id, Name FROM {object}");
        let rows = floor
            .server
            .query(&soql)
            .as_(VIEWER)
            .send()
            .await
            .expect(200);
        assert_eq!(rows["totalSize"], 1, "{object}");
        let path = format!("/services/data/v67.0/sobjects/{object}");
        let made = floor.server.post(&path).as_(ADMIN).json(&json!({})).send();
        made.await.expect(405);
    }
    let refused = floor
        .post("/presence", VIEWER, &json!({ "statusId": null }))
        .await;
    refused.expect_error(403, "INSUFFICIENT_ACCESS");
    let unknown = json!({ "statusId": "0N5000000000000AAA" });
    let refused = floor.post("/presence", AGENT, &unknown).await;
    refused.expect_error(400, "INVALID_CROSS_REFERENCE_KEY");
    let missing = floor.post("/presence", AGENT, &json!({})).await;
    missing.expect_error(400, "JSON_PARSER_ERROR");
}
