//! The two ends of a tunnel, joined.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::authority::Authority;
use super::upstream::Stream;
use super::{CONNECT_TIME_MAX, Destination};

/// Passes bytes on until one end closes. What is meant for Salesforce is decrypted on the way.
pub(super) async fn join(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    mut other_end: Stream,
    destination: &Destination,
    authority: &Authority,
) -> std::io::Result<()> {
    match destination {
        Destination::There(_) => copy_bidirectional(&mut client, &mut other_end).await?,
        Destination::Here(host) => {
            let configuration = authority.stand_in_for(host)?;
            let acceptor = TlsAcceptor::from(Arc::new(configuration));
            let accepted = timeout(CONNECT_TIME_MAX, acceptor.accept(client)).await;
            let mut client = accepted.map_err(std::io::Error::other)??;
            copy_bidirectional(&mut client, &mut other_end).await?
        }
    };
    Ok(())
}
