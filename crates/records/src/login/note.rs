//! What the server keeps for itself, for all processes on a database.

use headwater_catalogue::Value;

use crate::error::Error;
use crate::org::Org;

impl Org {
    /// What the server has noted under a name. No caller sees it.
    ///
    /// # Errors
    /// The database's.
    pub async fn note(&self, name: &str) -> Result<Option<String>, Error> {
        let row = self.find_one("ServerSecret", "Name", name).await?;
        Ok(row.and_then(|row| row.text("Value").map(str::to_owned)))
    }

    /// Notes something under a name, in the place of what was there.
    ///
    /// # Errors
    /// The database's.
    pub async fn put_note(&self, name: &str, value: &str) -> Result<(), Error> {
        let values = [("Name", Value::from(name)), ("Value", value.into())];
        let known = self.find_one("ServerSecret", "Name", name).await?;
        let operation = match known {
            Some(row) => self.change("ServerSecret", row.id()?, &values, &[])?,
            None => self.insertion("ServerSecret", &values)?.1,
        };
        self.write_as_system(vec![operation]).await?;
        Ok(())
    }
}
