//! A marketing campaign.
//!
//! Left out: sums over members and opportunities, for there are no members here.

use std::borrow::Cow;

use super::shared::owner;
use crate::{Choice, Field, Formula, Keeps, Object, Rollup};

const TYPES: &[Choice] = &Choice::list([
    "Conference",
    "Webinar",
    "Trade Show",
    "Public Relations",
    "Partners",
    "Referral Program",
    "Advertisement",
    "Banner Ads",
    "Direct Mail",
    "Email",
    "Telemarketing",
    "Other",
]);

const STATUSES: &[Choice] = &Choice::list(["Planned", "In Progress", "Completed", "Aborted"]);

const OPPORTUNITIES: Rollup = Rollup {
    object: Cow::Borrowed("Opportunity"),
    reference: Cow::Borrowed("CampaignId"),
    keeps: Keeps::Count,
};

const FIELDS: &[Field] = &[
    Field::text("Name", 80).editable().required().name_field(),
    Field::reference("ParentId", "Campaign")
        .label("Parent Campaign ID")
        .editable()
        .permissionable()
        .children("ChildCampaigns"),
    Field::picklist("Type", TYPES).editable().permissionable(),
    Field::picklist("Status", STATUSES).editable().permissionable().default_text("Planned"),
    Field::date("StartDate").label("Start Date").editable().permissionable(),
    Field::date("EndDate").label("End Date").editable().permissionable(),
    Field::currency("ExpectedRevenue", 18, 0)
        .label("Expected Revenue in Campaign")
        .editable()
        .permissionable(),
    Field::currency("BudgetedCost", 18, 0)
        .label("Budgeted Cost in Campaign")
        .editable()
        .permissionable(),
    Field::currency("ActualCost", 18, 0)
        .label("Actual Cost in Campaign")
        .editable()
        .permissionable(),
    Field::percent("ExpectedResponse", 10, 2)
        .label("Expected Response (%)")
        .editable()
        .permissionable(),
    Field::double("NumberSent", 18, 0).label("Num Sent in Campaign").editable().permissionable(),
    Field::boolean("IsActive").label("Active").editable().permissionable(),
    Field::text_area("Description", 32_000).editable().permissionable(),
    Field::integer("NumberOfOpportunities", 9)
        .label("Opportunities in Campaign")
        .rollup(OPPORTUNITIES),
    owner("Owner ID"),
    Field::date("LastActivityDate").label("Last Activity").formula(Formula::Unfilled),
    Field::reference("CampaignMemberRecordTypeId", "RecordType")
        .label("Record Type ID")
        .editable()
        .permissionable(),
];

/// A campaign.
pub const OBJECT: Object =
    Object::new("Campaign", "701", FIELDS).label("Campaign", "Campaigns").recents();
