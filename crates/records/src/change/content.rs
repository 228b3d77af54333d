//! The bytes of files on their way to a write.

use headwater_catalogue::{Id, Kind, Value};

use super::Change;
use crate::draft::Input;
use crate::error::Problem;
use crate::validate;

/// What a field holds whose bytes have no sheet yet.
const UNPLACED: Value = Value::Integer(0);

impl Change<'_> {
    /// Takes in the bytes of a field, and says in the field beside it how many they are.
    pub(super) fn content(&mut self, place: usize, input: &Input) -> Result<Value, Problem> {
        let field = &self.object.fields[place];
        let bytes = validate::bytes(field, input)?;
        if let Kind::Base64(content) = &field.kind {
            let size = bytes.as_ref().map_or(0, |bytes| bytes.len());
            self.set(&content.size, i64::try_from(size).unwrap_or(i64::MAX));
        }
        let Some(bytes) = bytes else {
            return Ok(Value::Null);
        };
        self.contents.push((place, bytes));
        Ok(UNPLACED)
    }

    /// The bytes that this write puts into a field.
    pub(crate) fn bytes(&self, field: &str) -> Option<&[u8]> {
        let place = self.object.position(field)?;
        let mut contents = self.contents.iter();
        let (_, bytes) = contents.find(|(known, _)| *known == place)?;
        Some(bytes)
    }

    /// Whether a field holds nothing after this write, and nothing is known to be wrong with what it
    /// was to hold.
    pub(crate) fn lacks(&self, field: &str) -> bool {
        let described = self.object.field(field);
        self.holds(field).is_null() && described.is_some_and(|field| !self.is_wrong(field))
    }

    /// Refers to a record that the same write makes before this one.
    pub(crate) fn refer_to_coming(&mut self, field: &str, id: Id) {
        self.coming.push(id);
        self.set(field, id);
    }
}
