//! Telling partners' services that an agent writes to a customer of theirs, or has stopped.

use headwater_messaging::{Doing, Outgoing, Sender, Sign, Signer};
use tokio::sync::Semaphore;

use super::outbound;
use crate::carriers::Carriers;
use crate::door::Channels;

/// How many services are told at once. One more is not told: a sign that comes late says nothing.
const TOLD_AT_ONCE_MAX: usize = 16;

static TELLING: Semaphore = Semaphore::const_new(TOLD_AT_ONCE_MAX);

/// Tells as long as the server runs.
pub(crate) async fn tell_typing(channels: Channels) {
    let mut signs = channels.messaging.signs();
    while let Some(sign) = signs.next().await {
        let kind = match (&sign.by, sign.does) {
            (Signer::Agent { .. }, Doing::Writes) => "TypingStartedIndicator",
            (Signer::Agent { .. }, Doing::Stops) => "TypingStoppedIndicator",
            _ => continue,
        };
        if let Ok(place) = TELLING.try_acquire() {
            let channels = channels.clone();
            tokio::spawn(async move {
                tell(&channels, sign, kind).await;
                drop(place);
            });
        }
    }
}

/// Tells the service of a session's channel, if it is one.
async fn tell(channels: &Channels, sign: Sign, kind: &str) -> Option<()> {
    let Signer::Agent { id, name } = sign.by else {
        return None;
    };
    let messaging = &channels.messaging;
    let between = messaging
        .correspondents(sign.session.as_str())
        .await
        .ok()??;
    if between.kind != "Custom" {
        return None;
    }
    let outgoing = Outgoing {
        channel: between.channel,
        from: between.address,
        to: between.customer,
        conversation: between.conversation,
        sender: Sender {
            id: Some(id),
            name,
            is_agent: true,
            is_bot: false,
        },
        at: messaging.org().now(),
        text: String::new(),
        files: Vec::new(),
        choices: Vec::new(),
        template: None,
        id: sign.session,
    };
    let carriers = Carriers::new(
        messaging.clone(),
        channels.client.clone(),
        channels.settings.public_url.clone(),
    );
    let connection = carriers.connection(outgoing.channel).await.ok()?;
    if connection.account.carrier != "Partner" {
        return None;
    }
    let name = messaging.new_message();
    outbound::mention(&connection, &outgoing, (&name, kind))
        .await
        .ok()
}
