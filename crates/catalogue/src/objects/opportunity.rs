//! A deal in the making.

use super::shared::{LEAD_SOURCES, owner};
use crate::{Choice, Field, Formula, Object, OnDelete};

const STAGE_NAMES: &[Choice] = &Choice::list([
    "Prospecting",
    "Qualification",
    "Needs Analysis",
    "Value Proposition",
    "Id. Decision Makers",
    "Perception Analysis",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
]);

/// What a stage says about the opportunities that are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// The value of `StageName`.
    pub name: &'static str,
    /// `Probability` unless a writer gives another, in percent.
    pub probability: u8,
    /// `ForecastCategory`; its label is `ForecastCategoryName`.
    pub forecast: &'static str,
    /// `IsClosed`.
    pub is_closed: bool,
    /// `IsWon`.
    pub is_won: bool,
}

/// The stages, in the order of `StageName`'s values.
pub const STAGES: &[Stage] = &[
    Stage::open("Prospecting", 10),
    Stage::open("Qualification", 10),
    Stage::open("Needs Analysis", 20),
    Stage::open("Value Proposition", 50),
    Stage::open("Id. Decision Makers", 60),
    Stage::open("Perception Analysis", 70),
    Stage::open("Proposal/Price Quote", 75),
    Stage::open("Negotiation/Review", 90),
    Stage {
        name: "Closed Won",
        probability: 100,
        forecast: "Closed",
        is_closed: true,
        is_won: true,
    },
    Stage {
        name: "Closed Lost",
        probability: 0,
        forecast: "Omitted",
        is_closed: true,
        is_won: false,
    },
];

impl Stage {
    /// A stage on the way, as any stage that an org adds is until it says otherwise.
    pub const fn open(name: &'static str, probability: u8) -> Self {
        Self { name, probability, forecast: "Pipeline", is_closed: false, is_won: false }
    }
}

const TYPES: &[Choice] = &Choice::list([
    "Existing Customer - Upgrade",
    "Existing Customer - Replacement",
    "Existing Customer - Downgrade",
    "New Customer",
]);

const FORECAST_CATEGORIES: &[Choice] = &Choice::labelled_list([
    ("Omitted", "Omitted"),
    ("Pipeline", "Pipeline"),
    ("BestCase", "Best Case"),
    ("MostLikely", "Most Likely"),
    ("Forecast", "Commit"),
    ("Closed", "Closed"),
]);

const FORECAST_CATEGORY_NAMES: &[Choice] =
    &Choice::list(["Omitted", "Pipeline", "Best Case", "Commit", "Closed"]);

const FIELDS: &[Field] = &[
    Field::reference("AccountId", "Account")
        .label("Account ID")
        .editable()
        .permissionable()
        .tracked()
        .children("Opportunities")
        .on_delete(OnDelete::Cascade),
    Field::reference("RecordTypeId", "RecordType").label("Record Type ID").editable(),
    Field::boolean("IsPrivate").label("Private").editable().permissionable(),
    Field::text("Name", 120).editable().required().id_lookup().name_field().tracked(),
    Field::text_area("Description", 32_000).editable().permissionable(),
    Field::picklist("StageName", STAGE_NAMES).label("Stage").editable().required().tracked(),
    Field::currency("Amount", 18, 2).editable().permissionable().tracked(),
    Field::percent("Probability", 3, 0)
        .label("Probability (%)")
        .editable()
        .permissionable()
        .tracked(),
    Field::currency("ExpectedRevenue", 18, 2).label("Expected Amount").permissionable(),
    Field::double("TotalOpportunityQuantity", 18, 2).label("Quantity").editable().permissionable(),
    Field::date("CloseDate").label("Close Date").editable().required().tracked(),
    Field::picklist("Type", TYPES).label("Opportunity Type").editable().permissionable().tracked(),
    Field::text("NextStep", 255).label("Next Step").editable().permissionable().tracked(),
    Field::picklist("LeadSource", LEAD_SOURCES)
        .label("Lead Source")
        .editable()
        .permissionable()
        .tracked(),
    Field::boolean("IsClosed").label("Closed"),
    Field::boolean("IsWon").label("Won"),
    Field::restricted_picklist("ForecastCategory", FORECAST_CATEGORIES)
        .label("Forecast Category")
        .required(),
    Field::restricted_picklist("ForecastCategoryName", FORECAST_CATEGORY_NAMES)
        .label("Forecast Category")
        .editable(),
    Field::reference("CampaignId", "Campaign")
        .label("Campaign ID")
        .editable()
        .permissionable()
        .tracked()
        .children("Opportunities"),
    Field::boolean("HasOpportunityLineItem").label("Has Line Item"),
    owner("Owner ID").tracked(),
    Field::date("LastActivityDate").label("Last Activity").formula(Formula::Unfilled),
    Field::datetime("LastStageChangeDate").label("Last Stage Change Date").permissionable(),
    Field::integer("FiscalQuarter", 8).label("Fiscal Quarter"),
    Field::integer("FiscalYear", 8).label("Fiscal Year"),
    Field::text("Fiscal", 6).label("Fiscal Period"),
    Field::reference("ContactId", "Contact").without_relationship().label("Contact ID").set_once(),
    // Salesforce works these out from activities.
    Field::boolean("HasOpenActivity").label("Has Open Activity").unfilterable().unsortable(),
    Field::boolean("HasOverdueTask").label("Has Overdue Task").unfilterable().unsortable(),
    Field::integer("PushCount", 9).label("Push Count").permissionable(),
];

/// An opportunity.
pub const OBJECT: Object = Object::new("Opportunity", "006", FIELDS)
    .label("Opportunity", "Opportunities")
    .history("OpportunityFieldHistory")
    .recents();
