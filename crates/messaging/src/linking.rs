//! Who is it? A new Messaging User is linked to the one contact that their channel's rule finds.
//!
//! One match links; several are a shared number, and nobody is guessed: an agent says who it is, and is
//! told whom it may be and why ([`Messaging::candidates`]). Every link that is made here is a Relink with
//! its rule, and can be undone.

mod candidates;
mod phone;
mod rule;

use std::time::Duration;

use headwater_catalogue::Id;
use headwater_records::relink::{Change, Expected, RelinkRequest};
use headwater_records::{Draft, Error as RecordsError, literal};

use crate::conversation::Channel;
use crate::error::Error;
use crate::messaging::Messaging;
pub use candidates::Candidate;
use rule::{ForNone, ForOne, MatchBy, Rule};

/// The kind of work that linking is.
pub(crate) const LINK: &str = "messaging.link";

/// How long it may take before another node takes over.
const LEASE: Duration = Duration::from_mins(1);

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
        let found = self.matches(&rule, &channel, &user).await?;
        match found.as_slice() {
            [one] if rule.for_one == ForOne::Link => self.link_to(&user, one, rule.by.word()).await,
            [] if rule.for_none == ForNone::Create => {
                self.link_to_new(&rule, &channel, &user).await
            }
            _ => Ok(()),
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
            MatchBy::Key(field) => match key_of(user) {
                Some(key) => self.contacts_of_key(&system, field, key).await?,
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
            reason: Some(to.why.clone()),
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
            MatchBy::Key(field) => key_of(user).map(|key| (field.clone(), key.to_owned())),
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

/// What a customer is known by outside of here: of a verified web visitor what their own site calls them.
/// A guest is known by nothing.
fn key_of(user: &Unlinked) -> Option<&str> {
    let key = user.addresses.first()?;
    match key.strip_prefix("v2/iamessage/") {
        Some(web) => web
            .strip_prefix("AUTH/")?
            .split_once("/uid:")
            .map(|it| it.1),
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
