//! The stream of an agent who is not offline.

use std::collections::HashSet;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use headwater_messaging::SILENCE_MAX;
use headwater_records::Caller;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::console::Console;
use crate::fault::Fault;
use crate::live::STREAM_TIME_MAX;
use crate::visitor::Visitor;

/// How often a page is asked for a sign of life: one may get lost, and a second.
const BEAT_EVERY: Duration = Duration::from_secs(SILENCE_MAX.as_secs().unsigned_abs() / 4);

/// Events that wait for the page. One that does not read is let go.
const WAITING_MAX: usize = 8;

/// `work` when something of the visitor's work has changed, `beat` when a sign of life is due. It ends when
/// they are offline.
pub(super) async fn live(
    State(console): State<Console>,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let (tell, mut told) = mpsc::channel(WAITING_MAX);
    let desk = console.messaging.presence(&visitor.caller).await?;
    if desk.status.is_none() {
        // What the browser does not ask again for.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    tokio::spawn(watch(console, visitor.caller, tell));
    let events = stream::poll_fn(move |context| told.poll_recv(context));
    Ok(Sse::new(events).into_response())
}

async fn watch(console: Console, caller: Caller, tell: mpsc::Sender<Result<Event, Infallible>>) {
    let end = Instant::now() + STREAM_TIME_MAX;
    let mut beat = tokio::time::interval(BEAT_EVERY);
    let mut known = None;
    let mut watched = Vec::new();
    loop {
        // Watched before it is read, so that nothing gets between.
        let mut records = watched.clone();
        records.push(caller.user);
        let Some((_seat, mut told)) = console.feed.sit(records, HashSet::new()) else {
            return;
        };
        let Ok(desk) = console.messaging.presence(&caller).await else {
            return;
        };
        let is_over = desk.status.is_none();
        watched.clone_from(&desk.records);
        if known.as_ref() != Some(&desk) {
            known = Some(desk);
            if tell.try_send(Ok(named("work"))).is_err() {
                return;
            }
            // What is new in it is watched from the next turn on, and read again then.
            if !is_over {
                continue;
            }
        }
        if is_over {
            return;
        }
        tokio::select! {
            _ = told.recv() => {}
            _ = beat.tick() => {
                if tell.try_send(Ok(named("beat"))).is_err() {
                    return;
                }
            }
            () = tell.closed() => return,
            () = tokio::time::sleep_until(end) => return,
        }
    }
}

fn named(name: &str) -> Event {
    Event::default().event(name).data("{}")
}
