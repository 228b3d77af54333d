//! (h) A search of an org with a million sessions, in process, against the same engine's own full-text
//! query on the same index, joined and prepared by hand.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use headwater_records::{RecordSink, RowSink, ValueRef};
use rusqlite::Connection;

use crate::median;
use crate::table::{Table, Target};
use crate::world::{self, World};

const ROUNDS: usize = 5;
const LOOK: Duration = Duration::from_millis(500);

/// Number of the first record that the world is made of.
const FIRST: u64 = 1 << 40;

/// What is searched for, and the same for the engine.
const SEARCHES: [(&str, &str, &str); 3] = [
    ("one of 1,000,000", "MS\\-500000", "\"ms 500000\""),
    ("a word of all 1,000,000", "ms", "\"ms\""),
    ("a beginning of 111,111", "MS AND 1*", "\"ms\" AND \"1\" *"),
];

pub fn search(table: &mut Table) -> Result<()> {
    let world = world::build()?;
    let began = Instant::now();
    world.org.store().renew_search_blocking()?;
    eprintln!(
        "  the index of all records was made in {:.0?}",
        began.elapsed()
    );
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let connection = world::connect(&world.file)?;
    connection.execute_batch("PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -65536")?;
    for (what, words, expression) in SEARCHES {
        let found = runtime.block_on(ours(&world, words))?;
        ensure!(
            found == by_hand(&connection, expression)? && !found.is_empty(),
            "both ways must find the same sessions"
        );
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            mine.push(repeat(|| runtime.block_on(ours(&world, words)))?);
            theirs.push(repeat(|| by_hand(&connection, expression))?);
        }
        let (mine, theirs) = (median(mine), median(theirs));
        table.line(
            &format!("search for {what}, the newest 20, against the engine's own by hand"),
            micros(mine),
            micros(theirs),
            theirs / mine,
            Target::AtLeast(0.5),
        );
    }
    Ok(())
}

fn micros(seconds: f64) -> String {
    format!("{:.0} µs", seconds * 1e6)
}

/// Takes the ids.
#[derive(Default)]
struct Ids(Vec<String>);

impl RowSink for Ids {
    fn row(&mut self, row: &headwater_records::Row<'_>) {
        if let ValueRef::Id(id) = row.get(0) {
            self.0.push(id.to_owned());
        }
    }
}

impl RecordSink for Ids {
    fn begin(&mut self, _: &std::sync::Arc<headwater_soql::resolved::Query>) {}
}

async fn ours(world: &World, words: &str) -> Result<Vec<String>> {
    let sosl = format!("FIND {{{words}}} RETURNING MessagingSession(Id, Name, Status LIMIT 20)");
    let caller = world.org.system();
    let answer = world.org.search(&caller, &sosl, Ids::default()).await?;
    Ok(answer.sink.0)
}

fn by_hand(connection: &Connection, expression: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT s.Id, s.Name, s.Status FROM _headwater_search_MessagingSession w
         CROSS JOIN MessagingSession s ON s.Id = id('0Mw', w.rowid - {FIRST})
         WHERE w._headwater_search_MessagingSession MATCH ?1 AND s.IsDeleted = 0
         ORDER BY w.rowid DESC LIMIT 20"
    ))?;
    let mut rows = statement.query([expression])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        ids.push(row.get_ref(0)?.as_str()?.to_owned());
    }
    Ok(ids)
}

/// Mean seconds of one look, over half a second of them.
fn repeat(mut look: impl FnMut() -> Result<Vec<String>>) -> Result<f64> {
    let began = Instant::now();
    let mut times = 0;
    while began.elapsed() < LOOK {
        look()?;
        times += 1;
    }
    Ok(began.elapsed().as_secs_f64() / f64::from(times))
}
