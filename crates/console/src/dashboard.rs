//! Numbers where numbers help: sessions by status and channel, how many Messaging Users are linked,
//! relinks by week. Each is counted as the visitor sees it.

mod chart;
mod shared;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use futures_util::future::try_join_all;
use headwater_records::{Caller, Error};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::lists::rows::status;
use crate::shell::Page;
use crate::text::{grouped, literal};
use crate::visitor::Visitor;
use chart::{Bar, Column, bars, columns};

/// Weeks of relinks that are shown.
const WEEKS: i64 = 12;

/// Channels that are shown.
const CHANNELS_MAX: u64 = 20;

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/dashboard", get(show))
        .route("/shared-addresses", get(shared::show))
}

async fn show(State(console): State<Console>, visitor: Visitor) -> Result<Response, Fault> {
    let caller = &visitor.caller;
    let sees = |object: &str| {
        let object = caller.rights.catalogue.object(object);
        object.is_some_and(|object| caller.rights.on(object).read)
    };
    let channels = if sees("MessagingChannel") {
        channels(&console, caller).await?
    } else {
        Vec::new()
    };
    let main = html! {
        header .page-head { h1 { "Dashboard" } }
        div .panels {
            @if sees("MessagingSession") {
                (sessions_by_status(&console, caller).await?)
                (sessions_by_channel(&console, caller, &channels).await?)
            }
            @if sees("MessagingEndUser") { (coverage(&console, caller, &channels).await?) }
            @if sees("Relink") { (relinks(&console, caller).await?) }
        }
    };
    Page::new(visitor, "Dashboard", main).show(&console).await
}

struct Channel {
    id: String,
    name: String,
}

async fn channels(console: &Console, caller: &Caller) -> Result<Vec<Channel>, Error> {
    let soql = "SELECT Id, MasterLabel FROM MessagingChannel ORDER BY MasterLabel";
    let table = console.org.browse(caller, soql, None, CHANNELS_MAX).await?;
    let rows = table.rows().filter_map(|row| {
        Some(Channel {
            id: row.id("Id")?.to_string(),
            name: row.text("MasterLabel").to_owned(),
        })
    });
    Ok(rows.collect())
}

async fn counts(
    console: &Console,
    caller: &Caller,
    queries: impl IntoIterator<Item = String>,
) -> Result<Vec<u64>, Error> {
    let counting = queries
        .into_iter()
        .map(|soql| async move { console.org.count(caller, &soql).await });
    try_join_all(counting).await
}

fn panel(title: &str, about: &str, body: &Markup) -> Markup {
    html! {
        section .sheet.panel {
            h2 { (title) }
            p .soft.small { (about) }
            (body)
        }
    }
}

async fn sessions_by_status(console: &Console, caller: &Caller) -> Result<Markup, Error> {
    let object = caller.rights.catalogue.object("MessagingSession");
    let list = object.and_then(|object| object.field("Status")?.kind.as_picklist());
    let statuses: Vec<String> = list
        .map(|list| {
            list.choices
                .iter()
                .map(|choice| choice.value.to_string())
                .collect()
        })
        .unwrap_or_default();
    let queries = statuses.iter().map(|status| {
        format!(
            "SELECT COUNT() FROM MessagingSession WHERE Status = {}",
            literal(status)
        )
    });
    let counts = counts(console, caller, queries).await?;
    let bars_of = statuses
        .iter()
        .zip(&counts)
        .filter(|(_, count)| **count > 0);
    let all: Vec<_> = bars_of
        .map(|(name, count)| Bar {
            label: status(name),
            href: Some(format!("/o/MessagingSession?view=all&Status={name}")),
            share: None,
            count: *count,
        })
        .collect();
    let total: u64 = counts.iter().sum();
    let about = format!("{} sessions in all.", grouped(total));
    Ok(panel(
        "Sessions by status",
        &about,
        &bars("Status", "Sessions", &all),
    ))
}

async fn sessions_by_channel(
    console: &Console,
    caller: &Caller,
    channels: &[Channel],
) -> Result<Markup, Error> {
    let queries = channels.iter().map(|channel| {
        let id = literal(&channel.id);
        format!("SELECT COUNT() FROM MessagingSession WHERE MessagingChannelId = {id}")
    });
    let counts = counts(console, caller, queries).await?;
    let all: Vec<_> = channels
        .iter()
        .zip(&counts)
        .map(|(channel, count)| Bar {
            label: html! { (channel.name) },
            href: Some(format!(
                "/o/MessagingSession?view=all&MessagingChannelId={}",
                channel.id
            )),
            share: None,
            count: *count,
        })
        .collect();
    let about = "Where customers write in.";
    Ok(panel(
        "Sessions by channel",
        about,
        &bars("Channel", "Sessions", &all),
    ))
}

/// The share of each channel's Messaging Users that have a contact.
async fn coverage(
    console: &Console,
    caller: &Caller,
    channels: &[Channel],
) -> Result<Markup, Error> {
    let of = |channel: &Channel, more: &str| {
        let id = literal(&channel.id);
        format!("SELECT COUNT() FROM MessagingEndUser WHERE MessagingChannelId = {id}{more}")
    };
    let all = counts(
        console,
        caller,
        channels.iter().map(|channel| of(channel, "")),
    );
    let all = all.await?;
    let linked = channels
        .iter()
        .map(|channel| of(channel, " AND ContactId != null"));
    let linked = counts(console, caller, linked).await?;
    let rows: Vec<_> = channels
        .iter()
        .zip(all.iter().zip(&linked))
        .filter(|(_, (all, _))| **all > 0)
        .map(|(channel, (all, linked))| Bar {
            label: html! { (channel.name) },
            href: Some(format!(
                "/o/MessagingEndUser?view=no-contact&MessagingChannelId={}",
                channel.id
            )),
            share: Some(*all),
            count: *linked,
        })
        .collect();
    let (all, linked): (u64, u64) = (all.iter().sum(), linked.iter().sum());
    let about = match (linked * 100).checked_div(all) {
        Some(percent) => format!(
            "{percent}% of {} Messaging Users have a contact.",
            grouped(all)
        ),
        None => "There are no Messaging Users yet.".to_owned(),
    };
    Ok(panel(
        "Link coverage",
        &about,
        &bars("Channel", "With a contact", &rows),
    ))
}

async fn relinks(console: &Console, caller: &Caller) -> Result<Markup, Error> {
    let weeks = weeks(console.org.now(), caller);
    let of = |(from, to): &(Timestamp, Timestamp), more: &str| {
        format!(
            "SELECT COUNT() FROM Relink WHERE CreatedDate >= {from} AND CreatedDate < {to}{more}"
        )
    };
    let span = |week: &(Date, (Timestamp, Timestamp))| week.1;
    let done = weeks
        .iter()
        .map(|week| of(&span(week), " AND Rule != 'Undo'"));
    let done = counts(console, caller, done).await?;
    let undone = weeks
        .iter()
        .map(|week| of(&span(week), " AND UndoneById != null"));
    let undone = counts(console, caller, undone).await?;
    let all: Vec<_> = weeks
        .iter()
        .zip(done.iter().zip(&undone))
        .map(|((monday, _), (done, undone))| Column {
            label: monday.strftime("%-d %b").to_string(),
            count: *done,
            of_which: *undone,
        })
        .collect();
    let (done, undone): (u64, u64) = (done.iter().sum(), undone.iter().sum());
    let about = match (undone * 100).checked_div(done) {
        Some(percent) => format!(
            "{} in {WEEKS} weeks, of which {} were undone ({percent}%).",
            grouped(done),
            grouped(undone)
        ),
        None => format!("None in {WEEKS} weeks."),
    };
    Ok(panel(
        "Relinks by week",
        &about,
        &columns("Week of", "Relinks", "Undone", &all),
    ))
}

/// The last weeks by the caller's clock, oldest first, each with its Monday and its span.
fn weeks(now: Timestamp, caller: &Caller) -> Vec<(Date, (Timestamp, Timestamp))> {
    let today = now.to_zoned(caller.zone.clone()).date();
    let days = i64::from(today.weekday().to_monday_zero_offset());
    let midnight = |date: Date| date.to_zoned(caller.zone.clone()).map(|at| at.timestamp());
    let week = |back: i64| {
        let monday = today.checked_sub((days + 7 * back).days()).ok()?;
        let next = monday.checked_add(7.days()).ok()?;
        Some((monday, (midnight(monday).ok()?, midnight(next).ok()?)))
    };
    (0..WEEKS).rev().filter_map(week).collect()
}
