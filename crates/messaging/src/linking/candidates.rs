//! Contacts that a Messaging User may be, with what speaks for each.

use headwater_catalogue::Id;
use headwater_records::{Caller, Cells, Error as RecordsError, literal};
use phonenumber::PhoneNumber;

use super::phone::is_same;
use super::{Match, Unlinked, email_of, known_by, number_of};
use crate::error::Error;
use crate::messaging::Messaging;

/// Fields of a contact that hold a number of theirs.
const PHONES: [&str; 4] = ["Phone", "MobilePhone", "HomePhone", "OtherPhone"];

/// The last digits by which contacts are looked for before whole numbers are compared.
const DIGITS_LOOKED_FOR: usize = 7;

/// Most contacts that are compared. Where more end alike, none of them is taken.
const CONTACTS_MAX: u64 = 200;

/// Most contacts that are offered.
const OFFERED_MAX: usize = 5;

/// Most contacts of one key that are looked at: more than one is too many already.
const OF_KEY_MAX: u64 = 10;

/// A contact that somebody may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The contact.
    pub contact: Id,
    /// What it is called.
    pub name: String,
    /// Its account, with its name.
    pub account: Option<(Id, String)>,
    /// What speaks for it, the strongest first.
    pub reasons: Vec<String>,
    weight: u32,
}

impl Messaging {
    /// Contacts that this Messaging User may be, as far as the caller sees them, the likeliest first; none
    /// when nothing speaks for anybody.
    ///
    /// # Errors
    /// The database's.
    pub async fn candidates(&self, caller: &Caller, user: Id) -> Result<Vec<Candidate>, Error> {
        let soql = format!(
            "SELECT Id, Name, MessagingPlatformKey, MessagingChannelId FROM MessagingEndUser \
             WHERE Id = {}",
            literal(user.as_str())
        );
        let table = self.org().browse(caller, &soql, None, 1).await?;
        let Some(row) = table.first() else {
            return Ok(Vec::new());
        };
        let Some(channel) = row.id("MessagingChannelId") else {
            return Ok(Vec::new());
        };
        let Some(channel) = self.channel_if_on(channel).await? else {
            return Ok(Vec::new());
        };
        let mut user = Unlinked {
            id: user,
            name: row.text("Name").to_owned(),
            addresses: vec![row.text("MessagingPlatformKey").to_owned()],
        };
        user.addresses.extend(self.addresses(user.id).await?);
        let mut found = Found::default();
        if let Some(number) = number_of(&channel, &user) {
            let region = channel.country.as_deref();
            let those = seen(self.contacts_with(caller, &number, region).await)?;
            found.add(8, those);
            let those = seen(self.linked_elsewhere(caller, &user, &number).await)?;
            found.add(4, those);
        }
        if let Some(email) = email_of(&user) {
            let those = seen(self.contacts_of_key(caller, "Email", email).await)?;
            found.add(8, those);
        }
        let rule = self.linking_rule(&channel).await?;
        let known = rule.as_ref().and_then(|rule| known_by(&rule.by, &user));
        if let Some((field, key)) = known.filter(|(field, _)| *field != "Email") {
            let those = seen(self.contacts_of_key(caller, field, key).await)?;
            found.add(8, those);
        }
        let those = seen(self.contacts_called(caller, &user.name).await)?;
        found.add(1, those);
        if let Some(condition) = rule.and_then(|rule| rule.condition) {
            let those = self.fitting(caller, &condition, found.matches()).await;
            found.add(2, seen(those)?);
        }
        self.named(caller, found).await
    }

    /// The contacts that have this number, each once.
    pub(super) async fn contacts_with(
        &self,
        caller: &Caller,
        number: &PhoneNumber,
        region: Option<&str>,
    ) -> Result<Vec<Match>, Error> {
        let digits = number.national().value().to_string();
        let from = digits.len().saturating_sub(DIGITS_LOOKED_FOR);
        let soql = format!("SELECT Id, AccountId, {} FROM Contact", PHONES.join(", "));
        let ends_alike = self
            .org()
            .look_up(caller, &soql, &digits[from..], CONTACTS_MAX);
        let table = ends_alike.await?;
        if table.rows().len() as u64 >= CONTACTS_MAX {
            return Ok(Vec::new());
        }
        let matching = |row: Cells<'_>| {
            let same = PHONES.into_iter().find_map(|field| {
                let written = row.text(field);
                let theirs = super::phone::number(written, region)?;
                is_same(&theirs, number).then(|| written.to_owned())
            });
            Some(Match {
                contact: row.id("Id")?,
                account: row.id("AccountId"),
                why: format!("The contact's number {} is the sender's", same?),
            })
        };
        Ok(table.rows().filter_map(matching).collect())
    }

    /// The contacts in a field of which somebody's key stands.
    pub(super) async fn contacts_of_key(
        &self,
        caller: &Caller,
        field: &str,
        key: &str,
    ) -> Result<Vec<Match>, Error> {
        let soql = format!(
            "SELECT Id, AccountId FROM Contact WHERE {field} = {}",
            literal(key)
        );
        let table = self.org().browse(caller, &soql, None, OF_KEY_MAX).await?;
        let matching = |row: Cells<'_>| {
            Some(Match {
                contact: row.id("Id")?,
                account: row.id("AccountId"),
                why: format!("The contact's {field} is the sender's key {key}"),
            })
        };
        Ok(table.rows().filter_map(matching).collect())
    }

    /// The contacts that the same number is linked to on other channels.
    async fn linked_elsewhere(
        &self,
        caller: &Caller,
        user: &Unlinked,
        number: &PhoneNumber,
    ) -> Result<Vec<Match>, Error> {
        let plain = number.format().mode(phonenumber::Mode::E164).to_string();
        let keys = [
            literal(&plain),
            literal(plain.trim_start_matches('+')),
            literal(&format!("whatsapp:{plain}")),
        ];
        let soql = format!(
            "SELECT Id, ContactId, Contact.AccountId, MessagingChannel.MasterLabel \
             FROM MessagingEndUser WHERE MessagingPlatformKey IN ({}) AND ContactId != null AND \
             Id != {}",
            keys.join(", "),
            literal(user.id.as_str())
        );
        let table = self.org().browse(caller, &soql, None, OF_KEY_MAX).await?;
        let matching = |row: Cells<'_>| {
            let channel = row.text("MessagingChannel.MasterLabel");
            Some(Match {
                contact: row.id("ContactId")?,
                account: row.id("Contact.AccountId"),
                why: format!("The same number is theirs on {channel}"),
            })
        };
        Ok(table.rows().filter_map(matching).collect())
    }

    /// The contacts of this name.
    async fn contacts_called(&self, caller: &Caller, name: &str) -> Result<Vec<Match>, Error> {
        let soql = format!(
            "SELECT Id, AccountId FROM Contact WHERE Name = {}",
            literal(name)
        );
        let table = self.org().browse(caller, &soql, None, OF_KEY_MAX).await?;
        let matching = |row: Cells<'_>| {
            Some(Match {
                contact: row.id("Id")?,
                account: row.id("AccountId"),
                why: "They have the same name".to_owned(),
            })
        };
        Ok(table.rows().filter_map(matching).collect())
    }

    /// The likeliest of those that were found, with what people call them.
    async fn named(&self, caller: &Caller, found: Found) -> Result<Vec<Candidate>, Error> {
        let mut candidates = found.candidates;
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.weight));
        candidates.truncate(OFFERED_MAX);
        if candidates.is_empty() {
            return Ok(candidates);
        }
        let ids = candidates.iter().map(|one| literal(one.contact.as_str()));
        let ids: Vec<_> = ids.collect();
        let soql = format!(
            "SELECT Id, Name, AccountId, Account.Name FROM Contact WHERE Id IN ({})",
            ids.join(", ")
        );
        let most = OFFERED_MAX as u64;
        let table = match self.org().browse(caller, &soql, None, most).await {
            Err(RecordsError::Soql { .. }) => return Ok(Vec::new()),
            browsed => browsed?,
        };
        for row in table.rows() {
            let known = candidates
                .iter_mut()
                .find(|one| Some(one.contact) == row.id("Id"));
            if let Some(candidate) = known {
                row.text("Name").clone_into(&mut candidate.name);
                let account = row.text("Account.Name").to_owned();
                candidate.account = row.id("AccountId").map(|id| (id, account));
            }
        }
        candidates.retain(|candidate| !candidate.name.is_empty());
        Ok(candidates)
    }
}

/// What somebody may not see is not there for them.
fn seen<T: Default>(found: Result<T, Error>) -> Result<T, Error> {
    match found {
        Err(Error::Records(RecordsError::Soql { .. })) => Ok(T::default()),
        found => found,
    }
}

/// Those that were found so far.
#[derive(Default)]
struct Found {
    candidates: Vec<Candidate>,
}

impl Found {
    /// Those of them of whom a rule's condition is to be asked.
    fn matches(&self) -> Vec<Match> {
        let found = self.candidates.iter();
        found
            .map(|candidate| Match {
                contact: candidate.contact,
                account: None,
                why: "The condition of the channel's rule is true of them".to_owned(),
            })
            .collect()
    }

    fn add(&mut self, weight: u32, those: Vec<Match>) {
        for Match { contact, why, .. } in those {
            let mut known = self.candidates.iter_mut();
            if let Some(candidate) = known.find(|one| one.contact == contact) {
                candidate.weight += weight;
                candidate.reasons.push(why);
                continue;
            }
            self.candidates.push(Candidate {
                contact,
                name: String::new(),
                account: None,
                reasons: vec![why],
                weight,
            });
        }
    }
}
