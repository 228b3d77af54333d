//! Fills an org with the demo's records, object by object.

use std::collections::{BTreeMap, HashMap};

use figment::Figment;
use figment::providers::{Format, Toml};
use figment::value::Dict;
use headwater_catalogue::{Catalogue, Id, Value};
use headwater_records::{Draft, Input, Org};
use tokio::task::JoinSet;

use super::conversation;
use super::record::Surroundings;
use crate::administration::{id_of, refused, rows};
use crate::failure::{Context as _, Failure, Outcome};

const WORLD: &str = include_str!("world.toml");

/// The objects in the order they are filled, each with the fields that tell its records apart.
const OBJECTS: [(&str, &[&str]); 14] = [
    ("User", &["Username"]),
    ("QueueRoutingConfig", &["DeveloperName"]),
    ("Group", &["DeveloperName"]),
    ("GroupMember", &["GroupId", "UserOrGroupId"]),
    ("QueueSobject", &["QueueId", "SobjectType"]),
    ("Account", &["Name"]),
    ("Contact", &["Email"]),
    ("Campaign", &["Name"]),
    ("Lead", &["Email"]),
    ("Opportunity", &["Name"]),
    ("Case", &["Subject"]),
    ("MessagingChannel", &["DeveloperName"]),
    ("MessagingEndUser", &["MessagingPlatformKey"]),
    ("QuickText", &["Name"]),
];

/// A record to make: the files' key for it, and what is in it.
pub(super) type Keyed = (String, Draft);

/// Makes what is not there yet.
pub(super) async fn fill(org: &Org) -> Outcome {
    let world: BTreeMap<String, Vec<Dict>> = Figment::from(Toml::string(WORLD))
        .extract()
        .doing("the demo's world")?;
    let mut ids = HashMap::new();
    for (object, told_by) in OBJECTS {
        let records = world.get(object).map_or(&[][..], Vec::as_slice);
        let mut drafts = Vec::new();
        for (place, record) in records.iter().enumerate() {
            let catalogue = org.catalogue();
            let surroundings = Surroundings {
                catalogue: &catalogue,
                now: org.now(),
                ids: &ids,
            };
            let mut draft = surroundings.draft(object, record)?;
            if object == "User" {
                complete_user(org, record, &mut draft).await?;
            }
            let key = record.get("key").and_then(|key| key.as_str());
            let key = key.map_or_else(|| format!("{object} {place}"), str::to_owned);
            drafts.push((key, draft));
        }
        ids.extend(make(org, object, told_by, drafts).await?);
        if object == "User" {
            assign_permission_sets(org, records, &ids).await?;
        }
    }
    conversation::fill(org, &ids).await
}

/// Makes those records that are not there yet; gives the ids of all by their keys.
pub(super) async fn make(
    org: &Org,
    object: &'static str,
    told_by: &[&str],
    drafts: Vec<Keyed>,
) -> Outcome<HashMap<String, Id>> {
    let known = known(org, object, told_by).await?;
    let mut ids = HashMap::new();
    let mut making = JoinSet::new();
    for (key, draft) in drafts {
        if let Some(id) = known.get(&told(&org.catalogue(), object, told_by, &draft)) {
            ids.insert(key, *id);
            continue;
        }
        let org = org.clone();
        // All at once: the store writes those that wait in one transaction.
        making.spawn(async move {
            let made = org.create(&org.system(), object, draft).await;
            made.map(|id| (key, id)).map_err(|error| refused(&error))
        });
    }
    while let Some(made) = making.join_next().await {
        let made = made.doing(format_args!("the demo's {object}"))?;
        let (key, id) = made.map_err(|failure| in_the_demo(object, &failure))?;
        ids.insert(key, id);
    }
    Ok(ids)
}

fn in_the_demo(object: &str, failure: &Failure) -> Failure {
    Failure::new(
        failure.kind(),
        format!("a {object} of the demo was refused: {failure}"),
    )
}

/// The records that are there, by what tells them apart.
async fn known(org: &Org, object: &str, told_by: &[&str]) -> Outcome<HashMap<String, Id>> {
    let soql = format!("SELECT Id, {} FROM {object}", told_by.join(", "));
    let mut known = HashMap::new();
    for row in rows(org, &soql).await? {
        if let Some((Value::Id(id), values)) = row.split_first() {
            let told: Vec<_> = values.iter().map(plain).collect();
            known.insert(told.join("\n"), *id);
        }
    }
    Ok(known)
}

fn told(catalogue: &Catalogue, object: &str, told_by: &[&str], draft: &Draft) -> String {
    let told: Vec<_> = told_by
        .iter()
        .map(|field| match draft.get(field) {
            Some(Input::Value(value)) => plain(value),
            Some(Input::Text(text)) => text.clone(),
            _ => String::new(),
        })
        .collect();
    debug_assert!(catalogue.object(object).is_some());
    told.join("\n")
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Id(id) => id.to_string(),
        _ => String::new(),
    }
}

/// What every user has and the file need not say.
async fn complete_user(org: &Org, record: &Dict, draft: &mut Draft) -> Outcome {
    let profile = record
        .get("profile")
        .and_then(|p| p.as_str())
        .unwrap_or_default();
    let profile = id_of(org, "Profile", "Name", profile).await?;
    let completed = std::mem::take(draft)
        .with("ProfileId", profile)
        .with("TimeZoneSidKey", "America/New_York")
        .with("LocaleSidKey", "en_US")
        .with("LanguageLocaleKey", "en_US")
        .with("EmailEncodingKey", "UTF-8");
    *draft = completed;
    Ok(())
}

async fn assign_permission_sets(org: &Org, users: &[Dict], ids: &HashMap<String, Id>) -> Outcome {
    let mut drafts = Vec::new();
    for user in users {
        let text = |name: &str| user.get(name).and_then(|value| value.as_str());
        let (Some(key), Some(name)) = (text("key"), text("permission_set")) else {
            continue;
        };
        let permission_set = id_of(org, "PermissionSet", "Label", name).await?;
        let draft = Draft::new()
            .with("AssigneeId", ids.get(key).copied())
            .with("PermissionSetId", permission_set);
        drafts.push((format!("{key} {name}"), draft));
    }
    let told_by = ["AssigneeId", "PermissionSetId"];
    make(org, "PermissionSetAssignment", &told_by, drafts).await?;
    Ok(())
}
