//! Taking, resting and ending sessions.

use headwater_messaging::{Doing, Error, Message, Signer};
use headwater_records::Caller;
use headwater_testkit::{ADMIN, VIEWER};

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

async fn admin(stage: &Stage) -> Caller {
    let user = stage.server.user(ADMIN).await;
    stage.server.org().caller(user).await.unwrap()
}

/// What an agent's page sends that knows of so many entries of agents.
fn answer(text: &str, answers_known: i64) -> Message {
    Message {
        text: text.to_owned(),
        answers_known: Some(answers_known),
        ..Message::default()
    }
}

#[tokio::test]
async fn a_customer_gets_no_second_answer_unless_its_writer_knows_of_the_first() {
    let stage = Stage::set().await;
    let session = begun(&stage).await;
    let (one, other) = (stage.agent().await, admin(&stage).await);
    let messaging = &stage.messaging;
    let send = async |caller, message: Message| messaging.send(caller, &session, &message).await;
    send(&one, answer("Good day", 0)).await.unwrap();
    // One's own answers, notes and what the customer writes are no answers of others.
    send(&one, answer("How can I help?", 0)).await.unwrap();
    messaging.note(&other, &session, "A friend").await.unwrap();
    stage
        .writes("+12025550147", "M2", "I have lost my parcel")
        .await;
    send(&one, answer("Let me look", 2)).await.unwrap();

    let refused = send(&other, answer("Hello", 0)).await.unwrap_err();
    let Error::Answered(first) = refused else {
        panic!("{refused}");
    };
    assert_eq!(first.text, "Let me look");
    assert_eq!(first.by, one.name.as_ref());
    send(&other, answer("Hello", 4)).await.unwrap();
    let unasked = Message {
        text: "From a program".to_owned(),
        ..Message::default()
    };
    send(&one, unasked).await.unwrap();
}

#[tokio::test]
async fn of_two_who_answer_at_once_one_is_told_of_the_other() {
    let stage = Stage::set().await;
    let session = begun(&stage).await;
    let (one, other) = (stage.agent().await, admin(&stage).await);
    for round in 0..5 {
        let (mine, theirs) = (answer("Mine", round), answer("Theirs", round));
        let (mine, theirs) = tokio::join!(
            stage.messaging.send(&one, &session, &mine),
            stage.messaging.send(&other, &session, &theirs),
        );
        let sent = usize::from(mine.is_ok()) + usize::from(theirs.is_ok());
        assert_eq!(sent, 1, "{mine:?} {theirs:?}");
        for result in [mine, theirs] {
            if let Err(error) = result {
                assert!(matches!(error, Error::Answered(_)), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn what_agents_do_in_a_session_is_told_to_those_who_may_not_even_work_in_it() {
    let stage = Stage::set().await;
    let session = begun(&stage).await;
    let agent = stage.agent().await;
    let mut signs = stage.messaging.signs();
    for does in [Doing::Comes, Doing::Writes, Doing::Stops, Doing::Leaves] {
        let told = stage.messaging.agent_does(&agent, &session, does);
        told.await.unwrap();
        let sign = signs.next().await.unwrap();
        let by = Signer::Agent {
            id: agent.user,
            name: agent.name.to_string(),
        };
        assert_eq!((sign.by, sign.does), (by, does));
        assert_eq!(sign.session.to_string(), session);
    }
    let org = stage.server.org();
    let viewer = org.caller(stage.server.user(VIEWER).await).await.unwrap();
    let refused = stage
        .messaging
        .agent_does(&viewer, &session, Doing::Writes)
        .await;
    assert!(refused.is_err());
}
