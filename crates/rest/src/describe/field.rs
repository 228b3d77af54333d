//! A field's describe: 58 keys, each always there, since strict clients demand them.

use headwater_catalogue::{DefaultValue, Field, Kind, Object, OnDelete};
use headwater_records::{FieldView, ObjectView};
use serde_json::{Value, json};

use super::object::sorted;

pub(crate) fn describe(view: &ObjectView, field_view: FieldView) -> Value {
    let object = &*view.object;
    let field = view.field(field_view);
    let mut described = facts(object, field);
    let numbers = numbers(&field.kind);
    let reference = reference(&field.kind);
    for (key, value) in numbers.into_iter().chain(reference) {
        described[key] = value;
    }
    described["createable"] = json!(field_view.createable);
    described["updateable"] = json!(field_view.updateable);
    described["picklistValues"] = picklist_values(field);
    sorted(described)
}

/// What belongs to features that are not here.
const ALWAYS_FALSE: [&str; 13] = [
    "aiPredictionField",
    "calculated",
    "dependentPicklist",
    "deprecatedAndHidden",
    "displayLocationInDecimal",
    "encrypted",
    "formulaTreatNullNumberAsZero",
    "highScaleNumber",
    "htmlFormatted",
    "queryByDistance",
    "searchPrefilterable",
    "writeRequiresMasterRead",
    "dataTranslationEnabled",
];
const ALWAYS_NULL: [&str; 8] = [
    "calculatedFormula",
    "controllerName",
    "defaultValueFormula",
    "filteredLookupInfo",
    "mask",
    "maskType",
    "referenceTargetField",
    "relationshipOrder",
];

fn facts(object: &Object, field: &Field) -> Value {
    let mut facts = json!({
        "aggregatable": field.is_aggregatable(),
        "autoNumber": matches!(field.kind, Kind::AutoNumber { .. }),
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": compound_of(object, field),
        "custom": field.custom,
        "defaultValue": default_value(field),
        "defaultedOnCreate": field.default.is_some()
            || matches!(field.kind, Kind::AutoNumber { .. } | Kind::Id),
        "externalId": field.external_id,
        "extraTypeInfo": matches!(field.kind, Kind::TextArea { .. }).then_some("plaintextarea"),
        "filterable": field.filterable,
        "groupable": field.groupable,
        "idLookup": field.id_lookup,
        "inlineHelpText": field.help,
        "label": field.label,
        "name": field.name,
        "nameField": field.name_field,
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "restrictedPicklist": field.kind.as_picklist().is_some_and(|list| list.restricted),
        "soapType": soap_type(&field.kind),
        "sortable": field.sortable,
        "type": type_of(&field.kind),
        "unique": field.unique,
    });
    for key in ALWAYS_FALSE {
        facts[key] = Value::Bool(false);
    }
    for key in ALWAYS_NULL {
        facts[key] = Value::Null;
    }
    facts
}

/// Length and digits. A kind that has none of them says 0.
fn numbers(kind: &Kind) -> [(&'static str, Value); 5] {
    let length = kind.length().unwrap_or(0);
    let bytes = match kind {
        Kind::Id | Kind::Reference(_) => length,
        _ => length * 3,
    };
    let whole_digits = match kind {
        Kind::Integer { digits } => *digits,
        _ => 0,
    };
    let (precision, scale) = kind.digits().map_or((0, 0), |d| (d.precision, d.scale));
    [
        ("length", json!(length)),
        ("byteLength", json!(bytes)),
        ("digits", json!(whole_digits)),
        ("precision", json!(precision)),
        ("scale", json!(scale)),
    ]
}

fn reference(kind: &Kind) -> [(&'static str, Value); 6] {
    let reference = kind.as_reference();
    let deletes = |on_delete| reference.is_some_and(|r| r.on_delete == on_delete);
    let is_polymorphic = reference.is_some_and(headwater_catalogue::Reference::is_polymorphic);
    [
        ("cascadeDelete", json!(deletes(OnDelete::Cascade))),
        ("restrictedDelete", json!(deletes(OnDelete::Restrict))),
        ("namePointing", json!(is_polymorphic)),
        ("polymorphicForeignKey", json!(is_polymorphic)),
        (
            "referenceTo",
            json!(reference.map_or(&[][..], |r| r.targets.names())),
        ),
        (
            "relationshipName",
            json!(reference.and_then(|r| r.relationship.as_ref())),
        ),
    ]
}

fn picklist_values(field: &Field) -> Value {
    let choices = field
        .kind
        .as_picklist()
        .map_or(&[][..], |list| &list.choices);
    let values = choices.iter().map(|choice| {
        let is_default =
            matches!(&field.default, Some(DefaultValue::Text(v)) if *v == choice.value);
        json!({
            "active": true,
            "defaultValue": is_default,
            "label": choice.label,
            "validFor": null,
            "value": choice.value,
        })
    });
    Value::Array(values.collect())
}

fn default_value(field: &Field) -> Value {
    match &field.default {
        Some(DefaultValue::Boolean(on)) => json!(on),
        Some(DefaultValue::Text(text)) => json!(text),
        Some(DefaultValue::Integer(n)) => json!(n),
        Some(DefaultValue::Now | DefaultValue::Caller) | None => Value::Null,
    }
}

/// The field that gathers this one: an address its parts, a person's name its own.
fn compound_of<'o>(object: &'o Object, field: &Field) -> Option<&'o str> {
    const NAME_PARTS: [&str; 5] = [
        "Salutation",
        "FirstName",
        "MiddleName",
        "LastName",
        "Suffix",
    ];
    let is_person = object.field("LastName").is_some();
    let gathers = |compound: &&Field| match &compound.kind {
        Kind::Address { prefix } => is_address_part(&field.name, prefix),
        _ => compound.name_field && is_person && NAME_PARTS.contains(&&*field.name),
    };
    let compound = object.fields.iter().find(gathers)?;
    Some(&compound.name)
}

fn is_address_part(name: &str, prefix: &str) -> bool {
    const PARTS: [&str; 10] = [
        "Street",
        "City",
        "State",
        "PostalCode",
        "Country",
        "StateCode",
        "CountryCode",
        "Latitude",
        "Longitude",
        "GeocodeAccuracy",
    ];
    name.strip_prefix(prefix)
        .is_some_and(|part| PARTS.contains(&part))
}

/// What describe calls a kind.
pub(crate) fn type_of(kind: &Kind) -> &'static str {
    match kind {
        Kind::Id => "id",
        Kind::Text { .. } | Kind::AutoNumber { .. } => "string",
        Kind::TextArea { .. } => "textarea",
        Kind::Email => "email",
        Kind::Phone => "phone",
        Kind::Url { .. } => "url",
        Kind::Boolean => "boolean",
        Kind::Integer { .. } => "int",
        Kind::Double(_) => "double",
        Kind::Currency(_) => "currency",
        Kind::Percent(_) => "percent",
        Kind::Date => "date",
        Kind::DateTime => "datetime",
        Kind::Time => "time",
        Kind::Picklist(_) => "picklist",
        Kind::MultiPicklist(_) => "multipicklist",
        Kind::Combobox(_) => "combobox",
        Kind::Reference(_) => "reference",
        Kind::Address { .. } => "address",
        Kind::Any => "anyType",
        Kind::Base64(_) => "base64",
    }
}

fn soap_type(kind: &Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Reference(_) => "tns:ID",
        Kind::Boolean => "xsd:boolean",
        Kind::Integer { .. } => "xsd:int",
        Kind::Double(_) | Kind::Currency(_) | Kind::Percent(_) => "xsd:double",
        Kind::Date => "xsd:date",
        Kind::DateTime => "xsd:dateTime",
        Kind::Time => "xsd:time",
        Kind::Address { .. } => "urn:address",
        Kind::Any => "xsd:anyType",
        Kind::Base64(_) => "xsd:base64Binary",
        Kind::Text { .. }
        | Kind::TextArea { .. }
        | Kind::Email
        | Kind::Phone
        | Kind::Url { .. }
        | Kind::Picklist(_)
        | Kind::MultiPicklist(_)
        | Kind::Combobox(_)
        | Kind::AutoNumber { .. } => "xsd:string",
    }
}
