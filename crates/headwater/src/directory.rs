//! The data directory: what lies where in it, who may read it, and the lock that keeps a second
//! process out.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind, Outcome};

/// The name of the SQLite database.
pub(crate) const DATABASE: &str = "headwater.db";

/// A data directory.
#[derive(Debug, Clone)]
pub struct Directory {
    path: PathBuf,
}

impl Directory {
    /// The directory at this path, made when it is not there, for its owner alone.
    ///
    /// # Errors
    /// When it cannot be made, or is no directory.
    pub fn open(path: &Path) -> Outcome<Self> {
        let cannot = |error: std::io::Error| {
            Failure::broken(format!(
                "the data directory {} cannot be used: {error}",
                path.display()
            ))
        };
        if !path.is_dir() {
            make(path).map_err(cannot)?;
        }
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The certificate made here.
    pub fn certificate(&self) -> PathBuf {
        self.path.join("tls-certificate.pem")
    }

    /// The private key of the certificate made here.
    pub fn key(&self) -> PathBuf {
        self.path.join("tls-key.pem")
    }

    /// The certificate of the proxy's authority, for programs to trust.
    pub fn proxy_authority(&self) -> PathBuf {
        self.path.join("proxy-authority.pem")
    }

    /// The private key of the proxy's authority.
    pub fn proxy_authority_key(&self) -> PathBuf {
        self.path.join("proxy-authority-key.pem")
    }

    /// Where the running server takes commands.
    pub fn control(&self) -> PathBuf {
        self.path.join("control.sock")
    }

    /// The lock.
    pub fn lock_file(&self) -> PathBuf {
        self.path.join("lock")
    }

    /// Waits until no other process makes files here, and keeps them waiting until it is dropped.
    ///
    /// # Errors
    /// When the file system has no locks.
    pub fn turn(&self) -> Outcome<Lock> {
        let path = self.path.join("turn");
        let taken = private(OpenOptions::new().write(true).create(true).truncate(true))
            .open(&path)
            .and_then(|file| file.lock().map(|()| file));
        taken
            .map(|file| Lock { _file: file })
            .map_err(|error| Failure::broken(format!("{} cannot be used: {error}", path.display())))
    }

    /// Takes the directory for this process until the lock is dropped. The system gives it up when
    /// the process ends, however that happens, so there is no stale lock to clear by hand.
    ///
    /// # Errors
    /// With the kind [`Kind::InUse`] when another process has it.
    pub fn lock(&self) -> Outcome<Lock> {
        let path = self.lock_file();
        let broken = |error: std::io::Error| {
            Failure::broken(format!("{} cannot be used: {error}", path.display()))
        };
        let mut file = private(OpenOptions::new().read(true).write(true).create(true))
            .open(&path)
            .map_err(broken)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(self.in_use(&mut file)),
            Err(TryLockError::Error(error)) => return Err(broken(error)),
        }
        file.set_len(0).map_err(broken)?;
        write!(file, "{}", std::process::id()).map_err(broken)?;
        Ok(Lock { _file: file })
    }

    fn in_use(&self, file: &mut File) -> Failure {
        let mut holder = String::new();
        let _ = file.rewind();
        let _ = file.read_to_string(&mut holder);
        let holder = match holder.trim() {
            "" => "another process".to_owned(),
            process => format!("process {process}"),
        };
        Failure::new(
            Kind::InUse,
            format!(
                "the data directory {} is in use by {holder}; stop it, or name another directory \
                 with --data",
                self.path.display()
            ),
        )
    }
}

/// Holds the data directory for this process.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Writes a file that only its owner reads, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(path: &Path, content: &str) -> std::io::Result<()> {
    let half = path.with_extension("part");
    let _ = fs::remove_file(&half);
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(&half)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    fs::rename(&half, path)
}

#[cfg(unix)]
fn make(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

#[cfg(not(unix))]
fn make(path: &Path) -> std::io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_told_who_the_first_is() {
        let parent = tempfile::tempdir().unwrap();
        let directory = Directory::open(&parent.path().join("data")).unwrap();
        let held = directory.lock().unwrap();
        let failure = directory.lock().unwrap_err();
        assert_eq!(failure.kind(), Kind::InUse);
        let message = failure.to_string();
        assert!(
            message.contains(&std::process::id().to_string()),
            "{message}"
        );
        drop(held);
        directory.lock().unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_is_made_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let directory = Directory::open(&parent.path().join("deep/data")).unwrap();
        write_private(&directory.key(), "secret").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(directory.path()), 0o700);
        assert_eq!(mode(&directory.key()), 0o600);
        assert_eq!(fs::read_to_string(directory.key()).unwrap(), "secret");
    }
}
