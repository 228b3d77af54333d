//! What shows a partner's service that a callback is ours: the scheme of Standard Webhooks
//! (<https://www.standardwebhooks.com>), for which there are libraries in every language.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;

/// What a secret begins with; base64 follows.
const PREFIX: &str = "whsec_";

/// The value of `webhook-signature`: of a callback's id, its time in seconds, and its body. None when the
/// secret is none.
pub(super) fn of(secret: &str, id: &str, seconds: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    Some(format!("v1,{signature}"))
}

#[cfg(test)]
mod tests {
    use super::of;

    /// The example of the Standard Webhooks specification's own libraries.
    #[test]
    fn a_callback_is_signed_as_standard_webhooks_has_it() {
        let signed = of(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        let wanted = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signed.as_deref(), Some(wanted));
        assert_eq!(of("no secret", "a", 1, ""), None);
    }
}
