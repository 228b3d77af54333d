//! `headwater proxy`: leads programs that insist on Salesforce's own addresses to this server.
//!
//! An HTTP proxy that takes `CONNECT` and nothing else. What is meant for Salesforce's login and
//! for an org's own domain it ends here, with a certificate of an authority made on this machine
//! (`authority`), and passes the bytes on to the server over TLS. A program is led here by
//! `HTTPS_PROXY` and trusts the authority by a file; nothing of the machine is changed, so it holds
//! for that one program.
//!
//! Everything else is refused, unless `--pass-through` lets it through untouched: what a program
//! sends elsewhere is none of our business, and a proxy that forwards anything is one for others to
//! hide behind.

mod authority;
mod tunnel;
mod upstream;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::CONNECTION;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

pub use authority::Authority;
pub use upstream::Upstream;

/// Most connections at once; more wait to be accepted.
const CONNECTIONS_MAX: usize = 1_024;

/// Longest wait for the head of a request.
const HEAD_SECONDS_MAX: u64 = 10;

/// Longest wait for a connection to the other end, and for a handshake.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// The port that is led to the server.
const HTTPS: u16 = 443;

/// Where logins go.
const LOGIN_HOSTS: [&str; 2] = ["login.salesforce.com", "test.salesforce.com"];

/// What the domain of an org ends with.
const ORG_HOSTS: &str = ".my.salesforce.com";

/// A proxy that is bound and not yet serving.
#[derive(Debug)]
pub struct Proxy {
    listener: TcpListener,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    authority: Authority,
    upstream: Upstream,
    pass_through: bool,
}

/// Where a tunnel leads.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Destination {
    /// To our server, which is taken for this host.
    Here(String),
    /// Where it is meant to.
    There(String),
}

impl Proxy {
    /// Takes its address.
    ///
    /// # Errors
    /// When it is not to be had.
    pub async fn bind(
        address: SocketAddr,
        authority: Authority,
        upstream: Upstream,
        pass_through: bool,
    ) -> std::io::Result<Self> {
        let shared = Shared {
            authority,
            upstream,
            pass_through,
        };
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            shared: Arc::new(shared),
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `end`. Tunnels that are open end with the process.
    pub async fn serve(self, end: impl Future<Output = ()>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut end = std::pin::pin!(end);
        loop {
            let accepted = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (self.listener.accept().await, place)
            };
            let (accepted, place) = tokio::select! {
                () = &mut end => return,
                accepted = accepted => accepted,
            };
            match (accepted, place) {
                (Ok((stream, _)), Ok(place)) => {
                    let shared = Arc::clone(&self.shared);
                    tokio::spawn(answer_all(stream, shared, Arc::new(place)));
                }
                (Err(error), _) => {
                    tracing::warn!(%error, "accepting a connection");
                    // Most likely there are no file descriptors left; some come back by waiting.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                (Ok(_), Err(_)) => return,
            }
        }
    }
}

/// Answers the requests of a connection, the last of which may turn it into a tunnel.
async fn answer_all(stream: TcpStream, shared: Arc<Shared>, place: Arc<OwnedSemaphorePermit>) {
    let service = hyper::service::service_fn(move |request| {
        let (shared, place) = (Arc::clone(&shared), Arc::clone(&place));
        async move { Ok::<_, std::convert::Infallible>(answer(request, &shared, place).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEAD_SECONDS_MAX))
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to the proxy has ended");
    }
}

async fn answer(
    request: Request<Incoming>,
    shared: &Arc<Shared>,
    place: Arc<OwnedSemaphorePermit>,
) -> Response<String> {
    if request.method() != Method::CONNECT {
        let text = "This proxy only opens tunnels (CONNECT): use it for https:// addresses.\n";
        return refusal(StatusCode::METHOD_NOT_ALLOWED, text);
    }
    let Some(destination) = destination(&request, shared.pass_through) else {
        let text = "This proxy leads Salesforce's addresses to Headwater and nothing else; \
                    --pass-through lets it do that.\n";
        return refusal(StatusCode::FORBIDDEN, text);
    };
    let opened = match &destination {
        Destination::Here(_) => timeout(CONNECT_TIME_MAX, shared.upstream.connect()).await,
        Destination::There(address) => {
            let connecting = async {
                TcpStream::connect(address)
                    .await
                    .map(upstream::Stream::Plain)
            };
            timeout(CONNECT_TIME_MAX, connecting).await
        }
    };
    let other_end = match opened {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::warn!(%error, ?destination, "the other end of a tunnel cannot be reached");
            let text = format!("The other end cannot be reached: {error}\n");
            return refusal(StatusCode::BAD_GATEWAY, text);
        }
        Err(_) => {
            let text = "The other end does not answer.\n";
            return refusal(StatusCode::GATEWAY_TIMEOUT, text);
        }
    };
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        let _place = place;
        let ended = match hyper::upgrade::on(request).await {
            Ok(upgraded) => {
                let client = TokioIo::new(upgraded);
                tunnel::join(client, other_end, &destination, &shared.authority).await
            }
            Err(error) => Err(std::io::Error::other(error)),
        };
        if let Err(error) = ended {
            tracing::debug!(%error, ?destination, "a tunnel has ended");
        }
    });
    Response::new(String::new())
}

fn refusal(status: StatusCode, text: impl Into<String>) -> Response<String> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let close = hyper::header::HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

/// Where a tunnel is to lead; none when it is refused.
fn destination(request: &Request<Incoming>, pass_through: bool) -> Option<Destination> {
    let authority = request.uri().authority()?;
    led_to(authority.host(), authority.port_u16()?, pass_through)
}

fn led_to(host: &str, port: u16, pass_through: bool) -> Option<Destination> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if port == HTTPS && is_salesforce(&host) {
        return Some(Destination::Here(host));
    }
    pass_through.then(|| Destination::There(format!("{host}:{port}")))
}

fn is_salesforce(host: &str) -> bool {
    let is_org = host.strip_suffix(ORG_HOSTS).is_some_and(|domain| {
        !domain.is_empty() && domain.split('.').all(|label| !label.is_empty())
    });
    LOGIN_HOSTS.contains(&host) || is_org
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn salesforce_is_led_here_and_nothing_else() {
        let here = |host: &str| Some(Destination::Here(host.to_owned()));
        for host in [
            "login.salesforce.com",
            "test.salesforce.com",
            "acme.my.salesforce.com",
            "acme--box.sandbox.my.salesforce.com",
        ] {
            assert_eq!(led_to(host, 443, false), here(host), "{host}");
        }
        assert_eq!(
            led_to("Login.Salesforce.com.", 443, true),
            here("login.salesforce.com")
        );
        for (host, port) in [
            ("login.salesforce.com", 80),
            ("salesforce.com", 443),
            ("my.salesforce.com", 443),
            (".my.salesforce.com", 443),
            ("evilmy.salesforce.com", 443),
            ("acme.my.salesforce.com.example.com", 443),
            ("127.0.0.1", 22),
        ] {
            assert_eq!(led_to(host, port, false), None, "{host}:{port}");
            let there = Destination::There(format!("{host}:{port}"));
            assert_eq!(led_to(host, port, true), Some(there));
        }
    }
}
