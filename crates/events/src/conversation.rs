//! What is replied to each message.

use headwater_records::{Caller, Following};
use serde_json::{Value as Json, json};

use crate::bayeux::{
    ALL_RETAINED, CONNECT, DISCONNECT, HANDSHAKE, LONG_POLLING, Message, ONLY_NEW, Reply,
    SUBSCRIBE, UNSUBSCRIBE,
};
use crate::channel::{self, Carries};
use crate::clients::{Client, Full, Subscription};
use crate::delivery::Ended;
use crate::door::Events;
use crate::letting_in::{self, Refused};

/// What a client is told that is not known here (any more): to shake hands anew.
const UNKNOWN: &str = "403::Unknown client";

impl Events {
    /// The answer to the messages of one request. A connect that comes with others is answered with
    /// them, at once: their senders wait for these answers too.
    pub(crate) async fn answer(&self, messages: Vec<Message>, token: Option<&str>) -> Vec<Json> {
        let caller = match letting_in::caller(&self.org, token).await {
            Ok(caller) => caller,
            Err(refused) => {
                let denied = |message| denied(message, &refused).into_json();
                return messages.iter().map(denied).collect();
            }
        };
        let is_alone = messages.len() == 1;
        let mut answer = Vec::with_capacity(messages.len());
        let (connects, others): (Vec<_>, Vec<_>) = messages
            .iter()
            .partition(|message| message.channel() == CONNECT);
        for message in others {
            answer.extend(
                self.reply(message, &caller)
                    .await
                    .into_iter()
                    .map(Reply::into_json),
            );
        }
        for message in connects {
            answer.extend(self.connect(message, &caller, token, is_alone).await);
        }
        answer
    }

    async fn reply(&self, message: &Message, caller: &Caller) -> Vec<Reply> {
        if message.channel() == HANDSHAKE {
            return vec![self.shake_hands(message, caller)];
        }
        let id = message.client_id().unwrap_or_default();
        let Some(client) = self.clients.get(id, caller.user, self.org.now()) else {
            return vec![message.refusal(UNKNOWN).advising("handshake")];
        };
        match message.channel() {
            SUBSCRIBE => self.subscribe(message, caller, &client).await,
            UNSUBSCRIBE => unsubscribe(message, &client),
            DISCONNECT => {
                self.clients.remove(&client);
                vec![message.reply(true)]
            }
            other => {
                let what = if other.starts_with("/meta/") {
                    "unknown_channel"
                } else {
                    "publish_denied"
                };
                vec![message.refusal(format!("403:denied_by_security_policy:{what}"))]
            }
        }
    }

    fn shake_hands(&self, message: &Message, caller: &Caller) -> Reply {
        let reply = |successful| {
            let reply = message.reply(successful).with("version", "1.0");
            let reply = reply.with("minimumVersion", "1.0");
            reply.with("supportedConnectionTypes", json!([LONG_POLLING]))
        };
        if !message.can_poll() {
            let error = "400::No connection type in common: long-polling is supported";
            return reply(false).with("error", error).advising("none");
        }
        let id = self.client_id();
        let added = self.clients.add(id, caller.user, self.org.now());
        match added {
            Ok(client) => reply(true)
                .with("clientId", client.id.as_str())
                .with("ext", json!({ "replay": true, "payload.format": true }))
                .with("advice", self.advice()),
            Err(full) => {
                let whose = match full {
                    Full::Node => "403::Organization concurrent user limit exceeded",
                    Full::User => "403::User concurrent client limit exceeded",
                };
                denied(
                    message,
                    &Refused {
                        error: whose.to_owned(),
                        passes: false,
                    },
                )
            }
        }
    }

    async fn subscribe(&self, message: &Message, caller: &Caller, client: &Client) -> Vec<Reply> {
        let channels = message.subscriptions();
        if channels.is_empty() {
            return vec![message.refusal("403:subscription_missing:a subscription is wanted")];
        }
        let mut replies = Vec::with_capacity(channels.len());
        for channel in channels {
            let subscribed = self.subscribe_to(channel, message, caller, client).await;
            let reply = match subscribed {
                Ok(()) => message.reply(true),
                Err(error) => message.refusal(error),
            };
            replies.push(reply.with("subscription", channel));
        }
        replies
    }

    /// Subscribes a client to a channel, beginning where the message says.
    async fn subscribe_to(
        &self,
        channel: &str,
        message: &Message,
        caller: &Caller,
        client: &Client,
    ) -> Result<(), String> {
        let carries = Carries::of(channel).ok_or_else(|| channel::absent(channel))?;
        if let Carries::Object(object) = &carries {
            match self.org.following(caller, object) {
                Following::Allowed(_) => {}
                Following::SeesSome => {
                    return Err(format!(
                        "403::You see some records of {object}, and this channel tells of all of them: \
                         ask for View All on {object} in a permission set"
                    ));
                }
                Following::Unknown => return Err(channel::absent(channel)),
            }
        }
        let newest = *self.org.newest_change().borrow();
        let after = match message.replay(channel).unwrap_or(ONLY_NEW) {
            ONLY_NEW => newest,
            ALL_RETAINED => 0,
            replay_id => match self.log.holds(replay_id).await {
                Ok(true) => replay_id,
                Ok(false) => {
                    return Err(format!(
                        "400::The replayId {{{replay_id}}} you provided was invalid.  Please provide \
                         a valid ID, -2 to replay all events, or -1 to replay only new events."
                    ));
                }
                Err(error) => {
                    tracing::warn!(%error, "where the change log begins cannot be said now");
                    return Err(Refused::for_now().error);
                }
            },
        };
        let subscription = Subscription {
            channel: channel.into(),
            carries,
            after,
        };
        let max = self.settings.subscriptions_per_client_max;
        if client.subscribe(subscription, max) {
            Ok(())
        } else {
            Err(format!("403::A client has at most {max} subscriptions"))
        }
    }

    async fn connect(
        &self,
        message: &Message,
        caller: &Caller,
        token: Option<&str>,
        is_alone: bool,
    ) -> Vec<Json> {
        let id = message.client_id().unwrap_or_default();
        let Some(client) = self.clients.get(id, caller.user, self.org.now()) else {
            return vec![message.refusal(UNKNOWN).advising("handshake").into_json()];
        };
        let is_first = client.is_new();
        let may_wait = is_alone && !is_first && !message.wants_answer_at_once();
        let ended = self.deliver(&client, caller.clone(), token, may_wait).await;
        let mut reply = message.reply(true);
        if !may_wait {
            reply = reply.with("advice", self.advice());
        }
        match ended {
            Ended::Told(mut events) => {
                events.push(reply.into_json());
                events
            }
            Ended::LetGo => vec![reply.into_json()],
            Ended::Refused(refused) => vec![denied(message, &refused).into_json()],
        }
    }

    /// How clients are to come back.
    fn advice(&self) -> Json {
        let timeout = self.settings.connect_time_max.as_millis();
        let timeout = u64::try_from(timeout).unwrap_or(u64::MAX);
        json!({ "reconnect": "retry", "interval": 0, "timeout": timeout })
    }
}

fn unsubscribe(message: &Message, client: &Client) -> Vec<Reply> {
    let channels = message.subscriptions();
    if channels.is_empty() {
        return vec![message.refusal("403:subscription_missing:a subscription is wanted")];
    }
    let left = channels.into_iter().map(|channel| {
        client.unsubscribe(channel);
        message.reply(true).with("subscription", channel)
    });
    left.collect()
}

/// What whoever is not let in is told. A handshake has the reason in its extension, where Salesforce's
/// clients look for it.
fn denied(message: &Message, refused: &Refused) -> Reply {
    let advice = if refused.passes { "retry" } else { "none" };
    let interval = if refused.passes { 1_000 } else { 0 };
    let reply = if message.channel() == HANDSHAKE {
        let ext = json!({ "replay": true, "sfdc": { "failureReason": refused.error } });
        message.refusal("403::Handshake denied").with("ext", ext)
    } else {
        message.refusal(refused.error.as_str())
    };
    let advice = json!({ "reconnect": advice, "interval": interval });
    reply.with("advice", advice)
}
