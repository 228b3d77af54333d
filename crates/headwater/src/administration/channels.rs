//! Messaging channels and their accounts with carriers.

use headwater_catalogue::Id;
use headwater_channels::{ChannelSettings, connect_carriers};
use headwater_messaging::{CarrierFacts, Error, Messaging, NewAccount};
use headwater_records::{Org, login::Secret};
use serde::{Deserialize, Serialize};

use super::people::text;
use super::refusal::refused;
use super::rows::{id_of, rows};
use crate::failure::{Context as _, Failure, Outcome};

/// An account of a channel with a carrier.
#[derive(Clone, Serialize, Deserialize)]
pub struct ChannelConnection {
    /// The channel's name for programs.
    pub channel: String,
    /// The carrier, without regard to case; none: the only one that serves such channels.
    pub carrier: Option<String>,
    /// What the carrier calls the account.
    pub key: Option<String>,
    /// Where its API is, if not where it usually is.
    pub api_url: Option<String>,
    /// Messages in a second at most.
    pub rate: Option<u32>,
    /// What opens its API, and what it signs with, where that is something else.
    pub secrets: Vec<String>,
}

impl std::fmt::Debug for ChannelConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let channel = &self.channel;
        f.debug_struct("ChannelConnection")
            .field("channel", channel)
            .finish_non_exhaustive()
    }
}

/// A channel, how it is reached and how it does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChannelLine {
    /// The record.
    pub id: String,
    /// What programs call it.
    pub name: String,
    /// `MessageType`.
    pub kind: String,
    /// Whether it is switched on.
    pub active: bool,
    /// Its carrier, if it is connected.
    pub carrier: Option<String>,
    /// Where the carrier calls this server.
    pub webhook: Option<String>,
    /// What the carrier wants to be shown with that address.
    pub verify_token: Option<String>,
    /// `working`, `failing` or `silent`.
    pub state: Option<String>,
    /// Why it failed last.
    pub failure: Option<String>,
}

/// What a carrier says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CarrierSays {
    /// What it calls the account.
    pub account: Option<String>,
}

fn words(error: Error) -> Failure {
    match error {
        Error::Records(error) => refused(&error),
        error => Failure::refused(error.to_string()),
    }
}

async fn channel(org: &Org, name: &str) -> Outcome<Id> {
    let id = id_of(org, "MessagingChannel", "DeveloperName", name).await?;
    Ok(id)
}

pub(super) async fn connect(
    org: &Org,
    connection: ChannelConnection,
    public_url: Option<&str>,
) -> Outcome<ChannelLine> {
    let id = channel(org, &connection.channel).await?;
    let lines = list(org, public_url).await?;
    let line = lines.into_iter().find(|line| line.id == id.to_string());
    let kind = line.map(|line| line.kind).unwrap_or_default();
    let facts = facts(&kind, connection.carrier.as_deref())?;
    let mut secrets = connection.secrets.into_iter().map(Secret::new);
    let account = NewAccount {
        carrier: facts.carrier.to_owned(),
        key: connection.key.unwrap_or_default(),
        api_url: connection.api_url,
        messages_per_second_max: connection.rate,
        secret: secrets.next(),
        signing_secret: secrets.next().filter(|_| facts.signing_secret.is_some()),
    };
    let messaging = Messaging::new(org.clone());
    let connected = messaging.connect_channel(&org.system(), id, &account).await;
    connected.map_err(words)?;
    let lines = list(org, public_url).await?;
    let line = lines.into_iter().find(|line| line.id == id.to_string());
    line.ok_or_else(|| Failure::broken("the channel is gone".to_owned()))
}

fn facts(kind: &str, carrier: Option<&str>) -> Outcome<&'static CarrierFacts> {
    let able: Vec<_> = CarrierFacts::for_type(kind).collect();
    let names: Vec<_> = able.iter().map(|facts| facts.carrier).collect();
    let names = names.join(", ");
    match (carrier, able.as_slice()) {
        (_, []) => Err(Failure::refused(format!(
            "no carrier here serves channels of the type '{kind}'"
        ))),
        (None, [one]) => Ok(one),
        (None, _) => Err(Failure::usage(format!("say which carrier: {names}"))),
        (Some(wanted), able) => able
            .iter()
            .find(|facts| facts.carrier.eq_ignore_ascii_case(wanted))
            .copied()
            .ok_or_else(|| {
                let text = format!("'{wanted}' serves no channels of the type '{kind}': {names}");
                Failure::refused(text)
            }),
    }
}

pub(super) async fn list(org: &Org, public_url: Option<&str>) -> Outcome<Vec<ChannelLine>> {
    let messaging = Messaging::new(org.clone());
    let soql = "SELECT Id, DeveloperName, MessageType, IsActive FROM MessagingChannel \
                ORDER BY DeveloperName";
    let mut lines = Vec::new();
    for row in rows(org, soql).await? {
        let Some(id) = row.first().and_then(headwater_catalogue::Value::as_id) else {
            continue;
        };
        let name = text(&row, 1);
        let account = messaging.account(id).await.map_err(words)?;
        let facts = account
            .as_ref()
            .and_then(|account| CarrierFacts::of(&account.carrier));
        let health = messaging.health(id).await.map_err(words)?;
        let state = match (health.is_failing(), health.received.max(health.sent)) {
            (true, _) => "failing",
            (false, None) => "silent",
            (false, Some(_)) => "working",
        };
        let origin = public_url.unwrap_or("https://YOUR-HOST");
        lines.push(ChannelLine {
            id: id.to_string(),
            kind: text(&row, 2),
            active: row.get(3).is_some_and(headwater_catalogue::Value::is_true),
            carrier: account.as_ref().map(|account| account.carrier.clone()),
            webhook: facts.map(|facts| facts.webhook(origin, &name)),
            verify_token: account
                .filter(|_| facts.is_some_and(|facts| facts.wants_token))
                .and_then(|account| account.verify_token)
                .map(|token| token.expose().to_owned()),
            state: facts.map(|_| state.to_owned()),
            failure: health.reason.clone().filter(|_| health.is_failing()),
            name,
        });
    }
    Ok(lines)
}

/// An org's messages, with the way to its carriers.
fn sending(org: &Org, public_url: Option<&str>) -> Outcome<Messaging> {
    let messaging = Messaging::new(org.clone());
    let settings = ChannelSettings {
        public_url: public_url.map(str::to_owned),
        ..ChannelSettings::default()
    };
    let connected = connect_carriers(&messaging, &settings);
    connected.doing("no connection to carriers can be made")?;
    Ok(messaging)
}

pub(super) async fn check(org: &Org, name: &str, public_url: Option<&str>) -> Outcome<CarrierSays> {
    let id = channel(org, name).await?;
    let messaging = sending(org, public_url)?;
    let account = messaging
        .introduce(&org.system(), id)
        .await
        .map_err(words)?;
    Ok(CarrierSays {
        account: Some(account),
    })
}

pub(super) async fn send_test(org: &Org, name: &str, to: &str) -> Outcome<CarrierSays> {
    let id = channel(org, name).await?;
    let messaging = sending(org, None)?;
    let sent = messaging.send_test(&org.system(), id, to).await;
    sent.map_err(words)?;
    Ok(CarrierSays { account: None })
}
