//! The dashboard: what is counted, and for whom.

use headwater_testkit::ADMIN;
use serde_json::json;

use crate::site::Site;

#[tokio::test]
async fn sessions_users_and_relinks_are_counted_by_their_groups() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let channel = site.server.channel("chat").await;
    let contact = site.server.contact("Doe", None).await;
    let other = site
        .server
        .messaging_user(channel, "+7", None, Some(contact))
        .await;
    site.server.sessions(channel, other, 2).await;
    site.server.open_session(channel, other).await;
    let relink = |account: &str| {
        let body = json!({
            "messagingEndUserIds": [jordan.user.as_str()],
            "accountId": account,
        });
        site.server
            .post("/services/headwater/v1/relinks")
            .json(&body)
    };
    for account in [jordan.sample, jordan.test1] {
        let made = relink(account.as_str()).as_(ADMIN).send().await.json();
        assert!(made["id"].is_string(), "{made}");
    }
    let page = site.admin().await.sees("/dashboard").await;
    let sessions = site.server.query("SELECT COUNT() FROM MessagingSession");
    let sessions = sessions.as_(ADMIN).send().await.expect(200)["totalSize"].clone();
    for shown in [
        format!("{sessions} sessions in all."),
        "50% of 2 Messaging Users have a contact.".to_owned(),
        "2 in 12 weeks, of which 0 were undone (0%).".to_owned(),
        "/o/MessagingSession?view=all&amp;Status=Active".to_owned(),
    ] {
        assert!(page.contains(&shown), "{shown} in {page}");
    }
}
