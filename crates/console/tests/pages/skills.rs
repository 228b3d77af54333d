//! Skills and overflow in Setup › Routing, and where it is said why a session waits.

use std::time::Duration;

use axum::http::StatusCode;
use headwater_catalogue::Id;
use headwater_messaging::Messaging;
use headwater_testkit::{ADMIN, AGENT};

use crate::site::Site;

const HERE: &str = "/setup/routing";

async fn id(site: &Site, soql: &str) -> Option<Id> {
    let org = site.server.org();
    let table = org.browse(&org.system(), soql, None, 1).await.unwrap();
    table.first().and_then(|row| row.id("Id"))
}

/// The configuration of a queue, the queue and a skill.
async fn set(site: &Site) -> (Id, Id, Id) {
    let server = &site.server;
    let fields = [
        ("DeveloperName", "Fair".into()),
        ("MasterLabel", "Fair".into()),
    ];
    let configuration = server.create("QueueRoutingConfig", &fields).await;
    let fields = [
        ("Name", "Support".into()),
        ("Type", "Queue".into()),
        ("QueueRoutingConfigId", configuration.into()),
    ];
    let queue = server.create("Group", &fields).await;
    let fields = [
        ("DeveloperName", "French".into()),
        ("MasterLabel", "French".into()),
    ];
    let skill = server.create("Skill", &fields).await;
    (configuration, queue, skill)
}

#[tokio::test]
async fn administrators_say_who_has_which_skill_and_which_a_configuration_asks_for() {
    let site = Site::start().await;
    let (configuration, _, skill) = set(&site).await;
    let admin = site.browser(ADMIN).await;
    let user = site.server.user(AGENT).await.to_string();
    let shown = admin.sees(HERE).await;
    for part in ["French", "Nobody has it.", "any number may wait"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let give = |level: &'static str| {
        [
            ("user", user.clone()),
            ("skill", skill.to_string()),
            ("level", level.to_owned()),
        ]
    };
    let post = async |to: &str, form: &[(&str, String)]| {
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
        admin.post(&format!("{HERE}/{to}"), &form).await
    };
    // The second time it is another level.
    for level in ["3", "4.5"] {
        let given = post("skills", &give(level)).await;
        assert_eq!(given.leads_to(), HERE);
    }
    let shown = admin.sees(HERE).await;
    assert!(!shown.contains("Nobody has it."), "{shown}");
    assert!(shown.contains("4.5"), "{shown}");
    let wrong = post("skills", &give("-1")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("from 0 to 99.99"), "{}", wrong.body);
    let ask = [
        ("configuration", configuration.to_string()),
        ("skill", skill.to_string()),
        ("level", "2".to_owned()),
        ("additional", "true".to_owned()),
    ];
    let asked = post("skills/ask", &ask).await;
    assert_eq!(asked.leads_to(), HERE);
    let on = "SELECT Id FROM QueueRoutingConfig WHERE IsAttributeBased = true";
    assert_eq!(id(&site, on).await, Some(configuration));
    let shown = admin.sees(HERE).await;
    assert!(shown.contains("never waived"), "{shown}");
    let twice = post("skills/ask", &ask).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    for object in ["ServiceResourceSkill", "QueueRoutingConfigSkill"] {
        let one = format!("SELECT Id FROM {object}");
        let made = id(&site, &one).await.unwrap().to_string();
        admin.sees(&format!("/r/{object}/{made}/edit")).await;
        let form = [("object", object.to_owned()), ("id", made)];
        let taken = post("skills/remove", &form).await;
        assert_eq!(taken.leads_to(), HERE);
        assert_eq!(id(&site, &one).await, None);
    }
    let agent = site.browser(AGENT).await;
    let form: Vec<(&str, &str)> = ask.iter().map(|(k, v)| (*k, v.as_str())).collect();
    for (to, form) in [
        (
            "skills",
            &[("user", user.as_str()), ("skill", skill.as_str())][..],
        ),
        ("skills/ask", &form[..]),
        (
            "skills/remove",
            &[("object", "ServiceResourceSkill"), ("id", "x")][..],
        ),
    ] {
        let refused = agent.post(&format!("{HERE}/{to}"), form).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{to}");
    }
}

#[tokio::test]
async fn a_configuration_says_who_gets_what_is_too_much_in_line() {
    let site = Site::start().await;
    let (configuration, queue, _) = set(&site).await;
    let admin = site.browser(ADMIN).await;
    let edit = format!("/r/QueueRoutingConfig/{configuration}/edit");
    let shown = admin.sees(&edit).await;
    for field in [
        "LineMax",
        "OverflowAssigneeId",
        "IsAttributeBased",
        "DropAdditionalSkillsTimeout",
    ] {
        assert!(shown.contains(field), "{field}: {shown}");
    }
    let org = site.server.org();
    let draft = headwater_records::Draft::new()
        .with("LineMax", 7_i64)
        .with("OverflowAssigneeId", queue);
    let (system, object) = (org.system(), "QueueRoutingConfig");
    let always = headwater_records::Precondition::default();
    org.update(&system, object, configuration.as_str(), draft, always)
        .await
        .unwrap();
    let shown = admin.sees(HERE).await;
    assert!(
        shown.contains("while 7 wait, new sessions go to"),
        "{shown}"
    );
}

#[tokio::test]
async fn it_is_said_why_a_session_waits_that_nobody_can_take() {
    let site = Site::start().await;
    let (configuration, queue, skill) = set(&site).await;
    let server = &site.server;
    let fields = [
        ("QueueRoutingConfigId", configuration.into()),
        ("SkillId", skill.into()),
        ("SkillLevel", 2_i64.into()),
    ];
    server.create("QueueRoutingConfigSkill", &fields).await;
    let org = server.org();
    let on = headwater_records::Draft::new().with("IsAttributeBased", true);
    let (system, object) = (org.system(), "QueueRoutingConfig");
    let always = headwater_records::Precondition::default();
    org.update(&system, object, configuration.as_str(), on, always)
        .await
        .unwrap();
    let channel = server.channel("Texts").await;
    let user = server
        .messaging_user(channel, "+12025550147", None, None)
        .await;
    let fields = [
        ("MessagingChannelId", channel.into()),
        ("MessagingEndUserId", user.into()),
        ("Status", "Waiting".into()),
        ("OwnerId", queue.into()),
        ("StartTime", org.now().into()),
    ];
    let session = server.create("MessagingSession", &fields).await;
    let messaging = Messaging::new(org.clone());
    let routing = tokio::spawn(async move { messaging.follow().await });
    let stands = async {
        while id(&site, "SELECT Id FROM SkillRequirement").await.is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let stood = tokio::time::timeout(Duration::from_secs(20), stands).await;
    routing.abort();
    assert!(stood.is_ok(), "it does not stand in line");
    let admin = site.browser(ADMIN).await;
    let shown = admin.sees("/supervisor").await;
    assert!(shown.contains("1 unmatched"), "{shown}");
    assert!(shown.contains("French 2"), "{shown}");
    let shown = admin.sees(&format!("/r/MessagingSession/{session}")).await;
    assert!(shown.contains("Why it waits"), "{shown}");
    assert!(shown.contains("French 2"), "{shown}");
}
