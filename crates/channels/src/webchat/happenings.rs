//! What a change means to web clients: something was said, or a session stands otherwise.

use std::collections::HashMap;

use headwater_catalogue::Id;
use headwater_records::{Error, Notice, literal};

use super::entries::{self, Told};
use super::fanout::{Event, SESSIONS_MAX, Stand, Streams, Whose, event};

impl Streams {
    /// What a client has missed since an event, as far as the change log goes back: what was said, and how
    /// its sessions that have changed stand by now.
    pub(super) async fn missed(
        &self,
        channel: Id,
        subject: &str,
        mut after: i64,
    ) -> Result<Vec<Event>, Error> {
        let mut missed = Vec::new();
        let mut changed: HashMap<Id, (i64, Whose)> = HashMap::new();
        loop {
            let notices = self.org.notices(after).await?;
            let Some(last) = notices.last() else {
                break;
            };
            after = last.replay_id;
            for notice in &notices {
                let Some(whose) = self.concerned(notice).await else {
                    continue;
                };
                if whose.channel != channel || *whose.subject != *subject {
                    continue;
                }
                let id = Some(notice.replay_id);
                if notice.object == "MessagingSession" {
                    changed.insert(notice.record, (notice.replay_id, whose));
                } else if let Some(told) = self.said(notice.record, &whose).await {
                    missed.push(event(&told, &whose, id));
                }
            }
        }
        for (session, (id, whose)) in changed {
            if let Some(stand) = self.stand(session).await {
                let told = self.moves(session, &whose, None, &stand);
                missed.extend(told.iter().map(|told| event(told, &whose, Some(id))));
            }
        }
        missed.sort_by_key(|event| event.id);
        Ok(missed)
    }

    /// What a change that has just happened means, and to whom.
    pub(super) async fn events(&self, notice: &Notice) -> Vec<(Whose, Event)> {
        let Some(whose) = self.concerned(notice).await else {
            return Vec::new();
        };
        let told = if notice.object == "MessagingSession" {
            self.moved(notice.record, &whose).await
        } else {
            let said = self.said(notice.record, &whose).await;
            said.into_iter().collect()
        };
        told.iter()
            .map(|told| (whose.clone(), event(told, &whose, Some(notice.replay_id))))
            .collect()
    }

    /// Whose session a change is about; nobody's when it means nothing to web clients. An entry that
    /// changes later, as when it is delivered, refers to nothing anew.
    async fn concerned(&self, notice: &Notice) -> Option<Whose> {
        let session = match &*notice.object {
            "MessagingSession" => notice.record,
            "ConversationEntry" => *notice.parents.iter().find(|id| is_session(**id))?,
            _ => return None,
        };
        self.whose(session).await
    }

    /// A new entry.
    async fn said(&self, entry: Id, whose: &Whose) -> Option<Told> {
        let system = self.org.system();
        let entry = self.messaging.entry(&system, entry).await.ok()??;
        entries::message(&entry, (&whose.subject, &whose.conversation), &self.base)
    }

    /// How a session stands otherwise than when it was last told.
    async fn moved(&self, session: Id, whose: &Whose) -> Vec<Told> {
        let Some(stand) = self.stand(session).await else {
            return Vec::new();
        };
        let was = {
            let mut listening = self.lock();
            if listening.told.len() >= SESSIONS_MAX {
                listening.told.clear();
            }
            listening.told.insert(session, stand.clone())
        };
        self.moves(session, whose, was.as_ref(), &stand)
    }

    /// What happened between two stands of a session.
    fn moves(&self, session: Id, whose: &Whose, was: Option<&Stand>, is: &Stand) -> Vec<Told> {
        let (session, at) = (session.as_str(), self.org.now());
        let mut told = Vec::new();
        // What was told before this node began is not known; who was on it at its end is.
        let before = was.map_or(is.last_agent.as_ref(), |was| was.agent.as_ref());
        if before != is.agent.as_ref() {
            let left = before.map(|(id, name)| ("remove", id, name));
            let joined = is.agent.as_ref().map(|(id, name)| ("add", id, name));
            for (operation, id, name) in left.into_iter().chain(joined) {
                told.push(entries::participant(
                    session,
                    operation,
                    (id.as_str(), name),
                    at,
                ));
            }
        }
        let status = was.map(|was| was.status.as_str());
        if status != Some(is.status.as_str()) {
            let place = (&*whose.deployment, &*whose.conversation);
            told.insert(0, entries::status(session, (&is.status, status), place, at));
        }
        told
    }

    async fn stand(&self, session: Id) -> Option<Stand> {
        let soql = format!(
            "SELECT Status, AcceptTime, OwnerId, Owner.Name FROM MessagingSession WHERE Id = {}",
            literal(session.as_str())
        );
        let system = self.org.system();
        let table = self.org.browse(&system, &soql, None, 1).await.ok()?;
        let row = table.first()?;
        let status = row.text("Status");
        let owner = row.id("OwnerId").filter(|owner| is_person(*owner));
        let owner = owner.map(|owner| (owner, row.text("Owner.Name").to_owned()));
        let was_accepted = !row.get("AcceptTime").is_null();
        // Whoever owns a session that waits is not on it.
        let is_on = matches!(status, "Active" | "Paused" | "Inactive");
        let was_on = status == "Ended" && was_accepted;
        Some(Stand {
            status: status.to_owned(),
            agent: owner.clone().filter(|_| is_on),
            last_agent: owner.filter(|_| was_on),
        })
    }

    /// Whose a session is; none for those of other channels than the web.
    pub(super) async fn whose(&self, session: Id) -> Option<Whose> {
        if let Some(known) = self.lock().sessions.get(&session) {
            return Some(known.clone());
        }
        let soql = format!(
            "SELECT MessagingChannelId, MessagingChannel.DeveloperName, ChannelType, \
             MessagingEndUser.MessagingPlatformKey, Conversation.ConversationIdentifier \
             FROM MessagingSession WHERE Id = {}",
            literal(session.as_str())
        );
        let system = self.org.system();
        let table = self.org.browse(&system, &soql, None, 1).await.ok()?;
        let row = table.first()?;
        if row.text("ChannelType") != "EmbeddedMessaging" {
            return None;
        }
        let whose = Whose {
            channel: row.id("MessagingChannelId")?,
            subject: row.text("MessagingEndUser.MessagingPlatformKey").into(),
            deployment: row.text("MessagingChannel.DeveloperName").into(),
            conversation: row.text("Conversation.ConversationIdentifier").into(),
        };
        let mut listening = self.lock();
        if listening.sessions.len() >= SESSIONS_MAX {
            listening.sessions.clear();
        }
        listening.sessions.insert(session, whose.clone());
        Some(whose)
    }
}

fn is_session(id: Id) -> bool {
    id.as_str().starts_with("0Mw")
}

fn is_person(id: Id) -> bool {
    id.as_str().starts_with("005")
}
