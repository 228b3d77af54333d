//! What can happen next.

use std::time::Duration;

use headwater_catalogue::Id;
use headwater_messaging::{
    Again, Arrival, DeliveryState, Error, Inbound, Message, Target, Undelivered,
};
use headwater_records::relink::{Change, RelinkRequest};
use headwater_records::{Caller, Error as RecordsError};
use jiff::SignedDuration;

use super::chronicle::{REST, SILENCE};
use super::dice::Dice;
use crate::floor::Floor;
use crate::stage::{Node, Stage, written};

/// Customers.
const CUSTOMERS: usize = 8;

/// What has happened until now, and who can do what next.
pub(super) struct Play {
    pub(super) floor: Floor,
    /// Another node on the same database.
    second: Node,
    agents: Vec<Caller>,
    contacts: Vec<Id>,
    dice: Dice,
    /// What customers have written and the carrier was told is kept.
    pub(super) written: Vec<String>,
    /// What agents have written and were told is on its way.
    pub(super) answered: Vec<String>,
    /// What came in, to come in again.
    known: Vec<Inbound>,
    /// What a carrier holds back, to come in after what was written later.
    held_back: Vec<Inbound>,
    number: usize,
}

/// What came too late or was not to be is a refusal, and nothing else went wrong.
#[track_caller]
fn fine<T: std::fmt::Debug>(done: &Result<T, Error>) {
    let is_refusal = matches!(
        done,
        Ok(_)
            | Err(Error::Routing(_)
                | Error::WrongStatus { .. }
                | Error::OptedOut { .. }
                | Error::NotFailed
                | Error::Records(RecordsError::NotFound(_) | RecordsError::Changed { .. }))
    );
    assert!(is_refusal, "{done:?}");
}

impl Play {
    pub(super) async fn begin(dice: Dice) -> Self {
        let stage = Stage::set_with(&[
            ("InactivityMinutes", SILENCE.as_mins().into()),
            ("AutoEndHours", REST.as_hours().into()),
            ("ConversationEndResponse", "Goodbye".into()),
        ])
        .await;
        let floor = Floor::on(stage, &[("UnattendedTimeout", 60_i64.into())]).await;
        let agents = vec![
            floor.available("Ada").await,
            floor.available("Bob").await,
            floor.hire("Eve").await,
        ];
        let server = &floor.stage.server;
        let account = server.account("Sample").await;
        let contacts = vec![
            server.contact("Avery", Some(account)).await,
            server.contact("Blair", None).await,
        ];
        Self {
            second: Node::of(server, &floor.stage.carrier),
            floor,
            agents,
            contacts,
            dice,
            written: Vec::new(),
            answered: Vec::new(),
            known: Vec::new(),
            held_back: Vec::new(),
            number: 0,
        }
    }

    /// One thing happens, or two at once.
    pub(super) async fn step(mut self) -> Self {
        self.number += 1;
        match self.dice.below(20) {
            0..=4 => self.customer_does().await,
            5 | 6 => self.agent_answers_offers().await,
            7 => self.presence_changes().await,
            8 => self.passes(15).await,
            9 => self.time_jumps(),
            10 => self.carrier_does().await,
            11 => return self.somebody_ends().await,
            12 => self.relinks().await,
            13 => self.both_at_once().await,
            14 => self.agent_writes().await,
            _ => self.agent_moves().await,
        }
        self
    }

    fn agent(&mut self) -> Caller {
        self.dice.one_of(&self.agents).clone()
    }

    fn message(&mut self, text: &str) -> Inbound {
        let from = format!("+120255500{:02}", self.dice.below(CUSTOMERS));
        self.number += 1;
        written(&from, &format!("M{}", self.number), text, None)
    }

    async fn comes_in(&mut self, inbound: Inbound) {
        let stage = &self.floor.stage;
        // Either node may be who the carrier tells.
        let node = if self.dice.below(2) == 0 {
            &stage.messaging
        } else {
            &self.second.messaging
        };
        node.accept(stage.channel, &inbound).await.unwrap();
        self.known.push(inbound.clone());
        if let Arrival::Message { id, .. } = inbound.what
            && !self.written.contains(&id)
        {
            self.written.push(id);
        }
    }

    async fn customer_does(&mut self) {
        let text =
            *self
                .dice
                .one_of(&["Hello", "Hello", "Where is it?", "Thanks", "STOP", "START"]);
        let mut inbound = self.message(text);
        match self.dice.below(12) {
            0 => inbound.what = Arrival::End,
            1 => {
                let is_given = self.dice.below(2) == 0;
                inbound.what = Arrival::Consent { is_given };
            }
            2 => return self.held_back.push(inbound),
            3 => {
                // More than one before anybody has looked.
                let mut second = self.message("And another thing");
                second.address.clone_from(&inbound.address);
                self.comes_in(second).await;
            }
            _ => {}
        }
        self.comes_in(inbound).await;
    }

    /// Delivers again, delivers what was held back, reports, and fails.
    async fn carrier_does(&mut self) {
        match self.dice.below(4) {
            0 if !self.known.is_empty() => {
                let again = self.dice.one_of(&self.known).clone();
                self.comes_in(again).await;
            }
            1 if !self.held_back.is_empty() => {
                let place = self.dice.below(self.held_back.len());
                let late = self.held_back.swap_remove(place);
                self.comes_in(late).await;
            }
            2 => {
                let again = *self
                    .dice
                    .one_of(&[Again::Later, Again::Later, Again::Never]);
                let failure = Undelivered::for_good("30001", "Not now").again(again);
                let carrier = &self.floor.stage.carrier;
                carrier.failures.lock().unwrap().push_back(failure);
            }
            _ => {
                let taken = self.floor.stage.carrier.taken.lock().unwrap().len();
                let message = format!("SM{}", 1 + self.dice.below(taken + 2));
                let state = *self.dice.one_of(&[
                    DeliveryState::Sent,
                    DeliveryState::Delivered,
                    DeliveryState::Read,
                    DeliveryState::Failed,
                ]);
                let report = Inbound::report(&message, state, Some("30003".to_owned()));
                self.comes_in(report).await;
            }
        }
    }

    async fn agent_answers_offers(&mut self) {
        let agent = self.agent();
        let messaging = self.floor.messaging();
        for offer in messaging.offers(&agent).await.unwrap() {
            let work = offer.work.to_string();
            match self.dice.below(3) {
                0 => fine(&messaging.decline_offer(&agent, &work, None).await),
                _ => fine(&messaging.accept_offer(&agent, &work).await),
            }
        }
    }

    async fn presence_changes(&mut self) {
        let agent = self.agent();
        let status = [Some("Available"), Some("Available"), Some("Busy"), None];
        let status = *self.dice.one_of(&status);
        self.floor.becomes(&agent, status).await;
    }

    async fn agent_writes(&mut self) {
        let Some(session) = self.any_session().await else {
            return;
        };
        let agent = self.agent();
        let text = format!("Answer {}", self.number);
        let message = Message {
            text: text.clone(),
            id: Some(format!("A{}", self.number)),
            ..Message::default()
        };
        let sent = self
            .floor
            .messaging()
            .send(&agent, &session, &message)
            .await;
        fine(&sent);
        if sent.is_ok() {
            self.answered.push(text);
        }
        let failed = "SELECT Id FROM ConversationEntry WHERE MessageStatus = 'Error'";
        let failed = self.floor.stage.rows(failed).await;
        if let Some(entry) = failed.first().and_then(|row| row.id("Id")) {
            fine(&self.floor.messaging().send_again(&agent, entry).await);
        }
    }

    async fn agent_moves(&mut self) {
        let Some(session) = self.any_session().await else {
            return;
        };
        let agent = self.agent();
        let colleague = self.agent().user;
        let messaging = self.floor.messaging();
        let queue = Target::Queue(self.floor.queue);
        match self.dice.below(5) {
            0 => fine(&messaging.end(&agent, &session).await),
            1 => fine(&messaging.let_rest(&agent, &session).await),
            2 => fine(&messaging.take(&agent, &session).await),
            3 => fine(&messaging.transfer(&agent, &session, queue, None).await),
            _ => {
                let to = Target::Agent(colleague);
                fine(
                    &messaging
                        .transfer(&agent, &session, to, Some("Please"))
                        .await,
                );
            }
        }
    }

    /// A customer writes while something else happens in their session.
    async fn both_at_once(&mut self) {
        let Some(session) = self.any_session().await else {
            return;
        };
        let soql = format!(
            "SELECT MessagingEndUser.MessagingPlatformKey FROM MessagingSession WHERE Id = '{session}'"
        );
        let key = "MessagingEndUser.MessagingPlatformKey";
        let whose = self.floor.stage.texts(&soql, key).await;
        let agent = self.agent();
        let mut inbound = self.message("At the same moment");
        inbound.address.clone_from(&whose[0]);
        self.comes_in(inbound).await;
        let which = self.dice.below(4);
        let (clock, messaging) = (self.floor.stage.server.clock(), self.floor.messaging());
        match which {
            0 => fine(&messaging.end(&agent, &session).await),
            1 => fine(&messaging.let_rest(&agent, &session).await),
            2 => {
                clock.advance(SILENCE);
            }
            _ => {
                clock.advance(REST);
            }
        }
    }

    async fn relinks(&mut self) {
        let users = self
            .floor
            .stage
            .rows("SELECT Id FROM MessagingEndUser")
            .await;
        let users: Vec<Id> = users.rows().filter_map(|row| row.id("Id")).collect();
        if users.is_empty() {
            return;
        }
        let request = RelinkRequest {
            messaging_users: vec![self.dice.one_of(&users).to_string()],
            contact: match self.dice.below(3) {
                0 => Change::Clear,
                _ => Change::Set(self.dice.one_of(&self.contacts).to_string()),
            },
            reason: Some("They said so".to_owned()),
            ..RelinkRequest::default()
        };
        let org = self.floor.stage.server.org();
        org.relink(&org.system(), request).await.unwrap();
    }

    /// A node or the whole server is gone, in the middle of what it does.
    async fn somebody_ends(mut self) -> Self {
        tokio::time::sleep(Duration::from_micros(self.dice.below(3_000) as u64)).await;
        match self.dice.below(5) {
            0 => return self.all_ends().await,
            1 | 2 => self.floor.stage.fails(),
            _ => {
                let stage = &self.floor.stage;
                self.second = Node::of(&stage.server, &stage.carrier);
            }
        }
        self
    }

    async fn all_ends(self) -> Self {
        let Self {
            floor,
            second,
            mut agents,
            ..
        } = self;
        drop(second);
        let stage = floor.stage.crashes().await;
        for agent in &mut agents {
            *agent = stage.server.org().caller(agent.user).await.unwrap();
        }
        Self {
            second: Node::of(&stage.server, &stage.carrier),
            floor: Floor { stage, ..floor },
            agents,
            ..self
        }
    }

    fn time_jumps(&mut self) {
        let jumps = [61, 5 * 60, 11 * 60, 61 * 60, 3 * 60 * 60];
        let by = SignedDuration::from_secs(*self.dice.one_of(&jumps));
        self.floor.stage.server.clock().advance(by);
    }

    /// Time passes, and everybody is there still.
    pub(super) async fn passes(&self, seconds: i64) {
        let everybody: Vec<_> = self.agents.iter().collect();
        self.floor.passes(seconds, &everybody).await;
    }

    pub(super) async fn hold_back_no_more(&mut self) {
        while let Some(late) = self.held_back.pop() {
            self.comes_in(late).await;
        }
    }

    pub(super) async fn everybody_is_busy(&self) {
        for agent in &self.agents {
            self.floor.becomes(agent, Some("Busy")).await;
        }
    }

    async fn any_session(&mut self) -> Option<String> {
        let soql = "SELECT Id FROM MessagingSession WHERE Status NOT IN ('Ended', 'Error') \
                    ORDER BY StartTime, Id";
        let table = self.floor.stage.rows(soql).await;
        let ids: Vec<_> = table.rows().filter_map(|row| row.id("Id")).collect();
        (!ids.is_empty()).then(|| self.dice.one_of(&ids).to_string())
    }
}
