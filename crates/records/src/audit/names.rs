//! What the audit trail calls records: by the fields that name them, references by the names of
//! their records.

use headwater_catalogue::{Field, Id, Value};

use super::{Setup, words};
use crate::error::Error;
use crate::metadata::NamedRow;
use crate::org::Org;

/// A permission set leads to its profile, and that to no other.
const STEPS_MAX: usize = 2;

impl Org {
    /// What a record is called: `MessagingEndUser.AccountId of Support Agent`.
    pub(super) async fn told_name(&self, setup: &Setup, row: &NamedRow) -> Result<String, Error> {
        match setup.object {
            "User" => {
                let text = |field| row.text(field).unwrap_or_default();
                return Ok(format!("{} ({})", text("Name"), text("Username")));
            }
            "CustomField" => {
                let table = row.text("TableEnumOrId").unwrap_or_default();
                let object = self.object_of_table(&table).await?;
                let field = row.text("DeveloperName").unwrap_or_default();
                return Ok(format!("{object}.{field}__c"));
            }
            "CustomObject" => {
                let name = row.text("DeveloperName").unwrap_or_default();
                return Ok(format!("{name}__c"));
            }
            "PermissionSet" => {
                if let Some(profile) = row.value("ProfileId").as_id() {
                    let profile = self.name_of(profile).await?;
                    return Ok(format!("of the profile {profile}"));
                }
            }
            _ => {}
        }
        let mut parts = Vec::new();
        for field in setup.told_by {
            parts.push(self.told_value(row.value(field)).await?);
        }
        let given = setup.object == "PermissionSetAssignment";
        Ok(parts.join(if given { " to " } else { " of " }))
    }

    /// A field's change: `edit field on`, `role from Agents to Leads`.
    pub(super) async fn told_change(
        &self,
        field: &Field,
        before: &Value,
        after: &Value,
    ) -> Result<String, Error> {
        let label = words::noun(&field.label);
        if let Value::Boolean(on) = after {
            return Ok(format!("{label} {}", if *on { "on" } else { "off" }));
        }
        if words::is_long(field) {
            return Ok(format!("{label} changed"));
        }
        let (old, new) = (
            self.told_value(before).await?,
            self.told_value(after).await?,
        );
        Ok(match (before.is_null(), after.is_null()) {
            (_, true) => format!("{label} {old} removed"),
            (true, false) => format!("{label} {new}"),
            (false, false) => format!("{label} from {old} to {new}"),
        })
    }

    async fn told_value(&self, value: &Value) -> Result<String, Error> {
        match value {
            Value::Id(id) => self.name_of(*id).await,
            value => Ok(words::of(value)),
        }
    }

    /// The name of a record; its id when it has none. A profile's own permission set goes by the
    /// profile's name, for its own is made up.
    async fn name_of(&self, id: Id) -> Result<String, Error> {
        let mut id = id;
        for _ in 0..STEPS_MAX {
            let catalogue = self.catalogue();
            let Some(object) = catalogue.object_of(id.prefix()) else {
                break;
            };
            let row = NamedRow::one(self.store(), object, "Id", id.into()).await?;
            let Some(row) = row else {
                break;
            };
            if object.name == "PermissionSet" {
                match row.value("ProfileId").as_id() {
                    Some(profile) => id = profile,
                    None => return Ok(row.text("Label").unwrap_or_default()),
                }
                continue;
            }
            let name = object.name_field().and_then(|field| row.text(&field.name));
            return Ok(name.unwrap_or_else(|| id.to_string()));
        }
        Ok(id.to_string())
    }
}
