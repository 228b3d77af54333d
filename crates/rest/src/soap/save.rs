//! The verbs that change records.

use headwater_catalogue::Id;
use headwater_records::convert::{ConvertRequest, Converted};
use headwater_records::merge::MergeRequest;
use headwater_records::{Error, Input, Precondition};

use super::Asked;
use super::answer::{element, flag};
use super::fault::Fault;
use super::record::Given;
use crate::answer::escape;
use crate::error::{ErrorItem, Failure};
use crate::sobjects::password;

/// Most records in one call, as on Salesforce.
const RECORDS_MAX: usize = 200;

/// Records are made.
pub(super) async fn create(asked: &Asked<'_>) -> Result<String, Fault> {
    let mut xml = String::new();
    for given in records(asked)? {
        let org = &asked.call.state.org;
        let made = org.create(&asked.caller, &given.object, given.draft).await;
        let made = made.map(|id| id.to_string());
        save_result(&mut xml, made, "")?;
    }
    Ok(xml)
}

/// Records are changed.
pub(super) async fn update(asked: &Asked<'_>) -> Result<String, Fault> {
    let mut xml = String::new();
    for given in records(asked)? {
        let saved = match given.id {
            None => Err(missing_id()),
            Some(id) => {
                let org = &asked.call.state.org;
                let when = Precondition::default();
                let updated = org.update(&asked.caller, &given.object, &id, given.draft, when);
                updated.await.map(|_| id)
            }
        };
        save_result(&mut xml, saved, "")?;
    }
    Ok(xml)
}

/// Records are changed that hold a value in an external id, or made.
pub(super) async fn upsert(asked: &Asked<'_>) -> Result<String, Fault> {
    let field = asked.argument("externalIDFieldName");
    let mut xml = String::new();
    for given in records(asked)? {
        let (saved, created) = match upsert_one(asked, field, given).await {
            Ok((id, created)) => (Ok(id), created),
            Err(error) => (Err(error), false),
        };
        let mut created_element = String::new();
        element(&mut created_element, "created", flag(created));
        save_result(&mut xml, saved, &created_element)?;
    }
    Ok(xml)
}

async fn upsert_one(
    asked: &Asked<'_>,
    field: &str,
    mut given: Given,
) -> Result<(String, bool), Error> {
    let org = &asked.call.state.org;
    if field.is_empty() || field.eq_ignore_ascii_case("Id") {
        let Some(id) = given.id else {
            let made = org
                .create(&asked.caller, &given.object, given.draft)
                .await?;
            return Ok((made.to_string(), true));
        };
        let when = Precondition::default();
        org.update(&asked.caller, &given.object, &id, given.draft, when)
            .await?;
        return Ok((id, false));
    }
    let fields = &mut given.draft.fields;
    let place = fields
        .iter()
        .position(|(name, _)| name.eq_ignore_ascii_case(field));
    let key = place.map(|place| fields.remove(place).1);
    let Some(Input::Text(key)) = key else {
        return Err(Error::NotAnExternalId(format!("{field} not specified")));
    };
    let upserted = org
        .upsert(
            &asked.caller,
            &given.object,
            field,
            &key,
            given.draft,
            false,
        )
        .await?;
    Ok((upserted.id.to_string(), upserted.created))
}

/// Records go to the recycle bin.
pub(super) async fn delete(asked: &Asked<'_>) -> Result<String, Fault> {
    let mut xml = String::new();
    for id in ids(asked)? {
        let catalogue = &asked.caller.rights.catalogue;
        let object = id
            .parse()
            .ok()
            .and_then(|id: Id| catalogue.object_of(id.prefix()).map(|o| o.name.clone()));
        let deleted = match object {
            Some(object) => {
                let org = &asked.call.state.org;
                org.delete(&asked.caller, &object, &id).await
            }
            None => Err(Error::MalformedId(id.clone())),
        };
        save_result(&mut xml, deleted.map(|()| id), "")?;
    }
    Ok(xml)
}

/// Records come back from the recycle bin.
pub(super) async fn undelete(asked: &Asked<'_>) -> Result<String, Fault> {
    let mut xml = String::new();
    for id in ids(asked)? {
        let org = &asked.call.state.org;
        let back = org.undelete(&asked.caller, &id).await;
        save_result(&mut xml, back.map(|_| id), "")?;
    }
    Ok(xml)
}

/// Records leave the recycle bin for good.
pub(super) async fn empty_recycle_bin(asked: &Asked<'_>) -> Result<String, Fault> {
    let mut xml = String::new();
    for id in ids(asked)? {
        let org = &asked.call.state.org;
        let gone = org.empty_from_bin(&asked.caller, &id).await;
        save_result(&mut xml, gone.map(|()| id), "")?;
    }
    Ok(xml)
}

/// Records become one.
pub(super) async fn merge(asked: &Asked<'_>) -> Result<String, Fault> {
    one_by_one(asked)?;
    let operation = &asked.envelope.operation;
    // jsforce's word for it comes second.
    let requests = ["request", "mergeRequests"].map(|name| operation.all(name));
    let requests: Vec<_> = requests.into_iter().flatten().collect();
    if requests.len() > RECORDS_MAX {
        return Err(Fault::too_many(RECORDS_MAX));
    }
    let mut xml = String::new();
    for request in requests {
        let mut masters = request.all("masterRecord");
        let master = masters.next();
        let master =
            master.ok_or_else(|| Fault::bad("INVALID_FIELD", "masterRecord is missing"))?;
        let given = Given::of(master)?;
        let merged = request.texts("recordToMergeIds");
        let merged: Vec<String> = merged.into_iter().map(str::to_owned).collect();
        let survivor = given.id.unwrap_or_default();
        let done = asked.call.state.org.merge(
            &asked.caller,
            MergeRequest {
                object: given.object,
                survivor: survivor.clone(),
                merged: merged.clone(),
                values: given.draft,
                reason: None,
                dry_run: false,
            },
        );
        let done = done.await;
        let mut ids = String::new();
        if done.is_ok() {
            for id in &merged {
                element(&mut ids, "mergedRecordIds", id);
            }
        }
        save_result(&mut xml, done.map(|_| survivor), &ids)?;
    }
    Ok(xml)
}

/// Leads become accounts, contacts and opportunities.
pub(super) async fn convert_leads(asked: &Asked<'_>) -> Result<String, Fault> {
    one_by_one(asked)?;
    let leads: Vec<_> = asked.envelope.operation.all("leadConverts").collect();
    if leads.len() > RECORDS_MAX {
        return Err(Fault::too_many(RECORDS_MAX));
    }
    let mut xml = String::new();
    for lead in leads {
        let text = |name: &str| {
            let text = lead.text_of(name).map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let request = ConvertRequest {
            lead: text("leadId").unwrap_or_default(),
            status: text("convertedStatus"),
            account: text("accountId"),
            contact: text("contactId"),
            opportunity_name: text("opportunityName"),
            without_opportunity: text("doNotCreateOpportunity").as_deref() == Some("true"),
            owner: text("ownerId"),
        };
        let org = &asked.call.state.org;
        let converted = org.convert_lead(&asked.caller, &request).await;
        convert_result(&mut xml, converted)?;
    }
    Ok(xml)
}

fn convert_result(xml: &mut String, converted: Result<Converted, Error>) -> Result<(), Fault> {
    let (converted, errors) = match converted {
        Ok(converted) => (Some(converted), Vec::new()),
        Err(error) => (None, items(error)?),
    };
    let id = |id: Option<Id>| id.map(|id| id.to_string()).unwrap_or_default();
    xml.push_str("<result>");
    element(xml, "accountId", &id(converted.map(|one| one.account)));
    element(xml, "contactId", &id(converted.map(|one| one.contact)));
    write_errors(xml, &errors);
    element(xml, "leadId", &id(converted.map(|one| one.lead)));
    let opportunity = converted.and_then(|one| one.opportunity);
    element(xml, "opportunityId", &id(opportunity));
    element(xml, "success", flag(errors.is_empty()));
    xml.push_str("</result>");
    Ok(())
}

/// A user gets a password.
pub(super) async fn set_password(asked: &Asked<'_>) -> Result<String, Fault> {
    let user = user(asked)?;
    let password = asked.envelope.argument("password").unwrap_or_default();
    let org = &asked.call.state.org;
    let set = org.set_password(&asked.caller, user, password).await;
    set.map_err(password::refusal)?;
    Ok("<result/>".to_owned())
}

/// A user gets a password that the server makes, and tells this once.
pub(super) async fn reset_password(asked: &Asked<'_>) -> Result<String, Fault> {
    let user = user(asked)?;
    let org = &asked.call.state.org;
    let made = password::made(org);
    let set = org.set_password(&asked.caller, user, &made).await;
    set.map_err(password::refusal)?;
    Ok(format!(
        "<result><password>{}</password></result>",
        escape(made.as_str())
    ))
}

fn user(asked: &Asked<'_>) -> Result<headwater_catalogue::Id, Fault> {
    let user = asked.argument("userId");
    user.parse()
        .map_err(|_| Error::MalformedId(user.to_owned()).into())
}

fn records(asked: &Asked<'_>) -> Result<Vec<Given>, Fault> {
    one_by_one(asked)?;
    let records: Vec<_> = asked.envelope.operation.all("sObjects").collect();
    if records.len() > RECORDS_MAX {
        return Err(Fault::too_many(RECORDS_MAX));
    }
    records.into_iter().map(Given::of).collect()
}

/// The ids in a call.
fn ids(asked: &Asked<'_>) -> Result<Vec<String>, Fault> {
    one_by_one(asked)?;
    let operation = &asked.envelope.operation;
    let mut ids = operation.texts("ids");
    // The parameter's name in older versions of the WSDL.
    ids.extend(operation.texts("ID"));
    if ids.len() > RECORDS_MAX {
        return Err(Fault::too_many(RECORDS_MAX));
    }
    Ok(ids.into_iter().map(str::to_owned).collect())
}

/// Each record is treated by itself here, so a call that wants all of them or none is refused
/// rather than half done.
fn one_by_one(asked: &Asked<'_>) -> Result<(), Fault> {
    match asked.envelope.header("allOrNone") {
        Some("true" | "1") => Err(Fault::client(
            "AllOrNoneHeader is not supported here: each record is saved by itself",
        )),
        _ => Ok(()),
    }
}

fn missing_id() -> Error {
    Error::Invalid(vec![headwater_records::Problem::Missing {
        fields: vec!["Id".into()],
    }])
}

/// What became of one record. What is our fault is that of the whole call.
fn save_result(xml: &mut String, saved: Result<String, Error>, more: &str) -> Result<(), Fault> {
    xml.push_str("<result>");
    let (id, errors) = match saved {
        Ok(id) => (id, Vec::new()),
        Err(error) => (String::new(), items(error)?),
    };
    let success = errors.is_empty();
    // The WSDL's order: `created` comes first, the ids of a merge after the record's own.
    let (before, after) = if more.starts_with("<created") {
        (more, "")
    } else {
        ("", more)
    };
    xml.push_str(before);
    write_errors(xml, &errors);
    element(xml, "id", &id);
    xml.push_str(after);
    element(xml, "success", flag(success));
    xml.push_str("</result>");
    Ok(())
}

fn write_errors(xml: &mut String, errors: &[ErrorItem]) {
    for item in errors {
        xml.push_str("<errors>");
        for field in item.fields.iter().flatten() {
            element(xml, "fields", field);
        }
        element(xml, "message", &item.message);
        element(xml, "statusCode", item.code);
        xml.push_str("</errors>");
    }
}

fn items(error: Error) -> Result<Vec<ErrorItem>, Fault> {
    let failure = match error {
        Error::UnknownObject(name) => {
            let message = format!("sObject type '{name}' is not supported.");
            return Ok(vec![ErrorItem::new("INVALID_TYPE", message)]);
        }
        Error::NotFound(id) if id.parse::<Id>().is_ok() => {
            let message = "invalid cross reference id";
            return Ok(vec![ErrorItem::new("INVALID_CROSS_REFERENCE_KEY", message)]);
        }
        error => Failure::from(error),
    };
    if failure.status.is_server_error() || failure.errors.is_empty() {
        return Err(failure.into());
    }
    Ok(failure.errors)
}
