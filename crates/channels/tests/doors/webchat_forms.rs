//! What a page hands over, and what is asked, when a conversation begins.

use headwater_catalogue::Id;
use headwater_records::{CustomFieldSpec, Draft, Error, Input};
use serde_json::json;

use crate::stage::{ENTRIES, Stage};
use crate::visitor::{API, CONVERSATION, Visitor, post, web};

const SESSION: &str = "SELECT ChannelIntent, ChannelGroup, Order_Number__c FROM MessagingSession";

fn parameter(channel: Id, name: &str, field: &str, more: &[(&str, Input)]) -> Draft {
    let mut draft = Draft::new()
        .with("MessagingChannelId", channel)
        .with("DeveloperName", name)
        .with("SessionField", field);
    for (field, value) in more {
        draft.fields.push(((*field).to_owned(), value.clone()));
    }
    draft
}

impl Stage {
    /// A channel that asks for a topic and an order's number; the page alone knows the plan.
    async fn asks(&self) -> Id {
        let channel = self.channel("Web", "EmbeddedMessaging", "web").await;
        let org = self.server.org();
        let order = CustomFieldSpec {
            object: "MessagingSession".to_owned(),
            name: "Order_Number".to_owned(),
            label: "Order Number".to_owned(),
            kind: "Number".to_owned(),
            precision: Some(10),
            scale: Some(0),
            ..CustomFieldSpec::default()
        };
        org.create_custom_field(&org.system(), order).await.unwrap();
        let topic: [(&str, Input); 4] = [
            ("Question", "What is it about?".into()),
            ("Kind", "ChoiceList".into()),
            ("Choices", "An order\nSomething else".into()),
            ("IsRequired", true.into()),
        ];
        let order: [(&str, Input); 3] = [
            ("Question", "Your order's number".into()),
            ("Kind", "Number".into()),
            ("Position", 2.into()),
        ];
        for draft in [
            parameter(channel, "topic", "channelintent", &topic),
            parameter(channel, "order", "Order_Number__c", &order),
            parameter(channel, "plan", "ChannelGroup", &[]),
        ] {
            org.create(&org.system(), "ChannelParameter", draft)
                .await
                .unwrap();
        }
        channel
    }

    async fn filled(&self) -> [String; 3] {
        let table = self.rows(SESSION).await;
        let row = table.first().unwrap();
        let number = format!("{:?}", row.get("Order_Number__c"));
        [
            row.text("ChannelIntent").to_owned(),
            row.text("ChannelGroup").to_owned(),
            number,
        ]
    }
}

#[tokio::test]
async fn what_is_handed_over_stands_in_the_session_and_what_nobody_knows_is_passed_over() {
    let stage = Stage::set().await;
    stage.asks().await;
    let visitor = Visitor::arrives(&stage).await;
    let given = json!({ "topic": "An order", "order": 4711, "plan": "gold", "unknown": "x" });
    visitor.begins_with(given).await.expect(201);
    let [topic, plan, order] = stage.filled().await;
    assert_eq!((topic.as_str(), plan.as_str()), ("An order", "gold"));
    assert!(order.contains("4711"), "{order}");
}

#[tokio::test]
async fn the_first_message_may_bring_them_and_a_later_one_changes_nothing() {
    let stage = Stage::set().await;
    stage.asks().await;
    let visitor = Visitor::arrives(&stage).await;
    visitor.begins().await;
    let path = format!("/conversation/{CONVERSATION}/message");
    let message = |place: u8, plan: &str| {
        json!({
            "message": {
                "id": format!("7f0c2a1e-1111-4222-8333-4444555566{place:02}"),
                "messageType": "StaticContentMessage",
                "staticContent": { "formatType": "Text", "text": plan },
            },
            "esDeveloperName": "Web",
            "routingAttributes": { "plan": plan },
        })
    };
    let entries = "SELECT Message FROM ConversationEntry ORDER BY EntryTime, Seq";
    visitor.post(&path, &message(1, "gold")).await.expect(202);
    stage.until(entries, "Message", &["gold"]).await;
    visitor
        .post(&path, &message(2, "platinum"))
        .await
        .expect(202);
    stage.until(entries, "Message", &["gold", "platinum"]).await;
    assert_eq!(stage.filled().await[1], "gold");
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_refused_and_said() {
    let stage = Stage::set().await;
    stage.asks().await;
    let visitor = Visitor::arrives(&stage).await;
    for (given, wanted) in [
        (
            json!({ "topic": "Gossip" }),
            "topic must be one of the choices",
        ),
        (json!({ "order": "a lot" }), "order must be a number"),
        (
            json!({ "plan": "x".repeat(300) }),
            "plan must be at most 255 characters",
        ),
        (json!({ "plan": {} }), "plan must be text"),
    ] {
        let refused = visitor.begins_with(given).await.expect(400).json();
        let said = refused["message"].as_str().unwrap();
        assert!(said.starts_with(wanted), "{said}");
    }
}

#[tokio::test]
async fn what_fits_its_parameter_but_not_its_field_does_not_keep_a_session_from_beginning() {
    let stage = Stage::set().await;
    stage.asks().await;
    let visitor = Visitor::arrives(&stage).await;
    let given = json!({ "order": 1e30, "plan": "gold" });
    visitor.begins_with(given).await.expect(201);
    assert_eq!(stage.filled().await[1], "");
    visitor.writes(1, "Hello").await.expect(202);
}

#[tokio::test]
async fn the_tokens_answer_says_what_to_ask() {
    let stage = Stage::set().await;
    stage.asks().await;
    let org = stage.server.org().organization();
    let body = json!({ "orgId": org.as_str(), "esDeveloperName": "Web" });
    let path = format!("{API}/authorization/unauthenticated/access-token");
    let answer = post(&stage, &path, None, &body).await.expect(200).json();
    let config = &answer["context"]["configuration"]["embeddedServiceConfig"];
    let form = &config["forms"][0];
    assert_eq!(
        (&form["formType"], &form["displayContext"]),
        (&json!("PreChat"), &json!("Conversation"))
    );
    let fields: Vec<_> = form["formFields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| {
            (
                field["name"].as_str().unwrap(),
                field["isHidden"] == json!(true),
            )
        })
        .collect();
    assert_eq!(fields.len(), 3);
    for wanted in [("topic", false), ("order", false), ("plan", true)] {
        assert!(fields.contains(&wanted), "{fields:?}");
    }
    let list = &config["choiceListConfig"]["choiceList"][0];
    assert_eq!(list["choiceListId"], "topic");
    assert_eq!(
        list["choiceListValues"][0]["choiceListValueName"],
        "An order"
    );
}

#[tokio::test]
async fn a_parameter_goes_into_a_field_that_people_may_edit_and_into_no_other() {
    let stage = Stage::set().await;
    let channel = stage.asks().await;
    let org = stage.server.org();
    for field in ["Status", "OwnerId", "EndUserAccountId", "Nothing"] {
        let draft = parameter(channel, "other", field, &[]);
        let refused = org.create(&org.system(), "ChannelParameter", draft).await;
        let Err(Error::Invalid(_)) = &refused else {
            panic!("{field}: {refused:?}");
        };
    }
    let texts = stage.channel("Texts", "Text", "+12025550100").await;
    let draft = parameter(texts, "other", "ChannelIntent", &[]);
    let refused = org.create(&org.system(), "ChannelParameter", draft).await;
    let refused = format!("{refused:?}");
    assert!(refused.contains("not one of the web"), "{refused}");
}

#[tokio::test]
async fn a_client_tells_the_visitor_s_time_zone_like_any_attribute() {
    const ZONE: &str = "SELECT EndUserTimeZone FROM MessagingSession";
    for (told, kept) in [
        (json!({ "EndUserTimeZone": "Asia/Kolkata" }), "Asia/Kolkata"),
        (json!({ "EndUserTimeZone": "Atlantis/Poseidonis" }), ""),
        (json!({ "EndUserTimeZone": 5 }), ""),
        (json!({}), ""),
    ] {
        let stage = Stage::set().await;
        web(&stage).await;
        let visitor = Visitor::arrives(&stage).await;
        visitor.begins_with(told).await.expect(201);
        visitor.writes(1, "Hello").await.expect(202);
        stage.until(ENTRIES, "Message", &["Hello"]).await;
        let sessions = stage.rows(ZONE).await;
        assert_eq!(sessions.first().unwrap().text("EndUserTimeZone"), kept);
    }
}
