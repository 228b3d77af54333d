//! The addresses the server listens at, from binding to draining.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::AddExtension;
use axum::{Extension, Router, ServiceExt};
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use headwater_rest::Scheme;
use hyper_util::rt::TokioTimer;
use tokio::task::JoinSet;
use tower::Layer as _;

use crate::configuration::Configuration;
use crate::failure::{Context as _, Failure, Outcome};

/// How long a client may take to send a request's head, and to be quiet between two requests.
const HEAD_TIME_MAX: Duration = Duration::from_mins(1);

/// One address, bound.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    address: SocketAddr,
    certificate: Option<RustlsConfig>,
}

impl Door {
    /// Binds an address.
    ///
    /// # Errors
    /// When it is taken or not ours.
    pub fn bind(address: SocketAddr, certificate: Option<RustlsConfig>) -> Outcome<Self> {
        let taken = format!("cannot listen at {address}");
        let listener = TcpListener::bind(address).doing(&taken)?;
        // The port is the system's choice when 0 was asked for.
        let address = listener.local_addr().doing(&taken)?;
        Ok(Self {
            listener,
            address,
            certificate,
        })
    }

    /// What a client on this machine writes to reach it.
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() {
            "https"
        } else {
            "http"
        };
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("{scheme}://{address}")
    }
}

/// All of them.
#[derive(Debug)]
pub struct Doors {
    /// Where clients come in.
    pub public: Vec<Door>,
    /// Where metrics are read, if that is apart.
    pub metrics: Option<Door>,
}

impl Doors {
    /// Binds what the configuration names: HTTP, HTTPS, or both.
    ///
    /// # Errors
    /// The first address that cannot be had.
    pub fn bind(configuration: &Configuration, certificate: Option<RustlsConfig>) -> Outcome<Self> {
        let server = &configuration.server;
        let mut public = Vec::new();
        match (server.listen, server.listen_tls, certificate) {
            (plain, Some(tls), Some(certificate)) => {
                if let Some(plain) = plain {
                    public.push(Door::bind(plain, None)?);
                }
                public.push(Door::bind(tls, Some(certificate))?);
            }
            (Some(listen), _, certificate) => public.push(Door::bind(listen, certificate)?),
            (None, _, _) => return Err(Failure::usage("there is no address to listen at")),
        }
        let metrics = match configuration.metrics.listen {
            Some(address) => Some(Door::bind(address, None)?),
            None => None,
        };
        Ok(Self { public, metrics })
    }

    /// Where clients come in, as URLs.
    pub fn urls(&self) -> Vec<String> {
        self.public.iter().map(Door::url).collect()
    }

    /// Serves until `end` is there; then no new connection is taken, and requests in flight have
    /// `grace` to finish.
    ///
    /// # Errors
    /// When a listener fails while it runs.
    pub async fn serve(
        self,
        router: Router,
        metrics: Router,
        end: impl Future<Output = ()>,
        grace: Duration,
    ) -> Outcome {
        let handle = Handle::new();
        let mut open = JoinSet::new();
        for door in self.public {
            let scheme = match door.certificate {
                Some(_) => Scheme::Https,
                None => Scheme::Http,
            };
            // Around the whole router: a layer of its own would be put around each of its routes.
            let service = Extension(scheme).layer(router.clone());
            open.spawn(serve_one(door, service, handle.clone()));
        }
        if let Some(door) = self.metrics {
            let service = Extension(Scheme::Http).layer(metrics);
            open.spawn(serve_one(door, service, handle.clone()));
        }
        let mut ended = Ok(());
        tokio::select! {
            () = end => {}
            Some(finished) = open.join_next() => ended = flatten(finished),
        }
        handle.graceful_shutdown(Some(grace));
        while let Some(finished) = open.join_next().await {
            ended = ended.and(flatten(finished));
        }
        ended
    }
}

fn flatten(finished: Result<Outcome, tokio::task::JoinError>) -> Outcome {
    finished.unwrap_or_else(|panic| Err(Failure::broken(panic.to_string())))
}

/// An answer goes out as soon as it is there, not when the packet is full.
async fn serve_one(
    door: Door,
    service: AddExtension<Router, Scheme>,
    handle: Handle<SocketAddr>,
) -> Outcome {
    let stopped = format!("the listener at {} stopped", door.address);
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service);
    let server = axum_server::from_tcp(door.listener).doing(&stopped)?;
    let ended = if let Some(certificate) = door.certificate {
        let acceptor = RustlsAcceptor::new(certificate).acceptor(NoDelayAcceptor);
        let mut server = server.acceptor(acceptor);
        patient(server.http_builder());
        server.handle(handle).serve(service).await
    } else {
        let mut server = server.acceptor(NoDelayAcceptor);
        patient(server.http_builder());
        server.handle(handle).serve(service).await
    };
    ended.doing(&stopped)
}

/// A client that sends nothing, or its head byte by byte, does not hold a connection for ever. Names of
/// headers are written as Salesforce writes them, `Content-Type`: Airbyte's source looks for them in a
/// form that heeds case, and stumbles over one in small letters that it does not expect.
fn patient(builder: &mut hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .title_case_headers(true)
        .header_read_timeout(HEAD_TIME_MAX);
    builder.http2().timer(TokioTimer::new());
}
