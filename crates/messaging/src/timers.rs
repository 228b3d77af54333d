//! What happens to a session because nothing happens in it: its customer falls silent and it rests; it
//! has rested long enough and ends.
//!
//! A timer is work left for later in the transaction of what it counts from. When it is due, the
//! session is looked at: whatever came in between has made the timer void.

use std::str::FromStr;
use std::time::Duration;

use headwater_catalogue::Id;
use headwater_records::{Attempt, Error as RecordsError, Together, literal};
use jiff::{SignedDuration, Timestamp};

use crate::conversation::{Channel, whole};
use crate::error::Error;
use crate::lifecycle::EndedBy;
use crate::messaging::Messaging;
use crate::status::Status;

/// The kind of work that a session does that is to rest unless its customer writes.
const REST: &str = "messaging.rest";

/// The kind of work that a session does that is to end unless somebody writes.
const EXPIRE: &str = "messaging.expire";

/// How long it may take before another node takes over.
const LEASE: Duration = Duration::from_mins(1);

/// After how many hours of rest a session ends whose channel does not say: as Salesforce has it.
const AUTO_END_HOURS: i64 = 24;

/// After how many hours a session ends that an agent began and nobody answered, where the channel does not
/// say: as Salesforce has it on its enhanced channels.
const UNANSWERED_HOURS: i64 = 48;

/// How often it is looked anew whether a session is silent still.
const ATTEMPTS_MAX: usize = 20;

/// Since when a session has been silent.
struct Silence {
    session: Id,
    since: Timestamp,
}

impl std::fmt::Display for Silence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.session, self.since)
    }
}

impl FromStr for Silence {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (session, since) = text.split_once(' ').ok_or(())?;
        Ok(Self {
            session: session.parse().map_err(|_| ())?,
            since: since.parse().map_err(|_| ())?,
        })
    }
}

/// Has a session rest if its customer says nothing to what is written with this.
pub(crate) fn rests_unless_answered(write: &mut Together<'_>, session: Id, channel: &Channel) {
    if let Some(minutes) = channel.inactivity_minutes {
        let silence = Silence {
            session,
            since: write.at(),
        };
        let due = silence.since + SignedDuration::from_mins(minutes);
        write.later(REST, silence.to_string(), due, None);
    }
}

/// Has a session end that rests from now on, if nobody writes.
pub(crate) fn ends_unless_woken(write: &mut Together<'_>, session: Id, channel: Option<&Channel>) {
    let hours = channel.and_then(|channel| channel.auto_end_hours);
    let silence = Silence {
        session,
        since: write.at(),
    };
    let due = silence.since + SignedDuration::from_hours(hours.unwrap_or(AUTO_END_HOURS));
    write.later(EXPIRE, silence.to_string(), due, None);
}

impl Messaging {
    /// Lets the next session rest whose customer has been silent for long enough: whether there was one.
    pub(crate) async fn rest_next(&self) -> Result<bool, Error> {
        self.time_next(REST, Status::Active, Status::Inactive).await
    }

    /// Ends the next session that has rested long enough: whether there was one.
    pub(crate) async fn expire_next(&self) -> Result<bool, Error> {
        self.time_next(EXPIRE, Status::Inactive, Status::Ended)
            .await
    }

    async fn time_next(&self, kind: &str, from: Status, to: Status) -> Result<bool, Error> {
        let Some(work) = self.org().claim_work(kind, LEASE).await? else {
            return Ok(false);
        };
        if let Ok(silence) = work.payload.parse() {
            self.end_silence(&silence, from, to).await?;
        }
        self.org().work_done(&work).await?;
        Ok(true)
    }

    /// Moves a session on that is silent still. Whatever is written in it at this moment is first.
    async fn end_silence(&self, silence: &Silence, from: Status, to: Status) -> Result<(), Error> {
        let session = silence.session.as_str();
        let system = self.org().system();
        for _ in 0..ATTEMPTS_MAX {
            let Some(version) = self.silent(silence, from).await? else {
                return Ok(());
            };
            let moved = self.move_on_if(&system, session, version, to, EndedBy::System);
            match moved.await {
                Ok(Attempt::Overtaken) => {}
                // Somebody was faster, or it is gone.
                Ok(Attempt::Done)
                | Err(Error::WrongStatus { .. } | Error::Records(RecordsError::NotFound(_))) => {
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::Busy)
    }

    /// The version of a session that stands where it stood, and whose customer has said nothing since; none
    /// when something was said, or the silence that was counted was over in between.
    async fn silent(&self, silence: &Silence, status: Status) -> Result<Option<Timestamp>, Error> {
        let session = literal(silence.session.as_str());
        let soql = format!(
            "SELECT Id, SystemModstamp FROM MessagingSession WHERE Id = {session} AND Status = {}",
            literal(status.word())
        );
        let table = self.one(&soql).await?;
        let Some(version) = table
            .first()
            .and_then(|row| row.get("SystemModstamp").as_datetime())
        else {
            return Ok(None);
        };
        let soql = format!(
            "SELECT Id FROM ConversationEntry WHERE ConversationId = {session} AND \
             EntryTime > {} AND ActorType = 'EndUser'",
            silence.since
        );
        if !self.one(&soql).await?.is_empty() || self.has_rested_since(silence).await? {
            return Ok(None);
        }
        Ok(Some(version))
    }

    /// Ends sessions that an agent began and whose customer has not answered for too long. It is looked
    /// for by their state, for the API begins some as well; workers do it every minute.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_unanswered(&self) -> Result<(), Error> {
        let now = self.org().now();
        let mut unanswered = Vec::new();
        let soql = "SELECT Id, StartTime, MessagingChannel.UnansweredEndHours FROM MessagingSession \
                    WHERE Status = 'New' ORDER BY StartTime DESC, Id";
        self.every(soql, |row| {
            let own = whole(row.get("MessagingChannel.UnansweredEndHours"));
            let hours = if own > 0 { own } else { UNANSWERED_HOURS };
            if let (Some(session), Some(since)) = (row.id("Id"), row.get("StartTime").as_datetime())
                && now.duration_since(since) >= SignedDuration::from_hours(hours)
            {
                unanswered.push(Silence { session, since });
            }
        })
        .await?;
        for silence in unanswered {
            self.end_silence(&silence, Status::New, Status::Ended)
                .await?;
        }
        Ok(())
    }

    /// Whether a session went to rest after its silence began: then that one was over, and the rest has a
    /// timer of its own.
    async fn has_rested_since(&self, silence: &Silence) -> Result<bool, Error> {
        let soql = format!(
            "SELECT NewValue FROM MessagingSessionHistory WHERE MessagingSessionId = {} AND \
             Field = 'Status' AND CreatedDate > {} ORDER BY CreatedDate, Id",
            literal(silence.session.as_str()),
            silence.since
        );
        let mut has_rested = false;
        self.every(&soql, |row| {
            has_rested |= row.text("NewValue") == Status::Inactive.word();
        })
        .await?;
        Ok(has_rested)
    }
}
