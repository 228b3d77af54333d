//! `/parameterizedSearch`: a search put together from parameters, as a query string or as JSON. It
//! becomes the SOSL that says the same.

use axum::response::Response;
use headwater_records::Caller;
use serde::Deserialize;

use super::{answer, malformed};
use crate::call::Call;
use crate::error::Failure;
use crate::record_body::json_failure;

/// A search by parameters.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Parameters {
    q: String,
    #[serde(rename = "in")]
    fields_in: Option<String>,
    fields: Vec<String>,
    sobjects: Vec<OfObject>,
    overall_limit: Option<u32>,
    default_limit: Option<u32>,
    offset: Option<u32>,
    spell_correction: Option<bool>,
    division: Option<String>,
    #[serde(alias = "netWorkIds")]
    network_ids: Vec<String>,
    pricebook_id: Option<String>,
    metadata: Option<String>,
    data_categories: Vec<serde_json::Value>,
}

/// What is wanted of one object.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OfObject {
    name: String,
    fields: Vec<String>,
    #[serde(rename = "where")]
    condition: Option<String>,
    order_by: Option<String>,
    limit: Option<u32>,
}

pub(super) async fn of_query(call: Call, caller: Caller) -> Result<Response, Failure> {
    let parameters = read_query(&call)?;
    answer(&call, &caller, &sosl(&parameters)?).await
}

pub(super) async fn of_body(call: Call, caller: Caller) -> Result<Response, Failure> {
    call.expect_json()?;
    let text = String::from_utf8_lossy(&call.body);
    let parameters: Parameters =
        serde_json::from_str(&text).map_err(|error| json_failure(&text, &error))?;
    answer(&call, &caller, &sosl(&parameters)?).await
}

/// `q=Acme&sobject=Account&Account.fields=id,name&Account.limit=10&fields=…`
fn read_query(call: &Call) -> Result<Parameters, Failure> {
    let mut read = Parameters::default();
    let pairs = url::form_urlencoded::parse(call.uri.query().unwrap_or_default().as_bytes());
    let mut of_objects = Vec::new();
    for (key, value) in pairs {
        match key.to_ascii_lowercase().as_str() {
            "q" => read.q = value.into_owned(),
            "in" => read.fields_in = Some(value.into_owned()),
            "fields" => read.fields = names(&value),
            "sobject" => {
                let objects = names(&value).into_iter();
                read.sobjects.extend(objects.map(|name| OfObject {
                    name,
                    ..OfObject::default()
                }));
            }
            "overalllimit" => read.overall_limit = Some(number(&key, &value)?),
            "defaultlimit" => read.default_limit = Some(number(&key, &value)?),
            "offset" => read.offset = Some(number(&key, &value)?),
            "spellcorrection" => read.spell_correction = Some(value.eq_ignore_ascii_case("true")),
            "division" => read.division = Some(value.into_owned()),
            "networkids" => read.network_ids = names(&value),
            "pricebookid" => read.pricebook_id = Some(value.into_owned()),
            "metadata" => read.metadata = Some(value.into_owned()),
            _ => {
                if let Some((object, what)) = key.split_once('.') {
                    of_objects.push((object.to_owned(), what.to_owned(), value.into_owned()));
                }
            }
        }
    }
    for (object, what, value) in of_objects {
        let mut objects = read.sobjects.iter_mut();
        let known = objects.find(|known| known.name.eq_ignore_ascii_case(&object));
        let known = known.ok_or_else(|| {
            malformed(format!(
                "{object}.{what} is about an object that sobject does not name"
            ))
        })?;
        match what.to_ascii_lowercase().as_str() {
            "fields" => known.fields = names(&value),
            "where" => known.condition = Some(value),
            "orderby" => known.order_by = Some(value),
            "limit" => known.limit = Some(number(&what, &value)?),
            _ => {}
        }
    }
    Ok(read)
}

fn names(list: &str) -> Vec<String> {
    let names = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

fn number(name: &str, value: &str) -> Result<u32, Failure> {
    value
        .trim()
        .parse()
        .map_err(|_| malformed(format!("{name} must be a number: {value}")))
}

fn sosl(parameters: &Parameters) -> Result<String, Failure> {
    if parameters.q.trim().is_empty() {
        return Err(malformed("A search string has to be specified: q"));
    }
    let mut text = format!("FIND {{{}}}", within_braces(&parameters.q));
    if let Some(fields) = &parameters.fields_in {
        text.extend([" IN ", fields, " FIELDS"]);
    }
    let single = parameters.sobjects.len() == 1;
    if parameters.offset.is_some() && !single {
        return Err(malformed("offset takes a search of one object"));
    }
    let objects = parameters
        .sobjects
        .iter()
        .map(|object| returning(object, parameters));
    let objects: Vec<_> = objects.collect();
    if !objects.is_empty() {
        text.extend([" RETURNING ", &objects.join(", ")]);
    }
    let quoted = |value: &str| format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"));
    if let Some(division) = &parameters.division {
        text.extend([" WITH DIVISION = ", &quoted(division)]);
    }
    if !parameters.data_categories.is_empty() {
        return Err(malformed("dataCategories is not supported by this server"));
    }
    if !parameters.network_ids.is_empty() {
        let networks = parameters.network_ids.iter().map(|id| quoted(id));
        let networks: Vec<_> = networks.collect();
        text.extend([" WITH NETWORK IN (", &networks.join(", "), ")"]);
    }
    if let Some(id) = &parameters.pricebook_id {
        text.extend([" WITH PricebookId = ", &quoted(id)]);
    }
    if let Some(metadata) = &parameters.metadata {
        text.extend([" WITH METADATA = ", &quoted(metadata)]);
    }
    if let Some(on) = parameters.spell_correction {
        text.extend([
            " WITH SPELL_CORRECTION = ",
            if on { "true" } else { "false" },
        ]);
    }
    if let Some(limit) = parameters.overall_limit {
        text.extend([" LIMIT ", &limit.to_string()]);
    }
    Ok(text)
}

/// What ends the braces does not end them here.
fn within_braces(q: &str) -> String {
    let mut text = String::with_capacity(q.len());
    let mut characters = q.chars();
    while let Some(c) = characters.next() {
        match c {
            '{' | '}' => text.extend(['\\', c]),
            '\\' => text.extend(['\\', characters.next().unwrap_or('\\')]),
            c => text.push(c),
        }
    }
    text
}

fn returning(object: &OfObject, parameters: &Parameters) -> String {
    let fields = if object.fields.is_empty() {
        &parameters.fields
    } else {
        &object.fields
    };
    let fields = if fields.is_empty() {
        "Id".to_owned()
    } else {
        fields.join(", ")
    };
    let mut text = format!("{}({fields}", object.name);
    if let Some(condition) = &object.condition {
        text.extend([" WHERE ", condition]);
    }
    if let Some(order_by) = &object.order_by {
        text.extend([" ORDER BY ", order_by]);
    }
    if let Some(limit) = object.limit.or(parameters.default_limit) {
        text.extend([" LIMIT ", &limit.to_string()]);
    }
    if let Some(offset) = parameters.offset {
        text.extend([" OFFSET ", &offset.to_string()]);
    }
    text.push(')');
    text
}
