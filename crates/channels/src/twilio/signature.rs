//! Whether a request is Twilio's: `X-Twilio-Signature` over the address that was called and the form.
//!
//! The signature is made of whatever came, for Twilio adds parameters without notice. A URL is tried as
//! it is, and with the port of its scheme written out or left out, as Twilio's own libraries do.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use url::Url;

/// The name by which the address of a JSON request says the digest of its body.
const BODY_DIGEST: &str = "bodySHA256";

/// Whether a form was signed with this token for this address.
pub(super) fn is_genuine(token: &str, url: &str, form: &[u8], signature: &str) -> bool {
    let Ok(given) = STANDARD.decode(signature) else {
        return false;
    };
    let parameters = match body_digest(url) {
        None => signed_parameters(form),
        Some(digest) if digest.eq_ignore_ascii_case(&hex(&Sha256::digest(form))) => String::new(),
        Some(_) => return false,
    };
    spellings(url)
        .iter()
        .any(|url| is_signed(token, &[url, &parameters], &given))
}

fn is_signed(token: &str, parts: &[&str], given: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.as_bytes()) else {
        return false;
    };
    for part in parts {
        mac.update(part.as_bytes());
    }
    // In a time that does not tell where they differ.
    mac.verify_slice(given).is_ok()
}

/// The parameters as they are signed: sorted by name, each name followed by its value; of one that comes
/// several times each different value once, sorted.
fn signed_parameters(form: &[u8]) -> String {
    let mut sorted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(form) {
        sorted
            .entry(name.into_owned())
            .or_default()
            .push(value.into_owned());
    }
    let mut signed = String::new();
    for (name, mut values) in sorted {
        values.sort_unstable();
        values.dedup();
        for value in values {
            signed.push_str(&name);
            signed.push_str(&value);
        }
    }
    signed
}

fn body_digest(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let mut pairs = url.query_pairs();
    pairs.find_map(|(name, value)| (name == BODY_DIGEST).then(|| value.into_owned()))
}

/// The ways to write an address: as it came, and with the port of its scheme the other way.
fn spellings(url: &str) -> Vec<String> {
    let mut ways = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else {
        return ways;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let port = if scheme == "https" { ":443" } else { ":80" };
    ways.push(match host.strip_suffix(port) {
        Some(bare) => format!("{scheme}://{bare}{path}"),
        None => format!("{scheme}://{host}{port}{path}"),
    });
    ways
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{BODY_DIGEST, is_genuine, signed_parameters, spellings};
    use base64::Engine as _;
    use hmac::{Hmac, KeyInit, Mac as _};
    use sha1::Sha1;

    const TOKEN: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f90";

    fn sign(url: &str, parameters: &str) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
        mac.update(url.as_bytes());
        mac.update(parameters.as_bytes());
        base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
    }

    /// Signatures that version 9.13.0 of Twilio's Python library makes of the same.
    #[test]
    fn what_twilios_own_library_signs_is_genuine() {
        let url = "https://chat.example.com/channels/Texts/twilio";
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("MessageSid", "SM1"),
                ("From", "+12025550147"),
                ("To", "+12025550100"),
                ("Body", "Grüße 👋 & more"),
                ("NumMedia", "0"),
                ("SomethingNew", "tomorrow's parameter"),
            ])
            .finish();
        let form = form.as_bytes();
        assert!(is_genuine(TOKEN, url, form, "7X7Et+HRLaBJa4BEbMK/ktQvbF4="));
        let with_port = "dqqVMkyQg8+qvFFpl/tsKjamUpU=";
        assert!(is_genuine(TOKEN, url, form, with_port));
        let several = "h0tcWN0P5291lAwvCfH4zQVRc7c=";
        assert!(is_genuine(TOKEN, url, b"A=z&A=a&A=z&B=1", several));
        let digest = "93a23971a914e5eacbf0a8d25154cda309c3c1c72fbb9914d47c60f3cb681588";
        let url = format!("{url}?{BODY_DIGEST}={digest}");
        let body = br#"{"hello":"world"}"#;
        assert!(is_genuine(
            TOKEN,
            &url,
            body,
            "eimehNH2ANFmuNo/6714rAmuZEc="
        ));
    }

    #[test]
    fn parameters_are_sorted_and_repeated_values_count_once() {
        assert_eq!(signed_parameters(b"B=1&A=z&A=a&A=z"), "AaAzB1");
    }

    #[test]
    fn an_address_is_tried_with_and_without_its_port() {
        assert_eq!(
            spellings("https://h.example/p?q=1"),
            ["https://h.example/p?q=1", "https://h.example:443/p?q=1"]
        );
        assert_eq!(
            spellings("http://h.example:80/p"),
            ["http://h.example:80/p", "http://h.example/p"]
        );
    }

    #[test]
    fn a_changed_form_address_or_token_is_not_genuine() {
        let url = "https://h.example/channels/Texts/twilio";
        let signature = sign(url, "BodyHelloFrom+12025550147");
        let form = b"From=%2B12025550147&Body=Hello";
        assert!(is_genuine(TOKEN, url, form, &signature));
        let with_port = "https://h.example:443/channels/Texts/twilio";
        assert!(is_genuine(TOKEN, with_port, form, &signature));
        assert!(!is_genuine(
            TOKEN,
            url,
            b"From=%2B12025550147&Body=Hi",
            &signature
        ));
        assert!(!is_genuine(
            TOKEN,
            "https://h.example/other",
            form,
            &signature
        ));
        assert!(!is_genuine("another", url, form, &signature));
        assert!(!is_genuine(TOKEN, url, form, "no base64!"));
    }

    #[test]
    fn a_json_body_is_signed_by_its_digest() {
        let body = br#"{"hello":"world"}"#;
        let digest = "93a23971a914e5eacbf0a8d25154cda309c3c1c72fbb9914d47c60f3cb681588";
        let url = format!("https://h.example/p?{BODY_DIGEST}={digest}");
        let signature = sign(&url, "");
        assert!(is_genuine(TOKEN, &url, body, &signature));
        assert!(!is_genuine(
            TOKEN,
            &url,
            br#"{"hello":"earth"}"#,
            &signature
        ));
    }
}
