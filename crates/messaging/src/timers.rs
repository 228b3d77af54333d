//! What happens to a session because nothing happens in it: its customer falls silent and it rests; it
//! has rested long enough and ends.
//!
//! A timer is work left for later in the transaction of what it counts from. When it is due, the
//! session is looked at: whatever came in between has made the timer void.

use std::str::FromStr;
use std::time::Duration;

use headwater_catalogue::Id;
use headwater_records::{Error as RecordsError, Together, literal};
use jiff::{SignedDuration, Timestamp};

use crate::conversation::Channel;
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
        if let Ok(silence) = work.payload.parse()
            && self.is_silent(&silence, from).await?
        {
            let session = silence.session.as_str();
            let system = self.org().system();
            match self.move_on(&system, session, to, EndedBy::System).await {
                // Somebody was faster, or it is gone.
                Ok(())
                | Err(Error::WrongStatus { .. } | Error::Records(RecordsError::NotFound(_))) => {}
                Err(error) => return Err(error),
            }
        }
        self.org().work_done(&work).await?;
        Ok(true)
    }

    /// Whether a session stands where it stood and its customer has said nothing since.
    async fn is_silent(&self, silence: &Silence, status: Status) -> Result<bool, Error> {
        let session = literal(silence.session.as_str());
        let soql = format!(
            "SELECT Id FROM MessagingSession WHERE Id = {session} AND Status = {}",
            literal(status.word())
        );
        if self.one(&soql).await?.is_empty() {
            return Ok(false);
        }
        let soql = format!(
            "SELECT Id FROM ConversationEntry WHERE ConversationId = {session} AND \
             EntryTime > {} AND ActorType = 'EndUser'",
            silence.since
        );
        Ok(self.one(&soql).await?.is_empty())
    }
}
