//! Custom objects and fields from an SFDX project: what is not there is made, what differs is
//! changed, what is the same is left alone. So a load can be repeated, and one that broke off goes
//! on where it stopped.

mod compare;
mod project;
mod xml;

use headwater_records::{CustomFieldSpec, CustomObjectSpec, Org};
use serde::{Deserialize, Serialize};

use super::refusal::refused;
use crate::failure::{Failure, Kind, Outcome};
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
    /// Why it was skipped, with file and line.
    pub reason: Option<String>,
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
    /// It cannot be here.
    Skipped,
}

/// Loads the files of a project. All of them are read before anything is made; what cannot be here
/// is refused then, or skipped if that is wanted.
pub(super) async fn load(
    org: &Org,
    files: &[SourceFile],
    skip_unsupported: bool,
) -> Outcome<Vec<Loaded>> {
    let mut project = Project::read(files).map_err(|problems| nothing_loaded(&problems))?;
    project.set_aside_strangers(&org.catalogue());
    if !skip_unsupported && !project.unsupported.is_empty() {
        let mut problems: Vec<_> = project
            .unsupported
            .iter()
            .map(|one| one.1.clone())
            .collect();
        problems.push("add --skip-unsupported to load the rest".to_owned());
        return Err(nothing_loaded(&problems));
    }
    let mut loaded = Vec::new();
    for object in &project.objects {
        let name = object.spec.name.clone();
        let done = load_object(org, object).await;
        loaded.push(settled(name, done, skip_unsupported)?);
    }
    // Fields last: a lookup may point to an object that comes later in the list.
    for field in &project.fields {
        let name = format!("{}.{}", field.spec.object, field.spec.name);
        let done = load_field(org, field).await;
        loaded.push(settled(name, done, skip_unsupported)?);
    }
    let skipped = project.unsupported.into_iter();
    loaded.extend(skipped.map(|(name, reason)| skipped_for(name, reason)));
    Ok(loaded)
}

fn nothing_loaded(problems: &[String]) -> Failure {
    Failure::refused(format!("nothing was loaded:\n  {}", problems.join("\n  ")))
}

/// What was done, or why it was skipped; what broke stays broken.
fn settled(name: String, done: Outcome<Loaded>, skip_unsupported: bool) -> Outcome<Loaded> {
    match done {
        Err(failure) if skip_unsupported && failure.kind() == Kind::Refused => {
            Ok(skipped_for(name, failure.to_string()))
        }
        done => done,
    }
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
        let missing = format!("there is no object {}", spec.object);
        return Err(field.at(&Failure::refused(missing)));
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
        reason: None,
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
        reason: None,
    }
}

fn skipped_for(name: String, reason: String) -> Loaded {
    Loaded {
        name,
        what: What::Skipped,
        changes: Vec::new(),
        reason: Some(reason),
    }
}
