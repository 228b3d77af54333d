//! The first rule that says no: facts of the catalogue first, then the caller's rights.

use headwater_catalogue::{Access, Field, Formula, Kind, Object, Source, SystemPermission};

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

/// The rule that keeps this caller from seeing the field at a place, whatever the record.
pub(super) fn hidden(caller: &Caller, object: &Object, place: usize) -> Option<Rule> {
    let rights = caller.rights.on(object);
    if !rights.read {
        return Some(Rule::ObjectHidden);
    }
    (!rights.reads(place)).then_some(Rule::FieldHidden)
}

/// Which read right a hidden field really lacks: the first one missing on the way to where its
/// value comes from, else its own. No place: that on the object.
pub(super) fn hidden_at<'a>(
    caller: &'a Caller,
    object: &'a Object,
    place: usize,
) -> (&'a Object, Option<usize>) {
    // Metadata may make a circle.
    const FOLLOWED_MAX: usize = 5;
    let (mut object, mut place) = (object, place);
    for _ in 0..FOLLOWED_MAX {
        let passed = sources(caller, object, &object.fields[place]).into_iter();
        let mut lacking = passed.filter(|(at, field)| !caller.rights.on(at).reads(*field));
        match lacking.next() {
            None => break,
            Some((at, _)) if !caller.rights.on(at).read => return (at, None),
            Some((at, field)) => (object, place) = (at, field),
        }
    }
    (object, Some(place))
}

/// The fields that a field's value is read through and from.
fn sources<'a>(
    caller: &'a Caller,
    object: &'a Object,
    field: &'a Field,
) -> Vec<(&'a Object, usize)> {
    let catalogue = &caller.rights.catalogue;
    let along = |path: &str| {
        let Some(end) = catalogue.follow(object, path) else {
            return Vec::new();
        };
        let mut passed: Vec<_> = end.steps.iter().map(|step| (step.0, step.1)).collect();
        passed.push((end.object, end.place));
        passed
    };
    match &field.source {
        Source::Stored
        | Source::Rollup(_)
        | Source::Formula(Formula::LastSeen(_) | Formula::Unfilled) => Vec::new(),
        Source::Inherited(path) => along(path),
        Source::Formula(Formula::Concatenation { paths, .. }) => {
            paths.iter().flat_map(|path| along(path)).collect()
        }
        Source::Formula(Formula::ConsentReached { given, required }) => [given, required]
            .into_iter()
            .flat_map(|path| along(path))
            .collect(),
        Source::Formula(Formula::CountOf {
            object: child,
            reference,
            holding,
        }) => catalogue.object(child).map_or_else(Vec::new, |child| {
            let compared = holding.iter().map(|(field, _)| field);
            let places = std::iter::once(reference).chain(compared);
            let places = places.filter_map(|name| child.position(name));
            places.map(|place| (&**child, place)).collect()
        }),
    }
}

/// The object whose rights decide over an object: itself, or the one it follows.
pub(super) fn governor<'a>(caller: &'a Caller, object: &'a Object) -> &'a Object {
    // Metadata may make a circle of objects that follow each other.
    const FOLLOWED_MAX: usize = 5;
    let mut object = object;
    for _ in 0..FOLLOWED_MAX {
        let Access::Follows(other) = &object.access else {
            break;
        };
        match caller.rights.catalogue.object(other) {
            Some(other) => object = other,
            None => break,
        }
    }
    object
}

/// The system permission that decides over an object, when it is not granted by itself.
pub(super) fn permission(caller: &Caller, object: &Object) -> Option<SystemPermission> {
    match governor(caller, object).access {
        Access::SetUp(permission) | Access::SeenWith(permission) => Some(permission),
        Access::Follows(_) | Access::Granted | Access::Internal => None,
    }
}
