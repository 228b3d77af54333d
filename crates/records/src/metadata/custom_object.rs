//! Custom objects: from what is asked for to the struct and the row, and back from the row.

use std::borrow::Cow;

use headwater_catalogue::{
    Catalogue, DefaultValue, Field, KeyPrefix, Kind, Name, Object, OnDelete, Sharing, Value,
};

use super::named_row::NamedRow;
use super::{SharingModel, checked_name, stem, wrong};
use crate::error::Error;

/// How many key prefixes custom objects have among them: `a00` to `azz`.
const PREFIXES: u16 = 62 * 62;

const OWNERS: &[Name] = &[Cow::Borrowed("Group"), Cow::Borrowed("User")];

/// A custom object, as asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomObjectSpec {
    /// The API name, with or without `__c`.
    pub name: String,
    /// What people see for one.
    pub label: String,
    /// What people see for several.
    pub plural: String,
    /// Words for people who make metadata.
    pub description: Option<String>,
    /// `ReadWrite`, `Read` or `Private`; none means `ReadWrite`.
    pub sharing: Option<String>,
    /// The label of the record's name.
    pub name_label: Option<String>,
    /// When given, names are numbers in this format: `INV-{0000}`.
    pub auto_number: Option<String>,
}

/// The struct of the object, with its name and owner fields.
pub(super) fn object(spec: &CustomObjectSpec, prefix: KeyPrefix) -> Result<Object, Error> {
    let name = checked_name(&spec.name)?;
    if spec.label.trim().is_empty() {
        return Err(wrong("label", "the label is missing"));
    }
    let sharing = sharing(spec)?.sharing();
    let owner = Field::polymorphic("OwnerId", OWNERS)
        .label("Owner ID")
        .editable()
        .required()
        .default_value(DefaultValue::Caller)
        .on_delete(OnDelete::Restrict);
    Ok(Object {
        name: Cow::Owned(format!("{name}__c")),
        label: Cow::Owned(spec.label.trim().to_owned()),
        plural: Cow::Owned(plural(spec)),
        prefix,
        fields: Cow::Owned(vec![owner, name_field(spec)?]),
        sharing,
        custom: true,
        recents: true,
        ..Object::new("", "a00", &[])
    })
}

fn sharing(spec: &CustomObjectSpec) -> Result<SharingModel, Error> {
    match spec.sharing.as_deref() {
        None => Ok(SharingModel::ReadWrite),
        Some(name) => SharingModel::of_name(name).ok_or_else(|| {
            wrong(
                "sharingModel",
                format!("'{name}' is not ReadWrite, Read or Private"),
            )
        }),
    }
}

/// Text that a create may leave out, as on Salesforce: then it is the record's id.
fn name_field(spec: &CustomObjectSpec) -> Result<Field, Error> {
    let label = spec
        .name_label
        .clone()
        .unwrap_or_else(|| format!("{} Name", spec.label.trim()));
    let field = match &spec.auto_number {
        Some(format) => Field {
            kind: Kind::AutoNumber {
                format: Cow::Owned(checked_format(format)?),
            },
            ..Field::auto_number("Name", "{0}")
        },
        None => Field::text("Name", 80).editable(),
    };
    Ok(Field {
        label: Cow::Owned(label),
        name_field: true,
        id_lookup: true,
        ..field
    })
}

/// An auto-number's format: text around one `{0…}`.
pub(super) fn checked_format(format: &str) -> Result<String, Error> {
    let inside = format
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    match inside {
        Some((before, (digits, after)))
            if (1..=10).contains(&digits.len())
                && digits.bytes().all(|b| b == b'0')
                && !before.contains('}')
                && !after.contains(['{', '}'])
                && format.len() <= 30 =>
        {
            Ok(format.to_owned())
        }
        _ => Err(wrong(
            "displayFormat",
            format!("'{format}' is not a format such as INV-{{0000}}"),
        )),
    }
}

/// The row of the object.
pub(super) fn row(spec: &CustomObjectSpec, prefix: KeyPrefix) -> Vec<(&'static str, Value)> {
    let text = |text: &Option<String>| Value::from(text.clone());
    let sharing = sharing(spec).map_or("ReadWrite", SharingModel::name);
    let kind = if spec.auto_number.is_some() {
        "AutoNumber"
    } else {
        "Text"
    };
    vec![
        ("DeveloperName", stem(&spec.name).into()),
        ("Label", spec.label.trim().into()),
        ("PluralLabel", plural(spec).into()),
        ("Description", text(&spec.description)),
        ("KeyPrefix", prefix.as_str().into()),
        ("SharingModel", sharing.into()),
        ("NameFieldLabel", text(&spec.name_label)),
        ("NameFieldType", kind.into()),
        ("NameFieldFormat", text(&spec.auto_number)),
    ]
}

fn plural(spec: &CustomObjectSpec) -> String {
    match spec.plural.trim() {
        "" => format!("{}s", spec.label.trim()),
        plural => plural.to_owned(),
    }
}

/// What a row says.
pub(super) fn of_row(row: &NamedRow) -> CustomObjectSpec {
    CustomObjectSpec {
        name: row.text("DeveloperName").unwrap_or_default(),
        label: row.text("Label").unwrap_or_default(),
        plural: row.text("PluralLabel").unwrap_or_default(),
        description: row.text("Description"),
        sharing: row.text("SharingModel"),
        name_label: row.text("NameFieldLabel"),
        auto_number: row.text("NameFieldFormat"),
    }
}

/// The struct that a row stands for.
pub(super) fn object_of_row(row: &NamedRow) -> Result<Object, Error> {
    let prefix = row.text("KeyPrefix").filter(|prefix| {
        prefix.len() == 3 && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    let prefix = prefix.ok_or_else(|| Error::internal("a custom object without a key prefix"))?;
    object(&of_row(row), KeyPrefix::new(&prefix))
}

/// The object as it is, with what its row now says of it.
pub(super) fn renamed(object: &Object, spec: &CustomObjectSpec) -> Result<Object, Error> {
    let fresh = self::object(spec, object.prefix)?;
    let mut changed = Catalogue::own_fields(object);
    changed.label = fresh.label;
    changed.plural = fresh.plural;
    let by_parent = matches!(changed.sharing, Sharing::ControlledByParent(_));
    if !by_parent {
        changed.sharing = fresh.sharing;
    }
    let name = fresh.fields.iter().find(|field| field.name_field);
    let known = changed
        .fields
        .to_mut()
        .iter_mut()
        .find(|field| field.name_field);
    if let (Some(known), Some(name)) = (known, name) {
        known.label.clone_from(&name.label);
    }
    Ok(changed)
}

/// The first key prefix that no object has.
pub(super) fn free_prefix(catalogue: &Catalogue) -> Option<KeyPrefix> {
    (0..PREFIXES)
        .map(KeyPrefix::custom)
        .find(|prefix| catalogue.object_of(*prefix).is_none())
}

/// The name that the row has: without the ending.
pub(super) fn developer_name(name: &str) -> &str {
    stem(name)
}
