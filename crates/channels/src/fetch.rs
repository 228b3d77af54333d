//! Fetching files that carriers hold.
//!
//! Addresses come with messages, so only those are asked that are the carrier's own: its API's, and the
//! hosts that it keeps files on. None is asked in the clear.

use std::time::Duration;

use headwater_messaging::{Again, Error, FILE_BYTES_MAX, Media, NewFile, Undelivered};
use jiff::SignedDuration;
use reqwest::{Response, StatusCode, header};
use url::Url;

use crate::api::not_reached;
use crate::carriers::Connection;

/// How long a file may be on its way.
const TIME_MAX: Duration = Duration::from_mins(2);

/// How often a carrier may lead on to another address.
const HOPS_MAX: usize = 3;

/// A file at an address of a carrier's.
pub(crate) struct Source<'a> {
    pub(crate) carrier: &'static str,
    /// Where its API is; files may be there too.
    pub(crate) api: &'a str,
    /// Ends of the names of hosts that it keeps files on, each with its dot.
    pub(crate) hosts: &'static [&'static str],
    /// What opens it: sent to the first address alone.
    pub(crate) opened_by: Key<'a>,
}

/// What opens a file.
#[derive(Clone, Copy)]
pub(crate) enum Key<'a> {
    Nothing,
    Basic(&'a str, &'a str),
    Bearer(&'a str),
}

/// Fetches a file, and gives it the name and the type that are known of it.
pub(crate) async fn file(
    connection: &Connection<'_>,
    source: &Source<'_>,
    address: &str,
    media: &Media,
) -> Result<NewFile, Undelivered> {
    let response = found(connection, source, address).await?;
    let told = response.headers().get(header::CONTENT_TYPE);
    let told = told
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let bytes = bytes(source.carrier, response).await?;
    let media_type = media.media_type.clone().or(told).unwrap_or_default();
    let name = media.name.as_deref().unwrap_or("file");
    NewFile::new(name, &media_type, bytes).map_err(|error| not_taken(&error))
}

fn not_taken(error: &Error) -> Undelivered {
    Undelivered::for_good("FILE", error.to_string())
}

/// The answer that has the file, at the address or where it leads.
async fn found(
    connection: &Connection<'_>,
    source: &Source<'_>,
    address: &str,
) -> Result<Response, Undelivered> {
    let carrier = source.carrier;
    let mut address = source.allowed(address)?;
    let mut key = source.opened_by;
    for _ in 0..HOPS_MAX {
        let request = connection.client.get(address.clone()).timeout(TIME_MAX);
        let request = match key {
            Key::Nothing => request,
            Key::Basic(name, secret) => request.basic_auth(name, Some(secret)),
            Key::Bearer(token) => request.bearer_auth(token),
        };
        let response = request.send().await;
        let response = response.map_err(|error| retried(not_reached(carrier, &error)))?;
        let status = response.status();
        if status.is_redirection() {
            let location = response.headers().get(header::LOCATION);
            let location = location
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default();
            let next = address.join(location).map(String::from).unwrap_or_default();
            address = source.allowed(&next)?;
            key = Key::Nothing;
            continue;
        }
        if status.is_success() {
            return Ok(response);
        }
        return Err(refused(carrier, status));
    }
    let reason = format!("{carrier} leads from address to address");
    Err(Undelivered::for_good("REDIRECTS", reason))
}

fn refused(carrier: &str, status: StatusCode) -> Undelivered {
    let may_pass = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
    let again = if may_pass { Again::Later } else { Again::Never };
    let reason = format!("{carrier} answered {status}");
    Undelivered::for_good(status.as_u16().to_string(), reason).again(again)
}

/// To ask for a file again does no harm.
fn retried(failure: Undelivered) -> Undelivered {
    failure.again(Again::Later)
}

/// A body, as long as it is no longer than a file may be.
async fn bytes(carrier: &str, mut response: Response) -> Result<Vec<u8>, Undelivered> {
    let too_large = || {
        let error = Error::TooLarge {
            what: "the file",
            limit: format!("{FILE_BYTES_MAX} bytes"),
        };
        not_taken(&error)
    };
    let length = response.content_length();
    if length.is_some_and(|length| length > FILE_BYTES_MAX as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    let lost = |error: reqwest::Error| retried(not_reached(carrier, &error));
    while let Some(piece) = response.chunk().await.map_err(lost)? {
        if bytes.len() + piece.len() > FILE_BYTES_MAX {
            return Err(too_large());
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

impl Source<'_> {
    /// The address, if it is the carrier's own.
    fn allowed(&self, address: &str) -> Result<Url, Undelivered> {
        let foreign = || {
            let reason = format!("the address is none of {}'s", self.carrier);
            Undelivered::for_good("ADDRESS", reason)
        };
        let url = Url::parse(address).map_err(|_| foreign())?;
        let is_api = Url::parse(self.api).is_ok_and(|api| api.origin() == url.origin());
        let host = url.host_str().unwrap_or_default();
        let is_theirs = self.hosts.iter().any(|end| host.ends_with(end));
        if is_api || url.scheme() == "https" && is_theirs {
            return Ok(url);
        }
        Err(foreign())
    }
}

/// A failure to find out where a file is, as one to fetch it: asking does no harm.
pub(crate) fn asked(failure: Undelivered) -> Undelivered {
    match failure.again {
        Again::Never if failure.code == "NO_ANSWER" => retried(failure),
        Again::Never | Again::Later | Again::AtOurTurn(_) => failure,
        Again::After(wait) => failure.again(Again::After(wait.max(SignedDuration::from_secs(1)))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Source};

    #[test]
    fn only_the_carriers_own_addresses_are_asked_and_none_in_the_clear() {
        let source = Source {
            carrier: "Meta",
            api: "https://graph.facebook.com",
            hosts: &[".fbcdn.net"],
            opened_by: Key::Nothing,
        };
        for fine in [
            "https://graph.facebook.com/1",
            "https://scontent.fbcdn.net/1?a=b",
        ] {
            assert!(source.allowed(fine).is_ok(), "{fine}");
        }
        for foreign in [
            "",
            "http://scontent.fbcdn.net/1",
            "http://graph.facebook.com/1",
            "https://graph.facebook.com:8443/1",
            "https://fbcdn.net.evil.example/1",
            "https://evilfbcdn.net/1",
            "https://user@evil.example/.fbcdn.net",
            "http://169.254.169.254/latest",
            "file:///etc/passwd",
        ] {
            assert!(source.allowed(foreign).is_err(), "{foreign}");
        }
    }
}
