//! What we call our messages to a partner's service: a UUID, as its schema wants.

use headwater_catalogue::Id;
use headwater_messaging::Entry;
use sha2::{Digest as _, Sha256};

/// The name of an entry, the same whenever it is asked for.
pub(super) fn of_entry(entry: Id) -> String {
    let digest = Sha256::digest(format!("entry {entry}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// The name of a routing, by the session's place in line.
pub(super) fn of_routing(pending: Id) -> String {
    of_entry(pending)
}

/// The entry of ours that a service names, by the name it was told or by its record.
pub(super) fn named<'e>(entries: &'e [Entry], name: &str) -> Option<&'e Entry> {
    let is_it = |entry: &&Entry| {
        entry.speaker != "EndUser" && (entry.id.as_str() == name || of_entry(entry.id) == name)
    };
    entries.iter().find(is_it)
}
