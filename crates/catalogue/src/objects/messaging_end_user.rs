//! One customer address on one channel: a phone number, a page-scoped id, a web identity.
//!
//! The one place where a customer's account and contact are kept; every session of the Messaging
//! User inherits them.

use std::borrow::Cow;

use super::shared::{CHANNEL_TYPES, LANGUAGES, owner_or_queue};
use crate::{Choice, Columns, Field, Formula, Index, Keeps, Object, OnDelete, Rollup, SearchClass};

const MESSAGING_CONSENT_STATUSES: &[Choice] = &Choice::labelled_list([
    ("OptedOut", "Opted Out"),
    ("ImplicitlyOptedIn", "Implicitly Opted In"),
    ("ExplicitlyOptedIn", "Explicitly Opted In"),
    ("DoublyOptedIn", "Doubly Opted In"),
]);

const OPTED_IN: Formula = Formula::ConsentReached {
    given: Cow::Borrowed("MessagingConsentStatus"),
    required: Cow::Borrowed("MessagingChannel.ConsentType"),
};

const fn of_sessions(keeps: Keeps) -> Rollup {
    Rollup {
        object: Cow::Borrowed("MessagingSession"),
        reference: Cow::Borrowed("MessagingEndUserId"),
        keeps,
    }
}

const OF_ACCOUNT: Columns =
    &[Index::ascending("AccountId"), Index::descending("LatestSessionStartTime")];
const OF_CONTACT: Columns =
    &[Index::ascending("ContactId"), Index::descending("LatestSessionStartTime")];
const ADDRESS: Columns =
    &[Index::ascending("MessagingChannelId"), Index::ascending("MessagingPlatformKey")];

const INDEXES: &[Index] =
    &[Index::on(OF_ACCOUNT), Index::on(OF_CONTACT), Index::on(ADDRESS).unique()];

const FIELDS: &[Field] = &[
    owner_or_queue("Owner ID").tracked(),
    Field::text("Name", 255)
        .label("Messaging User Name")
        .editable()
        .required()
        .id_lookup()
        .name_field()
        .tracked(),
    Field::reference("MessagingChannelId", "MessagingChannel")
        .label("Messaging Channel ID")
        .set_once()
        .required()
        .on_delete(OnDelete::Restrict),
    Field::restricted_picklist("MessageType", CHANNEL_TYPES)
        .label("Message Type")
        .set_once()
        .required(),
    Field::text("MessagingPlatformKey", 255)
        .searched_as(SearchClass::Phone)
        .label("Messaging Platform Key")
        .set_once()
        .required(),
    Field::text("Locale", 255).set_once(),
    Field::url("ProfilePictureUrl", 1024).label("Profile Picture URL").set_once(),
    Field::boolean("HasInitialResponseSent")
        .label("Has Initial Response Been Sent")
        .editable()
        .permissionable()
        .tracked(),
    Field::reference("AccountId", "Account")
        .label("Account ID")
        .editable()
        .permissionable()
        .tracked()
        .children("MessagingEndUsers"),
    Field::reference("ContactId", "Contact")
        .label("Contact ID")
        .editable()
        .permissionable()
        .tracked()
        .children("MessagingEndUsers"),
    Field::text("IsoCountryCode", 10).label("ISO Country Code").set_once(),
    Field::restricted_picklist("MessagingConsentStatus", MESSAGING_CONSENT_STATUSES)
        .label("Messaging Consent Status")
        .editable()
        .tracked(),
    Field::reference("LeadId", "Lead")
        .label("Lead ID")
        .editable()
        .permissionable()
        .tracked()
        .children("MessagingEndUsers"),
    Field::boolean("IsFullyOptedIn").label("Opted In").ungroupable().formula(OPTED_IN),
    Field::reference("AuthenticatedEndUserId", "User")
        .label("User ID")
        .permissionable()
        .tracked()
        .children("MessagingEndUsers"),
    Field::restricted_picklist("Language", LANGUAGES).editable().permissionable().tracked(),
    // What lists by account or contact are read by: kept by the store, seen by nobody.
    Field::integer("SessionCount", 9).rollup(of_sessions(Keeps::Count)).internal(),
    Field::datetime("LatestSessionStartTime")
        .rollup(of_sessions(Keeps::Greatest(Cow::Borrowed("StartTime"))))
        .internal(),
];

/// A Messaging User.
pub const OBJECT: Object = Object::new("MessagingEndUser", "0PA", FIELDS)
    .label("Messaging User", "Messaging Users")
    .history("MessagingEndUserHistory")
    .indexes(INDEXES)
    .recents();
