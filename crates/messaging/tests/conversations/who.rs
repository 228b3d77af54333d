//! Linking a new Messaging User to the contact with its number.

use headwater_records::Input;

use crate::stage::{Stage, written};

const LINKED: &str = "SELECT Contact.Name FROM MessagingEndUser";

async fn contact(stage: &Stage, name: &str, phone: &str) {
    let account = stage.server.account(name).await;
    let fields: [(&str, Input); 3] = [
        ("LastName", name.into()),
        ("AccountId", account.into()),
        ("MobilePhone", phone.into()),
    ];
    stage.server.create("Contact", &fields).await;
}

async fn linking() -> Stage {
    Stage::set_with(&[("LinkingPreference", "Contact".into())]).await
}

#[tokio::test]
async fn the_one_contact_with_the_number_is_linked_and_the_relink_says_by_which_rule() {
    let stage = linking().await;
    contact(&stage, "Avery", "(202) 555-0147").await;
    contact(&stage, "Other", "(202) 555-0148").await;
    stage.writes("+12025550147", "M1", "Hello").await;
    stage.until(LINKED, "Contact.Name", &["Avery"]).await;
    let soql = "SELECT Rule, Reason FROM Relink";
    let relinks = stage.rows(soql).await;
    let relink = relinks.first().unwrap();
    assert_eq!(relink.text("Rule"), "PhoneMatch");
    assert_eq!(
        relink.text("Reason"),
        "The contact's number (202) 555-0147 is the sender's"
    );
    let account = stage.texts(
        "SELECT EndUserAccount.Name FROM MessagingSession",
        "EndUserAccount.Name",
    );
    assert_eq!(account.await, ["Avery"]);
}

#[tokio::test]
async fn a_contact_whose_number_has_an_extension_is_found_by_the_number() {
    let stage = linking().await;
    contact(&stage, "Avery", "+1 415 555 0100 ext. 5").await;
    contact(&stage, "Other", "+1 415 555 0199 ext. 0100").await;
    stage.writes("+14155550100", "M1", "Hello").await;
    stage.until(LINKED, "Contact.Name", &["Avery"]).await;
}

#[tokio::test]
async fn a_number_that_several_share_is_not_guessed() {
    let stage = linking().await;
    contact(&stage, "Avery", "+1 202 555 0147").await;
    contact(&stage, "Blair", "202-555-0147").await;
    contact(&stage, "Single", "202-555-0199").await;
    stage.writes("+12025550147", "M1", "Hello").await;
    // Whoever came later is linked, so this one was looked at.
    stage.writes("+12025550199", "M2", "Hello").await;
    let soql = "SELECT Contact.Name FROM MessagingEndUser ORDER BY MessagingPlatformKey";
    stage.until(soql, "Contact.Name", &["", "Single"]).await;
}

#[tokio::test]
async fn a_channel_that_does_not_link_leaves_it_to_people() {
    let stage = Stage::set().await;
    contact(&stage, "Avery", "+1 202 555 0147").await;
    stage.writes("+12025550147", "M1", "Hello").await;
    let sessions = "SELECT Status FROM MessagingSession";
    stage.until(sessions, "Status", &["Waiting"]).await;
    stage.until(LINKED, "Contact.Name", &[""]).await;
}

#[tokio::test]
async fn whom_a_shared_number_may_be_is_said_with_reasons_and_the_likeliest_first() {
    let stage = linking().await;
    contact(&stage, "Avery", "+1 202 555 0147").await;
    contact(&stage, "Blair", "202-555-0147").await;
    contact(&stage, "Stranger", "202-555-0188").await;
    let inbound = written("+12025550147", "M1", "Hello", Some("Blair"));
    stage
        .messaging
        .accept(stage.channel, &inbound)
        .await
        .unwrap();
    let users = "SELECT Name FROM MessagingEndUser";
    stage.until(users, "Name", &["Blair"]).await;
    let table = stage.rows("SELECT Id FROM MessagingEndUser").await;
    let user = table.first().unwrap().id("Id").unwrap();
    let agent = stage.agent().await;
    let candidates = stage.messaging.candidates(&agent, user).await.unwrap();
    let names: Vec<_> = candidates.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Blair", "Avery"]);
    assert_eq!(
        candidates[0].reasons,
        [
            "The contact's number 202-555-0147 is the sender's",
            "They have the same name"
        ]
    );
    assert_eq!(candidates[0].account.as_ref().unwrap().1, "Blair");
}

async fn ruled(rule: &[(&str, Input)]) -> Stage {
    let stage = Stage::set().await;
    let mut fields: Vec<(&str, Input)> = vec![("MessagingChannelId", stage.channel.into())];
    fields.extend(rule.iter().cloned());
    stage
        .server
        .create("ChannelObjectLinkingRule", &fields)
        .await;
    stage
}

#[tokio::test]
async fn a_rule_makes_a_contact_for_who_is_nobodys() {
    let create = ("ActionForNoRecordFound", "CreateNewRecordAndLink".into());
    let stage = ruled(&[create]).await;
    stage.writes("+12025550147", "M1", "Hello").await;
    stage.until(LINKED, "Contact.Name", &["+12025550147"]).await;
    let phones = "SELECT MobilePhone FROM Contact";
    stage.until(phones, "MobilePhone", &["+12025550147"]).await;
    stage
        .until("SELECT Rule FROM Relink", "Rule", &["NewContact"])
        .await;
}

#[tokio::test]
async fn a_rule_matches_the_key_with_a_field_and_another_asks_before_it_links() {
    let by_key = [
        ("MatchBy", "Key".into()),
        ("ContactField", "department".into()),
    ];
    let stage = ruled(&by_key).await;
    let fields: [(&str, Input); 2] = [
        ("LastName", "Avery".into()),
        ("Department", "+12025550147".into()),
    ];
    stage.server.create("Contact", &fields).await;
    stage.writes("+12025550147", "M1", "Hello").await;
    stage.until(LINKED, "Contact.Name", &["Avery"]).await;
    stage
        .until("SELECT Rule FROM Relink", "Rule", &["KeyMatch"])
        .await;

    let asks = ruled(&[("ActionForSingleRecordFound", "PromptAgent".into())]).await;
    contact(&asks, "Avery", "+1 202 555 0147").await;
    asks.writes("+12025550147", "M1", "Hello").await;
    let sessions = "SELECT Status FROM MessagingSession";
    asks.until(sessions, "Status", &["Waiting"]).await;
    // Long enough for whoever links to have looked.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    asks.until(LINKED, "Contact.Name", &[""]).await;
}

#[tokio::test]
async fn a_condition_narrows_who_has_the_number_and_nobody_is_made_anew_whom_it_leaves_out() {
    let stage = ruled(&[
        (
            "ContactCondition",
            "Account.Type = 'Customer - Direct'".into(),
        ),
        ("ActionForNoRecordFound", "CreateNewRecordAndLink".into()),
    ])
    .await;
    for (name, number) in [("Avery", "0147"), ("Blair", "0147"), ("Casey", "0148")] {
        contact(&stage, name, &format!("+1 202 555 {number}")).await;
    }
    let blairs = stage
        .rows("SELECT Id FROM Account WHERE Name = 'Blair'")
        .await;
    let draft = headwater_records::Draft::new().with("Type", "Customer - Direct");
    let org = stage.server.org();
    let account = blairs.first().unwrap().id("Id").unwrap();
    let before = headwater_records::Precondition::default();
    let system = org.system();
    let changed = org.update(&system, "Account", account.as_str(), draft, before);
    changed.await.unwrap();
    stage.writes("+12025550148", "M1", "Hello").await;
    stage.writes("+12025550147", "M2", "Hello").await;
    let soql = "SELECT Contact.Name FROM MessagingEndUser ORDER BY MessagingPlatformKey";
    stage.until(soql, "Contact.Name", &["Blair", ""]).await;
    let why = stage.texts("SELECT Reason FROM Relink", "Reason").await;
    assert_eq!(
        why,
        [
            "The contact's number +1 202 555 0147 is the sender's; Account.Type = 'Customer - Direct'"
        ]
    );
    // Whoever asks who the other one is is told what the rule thinks of each.
    let table = stage
        .rows("SELECT Id FROM MessagingEndUser WHERE ContactId = null")
        .await;
    let user = table.first().unwrap().id("Id").unwrap();
    let agent = stage.agent().await;
    let candidates = stage.messaging.candidates(&agent, user).await.unwrap();
    assert_eq!(candidates[0].name, "Casey");
    assert_eq!(
        stage.texts("SELECT Name FROM Contact", "Name").await.len(),
        3
    );
}

#[tokio::test]
async fn a_rule_finds_by_email_alone_or_by_what_the_customers_own_site_vouches_for() {
    let verified = "v2/iamessage/AUTH/Shop/uid:ada@example.com";
    for (rule, fields, word) in [
        (
            vec![("MatchBy", Input::from("Email"))],
            [
                ("LastName", Input::from("Ada")),
                ("Email", "ada@example.com".into()),
            ],
            "EmailMatch",
        ),
        (
            vec![
                ("MatchBy", "Subject".into()),
                ("ContactField", "Department".into()),
            ],
            [
                ("LastName", "Ada".into()),
                ("Department", "ada@example.com".into()),
            ],
            "SubjectMatch",
        ),
    ] {
        let stage = ruled(&rule).await;
        stage.server.create("Contact", &fields).await;
        stage.writes(verified, "M1", "Hello").await;
        stage.until(LINKED, "Contact.Name", &["Ada"]).await;
        stage
            .until("SELECT Rule FROM Relink", "Rule", &[word])
            .await;
    }
}

#[tokio::test]
async fn a_rule_that_cannot_be_asked_is_not_saved() {
    let stage = Stage::set().await;
    let org = stage.server.org();
    for (field, value, said) in [
        ("ContactCondition", "Account.Kind = 'Customer'", "Kind"),
        ("ContactCondition", "LastName = 'x' LIMIT 1", "after WHERE"),
        ("ContactCondition", "LastName = 'x') OR (", "after WHERE"),
        ("ContactField", "Nickname", "no field Nickname"),
    ] {
        let draft = headwater_records::Draft::new()
            .with("MessagingChannelId", stage.channel)
            .with("MatchBy", "Key")
            .with("ContactField", "Department")
            .with(field, value);
        let made = org
            .create(&org.system(), "ChannelObjectLinkingRule", draft)
            .await;
        let said_is = format!("{made:?}");
        assert!(made.is_err() && said_is.contains(said), "{said_is}");
    }
}
