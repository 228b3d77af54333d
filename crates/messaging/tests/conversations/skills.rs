//! Skills that whoever gets a session must have.

use std::time::Duration;

use headwater_catalogue::Id;
use headwater_messaging::Target;
use headwater_records::{Caller, Draft, Input, Precondition};
use headwater_testkit::{ADMIN, AGENT};

use crate::floor::{Floor, IN_LINE, SESSIONS, configuration, queue};
use crate::stage::written;

/// Who was asked, but for the witness.
const ASKED: &str = "SELECT User.Name FROM AgentWork WHERE User.Name != 'Witness' ORDER BY Name";
const NEEDED: &str = "SELECT Skill.MasterLabel FROM SkillRequirement ORDER BY SkillNumber";

/// A floor whose sessions are routed by skills.
async fn floor(fields: &[(&str, Input)]) -> Floor {
    let mut all = vec![("IsAttributeBased", true.into())];
    all.extend(fields.iter().cloned());
    Floor::set_with(&all).await
}

impl Floor {
    /// A skill that sessions of the queue need so well.
    async fn needs(&self, name: &str, level: &str, others: &[(&str, Input)]) -> Id {
        let server = &self.stage.server;
        let fields = [("DeveloperName", name.into()), ("MasterLabel", name.into())];
        let skill = server.create("Skill", &fields).await;
        let mut fields = vec![
            ("QueueRoutingConfigId", self.configuration.into()),
            ("SkillId", skill.into()),
            ("SkillLevel", Input::Number(level.to_owned())),
        ];
        fields.extend(others.iter().cloned());
        server.create("QueueRoutingConfigSkill", &fields).await;
        skill
    }

    /// Makes an agent somebody who can have skills.
    async fn resource(&self, agent: &Caller) -> Id {
        let fields = [
            ("Name", (&*agent.name).into()),
            ("RelatedRecordId", agent.user.into()),
        ];
        self.stage.server.create("ServiceResource", &fields).await
    }

    async fn has(&self, agent: &Caller, skills: &[(Id, &str)]) -> Id {
        let resource = self.resource(agent).await;
        for (skill, level) in skills {
            self.grant(resource, *skill, level, &[]).await;
        }
        resource
    }

    async fn grant(&self, resource: Id, skill: Id, level: &str, others: &[(&str, Input)]) -> Id {
        let mut fields = vec![
            ("ServiceResourceId", resource.into()),
            ("SkillId", skill.into()),
            ("SkillLevel", Input::Number(level.to_owned())),
        ];
        fields.extend(others.iter().cloned());
        let server = &self.stage.server;
        server.create("ServiceResourceSkill", &fields).await
    }

    /// Nobody else is asked, though the router has looked: what came later on another channel has its agent.
    async fn nobody_else_is_asked(&self, before: &[&str]) {
        let stage = &self.stage;
        let seen = "SELECT Id FROM AgentWork WHERE User.Name = 'Witness' ORDER BY Id";
        let count = stage.rows(seen).await.rows().len();
        if count == 0 {
            self.witness().await;
        }
        let witness = stage
            .server
            .org()
            .caller(self.id("User", "Name", "Witness").await)
            .await
            .unwrap();
        self.becomes(&witness, Some("Available")).await;
        let channel = self.id("MessagingChannel", "DeveloperName", "Witnessed");
        let from = format!("+1202554{count:04}");
        let inbound = written(&from, &format!("W{count}"), "Hello", None);
        let accepted = self.messaging().accept(channel.await, &inbound).await;
        accepted.unwrap();
        stage
            .until(
                "SELECT User.Name FROM AgentWork WHERE Status = 'Assigned' AND User.Name = 'Witness'",
                "User.Name",
                &["Witness"],
            )
            .await;
        let session = self.accepts(&witness).await;
        self.messaging().end(&witness, &session).await.unwrap();
        assert_eq!(stage.texts(ASKED, "User.Name").await, before);
    }

    /// A channel whose sessions need no skill, with its agent.
    async fn witness(&self) {
        let configuration = configuration(&self.stage, "Witnessed", &[]).await;
        let queue = queue(&self.stage, "Witnessed", Some(configuration)).await;
        let server = &self.stage.server;
        let fields: [(&str, Input); 7] = [
            ("DeveloperName", "Witnessed".into()),
            ("MasterLabel", "Witnessed".into()),
            ("MessageType", "Text".into()),
            ("MessagingPlatformKey", "+12025550199".into()),
            ("IsoCountryCode", "US".into()),
            ("IsActive", true.into()),
            ("SessionHandlerId", queue.into()),
        ];
        server.create("MessagingChannel", &fields).await;
        let name = "witness@headwater.example";
        let user = server.make_user(name, "Witness", "Support Agent", None);
        let member = [
            ("GroupId", queue.into()),
            ("UserOrGroupId", user.await.into()),
        ];
        server.create("GroupMember", &member).await;
    }

    async fn lacks(&self) -> Option<Vec<String>> {
        let org = self.stage.server.org();
        let first = "SELECT Id FROM MessagingSession ORDER BY Name";
        let session = self.stage.rows(first).await;
        let session = session.first().unwrap().id("Id").unwrap();
        let lacking = self.messaging().lacking(&org.system(), session).await;
        let lacking = lacking.unwrap()?;
        Some(lacking.into_iter().map(|one| one.name).collect())
    }
}

#[tokio::test]
async fn only_who_has_every_skill_well_enough_is_asked() {
    let floor = floor(&[]).await;
    let french = floor.needs("French", "5.5", &[]).await;
    let refunds = floor.needs("Refunds", "0", &[]).await;
    let low = floor.available("Low").await;
    let one = floor.available("One").await;
    let none = floor.available("None").await;
    let both = floor.available("Both").await;
    floor.has(&low, &[(french, "5.49"), (refunds, "9")]).await;
    floor.has(&one, &[(french, "9")]).await;
    floor.resource(&none).await;
    floor.has(&both, &[(french, "5.5"), (refunds, "0")]).await;
    floor.customer(1).await;
    floor
        .until(NEEDED, "Skill.MasterLabel", &["French", "Refunds"])
        .await;
    floor.until(ASKED, "User.Name", &["Both"]).await;
    let kind = "SELECT RoutingType FROM AgentWork WHERE User.Name = 'Both'";
    floor.until(kind, "RoutingType", &["SkillsBased"]).await;
    // Whoever declines is not followed by somebody who cannot do it.
    let offer = floor.offer(&both).await;
    floor
        .messaging()
        .decline_offer(&both, &offer, None)
        .await
        .unwrap();
    floor.nobody_else_is_asked(&["Both"]).await;
    assert_eq!(floor.lacks().await, None);
    floor.passes(31, &[&low, &one, &none, &both]).await;
    floor.until(ASKED, "User.Name", &["Both", "Both"]).await;
    floor.accepts(&both).await;
    floor.until(NEEDED, "Skill.MasterLabel", &[]).await;
}

#[tokio::test]
async fn a_session_waits_for_a_skill_and_is_offered_once_somebody_has_it() {
    let floor = floor(&[]).await;
    let french = floor.needs("French", "2", &[]).await;
    let ada = floor.available("Ada").await;
    floor.customer(1).await;
    floor.until(IN_LINE, "Name", &["PSR-00000001"]).await;
    floor.nobody_else_is_asked(&[]).await;
    assert_eq!(floor.lacks().await.unwrap(), ["French"]);
    let org = floor.stage.server.org();
    let admin = org
        .caller(floor.stage.server.user(ADMIN).await)
        .await
        .unwrap();
    let lines = floor.messaging().lines(&admin).await.unwrap();
    let line = lines.iter().find(|line| line.name == "Support").unwrap();
    assert_eq!((line.waiting, line.unmatched), (1, 1));
    assert_eq!(
        (&*line.lacking[0].name, line.lacking[0].level),
        ("French", 200)
    );
    let resource = floor.resource(&ada).await;
    let skill = floor.grant(resource, french, "1", &[]).await;
    floor.nobody_else_is_asked(&[]).await;
    let better = Draft::new().with("SkillLevel", 3_i64);
    floor.change("ServiceResourceSkill", skill, better).await;
    floor.until(ASKED, "User.Name", &["Ada"]).await;
    assert_eq!(floor.lacks().await, None);
    let lines = floor.messaging().lines(&admin).await.unwrap();
    assert!(lines.iter().all(|line| line.unmatched == 0), "{lines:?}");
}

#[tokio::test]
async fn many_in_line_whom_nobody_can_take_keep_nobody_behind_them_waiting() {
    // More than the router looks at together.
    const MANY: u32 = 501;
    let floor = floor(&[]).await;
    floor.needs("French", "0", &[]).await;
    let ada = floor.available("Ada").await;
    for number in 1..=MANY {
        floor.customer(number).await;
    }
    let org = floor.stage.server.org();
    let soql = "SELECT COUNT() FROM PendingServiceRouting";
    let all_stand = async {
        while org.count(&org.system(), soql).await.unwrap() < u64::from(MANY) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let stood = tokio::time::timeout(Duration::from_mins(1), all_stand).await;
    assert!(stood.is_ok(), "they do not all stand in line");
    floor.messaging().sign_of_life(&ada).await.unwrap();
    floor.nobody_else_is_asked(&[]).await;
}

#[tokio::test]
async fn a_skill_counts_from_its_start_to_its_end_and_as_long_as_its_owner_is_active() {
    let floor = floor(&[]).await;
    let french = floor.needs("French", "0", &[]).await;
    let now = floor.stage.server.org().now();
    let after = |seconds: i64| Input::from(now + jiff::SignedDuration::from_secs(seconds));
    let past = floor.available("Past").await;
    let future = floor.available("Future").await;
    let gone = floor.available("Gone").await;
    let resource = floor.resource(&past).await;
    let until_now = [
        ("EffectiveStartDate", after(-3_600)),
        ("EffectiveEndDate", after(-60)),
    ];
    floor.grant(resource, french, "1", &until_now).await;
    let resource = floor.resource(&future).await;
    let from_then = [("EffectiveStartDate", after(60))];
    floor.grant(resource, french, "1", &from_then).await;
    let resource = floor.has(&gone, &[(french, "1")]).await;
    let inactive = Draft::new().with("IsActive", false);
    floor.change("ServiceResource", resource, inactive).await;
    floor.customer(1).await;
    floor.until(IN_LINE, "Name", &["PSR-00000001"]).await;
    floor.nobody_else_is_asked(&[]).await;
    floor.passes(61, &[&past, &future, &gone]).await;
    floor.until(ASKED, "User.Name", &["Future"]).await;
}

#[tokio::test]
async fn additional_skills_are_waived_one_rank_with_each_time_out() {
    let floor = floor(&[("DropAdditionalSkillsTimeout", 60_i64.into())]).await;
    let additional = |priority: i64| {
        [
            ("IsAdditionalSkill", Input::from(true)),
            ("SkillPriority", Input::from(priority)),
        ]
    };
    let french = floor.needs("French", "1", &[]).await;
    let refunds = floor.needs("Refunds", "1", &additional(0)).await;
    floor.needs("Printers", "1", &additional(1)).await;
    let none = floor.available("None").await;
    let ada = floor.available("Ada").await;
    floor.has(&ada, &[(french, "1")]).await;
    let bob = floor.available("Bob").await;
    floor.has(&bob, &[(french, "1"), (refunds, "1")]).await;
    let all = [&none, &ada, &bob];
    floor.customer(1).await;
    floor.until(IN_LINE, "Name", &["PSR-00000001"]).await;
    floor.passes(59, &all).await;
    floor.nobody_else_is_asked(&[]).await;
    floor.passes(1, &all).await;
    floor.until(ASKED, "User.Name", &["Bob"]).await;
    // He lets it run out; with the second time-out it is hers.
    floor.passes(21, &all).await;
    let his = "SELECT Status FROM AgentWork WHERE User.Name = 'Bob'";
    floor.until(his, "Status", &["DeclinedOnPushTimeout"]).await;
    floor.passes(39, &all).await;
    floor.until(ASKED, "User.Name", &["Bob", "Ada"]).await;
}

#[tokio::test]
async fn whoever_is_handed_a_session_by_name_gets_it_whatever_they_can_do() {
    let floor = floor(&[]).await;
    let french = floor.needs("French", "1", &[]).await;
    let ada = floor.available("Ada").await;
    floor.has(&ada, &[(french, "1")]).await;
    floor.customer(1).await;
    let session = floor.accepts(&ada).await;
    let bob = floor.available("Bob").await;
    let to = Target::Agent(bob.user);
    let messaging = floor.messaging();
    messaging.transfer(&ada, &session, to, None).await.unwrap();
    let offer = floor.offer(&bob).await;
    // Back in the queue it needs the skill again.
    messaging.decline_offer(&bob, &offer, None).await.unwrap();
    floor
        .until(ASKED, "User.Name", &["Ada", "Bob", "Ada"])
        .await;
}

#[tokio::test]
async fn without_its_tick_a_configuration_asks_for_no_skills() {
    let floor = Floor::set().await;
    floor.needs("French", "1", &[]).await;
    floor.available("Ada").await;
    floor.customer(1).await;
    floor.until(ASKED, "User.Name", &["Ada"]).await;
    floor.until(SESSIONS, "Status", &["Waiting"]).await;
    floor.until(NEEDED, "Skill.MasterLabel", &[]).await;
}

#[tokio::test]
async fn agents_see_skills_and_only_administrators_change_them() {
    let floor = floor(&[]).await;
    let french = floor.needs("French", "1", &[]).await;
    floor.customer(1).await;
    floor.until(NEEDED, "Skill.MasterLabel", &["French"]).await;
    let org = floor.stage.server.org();
    let agent = org
        .caller(floor.stage.server.user(AGENT).await)
        .await
        .unwrap();
    let table = org
        .browse(&agent, "SELECT MasterLabel FROM Skill", None, 10)
        .await
        .unwrap();
    assert_eq!(table.rows().len(), 1);
    let draft = Draft::new().with("Description", "Mine");
    let refused = org
        .update(
            &agent,
            "Skill",
            french.as_str(),
            draft,
            Precondition::default(),
        )
        .await;
    assert!(refused.is_err());
    let system = org.system();
    for wrong in [
        Draft::new().with("SkillLevel", Input::Number("-1".to_owned())),
        Draft::new().with("SkillLevel", Input::Number("100".to_owned())),
        Draft::new().with("SkillPriority", 11_i64),
    ] {
        let of = "SELECT Id FROM QueueRoutingConfigSkill";
        let of = floor
            .stage
            .rows(of)
            .await
            .first()
            .unwrap()
            .id("Id")
            .unwrap();
        let object = "QueueRoutingConfigSkill";
        let refused = org
            .update(
                &system,
                object,
                of.as_str(),
                wrong.clone(),
                Precondition::default(),
            )
            .await;
        assert!(refused.is_err(), "{wrong:?}");
    }
    let made = Draft::new().with("SkillId", french);
    let refused = org.create(&system, "SkillRequirement", made).await;
    assert!(refused.is_err());
}
