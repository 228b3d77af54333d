//! `headwater proxy`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use headwater_records::{Clock as _, SystemClock};
use url::Url;

use crate::arguments::{Common, Serve};
use crate::command::serve::told_to_end;
use crate::configuration::Configuration;
use crate::directory::Directory;
use crate::failure::{Context as _, Failure, Outcome};
use crate::logs;
use crate::proxy::{Authority, Proxy as Listening, Upstream};

/// The arguments.
#[derive(Debug, Args)]
pub struct Proxy {
    /// Address and port to take connections at. Whoever reaches it can use it.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8099")]
    listen: SocketAddr,
    /// The server to lead to. Over plain HTTP it tells clients to go on at http:// addresses, unless
    /// it has a `public_url`.
    #[arg(long, value_name = "URL", default_value = "https://127.0.0.1:8080")]
    server: String,
    /// The certificate that the server's is or is signed by, PEM. Without it, the one that
    /// `serve --tls-self-signed` keeps in the data directory.
    #[arg(long, value_name = "FILE")]
    server_ca: Option<PathBuf>,
    /// Let connections to all other addresses through, untouched. Without it they are refused.
    #[arg(long)]
    pass_through: bool,
}

impl Proxy {
    /// Serves until it is told to end.
    ///
    /// # Errors
    /// What kept it from starting.
    pub async fn run(self, common: &Common) -> Outcome {
        let configuration = Configuration::load(common, &Serve::default())?;
        logs::start(&configuration.log);
        // A second one in one process (a test's) finds the provider installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let directory = Directory::open(&configuration.data.directory)?;
        let server: Url = self
            .server
            .parse()
            .map_err(|error| Failure::usage(format!("--server {}: {error}", self.server)))?;
        let certificate = self.server_ca.unwrap_or_else(|| directory.certificate());
        let upstream = Upstream::new(&server, &certificate)?;
        let authority = Authority::open(&directory, SystemClock.now())?;
        if !self.listen.ip().is_loopback() {
            tracing::warn!(listen = %self.listen, "other machines reach the proxy");
        }
        let end = told_to_end().doing("cannot listen for signals")?;
        let listening = Listening::bind(self.listen, authority, upstream, self.pass_through)
            .await
            .doing(format_args!("cannot listen at {}", self.listen))?;
        let address = listening.address().doing("cannot listen")?;
        print!(
            "Headwater proxy {}\n  leads to  {server}\n  trust     {}\nheadwater is ready: \
             http://{address}\n",
            env!("CARGO_PKG_VERSION"),
            directory.proxy_authority().display(),
        );
        listening.serve(end).await;
        Ok(())
    }
}
