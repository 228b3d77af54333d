//! The org itself: one record.
//!
//! Left out: page views, trials, skins and the like, which mean nothing on one's own server.

use super::shared::{GEOCODE_ACCURACIES, LANGUAGES, LOCALES, TIME_ZONES};
use crate::{Access, Calls, Choice, Field, Object, SystemFields, SystemPermission};

const DEFAULT_ACCOUNT_ACCESSES: &[Choice] =
    &Choice::list(["None", "Read", "Edit", "ControlledByLeadOrContact", "ControlledByCampaign"]);

const DEFAULT_CONTACT_ACCESSES: &[Choice] =
    &Choice::list(["None", "Read", "Edit", "ControlledByParent"]);

const DEFAULT_OPPORTUNITY_ACCESSES: &[Choice] =
    &Choice::list(["None", "Read", "Edit", "ControlledByLeadOrContact", "ControlledByCampaign"]);

const DEFAULT_LEAD_ACCESSES: &[Choice] =
    &Choice::list(["None", "Read", "Edit", "ReadEditTransfer"]);

const DEFAULT_CASE_ACCESSES: &[Choice] =
    &Choice::list(["None", "Read", "Edit", "ReadEditTransfer"]);

const DEFAULT_CAMPAIGN_ACCESSES: &[Choice] = &Choice::list(["None", "Read", "Edit", "All"]);

const ORGANIZATION_TYPES: &[Choice] = &Choice::list([
    "Team Edition",
    "Professional Edition",
    "Enterprise Edition",
    "Developer Edition",
    "Personal Edition",
    "Unlimited Edition",
    "Contact Manager Edition",
    "Base Edition",
]);

const FIELDS: &[Field] = &[
    Field::text("Name", 80).update_only().required().name_field(),
    Field::text("Division", 80).update_only(),
    Field::text_area("Street", 255).update_only(),
    Field::text("City", 40).update_only(),
    Field::text("State", 80).label("State/Province").update_only(),
    Field::text("PostalCode", 20).label("Zip/Postal Code").update_only(),
    Field::text("Country", 80),
    Field::double("Latitude", 18, 15).update_only(),
    Field::double("Longitude", 18, 15).update_only(),
    Field::picklist("GeocodeAccuracy", GEOCODE_ACCURACIES).label("Geocode Accuracy").update_only(),
    Field::address("Address", ""),
    Field::phone("Phone").update_only(),
    Field::phone("Fax").update_only(),
    Field::text("PrimaryContact", 80).label("Primary Contact").update_only(),
    Field::picklist("DefaultLocaleSidKey", LOCALES).label("Locale").update_only().required(),
    Field::picklist("TimeZoneSidKey", TIME_ZONES).label("Time Zone").update_only().required(),
    Field::picklist("LanguageLocaleKey", LANGUAGES).label("Language").update_only().required(),
    Field::integer("FiscalYearStartMonth", 9).label("Fiscal Year Starts In"),
    Field::boolean("UsesStartDateAsFiscalYearName").label("Fiscal Year Name by Start"),
    Field::picklist("DefaultAccountAccess", DEFAULT_ACCOUNT_ACCESSES)
        .label("Default Account Access"),
    Field::picklist("DefaultContactAccess", DEFAULT_CONTACT_ACCESSES)
        .label("Default Contact Access"),
    Field::picklist("DefaultOpportunityAccess", DEFAULT_OPPORTUNITY_ACCESSES)
        .label("Default Opportunity Access"),
    Field::picklist("DefaultLeadAccess", DEFAULT_LEAD_ACCESSES).label("Default Lead Access"),
    Field::picklist("DefaultCaseAccess", DEFAULT_CASE_ACCESSES).label("Default Case Access"),
    Field::picklist("DefaultCampaignAccess", DEFAULT_CAMPAIGN_ACCESSES)
        .label("Default Campaign Access"),
    Field::picklist("OrganizationType", ORGANIZATION_TYPES).label("Edition"),
    Field::text("NamespacePrefix", 15).label("Namespace Prefix"),
    Field::text("InstanceName", 5).label("Instance Name"),
    Field::boolean("IsSandbox").label("Is Sandbox"),
    Field::boolean("IsReadOnly").label("Is Read Only"),
    Field::datetime("TrialExpirationDate").label("Trial Expiration Date"),
    // Ours: for channels that do not say it themselves.
    Field::integer("MessagingRetentionDays", 5)
        .label("Days Messaging Transcripts Are Kept")
        .help("For channels that do not say it themselves; when empty, for good")
        .update_only(),
];

/// The organization.
pub const OBJECT: Object = Object::new("Organization", "00D", FIELDS)
    .label("Organization", "Organizations")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls { update: true, ..Calls::QUERY })
    .access(Access::SetUp(SystemPermission::CustomizeApplication));
