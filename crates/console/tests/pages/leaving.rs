//! What leaves: transcripts that are taken away, and Messaging Users who are erased.

use axum::http::{StatusCode, header};
use headwater_catalogue::Id;
use headwater_testkit::{ADMIN, AGENT, VIEWER};

use crate::site::Site;

/// What a customer and an agent have said in a session.
async fn says(site: &Site, session: Id, how_many: i64) {
    for seq in 0..how_many {
        let (kind, text) = match seq {
            1 => ("Note", "Careful <b>here</b>".to_owned()),
            _ => ("Text", format!("Line {seq}.")),
        };
        let entry = [
            ("ConversationId", session.into()),
            ("Seq", seq.into()),
            ("EntryTime", "2026-01-15T12:00:00Z".into()),
            ("EntryType", kind.into()),
            ("ActorType", "Agent".into()),
            ("ActorName", "Sam".into()),
            ("Message", text.into()),
        ];
        site.server.create("ConversationEntry", &entry).await;
    }
}

#[tokio::test]
async fn a_transcript_is_printed_whole_and_downloaded_as_two_files() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    says(&site, jordan.session, 205).await;
    let viewer = site.browser(VIEWER).await;
    let shown = viewer
        .sees(&format!("/r/MessagingSession/{}", jordan.session))
        .await;
    let here = format!("/desk/{}/transcript", jordan.session);
    assert_eq!(shown.matches(&format!("href=\"{here}\"")).count(), 1);
    assert!(!shown.contains("Line 0."), "only the newest are shown");
    let printed = viewer.sees(&here).await;
    assert!(printed.contains("Line 0.") && printed.contains("Line 204."));
    assert!(!printed.contains("Careful") && !printed.contains("<nav"));
    let with_notes = viewer.sees(&format!("{here}?internal=true")).await;
    assert!(with_notes.contains("Careful &lt;b&gt;here"), "{with_notes}");
    for (file, media_type, wanted) in [
        (
            "transcript.json",
            "application/json; charset=utf-8",
            "\"text\":\"Line 0.\"",
        ),
        (
            "transcript.txt",
            "text/plain; charset=utf-8",
            "    Line 0.\n",
        ),
    ] {
        let url = format!("{here}/{file}");
        assert!(printed.contains(&format!("href=\"{url}\"")), "{printed}");
        let got = viewer.open(&url).await;
        assert_eq!(got.status, StatusCode::OK);
        assert_eq!(got.headers[header::CONTENT_TYPE], media_type);
        let disposition = got.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert!(disposition.starts_with("attachment; filename=\"transcript-0Mw"));
        assert!(got.body.contains(wanted), "{}", got.body);
        assert!(!got.body.contains("Careful"));
    }
    let other = viewer.open(&format!("{here}/transcript.pdf")).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let unknown = viewer.open("/desk/0Mw000000000001AAA/transcript").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let stranger = site.stranger().open(&here).await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_messaging_user_is_erased_with_a_reason_by_who_may() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    says(&site, jordan.session, 2).await;
    let page = format!("/r/MessagingEndUser/{}", jordan.user);
    let erase = format!("/messaging-users/{}/erase", jordan.user);
    let agent = site.browser(AGENT).await;
    assert!(!agent.sees(&page).await.contains(&erase));
    assert_eq!(agent.open(&erase).await.status, StatusCode::FORBIDDEN);
    let form = [("reason", "Asked for it")];
    let refused = agent.post(&erase, &form).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let admin = site.browser(ADMIN).await;
    assert!(admin.sees(&page).await.contains(&erase));
    let asked = admin.sees(&erase).await;
    assert!(asked.contains("3 sessions and 2 entries"), "{asked}");
    let silent = admin.post(&erase, &[("reason", " ")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.body.contains("role=\"alert\""), "{}", silent.body);
    assert!(admin.sees(&page).await.contains("+12025550147"));
    let done = admin.post(&erase, &form).await;
    assert_eq!(done.leads_to(), "/o/MessagingEndUser");
    assert_eq!(admin.open(&page).await.status, StatusCode::NOT_FOUND);
    let list = admin.sees("/o/Erasure").await;
    let (_, stub) = list.split_once("data-href=\"").unwrap();
    let stub = admin.sees(stub.split_once('?').unwrap().0).await;
    assert!(
        stub.contains("ER-00000001") && stub.contains("Asked for it"),
        "{stub}"
    );
    assert!(stub.contains("Done"), "{stub}");
}

#[tokio::test]
async fn an_open_session_is_said_and_ends_only_when_that_is_ticked() {
    let site = Site::start().await;
    let channel = site.server.channel("Other").await;
    let user = site
        .server
        .messaging_user(channel, "+12025550199", None, None)
        .await;
    site.server.open_session(channel, user).await;
    let admin = site.browser(ADMIN).await;
    let erase = format!("/messaging-users/{user}/erase");
    assert!(admin.sees(&erase).await.contains("name=\"end-sessions\""));
    let refused = admin.post(&erase, &[("reason", "Asked for it")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("value=\"Asked for it\""),
        "{}",
        refused.body
    );
    let form = [("reason", "Asked for it"), ("end-sessions", "true")];
    let done = admin.post(&erase, &form).await;
    assert_eq!(done.leads_to(), "/o/MessagingEndUser");
}
