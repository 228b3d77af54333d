//! The verbs that read records.

use headwater_catalogue::Id;
use headwater_records::{Error, QueryAnswer, QueryOptions};
use jiff::Timestamp;

use super::Asked;
use super::answer::{element, flag};
use super::fault::Fault;
use super::record::{write_found, write_records};
use crate::record_json::RecordJson;

/// Most records that one call retrieves, as on Salesforce.
const RETRIEVED_MAX: usize = 2_000;

/// A query's first page.
pub(super) async fn query(asked: &Asked<'_>, include_deleted: bool) -> Result<String, Fault> {
    let options = QueryOptions {
        include_deleted,
        batch_size: batch_size(asked)?,
    };
    let sink = RecordJson::new(asked.version);
    let org = &asked.call.state.org;
    let soql = asked.argument("queryString");
    let page = org.query(&asked.caller, soql, options, sink).await?;
    Ok(query_result(page))
}

/// A page at a locator.
pub(super) async fn query_more(asked: &Asked<'_>) -> Result<String, Fault> {
    let sink = RecordJson::new(asked.version);
    let org = &asked.call.state.org;
    let locator = asked.argument("queryLocator");
    let page = org.query_more(&asked.caller, locator, batch_size(asked)?, sink);
    Ok(query_result(page.await?))
}

/// `QueryOptions`.
fn batch_size(asked: &Asked<'_>) -> Result<Option<u32>, Fault> {
    let text = asked.envelope.header("batchSize");
    let size = text.map(|text| {
        let shown: String = text.chars().take(40).collect();
        text.parse()
            .map_err(|_| Fault::client(&format!("batchSize is no number: '{shown}'")))
    });
    size.transpose()
}

fn query_result(page: QueryAnswer<RecordJson>) -> String {
    let mut xml = String::from("<result xsi:type=\"QueryResult\">");
    element(&mut xml, "done", flag(page.done));
    let locator = page.locator.unwrap_or_default();
    element(&mut xml, "queryLocator", &locator);
    write_records(&mut xml, "records", page.sink.bytes());
    element(&mut xml, "size", &page.total.to_string());
    xml.push_str("</result>");
    xml
}

/// Records that hold words, each in an element of its own.
pub(super) async fn search(asked: &Asked<'_>) -> Result<String, Fault> {
    let sink = RecordJson::new(asked.version);
    let org = &asked.call.state.org;
    let sosl = asked.argument("searchString");
    let found = org.search(&asked.caller, sosl, sink).await?;
    let mut xml = String::from("<result>");
    element(&mut xml, "queryId", "");
    write_found(&mut xml, found.sink.bytes());
    xml.push_str("</result>");
    Ok(xml)
}

/// Records by their ids, in the order of the ids. One that is not there is nil.
pub(super) async fn retrieve(asked: &Asked<'_>) -> Result<String, Fault> {
    let object = asked.argument("sObjectType");
    let fields = asked.argument("fieldList").split(',').map(str::trim);
    let fields: Vec<String> = fields
        .filter(|field| !field.is_empty())
        .map(str::to_owned)
        .collect();
    let ids = asked.envelope.operation.texts("ids");
    if ids.len() > RETRIEVED_MAX {
        return Err(Fault::too_many(RETRIEVED_MAX));
    }
    let mut xml = String::new();
    for id in ids {
        if id.parse::<Id>().is_err() {
            return Err(Error::MalformedId(id.to_owned()).into());
        }
        let org = &asked.call.state.org;
        let sink = RecordJson::new(asked.version);
        let read = org.retrieve(&asked.caller, object, id, Some(&fields), sink);
        match read.await {
            Ok(read) => write_records(&mut xml, "result", read.sink.bytes()),
            Err(Error::NotFound(_) | Error::Deleted(_)) => element(&mut xml, "result", ""),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(xml)
}

/// Records that were made or changed in a stretch of time.
pub(super) async fn updated(asked: &Asked<'_>) -> Result<String, Fault> {
    let (object, start, end) = stretch(asked)?;
    let org = &asked.call.state.org;
    let updated = org.updated(&asked.caller, object, start, end).await?;
    let mut xml = String::from("<result>");
    for id in &updated.ids {
        element(&mut xml, "ids", id.as_str());
    }
    element(
        &mut xml,
        "latestDateCovered",
        &instant(updated.latest_covered),
    );
    xml.push_str("</result>");
    Ok(xml)
}

/// Records that were deleted in a stretch of time.
pub(super) async fn deleted(asked: &Asked<'_>) -> Result<String, Fault> {
    let (object, start, end) = stretch(asked)?;
    let org = &asked.call.state.org;
    let deleted = org.deleted(&asked.caller, object, start, end).await?;
    let mut xml = String::from("<result>");
    for (id, at) in &deleted.records {
        xml.push_str("<deletedRecords>");
        element(&mut xml, "deletedDate", &instant(*at));
        element(&mut xml, "id", id.as_str());
        xml.push_str("</deletedRecords>");
    }
    let earliest = instant(deleted.earliest_available);
    element(&mut xml, "earliestDateAvailable", &earliest);
    element(
        &mut xml,
        "latestDateCovered",
        &instant(deleted.latest_covered),
    );
    xml.push_str("</result>");
    Ok(xml)
}

fn stretch<'a>(asked: &'a Asked<'_>) -> Result<(&'a str, Timestamp, Timestamp), Fault> {
    let at = |name: &str| {
        let text = asked.argument(name);
        let shown: String = text.chars().take(60).collect();
        let message = format!("{name} is not a date and time: {shown}");
        text.parse::<Timestamp>()
            .map_err(|_| Fault::bad("INVALID_REPLICATION_DATE", &message))
    };
    Ok((
        asked.argument("sObjectType"),
        at("startDate")?,
        at("endDate")?,
    ))
}

fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
