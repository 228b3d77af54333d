//! The way from the nodes to the database, which can be cut.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;

/// Passes connections on to a port of this machine.
pub(crate) struct Proxy {
    port: u16,
    cut: broadcast::Sender<()>,
}

impl Proxy {
    pub(crate) async fn start(to: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = broadcast::Sender::new(1);
        let cuts = cut.clone();
        tokio::spawn(async move {
            loop {
                let (came, _) = listener.accept().await.unwrap();
                let mut cut = cuts.subscribe();
                tokio::spawn(async move {
                    let Ok(on) = TcpStream::connect(("127.0.0.1", to)).await else {
                        return;
                    };
                    for stream in [&came, &on] {
                        stream.set_nodelay(true).unwrap();
                        // Dropped in the middle, each end is reset.
                        stream.set_zero_linger().unwrap();
                    }
                    let ((from, back), (answers, onward)) = (came.into_split(), on.into_split());
                    tokio::select! {
                        () = pass(from, onward) => {}
                        () = pass(answers, back) => {}
                        _ = cut.recv() => {}
                    }
                });
            }
        });
        Self { port, cut }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Cuts every connection off, whatever is on its way.
    pub(crate) fn reset(&self) {
        // Nobody connected: nothing to cut.
        let _ = self.cut.send(());
    }
}

/// Passes bytes on until either end is gone. What was passed has a moment to arrive.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if to.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
    tokio::time::sleep(Duration::from_millis(5)).await;
}
