//! The certificate for HTTPS: the configured one, or one made here and kept.

use std::fs;
use std::net::IpAddr;

use axum_server::tls_rustls::RustlsConfig;
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

use crate::configuration::Tls;
use crate::directory::{Directory, write_private};
use crate::failure::{Context as _, Outcome};

/// Names every certificate made here has: half of the clients insist on Salesforce's.
const NAMES: [&str; 4] = ["localhost", "127.0.0.1", "::1", "*.my.salesforce.com"];
/// Days a certificate made here lasts; browsers refuse ones that last longer than 825.
const DAYS_VALID: i64 = 800;
/// One with fewer days left is replaced at start.
const DAYS_LEFT_MIN: i64 = 30;

/// The certificate to serve with, or none when HTTPS is not asked for.
///
/// # Errors
/// When a file cannot be read or written, or is not what it should be.
pub async fn of(tls: &Tls, directory: &Directory, now: Timestamp) -> Outcome<Option<RustlsConfig>> {
    let (certificate, key) = match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
        _ if tls.self_signed => {
            keep(tls, directory, now)?;
            (directory.certificate(), directory.key())
        }
        _ => return Ok(None),
    };
    // A second server in one process (a test's) finds the provider installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let what = format!(
        "cannot use the certificate {} with the key {}",
        certificate.display(),
        key.display()
    );
    RustlsConfig::from_pem_file(certificate, key)
        .await
        .map(Some)
        .doing(what)
}

/// Makes the certificate unless the one that is kept has these names and lasts.
fn keep(tls: &Tls, directory: &Directory, now: Timestamp) -> Outcome {
    // Servers on one PostgreSQL database may share a directory, and so the certificate.
    let _turn = directory.turn()?;
    let today = now.to_zoned(TimeZone::UTC).date();
    let names: Vec<String> = NAMES
        .iter()
        .map(|name| (*name).to_owned())
        .chain(tls.names.iter().cloned())
        .collect();
    if directory.key().is_file() && is_kept(directory, &names, today) {
        return Ok(());
    }
    let until = today.saturating_add(DAYS_VALID.days());
    let key = KeyPair::generate().doing("cannot make a key")?;
    let certificate = parameters(&names, today, until)
        .and_then(|parameters| parameters.self_signed(&key))
        .doing("cannot make a certificate")?;
    let content = format!("{}{}", heading(&names, until), certificate.pem());
    write_private(&directory.key(), &key.serialize_pem())
        .doing(format_args!("cannot write {}", directory.key().display()))?;
    write_private(&directory.certificate(), &content).doing(format_args!(
        "cannot write {}",
        directory.certificate().display()
    ))
}

/// What stands before the certificate in its file, so that the next start need not take the
/// certificate apart to know it. PEM readers skip it.
fn heading(names: &[String], until: Date) -> String {
    format!("# names: {}\n# until: {until}\n", names.join(" "))
}

fn is_kept(directory: &Directory, names: &[String], today: Date) -> bool {
    let Ok(content) = fs::read_to_string(directory.certificate()) else {
        return false;
    };
    let until = content
        .lines()
        .find_map(|line| line.strip_prefix("# until: "))
        .and_then(|date| date.parse::<Date>().ok());
    until.is_some_and(|until| {
        content.starts_with(&heading(names, until))
            && today.saturating_add(DAYS_LEFT_MIN.days()) < until
    })
}

fn parameters(
    names: &[String],
    from: Date,
    until: Date,
) -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new(names.to_vec())?;
    let name = names
        .iter()
        .find(|name| name.parse::<IpAddr>().is_err())
        .map_or("headwater", String::as_str);
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters
        .distinguished_name
        .push(DnType::OrganizationName, "Headwater, made on this machine");
    lasting(&mut parameters, from, until);
    Ok(parameters)
}

/// Makes a certificate good from the day before one until another.
pub(crate) fn lasting(parameters: &mut CertificateParams, from: Date, until: Date) {
    let midnight = |date: Date| {
        date_time_ymd(
            i32::from(date.year()),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        )
    };
    parameters.not_before = midnight(from.saturating_sub(1.day()));
    parameters.not_after = midnight(until);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(names: &[&str]) -> Tls {
        Tls {
            certificate: None,
            key: None,
            self_signed: true,
            names: names.iter().map(|n| (*n).to_owned()).collect(),
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_certificate_is_kept_until_its_names_change_or_it_runs_out() {
        let parent = tempfile::tempdir().unwrap();
        let directory = Directory::open(parent.path()).unwrap();
        let made = |tls: &Tls, now: &str| {
            keep(tls, &directory, at(now)).unwrap();
            fs::read_to_string(directory.certificate()).unwrap()
        };
        let first = made(&tls(&[]), "2026-01-01T00:00:00Z");
        assert_eq!(first, made(&tls(&[]), "2026-06-01T00:00:00Z"));
        let named = made(&tls(&["crm.example.com"]), "2026-06-01T00:00:00Z");
        assert_ne!(first, named);
        assert_ne!(
            named,
            made(&tls(&["crm.example.com"]), "2029-01-01T00:00:00Z")
        );
    }

    #[tokio::test]
    async fn the_certificate_made_here_can_be_served_with() {
        let parent = tempfile::tempdir().unwrap();
        let directory = Directory::open(parent.path()).unwrap();
        let config = of(&tls(&["10.0.0.7"]), &directory, at("2026-01-01T00:00:00Z"))
            .await
            .unwrap();
        assert!(config.is_some());
    }
}
