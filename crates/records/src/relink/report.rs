//! What a relink did, or would do.

use headwater_catalogue::{Id, Name, Value};
use jiff::Timestamp;

/// What a relink did, or would do.
#[derive(Debug, Clone, PartialEq)]
pub struct RelinkReport {
    /// The `Relink` record; none when nothing was written.
    pub relink: Option<Id>,
    /// Whether this only says what would happen.
    pub dry_run: bool,
    /// By which rule it came about, as in the `Rule` field.
    pub rule: Name,
    /// The relink that this one undoes.
    pub undo_of: Option<Id>,
    /// The relink that has undone this one.
    pub undone_by: Option<Id>,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Id,
    /// Each Messaging User, in the order asked for.
    pub users: Vec<RelinkedUser>,
}

/// What happened to one Messaging User.
#[derive(Debug, Clone, PartialEq)]
pub struct RelinkedUser {
    /// The Messaging User.
    pub id: Id,
    /// Its name, if the caller sees it.
    pub name: Option<String>,
    /// Its account; none when nothing is known of it.
    pub account: Option<Link>,
    /// Its contact; none when nothing is known of it.
    pub contact: Option<Link>,
    /// How many sessions it has, which show these links.
    pub sessions: u64,
    /// Why an undo left all of it alone.
    pub left: Option<String>,
}

/// One link before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// What it pointed to.
    pub before: Option<Party>,
    /// What it points to.
    pub after: Option<Party>,
    /// Whether it was given another target. Of a relink of the past this holds even when both
    /// targets are deleted by now and nothing is left to show.
    pub changed: bool,
    /// Why an undo left it alone.
    pub left: Option<String>,
}

/// An account or a contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Party {
    /// The record.
    pub id: Id,
    /// Its name, if the caller sees it.
    pub name: Option<String>,
}

impl RelinkReport {
    /// How many Messaging Users changed.
    pub fn changed(&self) -> usize {
        self.users.iter().filter(|user| user.changed()).count()
    }

    /// How many sessions follow.
    pub fn sessions(&self) -> u64 {
        self.users
            .iter()
            .filter(|user| user.changed())
            .map(|user| user.sessions)
            .sum()
    }
}

impl RelinkedUser {
    /// Whether anything changed.
    pub fn changed(&self) -> bool {
        let links = [&self.account, &self.contact];
        links.into_iter().flatten().any(|link| link.changed)
    }
}

impl Link {
    /// A link that pointed to one record and points to another, or to the same.
    pub(super) fn between(before: Option<Party>, after: Option<Party>) -> Self {
        Self {
            changed: id_of(before.as_ref()) != id_of(after.as_ref()),
            before,
            after,
            left: None,
        }
    }

    /// A link that stays as it is.
    pub(super) fn still(party: Option<Party>) -> Self {
        Self::between(party.clone(), party)
    }
}

/// The record that a link points to.
pub(super) fn id_of(party: Option<&Party>) -> Option<Id> {
    party.map(|party| party.id)
}

/// As the value of a reference.
pub(super) fn value_of(party: Option<&Party>) -> Value {
    id_of(party).map_or(Value::Null, Value::Id)
}
