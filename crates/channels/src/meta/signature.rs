//! Whether a request is Meta's: `X-Hub-Signature-256` over the bytes as they came.

use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;

/// Whether these bytes were signed with the app's secret.
pub(super) fn is_genuine(app_secret: &str, body: &[u8], signature: &str) -> bool {
    let given = signature.strip_prefix("sha256=").and_then(bytes);
    let (Some(given), Ok(mut mac)) = (given, Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()))
    else {
        return false;
    };
    mac.update(body);
    // In a time that does not tell where they differ.
    mac.verify_slice(&given).is_ok()
}

/// Bytes from hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    let pairs = (0..digits.len()).step_by(2);
    pairs
        .map(|place| u8::from_str_radix(digits.get(place..place + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::is_genuine;

    const SECRET: &str = "app-secret-1";
    const BODY: &[u8] = br#"{"object":"whatsapp_business_account","entry":[]}"#;
    const SIGNATURE: &str =
        "sha256=0ca28c0f1996234eb6829e59ad3c11a18161f6eb043943d601e420c312432cdf";

    #[test]
    fn what_was_signed_with_the_secret_is_genuine_byte_for_byte() {
        assert!(is_genuine(SECRET, BODY, SIGNATURE));
        assert!(is_genuine(
            SECRET,
            BODY,
            &SIGNATURE.to_uppercase().replace("SHA", "sha")
        ));
        assert!(!is_genuine("app-secret-2", BODY, SIGNATURE));
        let spaced = br#"{"object": "whatsapp_business_account","entry":[]}"#;
        assert!(!is_genuine(SECRET, spaced, SIGNATURE));
    }

    #[test]
    fn what_is_no_signature_is_not_genuine() {
        for signature in [
            "",
            "sha256=",
            "sha1=00",
            "sha256=0",
            "sha256=zz",
            "sha256=ää",
        ] {
            assert!(!is_genuine(SECRET, BODY, signature), "{signature}");
        }
    }
}
