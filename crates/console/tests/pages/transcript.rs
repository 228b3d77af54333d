//! What was said, as far back as somebody goes, and what of it is new to them. Without script.

use axum::http::StatusCode;
use headwater_catalogue::Id;
use headwater_records::Input;
use headwater_testkit::{ADMIN, AGENT};
use jiff::SignedDuration;

use crate::site::{Browser, Site, value_of};

/// What a customer writes in a session, all of it at the same moment, as events that are worked off together.
async fn says(site: &Site, session: Id, (first, last): (i64, i64), about: &str) {
    for seq in first..=last {
        let entry: [(&str, Input); 6] = [
            ("ConversationId", session.into()),
            ("Seq", seq.into()),
            ("EntryTime", "2026-01-15T12:00:00Z".into()),
            ("EntryType", "Text".into()),
            ("ActorType", "EndUser".into()),
            ("Message", format!("{about} {seq}.").into()),
        ];
        site.server.create("ConversationEntry", &entry).await;
    }
}

/// The texts of a page's entries, in order.
fn texts(page: &str) -> Vec<String> {
    let parts = page.split("<p class=\"said\">").skip(1);
    parts
        .map(|part| part.split('<').next().unwrap().to_owned())
        .collect()
}

/// Where the page leads for what came before.
fn way_back(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("class=\"way-back\" href=\"")?;
    Some(rest.split('"').next()?.replace("&amp;", "&"))
}

async fn page_of(browser: &Browser, session: Id) -> String {
    browser
        .sees(&format!("/r/MessagingSession/{session}"))
        .await
}

#[tokio::test]
async fn a_transcript_goes_back_through_the_customers_sessions_and_shows_each_entry_once() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let soql = format!(
        "SELECT Id FROM MessagingSession WHERE MessagingEndUserId = '{}' ORDER BY StartTime, Id",
        jordan.user
    );
    let org = site.server.org();
    let table = org.browse(&org.system(), &soql, None, 10).await.unwrap();
    let sessions: Vec<Id> = table.rows().filter_map(|row| row.id("Id")).collect();
    says(&site, sessions[0], (1, 130), "Mailers").await;
    says(&site, sessions[2], (1, 70), "Boxes").await;
    // Somebody else's.
    let channel = site.server.channel("other").await;
    let user = site
        .server
        .messaging_user(channel, "+12025550188", None, None)
        .await;
    let other = site.server.sessions(channel, user, 1).await[0];
    says(&site, other, (1, 1), "Secret").await;

    let agent = site.browser(AGENT).await;
    let mut page = page_of(&agent, sessions[2]).await;
    let mut all = texts(&page);
    assert_eq!(all.len(), 60);
    assert_eq!(all.last().unwrap(), "Boxes 70.");
    let mut dividers = 0;
    while let Some(before) = way_back(&page) {
        page = agent.sees(&before).await;
        dividers += page.matches("class=\"session-divider\"").count();
        let mut earlier = texts(&page);
        earlier.extend(all);
        all = earlier;
    }
    let mailers = (1..=130).map(|seq| format!("Mailers {seq}."));
    let boxes = (1..=70).map(|seq| format!("Boxes {seq}."));
    let wanted: Vec<_> = mailers.chain(boxes).collect();
    assert_eq!(all, wanted);
    // One of the three has no entries, and says so by its beginning alone.
    assert_eq!(dividers, 3);
    // Nothing of another customer's is reached by the way of this one.
    let astray = format!("/desk/{}/earlier?at={other}", sessions[2]);
    assert_eq!(agent.open(&astray).await.status, StatusCode::NOT_FOUND);
    let nonsense = format!("/desk/{}/earlier?at={}~x", sessions[2], sessions[2]);
    assert!(agent.open(&nonsense).await.status.is_client_error());
}

#[tokio::test]
async fn what_is_new_since_one_last_looked_is_marked_for_each_of_them() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let (sasha, morgan) = (site.browser(AGENT).await, site.browser(ADMIN).await);
    let marks = async |browser: &Browser| {
        let page = page_of(browser, jordan.session).await;
        page.split_once("New since you last looked")
            .map(|(_, rest)| texts(rest))
    };
    let now = async |text: &str| {
        site.server.clock().advance(SignedDuration::from_secs(60));
        let at = site.server.org().now().to_string();
        let entry: [(&str, Input); 6] = [
            ("ConversationId", jordan.session.into()),
            ("Seq", 1.into()),
            ("EntryTime", at.into()),
            ("EntryType", "Text".into()),
            ("ActorType", "EndUser".into()),
            ("Message", text.into()),
        ];
        site.server.create("ConversationEntry", &entry).await;
        site.server.clock().advance(SignedDuration::from_secs(60));
    };
    now("Hello").await;
    assert_eq!(marks(&sasha).await, None, "it is all new");
    now("Are you there?").await;
    now("It is about my order.").await;
    let new = ["Are you there?", "It is about my order."].map(str::to_owned);
    assert_eq!(marks(&sasha).await.as_deref(), Some(&new[..]));
    assert_eq!(marks(&sasha).await, None, "they have seen it");
    assert_eq!(marks(&morgan).await, None, "they never looked");
    // A page that is open goes on marking what it marked.
    now("Still there?").await;
    let page = page_of(&sasha, jordan.session).await;
    let seen = value_of(&page, "seen");
    let again = format!("/r/MessagingSession/{}?seen={seen}", jordan.session);
    assert!(
        sasha
            .sees(&again)
            .await
            .contains("New since you last looked")
    );
    assert_eq!(marks(&morgan).await.map(|new| new.len()), Some(1));
}

#[tokio::test]
async fn a_page_that_asks_for_itself_again_loses_nothing_at_its_beginning() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    says(&site, jordan.session, (1, 100), "Line").await;
    let agent = site.browser(AGENT).await;
    let page = page_of(&agent, jordan.session).await;
    assert_eq!(texts(&page).first().unwrap(), "Line 41.");
    says(&site, jordan.session, (101, 150), "Line").await;
    let query = format!(
        "begins={}&earlier={}",
        value_of(&page, "begins"),
        value_of(&page, "earlier")
    );
    let again = agent
        .sees(&format!("/r/MessagingSession/{}?{query}", jordan.session))
        .await;
    let shown = texts(&again);
    assert_eq!(shown.first().unwrap(), "Line 41.");
    assert_eq!(shown.last().unwrap(), "Line 150.");
    assert_eq!(way_back(&again), way_back(&page));
}

#[tokio::test]
async fn an_answer_beside_somebody_elses_waits_for_a_word_and_loses_nothing() {
    let site = Site::start().await;
    let channel = site.server.channel("Other").await;
    let user = site
        .server
        .messaging_user(channel, "+12025550199", None, None)
        .await;
    let session = site.server.open_session(channel, user).await;
    let (sasha, morgan) = (site.browser(AGENT).await, site.browser(ADMIN).await);
    let send = format!("/desk/{session}/send");
    let form = |page: &str, text: &'static str| {
        let value = |name: &str| value_of(page, name);
        [
            ("text".to_owned(), text.to_owned()),
            ("message".to_owned(), value("message")),
            ("answers-known".to_owned(), value("answers-known")),
        ]
    };
    let post = async |browser: &Browser, form: [(String, String); 3]| {
        let pairs: Vec<_> = form.iter().map(|(a, b)| (&**a, &**b)).collect();
        browser.post(&send, &pairs).await
    };
    let mine = page_of(&sasha, session).await;
    let theirs = page_of(&morgan, session).await;
    let answer = post(&morgan, form(&theirs, "It comes tomorrow.")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let told = post(&sasha, form(&mine, "It comes <b>on Monday</b>.")).await;
    assert_eq!(told.status, StatusCode::CONFLICT, "{}", told.body);
    assert!(
        told.body.contains("has answered meanwhile"),
        "{}",
        told.body
    );
    assert!(
        told.body
            .contains("<blockquote>It comes tomorrow.</blockquote>")
    );
    assert!(
        told.body
            .contains("It comes &lt;b&gt;on Monday&lt;/b&gt;.</textarea>")
    );
    assert!(told.body.contains("Send as well"));
    let answer = post(&sasha, form(&told.body, "It comes on Monday.")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let said = texts(&page_of(&sasha, session).await);
    assert_eq!(said, ["It comes tomorrow.", "It comes on Monday."]);
}
