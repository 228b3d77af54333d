//! Which engine the tests of a process run on.
//!
//! A test does not say it. Its process runs on SQLite, and starts itself a second time to run
//! everything on PostgreSQL: so both run the very same tests, compiled and linked once.

use std::io::Write as _;
use std::process::Command;

use crate::server;

/// The variable that says which engine the tests of a process run on. Without it: on SQLite, and
/// [`run_again_on_postgres`] does the rest.
const CHOSEN: &str = "HEADWATER_TEST_ENGINE";

/// The variable by which a missing PostgreSQL is a failure.
const DEMANDED: &str = "HEADWATER_DEMAND_POSTGRES";

/// What the store keeps its tables in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Engine {
    /// The one that the tests of this process run on.
    ///
    /// # Panics
    /// When the variable names none.
    pub fn of_this_process() -> Self {
        chosen().unwrap_or(Self::Sqlite)
    }
}

fn chosen() -> Option<Engine> {
    match std::env::var(CHOSEN).as_deref() {
        Err(_) => None,
        Ok("sqlite") => Some(Engine::Sqlite),
        Ok("postgres") => Some(Engine::Postgres),
        Ok(other) => panic!("{CHOSEN} is {other:?}; it can be sqlite or postgres"),
    }
}

/// Runs every test of this binary once more, in a process of its own and on PostgreSQL. A test
/// binary whose tests have a database calls this in one test.
///
/// Without PostgreSQL it says which tests it skips, where nothing captures it; or it fails, if
/// `HEADWATER_DEMAND_POSTGRES` is 1. When the engine was chosen, there is nothing more to run.
///
/// # Panics
/// When a test fails, with all that the tests had to say.
pub fn run_again_on_postgres() {
    if chosen().is_some() {
        return;
    }
    if !server::is_to_be_had() {
        let demanded = std::env::var(DEMANDED).is_ok_and(|value| value == "1");
        assert!(!demanded, "{DEMANDED} is 1: {}", server::nothing_found());
        return skip();
    }
    let (passed, output) = run(&[]);
    let result = output.lines().rfind(|line| line.starts_with("test result"));
    assert!(passed, "on PostgreSQL:\n{output}");
    tell(&format!("on PostgreSQL: {}", result.unwrap_or(&output)));
}

/// Whether there is a PostgreSQL for a test that needs one. Without it the test ends here: it says
/// that it is skipped, where nothing captures it; or it fails, if `HEADWATER_DEMAND_POSTGRES` is 1.
///
/// # Panics
/// When there is none and one is demanded.
pub fn has_postgres(test: &str) -> bool {
    if server::is_to_be_had() {
        return true;
    }
    let demanded = std::env::var(DEMANDED).is_ok_and(|value| value == "1");
    assert!(!demanded, "{DEMANDED} is 1: {}", server::nothing_found());
    tell(&format!(
        "SKIPPED: {test}, for there is {}.",
        server::nothing_found()
    ));
    false
}

fn skip() {
    let (_, list) = run(&["--list", "--format=terse"]);
    let tests: Vec<_> = list
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .collect();
    tell(&format!(
        "SKIPPED on PostgreSQL: {} tests, for there is {}.\n  {}",
        tests.len(),
        server::nothing_found(),
        tests.join("\n  ")
    ));
}

/// This binary with these arguments, on PostgreSQL: whether it passed, and what it said.
fn run(arguments: &[&str]) -> (bool, String) {
    let binary = std::env::current_exe().expect("a process knows its binary");
    let output = Command::new(binary)
        .args(arguments)
        .env(CHOSEN, "postgres")
        .output()
        .expect("the binary runs a second time");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (
        output.status.success(),
        said + &String::from_utf8_lossy(&output.stderr),
    )
}

/// Says something past the test harness, which keeps what a test prints to itself.
fn tell(what: &str) {
    // With nobody to hear it there is nothing to be done.
    let _ = writeln!(std::io::stderr(), "\n{what}\n");
}
