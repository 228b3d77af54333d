//! Putting right what the line has come to: what other changes of sessions and of the set-up, agents who
//! are gone, and imports leave behind. So nothing that writes a session has to know of routing, and a
//! customer who waits is found again whatever has happened.

use std::collections::{HashMap, HashSet};

use headwater_catalogue::{Id, Value};
use headwater_records::{Cells, Draft, literal};
use jiff::Timestamp;
use tracing::info;

use super::configuration::Model;
use super::line::{self, Pending, Place};
use super::roster::Agent;
use super::router::passed_over;
use super::transfer::Handing;
use super::work::{self, Turn, Work};
use crate::conversation::session_of;
use crate::error::Error;
use crate::messaging::Messaging;
use crate::status::Status;

/// Most sessions that are put in line at a time.
const LINED_UP_MAX: u64 = 500;

/// A place in line beside the state of its session.
struct InLine {
    pending: Pending,
    status: Option<Status>,
    is_pushed: bool,
}

/// Open work beside the state of its session.
struct InHand {
    work: Work,
    status: Option<Status>,
    owner: Option<Id>,
}

impl Messaging {
    /// Puts right what is not as it should be.
    pub(super) async fn mend(&self) -> Result<(), Error> {
        let routed = self.routed_queues().await?;
        let hand = self.in_hand().await?;
        self.mend_line(&routed, &hand).await?;
        self.mend_work(&hand).await?;
        self.return_unattended(&hand).await?;
        self.line_up_forgotten(&routed).await
    }

    async fn routed_queues(&self) -> Result<HashSet<Id>, Error> {
        let mut queues = HashSet::new();
        let soql = "SELECT Id FROM Group WHERE QueueRoutingConfigId != null ORDER BY Id";
        self.every(soql, |row| queues.extend(row.id("Id"))).await?;
        Ok(queues)
    }

    async fn in_hand(&self) -> Result<Vec<InHand>, Error> {
        let soql = format!(
            "SELECT {}, WorkItem.Status, WorkItem.OwnerId FROM AgentWork \
             WHERE Status IN ('Assigned', 'Opened') ORDER BY Id",
            work::FIELDS
        );
        let mut hand = Vec::new();
        self.every(&soql, |row| {
            hand.extend(work::work_of(row).map(|work| InHand {
                work,
                status: Status::of(row.text("WorkItem.Status")),
                owner: row.id("WorkItem.OwnerId"),
            }));
        })
        .await?;
        Ok(hand)
    }

    /// Takes out of line who does not wait any more, or whose queue is not routed any more; lets those who
    /// wait for an agent who is not there go to the queue.
    async fn mend_line(&self, routed: &HashSet<Id>, hand: &[InHand]) -> Result<(), Error> {
        let soql = format!(
            "SELECT {}, IsPushed, WorkItem.Status FROM PendingServiceRouting ORDER BY Id",
            line::FIELDS
        );
        let mut line = Vec::new();
        self.every(&soql, |row| {
            line.extend(line::pending_of(row).map(|pending| InLine {
                pending,
                status: Status::of(row.text("WorkItem.Status")),
                is_pushed: row.get("IsPushed").is_true(),
            }));
        })
        .await?;
        let now = self.org().now();
        let agents = self.agents().await?.into_iter();
        let there: HashMap<Id, Agent> = agents
            .filter(|agent| !agent.is_away && !agent.is_silent(now))
            .map(|agent| (agent.user, agent))
            .collect();
        let offered: HashSet<Id> = hand.iter().map(|hand| hand.work.session).collect();
        for place in &line {
            let mended = self.mend_place(place, routed, &there, &offered).await;
            passed_over(mended, place.pending.session)?;
        }
        Ok(())
    }

    async fn mend_place(
        &self,
        place: &InLine,
        routed: &HashSet<Id>,
        there: &HashMap<Id, Agent>,
        offered: &HashSet<Id>,
    ) -> Result<(), Error> {
        let pending = &place.pending;
        let system = self.org().system();
        let mut write = self.org().together(&system);
        let is_routed = pending.queue.is_some_and(|queue| routed.contains(&queue));
        let agent = pending.agent.and_then(|agent| there.get(&agent));
        let has_agent = agent.is_some_and(|agent| pending.can_be_theirs(agent));
        if place.status != Some(Status::Waiting) {
            self.leave_line(&mut write, pending).await?;
        } else if place.is_pushed {
            if offered.contains(&pending.session) {
                return Ok(());
            }
            self.back_in_line(&mut write, pending).await?;
        } else if pending.model == Model::External {
            if !self.is_routed_externally(pending.session).await? {
                let why = "the routing of its channel is this server's now";
                self.take_over(&system, pending, why).await?;
            }
            return Ok(());
        } else if !pending.is_theirs && !is_routed {
            self.leave_line(&mut write, pending).await?;
        } else if pending.is_theirs && !has_agent && pending.queue.is_some() {
            self.back_in_line(&mut write, pending).await?;
        } else {
            return Ok(());
        }
        // Whoever was faster has put it right, or it is looked at again.
        write.commit().await?;
        Ok(())
    }

    /// Brings work to where its session is.
    async fn mend_work(&self, hand: &[InHand]) -> Result<(), Error> {
        for hand in hand {
            passed_over(self.mend_one(hand).await, hand.work.session)?;
        }
        Ok(())
    }

    async fn mend_one(&self, hand: &InHand) -> Result<(), Error> {
        let system = self.org().system();
        let mut write = self.org().together(&system);
        let session = hand.work.session;
        match (hand.status, hand.work.is_opened) {
            (Some(Status::Waiting), false) => return Ok(()),
            (Some(Status::Active), true) if hand.owner == Some(hand.work.user) => return Ok(()),
            (Some(Status::Active), _) => match hand.owner.filter(|owner| is_user(*owner)) {
                Some(owner) => {
                    self.work_follows(&mut write, session, Status::Active, owner)
                        .await?;
                }
                None => {
                    self.work_ends(&mut write, session, Turn::Transferred)
                        .await?;
                }
            },
            (_, true) => self.turn(&mut write, &hand.work, Turn::Closed).await?,
            (_, false) => self.turn(&mut write, &hand.work, Turn::Canceled).await?,
        }
        write.commit().await?;
        Ok(())
    }

    /// Sessions whose agents are gone for too long wait again, where their queue says so.
    async fn return_unattended(&self, hand: &[InHand]) -> Result<(), Error> {
        let now = self.org().now();
        let mut gone: HashMap<Id, Option<Timestamp>> = HashMap::new();
        for hand in hand.iter().filter(|hand| hand.work.is_opened) {
            let work = &hand.work;
            let Some(queue) = work.queue else { continue };
            if hand.status != Some(Status::Active) || hand.owner != Some(work.user) {
                continue;
            }
            let since = match gone.get(&work.user) {
                Some(since) => *since,
                None => self.gone_since(work.user).await?,
            };
            gone.insert(work.user, since);
            let Some(since) = since.max(work.accepted.filter(|_| since.is_some())) else {
                continue;
            };
            let Some(limit) = self
                .routed(queue)
                .await?
                .and_then(|routed| routed.unattended)
            else {
                continue;
            };
            if now.duration_since(since) >= limit {
                passed_over(self.give_back(work, queue).await, work.session)?;
            }
        }
        Ok(())
    }

    /// Since when a user is offline; none while they are not, or if they never were anything else.
    pub(super) async fn gone_since(&self, user: Id) -> Result<Option<Timestamp>, Error> {
        if self.agent(user).await?.is_some() {
            return Ok(None);
        }
        let soql = format!(
            "SELECT StatusEndDate FROM UserServicePresence WHERE UserId = {} AND \
             StatusEndDate != null ORDER BY StatusEndDate DESC, Id",
            literal(user.as_str())
        );
        let table = self.one(&soql).await?;
        Ok(table
            .first()
            .and_then(|row| row.get("StatusEndDate").as_datetime()))
    }

    async fn give_back(&self, work: &Work, queue: Id) -> Result<(), Error> {
        let soql = format!(
            "SELECT Id, Status, ConversationId FROM MessagingSession WHERE Id = {} AND \
             Status = 'Active' AND OwnerId = {}",
            literal(work.session.as_str()),
            literal(work.user.as_str())
        );
        let table = self.one(&soql).await?;
        // It was read a while ago: whoever has ended it or taken it over meanwhile was first.
        let Some(session) = table.first().and_then(session_of) else {
            return Ok(());
        };
        let mut session = self.with_place(session).await?;
        let system = self.org().system();
        let mut write = self.org().together(&system);
        let handing = Handing {
            session: &mut session,
            owner: queue,
            place: Place {
                queue: Some(queue),
                ..Place::default()
            },
            turn: Turn::Unavailable,
            by: (None, ""),
            text: "Back in the queue: its agent is gone",
            is_answered: false,
        };
        self.hand_on(&mut write, handing).await?;
        write.commit().await?;
        info!(session = %work.session, "a session waits again, its agent is gone");
        Ok(())
    }

    /// Puts in line who waits in a queue that is routed, and is in no line: their queue has only now become
    /// one, or they have come past every verb.
    async fn line_up_forgotten(&self, routed: &HashSet<Id>) -> Result<(), Error> {
        if routed.is_empty() {
            return Ok(());
        }
        let mut queues: Vec<_> = routed.iter().map(|id| literal(id.as_str())).collect();
        queues.sort();
        let soql = format!(
            "SELECT Id, OwnerId, StartTime FROM MessagingSession WHERE Status = 'Waiting' AND OwnerId IN ({}) \
             AND MessagingChannel.RoutingOwner != 'Partner' AND Id NOT IN (SELECT WorkItemId FROM PendingServiceRouting) ORDER BY StartTime, Id",
            queues.join(", ")
        );
        let system = self.org().system();
        let table = self.org().browse(&system, &soql, None, LINED_UP_MAX);
        let forgotten = |row: Cells<'_>| {
            let since = row.get("StartTime").as_datetime();
            Some((row.id("Id")?, row.id("OwnerId")?, since))
        };
        for (session, queue, since) in table.await?.rows().filter_map(forgotten) {
            let place = Place {
                queue: Some(queue),
                since,
                ..Place::default()
            };
            passed_over(self.line_up_one(session, queue, place).await, session)?;
        }
        Ok(())
    }

    async fn line_up_one(&self, session: Id, queue: Id, place: Place) -> Result<(), Error> {
        let system = self.org().system();
        let mut write = self.org().together(&system);
        self.line_up(&mut write, session, place).await?;
        let expected = [
            ("Status", Value::from("Waiting")),
            ("OwnerId", Value::Id(queue)),
        ];
        let draft = Draft::new();
        write
            .update(&system, "MessagingSession", session, &draft, &expected)
            .await?;
        write.commit().await?;
        Ok(())
    }
}

fn is_user(id: Id) -> bool {
    id.as_str().starts_with("005")
}
