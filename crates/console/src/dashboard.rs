//! Numbers where numbers help: sessions by status and channel, how many Messaging Users are linked,
//! relinks by week. Each is counted as the visitor sees it.

mod chart;
mod shared;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use headwater_catalogue::Value;
use headwater_records::browse::ROWS_MAX;
use headwater_records::{Caller, Cells, Error, Table};
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

/// The groups of a query, all of them.
async fn groups(console: &Console, caller: &Caller, soql: &str) -> Result<Table, Error> {
    console.org.browse(caller, soql, None, ROWS_MAX).await
}

fn count(group: Cells<'_>, name: &str) -> u64 {
    let count = group.get(name).as_integer();
    count.map_or(0, |count| u64::try_from(count).unwrap_or_default())
}

/// The condition that something is of one of these channels; none if there are none.
fn of_channels(channels: &[Channel]) -> Option<String> {
    let ids: Vec<String> = channels
        .iter()
        .map(|channel| literal(&channel.id))
        .collect();
    (!ids.is_empty()).then(|| format!("MessagingChannelId IN ({})", ids.join(", ")))
}

/// The group of each channel, if it has one.
fn by_channel<'t>(
    channels: &'t [Channel],
    table: &'t Table,
) -> impl Iterator<Item = (&'t Channel, Option<Cells<'t>>)> {
    channels.iter().map(move |channel| {
        let is_of = |group: &Cells<'_>| {
            let id = group.id("MessagingChannelId");
            id.is_some_and(|id| id.as_str() == channel.id)
        };
        (channel, table.rows().find(is_of))
    })
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
    let soql = "SELECT Status, COUNT(Id) sessions FROM MessagingSession GROUP BY Status";
    let table = groups(console, caller, soql).await?;
    let mut found: Vec<(&str, u64)> = table
        .rows()
        .map(|group| (group.text("Status"), count(group, "sessions")))
        .collect();
    // As the list has them, and not by their letters.
    found.sort_by_key(|(name, _)| {
        let mut choices = list.into_iter().flat_map(|list| list.choices.iter());
        let place = choices.position(|choice| choice.value.eq_ignore_ascii_case(name));
        place.unwrap_or(usize::MAX)
    });
    let all: Vec<_> = found
        .iter()
        .map(|(name, count)| Bar {
            label: status(name),
            href: Some(format!("/o/MessagingSession?view=all&Status={name}")),
            share: None,
            count: *count,
        })
        .collect();
    let total: u64 = found.iter().map(|(_, count)| count).sum();
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
    let table = match of_channels(channels) {
        Some(condition) => {
            let soql = format!(
                "SELECT MessagingChannelId, COUNT(Id) sessions FROM MessagingSession \
                 WHERE {condition} GROUP BY MessagingChannelId"
            );
            groups(console, caller, &soql).await?
        }
        None => Table::default(),
    };
    let all: Vec<_> = by_channel(channels, &table)
        .map(|(channel, group)| Bar {
            label: html! { (channel.name) },
            href: Some(format!(
                "/o/MessagingSession?view=all&MessagingChannelId={}",
                channel.id
            )),
            share: None,
            count: group.map_or(0, |group| count(group, "sessions")),
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
    let table = match of_channels(channels) {
        Some(condition) => {
            let soql = format!(
                "SELECT MessagingChannelId, COUNT(Id) users, COUNT(ContactId) linked \
                 FROM MessagingEndUser WHERE {condition} GROUP BY MessagingChannelId"
            );
            groups(console, caller, &soql).await?
        }
        None => Table::default(),
    };
    let rows: Vec<_> = by_channel(channels, &table)
        .filter_map(|(channel, group)| {
            let group = group?;
            Some(Bar {
                label: html! { (channel.name) },
                href: Some(format!(
                    "/o/MessagingEndUser?view=no-contact&MessagingChannelId={}",
                    channel.id
                )),
                share: Some(count(group, "users")),
                count: count(group, "linked"),
            })
        })
        .collect();
    let all: u64 = rows.iter().filter_map(|bar| bar.share).sum();
    let linked: u64 = rows.iter().map(|bar| bar.count).sum();
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
    let all = match weeks.first() {
        Some((_, from)) => {
            let day = "DAY_ONLY(convertTimezone(CreatedDate))";
            let soql = format!(
                "SELECT {day} day, Rule, COUNT(Id) relinks, COUNT(UndoneById) undone FROM Relink \
                 WHERE CreatedDate >= {from} GROUP BY {day}, Rule"
            );
            by_week(&weeks, &groups(console, caller, &soql).await?)
        }
        None => Vec::new(),
    };
    let done: u64 = all.iter().map(|week| week.count).sum();
    let undone: u64 = all.iter().map(|week| week.of_which).sum();
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

/// The relinks of each week, and how many of them were undone. An undoing is none itself.
fn by_week(weeks: &[(Date, Timestamp)], table: &Table) -> Vec<Column> {
    let of = |(monday, _): &(Date, Timestamp)| {
        let is_in = |group: &Cells<'_>| {
            let Value::Date(day) = group.get("day") else {
                return false;
            };
            (0..7).contains(&(*day - *monday).get_days())
        };
        let (mut done, mut undone) = (0, 0);
        for group in table.rows().filter(is_in) {
            undone += count(group, "undone");
            if group.text("Rule") != "Undo" {
                done += count(group, "relinks");
            }
        }
        Column {
            label: monday.strftime("%-d %b").to_string(),
            count: done,
            of_which: undone,
        }
    };
    weeks.iter().map(of).collect()
}

/// The last weeks by the caller's clock, oldest first, each with its Monday and its beginning.
fn weeks(now: Timestamp, caller: &Caller) -> Vec<(Date, Timestamp)> {
    let today = now.to_zoned(caller.zone.clone()).date();
    let days = i64::from(today.weekday().to_monday_zero_offset());
    let week = |back: i64| {
        let monday = today.checked_sub((days + 7 * back).days()).ok()?;
        let begins = monday.to_zoned(caller.zone.clone()).ok()?;
        Some((monday, begins.timestamp()))
    };
    (0..WEEKS).rev().filter_map(week).collect()
}
