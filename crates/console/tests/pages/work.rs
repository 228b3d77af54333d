//! Presence, offers, transfers and the supervisor's page, without script.

use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use futures_util::StreamExt as _;
use headwater_catalogue::Id;
use headwater_messaging::Messaging;
use headwater_records::{Draft, Precondition};
use headwater_testkit::{ADMIN, AGENT, VIEWER};
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use crate::site::{Browser, Site};

/// A site with a routed queue of one agent, and a session that waits in it.
struct Floor {
    site: Site,
    queue: Id,
    session: Id,
    routing: JoinHandle<()>,
}

impl Floor {
    async fn set() -> Self {
        let site = Site::start().await;
        let server = &site.server;
        let configuration = [
            ("DeveloperName", "Fair".into()),
            ("MasterLabel", "Fair".into()),
        ];
        let configuration = server.create("QueueRoutingConfig", &configuration).await;
        let queue = [
            ("Name", "Support".into()),
            ("Type", "Queue".into()),
            ("QueueRoutingConfigId", configuration.into()),
        ];
        let queue = server.create("Group", &queue).await;
        let taken = [
            ("QueueId", queue.into()),
            ("SobjectType", "MessagingSession".into()),
        ];
        server.create("QueueSobject", &taken).await;
        let agent = server.user(AGENT).await;
        let member = [("GroupId", queue.into()), ("UserOrGroupId", agent.into())];
        server.create("GroupMember", &member).await;
        let channel = server.channel("Texts").await;
        let user = server
            .messaging_user(channel, "+12025550147", None, None)
            .await;
        let session = [
            ("MessagingChannelId", channel.into()),
            ("MessagingEndUserId", user.into()),
            ("Status", "Waiting".into()),
            ("OwnerId", queue.into()),
            ("StartTime", server.org().now().into()),
        ];
        let session = server.create("MessagingSession", &session).await;
        let messaging = Messaging::new(server.org().clone());
        let routing = tokio::spawn(async move { messaging.follow().await });
        Self {
            site,
            queue,
            session,
            routing,
        }
    }

    async fn id(&self, object: &str, name: &str) -> String {
        let org = self.site.server.org();
        let soql = format!("SELECT Id FROM {object} WHERE MasterLabel = '{name}'");
        let table = org.browse(&org.system(), &soql, None, 1).await.unwrap();
        table.first().unwrap().id("Id").unwrap().to_string()
    }

    async fn becomes(&self, browser: &Browser, status: &str) {
        let status = self.id("ServicePresenceStatus", status).await;
        let form = [("status", status.as_str())];
        assert_eq!(
            browser.post("/presence/status", &form).await.leads_to(),
            "/presence"
        );
    }

    /// The address of the offer that somebody sees, as soon as there is one.
    async fn offer(&self, browser: &Browser) -> String {
        for _ in 0..1_000 {
            let shown = browser.sees("/presence").await;
            if let Some((_, rest)) = shown.split_once("data-offer=\"") {
                let (work, _) = rest.split_once('"').unwrap();
                return format!("/offers/{work}");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nothing is offered");
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        self.routing.abort();
    }
}

#[tokio::test]
async fn an_agent_says_that_they_are_available_and_accepts_what_they_are_offered() {
    let floor = Floor::set().await;
    let agent = floor.site.browser(AGENT).await;
    let shown = agent.sees("/presence").await;
    assert!(shown.contains("Offline"), "{shown}");
    floor.becomes(&agent, "Available").await;
    let offer = floor.offer(&agent).await;
    let shown = agent.sees("/presence").await;
    for part in ["+12025550147", "Support", "left to answer", "1 of 5 in use"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let accepted = agent.post(&format!("{offer}/accept"), &[]).await;
    let page = format!("/r/MessagingSession/{}", floor.session);
    assert_eq!(accepted.leads_to(), page);
    let shown = agent.sees(&page).await;
    assert!(shown.contains("End and next"), "{shown}");
    let again = agent.post(&format!("{offer}/accept"), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.body.contains("no longer offered"), "{}", again.body);
    let ended = agent
        .post(&format!("/desk/{}/end-next", floor.session), &[])
        .await;
    assert_eq!(ended.leads_to(), "/o/MessagingSession");
}

#[tokio::test]
async fn an_offer_is_declined_by_a_form_and_a_sign_of_life_is_for_those_who_are_there() {
    let floor = Floor::set().await;
    let agent = floor.site.browser(AGENT).await;
    let beat = agent.post("/presence/beat", &[]).await;
    assert_eq!(beat.status, StatusCode::GONE);
    floor.becomes(&agent, "Available").await;
    let beat = agent.post("/presence/beat", &[]).await;
    assert_eq!(beat.status, StatusCode::NO_CONTENT);
    let offer = floor.offer(&agent).await;
    let form = [("reason", "Lunch")];
    for _ in 0..2 {
        let declined = agent.post(&format!("{offer}/decline"), &form).await;
        assert_eq!(declined.leads_to(), "/presence");
    }
    assert!(!agent.sees("/presence").await.contains("data-offer"));
    let left = agent.post("/presence/status", &[("status", "")]).await;
    assert_eq!(left.leads_to(), "/presence");
    let stream = agent.open("/presence/live").await;
    assert_eq!(stream.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_session_is_transferred_to_a_colleague_who_is_there_or_to_a_queue() {
    let floor = Floor::set().await;
    let server = &floor.site.server;
    let agent = floor.site.browser(AGENT).await;
    floor.becomes(&agent, "Available").await;
    let offer = floor.offer(&agent).await;
    agent.post(&format!("{offer}/accept"), &[]).await;
    let admin = floor.site.browser(ADMIN).await;
    floor.becomes(&admin, "Available").await;
    let page = format!("/desk/{}/transfer", floor.session);
    let shown = agent.sees(&page).await;
    let admin_id = server.user(ADMIN).await;
    assert!(shown.contains(admin_id.as_str()), "{shown}");
    assert!(shown.contains("Available · 5 of 5 free"), "{shown}");
    assert!(shown.contains(floor.queue.as_str()), "{shown}");
    let nobody = agent.post(&page, &[("note", "Please")]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        nobody.body.contains("Choose an agent or a queue."),
        "{}",
        nobody.body
    );
    assert!(nobody.body.contains("Please"), "{}", nobody.body);
    let viewer = server.user(VIEWER).await;
    let absent = agent.post(&page, &[("to", viewer.as_str())]).await;
    assert_eq!(absent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        absent.body.contains("is not available now"),
        "{}",
        absent.body
    );
    let form = [("to", admin_id.as_str()), ("note", "Knows <b>printers</b>")];
    let handed = agent.post(&page, &form).await;
    let record = format!("/r/MessagingSession/{}", floor.session);
    assert_eq!(handed.leads_to(), record);
    let shown = agent.sees(&record).await;
    assert!(shown.contains("Knows &lt;b&gt;printers"), "{shown}");
    let offer = floor.offer(&admin).await;
    let accepted = admin.post(&format!("{offer}/accept"), &[]).await;
    assert_eq!(accepted.leads_to(), record);
}

#[tokio::test]
async fn supervisors_see_lines_agents_and_flags_and_whisper() {
    let floor = Floor::set().await;
    let agent = floor.site.browser(AGENT).await;
    let admin = floor.site.browser(ADMIN).await;
    let shown = admin.sees("/supervisor").await;
    assert!(shown.contains("Support"), "{shown}");
    let refused = agent.open("/supervisor").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!agent.sees("/presence").await.contains("/supervisor"));
    floor.becomes(&agent, "Available").await;
    let offer = floor.offer(&agent).await;
    agent.post(&format!("{offer}/accept"), &[]).await;
    let desk = format!("/desk/{}", floor.session);
    let record = format!("/r/MessagingSession/{}", floor.session);
    let flag = [("text", "Refund rule?")];
    let raised = agent.post(&format!("{desk}/flag"), &flag).await;
    assert_eq!(raised.leads_to(), record);
    let shown = admin.sees("/supervisor").await;
    assert!(shown.contains("Refund rule?"), "{shown}");
    let text = [("text", "Thirty days")];
    let whispered = admin.post(&format!("{desk}/whisper"), &text).await;
    assert_eq!(whispered.leads_to(), record);
    let refused = agent.post(&format!("{desk}/whisper"), &text).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let shown = agent.sees(&record).await;
    assert!(shown.contains("Thirty days"), "{shown}");
    assert!(shown.contains("The flag is raised"), "{shown}");
    agent.post(&format!("{desk}/unflag"), &[]).await;
    let shown = admin.sees("/supervisor").await;
    assert!(!shown.contains("Refund rule?"), "{shown}");
}

#[tokio::test]
async fn administrators_say_which_queues_are_routed_and_which_statuses_get_sessions() {
    let floor = Floor::set().await;
    let admin = floor.site.browser(ADMIN).await;
    let shown = admin.sees("/setup/routing").await;
    for part in [
        "Support",
        "Fair",
        "Available",
        "Gets sessions",
        "Default Presence Configuration",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let queue = [("queue", floor.queue.as_str()), ("configuration", "")];
    let saved = admin.post("/setup/routing/queue", &queue).await;
    assert_eq!(saved.leads_to(), "/setup/routing");
    let available = floor.id("ServicePresenceStatus", "Available").await;
    for takes in ["false", "true", "true"] {
        let form = [("status", available.as_str()), ("takes", takes)];
        let saved = admin.post("/setup/routing/status", &form).await;
        assert_eq!(saved.leads_to(), "/setup/routing");
        let shown = admin.sees("/setup/routing").await;
        assert_eq!(shown.contains("Gets sessions"), takes == "true", "{shown}");
    }
    let agent = floor.site.browser(AGENT).await;
    let refused = agent.post("/setup/routing/queue", &queue).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    for made in [
        "QueueRoutingConfig",
        "ServicePresenceStatus",
        "PresenceUserConfig",
    ] {
        admin.sees(&format!("/o/{made}/new")).await;
    }
}

#[tokio::test]
async fn whoever_works_on_no_sessions_has_no_presence() {
    let site = Site::start().await;
    let viewer = site.browser(VIEWER).await;
    let shown = viewer.sees("/preferences").await;
    assert!(!shown.contains("id=\"work\""), "{shown}");
    assert_eq!(viewer.open("/presence").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_agent_who_has_left_their_work_unanswered_has_none_of_it_when_they_are_away() {
    let floor = Floor::set().await;
    let agent = floor.site.browser(AGENT).await;
    floor.becomes(&agent, "Available").await;
    floor.offer(&agent).await;
    let busy = floor.id("ServicePresenceStatus", "Busy").await;
    let org = floor.site.server.org();
    let draft = Draft::new().with("MasterLabel", "In a meeting");
    org.update(
        &org.system(),
        "ServicePresenceStatus",
        &busy,
        draft,
        Precondition::default(),
    )
    .await
    .unwrap();
    floor.becomes(&agent, "In a meeting").await;
    let shown = agent.sees("/presence").await;
    assert!(!shown.contains("data-offer"), "{shown}");
    assert!(shown.contains("In a meeting"), "{shown}");
}

#[tokio::test]
async fn the_stream_of_an_agent_says_when_their_work_changes_and_asks_for_signs_of_life() {
    let floor = Floor::set().await;
    let agent = floor.site.browser(AGENT).await;
    floor.becomes(&agent, "Available").await;
    let offer = floor.offer(&agent).await;
    let request = agent.request("GET", "/presence/live").body(Body::empty());
    let response = floor.site.router.clone().oneshot(request.unwrap()).await;
    let response = response.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    let mut told = async || {
        let next = tokio::time::timeout(Duration::from_secs(20), stream.next()).await;
        let chunk = next.expect("the page is told").unwrap().unwrap();
        String::from_utf8(chunk.to_vec()).unwrap()
    };
    assert_eq!(told().await, "event: work\ndata: {}\n\n");
    assert_eq!(told().await, "event: beat\ndata: {}\n\n");
    agent.post(&format!("{offer}/decline"), &[]).await;
    assert_eq!(told().await, "event: work\ndata: {}\n\n");
    agent.post("/presence/status", &[("status", "")]).await;
    assert_eq!(told().await, "event: work\ndata: {}\n\n");
}
