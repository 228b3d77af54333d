//! `/limits` and the small resources.

use headwater_testkit::{AGENT, TestServer};
use serde_json::json;

use crate::data;

/// Those that clients look up and stop without.
const READ_BY_CLIENTS: &str = "DailyApiRequests DataStorageMB FileStorageMB DailyBulkApiBatches \
    DailyBulkV2QueryJobs DailyBulkV2QueryFileStorageMB DailyBulkApiRequests \
    DailyAsyncApexExecutions ConcurrentAsyncGetReportInstances ConcurrentSyncReportRuns \
    DailyDurableGenericStreamingApiEvents DailyDurableStreamingApiEvents \
    DailyGenericStreamingApiEvents DailyStandardVolumePlatformEvents DailyStreamingApiEvents \
    DailyWorkflowEmails DurableStreamingApiConcurrentClients StreamingApiConcurrentClients \
    HourlyAsyncReportRuns HourlyDashboardRefreshes HourlyDashboardResults \
    HourlyDashboardStatuses HourlyLongTermIdMapping HourlyODataCallout \
    HourlyPublishedPlatformEvents HourlyPublishedStandardVolumePlatformEvents \
    HourlyShortTermIdMapping HourlySyncReportRuns HourlyTimeBasedWorkflow MassEmail \
    MonthlyPlatformEvents MonthlyPlatformEventsUsageEntitlement Package2VersionCreates \
    PermissionSets PrivateConnectOutboundCalloutHourlyLimitMB PublishCallbackUsageInApex \
    SingleEmail ActiveScratchOrgs DailyScratchOrgs AnalyticsExternalDataSizeMB";

#[tokio::test]
async fn every_limit_has_its_most_and_what_is_left() {
    let server = TestServer::start().await;
    let limits = server
        .get(&data("/limits/"))
        .as_(AGENT)
        .send()
        .await
        .expect(200);
    for name in READ_BY_CLIENTS.split_whitespace() {
        assert!(
            limits[name]["Max"].is_u64() && limits[name]["Remaining"].is_u64(),
            "{name}"
        );
    }
    let calls = &limits["DailyApiRequests"];
    assert_eq!(calls, &json!({ "Max": 5_000_000, "Remaining": 4_999_999 }));
}

#[tokio::test]
async fn records_are_counted_by_object() {
    let server = TestServer::start().await;
    server.account("Sample").await;
    let path = data("/limits/recordCount?sObjects=account,Nothing");
    let counts = server.get(&path).as_(AGENT).send().await.expect(200);
    assert_eq!(
        counts,
        json!({ "sObjects": [{ "count": 1, "name": "Account" }] })
    );
}

#[tokio::test]
async fn what_has_nothing_behind_it_is_empty_and_well_formed() {
    let server = TestServer::start().await;
    for (path, expected) in [
        ("/quickActions", json!([])),
        ("/appMenu/AppSwitcher", json!({ "appMenuItems": [] })),
        ("/process/rules", json!({ "rules": {} })),
        ("/process/approvals", json!({ "approvals": {} })),
    ] {
        let answer = server.get(&data(path)).as_(AGENT).send().await.expect(200);
        assert_eq!(answer, expected, "{path}");
    }
    let tabs = server.get(&data("/tabs")).as_(AGENT).send().await;
    assert_eq!(tabs.expect(200)[0]["sobjectName"], "Account");
    let theme = server
        .get(&data("/theme"))
        .as_(AGENT)
        .send()
        .await
        .expect(200);
    assert!(theme["themeItems"].as_array().unwrap().len() > 10);
    let compact = server
        .get(&data("/compactLayouts?q=Case,Lead"))
        .as_(AGENT)
        .send()
        .await;
    assert!(compact.expect(200)["Lead"].is_object());
}
