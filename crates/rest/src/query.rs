//! `/query`, `/queryAll` and their pages; the tooling twin of both.

pub(crate) mod columns;
mod plan;

use axum::http::{HeaderName, Method, StatusCode};
use axum::response::Response;
use headwater_records::{Caller, QueryAnswer, QueryOptions};

use crate::answer::json_bytes;
use crate::call::Call;
use crate::error::Failure;
use crate::record_json::{RecordJson, write_text};
use crate::route::Route;
use crate::tooling::definitions;

const QUERY_OPTIONS: HeaderName = HeaderName::from_static("sforce-query-options");

/// The routes of this area.
pub(crate) fn routes() -> Vec<Route> {
    const GET: Method = Method::GET;
    vec![
        Route::caller(GET, "/services/data/{version}/query", query),
        Route::caller(GET, "/services/data/{version}/queryAll", query_all),
        Route::caller(GET, "/services/data/{version}/query/{locator}", more),
        Route::caller(GET, "/services/data/{version}/queryAll/{locator}", more),
        Route::caller(GET, "/services/data/{version}/tooling/query", tooling),
        Route::caller(
            GET,
            "/services/data/{version}/tooling/query/{locator}",
            tooling_more,
        ),
    ]
}

/// Which of the two query resources answers: their pages continue under their own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twin {
    /// `/query`.
    Data,
    /// `/tooling/query`.
    Tooling,
}

async fn query(call: Call, caller: Caller) -> Result<Response, Failure> {
    answer(&call, &caller, false, Twin::Data).await
}

async fn query_all(call: Call, caller: Caller) -> Result<Response, Failure> {
    answer(&call, &caller, true, Twin::Data).await
}

async fn tooling(call: Call, caller: Caller) -> Result<Response, Failure> {
    answer(&call, &caller, false, Twin::Tooling).await
}

async fn answer(
    call: &Call,
    caller: &Caller,
    include_deleted: bool,
    twin: Twin,
) -> Result<Response, Failure> {
    if let Some(soql) = call.query("explain") {
        return plan::explain(call, caller, &soql).await;
    }
    let soql = call.query("q").filter(|soql| !soql.trim().is_empty());
    let soql = soql.ok_or_else(|| {
        Failure::bad_request("MALFORMED_QUERY", "A query string has to be specified")
    })?;
    if let Some(answered) = definitions::of_query(call, caller, &soql, twin) {
        return answered;
    }
    if call.flag("columns") {
        return columns::describe(call, caller, &soql);
    }
    let options = QueryOptions {
        include_deleted,
        batch_size: batch_size(call),
    };
    first_page(call, caller, &soql, options, twin).await
}

impl Twin {
    fn writer(self, call: &Call) -> RecordJson {
        match self {
            Self::Data => RecordJson::new(call.version),
            Self::Tooling => RecordJson::of_tooling(call.version),
        }
    }
}

/// The first page of a query's answer.
pub(crate) async fn first_page(
    call: &Call,
    caller: &Caller,
    soql: &str,
    options: QueryOptions,
    twin: Twin,
) -> Result<Response, Failure> {
    let sink = twin.writer(call);
    let page = call.state.org.query(caller, soql, options, sink).await?;
    Ok(written(call, page, twin))
}

async fn more(call: Call, caller: Caller) -> Result<Response, Failure> {
    next_page(&call, &caller, Twin::Data).await
}

async fn tooling_more(call: Call, caller: Caller) -> Result<Response, Failure> {
    next_page(&call, &caller, Twin::Tooling).await
}

async fn next_page(call: &Call, caller: &Caller, twin: Twin) -> Result<Response, Failure> {
    let sink = twin.writer(call);
    let locator = call.parameter("locator");
    let org = &call.state.org;
    let page = org
        .query_more(caller, locator, batch_size(call), sink)
        .await?;
    Ok(written(call, page, twin))
}

/// `batchSize=N` of `Sforce-Query-Options`. What is out of range is brought into it below.
fn batch_size(call: &Call) -> Option<u32> {
    let options = call.header(QUERY_OPTIONS)?.split(',');
    options
        .filter_map(|option| option.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("batchSize"))
        .and_then(|(_, size)| size.trim().parse().ok())
}

fn written(call: &Call, page: QueryAnswer<RecordJson>, twin: Twin) -> Response {
    let records = page.sink.into_bytes();
    let mut body = Vec::with_capacity(records.len() + 160);
    let head = format!("{{\"totalSize\":{},\"done\":{}", page.total, page.done);
    body.extend_from_slice(head.as_bytes());
    if let Some(locator) = page.locator {
        let resource = match twin {
            Twin::Data => "query",
            Twin::Tooling => "tooling/query",
        };
        body.extend_from_slice(b",\"nextRecordsUrl\":");
        let url = format!("{}/{resource}/{locator}", call.data_path());
        write_text(&mut body, &url);
    }
    body.extend_from_slice(b",\"records\":[");
    body.extend_from_slice(&records);
    body.extend_from_slice(b"]}");
    json_bytes(StatusCode::OK, body.into())
}
