//! Records that many tests need, made by the server itself.

use headwater_catalogue::Id;
use headwater_records::{Draft, Input};

use crate::server::TestServer;

impl TestServer {
    /// Makes a record as the server itself, which may also write what callers may not.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn create(&self, object: &str, fields: &[(&str, Input)]) -> Id {
        let draft = Draft {
            fields: fields
                .iter()
                .map(|(name, input)| ((*name).to_owned(), input.clone()))
                .collect(),
        };
        let made = self.org().create(&self.org().system(), object, draft).await;
        match made {
            Ok(id) => id,
            Err(error) => panic!("cannot make a {object}: {error} ({error:?})"),
        }
    }

    /// An account.
    pub async fn account(&self, name: &str) -> Id {
        self.create("Account", &[("Name", name.into())]).await
    }

    /// A contact of an account.
    pub async fn contact(&self, last_name: &str, account: Option<Id>) -> Id {
        let fields = [
            ("LastName", last_name.into()),
            ("AccountId", account.into()),
        ];
        self.create("Contact", &fields).await
    }

    /// A text-message channel; `name` makes it differ from others.
    pub async fn channel(&self, name: &str) -> Id {
        let fields = [
            ("DeveloperName", name.into()),
            ("MasterLabel", name.into()),
            ("MessageType", "Text".into()),
            ("MessagingPlatformKey", name.into()),
            ("IsActive", true.into()),
        ];
        self.create("MessagingChannel", &fields).await
    }

    /// A Messaging User on a text-message channel; `address` is the phone number.
    pub async fn messaging_user(
        &self,
        channel: Id,
        address: &str,
        account: Option<Id>,
        contact: Option<Id>,
    ) -> Id {
        let fields = [
            ("Name", address.into()),
            ("MessagingChannelId", channel.into()),
            ("MessageType", "Text".into()),
            ("MessagingPlatformKey", address.into()),
            ("AccountId", account.into()),
            ("ContactId", contact.into()),
        ];
        self.create("MessagingEndUser", &fields).await
    }

    /// Ended sessions of a Messaging User, an hour apart, oldest first.
    pub async fn sessions(&self, channel: Id, user: Id, how_many: u32) -> Vec<Id> {
        let mut made = Vec::new();
        for hours in (1..=i64::from(how_many)).rev() {
            let start = self.org().now() - jiff::SignedDuration::from_hours(hours);
            let fields = [
                ("MessagingChannelId", channel.into()),
                ("MessagingEndUserId", user.into()),
                ("Status", "Ended".into()),
                ("StartTime", start.into()),
            ];
            made.push(self.create("MessagingSession", &fields).await);
        }
        made
    }

    /// An open session of a Messaging User, begun now.
    pub async fn open_session(&self, channel: Id, user: Id) -> Id {
        let fields = [
            ("MessagingChannelId", channel.into()),
            ("MessagingEndUserId", user.into()),
            ("Status", "Active".into()),
            ("StartTime", self.org().now().into()),
        ];
        self.create("MessagingSession", &fields).await
    }
}
