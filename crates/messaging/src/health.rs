//! How a channel does: when something came in, went out and failed last.
//!
//! It is noted at most every half a minute for each channel and node, so that it costs nothing where much
//! happens; and noting it fails alone, never what it is about.

use headwater_catalogue::{Id, Value};
use headwater_records::Draft;
use jiff::{SignedDuration, Timestamp};
use tracing::warn;

use crate::error::Error;
use crate::messaging::Messaging;

/// How often the same sign of a channel is written down.
const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(30);

/// Most characters of why something failed.
const REASON_CHARACTERS_MAX: usize = 255;

/// What was last seen of a channel, by any node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// When something came in.
    pub received: Option<Timestamp>,
    /// When the carrier took something.
    pub sent: Option<Timestamp>,
    /// When something failed, on its way in or out.
    pub failed: Option<Timestamp>,
    /// Why it failed.
    pub reason: Option<String>,
    /// What of its set-up does not work as it says: nothing is lost, but somebody should look.
    pub warning: Option<String>,
}

impl Health {
    /// Whether what happened last is that something failed.
    pub fn is_failing(&self) -> bool {
        let fine = self.received.max(self.sent);
        self.failed.is_some_and(|failed| Some(failed) > fine)
    }
}

/// A sign of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sign {
    Received,
    Sent,
    Failed(String),
}

/// A sign without what differs, and when each channel's was noted last.
pub(crate) type Noted = std::collections::HashMap<(Id, std::mem::Discriminant<Sign>), Timestamp>;

const FIELDS: [&str; 4] = ["ReceivedTime", "SentTime", "FailedTime", "FailureReason"];

impl Messaging {
    /// What was last seen of a channel.
    ///
    /// # Errors
    /// The database's.
    pub async fn health(&self, channel: Id) -> Result<Health, Error> {
        let noted = self.health_record(channel).await?.1;
        Ok(Health {
            warning: self.handler_trouble(channel).await?,
            ..noted
        })
    }

    /// Notes that something from a channel's carrier was refused, or something for it.
    pub async fn note_failure(&self, channel: Id, reason: &str) {
        let reason = reason.chars().take(REASON_CHARACTERS_MAX).collect();
        self.note_sign(channel, Sign::Failed(reason)).await;
    }

    /// Notes a sign of a channel, unless it was noted a moment ago.
    pub(crate) async fn note_sign(&self, channel: Id, sign: Sign) {
        let now = self.org().now();
        if !self.is_news(channel, &sign, now) {
            return;
        }
        if let Err(error) = self.write_sign(channel, sign, now).await
            && !self.org().store().is_closed()
        {
            warn!(%channel, %error, "how a channel does could not be noted");
        }
    }

    fn is_news(&self, channel: Id, sign: &Sign, now: Timestamp) -> bool {
        let mut noted = self.noted();
        let key = (channel, std::mem::discriminant(sign));
        let is_news = noted.get(&key).is_none_or(|at| now >= *at + NOTED_EVERY);
        if is_news {
            noted.insert(key, now);
        }
        is_news
    }

    async fn write_sign(&self, channel: Id, sign: Sign, now: Timestamp) -> Result<(), Error> {
        let system = self.org().system();
        let draft = match sign {
            Sign::Received => Draft::new().with("ReceivedTime", now),
            Sign::Sent => Draft::new().with("SentTime", now),
            Sign::Failed(reason) => Draft::new()
                .with("FailedTime", now)
                .with("FailureReason", reason.as_str()),
        };
        let mut write = self.org().together(&system);
        if let Some(id) = self.health_record(channel).await?.0 {
            let written = write.update(&system, "ChannelHealth", id, &draft, &[]);
            written.await?;
        } else {
            let draft = draft.with("MessagingChannelId", channel);
            write.create(&system, "ChannelHealth", &draft).await?;
        }
        // Another node that notes it at the same moment has said the same.
        write.commit().await?;
        Ok(())
    }

    async fn health_record(&self, channel: Id) -> Result<(Option<Id>, Health), Error> {
        let of_channel = ("MessagingChannelId", Value::Id(channel));
        let rows = self.org().own("ChannelHealth", of_channel, &FIELDS).await?;
        let Some([Value::Id(id), received, sent, failed, reason]) = rows.first().map(Vec::as_slice)
        else {
            return Ok((None, Health::default()));
        };
        let health = Health {
            received: received.as_datetime(),
            sent: sent.as_datetime(),
            failed: failed.as_datetime(),
            reason: reason.as_text().map(str::to_owned),
            warning: None,
        };
        Ok((Some(*id), health))
    }
}

#[cfg(test)]
mod tests {
    use super::Health;

    #[test]
    fn a_channel_fails_until_something_goes_well_again() {
        let at = |second| jiff::Timestamp::from_second(second).ok();
        let mut health = Health::default();
        assert!(!health.is_failing());
        health.failed = at(10);
        assert!(health.is_failing());
        health.received = at(9);
        assert!(health.is_failing());
        health.sent = at(11);
        assert!(!health.is_failing());
    }
}
