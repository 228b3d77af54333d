//! An agent's desk, without script: every step is a form.

use axum::http::StatusCode;
use headwater_records::Input;
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
        !shown.contains("composer") && !shown.contains("action=\"/desk/"),
        "{shown}"
    );
    let form = [("text", "Hello"), ("message", "m1")];
    let refused = viewer.post(&format!("/desk/{session}/send"), &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_template_is_sent_where_carriers_have_them() {
    let site = Site::start().await;
    let fields: [(&str, Input); 5] = [
        ("DeveloperName", "Chat".into()),
        ("MasterLabel", "Chat".into()),
        ("MessageType", "WhatsApp".into()),
        ("MessagingPlatformKey", "+12025550100".into()),
        ("IsActive", true.into()),
    ];
    let channel = site.server.create("MessagingChannel", &fields).await;
    let user: [(&str, Input); 4] = [
        ("Name", "Jordan".into()),
        ("MessagingChannelId", channel.into()),
        ("MessageType", "WhatsApp".into()),
        ("MessagingPlatformKey", "+12025550199".into()),
    ];
    let user = site.server.create("MessagingEndUser", &user).await;
    let session = site.server.open_session(channel, user).await;
    let agent = site.browser(AGENT).await;
    let page = format!("/r/MessagingSession/{session}");
    assert!(agent.sees(&page).await.contains("Use a template"));
    let send = format!("/desk/{session}/template");
    let form = [
        ("name", "order_update"),
        ("language", "en_US"),
        ("parameters", "Jordan\r\n42\r\n"),
        ("message", "m1"),
    ];
    for _ in 0..2 {
        assert_eq!(agent.post(&send, &form).await.leads_to(), page);
    }
    let shown = agent.sees(&page).await;
    let said = "[template order_update, en_US] Jordan | 42";
    assert_eq!(shown.matches(said).count(), 1, "{shown}");
    let wrong = [
        ("name", "no name"),
        ("language", "en_US"),
        ("message", "m2"),
    ];
    let wrong = agent.post(&send, &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let viewer = site.browser(VIEWER).await;
    assert_eq!(
        viewer.post(&send, &form).await.status,
        StatusCode::FORBIDDEN
    );
}

/// A session of the web chat, which carries files.
async fn web_session(site: &Site) -> headwater_catalogue::Id {
    let web = "EmbeddedMessaging";
    let channel = [
        ("DeveloperName", "Web".into()),
        ("MasterLabel", "Web".into()),
        ("MessageType", web.into()),
        ("MessagingPlatformKey", "web".into()),
        ("IsActive", true.into()),
    ];
    let channel = site.server.create("MessagingChannel", &channel).await;
    let user = [
        ("Name", "Guest".into()),
        ("MessagingChannelId", channel.into()),
        ("MessageType", web.into()),
        ("MessagingPlatformKey", "uid:1".into()),
    ];
    let user = site.server.create("MessagingEndUser", &user).await;
    site.server.open_session(channel, user).await
}

/// A message's form with a file, as browsers send it.
fn with_file(token: &str, media_type: &str) -> String {
    let field = |name: &str, value: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    format!(
        "{}{}{}--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"photo.png\"\r\n\
         Content-Type: {media_type}\r\n\r\na picture\r\n--x--\r\n",
        field("form_token", token),
        field("message", media_type),
        field("text", ""),
    )
}

#[tokio::test]
async fn a_file_goes_out_with_a_message_and_is_shown_where_it_stands() {
    let site = Site::start().await;
    let session = web_session(&site).await;
    let agent = site.browser(AGENT).await;
    let page = format!("/r/MessagingSession/{session}");
    let token = value_of(&agent.sees(&page).await, "form_token");
    let send = async |token: &str, media_type: &str| {
        let request = agent.request_of(
            "POST",
            &format!("/desk/{session}/send"),
            "multipart/form-data; boundary=x",
        );
        agent.send(request, with_file(token, media_type)).await
    };
    let foreign = send("not-ours", "image/png").await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let wrong = send(&token, "text/html").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send(&token, "image/png").await.leads_to(), page);
    let shown = agent.sees(&page).await;
    let (_, rest) = shown.split_once("src=\"/files/").expect("an image");
    let url = format!("/files/{}", &rest[..18]);
    assert!(rest.contains("alt=\"photo.png\""), "{rest}");
    let file = agent.open(&url).await;
    assert_eq!(
        (file.status, file.body.as_str()),
        (StatusCode::OK, "a picture")
    );
    assert_eq!(file.headers["content-type"], "image/png");
    assert_eq!(file.headers["x-content-type-options"], "nosniff");
    let stranger = site.stranger().open(&url).await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_note_is_for_people_here_and_quick_texts_are_offered() {
    let site = Site::start().await;
    let channel = site.server.channel("Other").await;
    let user = site
        .server
        .messaging_user(channel, "+12025550199", None, None)
        .await;
    let session = site.server.open_session(channel, user).await;
    for (name, channels) in [("Greeting", "Messaging;Email"), ("By phone", "Phone")] {
        let fields = [
            ("Name", name.into()),
            ("Message", "Good day, how can I help?".into()),
            ("Channel", channels.into()),
        ];
        site.server.create("QuickText", &fields).await;
    }
    let agent = site.browser(AGENT).await;
    let page = format!("/r/MessagingSession/{session}");
    let shown = agent.sees(&page).await;
    assert!(shown.contains("Greeting"), "{shown}");
    assert!(!shown.contains("By phone"), "{shown}");
    let send = format!("/desk/{session}/send");
    let note = [("text", "Speaks Norwegian"), ("as", "note")];
    assert_eq!(agent.post(&send, &note).await.leads_to(), page);
    let shown = agent.sees(&page).await;
    assert!(shown.contains("Speaks Norwegian"), "{shown}");
    assert!(shown.contains("only for people here"), "{shown}");
    assert!(!shown.contains("Sending…"), "a note goes nowhere: {shown}");
    let empty = agent.post(&send, &[("text", " "), ("as", "note")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn whom_a_customer_may_be_is_offered_where_they_are_seen() {
    let site = Site::start().await;
    let account = site.server.account("Byron Ltd").await;
    let fields = [
        ("LastName", "Byron".into()),
        ("AccountId", account.into()),
        ("MobilePhone", "+1 202-555-0199".into()),
    ];
    let contact = site.server.create("Contact", &fields).await;
    let channel = site.server.channel("Other").await;
    let user = site
        .server
        .messaging_user(channel, "+12025550199", None, None)
        .await;
    let session = site.server.open_session(channel, user).await;
    let agent = site.browser(AGENT).await;
    let page = format!("/r/MessagingSession/{session}");
    let shown = agent.sees(&page).await;
    assert!(shown.contains("It may be"), "{shown}");
    assert!(shown.contains("Byron Ltd"), "{shown}");
    let change = agent
        .sees(&format!(
            "/relink?user={user}&ContactId={contact}&ContactId.search=Byron&ContactId.shown=\
             &AccountId={account}&AccountId.search=Byron%20Ltd&AccountId.shown="
        ))
        .await;
    assert!(change.contains("Who it may be"), "{change}");
    assert!(change.contains("is the sender"), "{change}");
}
