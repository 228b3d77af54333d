//! Bytes of files outside of the database, in a directory of the test's own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use headwater_records::{FilePlace, FilePlaces, Org};
use object_store::local::LocalFileSystem;
use tempfile::TempDir;

/// A directory for the bytes of files, gone with this.
#[derive(Debug)]
pub struct FilesDirectory {
    directory: TempDir,
}

impl FilesDirectory {
    /// An empty one.
    ///
    /// # Panics
    /// When none can be made.
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        Self { directory }
    }

    /// Has an org keep the bytes of new files here.
    ///
    /// # Panics
    /// When the directory is gone.
    pub fn keep(&self, org: &Org) {
        self.say(org, Some(FilePlace::Directory));
    }

    /// Has an org keep the bytes of new files in its database, and read from here those that lie here.
    ///
    /// # Panics
    /// When the directory is gone.
    pub fn only_read(&self, org: &Org) {
        self.say(org, None);
    }

    fn say(&self, org: &Org, new: Option<FilePlace>) {
        let store = LocalFileSystem::new_with_prefix(self.path()).expect("a directory");
        let directory = Some(Arc::new(store.with_fsync(true)) as _);
        org.keep_files_in(FilePlaces {
            directory,
            bucket: None,
            new,
        });
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The files in it.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn files(&self) -> Vec<PathBuf> {
        let entries = |path: &Path| {
            let entries = std::fs::read_dir(path).expect("a directory is read");
            entries.map(|entry| entry.expect("an entry").path())
        };
        let parts = entries(self.path());
        parts.flat_map(|part| entries(&part)).collect()
    }
}

impl Default for FilesDirectory {
    fn default() -> Self {
        Self::new()
    }
}
