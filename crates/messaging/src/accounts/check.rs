//! Whether a channel can be connected as somebody wants it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use headwater_records::login::Secret;

use super::facts::{Asked, CarrierFacts};
use super::{Account, NewAccount};
use crate::error::Error;

/// Most messages that an account may be set to send in a second.
const MESSAGES_PER_SECOND_MAX: u32 = 1_000;

/// Most characters of an account's key, of its secret and of what its carrier signs with.
const KEY_CHARACTERS_MAX: usize = 255;
const SECRET_CHARACTERS_MAX: usize = 4_096;

/// What secrets of Standard Webhooks begin with; base64 follows.
const WEBHOOK_SECRET: &str = "whsec_";

fn problem(field: &'static str, problem: impl Into<String>) -> Error {
    let problem = problem.into();
    Error::Account { field, problem }
}

/// The account as it is kept, if a channel of this type can have it.
pub(super) fn checked(
    new: &NewAccount,
    known: Option<&Account>,
    kind: &str,
) -> Result<NewAccount, Error> {
    let facts = CarrierFacts::for_type(kind).find(|facts| facts.carrier == new.carrier);
    let facts = facts.ok_or_else(|| {
        let text = format!("'{}' serves no channels of the type '{kind}'", new.carrier);
        problem("carrier", text)
    })?;
    // What another carrier was connected with is nothing to go on with.
    let known = known.filter(|known| known.carrier == new.carrier);
    let missing = |field, label| problem(field, format!("{label}: enter the account's."));
    if new.secret.is_none() && known.is_none() {
        return Err(missing("secret", facts.secret.label));
    }
    if let Some(asked) = facts.signing_secret
        && new.signing_secret.is_none()
        && known.is_none_or(|known| known.signing_secret.is_none())
    {
        return Err(missing("signing", asked.label));
    }
    for (field, secret, max) in [
        ("secret", &new.secret, SECRET_CHARACTERS_MAX),
        ("signing", &new.signing_secret, KEY_CHARACTERS_MAX),
    ] {
        check_secret(field, secret.as_ref(), max)?;
    }
    if facts.carrier == "Partner"
        && let Some(secret) = &new.secret
    {
        check_webhook_secret(secret.expose(), facts.secret)?;
    }
    let key = key(new, known, facts)?;
    if let Some(asked) = facts.address
        && new.api_url.is_none()
    {
        return Err(problem(
            "api",
            format!("{}: enter the address.", asked.label),
        ));
    }
    check_api(new.api_url.as_deref(), facts)?;
    let most = 1..=MESSAGES_PER_SECOND_MAX;
    if new
        .messages_per_second_max
        .is_some_and(|rate| !most.contains(&rate))
    {
        let text = format!("Messages per second: 1 to {MESSAGES_PER_SECOND_MAX}, or nothing.");
        return Err(problem("rate", text));
    }
    Ok(NewAccount { key, ..new.clone() })
}

fn check_secret(field: &'static str, secret: Option<&Secret>, max: usize) -> Result<(), Error> {
    let is_fine = |secret: &Secret| {
        let text = secret.expose();
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        !text.is_empty() && text.len() <= max && is_plain
    };
    if secret.is_none_or(is_fine) {
        return Ok(());
    }
    let text = format!("A secret has 1 to {max} characters, and neither spaces nor accents.");
    Err(problem(field, text))
}

/// A secret as Standard Webhooks has it, so that services can check signatures with any of its libraries.
fn check_webhook_secret(secret: &str, asked: Asked) -> Result<(), Error> {
    const BYTES: std::ops::RangeInclusive<usize> = 24..=64;
    let bytes = secret
        .strip_prefix(WEBHOOK_SECRET)
        .map(|text| STANDARD.decode(text));
    match bytes {
        Some(Ok(bytes)) if BYTES.contains(&bytes.len()) => Ok(()),
        _ => Err(problem(
            "secret",
            format!("{}: {}", asked.label, asked.hint),
        )),
    }
}

fn key(new: &NewAccount, known: Option<&Account>, facts: &CarrierFacts) -> Result<String, Error> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|one| one.is_ascii_digit());
    let Some(asked) = facts.key else {
        // The part of the token that is no secret.
        let Some(secret) = &new.secret else {
            return Ok(known.map_or_else(String::new, |known| known.key.clone()));
        };
        return match secret.expose().split_once(':') {
            Some((bot, rest)) if is_digits(bot) && !rest.contains(['/', '?', '#']) => {
                Ok(bot.to_owned())
            }
            _ => Err(problem(
                "secret",
                format!("{}: {}", facts.secret.label, facts.secret.hint),
            )),
        };
    };
    let key = new.key.trim();
    let is_word = |one: u8| one.is_ascii_alphanumeric() || one == b'_';
    let fits = match facts.carrier {
        "Twilio" => key.starts_with("AC") && key.bytes().all(|one| one.is_ascii_alphanumeric()),
        "Partner" => {
            key.starts_with(|first: char| first.is_ascii_alphabetic()) && key.bytes().all(is_word)
        }
        _ => is_digits(key),
    };
    if fits && key.len() <= KEY_CHARACTERS_MAX {
        return Ok(key.to_owned());
    }
    let text = match facts.carrier {
        "Twilio" => "Twilio's begin with AC, and have letters and digits alone.",
        _ => asked.hint,
    };
    Err(problem("key", format!("{}: {text}", asked.label)))
}

/// Secrets go there, so nobody may read along.
fn check_api(url: Option<&str>, facts: &CarrierFacts) -> Result<(), Error> {
    let Some(url) = url else { return Ok(()) };
    let label = facts.address.map_or("API address", |asked| asked.label);
    let is_this_machine = url
        .strip_prefix("http://127.0.0.1")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']));
    if is_this_machine || url.starts_with("https://") {
        return Ok(());
    }
    let text = format!("{label}: it begins with https://, so that nothing is read on its way.");
    Err(problem("api", text))
}
