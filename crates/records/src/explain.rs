//! Why a field can or cannot be edited: one implementation behind the console's lock, the REST
//! endpoint, the CLI and the docs' table.

use headwater_catalogue::{Id, Name};

/// The answer for one field and one caller.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The object.
    pub object: Name,
    /// The field.
    pub field: Name,
    /// Its label.
    pub label: Name,
    /// Whether this caller may edit it here (on a record: on this record).
    pub editable: bool,
    /// Whether a create may carry it.
    pub createable: bool,
    /// The first rule that says no; none when it is editable.
    pub lock: Option<Lock>,
}

/// A field that cannot be written, with the reason and the way out.
#[derive(Debug, Clone, PartialEq)]
pub struct Lock {
    /// The object.
    pub object: Name,
    /// The field's API name.
    pub field: Name,
    /// The first rule that says no.
    pub rule: Rule,
    /// One sentence for people.
    pub reason: String,
    /// Where the value is edited instead, if anywhere.
    pub edit_at: Option<EditAt>,
    /// Who could grant the right, when a right is what is missing.
    pub granted_by: Option<String>,
}

/// Where to edit instead.
#[derive(Debug, Clone, PartialEq)]
pub struct EditAt {
    /// The object that owns the value.
    pub object: Name,
    /// Its field.
    pub field: Name,
    /// The record, when a record was asked about.
    pub record: Option<Id>,
    /// How many sessions share that value, when a Messaging User owns it.
    pub sessions: Option<u64>,
}

/// The rules in the order they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The value is inherited; it is edited at its source.
    Inherited,
    /// The value is worked out from others.
    Computed,
    /// The server sets it.
    System,
    /// It is set when the record is made and never again.
    SetOnce,
    /// The object takes no update.
    ObjectReadOnly,
    /// The caller lacks the edit right on the object.
    ObjectRight,
    /// The caller lacks the edit right on the field.
    FieldRight,
    /// The caller does not reach the record for editing.
    RecordAccess,
}
