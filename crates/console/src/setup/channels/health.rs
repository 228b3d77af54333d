//! How a channel does, as a light and in words.

use headwater_messaging::Health;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::value::ago;
use crate::visitor::Visitor;

/// A light: whether what happened last went well.
pub(super) fn light(health: &Health) -> Markup {
    let is_silent = health.received.max(health.sent).is_none();
    html! {
        @if health.is_failing() {
            span .status.is-error { "Failing" }
        } @else if is_silent {
            span .status.is-waiting { "Nothing yet" }
        } @else {
            span .status.is-working { "Working" }
        }
    }
}

/// When something came in, went out and failed last.
pub(super) fn facts(visitor: &Visitor, health: &Health) -> Markup {
    let moment = |at: Option<Timestamp>| {
        let never = html! { "Never" };
        at.map_or(never, |at| ago(at, &visitor.caller.zone))
    };
    html! {
        dl .facts-list {
            div { dt { "State" } dd { (light(health)) } }
            div { dt { "Last came in" } dd { (moment(health.received)) } }
            div { dt { "Last went out" } dd { (moment(health.sent)) } }
            div { dt { "Last failed" } dd {
                (moment(health.failed))
                @if let Some(reason) = &health.reason { br; (reason) }
            } }
        }
    }
}
