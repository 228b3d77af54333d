//! (b) "The newest 50 sessions of this account", in process, against SQL after the same idea,
//! prepared by hand.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use headwater_records::{QueryOptions, RecordSink};
use headwater_soql::resolved::Query;
use headwater_store::{Row, RowSink, ValueRef};
use rusqlite::Connection;

use crate::median;
use crate::table::{Table, Target};
use crate::world::{self, LARGE, SMALL, World};

const ROUNDS: usize = 5;
const LOOK: Duration = Duration::from_secs(1);

/// The account's 50 users with the latest sessions come first, along an index. None of the newest 50
/// sessions is older than the oldest of those latest ones, so that is how far back to look into each
/// user's sessions, along another index.
const BY_HAND: &str = "
    WITH newest(user, at) AS MATERIALIZED (
      SELECT Id, LatestSessionStartTime FROM MessagingEndUser
      WHERE AccountId = ?1 AND IsDeleted = 0
      ORDER BY LatestSessionStartTime DESC LIMIT 50
    )
    SELECT s.Id, s.Name, s.Status, s.StartTime, ?1
    FROM newest CROSS JOIN MessagingSession s ON s.MessagingEndUserId = newest.user
    WHERE s.StartTime >= (SELECT min(at) FROM newest) AND s.IsDeleted = 0
    ORDER BY s.StartTime DESC, s.Id LIMIT 50";

pub fn lists(table: &mut Table) -> Result<()> {
    let world = world::build()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let connection = world::connect(&world.file)?;
    connection.execute_batch("PRAGMA mmap_size = 1073741824; PRAGMA cache_size = -65536")?;
    ensure!(
        runtime.block_on(ours(&world, LARGE))? == by_hand(&connection, LARGE)?,
        "both ways must give the same sessions"
    );
    let (mut mine, mut theirs, mut small) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        mine.push(runtime.block_on(repeat_ours(&world, LARGE))?);
        theirs.push(repeat(|| by_hand(&connection, LARGE))?);
        small.push(runtime.block_on(repeat_ours(&world, SMALL))?);
    }
    let (mine, theirs, small) = (median(mine), median(theirs), median(small));
    table.line(
        "list of 50 by inherited account (10,000 users), in process, against SQL by hand",
        micros(mine),
        micros(theirs),
        theirs / mine,
        Target::AtLeast(0.7),
    );
    table.line(
        "the same list for 10,000 users against one user",
        micros(mine),
        micros(small),
        mine / small,
        Target::AtMost(4.0),
    );
    Ok(())
}

fn micros(seconds: f64) -> String {
    format!("{:.0} µs", seconds * 1e6)
}

/// Takes the ids, and looks at every other value.
#[derive(Default)]
struct Ids {
    ids: Vec<String>,
    bytes: usize,
}

impl RowSink for Ids {
    fn row(&mut self, row: &Row<'_>) {
        if let ValueRef::Id(id) = row.get(0) {
            self.ids.push(id.to_owned());
        }
        for column in 1..5 {
            self.bytes += match row.get(column) {
                ValueRef::Text(text) | ValueRef::Id(text) => text.len(),
                _ => 8,
            };
        }
    }
}

impl RecordSink for Ids {
    fn begin(&mut self, _: &Arc<Query>) {}
}

async fn ours(world: &World, account: u32) -> Result<Vec<String>> {
    let soql = format!(
        "SELECT Id, Name, Status, StartTime, EndUserAccountId FROM MessagingSession \
         WHERE EndUserAccountId = '{}' ORDER BY StartTime DESC LIMIT 50",
        world::id("001", account)
    );
    let caller = world.org.system();
    let answer = world
        .org
        .query(&caller, &soql, QueryOptions::default(), Ids::default())
        .await?;
    ensure!(
        answer.sink.ids.len() == 50 && answer.sink.bytes > 0,
        "50 sessions"
    );
    Ok(answer.sink.ids)
}

fn by_hand(connection: &Connection, account: u32) -> Result<Vec<String>> {
    let mut statement = connection.prepare_cached(BY_HAND)?;
    let mut rows = statement.query([world::id("001", account).as_str()])?;
    let mut sink = Ids::default();
    while let Some(row) = rows.next()? {
        sink.ids.push(row.get_ref(0)?.as_str()?.to_owned());
        for column in [1, 2, 4] {
            sink.bytes += row.get_ref(column)?.as_str()?.len();
        }
        sink.bytes += usize::from(row.get_ref(3)?.as_i64()? > 0) * 8;
    }
    ensure!(sink.ids.len() == 50 && sink.bytes > 0, "50 sessions");
    Ok(sink.ids)
}

/// Mean seconds of one look, over about a second of them.
async fn repeat_ours(world: &World, account: u32) -> Result<f64> {
    let began = Instant::now();
    let mut times = 0;
    while began.elapsed() < LOOK {
        ours(world, account).await?;
        times += 1;
    }
    Ok(began.elapsed().as_secs_f64() / f64::from(times))
}

fn repeat(look: impl Fn() -> Result<Vec<String>>) -> Result<f64> {
    let began = Instant::now();
    let mut times = 0;
    while began.elapsed() < LOOK {
        look()?;
        times += 1;
    }
    Ok(began.elapsed().as_secs_f64() / f64::from(times))
}
