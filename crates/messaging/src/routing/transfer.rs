//! Handing a session on: to an agent or to a queue.

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Caller, Draft, Together, literal};

use super::Refusal;
use super::configuration::is_group;
use super::line::Place;
use super::work::Turn;
use crate::conversation::Session;
use crate::error::Error;
use crate::messaging::Messaging;
use crate::status::Status;
use crate::transcript::{NewEntry, Speaker};

/// Most characters of a note.
pub const NOTE_CHARACTERS_MAX: usize = 1_000;

/// How often a transfer begins anew because the session was changed by others.
const ATTEMPTS_MAX: usize = 20;

/// Whom a session goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// An agent, past any queue.
    Agent(Id),
    /// Whoever of a queue is next.
    Queue(Id),
}

impl Target {
    /// The target that an id names.
    ///
    /// # Errors
    /// [`Refusal::NoTarget`].
    pub fn of(id: &str) -> Result<Self, Refusal> {
        let unknown = || Refusal::NoTarget(id.to_owned());
        let target: Id = id.parse().map_err(|_| unknown())?;
        match target.as_str() {
            _ if is_group(target) => Ok(Self::Queue(target)),
            user if user.starts_with("005") => Ok(Self::Agent(target)),
            _ => Err(unknown()),
        }
    }

    const fn id(self) -> Id {
        match self {
            Self::Agent(id) | Self::Queue(id) => id,
        }
    }
}

/// A session on its way to somebody else.
pub(super) struct Handing<'a> {
    pub(super) session: &'a mut Session,
    /// Who owns it while it waits.
    pub(super) owner: Id,
    pub(super) place: Place,
    /// What becomes of the work of the agent who had it.
    pub(super) turn: Turn,
    /// Who does it, by their name; empty for the server.
    pub(super) by: (Option<Id>, &'a str),
    /// What the transcript says.
    pub(super) text: &'a str,
    /// Whether the service that routes the channel's sessions says so itself, and need not be asked.
    pub(super) is_answered: bool,
}

impl Messaging {
    /// Hands a session on: it waits until whoever gets it accepts it. An agent who is given one may decline
    /// it, and then it goes to the queue that it came from.
    ///
    /// # Errors
    /// [`Refusal::NoTarget`], [`Refusal::NotAvailable`], [`Refusal::NotTransferable`], [`Refusal::There`],
    /// [`Refusal::NoteTooLong`]; else as for an update of the session.
    pub async fn transfer(
        &self,
        caller: &Caller,
        session: &str,
        to: Target,
        note: Option<&str>,
    ) -> Result<(), Error> {
        let note = note.map(str::trim).filter(|note| !note.is_empty());
        let found = note.map_or(0, |note| note.chars().count());
        if found > NOTE_CHARACTERS_MAX {
            return Err(Refusal::NoteTooLong(found).into());
        }
        for _ in 0..ATTEMPTS_MAX {
            let mut session = self.work_on(caller, session).await?.session;
            let place = self.place_of(caller, &session, to).await?;
            let name = self.name_of_target(to).await?;
            let text = match note {
                Some(note) => format!("Transferred to {name}: {note}"),
                None => format!("Transferred to {name}"),
            };
            let mut write = self.org().together(caller);
            let handing = Handing {
                session: &mut session,
                owner: to.id(),
                place,
                turn: Turn::Transferred,
                by: (Some(caller.user), &caller.name),
                text: &text,
                is_answered: false,
            };
            self.hand_on(&mut write, handing).await?;
            if write.commit().await? == Attempt::Done {
                self.wake_sending();
                self.wake_routing();
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    /// Also lets a session wait anew somewhere else.
    pub(super) async fn hand_on(
        &self,
        write: &mut Together<'_>,
        handing: Handing<'_>,
    ) -> Result<(), Error> {
        let Handing {
            session,
            owner,
            place,
            turn,
            by: (actor, name),
            text,
            is_answered,
        } = handing;
        let system = self.org().system();
        let entry = NewEntry {
            kind: "SessionOwnerChanged",
            speaker: Speaker::System,
            actor,
            name,
            text,
            message: None,
            status: None,
            has_files: false,
        };
        let entry = entry.draft(session, write.at());
        write.create(&system, "ConversationEntry", &entry).await?;
        let draft = Draft::new()
            .with("Status", Status::Waiting.word())
            .with("OwnerId", owner);
        let expected = [("Status", Value::from(session.status.word()))];
        write
            .update(&system, "MessagingSession", session.id, &draft, &expected)
            .await?;
        let moves = (session.status, Status::Waiting);
        self.announce_move(write, session.id, moves, None).await?;
        self.work_ends(write, session.id, turn).await?;
        if self.is_routed_externally(session.id).await? {
            return self
                .line_up_externally(write, session.id, place, is_answered)
                .await;
        }
        self.line_up(write, session.id, place).await?;
        Ok(())
    }

    async fn place_of(
        &self,
        caller: &Caller,
        session: &Session,
        to: Target,
    ) -> Result<Place, Error> {
        if !matches!(session.status, Status::Active | Status::Waiting) {
            return Err(Refusal::NotTransferable(session.status).into());
        }
        let soql = format!(
            "SELECT OwnerId FROM MessagingSession WHERE Id = {}",
            literal(session.id.as_str())
        );
        let table = self.one(&soql).await?;
        if table.first().and_then(|row| row.id("OwnerId")) == Some(to.id()) {
            return Err(Refusal::There.into());
        }
        let from = Some(caller.user);
        Ok(match to {
            Target::Queue(queue) => Place {
                queue: Some(queue),
                from,
                ..Place::default()
            },
            Target::Agent(agent) => {
                let known = self.agent(agent).await?;
                let now = self.org().now();
                let is_there = known.is_some_and(|known| !known.is_away && !known.is_silent(now));
                if !is_there {
                    let name = self.name_of_target(to).await?;
                    return Err(Refusal::NotAvailable(name).into());
                }
                Place {
                    queue: self.queue_of(session.id).await?,
                    agent: Some(agent),
                    is_theirs: true,
                    from,
                    since: None,
                    overflow_from: None,
                }
            }
        })
    }

    async fn name_of_target(&self, to: Target) -> Result<String, Error> {
        let (object, id, only) = match to {
            Target::Agent(id) => ("User", id, ""),
            Target::Queue(id) if self.takes_sessions(id).await? => {
                ("Group", id, " AND Type = 'Queue'")
            }
            Target::Queue(id) => return Err(Refusal::NoTarget(id.to_string()).into()),
        };
        let soql = format!(
            "SELECT Name FROM {object} WHERE Id = {}{only}",
            literal(id.as_str())
        );
        let table = self.one(&soql).await?;
        let name = table.first().map(|row| row.text("Name").to_owned());
        Ok(name.ok_or_else(|| Refusal::NoTarget(id.to_string()))?)
    }
}
