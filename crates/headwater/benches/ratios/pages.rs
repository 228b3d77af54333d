//! (j) A page of 2,000 records over REST, against an axum handler that reads the same rows with SQL
//! prepared by hand and writes the same JSON; and what of a query's time is not spent on its rows.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use headwater_records::{QueryOptions, RecordSink, Row, RowSink};
use headwater_soql::resolved::Query;
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::Value;

use crate::bare::Bare;
use crate::bulk;
use crate::load::{self, Load};
use crate::median;
use crate::server::{Server, get_request};
use crate::table::{Table, Target};
use crate::traffic::{ADMIN, per_second};
use crate::world::{self, LARGE};

const ROUNDS: usize = 5;
const SECONDS: f64 = 3.0;
const LOOK: Duration = Duration::from_secs(1);
/// Whoever fetches pages does so one after the other; a few do at a time.
const CONNECTIONS: usize = 4;
/// More than a page has.
const ROWS: usize = 2_500;

const SOQL: &str = "SELECT+Id,Name,Phone,BillingCity,CreatedDate+FROM+Account+WHERE+BillingCity='Oslo'+ORDER+BY+Id";
/// A page that is all, and one after which others come: these are counted, and where the next one
/// begins is written down before the answer.
const PAGES: [(&str, &str); 2] = [
    ("2,000 records over REST", "+LIMIT+2000"),
    ("the first 2,000 of 2,500 records over REST", ""),
];
const BY_HAND: &str = "SELECT Id, Name, Phone, BillingCity, CreatedDate FROM Account \
                       WHERE BillingCity = 'Oslo' AND IsDeleted = 0 ORDER BY Id LIMIT 2000";

pub fn pages(table: &mut Table) -> Result<()> {
    page(table)?;
    shares(table)
}

fn page(table: &mut Table) -> Result<()> {
    let data = tempfile::tempdir_in(crate::scratch())?;
    let server = Server::start(data.path())?;
    let token = server.token(ADMIN)?;
    bulk::load(&server, &token, 0, ROWS)?;
    let bare = Bare::of("bare-page", &data.path().join("headwater.db"))?;
    for (what, limit) in PAGES {
        let path = format!("/services/data/v66.0/query?q={SOQL}{limit}");
        let theirs = reqwest::blocking::get(format!("http://{}/page", bare.address))?;
        let (ours, theirs) = (server.get(&token, &path)?, theirs.bytes()?);
        ensure!(
            records(&ours)? == records(&theirs)?,
            "both ways must give the same records"
        );
        let request = get_request(&path, &token);
        let (mut mine, mut others) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            mine.push(rate(server.address, &request)?);
            others.push(rate(bare.address, &request)?);
        }
        let (mine, others) = (median(mine), median(others));
        table.line(
            &format!("{what}, against the same rows and JSON by hand"),
            per_second(mine),
            per_second(others),
            mine / others,
            Target::AtLeast(0.6),
        );
    }
    Ok(())
}

fn records(page: &[u8]) -> Result<Value> {
    let page: Value = serde_json::from_slice(page)?;
    Ok(page["records"].clone())
}

fn rate(address: SocketAddr, request: &str) -> Result<f64> {
    let outcome = load::run(&Load {
        address,
        connections: CONNECTIONS,
        seconds: SECONDS,
        requests: vec![request.to_owned()],
        status: 200,
    })?;
    Ok(outcome.per_second)
}

/// The child's side: answers every request with the page, on a free port whose address it prints.
pub fn child(database: &Path) -> Result<()> {
    let connections: Result<Vec<Connection>> =
        (0..CONNECTIONS).map(|_| world::connect(database)).collect();
    let connections = Arc::new(Mutex::new(connections?));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let answer = move || async move {
            let idle = || connections.lock().ok()?.pop();
            let connection = idle().unwrap_or_else(|| unreachable!("one for every client"));
            let body = written(&connection).unwrap_or_default();
            if let Ok(mut idle) = connections.lock() {
                idle.push(connection);
            }
            ([(CONTENT_TYPE, "application/json;charset=UTF-8")], body)
        };
        let router = Router::new().route("/{*path}", get(answer));
        axum::serve(listener, router).await?;
        Ok(())
    })
}

/// The page as JSON, written by hand.
fn written(connection: &Connection) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1 << 19);
    bytes.extend_from_slice(br#"{"totalSize":2500,"done":false,"records":["#);
    let mut statement = connection.prepare_cached(BY_HAND)?;
    let mut rows = statement.query(())?;
    let mut is_first = true;
    while let Some(row) = rows.next()? {
        if !is_first {
            bytes.push(b',');
        }
        is_first = false;
        let id = row.get_ref(0)?.as_str()?;
        write!(
            bytes,
            "{{\"attributes\":{{\"type\":\"Account\",\"url\":\"/services/data/v66.0/sobjects/Account/{id}\"}},\"Id\":\"{id}\""
        )?;
        for (place, name) in [(1, "Name"), (2, "Phone"), (3, "BillingCity")] {
            write!(bytes, ",\"{name}\":")?;
            serde_json::to_writer(&mut bytes, row.get_ref(place)?.as_str()?)?;
        }
        let at = Timestamp::from_microsecond(row.get_ref(4)?.as_i64()?)?;
        let text = at.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000");
        write!(bytes, ",\"CreatedDate\":\"{text}\"}}")?;
    }
    bytes.extend_from_slice(b"]}");
    Ok(bytes)
}

/// A query that asks for no row is not run, and so takes the time of what goes before: parsing,
/// resolving, planning.
fn shares(table: &mut Table) -> Result<()> {
    let world = world::build()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let caller = world.org.system();
    let account = world::id("001", LARGE);
    let select = "SELECT Id, Name, Status, StartTime, EndUserAccountId FROM MessagingSession";
    let queries = [
        (
            "a list of 50",
            format!(
                "{select} WHERE EndUserAccountId = '{account}' ORDER BY StartTime DESC LIMIT 50"
            ),
        ),
        (
            "a page of 2,000",
            format!("{select} WHERE Status = 'Ended' ORDER BY StartTime DESC LIMIT 2000"),
        ),
    ];
    for (what, soql) in queries {
        let none = format!(
            "{} LIMIT 0",
            soql.rsplit_once(" LIMIT").unwrap_or((&soql, "")).0
        );
        let look = |soql: String| {
            let (org, caller) = (&world.org, &caller);
            async move {
                let began = Instant::now();
                let mut times = 0;
                while began.elapsed() < LOOK {
                    let options = QueryOptions::default();
                    org.query(caller, &soql, options, Nothing).await?;
                    times += 1;
                }
                anyhow::Ok(began.elapsed().as_secs_f64() / f64::from(times))
            }
        };
        let (mut all, mut before) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            all.push(runtime.block_on(look(soql.clone()))?);
            before.push(runtime.block_on(look(none.clone()))?);
        }
        let (all, before) = (median(all), median(before));
        table.line(
            &format!("what of {what} goes before its rows: parse, resolve, plan"),
            format!("{:.0} µs", before * 1e6),
            format!("{:.0} µs", all * 1e6),
            before / all,
            Target::AtMost(0.1),
        );
    }
    Ok(())
}

/// Passes rows over.
struct Nothing;

impl RowSink for Nothing {
    fn row(&mut self, _: &Row<'_>) {}
}

impl RecordSink for Nothing {
    fn begin(&mut self, _: &Arc<Query>) {}
}
