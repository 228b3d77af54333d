//! Changes with their values, for programs that follow the data from outside.
//!
//! A change is read from the log once for a whole node, and its values come out of it only for a
//! caller, by that caller's rights at that moment. Salesforce's rule for who may follow an object is
//! ours: whoever sees all of its records. So being told of a change tells nothing that could not be
//! read, also when the record is gone and nobody can be asked any more who saw it.
//!
//! An inherited field is no column and so in no change: when a Messaging User is relinked, the one
//! change is theirs, however many sessions show it. Whoever follows sessions and shows the account
//! follows `MessagingEndUser` too, by the `MessagingEndUserId` that each session has.

use std::sync::Arc;

use headwater_catalogue::{ADDRESS_PARTS, Access, Id, Kind, Name, Object, Value};
use headwater_store::{Change, ChangeKind};
use jiff::Timestamp;

use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

/// Parts of a person's compound `Name`, as Salesforce's change events have it.
const NAME_PARTS: [&str; 3] = ["Salutation", "FirstName", "LastName"];

/// An object that is set-up and yet followed, as on Salesforce.
const USER: &str = "User";

/// An entry of the change log, as nobody in particular sees it: only where it stands and which object
/// it is of. Its values are in [`LoggedChange::seen_by`].
#[derive(Debug)]
pub struct LoggedChange(Change);

/// A change as a caller sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeEvent {
    /// The object.
    pub object: Arc<Object>,
    /// The record.
    pub record: Id,
    /// What happened to it.
    pub kind: ChangeKind,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Who did it.
    pub user: Id,
    /// The replay id of the first change of the same write, which is the write's own number.
    pub transaction: i64,
    /// Which change of its write it is, from 1.
    pub sequence: i64,
    /// What was set, system fields among it, in the catalogue's order.
    pub fields: Vec<ChangedField>,
}

/// A field with its new value.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedField {
    /// The compound field that it is a part of, such as `BillingAddress` or a person's `Name`.
    pub compound: Option<Name>,
    /// Its name, within the compound if there is one: `City`.
    pub name: Name,
    /// Its value; null was cleared.
    pub value: Value,
}

/// Whether somebody may follow an object's changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Following {
    /// They may; this is the object.
    Allowed(Arc<Object>),
    /// They see some records of it and not all.
    SeesSome,
    /// There is no such object for them, or none whose changes are followed.
    Unknown,
}

impl LoggedChange {
    /// Its number in the log.
    pub fn replay_id(&self) -> i64 {
        self.0.replay_id
    }

    /// The name of its object.
    pub fn object(&self) -> &str {
        &self.0.object
    }

    /// What a caller is told of it; nothing if they may not follow its object.
    pub fn seen_by(&self, org: &Org, caller: &Caller) -> Option<ChangeEvent> {
        let Following::Allowed(object) = org.following(caller, &self.0.object) else {
            return None;
        };
        Some(ChangeEvent {
            fields: self.fields(caller, &object),
            object,
            record: self.0.record,
            kind: self.0.kind,
            at: self.0.at,
            user: self.0.actor,
            transaction: self.0.transaction,
            sequence: self.0.replay_id - self.0.transaction + 1,
        })
    }

    /// The fields that the caller reads, with those that the log says by the entry itself.
    fn fields(&self, caller: &Caller, object: &Object) -> Vec<ChangedField> {
        let rights = caller.rights.on(object);
        let mut values: Vec<Option<Value>> = vec![None; object.fields.len()];
        let system = self.system_fields();
        let logged = self.0.fields.iter().map(|(name, value)| (&**name, value));
        for (name, value) in logged.chain(system.iter().map(|(name, value)| (*name, value))) {
            if let Some(place) = object.position(name) {
                values[place] = Some(value.clone());
            }
        }
        // A person's name is joined from its parts, which are there.
        let is_person = is_person(object);
        let told = |place: usize| {
            let field = &object.fields[place];
            // Bytes lie elsewhere: what the row holds is only where.
            let is_content = matches!(field.kind, Kind::Base64(_));
            let is_joined = is_person && field.name_field;
            rights.reads(place) && !field.internal && !is_content && !is_joined
        };
        let values = values.into_iter().enumerate();
        let values = values.filter(|(place, _)| told(*place));
        values
            .filter_map(|(place, value)| Some((object.fields[place].name.clone(), value?)))
            .map(|(name, value)| changed(object, is_person, name, value))
            .collect()
    }

    /// Who and when, as the record has it since. Both are told with every change but a delete, which
    /// tells no field at all.
    fn system_fields(&self) -> Vec<(&'static str, Value)> {
        let (at, by) = (Value::DateTime(self.0.at), Value::Id(self.0.actor));
        let modified = [
            ("LastModifiedDate", at.clone()),
            ("LastModifiedById", by.clone()),
        ];
        match self.0.kind {
            ChangeKind::Create => {
                let created = [("CreatedDate", at), ("CreatedById", by)];
                created.into_iter().chain(modified).collect()
            }
            ChangeKind::Update | ChangeKind::Undelete => modified.into(),
            ChangeKind::Delete => Vec::new(),
        }
    }
}

fn is_person(object: &Object) -> bool {
    let has = |name: &&str| object.position(name).is_some();
    ["FirstName", "LastName"].iter().all(has)
}

/// A field under the compound that it belongs to.
fn changed(object: &Object, is_person: bool, name: Name, value: Value) -> ChangedField {
    if is_person && NAME_PARTS.contains(&&*name) {
        let compound = Some(Name::Borrowed("Name"));
        return ChangedField {
            compound,
            name,
            value,
        };
    }
    let within = object.fields.iter().find_map(|field| {
        let Kind::Address { prefix } = &field.kind else {
            return None;
        };
        let part = name.strip_prefix(&**prefix)?;
        let part = ADDRESS_PARTS.iter().find(|known| **known == part)?;
        Some((field.name.clone(), Name::Borrowed(*part)))
    });
    match within {
        Some((compound, name)) => ChangedField {
            compound: Some(compound),
            name,
            value,
        },
        None => ChangedField {
            compound: None,
            name,
            value,
        },
    }
}

impl Org {
    /// Entries of the change log after a replay id, oldest first, at most so many.
    ///
    /// # Errors
    /// The database's.
    pub async fn logged_changes(&self, after: i64, max: usize) -> Result<Vec<LoggedChange>, Error> {
        let changes = self.store().changes(after, max).await?;
        Ok(changes.into_iter().map(LoggedChange).collect())
    }

    /// Whether a caller may follow the changes of an object: of the business, not of set-up (users
    /// aside), of which they read every record.
    pub fn following(&self, caller: &Caller, object: &str) -> Following {
        let catalogue = &caller.rights.catalogue;
        let Some(object) = catalogue.object(object) else {
            return Following::Unknown;
        };
        let is_followed = match object.access {
            Access::Granted | Access::Follows(_) => true,
            Access::SetUp(_) => object.name == USER,
            Access::SeenWith(_) | Access::Internal => false,
        };
        // What a history says, the changes say themselves.
        let mut all = catalogue.objects().iter();
        let is_history = all.any(|other| other.history.as_ref() == Some(&object.name));
        if !is_followed || is_history || !object.calls.query || !caller.rights.on(object).read {
            return Following::Unknown;
        }
        if self.sees_all(caller, &object.name) {
            return Following::Allowed(Arc::clone(object));
        }
        Following::SeesSome
    }
}
