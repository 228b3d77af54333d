//! Linking a new Messaging User to the contact with its number.

use headwater_records::Input;

use crate::stage::Stage;

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
