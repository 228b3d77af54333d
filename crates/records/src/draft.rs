//! A draft: what a caller wants in a record, before anything is checked.

use std::sync::Arc;

use headwater_catalogue::Value;

/// Field names with what they should hold. A field that is not in the draft stays as it is; one
/// with [`Input::Null`] is emptied. The three are never mixed up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// Names as given, in the order given.
    pub fields: Vec<(String, Input)>,
}

/// A value as a door read it, not yet of the field's kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Empty the field.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number, as its digits stood in the body, so that no precision is lost.
    Number(String),
    /// Text; also how dates, ids and picklist values arrive.
    Text(String),
    /// A value that already has its kind: from the server's own code.
    Value(Value),
    /// The bytes of a file, as they came.
    Bytes(Arc<[u8]>),
    /// A parent named by one of its external ids: `"Account": {"Ext__c": "x"}`.
    Parent {
        /// The field the parent is found by.
        field: String,
        /// Its value.
        value: String,
    },
}

impl Draft {
    /// An empty draft.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more field.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Input>) -> Self {
        self.fields.push((field.to_owned(), value.into()));
        self
    }

    /// What the draft says of a field, ignoring case; none when it says nothing.
    pub fn get(&self, field: &str) -> Option<&Input> {
        self.fields
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(field))
            .map(|(_, input)| input)
    }
}

impl<T: Into<Value>> From<T> for Input {
    fn from(value: T) -> Self {
        match value.into() {
            Value::Null => Self::Null,
            value => Self::Value(value),
        }
    }
}
