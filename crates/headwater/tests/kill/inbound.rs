//! Customers who write by web chat while the server is killed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Moment;
use crate::door::{Door, text};

const VISITORS: u32 = 16;
const API: &str = "/iamessage/api/v2";
const POST: reqwest::Method = reqwest::Method::POST;

/// How long the server may take to work off what it had taken in.
const PATIENCE: Duration = Duration::from_mins(1);

/// A customer, with what they were told.
pub(crate) struct Visitor {
    number: u32,
    token: String,
    conversation: String,
    next: u32,
    /// The messages that were answered, by their place.
    answered: Vec<u32>,
}

/// Makes the channel, and lets everybody begin a conversation.
pub(crate) async fn arrive(door: &Door) -> Vec<Visitor> {
    let channel = json!({
        "DeveloperName": "Web", "MasterLabel": "Web", "MessageType": "EmbeddedMessaging",
        "MessagingPlatformKey": "web", "IsActive": true,
    });
    door.create("MessagingChannel", &channel).await;
    let org = text(&door.rows("SELECT Id FROM Organization").await[0]["Id"]);
    let mut visitors = Vec::new();
    for number in 0..VISITORS {
        let body = json!({ "orgId": org, "esDeveloperName": "Web" });
        let path = format!("{API}/authorization/unauthenticated/access-token");
        let (status, answer) = door.call(POST, &path, "", &body).await.unwrap();
        assert_eq!(status, 200, "{answer}");
        let visitor = Visitor {
            number,
            token: text(&answer["accessToken"]),
            conversation: format!("00000000-0000-4000-8000-{number:012}"),
            next: 0,
            answered: Vec::new(),
        };
        let body = json!({ "conversationId": visitor.conversation });
        let path = format!("{API}/conversation");
        let (status, answer) = door.call(POST, &path, &visitor.token, &body).await.unwrap();
        assert_eq!(status, 201, "{answer}");
        visitors.push(visitor);
    }
    visitors
}

impl Visitor {
    /// Writes until the server does not answer any more; every third message twice, as clients do
    /// that did not hear the answer.
    pub(crate) async fn speak(mut self, door: &Door, moment: &Moment) -> Self {
        loop {
            let place = self.next;
            self.next += 1;
            if moment.counts_sent {
                moment.count();
            }
            let times = if place.is_multiple_of(3) { 2 } else { 1 };
            for _ in 0..times {
                let Some((status, answer)) = self.send(door, place).await else {
                    return self;
                };
                assert_eq!(status, 202, "{answer}");
                if self.answered.last() != Some(&place) {
                    self.answered.push(place);
                }
            }
            if !moment.counts_sent {
                moment.count();
            }
        }
    }

    async fn send(&self, door: &Door, place: u32) -> Option<(u16, Value)> {
        let body = json!({
            "message": {
                "id": self.message(place),
                "messageType": "StaticContentMessage",
                "staticContent": { "formatType": "Text", "text": place.to_string() },
            },
        });
        let path = format!("{API}/conversation/{}/message", self.conversation);
        door.call(POST, &path, &self.token, &body).await
    }

    fn message(&self, place: u32) -> String {
        format!("{place:08x}-0000-4000-8000-{:012x}", self.number)
    }

    /// Compares what was answered with what is there.
    pub(crate) async fn compare(&mut self, door: &Door) {
        let soql = format!(
            "SELECT MessageIdentifier, Message FROM ConversationEntry \
             WHERE ConversationEntityId IN (SELECT ConversationId FROM MessagingSession WHERE \
             Conversation.ConversationIdentifier = '{}') ORDER BY EntryTime, Seq",
            self.conversation
        );
        let rows = door.rows(&soql).await;
        let there: Vec<u32> = rows
            .iter()
            .map(|row| text(&row["Message"]).parse().unwrap())
            .collect();
        assert!(there.is_sorted_by(|one, next| one < next), "{there:?}");
        for place in &self.answered {
            assert!(
                there.contains(place),
                "message {place} of {} is lost",
                self.number
            );
        }
        let soql = format!(
            "SELECT Id FROM MessagingSession WHERE Conversation.ConversationIdentifier = '{}'",
            self.conversation
        );
        assert_eq!(door.rows(&soql).await.len(), 1);
    }
}

/// Waits until nothing that was taken in waits any more.
pub(crate) async fn worked_off(door: &Door) {
    let looking = async {
        let soql = "SELECT Id FROM InboundEvent WHERE State != 'Done' LIMIT 1";
        while !door.rows(soql).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let looked = tokio::time::timeout(PATIENCE, looking).await;
    assert!(looked.is_ok(), "what came in is not worked off");
}
