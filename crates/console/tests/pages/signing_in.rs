//! Signing in, by password and by link, and out.

use axum::http::StatusCode;
use headwater_testkit::{AGENT, PASSWORD};

use crate::site::{Site, token_on};

#[tokio::test]
async fn whoever_is_not_signed_in_is_asked_to_and_comes_back() {
    let site = Site::start().await;
    let browser = site.stranger();
    let page = browser.open("/o/Account?view=all").await;
    assert_eq!(page.leads_to(), "/login?to=%2Fo%2FAccount%3Fview%3Dall");
    let form = [
        ("username", AGENT),
        ("password", PASSWORD),
        ("to", "/o/Account?view=all"),
    ];
    let page = browser.post_plain("/login", &form).await;
    assert_eq!(page.leads_to(), "/o/Account?view=all");
    browser.sees("/o/Account?view=all").await;
}

#[tokio::test]
async fn a_wrong_password_is_told_without_saying_whether_the_user_exists() {
    let site = Site::start().await;
    let mut told = Vec::new();
    for username in [AGENT, "nobody@headwater.example"] {
        let browser = site.stranger();
        let page = browser
            .post_plain("/login", &[("username", username), ("password", "no")])
            .await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(browser.cookie("headwater-session").is_none());
        told.push(page.body.replace(username, ""));
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn the_way_back_leads_to_no_other_server() {
    let site = Site::start().await;
    for to in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
    ] {
        let form = [("username", AGENT), ("password", PASSWORD), ("to", to)];
        let page = site.stranger().post_plain("/login", &form).await;
        assert_eq!(page.leads_to(), "/", "{to}");
    }
}

#[tokio::test]
async fn signing_in_makes_a_new_session_whatever_was_in_the_browser() {
    let site = Site::start().await;
    let first = site.browser(AGENT).await;
    let planted = first.cookie("headwater-session").unwrap();
    let browser = site.stranger();
    browser.plant("headwater-session", &planted);
    browser
        .post_plain("/login", &[("username", AGENT), ("password", PASSWORD)])
        .await;
    assert_ne!(browser.cookie("headwater-session").unwrap(), planted);
}

#[tokio::test]
async fn the_sessions_cookie_is_for_the_server_alone() {
    let site = Site::start().await;
    let form = [("username", AGENT), ("password", PASSWORD)];
    let page = site.stranger().post_plain("/login", &form).await;
    let cookie = page.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
    let request = site
        .stranger()
        .request("POST", "/login")
        .header("sec-fetch-site", "cross-site");
    let page = site
        .stranger()
        .send(request, crate::site::encoded(&form))
        .await;
    assert_eq!(
        page.status,
        StatusCode::FORBIDDEN,
        "another site signs nobody in"
    );
}

#[tokio::test]
async fn after_signing_out_the_session_is_over_also_elsewhere() {
    let site = Site::start().await;
    let browser = site.browser(AGENT).await;
    let copied = browser.cookie("headwater-session").unwrap();
    assert_eq!(browser.post("/logout", &[]).await.leads_to(), "/login");
    let other = site.stranger();
    other.plant("headwater-session", &copied);
    assert_eq!(
        other.open("/o/Account").await.leads_to(),
        "/login?to=%2Fo%2FAccount"
    );
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let site = Site::start().await;
    let org = site.server.org();
    let user = site.server.user(AGENT).await;
    let code = org.login_link(user).await.unwrap();
    let path = format!(
        "/secur/frontdoor.jsp?otp={}&startURL=%2Fo%2FCase",
        code.expose()
    );
    let browser = site.stranger();
    assert_eq!(browser.open(&path).await.leads_to(), "/o/Case");
    browser.sees("/o/Case").await;
    let again = site.stranger();
    let page = again.open(&path).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.body.contains("used already"), "{}", page.body);
    assert!(again.cookie("headwater-session").is_none());
}

#[tokio::test]
async fn a_cookie_that_is_none_leads_to_the_login() {
    let site = Site::start().await;
    for value in ["", "x", "00D!x", "%00", &"x".repeat(4_000)] {
        let browser = site.stranger();
        browser.plant("headwater-session", value);
        assert_eq!(
            browser.open("/preferences").await.leads_to(),
            "/login?to=%2Fpreferences"
        );
    }
}

#[tokio::test]
async fn preferences_are_kept_in_the_browser() {
    let site = Site::start().await;
    let browser = site.browser(AGENT).await;
    browser
        .post(
            "/preferences",
            &[("theme", "dark"), ("density", "compact"), ("keys", "off")],
        )
        .await
        .leads_to();
    let page = browser.sees("/preferences").await;
    assert!(
        page.contains(r#"data-theme="dark" data-density="compact" data-keys="off""#),
        "{page}"
    );
    browser.post("/preferences", &[("theme", "\"><b>")]).await;
    let page = browser.sees("/preferences").await;
    assert!(
        page.contains(r#"data-theme="dark""#),
        "what is no theme changes nothing"
    );
    assert!(!token_on(&page).is_empty());
}
