//! Describes as bytes, kept per rights, so that a client that describes every object one by one
//! costs little.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use headwater_records::{Caller, Rights};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::call::Version;
use crate::error::Failure;

/// Most bytes kept. All are forgotten then: rights of users who have gone would pile up otherwise.
const KEPT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A describe, written out.
pub(crate) struct Described {
    pub(crate) body: Bytes,
    /// The `ETag`, with its quotes: differs when the bytes differ.
    pub(crate) tag: String,
    pub(crate) last_changed: Timestamp,
    /// Whose rights it was made under. Holding this keeps the address from being used again.
    rights: Weak<Rights>,
}

/// What was described so far.
#[derive(Default)]
pub(crate) struct DescribeCache {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    described: HashMap<Key, Arc<Described>>,
    bytes: usize,
}

/// The rights' address, the version, and the object's name in lower case; empty for all objects.
type Key = (usize, Version, String);

impl DescribeCache {
    /// The describe under these rights, made if it is not there.
    pub(crate) fn get(
        &self,
        caller: &Caller,
        version: Version,
        object: &str,
        make: impl FnOnce() -> Result<(Value, Timestamp), Failure>,
    ) -> Result<Arc<Described>, Failure> {
        let address = Arc::as_ptr(&caller.rights).addr();
        let key = (address, version, object.to_owned());
        if let Some(known) = self.lock().described.get(&key)
            && Weak::as_ptr(&known.rights) == Arc::as_ptr(&caller.rights)
        {
            return Ok(Arc::clone(known));
        }
        let (body, last_changed) = make()?;
        let body = Bytes::from(body.to_string());
        let described = Arc::new(Described {
            tag: tag(&body),
            body,
            last_changed,
            rights: Arc::downgrade(&caller.rights),
        });
        self.lock().put(key, Arc::clone(&described));
        Ok(described)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn put(&mut self, key: Key, described: Arc<Described>) {
        self.bytes += described.body.len();
        if self.bytes > KEPT_BYTES_MAX {
            self.described.clear();
            self.bytes = described.body.len();
        }
        self.described.insert(key, described);
    }
}

fn tag(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let mut tag = String::from("\"");
    for byte in &digest[..12] {
        // Writing to a String cannot fail.
        let _ = std::fmt::Write::write_fmt(&mut tag, format_args!("{byte:02x}"));
    }
    tag.push('"');
    tag
}
