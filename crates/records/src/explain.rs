//! Why a field can or cannot be edited: one implementation behind the refusal of a write, the
//! console's lock, the REST endpoint and the CLI.

mod grantors;
mod inspect;
mod origin;
mod remedy;
mod rule;
mod sentence;

use std::sync::Arc;

use headwater_catalogue::{Id, Name, Object};

use crate::caller::Caller;
use crate::describe::visible_object;
use crate::error::{Error, Verb};
use crate::org::Org;
use crate::selection::Selection;
use crate::visibility::{self, Act};
use grantors::Grantors;
use origin::Origins;
pub use remedy::{Granting, Remedy};
use sentence::Circumstances;
pub(crate) use sentence::noun;

/// The answer for one field and one caller.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The object.
    pub object: Name,
    /// The field.
    pub field: Name,
    /// Its label.
    pub label: Name,
    /// Whether this caller sees it (on a record: on this record). What they do not see is told of
    /// only by [`Org::inspect`].
    pub visible: bool,
    /// The record that was asked about, if one was.
    pub record: Option<Id>,
    /// Whether this caller may edit it here (on a record: on this record).
    pub editable: bool,
    /// Whether a create may carry it.
    pub createable: bool,
    /// The first rule that says no; none when it is editable.
    pub lock: Option<Lock>,
}

/// A field that cannot be written, with the reason and the way out.
#[derive(Debug, Clone, PartialEq)]
pub struct Lock {
    /// The object.
    pub object: Name,
    /// The field's API name.
    pub field: Name,
    /// The first rule that says no.
    pub rule: Rule,
    /// One sentence for people.
    pub reason: String,
    /// Where the value is edited instead, if anywhere.
    pub edit_at: Option<EditAt>,
    /// Who could grant the right, when a right is what is missing.
    pub granted_by: Option<String>,
    /// What would grant it, when [`Org::inspect`] was asked.
    pub remedy: Option<Remedy>,
}

/// Where to edit instead.
#[derive(Debug, Clone, PartialEq)]
pub struct EditAt {
    /// The object that owns the value.
    pub object: Name,
    /// Its field.
    pub field: Name,
    /// The record, when a record was asked about.
    pub record: Option<Id>,
    /// How many sessions share that value, when a Messaging User owns it.
    pub sessions: Option<u64>,
    /// Whether this caller may edit it there.
    pub editable: bool,
}

/// The rules in the order they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The caller lacks the read right on the object. Told by [`Org::inspect`] alone, as the next
    /// two are: for the caller themselves what they do not see is not there.
    ObjectHidden,
    /// The caller does not reach the record for seeing.
    RecordHidden,
    /// The caller lacks the read right on the field, or on the one its value comes from.
    FieldHidden,
    /// The value is inherited; it is edited at its source.
    Inherited,
    /// The value is worked out from others.
    Computed,
    /// The server sets it.
    System,
    /// It is set when the record is made and never again.
    SetOnce,
    /// The object takes no update.
    ObjectReadOnly,
    /// The caller lacks the edit right on the object.
    ObjectRight,
    /// The caller lacks the edit right on the field.
    FieldRight,
    /// The caller does not reach the record for editing.
    RecordAccess,
}

/// The first rule that forbids this caller to create or update the field at a place, none when
/// none does. It reads nothing, so it names no record: [`Org::complete`] adds that.
pub(crate) fn lock_of(caller: &Caller, object: &Object, place: usize, verb: Verb) -> Option<Lock> {
    let rule = rule::first(caller, object, place, verb)?;
    Some(sentence::lock(
        caller,
        object,
        place,
        verb,
        rule,
        &Circumstances::default(),
    ))
}

impl Org {
    /// Whether a caller may edit a field, the first rule that says no, and where to edit instead;
    /// of one record, or of the object's records in general.
    ///
    /// # Errors
    /// When the caller may not see the object, the field or the record.
    pub async fn explain(
        &self,
        caller: &Caller,
        object: &str,
        field: &str,
        record: Option<&str>,
    ) -> Result<Explanation, Error> {
        let object = visible_object(caller, object)?;
        let place = object
            .position(field)
            .filter(|place| sees(caller, object, *place))
            .ok_or_else(|| Error::UnknownField {
                object: object.name.clone(),
                field: field.to_owned(),
            })?;
        let mut explained = self
            .explain_places(caller, object, vec![place], record)
            .await?;
        explained.pop().ok_or(Error::Busy)
    }

    /// [`Org::explain`] for every field of an object that the caller sees, in describe's order.
    ///
    /// # Errors
    /// When the caller may not see the object or the record.
    pub async fn explain_object(
        &self,
        caller: &Caller,
        object: &str,
        record: Option<&str>,
    ) -> Result<Vec<Explanation>, Error> {
        let object = visible_object(caller, object)?;
        let places = (0..object.fields.len()).filter(|place| sees(caller, object, *place));
        self.explain_places(caller, object, places.collect(), record)
            .await
    }

    /// Locks of one object with what only the database knows: which record holds an inherited
    /// value, how many share it, and who could grant a missing right.
    pub(crate) async fn complete(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        record: Option<Id>,
        verb: Verb,
        locks: Vec<Lock>,
    ) -> Result<Vec<Lock>, Error> {
        let places: Vec<_> = locks
            .iter()
            .filter_map(|lock| object.position(&lock.field))
            .collect();
        let found = self.circumstances(caller, object, &places, record).await?;
        let completed = places.into_iter().filter_map(|place| {
            let rule = rule::first(caller, object, place, verb)?;
            Some(sentence::lock(caller, object, place, verb, rule, &found))
        });
        Ok(completed.collect())
    }

    async fn explain_places(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        places: Vec<usize>,
        record: Option<&str>,
    ) -> Result<Vec<Explanation>, Error> {
        let record = match record {
            Some(written) => Some(self.visible_record(caller, object, written).await?),
            None => None,
        };
        let found = self.circumstances(caller, object, &places, record).await?;
        let reaches = match record {
            Some(id) => self.reaches(caller, object, id, Act::Edit).await?,
            None => true,
        };
        let explain = |place: usize| {
            let first = rule::first(caller, object, place, Verb::Update);
            let rule = first.or((!reaches).then_some(Rule::RecordAccess));
            let field = &object.fields[place];
            Explanation {
                object: object.name.clone(),
                field: field.name.clone(),
                label: field.label.clone(),
                visible: true,
                record,
                editable: rule.is_none(),
                createable: rule::first(caller, object, place, Verb::Create).is_none(),
                lock: rule
                    .map(|rule| sentence::lock(caller, object, place, Verb::Update, rule, &found)),
            }
        };
        Ok(places.into_iter().map(explain).collect())
    }

    async fn circumstances(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        places: &[usize],
        record: Option<Id>,
    ) -> Result<Circumstances, Error> {
        Ok(Circumstances {
            record,
            grantors: Some(Grantors::read(self).await?),
            about: None,
            origins: match record {
                Some(id) => Origins::read(self, caller, object, places, id).await?,
                None => Origins::default(),
            },
        })
    }

    /// The record of this id, if the caller may see it.
    async fn visible_record(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        written: &str,
    ) -> Result<Id, Error> {
        let unknown = || Error::NotFound(written.to_owned());
        let id: Id = written.parse().map_err(|_| unknown())?;
        let belongs = object.prefix_is_shared || id.prefix() == object.prefix;
        if belongs && self.reaches(caller, object, id, Act::See).await? {
            return Ok(id);
        }
        Err(unknown())
    }

    /// Whether a record is there and the caller may treat it so.
    pub(crate) async fn reaches(
        &self,
        caller: &Caller,
        object: &Arc<Object>,
        id: Id,
        act: Act,
    ) -> Result<bool, Error> {
        let reached = visibility::filter(caller, object, act, 0);
        let found = Selection::of_object(object)
            .equal("Id", id)?
            .only(reached)
            .limit(1);
        Ok(!found.rows(self.store()).await?.is_empty())
    }
}

/// Whether the caller sees the field at a place. Fields for the server's own code are for nobody.
fn sees(caller: &Caller, object: &Object, place: usize) -> bool {
    !object.fields[place].internal && caller.rights.on(object).reads(place)
}

#[cfg(test)]
mod tests {
    use headwater_catalogue::{Catalogue, KeyPrefix, SystemPermission};
    use jiff::Timestamp;
    use jiff::civil::Weekday;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::caller::Rights;
    use crate::permissions::{Grants, ObjectGrant, field_key};

    const EVERYTHING: ObjectGrant = ObjectGrant {
        read: true,
        create: true,
        edit: true,
        delete: true,
        view_all: true,
        modify_all: true,
        every_field: false,
    };

    const READING: ObjectGrant = ObjectGrant {
        read: true,
        create: false,
        edit: false,
        delete: false,
        view_all: false,
        modify_all: false,
        every_field: false,
    };

    /// A caller with a grant on the messaging objects, who reads every field and edits these.
    fn caller(grant: ObjectGrant, fields: &[(&str, &str)]) -> Caller {
        let mut grants = Grants::default();
        for object in ["MessagingSession", "MessagingEndUser"] {
            grants.objects.insert(object.to_ascii_lowercase(), grant);
        }
        for (object, field) in fields {
            grants.fields.insert(field_key(object, field), (true, true));
        }
        grants.every_field = true;
        grants.system.insert(SystemPermission::ApiEnabled);
        let catalogue = Arc::new(Catalogue::built_in().unwrap());
        Caller {
            user: Id::new(KeyPrefix::new("005"), 1),
            name: Arc::from("Somebody"),
            username: Arc::from("somebody@headwater.example"),
            profile: Id::new(KeyPrefix::new("00e"), 1),
            organization: Id::new(KeyPrefix::new("00D"), 1),
            zone: TimeZone::UTC,
            first_weekday: Weekday::Sunday,
            rights: Arc::new(Rights::of(grants, &catalogue, Timestamp::UNIX_EPOCH)),
        }
    }

    fn lock_on(caller: &Caller, object: &str, field: &str, verb: Verb) -> Option<Lock> {
        let object = caller.rights.catalogue.object(object).unwrap();
        lock_of(caller, object, object.position(field).unwrap(), verb)
    }

    const LINKS: &[(&str, &str)] = &[
        ("MessagingEndUser", "AccountId"),
        ("MessagingSession", "CaseId"),
    ];

    #[test]
    fn an_inherited_account_is_edited_on_the_messaging_user() {
        let caller = caller(EVERYTHING, LINKS);
        for verb in [Verb::Create, Verb::Update] {
            let lock = lock_on(&caller, "MessagingSession", "EndUserAccountId", verb).unwrap();
            assert_eq!(lock.rule, Rule::Inherited);
            assert_eq!(
                lock.reason,
                "This account comes from the Messaging User (MessagingEndUser.AccountId). \
                 Change it there; every messaging session of that Messaging User follows."
            );
            let at = lock.edit_at.unwrap();
            assert_eq!((&*at.object, &*at.field), ("MessagingEndUser", "AccountId"));
            assert!(at.editable);
        }
    }

    #[test]
    fn whoever_may_not_edit_the_source_is_told_who_can_let_them() {
        let caller = caller(READING, &[]);
        let lock = lock_on(
            &caller,
            "MessagingSession",
            "EndUserAccountId",
            Verb::Update,
        )
        .unwrap();
        assert_eq!(
            lock.rule,
            Rule::Inherited,
            "what nobody may comes before what you may not"
        );
        assert!(!lock.edit_at.unwrap().editable);
        assert_eq!(lock.granted_by.as_deref(), Some("an administrator"));
        assert!(lock.reason.ends_with("which an administrator can grant."));
    }

    #[test]
    fn the_place_to_go_is_always_one_that_takes_an_edit() {
        let caller = caller(EVERYTHING, LINKS);
        let catalogue = &caller.rights.catalogue;
        for object in catalogue.objects() {
            for (place, field) in object.fields.iter().enumerate() {
                let lock = lock_of(&caller, object, place, Verb::Update);
                let Some(at) = lock.and_then(|lock| lock.edit_at) else {
                    continue;
                };
                let source = catalogue
                    .object(&at.object)
                    .unwrap()
                    .field(&at.field)
                    .unwrap();
                assert!(source.updateable, "{}.{}", object.name, field.name);
            }
        }
    }

    #[test]
    fn the_rules_are_asked_in_their_order() {
        let admin = caller(EVERYTHING, LINKS);
        let reader = caller(READING, LINKS);
        let cases = [
            (&admin, "MessagingSession", "CaseId", None),
            (&admin, "MessagingSession", "LeadId", Some(Rule::FieldRight)),
            (
                &admin,
                "MessagingSession",
                "MessagingEndUserId",
                Some(Rule::SetOnce),
            ),
            (&admin, "MessagingSession", "Name", Some(Rule::System)),
            (
                &admin,
                "MessagingSession",
                "CreatedById",
                Some(Rule::System),
            ),
            (
                &admin,
                "MessagingSession",
                "AgentMessageCount",
                Some(Rule::Computed),
            ),
            (
                &admin,
                "MessagingEndUser",
                "IsFullyOptedIn",
                Some(Rule::Computed),
            ),
            (
                &reader,
                "MessagingSession",
                "CaseId",
                Some(Rule::ObjectRight),
            ),
            (
                &reader,
                "MessagingSession",
                "MessagingEndUserId",
                Some(Rule::SetOnce),
            ),
            (
                &reader,
                "MessagingChannel",
                "MasterLabel",
                Some(Rule::ObjectRight),
            ),
        ];
        for (caller, object, field, expected) in cases {
            let rule = lock_on(caller, object, field, Verb::Update).map(|lock| lock.rule);
            assert_eq!(rule, expected, "{object}.{field}");
        }
    }

    #[test]
    fn what_is_set_once_may_be_created() {
        let admin = caller(EVERYTHING, LINKS);
        assert_eq!(
            lock_on(
                &admin,
                "MessagingSession",
                "MessagingEndUserId",
                Verb::Create
            ),
            None
        );
    }

    #[test]
    fn every_lock_has_a_whole_sentence() {
        let callers = [caller(EVERYTHING, LINKS), caller(READING, &[])];
        for caller in &callers {
            for object in caller.rights.catalogue.objects() {
                for (place, field) in object.fields.iter().enumerate() {
                    for verb in [Verb::Create, Verb::Update] {
                        let Some(lock) = lock_of(caller, object, place, verb) else {
                            continue;
                        };
                        let reason = &lock.reason;
                        let name = format!("{}.{}: {reason}", object.name, field.name);
                        assert!(reason.ends_with('.') && !reason.contains("  "), "{name}");
                        assert!(reason.starts_with(|c: char| c.is_uppercase()), "{name}");
                    }
                }
            }
        }
    }
}
