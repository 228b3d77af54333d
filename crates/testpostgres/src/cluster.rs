//! A cluster that lives as long as the test process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How the supervisor begins the line that says where the socket lies.
const READY: &str = "ready ";

/// A running cluster. Its supervisor ends it when the pipe in `_supervisor` is closed, which the
/// system does when this process ends, whatever ends it.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// The directory that its socket lies in.
    pub(crate) socket_directory: String,
    _supervisor: Child,
}

impl Cluster {
    /// Makes one with the programs in this directory, and waits until it takes connections.
    ///
    /// # Errors
    /// What the programs had to say.
    pub(crate) fn start(programs: &Path) -> Result<Self, String> {
        let mut command = Command::new("sh");
        command
            .args(["-c", include_str!("supervise.sh"), "supervise"])
            .arg(programs)
            // The other user may have no business where the tests run.
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C is for the tests; the supervisor has to clean up after them.
            .process_group(0);
        if rustix::process::geteuid().is_root() {
            // PostgreSQL refuses to run as root.
            let (user, group) = unprivileged()?;
            command.uid(user).gid(group);
        }
        let mut supervisor = command
            .spawn()
            .map_err(|error| format!("cannot run sh: {error}"))?;
        let stdout = supervisor.stdout.take().expect("standard output is piped");
        let mut stdout = BufReader::new(stdout);
        let mut said = String::new();
        let heard = stdout.read_line(&mut said);
        if let (Ok(_), Some(directory)) = (&heard, said.strip_prefix(READY)) {
            return Ok(Self {
                socket_directory: directory.trim_end().to_owned(),
                _supervisor: supervisor,
            });
        }
        // What cannot be read is missing from the message, and no more.
        let _ = stdout.read_to_string(&mut said);
        let _ = supervisor.wait();
        Err(format!(
            "the programs in {} made no cluster: {}",
            programs.display(),
            said.trim_end()
        ))
    }
}

/// Where `initdb` and the other programs lie: what PATH leads to, or else the newest of Debian's.
pub(crate) fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // A link leads to where the others are too.
    let mut links = std::env::split_paths(&path).map(|directory| directory.join("initdb"));
    let on_path = links.find_map(|link| Some(link.canonicalize().ok()?.parent()?.to_owned()));
    on_path.or_else(newest_of_debian)
}

fn newest_of_debian() -> Option<PathBuf> {
    let releases = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let releases = releases.filter_map(|entry| {
        let entry = entry.ok()?;
        let release: u32 = entry.file_name().to_str()?.parse().ok()?;
        let programs = entry.path().join("bin");
        let has_initdb = programs.join("initdb").exists();
        has_initdb.then_some((release, programs))
    });
    let (_, programs) = releases.max()?;
    Some(programs)
}

/// User and group of somebody who is not root.
pub(crate) fn unprivileged() -> Result<(u32, u32), String> {
    let number = |option: &str, name: &str| -> Option<u32> {
        let output = Command::new("id").args([option, name]).output().ok()?;
        std::str::from_utf8(&output.stdout)
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| Some((number("-u", name)?, number("-g", name)?)))
        .ok_or_else(|| {
            "PostgreSQL does not run as root, and there is no user postgres or nobody to run it as"
                .to_owned()
        })
}
