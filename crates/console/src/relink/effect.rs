//! What a relink did, or would do, for people.

use headwater_records::relink::{Link, Party, RelinkReport};
use maud::{Markup, html};

use super::Proposal;
use crate::text::counted;
use crate::value::{NONE, record};

/// What a relink would do to the Messaging User of the form.
pub(super) fn show(report: Option<&RelinkReport>, proposal: Option<&Proposal>) -> Markup {
    let Some(report) = report else {
        return html! {};
    };
    html! {
        div .effect {
            @for user in &report.users {
                dl {
                    (line("Account", user.account.as_ref()))
                    (line("Contact", user.contact.as_ref()))
                }
            }
            p {
                @if report.changed() == 0 { "Nothing would change." }
                @else { strong { "Affects " (counted(report.sessions(), "session", "sessions")) "." } }
            }
            @if let Some(proposal) = proposal {
                label .tick {
                    input type="checkbox" name="use-account-of-contact" value=(proposal.id) checked[proposal.is_taken]
                        hx-post="/relink/effect" hx-trigger="change" hx-include="closest form"
                        hx-target="#relink-effect" hx-select="#relink-effect" hx-swap="outerHTML";
                    span { "Also link to " strong { (proposal.name) } ", the account of " (proposal.contact) }
                }
            }
        }
    }
}

fn line(label: &str, link: Option<&Link>) -> Markup {
    let Some(link) = link.filter(|link| link.changed) else {
        return html! {};
    };
    html! {
        div {
            dt { (label) }
            dd {
                span .from { (name(link.before.as_ref())) }
                span aria-hidden="true" { " → " } span .unseen { " becomes " }
                strong .to { (name(link.after.as_ref())) }
            }
        }
    }
}

fn name(party: Option<&Party>) -> &str {
    party.map_or(NONE, |party| {
        party.name.as_deref().unwrap_or(party.id.as_str())
    })
}

/// "Jordan Avery: Account Test1 → Sample", or how many Messaging Users when there are several.
pub(crate) fn in_one_line(report: &RelinkReport) -> Markup {
    let changed: Vec<_> = report.users.iter().filter(|user| user.changed()).collect();
    let [user] = changed.as_slice() else {
        let count = u64::try_from(changed.len()).unwrap_or(u64::MAX);
        return html! { (counted(count, "Messaging User", "Messaging Users")) " changed." };
    };
    let links = [("account", &user.account), ("contact", &user.contact)];
    let links: Vec<_> = links
        .into_iter()
        .filter_map(|(label, link)| Some((label, link.as_ref().filter(|link| link.changed)?)))
        .collect();
    html! {
        (record(user.id, user.name.as_deref())) " has "
        @for (place, (label, link)) in links.iter().enumerate() {
            @if place > 0 { " and " }
            "the " (label) " " strong { (name(link.after.as_ref())) }
            @if link.before.is_some() { " instead of " (name(link.before.as_ref())) }
        }
        "."
    }
}
