//! Messages of web visitors, taken in durably, against raw inserts of what one of them leaves behind.

use std::cell::Cell;

use anyhow::{Context, Result};
use serde_json::json;

use crate::load::{self, Load};
use crate::server::{Server, post_request};
use crate::table::{Table, Target};
use crate::traffic::{CONNECTIONS, SECONDS, per_second, rounds};
use crate::{raw, scratch};

/// Messages that each visitor has ready for a round; more than are sent in it.
const MESSAGES: usize = 2_000;

pub const API: &str = "/iamessage/api/v2";

/// A visitor with a conversation of their own.
pub struct Visitor {
    pub token: String,
    pub conversation: String,
}

/// (g) Messages accepted per second from 64 connections, each durable before it is answered and worked
/// off into a transcript beside it, against raw writes of the same rows, with their contents: the event,
/// the entry, the session, and the entry's line in the change log.
pub fn inbound(table: &mut Table) -> Result<()> {
    let data = tempfile::tempdir_in(scratch())?;
    let server = Server::start(data.path())?;
    let visitors = visitors(&server, CONNECTIONS)?;
    let (round, group) = (Cell::new(0), Cell::new(0.0));
    let ours = || {
        round.set(round.get() + 1);
        let requests = messages(&visitors, round.get());
        let before = server.commits()?;
        let load = Load {
            address: server.address,
            connections: CONNECTIONS,
            seconds: SECONDS,
            requests,
            status: 202,
        };
        let rate = load::run(&load)?.per_second;
        group.set(server.commits()?.since(&before).mean_group());
        Ok(rate)
    };
    let (ours, other) = rounds(ours, || raw::messages_per_second(group.get(), SECONDS))?;
    let group = group.get();
    table.line(
        &format!("message accepted, 64 clients, against the same rows raw in groups of {group:.0}"),
        per_second(ours),
        per_second(other),
        ours / other,
        Target::AtLeast(0.4),
    );
    Ok(())
}

pub fn visitors(server: &Server, count: usize) -> Result<Vec<Visitor>> {
    let admin = server.token(crate::traffic::ADMIN)?;
    let org = server.organization(&admin)?;
    let mut visitors = Vec::new();
    for place in 0..count {
        let path = format!("{API}/authorization/unauthenticated/access-token");
        let body = json!({ "orgId": org, "esDeveloperName": "Web_Chat" });
        let answer = server.post("", &path, &body)?;
        let visitor = Visitor {
            token: answer["accessToken"]
                .as_str()
                .context("no token")?
                .to_owned(),
            conversation: format!("{count:08x}-0000-4000-8000-{place:012}"),
        };
        let body = json!({ "conversationId": visitor.conversation });
        server.post(&visitor.token, &format!("{API}/conversation"), &body)?;
        visitors.push(visitor);
    }
    Ok(visitors)
}

/// The requests of a round, each message once: one visitor's after the other's.
fn messages(visitors: &[Visitor], round: usize) -> Vec<String> {
    let mut requests = Vec::with_capacity(visitors.len() * MESSAGES);
    for (place, visitor) in visitors.iter().enumerate() {
        for number in 0..MESSAGES {
            let body = json!({
                "message": {
                    "id": format!("{round:08x}-0000-4000-8000-{:012x}", place * MESSAGES + number),
                    "messageType": "StaticContentMessage",
                    "staticContent": { "formatType": "Text", "text": "Where is my order?" },
                },
            });
            let path = format!("{API}/conversation/{}/message", visitor.conversation);
            requests.push(post_request(&path, &visitor.token, &body.to_string()));
        }
    }
    requests
}
