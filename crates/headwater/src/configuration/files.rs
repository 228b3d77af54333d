//! `[files]`: where the bytes of files are kept.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use figment::value::Dict;
use serde::Deserialize;

use super::check;

/// `[files]`.
#[derive(Clone, Deserialize)]
pub struct Files {
    /// Where those of new files are put.
    pub store: FileStore,
    /// The directory. None: one in the data directory.
    #[serde(deserialize_with = "check::optional")]
    pub directory: Option<PathBuf>,
    /// The bucket.
    #[serde(deserialize_with = "check::optional")]
    pub bucket: Option<String>,
    /// What names in it begin with.
    pub prefix: String,
    /// Its region. None: what the environment says.
    #[serde(deserialize_with = "check::optional")]
    pub region: Option<String>,
    /// Where another server than Amazon's is.
    #[serde(deserialize_with = "check::optional")]
    pub endpoint: Option<String>,
    /// Who asks. None: what the environment says, as Amazon's tools have it.
    #[serde(deserialize_with = "check::optional")]
    pub access_key_id: Option<String>,
    /// Their secret.
    #[serde(deserialize_with = "check::optional")]
    pub secret_access_key: Option<String>,
    /// Who looks at files for viruses.
    pub scanner: Scanner,
    /// Where they are.
    #[serde(deserialize_with = "check::optional")]
    pub scanner_address: Option<ScannerAddress>,
    /// How long they may take for one file.
    pub scanner_seconds_max: u64,
    /// How many bytes they look at.
    pub scanner_bytes_max: usize,
}

/// Without the keys.
impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files")
            .field("store", &self.store)
            .field("directory", &self.directory)
            .field("bucket", &self.bucket)
            .field("prefix", &self.prefix)
            .field("scanner", &self.scanner)
            .finish_non_exhaustive()
    }
}

/// Where the bytes of files are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileStore {
    /// With their records.
    Database,
    /// On a disk that all nodes reach, if there are several.
    Directory,
    /// In a bucket of Amazon's S3, or of what speaks like it.
    S3,
}

/// Who looks at files for viruses before they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scanner {
    /// Nobody.
    None,
    /// ClamAV's daemon.
    Clamd,
}

/// Where a scanner is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScannerAddress {
    /// At a host and a port.
    Tcp(String),
    /// At a socket of this machine.
    Unix(PathBuf),
}

impl FromStr for ScannerAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(address) = text.strip_prefix("tcp://")
            && let Some((host, port)) = address.rsplit_once(':')
            && !host.is_empty()
            && !address.contains(['/', '@', ' '])
            && port.parse::<u16>().is_ok_and(|port| port > 0)
        {
            return Ok(Self::Tcp(address.to_owned()));
        }
        let path = text.strip_prefix("unix:").map(|path| {
            let path = path.strip_prefix("//").unwrap_or(path);
            PathBuf::from(path)
        });
        match path {
            Some(path) if cfg!(unix) && path.is_absolute() => Ok(Self::Unix(path)),
            _ => Err(format!(
                "must look like tcp://127.0.0.1:3310 or unix:/run/clamav/clamd.ctl, not {text:?}"
            )),
        }
    }
}

impl fmt::Display for ScannerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "tcp://{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// What one value must be beyond being a text. What is wrong with a key is not repeated.
pub(super) fn problem(name: &str, text: &str) -> Option<String> {
    match name {
        "files.store" if !["database", "directory", "s3"].contains(&text) => Some(format!(
            "{name} must be database, directory or s3, not {text:?}"
        )),
        "files.scanner" if !["none", "clamd"].contains(&text) => {
            Some(format!("{name} must be none or clamd, not {text:?}"))
        }
        "files.scanner_address" if !text.is_empty() => text
            .parse::<ScannerAddress>()
            .err()
            .map(|problem| format!("{name} {problem}")),
        "files.endpoint" if text.contains('@') => Some(format!(
            "{name} must not hold a name or password: see files.access_key_id"
        )),
        "files.bucket" if text.contains(['/', ':', ' ']) => Some(format!(
            "{name} must be the bucket's name alone, not {text:?}: the rest goes into files.prefix, \
             files.endpoint and files.region"
        )),
        _ => None,
    }
}

/// What single values cannot show.
pub(super) fn inconsistencies(files: &Dict) -> Vec<String> {
    let is_given = |key: &str| {
        let text = files.get(key).and_then(|value| value.as_str());
        text.is_some_and(|text| !text.is_empty())
    };
    let mut problems = Vec::new();
    let store = files.get("store").and_then(|value| value.as_str());
    if store == Some("s3") && !is_given("bucket") {
        problems.push("files.store = \"s3\" needs files.bucket".to_owned());
    }
    let scanner = files.get("scanner").and_then(|value| value.as_str());
    if scanner == Some("clamd") && !is_given("scanner_address") {
        problems.push("files.scanner = \"clamd\" needs files.scanner_address".to_owned());
    }
    if is_given("access_key_id") != is_given("secret_access_key") {
        problems.push(
            "files.access_key_id and files.secret_access_key must be given together".to_owned(),
        );
    }
    problems
}
