//! Custom objects in the Tooling API's form: a full name and Salesforce's object metadata.

use axum::response::Response;
use headwater_records::{Caller, CustomObjectSpec, Draft};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{body_of, changed, created, renamed, text};
use crate::call::Call;
use crate::error::Failure;

#[derive(Deserialize)]
struct Body {
    /// `Boat__c`.
    #[serde(rename = "FullName")]
    full_name: String,
    #[serde(rename = "Metadata")]
    metadata: Metadata,
}

/// What of Salesforce's object metadata means something here. Clients send more; it is let pass.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    label: String,
    plural_label: String,
    description: Option<String>,
    sharing_model: Option<String>,
    name_field: NameField,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct NameField {
    label: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    display_format: Option<String>,
}

/// The format of numbers whose create names none.
const FORMAT: &str = "{0000}";

pub(crate) async fn create(call: Call, caller: Caller) -> Result<Response, Failure> {
    let Body {
        full_name,
        metadata,
    } = body_of(&call)?;
    let name_field = metadata.name_field;
    let is_number = name_field
        .kind
        .is_some_and(|kind| kind.eq_ignore_ascii_case("AutoNumber"));
    let format = name_field
        .display_format
        .unwrap_or_else(|| FORMAT.to_owned());
    let spec = CustomObjectSpec {
        name: full_name,
        label: metadata.label,
        plural: metadata.plural_label,
        description: metadata.description,
        sharing: metadata.sharing_model,
        name_label: name_field.label,
        auto_number: is_number.then_some(format),
    };
    let id = call.state.org.create_custom_object(&caller, spec).await?;
    Ok(created(&call, "CustomObject", id))
}

const RENAMED: [(&str, &str); 4] = [
    ("Label", "label"),
    ("PluralLabel", "pluralLabel"),
    ("Description", "description"),
    ("SharingModel", "sharingModel"),
];

const NAME_FIELD_RENAMED: [(&str, &str); 3] = [
    ("NameFieldLabel", "label"),
    ("NameFieldType", "type"),
    ("NameFieldFormat", "displayFormat"),
];

/// `Boat__c`.
pub(crate) fn full_name(row: &Map<String, Value>) -> String {
    format!("{}__c", text(row, "DeveloperName"))
}

/// The metadata of a row.
pub(crate) fn metadata(row: &Map<String, Value>) -> Map<String, Value> {
    let mut metadata = renamed(row, &RENAMED);
    metadata.insert("deploymentStatus".to_owned(), json!("Deployed"));
    let name_field = renamed(row, &NAME_FIELD_RENAMED);
    metadata.insert("nameField".to_owned(), Value::Object(name_field));
    metadata
}

/// What of the row metadata wants otherwise.
pub(crate) fn difference(row: &Map<String, Value>, wanted: &Map<String, Value>) -> Draft {
    let mut draft = changed(row, wanted, &RENAMED);
    if let Some(Value::Object(name_field)) = wanted.get("nameField") {
        let more = changed(row, name_field, &NAME_FIELD_RENAMED);
        draft.fields.extend(more.fields);
    }
    draft
}
