//! Who is it? A new Messaging User is linked to the one contact that their channel's rule finds.
//!
//! One match links; several are a shared number, and nobody is guessed: an agent says who it is, and is
//! told whom it may be and why ([`Messaging::candidates`]). Every link that is made here is a Relink with
//! its rule, and can be undone.

mod candidates;
pub(crate) mod phone;
mod rule;

use std::fmt::Write as _;
use std::time::Duration;

use headwater_catalogue::Id;
use headwater_records::relink::{Change, Expected, RelinkRequest};
use headwater_records::{Caller, Draft, Error as RecordsError, literal};
use tracing::warn;

use crate::conversation::Channel;
use crate::error::Error;
use crate::messaging::Messaging;
pub use candidates::Candidate;
use rule::{ForNone, ForOne, MatchBy, Rule};

/// The kind of work that linking is.
pub(crate) const LINK: &str = "messaging.link";

/// How long it may take before another node takes over.
const LEASE: Duration = Duration::from_mins(1);

/// Most characters of a relink's reason.
const REASON_CHARACTERS_MAX: usize = 255;

/// Most contacts of which a rule's condition is asked.
const FITTING_MAX: usize = 200;

/// A Messaging User who is to be linked.
struct Unlinked {
    id: Id,
    name: String,
    /// Their platform key, and their other addresses.
    addresses: Vec<String>,
}

/// A contact that fits a rule.
struct Match {
    contact: Id,
    account: Option<Id>,
    /// What fits, for people.
    why: String,
}

impl Messaging {
    /// Links the new Messaging User that has waited longest, if one waits: whether there was one.
    pub(crate) async fn link_next(&self) -> Result<bool, Error> {
        let Some(work) = self.org().claim_work(LINK, LEASE).await? else {
            return Ok(false);
        };
        match self.link(&work.payload).await {
            // Somebody said who it is meanwhile, and knows better.
            Ok(())
            | Err(Error::Records(RecordsError::Changed { .. } | RecordsError::Invalid(_))) => {
                self.org().work_done(&work).await?;
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    async fn link(&self, user: &str) -> Result<(), Error> {
        let soql = format!(
            "SELECT Id, Name, MessagingPlatformKey, MessagingChannelId FROM MessagingEndUser \
             WHERE Id = {} AND ContactId = null AND AccountId = null",
            literal(user)
        );
        let table = self.one(&soql).await?;
        let Some(row) = table.first() else {
            return Ok(());
        };
        let (Some(id), Some(channel)) = (row.id("Id"), row.id("MessagingChannelId")) else {
            return Ok(());
        };
        let channel = self.channel(channel).await?;
        let Some(rule) = self.linking_rule(&channel).await? else {
            return Ok(());
        };
        let mut user = Unlinked {
            id,
            name: row.text("Name").to_owned(),
            addresses: vec![row.text("MessagingPlatformKey").to_owned()],
        };
        user.addresses.extend(self.addresses(id).await?);
        let matches = self.matches(&rule, &channel, &user).await?;
        if matches.is_empty() {
            return match rule.for_none {
                ForNone::Create => self.link_to_new(&rule, &channel, &user).await,
                ForNone::Ask => Ok(()),
            };
        }
        let fitting = match &rule.condition {
            Some(condition) => self.narrowed(condition, matches).await?,
            None => matches,
        };
        // Of several nobody is guessed, and for one whom the condition leaves out nobody is made anew.
        match fitting.as_slice() {
            [one] if rule.for_one == ForOne::Link => self.link_to(&user, one, rule.by.word()).await,
            _ => Ok(()),
        }
    }

    /// Those of these contacts of which a rule's condition is true.
    async fn fitting(
        &self,
        caller: &Caller,
        condition: &str,
        matches: Vec<Match>,
    ) -> Result<Vec<Match>, Error> {
        let ids = matches.iter().take(FITTING_MAX);
        let ids: Vec<_> = ids.map(|one| literal(one.contact.as_str())).collect();
        let soql = format!(
            "SELECT Id FROM Contact WHERE Id IN ({}) AND ({condition})",
            ids.join(", ")
        );
        let most = FITTING_MAX as u64;
        let table = self.org().browse(caller, &soql, None, most).await?;
        let fit: Vec<Id> = table.rows().filter_map(|row| row.id("Id")).collect();
        let mut fitting = matches;
        fitting.retain(|one| fit.contains(&one.contact));
        Ok(fitting)
    }

    /// As [`Messaging::fitting`], with the condition among what speaks for each.
    async fn narrowed(&self, condition: &str, matches: Vec<Match>) -> Result<Vec<Match>, Error> {
        let system = self.org().system();
        match self.fitting(&system, condition, matches).await {
            Ok(mut fitting) => {
                for one in &mut fitting {
                    let _ = write!(one.why, "; {condition}");
                }
                Ok(fitting)
            }
            // It was right when it was written down; a field of it may be gone since.
            Err(Error::Records(error @ RecordsError::Soql { .. })) => {
                warn!(%error, condition, "a linking rule's condition cannot be asked any more");
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// The contacts that a rule finds, each once.
    async fn matches(
        &self,
        rule: &Rule,
        channel: &Channel,
        user: &Unlinked,
    ) -> Result<Vec<Match>, Error> {
        let system = self.org().system();
        let found = match &rule.by {
            MatchBy::Phone => match number_of(channel, user) {
                Some(number) => {
                    let region = channel.country.as_deref();
                    self.contacts_with(&system, &number, region).await?
                }
                None => Vec::new(),
            },
            by => match known_by(by, user) {
                Some((field, key)) => self.contacts_of_key(&system, field, key).await?,
                None => Vec::new(),
            },
        };
        Ok(found)
    }

    async fn link_to(&self, user: &Unlinked, to: &Match, rule: &'static str) -> Result<(), Error> {
        let request = RelinkRequest {
            messaging_users: vec![user.id.to_string()],
            contact: Change::Set(to.contact.to_string()),
            account: to
                .account
                .map_or(Change::Keep, |account| Change::Set(account.to_string())),
            reason: Some(to.why.chars().take(REASON_CHARACTERS_MAX).collect()),
            dry_run: false,
            expected: vec![Expected {
                messaging_user: user.id.to_string(),
                account: Change::Clear,
                contact: Change::Clear,
            }],
        };
        let system = self.org().system();
        self.org().relink_by(&system, request, rule).await?;
        Ok(())
    }

    /// Makes a contact of what is known. If the server ends in between, the contact is found by what it
    /// was made of.
    async fn link_to_new(
        &self,
        rule: &Rule,
        channel: &Channel,
        user: &Unlinked,
    ) -> Result<(), Error> {
        let mut draft = Draft::new().with("LastName", user.name.as_str());
        let known = match &rule.by {
            MatchBy::Phone => number_of(channel, user).map(|number| {
                let text = number.format().mode(phonenumber::Mode::E164).to_string();
                ("MobilePhone".to_owned(), text)
            }),
            by => known_by(by, user).map(|(field, key)| (field.to_owned(), key.to_owned())),
        };
        // Nobody would find a contact again of which nothing is known.
        let Some((field, value)) = known else {
            return Ok(());
        };
        draft = draft.with(&field, value.as_str());
        let system = self.org().system();
        let contact = self.org().create(&system, "Contact", draft).await?;
        let made = Match {
            contact,
            account: None,
            why: format!("A contact was made for {value}, who was nobody's"),
        };
        self.link_to(user, &made, "NewContact").await
    }
}

/// The first of a customer's addresses that is a phone number.
fn number_of(channel: &Channel, user: &Unlinked) -> Option<phonenumber::PhoneNumber> {
    let region = channel.country.as_deref();
    let mut addresses = user.addresses.iter();
    phone::has_numbers(&channel.kind)
        .then(|| addresses.find_map(|text| phone::number_of_address(text, region)))
        .flatten()
}

/// The field of contacts that a rule compares, and with what.
fn known_by<'a>(by: &'a MatchBy, user: &'a Unlinked) -> Option<(&'a str, &'a str)> {
    match by {
        MatchBy::Phone => None,
        MatchBy::Key(field) => Some((field.as_str(), key_of(user)?)),
        MatchBy::Email => Some(("Email", email_of(user)?)),
        MatchBy::Subject(field) => Some((field.as_str(), subject_of(user)?)),
    }
}

/// What their own site calls a web visitor whom it has vouched for.
fn subject_of(user: &Unlinked) -> Option<&str> {
    let key = user.addresses.first()?.strip_prefix("v2/iamessage/AUTH/")?;
    key.split_once("/uid:").map(|(_, subject)| subject)
}

/// The email address that a customer is known by, if they are known by one.
fn email_of(user: &Unlinked) -> Option<&str> {
    let others = user.addresses.iter().skip(1).map(String::as_str);
    let mut known = key_of(user).into_iter().chain(others);
    known.find(|key| key.contains('@'))
}

/// What a customer is known by outside of here: of a verified web visitor what their own site calls them.
/// A guest is known by nothing.
fn key_of(user: &Unlinked) -> Option<&str> {
    let key = user.addresses.first()?;
    match key.strip_prefix("v2/iamessage/") {
        Some(_) => subject_of(user),
        None => Some(key.strip_prefix("whatsapp:").unwrap_or(key)),
    }
}

#[cfg(test)]
mod tests {
    use headwater_catalogue::Id;

    use super::{Unlinked, key_of};

    #[test]
    fn a_verified_visitor_has_a_key_and_a_guest_has_none() {
        let key = |address: &str| {
            let user = Unlinked {
                id: "0PA000000000001AAA".parse::<Id>().unwrap(),
                name: String::new(),
                addresses: vec![address.to_owned()],
            };
            key_of(&user).map(str::to_owned)
        };
        assert_eq!(
            key("v2/iamessage/AUTH/Shop/uid:ada@example.com").as_deref(),
            Some("ada@example.com")
        );
        assert_eq!(key("v2/iamessage/UNAUTH/NA/uid:1234"), None);
        assert_eq!(key("5551234").as_deref(), Some("5551234"));
    }
}
