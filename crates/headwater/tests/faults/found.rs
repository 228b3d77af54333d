//! What is in the database at the end, compared with what the writers were told.

use std::collections::BTreeMap;
use std::sync::Arc;

use headwater_catalogue::{Catalogue, Value};
use headwater_store::{Change, ChangeKind, Location, Options, Store};
use headwater_testpostgres::Durable;
use tokio_postgres::NoTls;

use crate::nodes::DATABASE;
use crate::writer::{Fate, Told};

const CHANGES_READ: usize = 10_000;

/// The database is whole, and says what the writers were told.
pub(crate) async fn compare(cluster: &Durable, told: &[Told]) {
    let url = Durable::url(cluster.port(), DATABASE);
    let changes = changes(url.clone()).await;
    let marks = marks(&changes);
    for writer in told {
        compare_writer(writer, &changes, &marks);
    }
    compare_rows(&url, &changes).await;
}

/// The whole change log, without a gap.
async fn changes(url: String) -> Vec<Change> {
    let catalogue = Arc::new(Catalogue::built_in().unwrap());
    let open = move || Store::open(&Location::Postgres(url), catalogue, Options::default());
    let store = tokio::task::spawn_blocking(open).await.unwrap().unwrap();
    let checked = store.clone();
    let problems = tokio::task::spawn_blocking(move || checked.check_integrity());
    assert_eq!(problems.await.unwrap().unwrap(), [""; 0]);
    let mut all: Vec<Change> = Vec::new();
    loop {
        let last = all.last().map_or(0, |change| change.replay_id);
        let more = store.changes(last, CHANGES_READ).await.unwrap();
        if more.is_empty() {
            break;
        }
        for change in more {
            let before = all.last();
            let last = before.map_or(0, |before| before.replay_id);
            assert_eq!(change.replay_id, last + 1, "the change log has a gap");
            let goes_on = before.is_some_and(|before| before.transaction == change.transaction);
            let begins = change.transaction == change.replay_id;
            assert!(goes_on || begins, "a write stands together: {change:?}");
            all.push(change);
        }
    }
    tokio::task::spawn_blocking(move || store.close())
        .await
        .unwrap();
    all
}

/// The changes that carry each mark, by their place.
fn marks(changes: &[Change]) -> BTreeMap<String, Vec<usize>> {
    let mut marks = BTreeMap::<String, Vec<usize>>::new();
    for (place, change) in changes.iter().enumerate() {
        let field = match (&*change.object, change.kind) {
            ("MessagingEndUser", ChangeKind::Update) => "Name",
            ("MessagingSession", ChangeKind::Create) => "ChannelIntent",
            _ => continue,
        };
        let mark = value(change, field).unwrap_or_default();
        marks.entry(mark).or_default().push(place);
    }
    marks
}

/// Each write that was acknowledged is there once, none that was refused is, and all of them whole
/// and in their order.
fn compare_writer(writer: &Told, changes: &[Change], marks: &BTreeMap<String, Vec<usize>>) {
    let mut before = 0;
    for (number, fate) in (1..).zip(&writer.writes) {
        let mark = writer.mark(number);
        let found = marks.get(&mark).map_or(&[][..], |places| &places[..]);
        let right = match fate {
            Fate::Done => found.len() == 1,
            Fate::NotDone => found.is_empty(),
            Fate::InDoubt => found.len() <= 1,
        };
        assert!(
            right,
            "{mark}: told {fate:?}, and found {} times",
            found.len()
        );
        let Some(place) = found.first() else { continue };
        let change = &changes[*place];
        if Told::is_session(number) {
            let user = value(change, "MessagingEndUserId");
            assert_eq!(user.as_deref(), Some(&*writer.user), "{mark}");
        } else {
            // The account may be the one that it was.
            let account = value(change, "AccountId");
            let expected = writer.account(number);
            assert!(account.is_none_or(|account| account == expected), "{mark}");
        }
        if *fate == Fate::Done {
            assert!(*place >= before, "{mark} comes before the one before it");
            before = *place;
        }
    }
}

/// The rows are as the change log leaves them.
async fn compare_rows(url: &str, changes: &[Change]) {
    let (mut users, mut sessions) = (BTreeMap::new(), BTreeMap::new());
    for change in changes {
        let record = change.record.to_string();
        match &*change.object {
            "MessagingEndUser" => {
                let user: &mut [String; 2] = users.entry(record).or_default();
                for (place, field) in ["Name", "AccountId"].into_iter().enumerate() {
                    if let Some(value) = value(change, field) {
                        user[place] = value;
                    }
                }
            }
            "MessagingSession" => {
                let fields = ["ChannelIntent", "MessagingEndUserId"];
                let session = fields.map(|field| value(change, field).unwrap_or_default());
                sessions.insert(record, session);
            }
            _ => {}
        }
    }
    let text = "SELECT \"Id\", \"Name\", \"AccountId\" FROM \"MessagingEndUser\"";
    assert!(
        rows(url, text).await == users,
        "users and change log disagree"
    );
    let text = "SELECT \"Id\", \"ChannelIntent\", \"MessagingEndUserId\" FROM \"MessagingSession\"";
    assert!(
        rows(url, text).await == sessions,
        "sessions and change log disagree"
    );
    assert!(sessions.len() > 50, "only {} sessions", sessions.len());
}

async fn rows(url: &str, text: &str) -> BTreeMap<String, [String; 2]> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let rows = client.query(text, &[]).await.unwrap();
    rows.iter()
        .map(|row| (row.get(0), [row.get(1), row.get(2)]))
        .collect()
}

fn value(change: &Change, field: &str) -> Option<String> {
    let (_, value) = change.fields.iter().find(|(name, _)| name == field)?;
    Some(match value {
        Value::Id(id) => id.to_string(),
        other => other.as_text().unwrap_or_default().to_owned(),
    })
}
