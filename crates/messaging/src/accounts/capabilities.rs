//! What a service of the organization's own can show its customers, as it has said itself.

use headwater_catalogue::Id;
use headwater_records::{Attempt, Caller, Draft, Error as RecordsError};
use serde::{Deserialize, Serialize};

use super::Account;
use crate::error::Error;
use crate::messaging::Messaging;

/// What a service can show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Most characters of a text; none where it sets no limit.
    pub text_characters_max: Option<usize>,
    /// The files that it takes; none when it takes none.
    pub files: Option<FileCapabilities>,
    /// How it shows answers to choose from; none when it cannot.
    pub choices: Option<ChoiceCapabilities>,
}

/// Which files a service takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCapabilities {
    /// Most bytes of one; none where it sets no limit.
    pub bytes_max: Option<usize>,
    /// The media types that it takes; empty where it takes all.
    pub media_types: Vec<String>,
}

/// How a service shows answers to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceCapabilities {
    /// As which format of the schema.
    pub format: String,
    /// Most answers of a message; none where it sets no limit.
    pub items_max: Option<usize>,
}

impl Capabilities {
    /// As an account holds them; none when it holds none.
    pub(super) fn of(kept: &str) -> Option<Self> {
        serde_json::from_str(kept).ok()
    }

    /// As which format so many answers are shown; none when they are not.
    pub fn shows(&self, choices: usize) -> Option<&str> {
        let how = self.choices.as_ref()?;
        let is_fitting = how.items_max.is_none_or(|most| choices <= most);
        is_fitting.then_some(how.format.as_str())
    }
}

impl Messaging {
    /// Keeps what the service of these accounts can show, in place of what it has said before. That the caller
    /// is that service was asked before.
    ///
    /// # Errors
    /// The database's.
    pub async fn register_capabilities(
        &self,
        caller: &Caller,
        accounts: &[Account],
        capabilities: &Capabilities,
    ) -> Result<(), Error> {
        let kept = serde_json::to_string(capabilities)
            .map_err(|error| RecordsError::Internal(Box::new(error)))?;
        let system = self.org().system();
        let mut write = self.org().together(caller);
        let mut is_other = false;
        for account in accounts {
            if account.capabilities.as_ref() == Some(capabilities) {
                continue;
            }
            is_other = true;
            let draft = Draft::new().with("Capabilities", kept.as_str());
            write
                .update(&system, "ChannelAccount", account.id, &draft, &[])
                .await?;
        }
        if !is_other {
            return Ok(());
        }
        match write.commit().await? {
            Attempt::Done => Ok(()),
            Attempt::Overtaken => Err(Error::Busy),
        }
    }

    /// Most characters of one message on a channel of this type.
    ///
    /// # Errors
    /// The database's.
    pub async fn text_characters_max(&self, channel: Id, kind: &str) -> Result<usize, Error> {
        let own = match self.able(channel, kind).await? {
            Some(able) => able.text_characters_max,
            None => None,
        };
        let most = crate::outbound::MESSAGE_CHARACTERS_MAX;
        Ok(own.map_or(most, |own| own.min(most)))
    }

    /// What the service of a channel has said that it can show; none for all other carriers.
    async fn able(&self, channel: Id, kind: &str) -> Result<Option<Capabilities>, Error> {
        if !super::may_hear(kind) {
            return Ok(None);
        }
        let account = self.account(channel).await?;
        Ok(account.and_then(|account| account.capabilities))
    }
}
