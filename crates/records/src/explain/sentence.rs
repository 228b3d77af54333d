//! What a rule comes to in one sentence that a support agent understands.

use std::sync::Arc;

use headwater_catalogue::{Field, Formula, Id, Kind, Object, Source};

use super::grantors::Grantors;
use super::origin::{Home, Origin, Origins};
use super::{EditAt, Lock, Rule, rule};
use crate::caller::Caller;
use crate::error::Verb;

/// What only the database knows. Without it the sentence speaks of records in general.
#[derive(Debug, Default)]
pub(super) struct Circumstances {
    /// The record that was asked about.
    pub(super) record: Option<Id>,
    /// Who could grant a missing right.
    pub(super) grantors: Option<Grantors>,
    /// The records that hold inherited values.
    pub(super) origins: Origins,
    /// The name of whom the sentence is about, when it does not speak to them.
    pub(super) about: Option<Arc<str>>,
}

impl Circumstances {
    /// Who lacks something, at the beginning of a sentence.
    fn subject(&self) -> &str {
        self.about.as_deref().unwrap_or("You")
    }

    /// The same in the middle.
    fn person(&self) -> &str {
        self.about.as_deref().unwrap_or("you")
    }

    fn do_not(&self) -> &'static str {
        if self.about.is_some() {
            "does not"
        } else {
            "do not"
        }
    }
}

/// The lock that a rule puts on the field at a place.
pub(super) fn lock(
    caller: &Caller,
    object: &Object,
    place: usize,
    verb: Verb,
    rule: Rule,
    found: &Circumstances,
) -> Lock {
    let field = &object.fields[place];
    let grantors = found.grantors.clone().unwrap_or_default().0;
    let mut lock = Lock {
        object: object.name.clone(),
        field: field.name.clone(),
        rule,
        reason: String::new(),
        edit_at: None,
        granted_by: None,
        remedy: None,
    };
    match rule {
        Rule::ObjectHidden => lock.reason = object_hidden(caller, object, found, &grantors),
        Rule::RecordHidden => lock.reason = record_hidden(object, found, &grantors),
        Rule::FieldHidden => lock.reason = field_hidden(caller, object, place, found, &grantors),
        Rule::Inherited => inherited(caller, object, place, found, &mut lock),
        Rule::Computed => computed(caller, object, field, found, &mut lock),
        Rule::System => lock.reason = system(object, field, verb),
        Rule::SetOnce => {
            let label = lower(&object.label);
            lock.reason =
                format!("This field is set when the {label} is made; nobody edits it afterwards.");
        }
        Rule::ObjectReadOnly => {
            lock.reason = format!("{} are written by the server alone.", object.plural);
        }
        Rule::ObjectRight => lock.reason = object_right(caller, object, verb, found, &grantors),
        Rule::FieldRight => lock.reason = field_right(object, field, found, &grantors),
        Rule::RecordAccess => lock.reason = record_access(object, found, &grantors),
    }
    if is_missing_right(rule) {
        lock.granted_by = Some(grantors);
    }
    lock
}

/// Whether a rule says no because the caller lacks a right that somebody could grant.
fn is_missing_right(rule: Rule) -> bool {
    match rule {
        Rule::ObjectHidden
        | Rule::RecordHidden
        | Rule::FieldHidden
        | Rule::ObjectRight
        | Rule::FieldRight
        | Rule::RecordAccess => true,
        // What is missing for an inherited value is missing at its source, and said with it.
        Rule::Inherited | Rule::Computed | Rule::System | Rule::SetOnce | Rule::ObjectReadOnly => {
            false
        }
    }
}

fn inherited(
    caller: &Caller,
    object: &Object,
    place: usize,
    found: &Circumstances,
    lock: &mut Lock,
) {
    let noun = noun(&object.fields[place].label);
    let catalogue = &caller.rights.catalogue;
    let known = catalogue.object(&object.name);
    let Some(home) = known.and_then(|object| Home::of(catalogue, object, place)) else {
        lock.reason = format!("This {noun} comes from another record.");
        return;
    };
    let origin = found.origins.at(&home.path);
    let comes_from = comes_from(&noun, &home, origin);
    let source = &home.object.fields[home.place];
    if let Some(no) = rule::of_facts(&home.object, source, Verb::Update) {
        lock.reason = format!("{comes_from}, {}.", never(no, &home.object));
        return;
    }
    let missing = rule::first(caller, &home.object, home.place, Verb::Update);
    let editable = missing.is_none() && origin.is_none_or(|origin| origin.editable);
    let follow = follow(object, &home, origin);
    let grantors = found.grantors.clone().unwrap_or_default().0;
    lock.reason = if editable {
        format!("{comes_from}. Change it there; {follow}.")
    } else {
        format!(
            "{comes_from}; {follow}. Changing it there takes {}, which {} {} have and which \
             {grantors} can grant.",
            right_at_source(&home, missing),
            found.person(),
            found.do_not(),
        )
    };
    lock.granted_by = (!editable).then_some(grantors);
    lock.edit_at = Some(EditAt {
        object: home.object.name.clone(),
        field: source.name.clone(),
        record: origin.map(|origin| origin.id),
        sessions: origin.and_then(|origin| origin.sharing),
        editable,
    });
}

/// The right that is missing where an inherited value is kept.
fn right_at_source(home: &Home, missing: Option<Rule>) -> String {
    let source = &home.object.fields[home.place];
    match missing {
        Some(Rule::FieldRight | Rule::FieldHidden) => {
            format!(
                "the edit right on the field {}.{}",
                home.object.name, source.name
            )
        }
        Some(_) => format!("the right to edit {}", home.object.plural),
        None => format!("access to that {}", home.object.label),
    }
}

fn comes_from(noun: &str, home: &Home, origin: Option<&Origin>) -> String {
    let label = &home.object.label;
    let name = origin.and_then(|origin| origin.name.as_deref());
    let name = name.map(|name| format!(" {name}")).unwrap_or_default();
    let source = &home.object.fields[home.place];
    format!(
        "This {noun} comes from the {label}{name} ({}.{})",
        home.object.name, source.name
    )
}

/// What else shows the value: how many records of this object, when that is counted.
fn follow(object: &Object, home: &Home, origin: Option<&Origin>) -> String {
    match origin.and_then(|origin| origin.sharing) {
        Some(1) => format!("1 {} has it", lower(&object.label)),
        Some(count) => format!("{count} {} share it", lower(&object.plural)),
        None => format!(
            "every {} of that {} follows",
            lower(&object.label),
            home.object.label
        ),
    }
}

/// Why nobody changes a value at its source either.
fn never(rule: Rule, source: &Object) -> String {
    match rule {
        Rule::SetOnce => {
            format!(
                "where it is set when the {} is made and never changes",
                source.label
            )
        }
        Rule::Computed => "where it is worked out from other values".to_owned(),
        Rule::Inherited
        | Rule::System
        | Rule::ObjectReadOnly
        | Rule::ObjectRight
        | Rule::FieldRight
        | Rule::RecordAccess
        | Rule::ObjectHidden
        | Rule::RecordHidden
        | Rule::FieldHidden => "where only the server writes it".to_owned(),
    }
}

fn computed(
    caller: &Caller,
    object: &Object,
    field: &Field,
    found: &Circumstances,
    lock: &mut Lock,
) {
    let plural = |name: &str| {
        let object = caller.rights.catalogue.object(name);
        object.map_or_else(|| name.to_owned(), |object| lower(&object.plural))
    };
    let from = |paths: &[&str]| {
        format!(
            "This field is worked out from {} and changes with them.",
            paths.join(" and ")
        )
    };
    lock.reason = match &field.source {
        Source::Stored if matches!(field.kind, Kind::Address { .. }) => {
            "This field gathers the parts of an address; edit those.".to_owned()
        }
        Source::Formula(Formula::Concatenation { paths, .. }) => {
            from(&paths.iter().map(|path| &**path).collect::<Vec<_>>())
        }
        Source::Formula(Formula::ConsentReached { given, required }) => from(&[given, required]),
        Source::Formula(Formula::CountOf { object, .. }) => {
            format!("This field counts {}; nobody edits it.", plural(object))
        }
        Source::Rollup(rollup) => {
            format!(
                "This field follows from {}; nobody edits it.",
                plural(&rollup.object)
            )
        }
        Source::Formula(Formula::LastSeen(_)) => {
            "This field says when you have last seen the record; nobody edits it.".to_owned()
        }
        Source::Formula(Formula::Unfilled) => {
            "This field is there for programs that ask for it, and is never filled.".to_owned()
        }
        Source::Stored | Source::Inherited(_) => "This field is worked out.".to_owned(),
    };
    // One stored field of the same record decides: that is where to go.
    if let Source::Formula(Formula::ConsentReached { given, .. }) = &field.source
        && let Some(place) = object.position(given)
    {
        lock.edit_at = Some(EditAt {
            object: object.name.clone(),
            field: object.fields[place].name.clone(),
            record: found.record,
            sessions: None,
            editable: rule::first(caller, object, place, Verb::Update).is_none(),
        });
    }
}

fn system(object: &Object, field: &Field, verb: Verb) -> String {
    let label = lower(&object.label);
    if matches!(field.kind, Kind::AutoNumber { .. }) {
        return format!("The server gives each {label} its number; nobody edits it.");
    }
    if verb == Verb::Create && field.updateable {
        return format!("This field is set after the {label} is made.");
    }
    "The server sets this field; nobody edits it.".to_owned()
}

fn object_hidden(
    caller: &Caller,
    object: &Object,
    found: &Circumstances,
    grantors: &str,
) -> String {
    format!(
        "{} {} see {}: that takes the read right on the object {}, which {grantors} can grant.",
        found.subject(),
        found.do_not(),
        lower(&object.plural),
        rule::governor(caller, object).name,
    )
}

fn record_hidden(object: &Object, found: &Circumstances, grantors: &str) -> String {
    format!(
        "{} {} see this {}: its owner does, and {grantors} can let {}.",
        found.subject(),
        found.do_not(),
        lower(&object.label),
        found.person(),
    )
}

fn field_hidden(
    caller: &Caller,
    object: &Object,
    place: usize,
    found: &Circumstances,
    grantors: &str,
) -> String {
    let (hidden, at) = rule::hidden_at(caller, object, place);
    let right = match at {
        Some(at) => format!("the field {}.{}", hidden.name, hidden.fields[at].name),
        None => format!("the object {}", rule::governor(caller, hidden).name),
    };
    let comes_from = if hidden.name == object.name && at == Some(place) {
        "that takes"
    } else {
        "its value comes from elsewhere, which takes"
    };
    format!(
        "{} {} see this field: {comes_from} the read right on {right}, which {grantors} can grant.",
        found.subject(),
        found.do_not(),
    )
}

fn field_right(object: &Object, field: &Field, found: &Circumstances, grantors: &str) -> String {
    format!(
        "{} may see this field, not edit it: that takes the edit right on the field {}.{}, which \
         {grantors} can grant.",
        found.subject(),
        object.name,
        field.name
    )
}

fn record_access(object: &Object, found: &Circumstances, grantors: &str) -> String {
    format!(
        "{} may see this {}, not edit it: its owner may, and {grantors} can let {}.",
        found.subject(),
        lower(&object.label),
        found.person(),
    )
}

fn object_right(
    caller: &Caller,
    object: &Object,
    verb: Verb,
    found: &Circumstances,
    grantors: &str,
) -> String {
    let subject = found.subject();
    let verb = if verb == Verb::Create { "make" } else { "edit" };
    let plural = lower(&object.plural);
    match rule::permission(caller, object) {
        Some(permission) => format!(
            "{subject} may not {verb} {plural}: that takes the permission {}, which {grantors} can grant.",
            permission.field()
        ),
        None => format!(
            "{subject} may not {verb} {plural}: that takes the right on the object {}, which \
             {grantors} can grant.",
            object.name
        ),
    }
}

/// What people call the value: the label without the `ID` that every reference's label ends in.
pub(crate) fn noun(label: &str) -> String {
    lower(label.strip_suffix(" ID").unwrap_or(label))
}

/// A label in the middle of a sentence. Abbreviations keep their capitals.
fn lower(label: &str) -> String {
    let words = label.split(' ').map(|word| {
        let capitals = word.chars().filter(|c| c.is_uppercase()).count();
        if capitals > 1 {
            word.to_owned()
        } else {
            word.to_lowercase()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_words_and_abbreviations_stay() {
        assert_eq!(noun("Account ID"), "account");
        assert_eq!(noun("ISO Country Code"), "ISO country code");
        assert_eq!(noun("Messaging User ID"), "messaging user");
    }
}
