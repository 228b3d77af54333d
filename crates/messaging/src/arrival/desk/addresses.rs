//! A customer whom a carrier names by more than one address: by a phone number, by an id of the
//! carrier's, or by both. Whichever it names next, it is the same Messaging User.

use headwater_catalogue::Id;
use headwater_records::{Draft, literal};
use tracing::info;

use super::Desk;
use crate::conversation::{Channel, Party};
use crate::error::Error;
use crate::linking;
use crate::messaging::Messaging;

/// Most addresses of one Messaging User that are looked at.
const ADDRESSES_MAX: u64 = 100;

impl Messaging {
    /// Whom a customer's addresses stand for.
    pub(crate) async fn party_of(
        &self,
        channel: &Channel,
        address: &str,
        phone: Option<&str>,
    ) -> Result<Party, Error> {
        let party = self.party(channel.id, address).await?;
        if party.user.is_some() || !has_several_addresses(channel) {
            return Ok(party);
        }
        for address in [Some(address), phone].into_iter().flatten() {
            if let Some(key) = self.key_of(channel.id, address).await? {
                return self.party(channel.id, &key).await;
            }
        }
        Ok(party)
    }

    /// The platform key of the Messaging User who has this address, as their key or beside it.
    async fn key_of(&self, channel: Id, address: &str) -> Result<Option<String>, Error> {
        let (channel, address) = (literal(channel.as_str()), literal(address));
        let soql = format!(
            "SELECT MessagingPlatformKey FROM MessagingEndUser WHERE MessagingChannelId = {channel} \
             AND MessagingPlatformKey = {address}"
        );
        if let Some(row) = self.one(&soql).await?.first() {
            return Ok(Some(row.text("MessagingPlatformKey").to_owned()));
        }
        let soql = format!(
            "SELECT MessagingEndUser.MessagingPlatformKey FROM MessagingUserAddress \
             WHERE MessagingChannelId = {channel} AND Address = {address}"
        );
        let table = self.one(&soql).await?;
        let key = table
            .first()
            .map(|row| row.text("MessagingEndUser.MessagingPlatformKey").to_owned());
        Ok(key)
    }

    /// The addresses of a Messaging User beside their key.
    pub(crate) async fn addresses(&self, user: Id) -> Result<Vec<String>, Error> {
        let records = self.address_records(user).await?;
        Ok(records.into_iter().map(|(_, address)| address).collect())
    }

    /// The same, each with its record.
    pub(crate) async fn address_records(&self, user: Id) -> Result<Vec<(Id, String)>, Error> {
        let soql = format!(
            "SELECT Id, Address FROM MessagingUserAddress WHERE MessagingEndUserId = {} ORDER BY Id",
            literal(user.as_str())
        );
        let system = self.org().system();
        let table = self
            .org()
            .browse(&system, &soql, None, ADDRESSES_MAX)
            .await?;
        let record = |row: headwater_records::Cells<'_>| {
            Some((row.id("Id")?, row.text("Address").to_owned()))
        };
        Ok(table.rows().filter_map(record).collect())
    }
}

impl Desk<'_> {
    /// What a new Messaging User is known by: a phone number, which people know as well, where there
    /// is one.
    pub(super) fn key(&self) -> &str {
        self.phone.as_deref().unwrap_or(&self.address)
    }

    /// Keeps those addresses of the customer that are not known yet.
    pub(super) async fn learn_addresses(&mut self) -> Result<(), Error> {
        let Some(user) = self.party.user.clone() else {
            return Ok(());
        };
        let addresses = [Some(self.address.clone()), self.phone.clone()];
        let others = addresses.into_iter().flatten();
        let others: Vec<_> = others.filter(|address| *address != user.key).collect();
        if others.is_empty() || !has_several_addresses(&self.channel) {
            return Ok(());
        }
        let known = self.messaging.addresses(user.id).await?;
        for address in others {
            if known.contains(&address) {
                continue;
            }
            if let Some(key) = self.messaging.key_of(self.channel.id, &address).await? {
                if key != user.key {
                    info!(user = %user.id, "an address of a customer is another Messaging User's");
                }
                continue;
            }
            let draft = Draft::new()
                .with("MessagingEndUserId", user.id)
                .with("MessagingChannelId", self.channel.id)
                .with("Address", address.as_str());
            let write = &mut self.write;
            write
                .create(&self.system, "MessagingUserAddress", &draft)
                .await?;
            if self.messaging.looks_for_contacts(&self.channel).await? {
                let at = self.write.at();
                self.write.later(linking::LINK, user.id.as_str(), at, None);
            }
        }
        Ok(())
    }
}

/// Whether the carriers of a channel name one customer by several addresses.
fn has_several_addresses(channel: &Channel) -> bool {
    channel.kind == "WhatsApp"
}
