//! Lists: views, search, order, pages, and what leads to and from them.

use headwater_testkit::AGENT;

use crate::site::Site;

#[tokio::test]
async fn a_list_is_searched_narrowed_sorted_and_paged() {
    let site = Site::start().await;
    for place in 0..120 {
        site.server.account(&format!("Account {place:03}")).await;
    }
    let browser = site.browser(AGENT).await;
    let page = browser.sees("/o/Account").await;
    assert!(
        page.contains("Account 000")
            && page.contains("Account 049")
            && !page.contains("Account 050")
    );
    let (_, rest) = page.split_once("class=\"next\" href=\"").unwrap();
    let next = rest.split_once('"').unwrap().0.replace("&amp;", "&");
    let page = browser.sees(&next).await;
    assert!(
        page.contains("Account 050") && page.contains("Account 099"),
        "{page}"
    );
    assert!(
        browser
            .sees("/o/Account?q=account%20117")
            .await
            .contains("Account 117")
    );
    assert!(
        browser
            .sees("/o/Account?q=%25")
            .await
            .contains("Nothing here matches")
    );
    let page = browser.sees("/o/Account?sort=-Type&view=all").await;
    assert!(page.contains("aria-sort=\"descending\""), "{page}");
    let page = browser
        .sees("/o/Account?sort=Nothing;DROP&Type=Other'")
        .await;
    assert!(
        page.contains("There are no such records"),
        "what cannot be asked for is not"
    );
}

#[tokio::test]
async fn sessions_are_found_by_who_wrote() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let channel = site.server.channel("other").await;
    let other = site
        .server
        .messaging_user(channel, "+4915550100", None, None)
        .await;
    site.server.open_session(channel, other).await;
    let browser = site.browser(AGENT).await;
    let page = browser
        .sees("/o/MessagingSession?view=all&q=2025550147")
        .await;
    assert!(
        page.contains(jordan.session.as_str()) && !page.contains("+4915550100"),
        "{page}"
    );
    let page = browser.sees("/o/MessagingSession?view=open").await;
    assert!(
        page.contains("+4915550100") && !page.contains(jordan.session.as_str()),
        "{page}"
    );
    let page = browser
        .sees(&format!(
            "/o/MessagingSession?view=all&EndUserAccountId={}",
            jordan.test1
        ))
        .await;
    assert!(
        page.contains(jordan.session.as_str()) && !page.contains("+4915550100"),
        "{page}"
    );
}

#[tokio::test]
async fn a_record_that_was_opened_from_a_list_keeps_it_at_its_side() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.browser(AGENT).await;
    let list = browser.sees("/o/MessagingSession?view=ended").await;
    let (_, rest) = list
        .split_once(&format!("href=\"/r/MessagingSession/{}", jordan.session))
        .unwrap();
    let from = rest.split_once('"').unwrap().0;
    let page = browser
        .sees(&format!("/r/MessagingSession/{}{from}", jordan.session))
        .await;
    assert!(page.contains("Messaging Sessions, Ended"), "{page}");
    let page = browser
        .sees(&format!(
            "/r/MessagingSession/{}?from=//evil.example",
            jordan.session
        ))
        .await;
    assert!(!page.contains("evil.example/"), "{page}");
}

#[tokio::test]
async fn messaging_users_of_one_phone_with_several_contacts_are_listed() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let contact = site.server.contact("Avery", Some(jordan.sample)).await;
    let channel = site.server.channel("whatsapp").await;
    site.server
        .messaging_user(channel, "whatsapp:+12025550147", None, Some(contact))
        .await;
    site.server
        .messaging_user(channel, "+4915550100", None, None)
        .await;
    let browser = site.browser(AGENT).await;
    let page = browser.sees("/shared-addresses").await;
    assert!(
        page.contains("+12025550147") && page.contains("Avery") && !page.contains("+4915550100"),
        "{page}"
    );
}

#[tokio::test]
async fn salesforces_own_addresses_lead_to_the_same_records() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let browser = site.browser(AGENT).await;
    let page = browser.open(&format!("/{}", jordan.session)).await;
    assert_eq!(
        page.leads_to(),
        format!("/r/MessagingSession/{}", jordan.session)
    );
    let page = browser
        .open(&format!("/lightning/r/Account/{}/view", jordan.sample))
        .await;
    assert_eq!(page.leads_to(), format!("/r/Account/{}", jordan.sample));
    assert_eq!(
        browser
            .open("/lightning/o/Case/list?filterName=Recent")
            .await
            .leads_to(),
        "/o/Case"
    );
}

#[tokio::test]
async fn an_owner_is_a_user_or_a_queue_that_takes_such_records() {
    let site = Site::start().await;
    for (name, object) in [("Case queue", "Case"), ("Lead queue", "Lead")] {
        let fields = [("Name", name.into()), ("Type", "Queue".into())];
        let queue = site.server.create("Group", &fields).await;
        let taken = [("QueueId", queue.into()), ("SobjectType", object.into())];
        site.server.create("QueueSobject", &taken).await;
    }
    let group = [("Name", "Queue of nobody".into())];
    site.server.create("Group", &group).await;
    let browser = site.admin().await;
    for address in [
        "/lookup?for=Case.OwnerId&q=queue",
        "/lookup?for=Case.OwnerId",
    ] {
        let offered = browser.sees(address).await;
        assert!(offered.contains("Case queue"), "{offered}");
        assert!(!offered.contains("Lead queue"), "{offered}");
        assert!(!offered.contains("Queue of nobody"), "{offered}");
    }
}
