//! What keeps other sites, other people and what people type from doing harm.

use axum::http::StatusCode;
use headwater_testkit::{AGENT, VIEWER};

use crate::site::{Site, encoded, token_on};

#[tokio::test]
async fn every_answer_carries_the_policy() {
    let site = Site::start().await;
    let browser = site.admin().await;
    for path in [
        "/login",
        "/o/Account",
        "/nothing/here",
        "/o/Nothing",
        "/preferences",
    ] {
        let page = browser.open(path).await;
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
            "{path}"
        );
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn no_page_holds_script_or_style_of_its_own() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.admin().await;
    let session = format!("/r/MessagingSession/{}", jordan.session);
    for path in [
        "/login",
        "/o/MessagingSession?view=all",
        &session,
        "/dashboard",
        "/o/Account/new",
    ] {
        let page = browser.open(path).await.body;
        for inline in ["<style", " style=\"", " onclick", "javascript:", "hx-on"] {
            assert!(!page.contains(inline), "{inline} on {path}");
        }
        let scripts = page.matches("<script").count();
        let own = page.matches("<script src=\"/assets/").count();
        assert_eq!(scripts, own, "{path}");
    }
}

#[tokio::test]
async fn a_form_without_its_token_changes_nothing() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.admin().await;
    let other = site.browser(AGENT).await;
    let foreign = token_on(&other.sees("/preferences").await);
    let account = format!("/r/Account/{}", jordan.test1);
    for path in [
        format!("{account}/edit"),
        format!("{account}/delete"),
        "/o/Account/new".to_owned(),
        "/relink".to_owned(),
        "/relinks/HW1/undo".to_owned(),
        "/preferences".to_owned(),
        "/logout".to_owned(),
    ] {
        for token in ["", "x", foreign.as_str()] {
            let form = [
                ("form_token", token),
                ("Name", "Changed"),
                ("was.Name", "Test1"),
            ];
            let page = browser.post_plain(&path, &form).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
            assert!(page.body.contains("Nothing was changed"), "{}", page.body);
        }
    }
    assert!(browser.sees(&account).await.contains("<h1>Test1</h1>"));
}

#[tokio::test]
async fn a_form_that_another_site_sends_is_refused_even_with_a_token() {
    let site = Site::start().await;
    let browser = site.admin().await;
    let token = token_on(&browser.sees("/preferences").await);
    let form = encoded(&[("form_token", &token), ("Name", "Made")]);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ] {
        let request = browser
            .request("POST", "/o/Account/new")
            .header(name, value);
        let page = browser.send(request, form.clone()).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{name}");
    }
    let request = browser
        .request("POST", "/o/Account/new")
        .header("origin", "http://headwater.example");
    browser.send(request, form).await.leads_to();
}

#[tokio::test]
async fn what_people_type_is_never_markup() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let nasty = r#""><script>alert(1)</script><img src=x onerror=alert(2)>"#;
    let account = site
        .server
        .create(
            "Account",
            &[
                ("Name", nasty.into()),
                ("Website", "javascript:alert(3)".into()),
            ],
        )
        .await;
    let browser = site.admin().await;
    browser
        .post(
            "/relink",
            &[
                ("user", &jordan.user.to_string()),
                ("AccountId.search", nasty),
            ],
        )
        .await;
    for path in [
        "/o/Account".to_owned(),
        format!("/r/Account/{account}"),
        format!("/r/Account/{account}/edit"),
        format!("/r/Account/{account}/delete"),
        "/lookup?for=MessagingEndUser.AccountId&q=script".to_owned(),
        "/palette?q=script".to_owned(),
        format!(
            "/search?q={}",
            encoded(&[("", nasty)]).trim_start_matches('=')
        ),
        format!("/r/MessagingSession/{}", jordan.session),
    ] {
        let page = browser.sees(&path).await;
        assert!(
            !page.contains("<script>alert") && !page.contains("<img src=x"),
            "{path}"
        );
        assert!(!page.contains("href=\"javascript:"), "{path}");
    }
}

#[tokio::test]
async fn a_viewer_sees_no_way_to_change_anything_and_is_refused_all_the_same() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.browser(VIEWER).await;
    let user = format!("/r/MessagingEndUser/{}", jordan.user);
    let session = format!("/r/MessagingSession/{}", jordan.session);
    for path in [&user, &session] {
        let page = browser.sees(path).await;
        for control in ["class=\"pencil\"", "/edit\"", "/delete\"", "href=\"/relink"] {
            assert!(!page.contains(control), "{control} on {path}");
        }
    }
    let page = browser.sees(&session).await;
    assert!(
        page.contains("which a System Administrator can grant."),
        "{page}"
    );
    let refused = browser
        .post(
            &format!("{user}/edit"),
            &[("Name", "Changed"), ("was.Name", "+12025550147")],
        )
        .await;
    assert!(
        !refused.status.is_redirection() && !refused.status.is_success(),
        "{}",
        refused.status
    );
    let sample = jordan.sample.to_string();
    let form = [
        ("user", &*jordan.user.to_string()),
        ("AccountId", &*sample),
        ("AccountId.search", "Sample"),
        ("AccountId.shown", "Sample"),
    ];
    let refused = browser.post("/relink", &form).await;
    assert!(
        !refused.status.is_redirection() && !refused.status.is_success(),
        "{}",
        refused.status
    );
    assert_eq!(
        browser
            .post("/o/Account/new", &[("Name", "X")])
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    assert!(browser.sees(&user).await.contains("Test1"));
}

#[tokio::test]
async fn what_is_not_there_is_said_politely() {
    let site = Site::start().await;
    let browser = site.admin().await;
    for path in [
        "/o/Nothing",
        "/r/Account/nothing",
        "/r/Account/001000000000000AAA",
        "/r/Nothing/001000000000000AAA",
        "/relink?user=0PA000000000000AAA",
    ] {
        let page = browser.open(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.body.contains("role=\"alert\""), "{path}");
    }
    for path in ["/nothing", "/nothing/at/all"] {
        assert_eq!(
            site.stranger().open(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let page = browser.open("/o/Account?after=nonsense").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
}
