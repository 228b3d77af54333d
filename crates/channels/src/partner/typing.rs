//! Telling partners' services that an agent writes to a customer of theirs, or has stopped.

use headwater_messaging::{Outgoing, Sender, Typing, Typist};
use tokio::sync::Semaphore;
use tokio::sync::broadcast::error::RecvError;

use super::outbound;
use crate::carriers::Carriers;
use crate::door::Channels;

/// How many services are told at once. One more is not told: a sign that comes late says nothing.
const TOLD_AT_ONCE_MAX: usize = 16;

static TELLING: Semaphore = Semaphore::const_new(TOLD_AT_ONCE_MAX);

/// Tells as long as the server runs.
pub(crate) async fn tell_typing(channels: Channels) {
    let mut typing = channels.messaging.typing();
    loop {
        let sign = match typing.recv().await {
            Ok(sign) => sign,
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        if matches!(sign.by, Typist::Customer) {
            continue;
        }
        if let Ok(place) = TELLING.try_acquire() {
            let channels = channels.clone();
            tokio::spawn(async move {
                tell(&channels, sign).await;
                drop(place);
            });
        }
    }
}

/// Tells the service of a session's channel, if it is one.
async fn tell(channels: &Channels, sign: Typing) -> Option<()> {
    let Typist::Agent { id, name } = sign.by else {
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
    let kind = if sign.is_on {
        "TypingStartedIndicator"
    } else {
        "TypingStoppedIndicator"
    };
    let name = messaging.new_message();
    outbound::mention(&connection, &outgoing, (&name, kind))
        .await
        .ok()
}
