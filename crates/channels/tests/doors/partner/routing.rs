//! Sessions that a service routes, or has routed by this server.

use headwater_catalogue::Id;
use headwater_records::{Caller, Draft, Input, Precondition};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{AGENT, Service};
use crate::stage::Answer;

const MESSAGE: &str = "0b5f7a4e-5d5c-4c1e-9d5e-2f1f2d3c4b5a";
const STATUS: &str = "SELECT Status FROM MessagingSession";
const IN_LINE: &str = "SELECT RoutingModel FROM PendingServiceRouting";
const WORK: &str = "SELECT Status FROM AgentWork ORDER BY Name";
const SAID: &str = "SELECT Message FROM ConversationEntry WHERE EntryType = 'RoutingResult'";

/// A service with a queue that its channel's sessions go to.
pub(super) struct Centre {
    pub(super) service: Service,
    pub(super) queue: Id,
}

impl Centre {
    /// The routing is the service's, or this server's.
    pub(super) async fn set(owner: &str) -> Self {
        let service = Service::connected().await;
        let centre = Self {
            queue: queue(&service, "Support").await,
            service,
        };
        let draft = Draft::new()
            .with("SessionHandlerId", centre.queue)
            .with("RoutingOwner", owner);
        let org = centre.service.stage.server.org();
        let (system, channel) = (org.system(), centre.service.channel);
        let any = Precondition::default();
        let written = org.update(&system, "MessagingChannel", channel.as_str(), draft, any);
        written.await.unwrap();
        centre
    }

    /// The agent, available.
    pub(super) async fn agent(&self) -> Caller {
        let agent = self.service.stage.agent().await;
        self.comes(&agent).await;
        agent
    }

    async fn comes(&self, agent: &Caller) {
        let soql = "SELECT Id FROM ServicePresenceStatus WHERE MasterLabel = 'Available'";
        let status = self.service.stage.rows(soql).await;
        let status = status.first().unwrap().id("Id").unwrap();
        let messaging = &self.service.stage.messaging;
        let set = messaging.set_presence(agent, Some(status.as_str()));
        set.await.unwrap();
    }

    /// A customer writes: the conversation and the session.
    pub(super) async fn begun(&self) -> (String, String) {
        let written = self.service.writes(MESSAGE, "Hi there").await;
        let written = written.expect(202).json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            text(&written["conversationIdentifier"]),
            text(&written["workItemIds"][0]),
        )
    }

    pub(super) async fn asks(&self, method: &str, path: &str, body: Value) -> Answer {
        self.service.ask(method, path, &body).await
    }

    pub(super) async fn assigns(&self, session: &str, user: &Id, more: Value) -> Answer {
        let mut request = json!({ "userId": user.as_str(), "workItemId": session });
        for (name, value) in more.as_object().unwrap() {
            request[name] = value.clone();
        }
        self.asks("POST", "/agentWork", request).await
    }

    async fn until(&self, soql: &str, path: &str, wanted: &[&str]) {
        self.service.stage.until(soql, path, wanted).await;
    }
}

async fn queue(service: &Service, name: &str) -> Id {
    let server = &service.stage.server;
    let configuration: [(&str, Input); 5] = [
        ("DeveloperName", name.into()),
        ("MasterLabel", name.into()),
        ("RoutingModel", "LeastActive".into()),
        ("RoutingPriority", 1_i64.into()),
        ("CapacityWeight", 1_i64.into()),
    ];
    let configuration = server.create("QueueRoutingConfig", &configuration).await;
    let queue: [(&str, Input); 4] = [
        ("Name", name.into()),
        ("DeveloperName", name.into()),
        ("Type", "Queue".into()),
        ("QueueRoutingConfigId", configuration.into()),
    ];
    let queue = server.create("Group", &queue).await;
    let member = [
        ("GroupId", queue.into()),
        ("UserOrGroupId", server.user(AGENT).await.into()),
    ];
    server.create("GroupMember", &member).await;
    queue
}

pub(super) fn code(answer: &Answer) -> i64 {
    answer.json()["code"].as_i64().unwrap()
}

#[tokio::test]
async fn a_session_of_a_service_that_routes_is_offered_to_whom_it_names_and_it_hears_what_follows()
{
    let centre = Centre::set("Partner").await;
    let agent = centre.agent().await;
    let (conversation, session) = centre.begun().await;
    let asked = centre.service.until_asked("RoutingRequested", 1).await;
    let event = &asked[0].body["payload"];
    assert_eq!(event["conversationIdentifier"], conversation.as_str());
    let wanted = &event["payload"];
    assert_eq!(wanted["routingType"], "Initial");
    assert_eq!(
        wanted["routingParameters"]["queueId"],
        centre.queue.as_str()
    );
    assert_eq!(wanted["routingParameters"]["isTransfer"], false);
    assert_eq!(wanted["workRecordId"].as_str().unwrap()[..15], session);
    // It may be asked for in any case, and is what it is.
    let route = json!({ "conversationIdentifier": conversation, "routingType": "Initial" });
    let routed = centre.asks("POST", "/route", route.clone()).await;
    let routed = routed.expect(202).json();
    assert_eq!(routed["success"], true);
    assert_eq!(routed["workItemId"], session.as_str());
    assert_eq!(
        routed["routingCorrelationId"],
        wanted["routingCorrelationId"]
    );
    let again = centre.asks("POST", "/route", route).await;
    assert_eq!(again.expect(202).json()["psrId"], routed["psrId"]);
    centre
        .until(IN_LINE, "RoutingModel", &["ExternalRouting"])
        .await;
    centre.until(WORK, "Status", &[]).await;

    let context = json!({ "routingContext": {
        "conversationIdentifier": conversation, "routingType": "Initial",
        "routingCorrelationId": routed["routingCorrelationId"],
    } });
    let assigned = centre.assigns(&session, &agent.user, context.clone()).await;
    let assigned = assigned.expect(202).json();
    assert_eq!(assigned["agentWorkDetails"]["existPsr"], true);
    assert_eq!(assigned["agentWorkDetails"]["psrId"], routed["psrId"]);
    let twice = centre.assigns(&session, &agent.user, context).await;
    assert_eq!(code(&twice.expect(400)), 15_109);
    let work = assigned["agentWorkId"].as_str().unwrap();
    let messaging = &centre.service.stage.messaging;
    messaging.decline_offer(&agent, work, None).await.unwrap();
    // It is not offered by this server's router, for the service says who is next.
    let told = centre.service.until_told("RoutingWorkResult", 2).await;
    let types: Vec<_> = told
        .iter()
        .map(|told| &told.body["payload"]["payload"]["entryPayload"]["workType"])
        .collect();
    assert_eq!(types, ["Assigned", "Declined"]);
    let next = centre.assigns(&session, &agent.user, json!({})).await;
    let next = next.expect(202).json();
    let accept =
        json!({ "workId": next["agentWorkId"], "status": "Accept", "contextType": "Agent" });
    for _ in 0..2 {
        centre
            .asks("PATCH", "/agentWork", accept.clone())
            .await
            .expect(202);
    }
    centre.until(STATUS, "Status", &["Active"]).await;
    centre.until(IN_LINE, "RoutingModel", &[]).await;
    centre.until(WORK, "Status", &["Declined", "Opened"]).await;
    let result = json!({
        "conversationIdentifier": conversation, "workItemId": session, "success": true,
        "externallyRouted": false,
    });
    centre
        .asks("POST", "/routingResult", result)
        .await
        .expect(202);
    let close = json!({ "workId": next["agentWorkId"], "status": "Close", "contextType": "Agent" });
    for _ in 0..2 {
        centre
            .asks("PATCH", "/agentWork", close.clone())
            .await
            .expect(202);
    }
    centre.until(STATUS, "Status", &["Inactive"]).await;
    let late = centre.asks("PATCH", "/agentWork", accept).await;
    assert_eq!(code(&late.expect(400)), 10_085);
}

#[tokio::test]
async fn what_a_service_cannot_route_or_does_not_answer_in_time_goes_to_the_queue() {
    let centre = Centre::set("Partner").await;
    let (conversation, session) = centre.begun().await;
    let failed = json!({
        "conversationIdentifier": conversation, "workItemId": session, "success": false,
        "externallyRouted": false, "errorMessage": "nobody speaks French",
    });
    centre
        .asks("POST", "/routingResult", failed.clone())
        .await
        .expect(202);
    centre
        .until(IN_LINE, "RoutingModel", &["LeastActive"])
        .await;
    let said = ["The service could not route it: nobody speaks French"];
    centre.until(SAID, "Message", &said).await;
    let told = centre.service.until_told("RoutingResult", 1).await;
    let payload = &told[0].body["payload"]["payload"]["entryPayload"];
    assert_eq!(payload["failureType"], "RoutingError");
    assert_eq!(payload["errorMessages"], json!(["nobody speaks French"]));
    // Said again it is as it was.
    centre
        .asks("POST", "/routingResult", failed)
        .await
        .expect(202);
    centre.until(SAID, "Message", &said).await;
    let agent = centre.agent().await;
    centre.until(WORK, "Status", &["Assigned"]).await;

    let messaging = &centre.service.stage.messaging;
    let offer = messaging.offers(&agent).await.unwrap()[0].work;
    messaging
        .accept_offer(&agent, offer.as_str())
        .await
        .unwrap();
    let other = queue(&centre.service, "Sales").await;
    let target = headwater_messaging::Target::Queue(other);
    let moving = centre.service.stage.session().await;
    let moved = messaging.transfer(&agent, &moving, target, None);
    moved.await.unwrap();
    let asked = centre.service.until_asked("RoutingRequested", 2).await;
    let wanted = &asked[1].body["payload"]["payload"];
    assert_eq!(wanted["routingType"], "Transfer");
    assert_eq!(wanted["routingParameters"]["queueId"], other.as_str());
    centre
        .until(IN_LINE, "RoutingModel", &["ExternalRouting"])
        .await;
    messaging.set_presence(&agent, None).await.unwrap();
    let clock = centre.service.stage.server.clock();
    clock.advance(SignedDuration::from_secs(61));
    centre
        .until(IN_LINE, "RoutingModel", &["LeastActive"])
        .await;
    let said = [
        "The service could not route it: nobody speaks French",
        "The service could not route it: it did not answer within 60 seconds",
    ];
    centre
        .until(&format!("{SAID} ORDER BY EntryTime"), "Message", &said)
        .await;
}

#[tokio::test]
async fn a_service_that_has_answered_may_take_its_time_and_may_send_customers_elsewhere() {
    let centre = Centre::set("Partner").await;
    let (conversation, session) = centre.begun().await;
    let route = json!({ "conversationIdentifier": conversation, "routingType": "Initial" });
    centre.asks("POST", "/route", route).await.expect(202);
    let clock = centre.service.stage.server.clock();
    clock.advance(SignedDuration::from_secs(300));
    // Whether this or a worker looks at it: it stays the service's.
    let messaging = &centre.service.stage.messaging;
    messaging.take_over_next().await.unwrap();
    centre
        .until(IN_LINE, "RoutingModel", &["ExternalRouting"])
        .await;
    let elsewhere = json!({
        "conversationIdentifier": conversation, "workItemId": session, "success": true,
        "externallyRouted": true,
    });
    for _ in 0..2 {
        centre
            .asks("POST", "/routingResult", elsewhere.clone())
            .await
            .expect(202);
    }
    centre.until(IN_LINE, "RoutingModel", &[]).await;
    centre.until(STATUS, "Status", &["Waiting"]).await;
    let said = ["Routed to somebody elsewhere by the service"];
    centre.until(SAID, "Message", &said).await;
}

#[tokio::test]
async fn a_session_can_be_routed_by_this_server_and_be_taken_out_of_its_line() {
    let centre = Centre::set("Salesforce").await;
    let sales = queue(&centre.service, "Sales").await;
    let (conversation, session) = centre.begun().await;
    centre
        .until(IN_LINE, "RoutingModel", &["LeastActive"])
        .await;
    let to = |info: Value| {
        json!({
            "conversationIdentifier": conversation, "routingType": "Initial", "routingInfo": info,
        })
    };
    let routed = centre
        .asks("POST", "/route", to(json!({ "queueId": sales.as_str() })))
        .await;
    let routed = routed.expect(202).json();
    assert_eq!(routed["contextParamMap"]["queueId"], sales.as_str());
    let queue_of = "SELECT Group.Name FROM PendingServiceRouting";
    centre.until(queue_of, "Group.Name", &["Sales"]).await;
    let flow = json!({ "flow": { "flowId": "300000000000001", "queueId": centre.queue.as_str() } });
    let routed = centre
        .asks("POST", "/route", to(flow))
        .await
        .expect(202)
        .json();
    assert_eq!(routed["errors"]["errorType"], "FlowNotRun");
    centre.until(queue_of, "Group.Name", &["Support"]).await;
    assert!(centre.service.asked("RoutingRequested").is_empty());

    let name = json!({ "conversationIdentifier": conversation });
    let cleared = centre.asks("DELETE", "/route", name.clone()).await;
    assert_eq!(cleared.expect(200).json()["success"], true);
    centre.until(IN_LINE, "RoutingModel", &[]).await;
    let again = centre.asks("DELETE", "/route", name).await;
    assert_eq!(again.expect(200).json()["success"], false);
    let agent = centre.agent().await;
    let assigned = centre.assigns(&session, &agent.user, json!({})).await;
    assert_eq!(
        code(&assigned.expect(400)),
        10_089,
        "its routing is this server's"
    );
    // An agent's session goes to a queue when the service says so.
    centre.service.stage.agent_says("Good day").await.unwrap();
    let early = centre
        .asks("POST", "/route", to(json!({ "queueId": sales.as_str() })))
        .await;
    assert_eq!(code(&early.expect(400)), 10_071);
    let mut transfer = to(json!({ "queueId": sales.as_str() }));
    transfer["routingType"] = "Transfer".into();
    centre.asks("POST", "/route", transfer).await.expect(202);
    centre.until(queue_of, "Group.Name", &["Sales"]).await;
    centre.until(STATUS, "Status", &["Waiting"]).await;
}

#[tokio::test]
async fn an_agent_is_taken_out_of_a_session_which_waits_again() {
    let centre = Centre::set("Partner").await;
    let agent = centre.agent().await;
    let (conversation, session) = centre.begun().await;
    let assigned = centre
        .assigns(&session, &agent.user, json!({}))
        .await
        .expect(202)
        .json();
    let messaging = &centre.service.stage.messaging;
    let work = assigned["agentWorkId"].as_str().unwrap();
    messaging.accept_offer(&agent, work).await.unwrap();
    let remove = |subject: &str, operation: &str| {
        json!({
            "conversationIdentifier": conversation, "operation": operation,
            "participants": [{ "appType": "agent", "subject": subject, "role": "Agent" }],
        })
    };
    let added = centre
        .asks("POST", "/participant", remove(agent.user.as_str(), "Add"))
        .await;
    assert_eq!(code(&added.expect(400)), 10_097);
    let admin = centre.service.stage.server.user(super::ADMIN).await;
    let nobody = centre
        .asks("POST", "/participant", remove(admin.as_str(), "Remove"))
        .await;
    assert_eq!(code(&nobody.expect(400)), 10_036);
    for _ in 0..2 {
        let removed = centre.asks(
            "POST",
            "/participant",
            remove(agent.user.as_str(), "Remove"),
        );
        removed.await.expect(202);
    }
    centre.until(STATUS, "Status", &["Waiting"]).await;
    centre
        .until(IN_LINE, "RoutingModel", &["ExternalRouting"])
        .await;
    let told = centre.service.until_told("ParticipantChanged", 2).await;
    let left = &told[1].body["payload"]["payload"]["entryPayload"]["entries"][0];
    assert_eq!(left["operation"], "remove");
    centre.service.until_asked("RoutingRequested", 2).await;
}
