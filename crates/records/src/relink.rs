//! Relinking: giving Messaging Users another account or contact, and all their sessions with them.
//!
//! One transaction writes the new links, a `Relink` record and a `RelinkItem` for each Messaging
//! User that changes. Sessions are not touched: they read their links through the Messaging User,
//! so the cost does not depend on how many there are.

mod journal;
pub(crate) mod links;
mod report;
pub(crate) mod request;
mod undo;

use std::sync::Arc;

use headwater_catalogue::{Id, Name, Object};
use headwater_store::{Check, Operation, WriteError, WriteSet};

use crate::caller::Caller;
use crate::error::{Error, Problem, Verb};
use crate::explain;
use crate::org::Org;
use crate::refusal;
use crate::visibility::{self, Act};
use journal::Entry;
use links::{Current, Objects};
use report::{id_of, value_of};
use request::Target;

pub use report::{Link, Party, RelinkReport, RelinkedUser};
pub use request::{Change, Expected, RelinkRequest};

/// Most Messaging Users in one relink.
pub const MESSAGING_USERS_MAX: usize = 200;

/// The rule of a relink that somebody asked for.
const MANUAL: &str = "Manual";

/// How often a relink begins anew because somebody else changed the same Messaging Users. Each time
/// at least one of those at it comes through, so this is also how many may be at it together.
const ATTEMPTS_MAX: usize = 100;

impl Org {
    /// Gives Messaging Users another account or contact. All of them change or none: one that is
    /// not there, or not the caller's to edit, is named in the error.
    ///
    /// # Errors
    /// Nothing was written. [`Error::Invalid`] names ids that are not there;
    /// [`Error::FieldsNotWritable`] and [`Error::NotAllowed`] say which right is missing;
    /// [`Error::Changed`] that a link is not what the request expects; [`Error::Busy`] that others
    /// changed the same Messaging Users again and again.
    pub async fn relink(
        &self,
        caller: &Caller,
        request: RelinkRequest,
    ) -> Result<RelinkReport, Error> {
        self.relink_by(caller, request, MANUAL).await
    }

    /// As [`Org::relink`], put down to a rule that found the account and contact by itself: one of the
    /// values of `Relink.Rule`.
    ///
    /// # Errors
    /// As [`Org::relink`].
    pub async fn relink_by(
        &self,
        caller: &Caller,
        request: RelinkRequest,
        rule: &'static str,
    ) -> Result<RelinkReport, Error> {
        let objects = Objects::of(&caller.rights.catalogue)?;
        let parsed = request::parse(&caller.rights.catalogue, &objects, &request)?;
        self.may_edit_links(caller, &objects, &parsed.links())
            .await?;
        for _ in 0..ATTEMPTS_MAX {
            let targets = self.targets(caller, &objects, &parsed).await?;
            let current = links::read(self, caller, &objects, &parsed.users).await?;
            let current = self
                .all_there(caller, &objects, &parsed.users, current)
                .await?;
            request::as_expected(&parsed, &current)?;
            let users = current
                .iter()
                .map(|user| targets.applied_to(user))
                .collect();
            let mut report = self.report(caller, users, parsed.reason.clone());
            report.dry_run = parsed.dry_run;
            report.rule = Name::Borrowed(rule);
            if parsed.dry_run || report.changed() == 0 {
                return Ok(report);
            }
            let checks = targets.checks(caller, &objects);
            match self
                .write_relink(caller, &objects, &mut report, checks, Vec::new())
                .await?
            {
                Attempt::Done => return Ok(report),
                Attempt::Overtaken => {}
            }
        }
        Err(Error::Busy)
    }

    /// A relink of the past, as its records tell it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none that the caller may see.
    pub async fn past_relink(&self, caller: &Caller, id: &str) -> Result<RelinkReport, Error> {
        let objects = Objects::of(&caller.rights.catalogue)?;
        let entry = Entry::read(self, caller, &objects, id).await?;
        let items = journal::items(self, caller, &objects, entry.id).await?;
        Ok(RelinkReport {
            relink: Some(entry.id),
            dry_run: false,
            rule: entry.rule,
            undo_of: entry.undo_of,
            undone_by: entry.undone_by,
            reason: entry.reason,
            at: entry.at,
            by: entry.by,
            users: items.into_iter().map(journal::Item::told).collect(),
        })
    }

    fn report(
        &self,
        caller: &Caller,
        users: Vec<RelinkedUser>,
        reason: Option<String>,
    ) -> RelinkReport {
        RelinkReport {
            relink: None,
            dry_run: false,
            rule: Name::Borrowed(MANUAL),
            undo_of: None,
            undone_by: None,
            reason,
            at: self.now(),
            by: caller.user,
            users,
        }
    }

    /// Refuses callers who may not write these fields of Messaging Users, whatever the record.
    async fn may_edit_links(
        &self,
        caller: &Caller,
        objects: &Objects,
        fields: &[usize],
    ) -> Result<(), Error> {
        let object = &objects.user;
        if !caller.rights.on(object).edit {
            return Err(not_allowed(object, None));
        }
        let locks = fields
            .iter()
            .filter_map(|field| explain::lock_of(caller, object, *field, Verb::Update))
            .collect::<Vec<_>>();
        if locks.is_empty() {
            return Ok(());
        }
        let fields = self
            .complete(caller, object, None, Verb::Update, locks)
            .await?;
        Err(Error::FieldsNotWritable { fields })
    }

    /// The Messaging Users in the order asked for, each there and the caller's to edit.
    async fn all_there(
        &self,
        caller: &Caller,
        objects: &Objects,
        asked: &[Id],
        mut found: Vec<Current>,
    ) -> Result<Vec<Current>, Error> {
        let known = |id: &Id| found.iter().any(|user| user.id == *id);
        let missing: Vec<_> = asked
            .iter()
            .filter(|id| !known(id))
            .map(missing_user)
            .collect();
        if !missing.is_empty() {
            return Err(Error::Invalid(missing));
        }
        self.may_edit_records(caller, objects, asked).await?;
        found.sort_by_key(|user| asked.iter().position(|id| *id == user.id));
        Ok(found)
    }

    /// Refuses, and names, the first of these Messaging Users that the caller does not reach for
    /// editing.
    async fn may_edit_records(
        &self,
        caller: &Caller,
        objects: &Objects,
        ids: &[Id],
    ) -> Result<(), Error> {
        match refusal::out_of_reach(self, caller, &objects.user, Act::Edit, ids).await? {
            Some(id) => Err(not_allowed(&objects.user, Some(id))),
            None => Ok(()),
        }
    }

    /// Writes what the report says, and puts the id of the `Relink` record into it.
    async fn write_relink(
        &self,
        caller: &Caller,
        objects: &Objects,
        report: &mut RelinkReport,
        checks: Vec<Check>,
        more: Vec<Operation>,
    ) -> Result<Attempt, Error> {
        let id = self.store().next_id(&objects.relink);
        let mut operations = journal::records(self, objects, id, report);
        let changed = report.users.iter().filter(|user| user.changed());
        operations.extend(changed.map(|user| links::update(caller, objects, user)));
        operations.extend(journal::undone(more, objects, id));
        let set = WriteSet {
            checks,
            ..WriteSet::new(caller.user, report.at, operations)
        };
        match self.apply(set).await {
            Ok(_) => {
                report.relink = Some(id);
                Ok(Attempt::Done)
            }
            // What was read is not so any more: reading again tells what is wrong, or nothing is.
            Err(
                WriteError::Unexpected { .. }
                | WriteError::Missing { .. }
                | WriteError::NotFound { .. }
                | WriteError::Refused { .. }
                | WriteError::Dangling { .. },
            ) => Ok(Attempt::Overtaken),
            Err(error) => Err(error.into()),
        }
    }

    /// What the links shall point to, with names, each visible to the caller.
    async fn targets(
        &self,
        caller: &Caller,
        objects: &Objects,
        parsed: &request::Parsed,
    ) -> Result<Targets, Error> {
        let mut problems = Vec::new();
        let mut find = async |object: &Arc<Object>, field: &'static str, target: Target<Id>| {
            let id = match target {
                Target::Keep => return Ok::<_, Error>(Target::Keep),
                Target::To(None) => return Ok(Target::To(None)),
                Target::To(Some(id)) => id,
            };
            let party = links::party(self, caller, object, id).await?;
            if party.is_none() {
                problems.push(no_such(field, &object.label, id));
            }
            Ok(Target::To(party))
        };
        let account = find(&objects.account, request::ACCOUNT, parsed.account).await?;
        let contact = find(&objects.contact, request::CONTACT, parsed.contact).await?;
        if problems.is_empty() {
            return Ok(Targets { account, contact });
        }
        Err(Error::Invalid(problems))
    }
}

/// Whether a write happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attempt {
    /// It is durable.
    Done,
    /// Somebody else was first, and nothing was written.
    Overtaken,
}

/// What links shall point to, found.
#[derive(Debug)]
struct Targets {
    account: Target<Party>,
    contact: Target<Party>,
}

impl Targets {
    fn applied_to(&self, user: &Current) -> RelinkedUser {
        let link = |current: &Option<Party>, target: &Target<Party>| match target {
            Target::Keep => Link::still(current.clone()),
            Target::To(party) => Link::between(current.clone(), party.clone()),
        };
        RelinkedUser {
            id: user.id,
            name: user.name.clone(),
            account: Some(link(&user.account, &self.account)),
            contact: Some(link(&user.contact, &self.contact)),
            sessions: user.sessions,
            left: None,
        }
    }

    /// That the targets are still there when the write happens.
    fn checks(&self, caller: &Caller, objects: &Objects) -> Vec<Check> {
        let pairs = [
            (&objects.account, &self.account),
            (&objects.contact, &self.contact),
        ];
        let checked = pairs
            .into_iter()
            .filter_map(|(object, target)| match target {
                Target::To(Some(party)) => Some(check(caller, object, party.id)),
                Target::To(None) | Target::Keep => None,
            });
        checked.collect()
    }
}

fn check(caller: &Caller, object: &Arc<Object>, id: Id) -> Check {
    Check {
        object: Arc::clone(object),
        id,
        visible: visibility::filter(caller, object, Act::See, 0),
    }
}

fn not_allowed(object: &Object, record: Option<Id>) -> Error {
    Error::NotAllowed {
        verb: Verb::Update,
        object: object.name.clone(),
        record,
    }
}

fn missing_user(id: &Id) -> Problem {
    no_such(request::USERS, "Messaging User", *id)
}

/// A problem that says which id it is about, as a list of two hundred needs.
pub(crate) fn no_such(field: &'static str, label: &str, id: Id) -> Problem {
    Problem::Rule {
        fields: vec![Name::Borrowed(field)],
        message: format!(
            "There is no {label} {id}: it does not exist, is deleted, or you may not see it."
        ),
    }
}
