//! What has changed of a record: when, who, from, to. A session tells as well what changed on its
//! Messaging User since it began, for that is what it showed.

use headwater_catalogue::{Catalogue, Object};
use headwater_records::Cells;
use jiff::Timestamp;
use maud::{Markup, html};

use super::{Record, SESSION};
use crate::console::Console;
use crate::fault::Fault;
use crate::text::{label, literal};
use crate::value::{NONE, ago};
use crate::visitor::Visitor;

/// Changes shown.
const CHANGES_MAX: u64 = 30;

/// One change, ready to be shown.
struct Change {
    at: Timestamp,
    by: String,
    what: String,
    /// Whether a value changed, and not only something happened.
    has_values: bool,
    from: String,
    to: String,
    /// On which other record, if so.
    on: Option<&'static str>,
}

pub(super) async fn show(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
) -> Result<Markup, Fault> {
    let catalogue = &visitor.caller.rights.catalogue;
    let mut changes = of(
        console,
        visitor,
        &record.object,
        record.id.as_str(),
        "",
        None,
    )
    .await?;
    if &*record.object.name == SESSION
        && let Some(user) = record.cells().id("MessagingEndUserId")
        && let Some(users) = catalogue.object("MessagingEndUser")
    {
        let start = record.cells().get("StartTime").as_datetime();
        let since =
            start.map(|at| format!(" AND CreatedDate >= {at} AND Field IN ('Account', 'Contact')"));
        let since = since.unwrap_or_default();
        let more = of(
            console,
            visitor,
            users,
            user.as_str(),
            &since,
            Some("on the Messaging User"),
        );
        changes.extend(more.await?);
        changes.sort_by_key(|change| std::cmp::Reverse(change.at));
    }
    if changes.is_empty() {
        return Ok(html! {});
    }
    Ok(html! {
        section .sheet.history aria-labelledby="history" {
            h2 #history { "History" }
            ol { @for change in &changes { (line(visitor, change)) } }
        }
    })
}

fn line(visitor: &Visitor, change: &Change) -> Markup {
    html! {
        li {
            p {
                strong { (change.what) }
                @if let Some(on) = change.on { " " span .tag { (on) } }
                @if change.has_values {
                    " " span .from { (change.from) } span aria-hidden="true" { " → " } span .unseen { " to " } span .to { (change.to) }
                }
            }
            p .soft.small { (change.by) ", " (ago(change.at, &visitor.caller.zone)) }
        }
    }
}

/// The changes of one record, newest first.
async fn of(
    console: &Console,
    visitor: &Visitor,
    object: &Object,
    id: &str,
    condition: &str,
    on: Option<&'static str>,
) -> Result<Vec<Change>, Fault> {
    let catalogue = &visitor.caller.rights.catalogue;
    let history = object
        .history
        .as_deref()
        .and_then(|name| catalogue.object(name));
    let Some(history) = history.filter(|history| visitor.caller.rights.on(history).read) else {
        return Ok(Vec::new());
    };
    let Some(parent) = parent_of(history, object) else {
        return Ok(Vec::new());
    };
    // A changed reference makes two rows, one with the names and one with the ids.
    let soql = format!(
        "SELECT Field, OldValue, NewValue, DataType, CreatedDate, CreatedBy.Name FROM {} \
         WHERE {parent} = {} AND DataType != 'EntityId'{condition} ORDER BY CreatedDate DESC",
        history.name,
        literal(id)
    );
    let table = console
        .org
        .browse(&visitor.caller, &soql, None, CHANGES_MAX)
        .await?;
    Ok(table
        .rows()
        .map(|row| change(catalogue, object, row, on))
        .collect())
}

/// The field of a history object that names whose history it is.
fn parent_of<'h>(history: &'h Object, object: &Object) -> Option<&'h str> {
    let mut fields = history.fields.iter();
    fields
        .find(|field| {
            let reference = field.kind.as_reference();
            reference.is_some_and(|reference| reference.targets.names() == [object.name.clone()])
                && field.name != "CreatedById"
        })
        .map(|field| &*field.name)
}

fn change(
    catalogue: &Catalogue,
    object: &Object,
    row: Cells<'_>,
    on: Option<&'static str>,
) -> Change {
    let name = row.text("Field");
    // A reference is told by its relationship.
    let field = object
        .field(name)
        .or_else(|| object.relationship(name).map(|(_, field)| field));
    let what = match (field, name) {
        (Some(field), _) => label(catalogue, object, field),
        (None, "created") => "Made".to_owned(),
        (None, other) => crate::text::in_words(other),
    };
    let text = |path: &str| match row.text(path) {
        "" => NONE.to_owned(),
        text => text.to_owned(),
    };
    Change {
        at: row.get("CreatedDate").as_datetime().unwrap_or_default(),
        by: row.text("CreatedBy.Name").to_owned(),
        what,
        has_values: field.is_some(),
        from: text("OldValue"),
        to: text("NewValue"),
        on,
    }
}
