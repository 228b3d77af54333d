//! `composite/tree/{object}`: records with those that refer to them, all or none.

use axum::http::StatusCode;
use axum::response::Response;
use headwater_records::{Caller, Error, RECORDS_TOGETHER_MAX, Sapling};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::collections::{item_json, of_row};
use crate::answer;
use crate::call::Call;
use crate::error::{ErrorItem, Failure};
use crate::record_body::{Children, RecordBody, json_body};
use crate::sobjects::canonical_name;

/// Most records below one another.
const LEVELS_MAX: usize = 5;

/// Most objects in one tree.
const OBJECTS_MAX: usize = 5;

#[derive(serde::Deserialize)]
struct Records<'b> {
    #[serde(borrow)]
    records: Vec<&'b RawValue>,
}

/// What the tree comes to, its records one after the other, parents first.
#[derive(Default)]
struct Flat {
    saplings: Vec<Sapling>,
    references: Vec<String>,
    /// What is wrong with a record before anything is asked of the data.
    wrong: Vec<(String, Failure)>,
}

/// `POST`.
pub(super) async fn plant(call: Call, caller: Caller) -> Result<Response, Failure> {
    let object = canonical_name(&call, &caller)?;
    let body: Records<'_> = json_body(&call)?;
    let mut flat = Flat::default();
    for record in body.records {
        flat.add(&caller, &object, record, None, 1)?;
    }
    flat.check()?;
    if !flat.wrong.is_empty() {
        return Ok(refused(&call, flat.wrong));
    }
    let (references, org) = (flat.references, &call.state.org);
    let answers = org.plant(&caller, flat.saplings).await?;
    let mut done = Vec::with_capacity(answers.len());
    let mut wrong = Vec::new();
    for (reference, answer) in references.into_iter().zip(answers) {
        match answer {
            Ok(written) => {
                done.push(json!({ "referenceId": reference, "id": written.id.as_str() }));
            }
            // The answer lists only those that something is wrong with.
            Err(Error::RolledBack) => {}
            Err(error) => wrong.push((reference, of_row(error))),
        }
    }
    if !wrong.is_empty() {
        return Ok(refused(&call, wrong));
    }
    let body = json!({ "hasErrors": false, "results": done });
    Ok(answer::json(StatusCode::CREATED, &body))
}

impl Flat {
    /// Takes a record in, and those that refer to it after it.
    fn add(
        &mut self,
        caller: &Caller,
        object: &str,
        record: &RawValue,
        parent: Option<(usize, String)>,
        level: usize,
    ) -> Result<(), Failure> {
        if level > LEVELS_MAX {
            return Err(too_much(&format!("more than {LEVELS_MAX} levels")));
        }
        let record = RecordBody::of_bytes(record.get().as_bytes())?;
        let attributes = record.attributes()?;
        let reference = attributes.reference_id.unwrap_or_default();
        if reference.is_empty() {
            self.complain(
                &reference,
                "Include a reference ID for each record in the request.",
            );
        } else if self.references.contains(&reference) {
            let message = format!("Duplicate ReferenceId provided in the request. {reference}");
            self.complain(&reference, message);
        }
        let given = attributes.object.unwrap_or_default();
        if !given.eq_ignore_ascii_case(object) {
            let message = format!("Record of type '{given}' where one of type '{object}' belongs");
            self.complain(&reference, message);
        }
        let (draft, children) = match record.draft_and_children() {
            Ok(read) => read,
            Err(failure) => {
                self.wrong.push((reference, failure));
                return Ok(());
            }
        };
        let place = self.saplings.len();
        self.saplings.push(Sapling {
            object: object.to_owned(),
            draft,
            parent,
        });
        self.references.push(reference.clone());
        for Children { name, records } in children {
            for child in records {
                let attributes = RecordBody::of_bytes(child.get().as_bytes())?.attributes()?;
                let child_object = attributes.object.unwrap_or_default();
                let Some((object, field)) = referring(caller, object, &name, &child_object) else {
                    let message = format!(
                        "No such relationship '{name}' of '{child_object}' records on entity \
                         '{object}'"
                    );
                    self.complain(&reference, message);
                    continue;
                };
                self.add(caller, &object, child, Some((place, field)), level + 1)?;
            }
        }
        Ok(())
    }

    fn complain(&mut self, reference: &str, message: impl Into<String>) {
        let item = ErrorItem::of_fields("INVALID_INPUT", message, Vec::new());
        let failure = Failure::of(StatusCode::BAD_REQUEST, vec![item]);
        self.wrong.push((reference.to_owned(), failure));
    }

    /// The limits of the whole tree.
    fn check(&self) -> Result<(), Failure> {
        if self.saplings.len() > RECORDS_TOGETHER_MAX {
            return Err(too_much(&format!(
                "more than {RECORDS_TOGETHER_MAX} records"
            )));
        }
        let mut objects: Vec<&str> = Vec::new();
        for sapling in &self.saplings {
            if !objects.contains(&&*sapling.object) {
                objects.push(&sapling.object);
            }
        }
        if objects.len() > OBJECTS_MAX {
            return Err(too_much(&format!(
                "records of more than {OBJECTS_MAX} types"
            )));
        }
        Ok(())
    }
}

fn too_much(what: &str) -> Failure {
    Failure::bad_request("LIMIT_EXCEEDED", format!("The tree has {what}"))
}

/// The object and the field by which records of it are the children of this name.
fn referring(caller: &Caller, parent: &str, name: &str, child: &str) -> Option<(String, String)> {
    let catalogue = &caller.rights.catalogue;
    let incoming = catalogue.incoming(catalogue.object(parent)?).iter();
    let mut fitting = incoming.filter(|incoming| {
        let children = incoming.children.as_deref();
        children.is_some_and(|children| children.eq_ignore_ascii_case(name))
            && incoming.object.eq_ignore_ascii_case(child)
    });
    let incoming = fitting.next()?;
    Some((incoming.object.to_string(), incoming.field.to_string()))
}

fn refused(call: &Call, wrong: Vec<(String, Failure)>) -> Response {
    let results = wrong.into_iter().map(|(reference, failure)| {
        call.report(&failure);
        let errors: Vec<Value> = failure.errors.iter().map(item_json).collect();
        json!({ "referenceId": reference, "errors": errors })
    });
    let body = json!({ "hasErrors": true, "results": results.collect::<Vec<_>>() });
    answer::json(StatusCode::BAD_REQUEST, &body)
}
