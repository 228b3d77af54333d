//! A large org, made in seconds: the tables by Headwater, the rows by plain SQL.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use headwater_catalogue::{Catalogue, Id, KeyPrefix};
use headwater_records::{Org, SystemClock, SystemRandomness};
use headwater_store::{Location, Options, Store};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

/// Sessions in all.
pub const SESSIONS: u32 = 1_000_000;
/// Messaging Users in all.
pub const USERS: u32 = 100_000;
/// Messaging Users of the account that has many.
pub const USERS_OF_LARGE: u32 = 10_000;

/// Numbers of the records that are asked about.
pub const LARGE: u32 = 1;
pub const SMALL: u32 = 2;

/// The org and the file it lies in.
pub struct World {
    pub org: Org,
    pub file: PathBuf,
    /// Where it lies, as long as it is needed.
    pub directory: tempfile::TempDir,
}

/// An id of this world; its numbers are beyond those the server gives out here.
pub fn id(prefix: &str, number: u32) -> Id {
    Id::new(KeyPrefix::new(prefix), 1 << 40 | u64::from(number))
}

/// Makes a world with 1,000,000 sessions and 100,000 Messaging Users.
pub fn build() -> Result<World> {
    let directory = tempfile::tempdir_in(crate::scratch())?;
    let file = directory.path().join("headwater.db");
    let org = open(&file)?;
    let channel = "(SELECT Id FROM MessagingChannel LIMIT 1)".to_owned();
    drop(org);
    let connection = connect(&file)?;
    connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF")?;
    fill(
        &connection,
        "MessagingChannel",
        1,
        &[("Id", "id('0Mj', n)"), ("MessageType", "'Text'")],
    )?;
    fill(
        &connection,
        "Account",
        20_000,
        &[("Id", "id('001', n)"), ("Name", "'Account ' || n")],
    )?;
    // The first users belong to the large account, the next to the small one, the others in
    // tens to the rest.
    let account = format!(
        "id('001', CASE WHEN n <= {USERS_OF_LARGE} THEN {LARGE} \
         WHEN n = {USERS_OF_LARGE} + 1 THEN {SMALL} ELSE 3 + n / 10 END)"
    );
    fill(
        &connection,
        "MessagingEndUser",
        USERS,
        &[
            ("Id", "id('0PA', n)"),
            ("Name", "'+1555' || n"),
            ("MessagingPlatformKey", "'+1555' || n"),
            ("MessagingChannelId", &channel),
            ("MessageType", "'Text'"),
            ("AccountId", &account),
        ],
    )?;
    fill_sessions(&connection, &channel)?;
    connection.execute_batch(
        "UPDATE MessagingEndUser SET
           SessionCount = (SELECT count(*) FROM MessagingSession s
                           WHERE s.MessagingEndUserId = MessagingEndUser.Id),
           LatestSessionStartTime = (SELECT max(StartTime) FROM MessagingSession s
                                     WHERE s.MessagingEndUserId = MessagingEndUser.Id);
         ANALYZE;
         PRAGMA wal_checkpoint(TRUNCATE)",
    )?;
    drop(connection);
    Ok(World {
        org: open(&file)?,
        file,
        directory,
    })
}

/// Ten sessions for every user, then a hundred more for the small account's one user.
fn fill_sessions(connection: &Connection, channel: &str) -> Result<()> {
    let user = format!(
        "id('0PA', CASE WHEN n > {SESSIONS} - 100 THEN {USERS_OF_LARGE} + 1 ELSE 1 + n % {USERS} END)"
    );
    sessions(connection, 0, SESSIONS, &user, channel)
}

/// Adds sessions numbered from `first` on, of the users an expression in `n` gives.
fn sessions(
    connection: &Connection,
    first: u32,
    count: u32,
    user: &str,
    channel: &str,
) -> Result<()> {
    fill(
        connection,
        "MessagingSession",
        count,
        &[
            ("Id", &format!("id('0Mw', n + {first})")),
            ("Name", &format!("'MS-' || (n + {first})")),
            ("MessagingEndUserId", user),
            ("MessagingChannelId", channel),
            ("Status", "'Ended'"),
            (
                "StartTime",
                "1700000000000000 + (n * 7919 % 1000003) * 31000000",
            ),
        ],
    )
}

/// Gives one Messaging User a number of sessions, for the relinks to be compared.
pub fn give_sessions(file: &Path, user: Id, first: u32, count: u32) -> Result<()> {
    let connection = connect(file)?;
    connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF")?;
    connection.execute(
        "DELETE FROM MessagingSession WHERE MessagingEndUserId = ?1",
        [user.as_str()],
    )?;
    let channel = "(SELECT Id FROM MessagingChannel LIMIT 1)";
    sessions(&connection, first, count, &format!("'{user}'"), channel)?;
    connection.execute(
        "UPDATE MessagingEndUser SET SessionCount = ?2,
           LatestSessionStartTime = (SELECT max(StartTime) FROM MessagingSession
                                     WHERE MessagingEndUserId = ?1) WHERE Id = ?1",
        (user.as_str(), count),
    )?;
    Ok(())
}

/// Opens the org in a file, making it when it is not there.
pub fn open(file: &Path) -> Result<Org> {
    let catalogue = Arc::new(Catalogue::built_in()?);
    let store = Store::open(
        &Location::Sqlite(file.to_owned()),
        catalogue,
        Options::default(),
    )?;
    Ok(Org::open(
        store,
        Arc::new(SystemClock),
        Arc::new(SystemRandomness),
    )?)
}

/// A connection of our own, knowing what the schema's text columns need.
pub fn connect(file: &Path) -> Result<Connection> {
    let connection = Connection::open(file)?;
    // The world's texts are ASCII, where the store's collation is the same as this one.
    connection.create_collation("headwater_text", |a, b| {
        a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase())
    })?;
    let pure = FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_UTF8;
    connection.create_scalar_function("id", 2, pure, |arguments| {
        let prefix: String = arguments.get(0)?;
        Ok(id(&prefix, arguments.get(1)?).to_string())
    })?;
    Ok(connection)
}

/// What stands for a reference that must not be null.
pub const ANY_USER: &str = "(SELECT Id FROM User LIMIT 1)";

/// The columns of a table that are given, and something harmless for those that must not be null and
/// are not.
pub fn columns(
    connection: &Connection,
    table: &str,
    given: &[(&str, &str)],
) -> Result<Vec<(String, String)>> {
    let mut columns: Vec<(String, String)> = given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let mut info = connection.prepare(&format!("PRAGMA table_info(\"{table}\")"))?;
    let known = info.query_map((), |row| {
        Ok((
            row.get::<_, String>("name")?,
            row.get::<_, String>("type")?,
            row.get::<_, bool>("notnull")?,
        ))
    })?;
    for column in known {
        let (name, kind, required) = column?;
        if !required || columns.iter().any(|(given, _)| *given == name) {
            continue;
        }
        let value = match (&*kind, name.ends_with("Id")) {
            (_, true) => ANY_USER.to_owned(),
            ("INTEGER", _) if name.ends_with("Date") || name.ends_with("stamp") => {
                "1700000000000000".to_owned()
            }
            ("INTEGER", _) => "0".to_owned(),
            _ => "'x'".to_owned(),
        };
        columns.push((name, value));
    }
    Ok(columns)
}

/// Inserts `count` rows whose columns are expressions in `n`, counted from 1; columns that must not
/// be null and are not named get something harmless.
fn fill(connection: &Connection, table: &str, count: u32, given: &[(&str, &str)]) -> Result<()> {
    let columns = columns(connection, table, given)?;
    let names: Vec<_> = columns
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    let values: Vec<_> = columns.iter().map(|(_, value)| value.as_str()).collect();
    connection.execute_batch(&format!(
        "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {count})
         INSERT INTO \"{table}\" ({}) SELECT {} FROM number",
        names.join(", "),
        values.join(", ")
    ))?;
    Ok(())
}
