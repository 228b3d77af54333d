//! `/limits`: what may be used, and how much of it is left.

use axum::http::{Method, StatusCode};
use axum::response::Response;
use headwater_records::{Caller, Error};
use serde_json::{Map, Value, json};

use crate::answer;
use crate::call::Call;
use crate::error::Failure;
use crate::route::Route;

/// The routes of this area.
pub(crate) fn routes() -> Vec<Route> {
    const GET: Method = Method::GET;
    vec![
        Route::caller(GET, "/services/data/{version}/limits", limits),
        Route::caller(
            GET,
            "/services/data/{version}/limits/recordCount",
            record_count,
        ),
    ]
}

/// Objects asked about in one count, at most.
const COUNTED_OBJECTS_MAX: usize = 100;

/// What Salesforce limits and clients look up. Calls are counted here; of the rest nothing is
/// used up, so all is left.
const UNUSED: [(&str, u64); 42] = [
    ("ActiveScratchOrgs", 3),
    ("AnalyticsExternalDataSizeMB", 40_960),
    ("ConcurrentAsyncGetReportInstances", 200),
    ("ConcurrentSyncReportRuns", 20),
    ("DailyAsyncApexExecutions", 250_000),
    ("DailyBulkApiBatches", 15_000),
    ("DailyBulkApiRequests", 15_000),
    ("DailyBulkV2QueryFileStorageMB", 976_562),
    ("DailyBulkV2QueryJobs", 10_000),
    ("DailyDurableGenericStreamingApiEvents", 10_000),
    ("DailyDurableStreamingApiEvents", 10_000),
    ("DailyGenericStreamingApiEvents", 10_000),
    ("DailyScratchOrgs", 6),
    ("DailyStandardVolumePlatformEvents", 10_000),
    ("DailyStreamingApiEvents", 10_000),
    ("DailyWorkflowEmails", 100_000),
    ("DataStorageMB", 1_024_000),
    ("DurableStreamingApiConcurrentClients", 1_000),
    ("FileStorageMB", 1_024_000),
    ("HourlyAsyncReportRuns", 1_200),
    ("HourlyDashboardRefreshes", 200),
    ("HourlyDashboardResults", 5_000),
    ("HourlyDashboardStatuses", 999_999_999),
    ("HourlyLongTermIdMapping", 100_000),
    ("HourlyODataCallout", 20_000),
    ("HourlyPublishedPlatformEvents", 50_000),
    ("HourlyPublishedStandardVolumePlatformEvents", 1_000),
    ("HourlyShortTermIdMapping", 100_000),
    ("HourlySyncReportRuns", 500),
    ("HourlyTimeBasedWorkflow", 1_000),
    ("MassEmail", 5_000),
    ("MonthlyPlatformEvents", 0),
    ("MonthlyPlatformEventsUsageEntitlement", 0),
    ("Package2VersionCreateUpdates", 0),
    ("Package2VersionCreates", 6),
    ("Package2VersionCreatesWithoutValidation", 500),
    ("PermissionSets", 1_500),
    ("PrivateConnectOutboundCalloutHourlyLimitMB", 0),
    ("PublishCallbackUsageInApex", 5_242_880),
    ("SingleEmail", 5_000),
    ("StreamingApiConcurrentClients", 1_000),
    ("DailyAnalyticsUploads", 40),
];

async fn limits(call: Call, _caller: Caller) -> Result<Response, Failure> {
    let max = call.state.settings.api_requests_daily_max;
    let left = max.saturating_sub(call.state.usage.today());
    let mut limits: Map<String, Value> = UNUSED
        .iter()
        .map(|(name, max)| ((*name).to_owned(), json!({ "Max": max, "Remaining": max })))
        .collect();
    limits.insert(
        "DailyApiRequests".to_owned(),
        json!({ "Max": max, "Remaining": left }),
    );
    Ok(answer::json(StatusCode::OK, &Value::Object(limits)))
}

/// Objects the caller does not see are left out, as Salesforce does.
async fn record_count(call: Call, caller: Caller) -> Result<Response, Failure> {
    let org = &call.state.org;
    let asked = call.query("sObjects").unwrap_or_default();
    let mut names: Vec<String> = asked
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    if names.is_empty() {
        let views = org.describe_global(&caller);
        names.extend(views.iter().map(|view| view.object.name.to_string()));
    }
    let mut counts = Vec::new();
    for name in names.iter().take(COUNTED_OBJECTS_MAX) {
        match org.record_count(&caller, name).await {
            Ok(count) => {
                let object = caller.rights.catalogue.object(name);
                let name = object.map_or(name.as_str(), |object| &object.name);
                counts.push(json!({ "count": count, "name": name }));
            }
            Err(Error::UnknownObject(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(answer::json(StatusCode::OK, &json!({ "sObjects": counts })))
}
