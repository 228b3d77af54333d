//! (i) Rows loaded by a bulk job, against plain SQLite that is given the same rows, with the same
//! tables and indexes, that of words among them, the same history and change-log rows, in groups of the
//! same size; and against the same without the index of words.
//!
//! `HEADWATER_BENCH_BULK_ROWS` says how many: 1,000,000 unless it does. Memory is looked at while the
//! job is worked: more rows must not take more of it.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::server::Server;
use crate::table::{Table, Target};
use crate::world;

const ROWS: usize = 1_000_000;

/// Rows of a job: an upload has a bound, so a million comes in several.
const ROWS_OF_JOB: usize = 500_000;

/// Rows of a transaction of the plain database: as many as the writer takes together at most.
const GROUP: usize = 256;

/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(250);

pub fn bulk(table: &mut Table) -> Result<()> {
    let rows = match std::env::var("HEADWATER_BENCH_BULK_ROWS") {
        Ok(text) => text.parse().context("HEADWATER_BENCH_BULK_ROWS")?,
        Err(_) => ROWS,
    };
    let directory = tempfile::tempdir_in(crate::scratch())?;
    let bare = plain(&directory.path().join("plain.db"), rows, true)?;
    let wordless = plain(&directory.path().join("wordless.db"), rows, false)?;
    let server = Server::start(&directory.path().join("server"))?;
    let token = server.token("admin@headwater.example")?;
    let before = server.own_memory_megabytes()?;
    let (mut seconds, mut most) = (0.0, 0.0_f64);
    for first in (0..rows).step_by(ROWS_OF_JOB) {
        let count = ROWS_OF_JOB.min(rows - first);
        let (took, memory) = load(&server, &token, first, count)?;
        seconds += took;
        most = most.max(memory);
    }
    let ours = rows as f64 / seconds;
    table.line(
        &format!("{rows} rows loaded by a bulk job, rows a second"),
        format!("{ours:.0}"),
        format!("{bare:.0}"),
        ours / bare,
        Target::AtLeast(0.4),
    );
    table.line(
        "the same, against rows that no index of words finds",
        format!("{ours:.0}"),
        format!("{wordless:.0}"),
        ours / wordless,
        Target::None,
    );
    table.line(
        "memory of its own while they are loaded, more than before, MB",
        format!("{most:.0}"),
        format!("{before:.0}"),
        most - before,
        // The page caches of the connections.
        Target::AtMost(100.0),
    );
    Ok(())
}

/// A job from its upload to its end: seconds, and the most memory that was seen.
pub fn load(server: &Server, token: &str, first: usize, count: usize) -> Result<(f64, f64)> {
    let jobs = "/services/data/v66.0/jobs/ingest";
    let wish = json!({ "object": "Account", "operation": "insert" });
    let job = server.post(token, jobs, &wish)?;
    let path = format!("{jobs}/{}", job["id"].as_str().context("no id")?);
    let mut csv = String::from("Name,Phone,BillingCity\n");
    for row in first..first + count {
        writeln!(csv, "Account {row},+1555{row:07},Oslo")?;
    }
    let began = Instant::now();
    server.put(token, &format!("{path}/batches"), csv)?;
    server.patch(token, &path, &json!({ "state": "UploadComplete" }))?;
    let mut most = 0.0_f64;
    let ended: Value = loop {
        let job = serde_json::from_slice::<Value>(&server.get(token, &path)?)?;
        most = most.max(server.own_memory_megabytes()?);
        if job["state"] != "UploadComplete" && job["state"] != "InProgress" {
            break job;
        }
        std::thread::sleep(LOOK);
    };
    ensure!(ended["state"] == "JobComplete", "{ended}");
    ensure!(ended["numberRecordsFailed"] == 0, "{ended}");
    Ok((began.elapsed().as_secs_f64(), most))
}

/// The same rows by prepared statements: rows a second.
fn plain(file: &Path, rows: usize, has_words: bool) -> Result<f64> {
    let org = world::open(file)?;
    org.store().close();
    drop(org);
    let mut connection = world::connect(file)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 20_000)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let account = insert(
        &connection,
        "Account",
        &[
            ("Id", "?1"),
            ("Name", "?2"),
            ("Phone", "?3"),
            ("BillingCity", "'Oslo'"),
        ],
    )?;
    let history = insert(
        &connection,
        "AccountHistory",
        &[
            ("Id", "?1"),
            ("AccountId", "?2"),
            ("Field", "'created'"),
            ("DataType", "'Text'"),
        ],
    )?;
    let change = "INSERT INTO _headwater_change SELECT ?1, ?1, 1700000000000000, Id, 1, 'Account', \
                  ?2, ?3 FROM User LIMIT 1";
    let fields =
        r#"{"Name":"Account","Phone":"+1555","BillingCity":"Oslo","OwnerId":"005HW0000000001AAA"}"#;
    let words = "INSERT OR REPLACE INTO _headwater_search_Account (rowid, name, email, phone, other) \
                 VALUES (?1, ?2, '', ?3, 'oslo')";
    let began = Instant::now();
    for first in (0..rows).step_by(GROUP) {
        let transaction = connection.transaction()?;
        for row in first..(first + GROUP).min(rows) {
            let number = u32::try_from(row)?;
            let id = world::id("001", number).to_string();
            transaction.prepare_cached(&account)?.execute((
                &id,
                format!("Account {row}"),
                format!("+1555{row:07}"),
            ))?;
            let history_id = world::id("017", number).to_string();
            transaction
                .prepare_cached(&history)?
                .execute((&history_id, &id))?;
            transaction.prepare_cached(change)?.execute((
                1_000_000 + i64::from(number),
                &id,
                fields,
            ))?;
        }
        if has_words {
            let mut insert = transaction.prepare_cached(words)?;
            for row in first..(first + GROUP).min(rows) {
                insert.execute((
                    1_000_000 + i64::try_from(row)?,
                    format!("account {row}"),
                    format!("1555{row:07}"),
                ))?;
            }
        }
        transaction.commit()?;
    }
    Ok(rows as f64 / began.elapsed().as_secs_f64())
}

/// The text that inserts a row; columns that must not be null and are not given get something
/// harmless.
fn insert(connection: &Connection, table: &str, given: &[(&str, &str)]) -> Result<String> {
    let columns = world::columns(connection, table, given)?;
    let user: String = connection.query_row("SELECT Id FROM User LIMIT 1", (), |row| row.get(0))?;
    let names: Vec<_> = columns
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    let values: Vec<_> = columns
        .iter()
        .map(|(_, value)| value.replace(world::ANY_USER, &format!("'{user}'")))
        .collect();
    Ok(format!(
        "INSERT INTO \"{table}\" ({}) VALUES ({})",
        names.join(", "),
        values.join(", ")
    ))
}
