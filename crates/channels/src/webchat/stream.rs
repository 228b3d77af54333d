//! The stream of a web client: what it has missed, then what happens.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse;
use axum::response::{IntoResponse as _, Response, Sse};
use futures_util::stream::{self, StreamExt as _};

use super::error::Refusal;
use super::fanout::Event;
use super::token::{Visitor, short};
use super::{LAST_EVENT, ORG};
use crate::door::Channels;

/// How often a quiet stream says that it is still there; a mobile client gives up after 30 seconds.
const PING: Duration = Duration::from_secs(15);

/// A stream ends after this, and the client comes back with its token, which may be over by then.
const STREAM_TIME_MAX: Duration = Duration::from_mins(30);

/// How often it is looked whether the login was ended meanwhile.
const LOGIN_LOOK: Duration = Duration::from_secs(30);

/// Listens. With `Last-Event-Id` the client is told what came after that first; without, only what
/// happens from now on, for it reads the transcript instead.
pub(super) async fn listen(
    State(channels): State<Channels>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &axum::http::HeaderValue| value.to_str().ok())
    };
    let org = text(ORG).ok_or_else(|| Refusal::bad("The header X-Org-Id is missing"))?;
    if short(org) != visitor.org_id {
        return Err(Refusal::bad("OrgId in the header and token must match"));
    }
    let seen = match text(LAST_EVENT) {
        Some(id) => {
            let id: Result<i64, _> = id.trim().parse();
            Some(id.map_err(|_| Refusal::bad("Last-Event-Id must be a number"))?)
        }
        None => None,
    };
    let channel = visitor.channel()?;
    // First a place, then what was missed: so nothing falls between.
    let Some((seat, told)) = channels.streams.listen(channel, &visitor.sub) else {
        let message = "Too many clients listen at this server, try again later";
        return Err(Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "TRY_AGAIN",
            message,
        ));
    };
    // Clients that have seen nothing say 0, and read the transcript.
    let missed = match seen.filter(|seen| *seen > 0) {
        Some(seen) => channels.streams.missed(channel, &visitor.sub, seen).await?,
        None => Vec::new(),
    };
    let newest = missed.last().and_then(|last| last.id);
    let live = stream::unfold((told, seat), |(mut told, seat)| async move {
        let event = told.recv().await?;
        Some((event, (told, seat)))
    });
    let live =
        live.filter(move |event| std::future::ready(event.id.is_none() || event.id > newest));
    let live = live.take_until(tokio::time::sleep(STREAM_TIME_MAX));
    let live = live.take_until(ended(channels.clone(), visitor.login().to_owned()));
    let events = stream::iter(missed).chain(live);
    let events = events.map(|event| Ok::<_, Infallible>(sent(&event)));
    let ping = sse::Event::default().event("ping").data("0");
    let alive = sse::KeepAlive::new().interval(PING).event(ping);
    Ok(Sse::new(events).keep_alive(alive).into_response())
}

/// Waits until a login is ended.
async fn ended(channels: Channels, login: String) {
    loop {
        tokio::time::sleep(LOGIN_LOOK).await;
        if channels
            .logins
            .check(&channels.messaging, &login)
            .await
            .is_err()
        {
            return;
        }
    }
}

fn sent(event: &Event) -> sse::Event {
    let sent = match event.id {
        Some(id) => sse::Event::default().id(id.to_string()),
        None => sse::Event::default(),
    };
    sent.event(event.name).data(&*event.data)
}
