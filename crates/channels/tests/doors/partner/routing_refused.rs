//! What a service that routes is refused.

use headwater_records::{Draft, Precondition};
use serde_json::{Value, json};

use super::Service;
use super::routing::{Centre, code};

#[tokio::test]
async fn what_cannot_be_routed_is_refused_with_salesforces_code() {
    let centre = Centre::set("Partner").await;
    let (conversation, session) = centre.begun().await;
    let agent = centre.service.stage.agent().await;
    let to = |info: Value| {
        json!({
            "conversationIdentifier": conversation, "routingType": "Initial", "routingInfo": info,
        })
    };
    let queue = centre.queue.as_str();
    let both = json!({ "queueId": queue, "flow": { "flowId": "300", "queueId": queue } });
    for (wanted, request) in [
        (
            10_024,
            to(json!({ "flow": { "flowId": "300000000000001" } })),
        ),
        (10_030, to(both)),
        (10_032, to(json!({ "queueId": agent.user.as_str() }))),
        (10_032, to(json!({ "queueId": "Support" }))),
        (10_018, json!({ "conversationIdentifier": "another" })),
        (
            10_075,
            json!({ "conversationIdentifier": conversation, "routingType": "Conference" }),
        ),
        (
            10_089,
            json!({ "conversationIdentifier": conversation, "routingType": "Sideways" }),
        ),
    ] {
        let refused = centre.asks("POST", "/route", request.clone()).await;
        assert_eq!(code(&refused.expect(400)), wanted, "{request}");
    }
    let assign = async |more: Value| {
        let refused = centre.assigns(&session, &agent.user, more).await;
        code(&refused.expect(400))
    };
    assert_eq!(
        assign(json!({ "capacityWeight": 1, "capacityPercentage": 10 })).await,
        10_013
    );
    assert_eq!(assign(json!({ "capacityWeight": -1 })).await, 10_014);
    assert_eq!(assign(json!({ "capacityPercentage": 101 })).await, 10_015);
    assert_eq!(
        assign(json!({ "workItemId": "0Mw000000000001" })).await,
        10_012
    );
    assert_eq!(assign(json!({ "userId": "nobody" })).await, 15_106);
    let other = json!({ "routingContext": { "conversationIdentifier": "another" } });
    assert_eq!(assign(other).await, 15_107);
    assert_eq!(assign(json!({})).await, 15_112, "the agent is not there");
    let result = |success: bool, why: Value| {
        json!({
            "conversationIdentifier": conversation, "workItemId": session, "success": success,
            "externallyRouted": false, "errorMessage": why,
        })
    };
    for (wanted, request) in [
        (10_033, result(true, "well".into())),
        (10_034, result(false, Value::Null)),
        (10_089, json!({ "conversationIdentifier": conversation })),
        (
            10_012,
            json!({ "conversationIdentifier": conversation, "workItemId": "0Mw000000000001",
            "success": true, "externallyRouted": false }),
        ),
    ] {
        let refused = centre.asks("POST", "/routingResult", request.clone()).await;
        assert_eq!(code(&refused.expect(400)), wanted, "{request}");
    }
    let change = |work: &str, status: &str, context: &str| json!({ "workId": work, "status": status, "contextType": context });
    for (wanted, request) in [
        (10_082, change("0Bz000000000001", "Cancel", "Agent")),
        (10_083, change("0Bz000000000001", "Cancel", "Chatbot")),
        (10_085, change("0Bz000000000001", "Sleep", "Agent")),
    ] {
        let refused = centre.asks("PATCH", "/agentWork", request.clone()).await;
        assert_eq!(code(&refused.expect(400)), wanted, "{request}");
    }
}

#[tokio::test]
async fn only_a_channel_of_ones_own_is_routed_by_its_service() {
    let service = Service::connected().await;
    let texts = service.stage.channel("Texts", "Text", "+12025550100").await;
    let org = service.stage.server.org();
    let (system, any) = (org.system(), Precondition::default());
    let draft = Draft::new().with("RoutingOwner", "Partner");
    let refused = org.update(&system, "MessagingChannel", texts.as_str(), draft, any);
    // What is wrong stands in its problems.
    let refused = format!("{:?}", refused.await.unwrap_err());
    let why = "only on channels of the type Custom";
    assert!(refused.contains(why), "{refused}");
}
