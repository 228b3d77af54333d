//! The socket at which a running server takes tasks: one JSON line each way.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use headwater_records::Org;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

use super::{Answer, Task, administer};
use crate::directory::Directory;
use crate::failure::{Context as _, Failure, Kind, Outcome};

/// The longest task: a metadata project with all its files.
const TASK_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Until the next try when the system gives no connection.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, Serialize, Deserialize)]
enum Reply {
    Done(Box<Answer>),
    Failed { kind: u8, message: String },
}

/// Takes tasks until it is dropped.
#[derive(Debug)]
pub struct Control {
    path: std::path::PathBuf,
    listening: JoinHandle<()>,
}

impl Control {
    /// Listens in the data directory. A socket that a killed server left behind is taken over: the
    /// caller holds the directory's lock.
    ///
    /// # Errors
    /// When the system lets no socket be made there, as where the path is too long.
    pub fn listen(directory: &Directory, org: Org) -> std::io::Result<Self> {
        let path = directory.control();
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        keep_private(&path)?;
        let listening = tokio::spawn(async move {
            loop {
                let stream = match listener.accept().await {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        // Out of file descriptors, as a rule: others will be given back.
                        tracing::warn!(%error, "an administrator's command was not taken");
                        tokio::time::sleep(PAUSE).await;
                        continue;
                    }
                };
                let org = org.clone();
                tokio::spawn(async move {
                    if let Err(error) = answer(&org, stream).await {
                        tracing::warn!(%error, "an administrator's command was cut off");
                    }
                });
            }
        });
        Ok(Self { path, listening })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.listening.abort();
        let _ = std::fs::remove_file(&self.path);
    }
}

fn keep_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

async fn answer(org: &Org, stream: UnixStream) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    BufReader::new(read.take(TASK_BYTES_MAX))
        .read_line(&mut line)
        .await?;
    let done = match serde_json::from_str(&line) {
        Ok(task) => administer(org, task).await,
        Err(error) => Err(Failure::usage(format!(
            "this release of the command does not fit the server's: {error}"
        ))),
    };
    let reply = match done {
        Ok(answer) => Reply::Done(Box::new(answer)),
        Err(failure) => Reply::Failed {
            kind: failure.kind() as u8,
            message: failure.to_string(),
        },
    };
    let mut line = serde_json::to_vec(&reply)?;
    line.push(b'\n');
    write.write_all(&line).await?;
    write.shutdown().await
}

/// Asks the server of a data directory; none when no server runs on it.
pub(super) async fn ask(directory: &Path, task: &Task) -> Outcome<Option<Answer>> {
    let path = directory.join("control.sock");
    let stream = match UnixStream::connect(&path).await {
        Ok(stream) => stream,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Err(Failure::refused(format!(
                "{} belongs to another user of this machine",
                path.display()
            )));
        }
        // Nothing there, or nobody behind it.
        Err(_) => return Ok(None),
    };
    let broken = "the server broke off";
    let (read, mut write) = stream.into_split();
    let mut line = serde_json::to_vec(task).doing(broken)?;
    line.push(b'\n');
    write.write_all(&line).await.doing(broken)?;
    let mut line = String::new();
    BufReader::new(read)
        .read_line(&mut line)
        .await
        .doing(broken)?;
    match serde_json::from_str(&line).doing(broken)? {
        Reply::Done(answer) => Ok(Some(*answer)),
        Reply::Failed { kind, message } => Err(Failure::new(kind_of(kind), message)),
    }
}

fn kind_of(number: u8) -> Kind {
    const KINDS: [Kind; 7] = [
        Kind::Broken,
        Kind::Usage,
        Kind::Configuration,
        Kind::InUse,
        Kind::Refused,
        Kind::Unreachable,
        Kind::ProblemsFound,
    ];
    KINDS
        .into_iter()
        .find(|kind| *kind as u8 == number)
        .unwrap_or(Kind::Broken)
}
