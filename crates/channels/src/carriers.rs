//! Which carrier takes a message: the one that the channel has an account with.

use headwater_messaging::{Carrier, Messaging, Outgoing, Sending, Undelivered};

use crate::twilio;

/// All carriers there are.
pub(crate) struct Carriers {
    messaging: Messaging,
    client: reqwest::Client,
    public_url: Option<String>,
}

impl Carriers {
    pub(crate) fn new(
        messaging: Messaging,
        client: reqwest::Client,
        public_url: Option<String>,
    ) -> Self {
        Self {
            messaging,
            client,
            public_url,
        }
    }

    async fn hand_over(&self, outgoing: &Outgoing) -> Result<String, Undelivered> {
        let account = self.messaging.account(outgoing.channel).await;
        let account = account.map_err(|error| Undelivered {
            code: "DATABASE".to_owned(),
            reason: error.to_string(),
            is_temporary: true,
        })?;
        let account = account.ok_or_else(|| Undelivered {
            code: "NO_ACCOUNT".to_owned(),
            reason: "the channel is not connected to a carrier; an administrator connects it in \
                     Setup, Messaging Channels"
                .to_owned(),
            is_temporary: false,
        })?;
        match account.carrier.as_str() {
            "Twilio" => {
                let callback = self.callback(outgoing).await;
                twilio::send(&self.client, &account, outgoing, callback).await
            }
            other => Err(Undelivered {
                code: "UNKNOWN_CARRIER".to_owned(),
                reason: format!("this server knows no carrier '{other}'"),
                is_temporary: false,
            }),
        }
    }

    /// Where the carrier reports what became of the message, if this server can be reached at all.
    async fn callback(&self, outgoing: &Outgoing) -> Option<String> {
        let url = self.public_url.as_deref()?;
        let name = self
            .messaging
            .name_of_channel(outgoing.channel)
            .await
            .ok()?;
        Some(twilio::status_url(url, &name))
    }
}

impl Carrier for Carriers {
    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(self.hand_over(outgoing))
    }
}
