//! The form of an account with a carrier, and what is to be set there.

use headwater_messaging::{Account, Asked, CarrierFacts, NewAccount};
use headwater_records::login::Secret;
use maud::{Markup, html};

use crate::form::Form;
use crate::setup::controls::{Line, Trouble, control};

/// The account that a form asks for. Whether it can be is for the verb to say.
pub(super) fn wanted(form: &Form, facts: &CarrierFacts) -> Result<NewAccount, Trouble> {
    let rate = match form.filled("rate").map(str::parse) {
        Some(Ok(rate)) => Some(rate),
        Some(Err(_)) => {
            let text = "Messages per second: a whole number, or nothing.";
            return Err(Trouble::of_one("rate", text));
        }
        None => None,
    };
    Ok(NewAccount {
        carrier: facts.carrier.to_owned(),
        key: form.filled("key").unwrap_or_default().to_owned(),
        api_url: form.filled("api").map(str::to_owned),
        messages_per_second_max: rate,
        secret: form.filled("secret").map(Secret::new),
        signing_secret: form.filled("signing").map(Secret::new),
    })
}

/// What the form shows: what was typed, else what is kept. Never a secret.
pub(super) fn fields(
    facts: &CarrierFacts,
    account: Option<&Account>,
    form: Option<&Form>,
    trouble: &Trouble,
) -> Markup {
    let known = |field: &str, kept: Option<&str>| {
        let typed = form.and_then(|form| form.get(field));
        typed.or(kept).unwrap_or_default().to_owned()
    };
    let key = known("key", account.map(|account| account.key.as_str()));
    let api = account.and_then(|account| account.api_url.as_deref());
    let api = known("api", api);
    let rate = account.and_then(|account| account.messages_per_second_max);
    let rate = known("rate", rate.map(|rate| rate.to_string()).as_deref());
    let has_signing = account.is_some_and(|account| account.signing_secret.is_some());
    html! {
        @if let Some(Asked { label, hint }) = facts.key {
            (Line { name: "key", label, value: &key, hint, required: true }.show(trouble))
        }
        (secret("secret", facts.secret, account.is_some(), trouble))
        @if let Some(asked) = facts.signing_secret {
            (secret("signing", asked, has_signing, trouble))
        }
        @if let Some(Asked { label, hint }) = facts.address {
            (Line { name: "api", label, value: &api, hint, required: true }.show(trouble))
        }
        details open[!(facts.address.is_some() || api.is_empty()) || !rate.is_empty()] {
            summary { @if facts.address.is_some() { "Pace" } @else { "Pace and API address" } }
            (Line { name: "rate", label: "Messages per second, at most", value: &rate, hint: "Empty: as many as the carrier takes as a rule.", required: false }.show(trouble))
            @if facts.address.is_none() {
                (Line { name: "api", label: "API address", value: &api, hint: "Empty: where the carrier's API usually is.", required: false }.show(trouble))
            }
        }
    }
}

fn secret(name: &str, asked: Asked, is_kept: bool, trouble: &Trouble) -> Markup {
    let id = format!("input-{name}");
    let kept = "Leave it empty to keep the one that is there.";
    let hint = if is_kept {
        format!("{kept} It is never shown.")
    } else {
        format!("{} It is never shown again.", asked.hint)
    };
    control(
        name,
        asked.label,
        &hint,
        !is_kept,
        trouble,
        &html! {
            input id=(id) type="password" name=(name) autocomplete="off" required[!is_kept];
        },
    )
}

/// What is to be set at the carrier, with the address to paste.
pub(super) fn steps(
    facts: &CarrierFacts,
    account: Option<&Account>,
    address: &str,
    number: &str,
) -> Markup {
    let token = account.and_then(|account| account.verify_token.as_ref());
    html! {
        @match facts.carrier {
            "Twilio" => p .hint {
                "At Twilio, let incoming messages of " code { (number) } " call "
                code { (address) "#rc=3&rp=5xx,ct,rt" }
                " by POST. What follows the # makes Twilio try again when this server was away."
            },
            "WhatsApp" => p .hint {
                "In the app at Meta, under WhatsApp, Configuration, set the callback URL "
                code { (address) } " and subscribe to the field " code { "messages" }
                ". One address serves all numbers of the app."
            },
            "Messenger" => p .hint {
                "In the app at Meta, under Messenger, Settings, Webhooks, set the callback URL "
                code { (address) } ". The page itself is subscribed when the connection is checked."
            },
            "Partner" => (own_service(address, number)),
            _ => p .hint {
                "Telegram is told the address " code { (address) } " when the connection is checked; there is nothing to set."
            },
        }
        @if facts.wants_token {
            @if let Some(token) = token {
                p .hint { "The verify token is " code .secret { (token.expose()) } }
            } @else {
                p .hint { "Meta asks for a verify token with the address: it is made here when the channel is connected, and stands here then." }
            }
        }
    }
}

/// What a service of one's own does to bring messages and to take answers.
fn own_service(address: &str, number: &str) -> Markup {
    html! {
        p .hint {
            "Your service brings what customers write by Salesforce's Interaction Service API: to "
            code { (address) } ", with " code { (number) } " as " code { "to" } ". It needs an access token with the scope "
            code { "interaction_api" } ", from a connected app that has it, of a user who may Modify All on Messaging Sessions."
        }
        p .hint {
            "What agents write is posted to the callback address, signed as "
            a href="https://www.standardwebhooks.com" { "Standard Webhooks" } " has it. A secret is made by "
            code { "echo whsec_$(openssl rand -base64 32)" } "."
        }
    }
}
