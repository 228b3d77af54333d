//! A relink of a Messaging User with 1, 1,000 and 100,000 sessions.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use headwater_catalogue::{Catalogue, Id};
use headwater_records::relink::{Change, RelinkRequest};
use headwater_records::{Org, SystemClock, SystemRandomness};
use headwater_store::{Location, Options, Store};
use tokio_postgres::Client;

use super::database::{Database, with};
use super::{middle, runtime};
use crate::table::{Table, Target};
use crate::world;

const RELINKS: usize = 100;
const SIZES: [u32; 3] = [1, 1_000, 100_000];

pub fn relinks(table: &mut Table, database: &Database) -> Result<()> {
    drop(open(database)?);
    fill(database)?;
    let org = open(database)?;
    let runtime = runtime()?;
    let mut times = vec![Vec::new(); SIZES.len()];
    // The three take turns, so that a slow moment of the disk hits all of them.
    for turn in 0..RELINKS {
        for (place, times) in times.iter_mut().enumerate() {
            let request = RelinkRequest {
                messaging_users: vec![user(place).to_string()],
                account: Change::Set(account(turn % 2).to_string()),
                ..RelinkRequest::default()
            };
            let began = Instant::now();
            runtime.block_on(org.relink(&org.system(), request))?;
            times.push(began.elapsed().as_secs_f64());
        }
    }
    let middle = middle(times);
    for (place, size) in SIZES.iter().enumerate().skip(1) {
        table.line(
            &format!("PostgreSQL: relink of a user with {size} sessions against one with 1"),
            format!("{:.2} ms", middle[place] * 1e3),
            format!("{:.2} ms", middle[0] * 1e3),
            middle[place] / middle[0],
            Target::AtMost(1.3),
        );
    }
    Ok(())
}

fn open(database: &Database) -> Result<Org> {
    let location = Location::Postgres(database.url.clone());
    let catalogue = Arc::new(Catalogue::built_in()?);
    let store = Store::open(&location, catalogue, Options::default())?;
    Ok(Org::open(
        store,
        Arc::new(SystemClock),
        Arc::new(SystemRandomness),
    )?)
}

/// A channel, two accounts, and the users with their sessions, by plain SQL.
fn fill(database: &Database) -> Result<()> {
    with(&database.url, async |client| {
        client
            .batch_execute("SET session_replication_role = replica")
            .await?;
        let (channel, accounts) = (world::id("0Mj", 1), [account(0), account(1)]);
        let given = format!("'{channel}' AS \"Id\", 'Text' AS \"MessageType\"");
        insert(client, "MessagingChannel", &given, &[channel]).await?;
        let given = "id AS \"Id\", 'Account ' || id AS \"Name\"";
        insert(client, "Account", given, &accounts).await?;
        for (place, size) in SIZES.iter().enumerate() {
            let user = user(place);
            let given = format!(
                "id AS \"Id\", 'User' AS \"Name\", '+1555{place}' AS \"MessagingPlatformKey\", \
                 '{channel}' AS \"MessagingChannelId\", 'Text' AS \"MessageType\", \
                 '{}' AS \"AccountId\", {size} AS \"SessionCount\"",
                accounts[1]
            );
            insert(client, "MessagingEndUser", &given, &[user]).await?;
            let given = format!(
                "id AS \"Id\", 'MS-' || id AS \"Name\", '{user}' AS \"MessagingEndUserId\", \
                 '{channel}' AS \"MessagingChannelId\", 'Ended' AS \"Status\", \
                 1700000000000000 + number * 31000000 AS \"StartTime\""
            );
            let first = 1_000_000 * place as u32;
            let ids = (0..*size).map(|number| world::id("0Mw", first + number));
            insert(client, "MessagingSession", &given, &ids.collect::<Vec<_>>()).await?;
        }
        Ok(client.batch_execute("ANALYZE").await?)
    })
}

/// Rows with these ids: the columns given, and something empty in the others that want a value.
async fn insert(client: &Client, table: &str, given: &str, ids: &[Id]) -> Result<()> {
    let wanted = "SELECT column_name::text, data_type::text FROM information_schema.columns \
                  WHERE table_name = $1 AND is_nullable = 'NO' AND column_default IS NULL \
                  AND is_generated = 'NEVER'";
    let mut columns = given.to_owned();
    for row in client.query(wanted, &[&table]).await? {
        let (name, data_type): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        if given.contains(&format!("AS \"{name}\"")) {
            continue;
        }
        let empty = match &*data_type {
            "text" | "character varying" => "''",
            "boolean" => "FALSE",
            _ => "0",
        };
        write!(columns, ", {empty} AS \"{name}\"")?;
    }
    let names: Vec<&str> = columns
        .split("AS \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let text = format!(
        "INSERT INTO \"{table}\" (\"{}\") SELECT {columns} \
         FROM unnest($1::text[]) WITH ORDINALITY AS made (id, number)",
        names.join("\", \"")
    );
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    client.execute(&text, &[&ids]).await?;
    Ok(())
}

fn user(place: usize) -> Id {
    world::id("0PA", 50_000 + place as u32)
}

fn account(place: usize) -> Id {
    world::id("001", 100 + place as u32)
}
