//! The change log, as those read it who follow it.

use jiff::SignedDuration;

use crate::world::World;

#[tokio::test]
async fn old_changes_are_forgotten_and_what_came_since_is_kept_in_order() {
    let world = World::new().await;
    let kept = SignedDuration::from_hours(72);
    let old = world.account("Old").await;
    assert_eq!(world.org.forget_changes(kept).await.unwrap(), 0);
    let from = *world.org.newest_change().borrow();
    world.clock.advance(SignedDuration::from_hours(70));
    let young = world.account("Young").await;
    world.clock.advance(SignedDuration::from_hours(3));
    let forgotten = world.org.forget_changes(kept).await.unwrap();
    assert!(forgotten > 0);
    assert_eq!(world.org.forget_changes(kept).await.unwrap(), 0);
    let notices = world.org.notices(0).await.unwrap();
    let records: Vec<_> = notices.iter().map(|notice| notice.record).collect();
    assert_eq!(records, [young]);
    assert_eq!(notices[0].replay_id, from + 1);
    // The record itself is as it was.
    let name = world.read(&world.admin, old, "Name").unwrap();
    assert_eq!(name, "Old".into());
    let newest = world.account("Newest").await;
    let notices = world.org.notices(from + 1).await.unwrap();
    assert_eq!(notices[0].record, newest);
}
