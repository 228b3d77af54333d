//! `headwater channel …`: accounts of messaging channels with their carriers.

use std::io::{IsTerminal as _, Read as _};

use clap::{Args, Subcommand};

use super::administer::run;
use crate::administration::{CarrierSays, ChannelConnection, ChannelLine, Task};
use crate::arguments::{Common, Serve};
use crate::configuration::Configuration;
use crate::failure::{Context as _, Outcome};

/// What to do with channels.
#[derive(Debug, Subcommand)]
pub enum Channel {
    /// Connect a channel to a carrier, and print the address that is to be set there.
    Connect(Connect),
    /// List the channels: how each is reached, and how it does.
    List,
    /// Ask a channel's carrier who we are there. Telegram and Messenger are told by this where to
    /// bring what happens.
    Check {
        /// The channel's name for programs.
        channel: String,
    },
    /// Send a test, past all sessions.
    Test {
        /// The channel's name for programs.
        channel: String,
        /// The address, as the carrier has it.
        to: String,
    },
}

/// `headwater channel connect`. Secrets are asked for, or read from standard input, a line each: first
/// what opens the carrier's API (for a service of your own, what its callbacks are signed with: whsec_ and
/// base64), then for Meta's the app secret. Without any, those that are there are kept.
#[derive(Debug, Args)]
pub struct Connect {
    /// The channel's name for programs.
    pub channel: String,
    /// The carrier: twilio, whatsapp (the Cloud API), messenger, telegram, or partner (a service of your
    /// own, by the Interaction Service API). Needed where a channel can have several.
    #[arg(long)]
    pub carrier: Option<String>,
    /// What the carrier calls the account: Twilio's account SID, Meta's phone number ID or page ID, the
    /// conversation channel definition of a service of your own. Telegram's stands in the token.
    #[arg(long)]
    pub key: Option<String>,
    /// Messages in a second, at most.
    #[arg(long, value_name = "NUMBER")]
    pub messages_per_second_max: Option<u32>,
    /// Where the carrier's API is, if not where it usually is; where a service of your own takes what
    /// agents write.
    #[arg(long, value_name = "URL")]
    pub api_url: Option<String>,
}

impl Channel {
    /// Runs it.
    ///
    /// # Errors
    /// What kept it from being done.
    pub async fn run(self, common: &Common) -> Outcome {
        let configuration = Configuration::load(common, &Serve::default())?;
        let public_url = configuration.server.public_url;
        let task = match self {
            Self::Connect(connect) => Task::ConnectChannel {
                connection: connect.connection()?,
                public_url,
            },
            Self::List => Task::ListChannels { public_url },
            Self::Check { channel } => Task::CheckChannel {
                channel,
                public_url,
            },
            Self::Test { channel, to } => Task::TestChannel { channel, to },
        };
        run(task, common).await
    }
}

impl Connect {
    fn connection(self) -> Outcome<ChannelConnection> {
        Ok(ChannelConnection {
            secrets: secrets()?,
            channel: self.channel,
            carrier: self.carrier,
            key: self.key,
            api_url: self.api_url,
            rate: self.messages_per_second_max,
        })
    }
}

/// Never from the command line itself, which other users of the machine can see.
fn secrets() -> Outcome<Vec<String>> {
    let lines = if std::io::stdin().is_terminal() {
        let ask = |prompt| rpassword::prompt_password(prompt).doing("cannot read the secret");
        vec![
            ask("Token that opens the carrier's API: ")?,
            ask("App secret (Meta's alone have one): ")?,
        ]
    } else {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.doing("cannot read the secrets")?;
        text.lines().map(str::to_owned).collect()
    };
    let lines = lines.into_iter().map(|line| line.trim().to_owned());
    Ok(lines.take_while(|line| !line.is_empty()).collect())
}

/// A channel that was connected, with what is to be done next.
pub(super) fn connected(channel: &ChannelLine) -> String {
    let line = |name: &str, value: Option<&String>| {
        value.map_or_else(String::new, |value| format!("{name:<13} {value}\n"))
    };
    let ChannelLine { name, carrier, .. } = channel;
    format!(
        "{name} is connected to {}\n{}{}",
        carrier.as_deref().unwrap_or_default(),
        line("webhook", channel.webhook.as_ref()),
        line("verify token", channel.verify_token.as_ref())
    )
}

/// A channel in the list.
pub(super) fn cells(channel: &ChannelLine) -> [&str; 5] {
    [
        &channel.name,
        &channel.kind,
        or_none(channel.carrier.as_ref()),
        channel
            .failure
            .as_deref()
            .unwrap_or(or_none(channel.state.as_ref())),
        or_none(channel.webhook.as_ref()),
    ]
}

fn or_none(text: Option<&String>) -> &str {
    text.map_or("-", String::as_str)
}

/// What a carrier has said.
pub(super) fn said(says: &CarrierSays) -> String {
    match &says.account {
        Some(account) => format!("the carrier knows the account as {account}\n"),
        None => "the carrier has taken the test\n".to_owned(),
    }
}
