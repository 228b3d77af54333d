//! Which fields of an object a page reads, and the names of the records that they refer to.

use headwater_catalogue::{Field, Id, Kind, Object, Value};
use headwater_records::{Caller, Cells};
use maud::Markup;

use crate::value;

/// The path by which the name of a referred record is read; none where nobody could read it.
pub(crate) fn name_path(caller: &Caller, field: &Field) -> Option<String> {
    let reference = field.kind.as_reference()?;
    let relationship = reference.relationship.as_deref()?;
    let catalogue = &caller.rights.catalogue;
    let readable = |name: &str| {
        let object = catalogue.object(name)?;
        let place = object.fields.iter().position(|field| field.name_field)?;
        caller
            .rights
            .on(object)
            .reads(place)
            .then(|| object.fields[place].name.clone())
    };
    let targets = reference.targets.names();
    let name = match targets {
        [one] => readable(one)?,
        several => {
            several.iter().find_map(|one| readable(one))?;
            "Name".into()
        }
    };
    Some(format!("{relationship}.{name}"))
}

/// What to select for some fields: each, and the name of what it refers to.
pub(crate) fn selected(caller: &Caller, object: &Object, fields: &[String]) -> Vec<String> {
    let mut paths = vec!["Id".to_owned()];
    let rights = caller.rights.on(object);
    for name in fields {
        let Some(place) = object.position(name).filter(|place| rights.reads(*place)) else {
            continue;
        };
        let field = &object.fields[place];
        if field.internal || matches!(field.kind, Kind::Address { .. } | Kind::Base64(_)) {
            continue;
        }
        if !paths.iter().any(|path| *path == field.name) {
            paths.push(field.name.to_string());
        }
        if let Some(path) = name_path(caller, field)
            && !paths.contains(&path)
        {
            paths.push(path);
        }
    }
    paths
}

/// Every field of an object that the caller reads.
pub(crate) fn all(caller: &Caller, object: &Object) -> Vec<String> {
    let rights = caller.rights.on(object);
    let places = (0..object.fields.len()).filter(|place| rights.reads(*place));
    places
        .map(|place| object.fields[place].name.to_string())
        .collect()
}

/// A value of a row, with a link where it refers to a record.
pub(crate) fn cell(caller: &Caller, field: &Field, row: Cells<'_>) -> Markup {
    let name = name_path(caller, field);
    let name = name.as_deref().and_then(|path| row.get(path).as_text());
    value::show(field, row.get(&field.name), name, &caller.zone)
}

/// What a record is called: its name, or its id where it has none.
pub(crate) fn called(object: &Object, row: Cells<'_>) -> String {
    let name = object.name_field().map(|field| row.get(&field.name));
    match name {
        Some(Value::Text(name)) => name.clone(),
        _ => row
            .id("Id")
            .map_or_else(|| object.label.to_string(), |id| id.to_string()),
    }
}

/// The records that a row refers to, and itself: what a page that shows it watches.
pub(crate) fn referred(object: &Object, row: Cells<'_>) -> Vec<Id> {
    let references = object
        .fields
        .iter()
        .filter(|field| field.kind.as_reference().is_some());
    let ids = references.filter_map(|field| row.id(&field.name));
    row.id("Id").into_iter().chain(ids).collect()
}
