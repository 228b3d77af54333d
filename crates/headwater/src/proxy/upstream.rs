//! The server that Salesforce's addresses are led to.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Url;

use crate::failure::{Context as _, Failure, Outcome};

/// How the server is reached.
pub struct Upstream {
    address: String,
    /// The name that its certificate must have, and who signs such; none over plain HTTP.
    tls: Option<(ServerName<'static>, TlsConnector)>,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream")
            .field("address", &self.address)
            .field("tls", &self.tls.is_some())
            .finish()
    }
}

impl Upstream {
    /// The server at an address, whose certificate is one of this file or signed by one.
    ///
    /// # Errors
    /// When the address or the file is not one.
    pub fn new(url: &Url, certificates: &Path) -> Outcome<Self> {
        let host = url
            .host_str()
            .ok_or_else(|| Failure::usage(format!("{url} names no host")))?;
        let port = url.port_or_known_default().unwrap_or_default();
        let tls = match url.scheme() {
            "https" => Some((server_name(host)?, connector(certificates)?)),
            "http" => None,
            other => {
                let text = format!("the server's address begins with http or https, not {other}");
                return Err(Failure::usage(text));
            }
        };
        let address = format!("{host}:{port}");
        Ok(Self { address, tls })
    }

    /// A connection to the server.
    pub(super) async fn connect(&self) -> io::Result<Stream> {
        let stream = TcpStream::connect(&self.address).await?;
        match &self.tls {
            None => Ok(Stream::Plain(stream)),
            Some((name, connector)) => {
                let stream = connector.connect(name.clone(), stream).await?;
                Ok(Stream::Encrypted(Box::new(stream)))
            }
        }
    }
}

fn server_name(host: &str) -> Outcome<ServerName<'static>> {
    let name = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    ServerName::try_from(name).doing(format_args!("{host} cannot be the name of a server"))
}

fn connector(certificates: &Path) -> Outcome<TlsConnector> {
    let mut trusted = RootCertStore::empty();
    let file = CertificateDer::pem_file_iter(certificates);
    let reading = format!(
        "cannot read the server's certificate {} (it is there once the server runs with \
         --tls-self-signed; --server-ca names another)",
        certificates.display()
    );
    for certificate in file.doing(&reading)? {
        let certificate = certificate.doing(&reading)?;
        trusted.add(certificate).doing(&reading)?;
    }
    let configuration = ClientConfig::builder()
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(configuration)))
}

/// A connection, encrypted or not.
pub(super) enum Stream {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, into),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
