//! What is not as it should be, when nobody is there who could be offered anything.

use std::collections::{BTreeMap, BTreeSet};

use super::chronicle::Chronicle;
use super::steps::Play;

/// What is still to be done.
pub(super) async fn left_undone(play: &Play) -> Vec<String> {
    let stage = &play.floor.stage;
    let mut left = Vec::new();
    // A report on a message that nobody has sent waits for it.
    let events = "SELECT EventKey, State, ErrorMessage FROM InboundEvent WHERE State != 'Done'";
    for row in stage.rows(events).await.rows() {
        let (event, is) = (row.text("EventKey"), row.text("State"));
        if is != "Waiting" {
            left.push(format!("{event} is {is}: {}", row.text("ErrorMessage")));
        }
    }
    let pending = "SELECT Message FROM ConversationEntry WHERE MessageStatus = 'Pending'";
    for message in stage.texts(pending, "Message").await {
        left.push(format!("'{message}' is on its way still"));
    }
    left.extend(line(play).await);
    left
}

async fn line(play: &Play) -> Vec<String> {
    let stage = &play.floor.stage;
    let mut wrongs = Vec::new();
    let line = stage
        .rows("SELECT WorkItemId, IsPushed FROM PendingServiceRouting")
        .await;
    let mut in_line = BTreeSet::new();
    for row in line.rows() {
        in_line.insert(row.id("WorkItemId"));
        if row.get("IsPushed").is_true() {
            wrongs.push(format!("{:?} is offered to nobody", row.id("WorkItemId")));
        }
    }
    let work = stage
        .rows("SELECT WorkItemId, UserId, Status FROM AgentWork WHERE Status IN ('Assigned', 'Opened')")
        .await;
    let mut opened = BTreeMap::new();
    for row in work.rows() {
        if row.text("Status") == "Assigned" {
            wrongs.push(format!("{:?} waits for nobody", row.id("WorkItemId")));
        }
        opened.insert(row.id("WorkItemId"), row.id("UserId"));
    }
    let sessions = stage
        .rows("SELECT Id, Status, OwnerId FROM MessagingSession WHERE Status NOT IN ('Ended', 'Error')")
        .await;
    for row in sessions.rows() {
        let (id, status) = (row.id("Id"), row.text("Status"));
        if (status == "Waiting") != in_line.remove(&id) {
            wrongs.push(format!("{id:?} is {status}, and its place in line is not"));
        }
        let agent = opened.remove(&id).flatten();
        let owner = row.id("OwnerId").filter(|_| status == "Active");
        if agent != owner {
            wrongs.push(format!("{id:?} is {status} and {agent:?}'s work"));
        }
    }
    wrongs.extend(
        in_line
            .iter()
            .map(|id| format!("{id:?} is over and in line")),
    );
    wrongs.extend(opened.keys().map(|id| format!("{id:?} is over and work")));
    wrongs
}

/// What has happened that may not, and what has not that should.
pub(super) async fn of(play: &Play) -> Vec<String> {
    let stage = &play.floor.stage;
    let chronicle = Chronicle::of(stage.server.org()).await;
    let held = |message: &&String| chronicle.holds(message) != 1;
    let lost = play.written.iter().filter(held);
    let mut wrongs: Vec<_> = lost
        .map(|message| format!("{message} is there {} times", chronicle.holds(message)))
        .collect();
    wrongs.extend(chronicle.wrongs);
    let taken = stage.carrier.taken.lock().unwrap().clone();
    let soql = "SELECT Id, Message, MessageStatus FROM ConversationEntry WHERE ActorType = 'Agent' AND \
                EntryType = 'Text'";
    let mut said = BTreeSet::new();
    for row in stage.rows(soql).await.rows() {
        let (text, status) = (row.text("Message"), row.text("MessageStatus"));
        said.insert(text.to_owned());
        let is_taken = taken.iter().any(|one| Some(one.id) == row.id("Id"));
        if !is_taken && status != "Error" {
            wrongs.push(format!("'{text}' is {status} and was never handed over"));
        }
    }
    let unsaid = play.answered.iter().filter(|text| !said.contains(*text));
    wrongs.extend(unsaid.map(|text| format!("'{text}' was taken and is not there")));
    let soql = "SELECT Id, EndUserContactId, MessagingEndUser.ContactId, EndUserAccountId, \
                MessagingEndUser.AccountId FROM MessagingSession";
    for row in stage.rows(soql).await.rows() {
        let is_same = row.id("EndUserContactId") == row.id("MessagingEndUser.ContactId")
            && row.id("EndUserAccountId") == row.id("MessagingEndUser.AccountId");
        if !is_same {
            wrongs.push(format!("{:?} is somebody else's", row.id("Id")));
        }
    }
    wrongs
}
