//! What routing begins with: messaging sessions as a sort of work, a status to get some and one for being
//! away, and how much everybody gets at once. No queue is routed before somebody says so.

use headwater_catalogue::objects::{presence_user_config, service_channel};
use headwater_store::Store;

use super::Seed;
use crate::error::Error;
use crate::selection::Selection;

/// Whether a database has all of it; those of earlier versions do not.
pub(super) fn is_there(store: &Store) -> Result<bool, Error> {
    let channels = Selection::of(&store.catalogue(), "ServiceChannel")?
        .limit(1)
        .rows_blocking(store)?;
    Ok(!channels.is_empty())
}

pub(super) fn fill(seed: &mut Seed<'_>) -> Result<(), Error> {
    let messaging = seed.insert(
        "ServiceChannel",
        vec![
            ("DeveloperName", service_channel::MESSAGING.into()),
            ("Language", "en_US".into()),
            ("MasterLabel", "Messaging".into()),
            ("RelatedEntity", "MessagingSession".into()),
        ],
    )?;
    let available = status(seed, "Available")?;
    status(seed, "Busy")?;
    seed.insert(
        "ServiceChannelStatus",
        vec![
            ("ServiceChannelId", messaging.into()),
            ("ServicePresenceStatusId", available.into()),
        ],
    )?;
    seed.insert(
        "PresenceUserConfig",
        vec![
            ("DeveloperName", presence_user_config::DEFAULT.into()),
            ("Language", "en_US".into()),
            ("MasterLabel", "Default Presence Configuration".into()),
            ("Capacity", 5_i64.into()),
            ("OptionsIsDeclineEnabled", true.into()),
            ("OptionsIsRequestSoundEnabled", true.into()),
        ],
    )?;
    Ok(())
}

fn status(seed: &mut Seed<'_>, name: &str) -> Result<headwater_catalogue::Id, Error> {
    seed.insert(
        "ServicePresenceStatus",
        vec![
            ("DeveloperName", name.into()),
            ("Language", "en_US".into()),
            ("MasterLabel", name.into()),
        ],
    )
}
