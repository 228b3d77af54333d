//! Custom fields: from what is asked for to the struct and the row, and back from the row.

use std::borrow::Cow;

use headwater_catalogue::{
    Catalogue, Choice, DefaultValue, Digits, Field, Kind, Object, OnDelete, Picklist, Reference,
    Sharing, Targets, Value,
};

use super::custom_object::checked_format;
use super::named_row::NamedRow;
use super::{checked_name, stem, wrong};
use crate::error::Error;

/// A custom field, as asked for: Salesforce's field metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one entry of the field's metadata"
)]
pub struct CustomFieldSpec {
    /// The object it is on, by its API name.
    pub object: String,
    /// The API name, with or without `__c`.
    pub name: String,
    /// What people see.
    pub label: String,
    /// The type as Salesforce's metadata spells it: `Text`, `Lookup`, ….
    pub kind: String,
    /// Most characters.
    pub length: Option<u32>,
    /// Digits in all.
    pub precision: Option<u8>,
    /// Digits after the point.
    pub scale: Option<u8>,
    /// Whether it may not be empty.
    pub required: bool,
    /// Whether no two records hold the same.
    pub unique: bool,
    /// Whether unique texts compare with their case.
    pub case_sensitive: bool,
    /// Whether records are found by it.
    pub external_id: bool,
    /// Whether its changes are kept.
    pub tracked: bool,
    /// The default: `true` or `false`, a number, or a text.
    pub default_value: Option<String>,
    /// The format of an auto-number.
    pub display_format: Option<String>,
    /// Values and labels of a picklist.
    pub choices: Vec<(String, String)>,
    /// Whether the picklist lets in no others.
    pub restricted: bool,
    /// The object a lookup points to.
    pub reference_to: Option<String>,
    /// The name of the list of children on that object.
    pub relationship_name: Option<String>,
    /// `SetNull`, `Restrict` or `Cascade`.
    pub delete_constraint: Option<String>,
    /// Help for people.
    pub help: Option<String>,
    /// Words for people who make metadata.
    pub description: Option<String>,
}

/// The struct of the field.
pub(super) fn field(spec: &CustomFieldSpec) -> Result<Field, Error> {
    let name = checked_name(&spec.name)?;
    if spec.label.trim().is_empty() {
        return Err(wrong("label", "the label is missing"));
    }
    let kind = kind(spec, name)?;
    let is_number = matches!(kind, Kind::AutoNumber { .. });
    let is_detail = spec.kind.eq_ignore_ascii_case("MasterDetail");
    let is_checkbox = matches!(kind, Kind::Boolean);
    let may_be_unique = matches!(
        kind,
        Kind::Text { .. } | Kind::Email | Kind::Double(_) | Kind::AutoNumber { .. }
    );
    if (spec.unique || spec.external_id) && !may_be_unique {
        return Err(wrong(
            "type",
            format!(
                "a field of type {} cannot be unique or an external id",
                spec.kind
            ),
        ));
    }
    let required = spec.required || is_detail;
    let default = default(spec, &kind)?;
    let fresh = fresh(&kind);
    Ok(Field {
        name: Cow::Owned(format!("{name}__c")),
        label: Cow::Owned(spec.label.trim().to_owned()),
        createable: !is_number,
        updateable: !is_number && !is_detail,
        nillable: !(required || is_checkbox || is_number),
        default,
        unique: spec.unique,
        case_sensitive: spec.case_sensitive,
        external_id: spec.external_id,
        id_lookup: spec.external_id || spec.unique,
        // What must be given cannot be kept from anybody who may make the record.
        permissionable: !required,
        tracked: spec.tracked,
        custom: true,
        help: spec.help.clone().map(Cow::Owned),
        kind,
        ..fresh
    })
}

/// A field with what its kind lets SOQL do.
fn fresh(kind: &Kind) -> Field {
    match kind {
        Kind::TextArea { length } => Field::text_area("", *length),
        Kind::Double(_) => Field::double("", 18, 0),
        Kind::Currency(_) => Field::currency("", 18, 0),
        Kind::Percent(_) => Field::percent("", 18, 0),
        Kind::DateTime => Field::datetime(""),
        Kind::MultiPicklist(_) => Field::multi_picklist("", &[]),
        Kind::AutoNumber { .. } => Field::auto_number("", "{0}"),
        _ => Field::text("", 255),
    }
}

fn kind(spec: &CustomFieldSpec, name: &str) -> Result<Kind, Error> {
    let length = |default: u32, most: u32| match spec.length.unwrap_or(default) {
        length if (1..=most).contains(&length) => Ok(length),
        length => Err(wrong(
            "length",
            format!("a length of {length} is not within 1 to {most}"),
        )),
    };
    let named = spec.kind.to_ascii_lowercase();
    Ok(match named.as_str() {
        "text" => Kind::Text {
            length: length(255, 255)?,
        },
        "textarea" => Kind::TextArea { length: 255 },
        "longtextarea" | "html" => Kind::TextArea {
            length: length(32_768, 131_072)?,
        },
        "email" => Kind::Email,
        "phone" => Kind::Phone,
        "url" => Kind::Url { length: 255 },
        "checkbox" => Kind::Boolean,
        "number" => Kind::Double(digits(spec)?),
        "currency" => Kind::Currency(digits(spec)?),
        "percent" => Kind::Percent(digits(spec)?),
        "date" => Kind::Date,
        "datetime" => Kind::DateTime,
        "time" => Kind::Time,
        "picklist" => Kind::Picklist(picklist(spec)?),
        "multiselectpicklist" => Kind::MultiPicklist(picklist(spec)?),
        "autonumber" => Kind::AutoNumber {
            format: Cow::Owned(checked_format(
                spec.display_format.as_deref().unwrap_or("{0}"),
            )?),
        },
        "lookup" | "masterdetail" => Kind::Reference(reference(spec, name)?),
        _ => {
            return Err(wrong(
                "type",
                format!("there is no field type '{}'", spec.kind),
            ));
        }
    })
}

fn digits(spec: &CustomFieldSpec) -> Result<Digits, Error> {
    let (precision, scale) = (spec.precision.unwrap_or(18), spec.scale.unwrap_or(0));
    if (1..=18).contains(&precision) && scale <= precision {
        return Ok(Digits { precision, scale });
    }
    Err(wrong(
        "precision",
        "a number has 1 to 18 digits, and not more after the point than in all",
    ))
}

fn picklist(spec: &CustomFieldSpec) -> Result<Picklist, Error> {
    let mut choices: Vec<Choice> = Vec::new();
    for (value, label) in &spec.choices {
        let value = value.trim();
        let bad =
            value.is_empty() || value.chars().count() > 255 || value.contains(['\n', '\t', ';']);
        if bad
            || choices
                .iter()
                .any(|known| known.value.eq_ignore_ascii_case(value))
        {
            return Err(wrong(
                "valueSet",
                format!("'{value}' cannot be a value, or is one already"),
            ));
        }
        let label = if label.trim().is_empty() {
            value
        } else {
            label.trim()
        };
        choices.push(Choice {
            value: Cow::Owned(value.to_owned()),
            label: Cow::Owned(label.to_owned()),
        });
    }
    Ok(Picklist {
        choices: Cow::Owned(choices),
        restricted: spec.restricted,
    })
}

fn reference(spec: &CustomFieldSpec, name: &str) -> Result<Reference, Error> {
    let target = spec.reference_to.clone();
    let target =
        target.ok_or_else(|| wrong("referenceTo", "a lookup needs the object it points to"))?;
    let is_detail = spec.kind.eq_ignore_ascii_case("MasterDetail");
    let on_delete = match spec.delete_constraint.as_deref() {
        _ if is_detail => OnDelete::Cascade,
        None | Some("SetNull") if spec.required => OnDelete::Restrict,
        None | Some("SetNull") => OnDelete::Clear,
        Some("Restrict") => OnDelete::Restrict,
        Some("Cascade") => OnDelete::Cascade,
        Some(other) => {
            return Err(wrong(
                "deleteConstraint",
                format!("'{other}' is not SetNull, Restrict or Cascade"),
            ));
        }
    };
    let children = spec.relationship_name.as_deref().map(stem_of_children);
    Ok(Reference {
        targets: Targets::One(Cow::Owned(target)),
        custom_too: false,
        relationship: Some(Cow::Owned(format!("{name}__r"))),
        children: children.map(|children| Cow::Owned(format!("{children}__r"))),
        on_delete,
    })
}

fn stem_of_children(name: &str) -> &str {
    name.strip_suffix("__r").unwrap_or(name)
}

fn default(spec: &CustomFieldSpec, kind: &Kind) -> Result<Option<DefaultValue>, Error> {
    let Some(text) = spec.default_value.as_deref().map(str::trim) else {
        return Ok(matches!(kind, Kind::Boolean).then_some(DefaultValue::Boolean(false)));
    };
    let plain = text.trim_matches(['"', '\'']);
    let not_one = || {
        wrong(
            "defaultValue",
            format!("'{text}' cannot be the default of this field"),
        )
    };
    let value = match kind {
        Kind::Boolean => {
            DefaultValue::Boolean(plain.to_ascii_lowercase().parse().map_err(|_| not_one())?)
        }
        Kind::DateTime if plain.eq_ignore_ascii_case("NOW()") => DefaultValue::Now,
        Kind::Double(_) | Kind::Currency(_) | Kind::Percent(_) | Kind::Integer { .. } => {
            DefaultValue::Integer(plain.parse().map_err(|_| not_one())?)
        }
        Kind::Picklist(list) => {
            let choice = list.find(plain).ok_or_else(not_one)?;
            DefaultValue::Text(choice.value.clone())
        }
        Kind::Text { .. }
        | Kind::TextArea { .. }
        | Kind::Url { .. }
        | Kind::Phone
        | Kind::Email => DefaultValue::Text(Cow::Owned(plain.to_owned())),
        _ => return Err(not_one()),
    };
    Ok(Some(value))
}

/// The object with the field. A detail is seen by whoever sees its master, and has no owner of
/// its own to say otherwise.
pub(super) fn added(object: &Object, field: Field, spec: &CustomFieldSpec) -> Object {
    let mut object = Catalogue::own_fields(object);
    if spec.kind.eq_ignore_ascii_case("MasterDetail") && object.custom {
        object.sharing = Sharing::ControlledByParent(field.name.clone());
    }
    object.fields.to_mut().push(field);
    object
}

/// The row of the field. Its object stands there as Salesforce's `TableEnumOrId` has it: a built-in
/// one by name, a custom one by the id of its row.
pub(super) fn row(spec: &CustomFieldSpec, table: &str) -> Vec<(&'static str, Value)> {
    let text = |text: &Option<String>| Value::from(text.clone());
    let choices = spec.choices.iter().map(line).collect::<Vec<_>>().join("\n");
    vec![
        ("TableEnumOrId", table.into()),
        ("DeveloperName", stem(&spec.name).into()),
        ("Label", spec.label.trim().into()),
        ("Type", type_name(&spec.kind).into()),
        ("Length", spec.length.map(i64::from).into()),
        ("Precision", spec.precision.map(i64::from).into()),
        ("Scale", spec.scale.map(i64::from).into()),
        ("IsRequired", spec.required.into()),
        ("IsUnique", spec.unique.into()),
        ("IsCaseSensitive", spec.case_sensitive.into()),
        ("IsExternalId", spec.external_id.into()),
        ("IsHistoryTracked", spec.tracked.into()),
        ("DefaultValue", text(&spec.default_value)),
        ("DisplayFormat", text(&spec.display_format)),
        (
            "PicklistValues",
            Some(choices).filter(|choices| !choices.is_empty()).into(),
        ),
        ("IsPicklistRestricted", spec.restricted.into()),
        ("ReferenceTo", text(&spec.reference_to)),
        ("RelationshipName", text(&spec.relationship_name)),
        ("DeleteConstraint", text(&spec.delete_constraint)),
        ("InlineHelpText", text(&spec.help)),
        ("Description", text(&spec.description)),
    ]
}

/// A value of a picklist as a line of its column: with its label, if that is another text.
fn line((value, label): &(String, String)) -> String {
    match (value.trim(), label.trim()) {
        (value, "") => value.to_owned(),
        (value, label) if value == label => value.to_owned(),
        (value, label) => format!("{value}\t{label}"),
    }
}

fn of_line(line: &str) -> (String, String) {
    let (value, label) = line.split_once('\t').unwrap_or((line, line));
    (value.to_owned(), label.to_owned())
}

/// The type as the catalogue's list of them spells it.
fn type_name(kind: &str) -> String {
    let types = headwater_catalogue::objects::custom_field::OBJECT;
    let known = types.field("Type").and_then(|field| {
        field
            .kind
            .as_picklist()?
            .find(kind)
            .map(|choice| choice.value.to_string())
    });
    known.unwrap_or_else(|| "LongTextArea".to_owned())
}

/// What a row says. `object` is the API name of what its `TableEnumOrId` stands for.
pub(super) fn of_row(object: &str, row: &NamedRow) -> CustomFieldSpec {
    let choices = row.text("PicklistValues").unwrap_or_default();
    CustomFieldSpec {
        object: object.to_owned(),
        name: row.text("DeveloperName").unwrap_or_default(),
        label: row.text("Label").unwrap_or_default(),
        kind: row.text("Type").unwrap_or_default(),
        length: row.number("Length"),
        precision: row.number("Precision"),
        scale: row.number("Scale"),
        required: row.is_true("IsRequired"),
        unique: row.is_true("IsUnique"),
        case_sensitive: row.is_true("IsCaseSensitive"),
        external_id: row.is_true("IsExternalId"),
        tracked: row.is_true("IsHistoryTracked"),
        default_value: row.text("DefaultValue"),
        display_format: row.text("DisplayFormat"),
        choices: choices.lines().map(of_line).collect(),
        restricted: row.is_true("IsPicklistRestricted"),
        reference_to: row.text("ReferenceTo"),
        relationship_name: row.text("RelationshipName"),
        delete_constraint: row.text("DeleteConstraint"),
        help: row.text("InlineHelpText"),
        description: row.text("Description"),
    }
}

/// The object with the field in the place of the one of its name.
pub(super) fn replaced(object: &Object, field: Field) -> Result<Object, Error> {
    let mut object = Catalogue::own_fields(object);
    let known = object
        .fields
        .to_mut()
        .iter_mut()
        .find(|known| known.name == field.name);
    let Some(known) = known else {
        let text = format!("{} has no field {}", object.name, field.name);
        return Err(wrong("fullName", text));
    };
    // What is stored already would mean another number.
    if known.kind.value_type() != field.kind.value_type() {
        return Err(wrong(
            "scale",
            "the digits after the point cannot change once the field is made",
        ));
    }
    *known = field;
    Ok(object)
}
