//! Consent: what has to be said before anybody is written to, and the words for it.

use headwater_messaging::{Error, Message};
use headwater_records::Input;

use crate::stage::Stage;

const CONSENT: &str = "SELECT MessagingConsentStatus FROM MessagingEndUser";
const ENTRIES: &str =
    "SELECT Message FROM ConversationEntry WHERE EntryType = 'Text' ORDER BY EntryTime, Seq";
const SESSIONS: &str = "SELECT Status FROM MessagingSession ORDER BY StartTime";

fn asking(consent: &str) -> [(&'static str, Input); 3] {
    [
        ("ConsentType", consent.into()),
        ("OptInPrompt", "START?".into()),
        ("DoubleOptInPrompt", "YES?".into()),
    ]
}

#[tokio::test]
async fn a_channel_that_wants_consent_asks_first_and_lets_nobody_answer_before() {
    let stage = Stage::set_with(&asking("ExplicitOptIn")).await;
    stage.writes("+12025550147", "M1", "Hello").await;
    stage.until(ENTRIES, "Message", &["Hello", "START?"]).await;
    stage.until(SESSIONS, "Status", &["Consent"]).await;
    let table = stage.rows("SELECT Id FROM MessagingSession").await;
    let session = table.first().unwrap().id("Id").unwrap().to_string();
    let message = Message {
        text: "Hi".to_owned(),
        ..Message::default()
    };
    let agent = stage.agent().await;
    let sent = stage.messaging.send(&agent, &session, &message).await;
    assert!(matches!(sent, Err(Error::NotOptedIn { .. })), "{sent:?}");
    stage.writes("+12025550147", "M2", "start").await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
    stage
        .until(CONSENT, "MessagingConsentStatus", &["ExplicitlyOptedIn"])
        .await;
    stage
        .messaging
        .send(&agent, &session, &message)
        .await
        .unwrap();
}

#[tokio::test]
async fn consent_may_be_wanted_twice() {
    let stage = Stage::set_with(&asking("DoubleOptIn")).await;
    stage.writes("+12025550147", "M1", "Hello").await;
    stage.until(SESSIONS, "Status", &["Consent"]).await;
    stage.writes("+12025550147", "M2", "START").await;
    let said = ["Hello", "START?", "START", "YES?"];
    stage.until(ENTRIES, "Message", &said).await;
    stage.until(SESSIONS, "Status", &["Consent"]).await;
    stage.writes("+12025550147", "M3", "Yes").await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
    stage
        .until(CONSENT, "MessagingConsentStatus", &["DoublyOptedIn"])
        .await;
}

#[tokio::test]
async fn yes_is_an_answer_like_any_other_to_whoever_is_asked_something_else() {
    let stage = Stage::set().await;
    stage.writes("+12025550147", "M1", "Hello").await;
    stage.writes("+12025550147", "M2", "Yes").await;
    stage.until(ENTRIES, "Message", &["Hello", "Yes"]).await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
    stage
        .until(CONSENT, "MessagingConsentStatus", &["ImplicitlyOptedIn"])
        .await;
}

#[tokio::test]
async fn a_channel_has_words_and_answers_of_its_own() {
    let stage = Stage::set().await;
    let german = [
        ("MessagingChannelId", stage.channel.into()),
        ("MasterLanguage", "de".into()),
        ("OptOutKeywords", "STOPP, ABMELDEN".into()),
        ("OptOutConfirmation", "Abgemeldet.".into()),
        ("CustomKeywords", "Öffnungszeiten".into()),
        ("CustomResponse", "9 bis 17 Uhr".into()),
    ];
    stage
        .server
        .create("MsgChannelLanguageKeyword", &german)
        .await;
    stage.writes("+12025550147", "M1", "öffnungszeiten").await;
    stage
        .until(ENTRIES, "Message", &["öffnungszeiten", "9 bis 17 Uhr"])
        .await;
    // That was all, and the next message begins another session.
    let minute = jiff::SignedDuration::from_mins(1);
    stage.server.clock().advance(minute);
    stage.writes("+12025550147", "M2", "Abmelden").await;
    stage
        .until(CONSENT, "MessagingConsentStatus", &["OptedOut"])
        .await;
    let said = ["öffnungszeiten", "9 bis 17 Uhr", "Abmelden", "Abgemeldet."];
    stage.until(ENTRIES, "Message", &said).await;
}
