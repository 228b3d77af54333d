//! How web visitors are let in: deployments, keysets and parameters of web channels.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use headwater_catalogue::{Field, Value, ValueType};
use headwater_soql::resolved::{Column, Filter};
use headwater_store::Check;
use serde_json::Value as Json;

use super::Rule;
use crate::change::{Change, Condition};
use crate::error::Problem;

/// All of these belong to a channel of the web.
pub(super) const CHANNEL: Rule = Rule {
    objects: &["WebDeployment", "MessagingKeyset", "ChannelParameter"],
    when: &["MessagingChannelId"],
    knows: &["MessagingChannelId"],
    apply: channel,
};

/// Tokens last as long as Salesforce lets them.
pub(super) const TOKEN_TIMES: Rule = Rule {
    objects: &["WebDeployment"],
    when: &["GuestTokenMinutes", "VerifiedTokenMinutes"],
    knows: &["GuestTokenMinutes", "VerifiedTokenMinutes"],
    apply: token_times,
};

/// A keyset has its keys, or says where they are; and none of them is a secret one.
pub(super) const KEYS: Rule = Rule {
    objects: &["MessagingKeyset"],
    when: &["Keys", "KeysUrl", "DeveloperName"],
    knows: &["Keys", "KeysUrl", "DeveloperName"],
    apply: keys,
};

/// A parameter goes into a field of the session that people may edit, and that holds such a value.
pub(super) const PARAMETER: Rule = Rule {
    objects: &["ChannelParameter"],
    when: &["SessionField", "Kind", "Choices"],
    knows: &["SessionField", "Kind", "Choices"],
    apply: parameter,
};

/// Minutes that tokens may last: from an hour, to three days for guests and four hours for others.
const TIMES: [(&str, i64, i64); 2] = [
    ("GuestTokenMinutes", 60, 4_320),
    ("VerifiedTokenMinutes", 60, 240),
];

/// Bytes of a key's modulus: 2048 bits.
const MODULUS_BYTES_MIN: usize = 256;

fn channel(change: &mut Change<'_>) {
    let Value::Id(id) = change.holds("MessagingChannelId") else {
        return;
    };
    let Some(target) = change.catalogue().object("MessagingChannel") else {
        return;
    };
    let Some(field) = target.position("MessageType") else {
        return;
    };
    let id = *id;
    let web = Value::from("EmbeddedMessaging");
    let condition = Condition {
        check: Check {
            object: Arc::clone(target),
            id,
            visible: Filter::equal(Column { source: 0, field }, web),
        },
        missing: Problem::NoSuchRecord {
            field: "MessagingChannelId".into(),
            id,
        },
        refused: Problem::Rule {
            fields: vec!["MessagingChannelId".into()],
            message: "Messaging Channel ID: the channel is not one of the web".to_owned(),
        },
    };
    change.require(condition);
}

fn token_times(change: &mut Change<'_>) {
    for (field, least, most) in TIMES {
        if let Value::Integer(minutes) = change.holds(field)
            && !(least..=most).contains(minutes)
        {
            change.refuse_rule(&[field], format!("A token lasts {least} to {most} minutes"));
        }
    }
}

fn keys(change: &mut Change<'_>) {
    let name = change.holds("DeveloperName").as_text().unwrap_or_default();
    let is_word = |one: char| one.is_ascii_alphanumeric() || one == '_';
    if !name.chars().all(is_word) {
        let message = "Developer Name: letters, digits and underscores alone";
        change.refuse_rule(&["DeveloperName"], message);
    }
    let text = |field: &str| change.holds(field).as_text().map(str::to_owned);
    let trouble = match (text("Keys"), text("KeysUrl")) {
        (Some(keys), None) => trouble_with(&keys),
        (None, Some(url)) => (!is_safe(&url)).then(|| {
            "Address of the Keys: it begins with https://, so that nobody can put in others"
                .to_owned()
        }),
        _ => Some("Enter either the keys, or the address where they are".to_owned()),
    };
    if let Some(trouble) = trouble {
        change.refuse_rule(&["Keys", "KeysUrl"], trouble);
    }
}

/// Whether what is fetched from there is what lies there. The machine itself is for trying things out.
fn is_safe(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://127.0.0.1:")
}

/// What is wrong with a set of keys.
fn trouble_with(keys: &str) -> Option<String> {
    let set: Option<Json> = serde_json::from_str(keys).ok();
    let set = set.and_then(|set| set.get("keys")?.as_array().cloned());
    let Some(set) = set.filter(|set| !set.is_empty()) else {
        return Some(
            "Keys: a JSON Web Key Set, {\"keys\": [ … ]}, with one key at least".to_owned(),
        );
    };
    set.iter().find_map(|key| {
        let text = |name: &str| key.get(name).and_then(Json::as_str);
        let kid = text("kid").unwrap_or_default();
        let modulus = text("n").and_then(|n| URL_SAFE_NO_PAD.decode(n).ok());
        if key.get("d").is_some() || text("kty") == Some("oct") {
            Some(format!(
                "Keys: '{kid}' is a secret key; enter the public ones alone"
            ))
        } else if kid.is_empty() {
            Some("Keys: each key needs a kid, by which tokens name it".to_owned())
        } else if text("kty") != Some("RSA") || text("e").is_none() || modulus.is_none() {
            Some(format!("Keys: '{kid}' is no RSA key with n and e"))
        } else if modulus.is_some_and(|modulus| modulus.len() < MODULUS_BYTES_MIN) {
            Some(format!("Keys: '{kid}' has fewer than 2048 bits"))
        } else {
            None
        }
    })
}

fn parameter(change: &mut Change<'_>) {
    let text = |field: &str| {
        change
            .holds(field)
            .as_text()
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let (name, kind) = (text("SessionField"), text("Kind"));
    if kind == "ChoiceList" && text("Choices").is_empty() {
        change.refuse_rule(&["Choices"], "Choices: enter one at least");
    }
    if name.is_empty() {
        return;
    }
    let sessions = change.catalogue().object("MessagingSession");
    let field = sessions.and_then(|sessions| sessions.field(&name));
    match field.filter(|field| takes_parameter(field)) {
        // As it is spelled, whoever wrote it.
        Some(field) => change.set("SessionField", field.name.to_string()),
        None => change.refuse_rule(
            &["SessionField"],
            format!("Field of the Messaging Session: '{name}' is no field there that can be edited and holds text, a number or a checkbox"),
        ),
    }
}

/// Whether customers may fill a field of the session: one that people may edit too, and that points to
/// nothing.
fn takes_parameter(field: &Field) -> bool {
    let holds_value = match field.kind.value_type() {
        ValueType::Text
        | ValueType::Boolean
        | ValueType::Integer
        | ValueType::Decimal { .. }
        | ValueType::Double
        | ValueType::Date => true,
        ValueType::Id | ValueType::DateTime | ValueType::Time => false,
    };
    field.createable && field.updateable && !field.internal && holds_value
}

#[cfg(test)]
mod tests {
    use super::trouble_with;

    fn key(more: &str) -> String {
        let modulus = "A".repeat(342);
        format!(
            "{{\"keys\":[{{\"kty\":\"RSA\",\"kid\":\"k1\",\"e\":\"AQAB\",\"n\":\"{modulus}\"{more}}}]}}"
        )
    }

    #[test]
    fn what_is_no_public_key_of_some_length_is_refused() {
        assert_eq!(trouble_with(&key("")), None);
        for (keys, wanted) in [
            (key(",\"d\":\"x\""), "is a secret key"),
            (key("").replace("\"k1\"", "\"\""), "needs a kid"),
            (key("").replace("RSA", "EC"), "is no RSA key"),
            (
                key("").replace(&"A".repeat(342), &"A".repeat(171)),
                "fewer than 2048 bits",
            ),
            ("{}".to_owned(), "a JSON Web Key Set"),
            ("{\"keys\":[]}".to_owned(), "one key at least"),
        ] {
            let told = trouble_with(&keys).unwrap_or_default();
            assert!(told.contains(wanted), "{told}");
        }
    }
}
