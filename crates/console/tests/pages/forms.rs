//! Making, changing and deleting records by forms, alone and together with others.

use axum::http::StatusCode;
use headwater_records::{Draft, Precondition};
use headwater_testkit::AGENT;

use crate::site::{Site, value_of};

#[tokio::test]
async fn a_record_is_made_changed_and_deleted() {
    let site = Site::start().await;
    let browser = site.admin().await;
    let made = browser
        .post(
            "/o/Account/new",
            &[("Name", "Alder & Finch"), ("NumberOfEmployees", "1,200")],
        )
        .await;
    let url = made.leads_to().to_owned();
    let page = browser.sees(&url).await;
    assert!(
        page.contains("Alder &amp; Finch") && page.contains("1,200") && page.contains("Made."),
        "{page}"
    );
    let form = [
        ("Phone", "+1 202 555 0101"),
        ("was.Phone", ""),
        ("Name", "Alder & Finch"),
        ("was.Name", "Alder & Finch"),
    ];
    assert_eq!(
        browser.post(&format!("{url}/edit"), &form).await.leads_to(),
        url
    );
    assert!(browser.sees(&url).await.contains("tel:+12025550101"));
    browser.sees(&format!("{url}/delete")).await;
    assert_eq!(
        browser.post(&format!("{url}/delete"), &[]).await.leads_to(),
        "/o/Account"
    );
    assert_eq!(browser.open(&url).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_in_a_summary() {
    let site = Site::start().await;
    let browser = site.admin().await;
    let page = browser
        .post(
            "/o/Contact/new",
            &[("FirstName", "Jo"), ("Email", "not a mail address")],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("href=\"#input-Email\""), "{}", page.body);
    assert!(
        page.body
            .contains("“not a mail address” is not a mail address"),
        "{}",
        page.body
    );
    assert!(
        page.body
            .contains("aria-describedby=\"input-Email-problem\""),
        "{}",
        page.body
    );
    assert_eq!(
        value_of(&page.body, "FirstName"),
        "Jo",
        "nothing that was typed is lost"
    );
}

#[tokio::test]
async fn two_people_who_change_different_fields_do_not_disturb_each_other() {
    let site = Site::start().await;
    let account = site.server.account("Sample").await.to_string();
    let browser = site.admin().await;
    let org = site.server.org();
    let theirs = Draft::new().with("Phone", "111");
    org.update(
        &org.system(),
        "Account",
        &account,
        theirs,
        Precondition::default(),
    )
    .await
    .unwrap();
    let form = [
        ("Site", "North"),
        ("was.Site", ""),
        ("Phone", ""),
        ("was.Phone", ""),
    ];
    browser
        .post(&format!("/r/Account/{account}/edit"), &form)
        .await
        .leads_to();
    let page = browser.sees(&format!("/r/Account/{account}")).await;
    assert!(page.contains("North") && page.contains("111"), "{page}");
}

#[tokio::test]
async fn two_people_who_change_the_same_field_choose() {
    let site = Site::start().await;
    let account = site.server.account("Sample").await.to_string();
    let browser = site.admin().await;
    let org = site.server.org();
    let theirs = Draft::new().with("Phone", "111");
    org.update(
        &org.system(),
        "Account",
        &account,
        theirs,
        Precondition::default(),
    )
    .await
    .unwrap();
    let url = format!("/r/Account/{account}/edit");
    let mine = [("Phone", "222"), ("was.Phone", "")];
    let page = browser.post(&url, &mine).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.body.contains("Theirs: <strong>111</strong>"),
        "{}",
        page.body
    );
    assert_eq!(value_of(&page.body, "Phone"), "222");
    assert_eq!(value_of(&page.body, "was.Phone"), "111");

    let kept = [
        ("Phone", "222"),
        ("was.Phone", "111"),
        ("keep.Phone", "theirs"),
    ];
    browser.post(&url, &kept).await.leads_to();
    assert!(
        browser
            .sees(&format!("/r/Account/{account}"))
            .await
            .contains("tel:111")
    );
    let mine = [
        ("Phone", "222"),
        ("was.Phone", "111"),
        ("keep.Phone", "yours"),
    ];
    browser.post(&url, &mine).await.leads_to();
    assert!(
        browser
            .sees(&format!("/r/Account/{account}"))
            .await
            .contains("tel:222")
    );
}

#[tokio::test]
async fn one_field_is_edited_in_its_place() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let case = site
        .server
        .create("Case", &[("Subject", "Lost order".into())])
        .await
        .to_string();
    let browser = site.browser(AGENT).await;
    let session = format!("/r/MessagingSession/{}", jordan.session);
    let form = browser.sees(&format!("{session}/edit?field=CaseId")).await;
    assert!(form.contains("class=\"inline form\""), "{form}");
    let sent = [
        ("only", "CaseId"),
        ("CaseId", &*case),
        ("CaseId.search", "x"),
        ("CaseId.shown", ""),
        ("was.CaseId", ""),
    ];
    browser
        .post(&format!("{session}/edit"), &sent)
        .await
        .leads_to();
    assert!(browser.sees(&session).await.contains(&case));

    let locked = browser
        .sees(&format!("{session}/edit?field=EndUserAccountId"))
        .await;
    assert!(
        locked.contains("Change it there") && !locked.contains("name=\"EndUserAccountId\""),
        "{locked}"
    );
    let sent = [
        ("EndUserAccountId", &*jordan.sample.to_string()),
        ("was.EndUserAccountId", ""),
    ];
    let page = browser.post(&format!("{session}/edit"), &sent).await;
    assert_eq!(
        page.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a form that is made up is refused too"
    );
    let still = format!("/r/MessagingSession/{}", jordan.session);
    assert!(browser.sees(&still).await.contains(">Test1</a>"));
    assert_ne!(jordan.test1, jordan.sample);
}

#[tokio::test]
async fn every_object_has_a_page_a_list_and_a_form() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    site.server.contact("Avery", Some(jordan.sample)).await;
    site.server.create("Case", &[("Subject", "x".into())]).await;
    site.server
        .create("Campaign", &[("Name", "x".into())])
        .await;
    let browser = site.admin().await;
    let org = site.server.org();
    let caller = org
        .caller(site.server.user(headwater_testkit::ADMIN).await)
        .await
        .unwrap();
    for view in org
        .describe_global(&caller)
        .iter()
        .filter(|view| view.queryable)
    {
        let name = &view.object.name;
        browser.sees(&format!("/o/{name}?view=all")).await;
        let first = format!("SELECT Id FROM {name} LIMIT 1");
        let found = org.browse(&caller, &first, None, 1).await.unwrap();
        if let Some(id) = found.first().and_then(|row| row.id("Id")) {
            browser.sees(&format!("/r/{name}/{id}")).await;
            if view.updateable {
                browser.sees(&format!("/r/{name}/{id}/edit")).await;
            }
        }
        if view.createable {
            browser.sees(&format!("/o/{name}/new")).await;
        }
    }
}
