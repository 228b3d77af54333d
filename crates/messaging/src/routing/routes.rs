//! Routing a session on the word of a service: to a queue, or out of its line.

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Caller, Draft, Together};

use super::Refusal;
use super::configuration::{Model, is_group};
use super::line::{Pending, Place};
use super::load::Load;
use super::transfer::Handing;
use super::work::Turn;
use crate::conversation::Session;
use crate::error::Error;
use crate::messaging::Messaging;
use crate::parameters::Parameters;
use crate::status::Status;

/// How often something begins anew because the session or its line was changed by others.
const ATTEMPTS_MAX: usize = 20;

/// What came of a session that was to be routed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routing {
    /// Its place in line; none when it stands in none.
    pub pending: Option<Id>,
    /// The queue it waits in.
    pub queue: Option<Id>,
    /// Why nobody is asked.
    pub reason: Option<String>,
}

/// Where a service wants a session routed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteTo {
    /// To this queue; none: to where the channel's sessions go.
    pub queue: Option<Id>,
    /// Whether it leaves the agent it has.
    pub is_transfer: bool,
}

impl Messaging {
    /// Puts values of the channel's parameters into a session that is open, in place of those it has.
    ///
    /// # Errors
    /// As for an update of the session.
    pub async fn fill_session(
        &self,
        caller: &Caller,
        session: &str,
        values: &Parameters,
    ) -> Result<(), Error> {
        if values.is_empty() {
            return Ok(());
        }
        let work = self.work_on(caller, session).await?;
        let draft = self.mapped(work.channel, values).await?;
        let system = self.org().system();
        let mut write = self.org().together(caller);
        let id = work.session.id;
        write
            .update(&system, "MessagingSession", id, &draft, &[])
            .await?;
        match write.commit().await? {
            Attempt::Done => Ok(()),
            Attempt::Overtaken => Err(Error::Busy),
        }
    }

    /// Routes a session to a queue: it waits there, for the service to say who gets it where the channel's
    /// routing is the service's, and else for this server's routing. Asked for again it is as it was.
    ///
    /// # Errors
    /// [`Refusal::NoTarget`], [`Refusal::NotTransferable`], [`Refusal::Asked`]; else as for an update of the
    /// session.
    pub async fn route_session(
        &self,
        caller: &Caller,
        session: &str,
        to: RouteTo,
    ) -> Result<Routing, Error> {
        for _ in 0..ATTEMPTS_MAX {
            let work = self.work_on(caller, session).await?;
            let queue = self
                .queue_for(work.channel, work.session.id, to.queue)
                .await?;
            let pending = self.pending(work.session.id).await?;
            let done = match (work.session.status, &pending) {
                (Status::Waiting, Some(pending)) => {
                    self.route_again(caller, &work.session, pending, queue)
                        .await?
                }
                (Status::Waiting, None) => {
                    self.put_in_line(caller, &work.session, None, queue).await?
                }
                (Status::Active | Status::Inactive | Status::Paused, _) if to.is_transfer => {
                    self.route_away(caller, work.session.clone(), queue).await?
                }
                (status, _) => return Err(Refusal::NotTransferable(status).into()),
            };
            if done == Attempt::Done {
                self.wake_sending();
                self.wake_routing();
                return self.routing(work.session.id, queue).await;
            }
        }
        Err(Error::Busy)
    }

    /// The queue that a session is routed to.
    async fn queue_for(
        &self,
        channel: Id,
        session: Id,
        wanted: Option<Id>,
    ) -> Result<Option<Id>, Error> {
        if let Some(queue) = wanted {
            if !is_group(queue) || !self.may_own(queue).await? {
                return Err(Refusal::NoTarget(queue.to_string()).into());
            }
            return Ok(Some(queue));
        }
        let channel = self.channel(channel).await?;
        let handler = self
            .handler_of(&channel)
            .await?
            .filter(|owner| is_group(*owner));
        match handler {
            Some(queue) => Ok(Some(queue)),
            None => self.queue_of(session).await,
        }
    }

    async fn routing(&self, session: Id, queue: Option<Id>) -> Result<Routing, Error> {
        let pending = self.pending(session).await?.map(|pending| pending.id);
        let reason = match (pending, queue) {
            (Some(_), _) => None,
            (None, Some(queue)) => Some(format!(
                "the queue {} has no routing configuration: its agents take sessions themselves",
                self.name_of(queue).await?
            )),
            (None, None) => Some("the channel has no queue: name one".to_owned()),
        };
        Ok(Routing {
            pending,
            queue,
            reason,
        })
    }

    /// One that stands in line already goes to another queue, or is only taken note of.
    async fn route_again(
        &self,
        caller: &Caller,
        session: &Session,
        pending: &Pending,
        queue: Option<Id>,
    ) -> Result<Attempt, Error> {
        let is_external = self.is_routed_externally(session.id).await?;
        let is_fitting = (pending.model == Model::External) == is_external;
        if pending.queue == queue && is_fitting {
            if is_external {
                return self.note_answer(caller, pending).await;
            }
            return Ok(Attempt::Done);
        }
        if self.open_work(session.id).await?.is_some() {
            return Err(Refusal::Asked.into());
        }
        if is_external && is_fitting {
            return self.move_externally(caller, session, pending, queue).await;
        }
        self.put_in_line(caller, session, Some(pending), queue)
            .await
    }

    /// One whose routing is the service's waits in another queue from now on.
    async fn move_externally(
        &self,
        caller: &Caller,
        session: &Session,
        pending: &Pending,
        queue: Option<Id>,
    ) -> Result<Attempt, Error> {
        let system = self.org().system();
        let mut write = self.org().together(caller);
        let Load { weight, percentage } = self.load_in(queue).await?;
        let draft = Draft::new()
            .with("GroupId", queue.map_or(Value::Null, Value::Id))
            .with("CapacityWeight", weight)
            .with("CapacityPercentage", percentage)
            .with("AnsweredTime", write.at());
        self.change_pending(&mut write, &system, pending, draft)
            .await?;
        self.own_by(&mut write, session, queue).await?;
        Ok(write.commit().await?)
    }

    /// One that waits does so in a queue from now on, with the time that it has waited in another line, if it
    /// stood in one.
    async fn put_in_line(
        &self,
        caller: &Caller,
        session: &Session,
        before: Option<&Pending>,
        queue: Option<Id>,
    ) -> Result<Attempt, Error> {
        let mut write = self.org().together(caller);
        if let Some(before) = before {
            self.leave_line(&mut write, before).await?;
        }
        let place = Place {
            queue,
            since: before.and_then(|before| before.requested),
            from: before.and_then(|before| before.from),
            ..Place::default()
        };
        self.wait_for(&mut write, session, place).await?;
        Ok(write.commit().await?)
    }

    /// Also lets a session that waits do so in a queue; its service has answered.
    async fn wait_for(
        &self,
        write: &mut Together<'_>,
        session: &Session,
        place: Place,
    ) -> Result<(), Error> {
        self.own_by(write, session, place.queue).await?;
        if self.is_routed_externally(session.id).await? {
            return self
                .line_up_externally(write, session.id, place, true)
                .await;
        }
        self.line_up(write, session.id, place).await?;
        Ok(())
    }

    /// Also gives a session to a queue, if it still stands as it stood.
    async fn own_by(
        &self,
        write: &mut Together<'_>,
        session: &Session,
        queue: Option<Id>,
    ) -> Result<(), Error> {
        let system = self.org().system();
        let owner = queue.map_or_else(Draft::new, |queue| Draft::new().with("OwnerId", queue));
        let expected = [("Status", Value::from(session.status.word()))];
        write
            .update(&system, "MessagingSession", session.id, &owner, &expected)
            .await?;
        Ok(())
    }

    async fn route_away(
        &self,
        caller: &Caller,
        mut session: Session,
        queue: Option<Id>,
    ) -> Result<Attempt, Error> {
        let Some(queue) = queue else {
            return Err(Refusal::NoTarget(String::new()).into());
        };
        let text = format!(
            "Transferred to {} by the service",
            self.name_of(queue).await?
        );
        let mut write = self.org().together(caller);
        let handing = Handing {
            session: &mut session,
            owner: queue,
            place: Place {
                queue: Some(queue),
                from: Some(caller.user),
                ..Place::default()
            },
            turn: Turn::Transferred,
            by: (None, ""),
            text: &text,
            is_answered: true,
        };
        self.hand_on(&mut write, handing).await?;
        Ok(write.commit().await?)
    }

    /// Takes a session out of line: nobody is asked any more, and it waits until it is routed again or
    /// somebody takes it. Whether it stood in line.
    ///
    /// # Errors
    /// As for an update of the session.
    pub async fn cancel_routing(&self, caller: &Caller, session: &str) -> Result<bool, Error> {
        for _ in 0..ATTEMPTS_MAX {
            let work = self.work_on(caller, session).await?;
            let id = work.session.id;
            if self.pending(id).await?.is_none() {
                return Ok(false);
            }
            let system = self.org().system();
            let mut write = self.org().together(caller);
            // In a queue of this server's routing it would be put in line again.
            let draft = if self.is_routed_externally(id).await? {
                Draft::new()
            } else {
                Draft::new().with("OwnerId", system.user)
            };
            work.change(&mut write, &system, &draft).await?;
            self.work_ends(&mut write, id, Turn::Canceled).await?;
            if write.commit().await? == Attempt::Done {
                self.wake_sending();
                return Ok(true);
            }
        }
        Err(Error::Busy)
    }
}
