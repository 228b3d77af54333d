//! The account and contact of a session: the lock, and the relink on the spot.

use headwater_catalogue::Value;
use headwater_testkit::AGENT;

use crate::site::{Site, value_of};

#[tokio::test]
async fn a_session_says_why_its_account_is_locked_and_where_to_change_it() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.browser(AGENT).await;
    let page = browser
        .sees(&format!("/r/MessagingSession/{}", jordan.session))
        .await;
    assert!(
        page.contains("Messaging User Account: why is it locked?"),
        "{page}"
    );
    let explained = site
        .server
        .get(&format!(
            "/services/headwater/v1/explain/MessagingSession/{}/EndUserAccountId",
            jordan.session
        ))
        .as_(AGENT)
        .send()
        .await
        .expect(200);
    let reason = explained["lock"]["reason"]
        .as_str()
        .or(explained["reason"].as_str())
        .unwrap();
    assert!(
        page.contains(reason),
        "the page says what explain says: {reason}"
    );
    assert!(page.contains("3 messaging sessions share it"), "{page}");
    assert!(
        page.contains(&format!("/relink?user={}", jordan.user)),
        "{page}"
    );
}

#[tokio::test]
async fn a_relink_shows_its_effect_is_done_and_is_undone() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.browser(AGENT).await;
    let (user, sample, test1) = (
        jordan.user.to_string(),
        jordan.sample.to_string(),
        jordan.test1.to_string(),
    );
    let session = format!("/r/MessagingSession/{}", jordan.session);
    let chosen = [
        ("user", user.as_str()),
        ("from", session.as_str()),
        ("AccountId", sample.as_str()),
        ("AccountId.search", "Sample"),
        ("AccountId.shown", "Test1"),
        ("was.AccountId", test1.as_str()),
        ("ContactId", ""),
        ("ContactId.search", ""),
        ("ContactId.shown", ""),
        ("was.ContactId", ""),
        ("reason", "Jordan buys for Sample"),
    ];
    let effect = browser.post("/relink/effect", &chosen).await.body;
    assert!(effect.contains("Affects 3 sessions."), "{effect}");
    assert!(
        browser.sees(&session).await.contains(">Test1</a>"),
        "the effect is only shown"
    );

    assert_eq!(browser.post("/relink", &chosen).await.leads_to(), session);
    let page = browser.sees(&session).await;
    assert!(
        page.contains("has the account <strong>Sample</strong> instead of Test1"),
        "{page}"
    );
    assert!(page.contains(">Sample</a>"), "{page}");
    assert!(
        !browser.sees(&session).await.contains("Relinked."),
        "a notice is shown once"
    );

    let relinks = browser.sees("/o/Relink").await;
    assert!(relinks.contains("Jordan buys for Sample"), "{relinks}");
    let (_, rest) = page.split_once("/relinks/").unwrap();
    let relink = rest.split_once('/').unwrap().0;
    browser
        .post(&format!("/relinks/{relink}/undo"), &[("from", &session)])
        .await
        .leads_to();
    let page = browser.sees(&session).await;
    assert!(
        page.contains("Undone.") && page.contains(">Test1</a>"),
        "{page}"
    );
}

#[tokio::test]
async fn a_name_that_is_typed_finds_the_account_without_script() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.browser(AGENT).await;
    let user = jordan.user.to_string();
    let typed = |name: &'static str| {
        [
            ("user", user.clone()),
            ("AccountId", jordan.test1.to_string()),
            ("AccountId.search", name.to_owned()),
            ("AccountId.shown", "Test1".to_owned()),
            ("was.AccountId", jordan.test1.to_string()),
        ]
    };
    let send = async |form: &[(&str, String)]| {
        let form: Vec<_> = form
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        browser.post("/relink", &form).await
    };
    let page = send(&typed("Nobody & Sons")).await;
    assert_eq!(page.status, 422);
    assert!(
        page.body
            .contains("There is no account “Nobody &amp; Sons”"),
        "{}",
        page.body
    );

    site.server.account("Sample Two").await;
    let page = send(&typed("samp")).await;
    assert_eq!(page.status, 422);
    assert!(
        page.body.contains("Which one?") && page.body.contains("Sample Two"),
        "{}",
        page.body
    );

    send(&typed("sample")).await.leads_to();
    let page = browser.sees(&format!("/r/MessagingEndUser/{user}")).await;
    assert!(
        page.contains(">Sample</a>"),
        "an exact name wins over one that only fits"
    );
}

#[tokio::test]
async fn somebody_who_was_faster_is_not_overwritten() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.browser(AGENT).await;
    let user = jordan.user.to_string();
    let page = browser.sees(&format!("/relink?user={user}")).await;
    assert_eq!(value_of(&page, "was.AccountId"), jordan.test1.to_string());
    let third = site.server.account("Third").await;
    let org = site.server.org();
    let draft = headwater_records::Draft::new().with("AccountId", third);
    let when = headwater_records::Precondition::default();
    org.update(&org.system(), "MessagingEndUser", &user, draft, when)
        .await
        .unwrap();

    let form = [
        ("user", user.as_str()),
        ("AccountId", &jordan.sample.to_string()),
        ("AccountId.search", "Sample"),
        ("AccountId.shown", "Test1"),
        ("was.AccountId", &jordan.test1.to_string()),
        ("ContactId.search", ""),
        ("was.ContactId", ""),
    ];
    let page = browser.post("/relink", &form).await;
    assert_eq!(page.status, 409);
    assert!(
        page.body.contains("Nothing of yours was written"),
        "{}",
        page.body
    );
    let found = org
        .browse(
            &org.system(),
            &format!("SELECT AccountId FROM MessagingEndUser WHERE Id = '{user}'"),
            None,
            1,
        )
        .await
        .unwrap();
    assert_eq!(found.first().unwrap().get("AccountId"), &Value::Id(third));
}

#[tokio::test]
async fn a_contact_proposes_its_account() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let contact = site.server.contact("Avery", Some(jordan.sample)).await;
    let browser = site.browser(AGENT).await;
    let user = jordan.user.to_string();
    let form = [
        ("user", user.as_str()),
        ("ContactId", &contact.to_string()),
        ("ContactId.search", "Avery"),
        ("ContactId.shown", ""),
    ];
    let page = browser.post("/relink/effect", &form).await.body;
    assert!(
        page.contains("Also link to <strong>Sample</strong>, the account of Avery"),
        "{page}"
    );
    let mut form = form.to_vec();
    let sample = jordan.sample.to_string();
    form.push(("use-account-of-contact", &sample));
    let page = browser.post("/relink/effect", &form).await.body;
    assert!(
        page.contains(&format!("value=\"{sample}\" checked")),
        "the tick stays: {page}"
    );
    browser.post("/relink", &form).await.leads_to();
    let page = browser
        .sees(&format!("/r/MessagingSession/{}", jordan.session))
        .await;
    assert!(
        page.contains(">Sample</a>") && page.contains(">Avery</a>"),
        "{page}"
    );
}

#[tokio::test]
async fn the_classic_way_works_as_well() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.browser(AGENT).await;
    let user = format!("/r/MessagingEndUser/{}", jordan.user);
    let form = browser.sees(&format!("{user}/edit")).await;
    let was = value_of(&form, "was.AccountId");
    browser
        .post(
            &format!("{user}/edit"),
            &[
                ("AccountId", ""),
                ("AccountId.search", "Sample"),
                ("AccountId.shown", "Test1"),
                ("was.AccountId", &was),
            ],
        )
        .await
        .leads_to();
    let page = browser
        .sees(&format!("/r/MessagingSession/{}", jordan.session))
        .await;
    assert!(page.contains(">Sample</a>"), "{page}");
    assert!(
        page.contains("on the Messaging User"),
        "its history tells it: {page}"
    );
}
