//! What time it is for a customer, by what that is known.

use headwater_messaging::{
    Beside, KnownBy, LocalTime, Parameters, TIME_ZONE_PARAMETER, is_time_zone,
};
use headwater_records::{Draft, Input, Precondition};

use crate::stage::{Stage, written};

/// A number of the United States.
const AMERICAN: &str = "+12025550147";

impl Stage {
    /// Somebody writes: what an agent is told of their time.
    async fn time_of(&self, from: &str, zone: Option<&str>) -> Option<LocalTime> {
        let mut parameters = Parameters::new();
        if let Some(zone) = zone {
            parameters.insert(TIME_ZONE_PARAMETER.to_owned(), zone.to_owned());
        }
        let beside = Beside {
            parameters,
            ..Beside::default()
        };
        let inbound = written(from, "M1", "Hello", None);
        let accepted = self.messaging.accept_with(self.channel, &inbound, &beside);
        accepted.await.unwrap();
        self.until("SELECT Name FROM MessagingEndUser", "Name", &[from])
            .await;
        self.time().await
    }

    async fn time(&self) -> Option<LocalTime> {
        let table = self.rows("SELECT Id FROM MessagingSession").await;
        let session = table.first().unwrap().id("Id").unwrap();
        let agent = self.agent().await;
        self.messaging.local_time(&agent, session).await.unwrap()
    }

    /// Links the one Messaging User to a contact who lives there.
    async fn lives_in(&self, country: &str, state: &str) {
        let account = self.server.account("Home").await;
        let fields: [(&str, Input); 4] = [
            ("LastName", "Avery".into()),
            ("AccountId", account.into()),
            ("MailingCountry", country.into()),
            ("MailingState", state.into()),
        ];
        let contact = self.server.create("Contact", &fields).await;
        let users = self.rows("SELECT Id FROM MessagingEndUser").await;
        let user = users.first().unwrap().id("Id").unwrap();
        let (org, link) = (self.server.org(), Draft::new().with("ContactId", contact));
        let when = Precondition::default();
        let system = org.system();
        let linked = org.update(&system, "MessagingEndUser", user.as_str(), link, when);
        linked.await.unwrap();
    }
}

fn names(time: &LocalTime) -> (&str, &str) {
    let (earliest, latest) = (time.earliest.iana_name(), time.latest.iana_name());
    (earliest.unwrap(), latest.unwrap())
}

#[tokio::test]
async fn a_number_tells_the_time_of_its_country_or_its_times() {
    let stage = Stage::set().await;
    let time = stage.time_of("+4915112345678", None).await.unwrap();
    assert_eq!(time.known_by, KnownBy::Number("Germany".to_owned()));
    assert_eq!(time.earliest, time.latest);

    let stage = Stage::set().await;
    let time = stage.time_of("+34612345678", None).await.unwrap();
    assert_eq!(time.known_by, KnownBy::Number("Spain".to_owned()));
    assert_eq!(names(&time).0, "Atlantic/Canary");
    assert_ne!(time.earliest, time.latest);
}

#[tokio::test]
async fn a_contact_s_address_says_more_than_the_number_and_a_browser_more_than_both() {
    let stage = Stage::set().await;
    let time = stage.time_of(AMERICAN, None).await.unwrap();
    let country = "United States of America".to_owned();
    assert_eq!(time.known_by, KnownBy::Number(country));
    assert_ne!(time.earliest, time.latest);
    stage.lives_in("USA", "Illinois").await;
    let time = stage.time().await.unwrap();
    assert_eq!(time.known_by, KnownBy::Address("Illinois".to_owned()));
    assert_eq!(names(&time), ("America/Chicago", "America/Chicago"));

    let stage = Stage::set().await;
    let time = stage.time_of(AMERICAN, Some("Asia/Kolkata")).await.unwrap();
    let told = KnownBy::Browser("Asia/Kolkata".to_owned());
    assert_eq!(time.known_by, told);
    stage.lives_in("USA", "Illinois").await;
    assert_eq!(stage.time().await.unwrap().known_by, told);
}

#[tokio::test]
async fn of_whom_nothing_is_known_nothing_is_said() {
    let stage = Stage::set_with(&[("MessageType", "Custom".into())]).await;
    // It would be a number where customers have some.
    assert_eq!(stage.time_of("+4915112345678", None).await, None);
    stage.lives_in("Atlantis", "").await;
    assert_eq!(stage.time().await, None);
    stage.lives_in("Germany", "").await;
    let known_by = stage.time().await.unwrap().known_by;
    assert_eq!(known_by, KnownBy::Address("Germany".to_owned()));
    assert!(!is_time_zone("Atlantis/Poseidonis") && !is_time_zone(""));
}
