//! What has happened, from the change log: every change in the order of the commits, held against what may
//! never be.

use std::collections::{BTreeMap, BTreeSet};

use headwater_catalogue::{Id, Value};
use headwater_messaging::Status;
use headwater_records::Org;
use jiff::{SignedDuration, Timestamp};

/// How long a customer of the model may be silent, and how long their session rests.
pub(super) const SILENCE: SignedDuration = SignedDuration::from_mins(10);
pub(super) const REST: SignedDuration = SignedDuration::from_hours(1);

/// A session, as far as the log has come.
struct Known {
    user: Option<Id>,
    status: Status,
    since: Timestamp,
    heard: Timestamp,
}

/// All that has happened.
#[derive(Default)]
pub(super) struct Chronicle {
    sessions: BTreeMap<Id, Known>,
    open: BTreeMap<Id, Id>,
    /// In which session each message of a customer is.
    messages: BTreeMap<String, Vec<Id>>,
    /// Where each message of an agent is on its way.
    ways: BTreeMap<Id, String>,
    /// Resting sessions that their customer has written in, within one write.
    unheard: BTreeSet<Id>,
    transaction: i64,
    pub(super) wrongs: Vec<String>,
}

impl Chronicle {
    /// Reads the log of an org from its beginning.
    pub(super) async fn of(org: &Org) -> Self {
        let mut chronicle = Self::default();
        let mut after = 0;
        loop {
            let changes = org.store().changes(after, 1_000).await.unwrap();
            let Some(last) = changes.last() else {
                chronicle.end_of_write(0);
                return chronicle;
            };
            after = last.replay_id;
            let system = org.system().user;
            for change in &changes {
                chronicle.end_of_write(change.transaction);
                let fields: BTreeMap<&str, &Value> = change
                    .fields
                    .iter()
                    .map(|(name, value)| (name.as_str(), value))
                    .collect();
                let by_itself = change.actor == system;
                match change.object.as_str() {
                    "MessagingSession" => {
                        chronicle.session(change.record, &fields, change.at, by_itself);
                    }
                    "ConversationEntry" => chronicle.entry(change.record, &fields, change.at),
                    _ => {}
                }
            }
        }
    }

    /// The sessions that hold a message of a customer.
    pub(super) fn holds(&self, message: &str) -> usize {
        self.messages.get(message).map_or(0, Vec::len)
    }

    fn end_of_write(&mut self, next: i64) {
        if next == self.transaction {
            return;
        }
        self.transaction = next;
        for session in std::mem::take(&mut self.unheard) {
            self.wrongs
                .push(format!("{session} rests, and its customer has written"));
        }
    }

    fn session(&mut self, id: Id, fields: &BTreeMap<&str, &Value>, at: Timestamp, by_itself: bool) {
        let Some(status) = fields.get("Status").and_then(|status| status.as_text()) else {
            return;
        };
        let status = Status::of(status).unwrap();
        if let Some(known) = self.sessions.get_mut(&id) {
            let was = known.status;
            if !was.leads_to(status) {
                self.wrongs
                    .push(format!("{id} goes from {was:?} to {status:?}"));
            }
            let ended_by = fields.get("EndedByType").and_then(|by| by.as_text());
            if by_itself && status == Status::Inactive && at.duration_since(known.heard) < SILENCE {
                self.wrongs.push(format!("{id} rests too early"));
            }
            if was == Status::Inactive
                && ended_by == Some("System")
                && at.duration_since(known.since) < REST
            {
                self.wrongs.push(format!("{id} ends too early"));
            }
            known.status = status;
            known.since = at;
            self.unheard.remove(&id);
        } else {
            let known = Known {
                user: fields
                    .get("MessagingEndUserId")
                    .and_then(|user| user.as_id()),
                status,
                since: at,
                heard: at,
            };
            self.sessions.insert(id, known);
        }
        let Some(user) = self.sessions[&id].user else {
            self.wrongs.push(format!("{id} is nobody's"));
            return;
        };
        if status.is_over() {
            self.open.remove(&user);
        } else if let Some(other) = self.open.insert(user, id).filter(|other| *other != id) {
            self.wrongs
                .push(format!("{user} has {other} and {id} open"));
        }
    }

    fn entry(&mut self, id: Id, fields: &BTreeMap<&str, &Value>, at: Timestamp) {
        let text = |field: &str| fields.get(field).and_then(|value| value.as_text());
        if let Some(status) = text("MessageStatus") {
            self.way(id, status);
        }
        if text("ActorType") != Some("EndUser") || text("EntryType") != Some("Text") {
            return;
        }
        let session = fields.get("ConversationId").and_then(|id| id.as_id());
        let session = session.unwrap();
        let message = text("MessageIdentifier").unwrap().to_owned();
        self.messages.entry(message).or_default().push(session);
        let known = self.sessions.get_mut(&session).unwrap();
        known.heard = at;
        if known.status.is_over() {
            self.wrongs
                .push(format!("{session} is over, and its customer writes in it"));
        }
        // The server answers a word by itself, and nobody has to be there for it.
        if known.status == Status::Inactive && text("Message") != Some("START") {
            self.unheard.insert(session);
        }
    }

    fn way(&mut self, id: Id, status: &str) {
        const WAY: [&str; 5] = ["Pending", "Sent", "Error", "Delivered", "Read"];
        let place = |status: &str| WAY.iter().position(|one| *one == status);
        if let Some(was) = self.ways.insert(id, status.to_owned())
            // An agent has it sent again.
            && (was.as_str(), status) != ("Error", "Pending")
            && place(&was) > place(status)
        {
            self.wrongs
                .push(format!("{id} goes from {was} to {status}"));
        }
    }
}
