//! The history objects: one row for each change of a tracked field, all of one shape.
//!
//! `Field` names what changed: a tracked field by its name, a reference by its relationship's name
//! (`Account`, not `AccountId`), or one of the [`EVENTS`]. A changed reference makes two rows, one
//! with the names (`DataType` is `Text`) and one with the ids (`EntityId`).

use std::borrow::Cow;

use crate::{Access, Calls, Choice, Field, Object, OnDelete, Sharing, SystemFields};

/// What `Field` holds for events that are not the change of one field. The tracked fields of the
/// parent come beside them, so they are not listed a second time.
pub const EVENTS: &[Choice] = &Choice::labelled_list([
    ("created", "Created."),
    ("feedEvent", "Feed event"),
    ("individualMerged", "Individual Merged"),
    ("ownerAccepted", "Owner (Accepted)"),
    ("ownerAssignment", "Owner (Assignment)"),
    ("locked", "Record locked."),
    ("unlocked", "Record unlocked."),
    ("accountMerged", "Account Merged"),
    ("contactMerged", "Contact Merged"),
    ("leadMerged", "Lead Merged"),
    ("caseMerged", "Case Merged"),
    ("leadConverted", "Lead Converted"),
    ("closed", "Closed"),
]);

/// The kinds of value that old and new values may be.
const DATA_TYPES: &[Choice] = &Choice::list([
    "AnyType",
    "AutoNumber",
    "Boolean",
    "Currency",
    "DateOnly",
    "DateTime",
    "Double",
    "DynamicEnum",
    "Email",
    "EntityId",
    "EnumOrId",
    "ExternalId",
    "MultiEnum",
    "MultiLineText",
    "Percent",
    "PersonName",
    "Phone",
    "RecordType",
    "Switchable_PersonName",
    "Text",
    "TimeOnly",
    "Url",
]);

const ACCOUNT_FIELDS: &[Field] = &of("AccountId", "Account", "Account ID");
const CONTACT_FIELDS: &[Field] = &of("ContactId", "Contact", "Contact ID");
const CASE_FIELDS: &[Field] = &of("CaseId", "Case", "Case ID");
const LEAD_FIELDS: &[Field] = &of("LeadId", "Lead", "Lead ID");
const OPPORTUNITY_FIELDS: &[Field] = &of("OpportunityId", "Opportunity", "Opportunity ID");
const SESSION_FIELDS: &[Field] =
    &of("MessagingSessionId", "MessagingSession", "Messaging Session ID");
const END_USER_FIELDS: &[Field] =
    &of("MessagingEndUserId", "MessagingEndUser", "Messaging User ID");

/// What happened to accounts.
pub const ACCOUNT: Object = history("AccountHistory", ACCOUNT_FIELDS, "Account", "AccountId")
    .label("Account History", "Account History");

/// What happened to contacts.
pub const CONTACT: Object = history("ContactHistory", CONTACT_FIELDS, "Contact", "ContactId")
    .label("Contact History", "Contact History");

/// What happened to cases.
pub const CASE: Object =
    history("CaseHistory", CASE_FIELDS, "Case", "CaseId").label("Case History", "Case History");

/// What happened to leads.
pub const LEAD: Object =
    history("LeadHistory", LEAD_FIELDS, "Lead", "LeadId").label("Lead History", "Lead History");

/// What happened to opportunities.
pub const OPPORTUNITY: Object =
    history("OpportunityFieldHistory", OPPORTUNITY_FIELDS, "Opportunity", "OpportunityId")
        .label("Opportunity Field History", "Opportunity Field History");

/// What happened to messaging sessions.
pub const MESSAGING_SESSION: Object =
    history("MessagingSessionHistory", SESSION_FIELDS, "MessagingSession", "MessagingSessionId")
        .label("Messaging Session History", "Messaging Session History");

/// What happened to Messaging Users: every relink is here.
pub const MESSAGING_END_USER: Object =
    history("MessagingEndUserHistory", END_USER_FIELDS, "MessagingEndUser", "MessagingEndUserId")
        .label("Messaging User History", "Messaging User History");

const fn of(reference: &'static str, parent: &'static str, label: &'static str) -> [Field; 5] {
    [
        Field::reference(reference, parent)
            .label(label)
            .required()
            .children("Histories")
            .on_delete(OnDelete::Cascade),
        Field::picklist("Field", EVENTS).label("Changed Field").required(),
        Field::picklist("DataType", DATA_TYPES).label("Datatype"),
        Field::any("OldValue").label("Old Value"),
        Field::any("NewValue").label("New Value"),
    ]
}

/// All history objects share the prefix `017`; describe shows none.
const fn history(
    name: &'static str,
    fields: &'static [Field],
    parent: &'static str,
    reference: &'static str,
) -> Object {
    Object::new(name, "017", fields)
        .shared_prefix()
        .system(SystemFields::CreatedOnly)
        .calls(Calls { replicate: true, ..Calls::QUERY })
        .access(Access::Follows(Cow::Borrowed(parent)))
        .sharing(Sharing::ControlledByParent(Cow::Borrowed(reference)))
}
