//! A copy of the database as it is at one moment.

use std::path::PathBuf;

use headwater_records::Org;
use headwater_store::StoreError;
use serde::{Deserialize, Serialize};

use crate::failure::{Context as _, Failure, Outcome};

/// A copy that was made and checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BackedUp {
    /// Where it is.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
}

/// Copies the database to a file that is not there yet, and checks the copy.
pub(super) async fn copy(org: &Org, file: PathBuf) -> Outcome<BackedUp> {
    if file.exists() {
        return Err(Failure::refused(format!(
            "{} is there already; a backup does not overwrite",
            file.display()
        )));
    }
    let store = org.store().clone();
    let to = file.clone();
    let copied = tokio::task::spawn_blocking(move || store.backup(&to, |_, _| {})).await;
    let copied = copied.doing("the backup broke off")?;
    if let Err(error @ StoreError::NoBackup) = copied {
        return Err(Failure::refused(error.to_string()));
    }
    copied.doing(format_args!("cannot back up to {}", file.display()))?;
    let bytes = std::fs::metadata(&file)
        .doing(format_args!("cannot read {}", file.display()))?
        .len();
    Ok(BackedUp { file, bytes })
}
