//! The verbs that change records.

use headwater_catalogue::Id;
use headwater_records::convert::{ConvertRequest, Converted};
use headwater_records::merge::MergeRequest;
use headwater_records::{Error, Input, RECORDS_TOGETHER_MAX as RECORDS_MAX, RecordWrite};

use super::Asked;
use super::answer::{element, flag};
use super::fault::Fault;
use super::record::Given;
use crate::answer::escape;
use crate::composite::{failed, of_row};
use crate::error::{ErrorItem, Failure};
use crate::sobjects::password;

/// Records are made.
pub(super) async fn create(asked: &Asked<'_>) -> Result<String, Fault> {
    let writes = records(asked)?.into_iter().map(|given| {
        Ok(RecordWrite::Create {
            object: given.object,
            draft: given.draft,
        })
    });
    write(asked, writes.collect(), false).await
}

/// Records are changed.
pub(super) async fn update(asked: &Asked<'_>) -> Result<String, Fault> {
    let writes = records(asked)?.into_iter().map(|given| {
        let id = given
            .id
            .ok_or_else(|| failed("MISSING_ARGUMENT", "Id not specified in an update call"))?;
        Ok(RecordWrite::Update {
            object: given.object,
            id,
            draft: given.draft,
        })
    });
    write(asked, writes.collect(), false).await
}

/// Records are changed that hold a value in an external id, or made.
pub(super) async fn upsert(asked: &Asked<'_>) -> Result<String, Fault> {
    let field = asked.argument("externalIDFieldName");
    let writes = records(asked)?;
    let writes = writes.into_iter().map(|given| upsert_of(field, given));
    write(asked, writes.collect(), true).await
}

fn upsert_of(field: &str, mut given: Given) -> Result<RecordWrite, Failure> {
    let object = given.object;
    if field.is_empty() || field.eq_ignore_ascii_case("Id") {
        let draft = given.draft;
        return Ok(match given.id {
            Some(id) => RecordWrite::Update { object, id, draft },
            None => RecordWrite::Create { object, draft },
        });
    }
    let fields = &mut given.draft.fields;
    let place = fields
        .iter()
        .position(|(name, _)| name.eq_ignore_ascii_case(field));
    match place.map(|place| fields.remove(place).1) {
        Some(Input::Text(value)) => Ok(RecordWrite::Upsert {
            object,
            field: field.to_owned(),
            value,
            draft: given.draft,
        }),
        _ => Err(failed("MISSING_ARGUMENT", format!("{field} not specified"))),
    }
}

/// Records go to the recycle bin.
pub(super) async fn delete(asked: &Asked<'_>) -> Result<String, Fault> {
    let catalogue = &asked.caller.rights.catalogue;
    let writes = ids(asked)?.into_iter().map(|id| {
        let parsed = id.parse::<Id>().ok();
        match parsed.and_then(|id| catalogue.object_of(id.prefix())) {
            Some(object) => Ok(RecordWrite::Delete {
                object: object.name.to_string(),
                id,
            }),
            None => Err(Error::MalformedId(id).into()),
        }
    });
    write(asked, writes.collect(), false).await
}

/// Does what could be read, and says of each record what became of it.
async fn write(
    asked: &Asked<'_>,
    writes: Vec<Result<RecordWrite, Failure>>,
    is_upsert: bool,
) -> Result<String, Fault> {
    let org = &asked.call.state.org;
    let all_or_none = all_or_none(asked);
    let done = org.write_readable(&asked.caller, writes, all_or_none, of_row);
    let mut xml = String::new();
    for written in done.await? {
        let mut more = String::new();
        if is_upsert {
            let created = written.as_ref().is_ok_and(|written| written.created);
            element(&mut more, "created", flag(created));
        }
        save_result(
            &mut xml,
            written.map(|written| written.id.to_string()),
            &more,
        )?;
    }
    Ok(xml)
}

/// Records come back from the recycle bin.
pub(super) async fn undelete(asked: &Asked<'_>) -> Result<String, Fault> {
    let ids = ids(asked)?;
    one_by_one(asked, ids.len())?;
    let mut xml = String::new();
    for id in ids {
        let org = &asked.call.state.org;
        let back = org.undelete(&asked.caller, &id).await;
        save_result(&mut xml, back.map(|_| id).map_err(of_row), "")?;
    }
    Ok(xml)
}

/// Records leave the recycle bin for good.
pub(super) async fn empty_recycle_bin(asked: &Asked<'_>) -> Result<String, Fault> {
    let ids = ids(asked)?;
    one_by_one(asked, ids.len())?;
    let mut xml = String::new();
    for id in ids {
        let org = &asked.call.state.org;
        let gone = org.empty_from_bin(&asked.caller, &id).await;
        save_result(&mut xml, gone.map(|()| id).map_err(of_row), "")?;
    }
    Ok(xml)
}

/// Records become one.
pub(super) async fn merge(asked: &Asked<'_>) -> Result<String, Fault> {
    let operation = &asked.envelope.operation;
    // jsforce's word for it comes second.
    let requests = ["request", "mergeRequests"].map(|name| operation.all(name));
    let requests: Vec<_> = requests.into_iter().flatten().collect();
    if requests.len() > RECORDS_MAX {
        return Err(Fault::too_many(RECORDS_MAX));
    }
    one_by_one(asked, requests.len())?;
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
        save_result(&mut xml, done.map(|_| survivor).map_err(of_row), &ids)?;
    }
    Ok(xml)
}

/// Leads become accounts, contacts and opportunities.
pub(super) async fn convert_leads(asked: &Asked<'_>) -> Result<String, Fault> {
    let leads: Vec<_> = asked.envelope.operation.all("leadConverts").collect();
    if leads.len() > RECORDS_MAX {
        return Err(Fault::too_many(RECORDS_MAX));
    }
    one_by_one(asked, leads.len())?;
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
        Err(error) => (None, items(of_row(error))?),
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
    let records: Vec<_> = asked.envelope.operation.all("sObjects").collect();
    if records.len() > RECORDS_MAX {
        return Err(Fault::too_many(RECORDS_MAX));
    }
    records.into_iter().map(Given::of).collect()
}

/// The ids in a call.
fn ids(asked: &Asked<'_>) -> Result<Vec<String>, Fault> {
    let operation = &asked.envelope.operation;
    let mut ids = operation.texts("ids");
    // The parameter's name in older versions of the WSDL.
    ids.extend(operation.texts("ID"));
    if ids.len() > RECORDS_MAX {
        return Err(Fault::too_many(RECORDS_MAX));
    }
    Ok(ids.into_iter().map(str::to_owned).collect())
}

/// Whether all records are to be changed, or none.
fn all_or_none(asked: &Asked<'_>) -> bool {
    matches!(asked.envelope.header("allOrNone"), Some("true" | "1"))
}

/// Of verbs that treat each record by itself: a call that wants all of several or none is refused
/// rather than half done.
fn one_by_one(asked: &Asked<'_>, records: usize) -> Result<(), Fault> {
    if records > 1 && all_or_none(asked) {
        return Err(Fault::client(
            "AllOrNoneHeader is taken by create, update, upsert and delete: here each record is \
             treated by itself",
        ));
    }
    Ok(())
}

/// What became of one record. What is our fault is that of the whole call.
fn save_result(xml: &mut String, saved: Result<String, Failure>, more: &str) -> Result<(), Fault> {
    xml.push_str("<result>");
    let (id, errors) = match saved {
        Ok(id) => (id, Vec::new()),
        Err(failure) => (String::new(), items(failure)?),
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

/// What is wrong with a record. What is our fault is that of the whole call.
fn items(failure: Failure) -> Result<Vec<ErrorItem>, Fault> {
    if failure.status.is_server_error() || failure.errors.is_empty() {
        return Err(failure.into());
    }
    Ok(failure.errors)
}
