//! Something a customer wants settled.

use super::shared::owner_or_queue;
use crate::{Choice, Field, Object, OnDelete, SearchClass};

const TYPES: &[Choice] =
    &Choice::list(["Mechanical", "Electrical", "Electronic", "Structural", "Other"]);

const STATUSES: &[Choice] = &Choice::list(["New", "Working", "Escalated", "Closed"]);

/// The statuses in which `IsClosed` is ticked.
pub const CLOSED_STATUSES: &[&str] = &["Closed"];

const REASONS: &[Choice] = &Choice::list([
    "Installation",
    "Equipment Complexity",
    "Performance",
    "Breakdown",
    "Equipment Design",
    "Feedback",
    "Other",
]);

const ORIGINS: &[Choice] = &Choice::list(["Phone", "Email", "Web"]);

const PRIORITIES: &[Choice] = &Choice::list(["High", "Medium", "Low"]);

const FIELDS: &[Field] = &[
    Field::reference("MasterRecordId", "Case").label("Master Record ID"),
    Field::auto_number("CaseNumber", "{00000000}")
        .label("Case Number")
        .ungroupable()
        .id_lookup()
        .name_field(),
    Field::reference("ContactId", "Contact")
        .label("Contact ID")
        .editable()
        .permissionable()
        .tracked()
        .children("Cases")
        .on_delete(OnDelete::Restrict),
    Field::reference("AccountId", "Account")
        .label("Account ID")
        .editable()
        .permissionable()
        .tracked()
        .children("Cases")
        .on_delete(OnDelete::Restrict),
    Field::reference("ParentId", "Case")
        .label("Parent Case ID")
        .editable()
        .permissionable()
        .tracked()
        .children("Cases"),
    Field::text("SuppliedName", 80)
        .searched_as(SearchClass::Name)
        .label("Name")
        .editable()
        .permissionable(),
    Field::email("SuppliedEmail").label("Email Address").editable().permissionable(),
    Field::text("SuppliedPhone", 40)
        .searched_as(SearchClass::Phone)
        .label("Phone")
        .editable()
        .permissionable(),
    Field::text("SuppliedCompany", 80)
        .searched_as(SearchClass::Name)
        .label("Company")
        .editable()
        .permissionable(),
    Field::picklist("Type", TYPES).label("Case Type").editable().permissionable().tracked(),
    Field::reference("RecordTypeId", "RecordType").label("Record Type ID").editable(),
    Field::picklist("Status", STATUSES).editable().default_text("New").tracked(),
    Field::picklist("Reason", REASONS).label("Case Reason").editable().permissionable().tracked(),
    Field::picklist("Origin", ORIGINS).label("Case Origin").editable().permissionable().tracked(),
    Field::text("Subject", 255)
        .searched_as(SearchClass::Name)
        .editable()
        .permissionable()
        .tracked(),
    Field::picklist("Priority", PRIORITIES)
        .editable()
        .default_text("Medium")
        .permissionable()
        .tracked(),
    Field::text_area("Description", 32_000).editable().permissionable(),
    Field::boolean("IsClosed").label("Closed"),
    Field::datetime("ClosedDate").label("Closed Date").since("IsClosed").permissionable(),
    Field::boolean("IsEscalated").label("Escalated").editable().permissionable().tracked(),
    owner_or_queue("Owner ID").tracked(),
    // What the contact says, read through it.
    Field::phone("ContactPhone").label("Contact Phone").inherited("Contact.Phone"),
    Field::phone("ContactMobile").label("Contact Mobile").inherited("Contact.MobilePhone"),
    Field::email("ContactEmail").label("Contact Email").inherited("Contact.Email"),
    Field::phone("ContactFax").label("Contact Fax").inherited("Contact.Fax"),
    Field::text_area("Comments", 4_000).label("Internal Comments").editable().sortable(),
    // Salesforce also names mails here, which are not here.
    Field::reference("SourceId", "MessagingSession")
        .label("Case Source ID")
        .permissionable()
        .children("Cases"),
];

/// A case.
pub const OBJECT: Object =
    Object::new("Case", "500", FIELDS).label("Case", "Cases").history("CaseHistory").recents();
