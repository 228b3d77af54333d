//! Pages that are open are told of changes, and of nothing that is not theirs.

use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use futures_util::StreamExt as _;
use headwater_records::{Draft, Precondition};
use headwater_testkit::AGENT;
use tower::ServiceExt as _;

use crate::site::{Browser, Site};

/// The first change that a page is told of.
async fn told(site: &Site, browser: &Browser, path: &str, act: impl Future<Output = ()>) -> String {
    let request = browser.request("GET", path).body(Body::empty()).unwrap();
    let response = site.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    act.await;
    let next = tokio::time::timeout(Duration::from_secs(20), stream.next()).await;
    let chunk = next
        .expect("the page is told")
        .expect("the stream goes on")
        .unwrap();
    String::from_utf8(chunk.to_vec()).unwrap()
}

async fn relink(site: &Site, user: &str, account: headwater_catalogue::Id) {
    let org = site.server.org();
    let draft = Draft::new().with("AccountId", account);
    let when = Precondition::default();
    org.update(&org.system(), "MessagingEndUser", user, draft, when)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_page_is_told_when_what_it_shows_has_changed() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.browser(AGENT).await;
    let page = browser
        .sees(&format!("/r/MessagingSession/{}", jordan.session))
        .await;
    let watched = page
        .split_once("data-live=\"")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0;
    assert!(
        watched.contains(jordan.user.as_str()),
        "what it inherits from is watched: {watched}"
    );
    let after = page
        .split_once("data-live-after=\"")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0;
    let path = format!(
        "/live?ids={}&objects=&after={after}",
        watched.replace(' ', ",")
    );
    let user = jordan.user.to_string();
    let event = told(&site, &browser, &path, relink(&site, &user, jordan.sample)).await;
    assert!(
        event.starts_with("event: change\n") && event.contains(&user),
        "{event}"
    );
}

#[tokio::test]
async fn a_page_that_comes_back_is_told_what_it_has_missed() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.browser(AGENT).await;
    let after = *site.server.org().newest_change().borrow();
    let user = jordan.user.to_string();
    relink(&site, &user, jordan.sample).await;
    let path = format!("/live?ids={user}&after={after}");
    let event = told(&site, &browser, &path, std::future::ready(())).await;
    assert!(event.contains(&user), "{event}");
}

#[tokio::test]
async fn a_page_from_before_the_oldest_change_is_told_that_everything_may_be_another() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.browser(AGENT).await;
    let after = *site.server.org().newest_change().borrow();
    let user = jordan.user.to_string();
    relink(&site, &user, jordan.sample).await;
    // The relink is known to nobody any more; what came last says nothing about it.
    site.server.account("Other").await;
    let org = site.server.org();
    let forgotten = org.forget_changes(jiff::SignedDuration::from_hours(-1));
    assert!(forgotten.await.unwrap() > 0);
    let path = format!("/live?ids={user}&after={after}");
    let event = told(&site, &browser, &path, std::future::ready(())).await;
    assert!(event.contains(&user), "{event}");
}

#[tokio::test]
async fn what_refers_to_a_record_from_now_on_is_told_as_well() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.browser(AGENT).await;
    let making = async {
        site.server.contact("Avery", Some(jordan.sample)).await;
    };
    let event = told(
        &site,
        &browser,
        &format!("/live?ids={}", jordan.sample),
        making,
    )
    .await;
    assert!(event.contains(jordan.sample.as_str()), "{event}");
}

#[tokio::test]
async fn nobody_is_told_of_records_they_may_not_see() {
    let site = Site::start().await;
    let stranger = site.stranger();
    let page = stranger.open("/live?ids=001000000000000AAA").await;
    assert!(
        page.status.is_redirection(),
        "whoever is not signed in watches nothing"
    );
    let jordan = site.jordan().await;
    let browser = site.browser(AGENT).await;
    let key = site.server.org().server_key().await;
    assert!(key.is_ok());
    let path = format!("/live?ids={}&objects=OauthToken,ServerSecret", jordan.user);
    let user = jordan.user.to_string();
    // Logging in writes a token; the page hears of the relink alone.
    let act = async {
        site.browser(AGENT).await;
        relink(&site, &user, jordan.sample).await;
    };
    let event = told(&site, &browser, &path, act).await;
    assert!(
        event.contains(&user) && !event.contains("OauthToken"),
        "{event}"
    );
}
