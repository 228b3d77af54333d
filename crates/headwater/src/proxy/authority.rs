//! The authority that signs for Salesforce's names on this machine.
//!
//! Its key lies in the data directory, readable by its owner only. It is constrained to names below
//! `salesforce.com`, so that whoever trusts it trusts it for nothing else, and it never leaves
//! programs that are told to trust its file.

use std::fs;
use std::io;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

use crate::directory::{Directory, write_private};
use crate::failure::{Context as _, Outcome};
use crate::server::certificate::lasting;

/// The names it may sign for: this one and those below it.
const CONSTRAINED_TO: &str = "salesforce.com";

/// Days it lasts, and each certificate it signs.
const DAYS_VALID: i64 = 800;

/// One with fewer days left is replaced at start.
const DAYS_LEFT_MIN: i64 = 30;

/// How the line begins, before the certificate in its file, that says until when it is good.
const UNTIL: &str = "# until: ";

/// The authority, with its key.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// The key of what it signs, in memory only.
    key: KeyPair,
    today: Date,
    until: Date,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority")
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

impl Authority {
    /// The authority of a data directory, made if there is none that lasts.
    ///
    /// # Errors
    /// When its files cannot be read or written.
    pub fn open(directory: &Directory, now: Timestamp) -> Outcome<Self> {
        let _turn = directory.turn()?;
        let today = now.to_zoned(TimeZone::UTC).date();
        let (key, until) = match kept(directory, today) {
            Some(kept) => kept,
            None => made(directory, today)?,
        };
        let parameters = parameters(today, until).doing("cannot use the authority")?;
        Ok(Self {
            issuer: Issuer::new(parameters, key),
            key: KeyPair::generate().doing("cannot make a key")?,
            today,
            until,
        })
    }

    /// How to be taken for a host.
    pub(super) fn stand_in_for(&self, host: &str) -> io::Result<ServerConfig> {
        let mut parameters =
            CertificateParams::new(vec![host.to_owned()]).map_err(io::Error::other)?;
        parameters.distinguished_name = DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, host);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.use_authority_key_identifier_extension = true;
        lasting(&mut parameters, self.today, self.until);
        let certificate = parameters
            .signed_by(&self.key, &self.issuer)
            .map_err(io::Error::other)?;
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).map_err(io::Error::other)?;
        let mut configuration = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .map_err(io::Error::other)?;
        // The bytes go on as they are, and the server is asked for this protocol only.
        configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(configuration)
    }
}

/// The key and the last day of the authority that is there, if it lasts.
fn kept(directory: &Directory, today: Date) -> Option<(KeyPair, Date)> {
    let certificate = fs::read_to_string(directory.proxy_authority()).ok()?;
    let until = certificate
        .lines()
        .find_map(|line| line.strip_prefix(UNTIL))?;
    let until: Date = until.parse().ok()?;
    let key = fs::read_to_string(directory.proxy_authority_key()).ok()?;
    let key = KeyPair::from_pem(&key).ok()?;
    (today.saturating_add(DAYS_LEFT_MIN.days()) < until).then_some((key, until))
}

fn made(directory: &Directory, today: Date) -> Outcome<(KeyPair, Date)> {
    let until = today.saturating_add(DAYS_VALID.days());
    let key = KeyPair::generate().doing("cannot make a key")?;
    let certificate = parameters(today, until)
        .and_then(|parameters| parameters.self_signed(&key))
        .doing("cannot make an authority")?;
    let content = format!("{UNTIL}{until}\n{}", certificate.pem());
    for (path, content) in [
        (directory.proxy_authority_key(), key.serialize_pem()),
        (directory.proxy_authority(), content),
    ] {
        let writing = format!("cannot write {}", path.display());
        write_private(&path, &content).doing(writing)?;
    }
    Ok((key, until))
}

/// What the authority's certificate says, but for its key.
fn parameters(from: Date, until: Date) -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new(Vec::new())?;
    let mut name = DistinguishedName::new();
    let common = format!("Headwater proxy, for {CONSTRAINED_TO} only");
    name.push(DnType::CommonName, common);
    name.push(DnType::OrganizationName, "Headwater, made on this machine");
    parameters.distinguished_name = name;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName(CONSTRAINED_TO.to_owned())],
        excluded_subtrees: Vec::new(),
    });
    lasting(&mut parameters, from, until);
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use headwater_records::{Clock as _, SystemClock};
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Whether a client that trusts the authority takes it for a host.
    fn is_taken_for(host: &str) -> bool {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let parent = tempfile::tempdir().unwrap();
        let directory = Directory::open(parent.path()).unwrap();
        let authority = Authority::open(&directory, SystemClock.now()).unwrap();
        let mut trusted = rustls::RootCertStore::empty();
        let file = CertificateDer::from_pem_file(directory.proxy_authority());
        trusted.add(file.unwrap()).unwrap();
        let client = rustls::ClientConfig::builder()
            .with_root_certificates(trusted)
            .with_no_client_auth();
        let name = host.to_owned().try_into().unwrap();
        let mut client = rustls::ClientConnection::new(Arc::new(client), name).unwrap();
        let server = Arc::new(authority.stand_in_for(host).unwrap());
        let mut server = rustls::ServerConnection::new(server).unwrap();
        let mut bytes = Vec::new();
        while client.is_handshaking() {
            client.write_tls(&mut bytes).unwrap();
            server.read_tls(&mut &*bytes).unwrap();
            server.process_new_packets().unwrap();
            bytes.clear();
            server.write_tls(&mut bytes).unwrap();
            client.read_tls(&mut &*bytes).unwrap();
            bytes.clear();
            if client.process_new_packets().is_err() {
                return false;
            }
        }
        true
    }

    #[test]
    fn whoever_trusts_it_trusts_it_for_salesforces_names_alone() {
        assert!(is_taken_for("login.salesforce.com"));
        assert!(is_taken_for("acme.my.salesforce.com"));
        assert!(!is_taken_for("example.com"));
        assert!(!is_taken_for("notsalesforce.com"));
    }

    #[test]
    fn it_is_kept_until_it_runs_out_and_its_key_is_its_owners() {
        let parent = tempfile::tempdir().unwrap();
        let directory = Directory::open(parent.path()).unwrap();
        let made = |now: &str| {
            Authority::open(&directory, at(now)).unwrap();
            fs::read_to_string(directory.proxy_authority()).unwrap()
        };
        let first = made("2026-01-01T00:00:00Z");
        assert_eq!(first, made("2026-06-01T00:00:00Z"));
        assert_ne!(first, made("2029-01-01T00:00:00Z"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let key = fs::metadata(directory.proxy_authority_key()).unwrap();
            assert_eq!(key.permissions().mode() & 0o777, 0o600);
        }
    }
}
