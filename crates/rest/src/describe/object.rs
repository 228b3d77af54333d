//! An object's describe, short as in the list of all and whole.

use headwater_catalogue::{Access, Object};
use headwater_records::describe::MASTER_RECORD_TYPE;
use headwater_records::{Caller, ObjectView};
use serde_json::{Value, json};

use super::{children, field, object_of, object_path};
use crate::call::Version;

/// One item of the list of all objects.
pub(crate) fn item(view: &ObjectView, caller: &Caller, version: Version) -> Value {
    let object = &*view.object;
    let parent = history_of(object, caller);
    let is_laid_out = is_laid_out(object);
    json!({
        "activateable": false,
        "associateEntityType": parent.map(|_| "History"),
        "associateParentEntity": parent.map(|parent| &parent.name),
        "createable": view.createable,
        "custom": object.custom,
        "customSetting": false,
        "deepCloneable": false,
        "deletable": view.deletable,
        "deprecatedAndHidden": false,
        "feedEnabled": false,
        "hasSubtypes": false,
        "isInterface": false,
        "isSubtype": false,
        "keyPrefix": (!object.prefix_is_shared).then(|| object.prefix.as_str()),
        "label": object.label,
        "labelPlural": plural(object),
        "layoutable": is_laid_out,
        "mergeable": object.merged_into().is_some() && view.updateable && view.deletable,
        "mruEnabled": object.recents,
        "name": object.name,
        "queryable": view.queryable,
        "replicateable": object.calls.replicate,
        "retrieveable": true,
        "searchable": view.searchable,
        "triggerable": is_laid_out,
        "undeletable": view.undeletable,
        "updateable": view.updateable,
        "urls": urls(object, version, is_laid_out),
    })
}

/// The whole describe.
pub(crate) fn describe(view: &ObjectView, caller: &Caller, version: Version) -> Value {
    let object = &*view.object;
    let is_laid_out = is_laid_out(object);
    let mut whole = item(view, caller, version);
    let fields = view.fields.iter().map(|f| field::describe(view, *f));
    let mut urls = urls(object, version, is_laid_out);
    for key in ["uiDetailTemplate", "uiEditTemplate", "uiNewRecord"] {
        let end = match key {
            "uiEditTemplate" => "{ID}/e",
            "uiNewRecord" => "e",
            _ => "{ID}",
        };
        urls[key] = json!(format!("/{}/{end}", object.name));
    }
    let more = [
        ("actionOverrides", json!([])),
        ("childRelationships", children::describe(view)),
        ("compactLayoutable", json!(is_laid_out)),
        ("defaultImplementation", Value::Null),
        ("extendedBy", Value::Null),
        ("extendsInterfaces", Value::Null),
        ("fields", fields.collect()),
        ("implementedBy", Value::Null),
        ("implementsInterfaces", Value::Null),
        ("listviewable", Value::Null),
        ("lookupLayoutable", Value::Null),
        ("namedLayoutInfos", json!([])),
        ("networkScopeFieldName", Value::Null),
        ("recordTypeInfos", record_types(view, version)),
        ("searchLayoutable", json!(view.searchable)),
        ("sobjectDescribeOption", json!("FULL")),
        ("supportedScopes", scopes(object)),
        ("urls", urls),
    ];
    for (key, value) in more {
        whole[key] = value;
    }
    sorted(whole)
}

/// Keys in the alphabet's order, as Salesforce's describe has them.
pub(crate) fn sorted(value: Value) -> Value {
    let Value::Object(map) = value else {
        return value;
    };
    let mut entries: Vec<_> = map.into_iter().collect();
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    object_of(entries)
}

/// The object whose changes this one keeps, if it keeps any.
fn history_of<'c>(object: &Object, caller: &'c Caller) -> Option<&'c Object> {
    let objects = caller.rights.catalogue.objects().iter();
    objects
        .map(|candidate| &**candidate)
        .find(|candidate| candidate.history.as_ref() == Some(&object.name))
}

/// Whether people work with its records on pages.
fn is_laid_out(object: &Object) -> bool {
    matches!(object.access, Access::Granted)
}

fn plural(object: &Object) -> String {
    if object.plural.is_empty() {
        format!("{}s", object.label)
    } else {
        object.plural.to_string()
    }
}

fn urls(object: &Object, version: Version, is_laid_out: bool) -> Value {
    let path = object_path(version, &object.name);
    let mut urls = json!({});
    if is_laid_out {
        urls["compactLayouts"] = json!(format!("{path}/describe/compactLayouts"));
    }
    urls["rowTemplate"] = json!(format!("{path}/{{ID}}"));
    if is_laid_out {
        urls["approvalLayouts"] = json!(format!("{path}/describe/approvalLayouts"));
        urls["listviews"] = json!(format!("{path}/listviews"));
    }
    urls["describe"] = json!(format!("{path}/describe"));
    if is_laid_out {
        urls["quickActions"] = json!(format!("{path}/quickActions"));
        urls["layouts"] = json!(format!("{path}/describe/layouts"));
    }
    urls["sobject"] = json!(path);
    urls
}

/// The kinds of record, and last the one that every object has, which new records are of unless
/// they say otherwise or the caller's profile has another default.
pub(crate) fn record_types(view: &ObjectView, version: Version) -> Value {
    let path = object_path(version, &view.object.name);
    let kinds = view.record_types.iter().map(|kind| {
        let id = kind.id.to_string();
        json!({
            "active": kind.is_active,
            "available": kind.is_active,
            "defaultRecordTypeMapping": kind.is_default,
            "developerName": kind.developer_name,
            "master": false,
            "name": kind.name,
            "recordTypeId": id,
            "urls": { "layout": format!("{path}/describe/layouts/{id}") },
        })
    });
    let master = json!({
        "active": true,
        "available": true,
        "defaultRecordTypeMapping": !view.record_types.iter().any(|kind| kind.is_default),
        "developerName": "Master",
        "master": true,
        "name": "Master",
        "recordTypeId": MASTER_RECORD_TYPE,
        "urls": { "layout": format!("{path}/describe/layouts/{MASTER_RECORD_TYPE}") },
    });
    kinds.chain([master]).collect()
}

fn scopes(object: &Object) -> Value {
    let plural = plural(object).to_lowercase();
    let mut scopes = vec![json!({ "label": format!("All {plural}"), "name": "everything" })];
    if object.field("OwnerId").is_some() {
        scopes.push(json!({ "label": format!("My {plural}"), "name": "mine" }));
        let label = format!("Mine and my groups' {plural}");
        scopes.push(json!({ "label": label, "name": "mine_and_my_groups" }));
    }
    Value::Array(scopes)
}
