//! The demo's sessions with what was said in them.

use std::collections::HashMap;

use figment::Figment;
use figment::providers::{Format, Toml};
use figment::value::Dict;
use headwater_catalogue::Id;
use headwater_records::{Draft, Org};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::record::Surroundings;
use super::world::{Keyed, make};
use crate::administration::rows;
use crate::failure::{Context as _, Failure, Outcome};

const SESSIONS: &str = include_str!("sessions.toml");

/// The name of the user `agent` in the world's file.
const AGENT_NAME: &str = "Sasha Lindqvist";

#[derive(Debug, Deserialize)]
struct File {
    session: Vec<Told>,
}

/// A session as the file tells it.
#[derive(Debug, Deserialize)]
struct Told {
    user: String,
    start: String,
    lines: Vec<String>,
    #[serde(flatten)]
    fields: Dict,
}

/// A session on its way to become records.
struct Planned {
    key: String,
    user: Id,
    channel: Id,
    customer: String,
    status: String,
    lines: Vec<Line>,
    start: Timestamp,
    end: Timestamp,
    fields: Draft,
}

struct Line {
    actor: Actor,
    text: String,
    at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Actor {
    Customer,
    Agent,
    Bot,
    System,
}

/// Makes conversations, sessions, entries and participants, each kind after the one it refers to.
pub(super) async fn fill(org: &Org, ids: &HashMap<String, Id>) -> Outcome {
    let file: File = Figment::from(Toml::string(SESSIONS))
        .extract()
        .doing("the demo's sessions")?;
    let users = users(org).await?;
    let catalogue = org.catalogue();
    let surroundings = Surroundings {
        catalogue: &catalogue,
        now: org.now(),
        ids,
    };
    let mut planned = Vec::new();
    for (place, told) in file.session.iter().enumerate() {
        planned.push(plan(place, told, &surroundings, &users)?);
    }
    // Session names are numbers: the oldest session gets the first.
    planned.sort_by_key(|session| session.start);
    let agent = surroundings.id("agent")?;
    let queue = surroundings.id("queue")?;
    let conversations = planned.iter().map(Planned::conversation).collect();
    let conversations = make(
        org,
        "Conversation",
        &["ConversationIdentifier"],
        conversations,
    )
    .await?;
    let mut sessions = HashMap::new();
    for session in &planned {
        let draft = session.record(agent, queue, conversations.get(&session.key).copied());
        let drafts = vec![(session.key.clone(), draft)];
        sessions.extend(make(org, "MessagingSession", &["SessionKey"], drafts).await?);
    }
    let mut entries = Vec::new();
    let mut participants = Vec::new();
    for session in &planned {
        let id = sessions.get(&session.key).copied();
        let conversation = conversations.get(&session.key).copied();
        entries.extend(session.entries(id, conversation, agent));
        participants.extend(session.participants(conversation, agent));
    }
    make(org, "ConversationEntry", &["MessageIdentifier"], entries).await?;
    let told_by = ["ConversationId", "ParticipantKey"];
    make(org, "ConversationParticipant", &told_by, participants).await?;
    Ok(())
}

/// The Messaging Users: name and channel of each.
async fn users(org: &Org) -> Outcome<HashMap<Id, (String, Id)>> {
    let soql = "SELECT Id, Name, MessagingChannelId FROM MessagingEndUser";
    let mut users = HashMap::new();
    for row in rows(org, soql).await? {
        if let [id, name, channel] = row.as_slice()
            && let (Some(id), Some(name), Some(channel)) =
                (id.as_id(), name.as_text(), channel.as_id())
        {
            users.insert(id, (name.to_owned(), channel));
        }
    }
    Ok(users)
}

fn plan(
    place: usize,
    told: &Told,
    surroundings: &Surroundings<'_>,
    users: &HashMap<Id, (String, Id)>,
) -> Outcome<Planned> {
    let user = surroundings.id(told.user.trim_start_matches('@'))?;
    let (customer, channel) = users
        .get(&user)
        .cloned()
        .ok_or_else(|| Failure::broken(format!("the demo's {} is gone", told.user)))?;
    let start = surroundings.moment(&told.start)?;
    let lines = lines(&told.lines, start)?;
    let last = lines.last().map_or(start, |line| line.at);
    let status = told.fields.get("Status").and_then(|status| status.as_str());
    Ok(Planned {
        key: uuid(place),
        user,
        channel,
        customer,
        status: status.unwrap_or_default().to_owned(),
        fields: surroundings.draft("MessagingSession", &told.fields)?,
        lines,
        start,
        end: last + SignedDuration::from_secs(95),
    })
}

/// The lines with their times: the longer a line, the longer its writer took.
fn lines(told: &[String], start: Timestamp) -> Outcome<Vec<Line>> {
    let mut at = start;
    let mut lines = Vec::new();
    for line in told {
        let mut characters = line.chars();
        let actor = match characters.next() {
            Some('<') => Actor::Customer,
            Some('>') => Actor::Agent,
            Some('~') => Actor::Bot,
            Some('*') => Actor::System,
            _ => return Err(Failure::broken(format!("the demo's line '{line}'"))),
        };
        if !lines.is_empty() {
            let seconds = 12 + i64::try_from(line.len()).unwrap_or(60);
            at += SignedDuration::from_secs(seconds);
        }
        let text = characters.as_str().to_owned();
        lines.push(Line { actor, text, at });
    }
    Ok(lines)
}

/// The same key for the same place in the file, at every start.
fn uuid(place: usize) -> String {
    let mixed = (place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        mixed >> 32,
        mixed >> 16 & 0xffff,
        mixed >> 4 & 0xfff,
        mixed & 0xfff,
        mixed >> 8 & 0xffff_ffff_ffff,
    )
}

impl Planned {
    fn is_ended(&self) -> bool {
        self.status == "Ended"
    }

    fn conversation(&self) -> Keyed {
        let draft = Draft::new()
            .with("ConversationIdentifier", self.key.as_str())
            .with("StartTime", self.start)
            .with("EndTime", self.is_ended().then_some(self.end))
            .with("ConversationChannelId", self.channel);
        (self.key.clone(), draft)
    }

    fn record(&self, agent: Id, queue: Id, conversation: Option<Id>) -> Draft {
        let answered = self.lines.iter().find(|line| line.actor == Actor::Agent);
        let owner = if answered.is_some() || self.is_ended() {
            agent
        } else {
            queue
        };
        self.fields
            .clone()
            .with("MessagingEndUserId", self.user)
            .with("MessagingChannelId", self.channel)
            .with("ConversationId", conversation)
            .with("SessionKey", self.key.as_str())
            .with("StartTime", self.start)
            .with("AcceptTime", answered.map(|line| line.at))
            .with("EndTime", self.is_ended().then_some(self.end))
            .with("OwnerId", owner)
    }

    fn entries(&self, session: Option<Id>, conversation: Option<Id>, agent: Id) -> Vec<Keyed> {
        let mut entries = Vec::new();
        for (place, line) in self.lines.iter().enumerate() {
            let (actor_type, actor, name) = match line.actor {
                Actor::Customer => ("EndUser", Some(self.user), self.customer.as_str()),
                Actor::Agent => ("Agent", Some(agent), AGENT_NAME),
                Actor::Bot => ("Bot", None, "Box Bot"),
                Actor::System => ("System", None, "System"),
            };
            let key = format!("{}-{place}", self.key);
            let sequence = i64::try_from(place).unwrap_or_default() + 1;
            let draft = Draft::new()
                .with("ConversationId", session)
                .with("ConversationEntityId", conversation)
                .with("Seq", sequence)
                .with("EntryTime", line.at)
                .with("EntryType", "Text")
                .with("ActorType", actor_type)
                .with("ActorId", actor)
                .with("ActorName", name)
                .with("Message", line.text.as_str())
                .with("MessageStatus", "Read")
                .with("MessageIdentifier", key.as_str());
            entries.push((key, draft));
        }
        entries
    }

    fn participants(&self, conversation: Option<Id>, agent: Id) -> Vec<Keyed> {
        let people = [
            (
                Actor::Customer,
                self.user,
                "EndUser",
                self.customer.as_str(),
            ),
            (Actor::Agent, agent, "Agent", AGENT_NAME),
        ];
        let mut participants = Vec::new();
        for (actor, entity, role, name) in people {
            let mut said = self.lines.iter().filter(|line| line.actor == actor);
            let Some(first) = said.next() else {
                continue;
            };
            let last = said.next_back().unwrap_or(first);
            let key = format!("{}-{role}", self.key);
            let draft = Draft::new()
                .with("ConversationId", conversation)
                .with("ParticipantEntityId", entity)
                .with("ParticipantKey", key.as_str())
                .with("ParticipantRole", role)
                .with("ParticipantDisplayName", name)
                .with("JoinedTime", first.at)
                .with("LastActiveTime", last.at)
                .with("LeftTime", self.is_ended().then_some(self.end));
            participants.push((key, draft));
        }
        participants
    }
}
