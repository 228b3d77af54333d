//! What a relink is asked to do, checked as far as it can be without reading anything.

use headwater_catalogue::{Catalogue, Id, Name, Object};
use jiff::Timestamp;

use super::links::{Current, Objects};
use super::{MESSAGING_USERS_MAX, Party, id_of};
use crate::draft::Input;
use crate::error::{Error, Problem};
use crate::validate;

/// How requests name the Messaging Users, for problems with them.
pub(super) const USERS: &str = "messagingEndUserIds";
/// How requests name the account.
pub(super) const ACCOUNT: &str = "accountId";
/// How requests name the contact.
pub(super) const CONTACT: &str = "contactId";
/// How requests name what they expect.
const EXPECTED: &str = "expected";

/// Most characters of what is no id that a message repeats.
const SHOWN_CHARACTERS_MAX: usize = 100;

/// What a relink is asked to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelinkRequest {
    /// The Messaging Users. One that is named twice counts once.
    pub messaging_users: Vec<String>,
    /// What to do with their account.
    pub account: Change,
    /// What to do with their contact.
    pub contact: Change,
    /// Why, for whoever reads the relink later.
    pub reason: Option<String>,
    /// Check everything and say what would happen, but write nothing.
    pub dry_run: bool,
    /// What the links must still be; those that nothing is said of may be anything.
    pub expected: Vec<Expected>,
}

/// What to do with a link, or what it is expected to be. The three are never mixed up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change {
    /// Leave it alone; nothing is expected.
    #[default]
    Keep,
    /// Nothing.
    Clear,
    /// The record of this id.
    Set(String),
}

/// What one Messaging User's links must still be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The Messaging User.
    pub messaging_user: String,
    /// Its account.
    pub account: Change,
    /// Its contact.
    pub contact: Change,
}

/// A request whose ids are ids.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) users: Vec<Id>,
    pub(super) account: Target<Id>,
    pub(super) contact: Target<Id>,
    pub(super) reason: Option<String>,
    pub(super) dry_run: bool,
    expected: Vec<Expectation>,
    account_field: usize,
    contact_field: usize,
}

/// A Messaging User with what its account and its contact must still be.
type Expectation = (Id, Target<Id>, Target<Id>);

/// What a link shall point to: an id as it was asked for, or what was found by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target<T> {
    /// What it points to now.
    Keep,
    /// This, or nothing.
    To(Option<T>),
}

impl Parsed {
    /// The fields of Messaging Users that it writes.
    pub(super) fn links(&self) -> Vec<usize> {
        let links = [
            (self.account, self.account_field),
            (self.contact, self.contact_field),
        ];
        let written = links
            .into_iter()
            .filter(|(target, _)| *target != Target::Keep);
        written.map(|(_, field)| field).collect()
    }
}

/// Reads a request; all problems together.
pub(super) fn parse(
    catalogue: &Catalogue,
    objects: &Objects,
    request: &RelinkRequest,
) -> Result<Parsed, Error> {
    let mut problems = Vec::new();
    let users = users(objects, request, &mut problems)?;
    let account = target(&objects.account, ACCOUNT, &request.account, &mut problems);
    let contact = target(&objects.contact, CONTACT, &request.contact, &mut problems);
    let expected = expected(objects, request, &users, &mut problems)?;
    let reason = reason(catalogue, objects, request, &mut problems);
    problems.extend(missing(request));
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    Ok(Parsed {
        users,
        account,
        contact,
        reason,
        dry_run: request.dry_run,
        expected,
        account_field: objects.account_field,
        contact_field: objects.contact_field,
    })
}

/// The Messaging Users, each once.
fn users(
    objects: &Objects,
    request: &RelinkRequest,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Id>, Error> {
    let mut users: Vec<Id> = Vec::new();
    for written in &request.messaging_users {
        if let Some(id) = id(&objects.user, USERS, written, problems)
            && !users.contains(&id)
        {
            users.push(id);
        }
        // Asked each time, so that a body of a million ids is not read to its end.
        if users.len() + problems.len() > MESSAGING_USERS_MAX {
            return Err(too_many("Messaging Users"));
        }
    }
    Ok(users)
}

fn expected(
    objects: &Objects,
    request: &RelinkRequest,
    users: &[Id],
    problems: &mut Vec<Problem>,
) -> Result<Vec<Expectation>, Error> {
    if request.expected.len() > MESSAGING_USERS_MAX {
        return Err(too_many("expectations"));
    }
    let mut all = Vec::with_capacity(request.expected.len());
    for expected in &request.expected {
        let Some(user) = id(&objects.user, EXPECTED, &expected.messaging_user, problems) else {
            continue;
        };
        if !users.contains(&user) {
            problems.push(rule(
                EXPECTED,
                format!("The Messaging User {user} is expected to be so, but is not relinked."),
            ));
        }
        let account = target(&objects.account, EXPECTED, &expected.account, problems);
        let contact = target(&objects.contact, EXPECTED, &expected.contact, problems);
        all.push((user, account, contact));
    }
    Ok(all)
}

/// The reason as its field takes it.
fn reason(
    catalogue: &Catalogue,
    objects: &Objects,
    request: &RelinkRequest,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let input = Input::Text(request.reason.clone()?);
    match validate::value(catalogue, objects.relink.field("Reason")?, &input) {
        Ok(value) => value.as_text().map(str::to_owned),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

fn too_many(what: &str) -> Error {
    Error::LimitExceeded {
        what: format!("The number of {what} in one relink"),
        limit: format!("{MESSAGING_USERS_MAX} {what}"),
    }
}

/// That each Messaging User's links are what the request expects.
pub(super) fn as_expected(parsed: &Parsed, current: &[Current]) -> Result<(), Error> {
    for (id, account, contact) in &parsed.expected {
        let Some(user) = current.iter().find(|user| user.id == *id) else {
            continue;
        };
        if !account.fits(user.account.as_ref()) || !contact.fits(user.contact.as_ref()) {
            return Err(changed(*id, user.version));
        }
    }
    Ok(())
}

impl Target<Id> {
    fn fits(self, party: Option<&Party>) -> bool {
        match self {
            Self::Keep => true,
            Self::To(expected) => id_of(party) == expected,
        }
    }
}

fn changed(id: Id, now: Timestamp) -> Error {
    Error::Changed { id, now }
}

/// What the request lacks.
fn missing(request: &RelinkRequest) -> Vec<Problem> {
    let mut problems = Vec::new();
    if request.messaging_users.is_empty() {
        problems.push(Problem::Missing {
            fields: vec![Name::Borrowed(USERS)],
        });
    }
    if request.account == Change::Keep && request.contact == Change::Keep {
        let message = "Say what to link to: accountId, contactId or both; null clears a link.";
        problems.push(Problem::Rule {
            fields: vec![Name::Borrowed(ACCOUNT), Name::Borrowed(CONTACT)],
            message: message.to_owned(),
        });
    }
    problems
}

fn target(
    object: &Object,
    field: &'static str,
    change: &Change,
    problems: &mut Vec<Problem>,
) -> Target<Id> {
    match change {
        Change::Keep => Target::Keep,
        Change::Clear => Target::To(None),
        Change::Set(written) => Target::To(id(object, field, written, problems)),
    }
}

/// The id, if it is one of the object's records.
pub(crate) fn id(
    object: &Object,
    field: &'static str,
    written: &str,
    problems: &mut Vec<Problem>,
) -> Option<Id> {
    let id = written
        .parse::<Id>()
        .ok()
        .filter(|id| id.prefix() == object.prefix);
    if id.is_none() {
        problems.push(Problem::WrongId {
            field: Name::Borrowed(field),
            label: object.label.clone(),
            value: written.chars().take(SHOWN_CHARACTERS_MAX).collect(),
        });
    }
    id
}

fn rule(field: &'static str, message: String) -> Problem {
    Problem::Rule {
        fields: vec![Name::Borrowed(field)],
        message,
    }
}
