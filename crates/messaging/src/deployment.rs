//! How a web channel lets visitors in, as its set-up says.

use std::time::Duration;

use headwater_catalogue::{Id, Value};
use headwater_records::{Draft, Error as RecordsError, literal};
use jiff::Timestamp;

use crate::conversation::whole;
use crate::error::Error;
use crate::messaging::Messaging;

/// How long a verified customer's token lasts when the deployment does not say.
const VERIFIED_TIME: Duration = Duration::from_hours(1);

/// Most keysets and parameters of a channel that are read.
const SETUP_MAX: u64 = 100;

/// How visitors are let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Whether only those come in whose token is good.
    pub is_for_verified_only: bool,
    /// Whether somebody whose token is bad comes in as a guest, as if they had brought none.
    pub lets_bad_tokens_in: bool,
    /// How long a guest's token lasts; none when it is not said.
    pub guest_time: Option<Duration>,
    /// How long a verified customer's token lasts.
    pub verified_time: Duration,
}

/// The public keys by which customers' tokens are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyset {
    /// Its record.
    pub id: Id,
    /// Its name: a part of the platform keys of those it lets in.
    pub name: String,
    /// Who signs.
    pub issuer: String,
    /// The keys as a JSON Web Key Set.
    pub keys: Option<String>,
    /// Where they are, when they are not here.
    pub url: Option<String>,
}

impl Messaging {
    /// How a web channel lets visitors in.
    ///
    /// # Errors
    /// The database's.
    pub async fn deployment(&self, channel: Id) -> Result<Deployment, Error> {
        let soql = format!(
            "SELECT BadTokenAction, IsForVerifiedOnly, GuestTokenMinutes, VerifiedTokenMinutes \
             FROM WebDeployment WHERE MessagingChannelId = {}",
            literal(channel.as_str())
        );
        let table = self.one(&soql).await?;
        let row = table.cells(0);
        let time = |field: &str| match row.get(field) {
            Value::Null => None,
            minutes => u64::try_from(whole(minutes)).ok().map(Duration::from_mins),
        };
        Ok(Deployment {
            is_for_verified_only: row.get("IsForVerifiedOnly").is_true(),
            lets_bad_tokens_in: row.text("BadTokenAction") == "LetInAsGuest",
            guest_time: time("GuestTokenMinutes"),
            verified_time: time("VerifiedTokenMinutes").unwrap_or(VERIFIED_TIME),
        })
    }

    /// The keysets of a web channel.
    ///
    /// # Errors
    /// The database's.
    pub async fn keysets(&self, channel: Id) -> Result<Vec<Keyset>, Error> {
        let soql = format!(
            "SELECT Id, DeveloperName, Issuer, Keys, KeysUrl FROM MessagingKeyset \
             WHERE MessagingChannelId = {} ORDER BY DeveloperName",
            literal(channel.as_str())
        );
        let system = self.org().system();
        let table = self.org().browse(&system, &soql, None, SETUP_MAX).await?;
        let keysets = table.rows().filter_map(|row| {
            let text = |field: &str| row.get(field).as_text().map(str::to_owned);
            Some(Keyset {
                id: row.id("Id")?,
                name: text("DeveloperName")?,
                issuer: text("Issuer")?,
                keys: text("Keys"),
                url: text("KeysUrl"),
            })
        });
        Ok(keysets.collect())
    }

    /// Ends a login by the name that its tokens carry: none of them opens anything any more. It is kept
    /// until they would be over by themselves.
    ///
    /// # Errors
    /// The database's.
    pub async fn revoke_login(&self, login: &str, until: Timestamp) -> Result<(), Error> {
        let name = self.name_of_login(login).await?;
        let draft = Draft::new().with("Name", name).with("EndTime", until);
        let system = self.org().system();
        match self.org().create(&system, "RevokedToken", draft).await {
            Ok(_) | Err(RecordsError::Duplicate { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a login was ended.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_revoked(&self, login: &str) -> Result<bool, Error> {
        let name = ("Name", Value::from(self.name_of_login(login).await?));
        let rows = self.org().own("RevokedToken", name, &["EndTime"]).await?;
        Ok(!rows.is_empty())
    }

    /// What a login is kept by: whoever reads it learns nothing that opens anything.
    async fn name_of_login(&self, login: &str) -> Result<String, Error> {
        let key = self.org().server_key().await?;
        let name = key.sign("revoked web login", login.as_bytes());
        let mut half = [0; 16];
        half.copy_from_slice(&name[..16]);
        Ok(format!("{:032x}", u128::from_be_bytes(half)))
    }

    /// Removes what was kept of logins whose tokens are over by now.
    pub(crate) async fn tidy_logins(&self) -> Result<(), Error> {
        let system = self.org().system();
        let soql = format!(
            "SELECT Id FROM RevokedToken WHERE EndTime < {} ORDER BY EndTime",
            self.org().now()
        );
        let table = self.org().browse(&system, &soql, None, SETUP_MAX).await?;
        for id in table.rows().filter_map(|row| row.id("Id")) {
            match self
                .org()
                .delete(&system, "RevokedToken", id.as_str())
                .await
            {
                // Another node tidies as well.
                Ok(()) | Err(RecordsError::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
