//! Customers and agents do anything in any order, and nobody who waits is lost.

use std::collections::{BTreeMap, BTreeSet};

use headwater_messaging::{Error, Target};
use headwater_records::{Caller, Error as RecordsError};

use crate::floor::Floor;

/// Steps of one run.
const STEPS: usize = 120;

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// What came too late or was not to be is a refusal, and nothing else went wrong.
#[track_caller]
fn fine<T: std::fmt::Debug>(done: &Result<T, Error>) {
    let is_refusal = matches!(
        done,
        Ok(_)
            | Err(Error::Routing(_)
                | Error::WrongStatus { .. }
                | Error::Records(RecordsError::NotFound(_)))
    );
    assert!(is_refusal, "{done:?}");
}

async fn any_session(floor: &Floor, dice: &mut Dice) -> Option<String> {
    let soql = "SELECT Id FROM MessagingSession WHERE Status NOT IN ('Ended', 'Error') \
                ORDER BY StartTime, Id";
    let table = floor.stage.rows(soql).await;
    let ids: Vec<_> = table.rows().filter_map(|row| row.id("Id")).collect();
    (!ids.is_empty()).then(|| ids[dice.below(ids.len())].to_string())
}

async fn step(floor: &Floor, agents: &[Caller], dice: &mut Dice, number: usize) {
    let messaging = floor.messaging();
    let agent = &agents[dice.below(agents.len())];
    match dice.below(10) {
        0..=2 => {
            let from = format!("+120255500{:02}", dice.below(8));
            let id = format!("M{number}");
            floor.stage.writes(&from, &id, "Hello").await;
        }
        3 | 4 => {
            for offer in messaging.offers(agent).await.unwrap() {
                let work = offer.work.to_string();
                match dice.below(3) {
                    0 => fine(&messaging.decline_offer(agent, &work, None).await),
                    _ => fine(&messaging.accept_offer(agent, &work).await),
                }
            }
        }
        5 => {
            let status = [Some("Available"), Some("Available"), Some("Busy"), None];
            floor.becomes(agent, status[dice.below(4)]).await;
        }
        6 => floor.passes(15, &agents.iter().collect::<Vec<_>>()).await,
        _ => {
            let Some(session) = any_session(floor, dice).await else {
                return;
            };
            match dice.below(5) {
                0 => fine(&messaging.end(agent, &session).await),
                1 => fine(&messaging.let_rest(agent, &session).await),
                2 => fine(&messaging.take(agent, &session).await),
                3 => {
                    let to = Target::Queue(floor.queue);
                    fine(&messaging.transfer(agent, &session, to, None).await);
                }
                _ => {
                    let to = Target::Agent(agents[dice.below(agents.len())].user);
                    fine(&messaging.transfer(agent, &session, to, None).await);
                }
            }
        }
    }
}

/// What is not as it should be, when nobody is there who could be offered anything.
async fn wrongs(floor: &Floor) -> Vec<String> {
    let mut wrongs = Vec::new();
    let line = floor
        .stage
        .rows("SELECT WorkItemId, IsPushed FROM PendingServiceRouting")
        .await;
    let mut in_line = BTreeSet::new();
    for row in line.rows() {
        in_line.insert(row.id("WorkItemId"));
        if row.get("IsPushed").is_true() {
            wrongs.push(format!("{:?} is offered to nobody", row.id("WorkItemId")));
        }
    }
    let work = floor
        .stage
        .rows("SELECT WorkItemId, UserId, Status FROM AgentWork WHERE Status IN ('Assigned', 'Opened')")
        .await;
    let mut opened = BTreeMap::new();
    for row in work.rows() {
        if row.text("Status") == "Assigned" {
            wrongs.push(format!("{:?} waits for nobody", row.id("WorkItemId")));
        }
        opened.insert(row.id("WorkItemId"), row.id("UserId"));
    }
    let sessions = floor
        .stage
        .rows("SELECT Id, Status, OwnerId FROM MessagingSession")
        .await;
    for row in sessions.rows() {
        let (id, status) = (row.id("Id"), row.text("Status"));
        if (status == "Waiting") != in_line.contains(&id) {
            wrongs.push(format!("{id:?} is {status}, and its place in line is not"));
        }
        let agent = opened.get(&id).copied().flatten();
        let owner = row.id("OwnerId").filter(|_| status == "Active");
        if agent != owner {
            wrongs.push(format!("{id:?} is {status} and {agent:?}'s work"));
        }
    }
    wrongs
}

#[tokio::test]
async fn whatever_happens_whoever_waits_is_in_line_and_whoever_is_served_is_somebodys_work() {
    for seed in [3, 14, 159] {
        let floor = Floor::set().await;
        let mut dice = Dice(seed);
        let agents = [
            floor.available("Ada").await,
            floor.available("Bob").await,
            floor.hire("Eve").await,
        ];
        for number in 0..STEPS {
            step(&floor, &agents, &mut dice, number).await;
        }
        for agent in &agents {
            floor.becomes(agent, Some("Busy")).await;
        }
        let everybody: Vec<_> = agents.iter().collect();
        let mut left = Vec::new();
        for _ in 0..40 {
            floor.passes(11, &everybody).await;
            left = wrongs(&floor).await;
            if left.is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(250)).await;
        }
        assert!(left.is_empty(), "seed {seed}: {left:#?}");
    }
}
