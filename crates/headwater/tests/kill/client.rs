//! Those who write, what they write about, and when the server is killed under them.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;
use tokio::sync::Notify;

use crate::door::{Door, text};
use crate::{ACCOUNTS, CLIENTS};

/// One of the 64, with what it was told.
pub(crate) struct Client {
    pub(crate) number: u32,
    pub(crate) user: String,
    /// The next number it writes.
    pub(crate) next: u32,
    /// The last number whose change was acknowledged.
    pub(crate) acknowledged: u32,
    /// The sessions it was told it made, with the number each carries.
    pub(crate) made: Vec<(String, u32)>,
}

impl Client {
    /// Writes until the server does not answer any more.
    pub(crate) async fn write(mut self, door: &Door, world: &World, moment: &Moment) -> Self {
        loop {
            let number = self.next;
            self.next += 1;
            if moment.counts_sent {
                moment.count();
            }
            let answered = if number.is_multiple_of(3) {
                self.make_session(door, world, number).await
            } else {
                self.change_user(door, world, number).await
            };
            if answered.is_none() {
                return self;
            }
            if !moment.counts_sent {
                moment.count();
            }
        }
    }

    async fn change_user(&mut self, door: &Door, world: &World, number: u32) -> Option<()> {
        let body = json!({ "Name": self.mark(number), "AccountId": world.account(number) });
        let path = format!("sobjects/MessagingEndUser/{}", self.user);
        let (status, answer) = door.send(reqwest::Method::PATCH, &path, &body).await?;
        assert_eq!(status, 204, "{answer}");
        self.acknowledged = number;
        Some(())
    }

    async fn make_session(&mut self, door: &Door, world: &World, number: u32) -> Option<()> {
        let body = json!({
            "MessagingChannelId": world.channel, "MessagingEndUserId": self.user,
            "Status": "Ended", "ChannelIntent": self.mark(number),
        });
        let (status, answer) = door
            .send(reqwest::Method::POST, "sobjects/MessagingSession", &body)
            .await?;
        assert_eq!(status, 201, "{answer}");
        self.made.push((text(&answer["id"]), number));
        Some(())
    }

    pub(crate) fn mark(&self, number: u32) -> String {
        format!("client {} wrote {number}", self.number)
    }
}

/// The number in a client's mark.
pub(crate) fn number_in(mark: &str) -> u32 {
    mark.rsplit(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .expect("a mark has a number")
}

/// What the clients write about.
#[derive(Clone)]
pub(crate) struct World {
    channel: String,
    /// Ids and names of accounts.
    accounts: Vec<(String, String)>,
    users: Vec<String>,
}

impl World {
    pub(crate) async fn make(door: &Door) -> Self {
        let channel = json!({
            "DeveloperName": "Line", "MasterLabel": "Line", "MessageType": "Text",
            "MessagingPlatformKey": "+12025550100", "IsActive": true,
        });
        let channel = door.create("MessagingChannel", &channel).await;
        let mut accounts = Vec::new();
        for number in 0..ACCOUNTS {
            let name = format!("Account {number}");
            accounts.push((door.create("Account", &json!({ "Name": name })).await, name));
        }
        let mut users = Vec::new();
        for number in 0..CLIENTS {
            let user = json!({
                "Name": format!("client {number} wrote 0"), "MessagingChannelId": channel,
                "MessageType": "Text", "MessagingPlatformKey": format!("+1202555{number:04}"),
                "AccountId": accounts[0].0,
            });
            users.push(door.create("MessagingEndUser", &user).await);
        }
        Self {
            channel,
            accounts,
            users,
        }
    }

    pub(crate) fn clients(&self) -> Vec<Client> {
        let client = |(number, user): (u32, &String)| Client {
            number,
            user: user.clone(),
            next: 1,
            acknowledged: 0,
            made: Vec::new(),
        };
        (0..).zip(&self.users).map(client).collect()
    }

    /// The account that goes with a number.
    pub(crate) fn account(&self, number: u32) -> &str {
        &self.accounts[(number % ACCOUNTS) as usize].0
    }

    pub(crate) fn name_of(&self, account: &str) -> &str {
        let found = self.accounts.iter().find(|(id, _)| id == account);
        found.map_or("", |(_, name)| name)
    }
}

/// When the server is killed.
pub(crate) struct Moment {
    pub(crate) left: AtomicU32,
    pub(crate) counts_sent: bool,
    pub(crate) reached: Notify,
}

impl Moment {
    pub(crate) fn of(round: u32) -> Self {
        Self {
            left: AtomicU32::new(CLIENTS * 4 + round * 97 % 211),
            counts_sent: round.is_multiple_of(2),
            reached: Notify::new(),
        }
    }

    pub(crate) fn count(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.reached.notify_one();
        }
    }
}
