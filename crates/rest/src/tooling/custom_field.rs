//! Custom fields in the Tooling API's form: a full name and Salesforce's field metadata.

use axum::response::Response;
use headwater_records::{Caller, CustomFieldSpec, Draft};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{body_of, changed, created, renamed, text};
use crate::call::Call;
use crate::error::Failure;

#[derive(Deserialize)]
struct Body {
    /// `Account.Ext__c`.
    #[serde(rename = "FullName")]
    full_name: String,
    #[serde(rename = "Metadata")]
    metadata: Metadata,
}

/// What of Salesforce's field metadata means something here. Clients send more; it is let pass.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one entry of the field's metadata"
)]
struct Metadata {
    #[serde(rename = "type")]
    kind: String,
    label: String,
    length: Option<u32>,
    precision: Option<u8>,
    scale: Option<u8>,
    required: bool,
    unique: bool,
    case_sensitive: bool,
    external_id: bool,
    track_history: bool,
    default_value: Option<Value>,
    display_format: Option<String>,
    value_set: Option<ValueSet>,
    reference_to: Option<String>,
    relationship_name: Option<String>,
    delete_constraint: Option<String>,
    inline_help_text: Option<String>,
    description: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ValueSet {
    restricted: bool,
    value_set_definition: ValueSetDefinition,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ValueSetDefinition {
    value: Vec<PicklistValue>,
}

/// A value of a picklist: `valueName` in the Tooling API, `fullName` in files.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PicklistValue {
    #[serde(alias = "fullName")]
    value_name: String,
    label: Option<String>,
    default: bool,
}

pub(crate) async fn create(call: Call, caller: Caller) -> Result<Response, Failure> {
    let body: Body = body_of(&call)?;
    let (object, name) = body.full_name.split_once('.').ok_or_else(|| {
        let message = "FullName is the object's name, a point and the field's name";
        Failure::bad_request("INVALID_FIELD_VALUE_FORMAT", message)
    })?;
    let spec = body.metadata.spec(object, name);
    let id = call.state.org.create_custom_field(&caller, spec).await?;
    Ok(created(&call, "CustomField", id))
}

impl Metadata {
    fn spec(self, object: &str, name: &str) -> CustomFieldSpec {
        let value_set = self.value_set.unwrap_or_default();
        let values = value_set.value_set_definition.value;
        let default = values.iter().find(|value| value.default);
        let default = default.map(|value| value.value_name.clone());
        let choices = values.into_iter().map(|value| {
            let label = value.label.unwrap_or_else(|| value.value_name.clone());
            (value.value_name, label)
        });
        CustomFieldSpec {
            object: object.to_owned(),
            name: name.to_owned(),
            label: self.label,
            kind: self.kind,
            length: self.length,
            precision: self.precision,
            scale: self.scale,
            required: self.required,
            unique: self.unique,
            case_sensitive: self.case_sensitive,
            external_id: self.external_id,
            tracked: self.track_history,
            default_value: self
                .default_value
                .and_then(|value| default_text(&value))
                .or(default),
            display_format: self.display_format,
            choices: choices.collect(),
            restricted: value_set.restricted,
            reference_to: self.reference_to,
            relationship_name: self.relationship_name,
            delete_constraint: self.delete_constraint,
            help: self.inline_help_text,
            description: self.description,
        }
    }
}

/// A default comes as text, or as the JSON value it is.
fn default_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

const RENAMED: [(&str, &str); 17] = [
    ("Type", "type"),
    ("Label", "label"),
    ("Length", "length"),
    ("Precision", "precision"),
    ("Scale", "scale"),
    ("IsRequired", "required"),
    ("IsUnique", "unique"),
    ("IsCaseSensitive", "caseSensitive"),
    ("IsExternalId", "externalId"),
    ("IsHistoryTracked", "trackHistory"),
    ("DefaultValue", "defaultValue"),
    ("DisplayFormat", "displayFormat"),
    ("ReferenceTo", "referenceTo"),
    ("RelationshipName", "relationshipName"),
    ("DeleteConstraint", "deleteConstraint"),
    ("InlineHelpText", "inlineHelpText"),
    ("Description", "description"),
];

/// `Account.Ext__c`.
pub(crate) fn full_name(row: &Map<String, Value>, object: &str) -> String {
    format!("{object}.{}__c", text(row, "DeveloperName"))
}

/// The metadata of a row.
pub(crate) fn metadata(row: &Map<String, Value>) -> Map<String, Value> {
    let mut metadata = renamed(row, &RENAMED);
    let choices = text(row, "PicklistValues");
    if !choices.is_empty() {
        let default = text(row, "DefaultValue");
        let values = choices.lines().map(|line| {
            let (value, label) = line.split_once('\t').unwrap_or((line, line));
            json!({ "valueName": value, "label": label, "default": value == default })
        });
        let value_set = json!({
            "restricted": row.get("IsPicklistRestricted"),
            "valueSetDefinition": { "sorted": false, "value": values.collect::<Vec<_>>() },
        });
        metadata.remove("defaultValue");
        metadata.insert("valueSet".to_owned(), value_set);
    }
    metadata
}

/// What of the row metadata wants otherwise.
pub(crate) fn difference(row: &Map<String, Value>, wanted: &Map<String, Value>) -> Draft {
    let mut wanted = wanted.clone();
    let value_set = wanted.remove("valueSet").map(serde_json::from_value);
    let Some(Ok(ValueSet {
        restricted,
        value_set_definition: ValueSetDefinition { value: values },
    })) = value_set
    else {
        return changed(row, &wanted, &RENAMED);
    };
    let lines = values.iter().map(|value| match &value.label {
        Some(label) => format!("{}\t{label}", value.value_name),
        None => value.value_name.clone(),
    });
    let lines = lines.collect::<Vec<_>>().join("\n");
    let default = values.iter().find(|value| value.default);
    let default = default.map(|value| value.value_name.clone());
    wanted.insert("defaultValue".to_owned(), json!(default));
    changed(row, &wanted, &RENAMED)
        .with("PicklistValues", lines)
        .with("IsPicklistRestricted", restricted)
}
