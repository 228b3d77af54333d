//! The records that refer to a record, a short list for each way in which they do.

use std::sync::Arc;

use headwater_catalogue::{Access, Incoming, Object};
use headwater_records::Table;
use maud::{Markup, html};

use super::{Record, SESSION};
use crate::console::Console;
use crate::fault::Fault;
use crate::lists::brief;
use crate::text::literal;
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

/// A related list on its way to the page.
struct Related<'a> {
    object: &'a Arc<Object>,
    title: &'a str,
    /// How its records come to refer here, if that is worth saying.
    through: &'static str,
    condition: String,
    /// The address of the whole list.
    all: String,
    /// The field that refers here: all rows hold the same in it.
    by: &'a str,
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
    let list = Related {
        object: child,
        title: &child.plural,
        through: if incoming.inherited {
            "through their Messaging User"
        } else {
            ""
        },
        condition: format!("{} = {}", incoming.field, literal(record.id.as_str())),
        all: format!(
            "/o/{}?view=all&{}={}",
            child.name, incoming.field, record.id
        ),
        by: &incoming.field,
    };
    list.show(console, visitor).await
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
    let list = Related {
        object: &record.object,
        title: "Other sessions of this Messaging User",
        through: "",
        condition: format!(
            "MessagingEndUserId = {} AND Id != {}",
            literal(user.as_str()),
            literal(record.id.as_str())
        ),
        all: format!("/o/{SESSION}?view=all&MessagingEndUserId={user}"),
        by: "MessagingEndUserId",
    };
    list.show(console, visitor).await
}

impl Related<'_> {
    /// The list; none when it has no rows.
    async fn show(&self, console: &Console, visitor: &Visitor) -> Result<Option<Markup>, Fault> {
        let object = self.object;
        let columns = self.columns();
        let table = self.rows(console, visitor, &columns).await?;
        if table.is_empty() {
            return Ok(None);
        }
        let columns: Vec<_> = columns.iter().map(String::as_str).collect();
        let anchor = format!("related-{}-{}", object.name, self.by);
        Ok(Some(html! {
            section .sheet.related aria-labelledby=(anchor) {
                h2 #(anchor) {
                    (icons::of_object(&object.name)) (self.title)
                    @if !self.through.is_empty() { span .soft.small { " " (self.through) } }
                }
                div .scrolls { (brief(visitor, object, &columns, &table)) }
                @if table.next.is_some() {
                    p .more { a href=(self.all) { "Show all" span .unseen { " " (self.title) } } }
                }
            }
        }))
    }

    fn columns(&self) -> Vec<String> {
        let mut columns = views::columns(self.object);
        columns.retain(|column| column != self.by);
        columns.truncate(COLUMNS);
        columns
    }

    async fn rows(
        &self,
        console: &Console,
        visitor: &Visitor,
        columns: &[String],
    ) -> Result<Table, Fault> {
        let object = self.object;
        let name = object.name_field().map(|field| field.name.to_string());
        let columns: Vec<_> = columns.iter().cloned().chain(name).collect();
        let paths = fields::selected(&visitor.caller, object, &columns);
        let newest = ["StartTime", "CreatedDate"]
            .into_iter()
            .find(|name| object.field(name).is_some());
        let order = newest.map(|name| format!(" ORDER BY {name} DESC"));
        let soql = format!(
            "SELECT {} FROM {} WHERE {}{}",
            paths.join(", "),
            object.name,
            self.condition,
            order.unwrap_or_default()
        );
        Ok(console
            .org
            .browse(&visitor.caller, &soql, None, ROWS)
            .await?)
    }
}
