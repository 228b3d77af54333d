//! The records that refer to a record, a short list for each way in which they do.

use std::sync::Arc;

use headwater_catalogue::{Access, Incoming, Object};
use headwater_records::Table;
use maud::{Markup, html};

use super::{Record, SESSION};
use crate::console::Console;
use crate::fault::Fault;
use crate::lists::brief;
use crate::text::{encoded, literal};
use crate::visitor::Visitor;
use crate::{fields, icons, views};

/// Rows of one related list.
const ROWS: u64 = 5;

/// Columns of one related list.
const COLUMNS: usize = 3;

/// Most related lists of one page.
const LISTS_MAX: usize = 12;

pub(super) async fn show(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
) -> Result<Markup, Fault> {
    let described = console.org.describe(&visitor.caller, &record.object.name)?;
    let mut lists = Vec::new();
    for incoming in described
        .children
        .iter()
        .filter(|one| is_shown(visitor, one))
        .take(LISTS_MAX)
    {
        lists.extend(related(console, visitor, record, incoming).await?);
    }
    if &*record.object.name == SESSION {
        lists.extend(earlier(console, visitor, record).await?);
    }
    Ok(html! { @for list in lists { (list) } })
}

/// Whether people look for records that refer so. Set-up, history and journal are shown elsewhere.
fn is_shown(visitor: &Visitor, incoming: &Incoming) -> bool {
    const ELSEWHERE: [&str; 4] = [
        "ConversationEntry",
        "ConversationParticipant",
        "RelinkItem",
        "Relink",
    ];
    let child = visitor.caller.rights.catalogue.object(&incoming.object);
    child.is_some_and(|child| {
        incoming.children.is_some()
            && child.calls.query
            && matches!(child.access, Access::Granted)
            && !child.prefix_is_shared
            && !ELSEWHERE.contains(&&*child.name)
    })
}

async fn related(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
    incoming: &Incoming,
) -> Result<Option<Markup>, Fault> {
    let Some(child) = visitor.caller.rights.catalogue.object(&incoming.object) else {
        return Ok(None);
    };
    let condition = format!("{} = {}", incoming.field, literal(record.id.as_str()));
    let table = rows(console, visitor, child, &condition).await?;
    if table.is_empty() {
        return Ok(None);
    }
    let all = format!(
        "/o/{}?view=all&{}={}",
        child.name, incoming.field, record.id
    );
    let through = if incoming.inherited {
        "through their Messaging User"
    } else {
        ""
    };
    Ok(Some(frame(
        visitor,
        child,
        &child.plural,
        through,
        &table,
        &all,
    )))
}

/// The other sessions of a session's Messaging User.
async fn earlier(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
) -> Result<Option<Markup>, Fault> {
    let Some(user) = record.cells().id("MessagingEndUserId") else {
        return Ok(None);
    };
    let condition = format!(
        "MessagingEndUserId = {} AND Id != {}",
        literal(user.as_str()),
        literal(record.id.as_str())
    );
    let table = rows(console, visitor, &record.object, &condition).await?;
    if table.is_empty() {
        return Ok(None);
    }
    let all = format!("/o/{SESSION}?view=all&MessagingEndUserId={user}");
    let title = "Other sessions of this Messaging User";
    Ok(Some(frame(
        visitor,
        &record.object,
        title,
        "",
        &table,
        &all,
    )))
}

async fn rows(
    console: &Console,
    visitor: &Visitor,
    object: &Arc<Object>,
    condition: &str,
) -> Result<Table, Fault> {
    let mut columns = views::columns(object);
    columns.truncate(COLUMNS);
    columns.extend(object.name_field().map(|field| field.name.to_string()));
    let paths = fields::selected(&visitor.caller, object, &columns);
    let newest = ["StartTime", "CreatedDate"]
        .into_iter()
        .find(|name| object.field(name).is_some());
    let order = newest
        .map(|name| format!(" ORDER BY {name} DESC"))
        .unwrap_or_default();
    let soql = format!(
        "SELECT {} FROM {} WHERE {condition}{order}",
        paths.join(", "),
        object.name
    );
    Ok(console
        .org
        .browse(&visitor.caller, &soql, None, ROWS)
        .await?)
}

fn frame(
    visitor: &Visitor,
    object: &Object,
    title: &str,
    through: &str,
    table: &Table,
    all: &str,
) -> Markup {
    let columns = views::columns(object);
    let columns: Vec<_> = columns.iter().map(String::as_str).take(COLUMNS).collect();
    let anchor = format!("related-{}", encoded(title).to_lowercase());
    html! {
        section .sheet.related aria-labelledby=(anchor) {
            h2 #(anchor) { (icons::of_object(&object.name)) (title) @if !through.is_empty() { span .soft.small { " " (through) } } }
            (brief(visitor, object, &columns, table))
            @if table.next.is_some() { p .more { a href=(all) { "Show all" span .unseen { " " (title) } } } }
        }
    }
}
