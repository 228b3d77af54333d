//! What supervisors see, and what they can do about it: lines, agents, sessions in progress, flags and
//! whispers.

use std::collections::{HashMap, HashSet};

use headwater_catalogue::Id;
use headwater_records::{Attempt, Caller, Cells, Draft, literal};
use jiff::Timestamp;

use super::Refusal;
use super::roster::Colleague;
use super::skills::NeededSkill;
use super::transfer::NOTE_CHARACTERS_MAX;
use crate::error::Error;
use crate::messaging::Messaging;
use crate::transcript::{NewEntry, Speaker};

/// Most sessions in progress that are shown.
const IN_PROGRESS_MAX: u64 = 200;

/// Most queues that are shown.
const QUEUES_MAX: u64 = 200;

/// A queue with those who wait in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The queue.
    pub queue: Id,
    /// What it is called.
    pub name: String,
    /// Whether its sessions are offered to agents, who take them by themselves otherwise.
    pub is_routed: bool,
    /// How many wait.
    pub waiting: usize,
    /// Since when the one who waits longest does.
    pub oldest: Option<Timestamp>,
    /// How many of them need skills that nobody of the queue who is there has all of.
    pub unmatched: usize,
    /// What those need, each skill once, by name.
    pub lacking: Vec<NeededSkill>,
}

/// What waits in a queue.
#[derive(Debug, Default)]
struct Waiting {
    count: usize,
    oldest: Option<Timestamp>,
    unmatched: usize,
    lacking: Vec<NeededSkill>,
}

/// A session that an agent works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InProgress {
    /// The session.
    pub session: Id,
    /// What it is called.
    pub name: String,
    /// What the customer is called.
    pub customer: String,
    /// Whose it is.
    pub agent: Option<Id>,
    /// What they are called.
    pub agent_name: String,
    /// Since when they are on it.
    pub since: Option<Timestamp>,
    /// Whether it was offered to its agent and they are offline now.
    pub is_unattended: bool,
    /// What was said with the flag that is raised, if one is.
    pub flag: Option<String>,
}

impl Messaging {
    /// The queues that sessions wait in or are routed from, by their names.
    ///
    /// # Errors
    /// [`Refusal::NotSupervisor`]; else the database's.
    pub async fn lines(&self, caller: &Caller) -> Result<Vec<Line>, Error> {
        must_be_supervisor(caller)?;
        let mut since: HashMap<Id, Timestamp> = HashMap::new();
        let soql =
            "SELECT WorkItemId, CustomRequestedDateTime FROM PendingServiceRouting ORDER BY Id";
        self.every(soql, |row| {
            let at = row.get("CustomRequestedDateTime").as_datetime();
            since.extend(row.id("WorkItemId").zip(at));
        })
        .await?;
        let mut unmatched = self.all_unmatched().await?;
        let mut waiting: HashMap<Id, Waiting> = HashMap::new();
        let soql = "SELECT Id, OwnerId, StartTime FROM MessagingSession WHERE Status = 'Waiting' \
                    ORDER BY Id";
        self.every(soql, |row| {
            let (Some(id), Some(owner)) = (row.id("Id"), row.id("OwnerId")) else {
                return;
            };
            let begun = row.get("StartTime").as_datetime();
            let begun = since.get(&id).copied().or(begun);
            let of_queue = waiting.entry(owner).or_default();
            of_queue.count += 1;
            of_queue.oldest = [of_queue.oldest, begun].into_iter().flatten().min();
            if let Some(needed) = unmatched.remove(&id) {
                of_queue.unmatched += 1;
                of_queue.lacking.extend(needed);
            }
        })
        .await?;
        let soql = "SELECT Id, Name, QueueRoutingConfigId FROM Group WHERE Type = 'Queue' \
                    ORDER BY Name, Id";
        let table = self.org().browse(caller, soql, None, QUEUES_MAX).await?;
        let mut line = |row: Cells<'_>| {
            let queue = row.id("Id")?;
            let mut of_queue = waiting.remove(&queue).unwrap_or_default();
            let is_routed = row.id("QueueRoutingConfigId").is_some();
            of_queue.lacking.sort_by(|one, other| {
                (&one.name, one.level, one.is_additional).cmp(&(
                    &other.name,
                    other.level,
                    other.is_additional,
                ))
            });
            of_queue
                .lacking
                .dedup_by(|one, other| (&one.name, one.level) == (&other.name, other.level));
            (is_routed || of_queue.count > 0).then(|| Line {
                queue,
                name: row.text("Name").to_owned(),
                is_routed,
                waiting: of_queue.count,
                oldest: of_queue.oldest,
                unmatched: of_queue.unmatched,
                lacking: of_queue.lacking,
            })
        };
        Ok(table.rows().filter_map(&mut line).collect())
    }

    /// Agents who are there, and those who are not and have work still.
    ///
    /// # Errors
    /// [`Refusal::NotSupervisor`]; else the database's.
    pub async fn staff(&self, caller: &Caller) -> Result<Vec<Colleague>, Error> {
        must_be_supervisor(caller)?;
        let now = self.org().now();
        let mut staff: Vec<Colleague> = Vec::new();
        for agent in self.agents().await? {
            if !agent.is_silent(now) {
                staff.push(agent.into());
            }
        }
        let known: HashSet<Id> = staff.iter().map(|one| one.user).collect();
        let soql =
            "SELECT Id, UserId, User.Name FROM AgentWork WHERE Status = 'Opened' ORDER BY Id";
        let mut gone: HashMap<Id, Colleague> = HashMap::new();
        self.every(soql, |row| {
            let Some(user) = row.id("UserId").filter(|user| !known.contains(user)) else {
                return;
            };
            let one = gone.entry(user).or_insert_with(|| Colleague {
                user,
                name: row.text("User.Name").to_owned(),
                status: None,
                since: None,
                is_away: true,
                capacity: 0,
                used: 0,
                sessions: 0,
            });
            one.sessions += 1;
        })
        .await?;
        staff.extend(gone.into_values());
        staff.sort_by(|one, other| (&one.name, one.user).cmp(&(&other.name, other.user)));
        Ok(staff)
    }

    /// The sessions that agents are on, with their flags; the newest two hundred.
    ///
    /// # Errors
    /// [`Refusal::NotSupervisor`]; else the database's.
    pub async fn in_progress(&self, caller: &Caller) -> Result<Vec<InProgress>, Error> {
        must_be_supervisor(caller)?;
        let soql = "SELECT Id, Name, OwnerId, Owner.Name, AcceptTime, MessagingEndUser.Name \
                    FROM MessagingSession WHERE Status = 'Active' ORDER BY StartTime DESC, Id";
        let org = self.org();
        let table = org.browse(caller, soql, None, IN_PROGRESS_MAX).await?;
        let session = |row: Cells<'_>| {
            Some(InProgress {
                session: row.id("Id")?,
                name: row.text("Name").to_owned(),
                customer: row.text("MessagingEndUser.Name").to_owned(),
                agent: row.id("OwnerId"),
                agent_name: row.text("Owner.Name").to_owned(),
                since: row.get("AcceptTime").as_datetime(),
                is_unattended: false,
                flag: None,
            })
        };
        let mut sessions: Vec<_> = table.rows().filter_map(session).collect();
        let mut flags = self.flags(&sessions).await?;
        let now = org.now();
        let agents = self.agents().await?.into_iter();
        let there: HashSet<Id> = agents
            .filter(|agent| !agent.is_silent(now))
            .map(|agent| agent.user)
            .collect();
        let mut routed = HashSet::new();
        let soql = "SELECT WorkItemId FROM AgentWork WHERE Status = 'Opened' ORDER BY Id";
        self.every(soql, |row| routed.extend(row.id("WorkItemId")))
            .await?;
        for one in &mut sessions {
            one.flag = flags.remove(&one.session);
            let is_there = one.agent.is_some_and(|agent| there.contains(&agent));
            one.is_unattended = routed.contains(&one.session) && !is_there;
        }
        Ok(sessions)
    }

    /// What was said with the flags that are raised.
    async fn flags(&self, sessions: &[InProgress]) -> Result<HashMap<Id, String>, Error> {
        let ids: Vec<_> = sessions
            .iter()
            .map(|one| literal(one.session.as_str()))
            .collect();
        let mut flags = HashMap::new();
        if ids.is_empty() {
            return Ok(flags);
        }
        let soql = format!(
            "SELECT ConversationId, EntryType, Message FROM ConversationEntry WHERE \
             ConversationId IN ({}) AND EntryType IN ('FlagRaise', 'FlagLower') \
             ORDER BY EntryTime, Seq, Id",
            ids.join(", ")
        );
        self.every(&soql, |row| {
            if let Some(session) = row.id("ConversationId") {
                match row.text("EntryType") {
                    "FlagRaise" => flags.insert(session, row.text("Message").to_owned()),
                    _ => flags.remove(&session),
                };
            }
        })
        .await?;
        Ok(flags)
    }

    /// Whether a session's flag is raised.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_flagged(&self, caller: &Caller, session: Id) -> Result<bool, Error> {
        let soql = format!(
            "SELECT EntryType FROM ConversationEntry WHERE ConversationId = {} AND \
             EntryType IN ('FlagRaise', 'FlagLower') ORDER BY EntryTime DESC, Seq DESC",
            literal(session.as_str())
        );
        let table = self.org().browse(caller, &soql, None, 1).await?;
        Ok(table
            .first()
            .is_some_and(|row| row.text("EntryType") == "FlagRaise"))
    }

    /// Asks a supervisor for help. Only people here see it.
    ///
    /// # Errors
    /// As for [`Messaging::whisper`], but for its right.
    pub async fn raise_flag(
        &self,
        caller: &Caller,
        session: &str,
        text: &str,
    ) -> Result<(), Error> {
        self.write_note(caller, session, ("FlagRaise", Speaker::Agent), text)
            .await
    }

    /// The help is no longer needed.
    ///
    /// # Errors
    /// As [`Messaging::raise_flag`].
    pub async fn lower_flag(&self, caller: &Caller, session: &str) -> Result<(), Error> {
        self.write_note(caller, session, ("FlagLower", Speaker::Agent), "")
            .await
    }

    /// A supervisor says something to the agent. The customer is not told.
    ///
    /// # Errors
    /// [`Refusal::NotSupervisor`], [`Error::Empty`], [`Refusal::NoteTooLong`], [`Error::WrongStatus`] when
    /// the session is over; else as for an update of the session.
    pub async fn whisper(&self, caller: &Caller, session: &str, text: &str) -> Result<(), Error> {
        must_be_supervisor(caller)?;
        if text.trim().is_empty() {
            return Err(Error::Empty);
        }
        self.write_note(caller, session, ("Note", Speaker::Supervisor), text)
            .await
    }

    /// Puts down something for those who work here. The customer is not told.
    ///
    /// # Errors
    /// As [`Messaging::whisper`], but for its right.
    pub async fn note(&self, caller: &Caller, session: &str, text: &str) -> Result<(), Error> {
        if text.trim().is_empty() {
            return Err(Error::Empty);
        }
        self.write_note(caller, session, ("Note", Speaker::Agent), text)
            .await
    }

    async fn write_note(
        &self,
        caller: &Caller,
        session: &str,
        (kind, speaker): (&'static str, Speaker),
        text: &str,
    ) -> Result<(), Error> {
        let text = text.trim();
        let found = text.chars().count();
        if found > NOTE_CHARACTERS_MAX {
            return Err(Refusal::NoteTooLong(found).into());
        }
        let system = self.org().system();
        for _ in 0..ATTEMPTS_MAX {
            let mut work = self.work_on(caller, session).await?;
            if work.session.status.is_over() {
                return Err(Error::WrongStatus {
                    is: work.session.status,
                    refused: "nothing can be noted in it any more",
                });
            }
            let mut write = self.org().together(caller);
            let entry = NewEntry {
                kind,
                speaker,
                actor: Some(caller.user),
                name: &caller.name,
                text,
                message: None,
                status: None,
                has_files: false,
            };
            let draft = entry.draft(&mut work.session, write.at());
            write.create(&system, "ConversationEntry", &draft).await?;
            work.change(&mut write, &system, &Draft::new()).await?;
            if write.commit().await? == Attempt::Done {
                return Ok(());
            }
        }
        Err(Error::Busy)
    }
}

/// How often a note begins anew because the session was changed by others.
const ATTEMPTS_MAX: usize = 20;

/// Whether somebody looks after others: whoever may view all sessions, whatever the sharing.
pub fn is_supervisor(caller: &Caller) -> bool {
    let sessions = caller.rights.catalogue.object("MessagingSession");
    sessions.is_some_and(|sessions| caller.rights.on(sessions).view_all)
}

fn must_be_supervisor(caller: &Caller) -> Result<(), Error> {
    if is_supervisor(caller) {
        return Ok(());
    }
    Err(Refusal::NotSupervisor.into())
}
