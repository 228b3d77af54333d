//! The whole catalogue as text, so that a change of any fact shows in review.
//!
//! The letters are describe's: C createable, U updateable, N nillable, F filterable, G groupable,
//! S sortable, D has a default, I id look-up, X external id, Q unique, M name field; and ours:
//! K case-sensitive, P permissionable, T tracked, Z always filled, H hidden from every door.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fmt::Write as _;

use headwater_catalogue::{
    Access, Catalogue, DefaultValue, Field, Formula, Index, Keeps, Kind, Name, Object, Picklist,
    Reference, Sharing, Source,
};

#[test]
fn the_catalogue_is_what_was_last_reviewed() {
    let catalogue = Catalogue::built_in().unwrap();
    let mut listing = String::new();
    for object in catalogue.objects() {
        list_object(&mut listing, object);
    }
    insta::assert_snapshot!("catalogue", listing);
}

fn list_object(out: &mut String, object: &Object) {
    let shared = if object.prefix_is_shared { " shared" } else { "" };
    let recents = if object.recents { ", recents" } else { "" };
    let unlogged = if object.logged { "" } else { ", not logged" };
    writeln!(
        out,
        "{} {}{shared}: {} / {}",
        object.name, object.prefix, object.label, object.plural
    )
    .unwrap();
    writeln!(out, "  {}, {}", access(&object.access), sharing(&object.sharing)).unwrap();
    writeln!(out, "  calls {}; system {:?}{recents}{unlogged}", calls(object), object.system)
        .unwrap();
    if let Some(history) = &object.history {
        writeln!(out, "  history {history}").unwrap();
    }
    for one in object.indexes.iter() {
        writeln!(out, "  index {}", index(one)).unwrap();
    }
    for field in object.fields.iter() {
        writeln!(out, "    {}", line(field)).unwrap();
    }
    out.push('\n');
}

fn line(field: &Field) -> String {
    let mut line = format!("{} {} [{}]", field.name, kind(&field.kind), flags(field));
    if field.label != field.name {
        write!(line, " {:?}", field.label).unwrap();
    }
    if let Some(value) = &field.default {
        write!(line, " default {}", default(value)).unwrap();
    }
    match &field.source {
        Source::Stored => {}
        Source::Inherited(path) => write!(line, " = {path}").unwrap(),
        Source::Formula(formula) => write!(line, " = {}", text_of(formula)).unwrap(),
        Source::Rollup(rollup) => {
            let keeps = match &rollup.keeps {
                Keeps::Count => "count".to_owned(),
                Keeps::Greatest(field) => format!("greatest {field}"),
            };
            write!(line, " = {keeps} of {}.{}", rollup.object, rollup.reference).unwrap();
        }
    }
    line
}

fn flags(field: &Field) -> String {
    let letters = [
        ('C', field.createable),
        ('U', field.updateable),
        ('N', field.nillable),
        ('F', field.filterable),
        ('G', field.groupable),
        ('S', field.sortable),
        ('D', field.default.is_some()),
        ('I', field.id_lookup),
        ('X', field.external_id),
        ('Q', field.unique),
        ('M', field.name_field),
        ('K', field.case_sensitive),
        ('P', field.permissionable),
        ('T', field.tracked),
        ('Z', field.always_filled),
        ('H', field.internal),
    ];
    letters.iter().filter(|(_, set)| *set).map(|(letter, _)| letter).collect()
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Id => "id".to_owned(),
        Kind::Text { length } => format!("text({length})"),
        Kind::TextArea { length } => format!("textarea({length})"),
        Kind::Email => "email".to_owned(),
        Kind::Phone => "phone".to_owned(),
        Kind::Url { length } => format!("url({length})"),
        Kind::Boolean => "boolean".to_owned(),
        Kind::Integer { digits } => format!("integer({digits})"),
        Kind::Double(digits) => format!("double({},{})", digits.precision, digits.scale),
        Kind::Currency(digits) => format!("currency({},{})", digits.precision, digits.scale),
        Kind::Percent(digits) => format!("percent({},{})", digits.precision, digits.scale),
        Kind::Date => "date".to_owned(),
        Kind::DateTime => "datetime".to_owned(),
        Kind::Time => "time".to_owned(),
        Kind::Picklist(list) => picklist("picklist", list),
        Kind::MultiPicklist(list) => picklist("multipicklist", list),
        Kind::Combobox(list) => picklist("combobox", list),
        Kind::AutoNumber { format } => format!("autonumber({format})"),
        Kind::Reference(to) => reference(to),
        Kind::Address { prefix } => format!("address({prefix}…)"),
        Kind::Any => "any".to_owned(),
        Kind::Base64(content) => match &content.media_type {
            Some(media_type) => format!("base64({}, {media_type})", content.size),
            None => format!("base64({})", content.size),
        },
    }
}

fn picklist(sort: &str, list: &Picklist) -> String {
    let values: Vec<_> = list.choices.iter().map(|choice| &*choice.value).collect();
    let restricted = if list.restricted { "!" } else { "" };
    format!("{sort}{restricted}({})", values.join("|"))
}

fn reference(to: &Reference) -> String {
    let path = to.relationship.as_deref().unwrap_or("-");
    let children = to.children.as_deref().unwrap_or("-");
    let targets = to.targets.names().join("|");
    format!("-> {targets} ({path} / {children}, {:?})", to.on_delete)
}

fn default(value: &DefaultValue) -> String {
    match value {
        DefaultValue::Boolean(on) => on.to_string(),
        DefaultValue::Text(text) => text.to_string(),
        DefaultValue::Integer(n) => n.to_string(),
        DefaultValue::Now => "now".to_owned(),
        DefaultValue::Caller => "caller".to_owned(),
    }
}

fn text_of(formula: &Formula) -> String {
    match formula {
        Formula::Concatenation { paths, separator } => paths.join(&format!(" + {separator:?} + ")),
        Formula::ConsentReached { given, required } => format!("{given} reaches {required}"),
        Formula::CountOf { object, reference, holding } => {
            let holding = holding.iter().map(|(field, value)| format!("{field} is {value}"));
            let holding = holding.collect::<Vec<_>>().join(" and ");
            format!("count of {object}.{reference} where {holding}")
        }
        Formula::LastSeen(kept) => format!("last {kept} of the caller"),
        Formula::Unfilled => "unfilled".to_owned(),
    }
}

fn access(access: &Access) -> String {
    match access {
        Access::Granted => "granted".to_owned(),
        Access::Follows(object) => format!("follows {object}"),
        Access::SetUp(permission) => format!("set up by {permission:?}"),
        Access::SeenWith(permission) => format!("seen with {permission:?}"),
        Access::Internal => "internal".to_owned(),
    }
}

fn sharing(sharing: &Sharing) -> String {
    match sharing {
        Sharing::PublicReadWrite => "public read/write".to_owned(),
        Sharing::PublicRead => "public read".to_owned(),
        Sharing::Private => "private".to_owned(),
        Sharing::ControlledByParent(field) => format!("controlled by {field}"),
        Sharing::ThroughLinks(links) => format!("through {}.{}", links.object, links.entity),
    }
}

fn calls(object: &Object) -> String {
    let calls = [
        ("create", object.calls.create),
        ("update", object.calls.update),
        ("delete", object.calls.delete),
        ("undelete", object.calls.undelete),
        ("query", object.calls.query),
        ("search", object.calls.search),
        ("replicate", object.calls.replicate),
    ];
    let taken: Vec<_> = calls.iter().filter(|(_, takes)| *takes).map(|(name, _)| *name).collect();
    if taken.is_empty() { "none".to_owned() } else { taken.join(" ") }
}

fn index(index: &Index) -> String {
    let column =
        |(name, descends): &(Name, bool)| format!("{name}{}", if *descends { " desc" } else { "" });
    let columns: Vec<_> = index.columns.iter().map(column).collect();
    let unique = if index.unique { "unique " } else { "" };
    let unless = index.unless.as_ref().map_or_else(String::new, |(field, values)| {
        format!(" unless {field} is {}", values.join(" or "))
    });
    format!("{unique}({}){unless}", columns.join(", "))
}
