//! Secrets as values that cannot be printed by accident, and what is kept of them instead.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::clock::Randomness;

/// The 64 characters that tokens are made of: Salesforce's, and clients check for them.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/// A text that opens something: a token, a code, a client's secret. `Debug` hides it and there is
/// no `Display`, so that it cannot get into a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text as a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// So many random characters of `[A-Za-z0-9._]`, six bits each.
    pub fn random(randomness: &dyn Randomness, length: usize) -> Self {
        Self(random_text(randomness, length))
    }

    /// The text itself, for the one it belongs to.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// So many random characters of `[A-Za-z0-9._]`.
pub(crate) fn random_text(randomness: &dyn Randomness, length: usize) -> String {
    let mut bytes = vec![0; length];
    randomness.fill(&mut bytes);
    // 256 is a multiple of 64, so every character is as likely as any other.
    bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 64)]))
        .collect()
}

/// What the database keeps of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// As stored: 64 hexadecimal digits, so that no collation can confuse two.
    pub(crate) fn to_hex(self) -> String {
        hex(&self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(…)")
    }
}

/// The server's own key. Tokens are long and random, so a fast keyed hash is enough; the key makes
/// hashes of one server useless for checking guesses made elsewhere, and signs what the server
/// hands out to get back unchanged.
#[derive(Clone, Copy)]
pub struct ServerKey([u8; 32]);

impl ServerKey {
    pub(crate) fn random(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0; 32];
        randomness.fill(&mut bytes);
        Self(bytes)
    }

    /// As kept in the database.
    pub(crate) fn to_hex(self) -> String {
        hex(&self.0)
    }

    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[place * 2..place * 2 + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// What the database keeps of a token.
    pub(crate) fn fingerprint(&self, token: &str) -> Fingerprint {
        Fingerprint(self.sign("token", token.as_bytes()))
    }

    /// A signature over the text, different for each purpose so that one cannot pass for another.
    pub fn sign(&self, purpose: &str, text: &[u8]) -> [u8; 32] {
        keyed_hash(&self.0, &[purpose.as_bytes(), b"\0", text])
    }

    /// Whether this is the signature over the text; takes as long for a wrong one as for a right
    /// one.
    pub fn signed(&self, purpose: &str, text: &[u8], signature: &[u8]) -> bool {
        self.sign(purpose, text).as_slice().ct_eq(signature).into()
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(…)")
    }
}

/// HMAC-SHA256 of the parts one after the other.
pub(crate) fn keyed_hash(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes a key of any length");
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// SHA-256 of the bytes.
pub(crate) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemRandomness;

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let secret = Secret::new("opensesame");
        let key = ServerKey([0x5a; 32]);
        let shown = format!("{secret:?} {key:?} {:?}", key.fingerprint("t"));
        assert!(
            !shown.contains("opensesame") && !shown.contains("5a"),
            "{shown}"
        );
    }

    #[test]
    fn random_secrets_have_the_asked_length_and_alphabet_and_differ() {
        let one = Secret::random(&SystemRandomness, 80);
        let other = Secret::random(&SystemRandomness, 80);
        assert_eq!(one.expose().len(), 80);
        assert!(
            one.expose()
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_')
        );
        assert_ne!(one, other);
    }

    #[test]
    fn a_key_survives_the_database() {
        let key = ServerKey::random(&SystemRandomness);
        let again = ServerKey::from_hex(&key.to_hex()).unwrap();
        assert_eq!(key.fingerprint("abc"), again.fingerprint("abc"));
        assert!(ServerKey::from_hex("00").is_none());
        assert!(ServerKey::from_hex(&"zz".repeat(32)).is_none());
    }

    #[test]
    fn a_signature_holds_for_its_text_and_purpose_only() {
        let key = ServerKey([7; 32]);
        let signature = key.sign("form", b"text");
        assert!(key.signed("form", b"text", &signature));
        assert!(!key.signed("form", b"texu", &signature));
        assert!(!key.signed("other", b"text", &signature));
        assert!(!key.signed("form", b"text", &signature[..31]));
    }

    #[test]
    fn the_keyed_hash_is_hmac_sha256() {
        // The second test case of RFC 4231.
        let hash = keyed_hash(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(
            hex(&hash),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
