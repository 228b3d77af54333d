//! The first rule that says no: facts of the catalogue first, then the caller's rights.

use headwater_catalogue::{Access, Field, Kind, Object, Source, SystemPermission};

use super::Rule;
use crate::caller::Caller;
use crate::error::Verb;

/// The first rule that forbids this caller to create or update the field at a place.
pub(super) fn first(caller: &Caller, object: &Object, place: usize, verb: Verb) -> Option<Rule> {
    let field = &object.fields[place];
    if caller.rights.is_server() {
        return of_source(field);
    }
    of_facts(object, field, verb).or_else(|| of_rights(caller, object, place, verb))
}

/// What the catalogue alone forbids to everybody.
pub(super) fn of_facts(object: &Object, field: &Field, verb: Verb) -> Option<Rule> {
    let (takes_call, takes_field) = match verb {
        Verb::Create => (object.calls.create, field.createable),
        Verb::Read | Verb::Update | Verb::Delete => (object.calls.update, field.updateable),
    };
    of_source(field).or_else(|| match (takes_field, takes_call) {
        (false, _) if verb == Verb::Create || !field.createable => Some(Rule::System),
        (false, _) => Some(Rule::SetOnce),
        (true, false) => Some(Rule::ObjectReadOnly),
        (true, true) => None,
    })
}

/// What where the value comes from forbids: there is no column of the field's own to write.
fn of_source(field: &Field) -> Option<Rule> {
    match field.source {
        Source::Inherited(_) => Some(Rule::Inherited),
        Source::Formula(_) | Source::Rollup(_) => Some(Rule::Computed),
        Source::Stored if matches!(field.kind, Kind::Address { .. }) => Some(Rule::Computed),
        Source::Stored => None,
    }
}

fn of_rights(caller: &Caller, object: &Object, place: usize, verb: Verb) -> Option<Rule> {
    let rights = caller.rights.on(object);
    let on_object = match verb {
        Verb::Create => rights.create,
        Verb::Read | Verb::Update | Verb::Delete => rights.edit,
    };
    if !on_object {
        return Some(Rule::ObjectRight);
    }
    (!rights.writes(place)).then_some(Rule::FieldRight)
}

/// The system permission that decides over an object, when it is not granted by itself.
pub(super) fn permission(caller: &Caller, object: &Object) -> Option<SystemPermission> {
    // Metadata may make a circle of objects that follow each other.
    const FOLLOWED_MAX: usize = 5;
    let mut access = &object.access;
    for _ in 0..FOLLOWED_MAX {
        match access {
            Access::SetUp(permission) => return Some(*permission),
            Access::Follows(other) => access = &caller.rights.catalogue.object(other)?.access,
            Access::Granted | Access::Internal => return None,
        }
    }
    None
}
