//! What is asked of a conversion, and what follows from that alone.

use headwater_catalogue::Id;
use headwater_catalogue::objects::lead::CONVERTED_STATUSES;
use jiff::civil::Date;

use crate::error::{Error, Problem};

/// A lead to convert.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConvertRequest {
    /// The lead.
    pub lead: String,
    /// The status it ends with, which must be one for converted leads; none: the usual one.
    pub status: Option<String>,
    /// The account it becomes part of; none: a new one.
    pub account: Option<String>,
    /// The contact it is, of that account; none: a new one.
    pub contact: Option<String>,
    /// What the opportunity is called; none: as the company.
    pub opportunity_name: Option<String>,
    /// No opportunity is made.
    pub without_opportunity: bool,
    /// Who owns what is made; none: the lead's owner, or the caller where that is a queue.
    pub owner: Option<String>,
}

/// What became of a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Converted {
    /// The lead.
    pub lead: Id,
    /// Its account.
    pub account: Id,
    /// Its contact.
    pub contact: Id,
    /// Its opportunity, if one was made.
    pub opportunity: Option<Id>,
}

/// Fields of the account and the lead's that they are filled from.
pub(super) const OF_ACCOUNT: &[(&str, &str)] = &[
    ("Name", "Company"),
    ("Phone", "Phone"),
    ("Fax", "Fax"),
    ("Website", "Website"),
    ("Industry", "Industry"),
    ("Rating", "Rating"),
    ("AnnualRevenue", "AnnualRevenue"),
    ("NumberOfEmployees", "NumberOfEmployees"),
    ("AccountSource", "LeadSource"),
    ("BillingStreet", "Street"),
    ("BillingCity", "City"),
    ("BillingState", "State"),
    ("BillingPostalCode", "PostalCode"),
    ("BillingCountry", "Country"),
];

/// The same of the contact.
pub(super) const OF_CONTACT: &[(&str, &str)] = &[
    ("FirstName", "FirstName"),
    ("LastName", "LastName"),
    ("Salutation", "Salutation"),
    ("Title", "Title"),
    ("Email", "Email"),
    ("Phone", "Phone"),
    ("MobilePhone", "MobilePhone"),
    ("Fax", "Fax"),
    ("Description", "Description"),
    ("LeadSource", "LeadSource"),
    ("DoNotCall", "DoNotCall"),
    ("HasOptedOutOfEmail", "HasOptedOutOfEmail"),
    ("HasOptedOutOfFax", "HasOptedOutOfFax"),
    ("MailingStreet", "Street"),
    ("MailingCity", "City"),
    ("MailingState", "State"),
    ("MailingPostalCode", "PostalCode"),
    ("MailingCountry", "Country"),
];

/// The status that the lead ends with.
pub(super) fn status(request: &ConvertRequest) -> Result<&'static str, Error> {
    let Some(asked) = &request.status else {
        return Ok(CONVERTED_STATUSES[0]);
    };
    let mut known = CONVERTED_STATUSES.iter();
    let known = known.find(|status| status.eq_ignore_ascii_case(asked));
    known.copied().ok_or_else(|| {
        rule(
            "convertedStatus",
            &format!(
                "invalid convertedStatus: {asked}; converted leads are {}",
                CONVERTED_STATUSES.join(", ")
            ),
        )
    })
}

pub(super) fn rule(argument: &'static str, message: &str) -> Error {
    Error::Invalid(vec![Problem::Rule {
        fields: vec![argument.into()],
        message: message.to_owned(),
    }])
}

/// The last day of a day's quarter.
pub(super) fn end_of_quarter(day: Date) -> Date {
    let month = (day.month() - 1) / 3 * 3 + 3;
    let last = Date::new(day.year(), month, 1).unwrap_or(day);
    last.last_of_month()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_quarter_ends_with_its_third_month() {
        assert_eq!(end_of_quarter(date(2026, 1, 1)), date(2026, 3, 31));
        assert_eq!(end_of_quarter(date(2026, 6, 30)), date(2026, 6, 30));
        assert_eq!(end_of_quarter(date(2026, 11, 29)), date(2026, 12, 31));
    }
}
