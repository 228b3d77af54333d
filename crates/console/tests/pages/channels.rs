//! Setup, Messaging channels: connecting each carrier, checking the connection, sending a test.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use headwater_catalogue::Id;
use headwater_messaging::{Carrier, Fetching, Media, Outgoing, Sending, Undelivered};
use headwater_records::Input;
use headwater_testkit::{ADMIN, AGENT};

use crate::site::{Site, value_of};

/// A carrier that takes all but what goes to one address.
#[derive(Debug, Clone, Default)]
struct Told(Arc<Mutex<Vec<Outgoing>>>);

impl Carrier for Told {
    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            self.0.lock().unwrap().push(outgoing.clone());
            match outgoing.to.as_str() {
                "+1" => Err(Undelivered::for_good("21211", "<b>No</b> such number")),
                _ => Ok("SM1".to_owned()),
            }
        })
    }

    fn fetch<'a>(&'a self, _channel: Id, _media: &'a Media) -> Fetching<'a> {
        Box::pin(async { Err(Undelivered::for_good("404", "Not found")) })
    }

    fn introduce(&self, _channel: Id) -> Sending<'_> {
        Box::pin(async { Ok("Shop".to_owned()) })
    }
}

async fn channel(site: &Site, name: &str, kind: &str) -> Id {
    let fields: [(&str, Input); 5] = [
        ("DeveloperName", name.into()),
        ("MasterLabel", name.into()),
        ("MessageType", kind.into()),
        ("MessagingPlatformKey", "+12025550100".into()),
        ("IsActive", true.into()),
    ];
    site.server.create("MessagingChannel", &fields).await
}

async fn count(site: &Site, soql: &str) -> u64 {
    let answer = site.server.query(soql).as_(ADMIN).send().await;
    answer.expect(200)["totalSize"].as_u64().unwrap()
}

#[tokio::test]
async fn a_channel_is_connected_to_its_carrier_and_the_token_is_never_shown() {
    let site = Site::start().await;
    let channel = site.server.channel("Texts").await;
    let admin = site.admin().await;
    let list = admin.sees("/setup/channels").await;
    assert!(list.contains("Not connected"), "{list}");
    let path = format!("/setup/channels/{channel}");
    admin.sees(&path).await;
    let wrong = admin
        .post(&path, &[("key", "SID"), ("secret", "very-secret")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("begin with AC"), "{}", wrong.body);
    assert!(!wrong.body.contains("very-secret"), "{}", wrong.body);
    for (field, value) in [
        ("api", "http://carrier.example"),
        ("api", "http://127.0.0.1.evil.example"),
        ("rate", "many"),
        ("rate", "0"),
        ("secret", ""),
    ] {
        let mut form = vec![("key", "AC1"), (field, value)];
        if field != "secret" {
            form.push(("secret", "very-secret"));
        }
        let refused = admin.post(&path, &form).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{field} {value}"
        );
    }
    let right = [("key", "AC0123"), ("secret", "very-secret"), ("rate", "5")];
    let right = admin.post(&path, &right).await;
    assert_eq!(right.leads_to(), path);
    let list = admin.sees("/setup/channels").await;
    assert!(list.contains("/channels/Texts/twilio"), "{list}");
    for page in [list, admin.sees(&path).await] {
        assert!(
            page.contains("AC0123") && !page.contains("very-secret"),
            "{page}"
        );
    }
    // Kept when the form leaves it empty.
    admin
        .post(&path, &[("key", "AC0124"), ("secret", "")])
        .await;
    let soql = "SELECT Id FROM ChannelAccount WHERE AccountKey = 'AC0124'";
    assert_eq!(count(&site, soql).await, 1);
    let trail = admin.sees("/setup/audit").await;
    assert!(trail.contains("channel account"), "{trail}");
    assert!(!trail.contains("very-secret"), "{trail}");
    let agent = site.browser(AGENT).await;
    for place in ["/setup/channels", &path] {
        assert_eq!(agent.open(place).await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn a_whatsapp_number_is_connected_to_meta_or_to_twilio_and_shows_what_to_paste() {
    let site = Site::start().await;
    let channel = channel(&site, "Chat", "WhatsApp").await;
    let admin = site.admin().await;
    let path = format!("/setup/channels/{channel}");
    let meta = format!("{path}?carrier=WhatsApp");
    let page = admin.sees(&meta).await;
    assert!(
        page.contains("Phone number ID") && page.contains("App secret"),
        "{page}"
    );
    assert!(page.contains("/channels/Chat/meta"), "{page}");
    assert!(admin.sees(&path).await.contains("Account SID"));
    let lacking = [
        ("carrier", "WhatsApp"),
        ("key", "106540352242922"),
        ("secret", "EAAtoken"),
    ];
    let refused = admin.post(&path, &lacking).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("App secret: enter"),
        "{}",
        refused.body
    );
    let mut whole = lacking.to_vec();
    whole.push(("signing", "app-secret-1"));
    assert_eq!(admin.post(&path, &whole).await.leads_to(), path);
    let page = admin.sees(&path).await;
    let account = site.messaging.account(channel).await.unwrap().unwrap();
    let token = account.verify_token.unwrap();
    assert!(page.contains(token.expose()), "{page}");
    assert!(
        !page.contains("EAAtoken") && !page.contains("app-secret-1"),
        "{page}"
    );
    // The token stays when something else changes, and with another carrier the old secrets go.
    let change = [("carrier", "WhatsApp"), ("key", "106540352242923")];
    admin.post(&path, &change).await;
    let account = site.messaging.account(channel).await.unwrap().unwrap();
    assert_eq!(account.verify_token, Some(token));
    assert_eq!(account.signing_secret.unwrap().expose(), "app-secret-1");
    let other = [("carrier", "Twilio"), ("key", "AC1")];
    let refused = admin.post(&path, &other).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let other = [("carrier", "Twilio"), ("key", "AC1"), ("secret", "token")];
    admin.post(&path, &other).await;
    let account = site.messaging.account(channel).await.unwrap().unwrap();
    assert_eq!(
        (account.carrier.as_str(), account.signing_secret),
        ("Twilio", None)
    );
}

#[tokio::test]
async fn a_bot_needs_its_token_alone_and_channels_of_other_types_have_no_carrier() {
    let site = Site::start().await;
    let bot = channel(&site, "Bot", "Custom").await;
    let voice = channel(&site, "Calls", "Voice").await;
    let admin = site.admin().await;
    let path = format!("/setup/channels/{bot}");
    let wrong = admin.post(&path, &[("secret", "no-token")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("@BotFather"), "{}", wrong.body);
    let right = admin.post(&path, &[("secret", "123456:ABC-def")]).await;
    assert_eq!(right.leads_to(), path);
    let account = site.messaging.account(bot).await.unwrap().unwrap();
    assert_eq!(account.key, "123456");
    let none = admin.open(&format!("/setup/channels/{voice}")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let list = admin.sees("/setup/channels").await;
    assert!(list.contains("serves channels of this type"), "{list}");
}

#[tokio::test]
async fn a_connection_is_checked_and_tried_and_its_light_says_how_it_does() {
    let site = Site::start().await;
    let told = Told::default();
    site.messaging.connect(Box::new(told.clone()));
    let channel = site.server.channel("Texts").await;
    let admin = site.admin().await;
    let path = format!("/setup/channels/{channel}");
    admin
        .post(&path, &[("key", "AC0123"), ("secret", "token")])
        .await;
    assert!(admin.sees(&path).await.contains("Nothing yet"));
    let (check, test) = (format!("{path}/check"), format!("{path}/test"));
    assert_eq!(admin.post(&check, &[]).await.leads_to(), path);
    assert_eq!(
        admin
            .post(&test, &[("to", "+12025550147")])
            .await
            .leads_to(),
        path
    );
    let sent = told.0.lock().unwrap()[0].clone();
    assert_eq!(
        (sent.to.as_str(), sent.from.as_str()),
        ("+12025550147", "Texts")
    );
    assert!(admin.sees("/setup/channels").await.contains("Working"));
    let empty = admin.post(&test, &[("to", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    site.server
        .clock()
        .advance(jiff::SignedDuration::from_secs(1));
    let failed = admin.post(&test, &[("to", "+1")]).await;
    assert_eq!(failed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        failed.body.contains("21211: &lt;b&gt;No"),
        "{}",
        failed.body
    );
    assert_eq!(value_of(&failed.body, "to"), "+1");
    let list = admin.sees("/setup/channels").await;
    assert!(list.contains("Failing") && list.contains("21211"), "{list}");
    let agent = site.browser(AGENT).await;
    assert_eq!(
        agent.post(&test, &[("to", "+1")]).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(agent.post(&check, &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(told.0.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_web_channel_says_who_comes_in_and_leads_to_where_that_is_changed() {
    let site = Site::start().await;
    let fields = [
        ("DeveloperName", "Web".into()),
        ("MasterLabel", "Our chat".into()),
        ("MessageType", "EmbeddedMessaging".into()),
        ("MessagingPlatformKey", "web".into()),
        ("IsActive", true.into()),
    ];
    let channel = site.server.create("MessagingChannel", &fields).await;
    let admin = site.admin().await;
    let path = format!("/setup/channels/{channel}/visitors");
    assert!(admin.sees("/setup/channels").await.contains(&path));
    let page = admin.sees(&path).await;
    assert!(page.contains("None: everybody is a guest."), "{page}");
    let new = format!("/o/MessagingKeyset/new?MessagingChannelId={channel}");
    assert!(page.contains(&new), "{page}");
    let new = format!("{new}&MessagingChannelId.search=Our%20chat");
    assert!(admin.sees(&new).await.contains("Our chat"));
    let form = [
        ("DeveloperName", "Shop"),
        ("MessagingChannelId", &channel.to_string()),
        ("Issuer", "https://shop.example.com"),
        (
            "Keys",
            "{\"keys\":[{\"kid\":\"k1\",\"kty\":\"RSA\",\"d\":\"secret\"}]}",
        ),
    ];
    let refused = admin.post("/o/MessagingKeyset/new", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("is a secret key"), "{}", refused.body);
    let url = ("KeysUrl", "https://shop.example.com/keys");
    let made = admin
        .post("/o/MessagingKeyset/new", &[form[0], form[1], form[2], url])
        .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let page = admin.sees(&path).await;
    assert!(page.contains("Fetched from"), "{page}");
    let trail = admin.sees("/setup/audit").await;
    assert!(trail.contains("keyset"), "{trail}");
    let texts = site.server.channel("Texts").await;
    let none = admin
        .open(&format!("/setup/channels/{texts}/visitors"))
        .await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let agent = site.browser(AGENT).await;
    assert_eq!(agent.open(&path).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_a_channel_does_by_itself_is_said_with_the_way_to_change_it() {
    let site = Site::start().await;
    let channel = site.server.channel("Texts").await;
    let admin = site.admin().await;
    let list = admin.sees("/setup/channels").await;
    assert!(
        list.contains("Agents say who a new Messaging User is."),
        "{list}"
    );
    let new = format!("/o/ChannelObjectLinkingRule/new?MessagingChannelId={channel}");
    assert!(list.contains(&new), "{list}");
    let id = channel.to_string();
    let form = [
        ("MessagingChannelId", id.as_str()),
        ("MatchBy", "Key"),
        ("ContactField", "Email"),
        ("ActionForNoRecordFound", "CreateNewRecordAndLink"),
        ("ActionForSingleRecordFound", "AutoLink"),
    ];
    let made = admin.post("/o/ChannelObjectLinkingRule/new", &form).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let list = admin.sees("/setup/channels").await;
    assert!(
        list.contains("the one contact whose Email is its key."),
        "{list}"
    );
    assert!(list.contains("Where there is none, one is made."), "{list}");
    let trail = admin.sees("/setup/audit").await;
    assert!(trail.contains("linking rule"), "{trail}");
}

#[tokio::test]
async fn a_retention_rule_is_tried_before_it_is_saved_and_what_is_wrong_is_said() {
    let site = Site::start().await;
    let channel = site.server.channel("Texts").await;
    let user = site
        .server
        .messaging_user(channel, "+12025550147", None, None);
    site.server.sessions(channel, user.await, 3).await;
    site.server
        .clock()
        .advance(jiff::SignedDuration::from_hours(48));
    let admin = site.admin().await;
    let path = format!("/setup/channels/{channel}/retention");
    let page = admin.sees(&path).await;
    assert!(page.contains("kept for good"), "{page}");
    let tried = admin
        .post(&path, &[("RetentionDays", "1"), ("try", "true")])
        .await;
    assert_eq!(tried.status, StatusCode::OK);
    assert!(tried.body.contains("3 sessions"), "{}", tried.body);
    let rule = "SELECT Id FROM MessagingChannel WHERE RetentionDays != null";
    assert_eq!(count(&site, rule).await, 0);
    for days in ["-1", "soon", "99999"] {
        let wrong = admin.post(&path, &[("RetentionDays", days)]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{days}");
        assert!(wrong.body.contains(days), "{}", wrong.body);
    }
    let saved = admin.post(&path, &[("RetentionDays", "1")]).await;
    assert_eq!(saved.leads_to(), path);
    assert_eq!(count(&site, rule).await, 1);
    let begun = admin.post(&format!("{path}/remove"), &[]).await;
    assert!(
        begun.leads_to().contains("RetentionRun"),
        "{}",
        begun.leads_to()
    );
    let agent = site.browser(AGENT).await;
    assert_eq!(agent.open(&path).await.status, StatusCode::FORBIDDEN);
}
