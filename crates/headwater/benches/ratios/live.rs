//! How soon a customer's message stands in a console that is open, and what customers cost who only
//! listen.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::MissedTickBehavior;

use crate::inbound::{API, Visitor, visitors};
use crate::scratch;
use crate::server::Server;
use crate::table::{Table, Target};
use crate::traffic::ADMIN;

/// Messages a second of all visitors together.
const RATE: u64 = 500;
/// Every so many of them is one of the conversation that somebody has open.
const WATCHED_EVERY: u64 = 10;
const WRITING: usize = 64;
const SECONDS: u64 = 20;
/// How long the last messages may take to show.
const PATIENCE: Duration = Duration::from_secs(10);

const LISTENING: usize = 2_000;

/// (h) From the answer "accepted" until the agent's page, told of it and asked for anew, has the
/// message; then 2,000 customers who listen.
pub fn live(table: &mut Table) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let data = tempfile::tempdir_in(scratch())?;
    let server = Server::start(data.path())?;
    shown(table, &server, &runtime)?;
    listening(table, &server, &runtime)
}

/// Which messages of the watched conversation have been accepted, when, and not been seen yet.
type Waiting = Arc<Mutex<Vec<(String, Instant)>>>;

fn shown(table: &mut Table, server: &Server, runtime: &tokio::runtime::Runtime) -> Result<()> {
    let visitors = visitors(server, WRITING)?;
    let watched = &visitors[0].conversation;
    let admin = server.token(ADMIN)?;
    let soql = "SELECT Id FROM MessagingSession WHERE Status <> 'Ended' \
                AND MessagingChannel.DeveloperName = 'Web_Chat' AND Conversation.ConversationIdentifier = ";
    // A conversation's first message begins its session.
    let first = message("Good morning", 0);
    server.post(&visitors[0].token, &path(watched), &first)?;
    let session = std::iter::repeat_with(|| {
        std::thread::sleep(Duration::from_millis(50));
        server.query(&admin, &format!("{soql}'{watched}'"))
    });
    let found = session.take(100).find_map(|found| found.ok()?.pop());
    let session = found.context("no session was begun")?;
    let session = session["Id"].as_str().context("no id")?.to_owned();
    let cookie = server.console_cookie(&admin)?;
    let (sent, times) = runtime.block_on(async {
        let waiting = Waiting::default();
        let watching = watch(server, &session, &cookie, Arc::clone(&waiting));
        let sending = send(server, &visitors, Arc::clone(&waiting));
        tokio::try_join!(sending, watching)
    })?;
    let mut times = times;
    times.sort_by(f64::total_cmp);
    ensure!(
        times.len() as u64 >= sent / WATCHED_EVERY,
        "only {} of {} messages were seen",
        times.len(),
        sent / WATCHED_EVERY
    );
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize] * 1e3;
    table.line(
        &format!(
            "a message in an open console after it was accepted, {sent} at {RATE}/s, median and p99, ms"
        ),
        format!("{:.1} ms; {:.1} ms", at(0.5), at(0.99)),
        "–".to_owned(),
        at(0.99),
        Target::AtMost(50.0),
    );
    Ok(())
}

fn message(text: &str, number: u64) -> Value {
    json!({
        "message": {
            "id": format!("{number:08x}-0000-4000-9000-000000000000"),
            "messageType": "StaticContentMessage",
            "staticContent": { "formatType": "Text", "text": text },
        },
    })
}

fn path(conversation: &str) -> String {
    format!("{API}/conversation/{conversation}/message")
}

/// Sends at an even pace, whatever the answers take; how many were accepted.
async fn send(server: &Server, visitors: &[Visitor], waiting: Waiting) -> Result<u64> {
    let client = reqwest::Client::builder().build()?;
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / RATE));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut requests = tokio::task::JoinSet::new();
    let sent = RATE * SECONDS;
    for number in 1..=sent {
        ticks.tick().await;
        let is_watched = number % WATCHED_EVERY == 0;
        let place = if is_watched {
            0
        } else {
            1 + number as usize % (visitors.len() - 1)
        };
        let visitor = &visitors[place];
        let text = format!("Where is my order {number:08}?");
        let request = client
            .post(server.url(&path(&visitor.conversation)))
            .bearer_auth(&visitor.token)
            .json(&message(&text, number));
        let waiting = is_watched.then(|| Arc::clone(&waiting));
        requests.spawn(async move {
            request.send().await?.error_for_status()?;
            if let Some(waiting) = waiting {
                lock(&waiting).push((text, Instant::now()));
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = requests.join_next().await {
        done??;
    }
    Ok(sent)
}

/// Keeps a session's page open as a browser does: is told of changes, and asks for the page again.
/// How long each message took, in seconds.
async fn watch(server: &Server, session: &str, cookie: &str, waiting: Waiting) -> Result<Vec<f64>> {
    let client = reqwest::Client::builder().build()?;
    let get = |path: &str| client.get(server.url(path)).header("cookie", cookie);
    let page = format!("/r/MessagingSession/{session}");
    let text = get(&page).send().await?.error_for_status()?.text().await?;
    let attribute = |name: &str| {
        let start = text.split_once(&format!("{name}=\""))?.1;
        Some(start.split_once('"')?.0.to_owned())
    };
    let ids = attribute("data-live").context("the page does not say what it shows")?;
    let after = attribute("data-live-after").context("the page does not say since when")?;
    let told = format!("/live?ids={}&after={after}", ids.replace(' ', ","));
    let mut told = get(&told).send().await?.error_for_status()?;
    let mut times = Vec::new();
    let wanted = (RATE * SECONDS / WATCHED_EVERY) as usize;
    while times.len() < wanted {
        let chunk = tokio::time::timeout(PATIENCE, told.chunk()).await;
        let Ok(chunk) = chunk else {
            return Ok(times);
        };
        let chunk = chunk?.context("the stream has ended")?;
        if !chunk.windows(13).any(|window| window == b"event: change") {
            continue;
        }
        let text = get(&page).send().await?.error_for_status()?.text().await?;
        let now = Instant::now();
        lock(&waiting).retain(|(message, accepted)| {
            let is_there = text.contains(message);
            if is_there {
                times.push(now.saturating_duration_since(*accepted).as_secs_f64());
            }
            !is_there
        });
    }
    Ok(times)
}

fn lock(waiting: &Waiting) -> std::sync::MutexGuard<'_, Vec<(String, Instant)>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

fn listening(table: &mut Table, server: &Server, runtime: &tokio::runtime::Runtime) -> Result<()> {
    let visitors = visitors(server, LISTENING)?;
    let admin = server.token(ADMIN)?;
    let org = server.organization(&admin)?;
    let before = server.memory_megabytes()?;
    let during = runtime.block_on(async {
        let mut streams = Vec::with_capacity(visitors.len());
        for visitor in &visitors {
            let mut stream = TcpStream::connect(server.address).await?;
            let request = format!(
                "GET /eventrouter/v1/sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\
                 X-Org-Id: {org}\r\nAuthorization: Bearer {}\r\n\r\n",
                visitor.token
            );
            stream.write_all(request.as_bytes()).await?;
            let mut start = [0; 512];
            let read = stream.read(&mut start).await?;
            ensure!(
                start[..read].starts_with(b"HTTP/1.1 200"),
                "a stream answered {}",
                String::from_utf8_lossy(&start[..read])
            );
            streams.push(stream);
        }
        server.memory_megabytes()
    })?;
    table.line(
        &format!("memory with {LISTENING} customers who listen, MB"),
        format!("{during:.0}"),
        format!("{before:.0} before"),
        during,
        Target::AtMost(300.0),
    );
    Ok(())
}
