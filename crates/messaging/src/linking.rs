//! Who is it? A new Messaging User is linked to the one contact that has its number.
//!
//! Numbers are compared as the numbering plan has them, whatever way they are written. One match links;
//! several are a shared number, and nobody is guessed: an agent says who it is.

use std::time::Duration;

use headwater_catalogue::Id;
use headwater_records::relink::{Change, Expected, RelinkRequest};
use headwater_records::{Cells, Error as RecordsError, literal};
use phonenumber::{PhoneNumber, country};

use crate::error::Error;
use crate::messaging::Messaging;

/// The kind of work that linking is.
pub(crate) const LINK: &str = "messaging.link";

/// How long it may take before another node takes over.
const LEASE: Duration = Duration::from_mins(1);

/// Fields of a contact that hold a number of theirs.
const PHONES: [&str; 4] = ["Phone", "MobilePhone", "HomePhone", "OtherPhone"];

/// The last digits by which contacts are looked for before whole numbers are compared.
const DIGITS_LOOKED_FOR: usize = 7;

/// Most contacts that are compared. Where more end alike, nobody is linked.
const CONTACTS_MAX: u64 = 200;

/// A contact with the number.
struct Match {
    contact: Id,
    account: Option<Id>,
    phone: String,
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
            "SELECT Id, MessagingPlatformKey, MessagingChannelId, ContactId, AccountId \
             FROM MessagingEndUser WHERE Id = {}",
            literal(user)
        );
        let table = self.one(&soql).await?;
        let Some(row) = table.first() else {
            return Ok(());
        };
        let is_linked = row.id("ContactId").or(row.id("AccountId")).is_some();
        let channel = match row.id("MessagingChannelId") {
            Some(channel) if !is_linked => self.channel(channel).await?,
            _ => return Ok(()),
        };
        let region = channel.country.as_deref();
        let (Some(id), true) = (row.id("Id"), has_numbers(&channel.kind)) else {
            return Ok(());
        };
        let mut addresses = vec![row.text("MessagingPlatformKey").to_owned()];
        addresses.extend(self.addresses(id).await?);
        let mut numbers = addresses.iter();
        let Some(number) = numbers.find_map(|text| number_of_address(text, region)) else {
            return Ok(());
        };
        let found = self.contacts_with(&number, region).await?;
        let [one] = found.as_slice() else {
            return Ok(());
        };
        let request = RelinkRequest {
            messaging_users: vec![user.to_owned()],
            contact: Change::Set(one.contact.to_string()),
            account: one
                .account
                .map_or(Change::Keep, |account| Change::Set(account.to_string())),
            reason: Some(format!(
                "The contact's number {} is the sender's",
                one.phone
            )),
            dry_run: false,
            expected: vec![Expected {
                messaging_user: user.to_owned(),
                account: Change::Clear,
                contact: Change::Clear,
            }],
        };
        let system = self.org().system();
        self.org().relink_by(&system, request, "PhoneMatch").await?;
        Ok(())
    }

    /// The contacts that have this number, each once.
    async fn contacts_with(
        &self,
        number: &PhoneNumber,
        region: Option<&str>,
    ) -> Result<Vec<Match>, Error> {
        let digits = number.national().value().to_string();
        let from = digits.len().saturating_sub(DIGITS_LOOKED_FOR);
        let soql = format!("SELECT Id, AccountId, {} FROM Contact", PHONES.join(", "));
        let system = self.org().system();
        let ends_alike = self
            .org()
            .look_up(&system, &soql, &digits[from..], CONTACTS_MAX);
        let table = ends_alike.await?;
        if table.rows().len() as u64 >= CONTACTS_MAX {
            return Ok(Vec::new());
        }
        let matching = |row: Cells<'_>| {
            let same = PHONES.into_iter().find_map(|field| {
                let written = row.text(field);
                let theirs = self::number(written, region)?;
                is_same(&theirs, number).then(|| written.to_owned())
            });
            Some(Match {
                contact: row.id("Id")?,
                account: row.id("AccountId"),
                phone: same?,
            })
        };
        Ok(table.rows().filter_map(matching).collect())
    }
}

/// Whether customers of a channel of this type are known by phone numbers. The ids of others have digits
/// too, and would be somebody's number by chance.
fn has_numbers(kind: &str) -> bool {
    matches!(kind, "Text" | "WhatsApp")
}

/// The number that a customer's address is. Carriers write it with digits alone, while an id of theirs
/// has letters (`US.13491208655302741918`), whatever number its digits would make.
fn number_of_address(address: &str, region: Option<&str>) -> Option<PhoneNumber> {
    let bare = address.strip_prefix("whatsapp:").unwrap_or(address);
    let has_letters = bare.chars().any(char::is_alphabetic);
    (!has_letters).then(|| number(bare, region)).flatten()
}

/// A text as a number of the world's numbering plan; none when it is none.
fn number(text: &str, region: Option<&str>) -> Option<PhoneNumber> {
    let text = text.strip_prefix("whatsapp:").unwrap_or(text);
    let region: Option<country::Id> = region.and_then(|region| region.parse().ok());
    phonenumber::parse(region, text).ok()
}

/// Extensions aside: a carrier tells none.
fn is_same(one: &PhoneNumber, other: &PhoneNumber) -> bool {
    one.country().code() == other.country().code()
        && one.national().value() == other.national().value()
}

#[cfg(test)]
mod tests {
    use super::{is_same, number, number_of_address};

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let plain = number("+12025550147", None).unwrap();
        for written in ["+1 202-555-0147", "(202) 555-0147", "whatsapp:+12025550147"] {
            assert!(
                is_same(&number(written, Some("US")).unwrap(), &plain),
                "{written}"
            );
        }
        let german = number("+4915112345678", None).unwrap();
        assert!(is_same(
            &number("0151 12345678", Some("DE")).unwrap(),
            &german
        ));
        assert!(!is_same(&plain, &german));
    }

    #[test]
    fn what_is_no_number_is_none() {
        assert!(number("Jordan", Some("US")).is_none());
        assert!(number_of_address("US.2025550147", Some("US")).is_none());
        assert!(number_of_address("whatsapp:+12025550147", None).is_some());
        assert!(number("202-555-0147", None).is_none(), "without a country");
    }
}
