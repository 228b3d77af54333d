//! An agent's desk, without script: every step is a form.

use axum::http::StatusCode;
use headwater_testkit::{AGENT, VIEWER};

use crate::site::{Site, value_of};

#[tokio::test]
async fn a_session_is_accepted_answered_and_ended_by_forms_alone() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let channel = site.server.channel("Other").await;
    let user = site
        .server
        .messaging_user(channel, "+12025550199", None, None)
        .await;
    let session = site.server.open_session(channel, user).await;
    let agent = site.browser(AGENT).await;
    let page = format!("/r/MessagingSession/{session}");
    let shown = agent.sees(&page).await;
    let message = value_of(&shown, "message");
    let send = format!("/desk/{session}/send");
    let form = [("text", "Good day"), ("message", message.as_str())];
    // Sent twice by an impatient hand, it is one message.
    for _ in 0..2 {
        assert_eq!(agent.post(&send, &form).await.leads_to(), page);
    }
    let shown = agent.sees(&page).await;
    assert_eq!(shown.matches("Good day").count(), 1, "{shown}");
    assert!(shown.contains("Sending…"), "{shown}");
    let empty = agent.post(&send, &[("text", " "), ("message", "m2")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        empty.body.contains("a message needs text"),
        "{}",
        empty.body
    );
    let ended = agent.post(&format!("/desk/{session}/end"), &[]).await;
    assert_eq!(ended.leads_to(), page);
    assert!(agent.sees(&page).await.contains("This session is over."));
    let late = agent
        .post(&send, &[("text", "Late"), ("message", "m3")])
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let ended = format!("/r/MessagingSession/{}", jordan.session);
    assert!(!agent.sees(&ended).await.contains("composer"));
}

#[tokio::test]
async fn whoever_only_reads_has_nothing_to_write_in_and_is_refused() {
    let site = Site::start().await;
    let channel = site.server.channel("Other").await;
    let user = site
        .server
        .messaging_user(channel, "+12025550199", None, None)
        .await;
    let session = site.server.open_session(channel, user).await;
    let viewer = site.browser(VIEWER).await;
    let shown = viewer.sees(&format!("/r/MessagingSession/{session}")).await;
    assert!(
        !shown.contains("composer") && !shown.contains("/desk/"),
        "{shown}"
    );
    let form = [("text", "Hello"), ("message", "m1")];
    let refused = viewer.post(&format!("/desk/{session}/send"), &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
