//! What the server's own code knows of a record and no door shows: fields that are internal.

use headwater_catalogue::Value;

use crate::error::Error;
use crate::org::Org;
use crate::selection::Selection;

impl Org {
    /// Some fields of the records whose field holds this value, each row beginning with the record's
    /// id. For the server's own use: it asks nobody's rights, and tells nothing to anybody.
    ///
    /// # Errors
    /// When there is no such object or field, or the database is in trouble.
    pub async fn own(
        &self,
        object: &str,
        (field, value): (&str, Value),
        fields: &[&str],
    ) -> Result<Vec<Vec<Value>>, Error> {
        let selection = Selection::of(&self.catalogue(), object)?
            .fields(fields)?
            .equal(field, value)?;
        selection.rows(self.store()).await
    }
}
