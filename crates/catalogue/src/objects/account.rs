//! A company, or another party one does business with.

use super::shared::{CLEAN_STATUSES, GEOCODE_ACCURACIES, INDUSTRIES, LEAD_SOURCES, RATINGS, owner};
use crate::{Choice, Field, Formula, Object, SearchClass};

const TYPES: &[Choice] = &Choice::list([
    "Prospect",
    "Customer - Direct",
    "Customer - Channel",
    "Channel Partner / Reseller",
    "Installation Partner",
    "Technology Partner",
    "Other",
]);

const OWNERSHIPS: &[Choice] = &Choice::list(["Public", "Private", "Subsidiary", "Other"]);

const FIELDS: &[Field] = &[
    Field::reference("MasterRecordId", "Account").label("Master Record ID"),
    Field::text("Name", 255).label("Account Name").editable().required().name_field().tracked(),
    Field::picklist("Type", TYPES).label("Account Type").editable().permissionable().tracked(),
    Field::reference("RecordTypeId", "RecordType").label("Record Type ID").editable(),
    Field::reference("ParentId", "Account")
        .label("Parent Account ID")
        .editable()
        .permissionable()
        .tracked()
        .children("ChildAccounts"),
    Field::text_area("BillingStreet", 255).label("Billing Street").editable(),
    Field::text("BillingCity", 40).label("Billing City").editable(),
    Field::text("BillingState", 80).label("Billing State/Province").editable(),
    Field::text("BillingPostalCode", 20).label("Billing Zip/Postal Code").editable(),
    Field::text("BillingCountry", 80).label("Billing Country").editable(),
    Field::double("BillingLatitude", 18, 15).label("Billing Latitude").editable(),
    Field::double("BillingLongitude", 18, 15).label("Billing Longitude").editable(),
    Field::restricted_picklist("BillingGeocodeAccuracy", GEOCODE_ACCURACIES)
        .label("Billing Geocode Accuracy")
        .editable(),
    Field::address("BillingAddress", "Billing").label("Billing Address").permissionable(),
    Field::text_area("ShippingStreet", 255).label("Shipping Street").editable(),
    Field::text("ShippingCity", 40).label("Shipping City").editable(),
    Field::text("ShippingState", 80).label("Shipping State/Province").editable(),
    Field::text("ShippingPostalCode", 20).label("Shipping Zip/Postal Code").editable(),
    Field::text("ShippingCountry", 80).label("Shipping Country").editable(),
    Field::double("ShippingLatitude", 18, 15).label("Shipping Latitude").editable(),
    Field::double("ShippingLongitude", 18, 15).label("Shipping Longitude").editable(),
    Field::restricted_picklist("ShippingGeocodeAccuracy", GEOCODE_ACCURACIES)
        .label("Shipping Geocode Accuracy")
        .editable(),
    Field::address("ShippingAddress", "Shipping").label("Shipping Address").permissionable(),
    Field::phone("Phone").label("Account Phone").editable().permissionable().tracked(),
    Field::phone("Fax").label("Account Fax").editable().permissionable(),
    Field::text("AccountNumber", 40).label("Account Number").editable().permissionable().tracked(),
    Field::url("Website", 255).searched_as(SearchClass::Name).editable().permissionable().tracked(),
    Field::url("PhotoUrl", 255).label("Photo URL").formula(Formula::Unfilled),
    Field::text("Sic", 20).label("SIC Code").editable().permissionable(),
    Field::picklist("Industry", INDUSTRIES).editable().permissionable().tracked(),
    Field::currency("AnnualRevenue", 18, 0).label("Annual Revenue").editable().permissionable(),
    Field::integer("NumberOfEmployees", 8).label("Employees").editable().permissionable(),
    Field::picklist("Ownership", OWNERSHIPS).editable().permissionable(),
    Field::text("TickerSymbol", 20).label("Ticker Symbol").editable().permissionable(),
    Field::text_area("Description", 32_000)
        .label("Account Description")
        .editable()
        .permissionable(),
    Field::picklist("Rating", RATINGS)
        .label("Account Rating")
        .editable()
        .permissionable()
        .tracked(),
    Field::text("Site", 80)
        .searched_as(SearchClass::Name)
        .label("Account Site")
        .editable()
        .permissionable(),
    owner("Owner ID").tracked(),
    Field::date("LastActivityDate").label("Last Activity").formula(Formula::Unfilled),
    Field::restricted_picklist("CleanStatus", CLEAN_STATUSES)
        .label("Clean Status")
        .editable()
        .permissionable(),
    Field::picklist("AccountSource", LEAD_SOURCES)
        .label("Account Source")
        .editable()
        .permissionable(),
    Field::text("DunsNumber", 9).label("D-U-N-S Number").editable().permissionable(),
    Field::text("Tradestyle", 255).editable().permissionable(),
    Field::text("NaicsCode", 8).label("NAICS Code").editable().permissionable(),
    Field::text("NaicsDesc", 120).label("NAICS Description").editable().permissionable(),
    Field::text("YearStarted", 4).label("Year Started").editable().permissionable(),
    Field::text("SicDesc", 80).label("SIC Description").editable().permissionable(),
];

/// An account.
pub const OBJECT: Object = Object::new("Account", "001", FIELDS)
    .label("Account", "Accounts")
    .history("AccountHistory")
    .recents();
