//! What a relink asks for and what it answers.

use serde::{Deserialize, Serialize};

/// What to do with a link. An absent key leaves it alone, null clears it, an id sets it; the three
/// are never mixed up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Change {
    /// Leave it alone.
    #[default]
    Keep,
    /// Clear it.
    Clear,
    /// Point it to this record.
    Set(String),
}

impl Change {
    fn is_keep(&self) -> bool {
        *self == Self::Keep
    }
}

impl Serialize for Change {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Clear => serializer.serialize_none(),
            Self::Set(id) => serializer.serialize_str(id),
        }
    }
}

/// The body of a relink.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The Messaging Users to relink.
    pub messaging_end_user_ids: Vec<String>,
    /// What to do with their account.
    #[serde(rename = "accountId", skip_serializing_if = "Change::is_keep")]
    pub account: Change,
    /// What to do with their contact.
    #[serde(rename = "contactId", skip_serializing_if = "Change::is_keep")]
    pub contact: Change,
    /// Why, for whoever reads the relink later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What a relink or its undo did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The Relink record; none when nothing was written.
    pub id: Option<String>,
    /// Whether this only says what would happen.
    pub dry_run: bool,
    /// The relink that this one undoes.
    #[serde(default)]
    pub undo_of: Option<String>,
    /// Each Messaging User, in the order asked for.
    pub messaging_users: Vec<LinkedUser>,
    /// How many of them change.
    pub changed: u64,
    /// How many sessions follow.
    pub sessions_affected: u64,
}

/// What happened to one Messaging User.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedUser {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Whether anything changed.
    pub outcome: Outcome,
    /// Its account; none when nothing is known of it.
    pub account: Option<Link>,
    /// Its contact; none when nothing is known of it.
    pub contact: Option<Link>,
    /// How many sessions show these links.
    pub sessions: u64,
    /// Why all of it was left alone.
    #[serde(default)]
    pub left: Option<String>,
}

/// Whether a Messaging User changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It did.
    Changed,
    /// It was so already.
    Unchanged,
    /// An undo left it as it is.
    Left,
}

/// One link before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it pointed to.
    pub before: Option<Party>,
    /// What it points to.
    pub after: Option<Party>,
    /// Whether the two differ.
    pub changed: bool,
    /// Why an undo left it alone.
    #[serde(default)]
    pub left: Option<String>,
}

/// An account or a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its id.
    pub id: String,
    /// Its name, if the caller may see it.
    pub name: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_link_is_absent_from_the_body_and_a_cleared_one_is_null() {
        let order = Order {
            messaging_end_user_ids: vec!["0PA000000000001AAA".to_owned()],
            contact: Change::Clear,
            ..Order::default()
        };
        assert_eq!(
            serde_json::to_string(&order).unwrap(),
            r#"{"messagingEndUserIds":["0PA000000000001AAA"],"contactId":null,"dryRun":false}"#
        );
    }

    #[test]
    fn a_set_link_is_its_id() {
        let order = Order {
            account: Change::Set("001000000000001AAA".to_owned()),
            ..Order::default()
        };
        let body = serde_json::to_value(&order).unwrap();
        assert_eq!(body["accountId"], "001000000000001AAA");
        assert!(body.get("contactId").is_none());
    }
}
