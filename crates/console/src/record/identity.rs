//! Who a session's customer is: the account and contact of its Messaging User, with why they are
//! locked here and the way to change them where they are kept.

use headwater_catalogue::Value;
use maud::{Markup, html};

use super::details::show_field;
use super::lock::ways;
use super::{Clock, Known, Record};
use crate::console::Console;
use crate::fault::Fault;
use crate::icons;
use crate::relink::candidates;
use crate::text::counted;
use crate::value::record_link;
use crate::visitor::Visitor;

/// The card at the side of a session.
pub(super) async fn card(
    console: &Console,
    visitor: &Visitor,
    record: &Record,
    known: &Known,
    clock: Option<&Clock>,
) -> Result<Markup, Fault> {
    let cells = record.cells();
    let user = cells.id("MessagingEndUserId");
    let name = cells.text("MessagingEndUser.Name");
    let lock = known
        .explanation("EndUserAccountId")
        .or(known.explanation("EndUserContactId"));
    let lock = lock.and_then(|explained| explained.lock.as_ref());
    let shared = lock.and_then(|lock| lock.edit_at.as_ref()?.sessions);
    let shown = ["EndUserAccountId", "EndUserContactId"]
        .into_iter()
        .filter_map(|name| {
            let rights = visitor.caller.rights.on(&record.object);
            let place = record
                .object
                .position(name)
                .filter(|place| rights.reads(*place))?;
            Some(&record.object.fields[place])
        });
    let candidates = match user {
        Some(user) if cells.get("EndUserContactId").is_null() => {
            candidates::of(console, &visitor.caller, user).await?
        }
        _ => Vec::new(),
    };
    Ok(html! {
        section .sheet.identity aria-labelledby="identity" {
            h2 #identity { "Who this is" }
            p .source {
                (icons::STREAM)
                span {
                    "From the Messaging User " (record_link(user, name))
                    @if let Some(count) = shared {
                        span .soft { " · shared by " (counted(count, "session", "sessions")) }
                    }
                }
            }
            dl .fields { @for field in shown { (show_field(visitor, record, known, field, false)) } }
            @if let Some(clock) = clock { (clock.in_card()) }
            @if cells.get("EndUserAccountId") == &Value::Null {
                p .hint { "No account is linked yet." }
            }
            @if let (Some(user), false) = (user, candidates.is_empty()) {
                div .may-be {
                    h3 { @match candidates.len() { 1 => "It may be", _ => "It may be one of these" } }
                    (candidates::list(user, &candidates, &record.url()))
                }
            }
            @if let Some(lock) = lock { (ways(visitor, record, lock, true)) }
            @if let Some(lock) = lock.filter(|lock| lock.edit_at.as_ref().is_none_or(|at| !at.editable)) {
                p .soft.small { (lock.reason) }
            }
        }
    })
}
