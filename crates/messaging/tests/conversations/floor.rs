//! A stage whose channel leads to a routed queue, with agents.

use headwater_catalogue::Id;
use headwater_messaging::Messaging;
use headwater_records::{Caller, Draft, Input, Precondition};
use jiff::SignedDuration;

use crate::stage::Stage;

pub(crate) struct Floor {
    pub(crate) stage: Stage,
    pub(crate) queue: Id,
    pub(crate) configuration: Id,
}

pub(crate) const SESSIONS: &str = "SELECT Status FROM MessagingSession ORDER BY StartTime, Id";
pub(crate) const WORK: &str = "SELECT Status FROM AgentWork ORDER BY Name";
pub(crate) const WORKERS: &str = "SELECT User.Name FROM AgentWork ORDER BY Name";
pub(crate) const IN_LINE: &str = "SELECT Name FROM PendingServiceRouting";

impl Floor {
    /// Offers stand for twenty seconds.
    pub(crate) async fn set() -> Self {
        Self::set_with(&[]).await
    }

    /// With these fields of the routing configuration.
    pub(crate) async fn set_with(fields: &[(&str, Input)]) -> Self {
        Self::on(Stage::set().await, fields).await
    }

    /// On this stage.
    pub(crate) async fn on(stage: Stage, fields: &[(&str, Input)]) -> Self {
        let configuration = configuration(&stage, "Support", fields).await;
        let queue = queue(&stage, "Support", Some(configuration)).await;
        let floor = Self {
            stage,
            queue,
            configuration,
        };
        let handled = Draft::new().with("SessionHandlerId", queue);
        floor
            .change("MessagingChannel", floor.stage.channel, handled)
            .await;
        floor
    }

    /// An agent of the queue who is not there yet.
    pub(crate) async fn hire(&self, name: &str) -> Caller {
        let username = format!("{}@headwater.example", name.to_lowercase());
        let server = &self.stage.server;
        let user = server
            .make_user(&username, name, "Support Agent", None)
            .await;
        let member = [
            ("GroupId", self.queue.into()),
            ("UserOrGroupId", user.into()),
        ];
        server.create("GroupMember", &member).await;
        server.org().caller(user).await.unwrap()
    }

    /// An agent of the queue who is available.
    pub(crate) async fn available(&self, name: &str) -> Caller {
        let agent = self.hire(name).await;
        self.becomes(&agent, Some("Available")).await;
        agent
    }

    pub(crate) async fn becomes(&self, agent: &Caller, status: Option<&str>) {
        let id = match status {
            Some(status) => Some(
                self.id("ServicePresenceStatus", "MasterLabel", status)
                    .await,
            ),
            None => None,
        };
        let set = self
            .messaging()
            .set_presence(agent, id.as_ref().map(Id::as_str));
        set.await.unwrap();
    }

    pub(crate) async fn id(&self, object: &str, field: &str, value: &str) -> Id {
        let soql = format!("SELECT Id FROM {object} WHERE {field} = '{value}'");
        let table = self.stage.rows(&soql).await;
        table.first().unwrap().id("Id").unwrap()
    }

    pub(crate) async fn change(&self, object: &str, id: Id, draft: Draft) {
        let org = self.stage.server.org();
        let written = org
            .update(
                &org.system(),
                object,
                id.as_str(),
                draft,
                Precondition::default(),
            )
            .await;
        written.unwrap();
    }

    pub(crate) fn messaging(&self) -> &Messaging {
        &self.stage.messaging
    }

    /// A customer writes for the first time.
    pub(crate) async fn customer(&self, number: u32) {
        let from = format!("+1202555{number:04}");
        self.stage
            .writes(&from, &format!("M{number}"), "Hello")
            .await;
    }

    /// The offers of an agent, once there are so many.
    pub(crate) async fn offers(&self, agent: &Caller, many: usize) -> Vec<Id> {
        for _ in 0..2_000 {
            let offers = self.messaging().offers(agent).await.unwrap();
            if offers.len() == many {
                return offers.iter().map(|offer| offer.work).collect();
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let given = self.stage.texts(WORKERS, "User.Name").await;
        panic!(
            "{} is not offered {many}; work went to {given:?}",
            agent.name
        );
    }

    /// The one offer of an agent.
    pub(crate) async fn offer(&self, agent: &Caller) -> String {
        self.offers(agent, 1).await[0].to_string()
    }

    pub(crate) async fn accepts(&self, agent: &Caller) -> String {
        let offer = self.offer(agent).await;
        let session = self.messaging().accept_offer(agent, &offer).await.unwrap();
        session.to_string()
    }

    pub(crate) async fn passes(&self, seconds: i64, alive: &[&Caller]) {
        // In steps that are shorter than what ends a presence.
        let mut left = seconds;
        while left > 0 {
            let step = left.min(20);
            left -= step;
            self.stage
                .server
                .clock()
                .advance(SignedDuration::from_secs(step));
            for agent in alive {
                self.messaging().sign_of_life(agent).await.unwrap();
            }
        }
    }

    pub(crate) async fn until(&self, soql: &str, path: &str, wanted: &[&str]) {
        self.stage.until(soql, path, wanted).await;
    }
}

pub(crate) async fn configuration(stage: &Stage, name: &str, fields: &[(&str, Input)]) -> Id {
    let mut all: Vec<(&str, Input)> = vec![
        ("DeveloperName", name.into()),
        ("MasterLabel", name.into()),
        ("PushTimeout", 20_i64.into()),
    ];
    all.extend(fields.iter().cloned());
    stage.server.create("QueueRoutingConfig", &all).await
}

pub(crate) async fn queue(stage: &Stage, name: &str, configuration: Option<Id>) -> Id {
    let fields = [
        ("Name", name.into()),
        ("DeveloperName", name.into()),
        ("Type", "Queue".into()),
        ("QueueRoutingConfigId", configuration.into()),
    ];
    let queue = stage.server.create("Group", &fields).await;
    let taken = [
        ("QueueId", queue.into()),
        ("SobjectType", "MessagingSession".into()),
    ];
    stage.server.create("QueueSobject", &taken).await;
    queue
}
