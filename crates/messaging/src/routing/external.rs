//! Routing by a service of the organization's own: the sessions of its channel wait for it to say who gets
//! them, and it says so.
//!
//! A session of such a channel stands in line as every other does, with the routing model `ExternalRouting`, so
//! that the router of this server passes it over. The service is asked as it begins to wait. It routes the
//! session, offers it to an agent or reports what came of it; when it does none of these in time, or fails, the
//! queue's own routing takes over. Times and rules are those of Salesforce's Interaction Service API.

use std::time::Duration;

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Caller, Draft, Error as RecordsError, Together, literal};
use jiff::SignedDuration;
use tracing::info;

use super::Refusal;
use super::configuration::{Model, is_group};
use super::line::{self, Pending, Place};
use super::load::Load;
use super::work::Turn;
use crate::error::Error;
use crate::happening::Happening;
use crate::messaging::Messaging;
use crate::transcript::{NewEntry, Speaker};

/// How long a service may take to answer that a session is to be routed, as Salesforce has it.
pub const ROUTING_ANSWER_MAX: SignedDuration = SignedDuration::from_secs(60);

/// The kind of work that a session does whose service is to answer.
const ANSWER: &str = "messaging.routing";

/// How long that may take before another node takes over.
const LEASE: Duration = Duration::from_mins(1);

/// How often something begins anew because the session or its line was changed by others.
const ATTEMPTS_MAX: usize = 20;

/// Most characters of why a service could not route a session.
const REASON_CHARACTERS_MAX: usize = 1_000;

/// What a service reports of its routing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoutingReport {
    /// Somebody here gets it.
    Routed,
    /// Somebody elsewhere gets it.
    RoutedElsewhere,
    /// It failed; why.
    Failed(String),
}

impl Messaging {
    /// Whether the routing of a session is its channel's service's.
    pub(crate) async fn is_routed_externally(&self, session: Id) -> Result<bool, Error> {
        let soql = format!(
            "SELECT MessagingChannelId, ChannelType FROM MessagingSession WHERE Id = {} AND \
             MessagingChannel.RoutingOwner = 'Partner'",
            literal(session.as_str())
        );
        let table = self.one(&soql).await?;
        let of_partner = table.first().and_then(|row| {
            let channel = row.id("MessagingChannelId")?;
            Some((channel, row.text("ChannelType")))
        });
        match of_partner {
            Some((channel, kind)) => self.hears(channel, kind).await,
            None => Ok(false),
        }
    }

    /// Also lets a session stand in line until its service routes it; unless that has answered already, it is
    /// asked. A session that waits for nobody's agents stands in no line.
    pub(crate) async fn line_up_externally(
        &self,
        write: &mut Together<'_>,
        session: Id,
        place: Place,
        is_answered: bool,
    ) -> Result<(), Error> {
        let load = self.load_in(place.queue).await?;
        self.line_up_with(write, session, (place, load), is_answered)
            .await
    }

    /// As [`Messaging::line_up_externally`], with what the session takes of an agent's capacity.
    pub(super) async fn line_up_with(
        &self,
        write: &mut Together<'_>,
        session: Id,
        (place, load): (Place, Load),
        is_answered: bool,
    ) -> Result<(), Error> {
        let draft = self.pending_externally(session, &place, load);
        let at = write.at();
        let draft = draft
            .await?
            .with("CustomRequestedDateTime", place.since.unwrap_or(at))
            .with(
                "AnsweredTime",
                if is_answered {
                    Value::DateTime(at)
                } else {
                    Value::Null
                },
            );
        let system = self.org().system();
        let pending = write
            .create(&system, "PendingServiceRouting", &draft)
            .await?;
        if is_answered {
            return Ok(());
        }
        write.later(ANSWER, pending.as_str(), at + ROUTING_ANSWER_MAX, None);
        let what = Happening::Requested {
            routing: pending.to_string(),
            is_transfer: place.from.is_some(),
            queue: place
                .queue
                .filter(|queue| is_group(*queue))
                .map(|queue| queue.to_string()),
            agent: place.agent.map(|agent| agent.to_string()),
        };
        self.leave_told(write, session, what)
    }

    /// What a session of a queue takes of an agent's capacity.
    pub(super) async fn load_in(&self, queue: Option<Id>) -> Result<Load, Error> {
        let routed = match queue {
            Some(queue) => self.routed(queue).await?,
            None => None,
        };
        Ok(routed.map_or_else(Load::unit, |routed| routed.load))
    }

    async fn pending_externally(
        &self,
        session: Id,
        place: &Place,
        Load { weight, percentage }: Load,
    ) -> Result<Draft, Error> {
        let id = |id: Option<Id>| id.map_or(Value::Null, Value::Id);
        Ok(Draft::new()
            .with("OwnerId", self.org().system().user)
            .with("WorkItemId", session)
            .with("ServiceChannelId", self.service_channel().await?)
            .with("IsTransfer", place.from.is_some())
            .with("TransferRequesterId", id(place.from))
            .with("RoutingModel", Model::External.word())
            .with("CapacityWeight", weight)
            .with("CapacityPercentage", percentage)
            .with("PreferredUserId", id(place.agent))
            .with("GroupId", id(place.queue.filter(|queue| is_group(*queue)))))
    }

    /// Takes it in what a service reports of its routing. What failed is the queue's own routing's from then
    /// on. Of a session that stands in no line nothing is to be done any more.
    ///
    /// # Errors
    /// [`Refusal::RoutedHere`]; else as for an update of the session.
    pub async fn report_routing(
        &self,
        caller: &Caller,
        session: &str,
        report: &RoutingReport,
    ) -> Result<(), Error> {
        for _ in 0..ATTEMPTS_MAX {
            let work = self.work_on(caller, session).await?;
            self.must_be_routed_externally(work.session.id).await?;
            let pending = self.pending(work.session.id).await?;
            let Some(pending) = pending.filter(|pending| pending.model == Model::External) else {
                return Ok(());
            };
            let done = match report {
                RoutingReport::Routed => self.note_answer(caller, &pending).await?,
                RoutingReport::RoutedElsewhere => self.went_elsewhere(caller, &pending).await?,
                RoutingReport::Failed(why) => self.take_over(caller, &pending, why).await?,
            };
            if done == Attempt::Done {
                self.wake_sending();
                self.wake_routing();
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    pub(super) async fn must_be_routed_externally(&self, session: Id) -> Result<(), Error> {
        if self.is_routed_externally(session).await? {
            return Ok(());
        }
        Err(Refusal::RoutedHere.into())
    }

    /// The service has answered, and may take its time.
    pub(super) async fn note_answer(
        &self,
        caller: &Caller,
        pending: &Pending,
    ) -> Result<Attempt, Error> {
        if pending.answered.is_some() {
            return Ok(Attempt::Done);
        }
        let system = self.org().system();
        let mut write = self.org().together(caller);
        let draft = Draft::new().with("AnsweredTime", write.at());
        self.change_pending(&mut write, &system, pending, draft)
            .await?;
        Ok(write.commit().await?)
    }

    async fn went_elsewhere(&self, caller: &Caller, pending: &Pending) -> Result<Attempt, Error> {
        let mut write = self.org().together(caller);
        let text = "Routed to somebody elsewhere by the service";
        self.note_routing(&mut write, pending, text, None).await?;
        self.stop_asking(&mut write, pending).await?;
        Ok(write.commit().await?)
    }

    /// The queue's own routing takes over from the service.
    pub(super) async fn take_over(
        &self,
        caller: &Caller,
        pending: &Pending,
        why: &str,
    ) -> Result<Attempt, Error> {
        let why: String = why.chars().take(REASON_CHARACTERS_MAX).collect();
        let text = format!("The service could not route it: {why}");
        let mut write = self.org().together(caller);
        self.note_routing(&mut write, pending, &text, Some(&why))
            .await?;
        self.stop_asking(&mut write, pending).await?;
        let place = Place {
            queue: pending.queue,
            agent: pending.agent,
            from: pending.from,
            since: pending.requested,
            ..Place::default()
        };
        self.line_up(&mut write, pending.session, place).await?;
        Ok(write.commit().await?)
    }

    /// Also takes a session out of line, if its place is still as it was read, and an offer of it back.
    pub(super) async fn stop_asking(
        &self,
        write: &mut Together<'_>,
        pending: &Pending,
    ) -> Result<(), Error> {
        self.leave_line(write, pending).await?;
        match self.open_work(pending.session).await? {
            Some(work) if !work.is_opened => self.turn(write, &work, Turn::Canceled).await,
            Some(_) | None => Ok(()),
        }
    }

    /// Also says in the transcript what came of a service's routing, and tells the service.
    async fn note_routing(
        &self,
        write: &mut Together<'_>,
        pending: &Pending,
        text: &str,
        failed: Option<&str>,
    ) -> Result<(), Error> {
        let gone = || RecordsError::NotFound(pending.session.to_string());
        let mut session = self.session(pending.session).await?.ok_or_else(gone)?;
        let system = self.org().system();
        let entry = NewEntry {
            kind: "RoutingResult",
            speaker: Speaker::System,
            actor: None,
            name: "",
            text,
            message: None,
            status: None,
            has_files: false,
        };
        let entry = entry.draft(&mut session, write.at());
        write.create(&system, "ConversationEntry", &entry).await?;
        let what = Happening::Routed {
            routing: pending.id.to_string(),
            is_transfer: pending.is_transfer,
            queue: pending.queue.map(|queue| queue.to_string()),
            failed: failed.map(str::to_owned),
        };
        self.announce(write, pending.session, what).await
    }

    /// Takes over the next session whose service was to have answered by now, if it has not: whether there was
    /// one to look at. Workers do it as it becomes due.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_over_next(&self) -> Result<bool, Error> {
        let Some(work) = self.org().claim_work(ANSWER, LEASE).await? else {
            return Ok(false);
        };
        let soql = format!(
            "SELECT {} FROM PendingServiceRouting WHERE Id = {} AND RoutingModel = 'ExternalRouting' \
             AND AnsweredTime = null",
            line::FIELDS,
            literal(&work.payload)
        );
        let system = self.org().system();
        for _ in 0..ATTEMPTS_MAX {
            let table = self.one(&soql).await?;
            let Some(pending) = table.first().and_then(line::pending_of) else {
                break;
            };
            let seconds = ROUTING_ANSWER_MAX.as_secs();
            let why = format!("it did not answer within {seconds} seconds");
            if self.take_over(&system, &pending, &why).await? == Attempt::Done {
                info!(session = %pending.session, "a service did not route a session in time");
                self.wake_sending();
                self.wake_routing();
                break;
            }
        }
        self.org().work_done(&work).await?;
        Ok(true)
    }
}
