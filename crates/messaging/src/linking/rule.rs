//! A channel's linking rule, as it is set up.

use headwater_catalogue::Id;
use headwater_records::literal;
use tracing::warn;

use crate::conversation::Channel;
use crate::error::Error;
use crate::messaging::Messaging;

/// What a channel does about a new Messaging User.
pub(super) struct Rule {
    pub(super) by: MatchBy,
    pub(super) for_none: ForNone,
    pub(super) for_one: ForOne,
    /// What must be true of a contact besides: what stands after WHERE in a query of contacts.
    pub(super) condition: Option<String>,
}

/// What of a contact is compared.
pub(super) enum MatchBy {
    /// Its phone numbers.
    Phone,
    /// This field, with what the channel knows a customer by.
    Key(String),
    /// Its email address, with one that the customer is known by.
    Email,
    /// This field, with what the customer's own site calls whom it has vouched for.
    Subject(String),
}

/// What happens when nobody fits.
#[derive(PartialEq, Eq)]
pub(super) enum ForNone {
    Ask,
    Create,
}

/// What happens when one contact fits.
#[derive(PartialEq, Eq)]
pub(super) enum ForOne {
    Ask,
    Link,
}

impl MatchBy {
    /// `Relink.Rule`.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Phone => "PhoneMatch",
            Self::Key(_) => "KeyMatch",
            Self::Email => "EmailMatch",
            Self::Subject(_) => "SubjectMatch",
        }
    }
}

impl Messaging {
    /// Whether somebody new on this channel is to be looked for.
    pub(crate) async fn looks_for_contacts(&self, channel: &Channel) -> Result<bool, Error> {
        Ok(channel.links_contacts || self.rule_record(channel.id).await?.is_some())
    }

    /// The channel's rule. One that has none and prefers contacts links the one with the number.
    pub(super) async fn linking_rule(&self, channel: &Channel) -> Result<Option<Rule>, Error> {
        match self.rule_record(channel.id).await? {
            Some(rule) => Ok(Some(rule)),
            None => Ok(channel.links_contacts.then_some(Rule {
                by: MatchBy::Phone,
                for_none: ForNone::Ask,
                for_one: ForOne::Link,
                condition: None,
            })),
        }
    }

    async fn rule_record(&self, channel: Id) -> Result<Option<Rule>, Error> {
        let soql = format!(
            "SELECT Id, MatchBy, ContactField, ContactCondition, ActionForNoRecordFound, \
             ActionForSingleRecordFound FROM ChannelObjectLinkingRule WHERE MessagingChannelId = {}",
            literal(channel.as_str())
        );
        let table = self.one(&soql).await?;
        let Some(row) = table.first() else {
            return Ok(None);
        };
        let by = match row.text("MatchBy") {
            "Email" => MatchBy::Email,
            by @ ("Key" | "Subject") => {
                let field = row.text("ContactField");
                let Some(field) = self.contact_field(field) else {
                    warn!(%channel, field, "a linking rule names no field of Contact");
                    return Ok(None);
                };
                match by {
                    "Key" => MatchBy::Key(field),
                    _ => MatchBy::Subject(field),
                }
            }
            _ => MatchBy::Phone,
        };
        Ok(Some(Rule {
            by,
            for_none: match row.text("ActionForNoRecordFound") {
                "CreateNewRecordAndLink" => ForNone::Create,
                _ => ForNone::Ask,
            },
            for_one: match row.text("ActionForSingleRecordFound") {
                "PromptAgent" => ForOne::Ask,
                _ => ForOne::Link,
            },
            condition: Some(row.text("ContactCondition"))
                .filter(|condition| !condition.is_empty())
                .map(str::to_owned),
        }))
    }

    /// A field of Contact by its name, as the catalogue spells it.
    fn contact_field(&self, name: &str) -> Option<String> {
        let catalogue = self.org().catalogue();
        let field = catalogue.object("Contact")?.field(name)?;
        Some(field.name.to_string())
    }
}
