//! Whether there is a browser here, and what happens to tests where there is none.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

/// The variable by which a missing browser is a failure.
const DEMANDED: &str = "HEADWATER_DEMAND_BROWSER";

/// The programs that a window needs.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

/// Where they lie: what PATH leads to, or else where Debian puts them.
pub(crate) fn programs() -> Option<Programs> {
    if !cfg!(unix) {
        // The driver's keeper is a shell script.
        return None;
    }
    Some(Programs {
        chromium: program("chromium")?,
        chromedriver: program("chromedriver")?,
    })
}

/// Where a program lies.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut directories = std::env::split_paths(&path).collect::<Vec<_>>();
    directories.push(Path::new("/usr/bin").to_owned());
    let places = directories.iter().map(|directory| directory.join(name));
    places.into_iter().find(|place| place.is_file())
}

/// Whether there is all that the tests need. Without it the tests end early: they say that they are
/// skipped, where nothing captures it; or they fail, if `HEADWATER_DEMAND_BROWSER` is 1.
///
/// # Panics
/// When something is missing and demanded.
pub fn is_to_be_had() -> bool {
    let missing = missing();
    if missing.is_empty() {
        return true;
    }
    let missing = missing.join(" and ");
    let demanded = std::env::var(DEMANDED).is_ok_and(|value| value == "1");
    assert!(
        !demanded,
        "{DEMANDED} is 1, and there is no {missing} here. Debian: apt-get install chromium \
         chromium-driver nodejs npm"
    );
    skip(&missing);
    false
}

fn missing() -> Vec<&'static str> {
    let needed = ["chromium", "chromedriver", "npm"];
    if cfg!(unix) {
        let mut missing = needed.to_vec();
        missing.retain(|name| program(name).is_none());
        missing
    } else {
        vec!["sh"]
    }
}

/// Says, once in a process, that all its tests are skipped for want of something.
///
/// # Panics
/// When the test binary cannot list its tests.
pub fn skip(missing: &str) {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        let binary = std::env::current_exe().expect("a process knows its binary");
        let list = Command::new(binary)
            .args(["--list", "--format=terse"])
            .output()
            .expect("the binary lists its tests");
        let list = String::from_utf8_lossy(&list.stdout).into_owned();
        let tests = list.lines().filter_map(|line| line.strip_suffix(": test"));
        let tests = tests.collect::<Vec<_>>();
        // Past the test harness, which keeps what a test prints to itself. With nobody to hear it
        // there is nothing to be done.
        let _ = writeln!(
            std::io::stderr(),
            "\nSKIPPED in a browser: {} tests, for there is no {missing} here (Debian: apt-get \
             install chromium chromium-driver nodejs npm).\n  {}\n",
            tests.len(),
            tests.join("\n  ")
        );
    });
}
