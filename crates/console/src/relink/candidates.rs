//! Whom a Messaging User without a contact may be, and what speaks for it: one step from being linked.

use headwater_catalogue::Id;
use headwater_messaging::Candidate;
use headwater_records::Caller;
use maud::{Markup, html};

use super::{ACCOUNT, CONTACT, Link};
use crate::console::Console;
use crate::fault::Fault;
use crate::text::encoded;

/// Whom a Messaging User may be. Nobody is offered to those who may not link them.
pub(crate) async fn of(
    console: &Console,
    caller: &Caller,
    user: Id,
) -> Result<Vec<Candidate>, Fault> {
    let may_link = caller.rights.catalogue.object("MessagingEndUser");
    let may_link = may_link.is_some_and(|users| {
        let place = users.position(CONTACT.field);
        place.is_some_and(|place| caller.rights.on(users).writes(place))
    });
    if !may_link {
        return Ok(Vec::new());
    }
    Ok(console.messaging.candidates(caller, user).await?)
}

/// The list of them, each leading to the change that would link it.
pub(crate) fn list(user: Id, candidates: &[Candidate], from: &str) -> Markup {
    html! {
        ul .candidates-list {
            @for candidate in candidates {
                @let to = address(user, candidate, from);
                li {
                    a href=(to) hx-get=(to) data-opens-dialog hx-select="#dialog-content"
                        hx-target="#dialog-content" hx-swap="outerHTML" {
                        (candidate.name)
                        @if let Some((_, account)) = &candidate.account { " · " (account) }
                    }
                    @for reason in &candidate.reasons { p .soft.small { (reason) } }
                }
            }
        }
    }
}

/// The change that links this one, filled in.
fn address(user: Id, candidate: &Candidate, from: &str) -> String {
    let choose = |link: &Link, id: Id, name: &str| {
        let (field, name) = (link.field, encoded(name));
        format!("&{field}={id}&{field}.search={name}&{field}.shown=")
    };
    let contact = choose(&CONTACT, candidate.contact, &candidate.name);
    let account = candidate.account.as_ref();
    let account = account.map(|(account, name)| choose(&ACCOUNT, *account, name));
    format!(
        "/relink?user={user}&from={}{contact}{}",
        encoded(from),
        account.unwrap_or_default()
    )
}
