//! Erasing a Messaging User: nothing of them is left but that it was done.

use headwater_catalogue::{Id, Value};
use headwater_messaging::{Accepted, Beside, Erased, ErasureRequest, Error, Inbound, NewFile};
use headwater_records::relink::{Change, RelinkRequest};
use headwater_records::{Caller, Draft, Error as RecordsError, Problem};
use headwater_testkit::ADMIN;
use jiff::SignedDuration;

use crate::stage::{Stage, written};

const FROM: &str = "+12025550147";
const OTHER: &str = "+12025550199";

/// Where something of a Messaging User can be.
const OBJECTS: [&str; 10] = [
    "MessagingEndUser",
    "MessagingEndUserHistory",
    "MessagingUserAddress",
    "MessagingSession",
    "MessagingSessionHistory",
    "Conversation",
    "ConversationEntry",
    "ContentDocument",
    "ContentVersion",
    "RelinkItem",
];

impl Stage {
    async fn admin(&self) -> Caller {
        let user = self.server.user(ADMIN).await;
        self.server.org().caller(user).await.unwrap()
    }

    /// A message with a file, worked off.
    async fn said_with_a_file(&self, from: &str, id: &str) {
        let file = NewFile::new("bill.pdf", "application/pdf", &b"a bill"[..]).unwrap();
        let beside = Beside {
            files: vec![file],
            ..Beside::default()
        };
        let inbound = message(from, id);
        let accepted = self.messaging.accept_now(self.channel, &inbound, &beside);
        accepted.await.unwrap();
    }

    async fn only(&self, soql: &str) -> Id {
        let table = self.rows(soql).await;
        assert_eq!(table.rows().len(), 1, "{soql}");
        table.first().unwrap().id("Id").unwrap()
    }

    async fn user(&self, from: &str) -> Id {
        let soql = format!("SELECT Id FROM MessagingEndUser WHERE MessagingPlatformKey = '{from}'");
        self.only(&soql).await
    }

    async fn end_all(&self) {
        let open = "SELECT Id FROM MessagingSession WHERE Status != 'Ended'";
        for row in self.rows(open).await.rows() {
            let (agent, id) = (self.agent().await, row.id("Id").unwrap());
            self.messaging.end(&agent, id.as_str()).await.unwrap();
        }
        self.server.clock().advance(SignedDuration::from_secs(1));
    }

    async fn erases(&self, user: Id) -> Result<Erased, Error> {
        self.messaging
            .erase(&self.admin().await, asked(&user.to_string()))
            .await
    }

    /// How many records there are of each object.
    async fn counts(&self) -> Vec<usize> {
        let mut counts = Vec::new();
        for object in OBJECTS {
            let table = self.rows(&format!("SELECT Id FROM {object}")).await;
            counts.push(table.rows().len());
        }
        counts
    }
}

fn message(from: &str, id: &str) -> Inbound {
    written(from, id, &format!("Hello from {from}"), Some("Ann"))
}

fn asked(user: &str) -> ErasureRequest<'_> {
    ErasureRequest {
        user,
        reason: "She asked for it",
        dry_run: false,
        end_sessions: false,
    }
}

#[tokio::test]
async fn everything_goes_but_that_it_was_done_and_others_keep_theirs() {
    let stage = Stage::set().await;
    stage.said_with_a_file(OTHER, "M0").await;
    stage.end_all().await;
    let before = stage.counts().await;
    stage.said_with_a_file(FROM, "M1").await;
    let user = stage.user(FROM).await;
    let account = stage.server.account("Ann's").await;
    let relink = RelinkRequest {
        messaging_users: vec![user.to_string()],
        account: Change::Set(account.to_string()),
        ..RelinkRequest::default()
    };
    let admin = stage.admin().await;
    let relinked = stage.server.org().relink(&admin, relink).await.unwrap();
    stage.end_all().await;
    stage.said_with_a_file(FROM, "M2").await;
    stage.end_all().await;

    let erased = stage.erases(user).await.unwrap();
    assert!(erased.is_done);
    assert_eq!((erased.sessions, erased.entries), (2, 2));
    assert_eq!(stage.counts().await, before);
    let stubs = stage
        .rows("SELECT Id, ErasedRecordId, Status, Reason, SessionCount FROM Erasure")
        .await;
    let stub = stubs.first().unwrap();
    assert_eq!(stub.id("Id"), erased.erasure);
    assert_eq!(stub.text("ErasedRecordId"), user.as_str());
    assert_eq!(stub.text("Status"), "Done");
    let this = ("Id", Value::Id(erased.erasure.unwrap()));
    let kept = stage
        .server
        .org()
        .own("Erasure", this, &["Addresses"])
        .await;
    assert!(kept.unwrap()[0].last().unwrap().is_null());
    let trail = "SELECT Display FROM SetupAuditTrail WHERE Action = 'createdErasure'";
    let told = stage.texts(trail, "Display").await;
    assert_eq!(told, [format!("Created erasure of {user}")]);
    // The relink is there still, and says that it moved somebody.
    let past = stage
        .server
        .org()
        .past_relink(&admin, relinked.relink.unwrap().as_str())
        .await;
    assert!(past.unwrap().users.is_empty());
    assert!(!stage.rows("SELECT Id FROM Account").await.is_empty());
    let events = "SELECT Payload FROM InboundEvent ORDER BY EventKey";
    let payloads = stage.texts(events, "Payload").await;
    assert!(payloads[0].contains(OTHER));
    assert_eq!(payloads[1..], ["erased", "erased"]);
}

#[tokio::test]
async fn the_change_log_keeps_its_numbers_and_says_nothing_of_them_any_more() {
    let stage = Stage::set().await;
    stage.said_with_a_file(OTHER, "M0").await;
    stage.said_with_a_file(FROM, "M1").await;
    stage.end_all().await;
    let log = async || {
        let changes = stage.server.org().store().changes(0, 1_000).await.unwrap();
        let numbers: Vec<_> = changes.iter().map(|change| change.replay_id).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]));
        format!("{changes:?}")
    };
    assert!(log().await.contains(&format!("Hello from {FROM}")));
    let user = stage.user(FROM).await;
    assert!(stage.erases(user).await.unwrap().is_done);
    let forgotten = async {
        while log().await.contains(FROM) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(std::time::Duration::from_secs(20), forgotten).await;
    assert!(waited.is_ok(), "{}", log().await);
    assert!(log().await.contains(&format!("Hello from {OTHER}")));
}

#[tokio::test]
async fn a_message_that_comes_again_stays_known_and_a_new_one_begins_anew() {
    let stage = Stage::set().await;
    stage.said_with_a_file(FROM, "M1").await;
    stage.end_all().await;
    let user = stage.user(FROM).await;
    stage.erases(user).await.unwrap();
    let again = stage
        .messaging
        .accept(stage.channel, &message(FROM, "M1"))
        .await;
    assert_eq!(again.unwrap(), Accepted::Known);
    stage.writes(FROM, "M2", "Me again").await;
    stage
        .until(
            "SELECT Message FROM ConversationEntry",
            "Message",
            &["Me again"],
        )
        .await;
    assert_ne!(stage.user(FROM).await, user);
    let gone = stage.erases(user).await;
    assert!(
        matches!(gone, Err(Error::Records(RecordsError::NotFound(_)))),
        "{gone:?}"
    );
}

#[tokio::test]
async fn a_dry_run_and_a_refusal_change_nothing() {
    let stage = Stage::set().await;
    stage.said_with_a_file(FROM, "M1").await;
    let user = stage.user(FROM).await.to_string();
    let (before, admin) = (stage.counts().await, stage.admin().await);
    let dry = ErasureRequest {
        dry_run: true,
        reason: "",
        ..asked(&user)
    };
    let told = stage.messaging.erase(&admin, dry).await.unwrap();
    assert_eq!((told.sessions, told.entries, told.is_open), (1, 1, true));
    assert_eq!(told.erasure, None);
    let agent = stage.agent().await;
    let refused = stage.messaging.erase(&agent, asked(&user)).await;
    assert!(
        matches!(refused, Err(Error::Records(RecordsError::NotPermitted(_)))),
        "{refused:?}"
    );
    let open = stage.messaging.erase(&admin, asked(&user)).await;
    assert!(matches!(open, Err(Error::WrongStatus { .. })), "{open:?}");
    let silent = ErasureRequest {
        reason: " ",
        end_sessions: true,
        ..asked(&user)
    };
    match stage.messaging.erase(&admin, silent).await {
        Err(Error::Records(RecordsError::Invalid(problems))) => {
            assert!(
                matches!(problems[..], [Problem::Missing { .. }]),
                "{problems:?}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(stage.counts().await, before);
    assert!(stage.rows("SELECT Id FROM Erasure").await.is_empty());
    let waits = ["Waiting"];
    stage
        .until("SELECT Status FROM MessagingSession", "Status", &waits)
        .await;
}

#[tokio::test]
async fn an_open_session_ends_with_it_and_nobody_is_told() {
    let stage = Stage::set_with(&[("ConversationEndResponse", "Goodbye".into())]).await;
    stage.said_with_a_file(FROM, "M1").await;
    let user = stage.user(FROM).await.to_string();
    let ending = ErasureRequest {
        end_sessions: true,
        ..asked(&user)
    };
    let erased = stage.messaging.erase(&stage.admin().await, ending).await;
    assert!(erased.unwrap().is_done);
    assert!(stage.counts().await.iter().all(|count| *count == 0));
    assert!(stage.carrier.taken.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_too_much_to_wait_for_is_done_by_the_workers() {
    let stage = Stage::set().await;
    stage.said_with_a_file(FROM, "M1").await;
    stage.end_all().await;
    let user = stage.user(FROM).await;
    let org = stage.server.org();
    for _ in 0..40 {
        let draft = Draft::new()
            .with("MessagingChannelId", stage.channel)
            .with("MessagingEndUserId", user)
            .with("Status", "Ended");
        org.create(&org.system(), "MessagingSession", draft)
            .await
            .unwrap();
    }
    let erased = stage.erases(user).await.unwrap();
    assert_eq!((erased.sessions, erased.is_done), (41, false));
    // Reached and known they are no more already.
    let names = "SELECT Name FROM MessagingEndUser";
    assert_eq!(stage.texts(names, "Name").await, ["Erased"]);
    stage.server.clock().advance(SignedDuration::from_mins(2));
    stage
        .until("SELECT Status FROM Erasure", "Status", &["Done"])
        .await;
    assert!(stage.counts().await.iter().all(|count| *count == 0));
}

#[tokio::test]
async fn whoever_asks_again_goes_on_with_what_was_left() {
    let stage = Stage::set().await;
    stage.said_with_a_file(FROM, "M1").await;
    stage.end_all().await;
    let user = stage.user(FROM).await;
    let org = stage.server.org();
    for _ in 0..40 {
        let draft = Draft::new()
            .with("MessagingChannelId", stage.channel)
            .with("MessagingEndUserId", user)
            .with("Status", "Ended");
        org.create(&org.system(), "MessagingSession", draft)
            .await
            .unwrap();
    }
    let first = stage.erases(user).await.unwrap();
    let second = stage.erases(user).await.unwrap();
    assert_eq!(first.erasure, second.erasure);
    assert_eq!((first.is_done, second.is_done), (false, true));
    assert_eq!(
        stage.texts("SELECT Status FROM Erasure", "Status").await,
        ["Done"]
    );
}

#[tokio::test]
async fn a_file_that_is_also_a_cases_stays_with_the_case() {
    let stage = Stage::set().await;
    stage.said_with_a_file(FROM, "M1").await;
    stage.end_all().await;
    let user = stage.user(FROM).await;
    let case = stage
        .server
        .create("Case", &[("Subject", "Bill".into())])
        .await;
    let document = stage.only("SELECT Id FROM ContentDocument").await;
    let org = stage.server.org();
    let link = Draft::new()
        .with("ContentDocumentId", document)
        .with("LinkedEntityId", Value::Id(case));
    org.create(&org.system(), "ContentDocumentLink", link)
        .await
        .unwrap();
    assert!(stage.erases(user).await.unwrap().is_done);
    let links = format!(
        "SELECT LinkedEntityId FROM ContentDocumentLink WHERE ContentDocumentId = '{document}'"
    );
    let left = stage.rows(&links).await;
    let left: Vec<_> = left
        .rows()
        .filter_map(|row| row.id("LinkedEntityId"))
        .collect();
    assert_eq!(left.iter().filter(|id| **id == case).count(), 1);
    assert!(
        left.iter()
            .all(|id| !["0Mw", "0Zy"].contains(&&id.as_str()[..3])),
        "{left:?}"
    );
}
