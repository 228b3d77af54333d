//! Those who write to both nodes, and what they are told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::nodes::{Answer, Door, Nodes};

const WRITERS: usize = 24;
const ACCOUNTS: usize = 5;

/// Longest time to an answer, whatever happens to the database.
const ANSWER_MAX: Duration = Duration::from_secs(15);

/// How long a writer that was refused waits.
const PAUSE: Duration = Duration::from_millis(50);

/// What the writers write about.
pub(crate) struct World {
    channel: String,
    accounts: Arc<Vec<String>>,
    pub(crate) users: Vec<String>,
}

impl World {
    pub(crate) async fn make(nodes: &Nodes) -> Self {
        let door = &nodes.doors[0];
        let channel = json!({
            "DeveloperName": "Line", "MasterLabel": "Line", "MessageType": "Text",
            "MessagingPlatformKey": "+12025550100", "IsActive": true,
        });
        let channel = door.create("MessagingChannel", &channel).await;
        let mut accounts = Vec::new();
        for number in 0..ACCOUNTS {
            let account = json!({ "Name": format!("Account {number}") });
            accounts.push(door.create("Account", &account).await);
        }
        let mut users = Vec::new();
        for number in 0..WRITERS {
            let user = json!({
                "Name": mark(number, 0), "MessagingChannelId": channel, "MessageType": "Text",
                "MessagingPlatformKey": format!("+1202555{number:04}"), "AccountId": accounts[0],
            });
            users.push(door.create("MessagingEndUser", &user).await);
        }
        let accounts = Arc::new(accounts);
        Self {
            channel,
            accounts,
            users,
        }
    }

    /// Half of them write to each node, until the progress ends.
    pub(crate) fn writers(&self, nodes: &Nodes, progress: &Arc<Progress>) -> JoinSet<Told> {
        let mut writers = JoinSet::new();
        for (number, user) in self.users.iter().enumerate() {
            let node = number % nodes.doors.len();
            let writer = Writer {
                node,
                door: Arc::clone(&nodes.doors[node]),
                progress: Arc::clone(progress),
                channel: self.channel.clone(),
                accounts: Arc::clone(&self.accounts),
                told: Told {
                    number,
                    user: user.clone(),
                    accounts: Arc::clone(&self.accounts),
                    writes: Vec::new(),
                    longest: Duration::ZERO,
                },
            };
            writers.spawn(writer.write());
        }
        writers
    }
}

/// What a writer was told of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Done,
    NotDone,
    InDoubt,
}

/// All that a writer was told: of each write, by its number from 1 on.
pub(crate) struct Told {
    pub(crate) number: usize,
    pub(crate) user: String,
    accounts: Arc<Vec<String>>,
    pub(crate) writes: Vec<Fate>,
    longest: Duration,
}

impl Told {
    /// The account that goes with a number.
    pub(crate) fn account(&self, number: usize) -> &str {
        &self.accounts[number % self.accounts.len()]
    }

    pub(crate) fn mark(&self, number: usize) -> String {
        mark(self.number, number)
    }

    pub(crate) fn is_session(number: usize) -> bool {
        number.is_multiple_of(3)
    }
}

fn mark(writer: usize, number: usize) -> String {
    format!("writer {writer} wrote {number}")
}

/// How often each fate was told, and the longest wait.
pub(crate) fn summary(told: &[Told]) -> String {
    let count = |fate| {
        let writes = told.iter().flat_map(|told| &told.writes);
        writes.filter(|told| **told == fate).count()
    };
    format!(
        "{} writes acknowledged, {} refused, {} in doubt; the longest answer took {:?}",
        count(Fate::Done),
        count(Fate::NotDone),
        count(Fate::InDoubt),
        told.iter()
            .map(|told| told.longest)
            .max()
            .unwrap_or_default()
    )
}

struct Writer {
    node: usize,
    door: Arc<Door>,
    progress: Arc<Progress>,
    channel: String,
    accounts: Arc<Vec<String>>,
    told: Told,
}

impl Writer {
    async fn write(mut self) -> Told {
        while !self.progress.ended.load(Ordering::Relaxed) {
            let number = self.told.writes.len() + 1;
            let begun = Instant::now();
            let answer = self.one(number).await;
            let took = begun.elapsed();
            self.told.longest = self.told.longest.max(took);
            assert!(took < ANSWER_MAX, "an answer took {took:?}");
            let fate = fate(&answer);
            self.told.writes.push(fate);
            if fate == Fate::Done {
                self.progress.done[self.node].fetch_add(1, Ordering::Relaxed);
                self.progress.news.notify_one();
            } else {
                tokio::time::sleep(PAUSE).await;
            }
        }
        self.told
    }

    async fn one(&self, number: usize) -> Answer {
        let mark = self.told.mark(number);
        if Told::is_session(number) {
            let session = json!({
                "MessagingChannelId": self.channel, "MessagingEndUserId": self.told.user,
                "Status": "Ended", "ChannelIntent": mark,
            });
            return self
                .door
                .send(Method::POST, "MessagingSession", &session)
                .await;
        }
        let account = &self.accounts[number % self.accounts.len()];
        let user = json!({ "Name": mark, "AccountId": account });
        let path = format!("MessagingEndUser/{}", self.told.user);
        self.door.send(Method::PATCH, &path, &user).await
    }
}

/// What an answer says about the write. Anything else than done and try again is wrong.
fn fate(answer: &Answer) -> Fate {
    let message = answer.body[0]["message"].as_str().unwrap_or_default();
    match answer.status {
        201 | 204 => Fate::Done,
        503 if answer.retry_after && message.contains("may or may not have been") => Fate::InDoubt,
        503 if answer.retry_after && message.contains("nothing was changed") => Fate::NotDone,
        status => panic!("{status} {}: {}", answer.retry_after, answer.body),
    }
}

/// How many writes each node has acknowledged.
#[derive(Default)]
pub(crate) struct Progress {
    done: [AtomicU64; 2],
    news: Notify,
    ended: AtomicBool,
}

impl Progress {
    /// Waits until each node has acknowledged so many more; if that does not happen, how far they
    /// got.
    pub(crate) async fn more(&self, count: u64, at_most: Duration) -> Result<(), String> {
        let done = || {
            self.done
                .each_ref()
                .map(|done| done.load(Ordering::Relaxed))
        };
        let before = done();
        let enough = async {
            while done()
                .iter()
                .zip(before)
                .any(|(now, then)| *now < then + count)
            {
                self.news.notified().await;
            }
        };
        let waited = tokio::time::timeout(at_most, enough).await;
        waited.map_err(|_| {
            let now = done();
            format!("after {at_most:?} the nodes have acknowledged {now:?}, and before {before:?}")
        })
    }

    /// No more writes.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}
