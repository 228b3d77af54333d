//! One request as its handler sees it.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, Uri, header};
use bytes::Bytes;

use crate::error::Failure;
use crate::route::{Format, Parameters, RouteTable};
use crate::serve;
use crate::state::{RestSettings, RestState};

/// One request, routed and read.
pub struct Call {
    /// What all handlers share.
    pub state: Arc<RestState>,
    /// The routes, for what holds other requests.
    pub(crate) table: Arc<RouteTable>,
    /// The request's name in the log.
    pub(crate) request_id: Arc<str>,
    /// The method, after `_HttpMethod` has had its say.
    pub method: Method,
    /// The path and query as they came.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, unpacked.
    pub body: Bytes,
    /// The values of the route's `{parameter}`s.
    pub parameters: Parameters,
    /// The API version asked for; the newest where the path has none.
    pub version: Version,
    /// How it came in, when the listener says so.
    pub scheme: Option<Scheme>,
    /// Whom the request came from, when the listener says so.
    pub address: Option<IpAddr>,
}

/// How the request came in, when its listener says so. The binary puts it in the extensions of
/// requests on its TLS listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain.
    Http,
    /// TLS.
    Https,
}

impl Call {
    /// A parameter of the route; empty when it has none of that name.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name)
    }

    /// The first value of a key in the query string, its name compared ignoring case.
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        query_value(&self.uri, name)
    }

    /// Whether the query string sets a key to `true`.
    pub fn flag(&self, name: &str) -> bool {
        self.query(name)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A header's text; none when it is missing or not text.
    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What absolute URLs in the answer begin with: `https://host:port`, no slash at the end.
    pub fn base_url(&self) -> String {
        base_url(&self.state.settings, &self.uri, &self.headers, self.scheme)
    }

    /// The path of this version's resources: `/services/data/v68.0`.
    pub fn data_path(&self) -> String {
        format!("/services/data/v{}", self.version)
    }

    /// Tells the log of a refusal that stands inside of an answer.
    pub(crate) fn report(&self, failure: &Failure) {
        serve::report_failure(failure, &self.request_id);
    }

    /// Refuses a body that says it is something else than JSON.
    ///
    /// # Errors
    /// 415 when it does.
    pub fn expect_json(&self) -> Result<(), Failure> {
        let Some(media_type) = self.header(header::CONTENT_TYPE) else {
            return Ok(());
        };
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/json") || essence.is_empty() {
            return Ok(());
        }
        Err(Failure::unsupported_media_type(essence))
    }
}

/// The first value of a key in a query string.
pub(crate) fn query_value<'u>(uri: &'u Uri, name: &str) -> Option<Cow<'u, str>> {
    url::form_urlencoded::parse(uri.query()?.as_bytes())
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// What absolute URLs in the answer begin with. Answers that named another address than the one
/// that was called would make clients continue there.
fn base_url(
    settings: &RestSettings,
    uri: &Uri,
    headers: &HeaderMap,
    listener: Option<Scheme>,
) -> String {
    if let Some(url) = &settings.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let forwarded = |name: &'static str| {
        let value = headers
            .get(name)
            .filter(|_| settings.forwarded_headers_trusted);
        value.and_then(|value| value.to_str().ok())
    };
    let scheme = match (forwarded("x-forwarded-proto"), listener, uri.scheme_str()) {
        (Some(scheme @ ("http" | "https")), _, _) => scheme,
        (_, Some(Scheme::Https), _) | (_, None, Some("https")) => "https",
        (_, Some(Scheme::Http) | None, _) => "http",
    };
    let host = forwarded("x-forwarded-host")
        .or_else(|| uri.authority().map(Authority::as_str))
        .or_else(|| text(header::HOST))
        .unwrap_or("localhost");
    format!("{scheme}://{host}")
}

/// Whom the request came from: the other end of the connection, or whom a trusted proxy names last.
pub(crate) fn address(
    settings: &RestSettings,
    headers: &HeaderMap,
    listener: Option<&ConnectInfo<SocketAddr>>,
) -> Option<IpAddr> {
    let forwarded = || {
        let lists = headers.get_all("x-forwarded-for").into_iter();
        let list = lists.filter_map(|value| value.to_str().ok()).next_back()?;
        list.rsplit(',').next()?.trim().parse().ok()
    };
    let believed = settings.forwarded_headers_trusted.then(forwarded).flatten();
    believed.or_else(|| listener.map(|ConnectInfo(address)| address.ip()))
}

/// The format the answer is asked in: by suffix, else by `Accept`.
pub(crate) fn format_wanted(uri: &Uri, headers: &HeaderMap) -> Format {
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    if let (_, Some(format)) = crate::route::without_format(last) {
        return format;
    }
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
    match accept {
        Some(accept) if accept.contains("json") || accept.contains("*/*") => Format::Json,
        Some(accept) if accept.contains("application/xml") || accept.contains("text/xml") => {
            Format::Xml
        }
        _ => Format::Json,
    }
}

/// An API version. All are one implementation; a few answers differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(u8);

impl Version {
    /// The oldest that is answered.
    pub const OLDEST: Self = Self(20);
    /// The newest that is answered.
    pub const NEWEST: Self = Self(68);

    /// All that are answered, oldest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (Self::OLDEST.0..=Self::NEWEST.0).map(Self)
    }

    /// Its whole number: 68.
    pub fn number(self) -> u8 {
        self.0
    }

    /// The name of its release. Three releases a year in turn, beginning with Winter '11 as 20.
    pub fn label(self) -> String {
        let season = ["Winter", "Spring", "Summer"][usize::from((self.0 - 20) % 3)];
        format!("{season} '{:02}", 11 + (self.0 - 20) / 3)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.0", self.0)
    }
}

impl FromStr for Version {
    type Err = ();

    /// Accepts `v68.0`, as it stands in paths.
    fn from_str(text: &str) -> Result<Self, ()> {
        let number = text
            .strip_prefix(['v', 'V'])
            .and_then(|rest| rest.strip_suffix(".0"))
            .ok_or(())?;
        let version = Self(number.parse().map_err(|_| ())?);
        if (Self::OLDEST..=Self::NEWEST).contains(&version) {
            Ok(version)
        } else {
            Err(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_carry_the_name_of_their_release() {
        for (text, label) in [
            ("v20.0", "Winter '11"),
            ("v31.0", "Summer '14"),
            ("v50.0", "Winter '21"),
            ("v59.0", "Winter '24"),
            ("v65.0", "Winter '26"),
            ("v66.0", "Spring '26"),
            ("v67.0", "Summer '26"),
            ("v68.0", "Winter '27"),
        ] {
            assert_eq!(text.parse::<Version>().unwrap().label(), label);
        }
    }

    #[test]
    fn versions_outside_the_range_are_none() {
        for text in [
            "v19.0", "v69.0", "v68.1", "68.0", "v68", "latest", "v068.0x",
        ] {
            assert_eq!(text.parse::<Version>(), Err(()), "{text}");
        }
    }

    #[test]
    fn absolute_urls_follow_the_request_unless_configured() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "one.example:8080".parse().unwrap());
        headers.insert("x-forwarded-proto", "https".parse().unwrap());
        let mut settings = RestSettings::default();
        let uri = Uri::from_static("/services/data");
        let base = |settings: &RestSettings, listener| base_url(settings, &uri, &headers, listener);
        assert_eq!(base(&settings, None), "http://one.example:8080");
        let tls = Some(Scheme::Https);
        assert_eq!(base(&settings, tls), "https://one.example:8080");
        settings.forwarded_headers_trusted = true;
        assert_eq!(base(&settings, None), "https://one.example:8080");
        settings.public_url = Some("https://crm.example.com/".to_owned());
        assert_eq!(base(&settings, None), "https://crm.example.com");
    }
}
