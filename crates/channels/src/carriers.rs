//! Which carrier takes a message: the one that the channel has an account with.

use headwater_catalogue::Id;
use headwater_messaging::{
    Account, Again, Carrier, CarrierFacts, Fetching, Media, Messaging, NewFile, Outgoing, Sending,
    Telling, Told, Undelivered,
};

use crate::pace::Pace;
use crate::{meta, partner, telegram, twilio};

/// All carriers there are.
pub(crate) struct Carriers {
    messaging: Messaging,
    client: reqwest::Client,
    public_url: Option<String>,
    pace: Pace,
}

/// An account, and where its carrier calls us.
pub(crate) struct Connection<'a> {
    pub(crate) messaging: &'a Messaging,
    pub(crate) client: &'a reqwest::Client,
    pub(crate) account: Account,
    /// Where carriers reach this server; none when it is not known.
    pub(crate) public_url: Option<&'a str>,
    /// What programs call the channel.
    pub(crate) channel: String,
}

impl Connection<'_> {
    /// Where the carrier calls us about the channel.
    pub(crate) fn webhook(&self, public_url: &str) -> String {
        let facts = CarrierFacts::of(&self.account.carrier);
        facts.map_or_else(String::new, |facts| {
            facts.webhook(public_url, &self.channel)
        })
    }

    /// Where the carrier's API is.
    pub(crate) fn api<'a>(&'a self, usual: &'a str) -> &'a str {
        let own = self.account.api_url.as_deref();
        own.unwrap_or(usual).trim_end_matches('/')
    }
}

impl Carriers {
    pub(crate) fn new(
        messaging: Messaging,
        client: reqwest::Client,
        public_url: Option<String>,
    ) -> Self {
        Self {
            pace: Pace::new(messaging.org().clone()),
            messaging,
            client,
            public_url,
        }
    }

    /// An account of a channel.
    ///
    /// # Errors
    /// It has none, is switched off, or the database cannot be asked.
    pub(crate) async fn connection(&self, channel: Id) -> Result<Connection<'_>, Undelivered> {
        let database = |error: headwater_messaging::Error| {
            Undelivered::for_good("DATABASE", error.to_string()).again(Again::Later)
        };
        let account = self.messaging.account(channel).await.map_err(database)?;
        let account = account.ok_or_else(|| {
            let reason = "the channel is not connected to a carrier; an administrator connects it in \
                          Setup, Messaging Channels";
            Undelivered::for_good("NO_ACCOUNT", reason)
        })?;
        let name = self.messaging.name_of_channel(channel).await;
        Ok(Connection {
            messaging: &self.messaging,
            client: &self.client,
            account,
            public_url: self
                .public_url
                .as_deref()
                .map(|url| url.trim_end_matches('/')),
            channel: name.map_err(|error| match error {
                headwater_messaging::Error::NoSuchChannel(_) => {
                    Undelivered::for_good("SWITCHED_OFF", "the channel is switched off")
                }
                error => database(error),
            })?,
        })
    }

    fn take_turn(&self, account: &Account) -> Result<(), Undelivered> {
        self.pace.take_turn(account).map_err(|wait| {
            let wait = wait.try_into().unwrap_or_default();
            Undelivered::for_good("PACE", "the channel sends as fast as it may")
                .again(Again::AtOurTurn(wait))
        })
    }

    async fn hand_over(&self, outgoing: &Outgoing) -> Result<String, Undelivered> {
        let connection = self.connection(outgoing.channel).await?;
        self.take_turn(&connection.account)?;
        match connection.account.carrier.as_str() {
            "Twilio" => twilio::send(&connection, outgoing).await,
            "WhatsApp" => meta::send_whatsapp(&connection, outgoing).await,
            "Messenger" => meta::send_messenger(&connection, outgoing).await,
            "Telegram" => telegram::send(&connection, outgoing).await,
            "Partner" => partner::send(&connection, outgoing).await,
            other => Err(unknown(other)),
        }
    }

    async fn say(&self, told: &Told) -> Result<(), Undelivered> {
        let connection = self.connection(told.between.channel).await?;
        match connection.account.carrier.as_str() {
            "Partner" => {
                self.take_turn(&connection.account)?;
                partner::tell(&connection, told).await
            }
            // Its account is another's by now.
            _ => Ok(()),
        }
    }

    async fn bring(&self, channel: Id, media: &Media) -> Result<NewFile, Undelivered> {
        let connection = self.connection(channel).await?;
        match connection.account.carrier.as_str() {
            "Twilio" => twilio::fetch(&connection, media).await,
            "WhatsApp" => meta::fetch_whatsapp(&connection, media).await,
            "Messenger" => meta::fetch_messenger(&connection, media).await,
            "Telegram" => telegram::fetch(&connection, media).await,
            // Its files come with its messages.
            "Partner" => Err(Undelivered::for_good(
                "NO_FILES",
                "the service holds no files",
            )),
            other => Err(unknown(other)),
        }
    }

    async fn ask(&self, channel: Id) -> Result<String, Undelivered> {
        let connection = self.connection(channel).await?;
        match connection.account.carrier.as_str() {
            "Twilio" => twilio::introduce(&connection).await,
            "WhatsApp" => meta::introduce_whatsapp(&connection).await,
            "Messenger" => meta::introduce_messenger(&connection).await,
            "Telegram" => telegram::introduce(&connection).await,
            "Partner" => partner::introduce(&connection).await,
            other => Err(unknown(other)),
        }
    }
}

fn unknown(carrier: &str) -> Undelivered {
    let reason = format!("this server knows no carrier '{carrier}'");
    Undelivered::for_good("UNKNOWN_CARRIER", reason)
}

/// Why a carrier that knows no templates does not send one.
pub(crate) fn no_templates(carrier: &str) -> Undelivered {
    let reason = format!("{carrier} has no templates: write a text");
    Undelivered::for_good("NO_TEMPLATES", reason)
}

impl Carrier for Carriers {
    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(self.hand_over(outgoing))
    }

    fn tell<'a>(&'a self, told: &'a Told) -> Telling<'a> {
        Box::pin(self.say(told))
    }

    fn fetch<'a>(&'a self, channel: Id, media: &'a Media) -> Fetching<'a> {
        Box::pin(self.bring(channel, media))
    }

    fn introduce(&self, channel: Id) -> Sending<'_> {
        Box::pin(self.ask(channel))
    }
}
