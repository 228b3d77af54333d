//! Custom objects and fields from an SFDX project: what is not there is made, what differs is
//! changed, what is the same is left alone. So a load can be repeated, and one that broke off goes
//! on where it stopped.

mod compare;
mod project;
mod xml;

use headwater_records::{CustomFieldSpec, CustomObjectSpec, Org};
use serde::{Deserialize, Serialize};

use super::refusal::refused;
use crate::failure::{Failure, Outcome};
use project::{Project, Sourced};

pub use project::SourceFile;

/// What became of one object or field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    /// `Invoice__c` or `Invoice__c.Amount__c`.
    pub name: String,
    /// What happened to it.
    pub what: What,
    /// The keys that were changed, as the files spell them.
    pub changes: Vec<String>,
}

/// What happened to an object or field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// It was not there.
    Made,
    /// It was there and differed.
    Changed,
    /// It was there as the file says.
    Unchanged,
}

/// Loads the files of a project. All of them are read and checked before anything is made.
pub(super) async fn load(org: &Org, files: &[SourceFile]) -> Outcome<Vec<Loaded>> {
    let project = Project::read(files).map_err(|problems| {
        Failure::refused(format!("nothing was loaded:\n  {}", problems.join("\n  ")))
    })?;
    let mut loaded = Vec::new();
    for object in &project.objects {
        loaded.push(load_object(org, object).await?);
    }
    // Fields last: a lookup may point to an object that comes later in the list.
    for field in &project.fields {
        loaded.push(load_field(org, field).await?);
    }
    Ok(loaded)
}

async fn load_object(org: &Org, object: &Sourced<CustomObjectSpec>) -> Outcome<Loaded> {
    let name = object.spec.name.clone();
    if org.catalogue().object(&name).is_some() {
        let changes = compare::update_object(org, &object.spec)
            .await
            .map_err(|failure| object.at(&failure))?;
        return Ok(found(name, changes));
    }
    org.create_custom_object(&org.system(), object.spec.clone())
        .await
        .map_err(|error| object.at(&refused(&error)))?;
    Ok(made(name))
}

async fn load_field(org: &Org, field: &Sourced<CustomFieldSpec>) -> Outcome<Loaded> {
    let spec = &field.spec;
    let name = format!("{}.{}", spec.object, spec.name);
    let catalogue = org.catalogue();
    let Some(object) = catalogue.object(&spec.object) else {
        return Err(field.at(&Failure::refused(format!(
            "there is no object {}",
            spec.object
        ))));
    };
    if object.field(&spec.name).is_some() {
        let changes = compare::update_field(org, spec)
            .await
            .map_err(|failure| field.at(&failure))?;
        return Ok(found(name, changes));
    }
    org.create_custom_field(&org.system(), spec.clone())
        .await
        .map_err(|error| field.at(&refused(&error)))?;
    Ok(made(name))
}

fn made(name: String) -> Loaded {
    Loaded {
        name,
        what: What::Made,
        changes: Vec::new(),
    }
}

fn found(name: String, changes: Vec<String>) -> Loaded {
    let what = if changes.is_empty() {
        What::Unchanged
    } else {
        What::Changed
    };
    Loaded {
        name,
        what,
        changes,
    }
}
