//! What the change log says, compared with what the server shows and what the clients were told.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use futures_executor::block_on;
use headwater_catalogue::{Catalogue, Value};
use headwater_store::{Change, ChangeKind, Location, Options, Store};
use serde_json::json;

use crate::client::{Client, World, number_in};
use crate::door::{Door, text};

const CHANGES_READ: usize = 10_000;

/// What the change log says, from its beginning to the last kill.
#[derive(Default)]
pub(crate) struct Record {
    last: i64,
    /// Name and account of each Messaging User.
    users: BTreeMap<String, (String, String)>,
    /// The mark of each session that was made.
    sessions: BTreeMap<String, String>,
}

impl Record {
    /// Opens the files a kill left behind, looks for damage, and takes in what the change log says
    /// since the last time.
    pub(crate) fn read(&mut self, crash: &Path, round: u32) -> Vec<Change> {
        let catalogue = Arc::new(Catalogue::built_in().unwrap());
        let file = crash.join("headwater.db");
        let store = Store::open(&Location::Sqlite(file), catalogue, Options::default())
            .unwrap_or_else(|error| panic!("after kill {round} the database opens: {error}"));
        assert_eq!(
            store.check_integrity().unwrap(),
            [""; 0],
            "after kill {round}"
        );
        let mut news: Vec<Change> = Vec::new();
        loop {
            let changes = block_on(store.changes(self.last, CHANGES_READ)).unwrap();
            if changes.is_empty() {
                break;
            }
            for change in changes {
                assert_eq!(change.replay_id, self.last + 1, "the change log has a gap");
                let goes_on = news
                    .last()
                    .is_some_and(|last| last.transaction == change.transaction);
                let begins = change.transaction == change.replay_id;
                assert!(
                    goes_on || begins,
                    "a write's entries stand together: {change:?}"
                );
                self.last = change.replay_id;
                self.apply(&change);
                news.push(change);
            }
        }
        store.close();
        news
    }

    fn apply(&mut self, change: &Change) {
        let record = change.record.to_string();
        match (&*change.object, change.kind) {
            ("MessagingEndUser", _) => {
                let user = self.users.entry(record).or_default();
                for (field, value) in &change.fields {
                    match &**field {
                        "Name" => user.0 = written(value),
                        "AccountId" => user.1 = written(value),
                        _ => {}
                    }
                }
            }
            ("MessagingSession", ChangeKind::Create) => {
                let mark = change
                    .fields
                    .iter()
                    .find(|(field, _)| field == "ChannelIntent");
                self.sessions
                    .insert(record, written(&mark.expect("a session has a mark").1));
            }
            _ => {}
        }
    }

    /// Each Messaging User is as the change log says, not before what its client was told, and
    /// whole: the name's number and the account go together.
    pub(crate) async fn compare_rows(&self, door: &Door, world: &World, clients: &mut [Client]) {
        let rows = door
            .rows("SELECT Id, Name, AccountId FROM MessagingEndUser")
            .await;
        let found: BTreeMap<String, (String, String)> = rows
            .iter()
            .map(|row| {
                (
                    text(&row["Id"]),
                    (text(&row["Name"]), text(&row["AccountId"])),
                )
            })
            .collect();
        agree("the rows and the change log", &found, &self.users);
        for client in clients {
            let (name, account) = &found[&client.user];
            let number = number_in(name);
            assert!(
                (client.acknowledged..client.next).contains(&number),
                "client {} was told {}, has sent {}, and finds {number}",
                client.number,
                client.acknowledged,
                client.next - 1,
            );
            assert_eq!(
                account,
                world.account(number),
                "half a write of client {}",
                client.number
            );
            // From now on it must stay.
            client.acknowledged = number;
        }
    }

    /// The history of each Messaging User since the last kill says what the change log says, and
    /// each of its rows begins where the one before has ended.
    pub(crate) async fn compare_history(&self, door: &Door, world: &World, news: &[Change]) {
        let since = since(news);
        let soql = format!(
            "SELECT MessagingEndUserId, Field, DataType, OldValue, NewValue \
             FROM MessagingEndUserHistory WHERE CreatedDate >= {since} AND Field != 'created' \
             ORDER BY CreatedDate"
        );
        let (mut old, mut new) = (Streams::new(), Streams::new());
        for row in door.rows(&soql).await {
            let stream = ["MessagingEndUserId", "Field", "DataType"].map(|name| text(&row[name]));
            old.entry(stream.clone())
                .or_default()
                .push(text(&row["OldValue"]));
            new.entry(stream).or_default().push(text(&row["NewValue"]));
        }
        let expected = history_told_by(news, world);
        agree("the history and the change log", &new, &expected);
        for (stream, old) in old {
            let new = &new[&stream];
            assert_eq!(old[1..], new[..new.len() - 1], "{stream:?} breaks off");
        }
    }

    /// The sessions made since the last kill are those of the change log, each with its first row
    /// of history, and none that a client was told of is missing.
    pub(crate) async fn compare_sessions(&self, door: &Door, clients: &[Client], news: &[Change]) {
        let since = since(news);
        let rows = door
            .rows(&format!(
                "SELECT Id, ChannelIntent FROM MessagingSession WHERE CreatedDate >= {since}"
            ))
            .await;
        for row in &rows {
            let mark = self.sessions.get(&text(&row["Id"]));
            assert_eq!(mark, Some(&text(&row["ChannelIntent"])), "{row}");
        }
        let begun = door
            .rows(&format!(
                "SELECT MessagingSessionId FROM MessagingSessionHistory \
                 WHERE CreatedDate >= {since} AND Field = 'created'"
            ))
            .await;
        let made: BTreeSet<String> = rows.iter().map(|row| text(&row["Id"])).collect();
        let begun: BTreeSet<String> = begun
            .iter()
            .map(|row| text(&row["MessagingSessionId"]))
            .collect();
        assert_eq!(made, begun, "each session has the first row of its history");
        for client in clients {
            for (id, number) in &client.made {
                let mark = client.mark(*number);
                assert_eq!(
                    self.sessions.get(id),
                    Some(&mark),
                    "a session somebody was told of"
                );
            }
        }
    }

    /// All of it once more at the end, and what the store keeps beside the rows.
    pub(crate) async fn compare_everything(&self, door: &Door, clients: &[Client]) {
        let rows = door
            .rows("SELECT Id, ChannelIntent, MessagingEndUserId FROM MessagingSession")
            .await;
        let found: BTreeMap<String, String> = rows
            .iter()
            .map(|row| (text(&row["Id"]), text(&row["ChannelIntent"])))
            .collect();
        agree("the sessions and the change log", &found, &self.sessions);
        assert!(found.len() > 100, "only {} sessions were made", found.len());
        for client in clients {
            let mut own = rows
                .iter()
                .filter(|row| row["MessagingEndUserId"] == *client.user);
            let Some(one) = own.next() else { continue };
            let path = format!("MessagingSession/{}/EndUserAccountId", text(&one["Id"]));
            let kept = door.explain(&path).await["lock"]["editAt"]["sessions"].clone();
            assert_eq!(
                kept,
                json!(own.count() + 1),
                "the count kept on client {}",
                client.number
            );
        }
    }
}

/// Fails at the first entry in which two accounts of the same differ.
fn agree<K: Ord + Debug, V: PartialEq + Debug>(
    what: &str,
    found: &BTreeMap<K, V>,
    told: &BTreeMap<K, V>,
) {
    for key in found.keys().chain(told.keys()) {
        assert_eq!(found.get(key), told.get(key), "{what} disagree on {key:?}");
    }
}

/// The values that a field of a record went through: record, field, data type.
type Streams = BTreeMap<[String; 3], Vec<String>>;

/// The new values in the history that these changes must have left.
fn history_told_by(news: &[Change], world: &World) -> Streams {
    let mut streams = Streams::new();
    let of_users = news
        .iter()
        .filter(|change| change.object == "MessagingEndUser" && change.kind == ChangeKind::Update);
    for change in of_users {
        let mut add = |field: &str, data_type: &str, value: String| {
            let stream = [
                change.record.to_string(),
                field.to_owned(),
                data_type.to_owned(),
            ];
            streams.entry(stream).or_default().push(value);
        };
        for (field, value) in &change.fields {
            match &**field {
                "Name" => add("Name", "Text", written(value)),
                "AccountId" => {
                    add("Account", "Text", world.name_of(&written(value)).to_owned());
                    add("Account", "EntityId", written(value));
                }
                other => panic!("nobody has written {other}"),
            }
        }
    }
    streams
}

/// When the earliest of these changes happened, as SOQL writes it. Not always the first: writes are
/// dated when they are asked for, and numbered when they are committed.
pub(crate) fn since(news: &[Change]) -> String {
    let at = news
        .iter()
        .map(|change| change.at)
        .min()
        .expect("a round writes something");
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn written(value: &Value) -> String {
    match value {
        Value::Id(id) => id.to_string(),
        other => other.as_text().unwrap_or_default().to_owned(),
    }
}
