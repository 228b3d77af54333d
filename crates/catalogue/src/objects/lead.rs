//! Somebody who may become a customer.

use super::shared::{
    CLEAN_STATUSES, GEOCODE_ACCURACIES, INDUSTRIES, LEAD_SOURCES, RATINGS, SALUTATIONS,
    owner_or_queue,
};
use crate::{Choice, Columns, Field, Formula, Index, Object, SearchClass};

const STATUSES: &[Choice] = &Choice::list([
    "Open - Not Contacted",
    "Working - Contacted",
    "Closed - Converted",
    "Closed - Not Converted",
]);

/// The statuses with which a lead is converted; the first is the usual one.
pub const CONVERTED_STATUSES: &[&str] = &["Closed - Converted"];

const EMAIL: Columns = &[Index::ascending("Email")];

const INDEXES: &[Index] = &[Index::on(EMAIL)];

const FIELDS: &[Field] = &[
    Field::reference("MasterRecordId", "Lead").label("Master Record ID"),
    Field::text("LastName", 80).unsearched().label("Last Name").editable().required().tracked(),
    Field::text("FirstName", 40).unsearched().label("First Name").editable().tracked(),
    Field::picklist("Salutation", SALUTATIONS).editable(),
    // First and last name joined, kept by the rules of people so that it is sorted and searched by.
    Field::text("Name", 121).label("Full Name").required().name_field(),
    Field::reference("RecordTypeId", "RecordType").label("Record Type ID").editable(),
    Field::text("Title", 128).editable().permissionable(),
    Field::text("Company", 255).searched_as(SearchClass::Name).editable().required().tracked(),
    Field::text_area("Street", 255).editable(),
    Field::text("City", 40).editable(),
    Field::text("State", 80).label("State/Province").editable(),
    Field::text("PostalCode", 20).label("Zip/Postal Code").editable(),
    Field::text("Country", 80).editable(),
    Field::double("Latitude", 18, 15).editable(),
    Field::double("Longitude", 18, 15).editable(),
    Field::restricted_picklist("GeocodeAccuracy", GEOCODE_ACCURACIES)
        .label("Geocode Accuracy")
        .editable(),
    Field::address("Address", "").permissionable(),
    Field::phone("Phone").editable().permissionable().tracked(),
    Field::phone("MobilePhone").label("Mobile Phone").editable().permissionable(),
    Field::phone("Fax").editable().permissionable(),
    Field::email("Email").editable().id_lookup().permissionable().tracked(),
    Field::url("Website", 255).editable().permissionable(),
    Field::url("PhotoUrl", 255).label("Photo URL").formula(Formula::Unfilled),
    Field::text_area("Description", 32_000).editable().permissionable(),
    Field::picklist("LeadSource", LEAD_SOURCES)
        .label("Lead Source")
        .editable()
        .permissionable()
        .tracked(),
    Field::picklist("Status", STATUSES)
        .editable()
        .required()
        .default_text("Open - Not Contacted")
        .tracked(),
    Field::picklist("Industry", INDUSTRIES).editable().permissionable(),
    Field::picklist("Rating", RATINGS).editable().permissionable().tracked(),
    Field::currency("AnnualRevenue", 18, 0).label("Annual Revenue").editable().permissionable(),
    Field::integer("NumberOfEmployees", 8).label("Employees").editable().permissionable(),
    owner_or_queue("Owner ID").tracked(),
    Field::boolean("IsConverted").label("Converted").set_once(),
    Field::date("ConvertedDate").label("Converted Date"),
    Field::reference("ConvertedAccountId", "Account").label("Converted Account ID"),
    Field::reference("ConvertedContactId", "Contact").label("Converted Contact ID"),
    Field::reference("ConvertedOpportunityId", "Opportunity").label("Converted Opportunity ID"),
    Field::boolean("IsUnreadByOwner").label("Unread By Owner").editable(),
    Field::date("LastActivityDate").label("Last Activity").formula(Formula::Unfilled),
    Field::restricted_picklist("CleanStatus", CLEAN_STATUSES)
        .label("Clean Status")
        .editable()
        .permissionable(),
    Field::text("CompanyDunsNumber", 9).label("Company D-U-N-S Number").editable().permissionable(),
    Field::text("EmailBouncedReason", 255).label("Email Bounced Reason").update_only(),
    Field::datetime("EmailBouncedDate").label("Email Bounced Date").update_only(),
    Field::boolean("DoNotCall").label("Do Not Call").editable().permissionable(),
    Field::boolean("HasOptedOutOfEmail").label("Email Opt Out").editable().permissionable(),
    Field::boolean("HasOptedOutOfFax").label("Fax Opt Out").editable().permissionable(),
];

/// A lead.
pub const OBJECT: Object = Object::new("Lead", "00Q", FIELDS)
    .label("Lead", "Leads")
    .history("LeadHistory")
    .indexes(INDEXES)
    .recents();
