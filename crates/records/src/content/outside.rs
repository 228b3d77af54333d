//! Bytes of files outside of the database: in a directory, or in a bucket that all nodes reach.
//!
//! They are there, for good, before their record is; the one line of the record's sheet then says what they
//! are called. A name is not given twice, so nothing is ever written over, whatever database was restored
//! meanwhile. Nobody removes bytes with their record: before they are put, and again in the transaction that
//! takes their line away, the store leaves work to look whether a line names them. So none goes before its
//! row, and none of a write that was refused, or of a node that ended, is left.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use headwater_store::Outside;
use jiff::SignedDuration;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};

use crate::error::Error;
use crate::org::Org;
use crate::work::Work;

/// How long after bytes were put it is looked whether a line names them: longer than any write takes that
/// is about to.
const LOOK_AFTER: SignedDuration = SignedDuration::from_hours(2);

/// How long whoever looks may take before another node does.
const LEASE: Duration = Duration::from_mins(5);

/// How long nobody looks for work when there was none.
const REST: Duration = Duration::from_secs(5);

/// When it is tried again to remove bytes that cannot be reached.
const RETRY: Duration = Duration::from_mins(10);

/// A place for the bytes of files beside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilePlace {
    /// A directory.
    Directory,
    /// A bucket.
    Bucket,
}

impl FilePlace {
    /// What names begin with of the bytes that lie there.
    const fn word(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Bucket => "bucket",
        }
    }
}

/// Where the bytes of files lie that are not in the database.
#[derive(Debug, Default)]
pub struct FilePlaces {
    /// A directory.
    pub directory: Option<Arc<dyn ObjectStore>>,
    /// A bucket.
    pub bucket: Option<Arc<dyn ObjectStore>>,
    /// Where those of new files are put. None: into the database.
    pub new: Option<FilePlace>,
}

impl FilePlaces {
    fn at(&self, place: FilePlace) -> Option<&dyn ObjectStore> {
        match place {
            FilePlace::Directory => self.directory.as_deref(),
            FilePlace::Bucket => self.bucket.as_deref(),
        }
    }

    /// Where bytes of this name lie, and the name that they have there.
    fn of(&self, name: &str) -> Option<(&dyn ObjectStore, Path)> {
        let (word, path) = name.split_once('/')?;
        let mut places = [FilePlace::Directory, FilePlace::Bucket].into_iter();
        let place = places.find(|place| place.word() == word)?;
        Some((self.at(place)?, Path::from(path)))
    }

    fn is_empty(&self) -> bool {
        self.directory.is_none() && self.bucket.is_none()
    }
}

impl Org {
    /// Says where bytes of files lie that are not in the database, and where those of new files are put.
    /// Those that are in the database stay, and are read from there. Can be said once.
    pub fn keep_files_in(&self, places: FilePlaces) {
        let known = self.file_places_cell().set(places);
        debug_assert!(known.is_ok(), "where files are kept is said once");
    }

    /// Puts the bytes of a sheet where those of new files go: what they are called there. None where they
    /// are kept in the database.
    pub(super) async fn put_outside(
        &self,
        sheet: i64,
        bytes: &Arc<[u8]>,
    ) -> Result<Option<Outside>, Error> {
        let places = self.file_places();
        let new = places.and_then(|places| Some((places, places.new?)));
        let Some((places, place)) = new else {
            return Ok(None);
        };
        let mut random = [0; 8];
        self.randomness().fill(&mut random);
        let random = format!("{:016x}", u64::from_be_bytes(random));
        // Directories with millions of files are slow to look into.
        let name = format!("{}/{}/{sheet}-{random}", place.word(), &random[..2]);
        let outside = Outside { sheet, name };
        let due = self.now().checked_add(LOOK_AFTER);
        let due = due.map_err(Error::internal)?;
        self.store().look_later(&outside, due).await?;
        let (store, path) = places.of(&outside.name).ok_or_else(|| nowhere(&outside))?;
        let payload = PutPayload::from(Bytes::from_owner(Arc::clone(bytes)));
        let put = store.put(&path, payload).await;
        put.map_err(|error| unreachable("written", &outside, &error))?;
        Ok(Some(outside))
    }

    /// Some of the bytes that lie outside. There are none before the first, and fewer only if some are lost.
    pub(super) async fn get_outside(
        &self,
        outside: &Outside,
        range: Range<u64>,
    ) -> Result<Bytes, Error> {
        let wanted = range.end - range.start;
        let places = self.file_places();
        let place = places.and_then(|places| places.of(&outside.name));
        let (store, path) = place.ok_or_else(|| nowhere(outside))?;
        match store.get_range(&path, range).await {
            Ok(bytes) if bytes.len() as u64 == wanted => Ok(bytes),
            Ok(bytes) => {
                let name = &outside.name;
                tracing::error!(name, wanted, got = bytes.len(), "a file is not whole");
                Err(Error::FileLost)
            }
            Err(error @ object_store::Error::NotFound { .. }) => {
                let name = &outside.name;
                tracing::error!(name, %error, "a file is not where it was put");
                Err(Error::FileLost)
            }
            Err(error) => Err(unreachable("read", outside, &error)),
        }
    }

    /// Does what work is due of looking after bytes outside: how many files no line named any more, so that
    /// their bytes were removed.
    ///
    /// # Errors
    /// The database's; [`Error::FilesUnreachable`] when bytes cannot be removed now. It is tried again.
    pub async fn tidy_files(&self) -> Result<u64, Error> {
        let mut removed = 0;
        while let Some(work) = self.claim_work(Outside::LOOK, LEASE).await? {
            match self.look_after(&work).await {
                Ok(was_loose) => {
                    self.work_done(&work).await?;
                    removed += u64::from(was_loose);
                }
                Err(error) => {
                    let due = self.now().checked_add(RETRY).map_err(Error::internal)?;
                    self.work_later(&work, &error.to_string(), due).await?;
                    return Err(error);
                }
            }
        }
        Ok(removed)
    }

    /// Removes bytes if no line names them: whether that was so.
    async fn look_after(&self, work: &Work) -> Result<bool, Error> {
        let Some(outside) = Outside::of_look(work) else {
            return Ok(false);
        };
        let lines = self.store().lines(outside.sheet, 0, 1).await?;
        if lines.first().and_then(Outside::of_line).as_ref() == Some(&outside) {
            return Ok(false);
        }
        let places = self.file_places();
        let place = places.and_then(|places| places.of(&outside.name));
        let (store, path) = place.ok_or_else(|| nowhere(&outside))?;
        match store.delete(&path).await {
            Ok(()) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(unreachable("removed", &outside, &error)),
        }
    }

    /// Tidies again and again: to be run beside the server as long as it serves. Ends when the store is
    /// closed, and at once where no files lie outside of the database.
    pub async fn keep_files(&self) {
        while self.file_places().is_some_and(|places| !places.is_empty()) {
            let rest = match self.tidy_files().await {
                Ok(0) => REST,
                Ok(files) => {
                    tracing::info!(files, "files that no record has any more were removed");
                    REST
                }
                Err(_) if self.store().is_closed() => return,
                Err(error) => {
                    tracing::warn!(%error, "files that no record has any more cannot be removed now");
                    RETRY
                }
            };
            tokio::time::sleep(rest).await;
            if self.store().is_closed() {
                return;
            }
        }
    }
}

/// The configuration does not say where these bytes lie.
fn nowhere(outside: &Outside) -> Error {
    let name = &outside.name;
    tracing::error!(
        name,
        "a file lies outside of the database, and [files] does not say where"
    );
    Error::FilesUnreachable
}

/// Where files are kept does not do what it should.
fn unreachable(done: &str, outside: &Outside, error: &object_store::Error) -> Error {
    let name = &outside.name;
    tracing::error!(name, %error, "a file cannot be {done} where files are kept");
    Error::FilesUnreachable
}
