//! Who a customer is, by a token that the organization's own site has signed.
//!
//! The site's public keys are uploaded with a keyset, or fetched from where it says and kept for a while. A
//! token names its key (`kid`); the keyset says who must have signed (`iss`).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use headwater_catalogue::Id;
use headwater_messaging::Keyset;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use super::error::Refusal;
use crate::door::Channels;

/// Longer tokens are not read.
const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// Most characters of who somebody is, so that their platform key fits its field.
const SUBJECT_CHARACTERS_MAX: usize = 128;

/// Bytes of a key's modulus: 2048 bits.
const MODULUS_BYTES_MIN: usize = 256;

/// How long keys that were fetched are taken for the present ones, and how soon they are fetched again when
/// a token names one that is not among them.
const KEPT: SignedDuration = SignedDuration::from_mins(10);
const FETCHED_AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// Bytes of a set of keys that is fetched.
const KEYS_BYTES_MAX: usize = 256 * 1024;

/// Sets of keys that were fetched, by their keysets.
#[derive(Debug, Default)]
pub(crate) struct FetchedKeys(Mutex<HashMap<Id, Fetched>>);

#[derive(Debug, Clone)]
struct Fetched {
    url: String,
    at: Timestamp,
    /// None when there were none to be had.
    keys: Option<JwkSet>,
}

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: i64,
    nbf: Option<i64>,
}

/// Why a token was not taken.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It is not good.
    Bad(String),
    /// It could not be looked at.
    Refused(Refusal),
}

impl From<headwater_messaging::Error> for Trouble {
    fn from(error: headwater_messaging::Error) -> Self {
        Self::Refused(error.into())
    }
}

fn bad<T>(why: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Bad(why.into()))
}

/// Who a token says that the customer is: their platform key on this channel.
pub(super) async fn subject_of(
    channels: &Channels,
    channel: Id,
    token: &str,
) -> Result<String, Trouble> {
    if token.len() > TOKEN_BYTES_MAX {
        return bad(format!("it is longer than {TOKEN_BYTES_MAX} bytes"));
    }
    let Ok(header) = jsonwebtoken::decode_header(token) else {
        return bad("it is no JSON Web Token");
    };
    if !matches!(header.alg, Algorithm::RS256 | Algorithm::RS512) {
        return bad("its alg must be RS256 or RS512");
    }
    let Some(kid) = header.kid else {
        return bad("its header needs a kid");
    };
    let keysets = channels.messaging.keysets(channel).await?;
    if keysets.is_empty() {
        return bad("this deployment has no keyset; an administrator adds one in Setup");
    }
    let mut why = format!("its kid '{kid}' is in no keyset of this deployment");
    for keyset in &keysets {
        let Some(key) = key_of(channels, keyset, &kid).await else {
            continue;
        };
        match claims(
            token,
            header.alg,
            &key,
            &keyset.issuer,
            channels.messaging.org().now(),
        ) {
            Ok(subject) => return Ok(format!("v2/iamessage/AUTH/{}/uid:{subject}", keyset.name)),
            Err(trouble) => why = trouble,
        }
    }
    bad(why)
}

/// Who the token is about, if it was signed with this key by this issuer and holds now.
fn claims(
    token: &str,
    algorithm: Algorithm,
    key: &Jwk,
    issuer: &str,
    now: Timestamp,
) -> Result<String, String> {
    let mut validation = Validation::new(algorithm);
    // The server's clock is the org's, and the issuer is compared here.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = rsa(key).ok_or("its key is no RSA key of 2048 bits or more")?;
    let decoded = jsonwebtoken::decode::<Claims>(token, &key, &validation);
    let claims = decoded
        .map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::Json(_) => "it needs iss, sub and exp",
            _ => "its signature does not fit its key",
        })?
        .claims;
    let now = now.as_second();
    if claims.iss != issuer {
        return Err("its iss is not the keyset's issuer".to_owned());
    }
    if claims.exp <= now {
        return Err("it is over (exp)".to_owned());
    }
    if claims.nbf.is_some_and(|from| from > now) {
        return Err("it does not hold yet (nbf)".to_owned());
    }
    let count = claims.sub.chars().count();
    if count == 0 || count > SUBJECT_CHARACTERS_MAX || claims.sub.chars().any(char::is_control) {
        return Err(format!(
            "its sub needs 1 to {SUBJECT_CHARACTERS_MAX} characters"
        ));
    }
    Ok(claims.sub)
}

fn rsa(key: &Jwk) -> Option<DecodingKey> {
    use base64::Engine as _;
    let AlgorithmParameters::RSA(parameters) = &key.algorithm else {
        return None;
    };
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let modulus = engine.decode(&parameters.n).ok()?;
    if modulus.len() < MODULUS_BYTES_MIN {
        return None;
    }
    DecodingKey::from_jwk(key).ok()
}

/// The key of this name in a keyset.
async fn key_of(channels: &Channels, keyset: &Keyset, kid: &str) -> Option<Jwk> {
    if let Some(keys) = &keyset.keys {
        let keys: JwkSet = serde_json::from_str(keys).ok()?;
        return keys.find(kid).cloned();
    }
    let url = keyset.url.as_deref()?;
    let now = channels.messaging.org().now();
    let known = channels.fetched_keys.of(keyset.id, url);
    let key = |fetched: &Fetched| {
        fetched
            .keys
            .as_ref()
            .and_then(|keys| keys.find(kid).cloned())
    };
    if let Some(known) = &known {
        let age = now.duration_since(known.at);
        let found = key(known);
        if age < FETCHED_AGAIN || (found.is_some() && age < KEPT) {
            return found;
        }
    }
    let keys = match fetch(channels, url).await {
        Ok(keys) => Some(keys),
        Err(error) => {
            tracing::warn!(keyset = %keyset.name, %error, "the keys of a keyset cannot be fetched");
            // What was there before stays good until it can be.
            known.and_then(|known| known.keys)
        }
    };
    let fetched = Fetched {
        url: url.to_owned(),
        at: now,
        keys,
    };
    let found = key(&fetched);
    channels.fetched_keys.keep(keyset.id, fetched);
    found
}

async fn fetch(channels: &Channels, url: &str) -> Result<JwkSet, String> {
    let said = |error: reqwest::Error| error.without_url().to_string();
    let mut answer = channels.client.get(url).send().await.map_err(said)?;
    answer.error_for_status_ref().map_err(said)?;
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(said)? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > KEYS_BYTES_MAX {
            return Err(format!("there are more than {KEYS_BYTES_MAX} bytes"));
        }
    }
    serde_json::from_slice(&bytes).map_err(|error| error.to_string())
}

impl FetchedKeys {
    fn of(&self, keyset: Id, url: &str) -> Option<Fetched> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&keyset).filter(|kept| kept.url == url).cloned()
    }

    fn keep(&self, keyset: Id, fetched: Fetched) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(keyset, fetched);
    }
}
