//! Where the bytes of files are kept, as `[files]` says.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use headwater_records::{FilePlace, FilePlaces, Randomness as _, SystemRandomness};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::prefix::PrefixStore;
use object_store::{
    BackoffConfig, ClientConfigKey, ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig,
};

use crate::configuration::{Configuration, FileStore, Files};
use crate::directory::Directory;
use crate::failure::{Context as _, Failure, Kind, Outcome};

/// Within the data directory, unless another is named.
const DIRECTORY: &str = "files";

/// How long one request to a bucket may take: the largest file at five megabits a second.
const REQUEST_TIME_MAX: &str = "60 seconds";

/// How often a request to a bucket is repeated, and for how long: somebody waits.
const RETRIES_MAX: usize = 3;
const RETRY_TIME_MAX: std::time::Duration = std::time::Duration::from_secs(30);

/// Where files are that are not in the database, and where new ones are put. What lies where the
/// configuration used to say is found as long as it still says so.
///
/// # Errors
/// When a directory is not there or cannot be made, or what is said of a bucket makes no sense. A bucket
/// is not asked: see [`try_out`].
pub fn places(configuration: &Configuration) -> Outcome<FilePlaces> {
    let files = &configuration.files;
    Ok(FilePlaces {
        directory: directory(files, &configuration.data.directory)?,
        bucket: bucket(files)?,
        new: place_of_new(files),
    })
}

/// Where new files are put, in words; none if that is the database.
pub fn described(configuration: &Configuration) -> Option<String> {
    let files = &configuration.files;
    match place_of_new(files)? {
        FilePlace::Directory => {
            let path = path(files, &configuration.data.directory);
            Some(format!("in {}", path.display()))
        }
        FilePlace::Bucket => {
            let bucket = files.bucket.as_deref().unwrap_or_default();
            Some(format!("in the bucket {bucket}"))
        }
    }
}

/// Whether the directory for new files is there, if they go into the one that the first start makes.
pub fn is_made(configuration: &Configuration) -> bool {
    let files = &configuration.files;
    let is_own = files.store == FileStore::Directory && files.directory.is_none();
    !is_own || path(files, &configuration.data.directory).is_dir()
}

/// Puts, reads and removes a few bytes where new files are put, as their life will be.
///
/// # Errors
/// When one of these is not possible.
pub async fn try_out(places: &FilePlaces) -> Outcome {
    let store = match places.new {
        None => None,
        Some(FilePlace::Directory) => places.directory.as_ref(),
        Some(FilePlace::Bucket) => places.bucket.as_ref(),
    };
    let Some(store) = store else {
        return Ok(());
    };
    let mut random = [0; 8];
    SystemRandomness.fill(&mut random);
    let path = ObjectPath::from(format!("trial-{:016x}", u64::from_be_bytes(random)));
    let put = store.put(&path, PutPayload::from_static(&[7; 64])).await;
    put.doing("a file cannot be written there")?;
    let read = store.get_range(&path, 0..64).await;
    let removed = store.delete(&path).await;
    let read = read.doing("a file cannot be read there")?;
    removed.doing("a file cannot be removed there")?;
    if read[..] != [7; 64] {
        return Err(Failure::broken("a file does not hold what was written"));
    }
    Ok(())
}

fn place_of_new(files: &Files) -> Option<FilePlace> {
    match files.store {
        FileStore::Database => None,
        FileStore::Directory => Some(FilePlace::Directory),
        FileStore::S3 => Some(FilePlace::Bucket),
    }
}

fn path(files: &Files, data: &Path) -> PathBuf {
    let named = files.directory.clone();
    named.unwrap_or_else(|| data.join(DIRECTORY))
}

fn directory(files: &Files, data: &Path) -> Outcome<Option<Arc<dyn ObjectStore>>> {
    let path = path(files, data);
    if files.directory.is_some() {
        // Not made here: it may be a disk that is not mounted, and files would go under it.
        if !path.is_dir() {
            let path = path.display();
            let message = format!("files.directory {path} is not there: make it, or mount it");
            return Err(Failure::new(Kind::Configuration, message));
        }
    } else if files.store == FileStore::Directory {
        Directory::open(&path)?;
    } else if !path.is_dir() {
        return Ok(None);
    }
    let store = LocalFileSystem::new_with_prefix(&path);
    let store = store.doing(format_args!("files cannot be kept in {}", path.display()))?;
    // A file is on disk before its record is: no record may name one that is not there.
    Ok(Some(Arc::new(store.with_fsync(true))))
}

fn bucket(files: &Files) -> Outcome<Option<Arc<dyn ObjectStore>>> {
    let Some(bucket) = &files.bucket else {
        return Ok(None);
    };
    // Installed already where the server itself speaks TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let timeout = AmazonS3ConfigKey::Client(ClientConfigKey::Timeout);
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_config(timeout, REQUEST_TIME_MAX)
        .with_retry(RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: RETRIES_MAX,
            retry_timeout: RETRY_TIME_MAX,
        });
    if let Some(region) = &files.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &files.endpoint {
        let is_plain = endpoint.starts_with("http://");
        builder = builder.with_endpoint(endpoint).with_allow_http(is_plain);
    }
    if let (Some(id), Some(secret)) = (&files.access_key_id, &files.secret_access_key) {
        builder = builder
            .with_access_key_id(id)
            .with_secret_access_key(secret);
    }
    let store = builder
        .build()
        .map_err(|error| Failure::new(Kind::Configuration, format!("[files]: {error}")))?;
    Ok(Some(Arc::new(PrefixStore::new(
        store,
        files.prefix.as_str(),
    ))))
}
