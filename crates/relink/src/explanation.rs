//! Why fields can or cannot be edited, as the server answers it.

use serde::{Deserialize, Serialize};

/// All fields of an object, or of one of its records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanations {
    /// The object.
    pub object: String,
    /// Its label.
    pub label: String,
    /// The record, when one was asked about.
    #[serde(rename = "id")]
    pub record: Option<String>,
    /// Its fields.
    pub fields: Vec<Explanation>,
}

/// Whether the caller may edit a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The object.
    pub object: String,
    /// The field's API name.
    pub field: String,
    /// Its label.
    pub label: String,
    /// The record, when one was asked about.
    #[serde(default, rename = "id")]
    pub record: Option<String>,
    /// Whether the caller may edit it.
    pub editable: bool,
    /// Whether a create may carry it.
    pub createable: bool,
    /// Why not, when it cannot be edited.
    #[serde(default)]
    pub lock: Option<Lock>,
}

/// Why a field cannot be edited, and the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lock {
    /// The first rule that says no.
    pub rule: String,
    /// One sentence for people.
    pub reason: String,
    /// Where the value is edited instead.
    #[serde(default)]
    pub edit_at: Option<EditAt>,
    /// Who could grant the missing right.
    #[serde(default)]
    pub granted_by: Option<String>,
}

/// Where to edit instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditAt {
    /// The object that owns the value.
    pub object: String,
    /// Its field.
    pub field: String,
    /// The record, when one was asked about.
    #[serde(default, rename = "id")]
    pub record: Option<String>,
    /// How many sessions share the value.
    #[serde(default)]
    pub sessions: Option<u64>,
    /// Whether the caller may edit it there.
    #[serde(default)]
    pub editable: bool,
    /// The address of the record.
    #[serde(default)]
    pub url: Option<String>,
}
