//! Lines that are full.

use headwater_catalogue::Id;
use headwater_records::{Draft, Input};

use crate::floor::{Floor, IN_LINE, SESSIONS, WORKERS, configuration, queue};

const OWNERS: &str = "SELECT Owner.Name FROM MessagingSession ORDER BY StartTime, Name";
const OVERFLOW: &str = "SELECT OverflowFrom.Name FROM PendingServiceRouting ORDER BY Name";

impl Floor {
    /// From so many in line on, this one gets new sessions.
    async fn overflows(&self, most: i64, to: Id) {
        let full = Draft::new()
            .with("LineMax", most)
            .with("OverflowAssigneeId", to);
        self.change("QueueRoutingConfig", self.configuration, full)
            .await;
    }

    /// Customers write one after the other.
    async fn customers(&self, numbers: std::ops::RangeInclusive<u32>) {
        for number in numbers {
            self.customer(number).await;
            let statuses = vec!["Waiting"; usize::try_from(number).unwrap()];
            self.until(SESSIONS, "Status", &statuses).await;
        }
    }
}

#[tokio::test]
async fn while_a_line_is_full_new_sessions_go_to_another_queue() {
    let floor = Floor::set().await;
    let second = queue(&floor.stage, "Second line", Some(floor.configuration)).await;
    floor.overflows(2, second).await;
    floor.customers(1..=3).await;
    floor
        .until(OWNERS, "Owner.Name", &["Support", "Support", "Second line"])
        .await;
    floor
        .until(OVERFLOW, "OverflowFrom.Name", &["", "", "Support"])
        .await;
    // Once there is a place again, the queue gets what comes.
    let ada = floor.available("Ada").await;
    floor.offers(&ada, 2).await;
    let offers = floor.offers(&ada, 2).await;
    let messaging = floor.messaging();
    messaging
        .accept_offer(&ada, offers[0].as_str())
        .await
        .unwrap();
    floor.customer(4).await;
    floor
        .until(
            OWNERS,
            "Owner.Name",
            &["Ada", "Support", "Second line", "Support"],
        )
        .await;
}

/// Removes the record of an object that was made last.
async fn removes(floor: &Floor, object: &str) {
    let newest = format!("SELECT Id FROM {object} ORDER BY CreatedDate DESC, Id DESC");
    let newest = floor.stage.rows(&newest).await;
    let newest = newest.first().unwrap().id("Id").unwrap();
    let org = floor.stage.server.org();
    org.delete(&org.system(), object, newest.as_str())
        .await
        .unwrap();
}

#[tokio::test]
async fn an_overflow_queue_that_is_full_sends_on_and_a_circle_of_full_ones_leaves_them_where_they_were()
 {
    let floor = Floor::set().await;
    let second = configuration(&floor.stage, "Second", &[]).await;
    let second_line = queue(&floor.stage, "Second line", Some(second)).await;
    let third = configuration(&floor.stage, "Third", &[]).await;
    let third_line = queue(&floor.stage, "Third line", Some(third)).await;
    floor.overflows(1, second_line).await;
    let full = |to: Id| {
        Draft::new()
            .with("LineMax", 1_i64)
            .with("OverflowAssigneeId", to)
    };
    floor
        .change("QueueRoutingConfig", second, full(third_line))
        .await;
    floor
        .change("QueueRoutingConfig", third, full(floor.queue))
        .await;
    floor.customers(1..=4).await;
    let owners = ["Support", "Second line", "Third line", "Support"];
    floor.until(OWNERS, "Owner.Name", &owners).await;
    let from = ["", "Support", "Support", ""];
    floor.until(OVERFLOW, "OverflowFrom.Name", &from).await;
}

#[tokio::test]
async fn a_person_gets_what_is_too_much_while_they_are_there_and_have_room() {
    let floor = Floor::set_with(&[("CapacityPercentage", Input::from(100_i64))]).await;
    let boss = floor.hire("Boss").await;
    floor.overflows(1, boss.user).await;
    // She is not there, so the queue keeps it.
    floor.customers(1..=2).await;
    floor
        .until(OWNERS, "Owner.Name", &["Support", "Support"])
        .await;
    removes(&floor, "GroupMember").await;
    floor.becomes(&boss, Some("Available")).await;
    floor.customer(3).await;
    floor
        .until(OWNERS, "Owner.Name", &["Support", "Support", "Boss"])
        .await;
    floor.until(WORKERS, "User.Name", &["Boss"]).await;
    floor
        .until(OVERFLOW, "OverflowFrom.Name", &["", "", "Support"])
        .await;
    // She has no more room: the next one is the queue's.
    floor.customer(4).await;
    let owners = ["Support", "Support", "Boss", "Support"];
    floor.until(OWNERS, "Owner.Name", &owners).await;
    // What she does not want goes back to it.
    let offer = floor.offer(&boss).await;
    let messaging = floor.messaging();
    messaging.decline_offer(&boss, &offer, None).await.unwrap();
    floor.until(OWNERS, "Owner.Name", &["Support"; 4]).await;
    floor.until(OVERFLOW, "OverflowFrom.Name", &[""; 4]).await;
}

#[tokio::test]
async fn a_queue_keeps_what_its_overflow_assignee_cannot_have() {
    let floor = Floor::set().await;
    let other = queue(&floor.stage, "Cases only", None).await;
    removes(&floor, "QueueSobject").await;
    let fields = [("QueueId", other.into()), ("SobjectType", "Case".into())];
    floor.stage.server.create("QueueSobject", &fields).await;
    floor.overflows(1, other).await;
    floor.customers(1..=2).await;
    floor
        .until(OWNERS, "Owner.Name", &["Support", "Support"])
        .await;
    floor
        .until(IN_LINE, "Name", &["PSR-00000001", "PSR-00000002"])
        .await;
}
