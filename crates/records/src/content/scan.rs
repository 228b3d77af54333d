//! Files are looked at for viruses before they are kept, where the org was given somebody who does.
//!
//! Every file passes here, whichever door it came in by, for there is one place alone where bytes are
//! kept ([`Org::keep_contents`]). What could not be looked at is not kept: no door is open because the
//! scanner is away.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use headwater_catalogue::{Field, Object};

use crate::change::ValidChange;
use crate::error::{Error, Problem};
use crate::org::Org;

/// What a scanner has found in some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// Nothing that it knows.
    Clean,
    /// Something, with the name that the scanner gives it.
    Infected(String),
}

/// Bytes were not looked at: the scanner is away, too slow or broken. For the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotScanned(pub String);

/// A future that a [`FileScanner`] gives.
pub type Scanning<'a> = Pin<Box<dyn Future<Output = Result<Scanned, NotScanned>> + Send + 'a>>;

/// Looks for viruses in files.
pub trait FileScanner: Debug + Send + Sync {
    /// Most bytes that it looks at. A file that has more is refused.
    fn bytes_max(&self) -> usize;

    /// Looks at all the bytes of a file. Ends in bounded time.
    ///
    /// # Errors
    /// When they were not looked at. To try again later is right.
    fn scan<'a>(&'a self, bytes: &'a [u8]) -> Scanning<'a>;
}

impl Org {
    /// Has files looked at before they are kept. Those that are kept already are not. Can be said once.
    pub fn scan_files_with(&self, scanner: Arc<dyn FileScanner>) {
        let known = self.file_scanner_cell().set(scanner);
        debug_assert!(known.is_ok(), "who looks at files is said once");
    }

    /// Looks at the files of a change, if anybody does.
    pub(super) async fn scan(&self, object: &Object, change: &ValidChange) -> Result<(), Error> {
        let Some(scanner) = self.file_scanner_cell().get() else {
            return Ok(());
        };
        for (place, bytes) in &change.contents {
            scan(&**scanner, object, &object.fields[*place], bytes).await?;
        }
        Ok(())
    }
}

async fn scan(
    scanner: &dyn FileScanner,
    object: &Object,
    field: &Field,
    bytes: &[u8],
) -> Result<(), Error> {
    if bytes.is_empty() {
        return Ok(());
    }
    let (name, label) = (field.name.clone(), field.label.clone());
    let max = scanner.bytes_max();
    if bytes.len() > max {
        return Err(Error::Invalid(vec![Problem::TooLarge {
            field: name,
            label,
            max,
        }]));
    }
    let object = &object.name;
    match scanner.scan(bytes).await {
        Ok(Scanned::Clean) => Ok(()),
        Ok(Scanned::Infected(found)) => {
            tracing::warn!(%object, field = %name, found, "an infected file was refused");
            Err(Error::Invalid(vec![Problem::Infected {
                field: name,
                label,
                found,
            }]))
        }
        Err(error) => {
            tracing::error!(%object, %error, "a file was refused, for it could not be scanned for viruses");
            Err(Error::FilesNotScanned)
        }
    }
}
