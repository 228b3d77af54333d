//! What changes past every verb is put right, and told.

use headwater_records::{Draft, Precondition};
use jiff::SignedDuration;
use serde_json::json;

use super::ADMIN;
use super::routing::Centre;

const IN_LINE: &str = "SELECT RoutingModel FROM PendingServiceRouting";

async fn changes(centre: &Centre, object: &str, id: &str, draft: Draft) {
    let org = centre.service.stage.server.org();
    let (system, any) = (org.system(), Precondition::default());
    let written = org.update(&system, object, id, draft, any).await;
    written.unwrap();
    // What was left behind is looked for every ten seconds.
    let clock = centre.service.stage.server.clock();
    clock.advance(SignedDuration::from_secs(11));
}

#[tokio::test]
async fn who_waits_for_a_service_that_routes_no_more_is_the_queues() {
    let centre = Centre::set("Partner").await;
    let (conversation, _) = centre.begun().await;
    let route = json!({ "conversationIdentifier": conversation, "routingType": "Initial" });
    centre.asks("POST", "/route", route).await.expect(202);
    let stage = &centre.service.stage;
    let model = "RoutingModel";
    stage.until(IN_LINE, model, &["ExternalRouting"]).await;
    let draft = Draft::new().with("RoutingOwner", "Salesforce");
    let channel = centre.service.channel;
    changes(&centre, "MessagingChannel", channel.as_str(), draft).await;
    stage.until(IN_LINE, model, &["LeastActive"]).await;
}

#[tokio::test]
async fn a_service_is_told_that_somebody_else_was_given_the_session() {
    let centre = Centre::set("Partner").await;
    let agent = centre.agent().await;
    let (_, session) = centre.begun().await;
    let assigned = centre.assigns(&session, &agent.user, json!({})).await;
    let assigned = assigned.expect(202).json();
    let stage = &centre.service.stage;
    let work = assigned["agentWorkId"].as_str().unwrap();
    stage.messaging.accept_offer(&agent, work).await.unwrap();
    let admin = stage.server.user(ADMIN).await;
    let (session, draft) = (stage.session().await, Draft::new().with("OwnerId", admin));
    changes(&centre, "MessagingSession", &session, draft).await;
    let told = centre.service.until_told("ParticipantChanged", 3).await;
    let change = |place: usize| {
        let entry = &told[place].body["payload"]["payload"]["entryPayload"]["entries"][0];
        let subject = entry["participant"]["subject"].as_str().unwrap();
        (entry["operation"].as_str().unwrap(), subject)
    };
    let wanted = [
        ("add", &agent.user),
        ("remove", &agent.user),
        ("add", &admin),
    ];
    for (place, (operation, user)) in wanted.into_iter().enumerate() {
        assert_eq!(change(place), (operation, user.as_str()));
    }
    let told = centre.service.until_told("RoutingWorkResult", 4).await;
    let types: Vec<_> = told
        .iter()
        .map(|told| &told.body["payload"]["payload"]["entryPayload"]["workType"])
        .collect();
    assert_eq!(types, ["Assigned", "Accepted", "Transferred", "Accepted"]);
}
