//! ClamAV's daemon for tests, with a signature of its own, so that none has to be fetched.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The variable by which a missing daemon is a failure.
const DEMANDED: &str = "HEADWATER_DEMAND_CLAMD";

/// What it says when it listens.
const READY: &str = "Self checking every";

/// The file that every scanner is to find, and what the signature here calls it. What clamd finds by a
/// signature that is not ClamAV's has this ending.
pub(crate) const EICAR: &str =
    r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
pub(crate) const FOUND: &str = "Eicar-Test-Signature.UNOFFICIAL";

/// By the MD5 of the file, its length, and the name.
const SIGNATURE: &str = "44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature\n";

/// Most bytes that it takes.
pub(crate) const BYTES_MAX: usize = 1024 * 1024;

/// A running daemon. Ended when dropped.
pub(crate) struct Clamd {
    directory: TempDir,
    port: u16,
    running: Option<Child>,
}

impl Clamd {
    /// One that runs; none, with a word about it, where it is not installed. Or the test fails, if
    /// `HEADWATER_DEMAND_CLAMD` is 1.
    pub(crate) fn start(test: &str) -> Option<Self> {
        if program().is_none() {
            let demanded = std::env::var(DEMANDED).is_ok_and(|value| value == "1");
            let missing = "there is no clamd here (Debian: apt-get install clamav-daemon)";
            assert!(!demanded, "{DEMANDED} is 1, and {missing}");
            // Past the test harness, which keeps what a test prints to itself.
            let _ = writeln!(std::io::stderr(), "\nSKIPPED: {test}, for {missing}.\n");
            return None;
        }
        let directory = tempfile::tempdir().unwrap();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let signatures = directory.path().join("signatures");
        std::fs::create_dir(&signatures).unwrap();
        std::fs::write(signatures.join("test.hdb"), SIGNATURE).unwrap();
        let settings = format!(
            "Foreground yes\nLocalSocket {}\nTCPAddr 127.0.0.1\nTCPSocket {port}\n\
             DatabaseDirectory {}\nTemporaryDirectory {}\nStreamMaxLength {BYTES_MAX}\n",
            directory.path().join("socket").display(),
            signatures.display(),
            directory.path().display(),
        );
        std::fs::write(directory.path().join("clamd.conf"), settings).unwrap();
        let mut clamd = Self {
            directory,
            port,
            running: None,
        };
        clamd.go_on();
        Some(clamd)
    }

    /// Ends it.
    pub(crate) fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.kill().unwrap();
            running.wait().unwrap();
        }
        let _ = std::fs::remove_file(self.socket());
    }

    /// Has it run again.
    pub(crate) fn go_on(&mut self) {
        let log = self.directory.path().join("log");
        let mut command = Command::new(program().unwrap());
        command
            .arg("--config-file")
            .arg(self.directory.path().join("clamd.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap());
        let mut running = command.spawn().unwrap();
        let mut said = BufReader::new(running.stdout.take().unwrap()).lines();
        self.running = Some(running);
        let mut all = String::new();
        let is_ready = said.by_ref().map_while(Result::ok).any(|line| {
            all.push_str(&line);
            all.push('\n');
            line.contains(READY)
        });
        let warned = std::fs::read_to_string(&log).unwrap();
        assert!(is_ready, "clamd ended before it was ready:\n{all}{warned}");
        // Whoever says something to nobody is ended.
        std::thread::spawn(move || said.for_each(drop));
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("socket")
    }

    /// Its address at a socket of this machine.
    pub(crate) fn unix(&self) -> String {
        format!("unix:{}", self.socket().display())
    }

    /// Its address at a port.
    pub(crate) fn tcp(&self) -> String {
        format!("tcp://127.0.0.1:{}", self.port)
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            let _ = running.kill();
            let _ = running.wait();
        }
    }
}

/// Where it lies: what PATH leads to, or else where Debian puts it.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut directories: Vec<_> = std::env::split_paths(&path).collect();
    directories.push(Path::new("/usr/sbin").to_owned());
    let places = directories.iter().map(|directory| directory.join("clamd"));
    places.into_iter().find(|place| place.is_file())
}
