//! The real binary as a child process, for what only that can show: signals, `kill -9`, two
//! processes on one data directory.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

/// How the line begins by which the binary says that it serves, followed by its addresses.
const READY: &str = "headwater is ready: ";

/// A running `headwater serve`. Killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    urls: Vec<String>,
    printed: String,
    log: Option<JoinHandle<String>>,
}

impl Process {
    /// Starts the binary and waits until it serves.
    ///
    /// # Panics
    /// When it ends before; with what it had to say.
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stderr = child.stderr.take().expect("standard error is piped");
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            // What is not text ends the reading; the test sees what came until then.
            let _ = BufReader::new(stderr).read_to_string(&mut text);
            text
        });
        let stdout = child.stdout.take().expect("standard output is piped");
        let mut printed = String::new();
        for line in BufReader::new(stdout).lines() {
            let line = line.expect("the binary prints text");
            printed.push_str(&line);
            printed.push('\n');
            if let Some(urls) = line.strip_prefix(READY) {
                let urls = urls.split_whitespace().map(str::to_owned).collect();
                return Self {
                    child,
                    urls,
                    printed,
                    log: Some(log),
                };
            }
        }
        let status = child.wait().expect("the binary ended");
        let log = log.join().unwrap_or_default();
        panic!("the binary ended before it was ready ({status}):\n{printed}{log}");
    }

    /// Where it serves, without a slash at the end. The first one.
    pub fn url(&self) -> &str {
        self.urls.first().map_or("", String::as_str)
    }

    /// Every address it serves at.
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// What it printed until it was ready.
    pub fn printed(&self) -> &str {
        &self.printed
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, as `kill -9` does: nothing of ours runs any more.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end (SIGTERM).
    ///
    /// # Panics
    /// When the signal cannot be sent.
    pub fn ask_to_end(&self) {
        let sent = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .expect("kill runs");
        assert!(sent.success(), "the signal reaches the process");
    }

    /// Asks it to end, if it has not been asked, and waits; gives its exit status and its log.
    ///
    /// # Panics
    /// When the signal cannot be sent.
    pub fn stop(mut self) -> (ExitStatus, String) {
        // One that has ended on its own is not there any more to be asked.
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            self.ask_to_end();
        }
        let status = self.child.wait().expect("the process ends");
        let log = self.log.take().map(JoinHandle::join);
        (status, log.and_then(Result::ok).unwrap_or_default())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
