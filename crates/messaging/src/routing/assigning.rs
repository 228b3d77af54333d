//! Offering a session to an agent on the word of a service, and what it says becomes of that.

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Caller, Draft, Error as RecordsError, literal};
use rust_decimal::Decimal;

use super::Refusal;
use super::line::Place;
use super::load::Load;
use super::presence::is_agent;
use super::roster::Agent;
use super::transfer::Handing;
use super::work::{self, Turn, Work};
use crate::conversation::session_of;
use crate::error::Error;
use crate::messaging::Messaging;
use crate::status::Status;

/// How often something begins anew because the session or its line was changed by others.
const ATTEMPTS_MAX: usize = 20;

/// How much of an agent's capacity a session takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Capacity {
    /// So many hundredths of a unit.
    Weight(i64),
    /// So many hundredths of a percent of what the agent has.
    Percentage(i64),
}

impl Capacity {
    fn load(self) -> Load {
        let decimal = |hundredths: i64| Value::Decimal(Decimal::new(hundredths, 2));
        match self {
            Self::Weight(weight) => Load {
                weight: decimal(weight),
                percentage: Value::Null,
            },
            Self::Percentage(percentage) => Load {
                weight: Value::Null,
                percentage: decimal(percentage),
            },
        }
    }
}

/// An offer that a service has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// The `AgentWork`.
    pub work: Id,
    /// The session's place in line.
    pub pending: Id,
    /// Whether it stood in line before.
    pub was_in_line: bool,
}

/// What is to become of an agent's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkBecomes {
    /// Its agent takes it.
    Accepted,
    /// Its agent does not want it.
    Declined,
    /// It is taken back before its agent has answered.
    Canceled,
    /// It is over: the session rests.
    Closed,
}

impl Messaging {
    /// Offers a session that waits to an agent, who has to be there and to have room.
    ///
    /// # Errors
    /// [`Refusal::RoutedHere`], [`Refusal::NotTransferable`] when it does not wait, [`Refusal::NoSuchAgent`],
    /// [`Refusal::NoAgent`], [`Refusal::NotAvailable`], [`Refusal::NoRoom`], [`Refusal::Offered`],
    /// [`Refusal::NoCapacity`]; else as for an update of the session.
    pub async fn assign(
        &self,
        caller: &Caller,
        session: &str,
        user: &str,
        capacity: Option<Capacity>,
    ) -> Result<Assigned, Error> {
        let mut was_in_line = None;
        for _ in 0..ATTEMPTS_MAX {
            let work = self.work_on(caller, session).await?;
            let id = work.session.id;
            self.must_be_routed_externally(id).await?;
            if work.session.status != Status::Waiting {
                return Err(Refusal::NotTransferable(work.session.status).into());
            }
            let agent = self.agent_for(user).await?;
            if let Some(open) = self.open_work(id).await? {
                let is_theirs = open.user == agent.user;
                return Err(Refusal::Offered {
                    work: open.id,
                    is_theirs,
                }
                .into());
            }
            let pending = self.pending(id).await?;
            let known = *was_in_line.get_or_insert(pending.is_some());
            let Some(pending) = pending else {
                let load = capacity.ok_or(Refusal::NoCapacity)?.load();
                self.stand_outside(caller, id, load).await?;
                continue;
            };
            if !agent.has_room_for(&pending.load) {
                return Err(Refusal::NoRoom(agent.name).into());
            }
            if pending.answered.is_none() {
                // It has another number then.
                self.note_answer(caller, &pending).await?;
                continue;
            }
            if self.offer(&pending, &agent).await? == Attempt::Done
                && let Some(open) = self.open_work(id).await?
            {
                return Ok(Assigned {
                    work: open.id,
                    pending: pending.id,
                    was_in_line: known,
                });
            }
        }
        Err(Error::Busy)
    }

    /// An agent who can be offered something now.
    async fn agent_for(&self, user: &str) -> Result<Agent, Error> {
        let unknown = || Refusal::NoSuchAgent(user.to_owned());
        let id: Id = user.parse().map_err(|_| unknown())?;
        let caller = self.org().caller(id).await.map_err(Error::from);
        let unknown_if_refused = |error: Error| {
            if error.is_refusal() {
                return unknown().into();
            }
            error
        };
        let caller = caller.map_err(unknown_if_refused)?;
        if !is_agent(&caller) {
            return Err(Refusal::NoAgent.into());
        }
        let now = self.org().now();
        let known = self.agent_at_work(id).await?.map(|(agent, _)| agent);
        match known.filter(|agent| !agent.is_away && !agent.is_silent(now)) {
            Some(agent) => Ok(agent),
            None => Err(Refusal::NotAvailable(caller.name.to_string()).into()),
        }
    }

    /// Puts a session in line that a service offers to somebody past all lines.
    async fn stand_outside(
        &self,
        caller: &Caller,
        session: Id,
        load: Load,
    ) -> Result<Attempt, Error> {
        let mut write = self.org().together(caller);
        let place = Place {
            queue: self.queue_of(session).await?,
            ..Place::default()
        };
        self.line_up_with(&mut write, session, (place, load), true)
            .await?;
        let system = self.org().system();
        let expected = [("Status", Value::from(Status::Waiting.word()))];
        write
            .update(
                &system,
                "MessagingSession",
                session,
                &Draft::new(),
                &expected,
            )
            .await?;
        Ok(write.commit().await?)
    }

    /// A piece of work that the caller sees, with its session.
    ///
    /// # Errors
    /// The database's.
    pub async fn session_of_work(&self, caller: &Caller, work: &str) -> Result<Option<Id>, Error> {
        Ok(self
            .work_named(caller, work)
            .await?
            .map(|(work, _)| work.session))
    }

    async fn work_named(
        &self,
        caller: &Caller,
        work: &str,
    ) -> Result<Option<(Work, String)>, Error> {
        let Ok(id) = work.parse::<Id>() else {
            return Ok(None);
        };
        let soql = format!(
            "SELECT {} FROM AgentWork WHERE Id = {}",
            work::FIELDS,
            literal(id.as_str())
        );
        let table = self.org().browse(caller, &soql, None, 1).await?;
        Ok(table.first().and_then(|row| {
            let status = row.text("Status").to_owned();
            Some((work::work_of(row)?, status))
        }))
    }

    /// Says what becomes of an agent's work. Said again it changes nothing.
    ///
    /// # Errors
    /// [`RecordsError::NotFound`], [`Refusal::RoutedHere`], [`Refusal::WorkStands`] where it cannot become
    /// that any more; else as for an update of the session.
    pub async fn set_work(
        &self,
        caller: &Caller,
        work: &str,
        becomes: WorkBecomes,
    ) -> Result<(), Error> {
        let not_found = || RecordsError::NotFound(work.to_owned());
        for _ in 0..ATTEMPTS_MAX {
            let (known, status) = self.work_named(caller, work).await?.ok_or_else(not_found)?;
            let session = known.session;
            let org = self.org();
            org.may_edit(caller, "MessagingSession", session).await?;
            self.must_be_routed_externally(session).await?;
            let turn = match (becomes, status.as_str()) {
                (WorkBecomes::Accepted, "Opened")
                | (WorkBecomes::Declined, "Declined")
                | (WorkBecomes::Canceled, "Canceled")
                | (WorkBecomes::Closed, "Closed") => return Ok(()),
                (WorkBecomes::Accepted, "Assigned") => {
                    let agent = org.caller(known.user).await?;
                    return self.accept_offer(&agent, work).await.map(|_| ());
                }
                (WorkBecomes::Closed, "Opened") => {
                    return self.let_rest(caller, session.as_str()).await;
                }
                (WorkBecomes::Declined, "Assigned") => Turn::Declined,
                (WorkBecomes::Canceled, "Assigned") => Turn::Canceled,
                (_, stands) => return Err(Refusal::WorkStands(stands.to_owned()).into()),
            };
            if self.take_back(caller, &known, turn, None).await? == Attempt::Done {
                self.wake_routing();
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    /// Takes an agent out of a session: it waits again, to be routed anew. Of somebody who was in it and is no
    /// longer, nothing is to be done.
    ///
    /// # Errors
    /// [`Refusal::RoutedHere`]; [`RecordsError::NotFound`] for somebody who was never in it; else as for an
    /// update of the session.
    pub async fn remove_agent(
        &self,
        caller: &Caller,
        session: &str,
        user: Id,
    ) -> Result<(), Error> {
        for _ in 0..ATTEMPTS_MAX {
            let id = self.work_on(caller, session).await?.session.id;
            self.must_be_routed_externally(id).await?;
            let done = match self.open_work(id).await? {
                Some(open) if open.user == user && !open.is_opened => {
                    self.take_back(caller, &open, Turn::Canceled, None).await?
                }
                _ if self.attended_by(id, user).await? => self.send_away(caller, id, user).await?,
                _ if self.was_in(id, user).await? => return Ok(()),
                _ => return Err(RecordsError::NotFound(user.to_string()).into()),
            };
            if done == Attempt::Done {
                self.wake_sending();
                self.wake_routing();
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    async fn attended_by(&self, session: Id, user: Id) -> Result<bool, Error> {
        let soql = format!(
            "SELECT Id FROM MessagingSession WHERE Id = {} AND Status = 'Active' AND OwnerId = {}",
            literal(session.as_str()),
            literal(user.as_str())
        );
        Ok(!self.one(&soql).await?.is_empty())
    }

    async fn was_in(&self, session: Id, user: Id) -> Result<bool, Error> {
        let soql = format!(
            "SELECT Id FROM AgentWork WHERE WorkItemId = {} AND UserId = {}",
            literal(session.as_str()),
            literal(user.as_str())
        );
        Ok(!self.one(&soql).await?.is_empty())
    }

    async fn send_away(&self, caller: &Caller, session: Id, user: Id) -> Result<Attempt, Error> {
        let soql = format!(
            "SELECT Id, Status, ConversationId FROM MessagingSession WHERE Id = {} AND \
             Status = 'Active' AND OwnerId = {}",
            literal(session.as_str()),
            literal(user.as_str())
        );
        let table = self.one(&soql).await?;
        let Some(known) = table.first().and_then(session_of) else {
            return Ok(Attempt::Overtaken);
        };
        let mut known = self.with_place(known).await?;
        let queue = self.queue_of(session).await?;
        let text = format!("{} was taken out by the service", self.name_of(user).await?);
        let mut write = self.org().together(caller);
        let handing = Handing {
            session: &mut known,
            owner: queue.unwrap_or(self.org().system().user),
            place: Place {
                queue,
                from: Some(caller.user),
                ..Place::default()
            },
            turn: Turn::Unavailable,
            by: (None, ""),
            text: &text,
            is_answered: false,
        };
        self.hand_on(&mut write, handing).await?;
        Ok(write.commit().await?)
    }
}
