//! Relinks, their undo, and what sessions showed, where the doors cannot look: other sharing,
//! many sessions, and any order of events.

use std::collections::HashMap;
use std::sync::Arc;

use headwater_catalogue::{Id, Value};
use headwater_records::explain::Rule;
use headwater_records::relink::{Change, RelinkReport, RelinkRequest};
use headwater_records::{Error, Problem, SharingModel};
use headwater_store::{Operation, WriteSet};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::world::World;

fn request(users: &[Id], account: Option<Id>) -> RelinkRequest {
    RelinkRequest {
        messaging_users: users.iter().map(Id::to_string).collect(),
        account: account.map_or(Change::Clear, |id| Change::Set(id.to_string())),
        ..RelinkRequest::default()
    }
}

/// Ended sessions, in one write: there is no time to make ten thousand one by one.
async fn many_sessions(world: &World, user: Id, how_many: i64) {
    let store = world.org.store();
    let object = Arc::clone(world.org.catalogue().object("MessagingSession").unwrap());
    let at = |name: &str| object.position(name).unwrap();
    let now = world.org.now();
    let session = |n: i64| Operation::Insert {
        object: Arc::clone(&object),
        id: store.next_id(&object),
        values: vec![
            (at("OwnerId"), world.admin.user.into()),
            (at("MessagingChannelId"), world.channel.into()),
            (at("MessagingEndUserId"), user.into()),
            (at("Status"), "Ended".into()),
            (at("Origin"), "InboundInitiated".into()),
            (at("StartTime"), (now - SignedDuration::from_secs(n)).into()),
        ],
    };
    let set = WriteSet::new(world.admin.user, now, (0..how_many).map(session).collect());
    store.write(set).await.unwrap();
}

#[tokio::test]
async fn ten_thousand_sessions_cost_what_one_costs() {
    let world = World::new().await;
    let right = world.account("Sample").await;
    let mut written = Vec::new();
    for (key, sessions) in [("+491", 1), ("+492", 10_000)] {
        let user = world.end_user(key, None).await;
        many_sessions(&world, user, sessions).await;
        let before = world.org.store().statistics().unwrap().last_change;
        let report = world
            .org
            .relink(&world.agent, request(&[user], Some(right)))
            .await
            .unwrap();
        assert_eq!(report.sessions(), sessions.unsigned_abs());
        let changes = world.org.store().changes(before, 100).await.unwrap();
        written.push(
            changes
                .into_iter()
                .map(|change| change.object)
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(written[0], ["Relink", "RelinkItem", "MessagingEndUser"]);
    assert_eq!(written[0], written[1]);
    let all = format!("SELECT COUNT() FROM MessagingSession WHERE EndUserAccountId = '{right}'");
    assert_eq!(world.count(&world.agent, &all).await, 10_001);
}

#[tokio::test]
async fn an_account_that_the_caller_may_not_see_is_no_target_and_has_no_name() {
    let world = World::new().await;
    let (hidden, other) = (world.account("Secret").await, world.account("Other").await);
    let user = world.end_user("+491", Some(other)).await;
    let sharing = world
        .org
        .set_sharing(&world.admin, "Account", SharingModel::Private);
    sharing.await.unwrap();
    let agent = world.again(&world.agent).await;
    let refused = world
        .org
        .relink(&agent, request(&[user], Some(hidden)))
        .await;
    let Err(Error::Invalid(problems)) = refused else {
        panic!("not refused: {refused:?}");
    };
    let [Problem::Rule { message, .. }] = &*problems else {
        panic!("not one problem: {problems:?}");
    };
    assert!(
        message.contains(hidden.as_str()) && !message.contains("Secret"),
        "{message}"
    );
    let report = world
        .org
        .relink(&agent, request(&[user], None))
        .await
        .unwrap();
    let before = report.users[0]
        .account
        .as_ref()
        .unwrap()
        .before
        .as_ref()
        .unwrap();
    assert_eq!(
        (before.id, &before.name),
        (other, &None),
        "the id is the Messaging User's to tell"
    );
    let undo = world
        .org
        .undo_relink(&agent, report.relink.unwrap().as_str())
        .await
        .unwrap();
    assert_eq!(undo.relink, None, "a hidden account cannot be pointed to");
    let left = undo.users[0].account.as_ref().unwrap().left.as_deref();
    assert!(left.unwrap().contains("you may not see it"), "{left:?}");
}

#[tokio::test]
async fn a_messaging_user_of_somebody_else_is_not_relinked_where_only_owners_edit() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    let user = world.end_user("+491", None).await;
    let sharing = world
        .org
        .set_sharing(&world.admin, "MessagingEndUser", SharingModel::Read);
    sharing.await.unwrap();
    let agent = world.again(&world.agent).await;
    for dry_run in [true, false] {
        let request = RelinkRequest {
            dry_run,
            ..request(&[user], Some(account))
        };
        let refused = world.org.relink(&agent, request).await;
        let names_it =
            matches!(refused, Err(Error::NotAllowed { record: Some(id), .. }) if id == user);
        assert!(names_it, "{refused:?}");
    }
    let explained = world
        .org
        .explain(&agent, "MessagingEndUser", "AccountId", Some(user.as_str()))
        .await;
    let lock = explained.unwrap().lock.unwrap();
    assert_eq!(lock.rule, Rule::RecordAccess);
    assert_eq!(
        lock.reason,
        "You may see this messaging user, not edit it: its owner may, and a System Administrator \
         can let you."
    );
    let session = world.session(user, "Active").await;
    let explained = world
        .org
        .explain(
            &agent,
            "MessagingSession",
            "EndUserAccountId",
            Some(session.as_str()),
        )
        .await;
    let lock = explained.unwrap().lock.unwrap();
    assert!(!lock.edit_at.unwrap().editable);
    assert_eq!(lock.granted_by.as_deref(), Some("a System Administrator"));
}

#[tokio::test]
async fn a_reason_names_nothing_that_the_caller_may_not_see() {
    let world = World::new().await;
    let user = world.end_user("Secret Person", None).await;
    let session = world.session(user, "Active").await;
    for object in ["MessagingEndUser", "MessagingSession"] {
        let sharing = world
            .org
            .set_sharing(&world.admin, object, SharingModel::Private);
        sharing.await.unwrap();
    }
    world
        .update(
            &world.admin,
            session,
            &[("OwnerId", world.agent.user.into())],
        )
        .await
        .unwrap();
    let agent = world.again(&world.agent).await;
    let explained = world
        .org
        .explain(
            &agent,
            "MessagingSession",
            "EndUserAccountId",
            Some(session.as_str()),
        )
        .await;
    let lock = explained.unwrap().lock.unwrap();
    assert!(!lock.reason.contains("Secret"), "{}", lock.reason);
    let at = lock.edit_at.unwrap();
    assert_eq!((at.record, at.sessions), (None, None));
    let seen = world
        .org
        .identity_as_of(&agent, session.as_str(), world.org.now())
        .await
        .unwrap();
    assert_eq!((seen.account, seen.contact), (None, None));
    assert_eq!(seen.messaging_user.name, None);
}

#[tokio::test]
async fn an_undo_passes_over_no_messaging_user_that_is_hidden() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    let (own, hidden) = (
        world.end_user("+491", None).await,
        world.end_user("+492", None).await,
    );
    let relink = world
        .org
        .relink(&world.admin, request(&[own, hidden], Some(account)))
        .await;
    let relink = relink.unwrap().relink.unwrap();
    let owner = [("OwnerId", Value::from(world.agent.user))];
    world.update(&world.admin, own, &owner).await.unwrap();
    let sharing = world
        .org
        .set_sharing(&world.admin, "MessagingEndUser", SharingModel::Private);
    sharing.await.unwrap();
    let agent = world.again(&world.agent).await;
    let refused = world.org.undo_relink(&agent, relink.as_str()).await;
    assert!(
        matches!(refused, Err(Error::NotAllowed { .. })),
        "{refused:?}"
    );
    assert_eq!(
        world.read(&agent, own, "AccountId").unwrap(),
        Value::Id(account)
    );
}

/// One thing somebody does. Numbers choose among what there is, whatever there is.
#[derive(Debug, Clone)]
enum Step {
    Relink {
        users: Vec<usize>,
        account: Option<usize>,
    },
    Edit {
        user: usize,
        account: Option<usize>,
    },
    Undo {
        relink: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let account = || proptest::option::weighted(0.8, 0..ACCOUNTS);
    let users = proptest::collection::vec(0..USERS, 1..4);
    let step = prop_oneof![
        3 => (users, account()).prop_map(|(users, account)| Step::Relink { users, account }),
        2 => (0..USERS, account()).prop_map(|(user, account)| Step::Edit { user, account }),
        3 => (0..8_usize).prop_map(|relink| Step::Undo { relink }),
    ];
    proptest::collection::vec(step, 1..16)
}

const ACCOUNTS: usize = 3;
const USERS: usize = 3;

/// A relink as it ought to be known: each changed user with the account before and after.
struct Known {
    id: Id,
    undone: bool,
    items: Vec<(Id, Option<Id>, Option<Id>)>,
}

/// What ought to be so, kept beside the database.
#[derive(Default)]
struct Model {
    accounts: Vec<Id>,
    users: Vec<Id>,
    sessions: HashMap<Id, Id>,
    account_of: HashMap<Id, Option<Id>>,
    relinks: Vec<Known>,
    /// The accounts of all users at the end of each hour.
    past: Vec<(Timestamp, HashMap<Id, Option<Id>>)>,
}

impl Model {
    async fn begin(world: &World) -> Self {
        let mut model = Self::default();
        for name in ["A", "B", "C"] {
            model.accounts.push(world.account(name).await);
            let user = world.end_user(name, None).await;
            model
                .sessions
                .insert(user, world.session(user, "Ended").await);
            model.account_of.insert(user, None);
            model.users.push(user);
        }
        model
    }

    async fn take(&mut self, world: &World, step: &Step) {
        match step {
            Step::Relink { users, account } => {
                let account = account.map(|place| self.accounts[place]);
                let users: Vec<Id> = users.iter().map(|place| self.users[*place]).collect();
                let report = world
                    .org
                    .relink(&world.agent, request(&users, account))
                    .await;
                let mut changes = HashMap::new();
                for user in users {
                    let before = self.account_of[&user];
                    if before != account {
                        changes.entry(user).or_insert((before, account));
                    }
                }
                self.happened(&report.unwrap(), changes);
            }
            Step::Edit { user, account } => {
                let (user, account) =
                    (self.users[*user], account.map(|place| self.accounts[place]));
                let fields = [("AccountId", Value::from(account))];
                world.update(&world.agent, user, &fields).await.unwrap();
                self.account_of.insert(user, account);
            }
            Step::Undo { relink } if !self.relinks.is_empty() => {
                let place = relink % self.relinks.len();
                self.undo(world, place).await;
            }
            Step::Undo { .. } => {}
        }
        self.past.push((world.org.now(), self.account_of.clone()));
        world.clock.advance(SignedDuration::from_hours(1));
    }

    async fn undo(&mut self, world: &World, place: usize) {
        let id = self.relinks[place].id;
        let report = world.org.undo_relink(&world.agent, id.as_str()).await;
        if self.relinks[place].undone {
            assert!(matches!(report, Err(Error::CannotUndo(_))), "{report:?}");
            return;
        }
        let items = self.relinks[place].items.iter();
        let still = items.filter(|(user, _, after)| self.account_of[user] == *after);
        let changes: HashMap<_, _> = still
            .map(|(user, before, after)| (*user, (*after, *before)))
            .collect();
        self.relinks[place].undone = !changes.is_empty();
        self.happened(&report.unwrap(), changes);
    }

    /// Compares a report with what ought to have changed, and takes that over.
    fn happened(&mut self, report: &RelinkReport, changes: HashMap<Id, (Option<Id>, Option<Id>)>) {
        assert_eq!(report.changed(), changes.len());
        assert_eq!(report.relink.is_some(), !changes.is_empty());
        for user in report.users.iter().filter(|user| user.changed()) {
            let link = user.account.as_ref().unwrap();
            let ids =
                |party: &Option<headwater_records::relink::Party>| party.as_ref().map(|p| p.id);
            assert_eq!((ids(&link.before), ids(&link.after)), changes[&user.id]);
        }
        for (user, (_, after)) in &changes {
            self.account_of.insert(*user, *after);
        }
        if let Some(id) = report.relink {
            let items = changes
                .into_iter()
                .map(|(user, (before, after))| (user, before, after));
            self.relinks.push(Known {
                id,
                undone: false,
                items: items.collect(),
            });
        }
    }

    /// The database says the same, of now and of every moment before.
    async fn check(&self, world: &World) {
        for (user, session) in &self.sessions {
            let now = Value::from(self.account_of[user]);
            assert_eq!(world.read(&world.agent, *user, "AccountId").unwrap(), now);
            for (at, accounts) in &self.past {
                let seen = world
                    .org
                    .identity_as_of(&world.agent, session.as_str(), *at)
                    .await;
                let account = seen.unwrap().account.unwrap();
                assert_eq!(account.then.map(|party| party.id), accounts[user]);
                assert_eq!(Value::from(account.now.map(|party| party.id)), now);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn an_undo_gives_back_what_is_still_there_and_the_past_stays_what_it_was(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let mut model = Model::begin(&world).await;
            for step in &steps {
                model.take(&world, step).await;
            }
            model.check(&world).await;
        });
    }
}
