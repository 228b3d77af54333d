//! The bytes of files on their way to a write.

use headwater_catalogue::{Kind, Value};

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
}
