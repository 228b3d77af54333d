//! Erasing a Messaging User: they, and all that was said with them, leave for good.
//!
//! The first write makes the [record](Messaging::erase) that it was done, takes from the Messaging User what
//! they are reached and known by, and leaves it as work to take out the rest. From then on a message of the
//! same customer begins with a new Messaging User. The rest goes in batches, session by session; each batch
//! looks for what is there still, so whoever goes on after a crash needs to know nothing of the one before.

mod batches;
mod log;

use std::time::Duration;

use headwater_catalogue::{Id, SystemPermission, Value};
use headwater_records::{Attempt, Caller, Cells, Draft, Error as RecordsError, literal};
use jiff::{SignedDuration, Timestamp};

use crate::error::Error;
use crate::lifecycle::EndedBy;
use crate::messaging::Messaging;
use crate::status::Status;
pub(crate) use log::forget_later;

/// The kind of work that is left of an erasure.
const ERASE: &str = "messaging.erase";

/// How long one node may be at it before another one takes over.
const LEASE: Duration = Duration::from_mins(5);

/// After which time the workers look whether anything is left.
const LOOKED_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// Most batches that whoever asks waits for; the workers do what is left then.
const BATCHES_WAITED_FOR: usize = 30;

/// Most batches of one try of a worker.
const BATCHES_OF_WORK: usize = 200;

/// How often it is begun anew because others changed the same records.
const ATTEMPTS_MAX: usize = 10;

/// What a Messaging User is called whose erasure has begun.
const ERASED: &str = "Erased";

/// Which Messaging User is to be erased, and how.
#[derive(Debug, Clone, Copy)]
pub struct ErasureRequest<'a> {
    /// The Messaging User.
    pub user: &'a str,
    /// Why; 255 characters at most. It is kept, so it should name nobody.
    pub reason: &'a str,
    /// Only say what would go.
    pub dry_run: bool,
    /// End a session that is open; else that is refused.
    pub end_sessions: bool,
}

/// What an erasure did, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Its record; none for a dry run.
    pub erasure: Option<Id>,
    /// The Messaging User.
    pub user: Id,
    /// The channel.
    pub channel: String,
    /// How many sessions go.
    pub sessions: u64,
    /// How many entries go.
    pub entries: u64,
    /// Whether a session is open; that of a dry run only.
    pub is_open: bool,
    /// Whether all is gone; else workers go on with it.
    pub is_done: bool,
}

/// A Messaging User that is to be erased.
struct Doomed {
    id: Id,
    key: String,
    channel: Id,
    channel_name: String,
    sessions: u64,
    entries: u64,
}

/// An erasure that has begun.
struct Running {
    id: Id,
    user: Id,
    channel: Option<Id>,
    since: Timestamp,
    /// By which its events are found.
    addresses: Vec<String>,
}

impl Messaging {
    /// Erases a Messaging User for good: their sessions with all entries and files, their conversations,
    /// addresses and history, what relinks say of them, and what has come in from them. Files that belong to
    /// another record too stay there. An `Erasure` is left, and a row in the setup audit trail.
    ///
    /// Whoever asks waits for the first batches; if that is not all, workers go on.
    ///
    /// # Errors
    /// [`RecordsError::NotPermitted`] without `ModifyAllData`; [`RecordsError::NotFound`];
    /// [`Error::WrongStatus`] when a session is open and is not to be ended; [`RecordsError::Invalid`]
    /// without a reason.
    pub async fn erase(
        &self,
        caller: &Caller,
        request: ErasureRequest<'_>,
    ) -> Result<Erased, Error> {
        if !may_erase(caller) {
            let permission = SystemPermission::ModifyAllData.field();
            return Err(RecordsError::NotPermitted(permission).into());
        }
        let doomed = self.doomed(caller, request.user).await?;
        let open = self.open_session(doomed.id).await?;
        let mut erased = Erased {
            erasure: None,
            user: doomed.id,
            channel: doomed.channel_name.clone(),
            sessions: doomed.sessions,
            entries: doomed.entries,
            is_open: open.is_some(),
            is_done: false,
        };
        if request.dry_run {
            return Ok(erased);
        }
        let running = match self.running_of(doomed.id).await? {
            Some(running) => running,
            None => self.begin_erasure(caller, &doomed, request).await?,
        };
        erased.erasure = Some(running.id);
        erased.is_open = false;
        erased.is_done = self.go_on(&running, BATCHES_WAITED_FOR).await?;
        Ok(erased)
    }

    /// Goes on with an erasure that was left, if there is one: whether there was.
    pub(crate) async fn erase_next(&self) -> Result<bool, Error> {
        let Some(work) = self.org().claim_work(ERASE, LEASE).await? else {
            return Ok(false);
        };
        let running = match work.payload.parse() {
            Ok(id) => self.running(id).await?,
            Err(_) => None,
        };
        let is_done = match running {
            Some(running) => self.go_on(&running, BATCHES_OF_WORK).await?,
            None => true,
        };
        if is_done {
            self.org().work_done(&work).await?;
        } else {
            self.org().work_put_off(&work, self.org().now()).await?;
        }
        Ok(true)
    }

    /// At most so many batches: whether that was all.
    async fn go_on(&self, running: &Running, batches: usize) -> Result<bool, Error> {
        for _ in 0..batches {
            if self.erase_batch(running).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn doomed(&self, caller: &Caller, user: &str) -> Result<Doomed, Error> {
        let not_found = || RecordsError::NotFound(user.to_owned());
        let id: Id = user.parse().map_err(|_| not_found())?;
        let soql = format!(
            "SELECT Id, MessagingPlatformKey, MessagingChannelId, MessagingChannel.MasterLabel \
             FROM MessagingEndUser WHERE Id = {}",
            literal(id.as_str())
        );
        let table = self.org().browse(caller, &soql, None, 1).await?;
        let row = table.first().ok_or_else(not_found)?;
        let sessions = format!(
            "FROM MessagingSession WHERE MessagingEndUserId = {}",
            literal(id.as_str())
        );
        let entries =
            format!("FROM ConversationEntry WHERE ConversationId IN (SELECT Id {sessions})");
        let system = self.org().system();
        Ok(Doomed {
            id,
            key: row.text("MessagingPlatformKey").to_owned(),
            channel: row.id("MessagingChannelId").ok_or_else(not_found)?,
            channel_name: row.text("MessagingChannel.MasterLabel").to_owned(),
            sessions: self
                .org()
                .count(&system, &format!("SELECT COUNT() {sessions}"))
                .await?,
            entries: self
                .org()
                .count(&system, &format!("SELECT COUNT() {entries}"))
                .await?,
        })
    }

    /// The first write, after which they are reached and known no more.
    async fn begin_erasure(
        &self,
        caller: &Caller,
        doomed: &Doomed,
        request: ErasureRequest<'_>,
    ) -> Result<Running, Error> {
        let system = self.org().system();
        for _ in 0..ATTEMPTS_MAX {
            if let Some(running) = self.running_of(doomed.id).await? {
                // Somebody else has asked for the same.
                return Ok(running);
            }
            let open = self.open_session(doomed.id).await?;
            if let Some(open) = open.as_ref().filter(|_| !request.end_sessions) {
                return Err(Error::WrongStatus {
                    is: open.status,
                    refused: "its Messaging User is erased only if it is to be ended with that",
                });
            }
            // The reason is looked at before anything is done.
            let mut write = self.org().together(caller);
            let others = self.address_records(doomed.id).await?;
            let mut addresses = vec![doomed.key.clone()];
            addresses.extend(others.iter().map(|(_, address)| address.clone()));
            let draft = doomed.stub(request.reason, &addresses);
            let erasure = write.create(&system, "Erasure", &draft).await?;
            if let Some(open) = open {
                // Nobody is told: it is not the customer who is to be spoken to.
                let ended = self.move_on(&system, open.id.as_str(), Status::Ended, EndedBy::System);
                match ended.await {
                    Ok(()) | Err(Error::WrongStatus { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            for (address, _) in others {
                write.erase(&system, "MessagingUserAddress", address)?;
            }
            let expected = [("MessagingPlatformKey", Value::Text(doomed.key.clone()))];
            let user = doomed.id;
            write
                .update(
                    &system,
                    "MessagingEndUser",
                    user,
                    &nobody(erasure),
                    &expected,
                )
                .await?;
            let (since, due) = (write.at(), write.at() + LOOKED_AFTER);
            write.later(ERASE, erasure.as_str(), due, None);
            if write.commit().await? == Attempt::Done {
                return Ok(Running {
                    id: erasure,
                    user,
                    channel: Some(doomed.channel),
                    since,
                    addresses,
                });
            }
        }
        Err(Error::Busy)
    }

    async fn running_of(&self, user: Id) -> Result<Option<Running>, Error> {
        self.running_where(&format!("ErasedRecordId = {}", literal(user.as_str())))
            .await
    }

    async fn running(&self, id: Id) -> Result<Option<Running>, Error> {
        self.running_where(&format!("Id = {}", literal(id.as_str())))
            .await
    }

    async fn running_where(&self, condition: &str) -> Result<Option<Running>, Error> {
        let soql = format!(
            "SELECT Id, ErasedRecordId, MessagingChannelId, CreatedDate FROM Erasure \
             WHERE Status = 'Running' AND {condition}"
        );
        let table = self.one(&soql).await?;
        let Some(mut running) = table.first().and_then(running_of) else {
            return Ok(None);
        };
        let this = ("Id", Value::Id(running.id));
        let rows = self.org().own("Erasure", this, &["Addresses"]).await?;
        let addresses = rows.first().and_then(|row| row.last()?.as_text());
        let addresses = addresses.unwrap_or_default().lines();
        running.addresses = addresses.map(str::to_owned).collect();
        Ok(Some(running))
    }
}

/// Whether somebody may erase Messaging Users at all.
pub fn may_erase(caller: &Caller) -> bool {
    caller.rights.has(SystemPermission::ModifyAllData)
}

impl Doomed {
    /// What stays.
    fn stub(&self, reason: &str, addresses: &[String]) -> Draft {
        let reason = match reason.trim() {
            "" => Value::Null,
            reason => Value::from(reason),
        };
        let count = |count: u64| Value::Integer(i64::try_from(count).unwrap_or(i64::MAX));
        Draft::new()
            .with("ErasedRecordId", Value::Text(self.id.to_string()))
            .with("MessagingChannelId", self.channel)
            .with("Reason", reason)
            .with("SessionCount", count(self.sessions))
            .with("EntryCount", count(self.entries))
            .with("Addresses", Value::Text(addresses.join("\n")))
    }
}

/// What is left of a Messaging User until their turn to go comes.
fn nobody(erasure: Id) -> Draft {
    let empty = [
        "ProfilePictureUrl",
        "AccountId",
        "ContactId",
        "LeadId",
        "AuthenticatedEndUserId",
    ];
    let draft = Draft::new()
        .with("Name", ERASED)
        .with("MessagingPlatformKey", Value::Text(erasure.to_string()));
    empty
        .into_iter()
        .fold(draft, |draft, field| draft.with(field, Value::Null))
}

fn running_of(row: Cells<'_>) -> Option<Running> {
    Some(Running {
        id: row.id("Id")?,
        user: row.text("ErasedRecordId").parse().ok()?,
        channel: row.id("MessagingChannelId"),
        since: row.get("CreatedDate").as_datetime()?,
        addresses: Vec::new(),
    })
}
