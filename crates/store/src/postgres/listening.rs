//! The connection that hears of other nodes' changes.
//!
//! A notification only wakes; what has changed is read from the change log. So nothing is lost
//! with a notification, and a look now and then makes good for those that were.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::poll_fn;
use tokio::sync::watch;
use tokio_postgres::{AsyncMessage, Client};

use super::address::{Address, Carrier};
use crate::change_log;

/// How often it looks by itself, and how long it waits before it connects again.
const LOOK: Duration = Duration::from_secs(1);

/// Keeps `changed` at the last replay id until nobody holds it any more.
pub(super) async fn listen(address: Arc<Address>, changed: watch::Sender<i64>) {
    while changed.sender_count() > 1 {
        if let Err(error) = hear(&address, &changed).await {
            tracing::debug!(%error, "listening for changes");
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn hear(
    address: &Address,
    changed: &watch::Sender<i64>,
) -> Result<(), tokio_postgres::Error> {
    let (client, carrier) = address.connect().await?;
    let (heard, mut news) = tokio::sync::mpsc::unbounded_channel();
    let running = carry(carrier, heard);
    let listening = async {
        client.batch_execute("LISTEN headwater").await?;
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

/// Runs the connection, and passes on the replay ids it hears.
async fn carry(carrier: Carrier, heard: tokio::sync::mpsc::UnboundedSender<i64>) {
    match carrier {
        Carrier::Plain(mut connection) => {
            while let Some(Ok(message)) = poll_fn(|at| connection.poll_message(at)).await {
                pass(&message, &heard);
            }
        }
        Carrier::Encrypted(mut connection) => {
            while let Some(Ok(message)) = poll_fn(|at| connection.poll_message(at)).await {
                pass(&message, &heard);
            }
        }
    }
}

fn pass(message: &AsyncMessage, heard: &tokio::sync::mpsc::UnboundedSender<i64>) {
    if let AsyncMessage::Notification(notification) = message
        && let Ok(number) = notification.payload().parse()
    {
        // Nobody to tell: the listening is about to end.
        let _ = heard.send(number);
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
