//! Status, capacity, and the cards of what is offered.

use headwater_messaging::{Desk, Offer};
use jiff::Timestamp;
use maud::{Markup, html};

use crate::console::Console;
use crate::fault::Fault;
use crate::value::ago;
use crate::visitor::Visitor;

pub(super) async fn show(console: &Console, visitor: &Visitor) -> Result<Markup, Fault> {
    let desk = console.messaging.presence(&visitor.caller).await?;
    let now = console.org.now();
    Ok(html! {
        div .work-piece data-present[desk.status.is_some()] data-sounds[desk.sounds] {
            (menu(visitor, &desk))
            @if !desk.offers.is_empty() {
                section .offers aria-label="Incoming work" {
                    @for offer in &desk.offers { (card(visitor, &desk, offer, now)) }
                }
            }
            form .unseen method="post" action="/presence/beat" data-beat { (visitor.token_field()) }
        }
    })
}

fn menu(visitor: &Visitor, desk: &Desk) -> Markup {
    let (state, label) = match &desk.status {
        None => ("is-offline", "Offline"),
        Some(_) if desk.is_away => ("is-away", desk.label.as_str()),
        Some(_) => ("is-available", desk.label.as_str()),
    };
    html! {
        details .menu.presence {
            summary {
                span .dot.(state) aria-hidden="true" {}
                span .presence-label { span .unseen { "Your status: " } (label) }
                @if desk.status.is_some() {
                    span .capacity title="Capacity used, of all you have" { (units(desk.used)) "/" (desk.capacity) }
                }
            }
            div .sheet {
                p .soft {
                    "Capacity: " (units(desk.used)) " of " (desk.capacity) " in use."
                    @if let Some(since) = desk.since { " Since " (ago(since, &visitor.caller.zone)) "." }
                }
                @for (id, name) in &desk.statuses {
                    (choice(visitor, id.as_str(), name, desk.status == Some(*id)))
                }
                (choice(visitor, "", "Offline", desk.status.is_none()))
                button .quiet type="button" data-switches-sound hidden { "Sound: on" }
                button .quiet type="button" data-asks-notifications hidden { "Allow notifications" }
            }
        }
    }
}

fn choice(visitor: &Visitor, status: &str, label: &str, is_now: bool) -> Markup {
    html! {
        form method="post" action="/presence/status" hx-post="/presence/status" hx-target="closest .work-piece"
            hx-swap="outerHTML" {
            (visitor.token_field())
            input type="hidden" name="status" value=(status);
            button .quiet aria-pressed=(is_now) { (label) }
        }
    }
}

fn card(visitor: &Visitor, desk: &Desk, offer: &Offer, now: Timestamp) -> Markup {
    let to = format!("/offers/{}", offer.work);
    let left = offer
        .until
        .map(|until| until.duration_since(now).as_secs().max(0));
    let title = format!("offer-{}", offer.work);
    html! {
        article .sheet.offer data-offer=(offer.work) data-who=(offer.customer) aria-labelledby=(title) {
            h2 id=(title) {
                span .unseen { @if offer.is_transfer { "Transferred to you: " } @else { "Offered to you: " } }
                (offer.customer)
            }
            p .soft {
                (offer.channel)
                @if !offer.queue.is_empty() { " · " (offer.queue) }
                @if offer.is_transfer { " · transferred" }
                @if let Some(since) = offer.since { " · came " (ago(since, &visitor.caller.zone)) }
            }
            @if let Some(left) = left {
                p .countdown data-left=(left) { (left) " s left to answer" }
            }
            div .ways {
                form method="post" action={ (to) "/accept" } {
                    (visitor.token_field())
                    button .primary data-key="a" data-label={ "Accept " (offer.customer) } {
                        "Accept" span .unseen { " " (offer.customer) }
                    }
                }
                @if desk.may_decline {
                    form method="post" action={ (to) "/decline" } hx-post={ (to) "/decline" }
                        hx-target="closest .work-piece" hx-swap="outerHTML" {
                        (visitor.token_field())
                        button .quiet { "Decline" span .unseen { " " (offer.customer) } }
                    }
                }
            }
        }
    }
}

/// Hundredths as people write them.
pub(super) fn units(hundredths: i64) -> String {
    let (whole, part) = (hundredths / 100, hundredths % 100);
    if part == 0 {
        return whole.to_string();
    }
    format!("{whole}.{part:02}")
        .trim_end_matches('0')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::units;

    #[test]
    fn units_are_whole_as_a_rule() {
        assert_eq!(units(300), "3");
        assert_eq!(units(250), "2.5");
        assert_eq!(units(125), "1.25");
        assert_eq!(units(0), "0");
    }
}
