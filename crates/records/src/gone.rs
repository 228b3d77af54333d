//! What the change log still says of records that are gone for good.

use crate::error::Error;
use crate::org::Org;

/// How many entries are looked through at a time.
const ENTRIES_TOGETHER: i64 = 5_000;

impl Org {
    /// Goes on through the change log after this entry, and empties a bounded number of those that tell of
    /// records of these objects which are gone for good: their values go, that there was a change stays.
    /// Where to go on; none at the end. For the server's own use.
    ///
    /// # Errors
    /// When there is no such object, or the database is in trouble.
    pub async fn forget_gone(&self, objects: &[&str], after: i64) -> Result<Option<i64>, Error> {
        let newest = *self.newest_change().borrow();
        let until = after.saturating_add(ENTRIES_TOGETHER);
        let catalogue = self.catalogue();
        for name in objects {
            let unknown = || Error::UnknownObject((*name).to_owned());
            let object = catalogue.object(name).ok_or_else(unknown)?;
            self.store().blank_changes(object, after, until).await?;
        }
        Ok((until < newest).then_some(until))
    }
}
