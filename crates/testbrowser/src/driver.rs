//! The chromedriver of this process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use thirtyfour::Capabilities;

use crate::presence::programs;

/// How the supervisor begins the line that says where the driver listens.
const READY: &str = "ready ";

/// A running chromedriver. Its supervisor ends it when the pipe in `_supervisor` is closed, which
/// the system does when this process ends, whatever ends it.
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) url: String,
    /// Holds the profiles of its browsers.
    pub(crate) directory: PathBuf,
    /// The browser that it is to start.
    pub(crate) chromium: PathBuf,
    _supervisor: Child,
}

/// The driver of this process; the first who asks waits until it is there.
///
/// # Panics
/// When it does not start; each time.
pub(crate) fn driver() -> &'static Driver {
    static DRIVER: OnceLock<Result<Driver, String>> = OnceLock::new();
    match DRIVER.get_or_init(Driver::start) {
        Ok(driver) => driver,
        Err(problem) => panic!("no browser for the tests: {problem}"),
    }
}

impl Driver {
    fn start() -> Result<Self, String> {
        let programs = programs().ok_or("chromium or chromedriver is missing")?;
        let mut command = Command::new("sh");
        command
            .args(["-c", include_str!("supervise.sh"), "supervise"])
            .arg(&programs.chromedriver)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        // Ctrl-C is for the tests; the supervisor has to clean up after them.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut supervisor = command
            .spawn()
            .map_err(|error| format!("cannot run sh: {error}"))?;
        let stdout = supervisor.stdout.take().expect("standard output is piped");
        let mut stdout = BufReader::new(stdout);
        let mut said = String::new();
        let heard = stdout.read_line(&mut said);
        let place = said.strip_prefix(READY).map(str::trim_end);
        if let (Ok(_), Some((port, directory))) = (&heard, place.and_then(|at| at.split_once(' ')))
        {
            return Ok(Self {
                url: format!("http://127.0.0.1:{port}"),
                directory: PathBuf::from(directory),
                chromium: programs.chromium,
                _supervisor: supervisor,
            });
        }
        // What cannot be read is missing from the message, and no more.
        let _ = stdout.read_to_string(&mut said);
        let _ = supervisor.wait();
        Err(format!(
            "{} did not start: {}",
            programs.chromedriver.display(),
            said.trim_end()
        ))
    }

    /// What a browser with this profile is started with.
    pub(crate) fn capabilities(&self, profile: &Path) -> Capabilities {
        let profile = format!("--user-data-dir={}", profile.display());
        let mut arguments = vec![
            "--headless=new",
            &profile,
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-gpu",
            "--disable-quic",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-default-apps",
            "--disable-extensions",
            // A container's shared memory is small.
            "--disable-dev-shm-usage",
            // The same letters on every machine.
            "--lang=en-US",
            "--font-render-hinting=none",
            "--hide-scrollbars",
        ];
        if is_root() {
            // Chromium's sandbox does not work for root.
            arguments.push("--no-sandbox");
        }
        let all = json!({
            "browserName": "chrome",
            // Questions of the page are for the test to answer.
            "unhandledPromptBehavior": "ignore",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "binary": self.chromium, "args": arguments },
        });
        match all {
            Value::Object(map) => map.into(),
            _ => Capabilities::new(),
        }
    }
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
