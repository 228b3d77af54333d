//! A channel's account with its carrier.

mod capabilities;
mod check;
mod facts;
mod files;

use headwater_catalogue::{Id, SystemPermission, Value};
use headwater_records::login::Secret;
use headwater_records::{Attempt, Caller, Draft, Error as RecordsError, literal};

use crate::carrier::{Outgoing, Sender, Undelivered};
use crate::conversation::whole;
use crate::error::Error;
use crate::health::Sign;
use crate::messaging::Messaging;

pub use capabilities::{Capabilities, ChoiceCapabilities, FileCapabilities};
use check::checked;
pub use facts::{Asked, CARRIERS, CarrierFacts};
pub use files::FileFacts;

/// What a test says.
const TEST: &str = "This is a test. If you can read it, this channel can send.";

/// How a channel is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its record.
    pub id: Id,
    /// The channel it is of.
    pub channel: Id,
    /// The carrier: a value of `ChannelAccount.Carrier`.
    pub carrier: String,
    /// What the carrier calls the account.
    pub key: String,
    /// Where the carrier's API is; none where it usually is.
    pub api_url: Option<String>,
    /// Messages that are sent in a second at most; none: as many as the carrier takes as a rule.
    pub messages_per_second_max: Option<u32>,
    /// What opens the carrier's API, and signs where the carrier has nothing else for it.
    pub secret: Secret,
    /// What the carrier signs with, where that is something else.
    pub signing_secret: Option<Secret>,
    /// By what the carrier shows that it was told our address by us.
    pub verify_token: Option<Secret>,
    /// What a service of the organization's own has said that it can show; none while it has said nothing.
    pub capabilities: Option<Capabilities>,
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
    /// Messages that are sent in a second at most; none: as many as the carrier takes as a rule.
    pub messages_per_second_max: Option<u32>,
    /// What opens the carrier's API. None keeps the one that is there.
    pub secret: Option<Secret>,
    /// What the carrier signs with. None keeps the one that is there.
    pub signing_secret: Option<Secret>,
}

const FIELDS: [&str; 9] = [
    "MessagingChannelId",
    "Carrier",
    "AccountKey",
    "ApiUrl",
    "MessagesPerSecondMax",
    "Secret",
    "SigningSecret",
    "VerifyToken",
    "Capabilities",
];

impl Messaging {
    /// A channel's account with its carrier, if it has one.
    ///
    /// # Errors
    /// The database's.
    pub async fn account(&self, channel: Id) -> Result<Option<Account>, Error> {
        let of_channel = ("MessagingChannelId", Value::Id(channel));
        Ok(self.accounts(of_channel).await?.into_iter().next())
    }

    /// The accounts, of whatever channels, that a carrier calls by this key.
    ///
    /// # Errors
    /// The database's.
    pub async fn accounts_keyed(&self, carrier: &str, key: &str) -> Result<Vec<Account>, Error> {
        let keyed = ("AccountKey", Value::from(key));
        let mut accounts = self.accounts(keyed).await?;
        accounts.retain(|account| account.carrier == carrier);
        Ok(accounts)
    }

    async fn accounts(&self, these: (&str, Value)) -> Result<Vec<Account>, Error> {
        let rows = self.org().own("ChannelAccount", these, &FIELDS).await?;
        Ok(rows.iter().filter_map(|row| account_of(row)).collect())
    }

    /// Says how a channel is reached, in place of what was said before.
    ///
    /// # Errors
    /// [`Error::Account`] when the carrier cannot be reached so; [`RecordsError::NotPermitted`] for whoever
    /// may not change the set-up; else as for any record.
    pub async fn connect_channel(
        &self,
        caller: &Caller,
        channel: Id,
        account: &NewAccount,
    ) -> Result<(), Error> {
        may_change(caller)?;
        let known = self.account(channel).await?;
        let kind = self.type_of(channel).await?;
        let account = &checked(account, known.as_ref(), &kind)?;
        let rate = account.messages_per_second_max.map(i64::from);
        let mut draft = Draft::new()
            .with("Carrier", account.carrier.as_str())
            .with("AccountKey", account.key.as_str())
            .with(
                "ApiUrl",
                account.api_url.as_deref().map_or(Value::Null, Value::from),
            )
            .with(
                "MessagesPerSecondMax",
                rate.map_or(Value::Null, Value::Integer),
            );
        if let Some(secret) = &account.secret {
            draft = draft.with("Secret", secret.expose());
        }
        let changes_carrier = known
            .as_ref()
            .is_some_and(|known| known.carrier != account.carrier);
        match &account.signing_secret {
            Some(secret) => draft = draft.with("SigningSecret", secret.expose()),
            // Another carrier's is nothing to go on with.
            None if changes_carrier => draft = draft.with("SigningSecret", Value::Null),
            None => {}
        }
        if changes_carrier {
            draft = draft.with("Capabilities", Value::Null);
        }
        if known
            .as_ref()
            .is_none_or(|known| known.verify_token.is_none())
        {
            draft = draft.with("VerifyToken", self.identifier());
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

    /// Asks a channel's carrier who we are there, and tells it where to call us if it takes that from a
    /// program: what it calls the account.
    ///
    /// # Errors
    /// [`Error::Carrier`] when it does not know us or cannot be asked; [`RecordsError::NotPermitted`].
    pub async fn introduce(&self, caller: &Caller, channel: Id) -> Result<String, Error> {
        may_change(caller)?;
        let carrier = self.carrier().ok_or_else(no_carrier)?;
        match carrier.introduce(channel).await {
            Ok(name) => Ok(name),
            Err(failure) => Err(self.failed(channel, &failure).await),
        }
    }

    /// Sends a test to an address, past all sessions.
    ///
    /// # Errors
    /// [`Error::Carrier`] when the carrier does not take it; [`RecordsError::NotPermitted`].
    pub async fn send_test(&self, caller: &Caller, channel: Id, to: &str) -> Result<(), Error> {
        may_change(caller)?;
        let carrier = self.carrier().ok_or_else(no_carrier)?;
        let outgoing = Outgoing {
            channel,
            from: self.address_of(channel).await?,
            to: to.to_owned(),
            conversation: None,
            sender: Sender::default(),
            at: self.org().now(),
            text: TEST.to_owned(),
            files: Vec::new(),
            choices: Vec::new(),
            template: None,
            id: channel,
        };
        match carrier.send(&outgoing).await {
            Ok(_) => {
                self.note_sign(channel, Sign::Sent).await;
                Ok(())
            }
            Err(failure) => Err(self.failed(channel, &failure).await),
        }
    }

    /// `MessageType` of a channel, switched on or not.
    async fn type_of(&self, id: Id) -> Result<String, Error> {
        let soql = format!(
            "SELECT MessageType FROM MessagingChannel WHERE Id = {}",
            literal(id.as_str())
        );
        let table = self.one(&soql).await?;
        let kind = table.first().map(|row| row.text("MessageType").to_owned());
        kind.ok_or_else(|| RecordsError::NotFound(id.to_string()).into())
    }

    /// The address of a channel that is switched on, such as its phone number.
    async fn address_of(&self, id: Id) -> Result<String, Error> {
        let soql = format!(
            "SELECT MessagingPlatformKey FROM MessagingChannel WHERE Id = {} AND IsActive = true",
            literal(id.as_str())
        );
        let table = self.one(&soql).await?;
        let address = table
            .first()
            .map(|row| row.text("MessagingPlatformKey").to_owned());
        address.ok_or_else(|| Error::NoSuchChannel(id.to_string()))
    }

    /// Notes that a carrier did not do what it was asked for, and says so.
    async fn failed(&self, channel: Id, failure: &Undelivered) -> Error {
        let text = format!("{}: {}", failure.code, failure.reason);
        self.note_failure(channel, &text).await;
        Error::Carrier(text)
    }
}

fn may_change(caller: &Caller) -> Result<(), Error> {
    let permission = SystemPermission::CustomizeApplication;
    if caller.rights.has(permission) {
        return Ok(());
    }
    Err(RecordsError::NotPermitted(permission.field()).into())
}

fn no_carrier() -> Error {
    Error::Carrier("this server sends no messages".to_owned())
}

fn account_of(row: &[Value]) -> Option<Account> {
    let [
        Value::Id(id),
        Value::Id(channel),
        carrier,
        key,
        url,
        rate,
        secret,
        signing,
        verify,
        capabilities,
    ] = row
    else {
        return None;
    };
    let text = |value: &Value| value.as_text().unwrap_or_default().to_owned();
    let own_secret = |value: &Value| value.as_text().map(Secret::new);
    Some(Account {
        id: *id,
        channel: *channel,
        carrier: text(carrier),
        key: text(key),
        api_url: url.as_text().map(str::to_owned),
        messages_per_second_max: u32::try_from(whole(rate)).ok().filter(|rate| *rate > 0),
        secret: Secret::new(text(secret)),
        signing_secret: own_secret(signing),
        verify_token: own_secret(verify),
        capabilities: capabilities.as_text().and_then(Capabilities::of),
    })
}

/// Whether a channel of this type can have a carrier that hears what happens in sessions.
pub(crate) fn may_hear(kind: &str) -> bool {
    let can_be = |facts: &CarrierFacts| facts.hears && facts.types.contains(&kind);
    CARRIERS.iter().any(can_be)
}
