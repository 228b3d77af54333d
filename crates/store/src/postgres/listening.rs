//! The connection that hears of other nodes' changes, and of what nodes signal.
//!
//! A notification of a change only wakes; what has changed is read from the change log. So nothing is lost
//! with a notification, and a look now and then makes good for those that were. A signal is the notification
//! itself, and lost with it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::poll_fn;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_postgres::{AsyncMessage, Client};

use super::address::{Address, Carrier};
use crate::change_log;

/// Signals come by a name of their own beside changes, which come by `headwater`.
const LISTEN: &str = "LISTEN headwater; LISTEN headwater_signal";
const SIGNALS: &str = "headwater_signal";

/// Tells a signal. Not even a connection that only reads is kept from it.
pub(super) const SIGNAL: &str = "SELECT pg_notify('headwater_signal', $1)";

/// How often it looks by itself, and how long it waits before it connects again.
const LOOK: Duration = Duration::from_secs(1);

/// Keeps `changed` at the last replay id until nobody holds it any more.
pub(super) async fn listen(
    address: Arc<Address>,
    changed: watch::Sender<i64>,
    signals: broadcast::Sender<Arc<str>>,
) {
    while changed.sender_count() > 1 {
        if let Err(error) = hear(&address, &changed, &signals).await {
            tracing::debug!(%error, "listening for changes");
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn hear(
    address: &Address,
    changed: &watch::Sender<i64>,
    signals: &broadcast::Sender<Arc<str>>,
) -> Result<(), tokio_postgres::Error> {
    let (client, carrier) = address.connect().await?;
    let (heard, mut news) = mpsc::unbounded_channel();
    let heard = Heard {
        changes: heard,
        signals,
    };
    let running = carry(carrier, &heard);
    let listening = async {
        client.batch_execute(LISTEN).await?;
        while changed.sender_count() > 1 {
            rise(changed, last(&client).await?);
            // Whatever came meanwhile is answered by one look.
            if let Ok(None) = tokio::time::timeout(LOOK, news.recv()).await {
                break;
            }
            while let Ok(number) = news.try_recv() {
                rise(changed, number);
            }
        }
        Ok(())
    };
    tokio::select! {
        () = running => Ok(()),
        ended = listening => ended,
    }
}

/// Where it goes what the connection hears.
struct Heard<'a> {
    changes: mpsc::UnboundedSender<i64>,
    signals: &'a broadcast::Sender<Arc<str>>,
}

/// Runs the connection, and passes on what it hears.
async fn carry(carrier: Carrier, heard: &Heard<'_>) {
    match carrier {
        Carrier::Plain(mut connection) => {
            while let Some(Ok(message)) = poll_fn(|at| connection.poll_message(at)).await {
                pass(&message, heard);
            }
        }
        Carrier::Encrypted(mut connection) => {
            while let Some(Ok(message)) = poll_fn(|at| connection.poll_message(at)).await {
                pass(&message, heard);
            }
        }
    }
}

fn pass(message: &AsyncMessage, heard: &Heard<'_>) {
    let AsyncMessage::Notification(notification) = message else {
        return;
    };
    if notification.channel() == SIGNALS {
        // Nobody may be listening.
        let _ = heard.signals.send(notification.payload().into());
    } else if let Ok(number) = notification.payload().parse() {
        // Nobody to tell: the listening is about to end.
        let _ = heard.changes.send(number);
    }
}

async fn last(client: &Client) -> Result<i64, tokio_postgres::Error> {
    let row = client
        .query_opt(change_log::LAST, &[&change_log::COUNTER])
        .await?;
    row.map_or(Ok(0), |row| row.try_get(0))
}

fn rise(changed: &watch::Sender<i64>, number: i64) {
    changed.send_if_modified(|known| {
        let newer = number > *known;
        *known = number.max(*known);
        newer
    });
}
