//! What must hold of the built-in objects beyond the invariants of every catalogue.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use headwater_catalogue::objects::{case, messaging_session, opportunity, task};
use headwater_catalogue::{Access, Calls, Catalogue, Kind, SystemPermission};

fn catalogue() -> Catalogue {
    Catalogue::built_in().unwrap()
}

#[test]
fn a_session_shows_the_account_and_contact_of_its_messaging_user_and_cannot_be_given_others() {
    let catalogue = catalogue();
    let session = catalogue.object("MessagingSession").unwrap();
    for (name, path) in [
        ("EndUserAccountId", "MessagingEndUser.AccountId"),
        ("EndUserContactId", "MessagingEndUser.ContactId"),
    ] {
        let field = session.field(name).unwrap();
        assert_eq!(field.inherited_path(), Some(path));
        assert!(!field.createable && !field.updateable && !field.permissionable);
        let source = catalogue.follow(session, path).unwrap();
        assert_eq!(source.object.name, "MessagingEndUser");
        assert!(source.field().updateable && source.field().tracked);
    }
}

#[test]
fn a_session_is_linked_to_case_lead_opportunity_and_campaign_on_itself() {
    let catalogue = catalogue();
    let session = catalogue.object("MessagingSession").unwrap();
    for name in ["CaseId", "LeadId", "OpportunityId", "CampaignId"] {
        let field = session.field(name).unwrap();
        assert!(field.createable && field.updateable && field.is_column(), "{name}");
    }
}

#[test]
fn only_the_fields_that_salesforce_lists_are_granted_one_by_one_on_messaging_objects() {
    let catalogue = catalogue();
    let granted = |object: &str| -> Vec<String> {
        let object = catalogue.object(object).unwrap();
        object.fields.iter().filter(|f| f.permissionable).map(|f| f.name.to_string()).collect()
    };
    let mut session = granted("MessagingSession");
    session.sort();
    assert_eq!(session, ["CampaignId", "CaseId", "EndUserLanguage", "LeadId", "OpportunityId"]);
    let mut user = granted("MessagingEndUser");
    user.sort();
    assert_eq!(
        user,
        [
            "AccountId",
            "AuthenticatedEndUserId",
            "ContactId",
            "HasInitialResponseSent",
            "Language",
            "LeadId"
        ]
    );
    assert!(granted("MessagingChannel").is_empty() && granted("User").is_empty());
}

#[test]
fn every_tracked_field_has_a_history_to_go_to() {
    for object in catalogue().objects() {
        let tracks = object.fields.iter().any(|field| field.tracked);
        assert_eq!(tracks, object.history.is_some(), "{}", object.name);
    }
}

#[test]
fn a_field_granted_by_itself_belongs_to_an_object_granted_by_itself() {
    for object in catalogue().objects() {
        let any = object.fields.iter().any(|field| field.permissionable);
        assert!(!any || object.access == Access::Granted, "{}", object.name);
    }
}

#[test]
fn a_permission_set_has_a_box_for_every_system_permission() {
    let catalogue = catalogue();
    let permission_set = catalogue.object("PermissionSet").unwrap();
    for permission in SystemPermission::ALL {
        let field = permission_set.field(permission.field());
        assert_eq!(field.map(|f| &f.kind), Some(&Kind::Boolean), "{permission:?}");
    }
}

#[test]
fn secrets_are_seen_by_no_door() {
    let mut secrets = 0;
    for object in catalogue().objects() {
        let is_internal = object.access == Access::Internal;
        assert!(!is_internal || object.calls == Calls::NONE, "{} takes calls", object.name);
        for field in object.fields.iter().filter(|field| field.name.ends_with("Hash")) {
            secrets += 1;
            assert!(is_internal || field.internal, "{}.{}", object.name, field.name);
        }
    }
    assert!(secrets >= 3, "there are secrets to look at");
}

#[test]
fn prefixes_that_differ_only_in_case_are_two_objects() {
    let catalogue = catalogue();
    let object_of = |prefix| {
        let prefix = headwater_catalogue::KeyPrefix::new(prefix);
        catalogue.object_of(prefix).map(|object| object.name.to_string())
    };
    assert_eq!(object_of("0PA").as_deref(), Some("MessagingEndUser"));
    assert_eq!(object_of("0Pa").as_deref(), Some("PermissionSetAssignment"));
    assert_eq!(object_of("017"), None);
}

#[test]
fn closed_statuses_and_stages_are_values_of_their_picklists() {
    let catalogue = catalogue();
    let has = |object: &str, field: &str, value: &str| {
        let object = catalogue.object(object).unwrap();
        let list = object.field(field).unwrap().kind.as_picklist().unwrap();
        assert!(list.find(value).is_some(), "{}.{field} {value}", object.name);
    };
    for status in case::CLOSED_STATUSES {
        has("Case", "Status", status);
    }
    for status in task::CLOSED_STATUSES {
        has("Task", "Status", status);
    }
    for status in messaging_session::CLOSED_STATUSES {
        has("MessagingSession", "Status", status);
    }
    for stage in opportunity::STAGES {
        has("Opportunity", "StageName", stage.name);
        has("Opportunity", "ForecastCategory", stage.forecast);
    }
    let stages = catalogue.object("Opportunity").unwrap();
    let listed = stages.field("StageName").unwrap().kind.as_picklist().unwrap().choices.len();
    assert_eq!(listed, opportunity::STAGES.len());
}

#[test]
fn the_first_session_of_a_page_can_be_found_through_its_messaging_users() {
    let catalogue = catalogue();
    let user = catalogue.object("MessagingEndUser").unwrap();
    let latest = user.field("LatestSessionStartTime").unwrap();
    assert!(latest.internal && latest.is_column());
    let session = catalogue.object("MessagingSession").unwrap();
    assert!(session.field("StartTime").unwrap().always_filled);
}
