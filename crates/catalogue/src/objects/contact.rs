//! A person one deals with, usually of an account.

use super::shared::{CLEAN_STATUSES, GEOCODE_ACCURACIES, LEAD_SOURCES, SALUTATIONS, owner};
use crate::{Columns, Field, Formula, Index, Object, OnDelete};

const EMAIL: Columns = &[Index::ascending("Email")];

const INDEXES: &[Index] = &[Index::on(EMAIL)];

const FIELDS: &[Field] = &[
    Field::reference("MasterRecordId", "Contact").label("Master Record ID"),
    Field::reference("AccountId", "Account")
        .label("Account ID")
        .editable()
        .permissionable()
        .tracked()
        .children("Contacts")
        .on_delete(OnDelete::Cascade),
    Field::text("LastName", 80).unsearched().label("Last Name").editable().required().tracked(),
    Field::text("FirstName", 40).unsearched().label("First Name").editable().tracked(),
    Field::picklist("Salutation", SALUTATIONS).editable(),
    // First and last name joined, kept by the rules of people so that it is sorted and searched by.
    Field::text("Name", 121).label("Full Name").required().name_field(),
    Field::reference("RecordTypeId", "RecordType").label("Record Type ID").editable(),
    Field::text_area("OtherStreet", 255).label("Other Street").editable(),
    Field::text("OtherCity", 40).label("Other City").editable(),
    Field::text("OtherState", 80).label("Other State/Province").editable(),
    Field::text("OtherPostalCode", 20).label("Other Zip/Postal Code").editable(),
    Field::text("OtherCountry", 80).label("Other Country").editable(),
    Field::double("OtherLatitude", 18, 15).label("Other Latitude").editable(),
    Field::double("OtherLongitude", 18, 15).label("Other Longitude").editable(),
    Field::restricted_picklist("OtherGeocodeAccuracy", GEOCODE_ACCURACIES)
        .label("Other Geocode Accuracy")
        .editable(),
    Field::address("OtherAddress", "Other").label("Other Address").permissionable(),
    Field::text_area("MailingStreet", 255).label("Mailing Street").editable(),
    Field::text("MailingCity", 40).label("Mailing City").editable(),
    Field::text("MailingState", 80).label("Mailing State/Province").editable(),
    Field::text("MailingPostalCode", 20).label("Mailing Zip/Postal Code").editable(),
    Field::text("MailingCountry", 80).label("Mailing Country").editable(),
    Field::double("MailingLatitude", 18, 15).label("Mailing Latitude").editable(),
    Field::double("MailingLongitude", 18, 15).label("Mailing Longitude").editable(),
    Field::restricted_picklist("MailingGeocodeAccuracy", GEOCODE_ACCURACIES)
        .label("Mailing Geocode Accuracy")
        .editable(),
    Field::address("MailingAddress", "Mailing").label("Mailing Address").permissionable(),
    Field::phone("Phone").label("Business Phone").editable().permissionable().tracked(),
    Field::phone("Fax").label("Business Fax").editable().permissionable(),
    Field::phone("MobilePhone").label("Mobile Phone").editable().permissionable().tracked(),
    Field::phone("HomePhone").label("Home Phone").editable().permissionable(),
    Field::phone("OtherPhone").label("Other Phone").editable().permissionable(),
    Field::phone("AssistantPhone").label("Asst. Phone").editable().permissionable(),
    Field::reference("ReportsToId", "Contact")
        .label("Reports To ID")
        .editable()
        .permissionable()
        .tracked(),
    Field::email("Email").editable().id_lookup().permissionable().tracked(),
    Field::text("Title", 128).editable().permissionable().tracked(),
    Field::text("Department", 80).editable().permissionable(),
    Field::text("AssistantName", 40).label("Assistant's Name").editable().permissionable(),
    Field::picklist("LeadSource", LEAD_SOURCES)
        .label("Lead Source")
        .editable()
        .permissionable()
        .tracked(),
    Field::date("Birthdate").editable().permissionable(),
    Field::text_area("Description", 32_000)
        .label("Contact Description")
        .editable()
        .permissionable(),
    owner("Owner ID").tracked(),
    Field::date("LastActivityDate").label("Last Activity").formula(Formula::Unfilled),
    Field::text("EmailBouncedReason", 255).label("Email Bounced Reason").editable(),
    Field::datetime("EmailBouncedDate").label("Email Bounced Date").editable(),
    Field::boolean("IsEmailBounced").label("Is Email Bounced"),
    Field::url("PhotoUrl", 255).label("Photo URL").formula(Formula::Unfilled),
    Field::restricted_picklist("CleanStatus", CLEAN_STATUSES)
        .label("Clean Status")
        .editable()
        .permissionable(),
    Field::boolean("DoNotCall").label("Do Not Call").editable().permissionable(),
    Field::boolean("HasOptedOutOfEmail").label("Email Opt Out").editable().permissionable(),
    Field::boolean("HasOptedOutOfFax").label("Fax Opt Out").editable().permissionable(),
];

/// A contact.
pub const OBJECT: Object = Object::new("Contact", "003", FIELDS)
    .label("Contact", "Contacts")
    .history("ContactHistory")
    .indexes(INDEXES)
    .recents();
