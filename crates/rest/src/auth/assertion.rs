//! Logging in by a signed assertion (JWT bearer): an application with a private key says which
//! user it acts for, and the certificate in its record proves that it is the one.
//!
//! Real clients stretch the standard: `exp` comes as a number, as a text, or in milliseconds, and
//! `aud` as any of Salesforce's login addresses or the address they were given.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use headwater_records::LoginError;
use headwater_records::login::{App, Issued};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

use super::client::attempt;
use super::form::Form;
use super::refusal::Refusal;
use super::token::issue;
use crate::call::Call;

/// Clocks of clients may be off by this.
const SKEW_SECONDS: i64 = 180;
/// An assertion that holds longer is a password in disguise.
const LIFETIME_SECONDS_MAX: i64 = 24 * 3600;
/// Longer ones are not read.
const ASSERTION_BYTES_MAX: usize = 16 * 1024;
/// Seconds do not reach this before the year 5138; what is above is milliseconds.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// What an assertion says, unproven.
#[derive(Debug, PartialEq)]
struct Claims {
    /// The client id.
    issuer: String,
    /// The user name.
    subject: String,
    audiences: Vec<String>,
    /// Seconds.
    expires: i64,
}

/// Lets the user of an assertion in.
pub(super) async fn log_in(call: &Call, form: &Form) -> Result<Issued, Refusal> {
    let assertion = form.require("assertion")?;
    let claims = read(assertion).ok_or_else(invalid)?;
    let attempt = attempt(call, &claims.issuer);
    call.state.org.begin_attempt(&attempt)?;
    check_time(claims.expires, call.state.org.now().as_second())?;
    let addresses = [
        Some(&call.base_url()),
        call.state.settings.public_url.as_ref(),
    ];
    let ours: Vec<&str> = addresses
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    if !claims
        .audiences
        .iter()
        .any(|audience| is_us(audience, &ours))
    {
        return Err(Refusal::new("invalid_grant", "audience is invalid"));
    }
    let app = call.state.org.app(&claims.issuer).await?;
    if !app.allows_assertion {
        return Err(LoginError::NotForApp("the JWT bearer flow").into());
    }
    if !is_signed_by(assertion, &app) {
        call.state.org.attempt_failed(&attempt);
        return Err(invalid());
    }
    let user = approved_user(call, &claims.subject, &app).await?;
    issue(call, user, &app, form.get("scope")).await
}

/// Only now that the signature holds may the answer depend on who the user is.
async fn approved_user(
    call: &Call,
    username: &str,
    app: &App,
) -> Result<headwater_catalogue::Id, Refusal> {
    let org = &call.state.org;
    let not_approved = || Refusal::new("invalid_grant", "user hasn't approved this consumer");
    let user = org.active_user(username).await?.ok_or_else(not_approved)?;
    if app.pre_approved || org.has_approved(user, app).await? {
        return Ok(user);
    }
    Err(not_approved())
}

fn invalid() -> Refusal {
    Refusal::new("invalid_grant", "invalid assertion")
}

fn check_time(expires: i64, now: i64) -> Result<(), Refusal> {
    if expires.saturating_add(SKEW_SECONDS) <= now {
        return Err(Refusal::new("invalid_grant", "assertion is expired"));
    }
    if expires > now + LIFETIME_SECONDS_MAX + SKEW_SECONDS {
        let text = format!("an assertion holds at most {LIFETIME_SECONDS_MAX} seconds");
        return Err(Refusal::new("invalid_grant", text));
    }
    Ok(())
}

/// The claims of an assertion of the one algorithm we take: letting the assertion choose is how
/// unsigned ones get in.
fn read(assertion: &str) -> Option<Claims> {
    if assertion.len() > ASSERTION_BYTES_MAX {
        return None;
    }
    let mut parts = assertion.split('.');
    let (header, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || json(header)?.get("alg")?.as_str()? != "RS256" {
        return None;
    }
    let claims = json(claims)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let audiences = match claims.get("aud")? {
        Value::String(one) => vec![one.clone()],
        Value::Array(several) => several
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => return None,
    };
    Some(Claims {
        issuer: text("iss")?,
        subject: text("sub").or_else(|| text("prn"))?,
        audiences,
        expires: seconds(claims.get("exp")?)?,
    })
}

fn json(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A moment in seconds, given as a number, as its text, or in milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a moment out of range saturates, and is refused as too far"
)]
fn seconds(value: &Value) -> Option<i64> {
    let number = match value {
        Value::Number(number) => number
            .as_i64()
            .or_else(|| number.as_f64().map(|n| n as i64))?,
        Value::String(text) => text.trim().parse::<f64>().ok().filter(|n| n.is_finite())? as i64,
        _ => return None,
    };
    Some(if number >= MILLISECONDS_FROM {
        number / 1000
    } else {
        number
    })
}

/// Whether an audience means this server: Salesforce's own login addresses, which clients have
/// built in, and ours by any scheme, path or trailing slash.
fn is_us(audience: &str, ours: &[&str]) -> bool {
    let Some(host) = authority(audience) else {
        return false;
    };
    let is_salesforce = ["salesforce.com", "force.com"].into_iter().any(|domain| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    is_salesforce
        || ours
            .iter()
            .any(|ours| authority(ours) == Some(host.clone()))
}

/// Host and port, in lower case.
fn authority(address: &str) -> Option<String> {
    let (_, rest) = address.trim().split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    (!authority.is_empty() && !authority.contains('@')).then(|| authority.to_ascii_lowercase())
}

fn is_signed_by(assertion: &str, app: &App) -> bool {
    let Some(pem) = &app.certificate else {
        return false;
    };
    let Some((message, signature)) = assertion.rsplit_once('.') else {
        return false;
    };
    let Ok(key) = DecodingKey::from_rsa_pem(pem.trim().as_bytes()) else {
        tracing::warn!(
            app = app.client_id,
            "the certificate of an app cannot be read"
        );
        return false;
    };
    jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, Algorithm::RS256)
        .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assertion(header: &str, claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2ln", part(header), part(claims))
    }

    fn claims_of(claims: &str) -> Option<Claims> {
        read(&assertion(r#"{"alg":"RS256"}"#, claims))
    }

    #[test]
    fn the_expiry_may_be_a_number_a_text_or_milliseconds() {
        for expiry in [
            "1769860800",
            "\"1769860800\"",
            "1769860800300",
            "1769860800.5",
        ] {
            let claims = format!(r#"{{"iss":"a","sub":"b","aud":"c","exp":{expiry}}}"#);
            assert_eq!(
                claims_of(&claims).unwrap().expires,
                1_769_860_800,
                "{expiry}"
            );
        }
        for expiry in ["true", "\"soon\"", "\"NaN\"", "null"] {
            let claims = format!(r#"{{"iss":"a","sub":"b","aud":"c","exp":{expiry}}}"#);
            assert_eq!(claims_of(&claims), None, "{expiry}");
        }
    }

    #[test]
    fn only_assertions_signed_by_rs256_are_read() {
        let claims = r#"{"iss":"a","sub":"b","aud":["c"],"exp":1}"#;
        for algorithm in ["none", "HS256", "rs256", ""] {
            let header = format!(r#"{{"alg":"{algorithm}"}}"#);
            assert_eq!(read(&assertion(&header, claims)), None, "{algorithm}");
        }
        assert!(claims_of(claims).is_some());
        for text in ["", "a.b", "a.b.c", "..", "é.é.é", "a.b.c.d"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn audiences_are_salesforce_s_addresses_or_ours() {
        let ours = ["http://localhost:18080"];
        for audience in [
            "https://login.salesforce.com",
            "https://test.salesforce.com/",
            "https://acme.my.salesforce.com",
            "http://localhost:18080/",
            "https://LOCALHOST:18080/services/oauth2/token",
        ] {
            assert!(is_us(audience, &ours), "{audience}");
        }
        for audience in [
            "https://login.salesforce.com.evil.example",
            "https://evilsalesforce.com",
            "http://localhost:8080",
            "https://login.salesforce.com@evil.example",
            "login.salesforce.com",
            "",
        ] {
            assert!(!is_us(audience, &ours), "{audience}");
        }
    }

    #[test]
    fn an_assertion_holds_until_its_end_and_a_little_longer() {
        assert!(check_time(1000, 1000 + SKEW_SECONDS - 1).is_ok());
        assert!(check_time(1000, 1000 + SKEW_SECONDS).is_err());
        assert!(check_time(1000 + LIFETIME_SECONDS_MAX, 1000).is_ok());
        assert!(check_time(1000 + 2 * LIFETIME_SECONDS_MAX, 1000).is_err());
    }
}
