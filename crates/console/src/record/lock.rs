//! What stands beside a value: a pencil where it is edited, a lock that says why where it is not.

use headwater_records::explain::{Explanation, Lock, Rule};
use maud::{Markup, html};

use super::{MESSAGING_USER, Record, url};
use crate::icons;
use crate::setup::access_link;
use crate::text::encoded;
use crate::visitor::Visitor;

/// The pencil or the lock of a field. Fields that the server keeps by itself, as on every record,
/// have neither: nobody looks for a pencil there.
pub(crate) fn handle(
    visitor: &Visitor,
    record: &Record,
    explanation: Option<&Explanation>,
    label: &str,
) -> Markup {
    let Some(explanation) = explanation else {
        return html! {};
    };
    match &explanation.lock {
        None => pencil(record, &explanation.field, label),
        Some(lock) => why(visitor, record, lock, label),
    }
}

fn pencil(record: &Record, field: &str, label: &str) -> Markup {
    let address = format!("{}/edit?field={field}", record.url());
    html! {
        a .pencil href=(address) aria-label={ "Edit " (label) }
            hx-get=(address) hx-select="form.inline" hx-target={ "#field-" (field) } hx-swap="innerHTML" {
            (icons::PENCIL)
        }
    }
}

fn why(visitor: &Visitor, record: &Record, lock: &Lock, label: &str) -> Markup {
    let anchor = format!("why-{}", lock.field);
    let is_inherited = lock.rule == Rule::Inherited;
    html! {
        button .lock.from-elsewhere[is_inherited] type="button" popovertarget=(anchor)
            aria-label={ (label) ": why is it locked?" } {
            @if is_inherited { (icons::STREAM) }
            (icons::LOCK)
        }
        div .why #(anchor) popover role="dialog" aria-label={ "Why " (label) " is locked" } data-keep {
            p { (lock.reason) }
            (ways(visitor, record, lock, false))
            (access_link(visitor, record.id, &lock.field))
        }
    }
}

/// What can be done about a lock.
///
/// Of the same way on a page, one is the one that the key L takes.
pub(crate) fn ways(visitor: &Visitor, record: &Record, lock: &Lock, keyed: bool) -> Markup {
    let Some(at) = &lock.edit_at else {
        return html! {};
    };
    let Some(id) = at.record else {
        return html! {};
    };
    let source = url(&at.object, id);
    let catalogue = &visitor.caller.rights.catalogue;
    let label = catalogue
        .object(&at.object)
        .map_or(&*at.object, |object| &*object.label);
    let is_link = &*at.object == MESSAGING_USER && matches!(&*at.field, "AccountId" | "ContactId");
    html! {
        div .ways {
            @if at.editable && is_link {
                (change_links(id.as_str(), &record.url(), keyed))
            } @else if at.editable {
                a .button href={ (source) "/edit?field=" (at.field) } { "Change it there…" }
            }
            a .button.quiet href=(source) { "Open " (label) }
        }
    }
}

/// The way to change a Messaging User's account or contact on the spot.
pub(crate) fn change_links(user: &str, from: &str, keyed: bool) -> Markup {
    let address = format!("/relink?user={user}&from={}", encoded(from));
    html! {
        a .button .primary href=(address) hx-get=(address) data-opens-dialog
            data-key=[keyed.then_some("l")] data-label=[keyed.then_some("Change account or contact")]
            hx-select="#dialog-content" hx-target="#dialog-content" hx-swap="outerHTML" {
            "Change account or contact…"
        }
    }
}
