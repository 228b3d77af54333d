//! A server with the demo org, and the windows that people open on it.

use std::process::Command;

use headwater_testbrowser::{Look, Window, is_to_be_had};
use headwater_testkit::Process;

use crate::client::Client;

pub(crate) const ADMIN: &str = "admin@headwater.example";
pub(crate) const AGENT: &str = "agent@headwater.example";
pub(crate) const VIEWER: &str = "viewer@headwater.example";

/// The demo's password in these tests.
pub(crate) const PASSWORD: &str = "correct horse 1";

/// A running server with a demo org of its own.
pub(crate) struct Stage {
    server: Option<Process>,
    pub(crate) url: String,
    /// An administrator at the API.
    pub(crate) admin: Client,
    _directory: tempfile::TempDir,
}

impl Stage {
    /// Sets it up; none where there is no browser to look at it.
    pub(crate) fn demo() -> Option<Self> {
        if !is_to_be_had() {
            return None;
        }
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HEADWATER_") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(directory.path())
            .env("HEADWATER_PASSWORDS__HASH_MEMORY_KIB", "8")
            .env("HEADWATER_PASSWORDS__HASH_PASSES", "1")
            .env("HEADWATER_DEMO_PASSWORD", PASSWORD)
            .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(directory.path().join("data"));
        let server = Process::start(&mut command);
        let url = server.url().to_owned();
        Some(Self {
            admin: Client::log_in(&url, ADMIN),
            url,
            server: Some(server),
            _directory: directory,
        })
    }

    /// A window of somebody who is not signed in.
    pub(crate) fn stranger(&self, look: Look) -> Window {
        Window::open(&self.url, look).unwrap()
    }

    /// A window of somebody who has signed in.
    #[track_caller]
    pub(crate) fn window(&self, username: &str, look: Look) -> Window {
        let window = self.stranger(look);
        window.go("/login");
        window.fill("Username", username);
        window.fill("Password", PASSWORD);
        window.click("Sign in");
        window.sees("All open");
        window
    }

    /// The sessions of somebody, newest first.
    #[track_caller]
    pub(crate) fn sessions_of(&self, name: &str) -> Vec<String> {
        let soql = format!(
            "SELECT Id FROM MessagingSession WHERE MessagingEndUser.Name = '{name}' \
             ORDER BY StartTime DESC"
        );
        let rows = self.admin.query(&soql);
        let ids = rows
            .iter()
            .map(|row| row["Id"].as_str().unwrap().to_owned());
        ids.collect()
    }

    /// The page of the newest session of Jordan Avery, who is linked to the wrong account.
    #[track_caller]
    pub(crate) fn session(&self) -> String {
        session_page(&self.sessions_of("Jordan Avery")[0])
    }
}

impl Drop for Stage {
    /// Ends the server, which has to have had no trouble.
    fn drop(&mut self) {
        let Some(server) = self.server.take() else {
            return;
        };
        let (status, log) = server.stop();
        if std::thread::panicking() {
            return;
        }
        assert!(status.success(), "the server ends well: {status}\n{log}");
        let mut lines = log.lines();
        let trouble = lines.find(|line| line.contains("ERROR") || line.contains("WARN"));
        assert_eq!(trouble, None, "{log}");
    }
}

/// The path of a session's page.
pub(crate) fn session_page(id: &str) -> String {
    format!("/r/MessagingSession/{id}")
}
