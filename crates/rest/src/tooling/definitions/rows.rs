//! The definitions themselves: one for each object or field that the caller sees.

use headwater_catalogue::{Access, Field, Kind, Object, Sharing};
use headwater_records::{Caller, ObjectView};
use serde_json::{Value, json};

use super::Row;
use crate::call::Call;
use crate::describe::type_of;

/// Their names.
pub(super) const ENTITY: &str = "EntityDefinition";
pub(super) const FIELD: &str = "FieldDefinition";

pub(super) fn entities(call: &Call, caller: &Caller) -> Vec<Row> {
    let views = call.state.org.describe_global(caller);
    views.iter().map(|view| entity(call, view)).collect()
}

pub(super) fn fields(call: &Call, caller: &Caller) -> Vec<Row> {
    let org = &call.state.org;
    let mut rows = Vec::new();
    for short in org.describe_global(caller) {
        let Ok(view) = org.describe(caller, &short.object.name) else {
            continue;
        };
        let parent = Value::Object(entity(call, &view));
        for seen in &view.fields {
            let mut row = field(call, &view.object, view.field(*seen));
            row.insert(ENTITY.to_owned(), parent.clone());
            rows.push(row);
        }
    }
    rows
}

/// A value that is an object, as its members.
fn row(value: Value) -> Row {
    match value {
        Value::Object(row) => row,
        _ => Row::new(),
    }
}

fn attributes(call: &Call, kind: &str, id: &str) -> Value {
    let url = format!("{}/tooling/sobjects/{kind}/{id}", call.data_path());
    json!({ "type": kind, "url": url })
}

fn entity(call: &Call, view: &ObjectView) -> Row {
    let object = &*view.object;
    let is_laid_out = matches!(object.access, Access::Granted);
    let sharing = match object.sharing {
        Sharing::PublicReadWrite => "ReadWrite",
        Sharing::PublicRead => "Read",
        Sharing::Private | Sharing::ThroughLinks(_) => "Private",
        Sharing::ControlledByParent(_) => "ControlledByParent",
    };
    let plural = if object.plural.is_empty() {
        format!("{}s", object.label)
    } else {
        object.plural.to_string()
    };
    let name = developer_name(&object.name);
    row(json!({
        "attributes": attributes(call, ENTITY, &object.name),
        "DeploymentStatus": object.custom.then_some("Deployed"),
        "DeveloperName": name,
        "DurableId": object.name,
        "ExternalSharingModel": sharing,
        "InternalSharingModel": sharing,
        "IsApexTriggerable": false,
        "IsCompactLayoutable": is_laid_out,
        "IsCustomSetting": false,
        "IsCustomizable": is_laid_out,
        "IsDeprecatedAndHidden": false,
        "IsEverCreatable": object.calls.create,
        "IsEverDeletable": object.calls.delete,
        "IsEverUpdatable": object.calls.update,
        "IsLayoutable": is_laid_out,
        "IsQueryable": object.calls.query,
        "IsReplicateable": object.calls.replicate,
        "IsRetrieveable": true,
        "IsSearchable": object.calls.search,
        "IsTriggerable": is_laid_out,
        "IsWorkflowEnabled": false,
        "KeyPrefix": (!object.prefix_is_shared).then(|| object.prefix.as_str()),
        "Label": object.label,
        "MasterLabel": object.label,
        "NamespacePrefix": null,
        "PluralLabel": plural,
        "PublisherId": publisher(object.custom),
        "QualifiedApiName": object.name,
    }))
}

fn field(call: &Call, object: &Object, field: &Field) -> Row {
    let id = format!("{}.{}", object.name, field.name);
    let reference = field.kind.as_reference();
    let digits = field.kind.digits();
    let targets = reference.map_or(&[][..], |reference| reference.targets.names());
    row(json!({
        "attributes": attributes(call, FIELD, &id),
        "DataType": words(field),
        "Description": null,
        "DeveloperName": developer_name(&field.name),
        "DurableId": id,
        "EntityDefinitionId": object.name,
        "ExtraTypeInfo": null,
        "IsApiFilterable": field.filterable,
        "IsApiGroupable": field.groupable,
        "IsApiSortable": field.sortable,
        "IsCalculated": false,
        "IsCompound": matches!(field.kind, Kind::Address { .. }),
        "IsFieldHistoryTracked": field.tracked,
        "IsHighScaleNumber": false,
        "IsHtmlFormatted": false,
        "IsIndexed": reference.is_some() || field.unique || field.external_id || field.name_field,
        "IsNameField": field.name_field,
        "IsNillable": field.nillable,
        "IsPolymorphicForeignKey": targets.len() > 1,
        "Label": field.label,
        "Length": field.kind.length().unwrap_or(0),
        "MasterLabel": field.label,
        "NamespacePrefix": null,
        "Precision": digits.map_or(0, |digits| digits.precision),
        "PublisherId": publisher(field.custom),
        "QualifiedApiName": field.name,
        "ReferenceTo": { "referenceTo": (!targets.is_empty()).then_some(targets) },
        "RelationshipName": reference.and_then(|reference| reference.relationship.as_ref()),
        "Scale": digits.map_or(0, |digits| digits.scale),
        "ValueTypeId": type_of(&field.kind),
    }))
}

/// A name without what says that it was made at run time.
fn developer_name(name: &str) -> &str {
    name.strip_suffix("__c").unwrap_or(name)
}

fn publisher(custom: bool) -> &'static str {
    if custom { "<local>" } else { "System" }
}

/// A field's type in the words of Salesforce's set-up.
fn words(field: &Field) -> String {
    let sized = |word: &str| format!("{word}({})", field.kind.length().unwrap_or(0));
    let numbered = |word: &str| {
        let digits = field.kind.digits().map_or((0, 0), |digits| {
            (digits.precision.saturating_sub(digits.scale), digits.scale)
        });
        format!("{word}({}, {})", digits.0, digits.1)
    };
    match &field.kind {
        Kind::Id => "Lookup()".to_owned(),
        Kind::Text { .. } => sized("Text"),
        Kind::TextArea { .. } => sized("Long Text Area"),
        Kind::Url { .. } => sized("URL"),
        Kind::Email => "Email".to_owned(),
        Kind::Phone => "Phone".to_owned(),
        Kind::Boolean => "Checkbox".to_owned(),
        Kind::Integer { digits } => format!("Number({digits}, 0)"),
        Kind::Double(_) => numbered("Number"),
        Kind::Currency(_) => numbered("Currency"),
        Kind::Percent(_) => numbered("Percent"),
        Kind::Date => "Date".to_owned(),
        Kind::DateTime => "Date/Time".to_owned(),
        Kind::Time => "Time".to_owned(),
        Kind::Picklist(_) | Kind::Combobox(_) => "Picklist".to_owned(),
        Kind::MultiPicklist(_) => "Picklist (Multi-Select)".to_owned(),
        Kind::AutoNumber { .. } => "Auto Number".to_owned(),
        Kind::Reference(reference) => format!("Lookup({})", reference.targets.names().join(",")),
        Kind::Address { .. } => "Address".to_owned(),
        Kind::Any => "Any".to_owned(),
        Kind::Base64(_) => "Base64".to_owned(),
    }
}
