//! Files of records: listed on the record's page, and downloaded.

use axum::http::{StatusCode, header};
use headwater_catalogue::Id;
use headwater_records::Draft;
use headwater_testkit::{AGENT, VIEWER};

use crate::site::Site;

/// A file that claims to be a page.
const PAGE: &str = "<script>alert(1)</script>";

async fn attach(site: &Site, account: Id) -> Id {
    let agent = site.server.user(AGENT).await;
    let org = site.server.org();
    let caller = org.caller(agent).await.expect("the agent is active");
    let draft = Draft::new()
        .with("ParentId", account)
        .with("Name", "Übersicht \"1\".html")
        .with("ContentType", "text/html")
        .with("Body", "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==");
    let made = org.create(&caller, "Attachment", draft).await;
    made.expect("the file is kept")
}

#[tokio::test]
async fn a_file_is_on_its_records_page_and_is_downloaded_as_what_no_browser_runs() {
    let site = Site::start().await;
    let account = site.server.account("Sample").await;
    let id = attach(&site, account).await;
    let browser = site.browser(VIEWER).await;
    let page = browser.sees(&format!("/r/Account/{account}")).await;
    assert!(page.contains(&format!("href=\"/{id}\"")), "{page}");
    let page = browser.sees(&format!("/r/Attachment/{id}")).await;
    let url = format!("/r/Attachment/{id}/file/Body");
    assert!(page.contains(&format!("href=\"{url}\"")), "{page}");
    let file = browser.open(&url).await;
    assert_eq!((file.status, file.body.as_str()), (StatusCode::OK, PAGE));
    let header = |name| file.headers.get(name).and_then(|value| value.to_str().ok());
    assert_eq!(
        header(header::CONTENT_TYPE),
        Some("application/octet-stream")
    );
    assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), Some("nosniff"));
    let disposition = header(header::CONTENT_DISPOSITION).unwrap_or_default();
    assert!(
        disposition.starts_with("attachment; filename*=UTF-8''%C3%9Cbersicht%20%22"),
        "{disposition}"
    );
}

#[tokio::test]
async fn nobody_downloads_without_the_right_to_see_the_record() {
    let site = Site::start().await;
    let account = site.server.account("Sample").await;
    let id = attach(&site, account).await;
    let url = format!("/r/Attachment/{id}/file/Body");
    let stranger = site.stranger().open(&url).await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
    let browser = site.browser(AGENT).await;
    let unknown = browser.open(&format!("/r/Attachment/{id}/file/Name")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let list = browser.sees("/o/Attachment").await;
    assert!(
        !list.contains("/o/Attachment/new"),
        "a file is not typed in"
    );
}
