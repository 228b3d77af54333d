//! A session shows the account and contact of its Messaging User: always, and to those only who
//! may see them there.

use std::collections::{BTreeMap, HashMap};

use headwater_catalogue::{Id, Value};
use headwater_records::merge::{MERGED_MAX, MergeRequest};
use headwater_records::relink::{Change, RelinkRequest};
use headwater_records::{Error, SharingModel};
use proptest::prelude::*;

use crate::world::World;

#[tokio::test]
async fn a_relinked_user_takes_all_sessions_along_open_or_ended() {
    let world = World::new().await;
    let (wrong, right) = (world.account("Test1").await, world.account("Sample").await);
    let user = world.end_user("+491", Some(wrong)).await;
    let sessions = [
        world.session(user, "Ended").await,
        world.session(user, "Ended").await,
        world.session(user, "Active").await,
    ];
    world
        .update(&world.agent, user, &[("AccountId", right.into())])
        .await
        .unwrap();
    for session in sessions {
        let shown = world
            .read(&world.agent, session, "EndUserAccountId")
            .unwrap();
        assert_eq!(shown, Value::Id(right));
    }
    let by = |account: Id| {
        format!("SELECT COUNT() FROM MessagingSession WHERE EndUserAccountId = '{account}'")
    };
    assert_eq!(world.count(&world.agent, &by(wrong)).await, 0);
    assert_eq!(world.count(&world.agent, &by(right)).await, 3);
    let names = "SELECT EndUserAccount.Name FROM MessagingSession";
    let (rows, _) = world.query(&world.agent, names).await.unwrap();
    assert!(rows.iter().all(|row| row[0] == Value::from("Sample")));
}

#[tokio::test]
async fn an_inherited_field_obeys_the_rights_on_its_source_field() {
    let world = World::new().await;
    let user = world
        .end_user("+491", Some(world.account("Sample").await))
        .await;
    let session = world.session(user, "Active").await;
    world
        .hide_field("Support Agent", "MessagingEndUser.AccountId")
        .await;
    let agent = world.again(&world.agent).await;
    let read = world.read(&agent, session, "EndUserAccountId");
    assert!(matches!(read, Err(Error::UnknownField { .. })));
    for soql in [
        "SELECT EndUserAccountId FROM MessagingSession",
        "SELECT EndUserAccount.Name FROM MessagingSession",
        "SELECT Id FROM MessagingSession WHERE EndUserAccountId != null",
        "SELECT Id FROM MessagingSession ORDER BY EndUserAccountId",
    ] {
        let refused = world.query(&agent, soql).await;
        assert!(
            matches!(refused, Err(Error::Soql { .. })),
            "{soql}: {refused:?}"
        );
    }
    world.read(&agent, session, "EndUserContactId").unwrap();
}

#[tokio::test]
async fn an_inherited_field_obeys_the_rights_on_its_source_object() {
    let world = World::new().await;
    let user = world
        .end_user("+491", Some(world.account("Sample").await))
        .await;
    let session = world.session(user, "Active").await;
    world
        .set_object_right(
            "Support Agent",
            "MessagingEndUser",
            "PermissionsCreate",
            false,
        )
        .await;
    world
        .set_object_right(
            "Support Agent",
            "MessagingEndUser",
            "PermissionsEdit",
            false,
        )
        .await;
    world
        .set_object_right(
            "Support Agent",
            "MessagingEndUser",
            "PermissionsRead",
            false,
        )
        .await;
    let agent = world.again(&world.agent).await;
    for field in [
        "EndUserAccountId",
        "EndUserContactId",
        "ChannelEndUserFormula",
    ] {
        let read = world.read(&agent, session, field);
        assert!(
            matches!(read, Err(Error::UnknownField { .. })),
            "{field}: {read:?}"
        );
    }
    assert_eq!(
        world.read(&agent, session, "ChannelType").unwrap(),
        Value::from("Text")
    );
}

#[tokio::test]
async fn an_inherited_value_of_a_hidden_record_is_no_value() {
    let world = World::new().await;
    let account = world.account("Sample").await;
    let user = world.end_user("+491", Some(account)).await;
    let session = world.session(user, "Active").await;
    world
        .org
        .set_sharing(&world.admin, "MessagingEndUser", SharingModel::Private)
        .await
        .unwrap();
    let (agent, admin) = (
        world.again(&world.agent).await,
        world.again(&world.admin).await,
    );
    assert_eq!(
        world.read(&admin, session, "EndUserAccountId").unwrap(),
        Value::Id(account)
    );
    assert_eq!(
        world.read(&agent, session, "EndUserAccountId").unwrap(),
        Value::Null
    );
    let by_account =
        format!("SELECT COUNT() FROM MessagingSession WHERE EndUserAccountId = '{account}'");
    assert_eq!(world.count(&agent, &by_account).await, 0);
    assert_eq!(world.count(&admin, &by_account).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn relinks_and_new_sessions_at_the_same_time_leave_no_session_behind() {
    let world = World::new().await;
    let accounts = [world.account("A").await, world.account("B").await];
    let user = world.end_user("+491", Some(accounts[0])).await;
    let relinks = async {
        for turn in 0..40 {
            let account = accounts[turn % 2];
            world
                .update(&world.agent, user, &[("AccountId", account.into())])
                .await
                .unwrap();
        }
    };
    let sessions = async {
        for _ in 0..40 {
            world.session(user, "Ended").await;
        }
    };
    let reads = async {
        for _ in 0..40 {
            let soql = "SELECT EndUserAccountId, MessagingEndUser.AccountId FROM MessagingSession";
            let (rows, _) = world.query(&world.agent, soql).await.unwrap();
            let first = rows.first().cloned();
            assert!(
                rows.iter()
                    .all(|row| row[0] == row[1] && Some(row) == first.as_ref())
            );
        }
    };
    tokio::join!(relinks, sessions, reads);
    let soql = format!(
        "SELECT COUNT() FROM MessagingSession WHERE EndUserAccountId = '{}'",
        accounts[1]
    );
    assert_eq!(world.count(&world.agent, &soql).await, 40);
}

/// One thing somebody does. Numbers choose among what there is, whatever there is.
#[derive(Debug, Clone)]
enum Step {
    Relink { user: usize, account: Option<usize> },
    RelinkContact { user: usize, contact: Option<usize> },
    RelinkAll { account: Option<usize> },
    DeleteAccount { account: usize },
    DeleteContact { contact: usize },
    DeleteSession { session: usize },
    MergeAccounts { survivor: usize, merged: usize },
    MergeContacts { survivor: usize, merged: usize },
    NewSession { user: usize, ended: bool },
    NewUser { account: Option<usize> },
    NewAccountAndContact,
}

/// The survivor, and how many of those after it are merged into it.
fn merging() -> impl Strategy<Value = (usize, usize)> {
    (0..4_usize, 1..=MERGED_MAX)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let account = || proptest::option::weighted(0.8, 0..4_usize);
    let step = prop_oneof![
        4 => (0..3_usize, account()).prop_map(|(user, account)| Step::Relink { user, account }),
        2 => (0..3_usize, account()).prop_map(|(user, contact)| Step::RelinkContact { user, contact }),
        1 => account().prop_map(|account| Step::RelinkAll { account }),
        1 => (0..4_usize).prop_map(|account| Step::DeleteAccount { account }),
        1 => (0..4_usize).prop_map(|contact| Step::DeleteContact { contact }),
        1 => (0..9_usize).prop_map(|session| Step::DeleteSession { session }),
        3 => merging().prop_map(|(survivor, merged)| Step::MergeAccounts { survivor, merged }),
        2 => merging().prop_map(|(survivor, merged)| Step::MergeContacts { survivor, merged }),
        2 => Just(Step::NewAccountAndContact),
        3 => (0..3_usize, any::<bool>()).prop_map(|(user, ended)| Step::NewSession { user, ended }),
        1 => account().prop_map(|account| Step::NewUser { account }),
    ];
    proptest::collection::vec(step, 1..24)
}

/// What ought to be so, kept beside the database.
#[derive(Default)]
struct Model {
    accounts: Vec<Id>,
    contacts: Vec<Id>,
    users: Vec<Id>,
    account_of: HashMap<Id, Option<Id>>,
    contact_of: HashMap<Id, Option<Id>>,
    /// By the sessions' order of making, so that the same steps choose the same ones.
    user_of: BTreeMap<Id, Id>,
}

impl Model {
    fn account(&self, place: usize) -> Option<Id> {
        let places = self.accounts.len();
        (places > 0).then(|| self.accounts[place % places])
    }

    fn contact(&self, place: usize) -> Option<Id> {
        let places = self.contacts.len();
        (places > 0).then(|| self.contacts[place % places])
    }

    async fn accounts_and_contacts(&mut self, world: &World, names: &[&str]) {
        for name in names {
            self.accounts.push(world.account(name).await);
            let fields = [("LastName", (*name).into())];
            self.contacts.push(world.make("Contact", &fields).await);
        }
    }

    async fn take(&mut self, world: &World, step: &Step) {
        match step {
            Step::NewUser { account } => {
                let account = account.and_then(|place| self.account(place));
                let user = world
                    .end_user(&format!("+49{}", self.users.len()), account)
                    .await;
                self.users.push(user);
                self.account_of.insert(user, account);
                self.contact_of.insert(user, None);
            }
            Step::NewAccountAndContact => self.accounts_and_contacts(world, &["New"]).await,
            Step::RelinkContact { user, contact } => {
                let user = self.users[user % self.users.len()];
                let contact = contact.and_then(|place| self.contact(place));
                world
                    .update(&world.agent, user, &[("ContactId", contact.into())])
                    .await
                    .unwrap();
                self.contact_of.insert(user, contact);
            }
            Step::MergeAccounts { survivor, merged } => {
                let (accounts, links) = (&mut self.accounts, &mut self.account_of);
                merge(world, "Account", *survivor, *merged, accounts, links).await;
            }
            Step::MergeContacts { survivor, merged } => {
                let (contacts, links) = (&mut self.contacts, &mut self.contact_of);
                merge(world, "Contact", *survivor, *merged, contacts, links).await;
            }
            Step::Relink { user, account } => {
                let user = self.users[user % self.users.len()];
                let account = account.and_then(|place| self.account(place));
                world
                    .update(&world.agent, user, &[("AccountId", account.into())])
                    .await
                    .unwrap();
                self.account_of.insert(user, account);
            }
            Step::DeleteAccount { account } => {
                let (accounts, links) = (&mut self.accounts, &mut self.account_of);
                delete(world, *account, accounts, links).await;
            }
            Step::RelinkAll { account } => {
                let account = account.and_then(|place| self.account(place));
                let request = RelinkRequest {
                    messaging_users: self.users.iter().map(Id::to_string).collect(),
                    account: account.map_or(Change::Clear, |id| Change::Set(id.to_string())),
                    ..RelinkRequest::default()
                };
                world.org.relink(&world.agent, request).await.unwrap();
                for linked in self.account_of.values_mut() {
                    *linked = account;
                }
            }
            Step::DeleteContact { contact } => {
                let (contacts, links) = (&mut self.contacts, &mut self.contact_of);
                delete(world, *contact, contacts, links).await;
            }
            Step::DeleteSession { session } => {
                let sessions = self.user_of.len().max(1);
                if let Some(session) = self.user_of.keys().nth(session % sessions).copied() {
                    world.delete(&world.admin, session).await.unwrap();
                    self.user_of.remove(&session);
                }
            }
            Step::NewSession { user, ended } => {
                let user = self.users[user % self.users.len()];
                let open = format!(
                    "SELECT COUNT() FROM MessagingSession WHERE MessagingEndUserId = '{user}' AND Status != 'Ended'"
                );
                let ended = *ended || world.count(&world.admin, &open).await > 0;
                let session = world
                    .session(user, if ended { "Ended" } else { "Active" })
                    .await;
                self.user_of.insert(session, user);
            }
        }
    }

    /// Every way to see a session's account shows its user's.
    async fn check(&self, world: &World) {
        let agent = &world.agent;
        self.check_contacts(world).await;
        let all = "SELECT Id, EndUserAccountId, MessagingEndUser.AccountId, EndUserAccount.Id FROM MessagingSession ORDER BY EndUserAccountId";
        let (rows, total) = world.query(agent, all).await.unwrap();
        assert_eq!(total, self.user_of.len() as u64);
        let mut before = None;
        for row in rows {
            let session = row[0].as_id().unwrap();
            let expected = Value::from(self.account_of[&self.user_of[&session]]);
            assert_eq!(
                row[1..],
                [expected.clone(), expected.clone(), expected.clone()]
            );
            assert_eq!(
                world.read(agent, session, "EndUserAccountId").unwrap(),
                expected
            );
            let here = expected.as_id();
            assert!(
                before <= here,
                "sorted by the account of the user, null first"
            );
            before = here;
        }
        for account in self.accounts.iter().copied().map(Some).chain([None]) {
            let expected = self
                .user_of
                .values()
                .filter(|user| self.account_of[user] == account);
            let value = account.map_or_else(|| "null".to_owned(), |id| format!("'{id}'"));
            let soql =
                format!("SELECT COUNT() FROM MessagingSession WHERE EndUserAccountId = {value}");
            assert_eq!(world.count(agent, &soql).await, expected.count() as u64);
        }
    }

    async fn check_contacts(&self, world: &World) {
        let all = "SELECT Id, EndUserContactId, EndUserContact.Id FROM MessagingSession";
        for row in world.query(&world.agent, all).await.unwrap().0 {
            let user = self.user_of[&row[0].as_id().unwrap()];
            let expected = Value::from(self.contact_of[&user]);
            assert_eq!(row[1..], [expected.clone(), expected]);
        }
        for contact in &self.contacts {
            let users = self.user_of.values();
            let expected = users.filter(|user| self.contact_of[user] == Some(*contact));
            let soql = format!(
                "SELECT COUNT() FROM MessagingSession WHERE EndUserContactId = '{contact}'"
            );
            let count = world.count(&world.agent, &soql).await;
            assert_eq!(count, expected.count() as u64);
        }
    }
}

/// Deletes one of these records, and clears the links to it as it ought to be.
async fn delete(
    world: &World,
    place: usize,
    records: &mut Vec<Id>,
    links: &mut HashMap<Id, Option<Id>>,
) {
    if records.is_empty() {
        return;
    }
    let gone = records.remove(place % records.len());
    world.delete(&world.admin, gone).await.unwrap();
    for link in links.values_mut() {
        *link = link.filter(|linked| *linked != gone);
    }
}

/// Merges some of these records, and moves the links to them as it ought to be.
async fn merge(
    world: &World,
    object: &str,
    survivor: usize,
    merged: usize,
    records: &mut Vec<Id>,
    links: &mut HashMap<Id, Option<Id>>,
) {
    let merged = merged.min(records.len().saturating_sub(1));
    if merged == 0 {
        return;
    }
    let at = |place: usize| records[place % records.len()];
    let (survivor, merged) = (at(survivor), (1..=merged).map(|n| at(survivor + n)));
    let merged: Vec<Id> = merged.collect();
    let request = MergeRequest {
        object: object.to_owned(),
        survivor: survivor.to_string(),
        merged: merged.iter().map(Id::to_string).collect(),
        ..MergeRequest::default()
    };
    world.org.merge(&world.admin, request).await.unwrap();
    records.retain(|known| !merged.contains(known));
    for link in links.values_mut() {
        if link.is_some_and(|linked| merged.contains(&linked)) {
            *link = Some(survivor);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_sessions_account_is_its_users_whatever_happens_in_whatever_order(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let mut model = Model::default();
            model.accounts_and_contacts(&world, &["A", "B", "C"]).await;
            model.take(&world, &Step::NewUser { account: Some(0) }).await;
            for step in &steps {
                model.take(&world, step).await;
                model.check(&world).await;
            }
        });
    }
}
