//! The setup audit trail: each change of the set-up writes one row in its own transaction.
//!
//! One list says which objects are set-up and how their records are called. Every write comes
//! through [`Org::apply`], which asks here, so no verb can forget the row; a write that changes
//! nothing gets none. Fields for the server's own code (what is kept of secrets) are never told.

mod names;
mod set_up;
mod words;

use std::sync::Arc;

use headwater_catalogue::{Field, Object, Value};
use headwater_store::{Operation, WriteSet};

use crate::error::Error;
use crate::following::object_of;
use crate::metadata::NamedRow;
use crate::org::Org;
use crate::seed;
use set_up::{SETUP, Setup, USERS};

/// Most characters of a sentence; what is beyond is cut.
const DISPLAY_CHARACTERS_MAX: usize = 1_000;

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Created,
    Changed,
    Deleted,
}

impl Setup {
    fn of(object: &Object) -> Option<&'static Self> {
        SETUP.iter().find(|setup| setup.object == object.name)
    }

    /// The first word of the sentence.
    fn verb(&self, event: Event) -> &'static str {
        match event {
            Event::Created if self.is_setting => "Changed",
            Event::Deleted if self.is_setting => "Reset",
            Event::Created => "Created",
            Event::Changed => "Changed",
            Event::Deleted => "Deleted",
        }
    }

    /// The word for programs, as Salesforce's are: `changedUser`.
    fn action(&self, event: Event) -> String {
        format!("{}{}", self.verb(event).to_lowercase(), self.object)
    }
}

impl Org {
    /// The rows that a write adds to the audit trail.
    pub(crate) async fn audit(&self, set: &WriteSet) -> Result<Vec<Operation>, Error> {
        let mut rows = Vec::new();
        for operation in &set.operations {
            let Some(setup) = Setup::of(object_of(operation)) else {
                continue;
            };
            if let Some((event, told)) = self.told(setup, operation).await? {
                let display = format!("{} {} {told}", setup.verb(event), setup.noun);
                rows.push(self.audit_row(&setup.action(event), setup.section, &display)?);
            }
        }
        Ok(rows)
    }

    /// One row, for what is done to a user beside their record.
    pub(crate) fn audit_of_user(&self, action: &str, display: &str) -> Result<Operation, Error> {
        self.audit_row(action, USERS, display)
    }

    fn audit_row(&self, action: &str, section: &str, display: &str) -> Result<Operation, Error> {
        let catalogue = self.catalogue();
        let trail = catalogue
            .object("SetupAuditTrail")
            .ok_or_else(|| Error::UnknownObject("SetupAuditTrail".to_owned()))?;
        let row = vec![
            ("Action", action.into()),
            ("Section", section.into()),
            (
                "Display",
                words::cut(display, DISPLAY_CHARACTERS_MAX).into(),
            ),
        ];
        Ok(seed::insertion(self.store(), trail, row)?.1)
    }

    /// What an operation does, in words; none when it changes nothing that is told of.
    async fn told(
        &self,
        setup: &Setup,
        operation: &Operation,
    ) -> Result<Option<(Event, String)>, Error> {
        match operation {
            Operation::Insert { object, values, .. } => {
                let row = NamedRow::new(object, values.clone());
                // A profile's own set is a part of the profile.
                if setup.object == "PermissionSet" && !row.value("ProfileId").is_null() {
                    return Ok(None);
                }
                let name = self.told_name(setup, &row).await?;
                let mut told = Vec::new();
                for (place, value) in values {
                    let field = &object.fields[*place];
                    let says_much = matches!(value, Value::Boolean(true))
                        || setup.is_setting && !setup.told_by.contains(&&*field.name);
                    if says_much && is_told(object, field) {
                        told.push(self.told_change(field, &Value::Null, value).await?);
                    }
                }
                Ok(Some((Event::Created, sentence(name, &told))))
            }
            Operation::Update {
                object, id, values, ..
            } => {
                let Some(row) = self.before(object, *id).await? else {
                    return Ok(None);
                };
                let mut told = Vec::new();
                for (place, value) in values {
                    let field = &object.fields[*place];
                    let before = row.value(&field.name);
                    if is_told(object, field) && differ(before, value) {
                        told.push(self.told_change(field, before, value).await?);
                    }
                }
                if told.is_empty() {
                    return Ok(None);
                }
                let name = self.told_name(setup, &row).await?;
                Ok(Some((Event::Changed, sentence(name, &told))))
            }
            Operation::Delete { object, id, .. } => {
                let Some(row) = self.before(object, *id).await? else {
                    return Ok(None);
                };
                let name = self.told_name(setup, &row).await?;
                Ok(Some((Event::Deleted, name)))
            }
            // None of these objects merges or has a recycle bin.
            Operation::Undelete { .. } | Operation::Erase { .. } | Operation::Merge { .. } => {
                Ok(None)
            }
        }
    }

    /// The record as it is. One that is not there is told by the write, which knows why.
    async fn before(
        &self,
        object: &Arc<Object>,
        id: headwater_catalogue::Id,
    ) -> Result<Option<NamedRow>, Error> {
        NamedRow::one(self.store(), object, "Id", id.into()).await
    }
}

/// Whether a change of a field is told: of those that people write, and of all in an object that
/// only a verb writes. What is kept for the server's own code alone is not.
fn is_told(object: &Object, field: &Field) -> bool {
    let by_verbs_alone = !object.calls.create && !object.calls.update;
    (field.createable || field.updateable || by_verbs_alone) && !field.internal
}

fn differ(before: &Value, after: &Value) -> bool {
    // A checkbox that was never written is off.
    let on = |value: &Value| value.is_true();
    match (before, after) {
        (Value::Boolean(_), _) | (_, Value::Boolean(_)) => on(before) != on(after),
        (before, after) => before != after,
    }
}

fn sentence(name: String, told: &[String]) -> String {
    if told.is_empty() {
        return name;
    }
    format!("{name}: {}", told.join(", "))
}

#[cfg(test)]
mod tests {
    use headwater_catalogue::{Access, Catalogue};

    use super::*;

    #[test]
    fn every_object_that_takes_a_right_to_set_up_is_in_the_list_and_named_by_its_fields() {
        let catalogue = Catalogue::built_in().unwrap();
        for object in catalogue.objects() {
            if let Access::SetUp(_) = object.access {
                assert!(Setup::of(object).is_some(), "{}", object.name);
            }
        }
        for setup in &SETUP {
            let object = catalogue.object(setup.object).unwrap();
            for field in setup.told_by {
                assert!(object.field(field).is_some(), "{}.{field}", setup.object);
            }
        }
    }
}
