//! Bayeux messages: what is read of those that come, and the replies to them.

use serde_json::{Map, Value as Json, json};

/// Most messages of one request. Clients send one, or a handful that they had put aside.
const MESSAGES_MAX: usize = 100;

pub(crate) const HANDSHAKE: &str = "/meta/handshake";
pub(crate) const CONNECT: &str = "/meta/connect";
pub(crate) const SUBSCRIBE: &str = "/meta/subscribe";
pub(crate) const UNSUBSCRIBE: &str = "/meta/unsubscribe";
pub(crate) const DISCONNECT: &str = "/meta/disconnect";

/// The one way that events are taken to clients.
pub(crate) const LONG_POLLING: &str = "long-polling";

/// Where a subscriber wants to begin, as the replay extension says it: a replay id, or one of these.
pub(crate) const ONLY_NEW: i64 = -1;
pub(crate) const ALL_RETAINED: i64 = -2;

/// A message that a client sent.
#[derive(Debug, Clone)]
pub(crate) struct Message(Map<String, Json>);

/// The messages of a body: an array of them, or one alone.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read(body: &[u8]) -> Result<Vec<Message>, String> {
    let wrong = |what: &str| format!("the body must be a JSON array of Bayeux messages: {what}");
    let messages = match serde_json::from_slice(body) {
        Ok(Json::Array(messages)) => messages,
        Ok(one @ Json::Object(_)) => vec![one],
        Ok(_) => return Err(wrong("it is something else")),
        Err(error) => return Err(wrong(&error.to_string())),
    };
    if messages.is_empty() || messages.len() > MESSAGES_MAX {
        let count = messages.len();
        return Err(wrong(&format!(
            "it has {count} of them, not 1 to {MESSAGES_MAX}"
        )));
    }
    let read = messages.into_iter().map(|message| match message {
        Json::Object(message) if message.get("channel").is_some_and(Json::is_string) => {
            Ok(Message(message))
        }
        _ => Err(wrong("one of them is not an object with a channel")),
    });
    read.collect()
}

impl Message {
    /// What the message is about.
    pub(crate) fn channel(&self) -> &str {
        self.text("channel").unwrap_or_default()
    }

    /// The client that a handshake made.
    pub(crate) fn client_id(&self) -> Option<&str> {
        self.text("clientId")
    }

    /// The channels to subscribe to or to leave: one, or an array of them.
    pub(crate) fn subscriptions(&self) -> Vec<&str> {
        match self.0.get("subscription") {
            Some(Json::String(one)) => vec![one],
            Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Where the subscriber of a channel wants to begin, if the message says so.
    pub(crate) fn replay(&self, channel: &str) -> Option<i64> {
        let replay = self.0.get("ext")?.get("replay")?.get(channel)?;
        // Clients that keep it as a text send it as one.
        replay.as_i64().or_else(|| replay.as_str()?.parse().ok())
    }

    /// Whether a connect is not to wait for events.
    pub(crate) fn wants_answer_at_once(&self) -> bool {
        let timeout = self
            .0
            .get("advice")
            .and_then(|advice| advice.get("timeout"));
        timeout.and_then(Json::as_i64) == Some(0)
    }

    /// The connection types that a handshake offers or a connect uses.
    pub(crate) fn can_poll(&self) -> bool {
        match self.0.get("supportedConnectionTypes") {
            Some(Json::Array(types)) => types.iter().any(|kind| kind == LONG_POLLING),
            _ => true,
        }
    }

    /// A reply to it that says how it went, and nothing more yet.
    pub(crate) fn reply(&self, successful: bool) -> Reply {
        let mut reply = Map::new();
        for key in ["channel", "id", "clientId"] {
            if let Some(value) = self.0.get(key) {
                reply.insert(key.to_owned(), value.clone());
            }
        }
        reply.insert("successful".to_owned(), successful.into());
        Reply(reply)
    }

    /// A reply that refuses it: `403::Unknown client`.
    pub(crate) fn refusal(&self, error: impl Into<String>) -> Reply {
        self.reply(false).with("error", error.into())
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }
}

/// A message to a client.
#[derive(Debug, Clone)]
pub(crate) struct Reply(Map<String, Json>);

impl Reply {
    /// With a value.
    pub(crate) fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// With the advice to come back, to begin anew, or to stay away.
    pub(crate) fn advising(self, reconnect: &str) -> Self {
        self.with("advice", json!({ "reconnect": reconnect, "interval": 0 }))
    }

    /// As JSON.
    pub(crate) fn into_json(self) -> Json {
        Json::Object(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_an_array_of_messages_or_one_alone() {
        let one = read(br#"{"channel":"/meta/connect","clientId":"x"}"#).unwrap();
        assert_eq!(one[0].channel(), CONNECT);
        assert_eq!(one[0].client_id(), Some("x"));
        for wrong in [
            "",
            "[]",
            "3",
            "[3]",
            r#"[{"id":"1"}]"#,
            r#"[{"channel":7}]"#,
        ] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
        let many = format!("[{}]", vec![r#"{"channel":"/meta/x"}"#; 101].join(","));
        assert!(read(many.as_bytes()).unwrap_err().contains("101"));
    }

    #[test]
    fn where_to_begin_is_a_number_or_its_text() {
        let body = br#"[{"channel":"/meta/subscribe","subscription":["/a","/b"],
            "ext":{"replay":{"/a":-2,"/b":"17"}}}]"#;
        let message = &read(body).unwrap()[0];
        assert_eq!(message.subscriptions(), ["/a", "/b"]);
        assert_eq!(message.replay("/a"), Some(ALL_RETAINED));
        assert_eq!(message.replay("/b"), Some(17));
        assert_eq!(message.replay("/c"), None);
    }
}
