//! How long what was said is kept: by a rule of the channel, or else of the organization.
//!
//! A session that ended long enough ago loses its entries and their files; its record stays, unless the
//! channel says that it goes too. What is open is never touched. A run is a record ([`RetentionRun`]) with
//! work beside it; each session is one transaction that also counts, so whoever goes on after a crash counts
//! nothing twice. At its end the run's counts stand in the setup audit trail.
//!
//! [`RetentionRun`]: headwater_catalogue::objects::retention_run

mod concerned;

use std::time::Duration;

use headwater_catalogue::{Id, SystemPermission, Value};
use headwater_records::{Attempt, Caller, Draft, Error as RecordsError, Together, literal};
use jiff::{SignedDuration, Timestamp};

use crate::conversation::whole;
use crate::erasure::{forget_later, may_erase};
use crate::error::Error;
use crate::messaging::Messaging;
use crate::removal::{FILES_MAX, RECORDS_MAX, Whose};
use concerned::{Rule, Run, events, over};

/// The kind of work that a run is.
const RETAIN: &str = "messaging.retain";

/// How long one node may be at it before another one takes over.
const LEASE: Duration = Duration::from_mins(5);

/// Most sessions of one try of a worker.
const SESSIONS_OF_WORK: usize = 500;

/// How often it is looked whether the time of something is over.
pub(crate) const LOOKED_EVERY: SignedDuration = SignedDuration::from_hours(1);

const RUN: &str = "RetentionRun";

/// What a channel's rule comes to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// The channel.
    pub channel: Id,
    /// What it is called.
    pub label: String,
    /// After how many days what was said goes; none: never.
    pub days: Option<i64>,
    /// Whether the organization says so, and not the channel.
    pub is_inherited: bool,
    /// Whether the sessions go too.
    pub removes_sessions: bool,
    /// Sessions that ended before this are concerned.
    pub ended_before: Option<Timestamp>,
    /// How many sessions would lose what was said.
    pub sessions: u64,
    /// How many entries would go.
    pub entries: u64,
    /// How many files of sessions would go.
    pub files: u64,
}

impl Messaging {
    /// What a channel's rule would remove now; with `days`, what one of so many days would.
    ///
    /// # Errors
    /// [`RecordsError::NotPermitted`] without `ViewSetup`; [`RecordsError::NotFound`].
    pub async fn retention(
        &self,
        caller: &Caller,
        channel: &str,
        days: Option<i64>,
    ) -> Result<Retention, Error> {
        must_view_setup(caller)?;
        let (id, rule) = self.rule_named(channel).await?;
        let rule = Rule {
            days: days.filter(|days| *days > 0).or(rule.days),
            ..rule
        };
        let mut found = Retention {
            channel: id,
            ended_before: rule.before(self.org().now()),
            label: rule.label,
            days: rule.days,
            is_inherited: rule.is_inherited && days.is_none(),
            removes_sessions: rule.removes_sessions,
            sessions: 0,
            entries: 0,
            files: 0,
        };
        let Some(before) = found.ended_before else {
            return Ok(found);
        };
        let (org, system) = (self.org(), self.org().system());
        for over in over(id, before, found.removes_sessions) {
            let sessions = format!("FROM MessagingSession WHERE {over}");
            let within = format!("(SELECT Id {sessions})");
            let entries = format!("FROM ConversationEntry WHERE ConversationId IN {within}");
            let files = format!("FROM ContentDocumentLink WHERE LinkedEntityId IN {within}");
            let count = |from: String| format!("SELECT COUNT() {from}");
            found.sessions += org.count(&system, &count(sessions)).await?;
            found.entries += org.count(&system, &count(entries)).await?;
            found.files += org.count(&system, &count(files)).await?;
        }
        Ok(found)
    }

    /// After how many days what was said on a channel goes; none: never.
    ///
    /// # Errors
    /// As [`Messaging::retention`].
    pub async fn retention_days(
        &self,
        caller: &Caller,
        channel: &str,
    ) -> Result<Option<i64>, Error> {
        must_view_setup(caller)?;
        Ok(self.rule_named(channel).await?.1.days)
    }

    /// Begins to remove what a channel's rule says, and does not wait for the next look: gives the run, or
    /// none when nothing is to be removed.
    ///
    /// # Errors
    /// [`RecordsError::NotPermitted`] without `ModifyAllData`; [`RecordsError::NotFound`].
    pub async fn remove_transcripts(
        &self,
        caller: &Caller,
        channel: &str,
    ) -> Result<Option<Id>, Error> {
        if !may_erase(caller) {
            let permission = SystemPermission::ModifyAllData.field();
            return Err(RecordsError::NotPermitted(permission).into());
        }
        let (id, rule) = self.rule_named(channel).await?;
        self.begin_run(caller, id, &rule).await
    }

    /// Begins a run of each channel whose rule has something to remove.
    pub(crate) async fn begin_runs(&self) -> Result<(), Error> {
        let mut channels = Vec::new();
        let soql = "SELECT Id FROM MessagingChannel ORDER BY Id";
        self.every(soql, |row| channels.extend(row.id("Id")))
            .await?;
        let system = self.org().system();
        for channel in channels {
            if let Some(rule) = self.rule_of(channel).await? {
                self.begin_run(&system, channel, &rule).await?;
            }
        }
        Ok(())
    }

    async fn rule_named(&self, channel: &str) -> Result<(Id, Rule), Error> {
        let not_found = || RecordsError::NotFound(channel.to_owned());
        let id: Id = channel.parse().map_err(|_| not_found())?;
        let rule = self.rule_of(id).await?.ok_or_else(not_found)?;
        Ok((id, rule))
    }

    /// The rule of a channel; none when there is no such channel.
    async fn rule_of(&self, channel: Id) -> Result<Option<Rule>, Error> {
        let soql = format!(
            "SELECT MasterLabel, RetentionDays, IsSessionRemoved FROM MessagingChannel WHERE Id = {}",
            literal(channel.as_str())
        );
        let table = self.one(&soql).await?;
        let Some(row) = table.first() else {
            return Ok(None);
        };
        let own = row.get("RetentionDays");
        let (is_inherited, days) = if own.is_null() {
            let org = self
                .one("SELECT MessagingRetentionDays FROM Organization")
                .await?;
            let days = org
                .first()
                .map(|row| whole(row.get("MessagingRetentionDays")));
            (true, days.unwrap_or_default())
        } else {
            (false, whole(own))
        };
        Ok(Some(Rule {
            label: row.text("MasterLabel").to_owned(),
            days: Some(days).filter(|days| *days > 0),
            is_inherited,
            removes_sessions: row.get("IsSessionRemoved").is_true(),
        }))
    }

    async fn begin_run(
        &self,
        actor: &Caller,
        channel: Id,
        rule: &Rule,
    ) -> Result<Option<Id>, Error> {
        let Some(before) = rule.before(self.org().now()) else {
            return Ok(None);
        };
        if let Some(running) = self.running_run(channel).await? {
            return Ok(Some(running));
        }
        let is_due = self
            .next_over(channel, before, rule.removes_sessions)
            .await?
            .is_some()
            || !self
                .one(&format!(
                    "SELECT Id FROM InboundEvent WHERE {}",
                    events(channel, before)
                ))
                .await?
                .is_empty();
        if !is_due {
            return Ok(None);
        }
        let system = self.org().system();
        let mut write = self.org().together(actor);
        let draft = Draft::new()
            .with("MessagingChannelId", channel)
            .with("EndedBefore", before)
            .with("IsSessionRemoved", rule.removes_sessions)
            .with("SessionsUntilNow", 0_i64)
            .with("EntriesUntilNow", 0_i64)
            .with("FilesUntilNow", 0_i64);
        let run = write.create(&system, RUN, &draft).await?;
        let at = write.at();
        write.later(RETAIN, run.as_str(), at, None);
        match write.commit().await? {
            Attempt::Done => Ok(Some(run)),
            // Another node has begun it.
            Attempt::Overtaken => self.running_run(channel).await,
        }
    }

    async fn running_run(&self, channel: Id) -> Result<Option<Id>, Error> {
        let soql = format!(
            "SELECT Id FROM {RUN} WHERE MessagingChannelId = {} AND Status = 'Running'",
            literal(channel.as_str())
        );
        Ok(self.one(&soql).await?.first().and_then(|row| row.id("Id")))
    }

    /// Goes on with a run, if there is one: whether there was.
    pub(crate) async fn retain_next(&self) -> Result<bool, Error> {
        let Some(work) = self.org().claim_work(RETAIN, LEASE).await? else {
            return Ok(false);
        };
        for _ in 0..SESSIONS_OF_WORK {
            // How far it is is read anew each time, for another node may be at it too.
            let run = match work.payload.parse() {
                Ok(id) => self.run(id).await?,
                Err(_) => None,
            };
            let Some(run) = run else {
                self.org().work_done(&work).await?;
                return Ok(true);
            };
            self.remove_next(&run).await?;
        }
        self.org().work_put_off(&work, self.org().now()).await?;
        Ok(true)
    }

    /// A run that is not over yet.
    async fn run(&self, id: Id) -> Result<Option<Run>, Error> {
        let fields = [
            "MessagingChannelId",
            "EndedBefore",
            "IsSessionRemoved",
            "SessionsUntilNow",
            "EntriesUntilNow",
            "FilesUntilNow",
            "Status",
        ];
        let rows = self.org().own(RUN, ("Id", Value::Id(id)), &fields).await?;
        let run = rows.first().and_then(|row| {
            let is_running = row.get(7)?.as_text() == Some("Running");
            is_running.then_some(Run {
                id,
                channel: row.get(1)?.as_id()?,
                before: row.get(2)?.as_datetime()?,
                removes_sessions: row.get(3)?.is_true(),
                sessions: whole(row.get(4)?),
                entries: whole(row.get(5)?),
                files: whole(row.get(6)?),
            })
        });
        Ok(run)
    }

    /// Removes what is next, a session's or of what came in; when there is nothing, the run is over. Where
    /// somebody else was faster, nothing happens, and it is looked again.
    async fn remove_next(&self, run: &Run) -> Result<(), Error> {
        let system = self.org().system();
        let mut write = self.org().together(&system);
        let mut now = Run { ..*run };
        let next = self
            .next_over(run.channel, run.before, run.removes_sessions)
            .await?;
        if let Some((session, conversation)) = next {
            let whose = Whose::Session(session);
            let files = self.erase_some_files(&mut write, whose, session).await?;
            let entries = ("ConversationEntry", "ConversationId");
            let entries = self.erase_some(&mut write, entries, session).await?;
            now.files += i64::try_from(files).unwrap_or_default();
            now.entries += i64::try_from(entries).unwrap_or_default();
            if files < FILES_MAX && entries < RECORDS_MAX {
                now.sessions += 1;
                self.mark(&mut write, session).await?;
                if run.removes_sessions {
                    self.erase_session(&mut write, session, conversation)
                        .await?;
                }
            }
        } else if self
            .erase_some_events(&mut write, &events(run.channel, run.before))
            .await?
            == 0
        {
            return self.end_run(run).await;
        }
        let draft = Draft::new()
            .with("SessionsUntilNow", now.sessions)
            .with("EntriesUntilNow", now.entries)
            .with("FilesUntilNow", now.files);
        write
            .update(&system, RUN, run.id, &draft, &run.as_read())
            .await?;
        write.commit().await?;
        Ok(())
    }

    /// Also puts down that what was said in a session is gone.
    async fn mark(&self, write: &mut Together<'_>, session: Id) -> Result<(), Error> {
        let system = self.org().system();
        let draft = Draft::new().with("TranscriptRemovedTime", write.at());
        let written = write.update(&system, "MessagingSession", session, &draft, &[]);
        Ok(written.await?)
    }

    async fn end_run(&self, run: &Run) -> Result<(), Error> {
        let system = self.org().system();
        let mut write = self.org().together(&system);
        let draft = Draft::new()
            .with("Status", "Done")
            .with("SessionCount", run.sessions)
            .with("EntryCount", run.entries)
            .with("FileCount", run.files)
            .with("CompletedTime", write.at());
        write
            .update(&system, RUN, run.id, &draft, &run.as_read())
            .await?;
        forget_later(&mut write);
        write.commit().await?;
        Ok(())
    }

    /// A session whose time is over, with its conversation.
    async fn next_over(
        &self,
        channel: Id,
        before: Timestamp,
        removes_sessions: bool,
    ) -> Result<Option<(Id, Option<Id>)>, Error> {
        for over in over(channel, before, removes_sessions) {
            let soql = format!(
                "SELECT Id, ConversationId FROM MessagingSession WHERE {over} ORDER BY EndTime, Id"
            );
            let table = self.one(&soql).await?;
            let session = table
                .first()
                .and_then(|row| Some((row.id("Id")?, row.id("ConversationId"))));
            if session.is_some() {
                return Ok(session);
            }
        }
        Ok(None)
    }
}

fn must_view_setup(caller: &Caller) -> Result<(), Error> {
    if caller.rights.has(SystemPermission::ViewSetup) {
        return Ok(());
    }
    let permission = SystemPermission::ViewSetup.field();
    Err(RecordsError::NotPermitted(permission).into())
}
