//! A channel's account with its carrier.

use headwater_catalogue::{Id, SystemPermission, Value};
use headwater_records::login::Secret;
use headwater_records::{Attempt, Caller, Draft, Error as RecordsError};

use crate::error::Error;
use crate::messaging::Messaging;

/// How a channel is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its record.
    pub id: Id,
    /// The carrier: a value of `ChannelAccount.Carrier`.
    pub carrier: String,
    /// What the carrier calls the account.
    pub key: String,
    /// Where the carrier's API is; none where it usually is.
    pub api_url: Option<String>,
    /// What signs and opens.
    pub secret: Secret,
}

/// How a channel is to be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// The carrier.
    pub carrier: String,
    /// What the carrier calls the account.
    pub key: String,
    /// Where the carrier's API is; none where it usually is.
    pub api_url: Option<String>,
    /// What signs and opens. None keeps the one that is there.
    pub secret: Option<Secret>,
}

const FIELDS: [&str; 4] = ["Carrier", "AccountKey", "ApiUrl", "Secret"];

impl Messaging {
    /// A channel's account with its carrier, if it has one.
    ///
    /// # Errors
    /// The database's.
    pub async fn account(&self, channel: Id) -> Result<Option<Account>, Error> {
        let of_channel = ("MessagingChannelId", Value::Id(channel));
        let rows = self
            .org()
            .own("ChannelAccount", of_channel, &FIELDS)
            .await?;
        let text = |value: &Value| value.as_text().unwrap_or_default().to_owned();
        let account = match rows.first().map(Vec::as_slice) {
            Some([Value::Id(id), carrier, key, url, secret]) => Some(Account {
                id: *id,
                carrier: text(carrier),
                key: text(key),
                api_url: url.as_text().map(str::to_owned),
                secret: Secret::new(text(secret)),
            }),
            _ => None,
        };
        Ok(account)
    }

    /// Says how a channel is reached, in place of what was said before.
    ///
    /// # Errors
    /// [`RecordsError::NotPermitted`] for whoever may not change the set-up; else as for any record.
    pub async fn connect_channel(
        &self,
        caller: &Caller,
        channel: Id,
        account: &NewAccount,
    ) -> Result<(), Error> {
        let permission = SystemPermission::CustomizeApplication;
        if !caller.rights.has(permission) {
            return Err(RecordsError::NotPermitted(permission.field()).into());
        }
        let known = self.account(channel).await?;
        let mut draft = Draft::new()
            .with("Carrier", account.carrier.as_str())
            .with("AccountKey", account.key.as_str())
            .with(
                "ApiUrl",
                account.api_url.as_deref().map_or(Value::Null, Value::from),
            );
        if let Some(secret) = &account.secret {
            draft = draft.with("Secret", secret.expose());
        }
        let system = self.org().system();
        let mut write = self.org().together(caller);
        if let Some(known) = known {
            write
                .update(&system, "ChannelAccount", known.id, &draft, &[])
                .await?;
        } else {
            let draft = draft.with("MessagingChannelId", channel);
            write.create(&system, "ChannelAccount", &draft).await?;
        }
        match write.commit().await? {
            Attempt::Done => Ok(()),
            Attempt::Overtaken => Err(Error::Busy),
        }
    }
}
