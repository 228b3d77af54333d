//! The same address on several channels, linked to different contacts: most likely one person, of
//! whom one link is wrong.
//!
//! A page reads so many Messaging Users in the order of their addresses, compares those that it has
//! read, and says where the next page goes on.

use std::collections::HashMap;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use headwater_catalogue::Id;
use headwater_records::Cells;
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::record::lock::change_links;
use crate::shell::Page;
use crate::text::encoded;
use crate::value::{NONE, record_link};
use crate::visitor::Visitor;

/// Messaging Users that one page looks at.
const LOOKED_AT: u64 = 1_000;

/// What is shown of one Messaging User.
struct User {
    id: Id,
    name: String,
    channel: String,
    account: (Option<Id>, String),
    contact: (Option<Id>, String),
}

pub(super) async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
    visitor: Visitor,
) -> Result<Response, Fault> {
    let form = Form::read(query.unwrap_or_default().as_bytes());
    let soql = "SELECT Id, Name, MessagingPlatformKey, MessagingChannel.MasterLabel, AccountId, \
                Account.Name, ContactId, Contact.Name FROM MessagingEndUser \
                ORDER BY MessagingPlatformKey, Id";
    let table = console
        .org
        .browse(&visitor.caller, soql, form.filled("after"), LOOKED_AT)
        .await?;
    let mut order: Vec<String> = Vec::new();
    let mut by_address: HashMap<String, Vec<User>> = HashMap::new();
    for row in table.rows() {
        let Some(user) = user(row) else { continue };
        let address = address(row.text("MessagingPlatformKey"));
        let users = by_address.entry(address.clone()).or_default();
        if users.is_empty() {
            order.push(address);
        }
        users.push(user);
    }
    order.retain(|address| differ(&by_address[address]));
    let watched: Vec<_> = order
        .iter()
        .flat_map(|address| &by_address[address])
        .map(|user| user.id)
        .collect();
    let main = html! {
        header .page-head {
            div { p .kind { "Messaging Users" } h1 { "Same phone, different contacts" } }
        }
        p .soft { "One address on several channels, linked to different contacts or not linked on one of them." }
        @if order.is_empty() { p .nothing { "Every address is linked to the same contact on all its channels." } }
        @for address in &order { (group(address, &by_address[address], &visitor)) }
        @if let Some(next) = &table.next {
            nav .pages aria-label="Pages" { a .next href={ "/shared-addresses?after=" (encoded(next)) } { "Look further" } }
        }
    };
    let newest = visitor.newest;
    Page::new(visitor, "Same phone, different contacts", main)
        .under("/o/MessagingEndUser")
        .watching(newest, watched)
        .show(&console)
        .await
}

fn user(row: Cells<'_>) -> Option<User> {
    Some(User {
        id: row.id("Id")?,
        name: row.text("Name").to_owned(),
        channel: row.text("MessagingChannel.MasterLabel").to_owned(),
        account: (row.id("AccountId"), row.text("Account.Name").to_owned()),
        contact: (row.id("ContactId"), row.text("Contact.Name").to_owned()),
    })
}

/// An address without what a channel puts before it: `whatsapp:+1202…` is the phone `+1202…`.
fn address(key: &str) -> String {
    let plain = key.rsplit_once(':').map_or(key, |(_, plain)| plain);
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    let is_phone = digits.len() >= 7
        && plain
            .chars()
            .all(|c| c.is_ascii_digit() || "+ -()".contains(c));
    if is_phone {
        format!("+{digits}")
    } else {
        plain.to_owned()
    }
}

fn differ(users: &[User]) -> bool {
    users
        .windows(2)
        .any(|pair| pair[0].contact.0 != pair[1].contact.0)
}

fn group(address: &str, users: &[User], visitor: &Visitor) -> Markup {
    let object = visitor.caller.rights.catalogue.object("MessagingEndUser");
    let may = object.is_some_and(|object| visitor.caller.rights.on(object).edit);
    let or_none = |(id, name): &(Option<Id>, String)| {
        record_link(*id, if id.is_some() { name } else { NONE })
    };
    html! {
        section .sheet.related {
            h2 { (address) }
            div .scrolls { table .brief {
                thead .unseen { tr { th { "Messaging User" } th { "Channel" } th { "Account" } th { "Contact" } th { "Change" } } }
                tbody {
                    @for user in users {
                        tr {
                            th scope="row" { (record_link(Some(user.id), &user.name)) }
                            td { (user.channel) }
                            td data-value { (or_none(&user.account)) }
                            td data-value { (or_none(&user.contact)) }
                            td { @if may { (change_links(user.id.as_str(), "/shared-addresses", false)) } }
                        }
                    }
                }
            } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_the_same_however_a_channel_writes_it() {
        assert_eq!(address("whatsapp:+12025550147"), "+12025550147");
        assert_eq!(address("+1 202-555-0147"), "+12025550147");
        assert_eq!(address("12025550147"), "+12025550147");
        assert_eq!(address("psid:7788 x"), "7788 x");
    }
}
