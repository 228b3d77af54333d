//! Which rule forbids writing a field, and where to edit instead.

use headwater_catalogue::{Access, Catalogue, Field, Kind, Name, Object, Source};

use crate::caller::Caller;
use crate::error::Verb;
use crate::explain::{EditAt, Lock, Rule};

/// The first rule that forbids this caller to give the field when making (`Create`) or changing a
/// record; none when they may. Rules are asked in the order of [`Rule`]; the record itself is not
/// looked at here.
pub(crate) fn rule_against(
    caller: &Caller,
    object: &Object,
    place: usize,
    verb: Verb,
) -> Option<Rule> {
    let field = &object.fields[place];
    match field.source {
        Source::Inherited(_) => return Some(Rule::Inherited),
        Source::Formula(_) | Source::Rollup(_) => return Some(Rule::Computed),
        Source::Stored => {}
    }
    if matches!(field.kind, Kind::Address { .. }) {
        return Some(Rule::Computed);
    }
    if caller.rights.is_server() {
        return None;
    }
    let rights = caller.rights.on(object);
    let (takes, called, granted) = match verb {
        Verb::Create => (field.createable, object.calls.create, rights.create),
        Verb::Read | Verb::Update | Verb::Delete => {
            (field.updateable, object.calls.update, rights.edit)
        }
    };
    if !takes {
        let once = field.createable && verb != Verb::Create;
        return Some(if once { Rule::SetOnce } else { Rule::System });
    }
    if !called {
        return Some(Rule::ObjectReadOnly);
    }
    if !granted {
        return Some(Rule::ObjectRight);
    }
    (!rights.writes(place)).then_some(Rule::FieldRight)
}

/// The lock on a field by the first rule against writing it; none when this caller may.
pub(crate) fn lock_of(caller: &Caller, object: &Object, place: usize, verb: Verb) -> Option<Lock> {
    let rule = rule_against(caller, object, place, verb)?;
    Some(lock(&caller.rights.catalogue, object, place, rule))
}

/// The lock that a rule puts on a field.
pub(crate) fn lock(catalogue: &Catalogue, object: &Object, place: usize, rule: Rule) -> Lock {
    let field = &object.fields[place];
    let edit_at = match rule {
        Rule::Inherited => source_of(catalogue, object, field),
        _ => None,
    };
    Lock {
        object: object.name.clone(),
        field: field.name.clone(),
        rule,
        reason: reason(object, field, rule, edit_at.as_ref()),
        granted_by: granted_by(object, rule),
        edit_at,
    }
}

/// Where an inherited field's value is kept: followed through other inherited fields to the end.
fn source_of(catalogue: &Catalogue, object: &Object, field: &Field) -> Option<EditAt> {
    let mut end = catalogue.follow(object, field.inherited_path()?)?;
    while let Some(path) = end.field().inherited_path() {
        end = catalogue.follow(end.object, path)?;
    }
    Some(EditAt {
        object: end.object.name.clone(),
        field: end.field().name.clone(),
        record: None,
        sessions: None,
    })
}

fn reason(object: &Object, field: &Field, rule: Rule, edit_at: Option<&EditAt>) -> String {
    let here = &object.label;
    match rule {
        Rule::Inherited => edit_at.map_or_else(
            || "The value is inherited.".to_owned(),
            |at| {
                format!(
                    "The value is inherited: edit {} on the {}.",
                    at.field, at.object
                )
            },
        ),
        Rule::Computed => "The value is worked out from other fields.".to_owned(),
        Rule::System => "The server sets this field.".to_owned(),
        Rule::SetOnce => format!("It is set when the {here} is made and never changes."),
        Rule::ObjectReadOnly => format!("A {here} cannot be changed."),
        Rule::ObjectRight => {
            format!("You may not change this {here}: the right on the object is missing.")
        }
        Rule::FieldRight => format!(
            "You may not change {}: the right on the field is missing.",
            field.label
        ),
        Rule::RecordAccess => {
            format!("You may not change this {here}: it belongs to somebody else.")
        }
    }
}

fn granted_by(object: &Object, rule: Rule) -> Option<String> {
    let rights = match (rule, &object.access) {
        (Rule::ObjectRight | Rule::FieldRight, Access::SetUp(permission)) => {
            format!(
                "An administrator, by the permission {}.",
                permission.field()
            )
        }
        (Rule::ObjectRight | Rule::FieldRight, _) => {
            "An administrator, in your profile or a permission set.".to_owned()
        }
        (Rule::RecordAccess, _) => "The record's owner or an administrator.".to_owned(),
        (
            Rule::Inherited | Rule::Computed | Rule::System | Rule::SetOnce | Rule::ObjectReadOnly,
            _,
        ) => return None,
    };
    Some(rights)
}

/// The name of a field for a list of those that are missing.
pub(crate) fn name_of(object: &Object, place: usize) -> Name {
    object.fields[place].name.clone()
}
