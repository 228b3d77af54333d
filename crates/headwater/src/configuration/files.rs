//! `[files]`: where the bytes of files are kept.

use std::fmt;
use std::path::PathBuf;

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
}

/// Without the keys.
impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files")
            .field("store", &self.store)
            .field("directory", &self.directory)
            .field("bucket", &self.bucket)
            .field("prefix", &self.prefix)
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

/// What one value must be beyond being a text. What is wrong with a key is not repeated.
pub(super) fn problem(name: &str, text: &str) -> Option<String> {
    match name {
        "files.store" if !["database", "directory", "s3"].contains(&text) => Some(format!(
            "{name} must be database, directory or s3, not {text:?}"
        )),
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
    if is_given("access_key_id") != is_given("secret_access_key") {
        problems.push(
            "files.access_key_id and files.secret_access_key must be given together".to_owned(),
        );
    }
    problems
}
