//! Taking, resting and ending sessions.

use headwater_messaging::{Error, Message};
use headwater_testkit::VIEWER;

use crate::stage::Stage;

const SESSIONS: &str = "SELECT Status FROM MessagingSession ORDER BY StartTime";

async fn begun(stage: &Stage) -> String {
    stage.writes("+12025550147", "M1", "Hello").await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
    let table = stage.rows("SELECT Id FROM MessagingSession").await;
    table.first().unwrap().id("Id").unwrap().to_string()
}

#[tokio::test]
async fn a_session_is_taken_by_one_rests_and_is_waited_for_again() {
    let stage = Stage::set().await;
    let session = begun(&stage).await;
    let agent = stage.agent().await;
    stage.messaging.take(&agent, &session).await.unwrap();
    let owner = stage
        .rows("SELECT OwnerId, AcceptTime FROM MessagingSession")
        .await;
    assert_eq!(owner.first().unwrap().id("OwnerId"), Some(agent.user));
    let again = stage.messaging.take(&agent, &session).await;
    let told = again.unwrap_err().to_string();
    assert_eq!(told, "the session is active: it cannot be accepted");
    stage.messaging.let_rest(&agent, &session).await.unwrap();
    stage.until(SESSIONS, "Status", &["Inactive"]).await;
    stage.writes("+12025550147", "M2", "Still here").await;
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
}

#[tokio::test]
async fn nothing_is_sent_in_a_session_that_is_over() {
    let stage = Stage::set().await;
    let session = begun(&stage).await;
    let agent = stage.agent().await;
    stage.messaging.end(&agent, &session).await.unwrap();
    let message = Message {
        text: "Too late".to_owned(),
        id: None,
        ..Message::default()
    };
    let sent = stage.messaging.send(&agent, &session, &message).await;
    assert!(matches!(sent, Err(Error::WrongStatus { .. })), "{sent:?}");
    let ended = stage.messaging.end(&agent, &session).await;
    assert!(matches!(ended, Err(Error::WrongStatus { .. })), "{ended:?}");
}

#[tokio::test]
async fn whoever_may_not_edit_a_session_does_nothing_with_it() {
    let stage = Stage::set().await;
    let session = begun(&stage).await;
    let org = stage.server.org();
    let viewer = org.caller(stage.server.user(VIEWER).await).await.unwrap();
    let message = Message {
        text: "Hello".to_owned(),
        id: None,
        ..Message::default()
    };
    for refused in [
        stage.messaging.take(&viewer, &session).await,
        stage.messaging.end(&viewer, &session).await,
        stage
            .messaging
            .send(&viewer, &session, &message)
            .await
            .map(|_| ()),
    ] {
        let told = refused.unwrap_err().to_string();
        assert_eq!(told, "you may not update this MessagingSession");
    }
    stage.until(SESSIONS, "Status", &["Waiting"]).await;
}
